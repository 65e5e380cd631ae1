"""/mcp as HTTP: the log and the limits of the other addresses, load, and requests of ill will."""

import asyncio
import json
import random
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.serving.documents import Document
from tests.serving.served import Server, serving
from tests.serving.test_limits import CROSS, PARTS, send

mcp = pytest.importorskip("mcp", reason="agents need the extra 'serve'")
from mcp.client.client import Client  # noqa: E402

HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("mcp"), "--timeout", "20", "--without-pages") as running:
        yield running


def message(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": name, "arguments": arguments},
    }  # fmt: skip


def call(server: Server, name: str, arguments: dict[str, Any]) -> Document:
    answer = httpx.post(
        f"{server.address}/mcp", json=message(name, arguments), headers=HEADERS, timeout=60
    )
    assert answer.status_code == 200, answer.text
    made: Document = answer.json()["result"]["structuredContent"]
    return made


def test_a_call_has_its_line_in_the_log(server: Server) -> None:
    assert call(server, "show", {"name": "GIST"})["kind"] != "refusal"
    until = time.monotonic() + 10
    while '"/mcp"' not in server.log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    (line,) = (json.loads(line) for line in server.log.read_text().splitlines() if "mcp" in line)
    assert (line["method"], line["path"], line["status"]) == ("POST", "/mcp", 200)
    assert line["bytes"] > 1000
    assert "GIST" not in server.log.read_text()


def test_what_has_no_place_here_is_refused(server: Server) -> None:
    address = f"{server.address}/mcp"
    for method in ("GET", "DELETE", "PUT"):
        told = httpx.request(method, address, headers=HEADERS)
        assert (told.status_code, told.headers["allow"]) == (405, "POST, OPTIONS")
    assert httpx.options(address).status_code == 204
    told = httpx.post(f"{address}?{'x' * 20_000}", json={}, headers=HEADERS)
    assert told.status_code == 414
    told = httpx.post(address, content=b" " * 300_000, headers=HEADERS)
    assert told.status_code == 413


def _state(server: Server) -> dict[str, int]:
    told: dict[str, int] = httpx.get(f"{server.address}/health").json()
    return told


def test_a_call_of_who_hangs_up_is_ended(server: Server) -> None:
    place = urlsplit(server.address)
    body = json.dumps(message("query", {"query": CROSS})).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()).encode()
    request = b"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n" % (len(body), head)
    with socket.create_connection((place.hostname, place.port), 10) as line:
        line.sendall(request + body)
        until = time.monotonic() + 10
        while not _state(server)["long"] and time.monotonic() < until:
            time.sleep(0.1)
        assert _state(server)["long"] == 1
    until = time.monotonic() + 10
    while _state(server)["long"] and time.monotonic() < until:
        time.sleep(0.1)
    assert _state(server)["long"] == 0


async def _agent(address: str, calls: int, seconds: list[float]) -> list[Document]:
    async with Client(address, read_timeout_seconds=120) as client:
        made = []
        for at in range(calls):
            name, arguments = LOAD[at % len(LOAD)]
            began = time.perf_counter()
            result = await client.call_tool(name, arguments)
            seconds.append(time.perf_counter() - began)
            made.append(result.structured_content)
        return made


LOAD: list[tuple[str, dict[str, Any]]] = [
    ("show", {"name": "GIST"}),
    ("ask", {"question": "CQ01", "parameters": {"disease": "GIST"}}),
    ("search", {"words": "EZH2"}),
    ("query", {"query": "SELECT ?s { ?s a skg:Source } ORDER BY ?s"}),
]


def _crowd(server: Server, agents: int, calls: int) -> list[float]:
    """Let agents call tools at the same time: each gets what one alone gets."""
    alone = [call(server, name, arguments) for name, arguments in LOAD]
    seconds: list[float] = []

    async def run() -> list[list[Document]]:
        address = f"{server.address}/mcp"
        return await asyncio.gather(*(_agent(address, calls, seconds) for _ in range(agents)))

    for made in asyncio.run(run()):
        assert made == [alone[at % len(LOAD)] for at in range(calls)]
    assert len(seconds) == agents * calls
    assert _state(server)["waiting"] == 0
    return seconds


def test_agents_at_the_same_time(server: Server) -> None:
    _crowd(server, 3, 2)


@pytest.mark.slow
def test_sixteen_agents_of_two_hundred_calls_in_all(server: Server) -> None:
    began = time.monotonic()
    seconds = _crowd(server, 16, 13)
    whole = time.monotonic() - began
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{len(seconds) / whole:.0f} calls/s, p50 {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s")  # noqa: T201


BODIES = (
    b"{", b"[]", b"null", b'"x"', b"7", b"{}", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000,
    b"\xff\xfe",
    b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"show","arguments":"x"}}',
    b'{"jsonrpc":"2.0","id":1,"method":"__init__","params":{}}',
    b'{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}',
    b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    b'{"jsonrpc":"2.0","id":1,"result":{}}', b"\x00" * 100,
    json.dumps(message("show", {"name": "\0\ud800"})).encode(),
    json.dumps(message("query", {"query": "LOAD <file:///etc/passwd>"})).encode(),
)  # fmt: skip
FIELDS = (
    b"Accept: ", b"Content-Type: ", b"Mcp-Session-Id: ", b"MCP-Protocol-Version: ", b"Origin: ",
    b"Mcp-Method: ", b"Mcp-Name: ", b"Last-Event-ID: ", b"Authorization: ", b"Content-Encoding: ",
    b"Host: ",
)  # fmt: skip


def _request(chance: random.Random) -> bytes:
    method = chance.choice([b"POST"] * 8 + [b"GET", b"DELETE", b"PUT", b"HEAD"])
    fields = [b"%s: %s" % (n.encode(), v.encode()) for n, v in HEADERS.items()]
    fields = [field for field in fields if chance.random() < 0.9]
    if chance.random() < 0.4:
        version = chance.choice([b"2025-06-18", b"2025-11-25", b"2026-07-28", b"9999-99-99"])
        fields.append(b"MCP-Protocol-Version: " + version)
    for _ in range(chance.randrange(3)):
        value = chance.choice(PARTS).replace(b"\x00", b"")
        fields.append(chance.choice(FIELDS) + value[:2000])
    body = chance.choice(BODIES)
    if chance.random() < 0.2:
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(PARTS) + body[at:]
    query = b"?" + chance.choice(PARTS).replace(b"\x00", b"") if chance.random() < 0.2 else b""
    lines = [
        method + b" /mcp" + query + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *fields,
        b"Content-Length: %d" % len(body),
    ]  # fmt: skip
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _assault(server: Server, number: int, seed: int) -> dict[int, int]:
    chance, statuses = random.Random(seed), dict[int, int]()
    for _ in range(number):
        request = _request(chance)
        answer = send(server, request, whole=True)
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0
        statuses[status] = statuses.get(status, 0) + 1
        told = (request[:600], answer[:600])
        assert 0 < status < 500 or status == 503, told
        assert b"root:x:0" not in answer, told
        assert b"Traceback" not in answer, told
    return statuses


def _check_sane(server: Server) -> None:
    assert call(server, "show", {"name": "GIST"})["kind"] != "refusal"
    for line in server.log.read_text(encoding="ascii").splitlines():
        assert "time" in json.loads(line)


def test_hostile_http(server: Server) -> None:
    statuses = _assault(server, 120, 7)
    assert {200, 400, 405} <= set(statuses), statuses
    _check_sane(server)


@pytest.mark.slow
def test_two_thousand_hostile_requests(server: Server) -> None:
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda seed: _assault(server, 500, seed), range(4)))
    _check_sane(server)


@pytest.mark.slow
def test_a_body_that_does_not_arrive_is_not_waited_for(server: Server) -> None:
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), 60) as line:
        line.sendall(
            b"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b'Accept: application/json, text/event-stream\r\nContent-Length: 90\r\n\r\n{"'
        )
        began = time.monotonic()
        assert b" 408 " in line.recv(1000)
        assert time.monotonic() - began < 40
