"""Reading NCIt and ChEBI as they are published, as a stream: label, is-a links, state of each term.

Each file is recognised by its first bytes and may be compressed with gzip. `owlxml` reads RDF/XML,
`graphs` what is in another syntax of OWL, as a whole, and `flatfiles` the rest; they name the pages
that describe the formats. Nothing is kept but the wanted
terms and, for ancestors, eight bytes for each is-a link.
"""

import gzip
import time
import zlib
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from sarcoma_kg.ground import syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.vocabularies import flatfiles, graphs, owlxml
from sarcoma_kg.vocabularies.concepts import RETIRED_PARENTS, Concept, Reading, Vocabulary

__all__ = ["Gathered", "Progress", "Source", "gather"]

Progress = Callable[[str], None]

_PAUSE = 2.0


class Gathered(NamedTuple):
    """What was looked for in a file.

    `concepts` holds the wanted terms, the ancestors and what replaces a wanted term; `merged` says
    for a wanted code which other concept now carries it as an alternative identifier.
    """

    concepts: dict[str, Concept]
    merged: dict[str, str]
    ancestors: set[str]
    version: str
    elements: int


class Source(Reading):
    """A file of a vocabulary; iterating reads it once from the start."""

    def __iter__(self) -> Iterator[Concept]:
        """Yield each term of the vocabulary.

        Raises:
            UserError: the file is missing, cut off, malformed or of no known format.
        """
        self.elements = 0
        if not self.path.is_file():
            raise UserError(f"{self.path}: no such file", "name a file that you have downloaded")
        try:
            with open(self.path, "rb") as probe:
                zipped = probe.read(2) == b"\x1f\x8b"
            opener: Callable[[Path, str], IO[bytes]] = gzip.open if zipped else open  # type: ignore[assignment]
            with opener(self.path, "rb") as stream:
                head = stream.read(4096)
            with opener(self.path, "rb") as stream:
                yield from self._read(head.removeprefix(b"\xef\xbb\xbf").lstrip(), stream)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UserError(
                f"{self.path}: after {self.elements} elements or lines: the .gz is cut off or "
                f"damaged: {error}",
                "download it again; the present module stays as it is",
            ) from error
        except OSError as error:
            raise UserError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def _read(self, head: bytes, stream: IO[bytes]) -> Iterator[Concept]:
        first = head.split(b"\n", 1)[0].rstrip(b"\r")
        syntax = syntaxes.recognised(head.decode(errors="ignore"))
        if syntax in syntaxes.MEDIA_TYPES and syntax not in ("RDF/XML", "OBO"):
            return graphs.read(self, stream, syntax)
        if head.startswith(b"<"):
            return owlxml.read(self, stream)
        if head.startswith(b"format-version:"):
            return flatfiles.read_obo(self, stream)
        if first.split(b"\t")[:3] == [b"ncit_code", b"label", b"parent_codes"]:
            return flatfiles.read_tree(self, stream)
        if first.count(b"\t") >= flatfiles.FLAT_FIELDS - 1 and self.vocabulary == "NCIT":
            return flatfiles.read_flat(self, stream)
        hint = "NCIt as OWL or Thesaurus.txt, ChEBI as OWL or OBO, plain or .gz"
        if head.startswith(b"PK"):
            hint = "unpack the .zip and name the file in it"
        elif self.vocabulary == "NCIT" and first.count(b"\t") in (4, 5):
            hint = "this may be the flat file of before 2016, which lacks the codes of the parents"
        raise UserError(f"{self.path}: no format that this command reads", hint)


def _join(one: Concept | None, other: Concept) -> Concept:
    """Put together what two blocks of a file say of the same concept."""
    if one is None:
        return other
    retired = one.retired or other.retired
    parents = () if retired else tuple(dict.fromkeys(one.parents + other.parents))
    return Concept(
        one.code, one.label or other.label, parents, retired,
        one.replaced_by or other.replaced_by, one.alternatives + other.alternatives,
    )  # fmt: skip


class _Ticker:
    """Says how far the reading is, at most every two seconds."""

    def __init__(self, progress: Progress, source: Source, total: int) -> None:
        self._progress, self._source, self._total = progress, source, total
        self._last = time.monotonic()

    def __call__(self, found: int) -> None:
        now = time.monotonic()
        if now - self._last >= _PAUSE:
            self._last = now
            self._progress(
                f"{self._source.elements:,} elements, {found} of {self._total} terms found"
            )


def _above(edges: "array[int]", start: Iterable[str]) -> set[str]:
    """Return the codes on the way up from `start`, those of `start` excluded unless reached."""
    reached: set[int] = set()
    frontier = {int(code[1:]) for code in start}
    while frontier:
        parents = {edges[n + 1] for n in range(0, len(edges), 2) if edges[n] in frontier}
        frontier = parents - reached
        reached |= parents
    return {f"C{number}" for number in reached}


def _below(edges: "array[int]", start: Iterable[str]) -> set[str]:
    """Return the codes of `start` and all below them."""
    reached = {int(code[1:]) for code in start}
    frontier = reached
    while frontier:
        children = {edges[n] for n in range(0, len(edges), 2) if edges[n + 1] in frontier}
        frontier = children - reached
        reached = reached | frontier
    return {f"C{number}" for number in reached}


def _withdrawn(concept: Concept) -> Concept:
    return concept._replace(parents=(), retired=True)


def gather(
    path: Path,
    vocabulary: Vocabulary,
    wanted: Collection[str],
    progress: Progress,
    *,
    climb: Collection[str] = (),
) -> Gathered:
    """Read the wanted terms, and for NCIt everything above those in `climb`.

    The file is read a second time when an ancestor, or what replaces a term, was passed before it
    was known to be one.

    Raises:
        UserError: as for iterating a `Source`.
    """
    source = Source(path, vocabulary)
    found: dict[str, Concept] = {}
    merged: dict[str, str] = {}
    edges = array("I")
    tick = _Ticker(progress, source, len(wanted))
    for concept in source:
        if concept.code in wanted:
            found[concept.code] = _join(found.get(concept.code), concept)
        for other in concept.alternatives:
            if other in wanted:
                merged[other] = concept.code
                found.setdefault(concept.code, concept)
        if vocabulary == "NCIT":
            for parent in concept.parents:
                edges.extend((int(concept.code[1:]), int(parent[1:])))
        tick(len(found))
    # Not every edition marks a withdrawn concept; all keep it below one for withdrawn ones.
    gone = _below(edges, RETIRED_PARENTS) if vocabulary == "NCIT" else set()
    found |= {code: _withdrawn(found[code]) for code in found.keys() & gone}
    ancestors = _above(edges, {*climb} - gone)
    successors = {concept.replaced_by for concept in found.values()} - {""}
    passed = (ancestors | successors) - found.keys()
    elements = source.elements
    if passed:
        tick = _Ticker(progress, source, len(passed))
        seen = 0
        for concept in source:
            if concept.code in passed:
                seen += concept.code not in found
                known = _withdrawn(concept) if concept.code in gone else concept
                found[concept.code] = _join(found.get(concept.code), known)
            tick(seen)
    return Gathered(found, merged, ancestors, source.version, elements)
