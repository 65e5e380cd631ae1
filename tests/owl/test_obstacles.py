"""A reasoner that gives up names the axiom and its place; the rest is looked at all the same."""

import re
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds, checking, pipeline
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import obstacles, ontologies, reason

DATA = Path(__file__).parents[1] / "data" / "gives-up"
FILES = sorted(DATA.glob("*.ttl"))
pytestmark = pytest.mark.usefixtures("one_java")
#: What only the inside of a Java library says.
INSIDE = re.compile(r"genid|nodeid|/tmp|sarcoma-kg-\w|Exception|semanticweb|file:")


def expected(path: Path) -> tuple[int, str, str]:
    said = re.match("# expect: ([0-9]+) [|] (.+) [|] (.+)\n", path.read_text())
    assert said
    return int(said[1]), said[2].replace("lab:", "https://example.org/lab/"), said[3]


def assert_named(found: Finding, path: Path) -> None:
    line, focus, words = expected(path)
    assert (found.severity, found.file, found.line) == ("incomplete", str(path), line)
    assert found.focus == focus
    assert words.replace("lab:", "https://example.org/lab/") in found.message
    assert not INSIDE.search(found.message)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_axiom_is_named_with_its_place(path: Path) -> None:
    documents = ontologies.read_all([path])
    quads = [quad for document in documents for quad in document.quads]
    with pytest.raises(reason.ReasonerError) as caught:
        reason.classify(pipeline.tbox(quads), cached=False)
    assert_named(obstacles.finding(caught.value.told, documents), path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["different-blank", "cardinality-on-transitive", "datatype-of-a-range"]
)
def test_rules_and_shapes_still_run(build: builds.Build, name: str) -> None:
    path = DATA / f"{name}.ttl"
    outcome = checking.check(build, [path])
    (gave_up,) = (f for f in outcome.report.findings if f.severity == "incomplete")
    assert_named(gave_up, path)
    assert not outcome.report.complete
    rules = {f.shape for f in outcome.report.findings if f.focus.endswith("lab/A")}
    assert {"label-missing", "definition-missing"} <= rules
    assert any("gave up" in note for note in outcome.notes)


@pytest.mark.parametrize(
    "command",
    [
        ["reason"],
        *(pytest.param(c, marks=pytest.mark.slow) for c in (["build", "--with"], ["check"])),
    ],
)
def test_every_command_says_it_and_exits_with_two(
    build: builds.Build, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = DATA / "different-blank.ttl"
    line, _, words = expected(path)
    assert cli.main([*command, str(path)]) == 2
    said = capsys.readouterr()
    both = said.out + said.err
    assert f"{path}:{line}" in both
    assert words in both
    assert not INSIDE.search(both)


@pytest.mark.slow
def test_an_axiom_that_lists_nothing_does_not_end_the_check(
    build: builds.Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lab.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "<https://example.org/lab> a owl:Ontology ;\n"
        "    owl:imports <https://w3id.org/sarcoma-kg/ontology> .\n"
        "[] a owl:AllDifferent ; owl:distinctMembers () .\n"
    )
    assert cli.main(["check", str(path)]) in {1, 2}
    both = "".join(capsys.readouterr())
    assert "Exception" not in both
    assert "rules: " in both


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("it did not finish within 300 s", "it did not finish within 300 s."),
        ("IllegalStateException: odd at file:/tmp/sarcoma-kg-a1b2/ontology.nt", "odd at a file."),
        ("RuntimeException: _:genid12 and _:file:///tmp/sarcoma-kg-x/genid-nodeid-_:b3 clash",
         "a blank node and a blank node clash."),
    ],
)  # fmt: skip
def test_other_words_are_passed_on_without_the_inside(told: str, words: str) -> None:
    found = obstacles.finding(told, [])
    assert found.message == f"The reasoner gave up, so nothing was classified: {words}"
