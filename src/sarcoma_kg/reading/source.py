"""An RDF document on the disk, and where in it a triple or a fault stands.

The parser tells places for faults of Turtle only. So to find a place it is handed the document
piece by piece, a tag of XML or a line of anything else at a time: what comes out of it then was in
the piece that it took last. Syntaxes of OWL that are not of RDF, and JSON-LD, are read as a whole:
a triple stands where its subject is described, or mentioned first.
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
from sarcoma_kg.reading import contexts, entities, files, owlsyntaxes
from sarcoma_kg.reading.mentions import Mentions
from sarcoma_kg.turtle import limits

__all__ = ["Place", "Source"]

_XML, _JSON = syntaxes.MEDIA_TYPES["RDF/XML"], syntaxes.MEDIA_TYPES["JSON-LD"]
_XML_LITERAL = ox.NamedNode(namespaces.PREFIXES["rdf"] + "XMLLiteral")
_TAG, _LINE = re.compile(rb"<[^<]*|[^<]+"), re.compile(rb"[^\n]*\n|[^\n]+")
_NAMED = re.compile(rb"""[\w.-]+:(?:about|ID)\s*=\s*(["'])(.*?)\1""", re.DOTALL)
_NO_LANGUAGE = re.compile(rb"""(\bxml:lang\s*=\s*)(""|'')""")
_REMOTE = "No LoadDocumentCallback"
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
        UserError: As `files.read_rdf_text`; a document type that is not of an editor; a syntax
            of OWL that does not parse; a context of JSON-LD that is not there.
    """

    def __init__(self, path: Path, base: str | None = None) -> None:
        self.path, self.base = path, base
        self.written, self.media_type = files.read_rdf_text(path)
        limits.check_nesting(self.written, str(path))
        #: Whether the parser is handed another text than the one in the file.
        self.other = self.media_type in syntaxes.OTHER
        self.expanded: entities.Expanded | None = None
        text = self.written
        if self.media_type in (_XML, "application/owl+xml"):
            self.expanded = entities.Expanded(path, text)
            text = self.expanded.text
        elif self.media_type == _JSON:
            text = contexts.embedded(path, text)
        self.tag = b""
        if self.other:
            try:
                self.raw = owlsyntaxes.n_triples(str(path), text, self.media_type, base)
            except SyntaxError as error:
                raise self._refusal(error) from error
            self.form = ox.RdfFormat.N_TRIPLES
        else:
            self.raw = text.encode()
            self.form = ox.RdfFormat.from_media_type(self.media_type) or ox.RdfFormat.TURTLE
        # `xml:lang=""` means no language; the parser takes it for a fault. It is handed a tag for
        # private use in its place, which is taken away from what it has read.
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
        return UserError(f"{self.path}: the file holds no triple")

    def placed(self) -> Iterator[tuple[ox.Quad, Place]]:
        """Yield the quads of a document that parses, in the same order, each with its place."""
        if self.other or self.media_type == _JSON:
            yield from self._mentioned()
            return
        for quad, place, _ in self._traced():
            yield quad, place

    def _mentioned(self) -> Iterator[tuple[ox.Quad, Place]]:
        """Yield the quads with the place of their subject, or else of their object."""
        text = self.expanded.text if self.expanded else self.written
        declared = self.raw.decode() if self.media_type == _JSON else text
        mentions = Mentions(text, self.media_type, self.base, declared)
        found: dict[str, Place] = {}
        for quad in self.quads():
            places = []
            # A name that is told of must be one that is written: the subject may be a base.
            for node in (quad.subject, quad.object):
                if isinstance(node, ox.NamedNode):
                    if node.value not in found:
                        offset = mentions.find(node.value)
                        place = self._of_text(text, offset) if offset >= 0 else Place()
                        found[node.value] = place
                    places.append(found[node.value])
            yield quad, next((place for place in places if place.line), Place())

    def _of_text(self, text: str, offset: int) -> Place:
        if text is not self.written and self.expanded:
            at = self.expanded.written(len(text[:offset].encode()))
            text = self.written
            offset = len(text.encode()[:at].decode(errors="replace"))
        return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))

    def subjects(self) -> dict[str, Place]:
        """Return for each named subject of a document that parses where it is described first."""
        if self.other or self.media_type == _JSON:
            return {
                quad.subject.value: place
                for quad, place in reversed([*self._mentioned()])
                if isinstance(quad.subject, ox.NamedNode) and place.line
            }
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
        raw = self.raw
        if self.expanded and self.expanded.text is not self.written and not self.tag:
            offset, raw = self.expanded.written(offset), self.written.encode()
        if self._ends is None:
            self._ends = [found.start() for found in re.finditer(b"\n", raw)]
        line = bisect_right(self._ends, offset - 1)
        before = raw[self._ends[line - 1] + 1 if line else 0 : offset]
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
        """Return what to say of a document that does not parse."""
        reason = getattr(error, "msg", None) or str(error)
        reason = re.sub(r"^Parser error at .*?: ", "", reason)
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        if not line and not self.other and self.media_type != _JSON:
            line, column = self._fault()
        place = f"line {line}, column {column}: " if line else ""
        if _REMOTE in reason:
            return contexts.remote(self.path, self.written)
        if _NO_BASE in reason:
            return UserError(
                f"{self.path}: {place}a relative IRI, and the file says not what it is relative to",
                "add @base <...> . (Turtle), xml:base (RDF/XML) or @base (JSON-LD) at the "
                "beginning, or write it in full",
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
