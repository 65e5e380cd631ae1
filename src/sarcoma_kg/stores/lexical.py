"""rdflib in memory: the store that leaves every literal as it is written.

Far slower than the embedded one, and asked only where the form of a literal decides: rdflib
compares 007 and 7 by value, and still tells one from the other.
"""

from collections.abc import Iterable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Row, Solutions

if TYPE_CHECKING:
    import rdflib

__all__ = ["LOCK", "LexicalStore", "to_node", "to_rdflib"]

#: rdflib's parser and evaluator of SPARQL are for one thread at a time.
LOCK = RLock()
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def to_node(node: object) -> Any:
    """Return a node of Oxigraph as one of rdflib; a literal stays as it is written."""
    import rdflib

    if isinstance(node, ox.NamedNode):
        return rdflib.URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return rdflib.BNode(node.value)
    if not isinstance(node, ox.Literal):
        raise TypeError(f"not an RDF 1.1 term: {node!r}")
    if node.language:
        return rdflib.Literal(node.value, lang=node.language)
    datatype = node.datatype.value
    kind = None if datatype == _STRING else rdflib.URIRef(datatype)
    return rdflib.Literal(node.value, datatype=kind, normalize=False)


def to_rdflib(triples: Iterable[ox.Triple | ox.Quad]) -> "rdflib.Graph":
    """Return the triples as an rdflib graph."""
    import rdflib

    graph = rdflib.Graph()
    for t in triples:
        graph.add((to_node(t.subject), to_node(t.predicate), to_node(t.object)))
    return graph


def _term(node: object) -> Term | None:
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return Term("iri", str(node))
    if isinstance(node, rdflib.BNode):
        return Term("bnode", str(node))
    if isinstance(node, rdflib.Literal):
        datatype = str(node.datatype or "")
        plain = node.language or datatype == _STRING
        return Term("literal", str(node), "" if plain else datatype, node.language or "")
    return None


class LexicalStore:
    """Triples in an rdflib graph.

    Args:
        triples: What it holds.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.graph = to_rdflib(triples)

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query; errors of rdflib's parser pass through."""
        with LOCK:
            result = self.graph.query(query)
            names = [str(variable) for variable in result.vars or []]
            rows: list[Row] = [tuple(map(_term, row)) for row in result]  # type: ignore[arg-type]
        return Solutions(names, rows)

    def iterate(self, query: str) -> Iterator[Row]:
        """Answer a SELECT query row by row."""
        yield from self.select(query).rows

    def construct(self, query: str) -> Iterable[ox.Triple]:
        """Answer a CONSTRUCT query; errors of rdflib's parser pass through."""
        with LOCK:
            text = self.graph.query(query).serialize(format="nt") or b""
        return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
