"""What may be typed next at the end of a command line: commands, options, values, names."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sarcoma_kg.building import builds
from sarcoma_kg.commands import arguments, asked, parsers
from sarcoma_kg.questions.catalog import DATE, Parameter, Question
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["Candidate", "candidates"]

#: What a parser calls an argument -> the kinds of things whose names it takes.
_CLASSES = ("Disease", "Therapy", "Target", "Alteration")
_THINGS = (*_CLASSES, "Claim", "Evidence", "Reference", "Source")
_KINDS_OF = {"NAME": _THINGS, "WORDS": _CLASSES, "CLASS": _CLASSES, "DISEASE": ("Disease",)}


class Candidate(NamedTuple):
    """What may stand in place of the last word, and a few words about it."""

    text: str
    tells: str = ""


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Return what the last word may become; nothing where only the user knows, as of a file.

    Names come from the graph as it was built last; nothing is built for them.

    Args:
        words: The words after the program's name; the last is the one being typed, maybe empty.
    """
    *before, current = words or [""]
    name, rest, typed = arguments.chosen(before, parsers.HOMES)
    if name == "help" and typed:
        name, rest, typed = arguments.chosen(rest, parsers.HOMES)
        if current.startswith("-"):
            return []
    if name:
        return _of_command(name, rest, current)
    if current.startswith("-"):
        return _fitting([Candidate("--help"), Candidate("--version")], current)
    found = [Candidate(name, parsers.command(name).text) for name in parsers.HOMES]
    more = _things([], current) if current else []
    return [*_fitting(found, current), *more]


def _of_command(name: str, rest: Sequence[str], current: str) -> list[Candidate]:
    made = parsers.parser(name)
    option, equals, value = current.partition("=")
    if equals and option in made.options:
        given = _values(made.options[option], [], value)
        return [Candidate(f"{option}={text}", tells) for text, tells in given]
    action = _waiting(made.options, rest)
    if action:
        return _values(action, [], current)
    _, free = arguments.sorted_out(name, made.options, rest, free=True)
    asks = bool(parsers.command(name).free)
    found = _of_question(free, current) if asks else None
    if current.startswith("-"):
        options = [
            Candidate(o, action.help or "")
            for o, action in made.options.items()
            if o.startswith("--") and action.help != argparse.SUPPRESS
        ]
        return _fitting([*(found or []), *options], current)
    if found is not None:
        return found
    if asks:
        return _things(free, current)
    return _values(made.positionals[0], free, current) if made.positionals else []


def _waiting(options: dict[str, argparse.Action], before: Sequence[str]) -> argparse.Action | None:
    """Return the option whose value the next word is, if it is one."""
    at = next((i for i in reversed(range(len(before))) if before[i].startswith("-")), None)
    action = None if at is None else options.get(before[at])
    if action is None or at is None:
        return None
    needs = 1 if action.nargs is None else action.nargs
    takes = needs if isinstance(needs, int) else len(before)
    return action if len(before) - at <= takes else None


def _values(action: argparse.Action, earlier: Sequence[str], current: str) -> list[Candidate]:
    if action.choices:
        return _fitting([Candidate(str(choice)) for choice in action.choices], current)
    kinds = _KINDS_OF.get(action.metavar if isinstance(action.metavar, str) else "", ())
    return _names(kinds, earlier, current)


def _of_question(free: Sequence[str], current: str) -> list[Candidate] | None:
    """Return the parameters of a question or their values; None where no question is named."""
    build = builds.current()
    if build is None or not free:
        return None
    questions = [Question.from_dict(data) for data in build.catalog()]
    question, rest = asked.question(questions, free)
    if question is None:
        return None
    at = next((i for i in reversed(range(len(rest))) if rest[i].startswith("-")), None)
    option, equals, value = current.partition("=")
    if equals and (parameter := question.parameter(option.lstrip("-"))):
        found = _of_parameter(parameter, [], value)
        return [Candidate(f"{option}={text}", tells) for text, tells in found]
    typed = [word.lstrip("-").partition("=")[0] for word in rest if word.startswith("-")]
    given = [question.parameter(word) for word in typed]
    left = [p for p in question.parameters if p not in given]
    if at is not None and (last := given[-1]) and not current.startswith("-"):
        first = rest[at].partition("=")[2]
        return _of_parameter(last, [*([first] if first else []), *rest[at + 1 :]], current)
    options = [Candidate(f"--{p.option}", p.kind.lower()) for p in left]
    if current.startswith("-"):
        return _fitting(options, current)
    named = [p for p in left if p.kind != DATE] or left
    if len(named) == 1:
        return _of_parameter(named[0], rest, current)
    return [] if rest else _fitting(options, current)


def _of_parameter(parameter: Parameter, earlier: Sequence[str], current: str) -> list[Candidate]:
    if parameter.kind == DATE:
        return _fitting([Candidate(parameter.default, "the default")], current)
    return _names((parameter.kind,), earlier, current)


def _things(earlier: Sequence[str], current: str) -> list[Candidate]:
    """Return questions, and once a letter is typed, names of things too."""
    build = builds.current()
    found = []
    if build and not earlier:
        questions = [Candidate(q["id"], q["summary"]) for q in build.catalog()]
        found = _fitting(questions, current)
    return [*found, *(_names(_THINGS, earlier, current) if earlier or current else [])]


def _names(kinds: Iterable[str], earlier: Sequence[str], current: str) -> list[Candidate]:
    """Return the names that begin so, one for each thing: its label where that fits.

    A name of several words needs no quotes: what the earlier words hold of it is left out.
    """
    build = builds.current()
    if build is None or not kinds:
        return []
    store = build.open()
    begun = "".join(f"{word} " for word in earlier)
    wanted = begun + current
    found = [c for kind in kinds for c in _called(store, kind, wanted)]
    if wanted != wanted.lower():  # GI is GIST, and not a giant cell tumour
        found = [c for c in found if c.text.startswith(wanted)] or found
    rest = (Candidate(c.text[len(begun) :], c.tells) for c in found)
    return list({c.text: c for c in rest if c.text}.values())


def _called(store: Store, kind: str, begun: str) -> Iterator[Candidate]:
    known = lookup.names(store, kind)
    if kind == "Claim":  # not without its status
        from sarcoma_kg.questions import claims

        found = [Candidate(n.text) for n in known]
        states = claims.states(store, [c.text for c in _fitting(found, begun)])
        yield from (Candidate(name, "; ".join(told)) for name, told in states.items())
        return
    labels = {n.iri: n.text for n in reversed(known) if n.rank == 0}
    told = set()
    for name in sorted(known, key=lambda n: (n.rank, len(n.text), n.text)):
        fits = name.text.isprintable() and name.text.casefold().startswith(begun.casefold())
        if fits and name.iri not in told and (begun or name.rank == 0):
            told.add(name.iri)
            label = labels.get(name.iri, name.text)
            yield Candidate(name.text, kind.lower() if label == name.text else label)


def _fitting(known: Iterable[Candidate], begun: str) -> list[Candidate]:
    return [c for c in known if c.text.casefold().startswith(begun.casefold())]
