"""The pages of questions as they are published: answer, status, difference, citation, form."""

import csv
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.pages import citation, renderer
from sarcoma_kg.pages.asked import Asked
from sarcoma_kg.publishing import live, publish
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.questions.expected import Expected
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions
from tests.pages.conftest import VERSION
from tests.pages.test_pages import Read, small, words

SKG = "https://w3id.org/sarcoma-kg/ontology/"
LABELS = "SELECT ?label WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
ROW = {"id": "CQ99", "slug": "none", "summary": "s", "tags": [], "parameters": [],
       "template": [LABELS]}  # fmt: skip


def read(site: Path, name: str) -> Read:
    return Read((site / "questions" / f"{name}.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def asking(build: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of questions that ask for themselves."""
    release = Release(build, tmp_path_factory.mktemp("asking"), VERSION)
    contents = site_writer.contents(release, listed=False, asking=True)
    made = renderer.Renderer(contents.links, contents.claims, VERSION)
    return {
        asked.question.id: made.html(contents.questions.page(asked))
        for asked in contents.questions.asked
        if asked.question.id in ("CQ01", "CQ49")
    }


def test_an_answer_has_all_columns_status_as_pills_and_links(site: Path) -> None:
    text = (site / "questions" / "CQ01.html").read_text(encoding="utf-8")
    row = next(r for r in text.split("<tr>") if "S2-3.2-GIST-07" in r)
    assert '<a href="../id/claim-S2-3.2-GIST-07.html">' in row
    assert '<a href="../ontology/Avapritinib.html">' in row
    assert '<span class="tone warn"><a href="../ontology/CitedUnsupported.html">' in row
    assert re.findall(r'<th scope="col">(\w+)</th>', text) == [
        "claim", "drug", "strength", "line", "context", "value", "status",
    ]  # fmt: skip
    # What `ask` adds is told beside the number of the claim.
    listed = (site / "questions" / "CQ40.html").read_text(encoding="utf-8")
    assert re.findall(r'<th scope="col">(\w+)</th>', listed) == ["claim", "auditRow", "aspect"]
    assert "externally disputed" in listed
    page = words(read(site, "CQ01"))
    assert "The packaged answer holds what curators wrote down before the query ran: 7 rows" in page
    assert "Approvals are another type of claim" in page


def test_the_csv_beside_the_page_is_what_ask_prints(
    site: Path, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("CQ01", "CQ40", "CQ05"):
        assert cli.main(["ask", name, "--format", "csv"]) == 0
        printed = list(csv.reader(io.StringIO(capsys.readouterr().out)))
        beside = (site / "questions" / f"{name}.csv").read_text(encoding="utf-8")
        assert list(csv.reader(io.StringIO(beside))) == printed


def test_without_live_there_is_no_form_and_a_command_is_named(site: Path) -> None:
    for path in (site / "questions").glob("CQ*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<form" not in text
        assert "live/" not in text
    text = (site / "questions" / "CQ01.html").read_text(encoding="utf-8")
    assert "<code>sarcoma-kg ask CQ01 --disease NAME</code> answers it for others" in text


def test_with_live_each_parameter_has_a_field_with_what_fits(asking: dict[str, str]) -> None:
    text = asking["CQ01"]
    choices = re.findall(r'<option value="([^"]*)">', text)
    assert "synovial sarcoma" in choices
    assert "imatinib" not in choices
    assert len(choices) == len(set(choices)) > 150
    assert '<form id="ask" class="ask" hidden>' in text
    assert "<noscript>" in text
    known = json.loads(next(s for s in Read(text).scripts if '"template"' in s))
    parameter = known["parameters"][0]
    assert parameter["name"] == "disease"
    assert parameter["default"] == SKG + "GastrointestinalStromalTumor"


def test_a_day_is_a_field_of_a_day(asking: dict[str, str]) -> None:
    day = r'<input id="p-asOf" name="asOf" type="date" value="\d{4}-\d\d-\d\d">'
    assert re.search(day, asking["CQ49"])
    assert "--as-of YYYY-MM-DD" in asking["CQ49"]


def solutions(columns: list[str], rows: Iterable[Iterable[str]]) -> Solutions:
    return Solutions(columns, [tuple(Term("literal", c) for c in row) for row in rows])


@pytest.mark.parametrize(
    ("rows", "missing", "more"),
    [
        (["x,1.0,b | a"], 0, 0),
        (["x,1.0,b | a", "x,1,a | b"], 0, 0),
        ([], 1, 0),
        (["x,1,a | b", "y,1,a | b"], 0, 1),
        (["x,2,a | b"], 1, 1),
    ],
)
def test_an_answer_is_compared_by_value(rows: list[str], missing: int, more: int) -> None:
    expected = Expected(["name", "count", "many"], [["x", "1", "a | b"]])
    # Other columns of the answer, and their order, do not count.
    turned = [["e", *reversed(row.split(","))] for row in rows]
    difference = expected.difference(solutions(["extra", "many", "count", "name"], turned))
    assert (len(difference.missing), len(difference.more)) == (missing, more)


def test_a_column_that_an_answer_lacks_is_a_difference() -> None:
    expected = Expected(["name", "count"], [["x", "1"]])
    assert expected.difference(solutions(["name"], [["x"]])).missing == [["x", "1"]]
    assert not any(Expected([], []).difference(solutions(["name"], [["x"]])))


def test_a_difference_is_told_on_the_page_and_when_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expecting(questions: Iterable[Question], folder: Path) -> list[Asked]:
        return [Asked(q, q.query(), Expected(["label"], [["y"]])) for q in questions]

    monkeypatch.setattr(Asked, "read", expecting)
    said: list[str] = []
    build = small(tmp_path, 'skg:X a owl:Class ; rdfs:label "x" .', [ROW])
    site_writer.write(Release(build, tmp_path, VERSION), said.append)
    assert (
        "CQ99: the answer is not what curators wrote down for the packaged graph: 1 missing, 1 more"
        in said
    )
    page = words(read(tmp_path / "site", "CQ99"))
    assert "1 missing, 1 more. Missing: y More: x" in page


def test_claims_and_answers_say_how_to_cite_them_with_their_status(site: Path) -> None:
    claim = words(Read((site / "id" / "claim-S2-3.2-SS-01.html").read_text(encoding="utf-8")))
    cited = claim[claim.index("Cite this") :]
    for word in (
        "Claim S2-3.2-SS-01 [externally disputed; cited, plausibly related]", VERSION,
        "https://w3id.org/sarcoma-kg/id/claim-S2-3.2-SS-01", "@misc{sarcoma-kg-S2-3-2-SS-01-",
    ):  # fmt: skip
        assert word in cited, word
    for place, word in (
        ("id/prop-ss-tazemetostat-benefit", "Proposition [externally disputed; cited, plausibly"),
        ("ontology/Tazemetostat", "tazemetostat (1 claim: 1 externally disputed; 1 cited, plaus"),
        ("id/source-S2", "url = {https://w3id.org/sarcoma-kg/id/source-S2}"),
    ):
        assert word in words(Read((site / f"{place}.html").read_text(encoding="utf-8"))), place
    answer = words(read(site, "CQ40"))
    assert "url = {https://w3id.org/sarcoma-kg/questions/CQ40}" in answer


@pytest.mark.parametrize("text", ["50 % of {x} & y_z #1 $2 ~ ^ \\input{x}", "a\n}\n@misc{b,"])
def test_a_citation_holds_no_command_of_tex(text: str) -> None:
    entry = citation.cite("n", text, "https://example.org/", VERSION).bibtex
    title = next(line for line in entry.splitlines() if line.startswith("  title"))
    bare = re.sub(r"\\textbackslash\{\}|\\[{}$&#%_]|\\[\^~]\{\}", "", title)
    assert re.fullmatch(r"  title = \{\{[^{}$&#%_^~\\]*\}\},", bare), bare
    assert entry.count("\n") == 8


def test_a_csv_beside_a_page_stays_text(tmp_path: Path) -> None:
    build = small(tmp_path, 'skg:X a owl:Class ; rdfs:label "=1+1" .', [ROW])
    site_writer.write(Release(build, tmp_path, VERSION), lambda _: None)
    text = (tmp_path / "site" / "questions" / "CQ99.csv").read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(text))) == [["label"], [formats.inert("=1+1")]]


def test_another_file_than_the_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.tgz").write_bytes(b"x")
    for name in ("none.tgz", "other.tgz"):
        with pytest.raises(UserError) as caught:
            live.Engine.read(tmp_path / name)
        assert live.PACKAGE in caught.value.hint


def test_live_without_pages_is_refused(build: Build, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot answer"):
        publish.publish(build, tmp_path / "out", without=["site"], engine=tmp_path / "x.tgz")
    assert not (tmp_path / "out").exists()
