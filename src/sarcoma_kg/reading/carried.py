"""What the RDF side of py-horned-owl does not carry, taken around it under names of ours.

It writes n classes that are disjoint as pairs with the first, forgets which blank nodes are one,
and reads neither back. So a disjointness of three and more goes past it as a name that is
equivalent to the union of the members, and a blank node as a name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

if TYPE_CHECKING:
    import pyhornedowl

__all__ = ["after_reading", "before_reading", "before_writing", "in_place", "named", "unnamed"]

_BLANK, _DISJOINT = "urn:sarcoma-kg:blank:", "urn:sarcoma-kg:disjoint:"
_OWL, _RDF = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
_XSD = namespaces.PREFIXES["xsd"]
_TYPE = ox.NamedNode(_RDF + "type")
_CLASS, _EQUIVALENT, _UNION, _MEMBERS, _ALL = (
    ox.NamedNode(_OWL + n)
    for n in ("Class", "equivalentClass", "unionOf", "members", "AllDisjointClasses")
)
_INDIVIDUAL = ox.NamedNode(_OWL + "NamedIndividual")
_IN_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>\s]*>|#[^\n]*|_:([A-Za-z0-9][\w.-]*)', re.DOTALL)
_IN_XML = re.compile(
    r"<((?:[\w.-]+:)?)AnonymousIndividual\s+nodeID\s*=\s*[\"'](?:_:)?([\w.-]+)[\"']\s*"
    r"(?:/>|>\s*</\1AnonymousIndividual\s*>)|<!--.*?-->|<!\[CDATA\[.*?\]\]>",
    re.DOTALL,
)
_VALUE_IN_XML = re.compile(r"<((?:[\w.-]+:)?)IRI>" + _BLANK + r"([\w.-]+)</\1IRI>")
_NAME_IN_XML = re.compile(
    r'<NamedIndividual (?:IRI|abbreviatedIRI)="' + _BLANK + r'([\w.-]+)"\s*/>'
)
#: Where OWL/XML has an IRI in place of an individual.
_ANNOTATIONS = re.compile(
    r"<((?:[\w.-]+:)?(?:AnnotationAssertion|Annotation))[\s>].*?</\1\s*>", re.DOTALL
)


def named(text: str, media_type: str) -> str:
    """Return a text with names in place of its blank nodes."""
    if media_type == "application/owl+xml":
        text = _ANNOTATIONS.sub(
            lambda block: _IN_XML.sub(
                lambda m: f"<{m[1]}IRI>{_BLANK}{m[2]}</{m[1]}IRI>" if m[2] else m[0], block[0]
            ),
            text,
        )
        return _IN_XML.sub(
            lambda m: f'<{m[1]}NamedIndividual IRI="{_BLANK}{m[2]}"/>' if m[2] else m[0], text
        )
    if media_type == "text/obo":
        return text
    return _IN_TEXT.sub(lambda m: f"<{_BLANK}{m[1]}>" if m[1] else m[0], text)


def before_reading(ontology: "pyhornedowl.PyIndexedOntology") -> None:
    """Give each disjointness of three and more classes a name, those with annotations as pairs."""
    import pyhornedowl.model as model

    number = 0
    for annotated in ontology.get_components():
        component: Any = annotated.component
        if not isinstance(component, model.DisjointClasses) or len(component.first) < 3:
            continue
        ontology.remove_component(component)
        if annotated.ann:
            for pair in combinations(component.first, 2):
                ontology.add_component(model.DisjointClasses(list(pair)), annotated.ann)
            continue
        name = model.Class(model.IRI.parse(f"{_DISJOINT}{number}"))
        number += 1
        union = model.ObjectUnionOf(component.first)
        ontology.add_component(model.EquivalentClasses([name, union]))


def after_reading(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield a graph as it was meant, without names of ours."""
    disjoint: dict[object, int] = {}
    kept = []
    for triple in triples:
        term = triple.object
        if str(triple.subject).startswith(f"<{_DISJOINT}"):
            if triple.predicate == _EQUIVALENT:
                disjoint[term] = 1
        else:
            kept.append(triple)
    for triple in kept:
        subject_, predicate, term = triple.subject, triple.predicate, triple.object
        if subject_ in disjoint and predicate == _TYPE:
            term = _ALL
        elif subject_ in disjoint and predicate == _UNION:
            predicate = _MEMBERS
        subject = _blank(subject_)
        # Manchester syntax has no other word for an individual that is not named.
        if subject == subject_ or term != _INDIVIDUAL:
            yield ox.Triple(subject, predicate, _blank(term))


def _blank(term: Any) -> Any:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_BLANK):
        return ox.BlankNode(term.value.removeprefix(_BLANK))
    return term


def before_writing(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return a graph with names in place of what would get lost."""
    graph = list(triples)
    about: dict[object, list[ox.Triple]] = defaultdict(list)
    for triple in graph:
        about[triple.subject].append(triple)
    shared = {t.object for t in graph if isinstance(t.object, ox.BlankNode)}
    names = {
        node: ox.NamedNode(_BLANK + node.value)
        for node in {*about, *shared}
        if isinstance(node, ox.BlankNode) and all(map(_of_individual, about[node]))
    }
    disjoint = {
        subject: ox.NamedNode(f"{_DISJOINT}{subject.value}")
        for subject, said in about.items()
        if isinstance(subject, ox.BlankNode) and len(said) == 2
        and {t.predicate for t in said} == {_TYPE, _MEMBERS}
        and any(t.object == _ALL for t in said)
    }  # fmt: skip
    found = []
    for triple in graph:
        subject, predicate, term = triple.subject, triple.predicate, triple.object
        if subject in disjoint:
            name = disjoint[subject]  # type: ignore[index]
            if predicate == _TYPE:
                term = _CLASS
                found += [ox.Triple(name, _TYPE, _CLASS), ox.Triple(name, _EQUIVALENT, subject)]
            else:
                predicate = _UNION
        found.append(ox.Triple(names.get(subject, subject), predicate, names.get(term, term)))  # type: ignore[arg-type]
    return found


def _of_individual(triple: ox.Triple) -> bool:
    if triple.predicate == _TYPE:
        return not str(triple.object).startswith((f"<{_OWL}", f"<{_RDF}"))
    return not triple.predicate.value.startswith((_OWL, _RDF, _XSD))


def in_place(ontology: "pyhornedowl.PyIndexedOntology") -> None:
    """Put the disjointness that has a name in its place."""
    import pyhornedowl.model as model

    for annotated in ontology.get_components():
        component: Any = annotated.component
        if isinstance(component, model.DeclareClass):
            if str(component.first.first).startswith(_DISJOINT):
                ontology.remove_component(component)
        elif isinstance(component, model.EquivalentClasses):
            parts = component.first
            if any(
                isinstance(p, model.Class) and str(p.first).startswith(_DISJOINT) for p in parts
            ):
                ontology.remove_component(component)
                (union,) = (p for p in parts if isinstance(p, model.ObjectUnionOf))
                ontology.add_component(model.DisjointClasses(union.first))


def unnamed(text: str) -> str:
    """Return a written text with blank nodes in place of their names."""
    if "<Ontology" in text or "<owl:Ontology" in text:
        text = _VALUE_IN_XML.sub(r'<AnonymousIndividual nodeID="_:\2"/>', text)
        return _NAME_IN_XML.sub(r'<AnonymousIndividual nodeID="_:\1"/>', text)
    return re.sub(f"<{_BLANK}([\\w.-]+)>", r"_:\1", text)
