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
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.reading import files, loading, relative

__all__ = [
    "CATALOG",
    "Document",
    "catalog",
    "faults",
    "faults_of",
    "inputs",
    "packaged_catalog",
    "packaged_imports",
    "packaged_names",
    "read_all",
    "replaced",
    "together",
    "write_catalog",
]

_OWL = namespaces.PREFIXES["owl"]
_TYPE = namespaces.PREFIXES["rdf"] + "type"
_VERSION = _OWL + "versionIRI"
_ROOT = "https://w3id.org/sarcoma-kg/ontology"
_DATE = re.compile(r"/\d{4}-\d{2}-\d{2}/")
#: Name of the catalog, as Protégé writes it.
CATALOG = "catalog-v001.xml"


class Document(NamedTuple):
    """An ontology document: its file, its triples, its ontology IRI ('' without) and imports.

    `names` are all under which an import finds it: its IRI, its version IRI, and what a catalog
    calls it. `faults` are what is wrong with the document itself, whatever it says.
    """

    path: Path
    quads: list[ox.Quad]
    iri: str
    imports: tuple[str, ...]
    names: frozenset[str]
    faults: tuple[Finding, ...]


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


def packaged_names() -> dict[str, Path]:
    """Return ontology IRI or version IRI -> file of everything that ships."""
    names = packaged_catalog()
    root = loading.read(names[_ROOT])
    (version,) = (q.object.value for q in root if q.predicate.value == _VERSION)  # type: ignore[union-attr]
    return names | {_dated(iri, version): place for iri, place in names.items()}


def _dated(iri: str, version: str) -> str:
    """Return the version IRI of one of our documents: all of them carry the date of the root."""
    return version.removesuffix("/ontology") + iri.removeprefix(_ROOT.removesuffix("/ontology"))


def _document(path: Path, number: int) -> Document:
    quads = loading.read(path, f"own{number}", base=relative.base(path))
    heads = [
        q.subject.value
        for q in quads
        if q.predicate.value == _TYPE
        and isinstance(q.subject, ox.NamedNode)
        and q.object == ox.NamedNode(_OWL + "Ontology")
    ]
    imports = (q.object.value for q in quads if q.predicate.value == _OWL + "imports")  # type: ignore[union-attr]
    versions = (
        q.object.value
        for q in quads
        if q.predicate.value == _VERSION
        and isinstance(q.object, ox.NamedNode)
        and heads[:1] == [q.subject.value]  # type: ignore[union-attr]
    )
    iri = heads[0] if heads else ""
    names = frozenset({iri, *versions} - {""})
    return Document(path, quads, iri, tuple(imports), names, tuple(relative.faults(path, quads)))


def read_all(files: Sequence[Path]) -> list[Document]:
    """Read the user's files and whatever they import that does not ship with the package.

    Raises:
        UserError: a file cannot be read, or an import lies in no catalog.
    """
    packaged = packaged_names()
    shipped = {place.resolve() for place in packaged.values()}
    called: dict[Path, set[str]] = {}
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
                called.setdefault(place.resolve(), set()).add(iri)
            elif iri not in packaged:
                raise UserError(
                    f"{path.parent / CATALOG}: <{iri}> lies at {place}, where no file is",
                    "correct the line, or put the file there",
                )
    read = [
        document._replace(names=document.names | called.get(place, set()))
        for place, document in documents.items()
    ]
    own = {name for document in read for name in document.names}
    for path, iri in wanted:
        if iri not in packaged and iri not in own:
            if version := _of_another_date(iri, packaged):
                raise UserError(
                    f"{path}: owl:imports <{iri}>: the packaged version is <{version}>",
                    f"import that one, or <{_ROOT}>, which is whatever is packaged",
                )
            raise UserError(
                f"{path}: owl:imports <{relative.shown(iri)}> lies in no catalog, and nothing is "
                "fetched",
                f"save that ontology beside the file and name it in {CATALOG} there",
            )
    return read


def faults(documents: Iterable[Document]) -> list[Finding]:
    """Return what is wrong with documents themselves, the same for every command."""
    return [fault for document in documents for fault in document.faults]


def faults_of(path: Path) -> list[Finding]:
    """Return what is wrong with one document itself.

    Raises:
        UserError: it cannot be read.
    """
    return list(_document(path, 0).faults)


def _of_another_date(iri: str, packaged: Iterable[str]) -> str:
    """Return the packaged version IRI that differs from an IRI in its date only; '' if none."""
    plain = _DATE.sub("/", iri)
    return next(
        (
            n
            for n in packaged
            if n != iri and _DATE.search(n) and _DATE.sub("/", n) == plain and plain != iri
        ),
        "",
    )


def packaged_imports(documents: Iterable[Document]) -> list[Document]:
    """Return the packaged documents that these import, and what they import in turn."""
    packaged = packaged_names()
    todo = [iri for document in documents for iri in document.imports]
    found: dict[Path, Document] = {}
    while todo:
        place = packaged.get(todo.pop())
        if place and place not in found:
            found[place] = _document(place, len(found))
            todo += found[place].imports
    return sorted(found.values(), key=lambda document: document.iri)


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
