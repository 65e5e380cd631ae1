"""A server that cuts its answers: each way is noticed, and no verdict is given over a part."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores import isolated
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.remote import RemoteStore
from tests.stores.sparql_server import Handler, serving

JSON = "application/sparql-results+json"
DATA = "".join(f'ex:a{number} a ex:T ; ex:p "{number}" .\n' for number in range(9))
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
"""
QUERY = "SELECT ?s ?o WHERE { ?s <http://example.org/p> ?o }"
Cut = Callable[[Handler, bytes, bytes], None]
#: How a server may cut the answer `whole` to `part`.
CUTS: dict[str, Cut] = {
    "rows": lambda h, _, part: h.answer(200, part, JSON, X_SPARQL_MaxRows=str(rows(part))),
    "rows, no number": lambda h, _, part: h.answer(200, part, JSON, X_SPARQL_MaxRows="some"),
    "rows, packed": lambda h, _, part: h.answer(
        200, gzip.compress(part), JSON, Content_Encoding="gzip", X_SPARQL_MaxRows=str(rows(part))
    ),
    "time": lambda h, _, part: h.answer(
        200, part, JSON, X_SQL_State="S1TAT", X_SQL_Message="RC...: Returning incomplete results"
    ),
    "time, other words": lambda h, _, part: h.answer(
        200, part, JSON, X_SPARQL_Anytime="timeout=1000; max_timeout=30000"
    ),
    "status": lambda h, _, part: h.answer(206, part, JSON),
    "range": lambda h, _, part: h.answer(200, part, JSON, Content_Range="bytes 0-9/100"),
    "total": lambda h, whole, part: h.answer(
        200, json.dumps({**json.loads(part), "meta": {"result-size-total": rows(whole)}}).encode(),
        JSON,
    ),
    "length": lambda h, whole, part: longer(h, part, len(whole)),
    "end": lambda h, whole, _: h.answer(200, whole[:-4], JSON),
    "middle": lambda h, whole, _: h.answer(200, whole[: len(whole) // 2], JSON),
    "packed": lambda h, whole, _: h.answer(
        200, gzip.compress(whole)[:-9], JSON, Content_Encoding="gzip"
    ),
    "words at the end": lambda h, whole, _: h.answer(
        200, whole[:-2] + b"\nVirtuoso S1T00 Error SR171: Transaction timed out", JSON
    ),
    "a second answer": lambda h, _, part: h.answer(200, part + b'{"error": "timeout"}', JSON),
}  # fmt: skip


def rows(answer: bytes) -> int:
    return len(json.loads(answer)["results"]["bindings"])


def longer(handler: Handler, body: bytes, length: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(body)


def cutting(store: ox.Store, cut: Cut) -> Callable[[Handler], bool]:
    """Return a hook that cuts each answer of more than two rows."""

    def before(handler: Handler) -> bool:
        sent = urlsplit(handler.path).query + "&" + handler.body().decode()
        found = store.query(parse_qs(sent)["query"][0])
        if not isinstance(found, ox.QuerySolutions):
            return False
        whole = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        part = json.loads(whole)
        if rows(whole) < 3:
            return False
        part["results"]["bindings"] = part["results"]["bindings"][: rows(whole) - 2]
        cut(handler, whole, json.dumps(part).encode())
        return True

    return before


@pytest.fixture
def data() -> ox.Store:
    store = ox.Store()
    store.load(f"@prefix ex: <http://example.org/> .\n{DATA}".encode(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_cut_answer_is_an_error(data: ox.Store, cut: Cut) -> None:
    with serving(data, cutting(data, cut)) as served:
        store = RemoteStore(served.query, credentials=Credentials(), timeout=5)
        for ask in (
            lambda: store.select(QUERY),
            lambda: list(store.iterate(QUERY)),
            lambda: store.reply(QUERY, 1000),
        ):
            with pytest.raises(UserError, match=r"is cut|broke off or is damaged"):
                ask()


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_no_verdict_is_given_over_a_cut_answer(
    data: ox.Store, cut: Cut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(SHAPES)
    # The process in which a user's shapes run is not what is tried here.
    monkeypatch.setenv(isolated.INSIDE, "1")
    words = ["validate", "--shapes", str(shapes), "--format", "json", "--endpoint"]
    for engine in ("compiled", "pyshacl"):
        with serving(data) as served:
            assert cli.main([*words, served.query, "--engine", engine]) == 1
        assert '"violation": 9' in capfd.readouterr().out
        with serving(data, cutting(data, cut)) as served:
            assert cli.main([*words, served.query, "--engine", engine]) == 2
        told = capfd.readouterr()
        assert served.query in told.err
        assert "is cut" in told.err or "broke off or is damaged" in told.err
        assert "conforms" not in told.out + told.err


def test_an_answer_below_the_limit_is_whole(data: ox.Store) -> None:
    def before(handler: Handler) -> bool:
        found = data.query(QUERY)
        assert isinstance(found, ox.QuerySolutions)
        body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        handler.answer(
            200, body, JSON, X_SPARQL_MaxRows="10", X_SQL_State="00000", X_Powered_By="x"
        )
        return True

    with serving(data, before) as served:
        assert len(RemoteStore(served.query, credentials=Credentials()).select(QUERY).rows) == 9


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X_SPARQL_MaxRows": "9"}, "is cut"),
        ({"X_SQL_State": "S1TAT"}, "is cut"),
        ({"Content_Range": "bytes 0-9/100"}, "is cut"),
        ({"X_SPARQL_MaxRows": "100"}, ""),
        ({}, ""),
    ],
)
def test_a_cut_graph(headers: dict[str, str], said: str) -> None:
    """Where it cannot be known whether a graph is whole, that is said."""
    nine = b"".join(b"<http://a/%d> <http://a/p> 1 .\n" % n for n in range(9))

    def before(handler: Handler) -> bool:
        handler.answer(200, nine, "text/turtle", **headers)
        return True

    told: list[str] = []
    with serving(ox.Store(), before) as served:
        store = RemoteStore(served.query, credentials=Credentials(), say=told.append)
        if said:
            with pytest.raises(UserError, match=said):
                list(store.construct("CONSTRUCT WHERE { ?s ?p ?o }"))
        else:
            assert len(list(store.construct("CONSTRUCT WHERE { ?s ?p ?o }"))) == 9
            assert ("if this answer is cut, it cannot be seen" in " ".join(told)) is bool(headers)
