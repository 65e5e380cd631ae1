"""Characteristic alterations: each with one role and a source that was read."""

import csv

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.stores.store import EmbeddedStore

SKG = namespaces.SKG
PROLOGUE = "".join(f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "owl", "dcterms"))


def test_each_has_one_role_and_a_source_that_was_read(store: EmbeddedStore) -> None:
    answer = store.select(
        f"""{PROLOGUE} SELECT ?d ?a (COUNT(DISTINCT ?r) AS ?roles) (COUNT(DISTINCT ?s) AS ?sources)
        WHERE {{
          ?d skg:characteristicAlteration ?a .
          OPTIONAL {{ ?axiom owl:annotatedSource ?d ; owl:annotatedTarget ?a ;
            owl:annotatedProperty skg:characteristicAlteration ;
            skg:alterationRole ?r ; dcterms:source ?s }} }} GROUP BY ?d ?a"""
    )
    found = list(answer.dicts())
    assert [row for row in found if (row["roles"], row["sources"]) != ("1", "1")] == []
    assert len({row["d"] for row in found}) > 30
    path = resources.data_root() / "ontology" / "mappings" / "attested.tsv"
    with path.open(encoding="utf-8") as lines:
        read = {(r["entity"], r["identifier"]) for r in csv.DictReader(lines, delimiter="\t")}
    pairs = {(namespaces.contract(row["d"]), namespaces.contract(row["a"])) for row in found}
    assert pairs - read == set()


def test_they_point_at_alterations_of_the_tree(store: EmbeddedStore) -> None:
    stray = store.select(
        f"""{PROLOGUE} SELECT ?d ?a WHERE {{ ?d skg:characteristicAlteration ?a .
          FILTER NOT EXISTS {{ ?a skg:rollsUpTo skg:Alteration }} }}"""
    )
    assert stray.rows == []


def test_diagnoses_that_share_a_partner_are_found_from_either_side(store: EmbeddedStore) -> None:
    """EWSR1 joins them, at the level of the fusion."""
    found = store.select(
        f"""{PROLOGUE} SELECT DISTINCT ?d WHERE {{
          ?d skg:characteristicAlteration ?a . ?a skg:alterationOf skg:EWSR1 }}"""
    )
    names = {row["d"].removeprefix(SKG) for row in found.dicts()}
    assert {
        "EwingSarcoma",
        "DesmoplasticSmallRoundCellTumor",
        "ClearCellSarcomaOfSoftTissue",
        "AngiomatoidFibrousHistiocytoma",
        "ExtraskeletalMyxoidChondrosarcoma",
        "RoundCellSarcomaWithEWSR1NFATC2Fusion",
    } <= names
    assert "SynovialSarcoma" not in names
