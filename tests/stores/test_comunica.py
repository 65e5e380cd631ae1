"""Comunica over two servers that hold one review's claims each."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

import pyoxigraph as ox
import pytest

from sarcoma_kg.questions import catalog
from sarcoma_kg.stores.store import EmbeddedStore, Solutions
from tests.questions import expected
from tests.questions.test_questions import FILES, name
from tests.stores import comunica
from tests.stores.sparql_server import serving

UNANSWERED = comunica.UNANSWERED
WHY_NOT = comunica.available()
pytestmark = [pytest.mark.others, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

PREFIX = "PREFIX : <http://example.org/> "
ONE = """@prefix : <http://example.org/> .
:a a :C ; :p :b . :b a :C ; :p :top . :top a :C . :x a :C ; :t "word", true, 1.50 ."""
OTHER = "@prefix : <http://example.org/> . :y :q :z ."


class Asked(Protocol):
    def select(self, query: str) -> Solutions: ...


def store_of(triples: list[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


@pytest.fixture(scope="module")
def parts(triples: list[ox.Triple]) -> tuple[list[ox.Triple], list[ox.Triple]]:
    return comunica.halves(triples, "S2")


@pytest.fixture(scope="module")
def federation(parts: tuple[list[ox.Triple], list[ox.Triple]]) -> Iterator[comunica.Comunica]:
    with ExitStack() as stack:
        served = [stack.enter_context(serving(store_of(part))) for part in parts]
        yield stack.enter_context(comunica.running(comunica.sources(served)))


def test_no_triple_and_no_blank_node_is_in_both_halves(
    parts: tuple[list[ox.Triple], list[ox.Triple]], triples: list[ox.Triple]
) -> None:
    def blank(part: list[ox.Triple]) -> set[str]:
        ends = [end for t in part for end in (t.subject, t.object)]
        return {end.value for end in ends if isinstance(end, ox.BlankNode)}

    one, other = parts
    assert len(one) + len(other) == len(triples)
    assert set(one) | set(other) == set(triples)
    assert blank(one)
    assert not blank(one) & blank(other)


@pytest.mark.parametrize(("half", "source"), [(0, "S1"), (1, "S2")])
def test_a_half_has_the_claims_of_one_review(
    parts: tuple[list[ox.Triple], list[ox.Triple]], half: int, source: str
) -> None:
    query = (
        "PREFIX prov: <http://www.w3.org/ns/prov#> SELECT DISTINCT ?x "
        "{ ?claim prov:hadPrimarySource ?x }"
    )
    rows = EmbeddedStore(store_of(parts[half])).select(query).rows
    assert [row[0].value.rpartition("-")[2] for row in rows if row[0]] == [source]


@pytest.mark.parametrize("path", [p for p in FILES if name(p) not in UNANSWERED], ids=name)
def test_the_two_together_give_the_expected_rows(
    path: Path, store: EmbeddedStore, federation: comunica.Comunica
) -> None:
    query = catalog.read(path).query()
    ours, theirs = store.select(query), federation.select(query)
    columns, rows = expected.read(path.with_suffix(".csv"))
    assert expected.project(theirs, columns) == rows
    assert ours.variables == theirs.variables
    assert expected.project(ours, ours.variables) == expected.project(theirs, ours.variables)
    assert len(ours.rows) == len(theirs.rows)


class Case(NamedTuple):
    """A query over `ONE` and `OTHER`: the standard's answer, and what Comunica gives instead."""

    query: str
    standard: set[str]
    theirs: set[str]


#: Over endpoints, with all optimisers at work.
OPTIMISED = {
    "NOT EXISTS of what is nowhere": Case(
        "SELECT ?x { ?x :p ?y FILTER NOT EXISTS { ?x :none ?z } }", {"a", "b"}, set()
    ),
    "MINUS what is nowhere": Case(
        "SELECT ?x { ?x :p ?y MINUS { ?x :none ?z } }", {"a", "b"}, set()
    ),
    "EXISTS as a value": Case(
        "SELECT ?x { :a :p ?y BIND(EXISTS { :a :none ?z } AS ?x) }", {"false"}, set()
    ),
    "a count of nothing": Case("SELECT (COUNT(?y) AS ?x) { ?y :none ?z }", {"0"}, set()),
    "a path of no length": Case("SELECT ?x { :a :p/:none* ?x }", {"b"}, set()),
    "a filter on variables of two patterns": Case(
        "SELECT ?x { ?x a :C ; :p ?y FILTER(?x != :x) "
        "FILTER NOT EXISTS { ?y :p :top } FILTER(?y != :x) }",
        {"b"},
        set(),
    ),
}
#: Everywhere that Comunica itself compares strings: as a dictionary does, not by code points.
ALWAYS = {
    "comparison": Case(
        'SELECT ?x { VALUES ?x { "a" "B" } ?y :q :z FILTER(?x < "B") }', set(), {"a"}
    ),
    "order": Case('SELECT ?x { VALUES ?x { "a" "B" } ?y :q :z } ORDER BY ?x LIMIT 1', {"B"}, {"a"}),
}


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, Asked]]:
    """Over the two small graphs: ours, Comunica as we run it, as it comes, and over documents."""
    ours = ox.Store()
    with ExitStack() as stack:
        served = []
        for turtle in (ONE, OTHER):
            store = ox.Store()
            for graph in (ours, store):
                graph.load(turtle, format=ox.RdfFormat.TURTLE)
            served.append(stack.enter_context(serving(store)))
        over = comunica.sources(served)
        yield {
            "ours": EmbeddedStore(ours),
            "federated": stack.enter_context(comunica.running(over)),
            "optimised": stack.enter_context(comunica.running(over, idle=())),
            "documents": stack.enter_context(comunica.running(comunica.documents(served), idle=())),
        }


def shown(asked: Asked, query: str) -> set[str]:
    """Return the one column of an answer, with local names for IRIs."""
    return {row["x"].rpartition("/")[2] for row in asked.select(PREFIX + query).dicts()}


@pytest.mark.parametrize("case", OPTIMISED.values(), ids=OPTIMISED)
def test_two_optimisers_are_wrong_over_endpoints(case: Case, engines: dict[str, Asked]) -> None:
    found = {name: shown(asked, case.query) for name, asked in engines.items()}
    right = dict.fromkeys(("ours", "federated", "documents"), case.standard)
    assert found == {**right, "optimised": case.theirs}


@pytest.mark.parametrize("case", ALWAYS.values(), ids=ALWAYS)
def test_strings_are_in_the_order_of_dictionaries(case: Case, engines: dict[str, Asked]) -> None:
    found = {name: shown(asked, case.query) for name, asked in engines.items()}
    assert found == {**dict.fromkeys(engines, case.theirs), "ours": case.standard}


def test_an_error_is_told_and_the_process_goes_on(federation: comunica.Comunica) -> None:
    with pytest.raises(comunica.Failed, match="Parse error"):
        federation.select("SELECT ?x {")
    assert federation.select("SELECT ?x { VALUES ?x { 1 } }").rows


def test_a_late_answer_ends_the_process_and_the_next_query_begins_another() -> None:
    over = threading.Event()
    with (
        serving(ox.Store(), lambda _: over.wait(20)) as served,
        comunica.running(comunica.sources([served]), seconds=5) as asked,
    ):
        with pytest.raises(comunica.Failed, match="no answer within 5 s"):
            asked.select("SELECT ?x { ?x ?p ?o }")
        over.set()
        asked.seconds = 120
        asked.context = {
            "sources": [{"type": "serialized", "value": "", "mediaType": "text/turtle"}]
        }
        assert asked.select("SELECT ?x { VALUES ?x { 1 } }").rows
