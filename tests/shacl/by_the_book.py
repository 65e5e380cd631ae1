"""SHACL Core as the specification words it: one node, one shape, one sentence at a time.

The third opinion of the differential test, for shapes that are well-formed and not recursive: slow,
short, and near enough to https://www.w3.org/TR/shacl/ to be read beside it. Where the specification
itself defers to SPARQL (`<`, REGEX, langMatches), the store's engine is asked about two literals.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

import pyoxigraph as ox

from tests.shacl.vocabulary import (
    FIRST,
    RDFS,
    SHACL,
    SUBCLASS,
    TYPE,
    XSD,
    Graph,
    Node,
    sh,
    structure,
)

__all__ = ["Book", "Check", "Key", "Walk", "report"]

#: Focus node, path, component, source shape, value, severity: what two reports must agree on.
Key = tuple[Node, object, str, Node, Node | None, Node]

_DATE = r"-?[0-9]{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_WELL_FORMED = {
    "integer": "[+-]?[0-9]+",
    "byte": "[+-]?[0-9]+",
    "decimal": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
    "double": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "float": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "boolean": "true|false|0|1",
    "gYear": "-?[0-9]{4,}" + _ZONE,
    "date": _DATE + _ZONE,
    "int": r"[+-]?[0-9]+",
    "dateTimeStamp": _DATE + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})",
    "dateTime": _DATE + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?" + _ZONE,
}
_WIDER = {"byte": "integer", "int": "integer", "dateTimeStamp": "dateTime"}
_EMPTY = ox.Store()


@cache
def _holds(expression: str) -> bool:
    """Tell whether a SPARQL expression is true; an error is not."""
    return bool(_EMPTY.query(f"ASK {{ FILTER({expression}) }}"))


def _text(node: Node) -> str | None:
    """Return STR() of a node; None for a blank node, which has none."""
    return None if isinstance(node, ox.BlankNode) else node.value


def _well_typed(node: Node, datatype: str) -> bool:
    if not isinstance(node, ox.Literal) or node.datatype.value != datatype:
        return False
    pattern = _WELL_FORMED.get(datatype.removeprefix(XSD))
    if pattern and not re.fullmatch(pattern, node.value):
        return False
    return datatype != XSD + "byte" or -128 <= int(node.value) <= 127


class Book:
    """The evaluation of one shapes graph over one data graph."""

    def __init__(
        self,
        shapes: Iterable[ox.Triple],
        data: Iterable[ox.Triple],
        quirks: "Mapping[str, Check]",
        walk: "Walk | None",
    ) -> None:
        self.shapes, self.data = Graph(shapes), Graph(data)
        self.per_value = {**_PER_VALUE, **quirks}
        self._walk = walk

    def results(self) -> Iterator[Key]:
        """Section 3.4: each shape with targets, each of its focus nodes once."""
        for shape in dict.fromkeys(t.subject for t in self.shapes.triples):
            for node in dict.fromkeys(self.targets(shape)):
                yield from self.validate(shape, node)

    def targets(self, shape: Node) -> Iterator[Node]:
        """Section 2.1.3."""
        wanted, data = self.shapes.objects, self.data
        yield from wanted(shape, sh("targetNode"))
        classes = wanted(shape, sh("targetClass"))
        kinds = wanted(shape, TYPE)
        kinds = [*kinds, *self.shapes.reached(kinds, lambda c: wanted(c, SUBCLASS))]
        if ox.NamedNode(RDFS + "Class") in kinds:
            classes = [*classes, shape]
        for wide in classes:
            for triple in data.triples:
                if triple.predicate == TYPE and self.instance(triple.subject, wide):
                    yield triple.subject
        for predicate in wanted(shape, sh("targetSubjectsOf")):
            yield from (t.subject for t in data.triples if t.predicate == predicate)
        for predicate in wanted(shape, sh("targetObjectsOf")):
            yield from (t.object for t in data.triples if t.predicate == predicate)

    def instance(self, node: Node, wide: Node) -> bool:
        """Section 1.1: SHACL instance, by rdf:type/rdfs:subClassOf* in the data graph."""
        types = self.data.objects(node, TYPE)
        wider = self.data.reached(types, lambda c: self.data.objects(c, SUBCLASS))
        return wide in types or wide in wider

    def follow(self, path: Node, node: Node) -> list[Node]:
        """Section 2.3.1: the value nodes, each once."""
        if self._walk:
            return list(dict.fromkeys(self._walk(self, path, node)))
        if isinstance(path, ox.NamedNode):
            return self.data.objects(node, path)
        if parts := self.shapes.objects(path, FIRST) and self.shapes.members(path):
            reached = [node]
            for part in parts:
                reached = [value for start in reached for value in self.follow(part, start)]
            return list(dict.fromkeys(reached))
        (form,) = [t for t in self.shapes.triples if t.subject == path]
        kind, inner = form.predicate.value.removeprefix(SHACL), form.object
        assert isinstance(inner, ox.NamedNode | ox.BlankNode)
        if kind == "inversePath":
            return self.backwards(inner, node)
        if kind == "alternativePath":
            found = [v for part in self.shapes.members(inner) for v in self.follow(part, node)]
        elif kind == "zeroOrOnePath":
            found = [node, *self.follow(inner, node)]
        else:
            found = self.data.reached([node], lambda n: self.follow(inner, n))
            found = [*([node] if kind == "zeroOrMorePath" else []), *found]
        return list(dict.fromkeys(found))

    def backwards(self, path: Node, node: Node) -> list[Node]:
        # A path of length zero joins any term to itself, also one that is not in the data.
        everywhere = {node: None} | {
            n: None for t in self.data.triples for n in (t.subject, t.object)
        }
        return [start for start in everywhere if node in self.follow(path, start)]

    def structure(self, path: Node | None) -> object:
        """Return a path without the names of its blank nodes."""
        return structure(path, self.shapes.objects)

    def conforms(self, shape: Node, node: Node) -> bool:
        return not list(self.validate(shape, node))

    def validate(self, shape: Node, focus: Node) -> Iterator[Key]:
        get = self.shapes.objects
        if ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean")) in get(
            shape, sh("deactivated")
        ):
            return
        path = self.shapes.value(shape, sh("path"))
        values = [focus] if path is None else self.follow(path, focus)
        severity = self.shapes.value(shape, sh("severity")) or sh("Violation")
        shown = self.structure(path)
        for triple in self.shapes.triples:
            if triple.subject != shape:
                continue
            name = triple.predicate.value.removeprefix(SHACL)
            parameter = triple.object
            assert isinstance(parameter, ox.NamedNode | ox.BlankNode | ox.Literal)
            if name == "property":
                for value in values:
                    yield from self.validate(parameter, value)
            elif name == "closed":
                if parameter.value == "true":
                    yield from self.closed(shape, focus, values, severity)
            elif name in self.per_value:
                for value in values:
                    if not self.per_value[name](self, shape, parameter, value):
                        yield (focus, shown, _component(name), shape, value, severity)
            elif name in _ORDER:
                for value in values:
                    for other in self.data.objects(focus, parameter):
                        if not self.per_value["order " + name](self, shape, other, value):
                            yield (focus, shown, _component(name), shape, value, severity)
            elif name in _WHOLE:
                for bad in _WHOLE[name](self, shape, parameter, focus, values):
                    yield (focus, shown, _component(name), shape, bad, severity)
            elif name == "qualifiedValueShape":
                count = sum(self.qualifies(shape, parameter, value) for value in values)
                for bound in ("Min", "Max"):
                    limit = self.shapes.value(shape, sh(f"qualified{bound}Count"))
                    if limit is not None:
                        wrong = count < int(limit.value), count > int(limit.value)
                        if wrong[bound == "Max"]:
                            component = _component(f"qualified{bound}Count")
                            yield (focus, shown, component, shape, None, severity)

    def closed(self, shape: Node, focus: Node, values: list[Node], severity: Node) -> Iterator[Key]:
        """Section 4.8.1."""
        allowed = [
            predicate
            for part in self.shapes.objects(shape, sh("property"))
            for predicate in self.shapes.objects(part, sh("path"))
        ]
        for head in self.shapes.objects(shape, sh("ignoredProperties")):
            allowed += self.shapes.members(head)
        for value in values:
            for triple in self.data.triples:
                if triple.subject == value and triple.predicate not in allowed:
                    found = triple.object
                    yield (focus, triple.predicate, "Closed", shape, found, severity)

    def qualifies(self, shape: Node, wanted: Node, value: Node) -> bool:
        """Section 4.7.3, with the sibling shapes of section 4.7.3.1."""
        get, subjects = self.shapes.objects, self.shapes.subjects
        siblings: list[Node] = []
        disjoint = self.shapes.value(shape, sh("qualifiedValueShapesDisjoint"))
        if disjoint is not None and disjoint.value == "true":
            siblings = [
                sibling
                for parent in subjects(sh("property"), shape)
                for part in get(parent, sh("property"))
                for sibling in get(part, sh("qualifiedValueShape"))
                if sibling != wanted
            ]
        if not self.conforms(wanted, value):
            return False
        return not any(self.conforms(sibling, value) for sibling in siblings)


def _component(parameter: str) -> str:
    return parameter[0].upper() + parameter[1:]


def _comparable(node: Node) -> bool:
    """Tell whether SPARQL's `<` may be true of it; the engine calls any term `<=` to itself."""
    if not isinstance(node, ox.Literal) or node.value == "NaN":
        return False
    datatype = node.datatype.value
    return node.language is not None or (
        datatype.removeprefix(XSD) in {"string", *_WELL_FORMED} and _well_typed(node, datatype)
    )


def _widened(node: Node) -> Node:
    """Return a literal with the datatype by which SPARQL compares it (operator mapping, 17.3)."""
    if not isinstance(node, ox.Literal):
        return node
    wider = _WIDER.get(node.datatype.value.removeprefix(XSD))
    return ox.Literal(node.value, datatype=ox.NamedNode(XSD + wider)) if wider else node


def _compare(sign: str) -> Callable[[Book, Node, Node, Node], bool]:
    """Section 4.3: what cannot be compared does not conform."""

    def check(book: Book, shape: Node, bound: Node, value: Node) -> bool:
        comparable = _comparable(value) and _comparable(bound)
        return comparable and _holds(f"{_widened(value)} {sign} {_widened(bound)}")

    return check


def _kind(book: Book, shape: Node, kind: Node, value: Node) -> bool:
    name = kind.value.removeprefix(SHACL)
    mine = {ox.NamedNode: "IRI", ox.BlankNode: "BlankNode", ox.Literal: "Literal"}[type(value)]
    return mine in name.split("Or")


def _length(book: Book, value: Node, good: Callable[[int], bool]) -> bool:
    text = _text(value)
    return text is not None and good(len(text))


def _pattern(book: Book, shape: Node, pattern: Node, value: Node) -> bool:
    text = _text(value)
    if text is None:
        return False
    flags = book.shapes.value(shape, sh("flags")) or ox.Literal("")
    return _holds(f"REGEX({ox.Literal(text)}, {pattern}, {flags})")


def _language_in(book: Book, shape: Node, head: Node, value: Node) -> bool:
    if not isinstance(value, ox.Literal) or not value.language:
        return False
    tag = ox.Literal(value.language)
    return any(_holds(f"langMatches({tag}, {wide})") for wide in book.shapes.members(head))


#: Shape, parameter and value node: does the value conform?
Check = Callable[[Book, Node, Node, Node], bool]
#: Path and node: what does the path lead to?
Walk = Callable[[Book, Node, Node], list[Node]]

#: Sections 4.5.3 and 4.5.4: a result for each pair of values that is not in order.
_ORDER = {"lessThan", "lessThanOrEquals"}
_PER_VALUE: dict[str, Check] = {
    "order lessThan": _compare("<"),
    "order lessThanOrEquals": _compare("<="),
    "class": lambda book, shape, wide, value: book.instance(value, wide),
    "datatype": lambda book, shape, datatype, value: _well_typed(value, datatype.value),
    "nodeKind": _kind,
    "minExclusive": _compare(">"),
    "minInclusive": _compare(">="),
    "maxExclusive": _compare("<"),
    "maxInclusive": _compare("<="),
    "minLength": lambda book, shape, n, value: _length(book, value, lambda k: k >= int(n.value)),
    # Section 4.4.2, unlike 4.4.1, is silent on blank nodes; the SPARQL definition fails them.
    "maxLength": lambda book, shape, n, value: _length(book, value, lambda k: k <= int(n.value)),
    "pattern": _pattern,
    "languageIn": _language_in,
    "in": lambda book, shape, head, value: value in book.shapes.members(head),
    "not": lambda book, shape, inner, value: not book.conforms(inner, value),
    "and": lambda book, shape, head, value: all(
        book.conforms(inner, value) for inner in book.shapes.members(head)
    ),
    "or": lambda book, shape, head, value: any(
        book.conforms(inner, value) for inner in book.shapes.members(head)
    ),
    "xone": lambda book, shape, head, value: (
        sum(book.conforms(inner, value) for inner in book.shapes.members(head)) == 1
    ),
    "node": lambda book, shape, inner, value: book.conforms(inner, value),
}


def _unique_lang(
    book: Book, shape: Node, flag: Node, focus: Node, values: list[Node]
) -> Iterator[Node | None]:
    tags = Counter(v.language for v in values if isinstance(v, ox.Literal) and v.language)
    if flag.value == "true":
        yield from (None for count in tags.values() if count > 1)


_WHOLE: dict[str, Callable[[Book, Node, Node, Node, list[Node]], Iterable[Node | None]]] = {
    "minCount": lambda book, shape, n, focus, values: [None] * (len(values) < int(n.value)),
    "maxCount": lambda book, shape, n, focus, values: [None] * (len(values) > int(n.value)),
    "uniqueLang": _unique_lang,
    "hasValue": lambda book, shape, wanted, focus, values: [None] * (wanted not in values),
    "equals": lambda book, shape, predicate, focus, values: (
        [v for v in values if v not in book.data.objects(focus, predicate)]
        + [v for v in book.data.objects(focus, predicate) if v not in values]
    ),
    "disjoint": lambda book, shape, predicate, focus, values: [
        v for v in values if v in book.data.objects(focus, predicate)
    ],
}


def report(
    shapes: Iterable[ox.Triple],
    data: Iterable[ox.Triple],
    quirks: Mapping[str, Check] | None = None,
    walk: Walk | None = None,
) -> Counter[Key]:
    """Return the results that the specification asks for.

    Args:
        shapes: The shapes graph: well-formed, not recursive.
        data: The data graph.
        quirks: What is to be checked in another way than the specification says, by parameter;
            "order lessThan" and "order lessThanOrEquals" compare two values.
        walk: Another way to follow paths than the specification says.
    """
    return Counter(Book(shapes, data, quirks or {}, walk).results())
