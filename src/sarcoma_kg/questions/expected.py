"""The answer that curators wrote down beside a question, and what another answer has instead."""

import csv
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.stores.store import Solutions

__all__ = ["Difference", "Expected"]

Rows = list[list[str]]


class Difference(NamedTuple):
    """What an answer lacks, and what it has beyond what curators wrote down."""

    missing: Rows
    more: Rows


class Expected(NamedTuple):
    """What curators wrote down: the columns that they looked at, and the rows."""

    columns: list[str]
    rows: Rows

    @classmethod
    def read(cls, path: Path) -> "Expected":
        """Read the CSV beside a question; without one nothing is expected.

        Raises:
            OSError: it cannot be read.
        """
        if not path.is_file():
            return cls([], [])
        with path.open(encoding="utf-8", newline="") as content:
            rows = list(csv.reader(content))
        return cls(rows[0], rows[1:]) if rows else cls([], [])

    def difference(self, answer: Solutions) -> Difference:
        """Return where an answer differs in the columns that curators looked at.

        Numbers are compared by value, the order of rows and of values in a cell does not count. A
        column that the answer lacks counts as empty. Where nothing is expected nothing differs.
        """
        if not self.columns:
            return Difference([], [])
        given = [[row.get(name, "") for name in self.columns] for row in answer.dicts()]
        held, known = {_key(row) for row in given}, {_key(row) for row in self.rows}
        return Difference(
            [row for row in self.rows if _key(row) not in held],
            [row for row in given if _key(row) not in known],
        )


def _key(row: Sequence[str]) -> tuple[object, ...]:
    return tuple(_value(cell) for cell in row)


def _value(cell: str) -> object:
    if JOINT in cell:
        return frozenset(cell.split(JOINT))
    try:
        return Decimal(cell)
    except InvalidOperation:
        return cell
