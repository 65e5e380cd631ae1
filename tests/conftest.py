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
from sarcoma_kg.stores.store import EmbeddedStore, Solutions
from tests import machine

pytest_plugins = ["tests.passes", "tests.one_java"]


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the processes of this run have in common."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


@contextmanager
def alone(place: Path) -> Iterator[None]:
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


class _Remembering(EmbeddedStore):
    """A store that cannot change, which works out each answer once."""

    def __init__(self, opened: EmbeddedStore) -> None:
        super().__init__(opened.inner, opened.path)
        self._answers: dict[str, Solutions] = {}

    def select(self, query: str) -> Solutions:
        found = self._answers.get(query)
        if found is None:
            found = self._answers[query] = super().select(query)
        return Solutions([*found.variables], [*found.rows])


@pytest.fixture(scope="session", autouse=True)
def _asked_once(_own_cache: Path) -> Iterator[None]:
    """Let a build of this run be opened once, and each question be put to it once.

    Hundreds of tests ask the same of it: which names there are, what is claimed. Builds in other
    caches are opened as ever; so are those of this one that are damaged, which is found before.
    """
    opened: dict[str, EmbeddedStore] = {}
    before = builds.Build.open

    def once(build: builds.Build) -> EmbeddedStore:
        if not build.folder.is_relative_to(_own_cache):
            return before(build)
        if build.location not in opened:
            opened[build.location] = _Remembering(before(build))
        return opened[build.location]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builds.Build, "open", once)
        yield


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command that a test calls run here, where what it prints and does can be seen.

    Tests of the process with limits have the mark `apart`; those that begin a command as a shell
    does get it anyway.
    """
    if not request.node.get_closest_marker("apart"):
        monkeypatch.setattr(console, "apart", lambda *_, **__: None)


@pytest.fixture(scope="session")
def build(_own_cache: Path, common: Path) -> builds.Build:
    """The packaged graph, built once, by the first of the processes that needs it."""
    made = common / "made"
    with alone(common / "building"):
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
def release(build: builds.Build, common: Path) -> Path:
    """A whole release, made by the first of the processes that needs it."""
    target = common / "release"
    with alone(common / "publishing"):
        if not target.exists():
            publish.publish(build, target)
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material, which exists on the curators' machines only."""
    if machine.SHARED is None:
        pytest.skip(machine.WHY_NOT_SHARED)
    return machine.SHARED
