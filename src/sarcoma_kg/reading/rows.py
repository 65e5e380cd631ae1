"""The rows of a table, one after another, whatever file holds them; nothing is read in whole.

A cell is a text; what cannot be one (a formula, a list in a list) is a `Faulty`, which lists the
row if somebody reads that column. Rows are numbered as a spreadsheet does: the header is row 1, and
in JSON the first element.
"""

import codecs
import csv
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from sarcoma_kg.ground import work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import elements
from sarcoma_kg.reading.cells import Faulty, flat, of_sheet, plain

__all__ = ["Row", "Table", "table"]

_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".xlsx": "xlsx", ".json": "json",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
}  # fmt: skip
_LONGEST_CELL = 16 * 1024**2
_BATCH = 20_000
_CHUNK = 1 << 20
_MOST_UNPACKED = 2 * 1024**3
_DAMAGED = (EOFError, OSError, zlib.error)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number and its cells by column; `fault` where the row as a whole is bad."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as a table.

    Attributes:
        path: The file.
        form: csv, tsv, xlsx, json, jsonl or parquet.
        encoding: Of a text file; a byte order mark goes before it.
        quotes: Whether double quotes enclose cells of CSV and TSV.
        sheet: Name of the sheet; the first one when empty.
        rows: Where in a JSON document the rows are, as data.records.
    """

    path: Path
    form: str
    encoding: str = "utf-8"
    quotes: bool = True
    sheet: str = ""
    rows: str = ""

    def header(self) -> list[str]:
        """Return the columns; of JSON those of the first hundred rows.

        Raises:
            UserError: as `read`.
        """
        if self.form in ("json", "jsonl"):
            first = itertools.islice(self.read(), 100)
            return list(dict.fromkeys(name for row in first for name in row.cells))
        if self.form == "parquet":
            with ExitStack() as stack:
                path = self._unpacked(stack)
                with self._damage("Parquet"):
                    return list(_polars().scan_parquet(path).collect_schema().names())
        with ExitStack() as stack:
            lines = self._sheet(stack) if self.form == "xlsx" else self._delimited(stack)
            return [str(cell).strip() for cell in next(lines, (1, []))[1]]

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield number and cells of every line of CSV, TSV or XLSX, the header among them.

        Raises:
            UserError: as `read`.
        """
        with ExitStack() as stack:
            yield from self._sheet(stack) if self.form == "xlsx" else self._delimited(stack)

    def read(self) -> Iterator[Row]:
        """Yield the rows.

        Raises:
            UserError: the file is missing, empty, damaged, of another encoding or another format.
        """
        with ExitStack() as stack:
            if self.form in ("json", "jsonl"):
                yield from self._json(stack)
            elif self.form == "parquet":
                yield from self._parquet(stack)
            else:
                lines = self._sheet(stack) if self.form == "xlsx" else self._delimited(stack)
                yield from self._named(lines)

    def column(self, name: str) -> Iterator[str]:
        """Yield the cell of each row in one column; '' where it has none.

        Raises:
            UserError: as `read`.
        """
        if self.form not in ("csv", "tsv", "xlsx"):
            yield from (row.cells.get(name, "") for row in self.read())
            return
        lines = self.lines()
        _, first = next(lines, (0, []))
        at = [str(cell).strip() for cell in first].index(name)
        for _, cells in lines:
            if any(cells):
                yield cells[at] if at < len(cells) else ""

    def fail(self, where: str, message: str, hint: str = "") -> UserError:
        """Return the error for a place of the file."""
        return UserError(f"{self.path}: {where}{': ' if where else ''}{message}", hint)

    def empty(self) -> UserError:
        """Return the error for a file, or a sheet of several, without a header."""
        hint = "it needs a row of column names, and rows"
        if others := self.sheets()[1:]:
            what = f"the sheet '{self.sheets()[0]}' is empty"
            return self.fail("", what, f"name another in the recipe: {', '.join(others)}")
        return self.fail("", "the file is empty", hint)

    def sheets(self) -> list[str]:
        """Return the sheets of a workbook, the one that is read first; of other files nothing.

        Raises:
            UserError: as `read`.
        """
        if self.form != "xlsx":
            return []
        with ExitStack() as stack:
            book = self._book(stack)
            names = [sheet.title for sheet in book.worksheets]
        mine = self.sheet or names[0]
        return [mine, *(name for name in names if name != mine)]

    def _named(self, lines: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
        _, first = next(lines, (0, []))
        header = [str(cell).strip() for cell in first]
        if not any(header):
            raise self.empty()
        width = len(header)
        while width and not header[width - 1]:
            width -= 1
        names = header[:width]
        for number, cells in lines:
            if not any(cells):
                continue
            short = len(cells) - width
            if short < 0 and self.form == "xlsx":
                cells, short = cells + [""] * -short, 0  # a sheet keeps no empty cells at the end
            fault = ""
            if short and (short < 0 or any(cells[width:])):
                fault = f"the row has {len(cells)} cells, and the header {width} columns"
                cells = (cells + [""] * -short)[:width]
            yield Row(number, dict(zip(names, cells, strict=False)), fault)

    def _open(self, stack: ExitStack) -> IO[bytes]:
        if not self.path.exists():
            raise UserError(f"{self.path}: no such file", "check the path")
        if not self.path.is_file():
            raise UserError(f"{self.path}: is no ordinary file", "save it as a file first")
        if self.path.suffix.lower() == ".gz":
            return cast(IO[bytes], stack.enter_context(gzip.open(self.path, "rb")))
        return stack.enter_context(self.path.open("rb"))

    def _text(self, stack: ExitStack) -> io.TextIOWrapper:
        raw = io.BufferedReader(cast(io.RawIOBase, self._open(stack)))
        try:
            head = raw.peek(4)[:4]
        except _DAMAGED as error:
            raise self.fail("", f"cannot be read: {error}", "is the file whole?") from error
        encoding = self.encoding
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):  # fmt: skip
            if head.startswith(mark):
                encoding = name
        if head.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0")):
            raise self.fail(
                "", f"is no {self.form}: it begins as a spreadsheet, an archive or Parquet does",
                "give it the suffix of what it is, or say `format` in the recipe",
            )  # fmt: skip
        return stack.enter_context(io.TextIOWrapper(raw, encoding=encoding, newline=""))

    def _guarded(self, lines: Iterator[Any], text: io.TextIOWrapper) -> Iterator[Any]:
        """Turn what goes wrong while a text is read into a message."""
        number = 0
        while True:
            try:
                one = next(lines, None)
            except UnicodeDecodeError as error:
                raise self.fail(
                    f"after row {number}",
                    f"not {text.encoding} text (byte 0x{error.object[error.start]:02x})",
                    "save it as UTF-8, or name its encoding: table: {encoding: cp1252}",
                ) from error
            except csv.Error as error:
                raise self.fail(
                    f"after row {number}", str(error),
                    "quotes enclose whole cells; `quotes: none` in the recipe reads them as text",
                ) from error  # fmt: skip
            except _DAMAGED as error:
                raise self.fail(
                    f"after row {number}", f"cannot be read: {error}", "is the file whole?"
                ) from error
            if one is None:
                return
            number += 1
            yield one

    def _delimited(self, stack: ExitStack) -> Iterator[tuple[int, list[str]]]:
        text = self._text(stack)
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.reader(
            text,
            delimiter="\t" if self.form == "tsv" else ",",
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
            strict=self.quotes,
        )
        for number, cells in enumerate(self._guarded(reader, text), 1):
            if number == 1 and len(cells) == 1 and (other := _other(cells[0], self.form)):
                raise self.fail(
                    "row 1", f"one column only, and {other} in its name: is this {self.form}?",
                    f"save it as .xlsx, or as {self.form} with "
                    f"{'tabs' if self.form == 'tsv' else 'commas'} between its cells",
                )  # fmt: skip
            if "\0" in "".join(cells):
                cells = [Faulty(c, "holds a NUL character") if "\0" in c else c for c in cells]
            yield number, cells

    @contextmanager
    def _damage(self, what: str) -> Iterator[None]:
        """Turn what the reader of a format says of a damaged file into a message."""
        try:
            yield
        except (UserError, MemoryError, GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of an engine in Rust is no Exception
            raise self.fail("", f"cannot be read as {what}", "open it and save it again") from error

    def _unpacked(self, stack: ExitStack) -> Path:
        """Return the file itself, or where it is gzip its content as a file."""
        packed = self._open(stack)
        if self.path.suffix.lower() != ".gz":
            return self.path
        beside = stack.enter_context(work.passing()) / f"unpacked.{self.form}"
        size = 0
        with beside.open("wb") as out:
            try:
                while part := packed.read(_CHUNK):
                    size += len(part)
                    if size > _MOST_UNPACKED:
                        raise self.fail("", f"more than {_MOST_UNPACKED:,} bytes when unpacked")
                    out.write(part)
            except _DAMAGED as error:
                raise self.fail("", f"cannot be unpacked: {error}", "is it whole?") from error
        return beside

    def _sheet(self, stack: ExitStack) -> Iterator[tuple[int, list[str]]]:
        book = self._book(stack)
        with self._damage("XLSX"):
            sheet = book[self.sheet] if self.sheet else book.worksheets[0]
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(), 1):
                yield number, [of_sheet(cell) for cell in cells]

    def _book(self, stack: ExitStack) -> Any:
        import warnings
        import zipfile

        try:
            import openpyxl
        except ImportError as error:
            raise UserError(
                "openpyxl is not installed", "pip install 'sarcoma-kg[xlsx]'"
            ) from error
        path = self._unpacked(stack)
        with self._damage("XLSX"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > _MOST_UNPACKED:
                raise self.fail("", f"{unpacked:,} bytes when unpacked, too many", "save it as CSV")
            book = openpyxl.load_workbook(path, read_only=True)
        stack.callback(book.close)
        if self.sheet and self.sheet not in book.sheetnames:
            known = ", ".join(book.sheetnames)
            raise self.fail("", f"has no sheet '{self.sheet}'", f"its sheets: {known}")
        return book

    def _json(self, stack: ExitStack) -> Iterator[Row]:
        text = self._text(stack)
        parts = self._lines(text) if self.form == "jsonl" else self._elements(text)
        empty = True
        for number, one in parts:
            empty = False
            if not isinstance(one, dict):
                yield Row(number, {}, "is no object with a value for each column")
            else:
                yield Row(number, dict(flat(one)))
        if empty:
            raise self.fail("", "the file is empty", "it needs a list of objects")

    def _lines(self, text: io.TextIOWrapper) -> Iterator[tuple[int, Any]]:
        for number, line in enumerate(self._guarded(iter(text), text), 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise self.fail(f"line {number}", f"no JSON: {error}") from error

    def _elements(self, text: io.TextIOWrapper) -> Iterator[tuple[int, Any]]:
        """Yield the members of a list, decoded one by one."""
        if self.rows:
            return enumerate(self._inside(text), 1)
        chunks = self._guarded(iter(lambda: text.read(_CHUNK) or None, None), text)
        return elements.members(chunks, self.fail)

    def _inside(self, text: io.TextIOWrapper) -> list[Any]:
        try:
            found = json.loads(text.read())
        except (ValueError, RecursionError) as error:
            raise self.fail("", f"no JSON: {error}") from error
        for name in self.rows.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, list):
            raise self.fail("", f"there is no list at '{self.rows}'", "see `rows` in the recipe")
        return found

    def _parquet(self, stack: ExitStack) -> Iterator[Row]:
        polars = _polars()
        path = self._unpacked(stack)
        with self._damage("Parquet"):
            frame = polars.scan_parquet(path)
            names = frame.collect_schema().names()
            start = 0
            while len(part := frame.slice(start, _BATCH).collect()):
                for number, cells in enumerate(part.iter_rows(), start + 2):
                    yield Row(number, dict(zip(names, map(plain, cells), strict=True)))
                start += len(part)
        if not start:
            raise self.fail("", "the file has no rows")


def _polars() -> Any:
    try:
        import polars
    except ImportError as error:
        raise UserError("polars is not installed", "pip install 'sarcoma-kg[polars]'") from error
    return polars


def table(path: Path, form: str = "", **options: Any) -> Table:
    """Return a file as a table; its suffix names the format where the recipe does not.

    Raises:
        UserError: the suffix is of no format.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = suffixes[-2:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:]
    known = form or _SUFFIXES.get(last[0] if last else "", "")
    if not known:
        raise UserError(
            f"{path}: its suffix names no format",
            f"one of {' '.join(_SUFFIXES)}, with .gz or without; or `format` in the recipe",
        )
    return Table(path, known, **options)


def _other(header: str, form: str) -> str:
    """Return the separator of another format that a header of one column holds."""
    marks = {"\t": "tabs", ";": "semicolons", ",": "commas"}
    marks.pop("\t" if form == "tsv" else ",")
    return next((word for mark, word in marks.items() if mark in header), "")
