"""Which thing each row of a sheet is of: its identifier, and what is wrong with that."""

import difflib
import re

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import column_letter
from sarcoma_kg.reading.cells import Faulty
from sarcoma_kg.reading.sssom import Mapping
from sarcoma_kg.sheets import content, values
from sarcoma_kg.sheets.grid import Grid, Line
from sarcoma_kg.sheets.kinds import Column, kind
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.sheets.values import BadCell, Lookup

__all__ = ["Things", "text_of"]

_LABEL = namespaces.PREFIXES["rdfs"] + "label"
_ERRORS = re.compile(r"#(?:REF|N/A|VALUE|NAME\?|DIV/0|NULL|NUM)!?|Err:[0-9]+")
_NUMBERED = re.compile(r"[A-Za-z_]*?0*([0-9]+)")


def text_of(line: Line, at: int) -> str:
    """Return a cell, by the number of its column from 0.

    Raises:
        BadCell: it is a formula, or an error of the spreadsheet.
    """
    cell = line.cell(at)
    if isinstance(cell, Faulty):
        rule = "formula cell" if "formula" in cell.why else "error cell"
        raise BadCell(rule, f"{cell.why}.", str(cell))
    if _ERRORS.fullmatch(cell):
        raise BadCell("error cell", "is an error of the spreadsheet. Mend its formula.", cell)
    return cell


class Things:
    """The rows of a sheet by the things that they are of.

    Attributes:
        grid: The sheet.
        kind: Its kind.
        names: Names of terms, with those that the sheet makes.
        where: IRI -> packaged file, for all things of the kind that ship.
        columns: Name of a column that the sheet has -> its number from 0.
        lines: IRI -> row.
        made: IRI of a new thing -> number of its row.
        places: (thing, property), as CURIEs, -> row and column; (thing, '') for its row.
    """

    def __init__(self, sheet: Grid, names: Names) -> None:
        self.grid, self.names, self.kind = sheet, names, kind(sheet.kind)
        self.lookup = Lookup(names, sheet.expand)
        self.where = content.rows_of(self.kind, content.names())
        self.columns = self._columns()
        self.lines: dict[str, Line] = {}
        self.made: dict[str, int] = {}
        self.places: dict[tuple[str, str], tuple[int, int]] = {}

    def _columns(self) -> dict[str, int]:
        """Return the columns of the kind that the sheet has, by name: their numbers from 0."""
        known = {column.name for column in self.kind.columns}
        found: dict[str, int] = {}
        for at, name in enumerate(self.grid.header):
            if name in found:
                self._header(at, "column twice", f"column '{name}' stands there twice. Remove one.")
            elif name in known:
                found[name] = at
            elif name:
                near = difflib.get_close_matches(name, known, 1)
                perhaps = f" Perhaps {near[0]}." if near else ""
                known_ = ", ".join(c.name for c in self.kind.columns)
                said = f"'{name[:80]}' is no column of a sheet of kind {self.kind.name}.{perhaps}"
                self._header(at, "unknown column", f"{said} Its columns: {known_}.", name)
            elif any(line.cell(at) for line in self.grid.rows):
                self._header(at, "column without name", "the column has cells and no name.")
        for column in self.kind.columns:
            if column.key and column.name not in found and column.required:
                said = f"there is no column '{column.name}', which tells a row from others."
                self._header(0, "missing column", said)
        return found

    def _header(self, at: int, rule: str, message: str, value: str = "") -> None:
        self.grid.fault(self.grid.top, at, rule, message, value=value)

    def bad(
        self, line: Line, at: int, why: BadCell, iri: str = "", column: Column | None = None
    ) -> None:
        """Take down what is wrong with a cell."""
        path = namespaces.contract(column.some or column.slot) if column else ""
        self.grid.fault(
            line.number, at, why.rule, why.told, value=why.value,
            focus=namespaces.contract(iri) if iri else "", path=path,
        )  # fmt: skip

    def identify(self) -> None:
        """Give each row its thing, and make the new ones known by name."""
        for line in self.grid.rows:
            if len(line.cells) > len(self.grid.header) and any(
                cell.strip() for cell in line.cells[len(self.grid.header) :]
            ):
                at = len(self.grid.header)
                last = column_letter(at)
                self.grid.fault(
                    line.number, at, "cell outside",
                    f"the header ends at column {last}. Name the column, or empty the cell.",
                )  # fmt: skip
            try:
                iri = self._identity(line)
            except BadCell as why:
                self.bad(line, 0, why)
                continue
            if iri in self.lines:
                first = self.lines[iri].number
                again = f"stands in row {first} already. A thing has one row."
                self.bad(line, 0, BadCell("duplicate ID", again, namespaces.contract(iri)), iri)
                continue
            self.lines[iri] = line
            focus = namespaces.contract(iri)
            self.places[focus, ""] = line.number, 1
            for column in self.kind.columns:
                if column.name in self.columns:
                    path = namespaces.contract(column.some or column.slot)
                    self.places.setdefault(
                        (focus, path), (line.number, self.columns[column.name] + 1)
                    )
            if iri not in self.where:
                self.made[iri] = line.number
                self._introduce(iri, line)

    def _identity(self, line: Line) -> str:
        first = self.kind.columns[0]
        if not first.id:
            return self._computed(line)
        text = text_of(line, 0)
        if not text:
            raise BadCell("missing ID", f"the row has no identifier.{self._next()}")
        iri = values.iri(text, self.grid.expand)
        if iri in self.where:
            return iri
        if iri in content.names().labels or iri in content.names().classes:
            label = self.names.label(iri)
            above = ", ".join(sorted(self.names.label(p) for p in self.names.parents[iri]))
            raise BadCell(
                "ID of another kind",
                f"is {label}{f' ({above})' if above else ''}: no {self.kind.name} of this sheet.",
                text,
            )
        prefix, _, local = text.partition(":")
        if span := self.grid.ranges.get(prefix):
            number = _NUMBERED.fullmatch(local)
            if not number or not span[0] <= int(number[1]) <= span[1]:
                raise BadCell(
                    "ID out of range", f"is not from {span[0]} to {span[1]}.{self._next()}", text
                )
        return iri

    def _next(self) -> str:
        """Return what to write for a new identifier, where the sheet has a range."""
        for prefix, (first, last) in self.grid.ranges.items():
            taken = set()
            for line in self.grid.rows:
                given, _, local = line.cell(0).partition(":")
                if given == prefix and (number := _NUMBERED.fullmatch(local)):
                    taken.add(int(number[1]))
            free = next((n for n in range(first, last + 1) if n not in taken), None)
            return f" The next that is free is {prefix}:{free:07d}." if free else " None is free."
        return " Write one; docs/spreadsheets.md says which."

    def _computed(self, line: Line) -> str:
        """Return the IRI of a mapping, which is what it says."""
        parts = {}
        for column in self.kind.columns:
            if not column.key:
                continue
            at = self.columns.get(column.name)
            text = text_of(line, at) if at is not None else ""
            if not text and column.required:
                raise BadCell("missing value", f"the row has no {column.name}.")
            if column.text is not None:
                parts[column.name] = text
            else:
                parts[column.name] = values.iri(text, self.grid.expand)
        return Mapping(
            parts["subject_id"], parts["predicate_id"], parts["object_id"], "", "", "",
            parts.get("predicate_modifier", "").casefold() == "not", "",
        ).iri  # fmt: skip

    def _introduce(self, iri: str, line: Line) -> None:
        for column in self.kind.columns:
            if column.slot == _LABEL and column.name in self.columns:
                label = line.cell(self.columns[column.name])
                if label and not isinstance(label, Faulty):
                    self.names.call(iri, label, label=True)
        if self.kind.root:
            self.names.classes.add(iri)
            self.names.parents[iri].add(self.kind.root)
