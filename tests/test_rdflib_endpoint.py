"""The package rdflib-endpoint: another server, and another engine behind it."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg import builds, catalog, upload
from sarcoma_kg.remote import Credentials, RemoteStore
from sarcoma_kg.store import EmbeddedStore
from tests import expected, rdflib_server
from tests.test_questions import FILES

pytestmark = pytest.mark.others


@pytest.fixture(scope="module")
def remote(build: builds.Build) -> Iterator[RemoteStore]:
    """It parses a thousand triples of an update in 4 s; `make engines` loads all of them."""
    graph = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        graph.parse(build.folder / part)
    with rdflib_server.serving(graph) as address:
        yield RemoteStore(address, credentials=Credentials())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem.split("-")[0])
def test_the_expected_rows(path: Path, remote: RemoteStore, store: EmbeddedStore) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    query = catalog.read(path).query()
    theirs, ours = remote.select(query), store.select(query)
    assert expected.project(theirs, columns) == rows
    assert len(theirs.rows) == len(ours.rows)
    assert expected.project(theirs, ours.variables) == expected.project(ours, ours.variables)


def test_it_can_be_loaded(triples: list[ox.Triple]) -> None:
    with rdflib_server.serving(rdflib.Graph()) as address:
        store = RemoteStore(address, credentials=Credentials())
        assert upload.load(store, triples[:600]).sent == 600
        assert upload.load(store, triples[:600]).sent == 0
