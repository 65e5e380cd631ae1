"""Pairs of shapes and data for the differential test of the SHACL compiler.

The grammar is that of SHACL Core (https://www.w3.org/TR/shacl/, sections 2 to 4): every kind of
target, every form of path, every constraint component, nested and shared shapes. Where to go in
the grammar is asked of a `Choice`, so that Hypothesis (which shrinks what fails) and a plain seeded
generator (which is fast and can be resumed) walk the same one. Shapes are well-formed and never
recursive: one refers only to shapes that are finished.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

import pyoxigraph as ox

from tests.shacl.vocabulary import (  # fmt: skip
    CLASSES,
    DATATYPES,
    FIRST,
    KINDS,
    LITERALS,
    NIL,
    NODES,
    ORDERED,
    PATH_MODS,
    PATTERNS,
    PREDICATES,
    RDFS,
    REST,
    SUBCLASS,
    TAGGED,
    TYPE,
    Node,
    Subject,
    ex,
    sh,
    typed,
)

__all__ = ["Choice", "Pair", "Seeded", "make"]

T = TypeVar("T")


class Choice(Protocol):
    """Who decides: a draw of Hypothesis or a seeded generator."""

    def number(self, low: int, high: int) -> int:
        """Return a number between the two, both included."""
        ...

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        ...


class Seeded:
    """Decides by a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """Return a number between the two, both included."""
        return self._random.randint(low, high)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return self._random.choice(options)


class Pair(NamedTuple):
    """A shapes graph and a data graph."""

    shapes: list[ox.Triple]
    data: list[ox.Triple]


class _Shapes:
    """Writes shapes, from the leaves to the targets."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.triples: list[ox.Triple] = []
        self.finished: dict[Subject, bool] = {}
        #: Shapes that look at their siblings: shared by one of these, they would be recursive.
        self.alone: set[Subject] = set()
        self._count = 0

    def add(self, subject: Subject, predicate: ox.NamedNode, value: Node) -> None:
        self.triples.append(ox.Triple(subject, predicate, value))

    def chance(self, percent: int) -> bool:
        return self.choice.number(0, 99) >= 100 - percent

    def blank(self) -> ox.BlankNode:
        self._count += 1
        return ox.BlankNode(f"s{self._count}")

    def chain(self, items: Sequence[Node]) -> Subject:
        if not items:
            return NIL
        cells = [self.blank() for _ in items]
        rests: list[Subject] = [*cells[1:], NIL]
        for cell, item, rest in zip(cells, items, rests, strict=True):
            self.add(cell, FIRST, item)
            self.add(cell, REST, rest)
        return cells[0]

    def some(self, options: Sequence[Node], most: int = 3) -> list[Node]:
        drawn = [self.choice.pick(options) for _ in range(self.choice.number(1, most))]
        return list(dict.fromkeys(drawn))

    def path(self, depth: int = 2) -> Subject:
        if depth == 0 or not self.chance(35):
            return self.choice.pick([*PREDICATES, *PREDICATES, TYPE])
        form = self.choice.pick([*PATH_MODS, "sequence", "alternativePath"])
        if form in PATH_MODS:
            inner = self.path(depth - 1)
            node = self.blank()
            self.add(node, sh(form), inner)
            return node
        parts = self.chain([self.path(depth - 1) for _ in range(self.choice.number(2, 3))])
        if form == "sequence":
            return parts
        node = self.blank()
        self.add(node, sh(form), parts)
        return node

    def shape(self, depth: int, *, property: bool | None = None) -> Subject:
        """Write a shape, or take a finished one of the kind that is wanted."""
        fit = [s for s, kind in self.finished.items() if property is None or property == kind]
        fit = [s for s in fit if s not in self.alone]
        if fit and self.chance(15):
            return self.choice.pick(fit)
        with_path = self.chance(55) if property is None else property
        self._count += 1
        node: Subject = ex(f"S{self._count}") if self.chance(70) else self.blank()
        if with_path:
            self.add(node, sh("path"), self.path())
        if self.chance(50):
            self.add(node, TYPE, sh("PropertyShape" if with_path else "NodeShape"))
        used: set[str] = set()
        for _ in range(self.choice.number(1, 4)):
            self.constraint(node, depth, with_path, used)
        if self.chance(6):
            self.add(node, sh("deactivated"), typed(self.choice.pick(["true", "false"]), "boolean"))
        if self.chance(20):
            levels = [sh("Warning"), sh("Info"), sh("Violation"), ex("Grave")]
            self.add(node, sh("severity"), self.choice.pick(levels))
        if self.chance(15):
            self.add(node, sh("message"), self.choice.pick([ox.Literal("no"), TAGGED[0]]))
        self.finished[node] = with_path
        return node

    def constraint(self, node: Subject, depth: int, with_path: bool, used: set[str]) -> None:
        writers = VALUE | (PROPERTY if with_path else {}) | (NESTED if depth else {})
        if with_path and depth:
            writers |= BOTH
        # What counts and compares values needs luck to find any: it is tried more often.
        name = self.choice.pick([*writers, *(PROPERTY if with_path else ())])
        # Most parameters may stand once in a shape.
        if name not in used:
            used.add(name)
            writers[name](self, node, depth)

    def target(self, node: Subject) -> None:
        kinds = ["targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "implicit"]
        kind = self.choice.pick(kinds)
        if kind == "targetClass":
            self.add(node, sh(kind), self.choice.pick(CLASSES))
        elif kind == "targetNode":
            nodes: list[Node] = [n for n in NODES if isinstance(n, ox.NamedNode)]
            self.add(node, sh(kind), self.choice.pick([*nodes, *LITERALS[:8], ex("absent")]))
        elif kind != "implicit":
            self.add(node, sh(kind), self.choice.pick([*PREDICATES, TYPE]))
        elif isinstance(node, ox.NamedNode):
            self.add(node, TYPE, ox.NamedNode(RDFS + "Class"))
            self.add(node, TYPE, sh("PropertyShape" if self.finished[node] else "NodeShape"))


Writer = Callable[[_Shapes, Subject, int], None]


def _one_of(name: str, options: Sequence[Node]) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        shapes.add(node, sh(name), shapes.choice.pick(options))

    return write


def _many(name: str, options: Sequence[Node]) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        for value in shapes.some(options, 2):
            shapes.add(node, sh(name), value)

    return write


def _list_of(name: str, options: Sequence[Node]) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        shapes.add(node, sh(name), shapes.chain(shapes.some(options)))

    return write


def _number(name: str, most: int) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        shapes.add(node, sh(name), typed(str(shapes.choice.number(0, most)), "integer"))

    return write


def _flag(name: str) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        shapes.add(node, sh(name), typed("false" if shapes.chance(15) else "true", "boolean"))

    return write


def _pattern(shapes: _Shapes, node: Subject, depth: int) -> None:
    shapes.add(node, sh("pattern"), ox.Literal(shapes.choice.pick(PATTERNS)))
    if shapes.chance(30):
        shapes.add(node, sh("flags"), ox.Literal(shapes.choice.pick(["i", "s", "is", "m"])))


def _closed(shapes: _Shapes, node: Subject, depth: int) -> None:
    _flag("closed")(shapes, node, depth)
    if shapes.chance(60):
        ignored = shapes.chain(shapes.some([*PREDICATES, TYPE]))
        shapes.add(node, sh("ignoredProperties"), ignored)


def _nested(name: str, *, property: bool | None = None) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        shapes.add(node, sh(name), shapes.shape(depth - 1, property=property))

    return write


def _members(name: str) -> Writer:
    def write(shapes: _Shapes, node: Subject, depth: int) -> None:
        members = [shapes.shape(depth - 1) for _ in range(shapes.choice.number(1, 3))]
        shapes.add(node, sh(name), shapes.chain(members))

    return write


def _qualified(shapes: _Shapes, node: Subject, depth: int) -> None:
    shapes.add(node, sh("qualifiedValueShape"), shapes.shape(depth - 1))
    which = shapes.choice.pick(["Min", "Max", "both"])
    for bound in ("Min", "Max") if which == "both" else (which,):
        _number(f"qualified{bound}Count", 2)(shapes, node, depth)
    if shapes.chance(40):
        shapes.alone.add(node)
        _flag("qualifiedValueShapesDisjoint")(shapes, node, depth)


def _siblings(shapes: _Shapes, node: Subject, depth: int) -> None:
    """Two qualified shapes over one path: what sh:qualifiedValueShapesDisjoint is about."""
    predicate = shapes.choice.pick(PREDICATES)
    for _ in range(2):
        sibling = shapes.blank()
        shapes.add(sibling, sh("path"), predicate)
        _qualified(shapes, sibling, depth)
        shapes.add(node, sh("property"), sibling)


#: Components that any shape may have; all but the last three say something about each value.
VALUE: dict[str, Writer] = {
    "class": _many("class", CLASSES),
    "datatype": _one_of("datatype", DATATYPES),
    "nodeKind": _one_of("nodeKind", [sh(kind) for kind in KINDS]),
    "minExclusive": _one_of("minExclusive", ORDERED),
    "minInclusive": _one_of("minInclusive", ORDERED),
    "maxExclusive": _one_of("maxExclusive", ORDERED),
    "maxInclusive": _one_of("maxInclusive", ORDERED),
    "minLength": _number("minLength", 4),
    "maxLength": _number("maxLength", 4),
    "pattern": _pattern,
    "languageIn": _list_of("languageIn", [ox.Literal(tag) for tag in ("en", "de", "en-gb", "fr")]),
    "in": _list_of("in", [*NODES[:2], *LITERALS]),
    "hasValue": _many("hasValue", [*NODES[:2], *CLASSES[:1], *LITERALS]),
    "equals": _many("equals", PREDICATES),
    "disjoint": _many("disjoint", PREDICATES),
    "closed": _closed,
}
#: Components of property shapes alone.
PROPERTY: dict[str, Writer] = {
    "minCount": _number("minCount", 2),
    "maxCount": _number("maxCount", 2),
    "uniqueLang": _flag("uniqueLang"),
    "lessThan": _many("lessThan", PREDICATES),
    "lessThanOrEquals": _many("lessThanOrEquals", PREDICATES),
}
#: Components that hold shapes.
NESTED: dict[str, Writer] = {
    "not": _nested("not"),
    "and": _members("and"),
    "or": _members("or"),
    "xone": _members("xone"),
    "node": _nested("node", property=False),
    "property": _nested("property", property=True),
    "siblings": _siblings,
}


#: Components of property shapes that hold shapes.
BOTH: dict[str, Writer] = {"qualified": _qualified}


def _data(choice: Choice, classes: Sequence[Subject]) -> list[ox.Triple]:
    triples: list[ox.Triple] = []
    # Few nodes and predicates with many values: else hardly anything meets.
    predicates = [PREDICATES[0], *PREDICATES]
    for _ in range(choice.number(0, 20)):
        form = choice.pick(["literal", "literal", "node", "again", "tags", "type", "subclass"])
        if form == "tags":
            node, predicate = choice.pick(NODES[:4]), choice.pick(predicates)
            triples += [ox.Triple(node, predicate, choice.pick(TAGGED)) for _ in range(2)]
            continue
        if form == "again" and triples:
            # One value under two predicates: what sh:equals and sh:disjoint are about.
            old = choice.pick(triples)
            triple = ox.Triple(old.subject, choice.pick(PREDICATES), old.object)
        elif form == "subclass":
            triple = ox.Triple(choice.pick(CLASSES), SUBCLASS, choice.pick(CLASSES))
        elif form == "type":
            triple = ox.Triple(choice.pick(NODES), TYPE, choice.pick(classes))
        else:
            literals = choice.pick([LITERALS, ORDERED, TAGGED])
            value = choice.pick(NODES if form == "node" else literals)
            triple = ox.Triple(choice.pick(NODES[:4]), choice.pick(predicates), value)
        triples.append(triple)
    return list(dict.fromkeys(triples))


def make(choice: Choice) -> Pair:
    """Return shapes with targets, and data that may concern them."""
    shapes = _Shapes(choice)
    tops = []
    for _ in range(choice.number(1, 2)):
        top = shapes.shape(2)
        for _ in range(choice.number(1, 2)):
            shapes.target(top)
        tops.append(top)
    implicit = [top for top in tops if isinstance(top, ox.NamedNode)]
    data = _data(choice, [*CLASSES, *implicit])
    return Pair(list(dict.fromkeys(shapes.triples)), data)
