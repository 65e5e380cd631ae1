"""Media types of answers, and content negotiation (RFC 9110, section 12.5.1)."""

import functools
from collections.abc import Sequence

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError

__all__ = ["DATA", "GRAPHS", "RESULTS", "NotAcceptable", "chosen"]

#: The first is given to who accepts anything.
RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "text/n3": ox.RdfFormat.N3,
}
#: Of the documents of the API.
DATA = ("application/json", "text/csv", "application/vnd.apache.parquet")
#: What programs say and mean some of the above.
_ALSO = {
    "application/json": "application/sparql-results+json application/ld+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "text/plain": "application/n-triples",
    "application/x-turtle": "text/turtle",
    "application/parquet": "application/vnd.apache.parquet",
    "application/x-parquet": "application/vnd.apache.parquet",
}
_LONGEST = 2000


class NotAcceptable(UserError):  # noqa: N818
    """No media type that is offered is accepted."""


def chosen(accept: str, offered: Sequence[str]) -> str:
    """Return the media type to answer with.

    Args:
        accept: The header field Accept; empty accepts anything.
        offered: What there is; of those that are accepted alike the first is taken.

    Raises:
        NotAcceptable: none of them is accepted.
    """
    return _chosen(accept[:_LONGEST], tuple(offered))


@functools.lru_cache(maxsize=256)
def _chosen(accept: str, offered: tuple[str, ...]) -> str:
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best, most = "", 0.0
    for media in offered:
        names = [media, *(also for also, means in _ALSO.items() if media in means.split())]
        fitting = [
            (len(wanted.replace("*", "")), quality)
            for wanted, quality in ranges
            if any(_fits(name, wanted) for name in names)
        ]
        if fitting and (quality := max(fitting)[1]) > most:
            best, most = media, quality
    if not best:
        raise NotAcceptable(
            "none of the formats accepted is there", f"there are {', '.join(offered)}"
        )
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (text.strip().casefold() for text in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return media, 0.0
            return media, quality if 0 <= quality <= 1 else 0.0
    return media, 1.0


def _fits(media: str, wanted: str) -> bool:
    kind, _, sub = wanted.partition("/")
    return media == wanted or (sub == "*" and (kind == "*" or kind == media.partition("/")[0]))
