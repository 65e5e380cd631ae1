"""Reading RDF files into triples, with messages that name file, line and column."""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import resources
from sarcoma_kg.reading import sssom
from sarcoma_kg.reading.source import Source

__all__ = ["packaged", "parts", "read"]


def read(path: Path, label: str = "", *, base: str | None = None) -> list[ox.Quad]:
    """Read one RDF file; named graphs are folded into the default graph.

    Blank nodes get labels from the file name, so that files never share one and two builds give
    the same labels.

    Args:
        path: The file.
        label: What labels of blank nodes begin with; the name of the file when empty.
        base: What names relative to the file are relative to; when None they are refused, since a
            path on a disk is no identifier.

    Raises:
        UserError: unreadable, not RDF (with line and column), without any triple, or with a
            string too long for the parser.
    """
    source = Source(path, base)
    stem = label or "".join(c if c.isalnum() else "" for c in path.stem)
    labels: dict[str, ox.BlankNode] = {}

    def own(node: object) -> object:
        if isinstance(node, ox.BlankNode):
            return labels.setdefault(node.value, ox.BlankNode(f"{stem}{len(labels)}"))
        return node

    quads = [ox.Quad(own(q.subject), q.predicate, own(q.object)) for q in source.quads()]  # type: ignore[arg-type]
    if not quads:
        raise source.empty()
    return quads


def packaged(
    claims: Iterable[Path] | None = None, without: Collection[Path] = ()
) -> Iterator[ox.Quad]:
    """Yield everything that ships: ontology, imports, mappings and instance data.

    Args:
        claims: Instance data to take instead of all of it.
        without: Files to leave out, since the user brings her own version of them.
    """
    for _, quads in parts(claims, without):
        yield from quads


def parts(
    claims: Iterable[Path] | None = None, without: Collection[Path] = ()
) -> Iterator[tuple[Path, list[ox.Quad]]]:
    """Yield everything that ships as `packaged` does, file by file."""
    for path in [*resources.ontology_files(), *sssom.mapping_files()]:
        if path not in without:
            yield path, _shipped(path, _state(path))
    for path in resources.claim_files() if claims is None else claims:
        if path not in without:
            yield path, _shipped(path, _state(path))


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=100)
def _shipped(path: Path, state: tuple[int, int]) -> list[ox.Quad]:
    """Read a file of ours; a process that looks again and again reads it once."""
    if path.suffix == ".tsv":
        return list(sssom.quads(sssom.read(path)))
    return read(path)
