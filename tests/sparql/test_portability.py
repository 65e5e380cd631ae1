"""The linter of queries: each rule on a query of its own, and all packaged queries."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import portability

X = "PREFIX x: <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"

#: Under each rule, queries that break it and no other (-), each with a near one that is good (+).
PAIRS = r"""
syntax
  - SELECT ?s { ?s x:p ?o LATERAL { ?o x:q ?n } }
  + SELECT ?s { ?s x:p ?o { ?o x:q ?n } }
  - SELECT (ADJUST(?o, ?n) AS ?a) { T }
  + SELECT (YEAR(?o) AS ?a) { T }
  - define sql:signal-void "1" SELECT ?s { ?s x:p ?o }
  + SELECT ?s { ?s x:p ?o }
  - SELECT ?s { ?s x:p ?o OPTION(TRANSITIVE) }
  + SELECT ?s { ?s x:p ?o OPTIONAL { ?s x:q ?o } }
  - SELECT ?s (COUNT(?o) AS ?c) { T }
  + SELECT ?s (COUNT(?o) AS ?c) { T } GROUP BY ?s
  - SELECT ?s { ?s <p> ?o }
  + BASE <http://example.org/> SELECT ?s { ?s <p> ?o }
functions
  - SELECT (x:f(?o) AS ?f) { T }
  + SELECT (STR(?o) AS ?f) { T }
  - SELECT ?s { ?s ?p ?o FILTER(xsd:date(?o) = ?o) }
  + SELECT ?s { ?s ?p ?o FILTER(xsd:dateTime(?o) = ?o) }
  - PREFIX bif: <bif:> SELECT ?s { ?s bif:contains "a" }
  + PREFIX bif: <http://bif/> SELECT ?s { ?s bif:contains "a" }
service
  - SELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s x:p ?o } }
  + SELECT ?s { { ?s x:p ?o } }
  - SELECT ?s { ?s x:p ?o FILTER EXISTS { SERVICE SILENT ?o { ?s x:p ?n } } }
  + SELECT ?s { ?s x:p ?o FILTER EXISTS { ?s x:p ?n } }
graph
  - SELECT ?s { GRAPH ?g { ?s x:p ?o } }
  + SELECT ?s { { ?s x:p ?o } }
  - SELECT ?s FROM x:g { ?s x:p ?o }
  + SELECT ?s { ?s x:p ?o }
  - SELECT ?s FROM NAMED x:g { ?s x:p ?o }
  + SELECT ?s { ?s x:p ?o }
prefixes
  - SELECT ?s { ?s rdfs:label ?o }
  + PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?s { ?s rdfs:label ?o }
  - SELECT ?s { ?s :p ?o }
  + PREFIX : <http://example.org/> SELECT ?s { ?s :p ?o }
sample
  - SELECT ?s (SAMPLE(?o) AS ?a) { T } GROUP BY ?s
  + SELECT ?s (MIN(?o) AS ?a) { T } GROUP BY ?s
order-total
  - SELECT ?s ?o { T } ORDER BY ?s
  + SELECT ?s ?o { T } ORDER BY DESC(?o) ?s
  - SELECT ?s { T } ORDER BY LCASE(?s)
  + SELECT ?s { T } ORDER BY LCASE(?s) ?s
  - SELECT * { ?s x:p ?o } ORDER BY ?s
  + SELECT * { ?s x:p ?o } ORDER BY ?s ?o
  - SELECT ?s ?o (COUNT(?n) AS ?c) { T } GROUP BY ?s ?o ORDER BY ?c ?s
  + SELECT ?s ?o (COUNT(?n) AS ?c) { T } GROUP BY ?s ?o ORDER BY ?o ?s
  - SELECT (STR(?o) AS ?a) (COUNT(?n) AS ?c) { T } GROUP BY ?s ?o ORDER BY ?a
  + SELECT (STR(?o) AS ?a) (COUNT(?n) AS ?c) { T } GROUP BY ?o ORDER BY ?a
  - SELECT (COUNT(?n) AS ?c) (MIN(?n) AS ?m) { T } GROUP BY STR(?o) ORDER BY ?c
  + SELECT (COUNT(?n) AS ?c) (MIN(?n) AS ?m) { T } GROUP BY STR(?o) ORDER BY ?c ?m
  - SELECT ?b (COUNT(?n) AS ?c) { T } GROUP BY (STR(?o) AS ?b) ORDER BY ?c
  + SELECT ?b (COUNT(?n) AS ?c) { T } GROUP BY (STR(?o) AS ?b) ORDER BY ?b
  - SELECT ?s ?l { T BIND(STRLEN(?o) AS ?l) } ORDER BY ?s
  + SELECT ?s ?l { T BIND(STRLEN(?s) AS ?l) } ORDER BY ?s
  - SELECT ?s (RAND() AS ?r) { T } ORDER BY ?s
  + SELECT ?s (STRLEN(?s) AS ?r) { T } ORDER BY ?s
  - SELECT ?s ?a { { T BIND(1 AS ?a) } UNION { T } } ORDER BY ?s
  + SELECT ?s ?a { { T BIND(1 AS ?a) } UNION { T } } ORDER BY ?s ?a
  - SELECT ?s { { SELECT ?s ?o { ?s x:p ?o } ORDER BY ?o LIMIT 1 } }
  + SELECT ?s { { SELECT ?s ?o { ?s x:p ?o } ORDER BY ?o ?s LIMIT 1 } }
limit-order
  - SELECT ?s { ?s x:p ?o } LIMIT 1
  + SELECT ?s { ?s x:p ?o } ORDER BY ?s LIMIT 1
  - SELECT ?s { { SELECT ?s { ?s x:p ?o } OFFSET 1 } }
  + SELECT ?s { { SELECT ?s { ?s x:p ?o } ORDER BY ?s OFFSET 1 } }
path-input
  - SELECT ?o { VALUES ?s { x:a } ?s x:p+ ?o }
  + SELECT ?o { VALUES ?s { x:a } ?s x:q ?n ; x:p+ ?o }
  - SELECT ?o { BIND(x:a AS ?s) ?o a x:C ; x:p* ?s }
  + SELECT ?o { BIND(x:a AS ?s) ?o a x:C ; x:p/x:q ?s }
  - SELECT ?o { VALUES ?s { x:a } ?o a x:C FILTER EXISTS { ?s x:p+ ?o } }
  + SELECT ?o { VALUES ?s { x:a } ?o a x:C . ?s a x:C FILTER EXISTS { ?s x:p+ ?o } }
  - SELECT ?o { VALUES ?s { x:a } { SELECT ?o { ?s x:q ?o } } ?s x:p+ ?o }
  + SELECT ?o { VALUES ?s { x:a } { SELECT ?o ?s { ?s x:q ?o } } ?s x:p+ ?o }
path-zero
  - SELECT ?s { ?s x:p* x:a }
  + SELECT ?s { ?s x:p+ x:a }
  - SELECT ?s { ?s x:p* x:a }
  + SELECT ?s { ?s x:p* x:a . x:a a x:C }
  - SELECT ?s { ?s x:p? x:a }
  + SELECT ?s { ?s a x:C ; x:p? x:a }
  - SELECT ?s { ?s x:p+ ?o . ?o x:q* x:b }
  + SELECT ?s { ?s x:p ?o . ?o x:q* x:b }
  - SELECT ?s { ?s (x:p*/x:q*) x:a }
  + SELECT ?s { ?s x:p*/x:q x:a }
  - SELECT ?s { ?s (x:p|^x:q*) x:a }
  + SELECT ?s { ?s (x:p|^x:q+) x:a }
  - SELECT ?s { { ?s x:q ?o } UNION { ?o x:q ?n } ?s x:p* x:a }
  + SELECT ?s { { ?s x:q ?o } UNION { ?s x:r ?n } ?s x:p* x:a }
  - SELECT ?s { ?s x:p* x:a OPTIONAL { ?s x:q ?o } }
  + SELECT ?s { ?s x:q ?o OPTIONAL { ?s x:p* x:a } }
path-open
  - SELECT ?s ?o { ?s x:p+ ?o }
  + SELECT ?s ?o { ?s x:p+ ?o . ?o a x:C }
  - SELECT ?s { ?s x:p+ ?s }
  + SELECT ?s { ?s x:p+ ?s ; a x:C }
  - SELECT ?s { [] (x:p|x:q)+ ?s }
  + SELECT ?s { [] x:p|x:q ?s }
path-denied
  - SELECT ?s { ?s x:q ?o FILTER NOT EXISTS { ?s a x:C ; x:p* x:a } }
  + SELECT ?s { ?s x:q ?o FILTER NOT EXISTS { ?s a x:C ; x:p*/x:p x:a } }
  - SELECT ?s { ?s x:q ?o MINUS { ?s x:p+ x:a } }
  + SELECT ?s { ?s x:q ?o . ?s x:p+ x:a }
minus
  - SELECT ?s { ?s x:p ?o MINUS { ?a x:q ?b } }
  + SELECT ?s { ?s x:p ?o MINUS { ?s x:q ?b } }
  - SELECT ?s { ?s x:p ?o MINUS { ?a x:q ?b FILTER(?o = ?b) } }
  + SELECT ?s { ?s x:p ?o MINUS { ?a x:q ?o FILTER(?a = ?o) } }
  - SELECT ?s { MINUS { ?s x:q ?b } ?s x:p ?o }
  + SELECT ?s { VALUES ?s { x:a } MINUS { ?s x:q ?b } ?s x:p ?o }
division
  - SELECT ?s { T FILTER(?o / 2 > 1) }
  + SELECT ?s { T FILTER(?o * 2 > 1) }
exists
  - SELECT ?s ?e { T BIND(EXISTS { ?o a x:C } AS ?e) }
  + SELECT ?s ?e { T BIND(IF(EXISTS { ?o a x:C }, true, false) AS ?e) }
  - SELECT (IF(?s = ?o, !EXISTS { ?o a x:C }, true) AS ?e) { T }
  + SELECT (IF(!EXISTS { ?o a x:C }, true, ?s = ?o) AS ?e) { T }
  - SELECT ?s ?e { T BIND(NOT EXISTS { ?o a x:C } AS ?e) }
  + SELECT ?s ?o { T FILTER NOT EXISTS { ?o a x:C } }
sum
  - SELECT ?s (SUM(?o) AS ?a) { T } GROUP BY ?s
  + SELECT ?s (COALESCE(SUM(?o), 0) AS ?a) { T } GROUP BY ?s
  - SELECT ?s { T } GROUP BY ?s HAVING(SUM(?o) > 1)
  + SELECT ?s { T } GROUP BY ?s HAVING(COUNT(?o) > 1)
group-concat
  - SELECT (GROUP_CONCAT(?o) AS ?a) { T }
  + SELECT (GROUP_CONCAT(STR(?o)) AS ?a) { T }
  - SELECT (GROUP_CONCAT(DISTINCT IF(?n = 1, ?o, ""); SEPARATOR=",") AS ?a) { T }
  + SELECT (GROUP_CONCAT(DISTINCT IF(?n = 1, LCASE(?o), ""); SEPARATOR=",") AS ?a) { T }
  - SELECT (GROUP_CONCAT(COALESCE(STR(?o), ?n)) AS ?a) { T }
  + SELECT (GROUP_CONCAT(COALESCE(CONCAT(?o, "."), "")) AS ?a) { T }
select
  - ASK { ?s x:p ?o }
  + SELECT ?s { ?s x:p ?o }
  - CONSTRUCT { ?s x:q ?o } WHERE { ?s x:p ?o }
  + SELECT ?s ?o WHERE { ?s x:p ?o }
  - DESCRIBE ?s WHERE { ?s x:p ?o }
  + SELECT ?s WHERE { ?s x:p ?o }
xsd-string
  - SELECT ?s { ?s x:p "a"^^xsd:string }
  + SELECT ?s { ?s x:p "a" }
  - SELECT ?s { ?s x:p ?o FILTER(?o = "a"^^<http://www.w3.org/2001/XMLSchema#string>) }
  + SELECT ?s { ?s x:p ?o FILTER(?o = "a"@en) }
by-value
  - SELECT ?s { T FILTER sameTerm(?o, true) }
  + SELECT ?s { T FILTER sameTerm(?o, ?n) }
  - SELECT ?s { T FILTER sameTerm('a', ?o) }
  + SELECT ?s { T FILTER('a' = ?o) }
  - SELECT ?s { T FILTER(?o IN (1.0, 2.0)) }
  + SELECT ?s { T FILTER(?o IN (1, 2)) }
  - SELECT ?s { T FILTER(?o NOT IN ("1"^^xsd:boolean)) }
  + SELECT ?s { T FILTER(?o != true) }
"""


def pairs() -> list[tuple[str, str, str]]:
    found, rule, bad = [], "", ""
    for line in PAIRS.replace("{ T ", "{ ?s x:p ?o ; x:q ?n . ").strip().splitlines():
        if line.startswith("  - "):
            bad = X + line[4:]
        elif line.startswith("  + "):
            found.append((rule, bad, X + line[4:]))
        else:
            rule = line
    return found


FOLDER = resources.data_root() / "queries"


def broken(text: str) -> set[str]:
    return {breach.rule for breach in portability.check(text, "test")}


@pytest.mark.parametrize(("rule", "bad", "good"), pairs())
def test_a_rule_tells_a_query_from_a_near_one(rule: str, bad: str, good: str) -> None:
    assert broken(bad) == {rule}
    assert broken(good) == set()


def test_every_rule_is_tried_and_has_its_reason() -> None:
    assert {rule for rule, _, _ in pairs()} == set(portability.RULES)
    assert all(r.name and r.reason.endswith(".") for r in portability.RULES.values())


@pytest.mark.parametrize(
    "path", sorted(FOLDER.rglob("*.rq")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_packaged_queries_mean_the_same_everywhere(path: Path) -> None:
    form = "CONSTRUCT" if path.parent.name == "rules" else "SELECT"
    breaches = portability.check(path.read_text(encoding="utf-8"), str(path), form)
    assert breaches == []


def test_a_rule_file_is_a_construct() -> None:
    (breach,) = portability.check(X + "SELECT ?s { ?s x:p ?o }", "test", "CONSTRUCT")
    assert breach.rule == "select"


WORDS = (
    "SERVICE <a:b> { } GRAPH ?g FROM SAMPLE(?x) SUM(?x) MINUS { } ASK LIMIT 1 sameTerm(?x, true) "
    "BIND(EXISTS { ?s ?p ?o } AS ?x) 1 / 2 rdfs:label define LATERAL"
)


@pytest.mark.parametrize(
    "text",
    [
        X + f"# {WORDS}\nSELECT ?s {{ ?s x:p ?o }} # {WORDS}",
        X + f'SELECT ?s {{ ?s x:p "{WORDS}" }}',
        X + f"SELECT ?s {{ ?s x:p '''\n# \" {WORDS}\n''' }}",
        X + f"SELECT ?s {{ ?s x:p ?o FILTER(CONTAINS(?o, '# {WORDS}')) }}",
        "SELECT ?s { ?s <http://example.org/SERVICE#GRAPH/SUM> ?o }",
        X + "SELECT ?service { ?service x:graph ?sample . ?sample x:minus x:sum }",
    ],
)
def test_forbidden_words_in_strings_comments_and_names_pass(text: str) -> None:
    assert broken(text) == set()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (X + "SELECT ?s {\n  ?s x:p 'SERVICE' # SERVICE\n  SERVICE <a:b> { ?s x:p ?o }\n}", 5),
        (X + "SELECT ?s { ?s x:p ?o }\nLIMIT 1", 4),
        (X + "SELECT ?s {\n  GRAPH x:a { ?s x:p ?o }\n  GRAPH x:b { ?s x:p ?o }\n}", 0),
        (X + "SELECT ?s {\n  ?s x:p }", 4),
        (X + "SELECT ?s {\n  ?s x:p ?o BIND(1 AS ?o) }", 4),
    ],
)
def test_a_breach_names_its_line_where_it_is_known(text: str, line: int) -> None:
    assert [breach.line for breach in portability.check(text, "test")] == [line]


@pytest.mark.parametrize("text", ["", " \n", "SELECT * {" * 500 + "}" * 500])
def test_what_cannot_be_judged_is_explained(text: str) -> None:
    with pytest.raises(UserError, match=r"my\.rq: the query is (empty|nested too deeply)"):
        portability.check(text, "my.rq")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "SELECT",
        "INSERT DATA { <a:b> <a:c> <a:d> }",
        'SELECT * { ?s ?p "\\uFFFFFFFF" }',
        'SELECT * { ?s ?p "\udc80" }',
        X + "SELECT ?s { ?s x:p ?o } ORDER BY",
        "DESCRIBE <http://example.org/a> ORDER BY ?x",
    ],
)
def test_a_malformed_query_is_a_breach(text: str) -> None:
    assert broken(text) & {"syntax", "select"}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            ["SELECT", "*", "?x", "{", "}", "(", ")", "x:p*", "x:p", '"a"', "FILTER", "MINUS", ".",
             "EXISTS", "ORDER BY", "BIND", "AS", "SUM(?y)", "VALUES", "LIMIT 1", "/", "#", "\\",
             "GROUP BY", "STR(?x)", "(STR(?x) AS ?z)", "UNION", "?y", "IN", "true", "[]", "WHERE",
             "FILTER(?x)", "BIND(STR(?x) AS ?z)", "{ ?x x:p* ?y }", "SELECT ?x", "OPTIONAL", "\0"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_text_is_judged_or_explained(words: list[str]) -> None:
    with contextlib.suppress(UserError):
        portability.check(" ".join(words), "test")
        portability.check(X + "SELECT * { ?x x:p ?y " + " ".join(words) + " }", "test")
