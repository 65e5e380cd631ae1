"""Queries of sh:sparql are asked of terms as they are written wherever that can matter."""

import pyoxigraph as ox
import pytest

from sarcoma_kg import shacl
from sarcoma_kg.quality.written import Written
from sarcoma_kg.shacl.dependence import depends
from sarcoma_kg.stores.lexical import LexicalStore

HEAD = "PREFIX : <http://e.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
#: Whether the rows may depend on how values of :p are written.
QUERIES = {
    "SELECT ?this { ?this ?x ?o }": False,
    "SELECT ?this ?o { ?this ?x ?o }": True,
    "SELECT ?this { { SELECT ?this ?o { ?this ?x ?o } } }": False,
    "SELECT * { ?this :p ?v }": True,
    "SELECT ?this { ?this :p 7 }": True,
    "SELECT ?this { ?this :p [] }": False,
    "SELECT ?this { ?this :p _:b . ?this :q _:b }": True,
    "SELECT ?this { ?this :q ?o FILTER (DATATYPE(?o) = xsd:int) }": False,
    "SELECT ?this { ?this :p ?o FILTER (DATATYPE(?o) = xsd:int) }": True,
    "SELECT ?this { ?this :p ?o . ?o :q ?z FILTER (DATATYPE(?o) = xsd:int) }": False,
    "SELECT ?this { ?this :q ?z FILTER EXISTS { ?z :p/:r* ?v . ?z :k ?v } }": True,
    "SELECT ?this { ?this :q ?z FILTER EXISTS { ?z :q/:r* ?v . ?z :k ?v } }": False,
    "SELECT ?this { ?z ^:p ?this . ?this :q ?z }": True,
    "SELECT ?this { ?this !:q ?v FILTER (isIRI(?v)) }": True,
    "SELECT ?this { ?this :q ?v BIND (?v AS ?z) OPTIONAL { ?a :p ?z } }": True,
    "SELECT ?this (COUNT(*) AS ?n) { ?this :p ?v } GROUP BY ?this": True,
    "SELECT ?this (COUNT(?v) AS ?n) { ?this :p ?v } GROUP BY ?this": True,
    "SELECT ?this { ?this :p ?v } GROUP BY ?this HAVING (MAX(?v) > 3)": True,
    "SELECT ?this { ?this :p ?v } ORDER BY ?v": True,
    "SELECT ?this { { SELECT ?this (STR(?v) AS ?t) { ?this :p ?v } } FILTER (?t) }": True,
    "SELECT ?this { ?this :p ?v FILTER (EXISTS { ?this a :T }) }": False,
}
SHAPES = """@prefix : <http://e.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:g sh:declare [ sh:prefix "e" ; sh:namespace "http://e.org/"^^xsd:anyURI ] ,
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] ,
    [ sh:prefix "unused" ; sh:namespace "./"^^xsd:anyURI ] .
:s sh:targetClass :T ; sh:sparql [ sh:prefixes :g ; sh:select "%s" ] ."""


def ours(query: str, data: str) -> tuple[list[str], Written, shacl.Plan]:
    shapes = [q.triple for q in ox.parse(SHAPES % query, format=ox.RdfFormat.TURTLE)]
    head = "@prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    written = Written([q.triple for q in ox.parse(head + data, format=ox.RdfFormat.TURTLE)])
    plan = shacl.compile_shapes(shapes, exact=True, altered=bool(written.changed))
    results = shacl.validate(plan, written.store, for_query=written.for_query)
    return sorted(r.focus.value[-1] for r in results), written, plan


@pytest.mark.parametrize("query", QUERIES)
def test_whether_the_form_of_a_literal_can_matter(query: str) -> None:
    assert depends(HEAD + query, {"http://e.org/p"}) is QUERIES[query]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("$this e:p ?v . FILTER (DATATYPE(?v) != xsd:int)", ["b"]),
        ("$this e:p ?v . FILTER (STR(?v) != '7')", ["b"]),
        ("$this e:p ?v . FILTER (?v != 7)", []),
        ("$this e:p ?v, ?w . FILTER (!sameTerm(?v, ?w))", ["b"]),
        ("$this ?any ?v . FILTER (isLiteral(?v) && STRLEN(STR(?v)) > 2)", ["b"]),
    ],
)
def test_queries_see_terms_as_written(condition: str, wanted: list[str]) -> None:
    data = ':a a :T ; :p "7"^^xsd:int . :b a :T ; :p 007 , "7"^^xsd:int .'
    found, written, plan = ours(f"SELECT DISTINCT $this {{ {condition} }}", data)
    assert found == wanted
    assert [f.shape for f in written.limits(plan)] == ["asked of rdflib"]


def test_the_embedded_store_answers_where_the_form_does_not_matter() -> None:
    data = ':a a :T ; :p "7"^^xsd:int ; :q 1 . :b a :T ; :q 2 .'
    found, written, plan = ours("SELECT $this { $this e:q ?v . FILTER (?v > 1) }", data)
    assert found == ["b"]
    assert written.changed
    assert not written.limits(plan)


def test_the_store_of_such_queries_keeps_every_literal() -> None:
    text = ':a :p 007 , "7"^^xsd:int , "x"@en , "1.50"^^xsd:decimal , [] .'
    head = "@prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    triples = [q.triple for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE)]
    kept = list(LexicalStore(triples).construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))
    literals, found = (
        {t.object for t in some if isinstance(t.object, ox.Literal)} for some in (triples, kept)
    )
    assert found == literals
    assert len(kept) == 5
