"""Other people's clients, as docs/serve.md names them, against our server."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sarcoma_kg.building import builds
from tests import tools
from tests.serving.served import Server, serving

QUERY = "SELECT ?source ?label { ?source a skg:Source ; rdfs:label ?label }"
PREFIXES = """PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
CQ01 = "/api/questions/CQ01?disease=GIST"


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("clients")) as running:
        yield running


def _expected(server: Server) -> list[list[str]]:
    return list(csv.reader(io.StringIO(httpx.get(f"{server.address}{CQ01}&format=csv").text)))


pytestmark = pytest.mark.slow


def test_curl(server: Server) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("needs curl")
    words = [curl, "-sS", "-H", "Accept: text/csv"]
    done = subprocess.run(
        [*words, server.address + CQ01], capture_output=True, text=True, check=True
    )
    assert list(csv.reader(io.StringIO(done.stdout))) == _expected(server)
    words += ["--compressed", "--data-urlencode", f"query={QUERY}", f"{server.address}/sparql"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 3


def test_sparqlwrapper(server: Server) -> None:
    from SPARQLWrapper import GET, JSON, POST, TURTLE, XML, SPARQLWrapper

    for method in (GET, POST):
        for form in (JSON, XML):
            client = SPARQLWrapper(f"{server.address}/sparql")
            client.setMethod(method)
            client.setReturnFormat(form)
            client.setQuery(PREFIXES + QUERY)
            found: Any = client.queryAndConvert()
            if form == JSON:
                assert len(found["results"]["bindings"]) == 2
            else:
                assert found.toxml().count("<result>") == 2
    client.setReturnFormat(TURTLE)
    client.setQuery("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3")
    made: Any = client.queryAndConvert()
    assert b" ." in made


def test_rdflib(server: Server) -> None:
    from rdflib import Graph, URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = Graph(SPARQLStore(f"{server.address}/sparql"))
    assert len(list(graph.query(PREFIXES + QUERY))) == 2
    me = URIRef("https://w3id.org/sarcoma-kg/ontology/GastrointestinalStromalTumor")
    assert len(list(graph.predicate_objects(me))) > 5
    # A description by its local name, as linked data.
    assert Graph().parse(f"{server.address}/ontology/GastrointestinalStromalTumor")


def test_pandas(server: Server) -> None:
    import pandas

    frame = pandas.read_csv(f"{server.address}{CQ01}&format=csv")
    expected = _expected(server)
    assert list(frame.columns) == expected[0]
    assert len(frame) == len(expected) - 1
    options = {"Accept": "text/csv"}
    assert len(pandas.read_csv(server.address + CQ01, storage_options=options)) == len(frame)


@pytest.mark.others
def test_duckdb_on_parquet(server: Server, tmp_path: Path) -> None:
    place = tmp_path / "answer.parquet"
    place.write_bytes(httpx.get(f"{server.address}{CQ01}&format=parquet").content)
    script = Path(tools.__file__).with_name("read_parquet.py")
    done = subprocess.run(
        [tools.other_tools(), script, place], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [[cell or "" for cell in row] for row in json.loads(done.stdout)]
    assert rows == _expected(server)[1:]


def test_a_prefix_that_a_proxy_leaves(build: builds.Build, tmp_path: Path) -> None:
    base = "https://example.org/kg"
    with serving(tmp_path, "--base", base) as server:
        for prefix in ("", "/kg"):
            found = httpx.get(
                f"{server.address}{prefix}/ontology", headers={"accept": "text/turtle"}
            )
            assert found.headers["location"] == f"{base}/ontology/index.ttl"
            told = httpx.get(f"{server.address}{prefix}/api/openapi.json").json()
            assert told["servers"] == [{"url": base}]
