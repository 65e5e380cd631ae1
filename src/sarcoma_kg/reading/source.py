"""An RDF document on the disk, and where in it a triple or a fault stands.

The parser tells places for faults of Turtle only. So to find a place it is handed the document
piece by piece, a tag of XML or a line of anything else at a time: what comes out of it then was in
the piece that it took last.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files
from sarcoma_kg.turtle import limits

__all__ = ["Place", "Source"]

_XML = files.RDF_SUFFIXES[".owl"]
_XML_LITERAL = ox.NamedNode(namespaces.PREFIXES["rdf"] + "XMLLiteral")
_TAG, _LINE = re.compile(rb"<[^<]*|[^<]+"), re.compile(rb"[^\n]*\n|[^\n]+")
_NAMED = re.compile(rb"""[\w.-]+:(?:about|ID)\s*=\s*(["'])(.*?)\1""", re.DOTALL)
_NO_LANGUAGE = re.compile(rb"""(\bxml:lang\s*=\s*)(""|'')""")
_NO_BASE = "No scheme found in an absolute IRI"


class Place(NamedTuple):
    """A line and a column of a file, both from 1; 0 where it is not known."""

    line: int = 0
    column: int = 0


class _Pieces:
    """A stream that gives away one piece at each call; `start` and `end` are those of the last."""

    def __init__(self, raw: bytes, piece: re.Pattern[bytes]) -> None:
        self.raw = raw
        self.pieces = piece.finditer(raw)
        self.start = self.end = self.given = 0

    def read(self, size: int) -> bytes:
        if self.given == self.end and (piece := next(self.pieces, None)):
            self.start, self.end = piece.span()
        part = self.raw[self.given : min(self.end, self.given + size)]
        self.given += len(part)
        return part


class Source:
    """An RDF document: its bytes, and what it holds.

    Args:
        path: The file.
        base: What relative names are relative to; None when they are a fault.

    Raises:
        UserError: As `files.read_rdf_bytes`.
    """

    def __init__(self, path: Path, base: str | None = None) -> None:
        self.path, self.base = path, base
        self.raw, self.media_type = files.read_rdf_bytes(path)
        limits.check_nesting(self.raw, str(path))
        self.form = ox.RdfFormat.from_media_type(self.media_type)
        # `xml:lang=""` means no language; the parser takes it for a fault. It is handed a tag for
        # private use in its place, which is taken away from what it has read.
        self.tag = b""
        self._ends: list[int] | None = None
        if self.media_type == _XML and _NO_LANGUAGE.search(self.raw):
            number = 0
            while (tag := b"x-none%d" % number) in self.raw:
                number += 1
            self.tag = tag
            self.raw = _NO_LANGUAGE.sub(rb'\1"' + tag + b'"', self.raw)

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what the document holds.

        Raises:
            UserError: It does not parse, or a string is too long for the parser.
        """
        try:
            for quad in ox.parse(self.raw, format=self.form, base_iri=self.base):
                yield self._checked(quad)
        except (SyntaxError, ValueError, OSError) as error:
            raise self._refusal(error) from error
        except MemoryError as error:
            raise limits.too_long(str(self.path), error) from error

    def empty(self) -> UserError:
        """Return what to say of a document without a triple."""
        other = syntaxes.misnamed(str(self.path), self.raw.decode())
        return other or UserError(f"{self.path}: the file holds no triple")

    def placed(self) -> Iterator[tuple[ox.Quad, Place]]:
        """Yield the quads of a document that parses, in the same order, each with its place."""
        for quad, place, _ in self._traced():
            yield quad, place

    def subjects(self) -> dict[str, Place]:
        """Return for each named subject of a document that parses where it is described first."""
        tags = [(found.end(), found) for found in _NAMED.finditer(self.raw)]
        ends, xml = [end for end, _ in tags], self.media_type == _XML
        found: dict[str, Place] = {}
        for quad, place, end in self._traced():
            name = quad.subject.value  # type: ignore[union-attr]
            if not isinstance(quad.subject, ox.NamedNode) or name in found:
                continue
            # A triple comes out at the end of its element; the name stands in one further up.
            for number in range(bisect_right(ends, end) - 1, -1, -1) if xml else ():
                tag = tags[number][1]
                if name.endswith(unescape(tag[2].decode(errors="replace")).strip()):
                    place = self._place(self.raw.rfind(b"<", 0, tag.start()))
                    break
            found[name] = place
        return found

    def _traced(self) -> Iterator[tuple[ox.Quad, Place, int]]:
        pieces = _Pieces(self.raw, _TAG if self.media_type == _XML else _LINE)
        for quad in ox.parse(pieces, format=self.form, base_iri=self.base):  # type: ignore[arg-type]
            start = pieces.start
            if isinstance(quad.object, ox.Literal) and "\n" in quad.object.value:
                # A text of several lines comes out at its end.
                text = quad.object.value.encode()
                found = self.raw.rfind(text, max(0, start - len(text)), pieces.end)
                start = found if found >= 0 else start
            yield self._checked(quad), self._place(start), pieces.end

    def _place(self, offset: int) -> Place:
        if self._ends is None:
            self._ends = [found.start() for found in re.finditer(b"\n", self.raw)]
        line = bisect_right(self._ends, offset - 1)
        before = self.raw[self._ends[line - 1] + 1 if line else 0 : offset]
        before = before.replace(self.tag, b"") if self.tag else before
        return Place(line + 1, len(before.decode(errors="replace")) + 1)

    def _checked(self, quad: ox.Quad) -> ox.Quad:
        if isinstance(quad.object, ox.Triple):
            raise ValueError("triple terms are not RDF 1.1")
        if self.tag and isinstance(quad.object, ox.Literal):
            tag, literal = self.tag.decode(), quad.object
            if literal.language == tag:
                literal = ox.Literal(literal.value)
            elif literal.datatype == _XML_LITERAL:
                value = literal.value.replace(f'"{tag}"', '""')
                literal = ox.Literal(value, datatype=_XML_LITERAL)
            return ox.Quad(quad.subject, quad.predicate, literal)
        return quad

    def _refusal(self, error: Exception) -> UserError:
        """Return what to say of a document that does not parse: another syntax, or the fault."""
        if other := syntaxes.misnamed(str(self.path), self.raw.decode()):
            return other
        reason = getattr(error, "msg", None) or str(error)
        reason = re.sub(r"^Parser error at .*?: ", "", reason)
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        if not line:
            line, column = self._fault()
        place = f"line {line}, column {column}: " if line else ""
        if _NO_BASE in reason:
            return UserError(
                f"{self.path}: {place}a relative IRI, and the file says not what it is relative to",
                "add @base <...> . (Turtle) or xml:base (RDF/XML) at the beginning, or write it in "
                "full",
            )
        return UserError(f"{self.path}: {place}{reason}", "correct the file and run again")

    def _fault(self) -> Place:
        """Return the place at which the document stops to parse."""
        pieces = _Pieces(self.raw, _TAG if self.media_type == _XML else _LINE)
        try:
            for quad in ox.parse(pieces, format=self.form, base_iri=self.base):  # type: ignore[arg-type]
                self._checked(quad)
        except (SyntaxError, ValueError, OSError) as error:
            place = pieces.start
            # The attribute at fault, where the parser quotes its value; rdf:ID has it without #.
            if quoted := re.search("'(.*?)'", getattr(error, "msg", None) or str(error)):
                value = re.escape(quoted[1].encode()).removeprefix(rb"\#")
                form = rb"""[\w.:-]+\s*=\s*(["'])#?""" + value + rb"\1"
                named = re.compile(form, re.IGNORECASE).search(self.raw, place, pieces.end)
                place = named.start() if named else place
            return self._place(place)
        return Place()
