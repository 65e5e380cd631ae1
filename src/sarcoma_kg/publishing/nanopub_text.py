"""One nanopublication as text: four named graphs under a trusty URI, as TriG and as N-Quads.

Nanopublication Guidelines, https://nanopub.net/guidelines/working_draft/; TriG 1.1; N-Quads 1.1.
"""

import functools
import itertools
import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from sarcoma_kg.ground.namespaces import PREFIXES
from sarcoma_kg.publishing import trusty

__all__ = [
    "BASE", "NP", "NPX", "THIS", "Block", "Nanopub", "Row", "Writer", "block", "own", "part", "row",
]  # fmt: skip

#: Every nanopublication is named by this and its artifact code.
BASE = "https://w3id.org/sarcoma-kg/np/"
NP = "http://www.nanopub.org/nschema#"
NPX = "http://purl.org/nanopub/x/"

_UNKNOWN = BASE + trusty.UNKNOWN
#: The nanopublication itself, while its code is unknown.
THIS = ox.NamedNode(_UNKNOWN)
_SHORT = {
    **{
        name: PREFIXES[name]
        for name in (
            "bibo", "cito", "dcterms", "kb", "oa", "owl", "pav", "prov", "rdfs", "skg", "xsd",
        )
    },
    "dce": "http://purl.org/dc/elements/1.1/", "np": NP, "npx": NPX,
}  # fmt: skip
_NAMES = {iri: name for name, iri in _SHORT.items()}
# A part of what Turtle allows after the colon; nothing in it needs an escape.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")
_TYPE = PREFIXES["rdf"] + "type"
_STRING = PREFIXES["xsd"] + "string"


#: In N-Quads that wait for it: the name of the graph, the name of the nanopublication. Neither
#: character can stand in N-Quads unescaped.
_GRAPH, _OWN = "\0", "\1"


class Row(NamedTuple):
    """A triple in every form that is needed of it.

    Attributes:
        statement: For the hash, and for the order.
        trig: Subject, predicate and object as TriG.
        quad: As a line of N-Quads.
    """

    statement: trusty.Statement
    trig: tuple[str, str, str]
    quad: str


class Block(NamedTuple):
    """All that one graph says of one subject, in every form.

    Attributes:
        subject: What it is sorted by.
        hashed: For the artifact code.
        trig: As TriG.
        quads: As N-Quads.
    """

    subject: str
    hashed: bytes
    trig: str
    quads: str


@functools.lru_cache(maxsize=8192)
def _short(iri: str) -> str:
    if iri.startswith(_UNKNOWN):
        return "this:" if iri == _UNKNOWN else f"sub:{iri[len(_UNKNOWN) + 1 :]}"
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    name = _NAMES.get(iri[:cut])
    return f"{name}:{iri[cut:]}" if name and _LOCAL.match(iri, cut) else f"<{iri}>"


def _trig(node: object) -> str:
    if isinstance(node, ox.NamedNode):
        return _short(node.value)
    if isinstance(node, ox.Literal) and not node.language and node.datatype.value != _STRING:
        return f"{ox.Literal(node.value)}^^{_short(node.datatype.value)}"
    return str(node)


def row(triple: ox.Triple, code: str = "") -> Row:
    """Return a triple in every form.

    Args:
        triple: IRIs and literals only.
        code: As in `trusty.statement`.

    Raises:
        ValueError: there is a blank node.
    """
    # Each look at a part of a triple makes a new object: look once.
    subject, link, node = triple.subject, triple.predicate, triple.object
    statement = trusty.statement(subject, link, node, code)
    predicate = "a" if link.value == _TYPE else _short(link.value)
    start, target = f"{subject} {link}", str(node)
    if code:
        start = start.replace(_UNKNOWN, _OWN)
        if isinstance(node, ox.NamedNode):
            target = target.replace(_UNKNOWN, _OWN)
    return Row(
        statement,
        (_trig(subject), predicate, _trig(node)),
        f"{start} {target} {_GRAPH} .\n",
    )


@functools.lru_cache(maxsize=1024)
def own(subject: ox.NamedNode, predicate: str, target: ox.NamedNode | ox.Literal) -> Row:
    """Return what a nanopublication says beyond the data, with `THIS` for its name."""
    return row(ox.Triple(subject, ox.NamedNode(predicate), target), trusty.UNKNOWN)


def part(name: str) -> ox.NamedNode:
    """Return the IRI of a graph or another node that belongs to the nanopublication alone."""
    return ox.NamedNode(f"{_UNKNOWN}#{name}")


def block(graph: str, rows: Iterable[Row]) -> Block:
    """Return rows as one block.

    Args:
        graph: Head, assertion, provenance or pubinfo.
        rows: All with the same subject, which has no other block in this graph.
    """
    ordered = sorted(set(rows))
    said = [
        f"{predicate} " + " , ".join(one.trig[2] for one in same)
        for predicate, same in itertools.groupby(ordered, lambda one: one.trig[1])
    ]
    # Readers look for the type first.
    said.sort(key=lambda words: not words.startswith("a "))
    return Block(
        ordered[0].statement.order[0],
        trusty.hashed(f"{BASE} #{graph}", [one.statement for one in ordered]),
        f"  {ordered[0].trig[0]} " + " ;\n    ".join(said) + " .\n",
        "".join(one.quad for one in ordered),
    )


class Nanopub:
    """Three graphs to fill; the head follows from them."""

    def __init__(self) -> None:
        self.graphs: dict[str, list[Block]] = {
            "Head": [_HEAD], "assertion": [], "provenance": [], "pubinfo": [],
        }  # fmt: skip

    def add(self, graph: str, rows: Iterable[Row]) -> None:
        """Add rows, of any subjects that have no block in this graph yet."""
        ordered = sorted(rows)
        for _, same in itertools.groupby(ordered, lambda one: one.statement.order[0]):
            self.graphs[graph].append(block(graph, same))


_HEAD = block(
    "Head",
    [
        own(THIS, _TYPE, ox.NamedNode(NP + "Nanopublication")),
        own(THIS, NP + "hasAssertion", part("assertion")),
        own(THIS, NP + "hasProvenance", part("provenance")),
        own(THIS, NP + "hasPublicationInfo", part("pubinfo")),
    ],
)


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Writer:
    """Writes nanopublications one after the other.

    Args:
        trig: Gets TriG.
        quads: Gets the same as N-Quads.
    """

    def __init__(self, trig: _Sink, quads: _Sink | None = None) -> None:
        self._trig, self._quads = trig, quads
        trig.write("".join(f"@prefix {n}: <{i}> .\n" for n, i in sorted(_SHORT.items())).encode())

    def write(self, nanopub: Nanopub) -> str:
        """Write one and return its trusty URI."""
        # The names of the graphs are in the order in which the hash takes them.
        graphs = {name: sorted(blocks) for name, blocks in nanopub.graphs.items()}
        code = trusty.artifact_code(one.hashed for blocks in graphs.values() for one in blocks)
        iri = BASE + code
        self._trig.write(f"\n@prefix this: <{iri}> .\n@prefix sub: <{iri}#> .\n".encode())
        for name, blocks in graphs.items():
            body = "".join(one.trig for one in blocks)
            self._trig.write(f"\nsub:{name} {{\n{body}}}\n".encode())
            if self._quads:
                lines = "".join(one.quads for one in blocks)
                named = lines.replace(_GRAPH, f"<{iri}#{name}>").replace(_OWN, iri)
                self._quads.write(named.encode())
        return iri
