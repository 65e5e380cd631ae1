"""What records of databases say of a claim: the same at the terminal, on its page, and in CQ61."""

import gzip
import html
import re
from pathlib import Path

import pytest

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.namespaces import SKG
from sarcoma_kg.questions import agreement, claims, matrix, shown
from sarcoma_kg.questions.agreement import Bearing
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import things

RECORD = "4169"
QUESTION = resources.data_root() / "queries" / "competency" / "CQ61-claims-by-agreement.rq"


@pytest.fixture(scope="module")
def rows(store: EmbeddedStore) -> dict[str, set[Bearing]]:
    """What CQ61 answers, by claim."""
    found: dict[str, set[Bearing]] = {}
    for r in store.select(QUESTION.read_text(encoding="utf-8")).dicts():
        one = Bearing(r["agreement"], int(r["records"]), int(r["studies"]), r["level"])
        found.setdefault(r["claim"], set()).add(one)
    return found


def page(site: Path, iri: str) -> str:
    return (site / "id" / f"{iri.rpartition('/')[2]}.html").read_text(encoding="utf-8")


def test_show_and_pages_count_what_cq61_counts(
    store: EmbeddedStore, site: Path, rows: dict[str, set[Bearing]]
) -> None:
    known = claims.read(store, "?c skg:aboutDisease/skg:rollsUpTo skg:Sarcoma .", standing=False)
    assert {c.id: {*c.agreement} for c in known if c.agreement} == rows
    for claim in known:
        text = page(site, claim.iri)
        told = re.findall(r"<summary>(.*?: \d+ records? of \d+ stud.*?)</summary>", text)
        assert [html.unescape(t) for t in told] == [b.text for b in claim.agreement], claim.id
        body = text.partition('id="records"')[2].partition("</section>")[0]
        parts = body.split("<details>")[1:]
        counts = [len(set(re.findall(r"civic-eid-\d+", part))) for part in parts]
        assert counts == [b.records for b in claim.agreement], claim.id
        if not claim.agreement:
            assert "No database record bears on it. Silence is no disagreement." in body
        else:
            assert "no dispute" in body


def test_no_verdict_is_part_of_a_status(store: EmbeddedStore) -> None:
    for claim in claims.read(store, standing=False):
        assert not {*claim.status} & {*agreement.MARKS}
        assert "records" in claims.full(claim)
        assert claims.Claim.of(claim.as_dict()) == claim
        assert claim.row()[-1]


def test_the_page_of_a_record_says_what_it_bears_on(store: EmbeddedStore, site: Path) -> None:
    (thing,) = things.find(store, RECORD)
    data = shown.show(store, thing)
    text = page(site, thing.iri)
    assert data["verdict"].startswith("evidence type: predictive")
    assert data["conflicts"] == ["4595"]
    assert "other side" in repr(data)
    assert "civic-eid-4595" in text
    for claim in data["claims"]:
        assert claim["relation"] in repr(data)
        assert claim["id"] in text
    assert len(gzip.compress(text.encode())) < 30_000


def test_every_conflict_of_cq63_stands_at_its_records(store: EmbeddedStore) -> None:
    query = QUESTION.with_name("CQ63-conflicting-records.rq").read_text(encoding="utf-8")
    wanted = {n for r in store.select(query).dicts() for n in r["records"].split(" | ")}
    found = set()
    records = store.select(
        f"""PREFIX dcterms: <http://purl.org/dc/terms/> SELECT ?r ?id WHERE {{
          ?r a <{SKG}EvidenceRecord> ; <{SKG}recordSide> ?s ; dcterms:identifier ?id ;
             <{SKG}concernsDisease>/<{SKG}rollsUpTo> <{SKG}MesenchymalNeoplasm> }}"""
    )
    for row in {r["r"]: r for r in records.dicts()}.values():
        _, others = agreement.bearing(store, row["r"])
        if others:
            found |= {row["id"]}
    assert found == wanted


@pytest.mark.parametrize(
    ("sides", "conflict"),
    [
        ([("a", "SideFor", True), ("b", "SideAgainst", False)], ["b"]),
        ([("a", "SideAgainst", False), ("b", "SideFor", False)], []),
        ([("a", "SideBetter", True), ("b", "SideNoAssociation", False)], ["b"]),
        ([("a", "NoSide", True), ("b", "SideFor", True)], []),
        ([("a", "SideFor", True), ("b", "SideFor", True)], []),
    ],
)
def test_records_conflict_when_one_is_sure(
    sides: list[tuple[str, str, bool]], conflict: list[str]
) -> None:
    directions = {True: "EvidenceSupports", False: "EvidenceDoesNotSupport"}
    same = [(iri, SKG + side, SKG + directions[sure]) for iri, side, sure in sides]
    assert agreement.in_conflict("a", same) == conflict


def test_a_matrix_marks_records_and_escapes(store: EmbeddedStore) -> None:
    (claim,) = claims.read(store, ids=["S2-3.2-GIST-03"])
    assert claim.diseases
    assert claim.therapies
    odd = claim._replace(agreement=[Bearing("<b>agrees", 1, 1, "B"), Bearing("agrees", 2, 1, "")])
    made = matrix.matrix([odd])
    assert made.cells[0][0].text.endswith("R")
    assert "<b>agrees" not in made.html() + made.svg()
