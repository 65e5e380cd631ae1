"""What a request says: its body, its parameters, its path, what it accepts, and that it is gone."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving import media, protocol

__all__ = [
    "LONGEST_ADDRESS", "PAGING", "accept", "body", "number", "only", "paging", "path",
    "present", "typed",
]  # fmt: skip

_T = TypeVar("_T")

#: Query parameters of the API that are no parameters of a question.
PAGING = ("offset", "limit", "format")
#: Bytes of an address that holds no query.
LONGEST_ADDRESS = 16 * 1024
#: Seconds after which somebody looks whether the client is still there.
_LOOK = 0.05
#: What stands in for Accept in an address.
_FORMATS = {
    "json": "application/json", "csv": "text/csv", "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml", "parquet": "application/vnd.apache.parquet",
    "ttl": "text/turtle", "nt": "application/n-triples", "jsonld": "application/ld+json",
}  # fmt: skip


async def present(work: Awaitable[_T], request: Request) -> _T:
    """Do work while the client is there: what nobody waits for is ended.

    Raises:
        ClientDisconnect: it has gone.
    """
    doing, left = asyncio.current_task(), False
    assert doing is not None  # noqa: S101
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        nonlocal left
        await _gone(request)
        left = doing.cancel()

    # Most are done before it is worth a look.
    loop = asyncio.get_running_loop()
    look = loop.call_later(_LOOK, lambda: watching.append(loop.create_task(watch())))
    try:
        return await work
    except asyncio.CancelledError as error:
        if not left:
            raise
        doing.uncancel()
        raise ClientDisconnect from error
    finally:
        look.cancel()
        for task in watching:
            task.cancel()


async def _gone(request: Request) -> None:
    """Return when the client has gone; once its body was read, nothing else arrives."""
    while not getattr(request.state, "read", request.method != "POST"):
        await asyncio.sleep(0.02)
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def body(request: Request) -> bytes:
    """Return the body of a request, which is not long; a late one is the connection's matter.

    Raises:
        Refused: it is long.
        ClientDisconnect: it does not arrive.
    """
    if request.method != "POST":
        return b""
    content, more = b"", True
    while more:
        arrived = await request.receive()
        if arrived["type"] == "http.disconnect":
            raise ClientDisconnect
        content += arrived.get("body", b"")
        more = arrived.get("more_body", False)
        if len(content) > protocol.MOST:
            raise protocol.Refused(
                413, f"the body has more than {protocol.MOST:,} bytes", "send a shorter query"
            )
    request.state.read = True
    return content


def accept(request: Request) -> str:
    """Return the header field Accept, or what the parameter `format` stands for.

    Raises:
        NotAcceptable: no such format.
    """
    name = request.query_params.get("format", "") if request.scope["query_string"] else ""
    if name and name not in _FORMATS:
        raise media.NotAcceptable(f"format={name[:40]!a} is not there", ", ".join(_FORMATS))
    return _FORMATS[name] if name else request.headers.get("accept", "")


def path(request: Request) -> str:
    """Return the path below the server, without a slash at its beginning."""
    return str(request.path_params.get("path", request.scope["path"])).removeprefix("/")


def typed(request: Request, without: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters of the address.

    Args:
        request: The request.
        without: Names that are left out.

    Raises:
        UserError: one is given twice.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in without:
            continue
        if name in found:
            raise UserError(f"{name[:80]!a} is given twice", "leave one of them out")
        found[name] = value
    return found


def only(request: Request, *names: str) -> tuple[str, ...]:
    """Return these parameters, empty where they are not given; others are refused."""
    given = typed(request, ())
    for name in given:
        if name not in (*names, *PAGING):
            told = ", ".join(names) or "none but offset and limit"
            raise UserError(f"there is no parameter {name[:80]!a} here", f"there are: {told}")
    return tuple(given.get(name, "") for name in names)


def paging(request: Request) -> tuple[int, int | None]:
    """Return how many rows to leave out, and the most there may be.

    Raises:
        UserError: they are no numbers.
    """
    given = request.query_params
    offset = number("offset", given.get("offset", ""), 0, 0, 10**9)
    limit = number("limit", given.get("limit", ""), 0, 1, 10**9)
    return offset, limit or None


def number(name: str, text: str, default: int, least: int, most: int) -> int:
    """Return a number in bounds; the default of an empty text.

    Raises:
        UserError: it is none, or out of bounds.
    """
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise UserError(f"{name}={text[:40]!a} is no number from {least} to {most:,}")
    return int(text)
