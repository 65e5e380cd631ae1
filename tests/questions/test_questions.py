"""The competency questions against the answers that curators wrote from the reviews."""

import re
from pathlib import Path

import pytest
import rdflib
import rdflib.plugins.sparql

from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.questions import asking, catalog, explain
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Row, Solutions
from tests.questions import expected

FOLDER = resources.data_root() / "queries" / "competency"
FILES = sorted(FOLDER.glob("*.rq"))


def name(path: Path) -> str:
    return path.stem.split("-")[0]


@pytest.fixture(scope="module")
def graph(build: builds.Build) -> rdflib.Graph:
    """The same triples in rdflib, the second engine."""
    loaded = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        loaded.parse(build.folder / part)
    return loaded


def in_rdflib(graph: rdflib.Graph, query: str) -> Solutions:
    result = graph.query(query)
    names = [str(v) for v in result.vars or []]
    rows: list[Row] = []
    for solution in result.bindings:
        found = (solution.get(v) for v in result.vars or [])
        rows.append(tuple(None if x is None else Term("literal", str(x)) for x in found))
    return Solutions(names, rows)


def test_there_are_66() -> None:
    assert [name(p) for p in FILES] == [f"CQ{n:02d}" for n in range(1, 67)]
    assert sorted(p.stem for p in FOLDER.glob("*.csv")) == [p.stem for p in FILES]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_oxigraph_gives_the_expected_rows(path: Path, store: EmbeddedStore) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    assert expected.project(store.select(catalog.read(path).query()), columns) == rows


#: rdflib joins in the order of the text: it takes some seconds for this one.
_LONG = {"CQ66"}


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] * (name(p) in _LONG)) for p in FILES],
    ids=name,
)
def test_rdflib_gives_the_same_rows(path: Path, store: EmbeddedStore, graph: rdflib.Graph) -> None:
    query = catalog.read(path).query()
    ours, theirs = store.select(query), in_rdflib(graph, query)
    assert ours.variables == theirs.variables
    assert expected.project(ours, ours.variables) == expected.project(theirs, ours.variables)
    assert len(ours.rows) == len(theirs.rows)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_file_runs_as_it_stands(path: Path, store: EmbeddedStore) -> None:
    """Without our parser, as someone would paste it into any triplestore."""
    text = path.read_text(encoding="utf-8")
    theirs, ours = store.select(text), store.select(catalog.read(path).query())
    assert len(theirs.rows) == len(ours.rows)
    # The order inside a concatenated cell is the engine's, from one run to the next.
    assert expected.project(theirs, ours.variables) == expected.project(ours, ours.variables)


def test_no_question_holds_its_answer() -> None:
    """Claim ids and products in a query would be an answer, not a question."""
    for path in FILES:
        body = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        outside = re.sub(catalog.VALUES, "", body)
        assert "claim-S" not in outside, path.name
        assert not any(f'"S{n}-' in outside for n in (1, 2)), path.name


def test_another_parameter_changes_only_its_slot() -> None:
    question = catalog.read(FILES[0])
    other = namespaces.SKG + "SynovialSarcoma"
    assert (
        question.query({"disease": other}).replace(
            f"<{other}>", f"<{question.parameters[0].default}>"
        )
        == question.query()
    )


def test_columns_of_records_name_records(store: EmbeddedStore) -> None:
    """Every number there is one, and no other column of an answer is taken for one."""
    declared = [question for question in catalog.load() if question.records]
    assert [question.id for question in declared] == ["CQ63", "CQ64", "CQ65", "CQ66"]
    for question in declared:
        answer = asking.answer(store, question.query())
        assert set(question.records) <= set(answer.variables)
        known = explain.behind(store, answer, question.records)
        for row in answer.dicts():
            numbers = {n for c in question.records for n in row[c].split(" | ") if n}
            assert numbers
            told = known.evidence_of(row)
            assert {one.id for one in told} == numbers
            assert all("2021-02" in one.status and one.sources for one in told)
            assert all(f"EID{one.id}:" in one.statement for one in told)
    assert not explain.behind(store, answer).records
