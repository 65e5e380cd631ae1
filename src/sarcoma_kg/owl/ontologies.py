"""Ontology documents: their IRI, what they import, and the catalog that says where imports lie.

Imports are never fetched: an owl:imports is resolved through catalog-v001.xml (module `catalogs`),
that of the package or the one beside the user's file. What is wrong with a document or an import is
decided here, for every command.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from sarcoma_kg import sheets
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl.catalogs import CATALOG, Catalog
from sarcoma_kg.reading import files, loading, places, relative
from sarcoma_kg.reading.source import Place, Source

__all__ = [
    "CATALOG",
    "HEADERS",
    "Document",
    "faults",
    "faults_of",
    "inputs",
    "located",
    "packaged_catalog",
    "packaged_imports",
    "packaged_names",
    "parts",
    "place_of",
    "read_all",
    "replaced",
    "together",
    "write_catalog",
]

_OWL = namespaces.PREFIXES["owl"]
_TYPE = namespaces.PREFIXES["rdf"] + "type"
_VERSION = _OWL + "versionIRI"
_ROOT = "https://w3id.org/sarcoma-kg/ontology"
#: Rule of the finding about more than one header.
HEADERS = "ontology headers"
_MOST_DOCUMENTS = 300
_DATE = re.compile(r"/\d{4}-\d{2}-\d{2}/")


class Document(NamedTuple):
    """An ontology document: its file, its triples, its ontology IRI ('' without) and imports.

    `names` are all under which an import finds it: its IRI, its version IRI, and what a catalog
    calls it. `faults` are what is wrong with the document itself, whatever it says. Of a
    spreadsheet, `instead` are the packaged files whose place it takes, and `cells` where what is
    said of a thing stands: (thing, property) as CURIEs -> row and column.
    """

    path: Path
    quads: list[ox.Quad]
    iri: str
    imports: tuple[str, ...]
    names: frozenset[str]
    faults: tuple[Finding, ...]
    instead: tuple[Path, ...] = ()
    cells: Mapping[tuple[str, str], tuple[int, int]] = {}


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
    return Catalog(resources.data_root() / "ontology" / CATALOG).names()


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
    heads = list(
        dict.fromkeys(
            q.subject
            for q in quads
            if q.predicate.value == _TYPE and q.object == ox.NamedNode(_OWL + "Ontology")
        )
    )
    imports = (q.object.value for q in quads if q.predicate.value == _OWL + "imports")  # type: ignore[union-attr]
    iri = next((head.value for head in heads if isinstance(head, ox.NamedNode)), "")
    versions = (
        q.object.value
        for q in quads
        if q.predicate.value == _VERSION
        and isinstance(q.object, ox.NamedNode)
        and q.subject.value == iri  # type: ignore[union-attr]
    )
    wrong = relative.faults(path, quads)
    if len(heads) > 1:
        wrong.append(_two_headers(path, quads, heads))
    names = frozenset({iri, *versions} - {""})
    return Document(path, quads, iri, tuple(imports), names, tuple(wrong))


def _two_headers(path: Path, quads: Sequence[ox.Quad], heads: Sequence[object]) -> Finding:
    names = [h.value if isinstance(h, ox.NamedNode) else "(blank node)" for h in heads]
    said = relative.shown(", ".join(names))
    message = (
        f"This file has {len(heads)} ontology headers ({said}), so an editor takes one of them "
        "and drops what the others say. Keep one, or make a file of each."
    )
    place = place_of(path, quads, lambda q: q.subject == heads[1] and q.predicate.value == _TYPE)
    return Finding("violation", HEADERS, names[1], "", "", message, str(path), *place)


def place_of(path: Path, quads: Sequence[ox.Quad], wanted: Callable[[ox.Quad], bool]) -> Place:
    """Return where the first triple of a kind stands in a file; no place where there is none.

    Args:
        path: The file.
        quads: What was read from it, in its order.
        wanted: Tells the triple.
    """
    number = next((number for number, quad in enumerate(quads) if wanted(quad)), -1)
    if sheets.is_sheet(path):
        return Place()
    # By number, since the labels of blank nodes differ each time a file is read.
    placed = enumerate(Source(path, relative.base(path)).placed() if number >= 0 else ())
    return next((place for n, (_, place) in placed if n == number), Place())


class _Import(NamedTuple):
    """An owl:imports of a document, which a catalog leads to a file or should."""

    importer: Document
    iri: str

    def finding(self, message: str) -> Finding:
        path = self.importer.path
        place = place_of(
            path,
            self.importer.quads,
            lambda q: q.predicate.value == _OWL + "imports" and q.object.value == self.iri,  # type: ignore[union-attr]
        )
        return Finding("violation", "import", self.iri, "", "", message, str(path), *place)


def read_all(files: Sequence[Path]) -> list[Document]:
    """Read the user's files and whatever they import that does not ship with the package.

    Raises:
        UserError: a file cannot be read, or an import lies in no catalog.
    """
    packaged = packaged_names()
    shipped = {place.resolve() for place in packaged.values()}
    called: dict[Path, list[_Import]] = {}
    documents: dict[Path, Document] = {}
    todo = [path for path in files if not sheets.is_sheet(path)]
    tables = [path for path in dict.fromkeys(files) if sheets.is_sheet(path)]
    wanted: list[_Import] = []
    while todo:
        path = todo.pop(0)
        # Not Path.resolve, which ends in a traceback where links lead in a circle.
        real = Path(os.path.realpath(path))
        if real in documents:
            continue
        if len(documents) >= _MOST_DOCUMENTS:
            raise UserError(
                f"{path}: with this, more than {_MOST_DOCUMENTS} documents are imported",
                "merge them into fewer files",
            )
        document = documents[real] = _document(path, len(documents))
        beside = Catalog(path.parent / CATALOG)
        for iri in document.imports:
            place = beside.find(iri)
            if place is None:
                wanted.append(_Import(document, iri))
            elif place.exists():
                # A catalog that points back at the packaged files brings nothing of the user's.
                todo += [place] if place.resolve() not in shipped else []
                called.setdefault(place.resolve(), []).append(_Import(document, iri))
            elif iri not in packaged:
                raise UserError(
                    f"{beside.path}: <{iri}> lies at {place}, where no file is",
                    "correct the line, or put the file there",
                )
    read = _named(documents, called) + _of_sheets(tables, documents.values())
    own = {name for document in read for name in document.names}
    for importer, iri in wanted:
        path = importer.path
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


def _of_sheets(tables: Sequence[Path], beside: Iterable[Document]) -> list[Document]:
    """Return spreadsheets as documents; they may name terms of each other and of those beside."""
    if not tables:
        return []
    triples = [quad.triple for document in beside for quad in document.quads]
    found = []
    for edited in sheets.read(tables, triples):
        quads = [ox.Quad(*triple) for triple in edited.triples]
        heads = [
            q.subject.value  # type: ignore[union-attr]
            for q in quads
            if q.predicate.value == _TYPE and q.object == ox.NamedNode(_OWL + "Ontology")
        ]
        iri = heads[0] if len(heads) == 1 else ""
        imports = [q.object.value for q in quads if q.predicate.value == _OWL + "imports"]  # type: ignore[union-attr]
        found.append(
            Document(
                edited.path, quads, iri, tuple(imports), frozenset(heads), tuple(edited.faults),
                edited.instead, edited.places,
            )
        )  # fmt: skip
    return found


def located(findings: Iterable[Finding], documents: Sequence[Document]) -> list[Finding]:
    """Add to each finding where its node is described: file and line, or the cell of a sheet."""
    placed = []
    for finding in findings:
        for document in documents if not finding.line else ():
            cells = document.cells
            place = cells.get((finding.focus, finding.path)) or cells.get((finding.focus, ""))
            if place:
                row, column = place
                placed.append(replace(finding, file=str(document.path), line=row, column=column))
                break
        else:
            placed.append(finding)
    return places.locate(placed, [d.path for d in documents if not sheets.is_sheet(d.path)])


def _named(
    documents: Mapping[Path, Document], called: Mapping[Path, Sequence[_Import]]
) -> list[Document]:
    """Return documents with what imports call them, and with what is wrong about that."""
    read: list[Document] = []
    first: dict[str, Path] = {}
    called_so = [document.iri for document in documents.values() if document.iri]
    for real, document in documents.items():
        wrong = list(document.faults)
        imports = called.get(real, ())
        strange = next((i for i in imports if i.iri not in document.names), None)
        if document.iri and first.setdefault(document.iri, document.path) != document.path:
            wrong.append(_same_name(document, first[document.iri]))
        elif strange and not document.iri:
            wrong.append(
                strange.finding(
                    f"The catalog leads to {document.path}, which has no ontology header with an "
                    "IRI, so an editor does not find the import in it. Begin it with "
                    f"<{strange.iri}> a owl:Ontology ."
                )
            )
        elif strange and called_so.count(document.iri) == 1:
            wrong.append(
                strange.finding(
                    f"The catalog leads to {document.path}, which calls itself <{document.iri}>. "
                    "Import it, and name it in the catalog, by that name, or correct its header."
                )
            )
        names = document.names | {i.iri for i in imports}
        read.append(document._replace(names=names, faults=tuple(wrong)))
    return read


def _same_name(document: Document, other: Path) -> Finding:
    message = (
        f"{other} calls itself so too, and an editor loads one of two ontologies with one name. "
        "Give each its own."
    )
    place = place_of(
        document.path,
        document.quads,
        lambda q: q.predicate.value == _TYPE and q.subject.value == document.iri,  # type: ignore[union-attr]
    )
    return Finding(
        "violation", "ontology IRI", document.iri, "", "", message, str(document.path), *place
    )


def faults(documents: Iterable[Document]) -> list[Finding]:
    """Return what is wrong with documents themselves, the same for every command."""
    return [fault for document in documents for fault in document.faults]


def faults_of(path: Path) -> list[Finding]:
    """Return what is wrong with one document itself, and with its imports where these are found.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return faults(read_all([path]))
    except UserError:
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
    beside = {path.parent / CATALOG for path in paths}
    catalogs = {read for path in beside for read in Catalog(path).read()}
    return sorted(map(str, {*paths, *beside, *catalogs}))


def replaced(documents: Iterable[Document]) -> dict[str, Path]:
    """Return packaged module IRI -> the user's file that takes its place."""
    packaged = packaged_catalog()
    own = [(d.iri, d.path) for d in documents if d.iri in packaged]
    of = {place: iri for iri, place in packaged.items()}
    own += [(of[p], d.path) for d in documents for p in d.instead if p in of]
    return {iri: path for iri, path in own if path.resolve() != packaged[iri].resolve()}


def together(documents: Sequence[Document]) -> list[ox.Quad]:
    """Return the packaged graph and the user's documents as one graph.

    A document with the ontology IRI of a packaged one takes its place: an edited copy of a module.
    """
    shipped = parts(documents).values()
    return [quad for quads in (*shipped, *(d.quads for d in documents)) for quad in quads]


def parts(documents: Sequence[Document]) -> dict[Path, list[ox.Quad]]:
    """Return the packaged graph file by file, without those in whose place documents are."""
    packaged = packaged_catalog()
    without = {packaged[d.iri] for d in documents if d.iri in packaged}
    without |= {path for document in documents for path in document.instead}
    return dict(loading.parts(without=without))
