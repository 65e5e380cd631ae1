"""Property paths (SHACL, section 2.3.1): read from RDF, written as SPARQL and as RDF.

A zero-length path on a node that the data does not hold gives a row in some engines and none in
others, while SHACL wants the node itself. So no query holds a zero-length path at the focus node:
a path is split into the question whether it may be empty, and what it matches in one step or more.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl.graph import RDF, SH, ShapesGraph, name
from sarcoma_kg.sparql.term import Term

__all__ = ["Path", "parse"]

_DEEPEST, _MOST_STEPS = 100, 200
_OPERATORS = {
    SH + "inversePath": "inverse",
    SH + "zeroOrMorePath": "zeroOrMore",
    SH + "oneOrMorePath": "oneOrMore",
    SH + "zeroOrOnePath": "zeroOrOne",
}
_PREDICATES = {kind: ox.NamedNode(iri) for iri, kind in _OPERATORS.items()}
_SUFFIX = {"zeroOrMore": "*", "oneOrMore": "+", "zeroOrOne": "?"}


class Path(NamedTuple):
    """A property path by structure: equal paths are equal values.

    Attributes:
        kind: 'predicate', 'inverse', 'sequence', 'alternative', 'zeroOrMore', 'oneOrMore' or
            'zeroOrOne'.
        iri: The predicate, for kind 'predicate'.
        parts: The inner paths, for the other kinds.
    """

    kind: str
    iri: str = ""
    parts: "tuple[Path, ...]" = ()

    def sparql(self) -> str:
        """Return the path as SPARQL syntax."""
        if self.kind == "predicate":
            return f"<{self.iri}>"
        inner = [part.sparql() for part in self.parts]
        if self.kind == "inverse":
            return f"^({inner[0]})" if self.parts[0].kind == "inverse" else f"^{inner[0]}"
        if self.kind in _SUFFIX:
            # A suffix may not follow a suffix, nor bind to what stands behind a '^'.
            bare = self.parts[0].kind in ("predicate", "sequence", "alternative")
            return f"{inner[0] if bare else f'({inner[0]})'}{_SUFFIX[self.kind]}"
        return f"({('/' if self.kind == 'sequence' else '|').join(inner)})"

    def nullable(self) -> bool:
        """Tell whether the path matches without a step."""
        if self.kind in ("zeroOrMore", "zeroOrOne"):
            return True
        if self.kind == "predicate":
            return False
        return (any if self.kind == "alternative" else all)(p.nullable() for p in self.parts)

    def positive(self) -> str:
        """Return SPARQL for the matches of the path that take at least one step.

        Zero-length parts are left only behind a step, where the node is in the data for sure.
        """
        if not self.nullable() and self.kind != "alternative":
            return self._led_by_a_step()
        inner = self.parts
        if self.kind in ("zeroOrMore", "oneOrMore"):
            return f"({inner[0].positive()})+"
        if self.kind == "zeroOrOne":
            return inner[0].positive()
        if self.kind == "inverse":
            return f"^({inner[0].positive()})"
        if self.kind == "alternative":
            return f"({'|'.join(part.positive() for part in inner)})"
        return self._led_by_a_step()

    def _led_by_a_step(self) -> str:
        """Return SPARQL for a path of which the leading parts may be empty, but not all."""
        if self.kind == "inverse":
            return f"^({self.parts[0].positive()})"
        if self.kind == "oneOrMore":
            return f"({self.parts[0].positive()})+"
        if self.kind != "sequence":
            return self.sparql()
        ways = []
        for at, part in enumerate(self.parts):
            tail = [p.sparql() for p in self.parts[at + 1 :]]
            ways.append("/".join([part.positive(), *tail]))
            if not part.nullable():
                break
        return f"({'|'.join(ways)})"

    def hops(self) -> list[str]:
        """Return SPARQL for `positive`, cut where a sequence without empty parts may be cut."""
        if self.kind != "sequence" or self.parts[0].nullable():
            return [self.positive()]
        return [self.parts[0].positive(), *(part.sparql() for part in self.parts[1:])]

    def unrolled(self) -> list[list[str]]:
        """Return the hops, in one way or two, with the last step of a closure written out.

        Virtuoso loses rows where NOT EXISTS holds a closure that ends at a constant.
        """
        hops = self.hops()
        last = self.parts[-1] if len(hops) > 1 else self
        if last.kind not in ("zeroOrMore", "oneOrMore"):
            return [hops]
        inner = last.parts[0].positive()
        ways = [[*hops[:-1], f"({inner})*/({inner})"]]
        return [*ways, hops[:-1]] if last.kind == "zeroOrMore" and len(hops) > 1 else ways

    def repeats(self) -> bool:
        """Tell whether the path holds a closure, which must not be asked with both ends open."""
        return self.kind in ("zeroOrMore", "oneOrMore") or any(p.repeats() for p in self.parts)

    def words(self) -> str:
        """Return the path for people: SPARQL syntax with full IRIs, without outer brackets."""
        text = self.sparql()
        return text[1:-1] if text[0] in "(<" and self.kind != "inverse" else text

    def triples(self) -> tuple[ox.NamedNode | ox.BlankNode, Iterator[ox.Triple]]:
        """Return the node that stands for the path in RDF, and the triples that describe it."""
        if self.kind == "predicate":
            return ox.NamedNode(self.iri), iter(())
        inner = [part.triples() for part in self.parts]
        nodes = [node for node, _ in inner]
        found = [triple for _, triples in inner for triple in triples]
        if self.kind in _PREDICATES:
            head = ox.BlankNode()
            found.append(ox.Triple(head, _PREDICATES[self.kind], nodes[0]))
            return head, iter(found)
        rest: ox.NamedNode | ox.BlankNode = ox.NamedNode(RDF + "nil")
        for node in reversed(nodes):
            cell = ox.BlankNode()
            found.append(ox.Triple(cell, ox.NamedNode(RDF + "first"), node))
            found.append(ox.Triple(cell, ox.NamedNode(RDF + "rest"), rest))
            rest = cell
        if self.kind == "alternative":
            head = ox.BlankNode()
            found.append(ox.Triple(head, ox.NamedNode(SH + "alternativePath"), rest))
            return head, iter(found)
        return rest, iter(found)


def parse(graph: ShapesGraph, node: Term, owner: Term, above: tuple[Term, ...] = ()) -> Path:
    """Read a path; refuses malformed, cyclic and absurdly deep ones (section 2.3.1).

    Args:
        graph: The shapes graph.
        node: The value of sh:path, or a part of it.
        owner: The shape, for messages.
        above: The nodes on the way to this one.
    """
    if node.kind == "iri" and node.value != RDF + "nil":
        return Path("predicate", node.value)
    if node in above:
        raise UserError(f"{name(owner)}: the path at {name(node)} contains itself")
    if len(above) > _DEEPEST:
        raise UserError(f"{name(owner)}: the path is nested more than {_DEEPEST} levels deep")
    above = (*above, node)

    def several(head: Term, kind: str) -> Path:
        members = graph.items(head, owner)
        if len(members) > _MOST_STEPS:
            raise UserError(
                f"{name(owner)}: a path of {len(members):,} members; at most {_MOST_STEPS} are read"
            )
        if len(members) < 2:
            raise UserError(f"{name(owner)}: a path of kind {kind} needs at least two members")
        return Path(kind, parts=tuple(parse(graph, m, owner, above) for m in members))

    if node.kind == "bnode":
        # The W3C suite reads a node with rdf:first as a sequence, whatever else it holds.
        if graph.objects(node, RDF + "first"):
            return several(node, "sequence")
        if choice := graph.one(node, SH + "alternativePath"):
            return several(choice, "alternative")
        for predicate, kind in _OPERATORS.items():
            if inner := graph.one(node, predicate):
                return Path(kind, parts=(parse(graph, inner, owner, above),))
    raise UserError(
        f"{name(owner)}: {name(node)} is no property path",
        "a path is an IRI, a list, or a blank node with sh:inversePath, sh:alternativePath, "
        "sh:zeroOrMorePath, sh:oneOrMorePath or sh:zeroOrOnePath",
    )
