"""Answers in the formats of the W3C, read back by the engine's parsers."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores import w3c
from sarcoma_kg.stores.store import EmbeddedStore, Reply, Solutions
from tests.stores import sparql_server

XSD = "http://www.w3.org/2001/XMLSchema#"
ROWS = Reply(
    "SELECT",
    Solutions(
        ["z", "a"],
        [
            (Term("iri", "http://example.org/é"), Term("literal", 'a "<b>&\n', "", "en")),
            (Term("bnode", "b0"), Term("literal", "1.50", XSD + "decimal")),
            (None, Term("literal", "")),
        ],
    ),
    {},
)
TRUE = Reply("ASK", Solutions(["result"], [(Term("literal", "true", XSD + "boolean"),)]), {})
GRAPH = Reply(
    "GRAPH",
    Solutions(
        ["subject", "predicate", "object"],
        [
            (Term("bnode", "b0"), Term("iri", XSD + "p"), Term("literal", "chat", "", "fr")),
            (Term("iri", "http://x/"), Term("iri", XSD + "p"), Term("literal", "1", XSD + "int")),
            (Term("iri", "http://x/"), Term("iri", XSD + "p"), Term("bnode", "b0")),
        ],
    ),
    {},
)


@pytest.mark.parametrize(
    ("name", "form"), [("srj", ox.QueryResultsFormat.JSON), ("srx", ox.QueryResultsFormat.XML)]
)
def test_rows_are_read_back(name: str, form: ox.QueryResultsFormat) -> None:
    read = ox.parse_query_results(w3c.render(ROWS, name).encode(), format=form)
    assert isinstance(read, ox.QuerySolutions)
    assert [v.value for v in read.variables] == ["z", "a"]
    assert [list(row) for row in read] == [
        [ox.NamedNode("http://example.org/é"), ox.Literal('a "<b>&\n', language="en")],
        [ox.BlankNode("b0"), ox.Literal("1.50", datatype=ox.NamedNode(XSD + "decimal"))],
        [None, ox.Literal("")],
    ]
    asked = ox.parse_query_results(w3c.render(TRUE, name).encode(), format=form)
    assert isinstance(asked, ox.QueryBoolean)
    assert bool(asked)


@pytest.mark.parametrize(
    ("name", "form"),
    [("turtle", ox.RdfFormat.TURTLE), ("nt", ox.RdfFormat.N_TRIPLES),
     ("jsonld", ox.RdfFormat.JSON_LD)],
)  # fmt: skip
def test_graphs_are_read_back(name: str, form: ox.RdfFormat) -> None:
    read = ox.Dataset(ox.parse(w3c.render(GRAPH, name).encode(), format=form))
    wanted = ox.Dataset(ox.parse(w3c.render(GRAPH, "nt").encode(), format=ox.RdfFormat.N_TRIPLES))
    for graph in (read, wanted):
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert read == wanted
    assert len(read) == 3


@pytest.mark.parametrize("name", ["table", "csv", "tsv", "json", "md"])
def test_a_blank_node_says_that_it_is_one(name: str) -> None:
    assert "_:b0" in w3c.render(ROWS, name)


@pytest.mark.parametrize(
    ("reply", "name"),
    [(GRAPH, n) for n in ("table", "csv", "tsv", "json", "md", "srj", "srx")]
    + [(r, n) for r in (ROWS, TRUE) for n in ("turtle", "nt", "jsonld")],
)
def test_a_format_that_cannot_hold_the_answer_is_refused(reply: Reply, name: str) -> None:
    with pytest.raises(UserError, match=f"the format {name} holds") as caught:
        w3c.render(reply, name)
    assert "choose " in caught.value.hint


def test_an_empty_answer_and_the_default() -> None:
    none = Reply("SELECT", Solutions(["x"], []), {})
    assert json.loads(w3c.render(none, "srj")) == {
        "head": {"vars": ["x"]}, "results": {"bindings": []},
    }  # fmt: skip
    assert w3c.render(Reply("GRAPH", Solutions(["s", "p", "o"], []), {}), "nt") == ""
    assert w3c.render(GRAPH, None).startswith("@prefix xsd:")


def test_an_endpoint_gives_the_same(
    store: EmbeddedStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = ox.Store()
    inner.extend(q for q in store.inner.quads_for_pattern(None, None, None, None))
    path = tmp_path / "my.rq"
    with sparql_server.serving(inner) as served:
        for form, text in (
            ("srj", "SELECT * { ?z skg:aboutDisease ?b FILTER(-0.5 < 1) } ORDER BY ?z LIMIT 3"),
            ("csv", "SELECT * { ?z skg:aboutDisese ?b }"),
            ("srx", "ASK { ?z skg:aboutDisease ?b }"),
            ("nt", "CONSTRUCT WHERE { skg:aboutDisease rdfs:label ?o }"),
            ("csv", "CONSTRUCT WHERE { skg:aboutDisease rdfs:label ?o }"),
        ):
            path.write_text(text)
            words = ["query", str(path), "--prefixes", "--format", form]
            here = cli.main(words), capsys.readouterr()
            there = cli.main([*words, "--endpoint", served.query]), capsys.readouterr()
            assert there == here, text


def test_the_answer_of_an_endpoint_stands_when_its_names_cannot_be_looked_up(
    store: EmbeddedStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my.rq"
    path.write_text("ASK { <http://example.org/a> ?p ?o }")

    def no_values(handler: sparql_server.Handler) -> bool:
        if "VALUES" not in handler.path + handler.body().decode():
            return False
        handler.answer(403, b"VALUES is not for you\n")
        return True

    with sparql_server.serving(ox.Store(), before=no_values) as served:
        assert cli.main(["query", str(path), "--endpoint", served.query, "--format", "csv"]) == 0
    said = capsys.readouterr()
    assert said.out == "result\nfalse\n"
    assert "whether the graph holds the names in the query is not known" in said.err
