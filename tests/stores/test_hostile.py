"""Against a hostile server every request ends in time and in little memory, with a clear word."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.remote import RemoteStore
from sarcoma_kg.stores.writable import WritableStore
from tests.passes import some_slow
from tests.stores import hostile
from tests.stores.asking import QUERY
from tests.stores.hostile import Hostile

ROOT = Path(__file__).parents[2]
TIMEOUT = 3.0
MOST_MB = 300
LATE = "no whole answer within 3 s"
BROKEN = "broke off or is damaged"
#: Servers that do not read, and ways to write to them.
UNREAD, WRITES = ("deaf", "sipping"), ("update", "post")
#: What is said of each manner; "" where it may end in several ways.
SAID = {
    # Whichever comes first on the machine.
    "endless_variables": f"{LATE}|too large to be held",
    "endless_status": "more than 65536 bytes when reading status line",
    "endless_headers": "more than 100 headers",
    "no_http": "SSH-2.0-OpenSSH_9.2\n",
    "nothing": "closed connection without response",
    "endless_datatypes": f"{LATE}|too large to be held",
    "bad_chunk": BROKEN,
    "negative_chunk": BROKEN,
    "long_chunk": BROKEN,
    "shorter_than_said": f"{BROKEN}.*more expected",
    "length_of_fifty_digits": f"{BROKEN}.*more expected",
    "large_cell": "a cell, or a row, of more than 16 MiB\n.*SUBSTR",
    "large_row": f"of too many parts|{LATE}",
    "many_parts": "of too many parts",
    "deep": "nested too deep",
    "deep_row": "nested too deep",
    "rows_first": f"before the names of their variables|{LATE}",
    "many_rows": f"too large to be held|{LATE}",
    "many_variables": f"too large to be held: more than 524 rows|{LATE}",
    "large_text_of_a_triple": f"{BROKEN}.*maximal size",
    "bomb_of_a_cell": f"more than 16 MiB|{LATE}",
    "packet_cut": "the end of the packed answer is missing",
    "no_packet": BROKEN,
    "brotli": "in the encoding 'br', which was not asked for",
    "slow_error": "HTTP status 500: no",
    "endless_error": "HTTP status 400: no no",
    "packed_error": "HTTP status 400: no no",
    "always_busy": "HTTP status 503\n.*busy",
    "wait_of_fifty_digits": "asks to wait more than a day",
    "wait_until_2999": "asks to wait more than a day",
    "wait_until_no_date": "HTTP status 429",
    "wait_in_odd_digits": "HTTP status 503",
    "digest_of_sixty_thousand_letters": "HTTP status 401",
    "around": "more than 5 redirects",
    "to_an_open_bracket": "redirects: that is no address",
    "to_a_password": "no user and no password in an address",
    "partial": "the answer is cut: HTTP status 206",
}


def said_of(name: str) -> str:
    if name in SAID:
        return SAID[name]
    if name.startswith("digest_"):
        return "a digest that cannot be given"
    return "redirects: .*no address of an endpoint" if name.startswith("to_") else LATE


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with hostile.serving() as running:
        yield running


def ask(address: str, way: str) -> dict[str, object]:
    """Ask in a process of its own, and return what came of it."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc to measure memory")
    done = subprocess.run(
        [sys.executable, "-m", "tests.stores.asking", address, way, str(TIMEOUT)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def bounded(told: dict[str, object], said: str) -> None:
    assert told["kind"] == "refused", told
    assert re.search(said, str(told["words"]), re.DOTALL), told
    assert "hidden" not in str(told), told
    assert "Traceback" not in str(told)
    assert len(str(told["words"])) < 700
    assert float(str(told["seconds"])) < 1.5 * TIMEOUT, told
    assert float(str(told["peak"])) < MOST_MB, told


@pytest.fixture(scope="module")
def told(
    server: Hostile, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[dict[str, object]]]]:
    """What came of each manner; three are asked at once, since most of them are waiting."""

    def way(name: str) -> str:
        return (
            "construct" if "triple" in name else "iterate" if name == "endless_rows" else "select"
        )

    tried = {item.name for item in request.session.items}
    asked = {n: (f"{server.address}/{n}", way(n)) for n in hostile.MANNERS}
    asked |= {f"{w}-{kind}": (f"{server.address}/{kind}", w) for kind in UNREAD for w in WRITES}
    with hostile.mute() as place, ThreadPoolExecutor(3) as pool:
        asked["select-mute"] = f"https://{place}/", "select"
        yield {
            name: pool.submit(ask, *words)
            for name, words in asked.items()
            if any(f"[{name}]" in test for test in tried)
        }


@pytest.mark.parametrize("name", some_slow([*hostile.MANNERS], lambda place, _: not place % 3))
def test_every_manner_ends_in_time_and_memory_with_a_clear_word(
    told: dict[str, Future[dict[str, object]]], name: str
) -> None:
    bounded(told[name].result(), said_of(name))


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("way", WRITES)
def test_a_server_that_does_not_read_what_is_sent(
    told: dict[str, Future[dict[str, object]]], way: str, kind: str
) -> None:
    bounded(told[f"{way}-{kind}"].result(), LATE)


@pytest.mark.parametrize("name", ["select-mute"])
def test_a_server_that_never_shakes_hands(
    told: dict[str, Future[dict[str, object]]], name: str
) -> None:
    bounded(told[name].result(), LATE)


def test_of_the_page_of_an_error_little_is_read(server: Hostile) -> None:
    told = ask(f"{server.address}/endless_error", "select")
    assert float(str(told["seconds"])) < TIMEOUT, told


def test_a_name_that_is_never_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()

    def never(*_: object, **_more: object) -> list[object]:
        found.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    began = time.monotonic()
    with pytest.raises(UserError, match="no whole answer within 1 s"):
        RemoteStore("http://localhost/", credentials=Credentials(), timeout=1).select(QUERY)
    found.set()
    assert time.monotonic() - began < 1.5


def test_rows_that_are_read_one_by_one_are_not_held(server: Hostile) -> None:
    told = ask(f"{server.address}/endless_rows", "iterate")
    assert float(str(told["peak"])) < 100, told


# --- redirects and credentials -------------------------------------------------------------------

SECRETS = {
    "password": Credentials("ann", "hidden-word"),
    "token": Credentials(token="hidden-word"),
}
WAYS = ("select", "long select", "construct", "update", "post", "clear", "load")


def do(store: WritableStore, way: str) -> None:
    if way == "select":
        store.select(QUERY)
    elif way == "long select":
        store.select(QUERY + " #" + "x" * 2000)
    elif way == "construct":
        list(store.construct(QUERY))
    elif way == "update":
        store.update("CLEAR DEFAULT")
    elif way == "post":
        store.post(b"<a:a> <a:p> 1 .")
    elif way == "clear":
        store.clear()
    else:
        node = ox.NamedNode("http://example.org/a")
        upload.load(store, [ox.Triple(node, node, node)], replace=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without credentials in the environment, and with those of one host in ~/.netrc."""
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"SARCOMA_KG_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password hidden-word\n")
    (tmp_path / ".netrc").chmod(0o600)
    return tmp_path


def elsewhere(running: Hostile, how: str) -> str:
    """Return an address of another origin that leads to a listener."""
    port = running.address.rpartition(":")[2]
    return {
        "port": f"http://127.0.0.1:{port}/there",
        "host": f"http://localhost:{port}/there",
        "scheme": f"https://127.0.0.1:{port}/there",
    }[how]


@pytest.mark.parametrize("code", ["301", "302", "303", "307", "308"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", [*SECRETS, "netrc"])
def test_credentials_do_not_follow_to_another_port(
    server: Hostile, home: Path, given: str, way: str, code: str
) -> None:
    with hostile.serving() as there:
        server.seen.clear()
        where = f"{server.address}/redirect?code={code}&to={elsewhere(there, 'port')}"
        store = WritableStore(
            where, update=where, graph_store=where, credentials=SECRETS.get(given), retries=0
        )
        with contextlib.suppress(UserError):
            do(store, way)
        assert server.seen
        assert server.seen[0].authorization
        # A write is not sent on by a redirect that asks for another method.
        write = code == "303" and way in ("update", "post", "clear")
        assert bool(there.seen) is not write
        assert [seen.authorization for seen in there.seen if seen.authorization] == []


@pytest.mark.parametrize("how", ["host", "scheme"])
@pytest.mark.parametrize("code", ["302", "307"])
@pytest.mark.parametrize("given", [*SECRETS, "netrc"])
def test_credentials_do_not_follow_to_another_host_or_scheme(
    home: Path, given: str, code: str, how: str
) -> None:
    (home / ".netrc").write_text(
        "machine 127.0.0.1 login ann password hidden-word\n"
        "machine localhost login bob password hidden-word\n"
    )
    with hostile.serving() as running:
        where = f"{running.address}/redirect?code={code}&to={elsewhere(running, how)}"
        with contextlib.suppress(UserError):  # there is no TLS behind the other scheme
            RemoteStore(where, credentials=SECRETS.get(given), retries=0, timeout=1).select(QUERY)
        assert running.seen[0].authorization
        assert not any(seen.authorization for seen in running.seen[1:])
        assert how == "scheme" or len(running.seen) == 2


def test_credentials_do_not_come_back_by_way_of_another(server: Hostile) -> None:
    with hostile.serving() as there:
        server.seen.clear()
        back = f"{there.address}/redirect?code=302%26to={server.address}/again"
        RemoteStore(
            f"{server.address}/redirect?code=302&to={back}", credentials=SECRETS["token"]
        ).select(QUERY)
    assert [bool(seen.authorization) for seen in server.seen] == [True, False]


def test_credentials_follow_within_one_origin(server: Hostile) -> None:
    server.seen.clear()
    RemoteStore(
        f"{server.address}/redirect?code=302&to=/there", credentials=SECRETS["password"]
    ).select(QUERY)
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/redirect", "/there"]
    assert all(seen.authorization for seen in server.seen)


def test_a_password_for_a_proxy_does_not_follow(
    server: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []

    class Proxy(hostile._Handler):
        def handle(self) -> None:
            lines = iter(lambda: self.rfile.readline().decode().strip(), "")
            first = next(lines)
            seen.append({"": first} | dict(line.lower().split(": ", 1) for line in lines))
            to = f"{server.address}/there"
            words = f"HTTP/1.1 302 There\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
            self.wfile.write(words.encode())

    server.seen.clear()
    with hostile._Server(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
        port = proxy.server_address[1]
        monkeypatch.setenv("http_proxy", f"http://ann:hidden-word@127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        RemoteStore("http://kg.example/sparql", credentials=Credentials(), timeout=5).select(QUERY)
        with pytest.raises(UserError, match=r"the proxy would read the credentials"):
            RemoteStore("http://kg.example/sparql", credentials=SECRETS["token"]).select(QUERY)
        proxy.shutdown()
    assert [("proxy-authorization" in fields) for fields in seen] == [True]
    assert [request.proxy for request in server.seen] == [None]


@pytest.mark.parametrize("given", SECRETS)
def test_what_a_server_repeats_of_the_credentials_is_not_shown(server: Hostile, given: str) -> None:
    with pytest.raises(UserError, match="holds the credentials, and is not shown") as caught:
        RemoteStore(f"{server.address}/echo", credentials=SECRETS[given]).select(QUERY)
    import traceback

    assert "hidden-word" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        (Credentials(token="hidden-word\n"), "the token .* line end"),
        (Credentials(token="hidden word"), "the token"),
        (Credentials(token="hidden-wörd"), "the token"),
        (Credentials("ann", "hidden-word\r\nX: y"), "the user or password"),
        (Credentials("ann:b", "hidden-word"), "no colon"),
        (Credentials("ann\0", "hidden-word"), "the user or password"),
    ],
)
def test_credentials_that_cannot_be_sent_are_refused_unseen(
    credentials: Credentials, said: str
) -> None:
    with pytest.raises(UserError, match=f"(?s){said}") as caught:
        RemoteStore("http://localhost/", credentials=credentials)
    assert "hidden" not in f"{caught.value}{caught.value!r}{credentials!r}"


@pytest.mark.parametrize(
    "address",
    [
        "http://ann:hidden@127.0.0.1/sparql",
        "http://ann:hidden@[::1]/",
        "https://hidden@kg.example",
        "http://kg.example/sparql?x=ann:hidden@z",
        "//ann:hidden@kg.example",
        "ann:hidden@kg.example",
        "http://ann:hid\nden@kg.example/",
    ],
)
def test_a_password_in_an_address_is_refused_unseen(address: str) -> None:
    for arguments in ({}, {"update": address}, {"graph_store": address}):
        with pytest.raises(UserError, match=r"(?s)no user and no password.*SARCOMA_KG_USER") as no:
            WritableStore("http://localhost/" if arguments else address, **arguments)
        assert "hidden" not in str(no.value)
        assert "den" not in str(no.value)


@pytest.mark.parametrize(
    "address",
    ["http://[::1/", "http://", "http://a:99999/", "http://a:0/", "http://a%3A80/", "http://a b/",
     "http://kg.example/#x", "http://kg.example/ä", f"http://{'a' * 70}/", "HTTP//x", "http://\0/"],
)  # fmt: skip
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="is no address of an endpoint"):
        RemoteStore(address)


def test_a_netrc_that_cannot_be_read_is_told_without_its_words(home: Path) -> None:
    (home / ".netrc").write_text("machine 127.0.0.1 login ann\nhidden-word nonsense\n")
    said: list[str] = []
    assert Credentials.of("http://127.0.0.1/", said.append) == Credentials()
    assert len(said) == 1
    assert "line 2" in said[0]
    assert "hidden" not in said[0]
