"""The part of an ontology that a reasoner sees: axioms without annotations.

Labels, definitions, mappings and notes are two thirds of our triples, and nothing follows from
them. Without them Java reads less, and what was found before still stands when one of them changes.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["BUILT_IN", "seen", "texts", "vocabulary"]

_OWL, _RDFS = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdfs"]
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_AXIOM, _ANNOTATION = ox.NamedNode(_OWL + "Axiom"), ox.NamedNode(_OWL + "AnnotationProperty")
_LOGICAL = [ox.NamedNode(_OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty")]
_AXIOMS = {ox.NamedNode(_OWL + name) for name in ("equivalentClass", "disjointWith")}
_AXIOMS.add(ox.NamedNode(_RDFS + "subClassOf"))
_DISJOINT = ox.NamedNode(_OWL + "AllDisjointClasses")
#: What class axioms of OWL 2 EL are made of, but for values and self.
_EXISTS = _AXIOMS | {
    _TYPE,
    *(ox.NamedNode(_OWL + name) for name in ("intersectionOf", "onProperty", "someValuesFrom")),
    *(ox.NamedNode(namespaces.PREFIXES["rdf"] + name) for name in ("first", "rest")),
    ox.NamedNode(_OWL + "members"),
}
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


def vocabulary(triples: Collection[ox.Triple]) -> list[ox.Triple] | None:
    """Return an ontology without its axioms on classes; None where these are more than OWL 2 EL.

    Whether other documents are in OWL 2 DL depends on its declarations and on what is said of its
    properties. Of class axioms, only those count that say more of a property than that something
    exists, such as a number: OWL 2 Structural Specification, section 11.

    Args:
        triples: The ontology, without annotations.
    """
    below: dict[object, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode):
            below[triple.subject].append(triple)
    hung = {t.object for t in triples if isinstance(t.object, ox.BlankNode)}
    todo = [t for t in triples if isinstance(t.subject, ox.NamedNode)]
    todo += [t for node, said in below.items() if node not in hung for t in said]
    kept: list[ox.Triple] = []
    left: list[ox.Triple] = []
    reached: dict[bool, set[object]] = {True: set(), False: set()}
    work = [(t, not _of_classes(t, below)) for t in todo]
    while work:
        triple, keeps = work.pop()
        (kept if keeps else left).append(triple)
        if triple.object in below and triple.object not in reached[keeps]:
            reached[keeps].add(triple.object)
            work += [(t, keeps) for t in below[triple.object]]
    return kept if all(triple.predicate in _EXISTS for triple in left) else None


def _of_classes(triple: ox.Triple, below: Mapping[object, list[ox.Triple]]) -> bool:
    """Tell whether a triple begins an axiom on classes."""
    if isinstance(triple.subject, ox.BlankNode):
        kinds = {t.object for t in below[triple.subject] if t.predicate == _TYPE}
        return kinds == {_DISJOINT}
    return triple.predicate in _AXIOMS
