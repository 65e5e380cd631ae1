"""The store: one small interface over which questions, rules and checks are asked.

Queries are SPARQL 1.1 over the default graph. The embedded store is Oxigraph, opened read-only
for asking so that any number of processes can ask at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term, as_term

__all__ = ["EmbeddedStore", "Reply", "Row", "Solutions", "Store"]

Row = tuple[Term | None, ...]


class Solutions(NamedTuple):
    """The answer to a SELECT: variable names without '?', and one tuple a row."""

    variables: list[str]
    rows: list[Row]

    def column(self, name: str) -> int:
        """Return the position of a variable."""
        return self.variables.index(name)

    def ordered(self, names: Sequence[str]) -> "Solutions":
        """Return the same with the columns in the order of these names, if they are among them."""
        order = [self.variables.index(name) for name in names if name in self.variables]
        if len(order) != len(self.variables) or order == sorted(order):
            return self
        rows = [tuple(row[at] for at in order) for row in self.rows]
        return Solutions([self.variables[at] for at in order], rows)

    def dicts(self) -> Iterator[dict[str, str]]:
        """Yield each row as variable -> lexical form; unbound is the empty string."""
        for row in self.rows:
            yield {
                name: term.value if term else ""
                for name, term in zip(self.variables, row, strict=True)
            }


class Reply(NamedTuple):
    """The answer to a query of any form.

    Attributes:
        form: SELECT; ASK, with one row of one boolean, `result`; or GRAPH for CONSTRUCT and
            DESCRIBE, with the columns subject, predicate and object.
        solutions: The rows.
        absent: IRI -> how the query writes it, of names that the graph does not hold.
    """

    form: str
    solutions: Solutions
    absent: dict[str, str]


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
        path: Where it is on disk; empty when in memory.
    """

    def __init__(self, inner: ox.Store, path: str = "") -> None:
        self.inner = inner
        self.path = path

    @classmethod
    def open(cls, path: str) -> "EmbeddedStore":
        """Open a built store read-only."""
        try:
            return cls(ox.Store.read_only(path), path)
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
