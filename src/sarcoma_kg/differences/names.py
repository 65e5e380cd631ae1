"""What people call the things of two states: names of the newer one where it has them."""

from sarcoma_kg.differences.expressions import Expression, Iri, Text, Value, words
from sarcoma_kg.differences.snapshot import Snapshot
from sarcoma_kg.ground import namespaces

__all__ = ["Names"]

_P, _SKG = namespaces.PREFIXES, namespaces.SKG
_SSSOM = _P["sssom"]
#: What an ontologist calls the properties that no ontology labels.
_WORDS = {
    _P["rdf"] + "type": "type",
    _P["rdfs"] + "subClassOf": "subclass of",
    _P["rdfs"] + "subPropertyOf": "subproperty of",
    _P["rdfs"] + "label": "label",
    _P["rdfs"] + "comment": "comment",
    _P["rdfs"] + "domain": "domain",
    _P["rdfs"] + "range": "range",
    _P["owl"] + "disjointWith": "disjoint with",
    _P["owl"] + "disjointUnionOf": "disjoint union of",
    _P["owl"] + "equivalentClass": "equivalent to",
    _P["owl"] + "equivalentProperty": "equivalent to",
    _P["owl"] + "inverseOf": "inverse of",
    _P["owl"] + "propertyChainAxiom": "implied by the chain",
    _P["owl"] + "propertyDisjointWith": "disjoint with",
    _P["owl"] + "hasKey": "key",
    _P["owl"] + "deprecated": "deprecated",
    _P["owl"] + "imports": "imports",
    _P["owl"] + "versionIRI": "version IRI",
    _P["owl"] + "Class": "class",
    _P["owl"] + "ObjectProperty": "object property",
    _P["owl"] + "DatatypeProperty": "datatype property",
    _P["owl"] + "AnnotationProperty": "annotation property",
    _P["owl"] + "NamedIndividual": "individual",
    _P["skos"] + "Concept": "concept",
    _P["skos"] + "ConceptScheme": "code list",
    _SSSOM + "mapping_justification": "justification",
    _SSSOM + "confidence": "confidence",
    _SSSOM + "object_label": "label of the object",
}


class Names:
    """Names of what two states hold.

    Args:
        old: The older state.
        new: The newer state; its names win.
    """

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self._states = (new, old)
        self._kept: dict[str, str] = {}
        self._objects: dict[str, str] = {}
        for state in self._states:
            for record in sorted(state.is_record):
                label = state.one(record, _SSSOM + "object_label")
                target = state.one(record, _P["owl"] + "annotatedTarget")
                if label:
                    self._objects.setdefault(target, label)

    def _first(self, subject: str, predicate: str) -> str:
        return next((x for s in self._states if (x := s.one(subject, predicate))), "")

    def label(self, iri: str) -> str:
        """Return the name of something; '' where it has none."""
        if iri not in self._kept:
            self._kept[iri] = ""  # a circle of citations names nothing
            self._kept[iri] = self._label(iri)
        return self._kept[iri]

    def _label(self, iri: str) -> str:
        if iri in _WORDS:
            return _WORDS[iri]
        if label := self._first(iri, _P["rdfs"] + "label") or self._objects.get(iri):
            return " ".join(label.split())
        if claim := self._first(iri, _P["cito"] + "hasCitingEntity"):
            cited = self._first(iri, _P["cito"] + "hasCitedEntity")
            return f"{self.name(claim)} citing {self.name(cited)}"
        if selector := self._first(iri, _P["oa"] + "hasSelector"):
            source = self._first(iri, _P["oa"] + "hasSource")
            return f"{self.name(selector)} of {namespaces.contract(source)}"
        if end := self._first(iri, _P["oa"] + "end"):
            return f"characters {self._first(iri, _P['oa'] + 'start')}-{end}"
        return " ".join(self._first(iri, _P["dcterms"] + "title").split())

    def name(self, iri: str) -> str:
        """Return the name of something, or its CURIE."""
        return self.label(iri) or namespaces.contract(iri)

    def words(self, value: Value) -> str:
        """Return a value in words."""
        if isinstance(value, Expression) and value.operator in {"mapping", "denied mapping"}:
            # Its object is foreign, so its identifier says more than a name.
            predicate, target = (part.iri for part in value.parts if isinstance(part, Iri))
            denied = "denied: " if value.operator.startswith("denied") else ""
            label = self.label(target)
            return f"{denied}{self.name(predicate)} {namespaces.contract(target)}" + (
                f" ({label})" if label else ""
            )
        if isinstance(value, Expression) and value.operator == "synonym":
            on, text = value.parts
            assert isinstance(on, Iri)  # noqa: S101 - made so
            assert isinstance(text, Text)  # noqa: S101 - made so
            return f'"{text.text}" ({self.scope(on.iri)})'
        return words(value, self.name)

    @staticmethod
    def scope(synonym: str) -> str:
        """Return the scope of a synonym property: exact, broad, narrow or related."""
        name = synonym.removeprefix(_P["oboInOwl"] + "has").removesuffix("Synonym")
        return name.lower()
