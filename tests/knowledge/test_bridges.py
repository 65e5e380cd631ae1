"""The bridges to upper ontologies: attested, sound, and loaded by nobody who did not ask."""

import csv

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.owl import reason
from sarcoma_kg.reading import loading
from sarcoma_kg.stores.store import EmbeddedStore

pytestmark = pytest.mark.usefixtures("one_java")
FOLDER = resources.data_root() / "ontology" / "bridges"
LABEL = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "label")
UNDER = tuple(namespaces.PREFIXES["rdfs"] + name for name in ("subClassOf", "subPropertyOf"))


@pytest.fixture(scope="module")
def triples() -> list[ox.Triple]:
    parsed = ox.parse(path=FOLDER / "upper.ttl", format=ox.RdfFormat.TURTLE)
    return [quad.triple for quad in parsed]


def test_nothing_loads_a_bridge_by_itself() -> None:
    assert not set(FOLDER.glob("*.ttl")) & set(resources.ontology_files())


def test_each_upper_term_was_read_where_the_table_says(triples: list[ox.Triple]) -> None:
    path = resources.data_root() / "ontology" / "mappings" / "attested.tsv"
    with path.open(encoding="utf-8") as lines:
        read = {(r["identifier"], r["label"]) for r in csv.DictReader(lines, delimiter="\t")}
    named = {
        (t.subject.value.rsplit("/", 1)[1].replace("_", ":"), t.object.value)
        for t in triples
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal)
        if t.predicate == LABEL and t.subject.value.startswith(namespaces.PREFIXES["obo"])
    }
    assert len(named) > 10
    assert named - read == set()


def test_each_link_joins_a_term_of_ours_to_a_term_of_the_file(
    triples: list[ox.Triple], store: EmbeddedStore
) -> None:
    links = [(t.subject, t.object) for t in triples if t.predicate.value in UNDER]
    labelled = {t.subject for t in triples if t.predicate == LABEL}
    ours = {row["term"] for row in store.select("SELECT DISTINCT ?term { ?term a ?kind }").dicts()}
    assert [upper for _, upper in links if upper not in labelled] == []
    known = {f"<{term}>" for term in ours} | {str(term) for term in labelled}
    assert [lower for lower, _ in links if str(lower) not in known] == []


def test_with_the_bridge_no_class_is_empty(triples: list[ox.Triple]) -> None:
    ontology = pipeline.tbox(loading.packaged(), individuals=False)
    assert reason.classify([*ontology, *triples]).unsatisfiable == set()
