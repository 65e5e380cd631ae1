"""What every reply has: problem bodies, licence, validators, compression, cross-origin rights.

Problems follow RFC 9457; validators and negotiation RFC 9110.
"""

import asyncio
import contextlib
import gzip
import hashlib
import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sarcoma_kg.ground.version import __version__
from sarcoma_kg.serving.documents import LICENSE

__all__ = ["packed", "preliminary", "problem", "reply", "tag", "unchanged"]

_ROOT = "https://w3id.org/sarcoma-kg/problem/"
_TITLES = {
    400: "The request cannot be understood", 403: "The graph is read-only", 404: "Nothing is here",
    405: "Another method is needed", 406: "No such format", 408: "The request did not arrive",
    413: "The request is too large", 414: "The address is too long",
    415: "Another content type is needed",
    422: "The request cannot be answered so", 503: "The server cannot answer now",
}  # fmt: skip
_LONGEST = 2000
#: From how many bytes it is worth packing, and above which size another thread does it.
_SMALL, _LARGE = 1000, 200_000
_SAFE = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def problem(status: int, name: str, detail: str, hint: str = "", **more: Any) -> Response:
    """Return a problem body.

    Args:
        status: The status code.
        name: The kind of problem, the end of its IRI.
        detail: What is wrong.
        hint: What to do about it.
        more: Members of its own; `retry`: seconds after which to try again.
    """
    body: dict[str, Any] = {
        "type": _ROOT + name, "title": _TITLES.get(status, "A problem"), "status": status,
        "detail": detail[:_LONGEST],
    }  # fmt: skip
    if hint:
        body["hint"] = hint[:_LONGEST]
    retry = more.pop("retry", None)
    headers = {"cache-control": "no-store"}
    if retry is not None:
        headers["retry-after"] = str(retry)
    if "allow" in more:
        headers["allow"] = more.pop("allow")
    body |= more
    content = json.dumps(body, ensure_ascii=True).encode()
    return reply(content, "application/problem+json", status=status, headers=headers)


def reply(
    content: bytes, media: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply with what all have."""
    text = media.startswith("text/") or media.endswith(("xml", "n-triples"))
    told = {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Link, Retry-After, X-Complete, X-Total-Rows",
        "x-content-type-options": "nosniff",
        "vary": "Accept, Accept-Encoding",
        "link": f'<{LICENSE}>; rel="license"',
        **(headers or {}),
    }
    if media == "text/html":
        told["content-security-policy"] = _SAFE
    told["content-type"] = f"{media}; charset=utf-8" if text else media
    return Response(content, status, headers=told)


def preliminary(request: Request, methods: tuple[str, ...], longest: int) -> Response | None:
    """Return the reply to OPTIONS, to another method, and to an address too long; else None.

    Args:
        request: The request.
        methods: Those that are taken, beside OPTIONS.
        longest: Bytes of the address.
    """
    allow = ", ".join((*methods, "OPTIONS"))
    if request.method == "OPTIONS":
        headers = {
            "allow": allow, "access-control-allow-methods": allow,
            "access-control-allow-headers": "Accept, Content-Type, If-None-Match",
            "access-control-max-age": "86400",
        }  # fmt: skip
        return reply(b"", "text/plain", status=204, headers=headers)
    if request.method not in methods:
        return problem(405, "method", f"{request.method[:20]!a} is not done here", allow=allow)
    if len(request.scope.get("raw_path") or b"") + len(request.scope["query_string"]) > longest:
        return problem(414, "address", "the address is too long", "POST a long query")
    return None


def tag(build: str, request: Request) -> str:
    """Return the validator of a reply: it changes with the build, the toolkit and the request."""
    asked = (
        build, __version__, request.scope["path"], request.scope["query_string"],
        request.headers.get("accept", ""),
    )  # fmt: skip
    return f'W/"{build[:12]}-{hashlib.sha256(repr(asked).encode()).hexdigest()[:20]}"'


def unchanged(request: Request, validator: str) -> bool:
    """Return whether the client has the reply already."""
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or validator in [part.strip() for part in known.split(",")]


async def packed(request: Request, response: Response) -> Response:
    """Return a reply, compressed where the client takes it and it is worth it."""
    body = bytes(response.body)
    if len(body) < _SMALL or "content-encoding" in response.headers:
        return response
    offered = request.headers.get("accept-encoding", "").casefold()
    for name, pack in _PACKERS.items():
        if name in offered and f"{name};q=0" not in offered.replace(" ", ""):
            small = await asyncio.to_thread(pack, body) if len(body) > _LARGE else pack(body)
            response.body = small
            response.headers["content-encoding"] = name
            response.headers["content-length"] = str(len(small))
            break
    return response


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 5, mtime=0)


_PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": _gzip}
with contextlib.suppress(ImportError):  # of Python 3.14
    _PACKERS = {"zstd": importlib.import_module("compression.zstd").compress, **_PACKERS}
