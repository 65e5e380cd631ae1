"""The web application: which address does what."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving import about, incoming, media, protocol, replies
from sarcoma_kg.serving.graph import Graph
from sarcoma_kg.serving.guest import Guest
from sarcoma_kg.serving.log import Log
from sarcoma_kg.serving.site import ENDINGS
from sarcoma_kg.serving.worker_line import Done

__all__ = ["application"]

_HOST = re.compile(r"[\w.-]{1,200}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,60}\](?::\d{1,5})?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)/(.+)", re.DOTALL)
_FILE = re.compile(rf".*\.({'|'.join(ENDINGS)})", re.DOTALL)
_RDF = {
    "text/html": "html", "text/turtle": "ttl", "application/ld+json": "jsonld",
    "application/n-triples": "nt", "application/rdf+xml": "owl",
}  # fmt: skip
_DESCRIBED = ("ontology/", "id/", "own/")
_HERE = Path(__file__)
_EDITOR = {
    name: (_HERE.with_name(name).read_bytes(), ENDINGS[name.rpartition(".")[2]])
    for name in ("editor.html", "editor.js")
}
Handler = Callable[[Request], Awaitable[Response]]


class _App:
    """The handlers, over one graph.

    Args:
        graph: The graph.
        base: Address of the server as clients see it, without a slash at its end; that of the
            request when empty.
        log: Told of each request.
    """

    def __init__(self, graph: Graph, base: str, log: Log) -> None:
        self.graph, self._base, self._log = graph, base, log

    def base(self, request: Request) -> str:
        """Return the address of the server, as the client has it."""
        host = request.headers.get("host", "")
        if self._base or not _HOST.fullmatch(host):
            return self._base
        return f"{request.url.scheme}://{host}"

    def handler(self, inner: Handler, *, methods: tuple[str, ...] = ("GET", "HEAD")) -> Handler:
        """Return a handler with what all have: methods, validator, packing, problems, log."""

        async def handle(request: Request) -> Response:
            began = time.monotonic()
            response = await self._guarded(inner, request, methods)
            response = await replies.packed(request, response)
            if request.method == "HEAD":
                # Its length is that of the body which is left out.
                response.body = b""
            size = int(response.headers.get("content-length", 0))
            self._log.request(request, response.status_code, size, time.monotonic() - began)
            return response

        return handle

    async def _guarded(
        self, inner: Handler, request: Request, methods: tuple[str, ...]
    ) -> Response:
        longest = protocol.MOST if "POST" in methods else incoming.LONGEST_ADDRESS
        refused = replies.preliminary(request, methods, longest)
        if refused is not None:
            return refused
        build = self.graph.build
        validator = replies.tag(build, request) if build and request.method != "POST" else ""
        if validator and replies.unchanged(request, validator):
            return replies.reply(b"", "text/plain", status=304, headers={"etag": validator})
        try:
            response = await incoming.present(inner(request), request)
        except protocol.Refused as error:
            return replies.problem(error.status, "refused", error.detail, error.hint)
        except media.NotAcceptable as error:
            return replies.problem(406, "not-acceptable", error.message, error.hint)
        except UserError as error:
            return replies.problem(422, "refused", error.message, error.hint)
        except ClientDisconnect:
            return replies.problem(408, "gone", "the client has gone")
        if validator and response.status_code == 200 and build == self.graph.build:
            response.headers["etag"] = validator
            response.headers.setdefault("cache-control", "no-cache")
        return response

    # Each of the following answers what its route says.

    async def sparql(self, request: Request) -> Response:
        body = await incoming.body(request)
        asked = protocol.read(
            request.method, request.scope["query_string"],
            request.headers.get("content-type", ""), body,
        )  # fmt: skip
        if asked is None:
            return await self._described(request)
        request.state.query = asked.query
        task = {
            "do": "query", "query": asked.query, "accept": incoming.accept(request),
            "default": asked.default, "named": asked.named,
        }  # fmt: skip
        return _response(await self.graph.do(task, stranger=True))

    async def _described(self, request: Request) -> Response:
        endpoint = f"{self.base(request)}/sparql"
        wanted = media.chosen(request.headers.get("accept", ""), [*media.GRAPHS, "text/html"])
        if wanted == "text/html":
            return self._see(request, "editor.html")
        triples = [
            *about.service(endpoint, self.graph.triples),
            *about.questions(self.graph.questions, endpoint),
        ]
        return _triples(triples, wanted)

    async def void(self, request: Request) -> Response:
        wanted = media.chosen(request.headers.get("accept", ""), list(media.GRAPHS))
        endpoint = f"{self.base(request)}/sparql"
        return _triples(about.void(endpoint, self.graph.version, self.graph.triples), wanted)

    async def health(self, request: Request) -> Response:
        told = {"status": "ok", "build": self.graph.build, "version": self.graph.version}
        return _json({**told, **self.graph.state}, {"cache-control": "no-store"})

    async def openapi(self, request: Request) -> Response:
        return _json(about.openapi(self.graph.questions, self.base(request), self.graph.version))

    async def question(self, request: Request) -> Response:
        offset, limit = incoming.paging(request)
        task = {
            "do": "answer", "question": request.path_params["name"], "offset": offset,
            "limit": limit, "typed": incoming.typed(request, incoming.PAGING),
            "accept": incoming.accept(request),
        }  # fmt: skip
        return _response(await self.graph.do(task))

    async def _document(self, name: str, *args: Any, **named: Any) -> Response:
        task = {"do": "document", "name": name, "args": args, "named": named}
        return _response(await self.graph.do(task))

    async def questions(self, request: Request) -> Response:
        return await self._document("catalog")

    async def terms(self, request: Request) -> Response:
        offset, limit = incoming.paging(request)
        (kind,) = incoming.only(request, "kind")
        return await self._document("terms", kind, offset=offset, limit=limit)

    async def claims(self, request: Request) -> Response:
        offset, limit = incoming.paging(request)
        return await self._document(
            "claims", incoming.typed(request, incoming.PAGING), offset=offset, limit=limit
        )

    async def evidence(self, request: Request) -> Response:
        offset, limit = incoming.paging(request)
        incoming.only(request)
        return await self._document("evidence", offset=offset, limit=limit)

    async def thing(self, request: Request) -> Response:
        return await self._document("thing", request.path_params["name"])

    async def search(self, request: Request) -> Response:
        words, most = incoming.only(request, "q", "most")
        if not words.strip():
            raise UserError("there are no words to look for", "such as ?q=imatinib")
        return await self._document(
            "search", words[:200], incoming.number("most", most, 8, 1, 1000)
        )

    async def route(self, request: Request) -> Response:
        (sentence,) = incoming.only(request, "sentence")
        return await self._document("route", sentence[:2000])

    async def matrix(self, request: Request) -> Response:
        (disease,) = incoming.only(request, "disease")
        return await self._document("matrix", disease)

    async def anything(self, request: Request) -> Response:
        """Answer for a page, a file of the site, or an identifier."""
        path = incoming.path(request)
        if (dated := _DATE.fullmatch(path)) and not path.endswith("/"):
            if dated[1] != self.graph.version:
                return replies.problem(
                    404, "version", f"the version {dated[1]} is not here",
                    f"this is {self.graph.version}",
                )  # fmt: skip
            path = dated[2]
        if path.endswith("/"):
            path += "index.html"
        if path == "favicon.ico":  # Browsers ask for it; there is none.
            return replies.reply(b"", "image/x-icon", status=204)
        if path in _EDITOR:
            return replies.reply(*_EDITOR[path])
        if path == "" or _FILE.fullmatch(path):
            return await self._page(path or "index.html", incoming.typed(request, ()))
        if path.startswith("query/"):
            path = f"questions/{path.removeprefix('query/')}"
        found = await self.graph.page({"do": "place", "path": path})
        if not (place := found.told.get("place")):
            return replies.problem(404, "not-found", "nothing is called so here", "see /api/search")
        if not (place == "ontology/index" or place.startswith(_DESCRIBED)):
            return self._see(request, f"{place}.html")
        ending = _RDF[media.chosen(request.headers.get("accept", ""), list(_RDF))]
        # Terms have no RDF/XML of their own; who reads that mostly reads Turtle.
        ending = "ttl" if ending == "owl" and place != "ontology/index" else ending
        return self._see(request, f"{place}.{ending}")

    def _see(self, request: Request, place: str) -> Response:
        # Relative, so that it is right below any path and whatever the client calls the host.
        up = "../" * incoming.path(request).count("/")
        address = f"{self._base}/{quote(place)}" if self._base else f"{up}{quote(place)}"
        return replies.reply(b"", "text/plain", status=303, headers={"location": address})

    async def _page(self, path: str, typed: Mapping[str, str]) -> Response:
        done = await self.graph.page({"do": "page", "path": path, "typed": typed})
        if done.told["status"] == 404 and "problem" not in done.told:
            return replies.problem(404, "not-found", "nothing is called so here", "see /api/search")
        return _response(done)


def application(
    graph: Graph, *, base: str = "", log: Log, agents: ASGIApp | None = None
) -> ASGIApp:
    """Return the application.

    Args:
        graph: The graph that it serves.
        base: Address as clients see it; that of the request when empty.
        log: Told of each request.
        agents: What answers at /mcp.
    """
    app = _App(graph, base.rstrip("/"), log)
    get: list[tuple[str, Handler]] = [
        ("/.well-known/void", app.void),
        ("/health", app.health),
        ("/api/openapi.json", app.openapi),
        ("/api/questions", app.questions),
        ("/api/questions/{name}", app.question),
        ("/api/terms", app.terms),
        ("/api/terms/{name:path}", app.thing),
        ("/api/claims", app.claims),
        ("/api/claims/{name:path}", app.thing),
        ("/api/evidence", app.evidence),
        ("/api/evidence/{name:path}", app.thing),
        ("/api/search", app.search),
        ("/api/matrix", app.matrix),
        ("/api/route", app.route),
    ]
    # Any method comes here, so that each reply, a 405 too, has what all have.
    routes: list[BaseRoute] = [
        *(Route(path, _any(app.handler(inner))) for path, inner in get),
        Route("/{path:path}", _any(app.handler(app.anything))),
    ]
    queries = _any(app.handler(app.sparql, methods=("GET", "HEAD", "POST")))
    direct: dict[str, ASGIApp] = {"/sparql": queries, "/sparql/": queries}
    if agents is not None:
        direct["/mcp"] = Guest(agents, ("POST",), log)
    return _below(_before(Starlette(routes=routes), direct), urlsplit(base).path.rstrip("/"))


def _before(inner: ASGIApp, direct: Mapping[str, ASGIApp]) -> ASGIApp:
    """Return an application that gives some paths to others, without the way through routes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        await direct.get(path, inner)(scope, receive, send)

    return app


def _below(inner: ASGIApp, prefix: str) -> ASGIApp:
    """Return an application that also answers where a proxy leaves its prefix in place."""
    if not prefix:
        return inner

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{prefix}/"):
            scope = {**scope, "path": scope["path"].removeprefix(prefix)}
        await inner(scope, receive, send)

    return app


class _any:  # noqa: N801
    """An ASGI endpoint that takes any method: of a function Starlette would take GET alone."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._handle(Request(scope, receive))
        await response(scope, receive, send)


def _json(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    import json

    content = json.dumps(document, ensure_ascii=False).encode()
    return replies.reply(content, "application/json", headers=headers)


def _triples(triples: list[Any], wanted: str) -> Response:
    import pyoxigraph as ox

    from sarcoma_kg.ground import namespaces
    from sarcoma_kg.publishing.description import PREFIXES

    prefixes = {**namespaces.PREFIXES, **PREFIXES} if wanted == "text/turtle" else None
    content = ox.serialize(triples, format=media.GRAPHS[wanted], prefixes=prefixes) or b""
    return replies.reply(content, wanted)


def _response(done: Done) -> Response:
    told = done.told
    if "problem" in told:
        more = {k: v for k, v in told.items() if k in ("near", "retry")}
        return replies.problem(
            told["status"], told["problem"], told["detail"], told.get("hint", ""), **more
        )
    return replies.reply(done.content, told["media"], headers=told.get("headers"))
