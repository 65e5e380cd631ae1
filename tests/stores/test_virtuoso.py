"""A real Virtuoso 7: load, the questions and the shapes give there what they give here."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import shacl
from sarcoma_kg.building import builds
from sarcoma_kg.cli import main
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.quality import validation
from sarcoma_kg.questions import catalog
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.connection import Refused
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.store import EmbeddedStore, Store
from sarcoma_kg.stores.writable import WritableStore
from tests.questions import expected
from tests.stores import virtuoso

pytestmark = [
    pytest.mark.others,
    pytest.mark.skipif(bool(virtuoso.missing()), reason=virtuoso.missing()),
]

GRAPH = "urn:sarcoma-kg:graph"
QUESTIONS = sorted((resources.data_root() / "queries" / "competency").glob("*.rq"))
BAD = sorted((Path(__file__).parents[1] / "data" / "bad").glob("*.ttl"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[virtuoso.Virtuoso]:
    with virtuoso.running(tmp_path_factory.mktemp("virtuoso")) as started:
        yield started


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARCOMA_KG_USER", virtuoso.ADMINISTRATOR.user)
    monkeypatch.setenv("SARCOMA_KG_PASSWORD", virtuoso.ADMINISTRATOR.password)


def by_command(server: virtuoso.Virtuoso, *more: str, graph: str = GRAPH) -> int:
    where = ["--endpoint", server.endpoint, "--graph", graph]
    return main([*more[:1], *where, *more[1:]])


@pytest.fixture(scope="module")
def loaded(server: virtuoso.Virtuoso, build: builds.Build) -> WritableStore:
    """The graph, loaded by the command, as one asks without an account."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SARCOMA_KG_USER", virtuoso.ADMINISTRATOR.user)
        patch.setenv("SARCOMA_KG_PASSWORD", virtuoso.ADMINISTRATOR.password)
        assert by_command(server, "load", "--graph-store", server.graph_store) == 0
    return WritableStore(server.endpoint, graph=GRAPH, credentials=Credentials())


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda p: p.stem.split("-")[0])
def test_the_expected_rows(path: Path, loaded: WritableStore, store: EmbeddedStore) -> None:
    columns, rows = expected.read(path.with_suffix(".csv"))
    query = catalog.read(path).query()
    theirs, ours = loaded.select(query), store.select(query)
    assert expected.project(theirs, columns) == rows
    assert theirs.variables == ours.variables
    assert len(theirs.rows) == len(ours.rows)
    assert expected.project(theirs, ours.variables) == expected.project(ours, ours.variables)


def test_the_command_asks_there(
    server: virtuoso.Virtuoso, loaded: WritableStore, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["ask", "CQ01", "--disease", "synovial sarcoma", "--format", "csv"],
        ["term", "GIST"],
        ["explain", "CQ17"],
    ):
        assert main(words) == 0
        here = capsys.readouterr().out
        assert by_command(server, *words) == 0
        there = capsys.readouterr().out
        # The order inside a concatenated cell is the engine's.
        assert sorted(re.findall(r"[^\s,|;]+", there)) == sorted(re.findall(r"[^\s,|;]+", here))


def test_loading_again_sends_nothing(
    server: virtuoso.Virtuoso,
    loaded: WritableStore,
    account: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert by_command(server, "load", "--graph-store", server.graph_store) == 0
    assert " 0 of them sent now; count and digest agree" in capsys.readouterr().err


def test_loading_by_update_gives_the_same(
    server: virtuoso.Virtuoso,
    loaded: WritableStore,
    account: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    graph = GRAPH + ":by-update"
    assert by_command(server, "load", "--update", server.update, graph=graph) == 0
    (line,) = [w for w in capsys.readouterr().err.splitlines() if "digest agree" in w]
    assert by_command(server, "load", "--graph-store", server.graph_store) == 0
    assert line.split("(by value")[1] in capsys.readouterr().err


def test_an_update_without_rights_is_explained(server: virtuoso.Virtuoso) -> None:
    """Virtuoso answers with status 500, and says why in the text."""
    stranger = WritableStore(server.endpoint, graph=GRAPH, credentials=Credentials(), retries=0)
    with pytest.raises(Refused, match="No permission") as caught:
        stranger.update("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> <urn:c> } }")
    assert "may not" in caught.value.hint


def test_a_wrong_password_is_explained(server: virtuoso.Virtuoso) -> None:
    for update, graph_store in ((server.update, ""), ("", server.graph_store)):
        liar = WritableStore(
            server.endpoint,
            graph=GRAPH,
            update=update,
            graph_store=graph_store,
            credentials=Credentials("dba", "wrong"),
        )
        with pytest.raises(UserError, match="401"):
            liar.clear()


#: Of the sample those for which Virtuoso 7.2.5 finds nothing; docs/engines.md has all.
UNSEEN = {"KindSecondReviewer", "ResultComparator"}


@pytest.mark.xfail(reason="a query of the evidence overflows the stack of Virtuoso's cost model")
def test_the_packaged_shapes_find_nothing(loaded: WritableStore) -> None:
    report = validation.validate(loaded)
    assert report.conforms, [(f.shape, f.focus) for f in report.findings]


@pytest.mark.parametrize("path", BAD[::9], ids=lambda p: p.stem)
def test_the_shapes_find_what_they_find_here(server: virtuoso.Virtuoso, path: Path) -> None:
    if path.stem in UNSEEN:
        pytest.xfail("Virtuoso finds nothing: to be mended")
    graph = f"{GRAPH}:{path.stem}"
    here = EmbeddedStore(ox.Store())
    here.inner.load(path=str(path))
    there = WritableStore(
        server.endpoint,
        graph=graph,
        graph_store=server.graph_store,
        credentials=virtuoso.ADMINISTRATOR,
    )
    upload.load(there, here.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))

    def named(term: Term | None) -> object:
        """Blank nodes have IRIs there, and numbers a form of their own."""
        return term and (
            "a blank node"
            if term.kind == "bnode" or "/genid/" in term.value
            else expected.cell(term.value)
        )

    def found(store: Store) -> Counter[tuple[object, ...]]:
        plan = validation.compiled(validation.shape_files())
        results = shacl.validate(plan, store, guards_from=None)
        return Counter(
            (
                named(r.focus),
                r.path,
                named(r.value),
                r.component,
                r.source_shape,
            )
            for r in results
        )

    assert found(there) == found(here) != Counter()
