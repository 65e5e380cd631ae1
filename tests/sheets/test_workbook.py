"""The workbook that a curator gets: drop-down lists, descriptions; saved by another program."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from sarcoma_kg import cli, sheets
from sarcoma_kg.ground.findings import column_letter
from sarcoma_kg.sheets import content, edits, grid, workbook
from sarcoma_kg.sheets.kinds import KINDS, kind

SOFFICE = shutil.which("soffice")


def begun(path: Path, name: str) -> openpyxl.Workbook:
    assert cli.main(["template", name, "-o", str(path)]) == 0
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize(
    "name",
    ["evidence", *(pytest.param(n, marks=pytest.mark.slow) for n in KINDS if n != "evidence")],
)
def test_a_template_offers_the_terms_of_the_graph(tmp_path: Path, name: str) -> None:
    book, of = begun(tmp_path / "x.xlsx", name), kind(name)
    sheet, lists = book[name], book["lists"]
    assert [cell.value for cell in sheet[1]] == [column.name for column in of.columns]
    told = {row[0].value: row[1].value for row in book["columns"].iter_rows(min_row=2)}
    assert told == {column.name: column.about for column in of.columns}
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for field, cell in zip(workbook.fields(of, content.names()), sheet[2], strict=True):
        rule = rules[cell.coordinate]
        assert rule.prompt == field.about[:255]
        if field.options:
            area = rule.formula1.removeprefix("lists!").replace("$", "")
            offered = [row[0].value for row in lists[area]]
            assert offered == list(field.options)
            assert rule.showErrorMessage is not field.many
        else:
            assert rule.type is None


@pytest.mark.slow
def test_what_is_offered_is_taken(tmp_path: Path) -> None:
    """Every label of every list, in its column, is read as one term without a doubt."""
    names = content.names()
    path = tmp_path / "x.tsv"
    for name in KINDS:
        of = kind(name)
        fields = workbook.fields(of, names)
        for at, field in enumerate(fields):
            column = of.columns[at]
            if not field.options or column.of or column.key:
                continue
            first = "lab:" if of.columns[0].id else ""
            rows = [[f"{first}{n}", option] for n, option in enumerate(field.options)]
            head = f"#  lab: https://example.org/lab/\n{of.columns[0].name}\t{field.name}\n"
            path.write_text(head + "".join("\t".join(row) + "\n" for row in rows))
            (made,) = edits.apply([grid.read(path)], names)
            assert not [f for f in made.faults if f.column == 2], (name, field.name)


def test_a_template_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["template", "therapy"]) == 0
    header, about = capsys.readouterr().out.splitlines()
    assert header.split("\t")[0] == "therapy"
    assert about.startswith("# identifier")
    assert len(header.split("\t")) == len(about.split("\t"))


def test_claims_of_a_text_with_lists(tmp_path: Path) -> None:
    text, path = tmp_path / "review.txt", tmp_path / "claims.xlsx"
    text.write_text("Abstract\nImatinib helps. Nothing else does.\n")
    assert cli.main(["template", "claim", "--from", str(text), "-o", str(path)]) == 0
    book = openpyxl.load_workbook(path)
    sheet = book["claims"]
    assert sheet.max_row == 3
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    at = {cell.value: column_letter(n) for n, cell in enumerate(sheet[1], 1)}
    assert rules[f"{at['direction']}2"].type == rules[f"{at['therapy']}2"].type == "list"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [(["template", "diseese"], "perhaps disease"), (["export"], "--kind disease|"),
     (["export", "--kind", "claim", "--of", "S9"], "one of S1, S2"),
     (["template", "disease", "--from", "x.txt"], "no effect")],
)  # fmt: skip
def test_mistakes(typed: list[str], wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(typed) == 2
    assert wanted in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed", [["template", "disease"], ["export", "--kind", "mapping"]], ids=["template", "export"]
)
@pytest.mark.parametrize("ending", ["tsv", "xlsx"])
def test_what_people_filled_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: list[str], ending: str
) -> None:
    path = tmp_path / f"mine.{ending}"
    path.write_bytes(b"the work of an afternoon")
    assert cli.main([*typed, "-o", str(path)]) == 2
    assert path.read_bytes() == b"the work of an afternoon"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.others
@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("name", ["disease", "evidence", "claim"])
def test_a_sheet_saved_by_libreoffice(tmp_path: Path, name: str, ending: str) -> None:
    """Opened and saved there as a workbook or as CSV, it says what it said."""
    columns = workbook.fields(kind(name), content.names())
    rows = list(content.table(kind(name), content.names()))
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "x.xlsx"
    source.write_bytes(workbook.xlsx(name, columns, rows))
    # 44 comma, 34 quote, 76 UTF-8.
    form = "csv:Text - txt - csv (StarCalc):44,34,76" if ending == "csv" else ending
    subprocess.run(
        [SOFFICE or "", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", form, "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    (made,) = sheets.read([tmp_path / f"x.{ending}"])
    assert made.faults == []
    assert set(made.triples) == {t for path in made.instead for t in content.packaged(path)}
