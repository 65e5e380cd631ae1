"""A cell as a number, a day or a text; what can be read in two ways is not chosen."""

import re
from datetime import date

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["day", "lexical", "text"]

_XSD = namespaces.PREFIXES["xsd"]
_SIGN = r"[+-]?[0-9]+"
_FORMS = {
    "decimal": re.compile(rf"{_SIGN}(\.[0-9]+)?"),
    "integer": re.compile(_SIGN),
    "gYear": re.compile(r"[0-9]{4}"),
    "gYearMonth": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"),
    "boolean": re.compile("true|false", re.IGNORECASE),
}
_TWO_READINGS = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]{3})+|[+-]?[0-9]+,[0-9]+")
_TWO_DAYS = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}")


def text(value: str, language: str = "") -> str:
    """Return a text as N-Triples."""
    return str(ox.Literal(value, language=language) if language else ox.Literal(value))


def day(version: str) -> str:
    """Return a day, month or year of the form YYYY-MM-DD, YYYY-MM or YYYY as N-Triples."""
    kind = {4: "gYear", 7: "gYearMonth"}.get(len(version), "date")
    return f'"{version}"^^<{_XSD}{kind}>'


def lexical(value: str, kind: str, mark: str = "") -> str:
    """Return a cell as N-Triples.

    Args:
        value: The cell.
        kind: A name of XML Schema: decimal, integer, date, gYearMonth, gYear or boolean.
        mark: The decimal mark of numbers, where it is known.

    Raises:
        ValueError: why it is not read.
    """
    if kind in ("decimal", "integer"):
        if not mark and _TWO_READINGS.fullmatch(value):
            raise ValueError("can be read in two ways: name the `decimal-mark` in the recipe")
        if mark:
            other = "," if mark == "." else "."
            grouped = re.fullmatch(rf"{_SIGN}(\{other}[0-9]{{3}})*(\{mark}[0-9]+)?", value)
            plain = value.replace(other, "") if grouped else value
            value = plain.replace(mark, ".")
    if kind == "date" and not _is_day(value):
        two = _TWO_DAYS.fullmatch(value)
        reason = "can be read in two ways" if two else "is no day of the calendar"
        raise ValueError(f"{reason}: YYYY-MM-DD is read")
    form = _FORMS.get(kind)
    if form and not form.fullmatch(value):
        raise ValueError(f"is no {kind}")
    value = value.lower() if kind == "boolean" else value
    return f'"{value}"^^<{_XSD}{kind}>'


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value)) and value[4:5] == value[7:8] == "-"
    except ValueError:
        return False
