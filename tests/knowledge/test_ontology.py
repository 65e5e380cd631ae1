"""The ontology: what classifies where, what is named how, and that it opens offline."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.reading import loading
from sarcoma_kg.shacl import exact
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import lookup

SKG = namespaces.SKG
PROLOGUE = f"""PREFIX skg: <{SKG}> PREFIX owl: <{namespaces.PREFIXES["owl"]}>
PREFIX rdfs: <{namespaces.PREFIXES["rdfs"]}> PREFIX obo: <http://purl.obolibrary.org/obo/>
"""


def members(store: EmbeddedStore, group: str) -> set[str]:
    answer = store.select(
        f"{PROLOGUE} SELECT ?x WHERE {{ ?x skg:rollsUpTo skg:{group} FILTER(?x != skg:{group}) }}"
    )
    return {r["x"].removeprefix(SKG) for r in answer.dicts()}


# What a specialist expects to classify by definition; named from pharmacology and pathology, and
# the second list holds what must stay out.
CLASSIFIED = [
    ("MDM2Inhibitor", "Milademetan Idasanutlin Brigimadlin", "Palbociclib"),
    ("CDK46Inhibitor", "Palbociclib Abemaciclib Ribociclib", "Imatinib"),
    ("CDKInhibitor", "CDK46Inhibitor Palbociclib", "Milademetan"),
    ("NTRKInhibitor", "Larotrectinib Entrectinib", "Crizotinib"),
    ("TyrosineKinaseInhibitor", "Imatinib Sunitinib Regorafenib Pazopanib Avapritinib Axitinib "
     "NTRKInhibitor ALKInhibitor", "Palbociclib Tazemetostat Cixutumumab Olaratumab"),
    ("ImmuneCheckpointInhibitor", "Pembrolizumab Nivolumab Ipilimumab Atezolizumab", "Imatinib"),
    ("ALKInhibitor", "Crizotinib Alectinib Ceritinib", "Imatinib"),
    ("IDHInhibitor", "Ivosidenib Enasidenib", "Tazemetostat"),
    ("IDH1Inhibitor", "Ivosidenib Olutasidenib", "Enasidenib"),
    ("EZH2Inhibitor", "Tazemetostat", "Vorinostat"),
    ("PARPInhibitor", "Olaparib Niraparib", "Doxorubicin"),
    ("IGF1RInhibitor", "Cixutumumab Linsitinib", "Imatinib"),
    ("HedgehogPathwayInhibitor", "Vismodegib Sonidegib", "Imatinib"),
    ("TKIICIRegimen", "AxitinibPembrolizumabRegimen", "NivolumabIpilimumabRegimen"),
    ("MAGEA4TCRTCellTherapy", "AfamitresgeneAutoleucel", "LetetresgeneAutoleucel"),
    ("NYESO1TCRTCellTherapy", "LetetresgeneAutoleucel", "AfamitresgeneAutoleucel"),
    ("CancerTestisAntigen", "MAGEA4Antigen NYESO1Antigen", "WT1Antigen SurvivinAntigen"),
    ("KITAlteration", "KITMutation", "PDGFRAMutation"),
    ("PDGFRAMutation", "PDGFRAD842V", "KITMutation"),
    ("NTRKFusion", "ETV6NTRK3Fusion", "EWSR1FLI1Fusion"),
    ("ALKRearrangement", "TPM3ALKFusion CLTCALKFusion", "EWSR1FLI1Fusion"),
    ("PDGFRAMutantGastrointestinalStromalTumor", "PDGFRAD842VGastrointestinalStromalTumor",
     "KITMutantGastrointestinalStromalTumor"),
    ("BoneSarcoma", "Osteosarcoma Chondrosarcoma EwingSarcoma EwingSarcomaOfBone "
     "AngiosarcomaOfBone LiposarcomaOfBone ConventionalOsteosarcoma TelangiectaticOsteosarcoma",
     "ExtraskeletalEwingSarcoma ExtraskeletalOsteosarcoma Liposarcoma Angiosarcoma "
     "GiantCellTumorOfBone"),
    ("SoftTissueSarcoma", "GastrointestinalStromalTumor DedifferentiatedLiposarcoma "
     "SynovialSarcoma ExtraskeletalEwingSarcoma ExtraskeletalOsteosarcoma UterineSarcoma "
     "UterineLeiomyosarcoma LowGradeEndometrialStromalSarcoma BreastAngiosarcoma",
     "Osteosarcoma Melanoma InflammatoryMyofibroblasticTumor AngiosarcomaOfBone FibrosarcomaOfBone "
     "LeiomyosarcomaOfBone LiposarcomaOfBone EwingSarcoma "
     "UndifferentiatedPleomorphicSarcomaOfBone"),
    ("Sarcoma", "NTRKFusionSarcoma InflammatoryMyofibroblasticTumor "
     "ALKRearrangedInflammatoryMyofibroblasticTumor",
     "Melanoma CutaneousMelanoma MyeloidSarcoma GiantCellTumorOfBone"),
    ("Angiosarcoma", "AngiosarcomaOfBone BreastAngiosarcoma", "EpithelioidHemangioendothelioma"),
    ("Liposarcoma", "LiposarcomaOfBone RetroperitonealLiposarcoma", "Osteosarcoma"),
    ("Chondrosarcoma", "MesenchymalChondrosarcoma", "ExtraskeletalMyxoidChondrosarcoma"),
    ("Osteosarcoma", "ConventionalOsteosarcoma ExtraskeletalOsteosarcoma",
     "Liposarcoma LiposarcomaOfBone AngiosarcomaOfBone"),
]  # fmt: skip


@pytest.mark.parametrize(("group", "inside", "outside"), CLASSIFIED, ids=lambda v: v.split()[0])
def test_members_classify_themselves(
    store: EmbeddedStore, group: str, inside: str, outside: str
) -> None:
    found = members(store, group)
    assert set(inside.split()) <= found
    assert not set(outside.split()) & found


def test_a_fusion_is_found_by_either_partner(store: EmbeddedStore) -> None:
    lonely = store.select(
        f"""{PROLOGUE} SELECT ?f (COUNT(DISTINCT ?g) AS ?n) WHERE {{
          ?f skg:fivePrimePartner ?a ; skg:threePrimePartner ?b ; skg:alterationOf ?g .
          ?f skg:rollsUpTo skg:Fusion . FILTER(?g = ?a || ?g = ?b) }}
        GROUP BY ?f HAVING(COUNT(DISTINCT ?g) < 2)"""
    )
    assert lonely.rows == []
    for gene in ("EWSR1", "FLI1"):
        found = store.select(
            f"{PROLOGUE} SELECT ?x WHERE {{ ?x skg:alterationOf skg:{gene} . "
            "FILTER(?x = skg:EWSR1FLI1Fusion) }"
        )
        assert len(found.rows) == 1


def test_ewing_sarcoma_is_not_defined_by_one_fusion(store: EmbeddedStore) -> None:
    found = store.select(
        f"{PROLOGUE} SELECT ?x WHERE {{ skg:EwingSarcoma owl:equivalentClass ?x }}"
    )
    assert found.rows == []


@pytest.mark.parametrize(
    ("typed", "kind", "local"),
    [
        ("GIST", "Disease", "GastrointestinalStromalTumor"),
        ("UPS", "Disease", "UndifferentiatedPleomorphicSarcoma"),
        ("malignant fibrous histiocytoma", "Disease", "UndifferentiatedPleomorphicSarcoma"),
        ("MFH", "Disease", "UndifferentiatedPleomorphicSarcoma"),
        ("ddlps", "Disease", "DedifferentiatedLiposarcoma"),
        ("T-VEC", "Therapy", "TalimogeneLaherparepvec"),
        ("afami-cel", "Therapy", "AfamitresgeneAutoleucel"),
        ("lete-cel", "Therapy", "LetetresgeneAutoleucel"),
        ("TRK inhibitor", "Therapy", "NTRKInhibitor"),
        ("NY-ESO-1", "Target", "NYESO1Antigen"),
        ("mdm2", "Target", "MDM2"),
        ("NCIT:C3400", "Disease", "SynovialSarcoma"),
        ("c3400", "Disease", "SynovialSarcoma"),
        ("skg:SynovialSarcoma", "Disease", "SynovialSarcoma"),
        (SKG + "SynovialSarcoma", "Disease", "SynovialSarcoma"),
        ("MONDO:0011719", "Disease", "GastrointestinalStromalTumor"),
        ("Gastrointestinal Stromal Tumor", "Disease", "GastrointestinalStromalTumor"),
    ],
)
def test_names_that_people_search_by(
    store: EmbeddedStore, typed: str, kind: str, local: str
) -> None:
    assert lookup.resolve(store, typed, kind) == SKG + local


def test_the_catalog_resolves_every_import() -> None:
    root = resources.data_root() / "ontology"
    tree = ET.parse(root / "catalog-v001.xml")
    place = {e.attrib["name"]: root / e.attrib["uri"] for e in tree.iter() if "uri" in e.attrib}
    assert all(path.is_file() for path in place.values())
    for path in [*resources.ontology_files(), *resources.claim_files()]:
        quads = loading.read(path)
        heads = [
            str(q.subject)[1:-1]
            for q in quads
            if q.predicate.value.endswith("#type")
            and getattr(q.object, "value", "") == namespaces.PREFIXES["owl"] + "Ontology"
        ]
        assert len(heads) == 1, path
        assert place[heads[0]] == path
        for quad in quads:
            if quad.predicate.value.endswith("#imports"):
                assert str(quad.object)[1:-1] in place, (path, quad.object)


def test_every_row_of_the_subtype_table_is_a_class(shared: Path, store: EmbeddedStore) -> None:
    lines = (shared / "reference" / "subtypes.tsv").read_text(encoding="utf-8").splitlines()
    known = {lookup.fold(n.text) for n in lookup.names(store, "Disease")}
    labels = [line.split("\t")[1] for line in lines[1:]]
    assert len(labels) == 190
    # A label such as "Haemangiopericytoma (historical)" keeps its qualifier in a note.
    missing = [
        x for x in labels if not {lookup.fold(x), lookup.fold(re.sub(r" ?\(.*\)", "", x))} & known
    ]
    assert missing == []


def test_every_civic_sarcoma_row_finds_its_terms(shared: Path, store: EmbeddedStore) -> None:
    """Genes and drugs of the CIViC sarcoma rows are in the ontology."""
    path = shared / "reference/raw/griffithlab_civic-server/sarcoma-ClinicalEvidenceSummaries.tsv"
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    targets = {lookup.fold(n.text) for n in lookup.names(store, "Target")}
    therapies = {lookup.fold(n.text) for n in lookup.names(store, "Therapy")}
    genes = {row[header.index("gene")] for row in rows}
    assert len(genes) > 40
    assert {g for g in genes if lookup.fold(g) not in targets} == set()
    drugs = {
        row[header.index("drugs")].replace(
            "FGF/VEGF Receptor Tyrosine Kinase Inhibitor, PD173074", "PD173074"
        )
        for row in rows
    }
    named = {drug for cell in drugs for drug in cell.split(",") if drug}
    assert {d for d in named if lookup.fold(d) not in therapies} == set()


def test_no_literal_is_one_that_the_store_keeps_in_another_form() -> None:
    """So what questions and shapes see is what people wrote."""
    assert not exact.altered([quad.triple for quad in loading.packaged()])


COLLECTION = re.compile(
    r"^(These|All|Two|Three|Four)\b|^The [\w/ -]+s\b"
    r"|^(An?|The)( [\w/-]+){0,3} (family|group|set|collection) of\b"
)


@pytest.mark.parametrize(
    ("text", "collects"),
    [
        ("The family of enzymes that remove acetyl groups.", True),
        ("An emerging group of spindle cell tumours with NTRK fusion.", True),
        ("The genes KRAS, NRAS and HRAS.", True),
        ("An enzyme that belongs to the HDAC family.", False),
    ],
)
def test_a_collection_is_told_from_a_class(text: str, collects: bool) -> None:
    assert bool(COLLECTION.search(text)) == collects


def test_what_has_subclasses_is_defined_as_one_of_them_and_no_collection(
    store: EmbeddedStore,
) -> None:
    """A family gene is a gene: ERG is one, and the family as a whole is none."""
    found = store.select(
        f"""{PROLOGUE} SELECT DISTINCT ?c ?text WHERE {{
          VALUES ?branch {{ skg:Gene skg:Protein skg:Disease skg:Therapy skg:Alteration }}
          ?c skg:rollsUpTo ?branch ; obo:IAO_0000115 ?text . ?below rdfs:subClassOf ?c . }}"""
    )
    assert len(found.rows) > 150
    wrong = [r["c"].removeprefix(SKG) for r in found.dicts() if COLLECTION.search(r["text"])]
    assert wrong == []


def test_the_family_of_a_family_name_is_that_of_its_members(store: EmbeddedStore) -> None:
    found = store.select(
        f"{PROLOGUE} SELECT ?c ?text WHERE {{ ?c skg:isFamilyName true ; obo:IAO_0000115 ?text }}"
    )
    assert len(found.rows) > 18
    assert [r["c"] for r in found.dicts() if not re.match(r"An? ", r["text"])] == []
