"""SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/), row by row.

Engines add members of their own anywhere, give blank nodes labels of any form, leave language tags
empty or write them with an underscore, and bind variables that their head does not name. Oxigraph's
parser takes none of that. This one does, in the same time, holds no more than one row, and takes
nothing but the end of the document for its end.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Row

__all__ = ["Results"]

_PIECE = 65_536
#: Characters of a row, or of anything else that is read at once: in all, and beside its texts, of
#: which a list of empty lists makes thirty times as many bytes.
_LONGEST, _LONGEST_FRAME = 16 * 1024**2, 1024**2
#: Characters of rows that come before the names of their variables.
_LONGEST_EARLY = 4 * 1024**2
_TEXT = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
_LABEL = re.compile(r"[A-Za-z0-9]+")
_HALF = re.compile(r"[\ud800-\udfff]")  # half of a pair stands for no character
_XSD, _RDF = namespaces.PREFIXES["xsd"], namespaces.PREFIXES["rdf"]
_PLAIN = {"", _XSD + "string", _RDF + "langString"}
_BOOLEANS = {"1": "true", "0": "false"}  # Virtuoso writes numbers
# Numbers stay text: nothing is computed with them, and some have thousands of digits.
_SCAN = json.JSONDecoder(
    strict=False, parse_int=str, parse_float=str, parse_constant=str
).raw_decode


class _Cursor:
    """A place in a JSON document that is still arriving."""

    def __init__(self, read: Callable[[int], bytes], place: str) -> None:
        self._read, self.place = read, place
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._ended = "", 0, False
        self.passed = 0

    def _more(self) -> bool:
        """Read on; False at the end. Twice as much each time, so that long values cost no more."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        framed = len(rest) > _LONGEST_FRAME and len(_TEXT.sub("", rest)) > _LONGEST_FRAME
        if len(rest) > _LONGEST or framed:
            raise UserError(
                f"{self.place}: the answer has a cell, or a row, of more than "
                f"{_LONGEST // 1024**2} MiB" + (", or of too many parts" if framed else ""),
                "leave long texts out of the query, or ask for parts of them with SUBSTR",
            )
        self.passed += self._at
        pieces, got, wanted = [rest], 0, min(len(rest), _LONGEST - len(rest)) or 1
        while got < wanted and not self._ended:
            sent = self._read(_PIECE)
            piece = self._decode(sent, not sent)
            self._ended = not sent
            pieces.append(piece)
            got += len(piece)
        self._text, self._at = "".join(pieces), 0
        return True

    def peek(self) -> str:
        """Go to the next character that is no space, and return it."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise ValueError("the end is missing")

    def take(self, wanted: str) -> str:
        """Pass one of the wanted characters, and return it."""
        if (found := self.peek()) not in wanted:
            raise ValueError(f"{found!a} stands where one of {wanted} should")
        self._at += 1
        return found

    def value(self) -> Any:
        """Pass a whole value, and return it; numbers as text."""
        first = self.peek()
        while True:
            try:
                found, end = _SCAN(self._text, self._at)
            except json.JSONDecodeError:
                if self._more():
                    continue
                raise ValueError("the end is missing, or this is no JSON") from None
            except RecursionError:
                raise ValueError("it is nested too deep") from None
            # A number, or its like, may go on.
            if end == len(self._text) and first not in '{["' and self._more():
                continue
            self._at = end
            return found

    def members(self) -> Iterator[str]:
        """Pass an object: yield each key, and expect that its value is passed meanwhile."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise ValueError("a key is no text")
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def items(self) -> Iterator[Any]:
        """Pass an array: yield each of its values."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            # The usual case without the way around: the next value is whole, and a comma follows.
            try:
                found, end = _SCAN(self._text, self._at)
                follows = self._text[end]
            except (json.JSONDecodeError, IndexError, RecursionError):
                yield self.value()
                follows = ""
            else:
                self._at = end
                yield found
            if follows == ",":
                self._at += 1
            elif self.take(",]") == "]":
                return

    def end(self) -> None:
        """Expect the end of the document."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                raise ValueError("something follows the end")
            if not self._more():
                return


class Results:
    """An answer in SPARQL JSON; iterating gives the rows, once.

    Args:
        read: Returns some of the next bytes, at most as many as asked for; nothing at the end.
        place: The address, for messages.
        say: Told once when rows bind what the head does not name.

    Attributes:
        variables: Names without '?', as the head gives them.
        boolean: The answer to an ASK; None for that to a SELECT.

    Raises:
        ValueError: no SPARQL JSON, damaged, or cut; here or while iterating.
        UserError: a term that RDF 1.1 does not have, or a row too large; likewise.
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        place: str,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._cursor, self.place, self._say = _Cursor(read, place), place, say
        self.variables: list[str] = []
        self.boolean: bool | None = None
        self._number = 0
        self._types: dict[str, str] = dict.fromkeys(_PLAIN, "")
        self._languages: dict[str, str] = {}
        self._rows = self._walk()
        next(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rows  # type: ignore[return-value]

    def _walk(self) -> Iterator[Row | None]:
        """Yield None once the variables are known, then the rows."""
        cursor, total = self._cursor, ""
        head: list[str] | None = None
        early: list[Any] | None = None
        found = False
        for key in cursor.members():
            if key == "head":
                head = self.variables = _variables(cursor.value())
            elif key == "boolean":
                self.boolean = _boolean(cursor.value())
            elif key == "results":
                for inner in cursor.members():
                    if inner != "bindings":
                        cursor.value()
                        continue
                    if found:
                        raise ValueError("it has rows twice")
                    found = True
                    if head is None:
                        early = self._hold()
                        continue
                    yield None
                    yield from self._terms(cursor.items())
            else:
                value = cursor.value()
                if key == "meta" and isinstance(value, dict):
                    total = value.get("result-size-total", "")
        cursor.end()
        if early is not None:
            if head is None:
                raise ValueError("it names no variables")
            yield None
            yield from self._terms(early)
        elif not found:
            if self.boolean is None:
                raise ValueError("it has neither rows nor a yes or no")
            yield None
        # QLever tells of the whole answer, and sends a part where it is told to.
        if isinstance(total, str) and total.isdecimal() and self._number < int(total[:18]):
            raise UserError(
                f"{self.place}: the answer is cut: {self._number:,} rows of {int(total[:18]):,}",
                "ask in parts, by LIMIT and OFFSET",
            )

    def _hold(self) -> list[Any]:
        """Return rows that came before the names of their variables."""
        held = []
        for row in self._cursor.items():
            held.append(row)
            if self._cursor.passed > _LONGEST_EARLY:
                raise UserError(
                    f"{self.place}: so many rows come before the names of their variables that "
                    "they cannot be held",
                    "ask for less: LIMIT, fewer variables",
                )
        return held

    def _terms(self, rows: Any) -> Iterator[Row]:
        variables, known, term = self.variables, set(self.variables), self._term
        told = False
        for row in rows:
            self._number += 1
            if not isinstance(row, dict):
                raise ValueError(f"row {self._number} is no object")
            if not told and not row.keys() <= known:
                if not variables:
                    raise ValueError("its head names no variables, but its rows bind some")
                told = True
                more = ", ".join(f"?{name[:50]}" for name in sorted(row.keys() - known)[:5])
                self._say(
                    f"{self.place}: row {self._number} binds {more}, not among the variables of "
                    "the answer: left out, here and in other rows"
                )
            try:
                yield tuple([term(row[name]) if name in row else None for name in variables])
            except (LookupError, TypeError, AttributeError):
                raise ValueError(f"row {self._number} holds what is no term") from None
            except _Odd as odd:
                where = next(name for name in variables if name in row and self._is_odd(row[name]))
                raise UserError(
                    f"{self.place}: row {self._number}, ?{where}: {odd}", _WAY_OUT
                ) from None

    def _is_odd(self, cell: Any) -> bool:
        try:
            self._term(cell)
        except _Odd:
            return True
        return False

    def _term(self, cell: Any) -> Term | None:
        if cell is None:
            return None
        kind, value = cell["type"], cell["value"]
        if kind == "triple":
            raise _Odd("a triple term, which RDF 1.1 does not have")
        if not value.isascii() and _HALF.search(value):
            raise _Odd("half of a character, which is no text")
        if kind == "uri":
            return Term("iri", _iri(value))
        if kind == "bnode":
            return Term("bnode", _label(value.removeprefix("_:")))
        if kind not in {"literal", "typed-literal"}:
            raise _Odd(f"a term of the kind {str(kind)[:50]!a}")
        if language := cell.get("xml:lang"):
            if (tag := self._languages.get(language)) is None:
                tag = _kept(self._languages, language, _language(language))
            return Term("literal", value, "", tag)
        written = cell.get("datatype") or ""
        if (datatype := self._types.get(written)) is None:
            datatype = _kept(self._types, written, _iri(written))
        if datatype == _XSD + "boolean":
            value = _BOOLEANS.get(value, value)
        return Term("literal", value, datatype)


_WAY_OUT = "mend it in the store, or leave it out of the query"


class _Odd(Exception):  # noqa: N818
    """What is in a cell is no term of RDF 1.1."""


def _kept(known: dict[str, str], written: str, meant: str) -> str:
    """Remember what a few short words mean: answers repeat them."""
    if len(written) < 200 and len(known) < 1000:
        known[written] = meant
    return meant


def _iri(written: str) -> str:
    try:
        ox.NamedNode(written)
    except ValueError:
        raise _Odd(f"'{written[:200]}' is no IRI") from None
    return written


def _label(written: str) -> str:
    """Return a label that every syntax takes; others are spelt out, each in its own way."""
    if _LABEL.fullmatch(written):
        return written
    return "x_" + re.sub("[^A-Za-z0-9]", lambda odd: f"_{ord(odd[0]):x}_", written)


def _language(written: str) -> str:
    tag = written.replace("_", "-").lower()  # as the embedded store writes them
    try:
        ox.Literal("", language=tag)
    except ValueError:
        raise _Odd(f"'{written[:50]}' is no language tag") from None
    return tag


def _variables(head: Any) -> list[str]:
    names = head.get("vars", []) if isinstance(head, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("its head names no variables")
    return [name.removeprefix("?") for name in dict.fromkeys(names)]


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("its answer is neither true nor false")
    return value
