"""The plan: for every shape, every way to its focus nodes and every constraint one query."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl import guards, queries
from sarcoma_kg.shacl.conditions import Conditions
from sarcoma_kg.shacl.graph import ShapesGraph, name
from sarcoma_kg.shacl.logic import any_of
from sarcoma_kg.shacl.queries import Query
from sarcoma_kg.shacl.routes import Route
from sarcoma_kg.shacl.shapes import Shape, Shapes, parse
from sarcoma_kg.sparql.term import Term

__all__ = ["Plan", "compile_shapes"]

_MOST_ROUTES = 1000
# So many conditions share one look at the focus nodes; more make a long query.
_TOGETHER = 16


class Plan(NamedTuple):
    """Queries for all constraints of a shapes graph.

    Attributes:
        queries: All of them; independent of each other.
        shapes: The number of shapes that can be the source of a result.
        patterns: The calls of REGEX in them, and whose they are: an engine may not know them.
    """

    queries: tuple[Query, ...]
    shapes: int
    patterns: tuple[tuple[str, Term], ...] = ()


def compile_shapes(triples: Iterable[ox.Triple]) -> Plan:
    """Compile a shapes graph.

    Args:
        triples: The shapes graph.

    Raises:
        UserError: A shape is malformed or recursive; the message names it.
        Unsupported: A shape uses what the compiler does not know.
    """
    shapes = parse(ShapesGraph(triples))
    conditions = Conditions(shapes)
    found: list[Query] = []
    by_route: dict[Route, list[tuple[int, str]]] = {}
    routes = list(_routes(shapes))
    users: dict[object, set[Route]] = {}
    for shape, route in routes:
        if shape.path:
            users.setdefault(shape.path, set()).add(route)
    for shape, route in routes:
        shared = len(users.get(shape.path, ())) > 1
        for query, condition in queries.of_shape(conditions, shape, route, shared):
            if condition:
                by_route.setdefault(route, []).append((len(found), condition))
            found.append(query)
    for route, members in by_route.items():
        for start in range(0, len(members), _TOGETHER):
            part = members[start : start + _TOGETHER]
            guard = guards.any_focus(route, any_of(condition for _, condition in part))
            for at, _ in part:
                found[at] = found[at]._replace(guard=guard)
    return Plan(
        tuple(found),
        len({query.shape for query in found}),
        tuple(conditions.patterns.items()),
    )


def _routes(shapes: Shapes) -> Iterator[tuple[Shape, Route]]:
    """Yield every way to every shape that has focus nodes: by target, or through sh:property.

    A property shape that is reached in two ways reports twice (suite: validation-reports/shared).
    """
    todo = [(s, Route(s.targets, ())) for s in reversed(shapes.by_node.values()) if s.targets]
    seen: dict[Term, int] = {}
    while todo:
        shape, route = todo.pop()
        if shape.deactivated:
            continue
        seen[shape.node] = seen.get(shape.node, 0) + 1
        if seen[shape.node] > _MOST_ROUTES:
            raise UserError(
                f"{name(shape.node)}: the shape is reached in more than {_MOST_ROUTES:,} ways"
            )
        yield shape, route
        below = route._replace(paths=(*route.paths, shape.path)) if shape.path else route
        todo += [(inner, below) for inner in reversed(list(shapes.properties(shape)))]
