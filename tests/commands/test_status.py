"""Nothing shows a claim without its status: over all commands and the Python API."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import sarcoma_kg as skg
from sarcoma_kg.building import builds
from sarcoma_kg.commands import parsers
from sarcoma_kg.questions import claims, finding, termview
from sarcoma_kg.stores.store import EmbeddedStore
from tests.commands import golden
from tests.passes import some_slow
from tests.questions.test_questions import FILES

QUESTIONS = [path.stem[:4] for path in FILES]
NAMES = (
    "GIST", "synovial sarcoma", "liposarcoma", "tazemetostat", "MDM2", "S2-3.2-SS-01", "S2-38",
    "S2", "promising", "tazemetostat-worldwide-withdrawal",
)  # fmt: skip
#: Command -> what is typed after it, of which claims are shown.
TYPED = {
    "ask": [*QUESTIONS, "GIST"],
    "explain": [*QUESTIONS, "GIST", "S2-38"],
    "show": NAMES,
    "term": NAMES,
    "search": ["EZH2", "imatinib"],
    "tour": [""],
    "completion": ["fish --line='sarcoma-kg show S2-3'"],
}
#: Commands that tell nothing of what a claim says, or only what the user's own words select.
NONE = {
    "query": "the columns are those of the user's own query",
    "diff": "compares files; the status is told where it changed",
    **dict.fromkeys(("validate", "check"), "findings name a claim for a fault of its form"),
    "matrix": "tests/questions/test_matrix.py holds it: cells, not identifiers",
    "verify-source": "counts claims",
    "export": "writes terms and records as rows to edit; a claim has no status there",
    "convert": "writes all that a file says in another syntax",
    "ingest": "shows records of a table that the user brings",
    **dict.fromkeys(("source", "template"), "shows the user's own text"),
    **dict.fromkeys(
        ("help", "reason", "tree", "fmt", "catalog", "imports", "align", "portable", "fair",
         "build", "load", "publish", "model"),
        "prints no claim",
    ),
    "serve": "tests/serving holds it: documents and pages, no print",
    "mcp": "tests/serving holds it: documents for agents, no print",
}  # fmt: skip


@pytest.fixture(scope="module")
def known(build: builds.Build) -> dict[str, list[str]]:
    """All claims, with their status."""
    found = {claim.id: claim.status or [claims.NO_STATUS] for claim in claims.read(build.open())}
    assert len(found) == 167
    return found


def rows_of(data: Any) -> Iterator[str]:
    """Yield what stands together: each object of JSON that has no smaller one with an id."""
    if isinstance(data, list):
        for item in data:
            yield from rows_of(item)
    elif isinstance(data, dict):
        if (
            "row" in data
            or "paraphrase" in data
            or not any(isinstance(v, dict | list) for v in data.values())
        ):
            yield json.dumps({k: v for k, v in data.items() if k != "leads"}, ensure_ascii=False)
        else:
            for value in data.values():
                yield from rows_of(value)


def blocks(text: str, form: str) -> list[str]:
    """Return the parts of an answer in which a claim and its status must stand together."""
    if form in ("csv", "md") and re.match(r"term,prop|\| term +\| prop", text):
        # The properties of one thing: of a claim they stand together.
        rows = list(csv.reader(io.StringIO(text))) if form == "csv" else []
        rows = rows or [line.strip("| ").split("|") for line in text.splitlines()]
        if re.match(r"S\d+-[\w.]+-\w+-\d+", rows[-1][0]):
            return [text]
        return [" ".join(row[1:]) for row in rows]
    if form == "csv":
        return [" ".join(row) for row in csv.reader(io.StringIO(text))]
    if form == "json":
        return list(rows_of(json.JSONDecoder().raw_decode(text)[0]))  # remarks stand below
    if form == "md":
        return text.splitlines()
    return [text]


def unstated(text: str, form: str, known: dict[str, list[str]]) -> set[str]:
    """Return the claims of an answer that are shown without their status."""
    missing = set()
    for block in blocks(text, form):
        flat = " ".join(block.split())
        places: dict[str, list[str]] = {}
        marks = [m for m in re.finditer(r"S\d+-[\w.]+-\w+-\d+", flat) if m[0] in known]
        for at, mark in enumerate(marks):
            end = next((m.start() for m in marks[at + 1 :] if m[0] != mark[0]), len(flat))
            places.setdefault(mark[0], []).append(flat[mark.start() : end])
        whole = form != "text"
        for claim, parts in places.items():
            told = [flat] if whole else parts
            if not any(all(status in part for status in known[claim]) for part in told):
                missing.add(claim)
    return missing


def answers(name: str) -> Iterator[tuple[str, str]]:
    """Yield what is typed after a command, and a format."""
    forms = {
        "ask": ("csv", "json"), "explain": ("text", "json"), "search": ("csv", "json", "md"),
        "tour": ("",), "completion": ("",),
    }.get(name, ("text", "csv", "json", "md"))  # fmt: skip
    for at, words in enumerate(TYPED[name]):
        # All in the first format; the others take the same way for every name.
        few = words in ("CQ09", "CQ18", "CQ40", "CQ42", "CQ47", *NAMES[1:4], *NAMES[5:7], "EZH2")
        yield from ((words, form) for form in (forms if few or not at else forms[:1]))


@pytest.mark.parametrize(
    "name", some_slow(sorted(TYPED), lambda _, name: name not in {"explain", "term"}), ids=str
)
def test_no_command_shows_a_claim_without_its_status(
    name: str, known: dict[str, list[str]]
) -> None:
    shown = 0
    for words, form in answers(name):
        text = golden.printed(f"{name} {words}" + (f" --format {form}" if form else ""), 400)
        assert not unstated(text, form or "text", known), f"{name} {words} --format {form}"
        shown += sum(claim in text for claim in known)
    assert shown > 0


def test_no_table_of_a_terminal_shows_a_claim_without_its_status(
    known: dict[str, list[str]],
) -> None:
    for question in ("CQ03", "CQ08", "CQ40", "CQ42", "CQ47"):
        lines = golden.printed(f"ask {question} --format table", 4000).splitlines()
        for line in lines[3:]:
            assert not unstated(line, "md", known), line


def test_every_command_is_looked_at_or_has_a_reason() -> None:
    assert set(TYPED) | set(NONE) == set(parsers.HOMES)


@pytest.mark.parametrize("name", ["explain", "show", "term"])
def test_a_view_that_loses_the_status_is_noticed(
    name: str, known: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims.Claim, "state", "")
    monkeypatch.setattr(termview, "_line", lambda claim: f"{claim['id']} {claim['paraphrase']}")
    words = "CQ40" if name == "explain" else "GIST"
    assert unstated(golden.printed(f"{name} {words}", 400), "text", known)


def test_an_answer_that_loses_the_status_is_noticed(
    known: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "states", lambda *_: {})
    assert unstated(golden.printed("ask CQ23 --format csv"), "csv", known)


def test_the_api_shows_no_claim_without_its_status(
    build: builds.Build, known: dict[str, list[str]]
) -> None:
    kg = skg.open()
    for name in NAMES:
        view = kg.show(name)
        assert not unstated(repr(view), "text", known), name
        text = json.dumps(view.as_dict())
        assert not unstated(text, "json", known), name
    for question in ("CQ08", "CQ40", "CQ47"):
        assert not unstated(repr(kg.explain(question)), "text", known), question
    for table in (kg.claims(), kg.search("imatinib"), *map(kg.ask, QUESTIONS)):
        rows = json.dumps(table.to_dicts(), default=str)
        assert not unstated(rows, "json", known), table.title


def test_what_disputes_or_ended_stands_above_what_is_claimed(store: EmbeddedStore) -> None:
    for words in ("show tazemetostat", "term tazemetostat", "show S2-3.2-SS-01", "explain CQ40"):
        text = " ".join(golden.printed(words).split())
        says = text.index("Tazemetostat, an EZH2 blocker")
        for above in ("externally disputed", "0 objective", "withdrew tazemetostat"):
            assert text.index(above) < says, (words, above)


def test_disputed_claims_come_first(build: builds.Build) -> None:
    view = skg.open().show("liposarcoma")
    states = [claim["status"][0] for claim in view["claims"]]
    assert states == sorted(states, key=lambda s: s != "externally disputed")


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (
            "S2-3.2-SS-01",
            [
                "externally disputed: overall response rate 0 % of 33 "
                "(tazemetostat-synovial-cohort)",
                "ended since 2026-03-09: tazemetostat, withdrawal by the holder "
                "(tazemetostat-worldwide-withdrawal)",
            ],
        ),
        (
            "S2-3.2-LPS-03",
            [
                "externally disputed: progression-free survival hazard ratio 0.89 "
                "(mantra-milademetan-trabectedin)"
            ],
        ),
        (
            "S2-3.3-VAX-01",
            ["externally disputed: programme ended on 2018-10 (cmb305-development-ended)"],
        ),
    ],
)
def test_a_status_says_by_how_much_and_since_when(
    build: builds.Build, claim: str, told: list[str]
) -> None:
    (found,) = claims.read(build.open(), ids=[claim])
    assert set(told) <= set(found.degree)
    text = " ".join(claims.full(found).split())
    assert all(one in text for one in told)


def test_each_dispute_and_qualification_is_told_by_how_much(build: builds.Build) -> None:
    for claim in claims.read(build.open()):
        for status in ("externally disputed", "externally qualified"):
            said = [d for d in claim.degree if d.startswith(f"{status}: ")]
            assert bool(said) == (status in claim.status), claim.id


@pytest.mark.parametrize(
    ("words", "kind", "name", "status"),
    [
        ("established", "value", "established", "24 claims: 5 externally qualified"),
        ("does not support", "value", "does not support", "8 claims: 1 externally qualified"),
        (
            "tazemetostat synovial sarcoma",
            "proposition",
            "ss-tazemetostat-benefit",
            "1 claim: 1 externally disputed",
        ),
        ("tazemetostat", "evidence", "tazemetostat-synovial-cohort", "checked"),
    ],
)
def test_search_finds_what_is_no_class_with_its_status(
    build: builds.Build, words: str, kind: str, name: str, status: str
) -> None:
    hits = finding.search(build.open(), [], words, 20)
    (found,) = [hit for hit in hits if (hit.kind, hit.name) == (kind, name)]
    assert found.status.startswith(status)


def test_search_has_disputed_claims_first(build: builds.Build) -> None:
    hits = [h for h in finding.search(build.open(), [], "promising", 20) if h.kind == "claim"]
    names = [hit.name for hit in hits]
    assert names.index("S2-3.2-LPS-03") < names.index("S2-3.2-LPS-04")
