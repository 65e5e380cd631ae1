"""What kind of thing a subject is, and where the notes list it.

Both states together decide, so that the answer is the same whichever of them is older.
"""

from functools import cache

from sarcoma_kg.differences.expressions import Iri
from sarcoma_kg.differences.snapshot import GROUPS, Snapshot
from sarcoma_kg.ground import namespaces

__all__ = ["ORDER", "Kinds"]

_P, _SKG = namespaces.PREFIXES, namespaces.SKG
_OURS = "https://w3id.org/sarcoma-kg/"
#: Where the terms of other vocabularies are, of which a user's own are told apart.
_IMPORTED = tuple(_P.values())
#: Type -> kind of individual; the first that fits.
_INDIVIDUALS = {
    _P["owl"] + "Ontology": "document",
    _SKG + "CitationAct": "citation",
    _SKG + "Reference": "reference",
    _SKG + "Source": "source",
    _SKG + "ExternalEvidence": "external evidence",
    _SKG + "EvidenceRecord": "external evidence",
    _SKG + "DatabaseDump": "source",
    _SKG + "SuspectedCorrection": "correction",
    _SKG + "Proposition": "proposition",
    _SKG + "TextSpan": "position",
    _P["oa"] + "TextPositionSelector": "position",
    _SKG + "QuantitativeValue": "value",
    _SKG + "OutcomeMeasurement": "value",
    _SKG + "MolecularProfile": "value",
    _SKG + "RegulatoryApproval": "value",
}
_TERMS = {
    *(_P["owl"] + n for n in ("Class", "ObjectProperty", "DatatypeProperty")),
    *(_P["owl"] + n for n in ("AnnotationProperty", "NamedIndividual")),
    *(_P["rdfs"] + n for n in ("Class", "Datatype")),
    *(_P["skos"] + n for n in ("Concept", "ConceptScheme")),
}
_HOMES = {
    "claim": "claims",
    "citation": "claims",
    "reference": "references and sources",
    "source": "references and sources",
    "external evidence": "external evidence",
    "correction": "suspected corrections",
    "proposition": "propositions, values and positions",
    "value": "propositions, values and positions",
    "position": "propositions, values and positions",
    "document": "documents",
    "record": "other records",
}
#: Groups in the order of the notes.
ORDER = (
    *GROUPS.values(), "vocabulary", "own terms", "imported terms",
    *dict.fromkeys(_HOMES.values()), "contracts",
)  # fmt: skip
#: Individuals that say nothing alone: they come and go with what refers to them.
_HANGING = {"proposition", "value", "position"}


class Kinds:
    """Kinds and groups of the subjects of two states."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self._states = (old, new)
        self.kind = cache(self._kind)
        self.group = cache(self._group)
        self.whole = cache(self._whole)
        self._gone, self._come = (
            _referred(mine, other) for mine, other in ((old, new), (new, old))
        )

    def _kind(self, subject: str) -> str:
        old, new = self._states
        types = old.types(subject) | new.types(subject)
        own = {*old.about.get(subject, {}), *new.about.get(subject, {})}
        if _SKG + "hasProposition" in own:
            return "claim"
        for kind, name in _INDIVIDUALS.items():
            if kind in types:
                return name
        return "term" if types & _TERMS else "record"

    def _group(self, subject: str) -> str:
        kind = self.kind(subject)
        if kind != "term":
            return _HOMES[kind]
        mine = set.union(*(state.groups(subject) for state in self._states))
        for group in GROUPS.values():
            if group in mine:
                return group
        if subject.startswith(_OURS):
            return "vocabulary"
        return "imported terms" if subject.startswith(_IMPORTED) else "own terms"

    def _whole(self, subject: str) -> bool:
        """Tell whether something is new or gone as a whole."""
        old, new = self._states
        return old.present(subject) != new.present(subject)

    def hangs(self, subject: str) -> bool:
        """Tell whether something came or went with what refers to it, so that this tells it."""
        kind = self.kind(subject)
        if kind == "citation":
            claims = [
                v.iri
                for state in self._states
                for v in state.get(subject, _P["cito"] + "hasCitingEntity")
                if isinstance(v, Iri)
            ]
            return any(map(self.whole, claims))
        is_new = subject not in self._states[0].about
        return kind in _HANGING and subject in (self._come if is_new else self._gone)


def _referred(mine: Snapshot, other: Snapshot) -> set[str]:
    """Return what statements refer to that only one state has."""
    return {
        value.iri
        for subject, own in mine.about.items()
        if own != other.about.get(subject)
        for predicate, values in own.items()
        for value in values - other.about.get(subject, {}).get(predicate, frozenset())
        if isinstance(value, Iri)
    }
