"""Syntaxes of OWL that are not of RDF, contexts of JSON-LD, entities of XML: with places."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground import syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.reading import loading, owlsyntaxes, places
from sarcoma_kg.reading.source import Source

DATA = Path(__file__).parents[1] / "data"
CLINIC = sorted(p for p in (DATA / "owlsyntaxes").iterdir() if "context" not in p.name)
FAULTY = sorted((DATA / "owlsyntaxes-bad").iterdir())
SARCOMA = "https://example.org/clinic#ClinicSarcoma"
#: Such as Manchester syntax needs for what it mentions.
DECLARATION = re.compile(r"^<[^>]*> <[^>]*#type> <[^>]*owl#(?:Annotation|Object)Property>")


def canonical(path: Path) -> set[str]:
    dataset = ox.Dataset(loading.read(path))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(q.triple) for q in dataset if not DECLARATION.match(str(q.triple))}


@pytest.mark.parametrize("path", CLINIC, ids=lambda path: path.name)
def test_all_say_the_same(path: Path) -> None:
    assert canonical(path) == canonical(DATA / "owlsyntaxes" / "clinic.ofn")


@pytest.mark.parametrize("path", CLINIC, ids=lambda path: path.name)
def test_a_finding_has_its_line(path: Path) -> None:
    said = re.search(r"expect: (\d+)", path.read_text())
    assert said
    finding = Finding("violation", "label", SARCOMA, "", "", "Something.")
    (placed,) = places.locate([finding], [path])
    assert (placed.file, placed.line) == (str(path), int(said[1]))
    lines = path.read_text().splitlines()
    assert re.search("owl:Class|ClinicSarcoma", lines[placed.line - 1][max(0, placed.column - 1) :])
    assert len([*Source(path).placed()]) == len([*Source(path).quads()])


@pytest.mark.parametrize("name", ["clinic.ofn", "clinic.omn", "clinic.owx"])
def test_a_line_that_cannot_be_told_is_told_so(name: str) -> None:
    finding = Finding("violation", "label", "https://example.org/elsewhere", "", "", "Something.")
    (placed,) = places.locate([finding], [DATA / "owlsyntaxes" / name])
    assert placed.line == 0
    assert "its line cannot be told" in placed.message


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.name)
def test_a_fault_has_its_place(path: Path) -> None:
    said = re.search(r"expect: (line [0-9]+(?:, column [0-9]+)?|outside)", path.read_text())
    assert said
    with pytest.raises(UserError) as caught:
        loading.read(path)
    assert caught.value.message.startswith(f"{path}: ")
    assert said[1] in caught.value.message
    assert "pyhornedowl" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("media_type", "begin", "inner", "end"),
    [
        ("text/owl-functional", "SubClassOf(:A ", "ObjectComplementOf(", ":B"),
        ("text/owl-manchester", "Class: A SubClassOf: ", "not (", "B"),
        ("text/owl-manchester", "Class: A SubClassOf: ", "p some ", "B"),
        ("text/owl-manchester", "Class: A SubClassOf: ", "not ", "B"),
    ],
)
def test_what_would_end_the_process_is_refused(
    media_type: str, begin: str, inner: str, end: str
) -> None:
    text = begin + inner * 100_000 + end
    with pytest.raises(UserError, match=r"line 1: expressions are nested more than 1,000 deep"):
        owlsyntaxes.rdf_xml("a", text, media_type)


def test_brackets_in_texts_and_names_do_not_count() -> None:
    text = "Prefix(:=<https://e.org/>)\nOntology(<https://e.org/(((o>\n# ((((\n"
    text += "".join(f'AnnotationAssertion(:p :A "({i} \\"((")\n' for i in range(2000)) + ")"
    assert b"((" in owlsyntaxes.rdf_xml("a", text, "text/owl-functional")


def test_deep_xml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.owx"
    head = '<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="https://e.org/o">'
    path.write_text(head + "<SubClassOf>" + "<ObjectComplementOf>" * 100_000)
    with pytest.raises(UserError, match="nested more than 1,000 deep"):
        loading.read(path)


@pytest.mark.parametrize("count", [0, 1])
def test_an_ontology_without_a_name_keeps_its_header(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.ofn"
    note = 'Annotation(<http://www.w3.org/2000/01/rdf-schema#label> "a")' * count
    path.write_text(
        f"Ontology(Import(<https://e.org/o>) {note} Declaration(Class(<https://e.org/A>)))"
    )
    triples = [q.triple for q in loading.read(path)]
    (head,) = [t.subject for t in triples if str(t.object).endswith("owl#Ontology>")]
    assert isinstance(head, ox.BlankNode)
    assert sum(t.subject == head for t in triples) == 2 + count


def test_every_syntax_that_is_recognised_has_a_parser() -> None:
    assert set(owlsyntaxes.CODES) >= syntaxes.OTHER
