"""Each kind of bad cell is told with its place, as B7, and what to do; the rest is read."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

from sarcoma_kg import cli, sheets
from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import minted, ontologies
from sarcoma_kg.reading import oboheader
from sarcoma_kg.sheets import content, edits, grid, kinds, workbook

BAD = sorted((Path(__file__).parents[1] / "data" / "sheets" / "bad").glob("*.tsv"))
EXPECT = re.compile(r"#expect: ([A-Z]+[0-9]+) (sheet: [^:]+): (.*)")
LAB = ("#curie_map:", "#  lab: https://example.org/lab/")
HEADER = ["disease", "label", "parents", "definition", "definition source"]
ROW = ["lab:1", "zebra sarcoma", "sarcoma", "A sarcoma.", "skg:CuratorKnowledge"]


def faults(path: Path) -> list[tuple[str, str, str]]:
    """Return cell, rule and message of each fault of a sheet."""
    (made,) = sheets.read([path])
    return [(f.where.rpartition(":")[2], f.shape, f.message) for f in made.faults]


def test_there_are_more_than_twenty_kinds() -> None:
    rules = {EXPECT.match(path.read_text(encoding="utf-8"))[2] for path in BAD}  # type: ignore[index]
    assert len(rules) >= 20


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_cell(path: Path) -> None:
    """The fault at its cell, with words that help; in a cycle more cells may be at fault."""
    expected = EXPECT.match(path.read_text(encoding="utf-8"))
    assert expected
    found = faults(path)
    cell, rule, message = found[0]
    assert (cell, rule) == (expected[1], expected[2]), found
    assert expected[3] in message
    assert {one for _, one, _ in found} == {rule}, found


def book(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))  # type: ignore[union-attr]
    made.save(path)
    return path


def test_cells_of_a_workbook_that_are_no_text(tmp_path: Path) -> None:
    """A formula and an error are told; a number and a truth value are read as what they show."""
    formula, error = list(ROW), list(ROW)
    formula[1:4] = ["=A1", "sarcoma", "A sarcoma."]
    error[0], error[1], error[3] = "lab:2", "other sarcoma", "#N/A"
    path = book(tmp_path / "x.xlsx", [*([line] for line in LAB), HEADER, formula, error])
    found = faults(path)
    assert [one[:2] for one in found] == [
        ("B4", "sheet: formula cell"), ("D5", "sheet: error cell"),
    ]  # fmt: skip


def test_the_rest_of_a_sheet_is_read_beside_a_bad_cell(tmp_path: Path) -> None:
    other = ["lab:2", "other sarcoma", "zebra sarcoma", "A sarcoma.", "skg:CuratorKnowledge"]
    bad = [*ROW[:2], "sarkoma", *ROW[3:]]
    path = book(tmp_path / "x.xlsx", [*([line] for line in LAB), HEADER, bad, other])
    (made,) = sheets.read([path])
    assert [f.where for f in made.faults] == [f"{path}:C4"]
    said = {str(triple) for triple in made.triples}
    assert any("lab/2" in one and "subClassOf" in one and "lab/1" in one for one in said)
    assert any("A sarcoma." in one for one in said)


def test_two_files_never_mint_one_iri(tmp_path: Path) -> None:
    paths = []
    for name in ("one", "two"):
        row = [ROW[0], f"{name} sarcoma", *ROW[2:]]
        paths.append(book(tmp_path / f"{name}.xlsx", [*([line] for line in LAB), HEADER, row]))
    one, two = sheets.read(paths)
    assert not one.faults
    assert [(f.where, f.shape) for f in two.faults] == [
        (f"{paths[1]}:A4", "sheet: IRI minted twice")
    ]


def test_a_sheet_and_a_turtle_file_never_mint_one_iri(tmp_path: Path) -> None:
    sheet = book(tmp_path / "one.xlsx", [*([line] for line in LAB), HEADER, ROW])
    turtle = tmp_path / "two.ttl"
    head = (
        "@prefix lab: <https://example.org/lab/> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\nlab:1 a owl:Class"
    )
    turtle.write_text(f'{head} ; rdfs:label "another"@en .')
    documents = ontologies.read_all([turtle, sheet])
    (found,) = minted.twice(documents, set())
    assert found.where == f"{sheet}:A4"
    assert str(turtle) in found.message
    assert not minted.twice(documents, {"https://example.org/lab/1"})
    turtle.write_text(f"{head} .")
    assert not minted.twice(ontologies.read_all([turtle, sheet]), set()), "declared, to be used"


def test_one_sheet_may_name_terms_of_another(tmp_path: Path) -> None:
    paths = [tmp_path / "targets.tsv", tmp_path / "therapies.tsv"]
    lab = "\n".join(LAB)
    paths[1].write_text(
        f"{lab}\ntherapy\tlabel\tparents\tdefinition\tdefinition source\tinhibits\n"
        "lab:2\tzebrinib\tsmall-molecule drug\tA drug.\tskg:CuratorKnowledge\tZEB protein\n"
    )
    paths[0].write_text(
        f"{lab}\ntarget\tlabel\tparents\tdefinition\tdefinition source\n"
        "lab:1\tZEB protein\tprotein\tA protein.\tskg:CuratorKnowledge\n"
    )
    made = sheets.read([paths[1], paths[0]])
    assert [one.faults for one in made] == [[], []]
    assert faults(paths[1])[0][1] == "sheet: unknown term"


def test_what_a_shape_finds_stands_at_its_cell(tmp_path: Path) -> None:
    """A finding about a property at the cell of its column, any other at the row."""
    sheet = book(tmp_path / "x.xlsx", [*([line] for line in LAB), HEADER, ROW])
    documents = ontologies.read_all([sheet])
    focus = "https://example.org/lab/1"
    found = ontologies.located(
        [
            Finding("violation", "a shape", focus, "obo:IAO_0000115", "", "bad definition"),
            Finding("violation", "a shape", focus, "skg:aboutDisease", "", "no such column"),
            Finding("violation", "a shape", "skg:Sarcoma", "rdfs:label", "", "of no row"),
        ],
        documents,
    )
    assert [f.where for f in found] == [f"{sheet}:D4", f"{sheet}:A4", ""]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("", "empty"), ("a\tb\n1\t2\n", "no sheet that is known"),
     ("diseases\tlabel\n", "perhaps disease"),
     ("#  skg: https://example.org/\ndisease\tlabel\n", "stands for")],
)  # fmt: skip
def test_what_is_no_sheet(tmp_path: Path, text: str, wanted: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_text(text)
    with pytest.raises(UserError) as told:
        sheets.read([path])
    assert wanted in f"{told.value.message} {told.value.hint}"


def test_nothing_is_written_beside_a_bad_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "x.ttl"
    source = next(path for path in BAD if path.stem == "unknown-term")
    assert cli.main(["convert", str(source), str(target)]) == 1
    told = capsys.readouterr()
    assert f"{source}:C5" in told.out
    assert not target.exists()


def test_cells_that_begin_like_a_formula_stay_text(tmp_path: Path) -> None:
    """In TSV an apostrophe goes before them, in a workbook they are texts; both come back."""
    kind, names = kinds.kind("disease"), content.names()
    columns = workbook.fields(kind, names)
    texts = ["=1+1", "-SUM(A1)", "+x", "@x", "'=x", "'", "-1", "a | b", "line\nbreak", "\\|"]
    rows = []
    for number, text in enumerate(texts, 1):
        cells = {"disease": f"lab:{number}", "label": f"name {number}", "parents": "sarcoma",
                 "definition": text, "definition source": "skg:CuratorKnowledge"}  # fmt: skip
        rows.append([cells.get(column.name, "") for column in kind.columns])
    tsv, xlsx = tmp_path / "x.tsv", tmp_path / "x.xlsx"
    tsv.write_text("#  lab: https://example.org/lab/\n" + workbook.delimited(columns, rows, "tsv"))
    assert "\t'=1+1\t" in tsv.read_text()
    xlsx.write_bytes(workbook.xlsx("disease", columns, rows))
    cell = openpyxl.load_workbook(xlsx)["disease"]["D2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", "=1+1", True)
    (made,) = edits.apply([grid.read(tsv)], names)
    assert not made.faults
    found = {t.object.value for t in made.triples if t.predicate.value.endswith("IAO_0000115")}  # type: ignore[union-attr]
    assert found == set(texts)


@pytest.mark.parametrize("name", ["x.xlsx", "X.XLSX", "x.csv"])
def test_no_header_of_obo_is_looked_for_in_a_sheet(tmp_path: Path, name: str) -> None:
    """A workbook is no text, so that looking there would end `check` of any."""
    assert oboheader.note(book(tmp_path / name, [HEADER, ROW])) == ""


@pytest.mark.slow
def test_a_workbook_is_checked_to_the_end(build: builds.Build, tmp_path: Path) -> None:
    sheet = book(tmp_path / "x.xlsx", [*([line] for line in LAB), HEADER, [*ROW[:2], "sarkoma"]])
    found = checking.check(build, [sheet], profiles=False).report.findings
    assert f"{sheet}:C4" in {finding.where for finding in found}


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx"])
def test_a_sheet_without_a_row_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    sheet, target = tmp_path / f"x.{ending}", tmp_path / "x.ttl"
    if ending == "xlsx":
        book(sheet, [HEADER])
    else:
        sheet.write_text(("\t" if ending == "tsv" else ",").join(HEADER) + "\n")
    assert cli.main(["convert", str(sheet), str(target)]) == 2
    assert f"{sheet}: there is no row" in capsys.readouterr().err
    assert not target.exists()


def test_a_sheet_that_a_syntax_does_not_carry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells that nothing was written; what is written into a folder is named."""
    sheet = book(tmp_path / "x.xlsx", [*([line] for line in LAB), HEADER, ROW])
    typed = ["convert", str(sheet), str(tmp_path)]
    assert cli.main([*typed, "--to", "obo", "--strict"]) == 1
    assert not (tmp_path / "disease.obo").exists()
    assert cli.main(typed) == 0
    assert f"in {tmp_path / 'disease.ttl'}" in capsys.readouterr().err
