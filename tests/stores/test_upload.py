"""Loading into a store that fails on the way: what is said, what is there, and how it goes on."""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.writable import WritableStore
from tests.stores import sparql_server
from tests.stores.sparql_server import Handler, Served

GRAPH = "http://example.org/graph"
EX = "http://example.org/"
ROOT = Path(__file__).parents[2]


def triples(count: int = 300) -> list[ox.Triple]:
    """Some triples, every tenth with a blank node that refers to a named one and back."""
    p, q = ox.NamedNode(EX + "p"), ox.NamedNode(EX + "q")
    found = []
    for number in range(count):
        node = ox.NamedNode(f"{EX}s{number // 3}")
        found.append(ox.Triple(node, p, ox.Literal(f'line {number}\n"é" \\ 😀')))
        if number % 10 == 0:
            inner = ox.BlankNode()
            found += [ox.Triple(node, q, inner), ox.Triple(inner, p, ox.Literal(number))]
    return found


WANTED = len(triples())


class Faulty:
    """Answers the writing requests of one turn with a fault, and all others as they should be."""

    def __init__(self, fault: Callable[[Handler], None], turns: set[int]) -> None:
        self.fault, self.turns, self.writes = fault, turns, 0

    def __call__(self, handler: Handler) -> bool:
        path = handler.path
        if handler.command == "GET" or not ("/store" in path or "/update" in path):
            return False
        self.writes += 1
        if self.writes not in self.turns:
            return False
        self.fault(handler)
        return True


@contextmanager
def faulty(
    fault: Callable[[Handler], None], *turns: int
) -> Iterator[tuple[Served, ox.Store, Faulty]]:
    inner, hook = ox.Store(), Faulty(fault, set(turns))
    with sparql_server.serving(inner, before=hook) as served:
        yield served, inner, hook


def remote(served: Served, way: str, **more: object) -> WritableStore:
    return WritableStore(
        served.query,
        graph=GRAPH,
        update=served.update,
        graph_store=served.graph_store if way == "graph store" else "",
        credentials=Credentials(),
        **{"retries": 0, **more},
    )


def held(inner: ox.Store) -> set[ox.Triple]:
    return {quad.triple for quad in inner.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH))}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = upload.parts
    monkeypatch.setattr(upload, "parts", lambda found: plain(found, 40))


def refuse(status: int, **headers: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.body()
        handler.answer(status, b"why not", **headers)

    return answer


def reset(handler: Handler) -> None:
    option = struct.pack("ii", 1, 0)  # close with RST
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
    handler.close_connection = True
    handler.connection.close()


WAYS = ("graph store", "update")


@pytest.mark.parametrize("way", WAYS)
def test_a_load_is_whole_and_a_second_one_sends_nothing(way: str) -> None:
    with faulty(reset) as (served, inner, _):
        store = remote(served, way)
        first = upload.load(store, triples())
        assert (first.triples, first.sent) == (WANTED, WANTED)
        assert held(inner) == set(upload.skolemized(triples()))
        again = upload.load(store, triples())
        assert (again.triples, again.sent, again.digest) == (WANTED, 0, first.digest)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refuse(401), r"HTTP status 401"),
        (refuse(403), r"HTTP status 403(.|\n)*may not"),
        (refuse(404), r"HTTP status 404(.|\n)*check the address"),
        (refuse(429, Retry_After="1"), r"HTTP status 429(.|\n)*fewer requests"),
        (refuse(500), r"HTTP status 500(.|\n)*log"),
        (refuse(503), r"HTTP status 503(.|\n)*busy"),
        (reset, r"(?i)reset|without response|closed"),
    ],
    ids=["401", "403", "404", "429", "500", "503", "reset"],
)
def test_a_fault_says_what_is_there_and_the_load_resumes(
    way: str, fault: Callable[[Handler], None], said: str
) -> None:
    with faulty(fault, 3) as (served, inner, hook):
        store = remote(served, way)
        with pytest.raises(UserError, match=said) as caught:
            upload.load(store, triples())
        there = len(held(inner))
        assert 0 < there < WANTED
        assert f"<{GRAPH}> holds {there:,} triples now" in str(caught.value)
        assert "it goes on from there" in caught.value.hint
        hook.turns = set()
        loaded = upload.load(store, triples())
        assert (loaded.triples, loaded.sent) == (WANTED, WANTED - there)
        assert held(inner) == set(upload.skolemized(triples()))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_waited_for(way: str, status: int) -> None:
    said: list[str] = []
    with faulty(refuse(status, Retry_After="0"), 2, 3) as (served, inner, _):
        upload.load(remote(served, way, retries=3, say=said.append), triples())
        assert len(held(inner)) == WANTED
    assert len(said) == 2
    assert f"HTTP status {status}: why not; trying again" in said[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_connection_is_tried_again_without_duplicates(way: str) -> None:
    """Even when the part had arrived: blank nodes are IRIs, so sending twice adds nothing."""
    with faulty(reset, 2) as (served, inner, hook):

        def arrived_and_lost(handler: Handler) -> None:
            body = handler.body()
            text = body.decode()
            if way == "update":
                from urllib.parse import parse_qs

                inner.update(parse_qs(text)["update"][0])
            else:
                name = ox.NamedNode(GRAPH)
                inner.load(body, format=ox.RdfFormat.TURTLE, to_graph=name)
            reset(handler)

        hook.fault = arrived_and_lost
        upload.load(remote(served, way, retries=2), triples())
        assert held(inner) == set(upload.skolemized(triples()))


@pytest.mark.parametrize("way", WAYS)
def test_a_part_that_is_too_long_is_cut(way: str) -> None:
    with sparql_server.serving(inner := ox.Store(), before=_short_only) as served:
        upload.load(remote(served, way), triples())
        assert len(held(inner)) == WANTED


def _short_only(handler: Handler) -> bool:
    writes = "/store" in handler.path or "/update" in handler.path
    if writes and int(handler.headers.get("Content-Length") or 0) > 1500:
        handler.body()
        handler.answer(413, b"too long")
        return True
    return False


def test_one_triple_that_is_too_long_is_refused() -> None:
    with (
        faulty(refuse(413), *range(1, 100)) as (served, _, _),
        pytest.raises(UserError, match="413"),
    ):
        upload.load(remote(served, "update"), triples(1))


def test_a_server_that_never_answers_a_write() -> None:
    def silent(handler: Handler) -> None:
        handler.body()
        time.sleep(3)
        handler.answer(200)

    with faulty(silent, 2) as (served, _, _):
        began = time.monotonic()
        with pytest.raises(UserError, match="no whole answer within 1 s") as caught:
            upload.load(remote(served, "graph store", timeout=1), triples())
        assert time.monotonic() - began < 6
        assert "holds" in str(caught.value)


def test_nobody_there_is_said_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = WritableStore(f"http://127.0.0.1:{port}/", credentials=Credentials(), retries=0)
    with pytest.raises(UserError, match=r"(?is)refused.*cannot be asked what it holds"):
        upload.load(nobody, triples())


def test_other_triples_in_the_graph_are_noticed_and_can_be_replaced() -> None:
    with faulty(reset) as (served, inner, _):
        stranger = ox.Quad(
            ox.NamedNode(EX + "x"), ox.NamedNode(EX + "p"), ox.Literal("x"), ox.NamedNode(GRAPH)
        )
        elsewhere = stranger.triple
        inner.add(stranger)
        inner.add(ox.Quad(*elsewhere))
        for way in WAYS:
            with pytest.raises(UserError, match=r"\+1 against") as caught:
                upload.load(remote(served, way), triples())
            assert "--replace" in caught.value.hint
            assert upload.load(remote(served, way), triples(), replace=True).triples == WANTED
            assert len(list(inner)) == WANTED + 1, "the other graph is left alone"
            inner.add(stranger)


def test_a_store_that_changes_values_is_noticed() -> None:
    """One that keeps the number 7 but loses the language of a text does not hold the graph."""

    def deaf(handler: Handler) -> bool:
        if handler.command != "POST" or "/store" not in handler.path:
            return False
        text = handler.body().replace(b"@en", b"")
        inner.load(text, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(GRAPH))
        handler.answer(204)
        return True

    text = ox.Literal("sarcoma", language="en")
    one = [ox.Triple(ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), text)]
    with (
        sparql_server.serving(inner := ox.Store(), before=deaf) as served,
        pytest.raises(UserError, match=r"have not arrived as sent, such as .*sarcoma"),
    ):
        upload.load(remote(served, "graph store"), one)


def test_the_default_graph_is_loaded_when_no_graph_is_named() -> None:
    with sparql_server.serving(inner := ox.Store()) as served:
        for graph_store in (served.graph_store, ""):
            store = WritableStore(
                served.query,
                update=served.update,
                graph_store=graph_store,
                credentials=Credentials(),
            )
            assert upload.load(store, triples(), replace=True).sent == WANTED
            assert {q.graph_name for q in inner} == {ox.DefaultGraph()}


literals = st.one_of(
    st.builds(
        ox.Literal, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    ),
    st.builds(lambda n: ox.Literal(n), st.integers(-(2**62), 2**62)),
    st.builds(
        lambda n: ox.Literal(str(n), datatype=ox.NamedNode(upload._XSD + "decimal")),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1e6, max_value=1e6),
    ),
    st.builds(lambda b: ox.Literal(b), st.booleans()),
    st.builds(lambda t: ox.Literal(t, language="en-GB"), st.text("ab'\"\\\n\t é", max_size=5)),
)
nodes = st.one_of(
    st.builds(ox.NamedNode, st.sampled_from([f"{EX}{name}" for name in "abc"])),
    st.builds(ox.BlankNode, st.sampled_from("xyz")),
)
graphs = st.lists(
    st.builds(
        ox.Triple,
        nodes,
        st.builds(ox.NamedNode, st.sampled_from([EX + "p", EX + "q"])),
        st.one_of(nodes, literals),
    ),
    max_size=12,
)


@given(graphs)
@settings(max_examples=60, deadline=None)
def test_any_graph_arrives_as_it_is(graph: list[ox.Triple]) -> None:
    with sparql_server.serving(inner := ox.Store()) as served:
        upload.load(remote(served, "update"), graph)
        kept = ox.Store()  # which writes numbers in its own form, as the server does
        kept.extend(ox.Quad(*triple) for triple in graph)
        arrived, sent = ox.Dataset(), ox.Dataset(kept)
        for triple in held(inner):
            parts = [
                ox.BlankNode(n.value.rpartition("-")[2])
                if isinstance(n, ox.NamedNode) and "/genid/" in n.value
                else n
                for n in triple
            ]
            arrived.add(ox.Quad(*parts))  # type: ignore[arg-type]
        for dataset in (arrived, sent):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert arrived == sent


@given(graphs, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_equal_graphs_have_equal_names(graph: list[ox.Triple], random: object) -> None:
    """Whatever labels the blank nodes have, and in whatever order the triples come."""
    renamed: dict[object, object] = {}

    def other(node: object) -> object:
        if isinstance(node, ox.BlankNode):
            return renamed.setdefault(node, ox.BlankNode())
        return node

    copy = [ox.Triple(*(other(n) for n in triple)) for triple in graph]  # type: ignore[arg-type]
    random.shuffle(copy)  # type: ignore[attr-defined]
    assert upload.skolemized(copy) == upload.skolemized(graph)


def test_an_interrupted_command_says_what_is_there(build: object, tmp_path: Path) -> None:
    """Ctrl-C in the middle of a load, and the same command again."""

    def slow(handler: Handler) -> bool:
        if "/store" in handler.path:
            time.sleep(0.05)
        return False

    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with sparql_server.serving(inner := ox.Store(), before=slow) as served:
        command = [
            sys.executable, "-m", "sarcoma_kg.cli", "load", "--endpoint", served.query,
            "--graph-store", served.graph_store, "--graph", GRAPH,
        ]  # fmt: skip
        first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        deadline = time.monotonic() + 30
        while len(inner) < 20_000 and time.monotonic() < deadline:
            time.sleep(0.05)
        first.send_signal(signal.SIGINT)
        words = first.communicate(timeout=30)[1]
        assert first.returncode == 130, words
        there = int(re.search(r"holds ([\d,]+) triples now", words)[1].replace(",", ""))  # type: ignore[index]
        assert len(held(inner)) - there in (0, *range(900, 1100)), "one part may be on its way"
        assert "goes on from there" in words
        second = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert second.returncode == 0, second.stderr
        assert "count and digest agree" in second.stderr
        sent = int(second.stderr.split(" of them sent")[0].split()[-1].replace(",", ""))
        # A part that the count had not seen is found to be there.
        assert len(inner) - there - sent in (0, *range(900, 1100))
