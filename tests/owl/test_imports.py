"""What an import means is decided in one place: the same finding in every command."""

import json
import re
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.owl.catalogs import CATALOG, Catalog

pytestmark = pytest.mark.usefixtures("one_java")
DATA = Path(__file__).parents[1] / "data" / "imports-by-catalog"
CLINIC, OURS = "https://example.org/clinic", "https://w3id.org/sarcoma-kg/ontology"
#: Folder -> file at fault, rule, name at fault, line.
WRONG = {
    "other-name": ("lab.ttl", "import", "https://example.org/clinic/parts", 7),
    "other-version": ("lab.ttl", "import", "https://example.org/clinic/parts/2026-01-01", 7),
    "same-name": ("parts.ttl", "ontology IRI", "https://example.org/clinic", 6),
    "same-name-by-two": ("more.ttl", "ontology IRI", "https://example.org/clinic/more", 6),
    "no-header": ("lab.ttl", "import", "https://example.org/clinic/parts", 7),
    "header-of-a-blank-node": ("lab.ttl", "import", "https://example.org/clinic/parts", 7),
    "two-headers": ("lab.ttl", "ontology headers", "https://example.org/clinic/parts", 9),
    "two-headers-one-blank": ("lab.ttl", "ontology headers", "(blank node)", 9),
    "two-headers-imported": ("parts.ttl", "ontology headers", "https://example.org/clinic/old", 8),
}
COMMANDS = {
    "check": ["check"],
    "validate": ["validate"],
    "reason": ["reason"],
    "build": ["build", "--with"],
    "fmt": ["fmt", "--check"],
}
#: Command -> the case that it is shown.
_SHOWN = {"validate": "other-name", "reason": "same-name", "build": "two-headers"}


@pytest.mark.parametrize(
    ("case", "command"),
    [
        # `check`, `validate` and `build` reason and ask all rules, so they are for `make proofs`.
        # That `check` shows what is found here too, tests/reading/test_relative.py holds each time.
        pytest.param(case, command, marks=() if command in {"fmt", "reason"} else pytest.mark.slow)
        for case in WRONG
        for command in COMMANDS
        # Every case is shown to those that hand files to Java or to nobody, one to the others.
        if command in {"check", "fmt"} or case == _SHOWN[command]
    ],
)
def test_one_finding_the_same_everywhere(
    build: builds.Build, case: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, rule, focus, line = WRONG[case]
    assert cli.main([*COMMANDS[command], str(DATA / case / "lab.ttl")]) == 1
    said = capsys.readouterr()
    assert f"violation: {rule} (1)" in said.out
    assert said.out.count("violation: ") == 1
    assert f"{DATA / case / file}:{line}:1: {focus}" in said.out
    for java in ("Exception", "semanticweb", "urn:sarcoma-kg", "failed"):
        assert java not in said.out + said.err


@pytest.mark.parametrize("case", ["fine", "fine-by-version"])
@pytest.mark.parametrize("command", ["fmt", pytest.param("check", marks=pytest.mark.slow)])
def test_nothing_is_wrong(
    build: builds.Build, case: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*COMMANDS[command], str(DATA / case / "lab.ttl")]) == 0


@pytest.mark.parametrize(
    ("case", "named"),
    [
        ("circle", 1),
        ("circle-by-version", 1),
        ("circle-of-named-files", 2),
        ("circle-of-named-files-by-version", 2),
    ],
)
def test_files_that_import_each_other(case: str, named: int) -> None:
    files = [DATA / case / name for name in ("lab.ttl", "parts.ttl")]
    documents = ontologies.read_all(files[:named])
    assert sorted(d.path.name for d in documents) == ["lab.ttl", "parts.ttl"]
    assert ontologies.faults(documents) == []
    together = {str(quad.subject) for quad in ontologies.together(documents)}
    assert {f"<{iri}>" for iri in (f"{CLINIC}#A", f"{CLINIC}/parts#P")} <= together


@pytest.mark.slow
@pytest.mark.parametrize("case", ["circle-by-version", "circle-of-named-files-by-version"])
def test_files_that_import_each_other_are_checked(
    build: builds.Build, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(DATA / case / name) for name in ("lab.ttl", "parts.ttl")]
    assert cli.main(["check", *files]) == 0
    assert "Exception" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("date", [None, "2020-01-01", "1999-12-31"])
def test_our_own_ontology_by_its_version(tmp_path: Path, date: str | None) -> None:
    (version,) = (
        str(quad.object)[1:-1]
        for document in ontologies.packaged_imports([_importing(tmp_path, OURS)])
        for quad in document.quads
        if "versionIRI" in str(quad.predicate) and document.iri == OURS
    )
    asked = re.sub("[0-9]{4}-[0-9]{2}-[0-9]{2}", date, version) if date else version
    if date is None:
        document = _importing(tmp_path, asked)
        assert OURS in {found.iri for found in ontologies.packaged_imports([document])}
        return
    with pytest.raises(UserError, match=f"{asked}>: the packaged version is <{version}>"):
        _importing(tmp_path, asked)


def _importing(folder: Path, iri: str) -> ontologies.Document:
    path = folder / "lab.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f"<{CLINIC}> a owl:Ontology ; owl:imports <{iri}> .\n"
    )
    (document,) = ontologies.read_all([path])
    return document


def test_data_may_speak_of_many_ontologies(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<https://example.org/s> a sh:NodeShape ; sh:nodeKind sh:IRI ;\n"
        "  sh:targetClass <http://www.w3.org/2002/07/owl#Ontology> .\n"
    )
    path = DATA / "two-headers" / "lab.ttl"
    words = ["validate", str(path), "--shapes", str(shapes), "--format", "json"]
    assert cli.main(words) == 0
    assert json.loads(capfd.readouterr().out)["conforms"]


def catalog(folder: Path, inside: str, name: str = CATALOG, attributes: str = "") -> Catalog:
    folder.mkdir(exist_ok=True)
    names = f'xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"{attributes}'
    (folder / name).write_text(f"<catalog {names}>{inside}</catalog>")
    return Catalog(folder / name)


X = "https://example.org/x"


@pytest.mark.parametrize(
    ("inside", "place"),
    [
        (f'<uri name="{X}" uri="a.ttl"/><uri name="{X}" uri="b.ttl"/>', "a.ttl"),
        (f'<group xml:base="sub/"><uri name="{X}" uri="a.ttl"/></group>', "sub/a.ttl"),
        (f'<group xml:base=""><uri name="{X}" uri="a.ttl"/></group>', "a.ttl"),
        (
            f'<group xml:base="p/"><group xml:base="q/"><uri name="{X}" uri="a.ttl"/></group>'
            "</group>",
            "p/q/a.ttl",
        ),
        (f'<group xml:base="p/"><uri xml:base="r/" name="{X}" uri="a.ttl"/></group>', "p/r/a.ttl"),
        (f'<uri name="{X}" uri="a%20b.ttl"/>', "a b.ttl"),
        (f'<uri name="{X}y" uri="b.ttl"/><uri name="{X}" uri="a.ttl"/>', "a.ttl"),
        # An entry of the very name comes before one that fits, wherever it stands.
        (
            '<rewriteURI uriStartString="https://example.org/" rewritePrefix="all/"/>'
            f'<uri name="{X}" uri="a.ttl"/>',
            "a.ttl",
        ),
        (
            '<rewriteURI uriStartString="https://" rewritePrefix="w/"/>'
            '<rewriteURI uriStartString="https://example.org/" rewritePrefix="all/"/>',
            "all/x",
        ),
        (
            '<uriSuffix uriSuffix="x" uri="short.ttl"/>'
            '<uriSuffix uriSuffix="org/x" uri="long.ttl"/>',
            "long.ttl",
        ),
        (
            '<uriSuffix uriSuffix="org/x" uri="s.ttl"/>'
            '<rewriteURI uriStartString="https://e" rewritePrefix="r/"/>',
            "r/xample.org/x",
        ),
        # Names of documents by public or system identifier are no names of ontologies.
        (f'<public publicId="{X}" uri="b.ttl"/><system systemId="{X}" uri="b.ttl"/>', None),
        (f'<uri name="{X}/y" uri="a.ttl"/>', None),
    ],
)
def test_the_entry_that_counts(tmp_path: Path, inside: str, place: str | None) -> None:
    found = catalog(tmp_path, inside).find(X)
    assert found == (tmp_path.resolve() / place if place else None)


def test_the_base_of_a_catalog(tmp_path: Path) -> None:
    made = catalog(tmp_path, f'<uri name="{X}" uri="a.ttl"/>', attributes=' xml:base="files/"')
    assert made.find(X) == tmp_path.resolve() / "files" / "a.ttl"


def test_next_catalogs_come_last_and_in_order(tmp_path: Path) -> None:
    catalog(tmp_path / "one", f'<uri name="{X}" uri="1.ttl"/><nextCatalog catalog="../{CATALOG}"/>')
    catalog(tmp_path / "two", f'<uri name="{X}" uri="2.ttl"/><uri name="{X}2" uri="2.ttl"/>')
    made = catalog(
        tmp_path,
        f'<nextCatalog catalog="one/{CATALOG}"/><nextCatalog catalog="two/{CATALOG}"/>'
        f'<uri name="{X}0" uri="0.ttl"/>',
    )
    here = tmp_path.resolve()
    assert made.find(f"{X}0") == here / "0.ttl"
    assert made.find(X) == here / "one" / "1.ttl"
    assert made.find(f"{X}2") == here / "two" / "2.ttl"
    assert made.find(f"{X}3") is None
    assert made.read() == {here / CATALOG, here / "one" / CATALOG, here / "two" / CATALOG}


def test_a_delegate_is_the_only_one_asked(tmp_path: Path) -> None:
    catalog(tmp_path / "one", '<uri name="https://example.org/other" uri="1.ttl"/>')
    catalog(tmp_path / "two", f'<uri name="{X}" uri="2.ttl"/>')
    made = catalog(
        tmp_path,
        f'<delegateURI uriStartString="https://example.org/" catalog="one/{CATALOG}"/>'
        f'<nextCatalog catalog="two/{CATALOG}"/>',
    )
    assert made.find(X) is None


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (f'<uri name="{X}" uri="https://example.org/a.ttl"/>', "nothing is fetched"),
        (f'<uri name="{X}" uri="file://host/a.ttl"/>', "nothing is fetched"),
        ('<nextCatalog catalog="https://example.org/c.xml"/>', "nothing is fetched"),
        ('<nextCatalog catalog="none.xml"/>', "where no file is"),
        (f'<uri name="{X}" uri="none.ttl"/>', "where no file is"),
        ("<uri", "not well-formed"),
    ],
)
def test_a_catalog_that_leads_nowhere(tmp_path: Path, inside: str, words: str) -> None:
    (tmp_path / CATALOG).write_text(f"<catalog>{inside}</catalog>")
    path = tmp_path / "lab.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f"<https://example.org/lab> a owl:Ontology ; owl:imports <{X}> .\n"
    )
    with pytest.raises(UserError, match=words):
        ontologies.read_all([path])


def test_a_build_rests_on_every_catalog_that_it_reads(build: builds.Build, tmp_path: Path) -> None:
    for name in ("lab.ttl", "parts.ttl"):
        (tmp_path / name).write_text((DATA / "fine" / name).read_text())
    catalog(tmp_path / "more", '<uri name="https://example.org/clinic/parts" uri="../parts.ttl"/>')
    catalog(tmp_path, f'<nextCatalog catalog="more/{CATALOG}"/>')
    documents = ontologies.read_all([tmp_path / "lab.ttl"])
    assert len(documents) == 2
    assert str(tmp_path.resolve() / "more" / CATALOG) in ontologies.inputs(documents)
