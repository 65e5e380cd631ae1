"""The release: the same bytes everywhere, every form the same graph, whole or not at all."""

import gzip
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import cache, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing import graphs, inventory, jsonld, publish, workers
from sarcoma_kg.publishing.release import Release, Say, Writer
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores.store import EmbeddedStore
from tests.questions import expected

ROOT = Path(__file__).parents[2]
QUESTIONS = sorted((resources.data_root() / "queries" / "competency").glob("*.rq"))
GRAPHS = {"ontology": "ontology/sarcoma"} | {
    name: f"graphs/{name}" for name in ("asserted", "inferred", "sarcoma-kg")
}
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "owl": ox.RdfFormat.RDF_XML,
    "nt.gz": ox.RdfFormat.N_TRIPLES,
    "nq.gz": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def content(path: Path) -> bytes:
    """Return a file, unpacked; a JSON-LD document with its context inside."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.suffix == ".jsonld":
        data = json.loads(raw)
        assert data["@context"] == jsonld.CONTEXT
        context = json.loads((resources.data_root() / "ontology" / "context.jsonld").read_bytes())
        raw = json.dumps({**data, **context}).encode()
    return raw


def canonical(raw: bytes, form: ox.RdfFormat) -> ox.Dataset:
    """Return the triples of a document, blank nodes by their canonical labels."""
    quads = ox.parse(raw, format=form)
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.slow
@pytest.mark.parametrize("place", GRAPHS.values(), ids=GRAPHS)
def test_every_form_is_the_same_graph(release: Path, place: str) -> None:
    found = {e: canonical(content(release / f"{place}.{e}"), f) for e, f in FORMATS.items()}
    first = found["nt.gz"]
    assert len(first) > 1000
    assert [ending for ending, dataset in found.items() if dataset != first] == []


def test_the_whole_is_the_build(release: Path, triples: list[ox.Triple]) -> None:
    raw = content(release / "graphs" / "sarcoma-kg.nt.gz")
    built = "".join(f"{triple} .\n" for triple in triples).encode()
    forms = ox.RdfFormat.N_TRIPLES
    assert canonical(raw, forms) == canonical(built, forms)
    lines = raw.decode().splitlines(keepends=True)
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("form", [("ttl", "turtle"), ("owl", "xml"), ("jsonld", "json-ld")])
def test_rdflib_reads_the_same(release: Path, form: tuple[str, str]) -> None:
    """A second opinion, on the graph without blank nodes: there triples can be compared."""
    ending, name = form
    place = release / "graphs"
    theirs = rdflib.Graph().parse(data=content(place / f"inferred.{ending}"), format=name)
    ours = rdflib.Graph().parse(data=content(place / "inferred.nt.gz"), format="nt")
    assert set(theirs) == set(ours)


def test_named_graphs_are_what_they_are_called(release: Path) -> None:
    quads = ox.parse(content(release / "graphs" / "sarcoma-kg.nq.gz"), format=ox.RdfFormat.N_QUADS)
    parts: dict[str, set[ox.Triple]] = {}
    for quad in quads:
        parts.setdefault(quad.graph_name.value, set()).add(quad.triple)
    assert set(parts) == {graphs.GRAPH + "asserted", graphs.GRAPH + "inferred"}
    for name in ("asserted", "inferred"):
        raw = content(release / "graphs" / f"{name}.nt.gz")
        wanted = {quad.triple for quad in ox.parse(raw, format=ox.RdfFormat.N_TRIPLES)}
        assert parts[graphs.GRAPH + name] == wanted


@pytest.fixture(scope="module")
def published(release: Path, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """The published N-Quads alone, in an empty store; asked as the union of their graphs."""
    store = ox.Store()
    store.bulk_load(
        gzip.decompress((release / "graphs" / "sarcoma-kg.nq.gz").read_bytes()),
        format=ox.RdfFormat.N_QUADS,
    )
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return EmbeddedStore(store)


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda p: p.stem.split("-")[0])
def test_the_questions_on_the_published_quads(path: Path, published: EmbeddedStore) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    assert expected.project(published.select(catalog.read(path).query()), columns) == rows


RUN = "import sys; from sarcoma_kg.cli import main; sys.exit(main(sys.argv[1:]))"


def elsewhere(target: Path, cache: Path, *words: str, **more: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "SARCOMA_KG_CACHE": str(cache)}
    return subprocess.Popen(
        # Pages have a test of their own for this, in test_pages.py, and take most of the time.
        [sys.executable, "-c", RUN, "publish", str(target), "--without", "site", *words],
        env=environment | more,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_the_same_bytes_elsewhere(tmp_path: Path, build: builds.Build) -> None:
    """Other paths, time zone, locale, order of hashes, number of processes; a build made anew."""
    one = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
    two = {"TZ": "America/Caracas", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}
    folders = [tmp_path / "one", tmp_path / "two" / "deeper"]
    runs = [
        elsewhere(folders[0], tmp_path / "cache-1", "--jobs", "1", **one),
        elsewhere(folders[1], tmp_path / "cache-2", "--jobs", "3", **two),
    ]
    for process in runs:
        _, words = process.communicate()
        assert process.returncode == 0, words.decode()
    sums = [(folder / inventory.SUMS).read_bytes() for folder in folders]
    assert sums[0] == sums[1]
    assert len(sums[0].splitlines()) > 100


def test_checksums_hold_and_nothing_is_left_out(release: Path) -> None:
    tool = shutil.which("sha256sum")
    if not tool:
        pytest.skip("needs sha256sum")
    done = subprocess.run(
        [tool, "--check", "--strict", "--quiet", inventory.SUMS], cwd=release, check=False
    )
    assert done.returncode == 0
    named = {line.split("  ", 1)[1] for line in (release / inventory.SUMS).read_text().splitlines()}
    there = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    assert there - named == {inventory.SUMS}


def test_compressed_files_have_no_name_and_no_time(release: Path) -> None:
    for path in release.rglob("*.gz"):
        head = path.read_bytes()[:10]
        assert head[3] == 0, "flags: no name, no comment"
        assert head[4:8] == bytes(4), "time"
        assert head[9] == 255, "operating system: unknown"


# Whole or not at all


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_target_that_holds_something_is_refused(
    tmp_path: Path, build: builds.Build, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"
    if what == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine").touch()
    assert cli.main(["publish", str(target)]) == 2
    assert "out: is " in capsys.readouterr().err
    assert left(tmp_path) == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path, build: builds.Build) -> None:
    target = tmp_path / "out"
    target.mkdir()
    left_out = ["nanopubs", "tables", "site"]
    assert cli.main(["publish", str(target), "--without", *left_out]) == 0
    assert (target / inventory.SUMS).exists()
    assert not [name for name in left_out if (target / name).exists()]
    assert left(tmp_path) == ["out"]


def test_a_place_that_may_not_be_written(tmp_path: Path, build: builds.Build) -> None:
    with pytest.raises(UserError, match=r"cannot be written: .*no release was made"):
        publish.publish(build, Path("/proc/nowhere/out"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk(tmp_path: Path, build: builds.Build, jobs: int) -> None:
    """A file system of three megabytes, where that may be made; it is full half-way."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(small)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(UserError, match="No space left on device; no release was made"):
            publish.publish(build, small / "out", without=["site"], jobs=jobs)
        assert left(small) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_half_way(tmp_path: Path, build: builds.Build, name: str) -> None:
    target = tmp_path / "out"
    process = elsewhere(target, Path(cache.cache_root()))
    assert process.stderr
    for line in process.stderr:
        if b"writing the asserted graph" in line:
            break
    time.sleep(0.05)
    process.send_signal(getattr(signal, name))
    _, words = process.communicate()
    assert process.returncode == 130
    assert b"interrupted; nothing half-written was kept" in words
    assert left(tmp_path) == []


# Parts that are written at the same time


def speaks(release: Release, say: Say) -> None:
    say(f"{release.version} by process {os.getpid()}")


def refuses(release: Release, say: Say) -> None:
    raise UserError("it cannot be", "try another way")


def dies(release: Release, say: Say) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_in_two(*writers: Writer) -> list[str]:
    """Write parts of a release by two processes; return what they say."""
    said: list[str] = []
    release = Release(builds.Build("/nowhere"), Path("/nowhere"), "2026-11-28")
    with workers.started(2, said.append) as run:
        run(release, writers)
    return said


def test_other_processes_are_heard() -> None:
    said = run_in_two(speaks, speaks)
    assert [words.split()[0] for words in said] == ["2026-11-28"] * 2
    assert str(os.getpid()) not in {words.split()[-1] for words in said}


def test_an_error_in_another_process_is_that_of_the_release() -> None:
    with pytest.raises(UserError, match="it cannot be") as caught:
        run_in_two(refuses, speaks)
    assert caught.value.hint == "try another way"


def test_a_process_that_is_stopped_ends_all() -> None:
    before = set(multiprocessing.active_children())
    with pytest.raises(UserError, match="was stopped; no release was made"):
        run_in_two(dies, speaks)
    assert set(multiprocessing.active_children()) <= before
