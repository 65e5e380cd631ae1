"""A request of the SPARQL 1.1 Protocol, read: https://www.w3.org/TR/sparql11-protocol/."""

import functools
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

__all__ = ["FORM", "MOST", "QUERY", "UPDATE", "Asked", "Refused", "read"]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
#: Bytes of a query, and of a form with it.
MOST = 256 * 1024
_FIELDS = 200
#: How many requests are kept as read, and up to which size; of answers none is kept.
_KEPT, _SHORT = 256, 16 * 1024


class Refused(Exception):  # noqa: N818
    """A request that is none of the protocol's, or that may not be made here.

    Args:
        status: The status code.
        detail: What is wrong.
        hint: What to do about it.
    """

    def __init__(self, status: int, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.hint = status, detail, hint


class Asked(NamedTuple):
    """A query, and the graphs that it is asked of; those of the store when there are none."""

    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]


def read(method: str, address: bytes, kind: str, body: bytes) -> Asked | None:
    """Read a request.

    Args:
        method: GET, HEAD or POST.
        address: What stands behind the question mark of the address.
        kind: Header field Content-Type.
        body: The body, empty for GET.

    Returns:
        The query; None where none is asked, which asks for the description of the service.

    Raises:
        Refused: an update, several queries, another content type, no UTF-8, or too long.
    """
    short = len(address) + len(kind) + len(body) <= _SHORT
    return (_read_before if short else _read)(method, address, kind, body)


def _read(method: str, address: bytes, kind: str, body: bytes) -> Asked | None:
    fields = _fields(address)
    media, _, more = kind.partition(";")
    media = media.strip().casefold()
    charset = more.casefold().replace(" ", "").partition("charset=")[2].strip('"')
    if method == "POST":
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise Refused(415, f"the charset {charset[:40]!a} is not taken", "send UTF-8")
        if media == FORM:
            fields += _fields(body)
        elif media == QUERY:
            fields.append(("query", _text(body)))
        elif media == UPDATE:
            raise Refused(403, "this endpoint takes no updates", "it answers queries only")
        else:
            raise Refused(
                415, f"a query is not sent as {media[:80]!a}" if media else "no Content-Type",
                f"send {QUERY} or {FORM}",
            )  # fmt: skip
    asked = _values(fields, "query")
    if _values(fields, "update"):
        raise Refused(403, "this endpoint takes no updates", "it answers queries only")
    if _values(fields, "using-graph-uri") or _values(fields, "using-named-graph-uri"):
        raise Refused(400, "using-graph-uri belongs to an update", "default-graph-uri is meant")
    if len(asked) > 1:
        raise Refused(400, "there are several queries in one request", "send one")
    if not asked:
        if method == "POST":
            raise Refused(400, "there is no query in the request", "send the parameter query")
        return None
    if len(asked[0]) > MOST:
        raise Refused(413, f"the query has more than {MOST:,} characters", "send a shorter one")
    graphs = tuple(_values(fields, "default-graph-uri")), tuple(_values(fields, "named-graph-uri"))
    for iri in (*graphs[0], *graphs[1]):
        if not _is_iri(iri):
            raise Refused(400, f"{iri[:100]!a} is no IRI of a graph")
    return Asked(asked[0], *graphs)


_read_before = functools.lru_cache(maxsize=_KEPT)(_read)


def _is_iri(text: str) -> bool:
    import pyoxigraph as ox

    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, "the query is not UTF-8") from error


def _fields(content: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except UnicodeError as error:
        raise Refused(400, "the parameters are not UTF-8 in percent encoding") from error
    except ValueError as error:
        raise Refused(400, f"there are more than {_FIELDS} parameters") from error


def _values(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]
