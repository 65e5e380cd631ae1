"""sh:sparql as sets: the guard and the query it stands before have to agree."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sarcoma_kg import shacl
from sarcoma_kg.stores.store import EmbeddedStore

NS = "http://example.org/"
NODES = ["$this", "?a", "?b", "?value"]
TESTS = ["FILTER (?a != $this)", "FILTER(!sameTerm(?value, ?a) && ?b = ?b)", "FILTER isIRI(?value)"]


@st.composite
def triples(draw: Callable[[st.SearchStrategy[Any]], Any], subjects: tuple[str, ...]) -> str:
    hop = st.sampled_from([":p", ":q", "^:p", "a"])
    node = st.sampled_from([*NODES, ":n1"])
    lines = []
    for subject in subjects:
        paths = draw(st.lists(st.lists(hop, min_size=1, max_size=2), min_size=1, max_size=2))
        pairs = [f"{'/'.join(path)} {draw(node)}" for path in paths]
        pairs[-1] += draw(st.sampled_from(["", ", ?value", " ;"]))
        lines.append(f"{subject} {' ; '.join(pairs)}")
    return " . ".join(lines)


@st.composite
def bodies(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    others = st.lists(st.sampled_from(NODES), max_size=1)
    tests = st.lists(st.sampled_from(TESTS), max_size=1)
    parts = [draw(triples(("$this", *draw(others)))), *draw(tests)]
    if draw(st.booleans()):
        inside = draw(triples((draw(st.sampled_from(["$this", "?a"])), "$this")))
        parts.append(f"FILTER NOT EXISTS {{ {inside} }}")
    return "\n".join(parts)


edges = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from("pq"), st.integers(0, 4)), min_size=6, max_size=20
)


def plan_for(query: str) -> shacl.Plan:
    prefixes = "".join(
        f"@prefix {name}: <{iri}> ."
        for name, iri in (
            ("", NS), ("sh", "http://www.w3.org/ns/shacl#"),
            ("xsd", "http://www.w3.org/2001/XMLSchema#"),
        )
    )  # fmt: skip
    shapes = f"""{prefixes}
        :s a sh:NodeShape ; sh:targetClass :C ;
            sh:sparql [ sh:prefixes :o ; sh:select '''{query}''' ] .
        :o sh:declare [ sh:prefix "" ; sh:namespace "{NS}"^^xsd:anyURI ] .
    """
    return shacl.compile_shapes(
        quad.triple for quad in ox.parse(shapes.encode(), format=ox.RdfFormat.TURTLE)
    )


def results(plan: shacl.Plan, data: ox.Store, guards_from: int | None) -> Counter[object]:
    found = shacl.validate(plan, EmbeddedStore(data), guards_from=guards_from)
    return Counter((result.focus, result.value) for result in found)


@settings(max_examples=400, deadline=None)
@given(bodies(), edges)
@example("$this :p ?a FILTER NOT EXISTS { $this :q/:p ?a }", [(0, "p", 1), (0, "q", 2)])
def test_guard_and_query_agree(body: str, links: list[tuple[int, str, int]]) -> None:
    plan = plan_for(f"SELECT DISTINCT $this ?value WHERE {{ {body} }}")
    assert plan.queries[0].guard.texts
    store = ox.Store()
    node = [ox.NamedNode(f"{NS}n{n}") for n in range(5)]
    store.extend(ox.Quad(node[s], ox.NamedNode(NS + p), node[o]) for s, p, o in links)
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.extend(ox.Quad(n, kind, ox.NamedNode(NS + "C")) for n in node[:3])
    assert results(plan, store, 0) == results(plan, store, None)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this { $this :p ?a OPTIONAL { $this :q ?b } }",
        "SELECT $this { { $this :p ?a } UNION { $this :q ?a } }",
        "SELECT $this { $this :p+ ?a }",
        "SELECT $this { $this (:p|:q) ?a }",
        "SELECT $this { $this !:p ?a }",
        "SELECT $this { $this ?a 1 }",
        "SELECT $this { $this :p [ :q ?a ] }",
        "SELECT $this { $this :p ?a FILTER EXISTS { $this :q ?a } }",
        "SELECT $this { $this :p ?a FILTER (!EXISTS { $this :q ?a }) }",
        "SELECT $this { $this :p ?a FILTER NOT EXISTS { ?a :q ?b } }",
        "SELECT $this { $this :p ?a FILTER NOT EXISTS { $this :q ?a FILTER (?a = 1) } }",
        "SELECT $this { $this :p ?a BIND (1 AS ?b) }",
        "SELECT $this { $this :p ?a } GROUP BY $this",
        "SELECT $this (MAX(?a) AS ?value) { $this :p ?a } GROUP BY $this",
        "PREFIX x: <http://example.org/x> SELECT $this { $this x:p ?a }",
    ],
)
def test_what_is_not_read_as_sets_has_no_guard(query: str) -> None:
    assert plan_for(query).queries[0].guard.texts == ()
