"""One value of a cell: from text to a term of RDF, and back."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sheets.kinds import Column
from sarcoma_kg.sheets.names import ANY, Names
from sarcoma_kg.terms.lookup import fold

__all__ = [
    "BadCell",
    "Lookup",
    "Value",
    "iri",
    "join",
    "parse",
    "same",
    "shown",
    "split",
    "unmarked",
]

Value = ox.NamedNode | ox.Literal
_XSD = namespaces.PREFIXES["xsd"]
_MARKED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_YEARS = {"gYear": r"[0-9]{4}", "gYearMonth": r"[0-9]{4}-(?:0[1-9]|1[0-2])"}
_NUMBERS = {"integer": r"[+-]?[0-9]+", "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"}
_TWO_DAYS = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}")
_FORMS = {"date": "a day as YYYY-MM-DD", "gYear": "a year", "gYearMonth": "a month as YYYY-MM",
          "integer": "a whole number", "decimal": "a number with a point, such as 0.95",
          "boolean": "true or false"}  # fmt: skip
#: How a message begins that speaks of the value.
_OF_THE_VALUE = ("is ", "has ", "may ", "holds ", "stands ", "can ", "mixes ")


class BadCell(Exception):  # noqa: N818
    """A cell that cannot be taken: the rule it breaks, what is wrong, and what to do."""

    def __init__(self, rule: str, message: str, value: str = "") -> None:
        super().__init__(message)
        self.rule, self.message, self.value = rule, message, value

    @property
    def told(self) -> str:
        """What is wrong, with the value where the message speaks of it."""
        of_it = self.value and self.message.startswith(_OF_THE_VALUE)
        return f"'{self.value[:80]}' {self.message}" if of_it else self.message


class Lookup(NamedTuple):
    """What a cell is read with: names of terms, and how a CURIE becomes an IRI."""

    names: Names
    expand: Callable[[str], str | None]


def unmarked(text: str) -> str:
    """Return a cell without the apostrophe that keeps it a text."""
    return text[1:] if _MARKED.match(text) else text


def split(text: str, *, keep: bool = False) -> list[str]:
    r"""Return the values of a cell: | stands between, \| is one; empty ones are kept if asked."""
    parts, one = [], ""
    held = iter(text)
    for character in held:
        if character == "\\":
            following = next(held, "")
            one += following if following in ("|", "\\") else character + following
        elif character == "|":
            parts.append(one)
            one = ""
        else:
            one += character
    parts = [part.strip() for part in [*parts, one]]
    return parts if keep else [part for part in parts if part]


def join(values: list[str]) -> str:
    """Return values as one cell."""
    return " | ".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)


def iri(text: str, expand: Callable[[str], str | None]) -> str:
    """Return the IRI of an identifier or address.

    Raises:
        BadCell: it is none.
    """
    found = expand(text)
    written = text if "://" in text or text.startswith("urn:") else found
    if written is None or not namespaces.is_iri(written) or not written.isprintable():
        what = "has a prefix that is not known" if ":" in text else "is no identifier or address"
        raise BadCell(
            "bad IRI",
            f"{what}. Write prefix:name, an address, or declare the prefix: #prefix",
            text,
        )
    try:
        return ox.NamedNode(written).value
    except ValueError:
        raise BadCell("bad IRI", "is no identifier or address. Correct it.", text) from None


def shown(value: Value, column: Column, names: Names) -> str:
    """Return a value as it stands in a cell, stripped."""
    if isinstance(value, ox.Literal):
        return value.value.strip()
    if column.scheme and value.value in names.labels:
        label = names.labels[value.value]
        if names.schemes[column.scheme].get(fold(label)) == value.value:
            return label
    label = names.labels.get(value.value, "") if column.terms else ""
    if label and names.find(label, column.terms) == [value.value]:
        return label
    return namespaces.contract(value.value)


def same(one: Value, other: Value) -> bool:
    """Tell whether two values are equal, numbers by what they are worth."""
    if one == other:
        return True
    if isinstance(one, ox.Literal) and isinstance(other, ox.Literal):
        numbers = {_XSD + name for name in _NUMBERS}
        if one.datatype == other.datatype and one.datatype.value in numbers:
            try:
                return Decimal(one.value) == Decimal(other.value)
            except InvalidOperation:
                return False
    return False


def parse(text: str, column: Column, lookup: Lookup) -> Value:
    """Return the value that a text means in a column.

    Raises:
        BadCell: it means none.
    """
    if "�" in text:
        raise BadCell("encoding", "holds � where a letter was: save the sheet as UTF-8.", text)
    if not text.isprintable() and any(not (c.isprintable() or c in "\n\t ") for c in text):
        raise BadCell("encoding", "holds a control character. Type the cell anew.", text)
    if column.choice:
        return _chosen(text, column, lookup)
    if column.terms:
        return ox.NamedNode(_term(text, column, lookup))
    if column.scheme:
        return ox.NamedNode(_listed(text, column, lookup))
    if column.iri:
        return ox.NamedNode(iri(text, lookup.expand))
    if column.datatypes:
        return _typed(text, column)
    return ox.Literal(text, language=column.text) if column.text else ox.Literal(text)


def _chosen(text: str, column: Column, lookup: Lookup) -> Value:
    if text not in column.choice:
        raise BadCell("not in the list", f"is none of {', '.join(column.choice)}.", text)
    if column.text is not None:
        return ox.Literal(text)
    return ox.NamedNode(iri(text, lookup.expand))


def _term(text: str, column: Column, lookup: Lookup) -> str:
    names = lookup.names
    wanted = " or ".join(names.label(one).rpartition("/")[2] for one in column.terms)
    found = names.find(text, column.terms)
    if len(found) > 1:
        several = ", ".join(map(namespaces.contract, found))
        raise BadCell("ambiguous term", f"may be {several}. Write one of them.", text)
    if not found:
        written = lookup.expand(text) or (text if "://" in text else "")
        known = written in names.labels or written in names.classes
        others = [written] if known else names.find(text, (ANY,))
        if not others:
            near = "; ".join(names.near(text, column.terms))
            perhaps = f" Perhaps: {near}." if near else " `sarcoma-kg search WORDS` finds terms."
            raise BadCell("unknown term", f"is the name of no {wanted}.{perhaps}", text)
        found = others[:1]
    if found[0] in names.retired and not column.retired:
        instead = names.retired[found[0]]
        use = f" Use {names.label(instead)}." if instead else ""
        raise BadCell("retired term", f"is retired.{use}", text)
    if not names.below(found[0], column.terms):
        kinds = ", ".join(sorted(map(names.label, names.parents[found[0]]))) or "no class"
        raise BadCell("wrong kind", f"is no {wanted}: {names.label(found[0])} is {kinds}.", text)
    return found[0]


def _listed(text: str, column: Column, lookup: Lookup) -> str:
    known = lookup.names.schemes[column.scheme]
    if found := known.get(fold(text)):
        return found
    if (written := lookup.expand(text)) in known.values():
        return str(written)
    labels = ", ".join(sorted(lookup.names.label(one) for one in known.values()))
    raise BadCell("not in the list", f"is none of {labels}.", text)


def _typed(text: str, column: Column) -> ox.Literal:
    for name in column.datatypes:
        if (form := _form(text, name)) is not None:
            if name in _NUMBERS:
                _within(text, column)
            return ox.Literal(form, datatype=ox.NamedNode(_XSD + name))
    wanted = ", or ".join(_FORMS[name] for name in column.datatypes)
    if "date" in column.datatypes:
        two = "can be read in two ways" if _TWO_DAYS.fullmatch(text) else "is no day"
        raise BadCell("bad date", f"{two}. Write {wanted}.", text)
    raise BadCell("bad value", f"is not {wanted}.", text)


def _form(text: str, name: str) -> str | None:
    """Return the lexical form of a text as a datatype; None where it is none of its values."""
    if name == "boolean":
        folded = text.casefold()
        return folded if folded in ("true", "false") else None
    if name == "date":
        try:
            ok = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text)
        except ValueError:
            ok = None
        return text if ok else None
    return text if re.fullmatch({**_YEARS, **_NUMBERS}[name], text, re.ASCII) else None


def _within(text: str, column: Column) -> None:
    number = float(text)
    if (column.least is not None and number < column.least) or (
        column.most is not None and number > column.most
    ):
        most = f" to {column.most}" if column.most is not None else " upwards"
        raise BadCell("bad value", f"is not from {column.least}{most}.", text)
