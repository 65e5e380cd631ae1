"""Limits hold, and one client's load is not another's: in real processes, on loopback."""

import contextlib
import json
import os
import random
import signal
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote_from_bytes, urlsplit

import httpx
import pytest

from sarcoma_kg.building import builds
from tests.serving.served import Server, serving

#: Ends at no time that a test could wait for.
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUICK = "SELECT ?s { ?s a skg:Source }"


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("limits"), "--timeout", "3", "--max-rows", "500") as found:
        yield found


def ask(server: Server, query: str, **more: object) -> httpx.Response:
    return httpx.post(f"{server.address}/sparql", data={"query": query}, timeout=60, **more)  # type: ignore[arg-type]


def _parent(process: int) -> int:
    """Return the parent of a process; 0 of one that has ended meanwhile."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _kill_workers(server: Server) -> None:
    # The nurseries stay: they are children of the server, and workers are theirs.
    for process in below(server.process.pid):
        if _parent(process) != server.process.pid:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)


def below(process: int) -> list[int]:
    """Return the processes that a process began, and those that they began."""
    found, todo = [], [process]
    while todo:
        parent = todo.pop()
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = path.read_text().rpartition(")")[2].split()
                if int(text[1]) == parent:
                    found.append(int(path.parent.name))
                    todo.append(int(path.parent.name))
    return found


def test_an_answer_with_too_many_rows_is_none(server: Server) -> None:
    for form in ("application/sparql-results+json", "text/csv", "text/tab-separated-values",
                 "application/sparql-results+xml"):  # fmt: skip
        headers = {"accept": form}
        assert ask(server, "SELECT * { ?s ?p ?o } LIMIT 500", headers=headers).status_code == 200
        told = ask(server, "SELECT * { ?s ?p ?o } LIMIT 503", headers=headers)
        assert told.status_code == 422
        assert "more than 500 rows" in told.json()["detail"]
    assert ask(server, "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 501").status_code == 422


def test_a_query_without_end_ends_at_its_limit(server: Server) -> None:
    began = time.monotonic()
    told = ask(server, CROSS)
    assert told.status_code == 503
    assert told.json()["type"].endswith("time-limit")
    assert time.monotonic() - began < 8


def test_no_more_workers_are_begun_than_can_be(server: Server) -> None:
    """On a machine too busy to begin one, requests that hang up and come again begin no crowd."""
    assert ask(server, QUICK).status_code == 200
    family = below(server.process.pid)
    nurseries = []
    for process in family:
        with contextlib.suppress(OSError):  # one may have ended meanwhile
            nurseries += [process] if _parent(process) == server.process.pid else []
    workers = set(family) - set(nurseries)
    for nursery in nurseries:
        os.kill(nursery, signal.SIGSTOP)
    try:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        with ThreadPoolExecutor(20) as many:

            def hang_up(_: int) -> None:
                with contextlib.suppress(httpx.HTTPError):
                    httpx.post(f"{server.address}/sparql", data={"query": QUICK}, timeout=0.2)

            list(many.map(hang_up, range(60)))
    finally:
        for nursery in nurseries:
            os.kill(nursery, signal.SIGCONT)
    assert ask(server, QUICK).status_code == 200
    assert len(below(server.process.pid)) <= len(family) + 4


def _crowd(server: Server, number: int, others: int) -> tuple[list[int], float, float]:
    """Return the statuses of cross products, and p99 of another client's requests: quiet, then.

    Args:
        server: The server.
        number: Of cross products at once.
        others: Of requests of the other client, before and while.
    """

    def timed() -> list[float]:
        seconds = []
        with httpx.Client(base_url=server.address, timeout=60) as client:
            for _ in range(others):
                began = time.monotonic()
                answer = client.get("/sparql", params={"query": QUICK})
                assert answer.status_code in (200, 503)
                seconds.append(time.monotonic() - began)
        return seconds

    quiet = timed()
    with ThreadPoolExecutor(number) as pool:
        asked = [pool.submit(ask, server, CROSS) for _ in range(number)]
        time.sleep(0.3)
        crowded = timed()
        statuses = [answer.result().status_code for answer in asked]
    return statuses, _p99(quiet), _p99(crowded)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def test_cross_products_at_once_end_and_others_are_answered(server: Server) -> None:
    statuses, _, crowded = _crowd(server, 6, 20)
    assert set(statuses) == {503}
    # The machine may be busy with much else; `slow` measures.
    assert crowded < 3


@pytest.mark.slow
def test_twenty_cross_products_at_once(server: Server) -> None:
    """Others wait at most three times as long as when it is quiet, and no process is left."""
    statuses, quiet, crowded = _crowd(server, 20, 300)
    assert set(statuses) == {503}
    assert crowded < 3 * max(quiet, 0.05)
    peak = sum(_resident(process) for process in below(server.process.pid))
    assert peak < 2000
    time.sleep(1)
    state = httpx.get(f"{server.address}/health").json()
    assert (state["long"], state["waiting"]) == (0, 0)
    # Two nurseries and the worker for pages stand beside those that are told.
    assert len(below(server.process.pid)) <= 3 + state["workers"]


def _resident(process: int) -> float:
    """Return the memory of a process that it shares with no other, in MB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def test_a_worker_that_is_killed_costs_no_answer(server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, server, QUICK) for _ in range(4)]
        asked += [pool.submit(ask, server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c }")]
        time.sleep(0.01)
        _kill_workers(server)
        answers = [answer.result() for answer in asked]
    assert {answer.status_code for answer in answers} <= {200, 503}
    again = ask(server, QUICK)
    assert again.status_code == 200
    assert len(again.json()["results"]["bindings"]) == 2


def test_workers_that_were_killed_at_rest_are_not_asked(server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:  # so that there are several
        list(pool.map(lambda _: ask(server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c }"), range(8)))
    _kill_workers(server)
    time.sleep(0.2)
    assert ask(server, QUICK).status_code == 200


def test_who_hangs_up_takes_no_worker(server: Server) -> None:
    place = urlsplit(server.address)
    for _ in range(3):
        with socket.create_connection((place.hostname, place.port), 10) as line:
            body = f"query={CROSS}".encode().replace(b" ", b"+").replace(b"?", b"%3F")
            line.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nContent-Type: "
                b"application/x-www-form-urlencoded\r\n\r\n%s" % (len(body), body)
            )
            time.sleep(0.2)
    time.sleep(0.5)
    state = httpx.get(f"{server.address}/health").json()
    assert state["long"] == 0
    assert ask(server, QUICK).status_code == 200


@pytest.mark.slow
def test_who_never_ends_a_request_is_not_waited_for(server: Server) -> None:
    """Heads and bodies that drip, and heads without end; in the meantime others are answered."""
    place = urlsplit(server.address)
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    begun = (
        b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n" + form + b"\r\nquery=",
    )  # fmt: skip
    lines = [socket.create_connection((place.hostname, place.port), 60) for _ in begun]
    for line, start in zip(lines, begun, strict=True):
        line.sendall(start)
    began = time.monotonic()
    assert ask(server, QUICK).status_code == 200
    for line in lines:
        told = line.recv(1000)
        assert not told or b" 408 " in told
        line.close()
    assert time.monotonic() - began < 40
    with socket.create_connection((place.hostname, place.port), 60) as line:
        with contextlib.suppress(OSError):
            line.sendall(b"GET / HTTP/1.1\r\n" + b"X-A: " + b"a" * 10_000_000)
        with contextlib.suppress(OSError):
            assert line.recv(1000)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 431")


@pytest.mark.slow
def test_a_build_is_replaced_while_it_is_served(
    tmp_path: Path, build: builds.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers stay whole, none fails, and after a moment they come from the new build."""
    import shutil

    from sarcoma_kg.building import pipeline

    monkeypatch.setenv("SARCOMA_KG_CACHE", str(tmp_path / "cache"))
    pipeline.build()
    own = tmp_path / "own.ttl"
    own.write_text('<http://example.org/x> <http://www.w3.org/2000/01/rdf-schema#label> "x"@en .\n')
    with serving(tmp_path) as server:
        first = httpx.get(f"{server.address}/health").json()["build"]
        wrong: list[str] = []
        over = threading.Event()

        def ask_on() -> None:
            with httpx.Client(timeout=60) as client:
                while not over.is_set():
                    answer = client.get(f"{server.address}/sparql", params={"query": QUICK})
                    if answer.status_code != 200 or len(answer.json()["results"]["bindings"]) != 2:
                        wrong.append(answer.text)

        asking = threading.Thread(target=ask_on)
        asking.start()
        try:
            pipeline.build(extras=[str(own)])
            until = time.monotonic() + 60
            while httpx.get(f"{server.address}/health").json()["build"] == first:
                assert time.monotonic() < until
                time.sleep(0.2)
            time.sleep(1)
        finally:
            over.set()
            asking.join()
        assert not wrong
        told = ask(server, 'ASK { <http://example.org/x> rdfs:label "x"@en }').json()
        assert told["boolean"] is True
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)


PARTS = (
    b"%00", b"%0d%0aX-Injected:%201", b"../../../../etc/passwd", b"..%2f..%2fetc%2fpasswd",
    b"%ff%fe", b"%F0%9F%A6%80", b"'\"><script>alert(1)</script>",
    b"SERVICE%20%3Chttp://127.0.0.1:9/%3E", b"FROM%20%3Cfile:///etc/passwd%3E", b"{" * 500,
    b"%28" * 3000, b"\xc3\xa9", b"%2e%2e/", b"file:///etc/passwd",
    b"skg:x%7D%20UNION%20%7B%20?s%20?p%20?o", b"a" * 5000, b"%", b"%zz", b"&" * 50, b"=", b"?",
    b";", b"//evil", b"http://169.254.169.254/", b"%5C%5Cevil", b"\\u0053ERVICE", b"1e999999",
    b"-1", b"%1b%5B31m",
)  # fmt: skip
#: Those that cost a tenth of a second and more.
DEAR = (
    b"/api/terms/", b"/api/claims/", b"/api/questions/CQ01?disease=",
    b"/api/search?q=", b"/api/matrix?disease=", b"/api/claims?offset=", b"/api/claims?disease=",
    b"/questions/CQ01.html?disease=",
)  # fmt: skip
PLACES = (
    b"/sparql?query=", b"/sparql?default-graph-uri=", b"/api/questions/", b"/api/terms?kind=",
    b"/api/questions/CQ01?format=", b"/ontology/", b"/id/", b"/", b"/own/", b"/questions/",
    b"/2026-11-28/", b"/.well-known/",
)  # fmt: skip
HEADERS = (
    b"Accept: ", b"Accept-Encoding: ", b"If-None-Match: ", b"Content-Type: ",
    b"X-Forwarded-For: ", b"X-Forwarded-Host: ", b"X-Forwarded-Proto: ", b"Content-Length: ",
    b"Transfer-Encoding: ", b"Range: ",
)  # fmt: skip


def hostile(chance: random.Random) -> tuple[bytes, bool]:
    """Return a request as nobody of good will sends it, and whether it has its end."""
    method = chance.choice(
        [b"GET"] * 6 + [b"POST", b"POST", b"HEAD", b"PUT", b"TRACE", b"G\x00T", b"OPTIONS"]
    )
    words = b"".join(chance.choices(PARTS, k=chance.randint(1, 3)))
    if chance.random() < 0.3:
        words = quote_from_bytes(words).encode()
    path = chance.choice(DEAR if chance.random() < 0.1 else PLACES) + words
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: 127.0.0.1", b"Connection: close"]
    for _ in range(chance.randint(0, 3)):
        lines.append(chance.choice(HEADERS) + chance.choice(PARTS)[:2000])
    if chance.random() < 0.05:
        lines += [b"X-Big: " + b"x" * chance.choice([9000, 70_000, 200_000])]
    body = b""
    if method == b"POST" and chance.random() < 0.8:
        kind = chance.choice(
            [b"application/x-www-form-urlencoded", b"application/sparql-query", b"text/plain"]
        )
        body = b"query=" + words if b"form" in kind else words
        lines += [b"Content-Type: " + kind, b"Content-Length: %d" % len(body)]
    text = b"\r\n".join(lines) + b"\r\n\r\n" + body
    if chance.random() < 0.05:
        return text[: chance.randint(0, len(text))], False
    return text, True


def send(server: Server, request: bytes, *, whole: bool) -> bytes:
    """Return what comes back for these bytes; empty where the server hangs up."""
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), 30) as line:
        line.settimeout(30)
        with contextlib.suppress(OSError):
            line.sendall(request)
            if not whole:
                line.shutdown(socket.SHUT_WR)  # It never ends: nothing is worth waiting for.
            parts = []
            while part := line.recv(65_536):
                parts.append(part)
            return b"".join(parts)
    return b""


def assault(server: Server, number: int, seed: int) -> dict[int, int]:
    """Send hostile requests, and return how often each status came back.

    Raises:
        AssertionError: a 5xx but 503, a header of the request in the answer, or markup.
    """
    chance, statuses = random.Random(seed), dict[int, int]()
    for at in range(number):
        request, whole = hostile(chance)
        answer = send(server, request, whole=whole)
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0
        statuses[status] = statuses.get(status, 0) + 1
        told = (seed, at, request[:300], answer[:300])
        assert status < 500 or status == 503, told
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"\r\nx-injected" not in head.lower(), told
        assert b"root:x:0" not in body, told
        if b"text/html" in head:
            assert b"<script>alert" not in body, told
    assert sum(statuses.values()) == number
    return statuses


def _lines(server: Server) -> None:
    for line in server.log.read_text(encoding="ascii").splitlines():
        assert "time" in json.loads(line)


def test_hostile_requests(server: Server) -> None:
    statuses = assault(server, 300, 1)
    assert min(statuses.get(status, 0) for status in (200, 400, 404, 422)) > 2, statuses
    _lines(server)
    assert ask(server, QUICK).status_code == 200


@pytest.mark.slow
def test_ten_thousand_hostile_requests(build: builds.Build, tmp_path: Path) -> None:
    """With an audit hook in every process of the server: none opens a file or a connection."""
    (tmp_path / "sitecustomize.py").write_text(_HOOK)
    opened = tmp_path / "opened"
    environment = {"PYTHONPATH": str(tmp_path), "HOOKED": str(opened)}
    with serving(tmp_path, environment=environment) as server:
        for path in ("/", "/questions/CQ01.html", "/api/questions/CQ01?format=parquet", "/id/x"):
            httpx.get(server.address + path, timeout=60)
        Path(f"{opened}.on").touch()
        assert sum(assault(server, 10_000, 20).values()) == 10_000
        _lines(server)
        assert not opened.exists(), opened.read_text()[:2000]


#: What is opened once a file says that it counts; the server's own looks at its builds do not.
_HOOK = """
import os, sys
_where, _inside = os.environ["HOOKED"], False
def _hook(event, words):
    global _inside
    if event not in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen") or _inside:
        return
    _inside = True
    try:
        told = str(words[0] if event != "socket.connect" else words[1])
        own = "/proc/" in told or "cache" in told or "sarcoma_kg" in told or "/ontology/" in told
        own = own or told.endswith((".py", ".pyc")) or "/queries/" in told or "/shapes/" in told
        own = own or told == os.devnull or told.isdecimal() or told == _where + ".on"
        # Python itself, where it looks for the source of a text that a parser of it refused.
        own = own or told == "<unknown>"
        if not own and os.path.exists(_where + ".on"):
            with open(_where, "a") as out:
                out.write(f"{event} {told}\\n")
    finally:
        _inside = False
sys.addaudithook(_hook)
"""
