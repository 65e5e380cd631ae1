"""Values of the graph without labels of blank nodes, so that equal values mean the same.

A blank node is what it is made of: a class expression of OWL 2 (Mapping to RDF Graphs, 3.2.4), a
list, or its properties. Its words are those of the Manchester Syntax of OWL 2.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias, Union

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.turtle.owlgraph import OwlGraph, Term, canonical

__all__ = ["Expression", "Iri", "Reader", "Text", "Value", "quoted", "words"]

_OWL, _RDF = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
_XSD = namespaces.PREFIXES["xsd"]
_TYPE = _RDF + "type"
_PLAIN = {_XSD + "string", _RDF + "langString"}
#: Blank nodes that refer to blank nodes twice each grow without bound.
_MOST = 20_000
_SETS = {_OWL + "intersectionOf": "and", _OWL + "unionOf": "or", _OWL + "oneOf": "one of"}
_SINGLE = {
    _OWL + "complementOf": "not",
    _OWL + "datatypeComplementOf": "not",
    _OWL + "inverseOf": "inverse",
}
_RESTRICTIONS = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "value",
    "hasSelf": "Self",
    "cardinality": "exactly",
    "minCardinality": "min",
    "maxCardinality": "max",
    "qualifiedCardinality": "exactly",
    "minQualifiedCardinality": "min",
    "maxQualifiedCardinality": "max",
}
_FILLERS = {_OWL + "onClass", _OWL + "onDataRange"}
_RESTRICTION = _OWL + "Restriction"
_EXPRESSIONS = {
    _RESTRICTION,
    _OWL + "Class",
    _OWL + "DataRange",
    namespaces.PREFIXES["rdfs"] + "Datatype",
}


class Iri(NamedTuple):
    """A named thing."""

    iri: str


class Text(NamedTuple):
    """A literal; the datatype is empty where it is plain text."""

    text: str
    language: str = ""
    datatype: str = ""


class Expression(NamedTuple):
    """An operator over parts; the order of parts is that of their text where it says nothing."""

    operator: str
    parts: tuple["Value", ...]


Value: TypeAlias = Union[Iri, Text, Expression]  # noqa: UP007 - a quoted name stands in it


class Reader:
    """Reads values of a graph.

    Args:
        graph: The graph.
        home: Beginning of IRIs that stand for places on this machine; it is taken off.

    Attributes:
        seen: The blank nodes that have been read.
    """

    def __init__(self, graph: OwlGraph, home: str = "") -> None:
        self._graph = graph
        self._home = home
        self._left = 0
        self.seen: set[Term] = set()

    def value(self, term: Term) -> Value:
        """Return a term as a value.

        Raises:
            UserError: its blank nodes unfold to too much.
        """
        self._left = _MOST
        try:
            return self._value(term, ())
        except RecursionError as error:
            raise UserError(
                "blank nodes are nested too deeply", "give some of them IRIs"
            ) from error

    def iri(self, text: str) -> str:
        """Return an IRI as it is the same on every machine."""
        if self._home and text.startswith(self._home):
            return "file:" + text[len(self._home) :]
        return text

    def _value(self, term: Term, way: tuple[Term, ...]) -> Value:
        if isinstance(term, ox.NamedNode):
            return Iri(self.iri(term.value))
        if isinstance(term, ox.Literal):
            kind = term.datatype.value
            text = canonical(term.value, kind)
            return Text(text, (term.language or "").lower(), "" if kind in _PLAIN else kind)
        self.seen.add(term)
        self._left -= 1
        if self._left < 0:
            raise UserError("blank nodes unfold to too much", "give some of them IRIs")
        if term in way:
            up = len(way) - way.index(term)
            return Expression("the node above", (Text(str(up)),))
        inside = (*way, term)
        if cells := self._graph.cells(term):
            return Expression("list", self._items(cells, inside))
        return self._expression(term, inside) or self._node(term, inside)

    def _items(self, cells: Iterable[Term], way: tuple[Term, ...]) -> tuple[Value, ...]:
        self.seen.update(cells)
        return tuple(
            self._value(item, way)
            for cell in cells
            for item in self._graph.get(cell, _RDF + "first")
        )

    def _expression(self, node: Term, way: tuple[Term, ...]) -> Expression | None:
        own = self._graph.nodes.get(node, {})
        types = self._graph.types(node)
        if not types <= _EXPRESSIONS or any(
            len(objects) != 1 for predicate, objects in own.items() if predicate != _TYPE
        ):
            return None
        said = {p: next(iter(objects)) for p, objects in own.items() if p != _TYPE}
        if len(said) == 1:
            ((predicate, target),) = said.items()
            if predicate in _SINGLE and (types or predicate == _OWL + "inverseOf"):
                return Expression(_SINGLE[predicate], (self._value(target, way),))
            if predicate in _SETS and types and (cells := self._graph.cells(target)):
                parts = sorted(set(self._items(cells, way)), key=repr)
                return Expression(_SETS[predicate], tuple(parts))
            return None
        on = said.pop(_OWL + "onProperty", None)
        fillers = [said.pop(f) for f in _FILLERS & said.keys()]
        if _RESTRICTION not in types or on is None or len(said) != 1 or len(fillers) > 1:
            return None
        ((predicate, target),) = said.items()
        name = predicate.removeprefix(_OWL)
        if name not in _RESTRICTIONS or bool(fillers) != ("ualified" in name):
            return None
        parts = [self._value(t, way) for t in (on, target, *fillers)]
        return Expression(_RESTRICTIONS[name], tuple(parts))

    def _node(self, node: Term, way: tuple[Term, ...]) -> Expression:
        pairs = [
            Expression("has", (Iri(predicate), self._value(value, way)))
            for predicate, values in self._graph.nodes.get(node, {}).items()
            for value in values
        ]
        return Expression("node", tuple(sorted(pairs, key=repr)))


def quoted(name: str) -> str:
    """Return a name as Manchester Syntax in Protégé shows it: in quotes where it has blanks."""
    return f"'{name}'" if any(c.isspace() or c in "(),'" for c in name) else name


def words(value: Value, name: Callable[[str], str], *, inside: bool = False) -> str:
    """Return a value in words.

    Args:
        value: What to say.
        name: IRI -> what people call it.
        inside: Whether it stands in an expression, so that it may need parentheses.
    """
    if isinstance(value, Iri):
        return quoted(name(value.iri)) if inside else name(value.iri)
    if isinstance(value, Text):
        return value.text if value.datatype else f'"{value.text}"'
    operator, parts = value
    said = [words(part, name, inside=True) for part in parts]
    if operator in {"and", "or"}:
        named = sorted(w for w, part in zip(said, parts, strict=True) if isinstance(part, Iri))
        others = sorted(w for w, part in zip(said, parts, strict=True) if not isinstance(part, Iri))
        text = f" {operator} ".join([*named, *others])
    elif operator in {"some", "only", "value", "exactly", "min", "max"}:
        text = " ".join([said[0], operator, *said[1:]])
    elif operator == "Self":
        text = f"{said[0]} Self"
    elif operator in {"not", "inverse"}:
        text = f"{operator} {said[0]}"
    elif operator == "one of":
        return "{" + ", ".join(said) + "}"
    elif operator == "has":
        return " ".join(said)
    elif operator == "node":
        return "[" + "; ".join(said) + "]"
    elif operator == "list":
        return "(" + ", ".join(said) + ")"
    else:
        text = f"{operator} {', '.join(said)}"
    return f"({text})" if inside else text
