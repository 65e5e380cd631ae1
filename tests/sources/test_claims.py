"""From a text to claims and back to the text; S1 and S2 through the table and back."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.commands import texts
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, outline, recipe, verify_source
from sarcoma_kg.sources.examining import Examiner
from sarcoma_kg.sources.index import Index
from sarcoma_kg.sources.ledger import Entry, Ledger
from sarcoma_kg.stores.store import EmbeddedStore

KB, SKG = namespaces.KB, namespaces.SKG
TEXT = """An invented review

Abstract
Everything here is invented. Imatinib is effective in gastrointestinal stromal tumour. Sunitinib \
helps some, e.g. after imatinib fails [3]. Nothing is known of J. Doe et al. and their drug!

1. Introduction
Most tumours (cf. Table 2) were not studied.

References
1. Nobody. A title.
"""
SENTENCES = [
    "Everything here is invented.", "Imatinib is effective in gastrointestinal stromal tumour.",
    "Sunitinib helps some, e.g. after imatinib fails [3].",
    "Nothing is known of J. Doe et al. and their drug!",
    "Most tumours (cf. Table 2) were not studied.",
]  # fmt: skip
FILLED = {
    1: {"id": "S77-Abs-GIST-01", "type": "therapeutic response claim",
        "proposition": "s77-imatinib",
        "proposition_label": "Imatinib is effective in GIST.", "subject": "GIST",
        "disease": "GIST", "therapy": "imatinib", "direction": "supports", "strength": "effective",
        "stated_therapy_class": "tyrosine kinase inhibitor", "outcome": "unspecified outcome",
        "paraphrase": "It works in this tumour.", "curator": "curator-jane-doe",
        "date": "2026-11-28"},
    0: {"no_claim_because": "about the text"}, 2: {"no_claim_because": "left for later"},
    3: {"no_claim_because": "nothing is claimed"}, 4: {"no_claim_because": "of no tumour"},
}  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "review.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return path


def written(path: Path, lines: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, texts.COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def test_a_text_by_sentences(text: Path) -> None:
    found = outline.outline(text)
    assert [s.text for s in found.sentences] == SENTENCES
    assert all(TEXT[s.start : s.end] == s.text for s in found.sentences)
    assert [s.section for s in found.sentences] == ["Abstract"] * 4 + ["1. Introduction"]
    assert [title for _, title in found.sections][1:] == [
        "Abstract",
        "1. Introduction",
        "References",
    ]
    assert TEXT[found.first : found.last].startswith("Everything")
    assert TEXT[found.first : found.last].endswith("studied.")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=1))
def test_sentences_stand_where_they_say(
    tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    """In any text: in order, apart, without space around, and with all letters of the content."""
    path = tmp_path_factory.mktemp("text") / "t.txt"
    path.write_text(words, encoding="utf-8", newline="")
    try:
        found = outline.outline(path)
    except UserError:
        assert not words.strip()
        return
    assert bool(found.sentences or found.sections) == bool(words.strip())
    end = 0
    for sentence in found.sentences:
        assert end <= sentence.start < sentence.end <= found.last
        assert words[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        end = sentence.end


def test_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(b"\xef\xbb\xbfA text.")
    with pytest.raises(UserError, match="byte order mark"):
        outline.outline(path)


def _begun(folder: Path) -> Path:
    """Return the workbook that the program begins for the text, with its lists."""
    words = ["template", "claim", "--from", "review.txt", "--source", "S77", "--creators", "A | B"]
    assert cli.main([*words, "-o", "begun.xlsx"]) == 0
    return folder / "begun.xlsx"


@pytest.mark.slow
def test_from_a_text_to_claims_and_back(
    text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(text.parent)
    assert cli.main(["source", "review.txt"]) == 0
    told = capsys.readouterr()
    assert "5 sentences" in told.err
    assert cli.main(
        ["template", "claim", "--from", "review.txt", "--source", "S77", "--creators", "A | B"]
    ) == 0  # fmt: skip
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter="\t"))
    assert [row["sentence"] for row in table] == SENTENCES
    written(text.parent / "claims.tsv", (row | FILLED[at] for at, row in enumerate(table)))
    assert cli.main(["ingest", "claims", "claims.tsv"]) == 0
    ledger = (text.parent / "claims.ledger.tsv").read_text().splitlines()[1:]
    assert [line.split("\t")[4] for line in ledger] == [
        "about the text", "left for later", "nothing is claimed", "of no tumour"
    ]  # fmt: skip
    filled = [row | FILLED[at] for at, row in enumerate(table)]
    book = openpyxl.load_workbook(_begun(text.parent))
    for number, row in enumerate(filled, 2):
        for at, name in enumerate(texts.COLUMNS, 1):
            book.worksheets[0].cell(number, at).value = row[name] or None
    book.save("by-hand.xlsx")
    assert cli.main(["ingest", "claims", "by-hand.xlsx", "--to", "by-hand.ttl"]) == 0
    assert Path("by-hand.ttl").read_bytes() == Path("claims.ttl").read_bytes()
    assert cli.main(["validate", "claims.ttl"]) == 0
    assert cli.main(["build", "--with", "claims.ttl"]) == 0
    capsys.readouterr()
    assert cli.main(["verify-source", "review.txt"]) == 1, "four sentences are not covered"
    told = capsys.readouterr()
    assert "the hash matches" in told.err
    assert "1 spans with 1 claims, 0 out of bounds" in told.err
    assert cli.main(["verify-source", "review.txt", "--ledger", "claims.ledger.tsv"]) == 0
    assert "left for later" in capsys.readouterr().out
    assert cli.main(["build"]) == 0


def graph_of(text: str, covered: int) -> EmbeddedStore:
    """Return a graph with a source and one claim about one of its sentences."""
    at = text.index(SENTENCES[covered])
    digest = hashlib.sha256(text.encode()).hexdigest()
    store = ox.Store()
    store.load(
        f"""@prefix skg: <{SKG}> . @prefix kb: <{KB}> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix prov: <http://www.w3.org/ns/prov#> . @prefix oa: <http://www.w3.org/ns/oa#> .
        kb:s a skg:Source ; dcterms:identifier "S77" ; dcterms:title "t" ; skg:sha256 "{digest}" ;
          skg:characterCount {len(text)} ; skg:contentStart {text.index("Everything")} ;
          skg:contentEnd {text.index("References")} .
        kb:c prov:hadPrimarySource kb:s ; oa:hasTarget [ oa:hasSelector [
          oa:start {at} ; oa:end {at + len(SENTENCES[covered])} ] ] .""".encode(),
        format=ox.RdfFormat.TURTLE,
    )
    return EmbeddedStore(store)


def test_a_reason_in_the_ledger_covers_its_sentence(text: Path, tmp_path: Path) -> None:
    store, made = graph_of(TEXT, 1), Ledger()
    for row, at in enumerate((0, 2, 3), 2):
        start = TEXT.index(SENTENCES[at])
        place = f"S77: {start}-{start + len(SENTENCES[at])}"
        made.list_row([Entry(row, "", "no_claim_because", place, f"reason {at}")])
    # Of another source, of a row that has a key, and of one that nobody gave a reason for.
    start = TEXT.index(SENTENCES[4])
    place = f"{start}-{start + len(SENTENCES[4])}"
    made.list_row([Entry(5, "", "no_claim_because", f"S78: {place}", "not here")])
    made.list_row([Entry(6, "k", "disease", f"S77: {place}", "no such disease")])
    made.list_row([Entry(7, "", "id", "", "the row has no key")])
    made.write(tmp_path / "l.tsv")
    without = verify_source.verify(store, text)
    assert [gap.text for gap in without.uncovered][-1] == SENTENCES[4]
    check = verify_source.verify(store, text, tmp_path / "l.tsv")
    assert [gap.text for gap in check.uncovered] == [SENTENCES[4]]
    assert [gap.reason for gap in check.gaps if gap.text in SENTENCES[:4]] == [
        "reason 0", "reason 2", "reason 3"
    ]  # fmt: skip
    assert not check.bad_spans


@pytest.mark.parametrize("content", ["", "no ledger", "row\tkey\n1\t2\n", "a\nx\t\t\t\t\t\n"])
def test_what_is_no_ledger_is_told(text: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "l.tsv").write_text(content)
    with pytest.raises(UserError):
        verify_source.verify(graph_of(TEXT, 1), text, tmp_path / "l.tsv")


def test_a_place_beyond_the_text_is_told(text: Path, tmp_path: Path) -> None:
    made = Ledger()
    made.list_row([Entry(2, "", "no_claim_because", "S77: 5-99999", "a reason")])
    made.write(tmp_path / "l.tsv")
    check = verify_source.verify(graph_of(TEXT, 1), text, tmp_path / "l.tsv")
    assert "out of bounds" in check.bad_spans[0]


#: Links to nodes that the table has no columns for: citations, figures, approvals, profiles.
NOT_IN_THE_TABLE = {"skg:hasCitation", "skg:hasValue", "skg:hasApproval", "skg:hasContextProfile"}


def test_the_reviews_through_the_table(build: builds.Build, tmp_path: Path) -> None:
    """The claims of S1 and S2 as rows of labels, and back: the same triples."""
    triples: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    store, index = build.open(), Index(build.open())
    for name in ("S1", "S2"):
        path = resources.data_root() / "ontology" / "claims" / f"{name}.ttl"
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            value = quad.object
            text = value.value if isinstance(value, ox.Literal) else str(value)[1:-1]
            triples[str(quad.subject)[1:-1]][namespaces.contract(quad.predicate.value)].add(text)
    made = recipe.read(recipe.find("claims"))
    columns = {
        namespaces.contract(slot.iri): slot for slot in made.slots if slot.term or slot.scheme
    }
    lines = []
    wanted: dict[str, dict[str, set[str]]] = {}
    for iri, slots in triples.items():
        if not iri.startswith(KB + "claim-"):
            continue
        wanted[iri] = {slot: v for slot, v in slots.items() if slot not in NOT_IN_THE_TABLE}
        (span,) = slots["oa:hasTarget"]
        source, start, end = span.removeprefix(KB + "span-").split("-")
        (proposition,) = slots["skg:hasProposition"]
        about = triples[KB + "source-" + source]
        row = {
            "source": source, "start": start, "end": end, "source_label": "a source",
            "title": "a title", "creators": "somebody", "extent": "full text",
            "licence_status": "not stated", "has_references": "false",
            "sha256": next(iter(about["skg:sha256"])), "characters": "1", "content_start": "0",
            "content_end": "1", "curator": next(iter(slots["pav:curatedBy"])).removeprefix(KB),
            "proposition": proposition.removeprefix(KB + "prop-"), "proposition_label": "x",
            "id": next(iter(slots["dcterms:identifier"])), "sentence": "",
            "date": next(iter(slots["dcterms:created"])),
            "section": next(iter(slots["skg:section"])),
            "subject": next(iter(slots["skg:subjectLabel"])),
            "paraphrase": next(iter(slots["skg:paraphrase"])),
        }  # fmt: skip
        row["denied_context"] = next(iter(slots.get("skg:deniedContext", [""])))
        for slot, entry in columns.items():
            row[entry.column] = "|".join(index.label(v) for v in sorted(slots.get(slot, ())))
        for slot, column in (("skg:qualifiesClaim", "qualifies"), ("skg:leadsToClaim", "leads_to")):
            row[column] = "|".join(v.removeprefix(KB + "claim-") for v in slots.get(slot, ()))
        lines.append(row)
    written(tmp_path / "claims.tsv", lines)
    run = ingest.Run(
        made, rows.table(tmp_path / "claims.tsv"), tmp_path / "out.nt", store, [], dry=False
    )
    with pytest.MonkeyPatch.context() as patch:
        # Without citations, figures and approvals the shapes would have much to say.
        patch.setattr(Examiner, "broken", lambda *_: {})
        taken = ingest.take(run)
    assert [e.cells for e in taken.ledger.entries] == []
    assert taken.ledger.taken == len(wanted) == 167
    back: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for quad in ox.parse(path=str(tmp_path / "out.nt"), format=ox.RdfFormat.N_TRIPLES):
        if str(quad.subject).startswith(f"<{KB}claim-"):
            value = quad.object
            text = value.value if isinstance(value, ox.Literal) else str(value)[1:-1]
            back[str(quad.subject)[1:-1]][namespaces.contract(quad.predicate.value)].add(text)
    for iri, slots in wanted.items():
        assert dict(back[iri]) == slots
