"""Names that are none: relative to a file that has no base, or the path of a file on a disk.

To look at the rest of such a file, relative names are read as IRIs of a scheme that nothing else
has; they are faults, and nothing of that scheme leaves the program.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.reading.source import Place, Source

__all__ = ["base", "faults", "places", "shown"]

_SCHEME = "relative-iri:"
_BASE = re.compile(r"relative-iri://[^/\s<>\"]*/")
_PLACE = re.compile(r"(?:relative-iri|file):", re.IGNORECASE)
_RELATIVE = (
    "This name is relative, and the file says not to what, so it means nothing elsewhere. Add "
    "@base <...> . (Turtle) or xml:base (RDF/XML) at the beginning, or write it in full."
)
_FILE = (
    "This names a place on a disk, which means nothing elsewhere. Write an address of your own, "
    "such as https://example.org/my-lab#name."
)


def base(path: Path) -> str:
    """Return what the relative names of a file are read as relative to; no path stands in it."""
    return f"{_SCHEME}//{quote(path.name, safe='')}/"


def shown(text: str) -> str:
    """Return a text with relative names as they are written."""
    return _BASE.sub("", text)


def places(triple: ox.Triple | ox.Quad) -> Iterator[str]:
    """Yield the IRIs of a triple that are relative or name a file, datatypes among them."""
    for node in (triple.subject, triple.predicate, triple.object):
        name = node.datatype if isinstance(node, ox.Literal) else node
        if isinstance(name, ox.NamedNode) and _PLACE.match(name.value):
            yield name.value


def faults(path: Path, quads: Iterable[ox.Quad]) -> list[Finding]:
    """Return a violation for each relative name and each path of a file, with its place.

    Args:
        path: The file.
        quads: What was read from it with `base`.
    """
    if not any(name for quad in quads for name in places(quad)):
        return []
    found: dict[str, Place] = {}
    for quad, place in Source(path, base(path)).placed():
        for name in places(quad):
            found.setdefault(name, place)
    return [
        Finding(
            "violation",
            "relative IRI" if name.startswith(_SCHEME) else "file IRI",
            f"<{shown(name)}>",
            "",
            "",
            _RELATIVE if name.startswith(_SCHEME) else _FILE,
            str(path),
            *place,
        )
        for name, place in found.items()
    ]
