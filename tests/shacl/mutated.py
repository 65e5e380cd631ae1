"""Shapes mutated from good ones as a graph, so that they stay RDF and reach the compiler.

Good ones are those that the grammar of `generated` makes, with data for them, the packaged shapes,
and the fixtures in which a call hides. The mutations know lists, paths and nesting, and put hostile
text where a shape has text: queries, prefixes, patterns, flags, messages.
"""

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import resources
from sarcoma_kg.shacl.words import WORDS
from tests.shacl import generated
from tests.shacl.vocabulary import FIRST, NIL, REST, Node, Subject, ex, sh
from tests.sparql import mutated as queries

__all__ = ["pair"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_HERE = Path(__file__).parents[1] / "data" / "reaching-out"
_WORDS = sorted(WORDS)
_NESTING = ("not", "node", "property", "qualifiedValueShape", "and", "or", "xone")
_TEXTS = (
    "", "(", "(a+)+$", "a{1,99999}", "(?<=a)b", "\\", "\\p{Foo}", "[[:alpha:]&&[^a]]", "x\0y", "\r",
    "\u202e", "i", "smixq", "ii", "z", "'", '"', "'''", '") } #', "${this}", "{?this}", "{$PATH}",
    "a" * 70_000, "(" * 5000, "en", "en--ltr", "*", "x:", "1e999", "-1", "9" * 400, "NaN", "INF",
    "2020-13-45", "true", "SELECT $this { }", "SELECT $this { $this $PATH ?value }",
    "SELECT ?x { }", "ASK { }", "CONSTRUCT { } { }", "DROP ALL",
    "SELECT $this { BIND(1 AS $this) }",
    "SELECT $this { { SELECT $this { } } # }",
    "SELECT $this WHERE { $this ?p ?o } # c",
    "SELECT $this { FILTER(" + "!" * 3000 + "1) }", "SELECT * { ?s ?p ?o ; }",
    "BASE <> SELECT $this {}",
)  # fmt: skip
_SELECTS = (
    "SELECT $this ?value {{ $this $PATH ?value {} }}", "SELECT $this {{ {} }}",
    "SELECT $this {{ FILTER NOT EXISTS {{ {} }} }}", "{} SELECT $this {{ $this ?p ?o }}",
    "SELECT $this {{ $this ?p ?o }} {}", "SELECT $this {{ {{ SELECT $this {{ {} }} }} }}",
)  # fmt: skip
_KINDS = ("integer", "boolean", "string", "decimal", "anyURI", "date", "dateTime", "double", "odd")


class _Graph:
    """A shapes graph on its way.

    Args:
        triples: A good one.
        chance: Decides.
        at: The address that must not be asked.
    """

    def __init__(self, triples: Sequence[ox.Triple], chance: random.Random, at: str) -> None:
        self.triples, self.chance, self.at = list(triples), chance, at
        self.made = 0

    def blank(self) -> ox.BlankNode:
        self.made += 1
        return ox.BlankNode(f"m{self.made}")

    def add(self, subject: Subject, predicate: ox.NamedNode, value: Node) -> None:
        self.triples.append(ox.Triple(subject, predicate, value))

    def subject(self) -> Subject:
        subject = self.chance.choice(self.triples).subject
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        return subject

    def text(self) -> str:
        if self.chance.random() < 0.7:
            return self.chance.choice(_TEXTS)
        piece = self.chance.choice(queries.hostile([self.at]))
        return self.chance.choice(_SELECTS).format(piece)

    def literal(self) -> ox.Literal:
        kind = self.chance.choice(_KINDS)
        if kind == "string" and self.chance.random() < 0.5:
            return ox.Literal(self.text(), language="en")
        return ox.Literal(self.text(), datatype=ox.NamedNode(_XSD + kind))

    def node(self) -> Node:
        kind = self.chance.randrange(10)
        makers: list[Callable[[], Node]] = [
            self.subject, self.subject, self.literal, self.literal, self.word, self.list, self.path,
            self.blank,
        ]  # fmt: skip
        if kind < len(makers):
            return makers[kind]()
        if kind == 8:
            return self.chance.choice([ex("C"), ex("a"), NIL, ox.NamedNode(self.at)])
        value = self.chance.choice(self.triples).object
        assert not isinstance(value, ox.Triple)
        return value

    def word(self) -> ox.NamedNode:
        return sh(self.chance.choice(_WORDS))

    def list(self) -> Subject:
        """Return a list that is good, long, cut off, without end, or goes two ways."""
        length = self.chance.choice((0, 1, 1, 2, 3, 5, 300))
        cells = [self.blank() for _ in range(length)]
        ends: list[Node] = [*cells[1:], NIL]
        for cell, after in zip(cells, ends, strict=False):
            self.add(cell, FIRST, self.subject() if self.chance.random() < 0.5 else self.literal())
            self.add(cell, REST, after)
        if cells and self.chance.random() < 0.3:
            odd = self.chance.choice((FIRST, REST))
            self.add(cells[-1], odd, self.chance.choice(cells))
        return cells[0] if cells else NIL

    def path(self) -> Subject:
        """Return a path, mostly of one to four steps, some of hundreds."""
        node: Subject = self.chance.choice([ex("p"), ex("q"), ox.NamedNode(self.at)])
        for _ in range(self.chance.choice((0, 1, 2, 4, 150, 400))):
            above, kind = self.blank(), self.chance.randrange(6)
            if kind < 4:
                names = ("inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
                self.add(above, sh(names[kind]), node)
            else:
                head: Subject = self.blank() if kind == 4 else above
                if kind == 4:
                    self.add(above, sh("alternativePath"), head)
                rest = self.blank()
                self.add(head, FIRST, node)
                self.add(head, REST, rest)
                self.add(rest, FIRST, self.chance.choice([node, ex("q"), head]))
                self.add(rest, REST, NIL)
            node = above
        return node

    # Changes.

    def swap(self) -> None:
        a, b = (self.chance.randrange(len(self.triples)) for _ in range(2))
        one, other = self.triples[a], self.triples[b]
        self.triples[a] = ox.Triple(one.subject, one.predicate, other.object)
        self.triples[b] = ox.Triple(other.subject, other.predicate, one.object)

    def replace(self) -> None:
        at, node = self.chance.randrange(len(self.triples)), self.node()
        one = self.triples[at]
        self.triples[at] = ox.Triple(one.subject, one.predicate, node)

    def rename(self) -> None:
        at = self.chance.randrange(len(self.triples))
        one = self.triples[at]
        self.triples[at] = ox.Triple(one.subject, self.word(), one.object)

    def repeat(self) -> None:
        one = self.chance.choice(self.triples)
        self.add(self.subject(), one.predicate, self.chance.choice([self.node(), one.object]))  # type: ignore[arg-type]

    def drop(self) -> None:
        if len(self.triples) > 1:
            del self.triples[self.chance.randrange(len(self.triples))]

    def nest(self) -> None:
        """Put a shape into others, sometimes into itself."""
        inner: Subject = self.subject()
        first = inner
        for _ in range(self.chance.choice((1, 1, 2, 3, 30, 250))):
            outer, word = self.blank(), self.chance.choice(_NESTING)
            below: Subject = inner
            if word in ("and", "or", "xone"):
                below = self.blank()
                self.add(below, FIRST, inner)
                self.add(below, REST, NIL)
            if word == "property":
                self.add(inner, sh("path"), ex("p"))
            self.add(outer, sh(word), below)
            if self.chance.random() < 0.3:
                self.add(outer, sh("path"), self.path())
            inner = outer
        if self.chance.random() < 0.2:
            self.add(first, sh("node"), inner)
        self.add(inner, sh("targetClass"), ex("C"))

    def query(self) -> None:
        """Give a shape a query, with prefixes."""
        owner, constraint, declaration = self.subject(), self.blank(), self.blank()
        self.add(owner, sh("sparql"), constraint)
        self.add(constraint, sh("select"), ox.Literal(self.text()))
        if self.chance.random() < 0.7:
            self.add(constraint, sh("prefixes"), constraint)
            self.add(constraint, sh("declare"), declaration)
            pieces = ("x", "", "ex", "x-", "x: <a:b> #", self.text())
            self.add(declaration, sh("prefix"), ox.Literal(self.chance.choice(pieces)))
            space = (self.at, "http://example.org/", f"http://e.org/> {self.text()}", self.text())
            self.add(declaration, sh("namespace"), ox.Literal(self.chance.choice(space)))

    def say(self) -> None:
        """Give a shape a text where one may stand."""
        words = ("pattern", "flags", "message", "languageIn", "name", "select", "ask", "prefix")
        self.add(self.subject(), sh(self.chance.choice(words)), self.literal())

    def walk(self) -> None:
        self.add(self.subject(), sh("path"), self.path())

    def change(self) -> None:
        """Make one of the changes."""
        changes: list[Callable[[], None]] = [
            self.swap, self.replace, self.replace, self.replace, self.rename, self.repeat,
            self.drop, self.nest, self.query, self.say, self.walk,
        ]  # fmt: skip
        self.chance.choice(changes)()


@cache
def _packaged() -> list[list[ox.Triple]]:
    """Return each packaged shape and each fixture, with what hangs from it."""
    found = []
    for path in sorted((resources.data_root() / "shapes").glob("*.ttl")):
        triples = [quad.triple for quad in ox.parse(path=str(path))]
        for subject in dict.fromkeys(t.subject for t in triples):
            if isinstance(subject, ox.NamedNode):
                found.append(_hanging(triples, subject))
    found += [[quad.triple for quad in ox.parse(path=str(p))] for p in sorted(_HERE.glob("*.ttl"))]
    return found


def _hanging(triples: Sequence[ox.Triple], subject: object) -> list[ox.Triple]:
    found, todo, done = [], [subject], set()
    while todo:
        node = todo.pop()
        if node not in done:
            done.add(node)
            mine = [triple for triple in triples if triple.subject == node]
            found += mine
            todo += [t.object for t in mine if isinstance(t.object, ox.BlankNode)]
    return found


def pair(chance: random.Random, at: str) -> tuple[str, str]:
    """Return a shapes graph with one to three changes, and data for it, as N-Triples."""
    good = generated.make(generated.Seeded(str(chance.random())))
    shapes = good.shapes if chance.random() < 0.6 else chance.choice(_packaged())
    graph = _Graph(shapes, chance, at)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        graph.change()
    return tuple("".join(f"{t} .\n" for t in part) for part in (graph.triples, good.data))  # type: ignore[return-value]
