"""Where an IRI lies on the disk: XML Catalogs (OASIS Standard V1.1, section 7.2.2, URI references).

Of a catalog file, in this order: the first `uri` entry of that name; the longest `rewriteURI`, then
the longest `uriSuffix` that fits; the catalogs of the longest `delegateURI`, and no others; the
catalogs of `nextCatalog`, one after the other. Addresses are relative to the file, or to xml:base.
Nothing is fetched: an entry that leads into a network is told, not followed.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files

__all__ = ["CATALOG", "Catalog"]

#: Name of the catalog, as Protégé writes it.
CATALOG = "catalog-v001.xml"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
#: Element -> its attributes for what it matches and where that lies.
_ENTRIES = {
    "uri": ("name", "uri"),
    "rewriteURI": ("uriStartString", "rewritePrefix"),
    "uriSuffix": ("uriSuffix", "uri"),
    "delegateURI": ("uriStartString", "catalog"),
    "nextCatalog": ("", "catalog"),
}
_LEADING = ("delegateURI", "nextCatalog")


class _Entry(NamedTuple):
    kind: str
    match: str
    address: str


class Catalog:
    """A catalog file with those that it leads to; without entries where there is no file.

    Args:
        path: The file.

    Raises:
        UserError: It is not well-formed XML, or has a document type.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = _entries(path) if path.exists() else []
        self._others: dict[Path, Catalog] = {path.resolve(): self}

    def find(self, iri: str) -> Path | None:
        """Return where an IRI lies, whether or not there is a file; None when no entry fits.

        Raises:
            UserError: The entry leads into a network, or to a catalog that is not there.
        """
        return self._find(iri, frozenset())

    def names(self) -> dict[str, Path]:
        """Return IRI -> file of the entries of this file that name one IRI."""
        found: dict[str, Path] = {}
        for entry in self.entries:
            if entry.kind == "uri" and (place := _local(entry.address)):
                found.setdefault(entry.match, place)
        return found

    def read(self) -> set[Path]:
        """Return this file and all that it leads to, as far as they are there."""
        done: set[Path] = set()
        todo = [self]
        while todo:
            catalog = todo.pop()
            if catalog.path.resolve() not in done:
                done.add(catalog.path.resolve())
                ahead = [_local(e.address) for e in catalog.entries if e.kind in _LEADING]
                todo += [self._other(place) for place in ahead if place and place.is_file()]
        return done

    def _find(self, iri: str, seen: frozenset[Path]) -> Path | None:
        here = self.path.resolve()
        if here in seen:
            return None
        for entry in self.entries:
            if entry.kind == "uri" and entry.match == iri:
                return self._place(iri, entry.address)
        for kind in ("rewriteURI", "uriSuffix"):
            if fitting := self._fitting(kind, iri):
                rest = iri[len(fitting[0].match) :] if kind == "rewriteURI" else ""
                return self._place(iri, fitting[0].address + rest)
        delegates = self._fitting("delegateURI", iri)
        ahead = delegates or [entry for entry in self.entries if entry.kind == "nextCatalog"]
        for entry in ahead:
            place = self._place(entry.kind, entry.address)
            if not place.is_file():
                raise UserError(
                    f"{self.path}: {entry.kind} leads to {place}, where no file is",
                    "correct the line, or put the file there",
                )
            if found := self._other(place)._find(iri, seen | {here}):
                return found
        return None

    def _fitting(self, kind: str, iri: str) -> list[_Entry]:
        """Return the entries of a kind that fit an IRI, the longest first."""
        fits = iri.endswith if kind == "uriSuffix" else iri.startswith
        fitting = (e for e in self.entries if e.kind == kind and fits(e.match))
        return sorted(fitting, key=lambda entry: -len(entry.match))

    def _other(self, path: Path) -> "Catalog":
        real = path.resolve()
        if real not in self._others:
            self._others[real] = Catalog(path)
            self._others[real]._others = self._others
        return self._others[real]

    def _place(self, what: str, address: str) -> Path:
        if place := _local(address):
            return place
        raise UserError(
            f"{self.path}: {what} leads to <{address}>, and nothing is fetched",
            "save that beside the catalog, and name the file there",
        )


def _local(address: str) -> Path | None:
    """Return the file of an address; None where it leads into a network."""
    place = urlsplit(address)
    if place.scheme != "file" or place.netloc not in {"", "localhost"}:
        return None
    return Path(unquote(place.path))


def _entries(path: Path) -> list[_Entry]:
    text = files.read_text(path)
    if found := re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        line = text.count("\n", 0, found.start()) + 1
        raise UserError(
            f"{path}: line {line}: document type definitions are refused", "remove the DOCTYPE"
        )
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DTD there is no entity to expand
    except ET.ParseError as error:
        raise UserError(f"{path}: not well-formed XML: {error}", "correct the file") from error
    return list(_walk(root, path.resolve().as_uri()))


def _walk(element: ET.Element, base: str) -> Iterator[_Entry]:
    """Yield the entries in the order of the document, of groups in their place."""
    todo = [(element, base)]
    while todo:
        element, base = todo.pop()
        base = urljoin(base, element.get(_BASE, ""))
        kind = element.tag.rpartition("}")[2]
        if kind in {"catalog", "group"}:
            todo += [(child, base) for child in reversed(element)]
        elif kind in _ENTRIES:
            match, address = (element.get(name, "") for name in _ENTRIES[kind])
            if address and (match or kind == "nextCatalog"):
                yield _Entry(kind, match, urljoin(base, address))
