"""What changed as commands of the Knowledge Graph Change Language (KGCL), one a line.

The forms are those of the grammar of kgcl-schema. It has no comments and no escapes: a text with a
single quote or a line break, a thing without a CURIE, logical definitions, axiom annotations, and
everything about claims cannot be said. Such changes are left out and counted.
"""

from collections.abc import Iterator

from sarcoma_kg.differences.expressions import Expression, Iri, Text, Value
from sarcoma_kg.differences.kinds import ORDER
from sarcoma_kg.differences.model import Change, Difference
from sarcoma_kg.ground import namespaces

__all__ = ["render"]

_P = namespaces.PREFIXES
_SUBCLASS = _P["rdfs"] + "subClassOf"
_LABEL = _P["rdfs"] + "label"


#: Groups of individuals, of which the language does not speak.
_ELSEWHERE = frozenset(ORDER[ORDER.index("claims") :])


class _UnsayableError(Exception):
    """The language has no words for a change."""


def render(difference: Difference) -> tuple[list[str], int]:
    """Return the commands, and how many changes they leave out.

    Things are made before edges lead to them, and deleted after edges to them are.
    """
    old, new, changes = difference
    first, middle, last = [], [], []
    left_out = 0
    deprecated = {c.subject: c.action for c in changes if c.kind == "deprecation"}
    for change in changes:
        if change.kind == "replacement" and deprecated.get(change.subject) == "added":
            continue  # the command that deprecates names it
        try:
            if change.kind == "term" and change.new:
                first += [_create(change, new.get(change.subject, _LABEL))]
            elif change.kind == "term":
                last += [f"delete {_curie(change.subject)}"]
            elif change.kind == "deprecation":
                last += [_deprecation(change, new.get(change.subject, _P["obo"] + "IAO_0100001"))]
            elif _is_said(change, old.present(change.subject), new.present(change.subject)):
                continue
            else:
                middle += list(_commands(change))
        except _UnsayableError:
            # What belongs to a claim that is new or gone is left out with it.
            left_out += not (change.within and change.group in _ELSEWHERE)
    return [*first, *middle, *last], left_out


def _is_said(change: Change, was: bool, is_now: bool) -> bool:
    """Tell whether the command that makes or deletes a term says a change too."""
    if change.within and was and not is_now:
        return change.kind not in {"mapping", "evidence"} and change.group != "claims"
    return change.within and change.kind in {"label", "type"} and not was


def _create(change: Change, labels: list[Value]) -> str:
    subject = _curie(change.subject)
    label = next((v for v in labels if isinstance(v, Text)), None)
    return f"create {subject}" if label is None else f"create node {subject} {_tagged(label)}"


def _deprecation(change: Change, heirs: list[Value]) -> str:
    subject = _curie(change.subject)
    if change.action == "changed":
        raise _UnsayableError
    if change.action == "removed":
        return f"unobsolete {subject}"
    named = [v for v in heirs if isinstance(v, Iri)]
    if not named:
        return f"obsolete {subject}"
    return f"obsolete {subject} with replacement {_curie(named[0].iri)}"


def _commands(change: Change) -> Iterator[str]:
    """Yield the commands of one change.

    All of its parts are worked out first, so that no change is said by half.
    """
    kinds = {
        "label": _rename,
        "definition": _define,
        "parents": _edges,
        "relation": _edges,
        "synonym": _synonyms,
        "mapping": _mapping,
    }
    if change.kind not in kinds:
        raise _UnsayableError
    yield from list(kinds[change.kind](change, _curie(change.subject)))


def _rename(change: Change, subject: str) -> Iterator[str]:
    if change.slot != _LABEL or len(change.old) != 1 or len(change.new) != 1:
        raise _UnsayableError
    yield f"rename {subject} from {_tagged(change.old[0])} to {_tagged(change.new[0])}"


def _define(change: Change, subject: str) -> Iterator[str]:
    if len(change.old) > 1 or len(change.new) > 1:
        raise _UnsayableError
    if not change.old:
        yield f"add definition {_text(change.new[0])} to {subject}"
    elif not change.new:
        yield f"remove definition for {subject}"
    else:
        yield (
            f"change definition of {subject} from {_text(change.old[0])} to {_text(change.new[0])}"
        )


def _edges(change: Change, subject: str) -> Iterator[str]:
    """Yield edges; a relation is one, as in OBO Graphs: property some class."""
    for word, values in (("delete", change.old), ("create", change.new)):
        for value in values:
            target = value.parts[1] if isinstance(value, Expression) else value
            if not isinstance(target, Iri):
                raise _UnsayableError
            yield f"{word} edge {subject} {_curie(change.slot)} {_curie(target.iri)}"


def _synonyms(change: Change, subject: str) -> Iterator[str]:
    for values, word in ((change.old, "remove"), (change.new, "create")):
        for value in values:
            assert isinstance(value, Expression)  # noqa: S101 - made so
            on, text = value.parts
            scope = namespaces.contract(on.iri) if isinstance(on, Iri) else ""
            scope = scope.removeprefix("oboInOwl:has").removesuffix("Synonym").lower()
            said = f"{scope} synonym" if word == "create" else "synonym"
            yield f"{word} {said} {_tagged(text)} for {subject}"


def _mapping(change: Change, subject: str) -> Iterator[str]:
    old, new = (_ends(values) for values in (change.old, change.new))
    if old and new:
        (before, target), (after, _) = old[0], new[0]
        yield f"change relationship between {subject} and {target} from {before} to {after}"
    else:
        for word, ends in (("delete", old), ("create", new)):
            yield from (f"{word} edge {subject} {on} {target}" for on, target in ends)


def _ends(values: tuple[Value, ...]) -> list[tuple[str, str]]:
    ends = []
    for value in values:
        if not isinstance(value, Expression) or value.operator != "mapping":
            raise _UnsayableError
        on, target = (part.iri for part in value.parts if isinstance(part, Iri))
        ends.append((_curie(on), _curie(target)))
    return ends


def _curie(iri: str) -> str:
    curie = namespaces.contract(iri)
    if curie == iri or any(c in curie for c in "'\"<>") or len(curie.split()) != 1:
        raise _UnsayableError
    return curie


def _text(value: Value) -> str:
    """Return a text in single quotes."""
    if not isinstance(value, Text) or "'" in value.text or not value.text.strip():
        raise _UnsayableError
    if len(value.text.splitlines()) != 1:
        raise _UnsayableError
    return f"'{value.text}'"


def _tagged(value: Value) -> str:
    language = value.language if isinstance(value, Text) else ""
    return _text(value) + (f"@{language}" if language else "")
