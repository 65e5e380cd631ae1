"""The store at a SPARQL 1.1 endpoint: asking.

Answers are read as they arrive and parsed by Oxigraph's parser of SPARQL JSON results.
"""

import itertools
from collections.abc import Iterable, Iterator
from http.client import HTTPException

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.sparql.term import Term, as_term
from sarcoma_kg.stores.connection import Bounded, Connection
from sarcoma_kg.stores.store import Reply, Row, Solutions

__all__ = ["RemoteStore"]

_BOOLEAN = namespaces.PREFIXES["xsd"] + "boolean"
_RESULTS = ("application/sparql-results+json", "application/json")
_GRAPHS = ("application/n-triples", "text/turtle")


class RemoteStore(Connection):
    """A SPARQL 1.1 endpoint that is asked; it cannot be changed."""

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query."""
        variables, rows = self._rows(self.ask(query, _RESULTS)[0])
        return Solutions(variables, list(rows))

    def iterate(self, query: str) -> Iterator[Row]:
        """Answer a SELECT query row by row, in the order of its variables."""
        return self._rows(self.ask(query, _RESULTS)[0])[1]

    def construct(self, query: str) -> Iterable[ox.Triple]:
        """Answer a CONSTRUCT or DESCRIBE query."""
        return self._triples(self.ask(query, _GRAPHS)[0])

    def reply(self, query: str, most: int) -> Reply:
        """Answer a query of any form, as `isolated.run` does.

        Args:
            query: SPARQL that the guard let pass.
            most: Largest number of rows to return.

        Raises:
            UserError: a fault on the way, or more rows than `most`.
        """
        stream, media = self.ask(query, (*_RESULTS, *_GRAPHS))
        found: Iterator[Row]
        if media in _GRAPHS:
            form, header = "GRAPH", ["subject", "predicate", "object"]
            found = (tuple(map(as_term, triple)) for triple in self._triples(stream))
        else:
            header, found = self._rows(stream)
            form = "ASK" if header == ["result"] and outline(query).form == "ASK" else "SELECT"
        kept = list(itertools.islice(found, most + 1))
        if len(kept) > most:
            raise UserError(
                f"the query has more than {most} rows", "add LIMIT, or raise --max-rows"
            )
        return Reply(form, Solutions(header, kept), {})

    def _triples(self, stream: Bounded) -> Iterator[ox.Triple]:
        try:
            # N-Triples is Turtle.
            for quad in ox.parse(stream, format=ox.RdfFormat.TURTLE):  # type: ignore[arg-type]
                yield quad.triple
        except (OSError, HTTPException, SyntaxError, ValueError) as error:
            raise self.broken(error) from error

    def _rows(self, stream: Bounded) -> tuple[list[str], Iterator[Row]]:
        try:
            parsed = ox.parse_query_results(stream, format=ox.QueryResultsFormat.JSON)  # type: ignore[arg-type]
        except (OSError, HTTPException, SyntaxError, ValueError) as error:
            raise self.broken(error) from error
        if isinstance(parsed, ox.QueryBoolean):
            return ["result"], iter([(Term("literal", str(bool(parsed)).lower()),)])

        def rows() -> Iterator[Row]:
            try:
                for solution in parsed:
                    yield tuple(_canonical(as_term(node)) for node in solution)
            except (OSError, HTTPException, SyntaxError, ValueError) as error:
                raise self.broken(error) from error

        return [variable.value for variable in parsed.variables], rows()


def _canonical(term: Term | None) -> Term | None:
    """Return a boolean as true or false: Virtuoso writes 1 and 0."""
    if term and term.datatype == _BOOLEAN and term.value in ("0", "1"):
        return term._replace(value="true" if term.value == "1" else "false")
    return term
