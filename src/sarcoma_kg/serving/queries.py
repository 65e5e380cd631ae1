"""A query of a stranger: judged, run and written out, with limits.

It runs in a worker process (`serving.worker`), which the server ends when its time is over.
"""

import functools
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving import media
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.outline import Outline, datasets, outline

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Limits", "TooLarge", "Written", "answer"]

#: What stands between two rows, by format; it cannot stand within a term, but in CSV.
_BETWEEN = {
    ox.QueryResultsFormat.JSON: b'}},{"', ox.QueryResultsFormat.XML: b"<result>",
    ox.QueryResultsFormat.CSV: b"\r\n", ox.QueryResultsFormat.TSV: b"\n",
}  # fmt: skip
_KEPT = 256
#: Of relative IRIs in a query, which the protocol leaves to the service.
_BASE = "https://w3id.org/sarcoma-kg/"


class Limits(NamedTuple):
    """What an answer may have: rows (or triples), and bytes before compression."""

    rows: int
    size: int


class TooLarge(UserError):  # noqa: N818
    """An answer passes a limit; none of it is given."""


class Written(NamedTuple):
    """An answer, whole: its media type and content."""

    media: str
    content: bytes


@functools.lru_cache(maxsize=_KEPT)
def _judged(text: str) -> tuple[str, Outline]:
    """Return a query that may run, and its outline: the verdict is kept, the answer is not."""
    judged = guard.check_read_only(text, "the query", namespaces.PREFIXES, datasets=True)
    return judged, outline(judged)


def answer(
    store: ox.Store, text: str, accept: str, limits: Limits,
    default: Sequence[str] = (), named: Sequence[str] = (),
) -> Written:  # fmt: skip
    """Answer a query in a format that is accepted.

    Args:
        store: The graph.
        text: The query; known prefixes need not be declared.
        accept: Header field Accept.
        limits: What the answer may have.
        default: IRIs of graphs of the store that make up the default graph; its own when empty.
        named: IRIs of graphs that can be named by GRAPH.

    Raises:
        UserError: the guard or the engine refuses the query, or FROM names what is not here.
        NotAcceptable: no format of such an answer is accepted.
        TooLarge: a limit is passed.
    """
    judged, seen = _judged(text)
    given = default or named
    if not given:
        _check_datasets(store, judged)
    graph = seen.form in ("CONSTRUCT", "DESCRIBE")
    offered = media.GRAPHS if graph else media.RESULTS
    names = [m for m in offered if not (seen.form == "ASK" and m == "text/csv")]
    wanted = media.chosen(accept, names)
    try:
        result = store.query(
            judged,
            base_iri=_BASE,
            default_graph=[ox.NamedNode(iri) for iri in default] if given else None,
            named_graphs=[ox.NamedNode(iri) for iri in named] if given else None,
        )
        if isinstance(result, ox.QueryTriples):
            return Written(wanted, _graph(result, media.GRAPHS[wanted], judged, limits))
        form = media.RESULTS[wanted]
        out = _Bounded(limits, _BETWEEN[form])
        if isinstance(result, ox.QuerySolutions):
            variables = [variable.value for variable in result.variables]
            order = [name for name in seen.variables if name in variables]
            if len(order) == len(variables) and order != variables:
                return Written(wanted, _reordered(result, order, form, out))
        result.serialize(out, format=form)
        return Written(wanted, out.getvalue())
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise UserError(f"the query: the engine refuses it: {first}") from error


class _Bounded(io.BytesIO):
    """Takes what an engine writes, up to the limits."""

    def __init__(self, limits: Limits, between: bytes) -> None:
        super().__init__()
        self.limits, self._between = limits, between
        self._rows = 0
        self._tail = b""

    def write(self, piece: "Buffer", /) -> int:
        content = bytes(piece)
        seen = self._tail + content
        self._rows += seen.count(self._between)
        self._tail = seen[-len(self._between) + 1 :] if len(self._between) > 1 else b""
        if self._rows > self.limits.rows + 1:
            raise _many(self.limits)
        if self.tell() + len(content) > self.limits.size:
            raise _large(self.limits)
        return super().write(content)


def _many(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the answer has more than {limits.rows:,} rows", "add LIMIT, or count instead of listing"
    )


def _large(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the answer is larger than {limits.size / 1024**2:g} MiB",
        "add LIMIT, or ask for fewer variables",
    )


def _graph(found: Iterable[ox.Triple], form: ox.RdfFormat, query: str, limits: Limits) -> bytes:
    out = _Bounded(limits, b"\x00")

    def counted() -> Iterator[ox.Triple]:
        for count, triple in enumerate(found):
            if count == limits.rows:
                raise _many(limits)
            yield triple

    prefixes = None
    if form in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N3):
        prefixes = {p: iri for p, iri in namespaces.PREFIXES.items() if f"{p}:" in query}
    ox.serialize(counted(), out, format=form, prefixes=prefixes)
    return out.getvalue()


def _reordered(
    result: ox.QuerySolutions, order: Sequence[str], form: ox.QueryResultsFormat, out: _Bounded
) -> bytes:
    """Return an answer with its columns in the order of the query, which the engine forgets."""
    from sarcoma_kg.sparql.term import as_term
    from sarcoma_kg.stores import w3c
    from sarcoma_kg.stores.store import Reply, Solutions

    names = [variable.value for variable in result.variables]
    rows = []
    for count, solution in enumerate(result):
        if count > out.limits.rows:
            raise _many(out.limits)
        rows.append(tuple(as_term(node) for node in solution))
    reply = Reply("SELECT", Solutions(names, rows).ordered(order), {})
    text = w3c.render(reply, "srj").encode()
    parsed = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    parsed.serialize(out, format=form)
    return out.getvalue()


_FROM = re.compile(r"FROM", re.IGNORECASE)


def _check_datasets(store: ox.Store, query: str) -> None:
    """Refuse FROM of a graph that the store does not hold; nothing is ever fetched for it.

    Raises:
        UserError: there is one.
    """
    if not _FROM.search(query):
        return
    for iri in datasets(query):
        if not _holds(store, iri):
            raise UserError(
                f"the query: refused: FROM <{iri[:200]}>: no graph of this endpoint",
                "leave FROM out: the default graph has all of it",
            )


def _holds(store: ox.Store, iri: str) -> bool:
    try:
        return store.contains_named_graph(ox.NamedNode(iri))
    except ValueError:  # no IRI
        return False
