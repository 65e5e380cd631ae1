"""An engine that gets small questions wrong is not believed: its graph is copied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg import cli
from sarcoma_kg.commands import console
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.quality import canaries, validation
from sarcoma_kg.quality.written import Written
from sarcoma_kg.stores.connection import Refused
from sarcoma_kg.stores.store import EmbeddedStore, Row
from tests.engines import _Rdflib

DATA = """@prefix ex: <http://example.org/> .
ex:x a ex:Sample ; ex:code "one"@en . ex:y a ex:Sample ; ex:code "two" . [] a ex:Sample ."""
SHAPES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:S sh:targetClass ex:Sample ; sh:property [ sh:path ex:code ; sh:minCount 1 ] ,
    [ sh:path ex:code ; sh:datatype xsd:string ] ."""


class Lossy(EmbeddedStore):
    """Gives no row for a canary, nor for anything that has a FILTER."""

    def __init__(self, canary: str, refuses: bool = False) -> None:
        store = ox.Store()
        store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
        super().__init__(store)
        self.canary, self.refuses = canaries.CANARIES[canary], refuses

    def iterate(self, query: str) -> Iterator[Row]:
        if self.refuses and query == self.canary[0]:
            raise Refused(500, "no", "")
        lost = query == self.canary[0] or ("FILTER" in query and "?this" in query)
        found = super().iterate(query)
        # Where there is no row to lose, there is one too many.
        return iter([(None,)] * (1 - min(self.canary[1], 1))) if lost else found


@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize("canary", canaries.CANARIES)
def test_a_copy_is_looked_at_and_told(canary: str, refuses: bool) -> None:
    engine = Lossy(canary, refuses)
    data, notes = canaries.believed(engine)
    assert isinstance(data, Written)
    assert {str(t) for t in data.triples} == {str(q.triple) for q in engine.inner}
    (note,) = notes
    assert (note.severity, note.shape) == ("note", canaries.COPIED)
    assert canary in note.message


@pytest.mark.parametrize(
    "engine", [EmbeddedStore(ox.Store()), _Rdflib(rdflib.Graph())], ids=["Oxigraph", "rdflib"]
)
def test_an_engine_that_is_right_is_asked_itself(engine: Any) -> None:
    assert canaries.believed(engine) == (engine, [])


def test_without_the_copy_the_verdict_would_be_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    engine = Lossy("VALUES in a part of UNION")
    assert validation.validate(engine, [tmp_path / "shapes.ttl"]).conforms
    monkeypatch.setenv("SARCOMA_KG_INSIDE", "1")
    monkeypatch.setattr(console, "remote", lambda _: engine)
    words = ["validate", "--endpoint", "http://127.0.0.1:9/", "--shapes"]
    assert cli.main([*words, str(tmp_path / "shapes.ttl")]) == 1
    told = "".join(capsys.readouterr())
    assert "2 violation(s)" in told
    assert canaries.COPIED in told


def test_a_graph_that_is_too_large_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canaries, "MOST", 5)
    assert len(canaries.everything(Lossy("what is not there"), 5)) == 5
    monkeypatch.setattr(canaries, "MOST", 4)
    with pytest.raises(UserError, match="too large to be copied: more than 4 triples"):
        canaries.believed(Lossy("what is not there"))
