"""What is remembered of checks: after any change the same findings as of the whole asked anew."""

import json
import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground import resources
from sarcoma_kg.quality import checks
from sarcoma_kg.quality.remembered import Remembered
from sarcoma_kg.reading import loading
from sarcoma_kg.stores.store import EmbeddedStore

BAD = sorted((Path(__file__).parents[1] / "data" / "checks" / "bad").glob("*.ttl"))
EXAMPLE = resources.data_root() / "ontology" / "examples" / "lab-extension.ttl"


def store_of(triples: set[ox.Triple]) -> EmbeddedStore:
    store = EmbeddedStore(ox.Store())
    store.inner.extend(ox.Quad(*triple) for triple in triples)
    return store


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_findings_are_those_of_the_whole(tmp_path: Path, seed: int) -> None:
    """Triples of all bad examples come and go, a few or many at a time."""
    chance = random.Random(seed)
    pool = [quad.triple for path in [*BAD, EXAMPLE] for quad in loading.read(path, base="urn:x:")]
    files = checks.check_files()
    present: set[ox.Triple] = set()
    found = 0
    for step in range(12 if seed == 1 else 60):
        change = set(chance.sample(pool, chance.choice([1, 3, 300])))
        present = present ^ change
        # As the next process would: from the file.
        memory = Remembered(tmp_path / "kept.json")
        findings = memory.asking("all", present)(store_of(present), files)
        memory.keep()
        assert findings == checks.ask(store_of(present), files), step
        found += len(findings)
    assert found > 100


def test_only_what_can_see_a_change_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    real = checks.each

    def each(store: EmbeddedStore, files: list[Path]) -> object:
        asked.append([path.stem for path in files])
        return real(store, files)

    monkeypatch.setattr(checks, "each", each)
    files = checks.check_files()
    memory = Remembered(tmp_path / "kept.json")
    base = {quad.triple for quad in loading.read(EXAMPLE)}
    memory.asking("all", base)(store_of(base), files)
    memory.asking("all", base)(store_of(base), files)
    label = ox.Triple(
        ox.NamedNode("urn:x"),
        ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
        ox.Literal("x", language="en"),
    )
    memory.asking("all", {*base, label})(store_of({*base, label}), files)
    first, again, labelled = asked
    assert len(first) == len(files)
    assert again == []
    assert "label-unique" in labelled
    assert "class-in-tree" not in labelled
    assert len(labelled) < len(files) / 2


@pytest.mark.parametrize("damage", ["", "[]", "{", '["{}", "0"]', json.dumps(["x"])])
def test_a_damaged_file_is_as_none(tmp_path: Path, damage: str) -> None:
    place = tmp_path / "kept.json"
    base = {quad.triple for quad in loading.read(EXAMPLE)}
    memory = Remembered(place)
    memory.asking("all", base)(store_of(base), checks.check_files())
    memory.keep()
    place.write_text(damage, encoding="utf-8")
    files = checks.check_files()[:5]
    assert Remembered(place).asking("all", base)(store_of(base), files) == checks.ask(
        store_of(base), files
    )
