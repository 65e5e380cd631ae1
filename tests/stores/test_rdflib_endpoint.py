"""The package rdflib-endpoint: another server, and another engine behind it."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg.building import builds
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.stores.writable import WritableStore
from tests.questions import expected
from tests.questions.test_questions import FILES
from tests.stores import rdflib_server

pytestmark = pytest.mark.others


@pytest.fixture(scope="module")
def remote(build: builds.Build) -> Iterator[WritableStore]:
    """It parses a thousand triples of an update in 4 s; `make engines` loads all of them."""
    graph = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        graph.parse(build.folder / part)
    with rdflib_server.serving(graph) as address:
        yield WritableStore(address, credentials=Credentials())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem.split("-")[0])
def test_the_expected_rows(path: Path, remote: WritableStore, store: EmbeddedStore) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    query = catalog.read(path).query()
    theirs, ours = remote.select(query), store.select(query)
    assert expected.project(theirs, columns) == rows
    assert len(theirs.rows) == len(ours.rows)
    assert expected.project(theirs, ours.variables) == expected.project(ours, ours.variables)


def test_it_can_be_loaded(triples: list[ox.Triple]) -> None:
    with rdflib_server.serving(rdflib.Graph()) as address:
        store = WritableStore(address, credentials=Credentials())
        assert upload.load(store, triples[:600]).sent == 600
        assert upload.load(store, triples[:600]).sent == 0
