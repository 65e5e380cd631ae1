"""Files that are nested too deep, too long or too far: a message with the file, and exit code 2."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds, checking, profiles
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.reading import files

_PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
_SHAPE = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "


def _select(inside: str) -> str:
    return f'{_SHAPE} sh:sparql [ sh:select "SELECT $this WHERE {{ {inside} }}" ] .'


def _chain(link: str, last: str, length: int = 3000) -> str:
    return "".join(f"ex:N{i} {link} ex:N{i + 1} .\n" for i in range(length)) + last


SHAPES = {
    "parentheses": _select(f"FILTER ({'(' * 6000}1{')' * 6000})"),
    "braces": _select("{" * 6000 + "}" * 6000),
    "EXISTS": _select("FILTER EXISTS { " * 3000 + "}" * 3000),
    "a sum": _select(f"FILTER ({'1+' * 20000}1)"),
    "negations": _select(f"FILTER ({'!' * 20000}1)"),
    "a comparison": _select("FILTER (" + " && ".join(["$this = $this"] * 9000) + ")"),
    "sh:and": f"{_SHAPE} sh:and {'( [ sh:and ' * 3000}( [ sh:class ex:C ] ){' ] )' * 3000} .",
    "sh:node": f"{_SHAPE} sh:node ex:N0 .\n" + _chain("sh:node", ""),
    "sh:not": f"{_SHAPE} sh:not ex:N0 .\n" + _chain("sh:not", "ex:N3000 sh:class ex:C ."),
    "a path": f"{_SHAPE} sh:property [ sh:minCount 1 ; sh:path "
    f"{'[ sh:inversePath ' * 3000}ex:p{' ]' * 3000} ] .",
    "a sequence": f"{_SHAPE} sh:property [ sh:minCount 1 ; sh:path "
    f"({' '.join(f'ex:p{i}' for i in range(5000))}) ] .",
    "alternatives": f"{_SHAPE} sh:property [ sh:minCount 1 ; sh:path [ sh:alternativePath "
    f"({' '.join(f'ex:p{i}' for i in range(5000))}) ] ] .",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_shapes_that_no_engine_could_read_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "shapes.ttl").write_text(_PREFIXES + text)
    (tmp_path / "data.ttl").write_text(_PREFIXES + "ex:a a ex:C .")
    began = time.monotonic()
    try:
        report = checking.against([tmp_path / "shapes.ttl"], [tmp_path / "data.ttl"]).report
    except UserError as error:
        said = str(error)
        assert "shapes.ttl" in said
    else:
        (said,) = [f.message for f in report.findings if f.severity == "incomplete"]
    assert re.search("deep|at most", said)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("data", ["ex:a a ex:C .", "ex:a a ex:C ; ex:p 007 ."], ids=["", "007"])
@pytest.mark.parametrize("condition", ["!" * 3000 + "1", "$this = ex:b"])
def test_a_query_that_one_engine_alone_can_read(tmp_path: Path, condition: str, data: str) -> None:
    """Found by tests.reading.fuzz (seed 3, shapes 3218): 007 is kept by rdflib alone."""
    prefixes = (
        "; sh:prefixes [ sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/' ] ]"
    )
    text = f'{_SHAPE} sh:sparql [ sh:select "SELECT $this {{ FILTER({condition}) }}" {prefixes} ] .'
    (tmp_path / "shapes.ttl").write_text(_PREFIXES + text)
    (tmp_path / "data.ttl").write_text(_PREFIXES + data)
    report = checking.against([tmp_path / "shapes.ttl"], [tmp_path / "data.ttl"]).report
    left = [f.message for f in report.findings if f.severity == "incomplete"]
    if "007" in data and not condition.startswith("$"):
        assert "rdflib, which keeps it, cannot read the query" in left[0]


@pytest.mark.parametrize("depth", [5001, 200_000])
def test_xml_that_is_nested_too_deep_is_refused_with_its_line(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "deep.owl"
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    path.write_text(head + "<rdf:a>\n" * depth + "</rdf:a>" * depth + "</rdf:RDF>")
    began = time.monotonic()
    with pytest.raises(
        UserError, match=r"deep\.owl: line 5000: elements are nested more than 5,000"
    ):
        files.read_rdf_text(path)
    assert time.monotonic() - began < 5


def _imports(folder: Path, count: int, links: int = 1) -> Path:
    for i in range(count):
        names = [f"owl:imports ex:o{i + j}" for j in range(1, links + 1) if i + j < count]
        (folder / f"o{i}.ttl").write_text(
            f"{_PREFIXES} ex:o{i} {' ; '.join(['a owl:Ontology', *names])} ."
        )
    lines = "".join(f'<uri name="http://example.org/o{i}" uri="o{i}.ttl"/>' for i in range(count))
    (folder / ontologies.CATALOG).write_text(
        f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{lines}</catalog>'
    )
    return folder / "o0.ttl"


def test_a_chain_of_imports_ends_somewhere(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="more than 300 documents"):
        ontologies.read_all([_imports(tmp_path, 400)])


@pytest.mark.parametrize("links", [1, 2, 3])
def test_many_imports_are_walked_once(tmp_path: Path, links: int) -> None:
    """A chain of diamonds has more ways through it than there is time."""
    documents = ontologies.read_all([_imports(tmp_path, 150, links)])
    assert len(documents) == 150
    began = time.monotonic()
    assert profiles._missing_imports(documents) == []
    assert time.monotonic() - began < 20


@pytest.mark.apart
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS"])
def test_an_engine_that_dies_of_a_file_is_told_with_the_file(
    name: str, tmp_path: Path, build: builds.Build, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    die = f"import os, signal; os.kill(os.getpid(), signal.{name})"
    real = subprocess.Popen

    def other(*_: object, **__: object) -> "subprocess.Popen[bytes]":
        return real([sys.executable, "-c", die])

    monkeypatch.setattr(subprocess, "Popen", other)
    assert cli.main(["validate", "my-data.ttl", "--shapes", "my-shapes.ttl"]) == 2
    said = capsys.readouterr().err
    assert f"my-shapes.ttl, my-data.ttl: an engine could not read or run this ({name})" in said
