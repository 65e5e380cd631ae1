"""What untrusted input may do."""

import contextlib
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg import builds, guard, isolated, loading
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


def test_the_engine_gets_what_was_judged() -> None:
    assert guard.check_read_only("ASK # x\r\n{ ?s ?p ?o }\r", "test") == "ASK # x\n{ ?s ?p ?o }\n"


def test_an_oversized_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.ttl"
    path.write_text("# " + "x" * 100)
    monkeypatch.setattr(guard, "_MAX_BYTES", 50)
    with pytest.raises(UserError, match="more than the 50"):
        guard.read_text(path)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "bom.ttl"
    path.write_bytes(b"\xef\xbb\xbf<http://x/a> <http://x/b> <http://x/c> .")
    assert len(loading.read(path)) == 1


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


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "real.ttl", tmp_path / "link.ttl"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    guard.replace_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link.ttl", "real.ttl"]


def test_links_in_a_circle_are_explained(tmp_path: Path) -> None:
    link = tmp_path / "link.ttl"
    link.symlink_to(link)
    with pytest.raises(UserError, match="cannot be written"):
        guard.replace_text(link, "new")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failed_write_leaves_nothing_behind(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "x.ttl"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UserError if error is OSError else error):
        guard.replace_text(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["x.ttl"]
    assert path.read_text() == "old"
