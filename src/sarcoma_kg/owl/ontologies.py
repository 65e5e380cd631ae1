"""Ontology documents: their IRI, what they import, and the catalog that says where imports lie.

Imports are never fetched: an owl:imports is resolved through catalog-v001.xml (OASIS XML Catalogs
1.1, the form that Protégé writes), that of the package or the one beside the user's file.
"""

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files, loading

__all__ = [
    "CATALOG",
    "Document",
    "catalog",
    "inputs",
    "packaged_catalog",
    "packaged_imports",
    "read_all",
    "replaced",
    "together",
    "write_catalog",
]

_OWL = namespaces.PREFIXES["owl"]
_TYPE = namespaces.PREFIXES["rdf"] + "type"
#: Name of the catalog, as Protégé writes it.
CATALOG = "catalog-v001.xml"


class Document(NamedTuple):
    """An ontology document: its file, its triples, its ontology IRI ('' without) and imports."""

    path: Path
    quads: list[ox.Quad]
    iri: str
    imports: tuple[str, ...]


def catalog(folder: Path) -> dict[str, Path]:
    """Return ontology IRI -> file, as the catalog in a folder says; empty without a catalog.

    Raises:
        UserError: the catalog is not well-formed XML, or has a document type.
    """
    path = folder / CATALOG
    if not path.exists():
        return {}
    text = files.read_text(path)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UserError(f"{path}: document type definitions are refused", "remove the DOCTYPE")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DTD there is no entity to expand
    except ET.ParseError as error:
        raise UserError(f"{path}: not well-formed XML: {error}") from error
    fields = (element.attrib for element in root.iter() if element.tag.endswith("uri"))
    named = {row["name"]: row["uri"] for row in fields if {"name", "uri"} <= set(row)}
    places = {name: urlsplit(uri) for name, uri in named.items()}
    return {
        name: folder / unquote(place.path)
        for name, place in places.items()
        if place.scheme in {"", "file"} and place.netloc in {"", "localhost"}
    }


def write_catalog(folder: Path, *, force: bool = False) -> Path:
    """Write a catalog into a user's folder, so that Protégé finds the packaged files from there.

    Raises:
        UserError: there is a catalog already, or the folder cannot be written.
    """
    path = folder / CATALOG
    if path.exists() and not force:
        raise UserError(f"{path}: is there already", "--force writes it anew")
    lines = "".join(
        f"    <uri name={quoteattr(iri)} uri={quoteattr(place.resolve().as_uri())}/>\n"
        for iri, place in packaged_catalog().items()
    )
    files.replace_text(
        path,
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<catalog prefer="public" '
        f'xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">\n{lines}</catalog>\n',
    )
    return path


def packaged_catalog() -> dict[str, Path]:
    """Return ontology IRI -> file of everything that ships."""
    return catalog(resources.data_root() / "ontology")


def _document(path: Path, number: int) -> Document:
    quads = loading.read(path, f"own{number}")
    heads = [
        q.subject.value
        for q in quads
        if q.predicate.value == _TYPE
        and isinstance(q.subject, ox.NamedNode)
        and q.object == ox.NamedNode(_OWL + "Ontology")
    ]
    imports = (q.object.value for q in quads if q.predicate.value == _OWL + "imports")  # type: ignore[union-attr]
    return Document(path, quads, heads[0] if heads else "", tuple(imports))


def read_all(files: Sequence[Path]) -> list[Document]:
    """Read the user's files and whatever they import that does not ship with the package.

    Raises:
        UserError: a file cannot be read, or an import lies in no catalog.
    """
    packaged = packaged_catalog()
    shipped = {place.resolve() for place in packaged.values()}
    documents: dict[Path, Document] = {}
    todo = list(files)
    wanted: list[tuple[Path, str]] = []
    while todo:
        path = todo.pop(0)
        # Not Path.resolve, which ends in a traceback where links lead in a circle.
        real = Path(os.path.realpath(path))
        if real in documents:
            continue
        document = documents[real] = _document(path, len(documents))
        beside = catalog(path.parent)
        for iri in document.imports:
            place = beside.get(iri)
            if place is None:
                wanted.append((path, iri))
            elif place.exists():
                # A catalog that points back at the packaged files brings nothing of the user's.
                todo += [place] if place.resolve() not in shipped else []
            elif iri not in packaged:
                raise UserError(
                    f"{path.parent / CATALOG}: <{iri}> lies at {place}, where no file is",
                    "correct the line, or put the file there",
                )
    own = {document.iri for document in documents.values()}
    for path, iri in wanted:
        if iri not in packaged and iri not in own:
            raise UserError(
                f"{path}: owl:imports <{iri}> lies in no catalog, and nothing is fetched",
                f"save that ontology beside the file and name it in {CATALOG} there",
            )
    return list(documents.values())


def packaged_imports(documents: Iterable[Document]) -> list[Document]:
    """Return the packaged documents that these import, and what they import in turn."""
    packaged = packaged_catalog()
    todo = [iri for document in documents for iri in document.imports]
    found: dict[str, Document] = {}
    while todo:
        iri = todo.pop()
        if iri in packaged and iri not in found:
            found[iri] = _document(packaged[iri], len(found))
            todo += found[iri].imports
    return [found[iri] for iri in sorted(found)]


def inputs(documents: Iterable[Document]) -> list[str]:
    """Return the absolute paths on which documents rest: their files and the catalogs beside."""
    paths = [document.path.resolve() for document in documents]
    return sorted({str(p) for path in paths for p in (path, path.parent / CATALOG)})


def replaced(documents: Iterable[Document]) -> dict[str, Path]:
    """Return packaged module IRI -> the user's file that takes its place."""
    packaged = packaged_catalog()
    own = ((d.iri, d.path) for d in documents if d.iri in packaged)
    return {iri: path for iri, path in own if path.resolve() != packaged[iri].resolve()}


def together(documents: Iterable[Document]) -> list[ox.Quad]:
    """Return the packaged graph and the user's documents as one graph.

    A document with the ontology IRI of a packaged one takes its place, so that an edited copy of a
    module can be tried out.
    """
    brought = list(documents)
    packaged = packaged_catalog()
    without = {packaged[d.iri] for d in brought if d.iri in packaged}
    return [
        *loading.packaged(without=without),
        *(quad for document in brought for quad in document.quads),
    ]
