"""A long table: taken in parts, the same records as at once, with little memory."""

import itertools
import random
from pathlib import Path

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.reading import rows
from sarcoma_kg.reading.cells import Faulty
from sarcoma_kg.sources import changes, ingest, ledger, recipe
from sarcoma_kg.sources.sorting import SortedLines
from tests import machine
from tests.benchmarks import records
from tests.sources.conftest import Ingest

NUMBER = 400


@pytest.fixture
def table(tmp_path: Path) -> rows.Table:
    records.write(tmp_path / "t.tsv", NUMBER)
    return rows.table(tmp_path / "t.tsv")


def take(table: rows.Table, build: builds.Build, target: Path) -> ingest.Taken:
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    return ingest.take(
        ingest.Run(recipe.read(recipe.find("civic")), table, target, build.open(), parts)
    )


def test_in_parts_or_at_once_the_records_are_the_same(
    table: rows.Table, build: builds.Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sarcoma_kg.sources.sorting._RUN", 50_000)
    at_once = take(table, build, tmp_path / "at-once.nt")
    monkeypatch.setattr(ingest, "_PART", 90)
    in_parts = take(table, build, tmp_path / "in-parts.nt")
    for name in ("nt", "ledger.tsv"):
        one, other = (tmp_path / f"{how}.{name}" for how in ("at-once", "in-parts"))
        assert one.read_bytes() == other.read_bytes()
    assert at_once.ledger.sums() == in_parts.ledger.sums()
    assert (at_once.ledger.taken, at_once.ledger.listed) == (392, 8)


def test_a_record_that_breaks_a_shape_is_listed_in_parts_too(
    run: Ingest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(to="at-once.nt")
    monkeypatch.setattr(ingest, "_PART", 3)
    run(to="in-parts.nt")
    for name in ("nt", "ledger.tsv"):
        one, other = (folder / f"{how}.{name}" for how in ("at-once", "in-parts"))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("points", "told"), [("kb:trials-{}", True), ("kb:other-{}", False)])
def test_links_between_parts_are_told(
    run: Ingest, folder: Path, monkeypatch: pytest.MonkeyPatch, points: str, told: bool
) -> None:
    """No shape saw what stands at the other end."""
    path = folder / "trials.yaml"
    path.write_text(
        path.read_text().replace("address: https://example.org/trials/{}", f"address: {points}")
    )
    assert not run(to="at-once.nt").apart
    monkeypatch.setattr(ingest, "_PART", 3)
    assert run(to="in-parts.nt").apart == told


def test_what_is_wrong_with_the_dump_is_told_in_parts_too(
    run: Ingest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_PART", 3)
    text = (folder / "trials.yaml").read_text()
    (folder / "trials.yaml").write_text(text.replace("2026-11-01", "2026-02-31"))
    assert run(to="out.nt").findings
    assert not list(folder.glob("out.*"))


@pytest.mark.parametrize("length", [1, 40, 10**6])
def test_lines_are_sorted_whatever_the_runs(
    tmp_path: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Subjects of which one is the beginning of another, and one that comes several times."""
    monkeypatch.setattr("sarcoma_kg.sources.sorting._RUN", length)
    names = ["a", "a-1", "ab", "a/b", "b", "\U0001f600"]
    lines = [f'<{name}> <p> "{n}\\u001F\u2028\x85" .\n' for name in names for n in range(9)]
    chance = random.Random(1)
    runs = SortedLines(tmp_path)
    for _ in range(60):
        runs.add("".join(sorted(chance.sample(lines, chance.randint(0, 5)))))
    runs.add("".join(sorted(lines)))
    runs.write(tmp_path / "out.nt")
    assert (tmp_path / "out.nt").read_text() == "".join(sorted(lines))


def test_changes_of_names_that_begin_alike(tmp_path: Path) -> None:
    def written(name: str, keys: dict[str, str]) -> Path:
        path = tmp_path / name
        told = (f'<http://x/{k}> <{ingest._SKG}rowKey> "{v}" .\n' for k, v in keys.items())
        path.write_text("".join(sorted(told)))
        return path

    old = written("old.nt", {"a": "1", "a-1": "1", "ab": "1", "b": "1"})
    new = written("new.nt", {"a": "1", "a-1": "2", "ac": "1", "b": "1", "a.": "3"})
    found = changes.between(old, new)
    assert found
    assert [sorted(iri[9:] for iri in one) for one in (found.added, found.changed, found.gone)] == [
        ["a.", "ac"], ["a-1"], ["ab"]
    ]  # fmt: skip
    assert found.same == 2
    old.write_text("".join(reversed(old.read_text().splitlines(keepends=True))))
    assert changes.between(old, new) is None, "not as it was written"


def test_a_ledger_as_long_as_the_table_is_not_held(tmp_path: Path) -> None:
    made = ledger.Ledger()
    entry = ledger.Entry(2, "k", "column", "a value\twith a tab", "a reason " * 10, ("x", "y"))
    before = machine.peak()
    for _ in range(100_000):
        made.list_row([entry])
    assert machine.peak() - before < 15
    assert next(iter(made)) == entry
    made.write(tmp_path / "t.tsv")
    again = ledger.Ledger.read(tmp_path / "t.tsv", 7, {"s": 1})
    assert (again.taken, again.left) == (7, {"s": 1})
    assert list(itertools.islice(again, 3)) == [entry] * 3


def test_memory_does_not_grow_with_the_cells_that_were_seen(build: builds.Build) -> None:
    """What became of a cell is remembered, but not for ever."""
    from sarcoma_kg.sources import taking
    from sarcoma_kg.sources.decisions import Decisions
    from sarcoma_kg.sources.index import Index

    read = recipe.read(recipe.find("civic"))
    taker = taking.Taker(read, Index(build.open()), Decisions(None), "https://x/", frozenset({""}))
    for number, cells in enumerate(itertools.islice(records.rows(), 9_000)):
        taker.take(rows.Row(number, dict(zip(records.COLUMNS, cells, strict=True))))
    assert max(len(known.made) for known in taker._known) == taking._MOST_KNOWN


def test_a_formula_is_not_what_it_reads_as(run: Ingest, folder: Path, build: builds.Build) -> None:
    """A faulty cell is listed, though the same text was taken as a value before."""
    from sarcoma_kg.sources.decisions import Decisions
    from sarcoma_kg.sources.index import Index
    from sarcoma_kg.sources.taking import Taker

    read = recipe.read(folder / "trials.yaml")
    taker = Taker(read, Index(build.open()), Decisions(None), "https://x/", frozenset({""}))
    cells = dict.fromkeys(read.columns, "") | {"id": "1", "disease": "GIST", "drug": "imatinib"}
    for drug, taken in (
        ("imatinib", True), (Faulty("imatinib", "is a formula"), False), ("imatinib", True),
    ):  # fmt: skip
        _, lines, entries = taker.take(rows.Row(2, cells | {"drug": drug}))
        assert bool(lines) == taken
        assert [entry.reason for entry in entries] == ([] if taken else ["is a formula"])
