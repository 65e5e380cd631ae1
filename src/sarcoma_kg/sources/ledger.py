"""What was not taken: by row, column, value, reason and nearest terms; and that the sums agree."""

import csv
import itertools
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from sarcoma_kg.ground.errors import UserError

__all__ = ["COLUMNS", "Entry", "Ledger"]

COLUMNS = ("row", "key", "column", "value", "reason", "nearest")
_LONGEST = 200
#: Bytes of entries that are held in memory.
_HELD = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Entry:
    """A reason why a row was not taken."""

    row: int
    key: str
    column: str
    value: str
    reason: str
    nearest: tuple[str, ...] = ()

    @property
    def cells(self) -> list[str]:
        """The entry as cells of `COLUMNS`; long values are cut."""
        value = self.value if len(self.value) <= _LONGEST else self.value[: _LONGEST - 1] + "…"
        return [str(self.row), self.key, self.column, value, self.reason, " | ".join(self.nearest)]


class Ledger:
    """The entries of a run, and how many rows were taken and listed.

    Attributes:
        taken: Rows that became a record.
        listed: Rows that did not.
        left: Slot -> values of records that were left out.
    """

    def __init__(self) -> None:
        self.taken = self.listed = 0
        self.left = Counter[str]()
        self._reasons = Counter[str]()
        # The entries may be as many as the rows: they are kept as the table that they become.
        self._table = cast(
            IO[str],
            tempfile.SpooledTemporaryFile(  # noqa: SIM115
                max_size=_HELD, mode="w+", encoding="utf-8", errors="surrogatepass", newline=""
            ),
        )
        weakref.finalize(self, self._table.close)
        self._writer = csv.writer(self._table, delimiter="\t", lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def list_row(self, entries: Sequence[Entry]) -> None:
        """Add a row that was not taken, with its reasons; rows come in their order."""
        self.listed += 1
        self._writer.writerows(entry.cells for entry in entries)
        first = entries[0]
        self._reasons[f"{first.column}: {first.reason}" if first.column else first.reason] += 1

    @property
    def entries(self) -> list[Entry]:
        """All entries, in the order of the rows."""
        return list(self)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries, in the order of the rows; long values are cut."""
        self._table.seek(0)
        yield from _entries(self._table)
        self._table.seek(0, 2)

    def balance(self, rows: int) -> None:
        """Hold the sums against the rows of the file, counted apart.

        Raises:
            UserError: a row is neither taken nor listed.
        """
        if self.taken + self.listed != rows:
            raise UserError(
                f"the file has {rows:,} rows; {self.taken:,} were taken and {self.listed:,} listed",
                "did somebody write to the file meanwhile? run it again",
            )

    def sums(self) -> dict[str, Any]:
        """Return the counts: rows, taken, listed, and the rows by their first reason."""
        reasons = sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))
        return {
            "rows": self.taken + self.listed,
            "taken": self.taken,
            "listed": self.listed,
            "reasons": dict(reasons),
            "values left out": dict(sorted(self.left.items())),
        }

    def write(self, path: Path) -> None:
        """Write the entries as a table, in the order of the rows."""
        self._table.seek(0)
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as out:
            shutil.copyfileobj(self._table, out)

    @classmethod
    def read(cls, path: Path, taken: int, left: dict[str, int]) -> "Ledger":
        """Return the ledger of a former run from the table that `write` wrote, and its sums.

        Raises:
            ValueError: the file holds something else.
        """
        made = cls()
        made.taken = taken
        made.left.update(left)
        with path.open(encoding="utf-8", errors="surrogatepass", newline="") as table:
            if next(csv.reader(table, delimiter="\t"), []) != list(COLUMNS):
                raise ValueError("another header")
            table.seek(0)
            for _, entries in itertools.groupby(_entries(table), lambda entry: entry.row):
                made.list_row(list(entries))
        return made


def _entries(table: IO[str]) -> Iterator[Entry]:
    rows = csv.reader(table, delimiter="\t")
    for row, key, column, value, reason, near in itertools.islice(rows, 1, None):
        yield Entry(int(row), key, column, value, reason, tuple(filter(None, near.split(" | "))))
