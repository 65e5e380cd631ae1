"""The remote store against a server on loopback that answers, or fails in every known way."""

import http.server
import json
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.remote import RemoteStore

Handler = http.server.BaseHTTPRequestHandler
QUERY = "SELECT ?x WHERE { ?x ?p ?o }"
NOBODY = Credentials()
ANSWER = json.dumps(
    {
        "head": {"vars": ["x", "y"]},
        "results": {
            "bindings": [
                {"x": {"type": "uri", "value": "http://example.org/a"}},
                {
                    "x": {"type": "literal", "value": "chat", "xml:lang": "fr"},
                    "y": {
                        "type": "literal",
                        "value": "1",
                        "datatype": "http://www.w3.org/2001/XMLSchema#integer",
                    },
                },
            ]
        },
    }
).encode()


@contextmanager
def serving(answer: Callable[[Handler], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve one way of answering on a free port and yield the address."""

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://localhost:{server.server_address[1]}/sparql"
    finally:
        server.shutdown()
        server.server_close()


def reply(handler: Handler, status: int = 200, body: bytes = ANSWER, **headers: str) -> None:
    handler.send_response(status)
    sent = {"Content_Type": "application/sparql-results+json", **headers}
    for name, value in sent.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_terms_come_back_with_language_and_datatype() -> None:
    with serving(reply) as address:
        answer = RemoteStore(address, credentials=NOBODY).select(QUERY)
    assert answer.variables == ["x", "y"]
    (a, none), (chat, one) = answer.rows
    assert a == ("iri", "http://example.org/a", "", "")
    assert none is None
    assert chat == ("literal", "chat", "", "fr")
    assert one is not None
    assert one.datatype.endswith("#integer")


def test_a_short_query_goes_by_get_and_a_long_one_by_post() -> None:
    seen: list[tuple[str, str]] = []

    def look(handler: Handler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(length).decode() if length else urlsplit(handler.path).query
        seen.append((handler.command, parse_qs(text)["query"][0]))
        assert parse_qs(urlsplit(handler.path).query + "&" + text)["default-graph-uri"]
        reply(handler)

    long = QUERY + " # é " + "x" * 3000
    with serving(look) as address:
        store = RemoteStore(address, graph="http://example.org/g", credentials=NOBODY)
        assert len(list(store.iterate(QUERY))) == len(store.select(long).rows) == 2
    assert seen == [("GET", QUERY), ("POST", long)]


@pytest.mark.parametrize(
    ("credentials", "wanted"),
    [
        (Credentials("ann", "s:ecret"), "Basic YW5uOnM6ZWNyZXQ="),
        (Credentials(token="abc"), "Bearer abc"),
        (NOBODY, None),
    ],
)
def test_credentials_are_sent(credentials: Credentials, wanted: str | None) -> None:
    seen: list[str | None] = []

    def look(handler: Handler) -> None:
        seen.append(handler.headers.get("Authorization"))
        reply(handler)

    with serving(look) as address:
        RemoteStore(address, credentials=credentials).select(QUERY)
    assert seen == [wanted]


def test_credentials_come_from_environment_or_netrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SARCOMA_KG_TOKEN", "SARCOMA_KG_USER", "SARCOMA_KG_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine kg.example login ann password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert Credentials.of("https://kg.example/sparql") == Credentials("ann", "secret")
    assert Credentials.of("https://other.example/sparql") == NOBODY
    monkeypatch.setenv("SARCOMA_KG_USER", "bob")
    assert Credentials.of("https://kg.example/sparql") == Credentials("bob")
    monkeypatch.setenv("SARCOMA_KG_TOKEN", "abc")
    assert Credentials.of("https://kg.example/sparql") == Credentials(token="abc")


def broken_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/sparql-results+json")
    handler.send_header("Content-Length", str(len(ANSWER)))
    handler.end_headers()
    handler.wfile.write(ANSWER[: len(ANSWER) // 2])


def reset(handler: Handler) -> None:
    broken_off(handler)
    handler.wfile.flush()
    option = struct.pack("ii", 1, 0)  # close with RST
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
    handler.connection.close()


def status(code: int, body: bytes = b"why not") -> Callable[[Handler], None]:
    return lambda handler: reply(handler, code, body, Content_Type="text/plain")


FAULTS = {
    "bad request": (status(400), r"HTTP status 400: why not"),
    "unauthorised": (status(401), r"HTTP status 401(.|\n)*SARCOMA_KG_USER"),
    "forbidden": (status(403), r"HTTP status 403: why not(.|\n)*may not do this"),
    "not found": (status(404), r"HTTP status 404(.|\n)*check the address"),
    "too large": (status(413), r"HTTP status 413(.|\n)*too long"),
    "internal": (status(500), r"HTTP status 500: why not(.|\n)*log"),
    "html": (
        lambda h: reply(h, body=b"<html>", Content_Type="text/html"),
        "answered with text/html",
    ),
    "truncated": (lambda h: reply(h, body=ANSWER[:-30]), "broke off or is damaged"),
    "no json": (lambda h: reply(h, body=b"nonsense"), "broke off or is damaged"),
    "wrong type": (lambda h: reply(h, Content_Type="text/csv"), "answered with text/csv"),
    "broken off": (broken_off, "broke off or is damaged"),
    "reset": (reset, "broke off or is damaged"),
}


@pytest.mark.parametrize(("answer", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_explained(answer: Callable[[Handler], None], said: str) -> None:
    with serving(answer) as address, pytest.raises(UserError) as caught:
        RemoteStore(address, credentials=NOBODY, retries=0).select(QUERY)
    assert str(caught.value).startswith(address)
    import re

    assert re.search(said, str(caught.value)), str(caught.value)


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_asked_again_and_the_reason_shown(code: int) -> None:
    said: list[str] = []
    turns = iter([code, code, 200])

    def busy(handler: Handler) -> None:
        turn = next(turns)
        if turn == 200:
            reply(handler)
        else:
            reply(handler, turn, b"", Retry_After="0")

    with serving(busy) as address:
        store = RemoteStore(address, credentials=NOBODY, say=said.append)
        assert len(store.select(QUERY).rows) == 2
    assert len(said) == 2
    assert f"HTTP status {code}; trying again" in said[0]


def test_the_patience_with_a_busy_server_ends() -> None:
    with serving(status(503)) as address, pytest.raises(UserError, match="HTTP status 503"):
        RemoteStore(address, credentials=NOBODY, retries=1).select(QUERY)
    began = time.monotonic()
    late = lambda handler: reply(handler, 429, b"", Retry_After="3600")  # noqa: E731
    with serving(late) as address, pytest.raises(UserError, match="HTTP status 429"):
        RemoteStore(address, credentials=NOBODY, timeout=2).select(QUERY)
    assert time.monotonic() - began < 5


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UserError, match=r"(?s)refused.*that the server runs"):
        RemoteStore(f"http://127.0.0.1:{port}/", credentials=NOBODY, retries=1).select(QUERY)


def test_a_server_that_never_answers_or_never_ends() -> None:
    ended = threading.Event()

    def silent(handler: Handler) -> None:
        ended.wait(10)

    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/sparql-results+json")
        handler.end_headers()
        handler.wfile.write(b'{"head":{"vars":["x"]},"results":{"bindings":[')
        while not ended.wait(0.1):
            handler.wfile.write(b" " * 70_000)

    for answer in (silent, endless):
        began = time.monotonic()
        with (
            serving(answer) as address,
            pytest.raises(UserError, match="no whole answer within 1 s"),
        ):
            RemoteStore(address, credentials=NOBODY, timeout=1, retries=0).select(QUERY)
        assert time.monotonic() - began < 5
    ended.set()


def test_an_invalid_certificate_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
         "-out", str(certificate), "-days", "1", "-subj", "/CN=localhost"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with (
        serving(reply, context) as address,
        pytest.raises(UserError, match=r"(?s)CERTIFICATE_VERIFY_FAILED.*nothing was sent"),
    ):
        RemoteStore(address, credentials=NOBODY).select(QUERY)


_AUTHORITY = """[ca]
default_ca = x
[x]
database = {0}/index.txt
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
subjectAltName = DNS:localhost
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = d
[d]
"""


def test_an_expired_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its issuer is trusted and its name is right: the date alone is wrong."""
    key, request, certificate = (tmp_path / name for name in ("key", "request", "certificate"))
    settings = tmp_path / "settings"
    settings.write_text(_AUTHORITY.format(tmp_path))
    (tmp_path / "index.txt").touch()
    (tmp_path / "serial").write_text("01")
    config = ["-config", str(settings)]
    try:
        for command in (
            ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
             "-out", str(request), "-subj", "/CN=localhost", *config],
            ["ca", "-batch", "-selfsign", "-keyfile", str(key), "-in", str(request),
             "-out", str(certificate), "-startdate", "20200101000000Z",
             "-enddate", "20210101000000Z", *config],
        ):  # fmt: skip
            subprocess.run(["openssl", *command], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the openssl command")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    # From Python 3.12 on it holds the certificates that were trusted when it was made.
    monkeypatch.setattr("urllib.request._opener", None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with (
        serving(reply, context) as address,
        pytest.raises(UserError, match=r"(?s)certificate has expired.*nothing was sent"),
    ):
        RemoteStore(address, credentials=NOBODY).select(QUERY)


@pytest.mark.parametrize("address", ["", "localhost:8890", "file:///etc/passwd", "ftp://x/y"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="is no address of an endpoint"):
        RemoteStore(address)
