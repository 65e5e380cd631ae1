"""Characteristic alterations: each with one role and a source that was read."""

import csv
import re

import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.stores.store import EmbeddedStore

SKG = namespaces.SKG
PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "owl", "dcterms", "rdfs")
)


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


ROLES = (
    "DefiningAlteration",
    "AlterationInMostCases",
    "AlterationInSubset",
    "AlterationInRareCases",
)


def statements(store: EmbeddedStore) -> list[dict[str, str]]:
    answer = store.select(
        f"""{PROLOGUE} SELECT ?d ?a ?role ?share WHERE {{
          ?axiom owl:annotatedSource ?d ; owl:annotatedTarget ?a ;
            owl:annotatedProperty skg:characteristicAlteration ; skg:alterationRole ?role .
          OPTIONAL {{ ?axiom skg:statedShare ?share }} }}"""
    )
    return [{k: v.removeprefix(SKG) for k, v in row.items()} for row in answer.dicts()]


def share_of(text: str) -> float | None:
    """The share that a source prints, between 0 and 1; None where it prints no number."""
    if counted := re.search(r"(\d+) of (\d+)", text):
        return int(counted[1]) / int(counted[2])
    if percent := re.search(r"(\d+) ?%", text):
        return int(percent[1]) / 100
    return None


def disagrees(role: str, share: str) -> bool:
    """Whether a role says another share of cases than the source prints."""
    part = share_of(share)
    if part is None:
        return False
    return {
        "DefiningAlteration": part < 0.9,
        "AlterationInMostCases": part <= 0.5,
        "AlterationInSubset": part > 0.5,
        "AlterationInRareCases": part > 0.1,
    }[role]


def test_a_role_says_what_the_printed_share_says(store: EmbeddedStore) -> None:
    found = [row for row in statements(store) if row.get("share")]
    assert len([row for row in found if share_of(row["share"]) is not None]) > 30
    assert [row for row in found if disagrees(row["role"], row["share"])] == []


@pytest.mark.parametrize(
    ("role", "share"),
    [
        ("AlterationInSubset", "30 of 31"),
        ("AlterationInSubset", "more than 90 %"),
        ("AlterationInMostCases", "up to 6 %"),
        ("AlterationInRareCases", "91 of 243 (37 %)"),
        ("DefiningAlteration", "6 of 10"),
    ],
)
def test_a_role_that_the_share_contradicts_is_told(role: str, share: str) -> None:
    assert disagrees(role, share)


def test_what_every_case_has_by_an_axiom_is_defining(store: EmbeddedStore) -> None:
    """A necessary alteration that a source calls frequent only would contradict the axiom."""
    strict = store.select(
        f"""{PROLOGUE} SELECT ?d ?a WHERE {{
          ?d rdfs:subClassOf ?each . ?each owl:onProperty skg:hasAlteration ;
            owl:someValuesFrom ?a . FILTER(STRSTARTS(STR(?d), "{SKG}")) }}"""
    )
    pairs = {(row["d"].removeprefix(SKG), row["a"].removeprefix(SKG)) for row in strict.dicts()}
    assert len(pairs) > 10
    roles = {(row["d"], row["a"]): row["role"] for row in statements(store)}
    assert {p for p in pairs if roles.get(p, "DefiningAlteration") != "DefiningAlteration"} == set()


def test_fusions_by_which_a_type_is_known_are_in_most_cases(store: EmbeddedStore) -> None:
    """Written by a specialist: no pathologist would call these an alteration in a subset."""
    roles = {(row["d"], row["a"]): row["role"] for row in statements(store)}
    for pair in (
        ("MyxoidLiposarcoma", "FUSDDIT3Fusion"),
        ("ClearCellSarcomaOfSoftTissue", "EWSR1ATF1Fusion"),
        ("DermatofibrosarcomaProtuberans", "COL1A1PDGFBFusion"),
        ("MesenchymalChondrosarcoma", "HEY1NCOA2Fusion"),
        ("SynovialSarcoma", "SS18SSX1Fusion"),
        ("AlveolarRhabdomyosarcoma", "PAX3FOXO1Fusion"),
        ("DesmoidTypeFibromatosis", "CTNNB1Mutation"),
        ("GastrointestinalStromalTumor", "KITMutation"),
        ("ExtrarenalRhabdoidTumor", "SMARCB1Loss"),
    ):
        assert roles[pair] in ROLES[:2], pair
