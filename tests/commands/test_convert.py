"""`convert`: every syntax into every other, streams, what is lost, codes, whole files only."""

import io
import sys
from pathlib import Path
from unittest import mock

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.reading import loading

DATA = Path(__file__).parents[1] / "data" / "owlsyntaxes"
FORMS = ("ttl", "nt", "owl", "jsonld", "owx", "ofn", "omn")


def canonical(path: Path) -> set[str]:
    dataset = ox.Dataset(loading.read(path))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(q.triple) for q in dataset}


@pytest.mark.parametrize("source", ["clinic.ofn", "clinic.owx", "clinic.jsonld", "entities.owl"])
@pytest.mark.parametrize("form", FORMS)
def test_from_each_syntax_into_each(tmp_path: Path, source: str, form: str) -> None:
    target = tmp_path / f"out.{form}"
    assert cli.main(["convert", str(DATA / source), str(target)]) == 0
    missing = canonical(DATA / source) - canonical(target)
    assert missing == set()
    again = target.read_bytes()
    assert cli.main(["convert", str(DATA / source), str(target)]) == 0
    assert target.read_bytes() == again


def test_streams(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = (DATA / "clinic.ofn").read_bytes()
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(text))):
        assert cli.main(["convert", "-", "-", "--to", "omn"]) == 0
    out = capsys.readouterr()
    assert "Class: <https://example.org/clinic#ClinicSarcoma>" in out.out
    assert "standard input: 8 triples as Manchester syntax" in out.err
    (tmp_path / "a.omn").write_text(out.out)
    assert canonical(DATA / "clinic.ofn") <= canonical(tmp_path / "a.omn")


def test_a_fault_on_standard_input_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Ontology(\nDecl"))):
        assert cli.main(["convert", "-", "-", "--to", "ttl"]) == 2
    said = capsys.readouterr().err
    assert "standard input: line 2, column 1: " in said
    assert "sarcoma-kg-" not in said


def test_what_is_lost_is_told_by_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = Path(__file__).parents[2] / "ontology" / "examples" / "lab-extension.ttl"
    target = tmp_path / "lab.obo"
    assert cli.main(["convert", str(lab), str(target), "--strict"]) == 1
    assert not target.exists()
    said = capsys.readouterr().err
    assert "ClassAssertion: 12 lost" in said
    assert "annotation of an axiom: 1 lost" in said
    assert "nothing was written" in said
    assert cli.main(["convert", str(lab), str(target)]) == 0
    assert "ClassAssertion: 12 lost" in capsys.readouterr().err
    assert "is_a: skg:Fusion" in target.read_text()


def test_named_graphs_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.trig"
    path.write_text("@prefix e: <https://e.org/> . e:g { e:a e:p e:b } e:a e:p e:c .")
    assert cli.main(["convert", str(path), "-", "--to", "nt"]) == 0
    out = capsys.readouterr()
    assert "1 named graph(s) become one graph" in out.err
    assert len(out.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.ttl", "b.foo"], "its ending names no syntax"),
        (["missing.ttl", "b.ttl"], "no such file"),
        ([str(DATA / "clinic.ofn"), "/nowhere/at/all.ttl"], "cannot be written"),
        ([str(DATA / "clinic.ofn"), "-", "--to", "foo"], "invalid choice"),
    ],
)
def test_wrong_words(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["convert", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_old_file_stays_when_the_new_cannot_be_made(tmp_path: Path) -> None:
    target = tmp_path / "a.ttl"
    target.write_text("old")
    bad = DATA.parent / "owlsyntaxes-bad" / "expression.ofn"
    assert cli.main(["convert", str(bad), str(target)]) == 2
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.ttl"]
