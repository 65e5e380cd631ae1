"""A hostile server on loopback: the path of a request names the manner of the answer.

Each manner is a function that yields bytes; it may wait between them, or never end. What came is
written down: for each request its path and its Authorization.
"""

import base64
import gzip
import socket
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["MANNERS", "Hostile", "Seen", "serving"]

Manner = Iterator[bytes]
MANNERS: dict[str, Callable[[], Manner]] = {}
MIB = 1024**2
_WAIT = 0.2
JSON = b"Content-Type: application/sparql-results+json\r\n"
TURTLE = b"Content-Type: text/turtle\r\n"
HEAD = b'{"head":{"vars":["x"]},"results":{"bindings":['
ROW = b'{"x":{"type":"uri","value":"http://example.org/a"}}'
OPEN = b"HTTP/1.1 200 OK\r\n" + JSON + b"Connection: close\r\n"


class Seen(NamedTuple):
    """A request that came."""

    method: str
    path: str
    authorization: str | None
    proxy: str | None


class Hostile(NamedTuple):
    """A running server: its address without an end, and what came."""

    address: str
    seen: list[Seen]


def manner(made: Callable[[], Manner]) -> Callable[[], Manner]:
    """Name a manner as its function."""
    MANNERS[made.__name__] = made
    return made


def slowly(words: bytes) -> Manner:
    for at in range(len(words)):
        time.sleep(_WAIT)
        yield words[at : at + 1]


def forever(piece: bytes, wait: float = 0) -> Manner:
    while True:
        time.sleep(wait)
        yield piece


# --- before the body -----------------------------------------------------------------------------


@manner
def silent() -> Manner:
    time.sleep(20)
    yield b""


@manner
def slow_status() -> Manner:
    yield from slowly(b"HTTP/1.1 200 " + b"O" * 100 + b"\r\n")


@manner
def endless_status() -> Manner:
    yield b"HTTP/1.1 200 "
    yield from forever(b"O" * 65_536)


@manner
def slow_headers() -> Manner:
    yield OPEN
    for number in range(90):
        time.sleep(_WAIT)
        yield b"X-%d: y\r\n" % number


@manner
def endless_headers() -> Manner:
    yield OPEN
    yield from forever(b"X-Y: z\r\n" * 1000)


@manner
def endless_continue() -> Manner:
    yield from forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@manner
def slow_continue() -> Manner:
    yield from forever(b"HTTP/1.1 100 Continue\r\n\r\n", _WAIT)


@manner
def no_http() -> Manner:
    yield b"SSH-2.0-OpenSSH_9.2\r\n"


@manner
def nothing() -> Manner:
    yield b""


# --- bodies --------------------------------------------------------------------------------------


@manner
def dripping() -> Manner:
    yield OPEN + b"\r\n" + HEAD
    yield from forever(b" ", _WAIT)


@manner
def dripping_rows() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW
    yield from forever(b"," + ROW, _WAIT)


@manner
def dripping_after_the_end() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW + b"]}}"
    yield from forever(b" ", _WAIT)


@manner
def dripping_chunks() -> Manner:
    yield OPEN + b"Transfer-Encoding: chunked\r\n\r\n"
    yield b"%x\r\n%b\r\n" % (len(HEAD), HEAD)
    yield from forever(b"1\r\n \r\n", _WAIT)


@manner
def endless_trailer() -> Manner:
    body = HEAD + ROW + b"]}}"
    yield OPEN + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
    yield from forever(b"X-Y: z\r\n", _WAIT)


@manner
def endless_space() -> Manner:
    yield OPEN + b"\r\n" + HEAD
    yield from forever(b" " * 65_536)


@manner
def endless_rows() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW
    yield from forever((b"," + ROW) * 1000)


@manner
def endless_datatypes() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW
    number = 0
    while True:
        number += 1
        kind = b"http://example.org/" + b"%d" % number * 1000
        yield b',{"x":{"type":"literal","value":"","datatype":"%b"}}' % kind


@manner
def endless_variables() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW
    number = 0
    while True:
        number += 1
        yield b',{"y%d":{"type":"literal","value":""}}' % number


@manner
def endless_triples() -> Manner:
    yield b"HTTP/1.1 200 OK\r\n" + TURTLE + b"\r\n"
    yield from forever(b"<http://example.org/a> <http://example.org/p> 1 .\n" * 1000)


@manner
def bad_chunk() -> Manner:
    yield OPEN + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n" + HEAD


@manner
def negative_chunk() -> Manner:
    yield OPEN + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + HEAD


@manner
def long_chunk() -> Manner:
    yield OPEN + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 60_000 + b"\r\n" + HEAD


@manner
def shorter_than_said() -> Manner:
    yield OPEN + b"Content-Length: 5000\r\n\r\n" + HEAD + ROW + b"]}}"


@manner
def length_of_fifty_digits() -> Manner:
    yield OPEN + b"Content-Length: " + b"9" * 50 + b"\r\n\r\n" + HEAD + ROW + b"]}}"


@manner
def large_cell() -> Manner:
    yield OPEN + b"\r\n" + HEAD + b'{"x":{"type":"literal","value":"'
    for _ in range(40):
        yield "😀".encode() * MIB
    yield b'"}}]}}'


@manner
def large_row() -> Manner:
    yield OPEN + b"\r\n" + HEAD + b"{"
    yield b",".join(b'"y%d":{"type":"literal","value":"b"}' % at for at in range(300_000))
    yield b"}]}}"


@manner
def many_parts() -> Manner:
    yield OPEN + b'\r\n{"meta":[' + b"[]," * (5 * MIB) + b"[]]," + HEAD[1:] + b"]}}"


@manner
def deep() -> Manner:
    yield OPEN + b'\r\n{"meta":' + b"[" * MIB


@manner
def deep_row() -> Manner:
    yield OPEN + b"\r\n" + HEAD + ROW + b',{"x":' + b'{"a":' * 200_000


@manner
def rows_first() -> Manner:
    yield OPEN + b'\r\n{"results":{"bindings":['
    for _ in range(60):
        yield b'{"x":[' + b"[]," * 160_000 + b"[]]},"
    yield ROW + b"]}}"


@manner
def many_rows() -> Manner:
    yield OPEN + b"\r\n" + HEAD + (b'{"x":{"type":"literal","value":"ab"}},' * 1000) * 1200
    yield ROW + b"]}}"


@manner
def many_variables() -> Manner:
    names = b",".join(b'"x%d"' % at for at in range(2000))
    yield OPEN + b'\r\n{"head":{"vars":[' + names + b']},"results":{"bindings":['
    yield from forever(b"{}," * 1000)


@manner
def large_text_of_a_triple() -> Manner:
    yield b"HTTP/1.1 200 OK\r\n" + TURTLE + b'\r\n<http://a/a> <http://a/p> "'
    for _ in range(40):
        yield b"a" * MIB
    yield b'" .'


# --- packed --------------------------------------------------------------------------------------


def _bomb(piece: bytes, times: int, before: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    made = packer.compress(HEAD + before)
    return made + b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()


@manner
def bomb_of_spaces() -> Manner:
    yield OPEN + b"Content-Encoding: gzip\r\n\r\n" + _bomb(b" " * MIB, 64)
    yield from forever(gzip.compress(b" " * 64 * MIB, 1))


@manner
def bomb_of_a_cell() -> Manner:
    start = b'{"x":{"type":"literal","value":"'
    yield OPEN + b"Content-Encoding: gzip\r\n\r\n" + _bomb(b"a" * MIB, 64, start)


@manner
def endless_empty_packets() -> Manner:
    yield OPEN + b"Content-Encoding: gzip\r\n\r\n"
    yield from forever(gzip.compress(b"") * 1000)


@manner
def packet_cut() -> Manner:
    yield OPEN + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(HEAD + ROW + b"]}}")[:-12]


@manner
def no_packet() -> Manner:
    yield OPEN + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b" + HEAD


@manner
def brotli() -> Manner:
    yield OPEN + b"Content-Encoding: br\r\n\r\n" + HEAD


# --- refusals ------------------------------------------------------------------------------------


@manner
def slow_error() -> Manner:
    yield b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n"
    yield from slowly(b"no " * 100)


@manner
def endless_error() -> Manner:
    yield b"HTTP/1.1 400 No\r\nContent-Type: text/plain\r\nContent-Length: 1073741824\r\n\r\n"
    yield from forever(b"no " * 30_000)


@manner
def packed_error() -> Manner:
    yield b"HTTP/1.1 400 No\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"no " * 20 * MIB, 1)


@manner
def always_busy() -> Manner:
    yield b"HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"


@manner
def wait_of_fifty_digits() -> Manner:
    yield b"HTTP/1.1 503 No\r\nRetry-After: " + b"9" * 50 + b"\r\nContent-Length: 0\r\n\r\n"


@manner
def wait_until_2999() -> Manner:
    yield b"HTTP/1.1 503 No\r\nRetry-After: Tue, 01 Jan 2999 00:00:00 GMT\r\n\r\n"


@manner
def wait_until_no_date() -> Manner:
    yield b"HTTP/1.1 429 No\r\nRetry-After: Tue, 99 Foo 99999999999 00:00:00 GMT\r\n\r\n"


@manner
def wait_in_odd_digits() -> Manner:
    yield b"HTTP/1.1 503 No\r\nRetry-After: \xb2\r\n\r\n"


def _digest(words: bytes) -> Callable[[], Manner]:
    def made() -> Manner:
        yield b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest " + words
        yield b"\r\nContent-Length: 0\r\n\r\n"

    return made


for _name, _words in {
    "without_a_realm": b'nonce="a"',
    "without_anything": b"",
    "of_another_kind": b'realm="a", nonce="b", algorithm=FOO-512',
    "with_another_protection": b'realm="a", nonce="b", qop="auth-int"',
    "unclosed": b'realm="a, nonce="b',
    "without_equals": b"realm, nonce, qop",
    "in_odd_letters": 'realm="é😀", nonce="ü"'.encode(),
    "of_sixty_thousand_letters": b'realm="' + b"a" * 60_000 + b'", nonce="b"',
}.items():
    MANNERS[f"digest_{_name}"] = _digest(_words)


@manner
def around() -> Manner:
    yield b"HTTP/1.1 302 There\r\nLocation: /around\r\nContent-Length: 0\r\n\r\n"


def _elsewhere(where: bytes) -> Callable[[], Manner]:
    def made() -> Manner:
        yield b"HTTP/1.1 307 There\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n"

    return made


for _name, _words in {
    "a_file": b"file:///etc/passwd",
    "ftp": b"ftp://127.0.0.1/a",
    "a_password": b"http://ann:hidden@127.0.0.1/a",
    "an_open_bracket": b"http://[::1/",
    "sixty_thousand_letters": b"gopher://" + b"a" * 60_000,
    "odd_letters": b"http://\xff\xfe/\x1b[31m",
    "a_port_too_high": b"http://127.0.0.1:99999/",
}.items():
    MANNERS[f"to_{_name}"] = _elsewhere(_words)


@manner
def partial() -> Manner:
    body = HEAD + ROW + b"]}}"
    yield b"HTTP/1.1 206 Some\r\n" + JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body


# --- the server ----------------------------------------------------------------------------------


class _Handler(socketserver.StreamRequestHandler):
    seen: list[Seen]

    def handle(self) -> None:
        line = self.rfile.readline(MIB).decode("latin-1").split()
        fields = {}
        while (field := self.rfile.readline(MIB)).strip():
            name, _, value = field.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        if len(line) < 2:
            return
        shown = (fields.get(name) for name in ("authorization", "proxy-authorization"))
        self.seen.append(Seen(line[0], line[1], *shown))
        place = urlsplit(line[1])
        kind = place.path.strip("/")
        if kind == "deaf":
            time.sleep(20)
            return
        if kind == "sipping":  # each piece in time, all of it never
            while self.rfile.read(MIB // 4):
                time.sleep(_WAIT)
        self.rfile.read(int(fields.get("content-length") or 0))
        if kind == "redirect":  # /redirect?code=307&to=ADDRESS
            asked = parse_qs(place.query)
            where = asked["to"][0].encode()
            said = b"HTTP/1.1 %b There\r\nLocation: " % asked["code"][0].encode() + where
            self.wfile.write(said + b"\r\nContent-Length: 0\r\n\r\n")
        elif kind == "echo":  # says what it was given, in an error
            given = fields.get("authorization", "").partition(" ")[2]
            plain = base64.b64decode(given + "==").decode("latin-1") if given else ""
            self.wfile.write(b"HTTP/1.1 400 No\r\n\r\nyou said " + f"{given} {plain}".encode())
        elif made := MANNERS.get(unquote(kind)):
            for piece in made():
                self.wfile.write(piece)
        else:
            body = HEAD + ROW + b"]}}"
            self.wfile.write(OPEN + b"Content-Length: %d\r\n\r\n" % len(body) + body)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients go when they have had enough."""


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Hostile]:
    """Serve all manners, and a good answer at any other path, on a free port."""
    seen: list[Seen] = []
    with _Server((host, 0), type("_Seeing", (_Handler,), {"seen": seen})) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Hostile(f"http://{host}:{server.server_address[1]}", seen)
        finally:
            server.shutdown()


@contextmanager
def mute() -> Iterator[str]:
    """A port that takes connections and nothing else."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
