"""The files of a release: what each is, in which format, how large, and its SHA-256."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.ground import file_names
from sarcoma_kg.ground.errors import UserError

__all__ = ["SUMS", "File", "files", "title", "write_sums"]

#: Name of the file with the checksums, in the form that `sha256sum --check` reads.
SUMS = "SHA256SUMS"
_MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".owl": "application/rdf+xml",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".jsonld": "application/ld+json",
    ".obo": "text/obo",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".rq": "application/sparql-query",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".xml": "application/xml",
    ".md": "text/markdown",
    ".cff": "application/yaml",
}
_TITLES = {
    "ontology/sarcoma-base": "The ontology without what is taken from NCIt and ChEBI",
    "ontology/sarcoma-simple": "The terms, their inferred parents and relations (OBO's -simple)",
    "ontology/subsets/": "The terms that the ontology marks as a subset, each in a file of its own",
    "ontology/ols.json": "An entry for the loader of an Ontology Lookup Service",
    "ontology/sarcoma.obo": "What OBO carries of the ontology: terms, relations, no individuals",
    "ontology/sarcoma.json": "What OBO Graphs carries of the ontology",
    "ontology/sarcoma": "The ontology in one file, without claims",
    "ontology/bridge-upper": "Where its terms stand under those of BFO, RO, UBERON and Mondo",
    "graphs/asserted": "All that is written: ontology, mappings, claims, citations, evidence",
    "graphs/inferred": "What the reasoner and the rules add to it",
    "graphs/sarcoma-kg": "The whole graph: asserted and inferred",
    "nanopubs/": "One nanopublication for each claim",
    "mappings/": "Mappings to other vocabularies (SSSOM)",
    "queries/": "Questions as SPARQL, with the answers that curators wrote down",
    "shapes/": "SHACL shapes that the graph conforms to",
    "tables/": "The claims as a table",
    "site/": "A page for each term, claim, source and question",
    "context.jsonld": "The JSON-LD context",
    "void.ttl": "Statistics (VoID)",
    "dcat.ttl": "Catalogue record (DCAT-AP)",
    "prov.ttl": "What the release was made from (PROV)",
    "service-description.ttl": "Service description, for who serves the graph by SPARQL",
    "ro-crate-metadata.json": "Research object (RO-Crate)",
    "CITATION.cff": "How to cite",
    ".zenodo.json": "What Zenodo is told of the release",
    "changes.md": "What changed since the release before",
    "README.md": "Read this first",
    "llms.txt": "The same for language models",
}


class File(NamedTuple):
    """A file.

    Attributes:
        path: Its path in the release, with slashes.
        title: What it holds.
        media_type: IANA media type of its content, once unpacked.
        packed: Whether it is compressed by gzip.
        size: Bytes.
        place: Where it is now.
    """

    path: str
    title: str
    media_type: str
    packed: bool
    size: int
    place: Path

    @property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal; the file is read for it."""
        with self.place.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()


def title(name: str) -> str:
    """Return in words what a file of a release holds, by its path."""
    return next((text for start, text in _TITLES.items() if name.startswith(start)), name)


def _file(folder: Path, path: Path) -> File:
    name = path.relative_to(folder).as_posix()
    suffixes = path.suffixes
    packed = suffixes[-1:] == [".gz"]
    ending = suffixes[-2] if packed else path.suffix
    media_type = _MEDIA_TYPES.get(ending, "text/plain")
    return File(name, title(name), media_type, packed, path.stat().st_size, path)


def files(folder: Path, *, pages: bool = False) -> list[File]:
    """Return the files of a release but the list of checksums, in the order of their names.

    Args:
        folder: The release.
        pages: Whether to list those of the site too, which are thousands.
    """
    places = [path for path in folder.iterdir() if pages or path.name != "site"]
    found = [path for place in places for path in (place, *place.rglob("*"))]
    names = (path for path in found if path.is_file() and path.name != SUMS)
    return sorted((_file(folder, path) for path in names), key=lambda file: file.path)


def _check_names(found: list[File]) -> None:
    """Refuse names that somebody who unpacks the release could not have side by side."""
    known: dict[str, str] = {}
    for file in found:
        parts = (part.removeprefix(".") for part in file.path.split("/"))
        if not all(map(file_names.fits, parts)):
            raise UserError(
                f"{file.path}: not a name that a file may have on every system",
                "rename it: letters, digits, `_`, `-` and `.` only, and no name of a device",
            )
        other = known.setdefault(file.path.casefold(), file.path)
        if other != file.path:
            raise UserError(
                f"{file.path}: differs from {other} in case alone", "rename one of the two"
            )


def write_sums(folder: Path) -> None:
    """Write the checksums of all files of a release.

    Raises:
        UserError: the name of a file is none everywhere.
    """
    found = files(folder, pages=True)
    _check_names(found)
    lines = "".join(f"{file.sha256}  {file.path}\n" for file in found)
    (folder / SUMS).write_text(lines, encoding="utf-8", newline="\n")
