"""Where sources are still missing, and what may count as one."""

import csv

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.stores.store import EmbeddedStore
from tests.knowledge import counts

PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "owl", "dcterms", "obo", "rdfs")
)


def test_few_relations_await_a_source(store: EmbeddedStore) -> None:
    waiting = store.select(
        f"""{PROLOGUE} SELECT ?axiom WHERE {{ ?axiom skg:awaitingSource true ;
          owl:annotatedTarget/owl:onProperty ?property }}"""
    )
    assert len(waiting.rows) <= 100


def test_few_definitions_await_a_source(store: EmbeddedStore) -> None:
    """The terms that this ontology coined for itself have a mark of their own and wait for none."""
    waiting = store.select(
        f"""{PROLOGUE} SELECT ?term WHERE {{ ?term obo:IAO_0000119 skg:CuratorKnowledge
          FILTER NOT EXISTS {{ ?term owl:deprecated true }} }}"""
    )
    assert len(waiting.rows) <= 160


def test_what_rests_on_its_logical_definition_has_one(store: EmbeddedStore) -> None:
    bare = store.select(
        f"""{PROLOGUE} SELECT ?term WHERE {{ ?term obo:IAO_0000119 skg:LogicalDefinition
          FILTER NOT EXISTS {{ ?term owl:equivalentClass ?definition }} }}"""
    )
    assert bare.rows == []


def test_predictive_evidence_attests_no_mechanism(store: EmbeddedStore) -> None:
    """That a drug was tried in a tumour with an altered gene does not say that it acts on it."""
    found = store.select(
        f"""{PROLOGUE} SELECT ?drug ?source WHERE {{
          ?axiom owl:annotatedSource ?drug ; dcterms:source ?source ;
            owl:annotatedTarget/owl:onProperty ?property .
          FILTER(?property IN (skg:inhibits, skg:activates, skg:binds))
          FILTER(CONTAINS(STR(?source), "evidence_items")) }}"""
    )
    assert found.rows == []


def test_the_ledger_of_what_is_missing_is_true(store: EmbeddedStore) -> None:
    """What it calls in is in; of all else it says where somebody looked."""
    path = resources.data_root() / "ontology" / "mappings" / "completeness.tsv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    answer = store.select(f"{PROLOGUE} SELECT ?term WHERE {{ ?term a owl:Class }}")
    here = {namespaces.contract(row["term"]) for row in answer.dicts()}
    assert len(rows) > 100
    assert {row["state"] for row in rows} == {"in", "out"}
    assert [row["named"] for row in rows if (row["state"] == "in") != (row["term"] in here)] == []
    assert [row["named"] for row in rows if not row["term"] and not row["looked_up"]] == []


def test_the_counts_of_the_version_page_can_be_taken() -> None:
    found = counts.counted(resources.data_root())
    assert all(number > 0 for number in found.values())
    assert found["of these fusions"] < found["alterations"]
    assert found["definitions that await a source"] <= 160
    assert found["relations that await a source"] <= 100
