"""The store at a SPARQL 1.1 endpoint: queries and updates through SPARQLWrapper.

Answers are read as they arrive and parsed by Oxigraph's parser of SPARQL JSON results. Whole
graphs go by the Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/) where
there is one. Whatever goes wrong on the way becomes a message that names the address, what it
said, and what to do; no wait is without end.
"""

import ast
import itertools
import netrc
import os
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

import pyoxigraph as ox

from sarcoma_kg import namespaces
from sarcoma_kg.errors import UserError
from sarcoma_kg.store import Row, Solutions, Term, as_term

__all__ = ["Credentials", "Refused", "RemoteStore"]

#: Longer queries go by POST: some servers and proxies cut addresses at two thousand characters.
_LONGEST_GET = 1500
_LONGEST_PAUSE = 30.0
_BOOLEAN = namespaces.PREFIXES["xsd"] + "boolean"
_AGAIN = {429, 502, 503, 504}
_RESULTS = ("application/sparql-results+json", "application/json")
_GRAPHS = ("application/n-triples", "text/turtle")
_HINTS = {
    400: "the endpoint does not take this query: is it a SPARQL 1.1 endpoint?",
    401: "give SARCOMA_KG_USER and SARCOMA_KG_PASSWORD, SARCOMA_KG_TOKEN, or a line in ~/.netrc",
    403: "the account may not do this here",
    404: "check the address: endpoints often end in /sparql or /query",
    405: "this address does not take such requests: is it the right one of the server's addresses?",
    413: "the request is too long for this server",
    414: "the address is too long for this server",
    429: "the server asks for fewer requests: wait, and run again",
    500: "look into the server's log",
    503: "the server is busy or starting: wait, and run again",
}


class Refused(UserError):  # noqa: N818
    """A server answered with an HTTP status that is no success."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status


class Credentials(NamedTuple):
    """User and password (basic, or digest where it is asked for), or a bearer token."""

    user: str = ""
    password: str = ""
    token: str = ""

    @classmethod
    def of(cls, endpoint: str) -> "Credentials":
        """Return those of the environment, else of ~/.netrc for the endpoint's host, else none."""
        if token := os.environ.get("SARCOMA_KG_TOKEN"):
            return cls(token=token)
        if user := os.environ.get("SARCOMA_KG_USER"):
            return cls(user, os.environ.get("SARCOMA_KG_PASSWORD", ""))
        try:
            found = netrc.netrc().authenticators(urlsplit(endpoint).hostname or "")
        except (OSError, netrc.NetrcParseError):
            found = None
        return cls(found[0], found[2]) if found else cls()


class _Bounded:
    """An answer that is being read, up to a deadline."""

    def __init__(self, inner: IO[bytes], deadline: float) -> None:
        self.inner, self.deadline = inner, deadline

    def read(self, size: int = -1) -> bytes:
        """Read on, or raise TimeoutError."""
        if time.monotonic() > self.deadline:
            raise TimeoutError
        return self.inner.read(size if size > 0 else 65_536)


class RemoteStore:
    """A SPARQL 1.1 endpoint.

    Args:
        endpoint: Its address, http or https; certificates are verified.
        graph: IRI of the graph to ask and to change; the endpoint's default graph when empty.
            Some servers, such as Virtuoso, otherwise ask the union of all that they hold.
        update: Where updates go; to the endpoint itself when empty.
        graph_store: Where whole graphs go by the Graph Store Protocol, if anywhere.
        credentials: How to log in; looked up by `Credentials.of` when None.
        timeout: Seconds for one answer in all.
        retries: How often to try again when the server is busy or the connection is lost.
        say: Told why a request is tried again.

    Raises:
        UserError: not an address.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        graph: str = "",
        update: str = "",
        graph_store: str = "",
        credentials: Credentials | None = None,
        timeout: float = 60,
        retries: int = 3,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        for address in (endpoint, *filter(None, (update, graph_store))):
            place = urlsplit(address)
            if place.scheme not in {"http", "https"} or not place.hostname:
                raise UserError(
                    f"'{address[:200]}' is no address of an endpoint",
                    "it begins with http:// or https://, such as http://localhost:8890/sparql",
                )
        if graph and not namespaces.is_iri(graph):
            raise UserError(f"'{graph[:200]}' is no IRI of a graph", "give an absolute IRI")
        self.endpoint, self.graph = endpoint, graph
        self.updates, self.graph_store = update or endpoint, graph_store
        self.credentials = Credentials.of(endpoint) if credentials is None else credentials
        self.timeout, self.retries, self.say = timeout, retries, say

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query."""
        variables, rows = self._rows(self._ask(query, _RESULTS)[0])
        return Solutions(variables, list(rows))

    def iterate(self, query: str) -> Iterator[Row]:
        """Answer a SELECT query row by row, in the order of its variables."""
        return self._rows(self._ask(query, _RESULTS)[0])[1]

    def construct(self, query: str) -> Iterable[ox.Triple]:
        """Answer a CONSTRUCT or DESCRIBE query."""
        return self._triples(self._ask(query, _GRAPHS)[0])

    def table(self, query: str, most: int) -> tuple[list[str], list[list[str]]]:
        """Answer a query of any form as header and rows, as `isolated.run` does.

        Args:
            query: SPARQL that `guard.check_read_only` let pass.
            most: Largest number of rows to return.

        Raises:
            UserError: a fault on the way, or more rows than `most`.
        """
        stream, media = self._ask(query, (*_RESULTS, *_GRAPHS))
        header: list[str]
        if media in _GRAPHS:
            header = ["subject", "predicate", "object"]
            found = (
                [str(t.subject), str(t.predicate), str(t.object)] for t in self._triples(stream)
            )
        else:
            header, rows = self._rows(stream)
            found = ([term.value if term else "" for term in row] for row in rows)
        kept = list(itertools.islice(found, most + 1))
        if len(kept) > most:
            raise UserError(
                f"the query has more than {most} rows", "add LIMIT, or raise --max-rows"
            )
        return header, kept

    def update(self, text: str) -> None:
        """Carry out a SPARQL 1.1 Update.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        from SPARQLWrapper import POST

        request = self._request(text, ("*/*",), self.updates)
        request.setMethod(POST)
        self._send(lambda: request.query().response, self.updates, request).close()

    def post(self, turtle: bytes) -> None:
        """Add triples to the graph by the Graph Store Protocol.

        Args:
            turtle: The triples as N-Triples or Turtle.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        self._graph_store("POST", turtle)

    def clear(self) -> None:
        """Remove all triples of the graph, by whichever of the two ways there is."""
        if not self.graph_store:
            self.update(f"CLEAR SILENT GRAPH <{self.graph}>" if self.graph else "CLEAR DEFAULT")
            return
        try:
            self._graph_store("DELETE", None)
        except Refused as error:
            if error.status != 404:  # there is no such graph
                raise

    def _graph_store(self, method: str, body: bytes | None) -> None:
        which = f"graph={urllib.parse.quote(self.graph, safe='')}" if self.graph else "default"
        request = urllib.request.Request(  # noqa: S310 - http and https only, see __init__
            f"{self.graph_store}{'&' if '?' in self.graph_store else '?'}{which}",
            data=body,
            method=method,
            headers={"Content-Type": "text/turtle", "User-Agent": "sarcoma-kg"},
        )
        user, password, token = self.credentials
        handlers: list[urllib.request.BaseHandler] = []
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        elif user:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            known.add_password(None, self.graph_store, user, password)
            handlers = [
                urllib.request.HTTPDigestAuthHandler(known),
                urllib.request.HTTPBasicAuthHandler(known),
            ]
        opener = urllib.request.build_opener(*handlers)
        self._send(lambda: opener.open(request, timeout=self.timeout), self.graph_store).close()

    def _triples(self, stream: "_Bounded") -> Iterator[ox.Triple]:
        try:
            # N-Triples is Turtle.
            for quad in ox.parse(stream, format=ox.RdfFormat.TURTLE):  # type: ignore[arg-type]
                yield quad.triple
        except (OSError, HTTPException, SyntaxError, ValueError) as error:
            raise self._broken(error) from error

    def _rows(self, stream: "_Bounded") -> tuple[list[str], Iterator[Row]]:
        try:
            parsed = ox.parse_query_results(stream, format=ox.QueryResultsFormat.JSON)  # type: ignore[arg-type]
        except (OSError, HTTPException, SyntaxError, ValueError) as error:
            raise self._broken(error) from error
        if isinstance(parsed, ox.QueryBoolean):
            return ["result"], iter([(Term("literal", str(bool(parsed)).lower()),)])

        def rows() -> Iterator[Row]:
            try:
                for solution in parsed:
                    yield tuple(_canonical(as_term(node)) for node in solution)
            except (OSError, HTTPException, SyntaxError, ValueError) as error:
                raise self._broken(error) from error

        return [variable.value for variable in parsed.variables], rows()

    def _broken(self, error: Exception) -> UserError:
        if isinstance(error, TimeoutError):
            return self._late()
        return UserError(
            f"{self.endpoint}: the answer broke off or is damaged: {error}",
            "run again; if it happens again, look into the server's log",
        )

    def _late(self) -> UserError:
        return UserError(
            f"{self.endpoint}: no whole answer within {self.timeout:g} s", "raise --timeout"
        )

    def _request(self, query: str, kinds: Iterable[str], address: str = "") -> Any:
        from SPARQLWrapper import BASIC, GET, POST, SPARQLWrapper

        request = SPARQLWrapper(address or self.endpoint)
        request.setQuery(query)
        # SPARQLWrapper guesses by words, those of comments among them.
        request.queryType = "INSERT" if address else "SELECT"
        request.setMethod(GET if len(query) <= _LONGEST_GET else POST)
        request.setOnlyConneg(True)
        request.addCustomHttpHeader("Accept", ", ".join(kinds))
        request.setTimeout(max(1, int(self.timeout)))
        if self.graph and not address:
            request.addDefaultGraph(self.graph)
        if self.credentials.token:
            request.addCustomHttpHeader("Authorization", f"Bearer {self.credentials.token}")
        elif self.credentials.user:
            request.setHTTPAuth(BASIC)
            request.setCredentials(self.credentials.user, self.credentials.password)
        return request

    def _ask(self, query: str, kinds: tuple[str, ...]) -> tuple[_Bounded, str]:
        """Return the open answer and its media type."""
        deadline = time.monotonic() + self.timeout
        request = self._request(query, kinds)
        response = self._send(lambda: request.query().response, self.endpoint, request)
        media = (response.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if media not in kinds:
            response.close()
            raise UserError(
                f"{self.endpoint}: answered with {media or 'no media type'}, not with results",
                "check the address: this may be a page for people beside the endpoint",
            )
        return _Bounded(response, deadline), media

    def _send(self, call: Callable[[], Any], address: str, request: Any = None) -> Any:
        """Return the open response, after as many attempts as it takes.

        Args:
            call: Sends the request.
            address: Where to, for messages.
            request: The request of SPARQLWrapper, which may have to log in another way.
        """
        deadline = time.monotonic() + self.timeout
        attempt = 0
        while True:
            try:
                return call()
            except Exception as error:
                if request is not None and self._digest(error, request):
                    request = None
                    continue
                pause = self._pause(error, attempt)
                if pause is None or attempt == self.retries or time.monotonic() + pause > deadline:
                    raise self._refused(error, address) from error
                self.say(f"{address}: {_reason(error)}; trying again in {pause:.1f} s")
                time.sleep(pause)
                attempt += 1

    def _digest(self, error: Exception, request: Any) -> bool:
        """Set a request to digest authentication where basic may be what was refused."""
        from SPARQLWrapper import DIGEST

        if _status(error) != 401 or not self.credentials.user:
            return False
        headers = getattr(error.__context__, "headers", None)
        scheme, _, fields = (headers.get("WWW-Authenticate", "") if headers else "").partition(" ")
        # Virtuoso refuses basic authentication without a word of what it wants.
        if scheme.lower() not in ("digest", ""):
            return False
        asked = urllib.request.parse_keqv_list(urllib.request.parse_http_list(fields))
        request.setHTTPAuth(DIGEST)
        request.setCredentials(
            self.credentials.user, self.credentials.password, asked.get("realm", "SPARQL")
        )
        return True

    def _pause(self, error: Exception, attempt: int) -> float | None:
        """Return how long to wait before another attempt; None when another would not help."""
        status = _status(error)
        if status is None:
            reason = getattr(error, "reason", error)
            lost = isinstance(reason, ConnectionError | HTTPException | socket.gaierror)
            return 0.5 * 2**attempt if lost else None
        if status not in _AGAIN:
            return None
        headers = getattr(error, "headers", None)
        asked = headers.get("Retry-After", "") if headers else ""
        return min(float(asked), _LONGEST_PAUSE) if asked.isdigit() else 0.5 * 2**attempt

    def _refused(self, error: Exception, address: str) -> UserError:
        status = _status(error)
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return self._late()
        hint = _HINTS.get(status or 0, "check the address, and that the server runs")
        if "CERTIFICATE_VERIFY_FAILED" in str(reason):
            hint = "the server's certificate is not valid: tell its keeper; nothing was sent"
        reason = f"{address}: {_reason(error)}"
        if "No permission" in reason:  # Virtuoso says so with status 500
            hint = _HINTS[403]
        return UserError(reason, hint) if status is None else Refused(status, reason, hint)


def _canonical(term: Term | None) -> Term | None:
    """Return a boolean as true or false: Virtuoso writes 1 and 0."""
    if term and term.datatype == _BOOLEAN and term.value in ("0", "1"):
        return term._replace(value="true" if term.value == "1" else "false")
    return term


def _status(error: Exception) -> int | None:
    """Return the HTTP status behind an exception of SPARQLWrapper or urllib."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code
    names = {
        "QueryBadFormed": 400, "Unauthorized": 401, "EndPointNotFound": 404, "URITooLong": 414,
        "EndPointInternalError": 500,
    }  # fmt: skip
    return names.get(type(error).__name__)


def _reason(error: Exception) -> str:
    """Return in a line what the server or the connection said."""
    status = _status(error)
    if status is None:
        return str(getattr(error, "reason", None) or error or type(error).__name__)[:300]
    said = ""
    if isinstance(error, urllib.error.HTTPError):
        said = error.read(300).decode("utf-8", "replace") if error.fp else ""
    elif "Response:" in str(error):
        said = str(error).partition("Response:")[2].strip()
        if said[:2] in ("b'", 'b"'):  # SPARQLWrapper prints the bytes
            said = ast.literal_eval(said).decode("utf-8", "replace")
    line = " ".join(said.split())[:200]
    return f"HTTP status {status}" + (f": {line}" if line else "")
