"""One build for the whole test run, in a cache of its own."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, pipeline
from sarcoma_kg.commands import console
from sarcoma_kg.publishing import publish
from sarcoma_kg.stores.store import EmbeddedStore
from tests import machine

pytest_plugins = ["tests.passes"]


@pytest.fixture(scope="session")
def _common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the processes of this run have in common."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Let one of the processes in, while the others wait."""
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = os.environ.get("SARCOMA_KG_CACHE")
    own = tmp_path_factory.mktemp("cache")
    os.environ["SARCOMA_KG_CACHE"] = str(own)
    yield own
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
        monkeypatch.setattr(console, "apart", lambda *_, **__: None)


@pytest.fixture(scope="session")
def build(_own_cache: Path, _common: Path) -> builds.Build:
    """The packaged graph, built once, by the first of the processes that needs it."""
    made = _common / "made"
    with _alone(_common / "building"):
        if made.exists():
            shutil.copytree(made, _own_cache, dirs_exist_ok=True)
        else:
            pipeline.build()
            shutil.copytree(_own_cache, made)
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
def release(build: builds.Build, _common: Path) -> Path:
    """A whole release, made by the first of the processes that needs it."""
    target = _common / "release"
    with _alone(_common / "publishing"):
        if not target.exists():
            publish.publish(build, target)
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material, which exists on the curators' machines only."""
    if machine.SHARED is None:
        pytest.skip(machine.WHY_NOT_SHARED)
    return machine.SHARED
