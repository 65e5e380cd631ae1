"""The part of an ontology that a reasoner sees: axioms without annotations.

Labels, definitions, mappings and notes are two thirds of our triples, and nothing follows from
them. Without them Java reads less, and what was found before still stands when one of them changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["BUILT_IN", "seen", "texts"]

_OWL, _RDFS = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdfs"]
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_AXIOM, _ANNOTATION = ox.NamedNode(_OWL + "Axiom"), ox.NamedNode(_OWL + "AnnotationProperty")
_LOGICAL = [ox.NamedNode(_OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty")]
#: Annotation properties that OWL 2 has of its own.
BUILT_IN = frozenset(
    {_RDFS + name for name in ("label", "comment", "seeAlso", "isDefinedBy")}
    | {_OWL + name for name in ("deprecated", "versionInfo", "priorVersion")}
    | {_OWL + name for name in ("backwardCompatibleWith", "incompatibleWith")}
)


def _silent(kinds: Mapping[object, set[object]]) -> set[object]:
    annotations = kinds[_ANNOTATION] | {ox.NamedNode(iri) for iri in BUILT_IN}
    return annotations.difference(*(kinds[kind] for kind in _LOGICAL))


def _kinds(triples: Iterable[ox.Triple]) -> Mapping[object, set[object]]:
    kinds: dict[object, set[object]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == _TYPE:
            kinds[triple.object].add(triple.subject)
    return kinds


def texts(triples: Iterable[ox.Triple]) -> Callable[[ox.Triple], bool]:
    """Return what tells whether a triple is an annotation whose value is a text for people.

    Those cannot break a profile; other literals, and undeclared properties, can.

    Args:
        triples: Whatever declares the properties.
    """
    silent = _silent(_kinds(triples))
    plain = namespaces.PREFIXES["xsd"] + "string"

    def text(triple: ox.Triple) -> bool:
        value = triple.object
        if triple.predicate not in silent or not isinstance(value, ox.Literal):
            return False
        return bool(value.language) or value.datatype.value == plain

    return text


def seen(triples: Iterable[ox.Triple]) -> Callable[[ox.Triple], bool]:
    """Return what tells whether a triple is more than an annotation.

    Args:
        triples: Whatever declares the properties.
    """
    kinds = _kinds(triples)
    silent, axioms = _silent(kinds), kinds[_AXIOM]
    return lambda triple: triple.predicate not in silent and triple.subject not in axioms
