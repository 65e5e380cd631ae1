"""Literals that are no values of their datatype, wherever they stand; and those that are."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.quality import literals
from sarcoma_kg.reading import loading
from sarcoma_kg.shacl import datatypes

DATA = Path(__file__).parents[1] / "data" / "literals"
XSD = "http://www.w3.org/2001/XMLSchema#"


def found(name: str) -> list[tuple[str, str]]:
    triples = [quad.triple for quad in loading.read(DATA / name)]
    return [(f.focus, f.value) for f in literals.ill_typed(triples)]


def test_each_bad_one_is_found() -> None:
    subjects = {q.subject.value for q in loading.read(DATA / "bad.ttl")}  # type: ignore[union-attr]
    assert len(subjects) > 35
    assert {focus for focus, _ in found("bad.ttl")} == subjects


def test_no_good_one_is_found() -> None:
    assert len(loading.read(DATA / "good.ttl")) > 30
    assert found("good.ttl") == []


def test_what_hangs_from_a_term_is_told_of_it() -> None:
    lab = "https://example.org/lab/"
    assert sorted(found("on-blank-nodes.ttl")) == [
        ("(blank node)", '"never"^^xsd:date'),
        (f"{lab}A", '"12.5"^^xsd:integer'),
        (f"{lab}B", '"2026-02-31"^^xsd:date'),
    ]


def test_nothing_packaged_is_ill_typed() -> None:
    assert literals.ill_typed([quad.triple for quad in loading.packaged()]) == []


@pytest.mark.parametrize("name", ["bad.ttl", "good.ttl"])
def test_the_words_of_sparql_say_the_same(name: str) -> None:
    """Of the datatypes that both know; the engine's own numbers set aside."""
    store = ox.Store()
    for quad in loading.read(DATA / name):
        kind, text = quad.object.datatype, quad.object.value  # type: ignore[union-attr]
        if kind.value.startswith(XSD) and len(text) < 40 and "language" not in kind.value:
            condition = datatypes.condition("?x", kind.value)
            literal = ox.Literal(text, datatype=kind)
            answer = store.query(f"ASK {{ VALUES ?x {{ {literal} }} FILTER({condition}) }}")
            assert bool(answer) == datatypes.well_formed(text, kind.value), literal


@pytest.mark.parametrize("tag", ["e", "abcdefghi", "en-abcdefghi"])
@pytest.mark.parametrize("ending", ["ttl", "nt"])
def test_an_ill_formed_language_tag_is_refused_with_its_place(
    tmp_path: Path, tag: str, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(f'\n<https://example.org/a> <https://example.org/b> "c"@{tag} .\n')
    with pytest.raises(UserError, match=r"line 2, column \d+: .*subtag"):
        loading.read(path)


@pytest.mark.slow
def test_check_tells_it_with_its_line(build: builds.Build, tmp_path: Path) -> None:
    path = tmp_path / "lab.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .\n"
        f"@prefix xsd: <{XSD}> .\n\n"
        "<https://example.org/lab#A> a owl:Class ; rdfs:subClassOf skg:Liposarcoma ;\n"
        '    rdfs:comment "2026-02-30"^^xsd:date , "300"^^xsd:byte .\n'
    )
    report = checking.check(build, [path]).report
    mine = [(f.value, f.line) for f in report.findings if f.shape == literals.RULE]
    assert mine == [('"2026-02-30"^^xsd:date', 6), ('"300"^^xsd:byte', 6)]
