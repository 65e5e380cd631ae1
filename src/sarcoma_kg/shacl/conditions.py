"""Whether a node violates a shape, as a SPARQL expression over one variable.

An expression is closed under its variable: what else it needs stands in EXISTS groups of its own
on fresh variables. So it means the same wherever the variable is bound, and shapes nest freely.
Every expression is true or false, never an error.
"""

from collections.abc import Callable
from itertools import count

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.expressions import (
    RDF_TYPE,
    SUBCLASS,
    VALUE_TESTS,
    as_held,
    not_ordered,
    regex,
    text,
)
from sarcoma_kg.shacl.graph import Unsupported, name
from sarcoma_kg.shacl.logic import (
    Condition,
    all_of,
    any_of,
    exists,
    filtered,
    in_other_words,
    negate,
    none_of,
)
from sarcoma_kg.shacl.shapes import Shape, Shapes
from sarcoma_kg.sparql.term import Term

__all__ = ["Conditions"]

# Up to this number, distinct values are found one in the other; above, the engine counts.
_NESTED = 3
_LONGEST = 3_000_000


class Conditions:
    """Writes conditions for the shapes of one shapes graph.

    Args:
        shapes: All shapes.
    """

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._numbers = count()
        self.patterns: dict[str, Term] = {}
        self._each: dict[str, Callable[[Shape, Constraint, str], str]] = {
            "Class": self._class,
            "Not": lambda s, c, v: negate(self.bad(shapes.members(s, c)[0], v)),
            "And": lambda s, c, v: any_of(self.bad(m, v) for m in shapes.members(s, c)),
            "Or": lambda s, c, v: all_of(self.bad(m, v) for m in shapes.members(s, c)),
            "Xone": self._xone,
            "Node": lambda s, c, v: self.bad(shapes.members(s, c)[0], v),
            "Property": lambda s, c, v: self.bad(shapes.members(s, c)[0], v),
        }
        self._whole: dict[str, Callable[[Shape, Constraint, str], str]] = {
            "MinCount": self._min_count,
            "MaxCount": self._max_count,
            "UniqueLang": self._unique_lang,
            "Equals": self._equals,
            "Disjoint": self._disjoint,
            "LessThan": self._less_than,
            "LessThanOrEquals": self._less_than,
            "QualifiedMinCount": self._qualified_min,
            "QualifiedMaxCount": self._qualified_max,
            "Closed": self._closed,
            "HasValue": self._has_value,
        }

    def fresh(self) -> str:
        """Return a variable that nothing else uses."""
        return f"?v{next(self._numbers)}"

    def is_each(self, constraint: Constraint) -> bool:
        """Tell whether a constraint looks at one value node at a time."""
        return constraint.component in self._each or constraint.component in VALUE_TESTS

    def each(self, shape: Shape, constraint: Constraint, value: str) -> str:
        """Return the condition that a value node violates a constraint."""
        if constraint.component == "Pattern":
            self.patterns.setdefault(regex(constraint, '""'), shape.node)
        if test := VALUE_TESTS.get(constraint.component):
            return self._checked(shape, test(self.shapes.graph, shape.node, constraint, value))
        return self._checked(shape, self._each[constraint.component](shape, constraint, value))

    def whole(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        """Return the condition that a focus node violates a constraint."""
        if constraint.component == "SPARQL":
            raise Unsupported(
                f"{name(shape.node)}: sh:sparql in a shape that is used by sh:node, sh:not, "
                "sh:and, sh:or, sh:xone or sh:qualifiedValueShape is not supported"
            )
        return self._checked(shape, self._whole[constraint.component](shape, constraint, focus))

    def bad(self, shape: Shape, focus: str) -> str:
        """Return the condition that a node does not conform to a shape (section 3.4.2)."""
        each = [c for c in shape.constraints if self.is_each(c)]
        whole = [c for c in shape.constraints if not self.is_each(c)]
        found = [self.whole(shape, c, focus) for c in whole]
        if each:

            def test(value: str) -> str:
                return any_of(self.each(shape, c, value) for c in each)

            found.append(self.some(shape, focus, test))
        return self._checked(shape, any_of(found))

    def some(self, shape: Shape, focus: str, test: Callable[[str], str]) -> str:
        """Return the condition that some value node of a shape passes a test."""
        if shape.path is None:
            return test(focus)
        value = self.fresh()
        found = [test(focus)] if shape.path.nullable() else []
        inner = test(value)
        if inner != "false":
            found.append(self.reaches(shape, focus, value, inner))
        return any_of(found)

    def reaches(
        self, shape: Shape, focus: str, end: str, test: str = "true", *, known: bool = False
    ) -> Condition:
        """Return the condition that a node is reached in one step or more.

        Args:
            shape: A property shape.
            focus: The variable of the focus node.
            end: The node.
            test: What it has to pass.
            known: Whether the node is known outside of the condition.
        """
        assert shape.path is not None  # noqa: S101
        # A closure between two nodes that are not known is a walk from every node there is.
        alone = not (shape.path.repeats() and end.startswith("?"))

        def way(hops: list[str]) -> Condition:
            nodes = [focus, *(self.fresh() for _ in hops[1:]), end]
            steps = [f"{nodes[at]} {hop} {nodes[at + 1]} ." for at, hop in enumerate(hops)]
            fresh = nodes[1:-1] if known else nodes[1:]
            return exists(*steps, test=test, fresh=fresh, alone=alone)

        found = way(shape.path.hops())
        if end.startswith("?"):
            return found
        return in_other_words(found, any_of(way(hops) for hops in shape.path.unrolled()))

    @staticmethod
    def step(shape: Shape, focus: str, value: str) -> str:
        """Return the graph pattern from a focus node to the values at one step or more."""
        assert shape.path is not None  # noqa: S101
        return f"{focus} {shape.path.positive()} {value} ."

    @staticmethod
    def _checked(shape: Shape, condition: str) -> str:
        if len(condition) > _LONGEST:
            raise UserError(
                f"{name(shape.node)}: the shape unfolds into a condition of more than "
                f"{_LONGEST:,} characters",
                "nest fewer shapes in it",
            )
        return condition

    def _class(self, _: Shape, constraint: Constraint, value: str) -> str:
        kind, wanted = self.fresh(), text(constraint.parameters["class"])
        is_type, is_subclass = f"{value} {RDF_TYPE} {kind} .", f"{kind} {SUBCLASS}* {wanted} ."
        found = exists(is_type, is_subclass, fresh=[kind])
        # Virtuoso loses rows where NOT EXISTS holds a closure that ends at a constant.
        ways = [
            exists(f"{value} {RDF_TYPE} {wanted} ."),
            exists(is_type, f"{kind} {SUBCLASS}*/{SUBCLASS} {wanted} .", fresh=[kind]),
        ]
        return negate(in_other_words(found, any_of(ways)))

    def _xone(self, shape: Shape, constraint: Constraint, value: str) -> str:
        members = self.shapes.members(shape, constraint)
        ones = " + ".join(f"IF({self.bad(member, value)}, 0, 1)" for member in members)
        return f"({ones or '0'}) != 1"

    # The value nodes of a focus node together

    def _min_count(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        least = int(constraint.parameters["minCount"].value)
        return negate(self.at_least(shape, focus, least))

    def _max_count(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        most = int(constraint.parameters["maxCount"].value)
        return self.at_least(shape, focus, most + 1)

    def at_least(
        self, shape: Shape, focus: str, least: int, test: Callable[[str], str] | None = None
    ) -> str:
        """Return the condition that a focus node has so many distinct value nodes.

        Args:
            shape: A property shape.
            focus: The variable of the focus node.
            least: How many.
            test: What a value node has to pass to be counted.
        """
        assert shape.path is not None  # noqa: S101
        if least <= 0:
            return "true"
        if not shape.path.nullable():
            return self._steps(shape, focus, least, test, "")
        # The focus node is a value node itself: count the others.
        fewer = self._steps(shape, focus, least - 1, test, focus)
        passes = test(focus) if test else "true"
        if passes == "true":
            return fewer
        more = self._steps(shape, focus, least, test, focus)
        return any_of([all_of([passes, fewer]), more])

    def _steps(
        self, shape: Shape, focus: str, least: int, test: Callable[[str], str] | None, but: str
    ) -> str:
        if least <= 0:
            return "true"
        if least > _NESTED:
            value = self.fresh()
            conditions = [test(value)] if test else []
            conditions += [f"!sameTerm({value}, {but})"] if but else []
            group = f"{self.step(shape, focus, value)} {filtered(all_of(conditions))}"
            having = f"GROUP BY {focus} HAVING (COUNT(DISTINCT {value}) >= {least})"
            return f"EXISTS {{ {{ SELECT {focus} WHERE {{ {group} }} {having} }} }}"

        def others(chosen: tuple[str, ...]) -> str:
            if len(chosen) == least:
                return "true"
            value = self.fresh()
            conditions = [test(value)] if test else []
            conditions += [f"!sameTerm({value}, {other})" for other in (but, *chosen) if other]
            conditions.append(others((*chosen, value)))
            return self.reaches(shape, focus, value, all_of(conditions))

        return others(())

    def qualified(self, shape: Shape, constraint: Constraint) -> Callable[[str], str]:
        """Return the test that a value node counts for a qualified value shape (section 4.7.3)."""
        wanted, *siblings = self.shapes.members(shape, constraint)

        def test(value: str) -> str:
            others = (self.bad(sibling, value) for sibling in siblings)
            return all_of([negate(self.bad(wanted, value)), *others])

        return test

    def _qualified_min(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        least = int(constraint.parameters["qualifiedMinCount"].value)
        return negate(self.at_least(shape, focus, least, self.qualified(shape, constraint)))

    def _qualified_max(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        most = int(constraint.parameters["qualifiedMaxCount"].value)
        return self.at_least(shape, focus, most + 1, self.qualified(shape, constraint))

    def _unique_lang(self, shape: Shape, _: Constraint, focus: str) -> str:
        return self.some(shape, focus, lambda value: self.shared_language(shape, focus, value))

    def shared_language(self, shape: Shape, focus: str, value: str) -> str:
        """Return the condition that another value node has the language of this one."""

        def same(other: str) -> str:
            languages = f'LANG({value}) != "" && LCASE(LANG({value})) = LCASE(LANG({other}))'
            both = f"isLiteral({value}) && isLiteral({other})"
            return f"({both} && {languages} && !sameTerm({value}, {other}))"

        return self.some(shape, focus, same)

    def _equals(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        value = self.fresh()
        return any_of(
            [
                self.some(shape, focus, lambda v: self.lacks(constraint, focus, v)),
                exists(
                    f"{focus} {text(constraint.parameters['equals'])} {value} .",
                    test=self.is_no_value(shape, focus, value),
                    fresh=[value],
                ),
            ]
        )

    @staticmethod
    def lacks(constraint: Constraint, focus: str, value: str) -> str:
        """Return the condition that a value node is no value of the property to be equal to."""
        return negate(exists(f"{focus} {text(constraint.parameters['equals'])} {value} ."))

    def is_no_value(self, shape: Shape, focus: str, node: str) -> str:
        """Return the condition that a node is none of the value nodes."""
        if shape.path is None:
            return f"!sameTerm({node}, {focus})"
        itself = [f"!sameTerm({node}, {focus})"] if shape.path.nullable() else []
        return all_of([*itself, negate(self.reaches(shape, focus, node, known=True))])

    def _disjoint(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        return self.some(shape, focus, lambda value: self.shared(constraint, focus, value))

    @staticmethod
    def shared(constraint: Constraint, focus: str, value: str) -> str:
        """Return the condition that a value node is a value of the property to be disjoint with."""
        return exists(f"{focus} {text(constraint.parameters['disjoint'])} {value} .")

    def _less_than(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        other = self.fresh()
        (property_,) = constraint.parameters.values()
        return self.some(
            shape,
            focus,
            lambda value: exists(
                f"{focus} {text(property_)} {other} .",
                test=not_ordered(constraint, value, other, is_exact=self.shapes.graph.altered),
                fresh=[other],
            ),
        )

    def _closed(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        predicate, value = self.fresh(), self.fresh()

        def test(node: str) -> str:
            wrong = self.not_allowed(shape, constraint, predicate)
            fresh = [predicate, value]
            return exists(f"{node} {predicate} {value} .", test=wrong, fresh=fresh, alone=False)

        return self.some(shape, focus, test)

    def not_allowed(self, shape: Shape, constraint: Constraint, predicate: str) -> str:
        """Return the condition that a closed shape does not allow a predicate (section 4.8.1)."""
        allowed = [
            Term("iri", inner.path.iri)
            for inner in self.shapes.properties(shape)
            if inner.path and inner.path.kind == "predicate"
        ]
        if ignored := constraint.parameters.get("ignoredProperties"):
            allowed += self.shapes.graph.items(ignored, shape.node)
        if not allowed:
            return "true"  # NOT IN () goes wrong in Oxigraph.
        return none_of(predicate, list(dict.fromkeys(map(text, allowed))))

    def _has_value(self, shape: Shape, constraint: Constraint, focus: str) -> str:
        wanted = text(as_held(self.shapes.graph, constraint.parameters["hasValue"]))
        if shape.path is None:
            return f"!sameTerm({focus}, {wanted})"
        itself = [f"!sameTerm({focus}, {wanted})"] if shape.path.nullable() else []
        return all_of([*itself, negate(self.reaches(shape, focus, wanted, known=True))])
