"""All questions through our server give the rows of the curators: API, --endpoint, Comunica."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.cli import main
from sarcoma_kg.questions import catalog
from tests.questions import expected
from tests.questions.test_questions import FILES, name
from tests.serving.served import Server, serving, small
from tests.stores import comunica


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("questions"), "--without-pages") as running:
        yield running


def _check(text: str, path: Path) -> None:
    """Hold a table in CSV to the expected one."""
    columns, rows = expected.read(path.with_suffix(".csv"))
    found = {
        tuple(expected.cell(row[column]) for column in columns)
        for row in csv.DictReader(io.StringIO(text))
    }
    assert found == rows


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_api_gives_the_expected_rows(path: Path, server: Server) -> None:
    address = f"{server.address}/api/questions/{name(path)}"
    _check(httpx.get(address, params={"format": "csv"}, timeout=60).text, path)
    document = httpx.get(address, timeout=60).json()
    columns, rows = expected.read(path.with_suffix(".csv"))
    found = set()
    for row in document["rows"]:
        values = (row["cells"].get(column) or {"value": ""} for column in columns)
        found.add(tuple(expected.cell(value["value"]) for value in values))
    assert found == rows
    assert document["complete"] is True


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
def test_ask_of_the_endpoint_gives_the_expected_rows(
    path: Path, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    endpoint = f"{server.address}/sparql"
    assert main(["ask", name(path), "--endpoint", endpoint, "--format", "csv"]) == 0
    _check(capfd.readouterr().out, path)


@pytest.fixture(scope="module")
def federation(
    triples: list[ox.Triple], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[comunica.Comunica]:
    """Comunica over two servers of ours, each with the claims of one review."""
    with ExitStack() as stack:
        places = []
        for at, part in enumerate(comunica.halves(triples, "S2")):
            folder = tmp_path_factory.mktemp(f"half{at}")
            content = ox.serialize(part, format=ox.RdfFormat.N_TRIPLES)
            assert content is not None
            made = small(folder, {"urn:sarcoma-kg:half": content})
            running = serving(folder, str(made), module="tests.serving.served")
            places.append(f"{stack.enter_context(running).address}/sparql")
        yield stack.enter_context(comunica.running(comunica.endpoints(places)))


_WHY_NOT = comunica.available()


@pytest.mark.others
@pytest.mark.skipif(bool(_WHY_NOT), reason=_WHY_NOT)
@pytest.mark.parametrize(
    "path", [path for path in FILES if name(path) not in comunica.UNANSWERED], ids=name
)
def test_comunica_over_two_servers_gives_the_expected_rows(
    path: Path, federation: comunica.Comunica
) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    assert expected.project(federation.select(catalog.read(path).query()), columns) == rows
