"""The ways to the focus nodes of shapes, as graph patterns."""

from typing import NamedTuple

from sarcoma_kg.shacl.expressions import RDF_TYPE, SUBCLASS, is_type, text
from sarcoma_kg.shacl.logic import union
from sarcoma_kg.shacl.paths import Path
from sarcoma_kg.shacl.shapes import Target

__all__ = ["Route", "focus_nodes", "follow", "is_target"]


class Route(NamedTuple):
    """A way to the focus nodes of a shape: targets, then the paths of the shapes above it."""

    targets: tuple[Target, ...]
    paths: tuple[Path, ...]


def _targets(targets: tuple[Target, ...], node: str, *, apart: bool = False) -> str:
    """Return the graph pattern that lists the nodes of all targets (section 2.1.3)."""
    ways = []
    if constants := [text(t.value) for t in targets if t.kind == "node"]:
        values = f"VALUES {node} {{ {' '.join(constants)} }}"
        alone = len(constants) == len(targets)
        # Virtuoso takes VALUES in one part of a UNION for a condition on the others too.
        ways.append(values if alone else f"{{ SELECT {node} WHERE {{ {values} }} }}")
    for kind, value in targets:
        if kind == "class" and apart:
            ways.append(f"{node} {RDF_TYPE} {text(value)} .")
            ways.append(f"{node} {RDF_TYPE}/{SUBCLASS}*/{SUBCLASS} {text(value)} .")
        elif kind == "class":
            ways.append(f"{node} {RDF_TYPE}/{SUBCLASS}* {text(value)} .")
        elif kind == "subjectsOf":
            ways.append(f"{node} {text(value)} ?any .")
        elif kind == "objectsOf":
            ways.append(f"?any {text(value)} {node} .")
    return union(ways)


def is_target(targets: tuple[Target, ...], node: str) -> str:
    """Return the graph pattern that tells whether a bound node is a target."""
    ways = [
        is_type(node, "?kind", target.value)
        if target.kind == "class"
        else _targets((target,), node)
        for target in targets
    ]
    return union(ways)


def follow(before: str, path: Path, start: str, end: str) -> str:
    """Return a pattern, extended by a path; the identity is a branch of its own."""
    ways = [f"{before} {start} {path.positive()} {end} ."]
    if path.nullable():
        ways.append(f"{before} BIND ({start} AS {end})")
    return union(ways)


def focus_nodes(route: Route, *, apart: bool = False) -> tuple[str, list[str]]:
    """Return the pattern that binds ?this, and the variables of the nodes on the way to it.

    Args:
        route: The way.
        apart: Write instances of a class apart from those of its subclasses. Virtuoso loses rows
            over a closure that ends at a constant; Oxigraph takes longer over the UNION.
    """
    on_the_way = [f"?f{at}" for at in range(len(route.paths))]
    nodes = [*on_the_way, "?this"]
    pattern = _targets(route.targets, nodes[0], apart=apart)
    for at, path in enumerate(route.paths):
        pattern = follow(pattern, path, nodes[at], nodes[at + 1])
    return pattern, on_the_way
