"""Templates of ROBOT: each small one with the Turtle that ROBOT's documentation says it means."""

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import sheets
from sarcoma_kg.owl.writing import canonical
from sarcoma_kg.sheets import columns

TEMPLATES = sorted((Path(__file__).parents[1] / "data" / "sheets" / "robot").glob("*.csv"))
PREFIX = "#  ex: https://example.org/ex/\n"


def read(path: Path) -> tuple[list[ox.Triple], list[str]]:
    """Return what a template makes, and its faults as cell and rule."""
    (made,) = sheets.read([path])
    return made.triples, [f"{f.where.rpartition(':')[2]} {f.shape}" for f in made.faults]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_means_what_robot_says(path: Path) -> None:
    triples, faults = read(path)
    assert faults == []
    wanted = ox.parse(path=str(path.with_suffix(".ttl")), format=ox.RdfFormat.TURTLE)
    assert canonical(triples) == canonical(quad.triple for quad in wanted)


def test_every_word_is_in_a_template() -> None:
    seen = set()
    for path in TEMPLATES:
        row = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[2]
        found, wrong = columns.read(row)
        assert not wrong
        seen |= {t.word for t in found} | {n.word for t in found for n in t.notes}
    known = {word for words in columns.MEANT.values() for word in words} | columns.ALWAYS
    assert known - seen <= {"EP", "DP"}, "these stand in 09 by PROPERTY_TYPE"


@pytest.mark.parametrize(
    ("template", "cells", "wanted"),
    [
        ("ID,AP", "ex:1,x", "B3 sheet: template"),
        ("ID,CI", "ex:1,x", "B3 sheet: template"),
        ("ID,PI", "ex:1,x", "B3 sheet: template"),
        ("ID,INDIVIDUAL_TYPE", "ex:1,named", "B3 sheet: template"),
        ("ID,XY %", "ex:1,x", "B3 sheet: template"),
        ("ID,SC", "ex:1,x", "B3 sheet: template"),
        ("ID,AT rdfs:label", "ex:1,x", "B3 sheet: template"),
        ("ID,AL rdfs:label", "ex:1,x", "B3 sheet: template"),
        ("ID,A rdfs:label SPLIT=", "ex:1,x", "B3 sheet: template"),
        ("ID,ID", "ex:1,ex:2", "B3 sheet: template"),
        ("ID,>A rdfs:label", "ex:1,x", "B3 sheet: template"),
        ("ID,LABEL SPLIT=|", "ex:1,x", "B3 sheet: template"),
        ("ID,A nothing known", "ex:1,x", "B4 sheet: unknown term"),
        ("ID,SC %", "ex:1,sarkoma", "B4 sheet: unknown term"),
        ("ID,SC %", "ex:1,has site some kidney", "B4 sheet: unknown term"),
        ("ID,SC %", "ex:1,('has site' some)", "B4 sheet: class expression"),
        ("ID,SC %", "ex:1,('has sight' some kidney)", "B4 sheet: unknown term"),
        ("ID,SC %", "ex:1,(sarcoma some kidney)", "B4 sheet: unknown property"),
        ("ID,SC %", "ex:1,(((((", "B4 sheet: class expression"),
        ("ID,TYPE", "zz:1,class", "A4 sheet: bad IRI"),
        ("ID,CLASS_TYPE,C %", "ex:1,other,sarcoma", "C4 sheet: not in the list"),
        ("ID,TYPE,CHARACTERISTIC", "ex:1,data property,transitive", "C4 sheet: not in the list"),
        ("ID,TYPE,SC %", "ex:1,individual,sarcoma", "C4 sheet: template"),
        ("ID,TYPE,SP %", "ex:1,object property,inverse(ex:2)", "C4 sheet: not read"),
        ("ID,AI rdfs:seeAlso", "ex:1,no address", "B4 sheet: unknown term"),
        ("ID,A rdfs:label", "ex:1,#REF!", "B4 sheet: error cell"),
        ("LABEL,A rdfs:comment", "no such label,x", "A4 sheet: unknown term"),
    ],
)
def test_what_is_not_read_is_refused_by_name_and_cell(
    tmp_path: Path, template: str, cells: str, wanted: str
) -> None:
    path = tmp_path / "t.csv"
    header = ",".join(f"column {n}" for n in range(template.count(",") + 1))
    path.write_text(f"{PREFIX}{header}\n{template}\n{cells}\n", encoding="utf-8")
    assert read(path)[1] == [wanted]


def test_a_column_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{PREFIX}Id\nID,A rdfs:label\nex:1,x\n", encoding="utf-8")
    assert read(path)[1] == ["B3 sheet: column without name"]


def test_terms_that_are_there_are_found_by_label_alone(tmp_path: Path) -> None:
    """Without a column ID the label says of what the row speaks."""
    path = tmp_path / "t.tsv"
    path.write_text("Label\tNote\nLABEL\tA rdfs:comment\nimatinib\tseen\n", encoding="utf-8")
    triples, faults = read(path)
    assert faults == []
    skg = "https://w3id.org/sarcoma-kg/ontology/Imatinib"
    assert {t.subject for t in triples} == {ox.NamedNode(skg)}
    assert ox.Literal("seen") in {t.object for t in triples}


def test_a_formula_in_a_template_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'{PREFIX}Id,Note\nID,A rdfs:comment\nex:1,"=HYPERLINK(""x"")"\n')
    triples, faults = read(path)
    assert faults == []
    assert ox.Literal('=HYPERLINK("x")') in {t.object for t in triples}
