"""The queries of one shape: each lists the violations of one constraint.

The text of a query starts at the focus nodes and asks of each. Where they are many, its guard is
asked first: mostly it says that nothing is wrong, and that is all; otherwise it names the nodes
that the text is to be asked of.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl import components, sparql
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.conditions import Conditions
from sarcoma_kg.shacl.expressions import not_ordered, text
from sarcoma_kg.shacl.guards import Guard, some_twice, some_value
from sarcoma_kg.shacl.logic import filtered, union
from sarcoma_kg.shacl.paths import Path
from sarcoma_kg.shacl.routes import Route, focus_nodes, follow
from sarcoma_kg.shacl.shapes import Notice, Shape
from sarcoma_kg.sparql.term import Term

__all__ = ["Query", "of_shape"]

_COMPUTED = {"language": "(LCASE(LANG(?value)) AS ?language)"}


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
        apart: The same in other words, for engines that lose rows over the first.
        guard: What may be asked first.
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
    apart: str = ""
    guard: Guard = Guard()

    def elsewhere(self) -> "Query":
        """Return the same query as engines other than Oxigraph are to be asked it."""
        return self._replace(text=self.text.replace(self.focus, self.apart), focus=self.apart)

    def about(self, nodes: Iterable[Term]) -> str:
        """Return the text for some of the focus nodes, none of them blank."""
        chosen = f"VALUES ?this {{ {' '.join(map(text, nodes))} }}"
        return self.text.replace(self.focus, f"{chosen} {self.focus}")


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
    focus, on_the_way = focus_nodes(route)
    apart, _ = focus_nodes(route, apart=True)
    values = some_value(conditions, shape, route, shared)
    for constraint in shape.constraints:
        kind = constraint.component
        if kind == "Property":
            continue
        query = _blank(conditions, shape, constraint)._replace(focus=focus, apart=apart)
        if kind == "SPARQL":
            node = constraint.parameters["sparql"]
            try:
                select = sparql.read(conditions.shapes.graph, shape, node)
            except UserError as error:
                # Not supported or malformed: either way nobody knows what it would have found.
                conditions.shapes.refused.append(Notice(shape.node, error.message))
                continue
            query = query._replace(text=select.text(focus), columns=select.columns, constraint=node)
            query = query._replace(messages=select.messages or query.messages)
            yield query._replace(guard=select.guard(focus)), ""
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
            yield query._replace(guard=some_twice(shape, constraint, shared)), ""
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
    values = follow(focus, shape.path, this, value) if shape.path else focus
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
        exact = conditions.shapes.graph.altered
        wrong = not_ordered(constraint, value, "?other", is_exact=exact)
        return [*columns, "other"], f"{values} ?this {text(property_)} ?other {filtered(wrong)}", ""
    if kind == "Closed":
        wrong = conditions.not_allowed(shape, constraint, "?path")
        node = "?node" if shape.path else "?this"
        values = follow(focus, shape.path, this, node) if shape.path else focus
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
