"""The graph that workers share is that of the disk, or is left where it is."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.questions import catalog
from sarcoma_kg.serving import held as module
from sarcoma_kg.serving.held import held
from tests.serving.served import small

NAMED = {"http://example.org/g": b'_:b <http://example.org/p> "1.50" .\n'}


def test_it_has_what_the_disk_has(build: builds.Build) -> None:
    place = f"{build.location}/store"
    disk, memory = ox.Store.read_only(place), held(place)
    assert memory is not None
    assert set(memory) == set(disk)
    for question in catalog.load()[::9]:
        answers = []
        for store in (disk, memory):
            found = store.query(question.query())
            assert isinstance(found, ox.QuerySolutions)
            answers.append([[str(cell) for cell in row] for row in found])
        assert answers[0] == answers[1], question.id


def test_named_graphs_and_blank_nodes_are_kept(tmp_path: Path) -> None:
    small(tmp_path, NAMED)
    place = str(tmp_path / "store")
    memory = held(place)
    assert memory is not None
    assert set(memory) == set(ox.Store.read_only(place))
    assert memory.contains_named_graph(ox.NamedNode("http://example.org/g"))


def test_a_large_graph_stays_on_the_disk(
    build: builds.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 1000)
    assert held(f"{build.location}/store") is None


def test_a_store_that_cannot_be_read_is_told_by_who_opens_it(tmp_path: Path) -> None:
    assert held(str(tmp_path / "none")) is None


def test_a_part_of_a_graph_is_none(build: builds.Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process that reads it is killed in the midst."""
    import os

    def broken(path: str, writing: int) -> None:
        with os.fdopen(writing, "wb") as out:
            out.write(module._COUNT.pack(2) + b"<http://a.b/s> <http://a.b/p> <http://a.b/o> .\n")

    monkeypatch.setattr(module, "_send", broken)
    assert held(f"{build.location}/store") is None
