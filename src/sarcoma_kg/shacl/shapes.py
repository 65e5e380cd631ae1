"""Shapes (SHACL, section 2): read from the shapes graph, checked, and ordered by use."""

from collections.abc import Iterator
from typing import NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl import components, paths, words
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.expressions import as_held
from sarcoma_kg.shacl.graph import RDF, RDFS, SH, ShapesGraph, name
from sarcoma_kg.sparql.term import Term

__all__ = ["Notice", "Shape", "Shapes", "Target", "parse"]

TRUE = Term("literal", "true", "http://www.w3.org/2001/XMLSchema#boolean")
_NODE_SHAPE = Term("iri", SH + "NodeShape")
_PROPERTY_SHAPE = Term("iri", SH + "PropertyShape")
_OWL_CLASS = Term("iri", "http://www.w3.org/2002/07/owl#Class")
# Each level is a few nested groups in a query; engines parse and evaluate them recursively.
_DEEPEST = 40


class Notice(NamedTuple):
    """What is not asked of a shape, and why.

    Attributes:
        shape: The shape; None where it concerns the whole graph.
        text: What is not asked, and why.
        outside: Whether it is outside of SHACL Core and SPARQL, so that other engines that know
            just these leave it out too.
    """

    shape: Term | None
    text: str
    outside: bool = False


class Target(NamedTuple):
    """A target declaration (section 2.1.3): kind is 'node', 'class', 'subjectsOf', 'objectsOf'."""

    kind: str
    value: Term


class Shape(NamedTuple):
    """A node shape, or a property shape when it has a path."""

    node: Term
    path: paths.Path | None
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    severity: str
    messages: tuple[Term, ...]
    deactivated: bool


class Shapes(NamedTuple):
    """All shapes by their node, the graph that they came from, and what was left out of them."""

    graph: ShapesGraph
    by_node: dict[Term, Shape]
    refused: list[Notice]

    def members(self, shape: Shape, constraint: Constraint) -> list[Shape]:
        """Return the shapes that a constraint refers to, in the order of its list."""
        return [self.by_node[node] for node in _references(self.graph, shape.node, constraint)]

    def below(self, shape: Shape) -> list[Term]:
        """Return the nodes that a shape uses as shapes."""
        return _below(self.graph, shape)

    def properties(self, shape: Shape) -> Iterator[Shape]:
        """Yield the property shapes of a shape."""
        for constraint in shape.constraints:
            if constraint.component == "Property":
                yield from self.members(shape, constraint)


def _references(graph: ShapesGraph, owner: Term, constraint: Constraint) -> list[Term]:
    """Return the nodes that a constraint uses as shapes; siblings behind a qualified one."""
    known = components.REGISTRY[constraint.component]
    if wanted := constraint.parameters.get("qualifiedValueShape"):
        disjoint = constraint.parameters.get("qualifiedValueShapesDisjoint") == TRUE
        return [wanted, *(_siblings(graph, owner, wanted) if disjoint else ())]
    value = constraint.parameters[known.parameters[0]]
    if known.takes == "shape":
        return [value]
    return graph.items(value, owner) if known.takes == "shapes" else []


def _below(graph: ShapesGraph, shape: Shape) -> list[Term]:
    """Return the nodes that a shape uses as shapes."""
    return [node for c in shape.constraints for node in _references(graph, shape.node, c)]


def _siblings(graph: ShapesGraph, owner: Term, wanted: Term) -> list[Term]:
    """Return the sibling shapes of a qualified value shape (section 4.7.3)."""
    found = {
        value: None
        for parent in graph.subjects(SH + "property", owner)
        for sibling in graph.objects(parent, SH + "property")
        for value in graph.objects(sibling, SH + "qualifiedValueShape")
        if value != wanted
    }
    return list(found)


def parse(graph: ShapesGraph, *, strict: bool = False) -> Shapes:
    """Read every declared shape and what they refer to.

    Args:
        graph: The shapes graph.
        strict: Take only rdfs:Class for an implicit class target (section 2.1.3.3), not owl:Class.

    Raises:
        UserError: A shape is malformed, or refers to itself (section 3.4.3).
    """
    refused = [
        Notice(node, "sh:entailment is not supported: what it makes follow is not looked at", True)
        for node in graph.users(SH + "entailment")
    ]
    declared = dict.fromkeys(
        [
            *graph.subjects(RDF + "type", _NODE_SHAPE),
            *graph.subjects(RDF + "type", _PROPERTY_SHAPE),
            *(s for target in words.TARGETS for s in graph.users(target)),
            *graph.users(SH + "target"),
        ]
    )
    custom = _custom_parameters(graph)
    found: dict[Term, Shape] = {}
    height: dict[Term, int] = {}  # 0 while the shapes below a shape are being read.
    for root in declared:
        # Depth-first without recursion, so that deep nesting ends in a message.
        stack: list[tuple[Term, Iterator[Term]]] = []

        def enter(node: Term, stack: list[tuple[Term, Iterator[Term]]] = stack) -> None:
            if height.get(node) == 0:
                raise UserError(
                    f"{name(node)}: the shape refers to itself", "recursive shapes have no meaning"
                )
            if node not in height:
                shape = found[node] = _shape(graph, node, custom, refused, strict)
                height[node] = 0
                stack.append((node, iter(_below(graph, shape))))

        enter(root)
        while stack:
            node, below = stack[-1]
            if (inner := next(below, None)) is not None:
                enter(inner)
                continue
            height[node] = 1 + max((height[n] for n in _below(graph, found[node])), default=0)
            if height[node] > _DEEPEST:
                raise UserError(f"{name(node)}: shapes are nested more than {_DEEPEST} levels deep")
            stack.pop()
    _leave_out(graph, found, refused)
    shapes = Shapes(graph, found, refused)
    for shape in found.values():
        for constraint in shape.constraints:
            if constraint.component in ("Property", "Node"):
                wanted = constraint.component == "Property"
                (member,) = shapes.members(shape, constraint)
                if (member.path is not None) != wanted:
                    raise UserError(
                        f"{name(shape.node)}: the value {name(member.node)} of "
                        f"sh:{constraint.component.lower()} has {'no' if wanted else 'a'} sh:path"
                    )
    return shapes


def _leave_out(graph: ShapesGraph, found: dict[Term, Shape], refused: list[Notice]) -> None:
    """Leave out each constraint on conforming to a shape of which not all can be asked.

    Whether a node conforms to such a shape cannot be told; sh:property asks its shape by itself.
    A query of sh:sparql is asked of target nodes only, so no condition can be made of it.
    """
    partial = {notice.shape for notice in refused}
    partial |= {
        node
        for node, shape in found.items()
        if any(constraint.component == "SPARQL" for constraint in shape.constraints)
    }
    changed = True
    while changed:
        changed = False
        for node, shape in found.items():
            for constraint in shape.constraints:
                behind = [n for n in _references(graph, node, constraint) if n in partial]
                if not behind:
                    continue
                if constraint.component != "Property":
                    kept = tuple(c for c in shape.constraints if c is not constraint)
                    found[node] = shape = shape._replace(constraints=kept)
                    parameter = components.REGISTRY[constraint.component].parameters[0]
                    why = "it holds sh:sparql, or something that is not supported"
                    refused.append(
                        Notice(node, f"sh:{parameter} {name(behind[0])} is not asked: {why}")
                    )
                    changed = True
                if node not in partial:
                    partial.add(node)
                    changed = True


def _custom_parameters(graph: ShapesGraph) -> dict[str, Term]:
    """Return the parameters of constraint components that the shapes graph declares itself."""
    found = {}
    for parameter in graph.values(SH + "parameter"):
        for owner in graph.subjects(SH + "parameter", parameter):
            for path in graph.objects(parameter, SH + "path"):
                if not path.value.startswith(SH):
                    found[path.value] = owner
    return found


def _shape(
    graph: ShapesGraph, node: Term, custom: dict[str, Term], refused: list[Notice], strict: bool
) -> Shape:
    """Read one shape."""
    if node.kind == "literal":
        raise UserError(f"the literal {name(node)} stands where a shape is expected")
    path = None
    if given := graph.objects(node, SH + "path"):
        if len(given) > 1:
            raise UserError(f"{name(node)}: a property shape has exactly one sh:path")
        path = paths.parse(graph, given[0], node)
    kinds = graph.objects(node, RDF + "type")
    if path and _NODE_SHAPE in kinds:
        raise UserError(f"{name(node)}: a sh:NodeShape has no sh:path")
    if not path and _PROPERTY_SHAPE in kinds:
        raise UserError(f"{name(node)}: a sh:PropertyShape needs a sh:path")
    deactivated = graph.one(node, SH + "deactivated") == TRUE
    severity = graph.one(node, SH + "severity")
    return Shape(
        node,
        path,
        () if deactivated else tuple(_targets(graph, node, strict)),
        () if deactivated else tuple(_constraints(graph, node, path, custom, refused)),
        severity.value if severity else SH + "Violation",
        tuple(graph.objects(node, SH + "message")),
        deactivated,
    )


def _targets(graph: ShapesGraph, node: Term, strict: bool) -> Iterator[Target]:
    """Yield the targets of a shape, implicit class targets included (section 2.1.3.3)."""
    for predicate, kind in words.TARGETS.items():
        for value in graph.objects(node, predicate):
            fits = value.kind == "iri" or (kind == "node" and value.kind == "literal")
            if not fits:
                raise UserError(f"{name(node)}: {name(value)} is no value for sh:target...")
            yield Target(kind, as_held(graph, value))
    classes = {Term("iri", RDFS + "Class")} | (set() if strict else {_OWL_CLASS})
    is_class = bool(classes & graph.classes_above(node))
    declared = {_NODE_SHAPE, _PROPERTY_SHAPE} & set(graph.objects(node, RDF + "type"))
    if node.kind == "iri" and is_class and declared:
        yield Target("class", node)


def _constraints(
    graph: ShapesGraph,
    node: Term,
    path: paths.Path | None,
    custom: dict[str, Term],
    refused: list[Notice],
) -> Iterator[Constraint]:
    """Yield the constraints that the parameters of a shape declare (section 2.1.1)."""
    for predicate in graph.predicates(node):
        if predicate in custom:
            text = (
                f"{name(Term('iri', predicate))} belongs to the constraint component "
                f"{name(custom[predicate])}; custom components (section 6) are not supported"
            )
            refused.append(Notice(node, text))
        local = predicate.removeprefix(SH)
        if local in words.REFUSED and predicate.startswith(SH):
            refused.append(Notice(node, f"sh:{local}: {words.REFUSED[local]}", outside=True))
        if not predicate.startswith(SH) or local not in components.PARAMETERS:
            continue
        for key in components.PARAMETERS[local]:
            known = components.REGISTRY[key]
            if any(graph.one(node, SH + extra) is None for extra in known.needs):
                continue  # Without all its parameters a component declares nothing (2.1.1).
            if path is None and known.needs_path:
                raise UserError(f"{name(node)}: sh:{local} is for property shapes, with a sh:path")
            if local != known.parameters[0]:
                continue
            others = {}
            for extra in known.parameters[1:]:
                if (value := graph.one(node, SH + extra)) is not None:
                    others[extra] = value
            if not known.many:
                graph.one(node, predicate)
            for value in graph.objects(node, predicate):
                parameters = {local: value, **others}
                yield from components.read(graph, node, Constraint(key, parameters))
