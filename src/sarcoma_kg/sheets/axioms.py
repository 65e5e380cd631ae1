"""Statements of OWL as triples, with annotations and lists."""

from collections.abc import Iterable

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["Axioms", "Term"]

_OWL, _RDF = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
_TYPE, _FIRST, _REST, _NIL = (ox.NamedNode(_RDF + n) for n in ("type", "first", "rest", "nil"))
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Axioms:
    """The triples of some axioms; labels of blank nodes begin with `label`."""

    def __init__(self, label: str) -> None:
        self.triples: set[ox.Triple] = set()
        self._label, self._count = label, 0

    def say(self, iri: str, slot: str, value: Term, notes: Iterable[tuple[str, Term]] = ()) -> None:
        """Add a statement, with what is said about it as pairs of property and value."""
        subject, predicate = ox.NamedNode(iri), ox.NamedNode(slot)
        self.triples.add(ox.Triple(subject, predicate, value))
        said = list(notes)
        if not said:
            return
        axiom = self.blank()
        frame = (("Source", subject), ("Property", predicate), ("Target", value))
        self.triples.add(ox.Triple(axiom, _TYPE, ox.NamedNode(_OWL + "Axiom")))
        for name, term in frame:
            self.triples.add(ox.Triple(axiom, ox.NamedNode(f"{_OWL}annotated{name}"), term))
        for note, term in said:
            self.triples.add(ox.Triple(axiom, ox.NamedNode(note), term))

    def list(self, members: Iterable[Term]) -> ox.NamedNode | ox.BlankNode:
        """Add a list; return its node."""
        rest: ox.NamedNode | ox.BlankNode = _NIL
        for member in reversed([*members]):
            node = self.blank()
            self.triples.add(ox.Triple(node, _FIRST, member))
            self.triples.add(ox.Triple(node, _REST, rest))
            rest = node
        return rest

    def blank(self) -> ox.BlankNode:
        """Return a node without a name."""
        self._count += 1
        return ox.BlankNode(f"{self._label}{self._count}")
