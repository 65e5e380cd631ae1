"""Comparing an answer with the CSV that stands beside its question."""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sarcoma_kg.stores.store import Solutions

Row = tuple[object, ...]
SEPARATOR = " | "


def cell(text: str) -> object:
    """Return a cell in comparable form: numbers by value, lists as sets."""
    if SEPARATOR in text:
        return frozenset(text.split(SEPARATOR))
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def read(path: Path) -> tuple[list[str], set[Row]]:
    """Return the key columns and the expected rows."""
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    found = {tuple(cell(c) for c in row) for row in rows}
    assert len(found) == len(rows), f"{path.name} lists a row twice"
    return header, found


def project(answer: Solutions, columns: list[str]) -> set[Row]:
    """Return the answer's rows over the key columns."""
    return {tuple(cell(row[c]) for c in columns) for row in answer.dicts()}
