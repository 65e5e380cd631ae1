"""What was not taken: by row, column, value, reason and nearest terms; and that the sums agree."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sarcoma_kg.ground.errors import UserError

__all__ = ["COLUMNS", "Entry", "Ledger"]

COLUMNS = ("row", "key", "column", "value", "reason", "nearest")
_LONGEST = 200


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


@dataclass(slots=True)
class Ledger:
    """The entries of a run, and how many rows were taken and listed."""

    taken: int = 0
    listed: int = 0
    entries: list[Entry] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    def list_row(self, entries: Sequence[Entry]) -> None:
        """Add a row that was not taken, with its reasons."""
        self.listed += 1
        self.entries += entries

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
        first: dict[int, Entry] = {}
        for entry in self.entries:
            first.setdefault(entry.row, entry)
        reasons = Counter(
            f"{e.column}: {e.reason}" if e.column else e.reason for e in first.values()
        )
        return {
            "rows": self.taken + self.listed,
            "taken": self.taken,
            "listed": self.listed,
            "reasons": dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
            "values left out": dict(sorted(self.left.items())),
        }

    def tsv(self) -> str:
        """Return the entries as a table, in the order of the rows."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(entry.cells for entry in sorted(self.entries, key=lambda e: e.row))
        return out.getvalue()

    @staticmethod
    def read(text: str) -> list[Entry]:
        """Return the entries of a table that `tsv` wrote."""
        rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
        return [
            Entry(int(row), key, column, value, reason, tuple(filter(None, near.split(" | "))))
            for row, key, column, value, reason, near in itertools.islice(rows, 1, None)
        ]
