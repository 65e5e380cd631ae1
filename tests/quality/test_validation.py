"""What a verdict covers: all targets of a user's shapes, or it says what it leaves out."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Report
from sarcoma_kg.quality import validation
from tests.stores import sparql_server

PREFIXES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BELOW = "<http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Sample "
DONOR = "sh:property [ sh:path ex:donor ; sh:minCount 1 ] ."


def files(folder: Path, shapes: str, data: str) -> tuple[Path, Path]:
    (folder / "shapes.ttl").write_text(PREFIXES + shapes)
    (folder / "data.ttl").write_text(PREFIXES + data)
    return folder / "shapes.ttl", folder / "data.ttl"


def against(folder: Path, shapes: str, data: str, engine: str = "compiled") -> Report:
    own, mine = files(folder, shapes, data)
    return checking.against([own], [mine], engine=engine).report  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
@pytest.mark.parametrize(
    ("shapes", "data", "count"),
    [
        (f"ex:S sh:targetClass ex:Sample ; {DONOR}", "[] a ex:Sample .", 1),
        (f"ex:S sh:targetClass ex:Sample ; {DONOR}", "[] a ex:Sample . ex:x a ex:Sample .", 2),
        (f"ex:S sh:targetObjectsOf ex:from ; {DONOR}", "ex:x ex:from ex:y , [] .", 2),
        ("ex:S sh:targetObjectsOf ex:size ; sh:datatype xsd:string .", "ex:x ex:size 7 .", 1),
        (f"ex:S sh:targetNode ex:absent ; {DONOR}", "ex:x a ex:Sample .", 1),
        ("ex:S sh:targetNode 7 ; sh:nodeKind sh:IRI .", "ex:x a ex:Sample .", 1),
        (f"ex:Sample a owl:Class , sh:NodeShape ; {DONOR}", "ex:x a ex:Sample .", 1),
        (f"ex:Sample a owl:Class , sh:NodeShape ; {DONOR}", "[] a ex:Sample . ex:y a ex:T .", 1),
        (f"ex:Sample a owl:Class , sh:NodeShape ; {DONOR}", f"ex:x a ex:T . ex:T {BELOW}.", 1),
    ],
)
def test_all_targets_count(tmp_path: Path, shapes: str, data: str, count: int, engine: str) -> None:
    """Named or not, subjects or values, in the file or not."""
    found = against(tmp_path, shapes, data, engine).findings
    assert [f.severity for f in found] == ["violation"] * count


def test_the_data_are_the_files_and_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "near.ttl").write_text(
        PREFIXES + "<http://example.org/near> a owl:Ontology . ex:far a ex:Sample ."
    )
    (tmp_path / "catalog-v001.xml").write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<uri name="http://example.org/near" uri="near.ttl"/></catalog>'
    )
    own, mine = files(
        tmp_path,
        f"ex:S sh:targetClass ex:Sample ; {DONOR}",
        "ex:lab a owl:Ontology ; owl:imports <http://example.org/near> . ex:x a ex:Sample .",
    )
    outcome = checking.against([own], [mine])
    assert {f.focus for f in outcome.report.findings} == {
        "http://example.org/x",
        "http://example.org/far",
    }
    assert f"data: {mine}, {tmp_path / 'near.ttl'}" in outcome.notes


@pytest.mark.parametrize(
    ("shapes", "names"),
    [
        (f"ex:S sh:targetClass ex:Smaple ; {DONOR}", {"http://example.org/S"}),
        (f"ex:S a sh:NodeShape ; {DONOR}", {"http://example.org/S"}),
        (
            f"ex:S a sh:NodeShape ; {DONOR} ex:T sh:targetSubjectsOf ex:none ; sh:class ex:C .",
            {"http://example.org/S", "http://example.org/T"},
        ),
        (f"ex:S sh:targetClass ex:Sample ; sh:node ex:T . ex:T a sh:NodeShape ; {DONOR}", set()),
    ],
)
def test_shapes_that_look_at_no_node_are_told(
    tmp_path: Path, shapes: str, names: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    report = against(tmp_path, shapes, "ex:x a ex:Sample ; ex:donor ex:d .")
    assert {f.focus for f in report.findings if f.shape == validation.IDLE} == names
    assert report.conforms
    assert validation.strict_targets(report).conforms == (not names)


def test_over_an_endpoint_shapes_that_ask_for_the_form_of_literals_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The engine has made 7 of 007: the verdict holds for that, and says so; a file needs none."""
    monkeypatch.setenv("SARCOMA_KG_INSIDE", "1")
    shapes = (
        'ex:Code sh:targetClass ex:Sample ; sh:property [ sh:path ex:code ; sh:pattern "^0" ] .\n'
        f"ex:Donor sh:targetClass ex:Sample ; {DONOR}\n"
    )
    own, mine = files(tmp_path, shapes, "ex:x a ex:Sample ; ex:donor ex:d ; ex:code 007 .")
    store = ox.Store()
    store.load(mine.read_bytes(), format=ox.RdfFormat.TURTLE)
    words = ["validate", "--shapes", str(own), "--format", "json"]
    with sparql_server.serving(store) as served:
        code = cli.main([*words, "--endpoint", served.query])
    told = capsys.readouterr()
    assert code == 1
    assert "1 shape(s) ask how literals are written" in told.err
    notes = [f for f in json.loads(told.out)["findings"] if f["shape"] == validation.FORMS]
    assert [(f["severity"], f["focus"]) for f in notes] == [("note", "http://example.org/Code")]
    assert notes[0]["value"] == "sh:pattern"
    assert cli.main([*words, str(mine)]) == 0
    assert validation.FORMS not in "".join(capsys.readouterr())


def test_unknown_words_are_told_with_their_line(tmp_path: Path) -> None:
    shapes = (
        "ex:S sh:targetClass ex:Sample ;\n"
        "  # sh:minimum stands in a comment\n"
        "  sh:property [ sh:path ex:p ; sh:dataType xsd:string ; sh:minCount 1 ] ,\n"
        "    [ sh:path ex:q ; sh:MinCount 1 ] .\n"
    )
    own, mine = files(tmp_path, shapes, "ex:x a ex:Sample .")
    report = checking.against([own], [mine]).report
    told = {(f.focus, f.file, f.line) for f in report.findings if f.severity == "warning"}
    assert told == {("sh:dataType", str(own), 5), ("sh:MinCount", str(own), 6)}
    assert [f.path for f in report.findings if f.severity == "violation"] == [
        "http://example.org/p"
    ]
    with pytest.raises(UserError, match=r"shapes\.ttl: sh:MinCount is no word of SHACL"):
        checking.against([own], [mine], strict=True)


@pytest.mark.parametrize(
    ("inside", "word", "line"),
    [
        ("sh:not [\n sh:nodekind sh:IRI ]", "sh:nodekind", 5),
        ("sh:or (\n\n [ sh:Class ex:C ] )", "sh:Class", 6),
        ("sh:mesage 'no'", "sh:mesage", 4),
        ("<http://www.w3.org/ns/shacl#MaxCount> 1", "sh:MaxCount", 4),
    ],
)
def test_an_unknown_word_is_told_wherever_it_stands(
    tmp_path: Path, inside: str, word: str, line: int
) -> None:
    shapes = f"ex:S sh:targetClass ex:Sample ; {DONOR}\nex:S {inside} ."
    report = against(tmp_path, shapes, "ex:x a ex:Sample .")
    told = [f for f in report.findings if f.severity == "warning"]
    assert [(f.focus, f.line) for f in told] == [(word, line)]
    assert "http://example.org/donor" in {f.path for f in report.findings}


PARTLY = (
    f"ex:S sh:targetClass ex:Sample ; sh:expression [] ; {DONOR}\n"
    'ex:T sh:targetClass ex:Sample ; sh:property [ sh:path ex:p ; sh:pattern "(?=a)" ] .\n'
)


@pytest.mark.parametrize("form", ["text", "turtle", "json", "csv", "sarif", "junit"])
@pytest.mark.parametrize("data", ["ex:x a ex:Sample .", "ex:x a ex:Sample ; ex:donor ex:d ."])
def test_an_incomplete_report_says_so_in_every_format(
    tmp_path: Path,
    data: str,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And exits with 2, with or without violations in the rest."""
    monkeypatch.setenv("SARCOMA_KG_INSIDE", "1")
    own, mine = files(tmp_path, PARTLY, data)
    code = cli.main(["validate", str(mine), "--shapes", str(own), "--format", form])
    out, err = capsys.readouterr()
    assert code == 2
    assert "INCOMPLETE: 2 part(s) could not be looked at" in err
    assert "sh:expression" in out
    assert "back-references are" in out
    if form == "json":
        told = json.loads(out)
        assert not told["complete"]
        assert not told["conforms"]
        assert told["counts"]["incomplete"] == 2
    elif form == "sarif":
        (run,) = json.loads(out)["runs"]
        assert run["invocations"][0]["executionSuccessful"] is False
    elif form == "junit":
        assert len(ET.fromstring(out).findall(".//error")) == 2
    elif form == "turtle":
        assert "conforms true" not in out
        assert ("conforms false" in out) == ("donor" not in data)


@pytest.mark.parametrize(
    "options",
    [
        ["--with-graph"],
        ["--strict"],
        ["--strict-targets"],
        ["--endpoint", "http://127.0.0.1:9/", "--shapes", "missing.ttl"],
    ],
)
def test_an_option_without_effect_is_an_error(
    tmp_path: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SARCOMA_KG_INSIDE", "1")
    _, mine = files(tmp_path, "", "ex:x a ex:Sample .")
    named = [] if "--endpoint" in options else [str(mine)]
    assert cli.main(["validate", *named, *options]) == 2


@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
@pytest.mark.parametrize(
    ("constraint", "value", "conforms"),
    [
        ("sh:datatype xsd:int", '"5"^^xsd:int', True),
        ("sh:datatype xsd:integer", '"5"^^xsd:int', False),
        ("sh:datatype xsd:int", "5", False),
        ("sh:datatype xsd:dateTime", '"2024-01-01T00:00:00Z"^^xsd:dateTimeStamp', False),
        ("sh:datatype xsd:dateTimeStamp", '"2024-01-01T00:00:00Z"^^xsd:dateTimeStamp', True),
        ("sh:datatype xsd:dateTimeStamp", '"2024-01-01T00:00:00Z"^^xsd:dateTime', False),
        ("sh:datatype xsd:boolean", '"1"^^xsd:boolean', True),
        ('sh:pattern "^007$"', "007", True),
        ('sh:pattern "^7$"', "007", False),
        ('sh:pattern "^true$"', '"1"^^xsd:boolean', False),
        ("sh:minLength 3", "007", True),
        ("sh:maxLength 3", "1.50", False),
        ("sh:in ( 007 )", "007", True),
        ("sh:in ( 7 )", "007", False),
        ("sh:in ( 007 )", "7", False),
        ("sh:hasValue 007", "007", True),
        ("sh:hasValue 7", "007", False),
        ("sh:equals ex:q", "007", False),
        ("sh:maxCount 1", "007 , 7", False),
        ("sh:minInclusive 7", "007", True),
        ("sh:minExclusive 7", "007", False),
        ("sh:maxInclusive 1.5", "1.50", True),
        ("sh:lessThan ex:q", "006", True),
        ("sh:lessThan ex:q", '"8"^^xsd:int', False),
    ],
)
def test_terms_are_looked_at_as_they_are_written(
    tmp_path: Path, constraint: str, value: str, conforms: bool, engine: str
) -> None:
    """Though the store keeps 007 as 7 and xsd:int as xsd:integer."""
    shapes = f"ex:S sh:targetNode ex:x ; sh:property [ sh:path ex:p ; {constraint} ] ."
    report = against(tmp_path, shapes, f"ex:x ex:p {value} ; ex:q 7 .", engine)
    assert report.conforms == conforms
    assert not [f for f in report.findings if "as-written" in str(f)]


def test_what_the_engine_cannot_compare_is_told(tmp_path: Path) -> None:
    shapes = "ex:S sh:targetNode ex:x ; sh:property [ sh:path ex:p ; sh:minInclusive 5 ] ."
    report = against(tmp_path, shapes, f"ex:x ex:p {'9' * 40} .")
    assert not report.complete
    report = against(tmp_path, shapes.replace("minInclusive 5", "minCount 1"), "ex:x ex:p 007 .")
    assert report.findings == []


def test_a_query_over_values_is_told(tmp_path: Path) -> None:
    shapes = (
        'ex:S sh:targetNode ex:x ; sh:sparql [ sh:select "SELECT $this ?value '
        '{ $this <http://example.org/p> ?value FILTER (?value = 7) }" ] .'
    )
    report = against(tmp_path, shapes, "ex:x ex:p 007 .")
    assert [f.severity for f in report.findings] == ["violation", "note"]


@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
@pytest.mark.parametrize("feature", ["sh:expression []", "sh:target []", "sh:js []"])
def test_no_engine_keeps_silent_about_what_it_leaves_out(
    tmp_path: Path, feature: str, engine: str
) -> None:
    shapes = f"ex:S sh:targetClass ex:Sample ; {feature} ; {DONOR}"
    assert not against(tmp_path, shapes, "ex:x a ex:Sample ; ex:donor 1 .", engine).complete


def test_imports_of_shapes_are_told(tmp_path: Path) -> None:
    shapes = (
        "<http://example.org/s> a owl:Ontology ; owl:imports <http://example.org/more> , "
        f"<http://example.org/s> . ex:S sh:targetClass ex:Sample ; {DONOR}"
    )
    report = against(tmp_path, shapes, "ex:x a ex:Sample ; ex:donor 1 .")
    assert [(f.severity, f.focus) for f in report.findings] == [
        ("note", "<http://example.org/more>")
    ]
