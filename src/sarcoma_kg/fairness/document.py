"""The ontology that is judged: the packaged one, a file, or the file of a release folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files, loading
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Document", "from_triples", "packaged", "read"]

_OWL = namespaces.PREFIXES["owl"]
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_ONTOLOGY = ox.NamedNode(_OWL + "Ontology")
_IMPORTS = ox.NamedNode(_OWL + "imports")
_VERSION = _OWL + "versionIRI"
_NAMESPACE = "http://purl.org/vocab/vann/preferredNamespaceUri"
#: Of two files with the same content, the one in RDF/XML is that of OBO's rules.
_RANK = {".owl": 0, ".rdf": 1, ".xml": 2, ".ttl": 3, ".nt": 4}


class Document(NamedTuple):
    """An ontology document.

    Attributes:
        place: What a person calls it: the path, or "the packaged ontology".
        syntax: Its media type; empty when it is no file.
        iri: The ontology IRI.
        header: What the header says: property IRI -> values.
        store: All triples.
    """

    place: str
    syntax: str
    iri: str
    header: dict[str, list[Term]]
    store: EmbeddedStore

    @property
    def version(self) -> str:
        """The version IRI; empty when there is none."""
        return next((t.value for t in self.header.get(_VERSION, []) if t.kind == "iri"), "")

    @property
    def namespace(self) -> str:
        """The namespace that the header declares, else the ontology IRI."""
        return next((t.value for t in self.header.get(_NAMESPACE, [])), "") or self.iri

    def owns(self, iri: str) -> bool:
        """Tell whether a name is one of the ontology's own."""
        return iri.startswith((self.iri, self.namespace))


def from_triples(triples: Iterable[ox.Triple], place: str, syntax: str = "") -> Document:
    """Return a document of these triples.

    Args:
        triples: All of them.
        place: What a person calls the document.
        syntax: Media type of the file.

    Raises:
        UserError: there is no ontology header with an IRI.
    """
    inner = ox.Store()
    inner.bulk_extend(ox.Quad(*triple) for triple in triples)
    found = [quad.subject for quad in inner.quads_for_pattern(None, _TYPE, _ONTOLOGY)]
    headers = {node.value for node in found if isinstance(node, ox.NamedNode)}
    imported = {quad.object.value for quad in inner.quads_for_pattern(None, _IMPORTS, None)}  # type: ignore[union-attr]
    # A document with the headers of its parts is that of the one which no other imports.
    top = sorted(headers - imported) or sorted(headers)
    if not top:
        raise UserError(
            f"{place}: no ontology header", "say <IRI> a owl:Ontology; its metadata is judged"
        )
    if len(top) > 1:
        raise UserError(
            f"{place}: several ontology headers: {', '.join(top)[:200]}", "give one ontology a file"
        )
    store = EmbeddedStore(inner)
    rows = store.select(f"SELECT ?p ?o WHERE {{ {ox.NamedNode(top[0])} ?p ?o }} ORDER BY ?p ?o")
    header: dict[str, list[Term]] = {}
    for said, value in rows.rows:
        if said is not None and value is not None:
            header.setdefault(said.value, []).append(value)
    return Document(place, syntax, top[0], header, store)


def packaged() -> Document:
    """Return the packaged ontology as one file without the imports: the base, which OBO judges."""
    from sarcoma_kg.owl import onefile

    return from_triples(onefile.triples(base=True), "the packaged ontology")


def read(path: Path) -> Document:
    """Return the ontology in a file, or that of a release folder.

    Of a folder's files (those in `ontology/` below it, where there is such a folder), the ontology
    is NAME-base, which the OBO Dashboard judges; else the largest, since the modules are smaller
    than the whole. Of files with one name, RDF/XML goes first.

    Raises:
        UserError: missing, not RDF, or without an ontology header.
    """
    if path.is_dir():
        path = _chosen(path)
    triples = [quad.triple for quad in loading.read(path)]
    return from_triples(triples, str(path), files.read_rdf_text(path)[1])


def _chosen(folder: Path) -> Path:
    place = folder / "ontology" if (folder / "ontology").is_dir() else folder
    sizes: dict[str, int] = {}
    files: dict[str, list[Path]] = {}
    for path in sorted(place.iterdir()):
        if path.is_file() and path.suffix.lower() in _RANK:
            sizes[path.stem] = max(sizes.get(path.stem, 0), path.stat().st_size)
            files.setdefault(path.stem, []).append(path)
    if not files:
        raise UserError(
            f"{place}: no ontology file", "name a release folder, or a .ttl, .owl, .rdf or .nt file"
        )
    chosen = min(files, key=lambda stem: (not stem.endswith("-base"), -sizes[stem], stem))
    return min(files[chosen], key=lambda file: (_RANK[file.suffix.lower()], file.name))
