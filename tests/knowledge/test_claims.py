"""The claims against the curators' table and against the source texts."""

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sources import verify_source
from sarcoma_kg.stores.store import EmbeddedStore

PROLOGUE = """PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX cito: <http://purl.org/spar/cito/>
"""


@pytest.fixture(scope="module")
def table(shared: Path) -> dict[str, dict[str, str]]:
    path = shared / "reference" / "claims.tsv"
    with path.open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["claim_id"]: row for row in rows}


@pytest.fixture(scope="module")
def texts(shared: Path) -> dict[str, str]:
    return {
        hashlib.sha256(p.read_bytes()).hexdigest(): p.read_text(encoding="utf-8")
        for p in (shared / "seeds").iterdir()
    }


def expand(marker: str) -> set[int]:
    """Return the numbers of a printed marker such as '3, 36-37'."""
    numbers: set[int] = set()
    for part in filter(None, marker.replace(" ", "").split(",")):
        low, _, high = part.partition("-")
        numbers.update(range(int(low), int(high or low) + 1))
    return numbers


def test_every_row_of_the_table(table: dict[str, dict[str, str]], store: EmbeddedStore) -> None:
    """Source, section, span, type, direction, strength, proposition, paraphrase, row by row."""
    rows = store.select(
        PROLOGUE
        + """SELECT ?id ?source ?section ?start ?end ?type ?direction ?strength ?p ?text ?subject
        WHERE { ?c dcterms:identifier ?id ; a ?t ; 
          prov:hadPrimarySource/dcterms:identifier ?source ;
          skg:section ?section ; oa:hasTarget/oa:hasSelector ?x ; skg:hasProposition ?prop ;
          skg:direction/rdfs:label ?direction ; skg:wordingStrength/rdfs:label ?strength ;
          skg:paraphrase ?text ; skg:subjectLabel ?subject .
          ?t rdfs:label ?type . ?prop dcterms:identifier ?p . ?x oa:start ?start ; oa:end ?end }"""
    )
    found = {r["id"]: r for r in rows.dicts()}
    assert len(rows.rows) == len(found) == len(table) == 167
    for claim, row in table.items():
        ours = found[claim]
        assert ours["type"] == row["claim_type"].replace("-", " ") + " claim"
        assert ours["source"] == row["source"]
        assert ours["section"] == row["section"]
        assert (ours["start"], ours["end"]) == (row["char_start"], row["char_end"])
        assert ours["direction"].replace(" ", "-") == row["direction"]
        assert ours["strength"].replace(" ", "-") == row["strength"]
        assert ours["text"] == row["paraphrase"]
        assert ours["subject"] == row["subject"]
        assert row["ontologist_note"].startswith(f"P={ours['p']}")
    assert len({r["p"] for r in found.values()}) == 154


@pytest.mark.parametrize(
    ("column", "slot", "separator"),
    [
        ("disease", "aboutDisease", None),
        ("therapy", "aboutTherapy", " | "),
        ("therapy_class", "statedTherapyClass", " | "),
        ("target", "aboutTarget", " | "),
        ("molecular_context", "molecularContext", " | "),
    ],
)
def test_slots_name_what_the_table_names(
    table: dict[str, dict[str, str]],
    store: EmbeddedStore,
    column: str,
    slot: str,
    separator: str | None,
) -> None:
    """As many values as the table lists, and one wording always leads to one class."""
    rows = store.select(
        PROLOGUE + f"SELECT ?id ?v WHERE {{ ?c skg:{slot} ?v ; dcterms:identifier ?id }}"
    )
    ours: dict[str, set[str]] = {}
    for r in rows.dicts():
        ours.setdefault(r["id"], set()).add(r["v"])
    negated = {"no dominant actionable driver mutation", "no actionable alteration"}
    wordings: dict[str, set[str]] = {}
    for claim, row in table.items():
        printed = row[column]
        items = printed.split(separator) if separator and printed else [printed] if printed else []
        items = [] if printed in negated else items
        assert len(ours.get(claim, set())) == len(items), (claim, printed)
        if len(items) == 1:
            wordings.setdefault(items[0], set()).update(ours[claim])
    assert all(len(classes) == 1 for classes in wordings.values()), wordings


def test_citation_acts_are_the_numbers_in_the_sentence(
    store: EmbeddedStore, texts: dict[str, str]
) -> None:
    """Re-derived from the source text itself: the raised marker inside the span."""
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾", "0123456789-()")
    rows = store.select(
        PROLOGUE
        + """SELECT ?id ?hash ?start ?end (GROUP_CONCAT(STR(?n)) AS ?numbers) WHERE {
          ?c dcterms:identifier ?id ; oa:hasTarget ?t ; skg:hasProposition ?p .
          ?t oa:hasSource/skg:sha256 ?hash ; oa:hasSelector ?x . ?x oa:start ?start ; oa:end ?end .
          OPTIONAL { ?c skg:hasCitation/cito:hasCitedEntity/skg:referenceNumber ?n } }
        GROUP BY ?id ?hash ?start ?end"""
    )
    assert len(rows.rows) == 167
    for r in rows.dicts():
        span = texts[r["hash"]][int(r["start"]) : int(r["end"])].translate(raised)
        marker = re.search(r"\^?\(([\d,\s-]+)\)\W*$", span)
        printed = expand(marker.group(1)) if marker else set()
        assert {int(n) for n in r["numbers"].split()} == printed, r["id"]


def test_references_stand_as_printed(store: EmbeddedStore, texts: dict[str, str]) -> None:
    listed = store.select(
        PROLOGUE
        + """SELECT ?hash ?n ?text WHERE { ?r a skg:Reference ; skg:referenceNumber ?n ;
          dcterms:bibliographicCitation ?text ; dcterms:isPartOf/skg:sha256 ?hash }
        ORDER BY ?n"""
    )
    rows = list(listed.dicts())
    assert [int(r["n"]) for r in rows] == list(range(1, 101))
    text = texts[rows[0]["hash"]]
    lines = text[text.index("References:") :].splitlines()
    entries = [line.replace("*", "") for line in lines if re.match(r"- |\d+\. ", line)]
    assert [re.sub(r"^(- |\d+\. )", "", e).strip() for e in entries] == [r["text"] for r in rows]


def test_no_run_of_five_words_is_copied(store: EmbeddedStore, texts: dict[str, str]) -> None:
    """Neither paraphrases nor definitions nor notes repeat the sources."""

    def words(text: str) -> list[str]:
        return re.findall(r"[\w-]+", text.casefold())

    def runs(text: str) -> set[tuple[str, ...]]:
        w = words(text)
        return {tuple(w[i : i + 5]) for i in range(len(w) - 4)}

    sources = set().union(*(runs(t) for t in texts.values()))
    rows = store.select(
        PROLOGUE
        + """PREFIX obo: <http://purl.obolibrary.org/obo/>
        SELECT ?s ?text WHERE { VALUES ?p { skg:paraphrase obo:IAO_0000115 skg:statement
          skg:curatorNote obo:IAO_0000116 } ?s ?p ?text }"""
    )
    assert len(rows.rows) > 1000
    copied = [(r["s"], r["text"]) for r in rows.dicts() if runs(r["text"]) & sources]
    assert copied == []


@pytest.mark.parametrize(
    ("name", "source", "spans", "claims"),
    [("000_9250139e5f93961a.txt", "S1", 7, 28), ("004_9af5fba704dd9bd5.txt", "S2", 60, 139)],
)
def test_verify_source(
    shared: Path, store: EmbeddedStore, name: str, source: str, spans: int, claims: int
) -> None:
    check = verify_source.verify(store, shared / "seeds" / name)
    assert (check.source, check.spans, check.claims) == (source, spans, claims)
    assert check.bad_spans == []
    assert check.uncovered == []
    reasons = Counter(gap.reason for gap in check.gaps)
    assert set(reasons) <= {"heading", "list label", "before the abstract", "after the conclusion"}


def test_a_changed_text_is_refused(shared: Path, store: EmbeddedStore, tmp_path: Path) -> None:
    text = (shared / "seeds" / "000_9250139e5f93961a.txt").read_bytes()
    changed = tmp_path / "changed.txt"
    changed.write_bytes(text.replace(b"\n", b"\r\n"))
    with pytest.raises(UserError, match="no source of the graph has the hash"):
        verify_source.verify(store, changed)


def test_an_uncovered_sentence_is_found() -> None:
    text = "Abstract\nOne is covered. Two is not covered at all.\n1. Heading\nThree.\n"
    gaps = verify_source._gaps(text, [(9, 24), (63, 69)], 9, 69)
    assert [(g.text, g.reason) for g in gaps] == [
        ("Abstract", "before the abstract"),
        ("Two is not covered at all.", ""),
        ("1. Heading", "heading"),
    ]


def test_propositions_are_sentences_and_none_twice(store: EmbeddedStore) -> None:
    rows = store.select(
        PROLOGUE + "SELECT ?id ?label WHERE { ?p a skg:Proposition ; dcterms:identifier ?id ; "
        "rdfs:label ?label }"
    )
    labels = {row["id"]: row["label"] for row in rows.dicts()}
    assert len(labels) == 154
    assert [
        i for i, text in labels.items() if not re.fullmatch(r"[A-Zm]\S*( \S+){2,}\.", text)
    ] == []
    assert [text for text, n in Counter(map(str.lower, labels.values())).items() if n > 1] == []


def test_contexts_of_which_one_suffices_stand_in_a_profile(store: EmbeddedStore) -> None:
    """Two features beside each other would not say whether both must be there."""
    rows = store.select(
        PROLOGUE + "SELECT ?id WHERE { ?c skg:molecularContext ?one , ?two ; "
        "dcterms:identifier ?id . FILTER(STR(?one) < STR(?two)) "
        "FILTER NOT EXISTS { ?c skg:hasContextProfile ?profile } }"
    )
    assert list(rows.dicts()) == []
