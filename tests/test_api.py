"""The Python API: typed cells, labels, tables, notebooks, and errors with a way out."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
import pytest

import sarcoma_kg as skg
from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore
from tests.questions import expected
from tests.questions.test_questions import FILES, FOLDER
from tests.stores import sparql_server

SKG = "https://w3id.org/sarcoma-kg/ontology/"


@pytest.fixture(scope="module")
def kg(build: builds.Build) -> skg.KnowledgeGraph:
    return skg.open()


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem.split("-")[0])
def test_every_question_gives_the_expected_rows(path: Any, kg: skg.KnowledgeGraph) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    answer = kg.ask(path.stem.split("-")[0])
    found = {
        tuple(expected.cell(t.value if (t := row.term(c)) else "") for c in columns)
        for row in answer
    }
    assert found == rows


def test_parameters_are_names_of_any_kind(kg: skg.KnowledgeGraph) -> None:
    names = ("GIST", "gastrointestinal stromal tumor", "skg:GastrointestinalStromalTumor")
    first, *others = [kg.ask("cq1", disease=name) for name in names]
    assert len(first) > 3
    assert all(list(other) == list(first) for other in others)
    assert kg.ask("CQ01").query == first.query, "GIST is the default"


def test_cells_are_python_values(kg: skg.KnowledgeGraph) -> None:
    answer = kg.query(
        f"""PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT (7 AS ?n) (1.50 AS ?d) (2e0 AS ?f) (true AS ?b) ("2024-05-06"^^xsd:date AS ?day)
          ("2024"^^xsd:gYear AS ?y) ("chat"@fr AS ?t) (<{SKG}Disease> AS ?i) ?none
          ("x"^^xsd:integer AS ?bad) ("2024-02-31"^^xsd:date AS ?never) {{}}"""
    )
    (row,) = answer
    assert dict(row) == {
        "n": 7, "d": Decimal("1.5"), "f": 2.0, "b": True, "day": date(2024, 5, 6), "y": 2024,
        "t": "chat", "i": f"{SKG}Disease", "none": None, "bad": "x", "never": "2024-02-31",
    }  # fmt: skip
    assert row.term("t") == Term("literal", "chat", "", "fr")
    assert row.term("none") is None
    assert answer.labels == {f"{SKG}Disease": "disease"}


def test_rows_are_a_sequence(kg: skg.KnowledgeGraph) -> None:
    answer = kg.ask("CQ17")
    assert answer[0] == answer[-len(answer)] == answer[:1][0] == next(iter(answer))
    assert answer.to_dicts()[0]["product"] == answer[0]["product"]
    with pytest.raises(IndexError):
        answer[len(answer)]
    with pytest.raises(KeyError):
        answer[0]["no such column"]


def test_tables_of_pandas_and_polars(kg: skg.KnowledgeGraph) -> None:
    answer = kg.ask("CQ17")
    frame, polars = answer.to_pandas(), answer.to_polars()
    assert list(frame.columns) == polars.columns == answer.columns
    assert len(frame) == polars.height == len(answer)
    assert str(frame.dtypes["agencyStated"]) == "boolean"
    assert str(frame.dtypes["ordinal"]) == "Int64"
    assert frame["year"].isna().sum() == sum(row["year"] is None for row in answer)
    assert polars["product"].to_list() == [row["product"] for row in answer]
    empty = kg.query("SELECT ?x ?y { ?x rdfs:label ?y FILTER(false) }", prefixes=True)
    assert empty.to_pandas().shape == empty.to_polars().shape == (0, 2)


def test_without_pandas_one_is_told_how_to_get_it(
    kg: skg.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(skg.UserError, match=r"pandas is not installed(.|\n)*pip install pandas"):
        kg.ask("CQ17").to_pandas()


def test_a_notebook_shows_labels_as_links_and_nothing_hostile(build: builds.Build) -> None:
    inner = ox.Store()
    inner.update(
        f"""INSERT DATA {{ <{SKG}x> <http://www.w3.org/2000/01/rdf-schema#label> "<b>&x"@en .
        <{SKG}x> <{SKG}p> "<script>alert(1)</script>" ; <{SKG}q> <javascript:alert(1)> }}"""
    )
    graph = skg.KnowledgeGraph(EmbeddedStore(inner), [])
    shown = graph.query(f"SELECT ?s ?o {{ ?s <{SKG}p>|<{SKG}q> ?o }}")._repr_html_()
    assert f'<a href="{SKG}x">&lt;b&gt;&amp;x</a>' in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert 'href="javascript' not in shown


def test_an_explanation_names_the_claims_behind_each_row(kg: skg.KnowledgeGraph) -> None:
    explained = kg.explain("CQ40")
    for number, row in enumerate(explained.answer):
        assert [c.id for c in explained.behind(number)] == [row["claim"]]
    html = explained._repr_html_()
    assert html.count("<details>") == len(explained.answer)
    assert "disputed" in html
    assert "disputed" in repr(explained)


def test_a_term(kg: skg.KnowledgeGraph) -> None:
    view = kg.term("ddlps")
    assert view["label"] == "dedifferentiated liposarcoma"
    assert view["curie"] == "skg:DedifferentiatedLiposarcoma"
    assert "<td>dedifferentiated liposarcoma</td>" in view._repr_html_()
    assert repr(view).startswith("dedifferentiated liposarcoma")


def test_claims_can_be_narrowed(kg: skg.KnowledgeGraph) -> None:
    every = {row["claim"]: row for row in kg.claims()}
    assert len(every) == 167
    gist = {row["claim"] for row in kg.claims(disease="GIST")}
    imatinib = {row["claim"] for row in kg.claims(therapy="imatinib")}
    assert {
        row["claim"] for row in kg.claims(disease="GIST", therapy="imatinib")
    } == gist & imatinib
    assert {"S2-3.2-GIST-03"} <= gist & imatinib
    # A claim about a subclass is a claim about the class, and one about it alone is among them.
    wide = {row["claim"] for row in kg.claims(disease="soft tissue sarcoma")}
    assert gist < wide
    halves = [{row["claim"] for row in kg.claims(source=name)} for name in ("S1", "S2")]
    assert halves[0] | halves[1] == set(every)
    assert not halves[0] & halves[1]
    assert {row["claim"] for row in kg.claims(target="KIT")} < set(every)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda kg: kg.ask("CQ99"), "no question 'CQ99'"),
        (lambda kg: kg.ask("CQ01", disese="GIST"), r"takes no --disese(.|\n)*disease"),
        (lambda kg: kg.ask("CQ01", disease="imatinib"), "is a therapy"),
        (lambda kg: kg.claims(disease="gistt"), "no disease is called"),
        (lambda kg: kg.term("no such thing at all"), "no term is called"),
        (lambda kg: kg.query("ASK {}"), "no SELECT query"),
        (lambda kg: kg.query("ASK {}", timeout=None), "no SELECT query"),
        (lambda kg: kg.query("SELECT (TRIPLE(<a:a>, <a:b>, 1) AS ?t) {}"), "a triple as a term"),
        (
            lambda kg: kg.query("SELECT (TRIPLE(<a:a>, <a:b>, 1) AS ?t) {}", timeout=None),
            "a triple as a term",
        ),
        (lambda kg: kg.query("SELECT * {"), "line 1"),
        (lambda kg: kg.query("DELETE WHERE { ?s ?p ?o }"), "update"),
        (lambda kg: skg.open("not an address"), "no address"),
    ],
)
def test_an_error_names_the_way_out(kg: skg.KnowledgeGraph, call: Any, said: str) -> None:
    with pytest.raises(skg.UserError, match=said):
        call(kg)


def test_a_query_has_limits_and_leaves_the_interpreter_alive(kg: skg.KnowledgeGraph) -> None:
    product = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(skg.UserError, match="did not finish within 1 s"):
        kg.query(product, timeout=1)
    with pytest.raises(skg.UserError, match="more than 5 rows"):
        kg.query("SELECT ?s { ?s ?p ?o }", max_rows=5)
    assert len(kg.query("SELECT ?s { ?s ?p ?o } LIMIT 3", timeout=None)) == 3
    assert len(kg.query("SELECT ?s { ?s a skg:Disease } LIMIT 3", prefixes=True)) == 0


@pytest.mark.parametrize("timeout", [None, 60])
def test_a_name_that_the_graph_does_not_hold_is_a_warning(
    kg: skg.KnowledgeGraph, timeout: float | None
) -> None:
    said = "skg:aboutDisese is not in the graph; perhaps skg:aboutDisease"
    with pytest.warns(UserWarning, match=said) as caught:
        kg.query("SELECT ?c { ?c skg:aboutDisese ?d }", prefixes=True, timeout=timeout)
    assert caught[0].filename == __file__


def test_a_query_can_be_interrupted(build: builds.Build) -> None:
    code = """
import signal, sarcoma_kg as skg
from sarcoma_kg.building import builds
kg = skg.KnowledgeGraph(builds.Build(%r).open(), [])
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 1)
try:
    kg.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
except KeyboardInterrupt:
    print(len(kg.query("SELECT ?s { ?s ?p ?o } LIMIT 3")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code % build.location],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("3\n", "")


@pytest.mark.parametrize("timeout", [None, 60])
def test_a_star_and_blank_nodes_are_as_the_query_has_them(
    kg: skg.KnowledgeGraph, timeout: float | None
) -> None:
    answer = kg.query("SELECT * { ?z a ?m . ?z ?b ?a } LIMIT 1", timeout=timeout)
    assert answer.columns == ["z", "m", "b", "a"]
    (row,) = kg.query("SELECT (BNODE() AS ?x) {}", timeout=timeout)
    assert row["x"].startswith("_:")


def test_an_endpoint_answers_alike(build: builds.Build, kg: skg.KnowledgeGraph) -> None:
    inner = ox.Store()
    for part in ("asserted.nt", "inferred.nt"):
        inner.bulk_load(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
    with sparql_server.serving(inner) as served:
        there = skg.open(served.query)
        assert served.query in repr(there)
        assert list(there.ask("CQ03")) == list(kg.ask("CQ03"))
        assert repr(there.term("GIST")) == repr(kg.term("GIST"))
        assert list(there.claims(disease="GIST")) == list(kg.claims(disease="GIST"))
        assert repr(there.explain("CQ17")) == repr(kg.explain("CQ17"))


def test_the_import_stays_light() -> None:
    """The command line imports the package; it must not pay for the API."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sarcoma_kg, sys; print(len(sys.modules), *sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "sarcoma_kg.api" not in loaded
    assert "pyoxigraph" not in loaded
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = skg.nonsense
    assert skg.UserError is UserError
    assert FOLDER.is_dir()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda kg: kg.ask("CQ01", "GIST"), "disease=..."),
        (lambda kg: kg.explain("CQ21", "GIST"), "it takes nothing"),
        (lambda kg: kg.ask("CQ01", drug="imatinib"), "--disease (Disease)"),
        (lambda kg: kg.ask(99), "CQ59"),
        (lambda kg: kg.show(None), 'kg.show("GIST")'),
        (lambda kg: kg.term(38), 'kg.show("GIST")'),
        (lambda kg: kg.search(2), 'kg.search("GIST")'),
        (lambda kg: kg.search("EZH2", most="all"), "most=8"),
        (lambda kg: kg.matrix(1), 'kg.matrix("GIST")'),
        (lambda kg: kg.claims(therapy=1), 'kg.claims("GIST")'),
        (lambda kg: kg.claims(statuss="disputed"), "perhaps status"),
        (lambda kg: kg.query(5), 'kg.query("SELECT ...")'),
    ],
)
def test_wrong_arguments_are_told_the_right_ones(
    wrong: Callable[[skg.KnowledgeGraph], object], told: str, kg: skg.KnowledgeGraph
) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        wrong(kg)


def test_a_name_alone_is_enough(kg: skg.KnowledgeGraph) -> None:
    assert kg.ask(1).to_dicts() == kg.ask("CQ01").to_dicts()
    assert kg.claims("GIST").to_dicts() == kg.claims(disease="GIST").to_dicts()
    assert kg.matrix("GIST").rows() == kg.matrix(disease="GIST").rows()
