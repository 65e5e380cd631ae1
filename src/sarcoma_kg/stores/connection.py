"""Speaking to a SPARQL 1.1 endpoint: requests, credentials, waiting, and what went wrong.

Requests go through SPARQLWrapper. Whatever goes wrong on the way becomes a message that names the
address, what it said, and what to do; no wait is without end.
"""

import ast
import netrc
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from http.client import HTTPException
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError

__all__ = ["Bounded", "Connection", "Credentials", "Refused", "check_address"]

#: Longer queries go by POST: some servers and proxies cut addresses at two thousand characters.
_LONGEST_GET = 1500
_LONGEST_PAUSE = 30.0
_AGAIN = {429, 502, 503, 504}
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


class Bounded:
    """An answer that is being read, up to a deadline."""

    def __init__(self, inner: IO[bytes], deadline: float) -> None:
        self.inner, self.deadline = inner, deadline

    def read(self, size: int = -1) -> bytes:
        """Read on, or raise TimeoutError."""
        if time.monotonic() > self.deadline:
            raise TimeoutError
        return self.inner.read(size if size > 0 else 65_536)


def check_address(address: str) -> None:
    """Refuse what is no address of an endpoint.

    Raises:
        UserError: it is none.
    """
    try:
        place = urlsplit(address)
        # Only asked for is the port looked at.
        right = place.scheme in {"http", "https"} and place.hostname and place.port != 0
    except ValueError:
        right = False
    if not right:
        raise UserError(
            f"'{address[:200]}' is no address of an endpoint",
            "it begins with http:// or https://, such as http://localhost:8890/sparql",
        )


class Connection:
    """A SPARQL 1.1 endpoint that requests are sent to.

    Args:
        endpoint: Its address, http or https; certificates are verified.
        graph: IRI of the graph to ask; the endpoint's default graph when empty. Some servers, such
            as Virtuoso, otherwise ask the union of all that they hold.
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
        credentials: Credentials | None = None,
        timeout: float = 60,
        retries: int = 3,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        check_address(endpoint)
        if graph and not namespaces.is_iri(graph):
            raise UserError(f"'{graph[:200]}' is no IRI of a graph", "give an absolute IRI")
        self.endpoint, self.graph = endpoint, graph
        self.credentials = Credentials.of(endpoint) if credentials is None else credentials
        self.timeout, self.retries, self.say = timeout, retries, say

    def ask(self, query: str, kinds: tuple[str, ...]) -> tuple[Bounded, str]:
        """Return the open answer and its media type."""
        deadline = time.monotonic() + self.timeout
        request = self.request(query, kinds)
        response = self.send(lambda: request.query().response, self.endpoint, request)
        media = (response.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if media not in kinds:
            response.close()
            raise UserError(
                f"{self.endpoint}: answered with {media or 'no media type'}, not with results",
                "check the address: this may be a page for people beside the endpoint",
            )
        return Bounded(response, deadline), media

    def send(self, call: Callable[[], Any], address: str, request: Any = None) -> Any:
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

    def broken(self, error: Exception) -> UserError:
        """Return what to say of an answer that broke off or cannot be read."""
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

    def request(self, query: str, kinds: Iterable[str], address: str = "") -> Any:
        """Return a request of SPARQLWrapper, not sent yet.

        Args:
            query: The text of a query, or of an update when there is an address.
            kinds: Media types that the answer may have.
            address: Where an update goes; a query goes to the endpoint.
        """
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
