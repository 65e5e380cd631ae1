"""Guards: questions about sets, which tell the focus nodes that a query has to be asked of.

They read whole properties and join what they read, where the query looks each focus node up. So
they are for many focus nodes; for a few nodes of a property with many values they are no help.
"""

from typing import NamedTuple

from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.conditions import Conditions
from sarcoma_kg.shacl.logic import any_of, filtered, rows, scans
from sarcoma_kg.shacl.routes import Route, focus_nodes, follow, is_target
from sarcoma_kg.shacl.shapes import Shape

__all__ = ["Guard", "any_focus", "some_twice", "some_value"]


class Guard(NamedTuple):
    """What is asked before some queries.

    Attributes:
        texts: Queries whose rows are the focus nodes that the queries behind have to be asked of;
            none where there is no guard.
        scans: Graph patterns that are read whole for them, beside the focus nodes.
        names_nodes: Whether the rows are focus nodes. Where not: without a row there is no
            violation, else the queries behind are asked of all focus nodes.
    """

    texts: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    names_nodes: bool = True


def _of_ways(ways: list[str], read: list[str]) -> Guard:
    texts = [f"SELECT DISTINCT ?this WHERE {{ {way} }}" for way in ways]
    return Guard(tuple(texts), tuple(dict.fromkeys(read)))


def any_focus(route: Route, condition: str) -> Guard:
    """Return the guard for the focus nodes that meet a condition.

    It is several queries, since engines keep room for all variables of a query in each row.
    """
    focus, _ = focus_nodes(route)
    # Some nodes are found many times here, if not by one class; each is looked at once.
    distinct = "" if [target.kind for target in route.targets] == ["class"] else "DISTINCT "
    focus = f"{{ SELECT {distinct}?this WHERE {{ {focus} }} }}"
    known = ["?this"]
    return _of_ways(rows(focus, condition, known), scans(condition, known))


def some_twice(shape: Shape, constraint: Constraint, shared: bool) -> Guard:
    """Return the guard of sh:maxCount: some node has two values."""
    path = shape.path
    if constraint.component != "MaxCount" or path is None or path.nullable() or path.repeats():
        return Guard()
    step = f"?this {path.positive()} ?value ."
    if not shared:
        counted = f"SELECT ?this (COUNT(*) AS ?n) WHERE {{ {step} }} GROUP BY ?this"
        return _of_ways([f"{{ {counted} HAVING (COUNT(*) > 1) }}"], [step])
    # A property of everything: groups of all its subjects take more memory than a count.
    having = "HAVING (COUNT(*) > COUNT(DISTINCT ?this))"
    return Guard((f"SELECT (COUNT(*) AS ?n) WHERE {{ {step} }} {having}",), (step,), False)


def some_value(conditions: Conditions, shape: Shape, route: Route, shared: bool) -> Guard:
    """Return the guard of the constraints on single values: some value node breaks one."""
    path = shape.path
    each = [c for c in shape.constraints if conditions.is_each(c) and c.component != "Property"]
    if path is None or not each:
        return Guard()
    wrong = any_of(conditions.each(shape, c, "?value") for c in each)
    by_node = any(target.kind == "node" for target in route.targets)
    both = ["?this", "?value"]
    focus = f"{{ SELECT ?this WHERE {{ {focus_nodes(route)[0]} }} }}"
    if route.paths or by_node or path.nullable() or path.repeats():
        values = follow(focus, path, *both)
        return _of_ways(rows(values, wrong, both), scans(wrong, both))
    step = conditions.step(shape, *both)
    if "EXISTS" in wrong:
        # What has to be looked up is looked up once for each value.
        distinct = f"{{ SELECT DISTINCT ?value WHERE {{ {step} }} }}"
        ways = [
            f"{{ SELECT DISTINCT ?value WHERE {{ {way} }} }} {step}"
            for way in rows(distinct, wrong, ["?value"])
        ]
    elif shared:
        # To read a value costs more than to join it, and most are values of others.
        return _of_ways([f"{{ SELECT * WHERE {{ {step} {focus} }} }} {filtered(wrong)}"], [step])
    else:
        ways = [f"{step} {filtered(wrong)}"]
    # Where no one else uses the path, what is found is mostly nothing, and else it may be much.
    target = focus if shared else f"FILTER EXISTS {{ {is_target(route.targets, '?this')} }}"
    ways = [f"{{ SELECT DISTINCT ?this WHERE {{ {way} }} }} {target}" for way in ways]
    return _of_ways(ways, [step, *scans(wrong, ["?value"])])
