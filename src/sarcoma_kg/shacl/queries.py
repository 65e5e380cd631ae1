"""The queries of one shape: their text, and cheaper questions that may make them needless.

The text of a query starts at the focus nodes and asks of each. When there are many, a guard is
asked first: one question for several constraints, which works on sets and may start at the values
of a path. Mostly it says that nothing is wrong, and that is all; otherwise it names the nodes that
the text is to be asked of.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sarcoma_kg.shacl import components, sparql
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.conditions import Conditions
from sarcoma_kg.shacl.expressions import (
    RDF_TYPE,
    SUBCLASS,
    is_type,
    not_ordered,
    text,
)
from sarcoma_kg.shacl.logic import any_of, filtered, rows, union
from sarcoma_kg.shacl.paths import Path
from sarcoma_kg.shacl.shapes import Shape, Target
from sarcoma_kg.store import Term

__all__ = ["MANY", "Query", "Route", "any_focus", "of_shape"]

#: From this number of focus nodes on, the short cuts are taken.
MANY = 500
_COMPUTED = {"language": "(LCASE(LANG(?value)) AS ?language)"}


class Route(NamedTuple):
    """A way to the focus nodes of a shape: targets, then the paths of the shapes above it."""

    targets: tuple[Target, ...]
    paths: tuple[Path, ...]


class Query(NamedTuple):
    """One SELECT, whose rows are the violations of one constraint.

    Attributes:
        text: The query; it stands for itself, the other queries here are short cuts.
        shape: The source shape.
        component: The IRI of the constraint component.
        columns: The variables of the SELECT clause, in order, without '?'; the first is 'this'.
        path: The path of a property shape.
        severity: The IRI of the severity.
        messages: The values of sh:message, or a short one where the shape has none.
        about_focus: Whether the focus node is the value node too, as in most constraints of node
            shapes (section 2.2).
        constraint: The source constraint, for sh:sparql.
        focus: The graph pattern of the focus nodes, as it stands in the text.
        guard: Queries whose rows are the focus nodes that the text has to be asked of. Where one
            has no variable ?this: without a row there is no violation, else the text is asked.
    """

    text: str
    shape: Term
    component: str
    columns: tuple[str, ...]
    path: Path | None
    severity: str
    messages: tuple[Term, ...]
    about_focus: bool
    constraint: Term | None = None
    focus: str = ""
    guard: tuple[str, ...] = ()

    def size(self) -> str:
        """Return a query for the number of focus nodes, which stops counting at `MANY`."""
        some = f"{{ SELECT ?this WHERE {{ {self.focus} }} LIMIT {MANY} }}"
        return f"SELECT (COUNT(*) AS ?n) WHERE {{ {some} }}"

    def guard_names_nodes(self) -> bool:
        """Tell whether the rows of the guard are focus nodes."""
        return all(text.startswith("SELECT DISTINCT ?this ") for text in self.guard)

    def about(self, nodes: Iterable[Term]) -> str:
        """Return the text for some of the focus nodes, none of them blank."""
        chosen = f"VALUES ?this {{ {' '.join(map(text, nodes))} }}"
        return self.text.replace(self.focus, f"{chosen} {self.focus}")


def _targets(targets: tuple[Target, ...], node: str) -> str:
    """Return the graph pattern that lists the nodes of all targets (section 2.1.3)."""
    ways = []
    if constants := [text(t.value) for t in targets if t.kind == "node"]:
        ways.append(f"VALUES {node} {{ {' '.join(constants)} }}")
    for kind, value in targets:
        if kind == "class":
            ways.append(f"{node} {RDF_TYPE}/{SUBCLASS}* {text(value)} .")
        elif kind == "subjectsOf":
            ways.append(f"{node} {text(value)} ?any .")
        elif kind == "objectsOf":
            ways.append(f"?any {text(value)} {node} .")
    return union(ways)


def _is_target(targets: tuple[Target, ...], node: str) -> str:
    """Return the graph pattern that tells whether a bound node is a target."""
    ways = [
        is_type(node, "?kind", target.value)
        if target.kind == "class"
        else _targets((target,), node)
        for target in targets
    ]
    return union(ways)


def _step(before: str, path: Path, start: str, end: str) -> str:
    """Return a pattern, extended by a path; the identity is a branch of its own."""
    ways = [f"{before} {start} {path.positive()} {end} ."]
    if path.nullable():
        ways.append(f"{before} BIND ({start} AS {end})")
    return union(ways)


def _focus(route: Route) -> tuple[str, list[str]]:
    """Return the pattern that binds ?this, and the variables of the nodes on the way to it."""
    on_the_way = [f"?f{at}" for at in range(len(route.paths))]
    nodes = [*on_the_way, "?this"]
    pattern = _targets(route.targets, nodes[0])
    for at, path in enumerate(route.paths):
        pattern = _step(pattern, path, nodes[at], nodes[at + 1])
    return pattern, on_the_way


def any_focus(route: Route, condition: str) -> tuple[str, ...]:
    """Return queries for the focus nodes that meet a condition.

    Several, since engines keep room for all variables of a query in each of its rows.
    """
    focus, _ = _focus(route)
    # Some nodes are found many times here, if not by one class; each is looked at once.
    distinct = "" if [target.kind for target in route.targets] == ["class"] else "DISTINCT "
    focus = f"{{ SELECT {distinct}?this WHERE {{ {focus} }} }}"
    return tuple(
        f"SELECT DISTINCT ?this WHERE {{ {way} }}" for way in rows(focus, condition, ["?this"])
    )


def of_shape(
    conditions: Conditions, shape: Shape, route: Route, shared: bool
) -> Iterator[tuple[Query, str]]:
    """Yield the queries for one shape and one way to its focus nodes.

    Args:
        conditions: Writes the conditions.
        shape: The shape.
        route: The way to its focus nodes.
        shared: Whether the path of the shape is used for other focus nodes too.

    With each comes the condition on ?this under which it has rows, for a guard over several; empty
    where the query has a short cut of its own.
    """
    focus, on_the_way = _focus(route)
    values = _some_value(conditions, shape, route, shared)
    for constraint in shape.constraints:
        kind = constraint.component
        if kind == "Property":
            continue
        query = _blank(conditions, shape, constraint)._replace(focus=focus)
        if kind == "SPARQL":
            node = constraint.parameters["sparql"]
            select = sparql.read(conditions.shapes.graph, shape, node)
            query = query._replace(text=select.text(focus), columns=select.columns, constraint=node)
            yield query._replace(messages=select.messages or query.messages), ""
            continue
        columns, where, tail = _violations(conditions, shape, constraint, focus, on_the_way)
        if where.endswith("FILTER (false)"):
            continue
        chosen = " ".join([*(_COMPUTED.get(c, f"?{c}") for c in columns), *on_the_way])
        head = f"SELECT DISTINCT {chosen} WHERE"
        query = query._replace(
            text=f"{head} {{ {where} }}{tail}",
            columns=tuple(columns),
        )
        if tail:
            yield query._replace(guard=_some_twice(shape, constraint)), ""
        elif conditions.is_each(constraint) and shape.path:
            yield query._replace(guard=values), ""
        elif conditions.is_each(constraint):
            yield query, conditions.each(shape, constraint, "?this")
        else:
            yield query, conditions.whole(shape, constraint, "?this")


def _blank(conditions: Conditions, shape: Shape, constraint: Constraint) -> Query:
    """Return a query without text."""
    messages = shape.messages or (
        components.message(conditions.shapes.graph, shape.node, constraint),
    )
    iri = components.iri(constraint.component)
    about_focus = shape.path is None and constraint.component != "HasValue"
    return Query("", shape.node, iri, (), shape.path, shape.severity, messages, about_focus)


def _violations(
    conditions: Conditions, shape: Shape, constraint: Constraint, focus: str, on_the_way: list[str]
) -> tuple[list[str], str, str]:
    """Return the columns, the WHERE clause and its tail for the violations of one constraint."""
    this, value = "?this", "?value" if shape.path else "?this"
    values = _step(focus, shape.path, this, value) if shape.path else focus
    columns = ["this", "value"] if shape.path else ["this"]
    kind = constraint.component
    if conditions.is_each(constraint):
        return columns, f"{values} {filtered(conditions.each(shape, constraint, value))}", ""
    if kind == "Disjoint":
        return columns, f"{values} {filtered(conditions.shared(constraint, this, value))}", ""
    if kind == "UniqueLang":
        shared = conditions.shared_language(shape, this, value)
        return ["this", "language"], f"{values} {filtered(shared)}", ""
    if kind in ("LessThan", "LessThanOrEquals"):
        (property_,) = constraint.parameters.values()
        wrong = not_ordered(constraint, value, "?other")
        return [*columns, "other"], f"{values} ?this {text(property_)} ?other {filtered(wrong)}", ""
    if kind == "Closed":
        wrong = conditions.not_allowed(shape, constraint, "?path")
        node = "?node" if shape.path else "?this"
        values = _step(focus, shape.path, this, node) if shape.path else focus
        columns = ["this", "value", "path", *(["node"] if shape.path else [])]
        return columns, f"{values} {node} ?path ?value {filtered(wrong)}", ""
    if kind == "Equals":
        property_ = constraint.parameters["equals"]
        lacks = filtered(conditions.lacks(constraint, this, value))
        extra = filtered(conditions.is_no_value(shape, this, "?value"))
        bound = f"{values} {lacks}" if shape.path else f"{focus} {lacks} BIND (?this AS ?value)"
        unequal = [bound, f"{focus} ?this {text(property_)} ?value {extra}"]
        return ["this", "value"], union(unequal), ""
    if kind == "MaxCount" and shape.path:
        (number,) = constraint.parameters.values()
        # The focus node itself counts for a path that may be empty.
        itself = shape.path.nullable()
        others = filtered("!sameTerm(?value, ?this)" if itself else "true")
        if (limit := int(number.value) - itself) >= 1:
            where = f"{{ {focus} }} {conditions.step(shape, this, '?value')} {others}"
            group = " ".join(["?this", *on_the_way])
            return ["this"], where, f" GROUP BY {group} HAVING (COUNT(DISTINCT ?value) > {limit})"
    return ["this"], f"{focus} {filtered(conditions.whole(shape, constraint, this))}", ""


def _some_twice(shape: Shape, constraint: Constraint) -> tuple[str, ...]:
    """Return the guard of sh:maxCount: some node has two values, whatever it is."""
    path = shape.path
    if constraint.component != "MaxCount" or path is None or path.nullable() or path.repeats():
        return ()
    # The engines count much faster than they compare, and mostly every node has one value.
    having = "HAVING (COUNT(*) > COUNT(DISTINCT ?this))"
    return (f"SELECT (COUNT(*) AS ?n) WHERE {{ ?this {path.positive()} ?value }} {having}",)


def _some_value(
    conditions: Conditions, shape: Shape, route: Route, shared: bool
) -> tuple[str, ...]:
    """Return the guard of the constraints on single values: some value node breaks one."""
    path = shape.path
    each = [c for c in shape.constraints if conditions.is_each(c) and c.component != "Property"]
    if path is None or not each:
        return ()
    wrong = any_of(conditions.each(shape, c, "?value") for c in each)
    by_node = any(target.kind == "node" for target in route.targets)
    both = ["?this", "?value"]
    focus = f"{{ SELECT ?this WHERE {{ {_focus(route)[0]} }} }}"
    if route.paths or by_node or path.nullable() or path.repeats():
        values = _step(focus, path, *both)
        return tuple(
            f"SELECT DISTINCT ?this WHERE {{ {way} }}" for way in rows(values, wrong, both)
        )
    step = conditions.step(shape, *both)
    ways = [f"{step} {filtered(wrong)}"]
    if "EXISTS" in wrong:
        # What has to be looked up is looked up once for each value.
        distinct = f"{{ SELECT DISTINCT ?value WHERE {{ {step} }} }}"
        ways = [
            f"{{ SELECT DISTINCT ?value WHERE {{ {way} }} }} {step}"
            for way in rows(distinct, wrong, ["?value"])
        ]
    # Where no one else uses the path, what is found is mostly nothing, and else it may be much.
    target = focus if shared else f"FILTER EXISTS {{ {_is_target(route.targets, '?this')} }}"
    return tuple(
        f"SELECT DISTINCT ?this WHERE {{ {{ SELECT DISTINCT ?this WHERE {{ {way} }} }} {target} }}"
        for way in ways
    )
