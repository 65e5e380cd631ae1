"""The store at a SPARQL 1.1 endpoint: asking.

Answers are read as they arrive. One that the server cut is an error, never a smaller answer.
"""

import itertools
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.sparql.term import Term, as_term
from sarcoma_kg.stores.answer import Answer
from sarcoma_kg.stores.connection import BROKEN, Connection
from sarcoma_kg.stores.results import Results
from sarcoma_kg.stores.store import Reply, Row, Solutions

__all__ = ["RemoteStore"]

_RESULTS = ("application/sparql-results+json", "application/json")
_GRAPHS = ("application/n-triples", "text/turtle")
#: Characters of an answer, and cells, that are held at once; in memory they take some times more.
_MOST_HELD = 48 * 1024**2
_MOST_CELLS = 1024**2


class RemoteStore(Connection):
    """A SPARQL 1.1 endpoint that is asked; it cannot be changed."""

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query; one of more than 48 MiB has to be read by `iterate`."""
        answer, _ = self.ask(query, _RESULTS)
        variables, rows = self._rows(answer)
        return Solutions(variables, self._held(answer, variables, rows))

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
        # Where both are welcome, Virtuoso answers CONSTRUCT with a table.
        graph = outline(query).form in {"CONSTRUCT", "DESCRIBE"}
        answer, media = self.ask(query, _GRAPHS if graph else _RESULTS)
        found: Iterator[Row]
        if media in _GRAPHS:
            form, header = "GRAPH", ["subject", "predicate", "object"]
            found = (tuple(map(as_term, triple)) for triple in self._triples(answer))
        else:
            header, found = self._rows(answer)
            form = "ASK" if header == ["result"] and outline(query).form == "ASK" else "SELECT"
        kept = self._held(answer, header, itertools.islice(found, most + 1))
        if len(kept) > most:
            raise UserError(
                f"the query has more than {most} rows", "add LIMIT, or raise --max-rows"
            )
        return Reply(form, Solutions(header, kept), {})

    def _held(self, answer: Answer, header: list[str], rows: Iterable[Row]) -> list[Row]:
        """Return rows as a list that the memory can hold."""
        held: list[Row] = []
        most = _MOST_CELLS // max(1, len(header))
        for row in rows:
            held.append(row)
            if len(held) > most or answer.size > _MOST_HELD:
                answer.close()
                raise UserError(
                    f"{self.place}: the answer is too large to be held: more than {most:,} rows, "
                    f"or {_MOST_HELD // 1024**2} MiB",
                    "add LIMIT, or ask for fewer variables",
                )
        return held

    def _triples(self, answer: Answer) -> Iterator[ox.Triple]:
        limit, count = _limit(answer), 0
        if not answer.has_length or limit is not None:
            # A graph has no end of its own: what is missing after the last triple leaves no trace.
            why = "does not say how long it is"
            if limit is not None:
                why = f"cuts at {limit:,} solutions"
            self.say(f"{self.place}: the server {why}: if this answer is cut, it cannot be seen")
        try:
            # N-Triples is Turtle.
            for quad in ox.parse(answer, format=ox.RdfFormat.TURTLE):  # type: ignore[arg-type]
                count += 1
                yield quad.triple
        except BROKEN as error:
            self.fail(error)
        finally:
            answer.close()
        self._check(count, limit)

    def _rows(self, answer: Answer) -> tuple[list[str], Iterator[Row]]:
        try:
            results = Results(answer.read, self.place, self.say)
        except BROKEN as error:
            answer.close()
            self.fail(error)
        if results.boolean is not None:
            answer.close()
            return ["result"], iter([(Term("literal", str(results.boolean).lower()),)])
        limit = _limit(answer)

        def rows() -> Iterator[Row]:
            count = 0
            try:
                for row in results:
                    count += 1
                    yield row
            except BROKEN as error:
                self.fail(error)
            finally:
                answer.close()
            self._check(count, limit)

        return results.variables, rows()

    def _check(self, count: int, limit: int | None) -> None:
        if limit is not None and count >= limit:
            raise self.cut(f"the server gives {limit:,} (X-SPARQL-MaxRows), and gave {count:,}")


def _limit(answer: Answer) -> int | None:
    """Return how many rows the server gives at most, where it says so, as Virtuoso does."""
    said = (answer.headers.get("X-SPARQL-MaxRows") or "").strip()
    # What is no number may be anything: then no answer is taken for a whole one.
    return int(said[:18]) if said.isascii() and said.isdecimal() else 0 if said else None
