"""What changed between two states, as data: one record for each change.

Reversing the two states gives the mirror image: the same records with old and new swapped.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sarcoma_kg.differences import contracts
from sarcoma_kg.differences.expressions import Expression, Iri, Text, Value
from sarcoma_kg.differences.kinds import Kinds
from sarcoma_kg.differences.snapshot import ANNOTATED, MATCHES, Match, Snapshot
from sarcoma_kg.ground import namespaces

__all__ = ["Change", "Difference", "compare"]

_P = namespaces.PREFIXES
_OWL, _RDFS, _SKG, _OBO = _P["owl"], _P["rdfs"], namespaces.SKG, _P["obo"]
_SYNONYMS = frozenset(
    f"{_P['oboInOwl']}has{scope}Synonym" for scope in ("Exact", "Broad", "Narrow", "Related")
)
_EVIDENCE = frozenset(_P["cito"] + name for name in ("disputes", "qualifies", "supports"))
#: Property of a term -> kind of change, where every value is one.
_OF_TERMS = {
    _P["rdf"] + "type": "type",
    _RDFS + "label": "label",
    _P["skos"] + "prefLabel": "label",
    _OBO + "IAO_0000115": "definition",
    _OBO + "IAO_0000119": "definition source",
    _OBO + "IAO_0000116": "editor note",
    _OWL + "deprecated": "deprecation",
    _OBO + "IAO_0100001": "replacement",
    _RDFS + "subPropertyOf": "parents",
    _OWL + "equivalentClass": "logical definition",
    _OWL + "disjointWith": "axiom",
    _OWL + "disjointUnionOf": "axiom",
    _OWL + "hasKey": "axiom",
    _RDFS + "domain": "axiom",
    _RDFS + "range": "axiom",
    _OWL + "inverseOf": "axiom",
    _OWL + "propertyChainAxiom": "axiom",
    _OWL + "equivalentProperty": "axiom",
    _OWL + "propertyDisjointWith": "axiom",
}
_SUBCLASS = _RDFS + "subClassOf"
_DEPRECATED = _OWL + "deprecated"
_LOGIC = {"parents", "relation", "logical definition", "axiom"}
_HAS_CITATION = _SKG + "hasCitation"
_VERDICT = _SKG + "citationVerdict"


class Change(NamedTuple):
    """One change.

    Attributes:
        kind: What changed, such as 'label', 'parents' or 'claim'.
        group: Where the notes list it, such as 'diseases'.
        subject: IRI of what changed, path of a file, or '' for axioms without a first part.
        slot: IRI of the property; '' where the kind says it.
        old: What was; empty when something was added.
        new: What is; empty when something was removed.
        within: Whether it belongs to something that is new or gone as a whole.
        on: Property and value of the axiom that an annotation is on.
    """

    kind: str
    group: str
    subject: str
    slot: str
    old: tuple[Value, ...]
    new: tuple[Value, ...]
    within: bool = False
    on: tuple[str, Value] | None = None

    @property
    def action(self) -> str:
        """One of added, removed, changed."""
        if self.old and self.new:
            return "changed"
        return "added" if self.new else "removed"


class Difference(NamedTuple):
    """Two states and what changed between them."""

    old: Snapshot
    new: Snapshot
    changes: list[Change]


def compare(old: Snapshot, new: Snapshot) -> Difference:
    """Return what changed between two states."""
    kinds = Kinds(old, new)
    found = [
        *_subjects(old, new, kinds),
        *_mappings(old, new, kinds),
        *_notes(old, new, kinds),
        *_axioms(old, new),
    ]
    if old.files is not None and new.files is not None:
        for kind, group, path, part, before, after in contracts.compare(old.files, new.files):
            found.append(Change(kind, group, path, part, _texts(before), _texts(after)))
    return Difference(old, new, sorted(found, key=repr))


def _texts(lines: tuple[str, ...]) -> tuple[Value, ...]:
    return tuple(map(Text, lines))


def _subjects(old: Snapshot, new: Snapshot, kinds: Kinds) -> Iterator[Change]:
    for subject in sorted({*old.about, *new.about} - old.is_record - new.is_record):
        before, after = old.about.get(subject, {}), new.about.get(subject, {})
        if before == after:
            continue
        there = old.present(subject), new.present(subject)
        kind, group = kinds.kind(subject), kinds.group(subject)
        whole = there[0] != there[1]
        if whole:
            mine: tuple[Value, ...] = (Iri(subject),)
            yield Change(
                kind, group, subject, "", mine if there[0] else (), mine if there[1] else (),
                kinds.hangs(subject),
            )  # fmt: skip
        lost, gained = _split(subject, before, after), _split(subject, after, before)
        yield from _synonyms(subject, group, lost, gained, within=whole)
        for slot in sorted({*lost, *gained} - _SYNONYMS):
            row, values = (kind, group, subject, slot), (lost.get(slot, ()), gained.get(slot, ()))
            for change in _slot(row, *values, whole, kinds):
                # A term that is deprecated loses its axioms; one that comes back gets them.
                side = gained if not change.old else lost
                turned = _DEPRECATED in (lost if side is gained else gained)
                goes = turned and change.action != "changed" and change.kind in _LOGIC
                yield change._replace(within=True) if goes else change


def _split(
    subject: str, mine: dict[str, frozenset[Value]], other: dict[str, frozenset[Value]]
) -> dict[str, tuple[Value, ...]]:
    """Return property -> values that only one side has; mappings are told apart."""
    found = {}
    for predicate, values in mine.items():
        only = values - other.get(predicate, frozenset())
        if predicate in MATCHES:
            only = frozenset(v for v in only if not isinstance(v, Iri))
        if only:
            found[predicate] = tuple(sorted(only, key=repr))
    return found


def _slot(
    who: tuple[str, str, str, str],
    lost: tuple[Value, ...],
    gained: tuple[Value, ...],
    within: bool,
    kinds: Kinds,
) -> Iterator[Change]:
    kind, group, subject, slot = who
    if slot in _EVIDENCE:
        for values, is_new in ((lost, False), (gained, True)):
            for value in values:
                claim = value.iri if isinstance(value, Iri) else subject
                end: tuple[Value, ...] = (Iri(subject),)
                yield Change(
                    "evidence", kinds.group(claim), claim, slot, () if is_new else end,
                    end if is_new else (), kinds.whole(claim),
                )  # fmt: skip
        return
    if slot == _HAS_CITATION and kind == "claim":
        # The citation itself is told when it comes or goes.
        lost, gained = (
            tuple(v for v in vs if not (isinstance(v, Iri) and kinds.whole(v.iri)))
            for vs in (lost, gained)
        )
        if not lost and not gained:
            return
    if kind != "term":
        name = "verdict" if slot == _VERDICT else f"{kind} slot"
        yield from _paired((name, group, subject, slot), lost, gained, within=within)
    elif slot == _SUBCLASS:
        for name, wanted in (("parents", Iri), ("axiom", Expression)):
            sides = [tuple(v for v in vs if isinstance(v, wanted)) for vs in (lost, gained)]
            yield from _relations((name, group, subject, slot), sides[0], sides[1], within)
    else:
        name = _OF_TERMS.get(slot, "annotation")
        yield from _paired((name, group, subject, slot), lost, gained, within=within)


def _relations(
    who: tuple[str, str, str, str],
    lost: tuple[Value, ...],
    gained: tuple[Value, ...],
    within: bool,
) -> Iterator[Change]:
    """Yield changes of parents, of relations (property some class), and of other superclasses."""
    name, group, subject, slot = who
    if name == "parents":
        yield from _paired(who, lost, gained, within=within)
        return
    sides: dict[str, list[list[Value]]] = {}
    for number, values in enumerate((lost, gained)):
        for value in values:
            key = _relation(value)
            sides.setdefault(key, [[], []])[number].append(value)
    for key, (before, after) in sorted(sides.items()):
        row = ("relation", group, subject, key) if key else (name, group, subject, slot)
        yield from _paired(row, tuple(before), tuple(after), within=within)


def _relation(value: Value) -> str:
    """Return the property of `property some class`; '' for other expressions."""
    if isinstance(value, Expression) and value.operator == "some" and len(value.parts) == 2:
        on, filler = value.parts
        if isinstance(on, Iri) and isinstance(filler, Iri):
            return on.iri
    return ""


def _paired(
    who: tuple[str, str, str, str],
    lost: tuple[Value, ...],
    gained: tuple[Value, ...],
    *,
    within: bool,
) -> Iterator[Change]:
    if lost or gained:
        yield Change(*who, lost, gained, within)


def _synonyms(
    subject: str,
    group: str,
    lost: dict[str, tuple[Value, ...]],
    gained: dict[str, tuple[Value, ...]],
    *,
    within: bool,
) -> Iterator[Change]:
    """Yield one change for each synonym; the same text under another property changed its scope."""
    sides: dict[Value, list[list[Value]]] = {}
    for number, side in enumerate((lost, gained)):
        for slot in sorted(_SYNONYMS & side.keys()):
            for text in side[slot]:
                said = Expression("synonym", (Iri(slot), text))
                sides.setdefault(text, [[], []])[number].append(said)
    for text in sorted(sides, key=repr):
        before, after = sides[text]
        yield Change("synonym", group, subject, "", tuple(before), tuple(after), within)


def _mappings(old: Snapshot, new: Snapshot, kinds: Kinds) -> Iterator[Change]:
    """Yield mappings; where the pair stays and one predicate gives way to one, it changed."""
    pairs: dict[tuple[str, str], list[list[Match]]] = {}
    # A state without any table says nothing of what tables alone say: denials, confidence.
    tables = bool(old.is_record) == bool(new.is_record)
    for number, (mine, other) in enumerate(((old, new), (new, old))):
        for match in mine.matches.keys() - other.matches.keys():
            if not tables and ANNOTATED not in mine.matches[match]:
                continue
            pairs.setdefault((match.subject, match.object), [[], []])[number].append(match)
    for (subject, _), (lost, gained) in sorted(pairs.items()):
        within, group = kinds.whole(subject), kinds.group(subject)
        if len(lost) == len(gained) == 1:
            rows = [(_said(lost), _said(gained))]
        else:
            rows = [(_said([m]), ()) for m in sorted(lost)]
            rows += [((), _said([m])) for m in sorted(gained)]
        for before, after in rows:
            yield Change("mapping", group, subject, "", before, after, within)
    if not tables:
        return
    for match in sorted(old.matches.keys() & new.matches.keys()):
        was, now = old.matches[match], new.matches[match]
        for slot in sorted({p for p, _ in was ^ now}):
            before, after = (
                tuple(sorted((v for p, v in side if p == slot), key=repr))
                for side in (was - now, now - was)
            )
            yield Change(
                "mapping detail", kinds.group(match.subject), match.subject, slot, before, after,
                kinds.whole(match.subject), (match.predicate, Iri(match.object)),
            )  # fmt: skip


def _said(matches: Iterable[Match]) -> tuple[Value, ...]:
    return tuple(
        Expression("denied mapping" if m.denied else "mapping", (Iri(m.predicate), Iri(m.object)))
        for m in matches
    )


def _notes(old: Snapshot, new: Snapshot, kinds: Kinds) -> Iterator[Change]:
    for key in sorted({*old.notes, *new.notes}, key=repr):
        was, now = old.notes.get(key, frozenset()), new.notes.get(key, frozenset())
        subject, predicate, value = key
        stated = [value in s.about.get(subject, {}).get(predicate, ()) for s in (old, new)]
        for slot in sorted({p for p, _ in was ^ now}):
            before, after = (
                tuple(sorted((v for p, v in side if p == slot), key=repr))
                for side in (was - now, now - was)
            )
            yield Change(
                "axiom annotation", kinds.group(subject), subject, slot, before, after,
                stated[0] != stated[1], (predicate, value),
            )  # fmt: skip


def _axioms(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Yield axioms without a first part; those that share most of their parts changed."""
    lost, gained = old.axioms - new.axioms, new.axioms - old.axioms
    scored = sorted(
        ((a, b) for a in lost for b in gained if _likeness(a, b) >= 0.5),
        key=lambda pair: (-_likeness(*pair), sorted(map(repr, pair))),
    )
    left = {*lost, *gained}
    for a, b in scored:
        if a in left and b in left:
            left -= {a, b}
            yield Change("axiom", "vocabulary", "", "", (a,), (b,))
    for axiom in left:
        sides: tuple[tuple[Value, ...], tuple[Value, ...]] = ((axiom,), ())
        yield Change("axiom", "vocabulary", "", "", *(sides if axiom in lost else sides[::-1]))


def _likeness(a: Expression, b: Expression) -> float:
    mine, other = set(a.parts), set(b.parts)
    if a.operator != b.operator or not mine & other:
        return 0.0
    return len(mine & other) / len(mine | other)
