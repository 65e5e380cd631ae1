"""Sending a request by HTTP, within a deadline that bounds all of it.

Built from the parts of `urllib.request`, which by itself bounds only each wait, follows redirects
to ftp, loses the body of a redirected POST, and takes credentials along to wherever it is sent.
Bounded here are the look-up of the name, the connection, the handshake, what is sent, the status
line with all that may come before it, the headers, and each piece of the body.
"""

import io
import socket
import ssl
import string
import threading
import time
import urllib.request
from email.message import Message
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import quote, urldefrag, urljoin
from urllib.request import Request

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores import address
from sarcoma_kg.stores.credentials import Credentials

__all__ = ["Transport"]

_MOST_REDIRECTS = 5
_PIECE = 16_384  # one record of TLS: no single wait of sending is for more
_AUTHORIZATION = "Authorization"


def _left(deadline: float) -> float:
    """Return the seconds until the deadline, or raise TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return min(left, 86_400.0)


class _Timely(io.RawIOBase):
    """What a socket gives, up to a deadline."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self.sock, self.raw, self.deadline = sock, raw, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.sock.settimeout(_left(self.deadline))
        return self.raw.readinto(buffer)

    def close(self) -> None:
        self.raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *rest: Any, deadline: float, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        self.fp = io.BufferedReader(_Timely(sock, self.fp.detach(), deadline))


class _Plain(HTTPConnection):
    deadline: float

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(_left(self.deadline))  # before a handshake

    def send(self, data: Any) -> None:
        for start in range(0, len(data), _PIECE):
            if self.sock:
                self.sock.settimeout(_left(self.deadline))
            super().send(data[start : start + _PIECE])


class _Secure(HTTPSConnection, _Plain):
    pass


def _found(place: tuple[str, int], deadline: float) -> list[Any]:
    """Return the addresses of a host."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(*place, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    # The look-up has no time limit of its own.
    looking = threading.Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(_left(deadline))
    if not found:
        raise TimeoutError("timed out")
    if isinstance(found[0], Exception):
        raise found[0]
    return found


def _reach(
    deadline: float, known: dict[tuple[str, int], list[Any]], place: tuple[str, int], *_: Any
) -> socket.socket:
    """Connect to the first address of a host that answers, as `socket.create_connection` does."""
    # Looked up once, as long as somebody answers there.
    found = known.pop(place, None) or _found(place, deadline)
    last: OSError = OSError("the name of the host leads nowhere")
    for rest, (family, kind, protocol, _name, where) in enumerate(found, -len(found)):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(deadline) / -rest)  # something is left for the others
            sock.connect(where)
            known[place] = found
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last


class _Opening(urllib.request.AbstractHTTPHandler):
    """Opens connections that keep to a deadline."""

    def __init__(self, transport: "Transport", deadline: float) -> None:
        super().__init__()
        self.transport, self.deadline = transport, deadline

    def do_open(self, http_class: Any, req: Request, **more: Any) -> HTTPResponse:
        def made(host: str, **rest: Any) -> HTTPConnection:
            connection: Any = http_class(host, **rest)
            connection.deadline = self.deadline
            connection.response_class = partial(_Response, deadline=self.deadline)
            reach = partial(_reach, self.deadline, self.transport.known)
            connection._create_connection = reach
            return connection  # type: ignore[no-any-return]

        return super().do_open(made, req, **more)

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Plain, req)

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Secure, req, context=self.transport.tls)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_


class _Proxies(urllib.request.ProxyHandler):
    """The proxies of the environment; never for this machine, never with credentials to read."""

    def proxy_open(self, req: Request, proxy: str, type: str) -> Any:
        if address.is_loopback(req.host) or urllib.request.proxy_bypass(req.host):
            return None
        if req.type == "http" and req.has_header(_AUTHORIZATION):
            raise UserError(
                f"{address.shown(req.full_url)}: the proxy would read the credentials",
                "give an https address, or name the host in no_proxy",
            )
        try:
            return super().proxy_open(req, proxy, type)
        except ValueError:
            # Its words show the address of the proxy, which may hold a password.
            raise URLError(f"{type}_proxy holds no address of a proxy") from None


class _Redirects(urllib.request.BaseHandler):
    """Follows redirects to http and https; credentials stay where they were meant to go.

    The method and the body stay, too. Only 303 asks for another method; a write that is answered
    so may or may not have been done, and is refused.
    """

    followed = 0

    def __init__(self, writes: bool) -> None:
        self.writes = writes

    def http_error_302(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> Any:
        if (location := headers.get("Location")) is None:
            return None
        here = address.shown(req.full_url)
        self.followed += 1
        if self.followed > _MOST_REDIRECTS:
            raise UserError(f"{here}: more than {_MOST_REDIRECTS} redirects", "check the address")
        try:
            # As it arrived: header fields are read as Latin-1.
            location = quote(location, safe=string.punctuation, encoding="iso-8859-1")
            target = urldefrag(urljoin(req.full_url, location))[0]
            address.check(target)
        except (UserError, ValueError) as error:
            why = error.message if isinstance(error, UserError) else "that is no address"
            raise UserError(f"{here}: the server redirects: {why}", "tell its keeper") from None
        if code == 303 and self.writes:
            raise UserError(
                f"{here}: the server answers a change with a redirect to {address.shown(target)}",
                "check the address of updates or of the graph store, and what the store holds",
            )
        fp.close()
        # A proxy that another address needs is told of itself.
        dropped = {"Proxy-authorization"} | ({"Content-type"} if code == 303 else set())
        more = {name: value for name, value in req.headers.items() if name not in dropped}
        if code == 303:
            new = Request(target, headers=more)  # noqa: S310
        else:
            new = Request(target, req.data, more, method=req.get_method())  # noqa: S310
        kept = req.unredirected_hdrs.get(_AUTHORIZATION)
        if kept and address.origin(target) == address.origin(req.full_url):
            new.add_unredirected_header(_AUTHORIZATION, kept)
        return self.parent.open(new, timeout=req.timeout)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Digest(urllib.request.HTTPDigestAuthHandler):
    """Logs in by digest where basic authentication is refused, at one origin alone."""

    attempts = 0

    def __init__(self, home: tuple[str, str, int], credentials: Credentials) -> None:
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        super().__init__(known)
        self.known, self.home, self.credentials = known, home, credentials

    def http_error_401(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> Any:
        offers = [o for o in headers.get_all("WWW-Authenticate", []) if o.strip()]
        digests = [o.strip() for o in offers if o.strip()[:6].lower() == "digest"]
        self.attempts += 1
        if self.attempts > 3 or address.origin(req.full_url) != self.home:
            return None
        tried = req.unredirected_hdrs.get(_AUTHORIZATION, "").startswith("Digest")
        if tried and not any("stale=true" in o.lower().replace('"', "") for o in digests):
            return None  # the password is wrong
        if not offers and req.unredirected_hdrs.pop(_AUTHORIZATION, ""):
            # Virtuoso refuses basic authentication without a word of what it wants.
            fp.close()
            return self.parent.open(req, timeout=req.timeout)
        if not digests:
            return None
        values = (self._value(req, offer) for offer in digests)
        if (value := next(filter(None, values), None)) is None:
            raise UserError(
                f"{address.shown(req.full_url)}: the server asks to log in by a digest that cannot "
                f"be given: {digests[0][:100]}",
                "tell its keeper, or log in by a token",
            )
        fp.close()
        req.add_unredirected_header(_AUTHORIZATION, f"Digest {value}")
        return self.parent.open(req, timeout=req.timeout)

    def _value(self, req: Request, offer: str) -> str | None:
        try:
            parts = filter(None, urllib.request.parse_http_list(offer[6:].strip()))
            asked = urllib.request.parse_keqv_list(list(parts))
            user, password, _ = self.credentials
            self.known.add_password(asked["realm"], req.full_url, user, password)
            value: str | None = self.get_authorization(req, asked)
            if value:
                value.encode("iso-8859-1")
        except (ValueError, LookupError, URLError):
            return None
        return value


class Transport:
    """Sends the requests of a connection.

    Attributes:
        known: The addresses of hosts and ports that answered.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], list[Any]] = {}
        self._proxies = urllib.request.getproxies()

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """How certificates are verified; reading those that are trusted takes a while."""
        made = ssl.create_default_context()
        made.set_alpn_protocols(["http/1.1"])
        return made

    def open(
        self, request: Request, credentials: Credentials, deadline: float, *, writes: bool = False
    ) -> HTTPResponse:
        """Return the open response.

        Args:
            request: To an address that `address.check` let pass; without credentials.
            credentials: For the origin of that address, and for no other.
            deadline: By `time.monotonic()`; reading the response keeps to it, too.
            writes: Whether the request changes something.

        Raises:
            OSError, http.client.HTTPException: of `urllib.request`, HTTPError among them.
            UserError: a redirect, a proxy or a challenge that is refused.
        """
        credentials.check()
        handlers: list[urllib.request.BaseHandler] = [
            _Proxies(self._proxies), _Opening(self, deadline), _Redirects(writes),
            urllib.request.UnknownHandler(), urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ]  # fmt: skip
        if credentials.user:
            handlers.append(_Digest(address.origin(request.full_url), credentials))
        if credentials.header:
            request.add_unredirected_header(_AUTHORIZATION, credentials.header)
        opener = urllib.request.OpenerDirector()
        for handler in handlers:
            opener.add_handler(handler)
        response: HTTPResponse = opener.open(request, timeout=_left(deadline))
        return response
