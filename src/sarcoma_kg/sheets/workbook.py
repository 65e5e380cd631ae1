"""A sheet as a file: TSV or CSV with a line of descriptions, or a workbook with drop-down lists."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import column_letter
from sarcoma_kg.sheets.kinds import Kind
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.terms.lookup import fold

__all__ = ["Field", "delimited", "fields", "xlsx"]

#: Rows below the last one that still have drop-down lists.
_SPARE = 500
_LONGEST_CELL, _LONGEST_PROMPT, _LONGEST_TITLE = 32_767, 255, 32
_WIDEST = 40


class Field(NamedTuple):
    """A column for people: its name, what to write, what may stand there, and how many."""

    name: str
    about: str
    options: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


def fields(kind: Kind, names: Names) -> list[Field]:
    """Return the columns of a kind, with what may stand in each."""
    found = []
    for column in kind.columns:
        options: Iterable[str] = column.choice
        if column.terms:
            options = names.of(column.terms)
        elif column.scheme:
            values = names.schemes[column.scheme].values()
            options = sorted((names.label(value) for value in values), key=fold)
        elif column.datatypes == ("boolean",):
            options = ("true", "false")
        many = column.many or bool(column.of)
        found.append(Field(column.name, column.about, tuple(options), many, column.required))
    return found


def delimited(columns: Sequence[Field], rows: Iterable[Sequence[str]], form: str) -> str:
    """Return a sheet as TSV or CSV; what begins like a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
    writer.writerow([column.name for column in columns])
    if any(column.about for column in columns):
        about = [column.about for column in columns]
        writer.writerow([f"# {about[0]}", *about[1:]])
    for row in rows:
        writer.writerow([formats.inert(cell.replace("\r\n", "\n")) for cell in row])
    return out.getvalue()


def xlsx(title: str, columns: Sequence[Field], rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook: the rows, what each column is for, and the lists of the drop-downs.

    Raises:
        UserError: openpyxl is not installed, or a cell is too long for a workbook.
    """
    try:
        import openpyxl
        from openpyxl.styles import Alignment, Font
    except ImportError as error:
        raise UserError("openpyxl is not installed", "pip install 'sarcoma-kg[xlsx]'") from error
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    for at, column in enumerate(columns, 1):
        _put(sheet.cell(1, at), column.name).font = Font(bold=True)
        longest = max([len(column.name), *(len(row[at - 1]) for row in rows[:200])])
        sheet.column_dimensions[column_letter(at)].width = min(longest + 2, _WIDEST)
    for number, row in enumerate(rows, 2):
        for at, text in enumerate(row, 1):
            if text:
                _put(sheet.cell(number, at), text)
    sheet.freeze_panes = "B2"
    told = book.create_sheet("columns")
    header = ("column", "what to write", "has to be filled", "several values, with | between")
    for at, text in enumerate(header, 1):
        _put(told.cell(1, at), text).font = Font(bold=True)
    for number, column in enumerate(columns, 2):
        marks = ["yes" if mark else "" for mark in (column.required, column.many)]
        for at, text in enumerate((column.name, column.about, *marks), 1):
            _put(told.cell(number, at), text).alignment = Alignment(
                wrap_text=at == 2, vertical="top"
            )
    for letter, width in zip("ABCD", (24, 90, 16, 28), strict=True):
        told.column_dimensions[letter].width = width
    _lists(book, sheet, columns, len(rows) + 1 + _SPARE)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _lists(book: Any, sheet: Any, columns: Sequence[Field], last: int) -> None:
    """Write the lists of what may stand in a column, and let its cells offer them."""
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = book.create_sheet("lists")
    places: dict[tuple[str, ...], str] = {}
    for at, column in enumerate(columns, 1):
        if column.options and column.options not in places:
            letter = column_letter(len(places) + 1)
            _put(lists.cell(1, len(places) + 1), column.name)
            for number, option in enumerate(column.options, 2):
                _put(lists.cell(number, len(places) + 1), option)
            end = len(column.options) + 1
            places[column.options] = f"lists!${letter}$2:${letter}${end}"
        offered = places.get(column.options) if column.options else None
        rule = DataValidation(
            type="list" if offered else None, formula1=offered, allow_blank=True,
            # Several values in one cell are none of the list.
            showErrorMessage=bool(offered) and not column.many,
            showInputMessage=True, promptTitle=column.name[:_LONGEST_TITLE],
            prompt=column.about[:_LONGEST_PROMPT],
        )  # fmt: skip
        rule.error = f"Take one of the list, or see the sheet 'columns': {column.name}"[:225]
        rule.add(f"{column_letter(at)}2:{column_letter(at)}{last}")
        sheet.add_data_validation(rule)


def _put(cell: Any, text: str) -> Any:
    """Write a text that stays one, whatever it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(text) > _LONGEST_CELL:
        raise UserError(
            f"a cell has {len(text):,} characters, and xlsx holds {_LONGEST_CELL:,} in one",
            "write tsv",
        )
    cell.value = ILLEGAL_CHARACTERS_RE.sub("�", text)
    cell.data_type = "s"
    if formats.inert(text) != text:
        cell.quotePrefix = True
    return cell
