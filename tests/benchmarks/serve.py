"""Requests per second and waiting times over HTTP: this server, and others over the same triples.

python -m tests.benchmarks.serve [--seconds 5] [--clients 1 8 32] [--only ours,oxigraph]

Others are asked when they are there: rdflib-endpoint of the dev group, the native server `oxigraph`
(PyPI), Virtuoso. Nothing is kept between requests but the verdict of the guard; replies are not
packed. The term page is of this server alone.
"""

import argparse
import contextlib
import http.client
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import rdflib

from sarcoma_kg.building import builds, present
from sarcoma_kg.ground import formats
from sarcoma_kg.questions import catalog
from tests.serving.served import serving
from tests.stores import rdflib_server, virtuoso

PAGE = "ontology/GastrointestinalStromalTumor.html"
GRAPH = "http://example.org/graph"
LARGE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 10000"


def queries() -> dict[str, str]:
    """Return what is asked, by name."""
    known = catalog.load()
    asked = {name: catalog.find(known, name).query() for name in ("CQ01", "CQ21")}
    return {**asked, "CONSTRUCT 10,000": LARGE}


def _client(address: str, query: str, until: float, seconds: list[float]) -> None:
    """Ask one request after the other, by the lightest client of the standard library."""
    place = urlsplit(address)
    target = f"{place.path}?{place.query}" if place.query else place.path
    accept = "application/n-triples" if "CONSTRUCT" in query else "application/sparql-results+json"
    headers = {"accept": accept if query else "*/*"}
    if query:
        headers["content-type"] = "application/x-www-form-urlencoded"
    body = urlencode({"query": query}) if query else None
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    while time.perf_counter() < until:
        began = time.perf_counter()
        line.request("POST" if query else "GET", target, body, headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")
        seconds.append(time.perf_counter() - began)
    line.close()


def _crowd(address: str, query: str, clients: int, length: float) -> list[float]:
    seconds: list[float] = []
    until = time.perf_counter() + length
    with ThreadPoolExecutor(clients) as pool:
        for asked in [pool.submit(_client, address, query, until, seconds) for _ in range(clients)]:
            asked.result()
    return seconds


def _processor(process: int) -> float:
    """Return the seconds of processor time of a process and of those that it began."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, parents = int(path.parent.name), set()
            fields = path.read_text().rpartition(")")[2].split()
            at = number
            while at > 1 and at not in parents:
                if at == process:
                    ticks += int(fields[11]) + int(fields[12])
                    break
                parents.add(at)
                at = int(Path(f"/proc/{at}/stat").read_text().rpartition(")")[2].split()[1])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(
    address: str, query: str, clients: int, length: float, process: int = 0
) -> tuple[float, ...]:
    """Return requests per second, p50 and p99 in milliseconds, processor time of one likewise.

    Args:
        address: The endpoint, or a page.
        query: What is asked; empty for a page.
        clients: How many ask at the same time, each one request after the other.
        length: Seconds.
        process: That of the server, whose processor time counts on a busy machine, too.
    """
    _crowd(address, query, 1, min(1.0, length / 4))
    began, before = time.perf_counter(), _processor(process)
    seconds = _crowd(address, query, clients, length)
    whole, used = time.perf_counter() - began, _processor(process) - before
    cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    median = 1000 * statistics.median(seconds)
    return len(seconds) / whole, median, 1000 * cuts[98], 1000 * used / len(seconds)


@contextlib.contextmanager
def _oxigraph(build: builds.Build) -> Iterator[tuple[str, int]]:
    program = os.environ.get("OXIGRAPH") or shutil.which("oxigraph")
    if program is None:
        raise LookupError("oxigraph (pip install oxigraph) is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [program, "serve-read-only", "--location", str(build.folder / "store"),
               "--bind", f"127.0.0.1:{port}"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/query", process.pid
    finally:
        process.terminate()
        process.wait()


def _files(build: builds.Build) -> list[Path]:
    return [build.folder / name for name in ("asserted.nt", "inferred.nt")]


def _serve_rdflib(files: list[Path], told: Connection) -> None:
    graph = rdflib.Graph()
    for path in files:
        graph.parse(path, format="nt")
    with rdflib_server.serving(graph) as address:
        told.send(address)
        told.recv()


@contextlib.contextmanager
def _rdflib(build: builds.Build) -> Iterator[tuple[str, int]]:
    # In a process of its own: it would wait for the clients of this one.
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve_rdflib, args=(_files(build), theirs))
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.kill()
        process.join()


@contextlib.contextmanager
def _virtuoso(build: builds.Build) -> Iterator[tuple[str, int]]:
    if virtuoso.missing():
        raise LookupError(virtuoso.missing())
    with tempfile.TemporaryDirectory() as folder, virtuoso.running(Path(folder)) as served:
        whole = b"".join(path.read_bytes() for path in _files(build))
        account = virtuoso.ADMINISTRATOR
        answer = httpx.put(
            served.graph_store, params={"graph": GRAPH}, content=whole, timeout=300,
            headers={"content-type": "text/turtle"},
            auth=httpx.DigestAuth(account.user, account.password),
        )  # fmt: skip
        answer.raise_for_status()
        yield f"{served.endpoint}?default-graph-uri={GRAPH}", served.process


@contextlib.contextmanager
def _ours(build: builds.Build) -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "--quiet") as server:
        yield f"{server.address}/sparql", server.process.pid


SERVERS = {"ours": _ours, "oxigraph": _oxigraph, "rdflib-endpoint": _rdflib, "virtuoso": _virtuoso}


def main(words: list[str]) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--only", default=",".join(SERVERS))
    args = parser.parse_args(words)
    build = present.built(formats.say)
    rows = []
    for name in args.only.split(","):
        try:
            with SERVERS[name](build) as (address, process):
                for asked, query in queries().items():
                    for clients in args.clients:
                        if name == "rdflib-endpoint" and clients > 8:
                            continue  # It works on one at a time.
                        found = measure(address, query, clients, args.seconds, process)
                        rows.append([name, asked, str(clients), *(f"{x:.1f}" for x in found)])
                        formats.say(" ".join(rows[-1]))
                if name == "ours":
                    page = address.removesuffix("sparql") + PAGE
                    for clients in args.clients:
                        found = measure(page, "", clients, args.seconds, process)
                        rows.append([name, "page", str(clients), *(f"{x:.1f}" for x in found)])
                        formats.say(" ".join(rows[-1]))
        except LookupError as error:
            formats.say(f"{name}: left out: {error}")
    header = ["server", "asked", "clients", "requests/s", "p50 ms", "p99 ms", "processor ms"]
    sys.stdout.write(formats.render(header, rows, "md"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
