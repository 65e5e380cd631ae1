"""RDF/XML as OWL editors write it: the ontology's header first, typed nodes, blank nodes in place.

Readers that go through a file once, as pronto, take the header and the kind of a thing from how it
begins. Nothing is left out, and equal graphs with equal labels of blank nodes give equal bytes.
Only what blank nodes say is kept in memory. https://www.w3.org/TR/rdf-syntax-grammar/
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError

__all__ = ["pieces"]

_P = namespaces.PREFIXES
_RDF, _OWL = _P["rdf"], _P["owl"]
_TYPE, _FIRST, _REST, _NIL = (ox.NamedNode(_RDF + n) for n in ("type", "first", "rest", "nil"))
_ONTOLOGY = ox.NamedNode(_OWL + "Ontology")
_LOCAL = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII)
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Types that a node begins with, before any other.
_KINDS = [
    _OWL + name
    for name in (
        "Ontology", "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty",
        "NamedIndividual", "Restriction", "Axiom", "Annotation",
    )
]  # fmt: skip
_DEEPEST = 40
# Most names come many times.
_quoted = lru_cache(8192)(quoteattr)

Node = ox.NamedNode | ox.BlankNode


def pieces(
    triples: Callable[[], Iterable[ox.Triple]],
    prefixes: Mapping[str, str] = _P,
    *,
    instead: str = "",
) -> Iterator[str]:
    """Yield the document piece by piece.

    Args:
        triples: Gives the graph, the same each time it is called; triples of one named subject
            come one after the other.
        prefixes: Prefix -> namespace; others get a name of their own.
        instead: What stands for each character in text that XML has no form for. A release has
            other formats beside, which keep such a character; none can be refused.

    Raises:
        UserError: XML has no form for a property's name, or for a character with nothing instead.
    """
    document = _Document(triples, prefixes, instead)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for prefix, namespace in sorted(document.prefixes.items()):
        yield f"\n    xmlns:{prefix}={quoteattr(namespace)}"
    yield ">\n"
    for subject, about in document.heads.items():
        yield from document.node(subject, about, 1)
    for subject, group in groupby(triples(), lambda triple: triple.subject):
        if isinstance(subject, ox.NamedNode) and subject not in document.heads:
            yield from document.node(subject, list(group), 1)
    yield from document.rest()
    yield "</rdf:RDF>\n"


class _Document:
    def __init__(
        self, triples: Callable[[], Iterable[ox.Triple]], prefixes: Mapping[str, str], instead: str
    ) -> None:
        self.instead = instead
        self.heads: dict[Node, list[ox.Triple]] = {}
        self.blank: dict[ox.BlankNode, list[ox.Triple]] = defaultdict(list)
        self.uses: Counter[ox.BlankNode] = Counter()
        self.done: set[ox.BlankNode] = set()
        names: dict[str, None] = {}
        for subject, group in groupby(triples(), lambda triple: triple.subject):
            head = False
            for triple in (about := list(group)):
                names[triple.predicate.value] = None
                if isinstance(triple.object, ox.BlankNode):
                    self.uses[triple.object] += 1
                if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
                    names[triple.object.value] = None
                    head |= triple.object == _ONTOLOGY
            if isinstance(subject, ox.BlankNode):
                self.blank[subject] += about
            elif head and isinstance(subject, ox.NamedNode):
                self.heads[subject] = about
        for node, about in self.blank.items():
            if any(t.object == _ONTOLOGY for t in about):
                self.heads[node] = about
                self.done.add(node)
        self._named(names, prefixes)

    def _named(self, names: Iterable[str], prefixes: Mapping[str, str]) -> None:
        """Decide on the prefixes, and how each property and type is called by them."""
        known = {namespace: prefix for prefix, namespace in prefixes.items()}
        self.prefixes = {"rdf": _RDF}
        self.called: dict[str, str] = {}
        for name in sorted(names):
            fitting = [n for n in known if name.startswith(n) and _LOCAL.match(name, len(n))]
            if fitting:
                namespace = max(fitting, key=len)
            elif local := re.search(r"[A-Za-z_][A-Za-z0-9_.-]*\Z", name):
                namespace = name[: local.start()]
                number = 0
                while (prefix := f"ns{number}") in {*known.values(), *prefixes}:
                    number += 1
                known[namespace] = prefix
            else:
                continue
            self.prefixes[known[namespace]] = namespace
            self.called[name] = f"{known[namespace]}:{name[len(namespace) :]}"

    def node(self, subject: Node, about: list[ox.Triple], depth: int) -> Iterator[str]:
        """Yield the element of a subject with all that is said of it."""
        indent = "    " * depth
        types = {t.object.value for t in about if t.predicate == _TYPE and _is_name(t.object)}  # type: ignore[union-attr]
        kind = next((k for k in [*_KINDS, *sorted(types)] if k in types and k in self.called), "")
        element = self.called.get(kind, "rdf:Description")
        name = self._attribute("rdf:about", subject)
        rest = [t for t in about if not kind or (t.predicate, _value(t.object)) != (_TYPE, kind)]
        if not rest:
            yield f"{indent}<{element}{name}/>\n"
            return
        yield f"{indent}<{element}{name}>\n"
        for triple in sorted(rest, key=_order):
            yield from self._property(triple, depth + 1)
        yield f"{indent}</{element}>\n"

    def rest(self) -> Iterator[str]:
        """Yield what blank nodes say that stand in no other, or in several."""
        roots = sorted(self.blank, key=lambda node: (self.uses[node] > 0, node.value))
        for node in roots:
            if node not in self.done:
                self.done.add(node)
                yield from self.node(node, self.blank[node], 1)

    def _attribute(self, name: str, node: Node) -> str:
        if isinstance(node, ox.NamedNode):
            return f" {name}={_quoted(node.value)}"
        return f" rdf:nodeID={quoteattr(_label(node))}" if self.uses[node] else ""

    def _property(self, triple: ox.Triple, depth: int) -> Iterator[str]:
        indent, term = "    " * depth, triple.object
        name = self.called.get(triple.predicate.value)
        if name is None:
            raise UserError(
                f"RDF/XML has no form for the property <{triple.predicate.value}>: its name ends "
                "in no letters",
                "give it a name that ends in letters, or take another syntax",
            )
        if isinstance(term, ox.Literal):
            yield f"{indent}<{name}{_said(term)}>{_text(term.value, self.instead)}</{name}>\n"
        elif isinstance(term, ox.BlankNode) and (members := self._members(term)) is not None:
            yield f'{indent}<{name} rdf:parseType="Collection">\n'
            for member in members:
                if isinstance(member, ox.BlankNode) and self._within(member, depth):
                    yield from self._inner(member, depth + 1)
                else:
                    attribute = self._attribute("rdf:about", member)
                    yield f"{indent}    <rdf:Description{attribute}/>\n"
            yield f"{indent}</{name}>\n"
        elif isinstance(term, ox.BlankNode) and self._within(term, depth):
            yield f"{indent}<{name}>\n"
            yield from self._inner(term, depth + 1)
            yield f"{indent}</{name}>\n"
        elif isinstance(term, ox.NamedNode | ox.BlankNode):
            yield f"{indent}<{name}{self._attribute('rdf:resource', term)}/>\n"

    def _within(self, node: ox.BlankNode, depth: int) -> bool:
        """Tell whether a node can stand where it is used."""
        return self.uses[node] == 1 and node not in self.done and depth < _DEEPEST

    def _inner(self, node: ox.BlankNode, depth: int) -> Iterator[str]:
        self.done.add(node)
        self.uses[node] -= 1  # so that it needs no label
        yield from self.node(node, self.blank[node], depth)

    def _members(self, node: ox.BlankNode) -> list[Node] | None:
        """Return the members of a list that stands here alone; None for anything else."""
        members: list[Node] = []
        cells: list[ox.BlankNode] = []
        at: object = node
        while isinstance(at, ox.BlankNode) and self.uses[at] == 1 and at not in self.done:
            said = {t.predicate: t.object for t in self.blank.get(at, ())}
            first = said.get(_FIRST)
            well = len(said) == len(self.blank.get(at, ())) == 2 and _REST in said
            if not well or not isinstance(first, ox.NamedNode | ox.BlankNode) or at in cells[:1]:
                return None
            members.append(first)
            cells.append(at)
            at = said[_REST]
        if at != _NIL or not members:
            return None
        self.done.update(cells)
        return members


def _order(triple: ox.Triple) -> tuple[bool, str, str]:
    return triple.predicate != _TYPE, triple.predicate.value, str(triple.object)


def _is_name(term: object) -> bool:
    return isinstance(term, ox.NamedNode)


def _value(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _label(node: ox.BlankNode) -> str:
    return node.value if _LOCAL.match(node.value) else f"b{node.value}"


def _said(literal: ox.Literal) -> str:
    if literal.language:
        return f' xml:lang="{literal.language}"'
    plain = literal.datatype.value == _P["xsd"] + "string"
    return "" if plain else f" rdf:datatype={_quoted(literal.datatype.value)}"


def _text(text: str, instead: str) -> str:
    if instead:
        text = _NO_XML.sub(instead, text)
    elif found := _NO_XML.search(text):
        raise UserError(
            f"XML has no form for the character U+{ord(found[0]):04X} in '{text[:40]!r}'",
            "take it out, or take another syntax",
        )
    return escape(text, {"\r": "&#13;"})
