"""Which shapes ask about the form in which a literal is written.

An engine may keep 007 as 7, or take two forms of a value for one. Constraints on form, order and
number of values then answer about other terms than were loaded.
"""

from collections.abc import Iterator

from sarcoma_kg.shacl import components
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.shapes import Shape, Shapes
from sarcoma_kg.sparql.term import Term

__all__ = ["of_literals"]

_FORM = {
    "Datatype", "Pattern", "MinLength", "MaxLength", "In", "HasValue", "Equals", "Disjoint",
    "MinExclusive", "MinInclusive", "MaxExclusive", "MaxInclusive", "LessThan", "LessThanOrEquals",
    "MinCount", "MaxCount", "QualifiedMinCount", "QualifiedMaxCount", "UniqueLang", "SPARQL",
}  # fmt: skip
#: What these count changes with the form only from two values on.
_FROM = {"MinCount": 2, "MaxCount": 1, "QualifiedMinCount": 2, "QualifiedMaxCount": 1}


def of_literals(shapes: Shapes) -> tuple[tuple[Term, tuple[str, ...]], ...]:
    """Return the shapes with targets whose verdict may depend on how literals are written.

    Each has the parameters that it depends on, without sh:, also those of the shapes that it uses.
    """
    found = []
    for shape in shapes.by_node.values():
        if shape.targets and not shape.deactivated:
            asked = dict.fromkeys(
                components.REGISTRY[constraint.component].parameters[0]
                for inner in _all(shapes, shape)
                for constraint in inner.constraints
                if not _without_literals(inner) and _asks(shapes, constraint)
            )
            if asked:
                found.append((shape.node, tuple(asked)))
    return tuple(found)


def _all(shapes: Shapes, shape: Shape) -> Iterator[Shape]:
    """Yield a shape and all that it uses, each once."""
    seen: set[Term] = set()
    todo = [shape.node]
    while todo:
        node = todo.pop()
        if node not in seen and not shapes.by_node[node].deactivated:
            seen.add(node)
            yield shapes.by_node[node]
            todo += reversed(shapes.below(shapes.by_node[node]))


def _without_literals(shape: Shape) -> bool:
    """Tell whether a literal breaks the shape, however it is written."""
    return any(
        constraint.component == "Class"
        or (
            constraint.component == "NodeKind"
            and not constraint.parameters["nodeKind"].value.endswith("Literal")
        )
        for constraint in shape.constraints
    )


def _asks(shapes: Shapes, constraint: Constraint) -> bool:
    kind, parameters = constraint.component, constraint.parameters
    if kind in _FROM:
        number = next(term for name, term in parameters.items() if name.endswith("Count"))
        return int(number.value) >= _FROM[kind]
    if kind == "HasValue":
        return parameters["hasValue"].kind == "literal"
    if kind == "In":
        items = shapes.graph.items(parameters["in"], parameters["in"])
        return any(item.kind == "literal" for item in items)
    return kind in _FORM
