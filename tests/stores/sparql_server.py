"""A SPARQL 1.1 server for the tests: Protocol and Graph Store Protocol over a pyoxigraph store.

https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-http-rdf-update/, as
far as the tests need them, on a free port of the loopback address.
"""

import http.server
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

_RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
}
_FORM = "application/x-www-form-urlencoded"
_Format = TypeVar("_Format")


class Served(NamedTuple):
    """The addresses of a server."""

    query: str
    update: str
    graph_store: str


class _Fault(Exception):  # noqa: N818
    """An answer that is no success."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.headers = status, headers


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection; hooks see it before each of its requests is answered."""

    protocol_version = "HTTP/1.1"
    # Head and body of an answer leave together: no wait for the acknowledgement of the head.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60

    store: ox.Store
    writing: threading.Lock
    before: Callable[..., bool]
    _body: bytes | None

    def body(self) -> bytes:
        """Return the body of the request; it is read once, and not before it is asked for."""
        if self._body is None:
            if "Transfer-Encoding" in self.headers:
                self.close_connection = True
                raise _Fault(411, "needs a Content-Length")
            self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return self._body

    def answer(
        self, status: int, body: bytes = b"", media: str = "text/plain", **headers: str
    ) -> None:
        """Send a whole answer; `Retry_After` among the headers becomes `Retry-After`."""
        self.send_response(status)
        if body:
            self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        self._body = None
        kept, self.close_connection = self.close_connection, True
        if self.before(self):
            return
        self.close_connection = kept
        place = urlsplit(self.path)
        routes = {"/sparql": self._query, "/update": self._update, "/store": self._graph_store}
        try:
            self.body()
            if place.path not in routes:
                raise _Fault(404, f"nothing at {place.path}; there are {', '.join(routes)}")
            routes[place.path](_fields(place.query))
        except _Fault as fault:
            self.answer(fault.status, f"{fault}\n".encode(), **fault.headers)
        except (ValueError, SyntaxError) as error:  # of the engine, and of text that is no UTF-8
            self.answer(400, f"{error}\n".encode())

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass

    def _media(self) -> str:
        return (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()

    def _command(self, name: str, fields: dict[str, list[str]]) -> str:
        """Return the query or update of the request; fields of a form join the address's."""
        if self.command == "POST" and self._media() == f"application/sparql-{name}":
            return self.body().decode()
        if self.command == "POST" and self._media() == _FORM:
            for field, values in _fields(self.body().decode()).items():
                fields.setdefault(field, []).extend(values)
        elif self.command == "POST":
            raise _Fault(415, f"neither {_FORM} nor application/sparql-{name}")
        elif self.command != "GET" or name == "update":
            raise _Fault(405, "no such method here", Allow="POST" if name == "update" else "GET")
        if len(fields.get(name, [])) != 1:
            raise _Fault(400, f"needs one field '{name}'")
        return fields[name][0]

    def _query(self, fields: dict[str, list[str]]) -> None:
        text = self._command("query", fields)
        default = [ox.NamedNode(iri) for iri in fields.get("default-graph-uri", [])]
        named = [ox.NamedNode(iri) for iri in fields.get("named-graph-uri", [])]
        if default or named:
            found = self.store.query(text, default_graph=list(default), named_graphs=list(named))
        else:
            found = self.store.query(text)
        if isinstance(found, ox.QueryTriples):
            media, graph_format = self._negotiated(_GRAPHS)
            self.answer(200, found.serialize(format=graph_format) or b"", media)
        else:
            media, results_format = self._negotiated(_RESULTS)
            self.answer(200, found.serialize(format=results_format) or b"", media)

    def _update(self, fields: dict[str, list[str]]) -> None:
        text = self._command("update", fields)
        if fields.keys() & {"using-graph-uri", "using-named-graph-uri"}:
            raise _Fault(400, "using-graph-uri and using-named-graph-uri are not served")
        with self.writing:
            self.store.update(text)
        self.answer(204)

    def _graph_store(self, fields: dict[str, list[str]]) -> None:
        if len(fields.get("graph", [])) + ("default" in fields) != 1:
            raise _Fault(400, "needs either ?default or one ?graph=IRI")
        name = ox.DefaultGraph() if "default" in fields else ox.NamedNode(fields["graph"][0])
        with self.writing:
            exists = isinstance(name, ox.DefaultGraph) or self.store.contains_named_graph(name)
            if self.command in ("PUT", "POST"):
                self._write(name)
                self.answer(204 if exists else 201)
                return
            if not exists:
                raise _Fault(404, "no such graph")
            if self.command == "DELETE":
                self.store.remove_graph(name)
                self.answer(204)
                return
        media, graph_format = self._negotiated(_GRAPHS)
        body = self.store.dump(format=graph_format, from_graph=name)
        self.answer(200, body or b"", media)

    def _write(self, name: ox.NamedNode | ox.DefaultGraph) -> None:
        if self._media() not in _GRAPHS:
            raise _Fault(415, f"none of {', '.join(_GRAPHS)}")
        read = ox.parse(self.body(), format=_GRAPHS[self._media()], rename_blank_nodes=True)
        quads = [ox.Quad(quad.subject, quad.predicate, quad.object, name) for quad in read]
        if self.command == "PUT":
            self.store.remove_graph(name)
        self.store.add_graph(name)
        self.store.extend(quads)

    def _negotiated(self, formats: dict[str, _Format]) -> tuple[str, _Format]:
        """Return the media type among these that the client likes best, and its format."""
        likes: dict[str, float] = {}
        for part in (self.headers.get("Accept") or "*/*").lower().split(","):
            wanted, *parameters = (piece.strip() for piece in part.split(";"))
            weights = [float(p[2:]) for p in parameters if p.startswith("q=")]
            likes[wanted] = weights[0] if weights else 1.0

        def liked(media: str) -> float:
            ranges = (media, f"{media.split('/')[0]}/*", "*/*")
            return next((likes[r] for r in ranges if r in likes), 0.0)

        best = max(formats, key=liked)  # the first of equals
        if not liked(best):
            raise _Fault(406, f"none but {', '.join(formats)}")
        return best, formats[best]


def _fields(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True, errors="strict")


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024  # clients that ask many things at once are not turned away

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that a client, or a hook, has cut."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serving(
    store: ox.Store, before: Callable[[Handler], bool] = lambda _: False
) -> Iterator[Served]:
    """Serve a store on a free port.

    Args:
        store: What is asked and changed.
        before: Called first for every request; True when it has answered by itself, be it with
            `Handler.answer` or by cutting the connection. That connection is closed after.
    """
    fixed = {"store": store, "writing": threading.Lock(), "before": staticmethod(before)}
    handler = type("_Handler", (Handler,), fixed)
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield Served(f"{base}/sparql", f"{base}/update", f"{base}/store")
        finally:
            server.shutdown()
            thread.join()
