"""Speaking to a SPARQL 1.1 endpoint: requests, credentials, waiting, and what went wrong.

Requests are those of https://www.w3.org/TR/sparql11-protocol/. Whatever goes wrong on the way
becomes a message that names the address, what it said, and what to do; no wait is without end.
"""

import socket
import time
import urllib.error
import zlib
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any, NoReturn
from urllib.parse import urlencode
from urllib.request import Request

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores import address as addresses
from sarcoma_kg.stores.answer import Answer
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.transport import Transport

__all__ = ["AGENT", "BROKEN", "Connection", "Refused"]

#: Who asks: some servers turn away clients that do not say it.
AGENT = "sarcoma-kg"
#: What reading an answer may raise; `Connection.fail` says it.
BROKEN = (OSError, HTTPException, SyntaxError, ValueError, MemoryError, zlib.error)
#: Longer queries go by POST: some servers and proxies cut addresses at two thousand characters.
_LONGEST_GET = 1500
_LONGEST_PAGE = 4096
_AGAIN = {429, 502, 503, 504}
_HIDDEN = "what it said holds the credentials, and is not shown"
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


class Connection:
    """A SPARQL 1.1 endpoint that requests are sent to.

    Args:
        endpoint: Its address, http or https; certificates are verified.
        graph: IRI of the graph to ask; the endpoint's default graph when empty. Some servers, such
            as Virtuoso, otherwise ask the union of all that they hold.
        credentials: How to log in; looked up by `Credentials.of` when None.
        timeout: Seconds for one answer in all: its attempts, redirects, and last byte.
        retries: How often to try again when the server is busy or the connection is lost.
        say: Told why a request is tried again, and what an answer leaves open.

    Raises:
        UserError: not an address, or credentials that cannot be sent.
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
        addresses.check(endpoint)
        if graph and not namespaces.is_iri(graph):
            raise UserError(f"'{graph[:200]}' is no IRI of a graph", "give an absolute IRI")
        self.endpoint, self.graph = endpoint, graph
        self.place = addresses.shown(endpoint)
        self.timeout, self.retries, self.say = timeout, retries, say
        self._given, self._transport = credentials, Transport()
        self._looked_up: dict[tuple[str, str, int], Credentials] = {}
        self.credentials(endpoint).check()

    def credentials(self, address: str) -> Credentials:
        """Return how to log in at an address; what ~/.netrc says of one host goes to no other."""
        if self._given is not None:
            return self._given
        origin = addresses.origin(address)
        if origin not in self._looked_up:
            self._looked_up[origin] = Credentials.of(address, self.say)
        return self._looked_up[origin]

    def ask(self, query: str, kinds: tuple[str, ...]) -> tuple[Answer, str]:
        """Return the open answer and its media type.

        Raises:
            UserError: there is none, it is no answer, or the server says that it is cut.
        """
        deadline = time.monotonic() + self.timeout
        response = self.send(lambda: self.request(query, kinds), deadline=deadline)
        media = (response.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if media not in kinds:
            response.close()
            raise UserError(
                f"{self.place}: answered with {self._harmless(media[:100]) or 'no media type'}, "
                "not with results",
                "check the address: this may be a page for people beside the endpoint",
            )
        headers = response.headers
        why = ""
        if (state := headers.get("X-SQL-State", "00000").strip()) != "00000":
            # https://docs.openlinksw.com/virtuoso/anytimequeries/
            said = " ".join((headers.get("X-SQL-Message") or "").split())[:200]
            why = f"X-SQL-State {state[:20]}" + (f": {said}" if said else "")
        elif "X-SPARQL-Anytime" in headers:
            why = f"X-SPARQL-Anytime: {headers['X-SPARQL-Anytime'][:100]}"
        elif response.status != 200:
            why = f"HTTP status {response.status}"
        elif "Content-Range" in headers:
            why = f"Content-Range: {headers['Content-Range'][:100]}"
        if why:
            response.close()
            raise self.cut(self._harmless(why))
        return Answer(response, deadline, self.place), media

    def send(
        self, made: Callable[[], Request], *, writes: bool = False, deadline: float = 0
    ) -> HTTPResponse:
        """Return the open response, after as many attempts as it takes.

        Args:
            made: Returns the request, once for each attempt.
            writes: Whether it changes something.
            deadline: By `time.monotonic()`; from now on when 0.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        deadline = deadline or time.monotonic() + self.timeout
        attempt = 0
        while True:
            request = made()
            address = request.full_url
            # Looked up by the address that the user gave, never by one that a server gave.
            login = self.credentials(address)
            try:
                return self._transport.open(request, login, deadline, writes=writes)
            except UserError as error:
                if login.show_in(str(error)):
                    raise UserError(f"{addresses.shown(address)}: {_HIDDEN}") from None
                raise
            except Exception as error:
                said = _reason(error)
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                if login.show_in(said):
                    status = getattr(error, "code", "")
                    said = f"HTTP status {status}: {_HIDDEN}" if status else _HIDDEN
                pause = self._pause(error, attempt)
                late = pause is not None and time.monotonic() + pause > deadline
                if pause is None or late or attempt == self.retries:
                    refused = self._refused(error, addresses.shown(address), said, pause)
                    # A traceback shows the cause with all its words.
                    cause = None if login.show_in(str(error)) else error
                    raise refused from cause
                self.say(f"{addresses.shown(address)}: {said}; trying again in {pause:.1f} s")
                time.sleep(pause)
                attempt += 1

    def _pause(self, error: Exception, attempt: int) -> float | None:
        """Return how long to wait before another attempt; None when another would not help."""
        if not isinstance(error, urllib.error.HTTPError):
            reason = getattr(error, "reason", error)
            lost = isinstance(reason, ConnectionError | HTTPException | socket.gaierror)
            return 0.5 * 2.0**attempt if lost else None
        if error.code not in _AGAIN:
            return None
        asked = (error.headers.get("Retry-After") or "").strip()
        if asked.isascii() and asked.isdecimal():
            return float(asked[:300])
        try:
            until: float = parsedate_to_datetime(asked).timestamp()
            return max(0.0, until - time.time())
        except (ValueError, TypeError, OverflowError, IndexError):
            return 0.5 * 2.0**attempt

    def _refused(self, error: Exception, place: str, said: str, pause: float | None) -> UserError:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return self._late()
        status = error.code if isinstance(error, urllib.error.HTTPError) else 0
        hint = _HINTS.get(status, "check the address, and that the server runs")
        if "CERTIFICATE_VERIFY_FAILED" in str(reason):
            hint = "the server's certificate is not valid: tell its keeper; nothing was sent"
        if "No permission" in said:  # Virtuoso says so with status 500
            hint = _HINTS[403]
        if pause is not None and pause > self.timeout:
            wait = f"{pause:,.0f} s" if pause < 86_400 else "more than a day"
            hint = f"the server asks to wait {wait}: run again then"
        last = addresses.shown(getattr(error, "url", None) or "")
        if last and addresses.origin(last) != addresses.origin(place):
            said = f"the server sent on to {last}: {said}"
            if status in {401, 403}:
                hint = "credentials are not taken along to there: give that address itself"
        message = f"{place}: {said}"
        return Refused(status, message, hint) if status else UserError(message, hint)

    def fail(self, error: Exception) -> NoReturn:
        """Say that an answer broke off or cannot be read.

        Raises:
            UserError: always.
        """
        if isinstance(error, TimeoutError):
            raise self._late() from error
        said = self._harmless(str(error))
        cause = None if said == _HIDDEN else error
        raise UserError(
            f"{self.place}: the answer broke off or is damaged: {said[:300]}",
            "run again; if it happens again, look into the server's log",
        ) from cause

    def cut(self, why: str) -> UserError:
        """Return what to say of an answer that the server did not give whole."""
        return UserError(
            f"{self.place}: the answer is cut: {why}",
            "ask for less, in parts (LIMIT below what the server gives, OFFSET), or raise the "
            "server's limits",
        )

    def _harmless(self, words: str) -> str:
        return _HIDDEN if self.credentials(self.endpoint).show_in(words) else words

    def _late(self) -> UserError:
        return UserError(
            f"{self.place}: no whole answer within {self.timeout:g} s", "raise --timeout"
        )

    def request(self, query: str, kinds: Iterable[str], address: str = "") -> Request:
        """Return a request, without credentials.

        Args:
            query: The text of a query, or of an update when there is an address.
            kinds: Media types that the answer may have.
            address: Where an update goes; a query goes to the endpoint.
        """
        fields = [("update" if address else "query", query)]
        if self.graph and not address:
            fields.append(("default-graph-uri", self.graph))
        place, sent = address or self.endpoint, urlencode(fields)
        headers = {"Accept": ", ".join(kinds), "User-Agent": AGENT}
        if address or len(query) > _LONGEST_GET:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return Request(place, sent.encode(), headers, method="POST")  # noqa: S310 - checked
        return Request(f"{place}{'&' if '?' in place else '?'}{sent}", headers=headers)  # noqa: S310


def _reason(error: Exception) -> str:
    """Return in a line what the server or the connection said."""
    if not isinstance(error, urllib.error.HTTPError):
        said = str(getattr(error, "reason", None) or error) or type(error).__name__
        return " ".join(said.split())[:300]
    line = " ".join(_page(error).split())[:200]
    return f"HTTP status {error.code}" + (f": {line}" if line else "")


def _page(error: urllib.error.HTTPError) -> str:
    """Return the beginning of the page of an error; what cannot be read is left out."""
    sent: Any = error.fp
    said = b""
    try:
        while len(said) < _LONGEST_PAGE and (piece := sent.read1(_LONGEST_PAGE)):
            said += piece
        if "gzip" in error.headers.get("Content-Encoding", ""):
            said = zlib.decompressobj(31).decompress(said, _LONGEST_PAGE)
    except (OSError, HTTPException, ValueError, AttributeError, zlib.error):
        pass  # the status has arrived, and says the most
    return said.decode("utf-8", "replace")
