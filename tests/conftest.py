"""One build for the whole test run, in a cache of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, pipeline
from sarcoma_kg.commands import console
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing import publish
from sarcoma_kg.stores.store import EmbeddedStore
from tests import machine

pytest_plugins = ["tests.passes"]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("SARCOMA_KG_CACHE")
    os.environ["SARCOMA_KG_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["SARCOMA_KG_CACHE"]
    else:
        os.environ["SARCOMA_KG_CACHE"] = before


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command that a test calls run here, where what it prints and does can be seen.

    Tests of the process with limits have the mark `apart`; those that begin a command as a shell
    does get it anyway.
    """
    if not request.node.get_closest_marker("apart"):
        monkeypatch.setattr(console, "apart", lambda *_: None)


@pytest.fixture(scope="session")
def build(_own_cache: None) -> builds.Build:
    """The packaged graph, built once."""
    return pipeline.build()[0]


@pytest.fixture(scope="session")
def store(build: builds.Build) -> EmbeddedStore:
    """The built store, read-only."""
    return build.open()


@pytest.fixture(scope="session")
def triples(build: builds.Build) -> list[ox.Triple]:
    """All triples, asserted and inferred."""
    return [
        quad.triple
        for part in ("asserted.nt", "inferred.nt")
        for quad in ox.parse(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
    ]


@pytest.fixture(scope="session")
def release(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole release, made by the first of the processes that needs it."""
    root = tmp_path_factory.getbasetemp()
    target = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "release"
    if not target.exists():
        try:
            publish.publish(build, target)
        except UserError:
            if not target.exists():  # another process was faster
                raise
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material, which exists on the curators' machines only."""
    if machine.SHARED is None:
        pytest.skip(machine.WHY_NOT_SHARED)
    return machine.SHARED
