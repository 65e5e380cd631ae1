"""The server of the tests keeps to the protocols."""

import socket
import struct
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.writable import WritableStore
from tests.stores.sparql_server import Handler, Served, serving

A, P, B, G = (ox.NamedNode(f"http://example.org/{name}") for name in "apbg")
QUERY = "SELECT ?s ?o WHERE { ?s ?p ?o }"
TURTLE = b"@prefix : <http://example.org/> . :b :p :a, [] ."


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.extend([ox.Quad(A, P, ox.Literal("é", language="fr")), ox.Quad(A, P, B, G)])
    return store


@pytest.fixture
def served(store: ox.Store) -> Iterator[Served]:
    with serving(store) as addresses:
        yield addresses


def ask(
    address: str, body: bytes | None = None, method: str = "", **headers: str
) -> tuple[int, str, str]:
    """Return status, media type and body."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, body, sent, method=method or None)
    try:
        with urllib.request.urlopen(request, timeout=5) as found:
            return found.status, found.headers["Content-Type"], found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def form(**fields: str) -> str:
    return urllib.parse.urlencode({name.replace("_", "-"): v for name, v in fields.items()})


def test_the_three_ways_to_query(served: Served) -> None:
    ways = [
        ask(f"{served.query}?{form(query=QUERY)}"),
        ask(served.query, form(query=QUERY).encode()),
        ask(served.query, QUERY.encode(), Content_Type="application/sparql-query; charset=utf-8"),
    ]
    for status, media, body in ways:
        assert (status, media) == (200, "application/sparql-results+json")
        assert '"xml:lang":"fr"' in body
        assert body.count('"s":{') == 1


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        (
            "text/html, text/tab-separated-values;q=0.5, text/csv; q=0.4",
            "text/tab-separated-values",
        ),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/json", "application/json"),
        ("text/*", "text/csv"),
        ("*/*;q=0.1, application/sparql-results+xml;q=0", "application/sparql-results+json"),
    ],
)
@pytest.mark.parametrize("query", [QUERY, "ASK { ?s ?p ?o }"])
def test_negotiation_of_results(served: Served, query: str, accept: str, media: str) -> None:
    status, found, body = ask(f"{served.query}?{form(query=query)}", Accept=accept)
    assert (status, found) == (200, media)
    results_format = ox.QueryResultsFormat.from_media_type(media)
    if media != "text/csv":  # which cannot be read back
        assert ox.parse_query_results(body.encode(), format=results_format)


def test_negotiation_of_graphs(served: Served) -> None:
    address = f"{served.query}?{form(query='CONSTRUCT WHERE { ?s ?p ?o }')}"
    for media in ("application/n-triples", "text/turtle"):
        assert ask(address, Accept=media)[1:] == (media, f'{A} {P} "é"@fr .\n')
    status, _, words = ask(address, Accept="application/ld+json")
    assert status == 406
    assert "text/turtle" in words


def test_the_graphs_of_a_query(served: Served) -> None:
    def rows(query: str, **fields: str) -> list[str]:
        address = f"{served.query}?{form(query=query, **fields)}"
        return ask(address, Accept="text/csv")[2].splitlines()[1:]

    named = "SELECT ?o WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert rows(QUERY) == [f"{A.value},é"]
    assert rows(QUERY, default_graph_uri=G.value) == [f"{A.value},{B.value}"]
    assert rows(named) == rows(named, named_graph_uri=G.value) == [B.value]
    assert rows(named, default_graph_uri=G.value) == []
    assert rows(QUERY, named_graph_uri=G.value) == []


def test_update(served: Served, store: ox.Store) -> None:
    update = f"INSERT DATA {{ {B} {P} {A} }}"
    assert ask(served.update, form(update=update).encode())[0] == 204
    assert ox.Quad(B, P, A) in store
    clear = ask(served.update, b"CLEAR ALL", Content_Type="application/sparql-update")
    assert clear[0] == 204
    assert len(store) == 0


def test_graph_store(served: Served, store: ox.Store) -> None:
    named, default = f"{served.graph_store}?{form(graph=B.value)}", f"{served.graph_store}?default"
    turtle = {"Content_Type": "text/turtle"}
    assert ask(named)[0] == ask(named, method="DELETE")[0] == 404
    assert ask(named, TURTLE, **turtle)[0] == 201
    assert ask(named, TURTLE, **turtle)[0] == 204
    assert len(list(store.quads_for_pattern(None, None, None, B))) == 3  # a blank node each time
    status, media, body = ask(named, Accept="application/n-triples")
    assert (status, media, body.count("\n")) == (200, "application/n-triples", 3)
    assert ask(named, method="HEAD")[::2] == (200, "")
    assert ask(named, TURTLE, "PUT", **turtle)[0] == 204
    assert len(list(store.quads_for_pattern(None, None, None, B))) == 2
    assert ask(default, TURTLE, "PUT", **turtle)[0] == 204
    assert len(list(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))) == 2
    assert ask(named, method="DELETE")[0] == ask(default, method="DELETE")[0] == 204
    assert [quad.graph_name for quad in store] == [G]


def test_a_bad_document_changes_nothing(served: Served, store: ox.Store) -> None:
    address = f"{served.graph_store}?{form(graph=G.value)}"
    before = set(store)
    status, _, words = ask(address, b"<a> .", "PUT", Content_Type="text/turtle")
    assert status == 400
    assert "at line 1" in words or "IRI" in words
    assert ask(address, b"{}", "PUT", Content_Type="application/ld+json")[0] == 415
    assert set(store) == before


def test_what_is_refused(served: Served) -> None:
    status, media, words = ask(f"{served.query}?{form(query='SELECT ?s WHERE {')}")
    assert (status, media) == (400, "text/plain")
    assert words.startswith("error at 1:")
    assert ask(served.query)[0] == ask(f"{served.query}?query=%ff")[0] == 400
    assert ask(served.query, QUERY.encode(), Content_Type="text/plain")[0] == 415
    assert ask(served.update)[0] == ask(served.query, QUERY.encode(), "PUT")[0] == 405
    assert ask(served.graph_store)[0] == ask(f"{served.graph_store}?default&graph=a:b")[0] == 400
    assert ask(served.query.replace("sparql", "nothing"))[0] == 404
    bad = {"default_graph_uri": "no iri"}
    assert ask(f"{served.query}?{form(query=QUERY, **bad)}")[0] == 400


def test_a_hook_answers_first(store: ox.Store) -> None:
    seen: list[tuple[str, str]] = []

    def before(handler: Handler) -> bool:
        seen.append((handler.command, handler.body().decode()))
        if handler.command == "GET":
            handler.answer(503, b"busy", Retry_After="0")
        elif handler.command == "DELETE":
            linger = struct.pack("ii", 1, 0)  # close with RST
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        return handler.command in ("GET", "DELETE")

    with serving(store, before) as served:
        assert ask(served.query)[::2] == (503, "busy")
        posted = ask(served.query, QUERY.encode(), Content_Type="application/sparql-query")
        assert posted[0] == 200
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            ask(served.graph_store, method="DELETE")
    assert seen == [("GET", ""), ("POST", QUERY), ("DELETE", "")]
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(served.query)


def test_the_remote_store_of_the_toolkit_is_content_with_it(served: Served) -> None:
    remote = WritableStore(
        served.query,
        graph=G.value,
        update=served.update,
        graph_store=served.graph_store,
        credentials=Credentials(),
    )
    remote.clear()
    remote.post(TURTLE)
    remote.update(f"INSERT DATA {{ GRAPH {G} {{ {A} {P} 1 }} }}")
    assert len(remote.select(QUERY).rows) == len(list(remote.construct("DESCRIBE *  { ?s ?p ?o }")))
    with pytest.raises(UserError, match="error at 1:"):
        remote.select("SELECT ?s WHERE {")
