"""Rows as a file of another program: XLSX (ISO/IEC 29500) and Parquet.

Numbers, truth values and days are written as such. A text stays a text, whatever it begins with:
no cell is ever a formula or a link.
"""

import io
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

__all__ = ["parquet", "xlsx"]

_LONGEST_CELL, _MOST_ROWS, _MOST_COLUMNS = 32_767, 1_048_576, 16_384
#: Beyond, the binary numbers of a spreadsheet are not exact.
_EXACT = 2**53
_WIDEST = 60


def xlsx(
    header: Sequence[str], rows: Sequence[Sequence[Any]], about: Mapping[str, str] | None = None
) -> bytes:
    """Return a workbook: the rows on its first sheet, what they are on its second.

    Args:
        header: Names of the columns.
        rows: Cells as Python values: str, int, float, Decimal, bool, date or None.
        about: Name and text of what people must know of the rows.

    Raises:
        UserError: openpyxl is not installed, or a sheet cannot hold the rows.
    """
    try:
        import openpyxl
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise UserError("openpyxl is not installed", "pip install 'sarcoma-kg[xlsx]'") from error
    if len(rows) >= _MOST_ROWS or len(header) > _MOST_COLUMNS:
        raise UserError(
            f"{len(rows):,} rows of {len(header)} columns do not go into a sheet",
            f"a sheet has {_MOST_ROWS:,} rows; write csv or parquet",
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("answer")
    sheet.freeze_panes = "A2"
    for at, name in enumerate(header):
        widths = [len(name), *(len(str(row[at])) for row in rows[:1000])]
        letter = get_column_letter(at + 1)
        sheet.column_dimensions[letter].width = min(max(widths) + 2, _WIDEST)
    # All before the first is written: a book left half-written complains when it is dropped.
    for row in [[_cell(sheet, value) for value in row] for row in [header, *rows]]:
        sheet.append(row)
    if about:
        told = book.create_sheet("about")
        for name, text in about.items():
            told.append([_cell(told, name), _cell(told, text)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell that stays what it is."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    if value is None or isinstance(value, date):
        return WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # a day is one as well
    if isinstance(value, float) and math.isfinite(value):
        return WriteOnlyCell(sheet, value)
    if isinstance(value, int) and abs(value) <= _EXACT:
        return WriteOnlyCell(sheet, value)
    if isinstance(value, Decimal) and value == Decimal(str(float(value))):
        return WriteOnlyCell(sheet, float(value))
    text = ILLEGAL_CHARACTERS_RE.sub("�", str(value))
    if len(text) > _LONGEST_CELL:
        raise UserError(
            f"a cell has {len(text):,} characters, and xlsx holds {_LONGEST_CELL:,} in one",
            "write csv, json or parquet",
        )
    cell = WriteOnlyCell(sheet, text)
    # Else what begins with '=' is a formula, and '#N/A' an error.
    cell.data_type = "s"
    cell.quotePrefix = formats.inert(text) != text
    return cell


def parquet(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return the rows as Parquet; decimal numbers become float, a column of several types text.

    Args:
        header: Names of the columns.
        rows: Cells as for `xlsx`.

    Raises:
        UserError: polars is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise UserError("polars is not installed", "pip install 'sarcoma-kg[polars]'") from error
    columns = {}
    for at, name in enumerate(header):
        cells = [float(c) if isinstance(c := row[at], Decimal) else c for row in rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        if len(kinds) > 1:
            cells = [None if cell is None else str(cell) for cell in cells]
        columns[name] = polars.Series(name, cells, None if kinds else polars.String, strict=False)
    buffer = io.BytesIO()
    polars.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()
