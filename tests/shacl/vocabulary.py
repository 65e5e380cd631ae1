"""The terms that shapes and data of the differential test are made of, and a graph of them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pyoxigraph as ox

Node = ox.NamedNode | ox.BlankNode | ox.Literal
Subject = ox.NamedNode | ox.BlankNode

EX = "http://example.org/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SHACL = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def sh(name: str) -> ox.NamedNode:
    """Return a term of SHACL."""
    return ox.NamedNode(SHACL + name)


def ex(name: str) -> ox.NamedNode:
    """Return a term of the example."""
    return ox.NamedNode(EX + name)


def typed(value: str, datatype: str) -> ox.Literal:
    """Return a literal with a datatype of XML Schema."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


TYPE = ox.NamedNode(RDF + "type")
FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
NODES: list[Subject] = [ex("a"), ex("b"), ox.BlankNode("x"), ex("c"), ox.BlankNode("y")]
CLASSES = [ex("A"), ex("B"), ex("C")]
PREDICATES = [ex("p"), ex("q"), ex("r")]
TEXTS = [ox.Literal(text) for text in ("a", "b", "", "Abc", "a b", "line\nbreak", "1")]
TAGGED = [
    ox.Literal(text, language=tag)
    for text, tag in [
        ("a", "en"),
        ("b", "en"),
        ("c", "en"),
        ("a", "de"),
        ("b", "de"),
        ("a", "en-gb"),
        ("", "fr"),
    ]
]
NUMBERS = [
    typed("1", "integer"),
    typed("2", "integer"),
    typed("-1", "integer"),
    typed("10", "integer"),
    typed("1.5", "decimal"),
    typed("2.0", "decimal"),
    typed("1.0E0", "double"),
    typed("2.5E0", "float"),
    typed("INF", "double"),
]
TIMES = [
    typed("2020-01-01", "date"),
    typed("2021-06-30", "date"),
    typed("2020-01-01T00:00:00Z", "dateTime"),
    typed("2021-06-30T12:00:00", "dateTime"),
    typed("2020", "gYear"),
]
OTHERS = [typed("true", "boolean"), typed("false", "boolean"), typed("http://x/", "anyURI")]
ODD = [
    typed("one", "integer"),
    typed("2020-13-01", "date"),
    typed("maybe", "boolean"),
    ox.Literal("x", datatype=ex("type")),
    typed("NaN", "double"),
]
#: What Oxigraph keeps in another form.
ALTERED = [
    typed("007", "integer"),
    typed("+1", "integer"),
    typed("1", "int"),
    typed("2", "byte"),
    typed("1.50", "decimal"),
    typed("1", "boolean"),
    typed("1.0", "double"),
    typed("2020-01-01T00:00:00Z", "dateTimeStamp"),
]
ORDERED = [*NUMBERS, *TIMES, *TEXTS[:2]]
LITERALS: list[ox.Literal] = [*TEXTS, *TAGGED, *NUMBERS, *TIMES, *OTHERS, *ODD, *ALTERED]
DATATYPES = [
    ox.NamedNode(XSD + name)
    for name in ("string", "integer", "decimal", "double", "date", "dateTime", "boolean")
] + [ox.NamedNode(RDF + "langString"), ex("type")]
KINDS = ["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
PATTERNS = ["a", "^a$", "^[A-Z]", "b.*k", "[0-9]+", "example", " ", "^$"]
PATH_MODS = ["inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"]


class Spo(NamedTuple):
    """A triple of RDF 1.1."""

    subject: Node
    predicate: Node
    object: Node


class Graph:
    """Triples to look things up in."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        kept = dict.fromkeys(triples)
        self.triples = [Spo(t.subject, t.predicate, t.object) for t in kept]  # type: ignore[arg-type]

    def objects(self, subject: Node, predicate: Node) -> list[Node]:
        """Return what a subject has, each once."""
        return list(dict.fromkeys(s.object for s in self.triples if s[:2] == (subject, predicate)))

    def subjects(self, predicate: Node, value: Node) -> list[Node]:
        """Return what has a value, each once."""
        return list(dict.fromkeys(s.subject for s in self.triples if s[1:] == (predicate, value)))

    def value(self, subject: Node, predicate: Node) -> Node | None:
        """Return what a subject has, when it has any."""
        return next(iter(self.objects(subject, predicate)), None)

    def members(self, head: Node) -> list[Node]:
        """Return the members of a list."""
        found = []
        while head != NIL:
            found += self.objects(head, FIRST)
            head = self.objects(head, REST)[0]
        return found

    def reached(self, start: Iterable[Node], step: Callable[[Node], Iterable[Node]]) -> list[Node]:
        """Return what one or more steps reach."""
        seen: dict[Node, None] = {}
        todo = list(start)
        while todo:
            for node in step(todo.pop()):
                if node not in seen:
                    seen[node] = None
                    todo.append(node)
        return list(seen)


def structure(path: Node | None, objects: Callable[[Node, Node], list[Node]]) -> object:
    """Return a path as nested tuples; `objects` looks into the graph that holds it."""
    if path is None or isinstance(path, ox.NamedNode):
        return path
    if first := objects(path, FIRST):
        (rest,) = objects(path, REST)
        tail = () if rest == NIL else structure(rest, objects)
        assert isinstance(tail, tuple)
        return ("/", structure(first[0], objects), *tail[1:])
    for form in (
        "inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath",
    ):  # fmt: skip
        if inner := objects(path, sh(form)):
            return (form, structure(inner[0], objects))
    raise ValueError(f"no path: {path}")
