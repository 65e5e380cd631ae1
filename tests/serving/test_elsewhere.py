"""`serve --endpoint`: pages, API and endpoint over a graph that an engine elsewhere holds."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.cli import main
from sarcoma_kg.questions import catalog
from tests.serving.served import Server, serving
from tests.serving.test_mcp import called
from tests.stores import virtuoso

GRAPH = "urn:sarcoma-kg:graph"
GIST = "/ontology/GastrointestinalStromalTumor"
#: Of which the API answers over the other engine as here.
QUESTIONS = ("CQ01", "CQ02", "CQ21", "CQ40")


@pytest.fixture(scope="module")
def here(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("here")) as running:
        yield running


def _alike(here: Server, there: Server, *, blank: bool = True) -> None:
    """Hold two servers to the same answers; `blank`: the engine keeps blank nodes as such."""
    version = httpx.get(f"{here.address}/health").json()["version"]
    assert httpx.get(f"{there.address}/health").json()["version"] == version
    for question in QUESTIONS:
        path = f"/api/questions/{question}?format=csv"
        answer = httpx.get(there.address + path, timeout=120)
        assert answer.text == httpx.get(here.address + path, timeout=60).text, question
    assert httpx.get(f"{there.address}/api/claims/S2-3.2-SS-01", timeout=60).json()["evidence"]
    # What is inferred is marked on the pages of a build alone.
    page = httpx.get(f"{there.address}{GIST}.html", timeout=60).text
    assert "gastrointestinal stromal tumour" in page
    assert "externally qualified" in page
    turtle = httpx.get(f"{there.address}{GIST}.ttl", timeout=60).text
    known = httpx.get(f"{here.address}{GIST}.ttl").text
    if blank:
        assert turtle == known
    else:
        # `load` has named the blank nodes: axioms with annotations are things of their own there.
        (definition,) = (line for line in known.splitlines() if 'obo:IAO_0000115 "' in line)
        assert definition in turtle
    for query, status in (
        ("SELECT ?s { ?s a skg:Source }", 200), ("ASK { ?s a skg:Source }", 200),
        ("CONSTRUCT { ?s a skg:Source } WHERE { ?s a skg:Source }", 200),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400),
        ("SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }", 400), ("SELECT {", 400),
    ):  # fmt: skip
        answer = httpx.post(f"{there.address}/sparql", data={"query": query}, timeout=60)
        assert answer.status_code == status, answer.text


@pytest.mark.slow
def test_over_a_server_of_ours(here: Server, tmp_path: Path) -> None:
    words = ["--endpoint", f"{here.address}/sparql"]
    calls = [("query", {"query": "SELECT ?s { ?s a skg:Source } ORDER BY ?s"})]
    with serving(tmp_path, *words) as there:
        _alike(here, there)
        told = [asyncio.run(called(f"{s.address}/mcp", calls))[0] for s in (here, there)]
        assert told[0]["rows"] == told[1]["rows"]
        assert len(told[1]["rows"]) == 2


@pytest.mark.slow
def test_an_engine_that_has_gone_is_told(build: builds.Build, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with serving(first, "--without-pages") as behind:
        words = ["--endpoint", f"{behind.address}/sparql", "--without-pages", "--timeout", "5"]
        with serving(second, *words) as server:
            behind.process.kill()
            behind.process.wait()
            for path in ("/api/questions/CQ01", "/sparql?query=ASK%7B%7D"):
                answer = httpx.get(server.address + path, timeout=60)
                assert answer.status_code == 503
                assert behind.address not in answer.text


@pytest.mark.others
@pytest.mark.skipif(bool(virtuoso.missing()), reason=virtuoso.missing())
def test_over_virtuoso(here: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARCOMA_KG_USER", virtuoso.ADMINISTRATOR.user)
    monkeypatch.setenv("SARCOMA_KG_PASSWORD", virtuoso.ADMINISTRATOR.password)
    with virtuoso.running(tmp_path) as engine:
        where = ["--endpoint", engine.endpoint, "--graph", GRAPH]
        assert main(["load", *where, "--graph-store", engine.graph_store]) == 0
        monkeypatch.delenv("SARCOMA_KG_USER")
        monkeypatch.delenv("SARCOMA_KG_PASSWORD")
        with serving(tmp_path, *where, "--timeout", "60") as there:
            _alike(here, there, blank=False)


def test_the_questions_are_packaged() -> None:
    assert set(QUESTIONS) <= {question.id for question in catalog.load()}
