"""The class hierarchy: what the reasoner adds to what is asserted, and the tree of both."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import justification
from sarcoma_kg.owl.reason import Classification

__all__ = ["Subsumption", "closure", "direct", "edges_of", "inferred", "lost", "render", "tree"]

_SUBCLASS = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf")
_EQUIVALENT = ox.NamedNode(namespaces.PREFIXES["owl"] + "equivalentClass")
_OBO = namespaces.PREFIXES["obo"]


class Subsumption(NamedTuple):
    """A direct subsumption that is not asserted; `defined` when a definition brings it about."""

    defined: bool
    sup: str
    sub: str


def edges_of(triples: Iterable[ox.Triple]) -> set[tuple[str, str]]:
    """Return (sub, super) of what is written of named classes."""
    return {
        (t.subject.value, t.object.value)
        for t in triples
        if t.predicate == _SUBCLASS
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.NamedNode)
    }


def inferred(triples: Sequence[ox.Triple], found: Classification) -> list[Subsumption]:
    """Return every direct subsumption that the reasoner found and nobody asserted.

    Args:
        triples: The ontology with its imports.
        found: Its classification.
    """
    defined = {
        t.subject.value
        for t in triples
        if t.predicate == _EQUIVALENT and isinstance(t.subject, ox.NamedNode)
    }
    new = found.subsumptions - edges_of(triples)
    return sorted(Subsumption(sup in defined, sup, sub) for sub, sup in new)


def lost(
    before: Sequence[ox.Triple],
    was: Classification,
    after: Sequence[ox.Triple],
    now: Classification,
) -> list[Subsumption]:
    """Return the subsumptions that the reasoner found before and that follow no longer.

    Args:
        before: The ontology as it was.
        was: Its classification.
        after: The ontology as it is.
        now: Its classification.
    """
    below = closure(edges_of(after) | now.subsumptions)
    return [
        row
        for row in inferred(before, was)
        if row.sup not in below.get(row.sub, set()) and row.sub not in now.unsatisfiable
    ]


def closure(edges: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return class -> all classes above it."""
    above: dict[str, set[str]] = {}
    for sub, sup in edges:
        above.setdefault(sub, set()).add(sup)

    def ancestors(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(above.get(start, ()))
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += above.get(node, ())
        return seen

    return {node: ancestors(node) for node in above}


def render(rows: Iterable[Subsumption], labels: dict[str, str]) -> str:
    """Return the subsumptions in words, grouped by the class above, defined classes first."""
    every = {(row.sub, row.sup): row for row in rows}
    same = {pair for pair in every if pair[::-1] in every}
    groups: dict[tuple[bool, str], list[str]] = {}
    for (sub, sup), row in every.items():
        if (sub, sup) not in same:
            groups.setdefault((not row.defined, sup), []).append(sub)

    def name(iri: str) -> str:
        return f"{labels.get(iri, '(no label)')} ({namespaces.contract(iri)})"

    lines = [f"{name(a)} and {name(b)} are the same class" for a, b in sorted(same) if a < b]
    for (plain, sup), subs in sorted(
        groups.items(), key=lambda g: (g[0][0], labels.get(g[0][1], g[0][1]).casefold())
    ):
        lines.append(f"{name(sup)}{', not a defined class' if plain else ''}")
        lines += [f"    {words}" for words in sorted(map(name, subs), key=str.casefold)]
    return "\n".join(lines) + ("\n" if lines else "")


def direct(edges: set[tuple[str, str]]) -> dict[str, list[str]]:
    """Return class -> direct subclasses: an edge that a longer way replaces is left out."""
    far = closure(edges)
    above: dict[str, set[str]] = {}
    for sub, sup in edges:
        above.setdefault(sub, set()).add(sup)
    below: dict[str, list[str]] = {}
    for sub, sups in above.items():
        for sup in sups:
            if not any(
                sup in far.get(other, ()) and sub not in far.get(other, ())
                for other in sups - {sup}
            ):
                below.setdefault(sup, []).append(sub)
    return below


def tree(
    asserted: Iterable[ox.Triple], inferred: Iterable[ox.Triple], root: str, depth: int
) -> str:
    """Return the classes below one, indented; `+` marks a place that the reasoner found.

    Args:
        asserted: Triples as written.
        inferred: Triples that the reasoner added.
        root: IRI of the class to begin with.
        depth: Levels to show.
    """
    written = list(asserted)
    names = justification.labels(written)
    told = edges_of(written)
    edges = {e for e in told | edges_of(inferred) if not e[0].startswith(_OBO)}
    below = direct(edges)
    lines: list[str] = []

    def show(node: str, level: int, way: tuple[str, ...]) -> None:
        found = way and (node, way[-1]) not in told
        mark = "+ " if found else "  "
        lines.append(f"{'    ' * level}{mark}{names.get(node, namespaces.contract(node))}")
        children = [c for c in below.get(node, ()) if c not in (*way, node)]
        if level < depth:
            for child in sorted(children, key=lambda c: (names.get(c) or c).casefold()):
                show(child, level + 1, (*way, node))
        elif children:
            lines.append(f"{'    ' * (level + 1)}  ... {len(children)} more below")

    show(root, 0, ())
    return "\n".join(lines) + "\n"
