"""The question that the words after `ask` and `explain` mean, and the values of its parameters."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.arguments import corrected
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking, catalog
from sarcoma_kg.questions.catalog import AS_OF, DATE, Parameter, Question
from sarcoma_kg.stores.store import Store

__all__ = ["Asked", "described", "query", "question", "told", "understood"]


#: Options that every question has.
_OPTIONS = ("format", "output", "endpoint", "graph", "show-query", "help")


class Asked(NamedTuple):
    """What was asked: a question with the values typed, or the name of a thing."""

    question: Question | None
    typed: dict[str, str]
    name: str


def understood(
    store: Store, questions: Sequence[Question], words: Sequence[str], command: str
) -> Asked:
    """Return the question meant and what was typed for its parameters.

    Without a question all words are the name of a thing.

    Raises:
        UserError: a question, parameter or value that there is not; with what may be meant.
    """
    found, rest = question(questions, words)
    if found is None:
        return Asked(None, {}, _name(questions, rest, command))
    spellings = [form for p in found.parameters for form in (p.name.lower(), _spelt(p))]
    pairs, free = arguments.pairs(rest, spellings)
    typed: dict[str, str] = {}
    for name, value in pairs:
        parameter = found.parameter(name)
        if parameter is None:
            raise _no_parameter(questions, found, name, value, command)
        again = corrected(command, found.id, f"--{parameter.option}", value)
        if not value.strip():
            raise UserError(
                f"--{parameter.option} needs a value",
                f"{corrected(command, found.id, '--help')} has examples",
            )
        if parameter.name in typed:
            first = corrected(command, found.id, f"--{parameter.option}", typed[parameter.name])
            raise UserError(f"--{parameter.option} is given twice", f"{first}, or {again}")
        typed[parameter.name] = value
    if free:
        _bind(store, found, typed, free, command)
    return Asked(found, typed, "")


def _name(questions: Sequence[Question], words: Sequence[str], command: str) -> str:
    """Return the name of a thing, which may stand after what a question would call it."""
    pairs, free = arguments.pairs(words)
    for name, value in pairs:
        if not any(q.parameter(name) for q in questions):
            option, *values = _option(name, value, _OPTIONS) or ("help",)
            again = corrected(command, *free, f"--{option}", *values)
            raise UserError(f"{command} takes no --{name.replace('_', '-')}", f"perhaps {again}")
    return " ".join([*free, *(value for _, value in pairs)]).strip()


def _option(name: str, value: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the option that may be meant by a wrong one, and its value; empty if none is near."""
    if name in formats.FORMATS:
        return ("format", name)
    fitting = arguments.option_near(name.replace("_", "-"), known)
    alone = fitting in ("show-query", "help")
    return (fitting, *([value] if value and not alone else ())) if fitting else ()


def _spelt(parameter: Parameter) -> str:
    """Return a name as `arguments.pairs` gives it."""
    return parameter.option.replace("-", "_")


def question(
    questions: Sequence[Question], words: Sequence[str]
) -> tuple[Question | None, list[str]]:
    """Return the question that the first word names, and the words after it."""
    if not words or words[0].startswith("-"):
        return None, list(words)
    first, _, inside = words[0].strip().partition(" ")
    rest = [*inside.split(), *words[1:]]
    if first.lower() in ("cq", "question") and rest and rest[0].isdecimal():  # as in CQ 1
        first, rest = rest[0], rest[1:]
    try:
        return catalog.find(questions, first.rstrip(":,.?")), rest
    except UserError:
        import re

        # Made to be a number, or one word that cannot be a name of a thing.
        if re.match(r"(?i)c?q[-_#\doOlI]*\d[\doOlI]*$|\d+$", first):
            raise
        return None, list(words)


def _bind(
    store: Store, question: Question, typed: dict[str, str], words: Sequence[str], command: str
) -> None:
    """Give words without a name to the one parameter that has no value yet.

    Where there is a choice, a day is for a date, and a name for what it is a name of.
    """
    left = [p for p in question.parameters if p.name not in typed]
    days = [p for p in left if p.kind == DATE]
    if len(days) == 1 and len(left) > 1 and asking.is_day(words[-1]):
        typed[days[0].name] = words[-1]
        words, left = words[:-1], [p for p in left if p not in days]
        if not words:
            return
    value = " ".join(words)
    if len(left) > 1:
        left = [p for p in left if p.kind != DATE] or left
    if len(left) > 1:
        left = _fitting(store, question, left, value, command)
    if left:
        typed[left[0].name] = value
        return
    if not question.parameters:
        raise UserError(
            f"unexpected '{value[:80]}': {question.id} has no parameter",
            f"without it: {corrected(command, question.id)}: {question.summary}",
        )
    raise UserError(
        f"unexpected '{value[:80]}': all parameters of {question.id} are given",
        f"{corrected(command, question.id, '--help')} lists them",
    )


def _fitting(
    store: Store, question: Question, known: Sequence[Parameter], value: str, command: str
) -> list[Parameter]:
    """Return the one parameter that takes a name.

    Raises:
        UserError: none does, or several do; with commands that work.
    """
    from sarcoma_kg.terms import lookup

    found, near = [], []
    for p in known:
        try:
            lookup.resolve(store, value, p.kind)
            found.append(p)
        except lookup.NotFound as error:
            near += [corrected(command, question.id, f"--{p.option}", n) for n in error.near[:2]]
        except UserError:  # the name of several
            found.append(p)
    if len(found) == 1:
        return found
    of_found = [corrected(command, question.id, f"--{p.option}", value) for p in found]
    lines = [f"perhaps {choice}" for choice in of_found or near]
    lines.append(f"{corrected(command, question.id, '--help')} tells what it takes")
    raise UserError(f"which parameter of {question.id} is '{value[:80]}'?", "\n  ".join(lines))


def _no_parameter(
    questions: Sequence[Question], question: Question, name: str, value: str, command: str
) -> UserError:
    names = [p.option for p in question.parameters]
    fitting = _option(name, value, [*names, *_OPTIONS])
    name = name.replace("_", "-")
    takes = ", ".join(f"--{p.option} ({p.kind})" for p in question.parameters) or "none"
    lines = [f"parameters: {takes}"]
    if fitting:
        option, *values = fitting
        lines.append(f"perhaps {corrected(command, question.id, f'--{option}', *values)}")
    others = [q for q in questions if q.parameter(name)] if value else []
    for other in others[:3]:
        lines.append(f"{corrected(command, other.id, f'--{name}', value)}: {other.summary}")
    if not fitting and not others:
        lines.append(f"{corrected(command, question.id)} asks it with its defaults")
    return UserError(f"{question.id} takes no --{name}", "\n  ".join(lines))


def query(store: Store, question: Question, typed: Mapping[str, str], command: str) -> str:
    """Return the SPARQL text of a question with the values typed.

    Raises:
        UserError: the store has no such term; with a command for each that may be meant.
    """
    if not typed:
        return question.query()
    from sarcoma_kg.terms import lookup

    for name, value in typed.items():
        try:
            asking.query_for(store, question, {name: value})
        except lookup.NotFound as error:
            if error.other:
                hint = f"{corrected('show', value)} tells what is asked about it"
            else:
                choices = (
                    corrected(command, question.id, f"--{name}", near) for near in error.near
                )
                last = f"{corrected('search', value)} looks everywhere"
                hint = "\n  ".join(f"perhaps {choice}" for choice in choices) or last
            raise UserError(error.message, hint) from error
        except UserError as error:
            parameter = question.parameter(name)
            if parameter is None or parameter.kind != DATE:
                raise
            again = corrected(command, question.id, f"--{parameter.option}", parameter.default)
            raise UserError(error.message, f"a day as YYYY-MM-DD, such as {again}") from error
    return asking.query_for(store, question, typed)


def told(store: Store, question: Question, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is asked, for people: the question, and each parameter with its label."""
    from sarcoma_kg.sparql.term import Term

    about = {question.id: question.summary}
    values = {p.name: p.default for p in question.parameters}
    if typed:
        from sarcoma_kg.terms import lookup

        kinds = {p.name: p.kind for p in question.parameters}
        named = {n: v for n, v in typed.items() if kinds[n] != DATE}
        values |= {n: lookup.resolve(store, v, kinds[n]) for n, v in named.items()}
    days = asking.days(question, typed)
    for name, iri in values.items():
        if name in days:
            about[name] = days[name]
            continue
        node = Term("iri", iri).sparql()
        rows = store.select(
            f"SELECT ?l WHERE {{ {node} <http://www.w3.org/2000/01/rdf-schema#label> ?l }}"
        )
        label = next((row["l"] for row in rows.dicts()), iri)
        about[name] = label if name in typed else f"{label} (the default)"
    return about


def described(store: Store, question: Question, command: str) -> str:
    """Return the help of a question: its parameters, defaults, examples that have rows."""
    about = told(store, question, {})
    takes = "".join(f" [--{p.option} {p.kind.upper()}]" for p in question.parameters)
    lines = [f"usage: sarcoma-kg {command} {question.id}{takes}", "", question.summary]
    if question.note:
        lines += ["", question.note]
    if question.parameters:
        lines += ["", "parameters:"]
    for p in question.parameters:
        what = (
            "a day as YYYY-MM-DD"
            if p.kind == DATE
            else f"a {p.kind.lower()}: label, synonym, IRI, CURIE or code, in any case"
        )
        default = about[p.name].partition(" (the")[0]
        versioned = ", the version of the data" if p.name == AS_OF else ""
        lines.append(f"  --{p.option:<12} {what}; default: {default}{versioned}")
    lines += ["", "examples:"]
    examples = [[question.id]]
    for p in question.parameters[:1]:
        examples += [
            [question.id, *_named(question, p, name)] for name in _names(store, question, p)
        ]
    lines += [f"  {corrected(command, *words).strip('`')}" for words in examples]
    return formats.wrapped("\n".join(lines), console.width())


def _named(question: Question, parameter: Parameter, name: str) -> list[str]:
    alone = [p for p in question.parameters if p.kind != DATE] == [parameter]
    return [name] if alone else [f"--{parameter.option}", name]


def _names(store: Store, question: Question, parameter: Parameter, most: int = 2) -> list[str]:
    """Return names for which the question has rows, other than the default."""
    from sarcoma_kg.questions import claims
    from sarcoma_kg.terms import lookup

    if parameter.kind == DATE:
        return []
    slots = {"Disease": "diseases", "Therapy": "therapies", "Target": "targets"}
    known = [n for n in lookup.names(store, parameter.kind) if n.rank == 0]
    if slot := slots.get(parameter.kind):
        said = {label for claim in claims.read(store) for label in getattr(claim, slot)}
        known = [n for n in known if n.text in said]
    found: list[str] = []
    for name in known[:40]:
        if name.iri == parameter.default or name.text in found:
            continue
        if store.select(question.query({parameter.name: name.iri})).rows:
            found.append(name.text)
        if len(found) == most:
            break
    return found
