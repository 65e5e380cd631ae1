"""What stands in one cell of a table, as a text, or as what cannot be one."""

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["LIST", "Faulty", "flat", "of_sheet", "plain"]

#: Stands between the members of a list that was one cell of JSON or Parquet.
LIST = "\x1f"


class Faulty(str):
    """A cell that is no text; it reads as what stands there, `why` says what is wrong."""

    __slots__ = ("why",)
    why: str

    def __new__(cls, shown: str, why: str) -> "Faulty":
        """Make a cell."""
        made = super().__new__(cls, shown)
        made.why = why
        return made


def plain(value: Any) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, list):
        if any(isinstance(part, list | dict) for part in value):
            return Faulty(json.dumps(value)[:200], "is a list of lists or objects")
        return LIST.join(map(plain, value))
    if isinstance(value, bytes):
        return Faulty(repr(value)[:200], "holds bytes, not a text")
    text = value.isoformat(" ") if hasattr(value, "hour") else str(value)
    return text.removesuffix(" 00:00:00")


def of_sheet(cell: Any) -> str:
    """Return a cell of a spreadsheet as a text; formulas and errors are none."""
    value = cell.value
    if cell.data_type == "f":
        return Faulty(str(value), "is a formula, not a value: save the sheet with its values")
    if cell.data_type == "e":
        return Faulty(str(value), "is an error of the spreadsheet")
    return plain(value)


def flat(one: dict[str, Any], before: str = "", deep: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the members of an object; those of objects in it as outer.inner."""
    for name, value in one.items():
        if isinstance(value, dict) and deep < 20:
            yield from flat(value, f"{before}{name}.", deep + 1)
        elif isinstance(value, dict):
            yield before + name, Faulty("{...}", "is nested too deep")
        else:
            yield before + name, plain(value)
