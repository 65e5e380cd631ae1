"""What a user's files do to the tree: before, after, and the axioms behind it."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.building.placing import placing
from sarcoma_kg.quality.report_page import Line

_HEAD = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
"""
BEFORE = """
:A a owl:Class ; rdfs:label "a" . :B a owl:Class ; rdfs:label "b" ; rdfs:subClassOf :A .
:C a owl:Class ; rdfs:label "c" ; rdfs:subClassOf :B . :D a owl:Class ; rdfs:subClassOf :A .
:E a owl:Class ; rdfs:label "e" ; rdfs:subClassOf :A . obo:X a owl:Class ; rdfs:subClassOf :A .
"""
AFTER = """
:A a owl:Class ; rdfs:label "a" . :B a owl:Class ; rdfs:label "b" ; rdfs:subClassOf :A .
:C a owl:Class ; rdfs:label "c" ; rdfs:subClassOf :E . :D a owl:Class ; rdfs:subClassOf :A .
:E a owl:Class ; rdfs:label "e" ; rdfs:subClassOf :A . obo:Y a owl:Class ; rdfs:subClassOf :A .
:p a owl:ObjectProperty .
:F a owl:Class ; rdfs:label "f" ; rdfs:subClassOf :A ,
    [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] .
:G a owl:Class ; rdfs:label "g" ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
    :A [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :A ] ) ] .
"""


def quads(turtle: str) -> list[ox.Quad]:
    return list(ox.parse(_HEAD + turtle, format=ox.RdfFormat.TURTLE))


def under(*pairs: str) -> list[ox.Triple]:
    text = " . ".join(f":{pair[0]} rdfs:subClassOf :{pair[1]}" for pair in pairs)
    return [quad.triple for quad in quads(f"{text} .")]


def shown(lines: list[Line]) -> list[str]:
    """Lines as `  name mark`, with + where the reasoner placed it."""
    return [
        f"{'  ' * line.depth}{'+' * line.inferred}{line.name.split(' ')[0]} {line.mark}".rstrip()
        for line in lines
    ]


def test_what_comes_moves_and_goes_stands_with_what_is_above_it() -> None:
    before = [quad.triple for quad in quads(BEFORE + ":H a owl:Class ; rdfs:subClassOf :D .")]
    found = placing(before, (), quads(AFTER), under("FG", "GA"))
    assert shown(found.before) == [
        "a", "  b", "    c moved", "  https://example.org/D", "    https://example.org/H gone",
    ]  # fmt: skip
    assert shown(found.after) == ["a", "  e", "    c moved", "  +g new", "    +f new"]
    assert not found.left_out
    (first, second) = found.reasons
    assert (first.sub, first.sup) == ("f (https://example.org/F)", "g (https://example.org/G)")
    assert any("p some" in axiom for axiom in first.axioms)
    assert second.sub.startswith("g ")


def test_files_that_leave_the_tree_alone() -> None:
    before = [quad.triple for quad in quads(BEFORE)]
    found = placing(before, (), quads(f'{BEFORE} :A rdfs:comment "x" .'), (), left_out=["told"])
    assert (found.before, found.after, found.reasons) == ([], [], [])
    assert found.left_out == ["told"]


def test_circles_end() -> None:
    before = [quad.triple for quad in quads(BEFORE)]
    found = placing(before, (), quads(f"{BEFORE} :A rdfs:subClassOf :C ."), ())
    assert shown(found.before)[0] == "a moved"
    assert found.left_out == [
        "In a circle, and so in no tree after: a (https://example.org/A), "
        "b (https://example.org/B), c (https://example.org/C)."
    ]


def test_a_long_tree_is_cut_and_says_so() -> None:
    many = " ".join(f":N{n} a owl:Class ; rdfs:subClassOf :A ." for n in range(500))
    found = placing([q.triple for q in quads(BEFORE)], (), quads(BEFORE + many), ())
    assert len(found.after) == 400
    assert found.left_out == ["The tree after is cut at 400 lines."]


@pytest.mark.slow
def test_check_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.quality.test_report_page import Page, words

    file = tmp_path / "lab.ttl"
    example = Path(__file__).parents[2] / "ontology" / "examples" / "lab-extension.ttl"
    file.write_bytes(example.read_bytes())
    code = cli.main(["check", str(file), "--format", "html", "-o", str(tmp_path / "r.html")])
    told = capsys.readouterr().err
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = words(Page(text))
    assert code in (0, 1), told
    assert ("Conforms" in page) == (code == 0)
    for said in ("Tree before and after", "by the reasoner", "Why the reasoner placed them so",
                 "What was asked", "OWL 2 DL"):  # fmt: skip
        assert said in page, said
    assert "http-equiv" in text
