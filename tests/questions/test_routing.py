"""The router: sentences by others than its author, and what it must never do.

`paraphrases.tsv` and `out-of-scope.tsv` were written before their writers could see the router.
Those whose SHA-256 ends on an even byte were read for mending it; the others are held out, and
only their number is known.
"""

import contextlib
import csv
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import catalog, routing
from sarcoma_kg.questions.catalog import DATE
from sarcoma_kg.questions.routing import Router
from sarcoma_kg.questions.wordings import NONE, rows_of
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import lookup

FOLDER = Path(__file__).parent / "routing"
QUESTIONS = {q.id: q for q in catalog.load()}


@pytest.fixture(scope="module")
def router(store: EmbeddedStore) -> Router:
    return Router(store, list(QUESTIONS.values()))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _held_out(sentence: str) -> bool:
    return bool(hashlib.sha256(sentence.encode()).digest()[-1] % 2)


def _wanted(store: EmbeddedStore, row: dict[str, str]) -> dict[str, str]:
    """Return every parameter of the question: as it is wanted, or the default."""
    question = QUESTIONS[row["question"]]
    wanted = {p.name: p.default for p in question.parameters}
    for name, words in json.loads(row["parameters"] or "{}").items():
        p = question.parameter(name)
        assert p is not None
        wanted[p.name] = words if p.kind == DATE else _resolved(store, words, p.kind)
    return wanted


@functools.cache
def _resolved(store: EmbeddedStore, words: str, kind: str) -> str:
    return lookup.resolve(store, words, kind)


@pytest.mark.parametrize(
    ("held_out", "least", "most_wrong"), [(False, 0.9, 0.02), (True, 0.8, 0.02)]
)
def test_paraphrases(
    store: EmbeddedStore, router: Router, held_out: bool, least: float, most_wrong: float
) -> None:
    told: Counter[str] = Counter()
    for row in _rows("paraphrases.tsv"):
        if _held_out(row["sentence"]) is not held_out:
            continue
        route = router.route(row["sentence"])
        if route.question is None:
            told["abstained"] += 1
        else:
            right = (route.question.id, route.values) == (row["question"], _wanted(store, row))
            told["right" if right else "wrong"] += 1
    whole = sum(told.values())
    assert whole >= 100
    assert told["right"] >= least * whole, told
    assert told["wrong"] <= most_wrong * whole, told


def test_out_of_scope(router: Router) -> None:
    rows = list(_rows("out-of-scope.tsv"))
    answered = [r["sentence"] for r in rows if router.route(r["sentence"]).question]
    assert len(rows) >= 100
    assert len(answered) <= 0.02 * len(rows), answered


def test_a_word_that_is_no_name_is_never_guessed(router: Router) -> None:
    for words in ("which drugs help in GISTT", "story of imatinip", "which drugs help in myeloma"):
        assert router.route(words).question is None


@pytest.mark.parametrize(
    ("sentence", "question", "values"),
    [
        ("what drugs for GIST", "CQ01", {"disease": "skg:GastrointestinalStromalTumor"}),
        ("What drugs for NCIT:C3868?", "CQ01", {"disease": "skg:GastrointestinalStromalTumor"}),
        ("which drugs help in skg:Osteosarcoma", "CQ01", {"disease": "skg:Osteosarcoma"}),
        ("What was approved for epithelioid sarcoma on 1 January 2025?", "CQ49",
         {"disease": "skg:EpithelioidSarcoma", "asOf": "2025-01-01"}),
        ("Which treatments are claimed for PDGFRA D842V mutant GIST?", "CQ60",
         {"disease": "skg:GastrointestinalStromalTumor", "alteration": "skg:PDGFRAD842V"}),
        ("Where does claim S2-3.2-GIST-07 come from?", "CQ32",
         {"claim": "kb:claim-S2-3.2-GIST-07"}),
    ],
)  # fmt: skip
def test_names(router: Router, sentence: str, question: str, values: dict[str, str]) -> None:
    route = router.route(sentence)
    assert route.question is not None, route
    assert route.question.id == question
    told = {n: namespaces.contract(v) for n, v in route.values.items()}
    assert told.items() >= values.items()
    assert set(route.values) == {p.name for p in route.question.parameters}


def test_several_names_and_a_missing_one_are_told(router: Router) -> None:
    several = router.route("which drugs help in GIST and in osteosarcoma")
    assert several.question is None
    assert "skg:Osteosarcoma" in several.why
    none = router.route("what comes after the first drug fails, line by line?")
    assert none.question is None
    assert none.why == "CQ28 asks of one disease, and none is named"


@pytest.mark.parametrize(
    "sentence",
    ["'; DROP", "{ ?s ?p ?o }", "<script>", "\0", "?" * 999, "ſ" * 500, "a:b " * 79, "%00 %s {0}",
     "C" + "9" * 7, "2026-02-31", "http://[::1", "\u202egist"],
)  # fmt: skip
def test_anything_is_a_sentence(router: Router, sentence: str) -> None:
    with contextlib.suppress(UserError):
        assert router.route(sentence).question is None


@pytest.mark.parametrize("sentence", ["", "   ", "x" * 1001, "drug " * 81])
def test_no_or_too_many_words(router: Router, sentence: str) -> None:
    with pytest.raises(UserError, match="the sentence is"):
        router.route(sentence)


def test_tables() -> None:
    known = {*QUESTIONS, NONE}
    wordings = rows_of("wordings.tsv")
    assert {len(row) for row in wordings} == {2}
    assert {question for question, _ in wordings} <= known
    assert len({tuple(row) for row in wordings}) == len(wordings)
    means = [means for means, _ in rows_of("words.tsv")]
    assert len(set(means)) == len(means)


def test_every_extra_name_is_of_a_thing_of_its_kind(store: EmbeddedStore) -> None:
    for kind, term, _ in rows_of("names.tsv"):
        iri = namespaces.expand(term)
        assert iri
        found = lookup.kind_of(store, iri)
        assert found == kind if kind != "-" else found, term


def test_labels_lead_back(store: EmbeddedStore, router: Router) -> None:
    route = router.route("what drugs for GIST")
    assert route.question is not None
    told = routing.labels(store, route.question, route.values)
    assert lookup.resolve(store, told["disease"], "Disease") == route.values["disease"]
