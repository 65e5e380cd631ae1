"""RDF/XML: where a fault stands, and what is no fault; any syntax under any ending is named."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarcoma_kg import cli
from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground import syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import loading
from sarcoma_kg.reading.source import Source

DATA = Path(__file__).parents[1] / "data"
FAULTY = sorted((DATA / "rdfxml").iterdir())
OTHER = {
    "functional": "functional-style syntax",
    "manchester": "Manchester syntax",
    "owl-xml": "OWL/XML",
    "obo": "OBO",
    "json-ld": "JSON-LD",
    "web-page": "a web page",
    "turtle": "Turtle",
    "n-triples": "Turtle",
    "rdf-xml": "RDF/XML",
}
SAVED = sorted((DATA / "syntaxes").iterdir())
RDF = """<?xml version="1.0"?>
<rdf:RDF xml:base="https://example.org/clinic"{} xmlns:rdf="{}" xmlns:rdfs="{}" xmlns:owl="{}">
{}
</rdf:RDF>
"""
NAMES = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2002/07/owl#",
)


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.name)
def test_a_fault_of_rdf_xml_has_line_and_column(path: Path) -> None:
    said = re.search("expect: (line [0-9]+, column [0-9]+) (.*?) -->", path.read_text())
    assert said
    with pytest.raises(UserError) as caught:
        loading.read(path)
    assert caught.value.message.startswith(f"{path}: {said[1]}: ")
    assert said[2] in caught.value.message


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.name)
def test_a_syntax_is_told_by_what_is_in_the_file(path: Path) -> None:
    name = next(name for start, name in OTHER.items() if path.name.startswith(start))
    text = path.read_text()
    assert syntaxes.recognised(text) == name
    assert (syntaxes.media_type(path.name, text) is not None) == (name != "a web page")


@pytest.mark.parametrize("name", ["rdf-xml.ttl", "functional.ttl", "turtle.owl"])
def test_fmt_names_the_syntax_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fmt", "--check", str(DATA / "syntaxes" / name)]) == 2
    said = capsys.readouterr().err
    assert "though its name ends in" in said or "not a Turtle file" in said


@pytest.mark.parametrize("path", sorted(DATA.glob("checks/*/*.ttl"))[::7])
def test_turtle_is_recognised(path: Path) -> None:
    assert syntaxes.recognised(path.read_text()) == "Turtle"


@given(st.text(max_size=60))
def test_any_text_is_recognised_or_not(text: str) -> None:
    assert isinstance(syntaxes.recognised(text), str)


def rdf(folder: Path, inside: str, attributes: str = "") -> Path:
    path = folder / "clinic.owl"
    path.write_text(RDF.format(attributes, *NAMES, inside))
    return path


@pytest.mark.parametrize("mark", ['xml:lang=""', "xml:lang=''", 'xml:lang = ""'])
def test_an_empty_language_is_none(tmp_path: Path, mark: str) -> None:
    inside = (
        '<owl:Class rdf:about="#A"><rdfs:label>un</rdfs:label>'
        f"<rdfs:comment {mark}>x-none0 one</rdfs:comment>"
        f'<rdfs:seeAlso rdf:parseType="Literal"><b {mark}>b</b></rdfs:seeAlso></owl:Class>'
    )
    path = rdf(tmp_path, inside, ' xml:lang="fr"')
    literals = {str(q.object) for q in loading.read(path) if isinstance(q.object, ox.Literal)}
    assert {'"un"@fr', '"x-none0 one"'} <= literals
    assert any('xml:lang=\\"\\"' in literal for literal in literals)
    assert "x-none1" not in "".join(literals)


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    inside = (
        '<owl:Class><rdfs:label xml:lang="">a</rdfs:label></owl:Class> <owl:Class rdf:ID="B">\n'
        "  <rdfs:label>b\nc</rdfs:label>\n</owl:Class>\n"
        '<rdf:Description rdf:about="#C">\n  <rdfs:label>c</rdfs:label>\n</rdf:Description>'
    )
    source = Source(rdf(tmp_path, inside))
    base = "https://example.org/clinic"
    assert source.subjects() == {f"{base}#B": (3, 63), f"{base}#C": (7, 1)}
    lines = {q.object.value: place.line for q, place in source.placed() if "label" in str(q)}  # type: ignore[union-attr]
    assert lines == {"a": 3, "b\nc": 4, "c": 8}


@pytest.mark.parametrize("ending", [".ttl", ".nt", ".owl"])
def test_placed_quads_are_the_quads(tmp_path: Path, ending: str) -> None:
    quads = loading.read(DATA / "checks" / "bad" / "text-characters.ttl")
    form = {
        ".ttl": ox.RdfFormat.TURTLE,
        ".nt": ox.RdfFormat.N_TRIPLES,
        ".owl": ox.RdfFormat.RDF_XML,
    }
    path = tmp_path / f"a{ending}"
    path.write_bytes(ox.serialize([q.triple for q in quads], format=form[ending]) or b"")
    assert [q for q, _ in Source(path).placed()] == list(Source(path).quads())


@pytest.mark.slow
def test_findings_in_rdf_xml_have_line_and_column(build: builds.Build, tmp_path: Path) -> None:
    ours = "https://w3id.org/sarcoma-kg/ontology"
    inside = (
        f'<owl:Ontology rdf:about=""><owl:imports rdf:resource="{ours}"/></owl:Ontology>\n\n'
        '  <owl:Class rdf:about="#ClinicSarcoma">\n'
        f'    <rdfs:subClassOf rdf:resource="{ours}/Liposarcoma"/>\n  </owl:Class>'
    )
    path = rdf(tmp_path, inside)
    found = [
        f
        for f in checking.check(build, [path]).report.findings
        if f.focus.endswith("#ClinicSarcoma")
    ]
    assert {"label-missing", "definition-missing"} <= {f.shape for f in found}
    assert {(f.file, f.line, f.column) for f in found} == {(str(path), 5, 3)}


@pytest.mark.parametrize(
    "local",
    ["St_Paul's_(sarcoma)", "a,b;c=1&d", "1.2.", "%C3%A9", "\u00e9\u65e5\u672c", "a#b/c:d@e!$*+"],
)
@pytest.mark.parametrize("ending", [".ttl", ".nt", ".owl"])
def test_odd_names_survive(tmp_path: Path, local: str, ending: str) -> None:
    """Quotes, brackets, commas, dots, letters of any script: as subject and as object."""
    node = ox.NamedNode(f"https://example.org/x/{local}")
    triples = [ox.Triple(node, ox.NamedNode(NAMES[1] + "seeAlso"), node)]
    form = {
        ".ttl": ox.RdfFormat.TURTLE,
        ".nt": ox.RdfFormat.N_TRIPLES,
        ".owl": ox.RdfFormat.RDF_XML,
    }
    path = tmp_path / f"a{ending}"
    path.write_bytes(ox.serialize(triples, format=form[ending]) or b"")
    assert [quad.triple for quad in Source(path).quads()] == triples
    if ending == ".ttl":
        assert cli.main(["fmt", str(path)]) == 0
        assert [quad.triple for quad in Source(path).quads()] == triples


@pytest.mark.parametrize("local", ["a b", "a ", "a<b", "a{b}", "a^b"])
def test_what_no_name_may_hold_has_its_line(tmp_path: Path, local: str) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(
        f"@prefix x: <https://example.org/> .\nx:a x:p x:b ;\n    x:q <https://e.org/{local}> .\n"
    )
    with pytest.raises(UserError, match=r"a\.ttl: line 3, column [0-9]+: "):
        loading.read(path)
