"""The store: one small interface over which questions, rules and checks are asked.

Queries are SPARQL 1.1 over the default graph. The embedded store is Oxigraph, opened read-only
for asking so that any number of processes can ask at once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term, as_term

__all__ = ["EmbeddedStore", "Row", "Solutions", "Store"]

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
                f"{path}: the store cannot be opened: {error}", "run `sarcoma-kg build`"
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
