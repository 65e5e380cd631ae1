"""What untrusted input may do."""

import contextlib
import re
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.tokens import tokenize
from sarcoma_kg.stores import isolated
from tests import machine
from tests.listener import listening
from tests.passes import cases_or_absent


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s WHERE { ?s ?p ?o }",
        "ASK { ?s ?p 'SERVICE' }",
        '# LOAD <a:b>\nSELECT ?s WHERE { ?s ?p "FROM <file:///etc/passwd>" }',
        "DESCRIBE <http://example.org/x>",
        "PREFIX x: <http://x/> SELECT ?from WHERE { ?from x:service ?load }",
    ],
)
def test_reads_pass(query: str) -> None:
    guard.check_read_only(query, "test")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { { SELECT * { SERVICE SILENT <a:b> { ?s ?p ?o } } } }",
        "SELECT * { OPTIONAL { FILTER NOT EXISTS { SERVICE ?x { ?s ?p ?o } } } }",
        "SELECT * { ?s ?p ?o MINUS { SERVICE <a:b> { ?s ?p ?o } } }",
        "SELECT * FROM NAMED <a:b> { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o . # \rSERVICE <a:b> { ?a ?b ?c }\n }",
        "CONSTRUCT { ?s ?p ?o } FROM <a:b> WHERE { ?s ?p ?o }",
        "ASK FROM <a:b> { ?s ?p ?o }",
        "SELECT * { BIND(EXISTS { SERVICE <a:b> { ?s ?p ?o } } AS ?x) }",
        "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "CREATE GRAPH <a:b>",
        "COPY <a:b> TO <a:c>",
    ],
)
def test_everything_else_is_refused(query: str) -> None:
    with pytest.raises(UserError):
        guard.check_read_only(query, "test")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_either_a_read_or_explained(text: str) -> None:
    # Any other exception fails the test.
    with contextlib.suppress(UserError):
        guard.check_read_only(text, "test")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p -0.5 }",
        "SELECT * { VALUES ?x { -1 -2.5 -1e3 } ?s ?p -7 , -0.5 . FILTER(?x < -1) }",
        'SELECT * { ?s ?p 0.5 # SERVICE <a:b>\n FILTER("SERVICE" != "FROM") }',
        "SELECT * { ?s ?p -0.5 . ?s ?q \"SERVICE\", '''from''' }",
        "SELECT * { ?s <http://example.org/service/from> -0.5 }",
        "PREFIX from: <http://example.org/> ASK { ?from from:Service -0.5 . _:from ?p 'x'@from }",
        "ASK { ?s ?p -0.5 # SERVICE <a:b> { FROM\n }",
        'SELECT * { ?s ?p "\\u0041" }',
        "SELECT * { ?s <http://example.org/\\u00E9> ?o }",
    ],
)
def test_valid_queries_are_not_refused(query: str) -> None:
    ox.Store().query(guard.check_read_only(query, "test"))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p -0.5 { SELECT * { SERVICE ?x { ?s ?p -1 } } } }",
        "SELECT * { ?s ?p -0.5 . SERVICE SILENT <a:b> { } }",
        "SELECT * FROM <a:b> { ?s ?p -0.5 }",
        # An IRI and a string to our tokens, a comparison and SERVICE to the engine.
        "SELECT * { ?s ?p -0.5 FILTER(?p<'>') SERVICE <a:b> { ?a ?b ?c } FILTER('' = '') }",
        "SELECT * { ?s ?p -0.5 FILTER(?p<'>#') SERVICE <a:b> { ?a ?b ?c }\n }",
        "SELECT * { ?s ?p -0.5 OPTIONAL{ SERVICESILENT<a:b>{} } }",
        "SELECT * { ?s ?p -0.5 . S\\u0045RVICE <a:b> { } }",
        "SELECT * { ?s ?p ?o . \\U00000053ERVICE <a:b> { ?a ?b ?c } }",
    ],
)
def test_the_words_are_found_where_parsers_part(query: str) -> None:
    with pytest.raises(UserError, match=r"refused: (SERVICE|FROM)"):
        guard.check_read_only(query, "test")


@pytest.mark.parametrize(
    "query",
    ["ASK { FILTER(" + "(" * 6000 + "1" + ")" * 6000 + ") }", "ASK " + "{" * 501 + "}" * 501],
)
def test_what_is_nested_too_deeply_is_refused(query: str) -> None:
    with pytest.raises(UserError, match=r"nested too deeply: (6,002|501) brackets"):
        guard.check_read_only(query, "test")


def test_what_is_nested_as_deeply_as_allowed_is_read() -> None:
    guard.check_read_only("ASK " + "{" * guard.MOST_NESTED + "}" * guard.MOST_NESTED, "test")


@pytest.mark.parametrize("query", ['ASK { ?s ?p "\\u005Cu0022" }', 'ASK { ?s ?p "\\uD800" }'])
def test_an_escape_that_makes_another_one_is_refused(query: str) -> None:
    with pytest.raises(UserError, match="line 1: this codepoint escape"):
        guard.check_read_only(query, "test")


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("SELECT ?x { ?x rdfs:label ?l }", "add PREFIX rdfs: <http://www.w3.org/2000/01/rdf-sch"),
        ("SELECT ?x { ?x a skg:Claim }", "add PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>"),
        ("SELECT ?x { ?x a ex:Claim }", "declare it by PREFIX"),
        ('SELECT ?x { ?x ?y "1"^^xsd:int }', "add PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"),
    ],
)
def test_a_forgotten_prefix_is_named(query: str, hint: str) -> None:
    with pytest.raises(UserError, match="is not declared") as caught:
        guard.check_read_only(query, "test")
    assert caught.value.hint.startswith(hint)


def test_known_prefixes_are_declared_on_demand() -> None:
    text = "SELECT ?x { ?x rdfs:label ?l ; skg:p 1 }"
    known = {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skg": "http://x/", "kb": "http://k/"}
    run = guard.check_read_only(text, "test", known)
    assert run == f"PREFIX rdfs: <{known['rdfs']}> PREFIX skg: <http://x/> {text}"
    with pytest.raises(UserError, match="the prefix ex: is not declared"):
        guard.check_read_only("ASK { ?x rdfs:label ex:y }", "test", known)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT nonsense", "test: line 1, column 8: not a SPARQL 1.1 query"),
        ("SELECT * {\n ?s ?p }", "test: line 2, column 2: not a SPARQL 1.1 query"),
        # A negative decimal ends the other parser without a place.
        ("SELECT * {\n ?s ?p -0.5 . ?s }", "test: line 2: not a SPARQL 1.1 query"),
        ("# from here\nSELEC ?from {}", "test: line 2, column 1: not a SPARQL 1.1 query"),
    ],
)
def test_a_fault_of_syntax_has_its_place(query: str, place: str) -> None:
    with pytest.raises(UserError) as caught:
        guard.check_read_only(query, "test")
    assert caught.value.message.startswith(place)


def syntax_tests() -> list[tuple[str, str, bool]]:
    """Return name, text and whether it is valid, of the W3C's tests of SPARQL 1.1 syntax."""
    if machine.SHARED is None:
        return []
    folder = machine.SHARED / "conformance" / "sparql11-syntax-query"
    text = (folder / "manifest.ttl").read_text(encoding="utf-8")
    kinds = re.findall(r"mf:(Positive|Negative)SyntaxTest11?\b.*?mf:action\s+<([^>]+)>", text, re.S)
    return [(name, (folder / name).read_text("utf-8"), kind == "Positive") for kind, name in kinds]


@pytest.mark.parametrize(
    "case", cases_or_absent(syntax_tests(), lambda case: case[0], machine.WHY_NOT_SHARED)
)
def test_the_syntax_of_sparql(case: tuple[str, str, bool], shared: Path) -> None:
    """Valid queries pass but for SERVICE and FROM; the guard or the engine refuses the others."""
    name, text, valid = case
    if not valid:
        with pytest.raises((UserError, SyntaxError)):
            ox.Store().query(guard.check_read_only(text, name))
    elif re.search(r"\b(SERVICE|FROM)\b", text):
        with pytest.raises(UserError, match="refused: "):
            guard.check_read_only(text, name)
    else:
        guard.check_read_only(text, name)


def test_the_engine_gets_what_was_judged() -> None:
    assert guard.check_read_only("ASK # x\r\n{ ?s ?p ?o }\r", "test") == "ASK # x\n{ ?s ?p ?o }\n"


def test_a_query_can_open_nothing(
    build: builds.Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Even a query that the guard should have refused reaches no server."""
    # A guard that lets all pass, for the process of the query.
    (tmp_path / "sitecustomize.py").write_text(
        "from sarcoma_kg.sparql import guard\nguard.check_read_only = lambda query, *_: query\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with listening() as listener:
        for address in listener.addresses:
            query = f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
            with pytest.raises(UserError, match="the engine refuses"):
                isolated.run(build.folder / "store", query, seconds=20, most=10)
        assert listener.contacts == 0


#: What took a parser longer than any limit, or more memory, or ended the process.
HEAVY = {
    "sum": "ASK { FILTER(" + "1+" * 5000 + "1 > 0) }",
    "sum with a fault": "ASK { FILTER(" + "1+" * 5000 + " > 0) }",
    "sequence": "ASK { ?s " + "<a:b>/" * 5000 + "<a:b> ?o }",
    "patterns": "ASK {" + "?s ?p ?o ." * 5000 + "}",
    "collection": "ASK { ?s ?p " + "(" * 400 + ")" * 400 + " }",
    "values": "SELECT * { VALUES ?x {" + " 'aaaaaaaaaaaaaaaa'" * 500_000 + "} ?s ?x ?o }",
    "choices": "ASK { FILTER(" + "IF(?x," * 450 + "1" + ",1)" * 450 + ") }",
    "quotes": 'ASK { ?s ?p """' + "''" * 200_000,
    "names": "ASK { ?s ?p " + "a." * 100_000 + " }",
    "not": "ASK { FILTER(" + "!" * 200_000 + "true) }",
    "or": "ASK { FILTER(" + "?x||" * 100_000 + "true) }",
}


@pytest.mark.parametrize("name", HEAVY)
def test_reading_a_query_has_the_limits_of_the_query(build: builds.Build, name: str) -> None:
    """Answered or refused, with words, but in time."""
    began = time.monotonic()
    with contextlib.suppress(UserError):
        isolated.run(build.folder / "store", HEAVY[name], seconds=0.5)
    assert time.monotonic() - began < 1.5


def test_judging_alone_has_limits() -> None:
    with pytest.raises(UserError, match=r"did not finish within 0\.5 s"):
        isolated.judge(HEAVY["patterns"], seconds=0.5)


def test_tokens_of_a_long_text_are_found_in_one_go() -> None:
    began = time.process_time()
    assert len(tokenize(HEAVY["names"])) > 200_000
    assert time.process_time() - began < 10


def test_a_query_that_eats_memory_is_stopped(build: builds.Build) -> None:
    """The worker may use 2 GiB of addresses; a product of all triples sorted would need more."""
    hungry = "SELECT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f"
    with pytest.raises(UserError, match="more memory"):
        isolated.run(build.folder / "store", hungry, seconds=30, most=10)


def test_a_query_that_ends_the_engine_is_told(build: builds.Build) -> None:
    with pytest.raises(UserError, match=r"the engine could not read or run this query \(SIG"):
        isolated.run(build.folder / "store", "ASK { FILTER(" + "!" * 1_000_000 + "true) }")


def test_a_triple_as_a_term_is_told(build: builds.Build) -> None:
    with pytest.raises(UserError, match=r"which RDF 1.1 does not have: <a:a>"):
        isolated.run(build.folder / "store", "SELECT (TRIPLE(<a:a>, <a:b>, 1) AS ?t) {}")


def test_a_large_answer_is_told(build: builds.Build) -> None:
    many = "VALUES ?l { '" + "a" * 1000 + "' } ?s ?p ?o"
    text = f"SELECT (CONCAT({', '.join(['?l'] * 40)}) AS ?x) {{ {many} }}"
    with pytest.raises(UserError, match="larger than 64 million characters"):
        isolated.run(build.folder / "store", text)
