"""The curators' small cases as they lie there; variants of each stand in the module of its room.

What needs no reasoner is asked here, what needs one is marked slow.
"""

from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.reading import loading
from sarcoma_kg.vocabularies import readers


def files(shared: Path, case: str) -> list[Path]:
    """Return the files that a pattern below the folder of the cases names."""
    found = sorted((shared / "cases").glob(case))
    assert found, case
    return found


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("06-odd-iris/a.owl", "line 4, column 14: "),
        ("06-odd-iris/b.owl", "line 5, column 12: "),
        ("15-language-tags/a.owl", "line 6, column 18: "),
        ("15-language-tags/b.owl", "line 6, column 18: "),
        ("15-language-tags/c.owl", "line 6, column 18: "),
    ],
)
def test_what_is_refused_says_where_and_why(shared: Path, case: str, words: str) -> None:
    (path,) = files(shared, case)
    with pytest.raises(UserError) as caught:
        loading.read(path)
    assert caught.value.message.startswith(str(path))
    assert words in caught.value.message


@pytest.mark.parametrize(
    "case",
    ["06-odd-iris/c.ttl", "06-odd-iris/c6r.ttl", "15-*/d.owl"]
    + [f"21-formats/lab.{end}" for end in ("ent.owl", "obo", "ofn", "ofn.owl", "omn", "owx")]
    + ["21-formats/lab.owx.owl", "21-formats/lab.turtle.owl"],
)
def test_what_is_legal_is_read(shared: Path, case: str) -> None:
    (path,) = files(shared, case)
    assert loading.read(path)


@pytest.mark.parametrize(
    ("case", "label"),
    [
        ("a", "N(4)-{beta-D-Glc-(1->2)}-Asn residue"),
        ("b", "6,6'-dithiodi{1-[4,6-O]hexane}"),
        ("c", "rucaparib"),
        ("d", "rucaparib"),
    ],
)
def test_names_of_obo(shared: Path, case: str, label: str) -> None:
    (path,) = files(shared, f"19-*/{case}.obo")
    names = {concept.code: concept.label for concept in readers.Source(path, "CHEBI")}
    assert names["134689"] == label


def test_a_second_name_of_obo(shared: Path) -> None:
    (path,) = files(shared, "19-*/e.obo")
    with pytest.raises(UserError, match="line 7: a second name of CHEBI:134689"):
        list(readers.Source(path, "CHEBI"))


@pytest.mark.parametrize("case", ["a.txt", "b.owl"])
def test_retired_by_what_it_stands_under(shared: Path, case: str) -> None:
    (path,) = files(shared, f"20-*/{case}")
    wanted = [c.code for c in readers.Source(path, "NCIT")]
    found = readers.gather(path, "NCIT", wanted, lambda _: None)
    assert any(c.retired for c in found.concepts.values())


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("b", ['"case sarcoma": en → no language', '+ "CS" (exact), en-gb; − "CS" (exact), en']),
        ("c", ['+ "CS" (exact), no language; − "CS" (exact), en']),
        ("d", ["own terms"]),
    ],
)
def test_a_difference_of_language(
    shared: Path, new: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(path) for case in ("a", new) for path in files(shared, f"12-*/{case}.ttl")]
    assert cli.main(["diff", *names]) == 0
    out = capsys.readouterr().out
    assert "Imported terms" not in out
    assert [words for words in said if words not in out] == []


@pytest.mark.parametrize("case", ["07-*/a/one.ttl", "07-*/d/*", "07-*/e/*"])
def test_imports_by_version_and_in_a_circle(shared: Path, case: str) -> None:
    documents = ontologies.read_all(files(shared, case))
    assert ontologies.faults(documents) == []


def test_an_older_version_of_ours_names_the_packaged_one(shared: Path) -> None:
    with pytest.raises(UserError, match="2026-11-21/ontology>: the packaged version is <"):
        ontologies.read_all(files(shared, "07-*/b/lab.ttl"))


@pytest.mark.parametrize(
    ("case", "rule", "line"),
    [
        ("a", "import", 11), ("b", "ontology IRI", 11), ("c", "import", 11),
        ("d", "ontology headers", 13),
    ],
)  # fmt: skip
def test_names_that_do_not_fit_are_one_finding(
    shared: Path, case: str, rule: str, line: int
) -> None:
    documents = ontologies.read_all(files(shared, f"09-iri-mismatch/{case}/lab.ttl"))
    (found,) = ontologies.faults(documents)
    assert (found.severity, found.shape, found.line) == ("violation", rule, line)


@pytest.mark.parametrize(
    ("shapes", "data", "severities"),
    [
        ("validate-focus/shapes.ttl", "validate-focus/data.ttl", ["violation"]),
        ("shapes/owl-class-target.ttl", "shapes/owl-class-target.data.ttl", ["violation"]),
        ("shapes/count-star.ttl", "validate-focus/data.ttl", ["incomplete", "note"]),
        ("shapes/unknown-words.ttl", "validate-focus/data.ttl", ["note", "warning", "warning"]),
    ],
)
def test_verdicts(shared: Path, shapes: str, data: str, severities: list[str]) -> None:
    report = checking.against(files(shared, shapes), files(shared, data)).report
    assert sorted(f.severity for f in report.findings) == severities
    if "warning" in severities:
        with pytest.raises(UserError, match="is no word of SHACL"):
            checking.against(files(shared, shapes), files(shared, data), strict=True)


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("neg", 0, ""),
        ("unknown-term", 0, "skg:aboutDisese is not in the graph; perhaps skg:aboutDisease"),
        ("no-prefix", 2, "add PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"),
    ],
)
def test_queries(
    build: builds.Build,
    shared: Path,
    query: str,
    code: int,
    words: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["query", *map(str, files(shared, f"sparql/{query}.rq"))]) == code
    assert words in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "severity", "rule"),
    [
        ("05-no-xml-base/a.owl", "violation", "relative IRI"),
        ("05-no-xml-base/b.owl", "violation", "relative IRI"),
        ("05-no-xml-base/c.ttl", "violation", "relative IRI"),
        ("16-two-kinds/a.ttl", "violation", "class-is-property"),
        ("16-two-kinds/b.ttl", "violation", "property-two-kinds"),
        ("17-labels/b.ttl", "violation", "text-characters"),
        ("17-labels/c.ttl", "violation", "text-characters"),
        ("23-anonymous-individuals/a.ttl", "incomplete", "reasoner"),
    ],
)
def test_findings(build: builds.Build, shared: Path, case: str, severity: str, rule: str) -> None:
    paths = files(shared, case)
    found = [f for f in checking.check(build, paths).report.findings if f.shape == rule]
    assert {f.severity for f in found} == {severity}
    assert all(f.file == str(paths[0]) and f.line for f in found)
    if rule == "text-characters":
        assert all("U+" in f"{f.value}{f.message}" for f in found)
