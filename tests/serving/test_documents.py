"""The JSON documents: whole or not, and no row without its claims, no claim without its status."""

import json

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.serving.documents import DISCLAIMER, LICENSE, Documents
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms.lookup import NotFound


@pytest.fixture(scope="module")
def documents(build: builds.Build, store: EmbeddedStore) -> Documents:
    questions = [Question.from_dict(row) for row in build.catalog()]
    return Documents(store, questions, build.manifest["digest"])


def test_an_answer_carries_the_claims_of_each_row(documents: Documents) -> None:
    told = documents.answer("CQ01", {"disease": "synovial sarcoma"})
    assert told["complete"] is True
    assert told["count"] == len(told["rows"]) > 0
    assert told["license"] == LICENSE
    assert told["disclaimer"] == DISCLAIMER
    assert len(told["build"]) == 64
    assert told["version"][:2] == "20"
    assert told["queryHash"].startswith("sha256:")
    assert told["question"]["parameters"][0]["label"] == "synovial sarcoma"
    for row in told["rows"]:
        assert row["claims"]
        assert all(c["status"] for c in row["claims"])
        assert all(told["claims"][c["id"]]["status"] == c["status"] for c in row["claims"])
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_whole_rows_make_up_the_answer(documents: Documents, limit: int) -> None:
    whole = documents.answer("CQ01", {})
    rows, offset = [], 0
    while True:
        page = documents.answer("CQ01", {}, offset=offset, limit=limit)
        assert page["complete"] is (page["count"] == whole["total"])
        assert page["complete"] or "rows are not in this page" in page["missing"]
        rows += page["rows"]
        if "next" not in page:
            break
        offset = page["next"]
    assert rows == whole["rows"]


def test_an_unknown_name_brings_the_nearest(documents: Documents) -> None:
    with pytest.raises(NotFound) as told:
        documents.answer("CQ01", {"disease": "liposarcma"})
    assert any("liposarcoma" in name for name in told.value.near)


@pytest.mark.parametrize(("offset", "limit"), [(-1, None), (0, 0), (0, -5)])
def test_no_such_page(documents: Documents, offset: int, limit: int) -> None:
    with pytest.raises(UserError):
        documents.claims({}, offset=offset, limit=limit)


def test_what_disputes_a_claim_is_told(documents: Documents) -> None:
    told = documents.thing("S2-3.2-SS-01")
    assert told["kind"] == "claim"
    assert told["status"][0] == "externally disputed"
    assert told["evidence"][0]["relation"] == "disputed"
    assert told["start"] < told["end"]
    assert documents.thing("GIST")["claims"][0]["status"]


def test_matrix_search_and_lists(documents: Documents) -> None:
    cells = documents.matrix("GIST")["cells"]
    assert cells
    assert all(c["status"] for cell in cells for c in cell["claims"])
    hits = documents.search("imatinib", 2)
    assert hits["complete"] is False
    assert hits["missing"]
    assert all(hit["status"] for hit in hits["rows"] if hit["kind"] == "claim")
    assert documents.claims({"disease": "GIST"})["complete"] is True
    assert documents.terms("Disease", limit=2)["next"] == 2
    assert documents.evidence()["rows"][0]["status"]
    assert len(documents.catalog()["rows"]) >= 60
