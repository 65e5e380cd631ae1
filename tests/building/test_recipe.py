"""CONTRIBUTING's recipe from an empty folder, with the file saved in each syntax."""

import hashlib
import shutil
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import resources

EXAMPLES = resources.data_root() / "ontology" / "examples"
#: Syntaxes that hold the whole example; OBO has no individuals.
WHOLE = ("ttl", "owl", "owx", "ofn", "omn", "jsonld")
FUSION = "    EWSR1::EXMP1 fusion (https://example.org/lab/EWSR1EXMP1Fusion)"
PRODUCT = "    examplogene autoleucel (https://example.org/lab/ExamplogeneAutoleucel)"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: builds.Build) -> Path:
    """The folder after the first step."""
    folder = tmp_path / "my-lab"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for path in EXAMPLES.iterdir():
        shutil.copy(path, folder)
    assert cli.main(["catalog"]) == 0
    return folder


def saved(folder: Path, form: str) -> Path:
    """Save the example in another syntax, as an editor does, and leave nothing else."""
    turtle = folder / "lab-extension.ttl"
    if form == "ttl":
        return turtle
    path = turtle.with_suffix(f".{form}")
    assert cli.main(["convert", turtle.name, path.name]) == 0
    turtle.unlink()
    return path


@pytest.mark.slow
@pytest.mark.parametrize("form", WHOLE)
def test_a_file_in_each_syntax(lab: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(lab, form)
    capsys.readouterr()
    assert cli.main(["reason", path.name]) == 0
    assert {FUSION, PRODUCT} <= set(capsys.readouterr().out.splitlines())
    assert cli.main(["check", path.name]) == 0
    said = capsys.readouterr()
    assert f"{path.name}: conforms" in said.err
    assert "violation" not in said.out


@pytest.mark.slow
def test_terms_in_obo_have_no_language(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(lab, "obo")
    capsys.readouterr()
    assert cli.main(["reason", path.name]) == 0
    assert {FUSION, PRODUCT} <= set(capsys.readouterr().out.splitlines())
    assert cli.main(["check", path.name]) == 1
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith(("violation", "warning"))] == [
        "violation: text-in-english (10)"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["ofn", "omn", "owx"])
def test_what_is_broken_is_said_with_file_and_line(
    lab: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    turtle = lab / "lab-extension.ttl"
    text = turtle.read_text(encoding="utf-8")
    label = '"examplogene autoleucel"@en'
    turtle.write_text(text.replace(label, '"imatinib"@en', 1), encoding="utf-8")
    path = saved(lab, form)
    capsys.readouterr()
    assert cli.main(["check", path.name]) == 1
    out = capsys.readouterr().out
    assert "label-unique" in out
    lines = [line for line in out.splitlines() if f"{path.name}:" in line]
    (number,) = {line.split(":")[1] for line in lines if "ExamplogeneAutoleucel" in line}
    place = path.read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert "ExamplogeneAutoleucel" in place


@pytest.mark.slow
def test_the_recipe_to_its_end(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(lab.parent / "cache"))
    path = saved(lab, "ofn")
    steps = [
        ["reason", path.name, "--explain", "examplogene autoleucel",
         "PRAME-directed TCR T-cell therapy"],
        ["build", "--with", path.name],
        ["ask", "CQ01", "--disease", "EWSR1::EXMP1 sarcoma"],
        ["tree", "TCR-engineered T-cell therapy"],
        ["source", "lab-report.txt"],
        ["verify-source", "lab-report.txt"],
    ]  # fmt: skip
    said = {}
    for words in steps:
        capsys.readouterr()
        assert cli.main(words) == 0, words
        told = capsys.readouterr()
        said[words[0]] = told.out + told.err
    assert "examplogene autoleucel" in said["ask"]
    assert "+ examplogene autoleucel" in said["tree"]
    digest = hashlib.sha256((lab / "lab-report.txt").read_bytes()).hexdigest()
    assert digest in said["source"]
    assert digest in path.read_text(encoding="utf-8")
    assert cli.main(["build"]) == 0


@pytest.mark.slow
def test_a_term_goes_upstream(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = lab / "targets.ttl"
    text = (resources.data_root() / "ontology" / "targets.ttl").read_text(encoding="utf-8")
    term = (
        '\nskg:EXMP1 a owl:Class ; rdfs:subClassOf skg:Gene ; rdfs:label "EXMP1"@en ;\n'
        '    obo:IAO_0000115 "An invented human gene."@en ;\n'
        "    obo:IAO_0000119 skg:CuratorKnowledge .\n"
    )
    copy.write_text(text + term, encoding="utf-8")
    assert cli.main(["fmt", copy.name]) == 0
    code = cli.main(["check", copy.name])
    said = capsys.readouterr()
    assert "in place of our <https://w3id.org/sarcoma-kg/module/targets>" in said.err
    assert code == 0, said.out
    ours = resources.data_root() / "ontology" / "targets.ttl"
    assert cli.main(["diff", str(ours), copy.name]) == 0
    assert (
        "- EXMP1 (`skg:EXMP1`), under skg:Gene: An invented human gene." in capsys.readouterr().out
    )
