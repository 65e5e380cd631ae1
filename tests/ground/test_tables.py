"""Workbooks and Parquet files read back by the libraries of those who get them."""

import io
import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import formats, tables
from sarcoma_kg.ground.errors import UserError
from tests.ground.test_formats import RUNS, STAY

VALUES = [
    True, 5, -7, 2**53, 1.5, -0.25, Decimal("0.1"), date(2026, 1, 2), None, "007", "", "größe",
]  # fmt: skip
_ERRORS = ["#N/A", "#REF!", "#DIV/0!"]


def _sheets(content: bytes) -> dict[str, list[list[object]]]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book}


@pytest.mark.parametrize("cell", [*RUNS, *STAY, *_ERRORS, "http://user:password@example.org/"])
def test_a_text_stays_a_text_in_a_workbook(cell: str) -> None:
    content = tables.xlsx([cell, "b"], [[cell, "x"]], {cell: cell})
    for rows in _sheets(content).values():
        for row in rows:
            # What openpyxl would read as a formula has the type f.
            assert {c.data_type for c in row} <= {"s", "n", "inlineStr"}  # type: ignore[attr-defined]
            assert all(c.hyperlink is None for c in row)  # type: ignore[attr-defined]
    got = _sheets(content)["answer"][1][0]
    assert (got.value or "") == cell.replace("\r", "\n")  # type: ignore[attr-defined]
    assert got.quotePrefix is (formats.inert(cell) != cell)  # type: ignore[attr-defined]
    inside = zipfile.ZipFile(io.BytesIO(content))
    assert not any(b"<f>" in inside.read(n) for n in inside.namelist() if "sheet" in n)
    assert not any("externalLink" in name for name in inside.namelist())


def test_values_keep_their_type_in_a_workbook() -> None:
    rows = _sheets(tables.xlsx(["x"], [[value] for value in VALUES]))["answer"]
    got = [row[0].value for row in rows[1:]]  # type: ignore[attr-defined]
    dated = [value.date() if hasattr(value, "date") else value for value in got]
    assert dated == [
        True,
        5,
        -7,
        2**53,
        1.5,
        -0.25,
        0.1,
        date(2026, 1, 2),
        None,
        "007",
        None,
        "größe",
    ]


def test_what_a_workbook_cannot_hold_is_told_or_stays_text() -> None:
    rows = _sheets(tables.xlsx(["x"], [["a\x00\x1b[31mb"], [2**53 + 1], [float("nan")]]))["answer"]
    got = [row[0].value for row in rows[1:]]  # type: ignore[attr-defined]
    assert got == ["a��[31mb", str(2**53 + 1), "nan"]
    with pytest.raises(UserError, match="32,768 characters, and xlsx holds 32,767"):
        tables.xlsx(["x"], [["a" * 32_768]])
    with pytest.raises(UserError, match="do not go into a sheet"):
        tables.xlsx(["x"] * 16_385, [])


@pytest.mark.parametrize("cell", [*RUNS, *STAY, *_ERRORS])
def test_parquet_has_cells_as_they_are(cell: str) -> None:
    polars = pytest.importorskip("polars")
    read = polars.read_parquet(io.BytesIO(tables.parquet([cell or "x"], [[cell], ["b"], [None]])))
    assert read.columns == [cell or "x"]
    assert read.to_series().to_list() == [cell, "b", None]


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_a_command_writes_the_file_and_no_control_character(
    suffix: str, tmp_path: Path, build: builds.Build
) -> None:
    query, target = tmp_path / "q.rq", tmp_path / f"answer{suffix}"
    query.write_text('SELECT ("=1+1" AS ?x) (5 AS ?y) {}')
    words = [sys.executable, "-m", "sarcoma_kg.cli", "query", str(query), "-o", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    if suffix == ".xlsx":
        (_, (x, y)) = _sheets(target.read_bytes())["answer"]
        assert (x.value, x.data_type, y.value) == ("=1+1", "s", 5)  # type: ignore[attr-defined]
    else:
        polars = pytest.importorskip("polars")
        assert polars.read_parquet(target).rows() == [("=1+1", 5)]


def test_no_terminal_gets_a_workbook(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK {}")
    assert cli.main(["query", str(tmp_path / "q.rq"), "--format", "xlsx"]) == 2
    assert "xlsx goes to a file" in capsys.readouterr().err
