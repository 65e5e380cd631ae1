"""What untrusted input may do."""

import contextlib
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import guard
from sarcoma_kg.stores import isolated


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
        'SELECT * { FILTER("q" IN ("A\\u0022,")) SERVICE <a:b> { ?s ?p ?o } FILTER("))}#" != "") }',
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


def test_the_engine_gets_what_was_judged() -> None:
    assert guard.check_read_only("ASK # x\r\n{ ?s ?p ?o }\r", "test") == "ASK # x\n{ ?s ?p ?o }\n"


def test_a_query_can_open_nothing(build: builds.Build) -> None:
    """Even a query that the guard should have refused reaches no server."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.5)
        port = server.getsockname()[1]
        query = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        with pytest.raises(UserError):
            isolated.run(build.folder / "store", query, seconds=20, most=10)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_query_that_eats_memory_is_stopped(build: builds.Build) -> None:
    """The worker may use 2 GiB of addresses; a product of all triples sorted would need more."""
    hungry = "SELECT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f"
    with pytest.raises(UserError, match="more memory"):
        isolated.run(build.folder / "store", hungry, seconds=30, most=10)
