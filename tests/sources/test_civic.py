"""The packaged CIViC records: what they hold, and that they come from the rows of the dump."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe

SKG = namespaces.SKG
#: Slots that hold text; no sentence can stand in any other.
TEXTS = {"rdfs:label", "skg:featureText", "skg:rowKey", "dcterms:identifier"}
#: Of the sarcoma rows: evidence item -> column that lists it, and what a curator says of it.
LISTED = {
    "1740": ("disease", "outside"), "2915": ("drugs", "laboratory compound"),
    "6042": ("disease", "sarcoma of the vagina"), "8862": ("disease", "outside"),
}  # fmt: skip
Records = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def records() -> Records:
    found: Records = defaultdict(lambda: defaultdict(set))
    path = resources.data_root() / "ontology" / "claims" / "civic.ttl"
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        name = str(quad.subject).removeprefix(f"<{namespaces.KB}").removesuffix(">")
        if name.startswith("civic-eid-"):
            value = quad.object
            text = value.value if isinstance(value, ox.Literal) else str(value)[1:-1]
            slot = namespaces.contract(quad.predicate.value)
            found[name.removeprefix("civic-eid-")][slot].add(namespaces.contract(text))
    return found


@pytest.fixture(scope="module")
def dump(shared: Path) -> Path:
    return shared / "reference" / "raw" / "griffithlab_civic-server"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def test_every_record_says_when_and_where_from(records: Records) -> None:
    assert len(records) == 190
    for key, slots in records.items():
        assert slots["skg:dumpDate"] == {"2021-02"}
        assert slots["skg:rowKey"] == slots["dcterms:identifier"] == {key}
        assert len(slots["skg:recordedIn"]) == len(slots["skg:concernsDisease"]) == 1
        assert slots["dcterms:source"] == {
            f"https://civic.genome.wustl.edu/links/evidence_items/{key}"
        }


def test_no_sentence_is_taken_over(records: Records) -> None:
    for slots in records.values():
        for slot, values in slots.items():
            for value in values:
                assert slot in TEXTS or re.fullmatch(r"\S+", value), f"{slot}: {value}"
                assert len(value) < 200
                assert not re.search(r"[a-z]{3}\. ", value)


def test_records_are_neither_claims_nor_checked_evidence(records: Records) -> None:
    slots = {slot for one in records.values() for slot in one}
    about = {"skg:checkStatus", "skg:hasProposition", "skg:statement", "skg:evidenceStatus"}
    assert not slots & about
    assert not [slot for slot in slots if slot.startswith(("cito:", "skg:about"))]
    assert {v for one in records.values() for v in one["rdf:type"]} == {"skg:EvidenceRecord"}


def test_the_sarcoma_rows_are_taken_or_listed(
    records: Records, dump: Path, build: builds.Build, tmp_path: Path
) -> None:
    wanted = [row["evidence_id"] for row in read(dump / "sarcoma-ClinicalEvidenceSummaries.tsv")]
    made = recipe.read(recipe.find("civic"))
    table = rows.table(dump / "nightly-ClinicalEvidenceSummaries.tsv")
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    run = ingest.Run(made, table, tmp_path / "civic.ttl", build.open(), parts)
    taken = ingest.take(run)
    packaged = resources.data_root() / "ontology" / "claims" / "civic.ttl"
    assert (tmp_path / "civic.ttl").read_bytes() == packaged.read_bytes()
    assert (taken.ledger.taken, taken.ledger.listed) == (190, 3516)
    assert taken.idle == []
    assert taken.unread == []
    reasons = {e.key: (e.column, e.reason) for e in taken.ledger.entries}
    assert len(reasons) == 3516
    assert len(wanted) == 192
    assert set(wanted) - set(records) == set(LISTED)
    for key, (column, why) in LISTED.items():
        assert reasons[key][0] == column
        assert why in reasons[key][1]
    undecided = [r for _, r in reasons.values() if r.startswith("no disease of the graph")]
    assert not undecided, "a curator has answered for every disease of the file"


def test_the_records_say_what_the_rows_say(records: Records, dump: Path) -> None:
    """Compared by another way than they were made: sums by column, and identifiers one by one."""
    table = {
        row["evidence_id"]: row for row in read(dump / "nightly-ClinicalEvidenceSummaries.tsv")
    }
    told = {
        "skg:evidenceType": "evidence_type", "skg:evidenceLevel": "evidence_level",
        "skg:evidenceDirection": "evidence_direction", "skg:significance": "clinical_significance",
        "skg:therapyInteraction": "drug_interaction_type", "skg:featureOrigin": "variant_origin",
        "skg:concernsGene": "gene", "skg:concernsDisease": "doid",
    }  # fmt: skip
    for slot, column in told.items():
        pairs = Counter(
            (table[key][column], " ".join(sorted(slots.get(slot, ()))))
            for key, slots in records.items()
        )
        cells = [cell for cell, _ in pairs]
        values = [value for _, value in pairs if value]
        assert len(set(cells)) == len(cells), f"{column}: one cell became two values"
        assert len(set(values)) == len(values), f"{column}: two cells became one value"
    for key, slots in records.items():
        row = table[key]
        assert slots["skg:publication"] == {
            f"https://pubmed.ncbi.nlm.nih.gov/{row['citation_id']}/"
        }
        assert slots["skg:featureText"] == {row["variant"]}
        assert slots["skg:featureIdentifier"] == {row["variant_civic_url"]}
        assert slots.get("skg:rating", set()) == set(filter(None, [row["rating"]]))
        assert slots.get("skg:trialIdentifier", set()) == {
            f"https://clinicaltrials.gov/study/{trial}"
            for trial in row["nct_ids"].split(",") if trial
        }  # fmt: skip
        drugs = [d for d in row["drugs"].replace(", ", "\0").split(",") if d]
        assert len(slots.get("skg:concernsTherapy", ())) == len(drugs)
