"""The store: one small interface over which questions, rules and checks are asked.

Queries are SPARQL 1.1 over the default graph. The embedded store is Oxigraph, opened read-only
for asking so that any number of processes can ask at once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from sarcoma_kg.errors import UserError

__all__ = ["EmbeddedStore", "Row", "Solutions", "Store", "Term", "as_term"]

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Term(NamedTuple):
    """An RDF 1.1 term: kind is 'iri', 'literal' or 'bnode'."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""

    def sparql(self) -> str:
        """Return the term as SPARQL syntax, escaped by the engine's own serialiser."""
        if self.kind == "iri":
            return str(ox.NamedNode(self.value))
        if self.kind == "bnode":
            raise ValueError("a blank node cannot stand in a query")
        if self.language:
            return str(ox.Literal(self.value, language=self.language))
        datatype = ox.NamedNode(self.datatype) if self.datatype else None
        return str(ox.Literal(self.value, datatype=datatype))


Row = tuple[Term | None, ...]


class Solutions(NamedTuple):
    """The answer to a SELECT: variable names without '?', and one tuple a row."""

    variables: list[str]
    rows: list[Row]

    def column(self, name: str) -> int:
        """Return the position of a variable."""
        return self.variables.index(name)

    def dicts(self) -> Iterator[dict[str, str]]:
        """Yield each row as variable -> lexical form; unbound is the empty string."""
        for row in self.rows:
            yield {
                name: term.value if term else ""
                for name, term in zip(self.variables, row, strict=True)
            }


class Store(Protocol):
    """What every store can do."""

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query."""
        ...

    def iterate(self, query: str) -> Iterator[Row]:
        """Answer a SELECT query row by row, in the order of its variables."""
        ...

    def construct(self, query: str) -> Iterable[ox.Triple]:
        """Answer a CONSTRUCT query."""
        ...


def as_term(node: object) -> Term | None:
    """Return a node of Oxigraph as a term; None stays None (unbound)."""
    if node is None:
        return None
    if isinstance(node, ox.NamedNode):
        return Term("iri", node.value)
    if isinstance(node, ox.Literal):
        datatype = node.datatype.value
        language = node.language or ""
        plain = language or datatype == _XSD_STRING
        return Term("literal", node.value, "" if plain else datatype, language)
    if isinstance(node, ox.BlankNode):
        return Term("bnode", node.value)
    raise TypeError(f"not an RDF 1.1 term: {node!r}")


class EmbeddedStore:
    """Oxigraph in memory or on disk.

    Args:
        inner: The engine's own store object.
    """

    def __init__(self, inner: ox.Store) -> None:
        self.inner = inner

    @classmethod
    def open(cls, path: str) -> "EmbeddedStore":
        """Open a built store read-only."""
        try:
            return cls(ox.Store.read_only(path))
        except (OSError, RuntimeError) as error:
            raise UserError(
                f"{path}: the store cannot be opened: {error}", "run `sarcoma-kg build --force`"
            ) from error

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query; ValueError or SyntaxError of the engine pass through."""
        result = self.inner.query(query)
        if not isinstance(result, ox.QuerySolutions):
            raise TypeError("not a SELECT query")
        variables = [variable.value for variable in result.variables]
        # Iterating a solution yields its values in the order of the variables.
        return Solutions(
            variables, [tuple(as_term(node) for node in solution) for solution in result]
        )

    def iterate(self, query: str) -> Iterator[Row]:
        """Answer a SELECT query row by row, in the order of its variables."""
        result = self.inner.query(query)
        if not isinstance(result, ox.QuerySolutions):
            raise TypeError("not a SELECT query")
        for solution in result:
            yield tuple(as_term(node) for node in solution)

    def construct(self, query: str) -> Iterable[ox.Triple]:
        """Answer a CONSTRUCT or DESCRIBE query."""
        result = self.inner.query(query)
        if not isinstance(result, ox.QueryTriples):
            raise TypeError("not a CONSTRUCT query")
        return result
