"""What untrusted input may do."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg import guard, loading
from sarcoma_kg.errors import UserError


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


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_either_rdf_or_explained(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("f") / "x.ttl"
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        assert loading.read(path)


def test_imports_are_not_followed(tmp_path: Path) -> None:
    """An import stays a triple; nothing is read from where it points."""
    other = tmp_path / "other.ttl"
    other.write_text("<http://x/a> <http://x/b> <http://x/c> .")
    path = tmp_path / "my.ttl"
    path.write_text(f"<http://x/o> <http://www.w3.org/2002/07/owl#imports> <{other.as_uri()}> .")
    assert len(loading.read(path)) == 1
