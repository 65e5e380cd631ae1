"""The two axes of the disease tree, and the mark that tells group, type and subtype apart."""

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import reason
from sarcoma_kg.reading import loading
from sarcoma_kg.stores.store import EmbeddedStore

pytestmark = pytest.mark.usefixtures("one_java")
SKG = namespaces.SKG
PROLOGUE = f"PREFIX skg: <{SKG}> PREFIX owl: <{namespaces.PREFIXES['owl']}>\n"


def test_each_living_disease_has_one_rank(store: EmbeddedStore) -> None:
    """A class that a person adds without it is told here."""
    found = store.select(
        f"""{PROLOGUE} SELECT ?d (COUNT(?r) AS ?n) WHERE {{
          ?d skg:rollsUpTo skg:Disease . OPTIONAL {{ ?d skg:diseaseRank ?r }} }} GROUP BY ?d"""
    )
    assert len(found.rows) > 190
    assert [r["d"] for r in found.dicts() if int(r["n"]) != 1] == []


def test_a_molecular_subtype_stands_below_a_group_or_type_and_never_above(
    store: EmbeddedStore,
) -> None:
    wrong = store.select(
        f"""{PROLOGUE} SELECT ?d ?above WHERE {{
          ?d skg:diseaseRank skg:HistologicalType ; skg:rollsUpTo ?above .
          ?above skg:diseaseRank skg:MolecularSubtype . }}"""
    )
    # Its definition includes the fusion.
    assert {(r["d"].removeprefix(SKG), r["above"].removeprefix(SKG)) for r in wrong.dicts()} == {
        (
            "EpithelioidInflammatoryMyofibroblasticSarcoma",
            "ALKRearrangedInflammatoryMyofibroblasticTumor",
        )
    }


@pytest.mark.parametrize(
    ("histotype", "site", "inside", "outside"),
    [
        ("Rhabdomyosarcoma", "UBERON_0001474", "BoneSarcoma", "SoftTissueSarcoma"),
    ]
    + [
        pytest.param(*case, marks=pytest.mark.slow)
        for case in (
            ("Liposarcoma", "UBERON_0001474", "LiposarcomaOfBone", "Osteosarcoma"),
            ("Chondrosarcoma", "NCIT_C12471", "SoftTissueSarcoma", "BoneSarcoma"),
            (
                "Leiomyosarcoma",
                "UBERON_0000995",
                "UterineLeiomyosarcoma",
                "SoftTissueLeiomyosarcoma",
            ),
            ("Melanoma", "NCIT_C12471", "Melanoma", "SoftTissueSarcoma"),
        )
    ],
)
def test_a_type_at_a_site_classifies_itself(
    histotype: str, site: str, inside: str, outside: str
) -> None:
    """What nobody has added yet falls into its place, and makes no class empty."""
    text = f"""@prefix skg: <{SKG}> . @prefix obo: <http://purl.obolibrary.org/obo/> .
    @prefix owl: <{namespaces.PREFIXES["owl"]}> . @prefix rdfs: <{namespaces.PREFIXES["rdfs"]}> .
    <urn:new> a owl:Class ; rdfs:subClassOf skg:{histotype} ,
      [ a owl:Restriction ; owl:onProperty skg:hasSite ; owl:someValuesFrom obo:{site} ] ."""
    new = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    found = reason.classify([*pipeline.tbox(loading.packaged(), individuals=False), *new])
    assert found.unsatisfiable == frozenset()
    above: set[str] = set()
    todo = ["urn:new"]
    while todo:
        node = todo.pop()
        more = {b for a, b in found.subsumptions if a == node} - above
        above |= more
        todo += more
    assert SKG + inside in above
    assert SKG + outside not in above


def test_a_drug_is_found_by_its_antigen_and_by_the_protein_that_carries_it(
    store: EmbeddedStore,
) -> None:
    """Biologic agents only: a small molecule that enters the cell does not act on the antigen."""
    found = store.select(
        f"""PREFIX skg: <{namespaces.SKG}> SELECT ?drug ?antigen WHERE {{
          ?drug skg:actsOn ?antigen . ?antigen skg:rollsUpTo skg:Antigen }}"""
    )
    pairs = {
        (row["drug"].removeprefix(namespaces.SKG), row["antigen"].removeprefix(namespaces.SKG))
        for row in found.dicts()
    }
    assert {("Enoblituzumab", "B7H3Antigen"), ("Trastuzumab", "HER2Antigen")} <= pairs
    assert ("IfinatamabDeruxtecan", "B7H3Antigen") in pairs
    assert ("Lapatinib", "HER2Antigen") not in pairs


RANKS = {
    "histologicalTypeSubset": "HistologicalType",
    "diseaseGroupSubset": "DiseaseGroup",
    "molecularSubtypeSubset": "MolecularSubtype",
}
OBO = f"{PROLOGUE} PREFIX oboInOwl: <{namespaces.PREFIXES['oboInOwl']}>"


def subsets(store: EmbeddedStore) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in store.select(f"{OBO} SELECT ?c ?set {{ ?c oboInOwl:inSubset ?set }}").dicts():
        found.setdefault(row["set"].removeprefix(SKG), set()).add(row["c"].removeprefix(SKG))
    return found


def test_the_subsets_of_diseases_follow_the_rank(store: EmbeddedStore) -> None:
    found = subsets(store)
    assert set(found) == {*RANKS, "approvedTherapySubset"}
    for subset, rank in RANKS.items():
        ranked = store.select(f"{OBO} SELECT ?c {{ ?c skg:diseaseRank skg:{rank} }}").dicts()
        assert found[subset] == {row["c"].removeprefix(SKG) for row in ranked}, subset


def test_the_subset_of_approved_therapies_follows_the_evidence(store: EmbeddedStore) -> None:
    """A drug whose first approval for a mesenchymal tumour is entered is missing here until then.

    An act for neoplasms, without a disease, is one for every tumour with a molecular profile.
    """
    approved = store.select(
        f"""{OBO} SELECT DISTINCT ?drug {{
          ?act skg:regulatoryEventKind ?kind ; skg:checkStatus skg:Checked ;
            skg:concernsTherapy ?drug ; skg:concernsDisease ?disease .
          ?kind skg:approvalAfter true .
          FILTER(?disease = skg:Neoplasm || EXISTS {{ ?disease skg:rollsUpTo ?group .
            FILTER(?group IN (skg:MesenchymalNeoplasm, skg:Sarcoma)) }}) }}"""
    )
    drugs = {row["drug"].removeprefix(SKG) for row in approved.dicts()}
    assert subsets(store)["approvedTherapySubset"] == drugs
    assert {"Imatinib", "Larotrectinib"} <= drugs
    assert not {"Lifileucel", "SipuleucelT"} & drugs


def test_each_subset_is_declared_as_one(store: EmbeddedStore) -> None:
    declared = store.select(
        f"""{OBO} PREFIX rdfs: <{namespaces.PREFIXES["rdfs"]}>
        PREFIX obo: <{namespaces.PREFIXES["obo"]}> SELECT ?set {{
          ?set rdfs:subPropertyOf oboInOwl:SubsetProperty ; rdfs:label ?l ; obo:IAO_0000115 ?d }}"""
    )
    assert {row["set"].removeprefix(SKG) for row in declared.dicts()} == set(subsets(store))
