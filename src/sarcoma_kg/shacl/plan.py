"""The plan: for every shape, every way to its focus nodes and every constraint one query."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl import forms, guards, queries, words
from sarcoma_kg.shacl.conditions import Conditions
from sarcoma_kg.shacl.graph import ShapesGraph, Unsupported, name
from sarcoma_kg.shacl.logic import any_of
from sarcoma_kg.shacl.queries import Query
from sarcoma_kg.shacl.routes import Route, focus_nodes
from sarcoma_kg.shacl.shapes import Notice, Shape, Shapes, parse
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
        refused: What is not asked, since the compiler does not support it.
        unknown: Words of the sh: namespace in the shapes graph that no specification has.
        targeted: Shapes with targets, and the graph pattern that binds these to ?this.
        aimless: Shapes with constraints that no target and no other shape leads to.
        of_forms: Shapes with targets whose verdict may depend on how literals are written, and the
            parameters that ask it.
    """

    queries: tuple[Query, ...]
    shapes: int
    patterns: tuple[tuple[str, Term], ...] = ()
    refused: tuple[Notice, ...] = ()
    unknown: tuple[str, ...] = ()
    targeted: tuple[tuple[Term, str], ...] = ()
    aimless: tuple[Term, ...] = ()
    of_forms: tuple[tuple[Term, tuple[str, ...]], ...] = ()


def compile_shapes(
    triples: Iterable[ox.Triple],
    *,
    strict: bool = False,
    exact: bool = False,
    altered: bool = True,
) -> Plan:
    """Compile a shapes graph.

    Args:
        triples: The shapes graph.
        strict: Read it by the letter: only rdfs:Class makes an implicit class target, and a word
            of the sh: namespace that no specification has is refused.
        exact: For a store that holds terms as module `exact` writes them.
        altered: Whether that store holds any literal in another form than the engine's.

    Raises:
        UserError: A shape is malformed or recursive; the message names it.
        Unsupported: A word is unknown, with `strict`.
    """
    graph = ShapesGraph(triples, exact=exact, altered=altered)
    unknown = tuple(words.unknown(graph))
    if unknown and strict:
        raise Unsupported(f"sh:{unknown[0]} is no word of SHACL", "correct its spelling")
    shapes = parse(graph, strict=strict)
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
        tuple(dict.fromkeys(shapes.refused)),
        unknown,
        tuple(
            (shape.node, focus_nodes(Route(shape.targets, ()), apart=True)[0])
            for shape in shapes.by_node.values()
            if shape.targets and shape.constraints
        ),
        tuple(_aimless(shapes)),
        forms.of_literals(shapes),
    )


def _aimless(shapes: Shapes) -> Iterator[Term]:
    """Yield the shapes with constraints that nothing leads to."""
    used = {node for shape in shapes.by_node.values() for node in shapes.below(shape)}
    for shape in shapes.by_node.values():
        if shape.constraints and not shape.targets and shape.node not in used:
            yield shape.node


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
