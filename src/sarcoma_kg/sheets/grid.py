"""The cells of a spreadsheet: remarks, header and rows, and which kind of sheet it is.

A row whose first cell begins with # is a remark. Those before the header may declare prefixes, as
a table of SSSOM does, and ranges of identifiers:

    #curie_map:
    #  lab: https://example.org/lab/
    #id_range: lab 1-999
"""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import SHEETS, Finding
from sarcoma_kg.reading import rows
from sarcoma_kg.reading.cells import Faulty
from sarcoma_kg.sheets.kinds import KINDS, kind

__all__ = ["ROBOT", "Grid", "Line", "is_sheet", "read"]

ROBOT = "ROBOT template"
_PREFIX = re.compile(r"#\s+(?P<prefix>[\w.-]+):\s+['\"]?(?P<base>[^\s'\"]+)['\"]?\s*")
_RANGE = re.compile(
    r"#\s*id_range:\s*(?P<prefix>[\w.-]+)\s+(?P<first>[0-9]+)\s*-\s*(?P<last>[0-9]+)"
)
_MOST_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number as a spreadsheet counts, and its cells."""

    number: int
    cells: list[str]

    def cell(self, at: int) -> str:
        """Return the cell of a column, by its number from 0, without space around."""
        value = self.cells[at] if at < len(self.cells) else ""
        return value if isinstance(value, Faulty) else value.strip()


@dataclass(slots=True)
class Grid:
    """The cells of a file.

    Attributes:
        path: The file.
        kind: One of `kinds.KINDS`, or `ROBOT`.
        header: Names of the columns; `top` is the number of their row.
        rows: What stands below, without remarks.
        prefixes: Prefixes of the file's own.
        ranges: Prefix -> first and last number of new identifiers.
        faults: What is wrong with cells, so far.
    """

    path: Path
    kind: str
    header: list[str]
    top: int
    rows: list[Line]
    prefixes: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def expand(self, text: str) -> str | None:
        """Return the IRI of a CURIE; the file's own prefixes go first, in just that spelling."""
        prefix, colon, local = text.partition(":")
        if colon and prefix in self.prefixes and local and not local.startswith("//"):
            return self.prefixes[prefix] + local
        return namespaces.expand(text) if colon and not local.startswith("//") else None

    def fault(
        self, row: int, at: int, rule: str, message: str, *, value: str = "", focus: str = "",
        path: str = "", severity: str = "violation",
    ) -> None:  # fmt: skip
        """Take down what is wrong with a cell, by its row and the number of its column from 0."""
        self.faults.append(
            Finding(
                severity, f"sheet: {rule}", focus or f"row {row}", path, value[:200], message,
                str(self.path), row, at + 1,
            )
        )  # fmt: skip


def _others(grid: Grid, table: rows.Table) -> None:
    """Take down which sheets of a workbook were not read."""
    # Those two explain a sheet that `template` began.
    others = [name for name in table.sheets()[1:] if name not in ("columns", "lists")]
    if others:
        said = f"Only the first sheet of the workbook was read, none of {', '.join(others)[:300]}."
        grid.fault(1, 0, "other sheets", said, severity="note")


def is_sheet(path: Path) -> bool:
    """Tell whether a file is a spreadsheet, by its suffix."""
    return path.suffix.lower() in SHEETS


def read(path: Path) -> Grid:
    """Return the cells of a file.

    Raises:
        UserError: it cannot be read, or is no sheet of a kind that is known.
    """
    remarks: list[str] = []
    lines: list[Line] = []
    held = 0
    for number, cells in rows.table(path).lines():
        first = cells[0].strip() if cells else ""
        held += len(cells)
        if held > _MOST_CELLS:
            raise UserError(f"{path}: more than {_MOST_CELLS:,} cells", "split it into several")
        if first.startswith("#") and not isinstance(cells[0], Faulty):
            remarks += [first] if not lines else []
        elif any(cells):
            lines.append(Line(number, cells))
    if not lines:
        raise UserError(f"{path}: the file is empty", "`sarcoma-kg template disease` begins one")
    header = [cell.strip() for cell in lines[0].cells]
    while header and not header[-1]:
        header.pop()
    known = _kind(path, header, lines)
    grid = Grid(path, known, header, lines[0].number, lines[1:])
    _others(grid, rows.table(path))
    for remark in remarks:
        if found := _PREFIX.fullmatch(remark):
            _declare(grid, found["prefix"], found["base"])
        elif found := _RANGE.fullmatch(remark):
            grid.ranges[found["prefix"]] = int(found["first"]), int(found["last"])
    return grid


def _declare(grid: Grid, prefix: str, base: str) -> None:
    ours = namespaces.PREFIXES.get(prefix)
    if ours is not None and ours != base:
        raise UserError(
            f"{grid.path}: curie_map: {prefix} stands for <{base}> here, and for <{ours}> in the "
            "graph",
            "take another prefix",
        )
    if not namespaces.is_iri(base):
        raise UserError(f"{grid.path}: curie_map: <{base}> is no address", "such as https://...")
    grid.prefixes[prefix] = base


def _kind(path: Path, header: list[str], lines: list[Line]) -> str:
    first = header[0].casefold() if header else ""
    below = [cell.strip() for cell in lines[1].cells] if len(lines) > 1 else []
    if "ID" in below or "LABEL" in below:
        return ROBOT
    for name in KINDS:
        if kind(name).columns[0].name == first:
            return name
    near = difflib.get_close_matches(first, [kind(n).columns[0].name for n in KINDS], 1)
    shown = header[0][:60] if header else ""
    raise UserError(
        f"{path}: is no sheet that is known: its first column is '{shown}'",
        (f"perhaps {near[0]}; " if near else "")
        + "`sarcoma-kg template KIND` begins a sheet; the second row of a ROBOT template has ID or "
        "LABEL; `sarcoma-kg ingest` reads any other table by a recipe",
    )
