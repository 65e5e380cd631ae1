"""What a syntax did not carry: two graphs compared, by kind of axiom.

What a blank node says is part of what refers to it, so labels do not matter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["Loss", "compare"]

_P = namespaces.PREFIXES
_OWL, _RDFS = _P["owl"], _P["rdfs"]
_TYPE = _P["rdf"] + "type"
_AXIOMS = {
    _RDFS + "subClassOf": "SubClassOf",
    _OWL + "equivalentClass": "EquivalentClasses",
    _OWL + "disjointWith": "DisjointClasses",
    _OWL + "disjointUnionOf": "DisjointUnion",
    _RDFS + "subPropertyOf": "SubPropertyOf",
    _OWL + "equivalentProperty": "EquivalentProperties",
    _OWL + "inverseOf": "InverseObjectProperties",
    _OWL + "propertyChainAxiom": "SubObjectPropertyOf of a chain",
    _OWL + "hasKey": "HasKey",
    _RDFS + "domain": "Domain",
    _RDFS + "range": "Range",
    _OWL + "imports": "Import",
    _OWL + "versionIRI": "version IRI",
    _OWL + "sameAs": "SameIndividual",
    _OWL + "differentFrom": "DifferentIndividuals",
}
_ENTITIES = {
    _OWL + "Class", _OWL + "ObjectProperty", _OWL + "DatatypeProperty", _OWL + "NamedIndividual",
    _OWL + "AnnotationProperty", _RDFS + "Datatype",
}  # fmt: skip


class Loss(NamedTuple):
    """A kind of axiom, how many of it are lost, how many come new, and of how many the tag is."""

    kind: str
    lost: int
    new: int
    tags: int

    def __str__(self) -> str:
        parts = [f"{self.lost} lost"] * bool(self.lost) + [f"{self.new} new"] * bool(self.new)
        parts += [f"{self.tags} without language or datatype"] * bool(self.tags)
        return f"{self.kind}: {', '.join(parts)}"


class _Statement(NamedTuple):
    kind: str
    text: str
    plain: str


def compare(before: Iterable[ox.Triple], after: Iterable[ox.Triple]) -> list[Loss]:
    """Return the kinds of axiom of which one graph has others than the other."""
    old, new = Counter(_statements(before)), Counter(_statements(after))
    lost, come = old - new, new - old
    plain = Counter((s.kind, s.plain) for s in come.elements())
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for statement in lost.elements():
        key = statement.kind, statement.plain
        tagged = plain[key] > 0
        plain[key] -= tagged
        counts[statement.kind][2 if tagged else 0] += 1
    for (kind, _), count in plain.items():
        counts[kind][1] += max(count, 0)
    return [Loss(kind, *counts[kind]) for kind in sorted(counts) if any(counts[kind])]


def _statements(triples: Iterable[ox.Triple]) -> Iterator[_Statement]:
    """Yield what a graph says, without labels of blank nodes."""
    said: dict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
    used: set[ox.BlankNode] = set()
    named: list[ox.Triple] = []
    kinds: dict[str, set[str]] = defaultdict(set)
    for triple in dict.fromkeys(triples):
        if isinstance(triple.object, ox.BlankNode):
            used.add(triple.object)
        if isinstance(triple.subject, ox.BlankNode):
            said[triple.subject].append(triple)
        else:
            named.append(triple)
            if triple.predicate.value == _TYPE:
                kinds[triple.subject.value].add(_value(triple.object))  # type: ignore[union-attr]
    texts: dict[ox.BlankNode, str] = {}
    for node in said:
        _describe(node, said, texts)
    for triple in named:
        subject, predicate = triple.subject, triple.predicate
        kind = _kind(triple, kinds)
        term = triple.object
        text = texts.get(term, "[]") if isinstance(term, ox.BlankNode) else str(term)
        plain = term.value if isinstance(term, ox.Literal) else ""
        begin = f"{subject} {predicate} "
        whole = begin + text
        yield _Statement(kind, whole, f'{begin}"{plain}"' if plain else whole)
    for node, about in said.items():
        if node not in used:
            types = sorted(_value(t.object) for t in about if t.predicate.value == _TYPE)
            names = [namespaces.contract(name) for name in types]
            called = {"owl:Axiom": "annotation of an axiom", "owl:Ontology": "ontology header"}
            name = names[0] if names else "statement about a node without a name"
            whole = texts[node]
            yield _Statement(called.get(name, name), whole, whole)


def _describe(
    node: ox.BlankNode, said: dict[ox.BlankNode, list[ox.Triple]], texts: dict[ox.BlankNode, str]
) -> None:
    """Put what a blank node says into words, after what it refers to; circles have no words."""
    import hashlib

    todo: list[tuple[ox.BlankNode, bool]] = [(node, False)]
    begun: set[ox.BlankNode] = set()
    while todo:
        at, ready = todo.pop()
        if at in texts:
            continue
        if not ready and at not in begun:
            begun.add(at)
            todo.append((at, True))
            todo += [
                (t.object, False)
                for t in said.get(at, ())
                if isinstance(t.object, ox.BlankNode) and t.object not in begun
            ]
            continue
        parts = sorted(
            f"{t.predicate} "
            + (texts.get(t.object, "[]") if isinstance(t.object, ox.BlankNode) else str(t.object))
            for t in said.get(at, ())
        )
        texts[at] = "[" + hashlib.sha256("\n".join(parts).encode()).hexdigest() + "]"


#: There are few predicates, and many statements.
_called = lru_cache(maxsize=4096)(namespaces.contract)


def _value(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _kind(triple: ox.Triple, kinds: dict[str, set[str]]) -> str:
    name, value = triple.predicate.value, _value(triple.object)
    if name == _TYPE:
        if value in _ENTITIES or value == _OWL + "Ontology":
            return f"Declaration of {namespaces.contract(value)}"
        return namespaces.contract(value) if value.startswith(_OWL) else "ClassAssertion"
    if name in _AXIOMS:
        return _AXIOMS[name]
    called = _called(name)
    if _OWL + "Ontology" in kinds[triple.subject.value]:  # type: ignore[union-attr]
        return f"annotation of the ontology, {called}"
    if _OWL + "ObjectProperty" in kinds[name] or _OWL + "DatatypeProperty" in kinds[name]:
        return f"property assertion, {called}"
    return f"AnnotationAssertion, {called}"
