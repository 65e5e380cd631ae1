"""How a user's files change the tree of classes: before, after, and why."""

from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import hierarchy, justification, owlapi
from sarcoma_kg.quality.report_page import Line, Placing, Reason

__all__ = ["placing"]

_OBO = namespaces.PREFIXES["obo"]
#: The most lines of a tree, and the most places that are explained.
_LINES, _EXPLAINED = 400, 20
Edge = tuple[str, str]


def _edges(triples: Iterable[ox.Triple]) -> set[Edge]:
    """Return (sub, super) of the named classes; imported concepts have a tree of their own."""
    return {edge for edge in hierarchy.edges_of(triples) if not edge[0].startswith(_OBO)}


def _above(edges: set[Edge]) -> dict[str, set[str]]:
    """Return class -> the classes right above it."""
    found: dict[str, set[str]] = {}
    for sup, subs in hierarchy.direct(edges).items():
        for sub in subs:
            found.setdefault(sub, set()).add(sup)
    return found


def _tree(
    above: Mapping[str, set[str]], marks: Mapping[str, str], told: set[Edge], names: dict[str, str]
) -> tuple[list[Line], list[str]]:
    """Return the classes that have a mark, with all above them, as an indented list.

    Beside it are those that have no place in it, since they stand in a circle.
    """
    wanted, todo = set(), [name for name in marks if name in above or _is_top(name, above)]
    while todo:
        node = todo.pop()
        if node not in wanted:
            wanted.add(node)
            todo += above.get(node, ())
    below: dict[str, list[str]] = {}
    for sub in wanted:
        for sup in above.get(sub, ()):
            below.setdefault(sup, []).append(sub)
    lines: list[Line] = []
    seen: set[str] = set()

    def show(node: str, way: tuple[str, ...]) -> None:
        seen.add(node)
        by_reasoner = bool(way) and (node, way[-1]) not in told
        lines.append(Line(len(way), _name(node, names), marks.get(node, ""), by_reasoner))
        for child in sorted(below.get(node, ()), key=lambda c: _name(c, names).casefold()):
            if child not in (*way, node) and len(lines) <= _LINES:
                show(child, (*way, node))

    for top in sorted(wanted, key=lambda c: _name(c, names).casefold()):
        if not above.get(top):
            show(top, ())
    return lines, [] if len(lines) > _LINES else sorted(wanted - seen)


def _is_top(name: str, above: Mapping[str, set[str]]) -> bool:
    return any(name in sups for sups in above.values())


def _name(iri: str, names: Mapping[str, str]) -> str:
    short = namespaces.contract(iri)
    return f"{names[iri]} ({short})" if iri in names else short


def placing(
    before: Iterable[ox.Triple],
    known: Iterable[ox.Triple],
    after: Sequence[ox.Quad],
    found: Iterable[ox.Triple],
    *,
    left_out: Sequence[str] = (),
) -> Placing:
    """Return what files do to the tree.

    Args:
        before: The packaged graph as written.
        known: What follows from it.
        after: The graph with the files, as written.
        found: What follows from that.
        left_out: Why the tree is not whole, in a sentence each.
    """
    plain, written = list(before), [quad.triple for quad in after]
    told = [_edges(plain), _edges(written)]
    edges = [told[0] | _edges(known), told[1] | _edges(found)]
    was, now = (_above(part) for part in edges)
    names = justification.labels(plain) | justification.labels(written)
    there = [{name for edge in part for name in edge} for part in edges]
    gone, new = there[0] - there[1], there[1] - there[0]
    moved = {n for n in there[0] & there[1] if was.get(n, set()) != now.get(n, set())}
    marks = dict.fromkeys(moved, "moved")
    trees = [
        _tree(was, marks | dict.fromkeys(gone, "gone"), told[0], names),
        _tree(now, marks | dict.fromkeys(new, "new"), told[1], names),
    ]
    words = list(left_out)
    for (tree, circle), when in zip(trees, ("before", "after"), strict=True):
        if circle:
            who = ", ".join(_name(name, names) for name in circle)
            words.append(f"In a circle, and so in no tree {when}: {who}.")
        if len(tree) > _LINES:
            words.append(f"The tree {when} is cut at {_LINES} lines.")
            del tree[_LINES:]
    fresh = sorted(
        (sub, sup) for sub in moved | new for sup in now.get(sub, ())
        if (sub, sup) not in told[1] and (sub, sup) not in edges[0]
    )  # fmt: skip
    reasons = []
    if fresh:
        ontology = pipeline.tbox(after)
        try:
            because = justification.explain(ontology, fresh[:_EXPLAINED])
        except owlapi.OwlApiError:
            because = []
            words.append("The OWL API gave up, so no place is explained.")
        reasons = [
            Reason(_name(sub, names), _name(sup, names), axioms)
            for (sub, sup), axioms in zip(fresh, because, strict=False)
            if axioms
        ]
        if len(fresh) > _EXPLAINED:
            words.append(
                f"{len(fresh) - _EXPLAINED} more places are not explained; "
                "`sarcoma-kg reason --explain SUB SUPER` explains each."
            )
    return Placing(trees[0][0], trees[1][0], reasons, words)
