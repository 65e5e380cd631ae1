"""Questions asked for a day: whose standing changed, what is no day, whence the default."""

import datetime
import tomllib
from pathlib import Path

import pytest

from sarcoma_kg.api import KnowledgeGraph
from sarcoma_kg.cli import main
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking, catalog
from sarcoma_kg.stores.store import EmbeddedStore
from tests.questions import expected

QUESTIONS = catalog.load()
#: Answers that curators wrote for other values of the parameters than the defaults.
TABLES = Path(__file__).with_name("as_of")
INDEX = TABLES / "index.toml"
ANSWERS = tomllib.loads(INDEX.read_text("utf-8"))["answer"] if INDEX.is_file() else []


@pytest.fixture
def kg(store: EmbeddedStore) -> KnowledgeGraph:
    return KnowledgeGraph(store, QUESTIONS)


def test_the_expected_rows_of_other_days(store: EmbeddedStore) -> None:
    for answer in ANSWERS:
        question = catalog.find(QUESTIONS, answer["question"])
        columns, rows = expected.read(TABLES / answer["file"])
        found = store.select(asking.query_for(store, question, answer["parameters"]))
        assert expected.project(found, columns) == rows, answer["file"]


def test_the_default_day_is_the_version_of_the_data(store: EmbeddedStore) -> None:
    ontology = "<https://w3id.org/sarcoma-kg/ontology>"
    owl = namespaces.PREFIXES["owl"]
    found = store.select(f"SELECT ?v WHERE {{ {ontology} <{owl}versionInfo> ?v }}")
    (version,) = [row["v"] for row in found.dicts()]
    defaults = {p.default for q in QUESTIONS if (p := q.parameter(catalog.AS_OF))}
    assert defaults == {version}


#: Product, record of an approval, and days with the standing that it has on them (none: not given).
STANDINGS = [
    ("tazemetostat", "tazemetostat-label-epithelioid-sarcoma",
     {"2020-01-22": "", "2020-01-23": "stands", "2026-03-08": "stands", "2026-03-09": "ended"}),
    ("larotrectinib", "larotrectinib-approval-2018",
     {"2018-11-25": "", "2018-11-26": "stands", "2025-04-09": "stands", "2025-04-10": ""}),
    ("larotrectinib", "larotrectinib-full-approval-2025",
     {"2025-04-09": "", "2025-04-10": "stands"}),
    ("entrectinib", "entrectinib-paediatric-widening-2023",
     {"2023-10-19": "", "2023-10-20": "stands", "2026-11-28": "stands"}),
    ("entrectinib", "entrectinib-approval-2019",
     {"2019-08-14": "", "2023-10-10": "stands", "2026-11-28": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("product", "record", "days"), STANDINGS, ids=lambda v: str(v)[:40])
def test_a_standing_changes_on_its_day(
    kg: KnowledgeGraph, product: str, record: str, days: dict[str, str]
) -> None:
    found = {}
    for day in days:
        asked: dict[str, str | datetime.date] = {"class": product}
        rows = kg.ask("CQ57", **asked, as_of=datetime.date.fromisoformat(day))
        found[day] = next((row["standing"] for row in rows if row["record"] == record), "")
    assert found == days


def test_what_has_ended_stands_no_longer(kg: KnowledgeGraph) -> None:
    for day, there in (("2026-03-08", True), ("2026-03-09", False)):
        rows = kg.ask("CQ49", disease="epithelioid sarcoma", asOf=day)
        assert any(row["product"] == "tazemetostat" for row in rows) is there


@pytest.mark.parametrize(
    "day", ["2026-13-01", "2026-02-30", "yesterday", "2026-11", "28.11.2026", "2026-11-28Z"]
)
def test_what_is_no_day_is_refused(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "CQ49", "--as-of", day]) == 2
    words = capsys.readouterr().err
    assert "is no day" in words
    assert "YYYY-MM-DD, such as `sarcoma-kg ask CQ49 --as-of 2026-11-28`" in words


def test_a_day_that_is_left_out_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "CQ49", "--as-of", " "]) == 2
    assert "--as-of needs a value" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["synovial", "sarcoma", "--as-of", "2024-06-30"],
        ["--as-of=2024-06-30", "--disease", "synovial sarcoma"],
        ["--asOf", "2024-06-30", "--disease", "synovial sarcoma"],
        ["disease=synovial sarcoma", "as_of=2024-06-30"],
        ["2024-06-30", "--disease", "synovial sarcoma"],
    ],
)
def test_a_day_is_typed_in_many_ways(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "CQ49", *words, "--format", "table"]) == 0
    printed = capsys.readouterr().out
    assert "asOf: 2024-06-30\n" in printed
    assert "disease: synovial sarcoma\n" in printed


def test_the_default_day_is_told_above_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    told = "asOf: 2026-11-28 (the default: version of the data)"
    assert main(["ask", "CQ57", "--format", "table"]) == 0
    assert told in capsys.readouterr().out.split("\n\n")[0]
    assert main(["ask", "CQ57", "--format", "csv"]) == 0
    printed = capsys.readouterr()
    assert told in printed.err
    assert told not in printed.out


def test_a_day_given_twice_or_to_a_question_without_one(
    kg: KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "CQ57", "--as-of", "2020-01-01", "--asOf", "2021-01-01"]) == 2
    assert "--as-of is given twice" in capsys.readouterr().err
    assert main(["ask", "CQ01", "--as-of", "2020-01-01"]) == 2
    assert "CQ01 takes no --as-of" in capsys.readouterr().err
    with pytest.raises(UserError, match="given twice"):
        kg.ask("CQ57", asOf="2020-01-01", as_of="2021-01-01")


def test_the_title_tells_the_day(kg: KnowledgeGraph) -> None:
    assert kg.ask("CQ57", as_of="2020-01-01").title.endswith("[asOf: 2020-01-01]")
    assert "version of the data" in kg.ask("CQ57").title


@pytest.mark.parametrize("given", ["2026-11-27", '"2026-11-28"', "2026-11-31"])
def test_the_default_is_the_same_in_header_and_query(tmp_path: Path, given: str) -> None:
    text = (Path(TABLES).parents[2] / "queries/competency/CQ57-standing-of-a-class.rq").read_text()
    path = tmp_path / "CQ57-x.rq"
    path.write_text(text.replace('{ "2026-11-28"^^xsd:date }', f'{{ "{given}"^^xsd:date }}'))
    with pytest.raises(UserError):
        catalog.read(path)
