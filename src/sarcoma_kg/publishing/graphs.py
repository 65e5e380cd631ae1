"""The graphs of a release, each in every RDF 1.1 format.

Four graphs: `ontology` (classes and properties, in one file; also without the slim imports, and in
the parts that OBO knows as simple and as subsets), `asserted` (all that is written), `inferred`
(what the reasoner and the rules add) and `sarcoma-kg` (both). Turtle, RDF/XML with the header first
and typed nodes, sorted N-Triples and N-Quads, JSON-LD; of the ontology also what OBO and OBO Graphs
carry of it. Blank nodes have the labels of RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), so equal
graphs give equal files.

Graphs are read and written line by line: none has to fit into memory.
"""

import gzip
import heapq
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.owl import obo, obographs, onefile, rdfxml, simple
from sarcoma_kg.publishing import jsonld
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["GRAPH", "NAMES", "SIMPLE", "WHOLE", "forget", "plain", "prepare", "write"]

#: What names of graphs in N-Quads begin with.
GRAPH = "https://w3id.org/sarcoma-kg/graph/"
WHOLE = "sarcoma-kg"
#: The graphs, the largest first.
NAMES = (WHOLE, "asserted", "ontology", "inferred")
#: IRIs of parts of the ontology.
SIMPLE = "https://w3id.org/sarcoma-kg/simple"
_SUBSETS = "https://w3id.org/sarcoma-kg/subset/"
_WORK = ".work"
_SUBCLASS = f" <{namespaces.PREFIXES['rdfs']}subClassOf> "
_BOTH = re.compile(rf"<([^>]*)>{re.escape(_SUBCLASS)}<([^>]*)> \.$")
_ENDS_BLANK = re.compile(r" _:[^\s\"]+ \.\n$")
#: For a character that XML has no form for.
_INSTEAD = "\ufffd"
# Level 1 makes files a quarter larger, level 9 takes three times as long.
_LEVEL = 6


def _canonical(lines: Iterable[str]) -> list[str]:
    """Return N-Triples with the canonical labels of their blank nodes, sorted."""
    quads = ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted({f"{q.triple} .\n" for q in dataset})


def _is_blank(line: str) -> bool:
    return line.startswith("_:") or bool(_ENDS_BLANK.search(line))


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a sorted file of N-Triples, blank nodes by their canonical labels.

    Those labels depend on nothing but the triples with a blank node.
    """
    with path.open(encoding="utf-8", newline="\n") as content:
        blank = _canonical(filter(_is_blank, content))
    with path.open(encoding="utf-8", newline="\n") as content:
        yield from heapq.merge((line for line in content if not _is_blank(line)), blank)


def _distinct(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line != before:
            yield line
        before = line


@contextmanager
def _packed(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that is compressed, with neither a name nor a time in its header."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed:
        yield packed  # type: ignore[misc]


def _pack(lines: Iterable[str], path: Path) -> None:
    rest = iter(lines)
    with _packed(path) as out:
        while part := "".join(islice(rest, 10_000)):
            out.write(part.encode())


def _triples(path: Path) -> Iterator[ox.Triple]:
    return map(attrgetter("triple"), ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES))


def plain(release: Release, name: str) -> Path:
    """Return the sorted N-Triples of a graph, which are there between `prepare` and `forget`."""
    return release.folder / _WORK / f"{name}.nt"


def _keep(release: Release, name: str, lines: Iterable[str]) -> None:
    with plain(release, name).open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(lines)


def prepare(release: Release, say: Say) -> None:
    """Write each graph but the ontology as sorted N-Triples: the other forms are made from them.

    Args:
        release: What to publish.
        say: Called with a few words at the beginning of each step.
    """
    say("sorting the graphs")
    (release.folder / _WORK).mkdir()
    for name in ("asserted", "inferred"):
        _keep(release, name, _lines(release.build.folder / f"{name}.nt"))
    with (
        plain(release, "asserted").open(encoding="utf-8") as a,
        plain(release, "inferred").open(encoding="utf-8") as b,
    ):
        _keep(release, WHOLE, _distinct(heapq.merge(a, b)))


def forget(release: Release, say: Say) -> None:
    """Remove what `prepare` wrote."""
    shutil.rmtree(release.folder / _WORK)


def write(name: str, release: Release, say: Say) -> None:
    """Write a graph in all formats.

    Args:
        name: One of `NAMES`.
        release: A release with its graphs prepared.
        say: Called with a few words at the beginning of each step.
    """
    say(f"writing the {name} graph")
    if name == "ontology":
        whole, imported = onefile.both()
        _keep(release, name, _canonical(f"{triple} .\n" for triple in whole))
    folder = release.folder / ("ontology" if name == "ontology" else "graphs")
    folder.mkdir(exist_ok=True)
    target = folder / ("sarcoma" if name == "ontology" else name)
    _formats(plain(release, name), target, prefixes=namespaces.PREFIXES)
    parts = [name] if name != WHOLE else ["asserted", "inferred"]
    _pack(
        _quads({part: plain(release, part) for part in parts}),
        target.with_name(f"{target.name}.nq.gz"),
    )
    if name == "ontology":
        _for_ontologists(release, folder, {f"{triple} .\n" for triple in imported})


def _for_ontologists(release: Release, folder: Path, imported: set[str]) -> None:
    """Write the base, the bridges, and the ontology in the forms and parts that OBO knows."""
    ontology = list(_triples(plain(release, "ontology")))
    base = [t for t in ontology if f"{t} .\n" not in imported] if imported else ontology
    _put(folder / "sarcoma-base.owl", rdfxml.pieces(lambda: base, instead=_INSTEAD))
    _put(folder / "sarcoma.ttl", [turtle.serialize(ontology)])
    _put(folder / "sarcoma.obo", [obo.render(ontology)])
    _put(folder / "sarcoma.json", [obographs.render(ontology)])
    for bridge in sorted((resources.data_root() / "ontology" / "bridges").glob("*.ttl")):
        shutil.copyfile(bridge, folder / f"bridge-{bridge.name}")
    terms = simple.Terms(base, _subsumptions(plain(release, "inferred")), namespaces.SKG)
    _part(folder / "sarcoma-simple", terms.whole(SIMPLE))
    (folder / "subsets").mkdir()
    for mark in terms.subsets:
        name = mark.removeprefix(namespaces.SKG)
        _part(folder / "subsets" / name, terms.subset(mark, f"{_SUBSETS}{name}"))


def _subsumptions(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what the reasoner found, as IRIs, from sorted N-Triples."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if _SUBCLASS in line and (found := _BOTH.match(line)):
                yield found[1], found[2]


def _part(target: Path, triples: list[ox.Triple]) -> None:
    """Write an ontology as RDF/XML and OBO."""
    owl = rdfxml.pieces(lambda: triples, instead=_INSTEAD)
    _put(target.with_name(f"{target.name}.owl"), owl)
    _put(target.with_name(f"{target.name}.obo"), [obo.render(triples)])


def _put(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(pieces)


def _formats(source: Path, target: Path, prefixes: dict[str, str]) -> None:
    """Write one graph in the formats of triples."""
    name = target.name
    with source.open(encoding="utf-8", newline="\n") as lines:
        _pack(lines, target.with_name(f"{name}.nt.gz"))
    with target.with_name(f"{name}.ttl").open("wb") as out:
        ox.serialize(_triples(source), out, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    _put(
        target.with_name(f"{name}.owl"),
        rdfxml.pieces(lambda: _triples(source), prefixes, instead=_INSTEAD),
    )
    _put(target.with_name(f"{name}.jsonld"), jsonld.pieces(_triples(source)))


def _quads(parts: dict[str, Path]) -> Iterator[str]:
    """Yield the lines of N-Quads, each graph under its name, sorted."""

    def named(name: str, path: Path) -> Iterator[str]:
        ending = f" <{GRAPH}{name}> .\n"
        with path.open(encoding="utf-8", newline="\n") as lines:
            yield from (line[:-3] + ending for line in lines)

    yield from heapq.merge(*(named(name, path) for name, path in parts.items()))
