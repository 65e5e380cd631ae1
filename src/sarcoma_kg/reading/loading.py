"""Reading RDF files into triples, with messages that name file, line and column."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files, sssom
from sarcoma_kg.turtle import limits

__all__ = ["packaged", "read"]


_NO_BASE = "No scheme found in an absolute IRI"


def read(path: Path, label: str = "", *, relative: bool = False) -> list[ox.Quad]:
    """Read one RDF file; named graphs are folded into the default graph.

    Blank nodes get labels from the file name, so that files never share one and two builds give
    the same labels.

    Args:
        path: The file.
        label: What labels of blank nodes begin with; the name of the file when empty.
        relative: Whether names relative to the file are taken, to be compared and then forgotten.
            Otherwise they are refused, since a path on a disk is no identifier.

    Raises:
        UserError: unreadable, not RDF (with line and column), without any triple, or with a
            string too long for the parser.
    """
    raw, media_type = files.read_rdf_bytes(path)
    limits.check_nesting(raw, str(path))
    stem = label or "".join(c if c.isalnum() else "" for c in path.stem)
    labels: dict[str, ox.BlankNode] = {}

    def own(node: object) -> object:
        if isinstance(node, ox.BlankNode):
            return labels.setdefault(node.value, ox.BlankNode(f"{stem}{len(labels)}"))
        if isinstance(node, ox.Triple):
            raise ValueError("triple terms are not RDF 1.1")
        return node

    quads = []
    try:
        parsed = ox.parse(
            raw,
            format=ox.RdfFormat.from_media_type(media_type),
            base_iri=path.resolve().as_uri() if relative else None,
        )
        for quad in parsed:
            quads.append(ox.Quad(own(quad.subject), quad.predicate, own(quad.object)))  # type: ignore[arg-type]
    except (SyntaxError, ValueError, OSError) as error:
        line = getattr(error, "lineno", None)
        column = getattr(error, "offset", None)
        place = f"line {line}, column {column}: " if line else ""
        reason = getattr(error, "msg", None) or str(error)
        if _NO_BASE in reason:
            raise _relative(path, raw.decode(), reason, line, column) from error
        raise UserError(f"{path}: {place}{reason}", "correct the file and run again") from error
    except MemoryError as error:
        raise limits.too_long(str(path), error) from error
    if not quads:
        raise UserError(f"{path}: the file holds no triple")
    return quads


def _relative(
    path: Path, text: str, reason: str, line: int | None, column: int | None
) -> UserError:
    """Return what to say of a relative IRI; the parser of RDF/XML does not tell where it stands."""
    if not line and (said := re.search("IRI '(.*?)'", reason)):
        name = re.escape(said[1])
        about = rf"""rdf:(?:about|resource|datatype)\s*=\s*(["']){name}\1"""
        named = rf"""rdf:ID\s*=\s*(["']){name.removeprefix(re.escape("#"))}\2"""
        if found := re.search(f"{about}|{named}", text):
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
    place = f"line {line}, column {column}: " if line else ""
    return UserError(
        f"{path}: {place}a relative IRI, and the file says not what it is relative to",
        "add @base <...> . (Turtle) or xml:base (RDF/XML) at the beginning, or write it in full",
    )


def packaged(
    claims: Iterable[Path] | None = None, without: Collection[Path] = ()
) -> Iterator[ox.Quad]:
    """Yield everything that ships: ontology, imports, mappings and instance data.

    Args:
        claims: Instance data to take instead of all of it.
        without: Files to leave out, since the user brings her own version of them.
    """
    for path in resources.ontology_files():
        if path not in without:
            yield from read(path)
    for path in sssom.mapping_files():
        yield from sssom.quads(sssom.read(path))
    for path in resources.claim_files() if claims is None else claims:
        if path not in without:
            yield from read(path)
