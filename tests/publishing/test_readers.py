"""Readers that no one here wrote load the ontology of a release, and find in it what we find."""

import json
import subprocess
from pathlib import Path

import pytest

from sarcoma_kg.ground import namespaces
from tests.publishing.test_ontology_forms import classes, said
from tests.tools import other_tools

READERS = (
    "pronto-owl", "pronto-obo", "pronto-obographs", "oak-owl", "oak-obo", "py-horned-owl",
    "py-horned-owl-obo", "owlready2", "rdflib",
)  # fmt: skip
SCRIPT = Path(__file__).parents[1] / "tools" / "read_ontology.py"
THREE = ("DedifferentiatedLiposarcoma", "Imatinib", "EWSR1FLI1Fusion")


def above(parents: set[tuple[str, str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = {start}
    while todo:
        todo = {parent for child, parent in parents if child in todo} - found
        found |= todo
    return found


@pytest.mark.others
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_what_we_find(release: Path, reader: str) -> None:
    python, ontology = other_tools(), release / "ontology"
    iris = [namespaces.SKG + name for name in THREE]
    done = subprocess.run(
        [python, "-W", "ignore", str(SCRIPT), reader, str(ontology), *iris],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    theirs = json.loads(done.stdout)
    ours = ontology / "sarcoma.ttl"
    terms = classes(ours)
    parents = said(ours, namespaces.PREFIXES["rdfs"] + "subClassOf")
    labels = dict(said(ours, namespaces.PREFIXES["rdfs"] + "label"))
    assert theirs["labels"].keys() == terms
    assert theirs["labels"] == {iri: labels.get(iri) for iri in terms}
    assert {iri: set(found) for iri, found in theirs["above"].items()} == {
        iri: above(parents, iri) for iri in iris
    }
