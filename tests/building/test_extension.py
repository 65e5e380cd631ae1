"""A user's own ontology and claims beside the packaged graph: what fits, what breaks, no leak."""

import shutil
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds, checking, pipeline
from sarcoma_kg.commands import console
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Report
from sarcoma_kg.owl import owlapi
from sarcoma_kg.reading import loading

HEAD = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
<https://example.org/x> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with the example in it."""
    shutil.copytree(resources.data_root() / "ontology" / "examples", tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine" / "lab-extension.ttl"


@pytest.mark.slow
def test_the_example_breaks_nothing_and_classifies_itself(
    build: builds.Build, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", mine.name]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{mine.name}: conforms" in said.err
    assert "OWL 2 DL 0 violation(s), OWL 2 EL 0 violation(s)" in said.err
    assert cli.main(["reason", mine.name]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "EWSR1 rearrangement (skg:EWSR1Rearrangement)",
        "    EWSR1::EXMP1 fusion (https://example.org/lab/EWSR1EXMP1Fusion)",
        "PRAME-directed TCR T-cell therapy (skg:PRAMETCRTCellTherapy)",
        "    examplogene autoleucel (https://example.org/lab/ExamplogeneAutoleucel)",
    ]


@pytest.mark.slow
def test_what_a_file_breaks_is_said_of_that_file_alone(build: builds.Build, mine: Path) -> None:
    text = mine.read_text(encoding="utf-8")
    changes = [
        ('rdfs:label "EXMP1"@en ;\n    ', ""),
        ("skg:aboutTarget lab:EXMP1", "skg:aboutTarget lab:EXMP2"),
        ('"EWSR1::EXMP1 sarcoma"@en ;\n    obo:', '"Ewing sarcoma"@en ;\n    obo:'),
        ("skg:isNamedProduct true", 'skg:isNamedProduct true ; lab:note "kept cold"@en'),
    ]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    mine.write_text(text, encoding="utf-8")
    report = checking.check(build, [mine], profiles=True).report
    found = {(f.shape, f.focus.rsplit("/", 1)[-1]) for f in report.findings}
    assert found >= {
        ("label-missing", "EXMP1"),
        ("target", "claim-S901-1-EXMP-01"),
        ("label-unique", "EWSR1EXMP1Sarcoma"),
        ("label-unique", "skg:EwingSarcoma"),
        ("profile OWL 2 DL", "ExamplogeneAutoleucel"),
    }
    assert {focus for _, focus in found} <= {
        "EXMP1", "claim-S901-1-EXMP-01", "EWSR1EXMP1Sarcoma", "skg:EwingSarcoma",
        "ExamplogeneAutoleucel",
    }  # fmt: skip
    # The twin of a label is the only packaged term that may be named.
    assert {focus for _, focus in found if focus.startswith("skg:")} == {"skg:EwingSarcoma"}
    lines = text.splitlines()
    for finding in report.findings:
        if finding.focus.startswith("https://example.org/lab/"):
            assert finding.focus.rsplit("/", 1)[-1] in lines[finding.line - 1]


@pytest.mark.slow
def test_a_disjoint_parent_empties_a_class_and_all_below(
    build: builds.Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gist.ttl"
    above = "skg:BoneSarcoma , skg:SoftTissueSarcoma"
    path.write_text(HEAD + f"skg:GastrointestinalStromalTumor rdfs:subClassOf {above} .\n")
    assert cli.main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert f"{path}:5: skg:GastrointestinalStromalTumor “gastrointestinal stromal tumour”" in out
    reasons = [line for line in out.splitlines() if line.startswith("      - ")]
    assert reasons == [
        "      - 'bone sarcoma' DisjointWith 'soft tissue sarcoma'",
        "      - 'gastrointestinal stromal tumour' SubClassOf 'bone sarcoma'",
        "      - 'gastrointestinal stromal tumour' SubClassOf 'soft tissue sarcoma'",
    ]
    assert "skg:SDHDeficientGastrointestinalStromalTumor" in out
    assert cli.main(["reason", str(path)]) == 1
    assert "9 unsatisfiable" in capsys.readouterr().err


@pytest.mark.slow
def test_copies_of_our_own_modules_conform(build: builds.Build, tmp_path: Path) -> None:
    """A copy takes the place of its module; unmodified, it breaks nothing."""
    copies = [tmp_path / f"{name}.ttl" for name in ("diseases", "therapies", "targets", "core")]
    for copy in copies:
        shutil.copy(resources.data_root() / "ontology" / copy.name, copy)
    outcome = checking.check(build, copies, profiles=True)
    assert outcome.report.findings == []
    assert sum("in place of our" in note for note in outcome.notes) == 4


@pytest.mark.slow
def test_what_an_edited_copy_loses_is_told(
    build: builds.Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (resources.data_root() / "ontology" / "therapies.ttl").read_text(encoding="utf-8")
    path = tmp_path / "therapies.ttl"
    path.write_text(text.replace("skg:Milademetan a owl:Class", "skg:Milademetan a skos:X"))
    path.write_text(
        text.replace(
            "    owl:someValuesFrom skg:MDM2Protein", "    owl:someValuesFrom skg:KITProtein"
        )
    )
    assert cli.main(["reason", str(path), "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    lost = [row for row in rows if row.endswith("follows no longer")]
    assert any("MDM2Inhibitor" in row and "Milademetan" in row for row in lost)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["https://example.org/odd", "https://w3id.org/sarcoma-kg/id/odd"])
def test_an_individual_that_contradicts_itself(
    build: builds.Build, tmp_path: Path, place: str
) -> None:
    path = tmp_path / "odd.ttl"
    path.write_text(HEAD + f"<{place}> a owl:NamedIndividual , skg:Disease , skg:Therapy .\n")
    report = checking.check(build, [path]).report
    (finding,) = [f for f in report.findings if f.shape == "individual-disjoint-types"]
    assert (finding.file, finding.line) == (str(path), 5)
    assert any(f.shape == "consistency" for f in report.findings) == ("example.org" in place)


@pytest.mark.slow
def test_a_reasoner_that_gives_up_is_a_finding(build: builds.Build, tmp_path: Path) -> None:
    path = tmp_path / "odd.ttl"
    path.write_text(
        HEAD
        + "<https://example.org/when> a owl:DatatypeProperty ;\n"
        + "    rdfs:range <http://www.w3.org/2001/XMLSchema#date> .\n"
        + "skg:Disease rdfs:comment 'x'@en .\n"
    )
    outcome = checking.check(build, [path], profiles=True)
    shapes = {f.shape for f in outcome.report.findings}
    # Of the two OWL APIs only the newer calls it a breach of OWL 2 DL too.
    assert {"reasoner", "profile OWL 2 EL"} <= shapes
    assert not outcome.report.complete
    assert "HermiT gave up" in outcome.notes[1]


_SUGARED = """@base <https://example.org/lab> .
PREFIX unused: <https://example.org/unused#>
@prefix : <https://example.org/lab#> .
# A comment, and a prefix that nothing uses.
<#o> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
:size a owl:DatatypeProperty ; rdfs:label 'size'@en .
:note a owl:AnnotationProperty ; rdfs:label '''a "long"
label'''@en .
:Small a owl:Class ; rdfs:subClassOf skg:Sarcoma ,
    [ a owl:Restriction ; owl:onProperty :size ; owl:hasValue true ] ;
    :note 1 , -2.5 , 1.0e3 , false , "plain" , 'it\\'s' .
:Either a owl:Class ; owl:equivalentClass
    [ a owl:Class ; owl:unionOf ( skg:Osteosarcoma skg:Chondrosarcoma ) ] .
"""


@pytest.mark.slow
@pytest.mark.parametrize("version", ["5.1", "3.4"])
def test_how_a_file_is_written_changes_no_verdict(
    build: builds.Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Sugar of Turtle means the same as its triples, whichever OWL API is at hand."""
    if version == "3.4":
        monkeypatch.setenv("SARCOMA_KG_JARS", str(tmp_path))
    elif version not in owlapi.engines():
        pytest.skip("OWL API 5.1 is not installed (Debian: libowlapi-java)")
    prefixes = "".join(HEAD.splitlines(keepends=True)[:3])
    sugared, plain = tmp_path / "lab.ttl", tmp_path / "lab.nt"
    sugared.write_text(prefixes + _SUGARED)
    plain.write_text("".join(f"{quad.triple} .\n" for quad in loading.read(sugared)))
    found = []
    for path in (sugared, plain):
        outcome = checking.check(build, [path], profiles=True)
        assert f"OWL API {version}" in outcome.notes[-1]
        found.append(
            {(f.shape, f.focus, f.value, f.message) for f in outcome.report.findings if f.focus}
        )
    assert found[0] == found[1]
    profiles = {shape for shape, *_ in found[0] if shape.startswith("profile")}
    assert profiles == {"profile OWL 2 EL"}  # the union


@pytest.mark.slow
def test_an_ontology_that_imports_nothing_is_told_so(build: builds.Build, tmp_path: Path) -> None:
    path = tmp_path / "alone.ttl"
    text = (resources.data_root() / "ontology" / "examples" / "lab-extension.ttl").read_text()
    path.write_text(text.replace("    owl:imports <https://w3id.org/sarcoma-kg/ontology> ;\n", ""))
    (finding,) = checking.check(build, [path], profiles=True).report.findings
    assert finding.shape == "import missing"


def test_code_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("jpype", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(cli.__file__).parents[1]))
    assert owlapi.profile([resources.data_root() / "ontology" / "core.ttl"], {}).violations == ()


def test_an_import_in_no_catalog_is_refused(build: builds.Build, tmp_path: Path) -> None:
    path = tmp_path / "far.ttl"
    path.write_text(HEAD.replace("w3id.org/sarcoma-kg/ontology> .\n", "example.net/far> .\n"))
    with pytest.raises(UserError, match=r"far\.ttl: owl:imports <https://example\.net/far>"):
        checking.check(build, [path])


@pytest.mark.slow
def test_an_import_in_the_catalog_beside_the_file_is_read(
    build: builds.Build, tmp_path: Path
) -> None:
    (tmp_path / "near.ttl").write_text(
        "<https://example.net/near> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
        "<https://example.net/near#x> a <http://www.w3.org/2002/07/owl#Class> .\n"
    )
    (tmp_path / "catalog-v001.xml").write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<uri name="https://example.net/near" uri="near.ttl"/></catalog>'
    )
    path = tmp_path / "mine.ttl"
    path.write_text(
        HEAD.replace(
            "sarcoma-kg/ontology> .", "sarcoma-kg/ontology> , <https://example.net/near> ."
        )
        + "skg:exampleData rdfs:comment 'x'@en ."
    )
    found = checking.check(build, [path], profiles=True).report.findings
    assert ("label-missing", "https://example.net/near#x") in {(f.shape, f.focus) for f in found}


def test_a_build_with_the_example_answers_and_a_plain_one_knows_nothing(
    build: builds.Build, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ["ask", "CQ01", "--disease", "EWSR1::EXMP1 sarcoma", "--format", "csv"]
    try:
        assert cli.main(["build", "--with", mine.name]) == 0
        capsys.readouterr()
        assert cli.main(question) == 0
        said = capsys.readouterr()
        assert "S901-1-EXMP-02,examplogene autoleucel,promising" in said.out
        assert f"with your files: {mine}" in said.err
        assert cli.main(["tree", "PRAME-directed TCR T-cell therapy"]) == 0
        assert "+ examplogene autoleucel" in capsys.readouterr().out
        assert cli.main(["verify-source", "lab-report.txt"]) == 0

        # Checking another file leaves the graph that questions are asked of as it is.
        assert checking.check(console.plain(), []).report.conforms
        assert cli.main(question) == 0
        assert "examplogene" in capsys.readouterr().out

        away = mine.rename(mine.with_name("gone.ttl"))
        assert cli.main(question) == 2
        assert "no such file" in capsys.readouterr().err
        away.rename(mine)
    finally:
        assert cli.main(["build"]) == 0
    capsys.readouterr()
    assert cli.main(question) == 2
    assert "no disease is called" in capsys.readouterr().err
    assert builds.current() == build


def test_no_example_is_in_the_plain_graph(build: builds.Build) -> None:
    for name in ("asserted.nt", "inferred.nt"):
        text = (build.folder / name).read_text(encoding="utf-8")
        assert "example.org" not in text
        assert "EXMP1" not in text
        assert "exampleData> " not in text.replace("/exampleData> <http", "")


@pytest.mark.slow
def test_a_build_is_stale_when_an_imported_file_or_the_catalog_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(tmp_path / "cache"))
    # What is tested is which files count.
    monkeypatch.setattr(pipeline, "examine", lambda *_, **__: Report([]))
    genes = tmp_path / "genes.ttl"
    genes.write_text(
        "<https://example.net/genes> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
        "<https://example.net/genes/G> <http://www.w3.org/2000/01/rdf-schema#label> 'one'@en .\n"
    )
    catalog = tmp_path / "catalog-v001.xml"
    catalog.write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<uri name="https://example.net/genes" uri="genes.ttl"/></catalog>'
    )
    main = tmp_path / "main.ttl"
    main.write_text(HEAD.replace("ontology> .", "ontology> , <https://example.net/genes> ."))
    first, worked = pipeline.build(extras=[str(main)])
    assert worked
    assert pipeline.build(extras=[str(main)]) == (first, False)
    genes.write_text(genes.read_text().replace("one", "another"))
    assert builds.current() is None
    second, worked = pipeline.build(extras=[str(main)])
    assert worked
    assert "another" in (second.folder / "asserted.nt").read_text()
    catalog.unlink()
    assert builds.current() is None
    with pytest.raises(UserError, match="lies in no catalog"):
        pipeline.build(extras=[str(main)])


def test_a_catalog_that_points_nowhere_is_named(build: builds.Build, tmp_path: Path) -> None:
    path = tmp_path / "mine.ttl"
    path.write_text(HEAD.replace("ontology> .", "ontology> , <https://example.net/near> ."))
    lines = "".join(
        f'<uri name="{iri}" uri="file:///old/place/x.ttl"/>'
        for iri in ("https://w3id.org/sarcoma-kg/ontology", "https://example.net/near")
    )
    (tmp_path / "catalog-v001.xml").write_text(f"<catalog>{lines}</catalog>")
    with pytest.raises(UserError, match=r"catalog-v001\.xml: <https://example\.net/near> lies at"):
        checking.check(build, [path])
