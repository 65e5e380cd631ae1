"""Relative IRIs without a base, and paths of a disk: violations with their place, never names."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.publishing import publish
from sarcoma_kg.quality import validation
from sarcoma_kg.reading import loading

pytestmark = pytest.mark.usefixtures("one_java")
DATA = Path(__file__).parents[1] / "data" / "relative"
#: File -> its relative names and paths, with line and column.
FAULTS = {
    "no-xml-base.owl": {
        "<>": (4, 1), "<#ClinicSarcoma>": (5, 1), "<#ClinicSarcomaTwo>": (11, 1),
    },
    "no-xml-base-named.owl": {"<#ClinicSarcoma>": (5, 3), "<ClinicSarcomaTwo>": (11, 3)},
    "xml-base-inside-only.owl": {"<#Outside>": (8, 1)},
    "no-base.ttl": {"<>": (7, 1), "<#ClinicSarcoma>": (9, 1)},
    "prefix-without-base.ttl": {"<#ClinicSarcoma>": (9, 1), "<#ClinicSarcomaTwo>": (13, 1)},
    "datatype.ttl": {"<#grams>": (12, 1)},
    "file.ttl": {"<file:///home/ada/lab.ttl#ClinicSarcoma>": (9, 1)},
    "file.owl": {"<FILE:/C:/lab/parts.owl#ClinicSarcoma>": (5, 1)},
}  # fmt: skip

#: What runs in `make test`: each asks the reasoner each time.
_FIRST = {("check", "no-xml-base.owl"), ("build", "no-base.ttl")}


def first(command: str, names: Iterable[str] = FAULTS) -> list[Any]:
    """Return the cases of a command; all but the first are for `make proofs`."""
    return [
        pytest.param(command, name, marks=() if (command, name) in _FIRST else pytest.mark.slow)
        for name in names
    ]


def rows(text: str) -> dict[str, tuple[int, int]]:
    found = json.loads(text)["findings"]
    return {
        f["focus"]: (f["line"], f["column"])
        for f in found
        if f["shape"] in {"relative IRI", "file IRI"}
    }


@pytest.mark.parametrize(("command", "name"), [*first("check"), *first("validate")])
def test_it_is_a_violation_with_its_place(
    build: builds.Build, name: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command, str(DATA / name), "--format", "json"]) == 1
    out = capsys.readouterr().out
    assert rows(out) == FAULTS[name]
    assert "relative-iri:" not in out


@pytest.mark.parametrize(
    ("command", "name"), first("build", ["no-base.ttl", "no-xml-base.owl", "file.owl"])
)
def test_nothing_is_built_from_it(
    build: builds.Build, command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command, "--with", str(DATA / name)]) == 1
    said = capsys.readouterr()
    for focus, (line, column) in FAULTS[name].items():
        assert f"{DATA / name}:{line}:{column}: {focus}" in said.out
    assert "the former build stays in place" in said.err


@pytest.mark.parametrize("name", [name for name in FAULTS if name.endswith(".ttl")])
@pytest.mark.parametrize("check", [["--check"], []])
def test_fmt_tells_the_same(
    tmp_path: Path, name: str, check: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text((DATA / name).read_text())
    assert cli.main(["fmt", *check, str(path)]) == 1
    out = capsys.readouterr().out
    for focus, (line, column) in FAULTS[name].items():
        assert f"{path}:{line}:{column}: {focus}" in out
    if "file" not in name:
        assert path.read_text() == (DATA / name).read_text()


@pytest.mark.parametrize("name", [pytest.param("no-base.ttl", marks=pytest.mark.slow), "file.owl"])
def test_reason_tells_the_same_beside_its_answer(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reason", str(DATA / name)]) == 1
    said = capsys.readouterr()
    assert all(focus in said.out for focus in FAULTS[name])
    assert "consistent" in said.err


def test_with_shapes_of_ones_own_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<#Labelled> a sh:NodeShape ; sh:targetClass <http://www.w3.org/2002/07/owl#Class> ;\n"
        "  sh:property [ sh:path <https://example.org/never> ; sh:minCount 1 ] .\n"
    )
    path = DATA / "no-base.ttl"
    words = ["validate", str(path), "--shapes", str(shapes), "--format", "json"]
    assert cli.main(words) == 1
    out = capfd.readouterr().out
    assert rows(out) == FAULTS["no-base.ttl"]
    assert any(f["path"] == "https://example.org/never" for f in json.loads(out)["findings"])


def test_no_path_stands_in_shapes(tmp_path: Path) -> None:
    for name in ("shapes.ttl", "shapes.nt"):
        path = tmp_path / name
        path.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .")
        validation.shape_triples((path,))
    path = tmp_path / "mine.ttl"
    path.write_text("<#S> a <http://www.w3.org/ns/shacl#NodeShape> ; <p> <../q>, </r>, <//s/t> .")
    names = [node.value for t in validation.shape_triples((path,)) for node in t]
    assert not any(name.startswith("file:") or str(tmp_path) in name for name in names)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<#x> a <https://example.org/C> ."),
        ("a.owl", (DATA / "no-xml-base.owl").read_text()),
    ],
)
def test_where_no_report_is_made_it_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UserError, match=r"line \d+, column \d+: a relative IRI") as caught:
        loading.read(path)
    assert "base" in caught.value.hint


def test_an_import_by_a_relative_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "parts.ttl").write_text("<https://example.org/a> a <https://example.org/C> .")
    path = tmp_path / "lab.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "<https://example.org/lab> a owl:Ontology ; owl:imports <parts.ttl> .\n"
    )
    with pytest.raises(UserError, match=r"owl:imports <parts\.ttl> lies in no catalog"):
        ontologies.read_all([path])


@pytest.mark.parametrize("name", ["no-base.ttl", "no-xml-base.owl"])
def test_with_a_base_it_is_read(tmp_path: Path, name: str) -> None:
    text = (DATA / name).read_text()
    text = text.replace("<rdf:RDF", '<rdf:RDF xml:base="https://example.org/clinic"')
    if name.endswith(".ttl"):
        text = "@base <https://example.org/clinic> .\n" + text
    path = tmp_path / name
    path.write_text(text)
    (document,) = ontologies.read_all([path])
    assert document.faults == ()
    assert document.iri == "https://example.org/clinic"


@pytest.mark.parametrize(
    "line",
    [
        "<file:///home/ada/lab.ttl#A> <https://example.org/p> <https://example.org/o> .",
        "<https://example.org/s> <File:/p> <https://example.org/o> .",
        '<https://example.org/s> <https://example.org/p> "1"^^<file:///t> .',
    ],
)
def test_no_path_is_published(tmp_path: Path, build: builds.Build, line: str) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "asserted.nt").write_text(
        '<https://example.org/s> <https://example.org/p> "a text with <file:///x> in it" .\n'
    )
    (folder / "inferred.nt").write_text("")
    publish._check_names(builds.Build(str(folder)))
    (folder / "inferred.nt").write_text(line + "\n")
    assert list(ox.parse(line, format=ox.RdfFormat.N_TRIPLES))
    with pytest.raises(UserError, match="is a place on a disk"):
        publish.publish(builds.Build(str(folder)), tmp_path / "release")
    assert not (tmp_path / "release").exists()
