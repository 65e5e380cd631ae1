"""What pySHACL is known to do in another way than the specification says."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pyoxigraph as ox
import rdflib
from pyshacl.rdfutil import compare

from tests.shacl.by_the_book import Book, Check, Walk
from tests.shacl.vocabulary import FIRST, XSD, Node, sh

__all__ = ["KNOWN", "Known", "to_term"]


def to_term(node: object) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    """Return a term of rdflib, spelled as it was."""
    if isinstance(node, ox.NamedNode):
        return rdflib.URIRef(node.value)
    if isinstance(node, ox.BlankNode):
        return rdflib.BNode(node.value)
    assert isinstance(node, ox.Literal)
    if node.language:
        return rdflib.Literal(node.value, lang=node.language)
    plain = node.datatype.value == XSD + "string"
    datatype = None if plain else rdflib.URIRef(node.datatype.value)
    return rdflib.Literal(node.value, datatype=datatype, normalize=False)


class Known(NamedTuple):
    """A deviation of pySHACL from the specification, told so exactly that it can be predicted.

    Either the book, checking or following paths as pySHACL does, comes to pySHACL's report; or
    pySHACL fails with these words.
    """

    name: str
    section: str
    quirks: dict[str, Check]
    crash: str = ""
    walk: Walk | None = None


def _their_range(good: Callable[[int], bool]) -> Check:
    def check(book: object, shape: Node, bound: Node, value: Node) -> bool:
        first, second = to_term(value), to_term(bound)
        if not isinstance(first, rdflib.Literal) or not isinstance(second, rdflib.Literal):
            return False
        if isinstance(first.value, str) != isinstance(second.value, str):
            return False
        try:
            return good(compare.compare_literal(first, second))  # type: ignore[no-untyped-call]
        except (TypeError, NotImplementedError):
            return False

    return check


def _their_order(good: Callable[[Any, Any], bool]) -> Check:
    def plain(node: Node) -> Any:
        term = to_term(node)
        if isinstance(term, rdflib.URIRef):
            return str(term)
        value = getattr(term, "value", None)
        return value if isinstance(value, str) else term

    def check(book: object, shape: Node, other: Node, value: Node) -> bool:
        first, second = plain(value), plain(other)
        # A literal of rdflib is a str to Python: only what was made one is text here.
        return (type(first) is str) == (type(second) is str) and good(first, second)

    return check


def _their_length(book: object, shape: Node, least: Node, value: Node) -> bool:
    return int(least.value) <= (0 if isinstance(value, ox.BlankNode) else len(value.value))


def _their_walk(book: Book, path: Node, node: Node, *, inverse: bool = False) -> list[Node]:
    """Turn an inverse path around step by step, and leave the steps in their order."""
    walk = partial(_their_walk, book, inverse=inverse)
    if isinstance(path, ox.NamedNode):
        return book.data.subjects(path, node) if inverse else book.data.objects(node, path)
    if book.shapes.objects(path, FIRST):
        reached = [node]
        for part in book.shapes.members(path):
            reached = [value for start in reached for value in walk(part, start)]
        return reached
    for inner in book.shapes.objects(path, sh("inversePath")):
        return _their_walk(book, inner, node, inverse=not inverse)
    for inner in book.shapes.objects(path, sh("alternativePath")):
        return [value for part in book.shapes.members(inner) for value in walk(part, node)]
    for inner in book.shapes.objects(path, sh("zeroOrOnePath")):
        return [node, *walk(inner, node)]
    more = list(book.shapes.objects(path, sh("oneOrMorePath")))
    (inner,) = more or book.shapes.objects(path, sh("zeroOrMorePath"))
    reached = book.data.reached([node], lambda start: walk(inner, start))
    return reached if more else [node, *reached]


#: Each is told with an example in docs/shacl-disagreements.md.
KNOWN = [
    Known(
        "ranges over incomparable types", "4.3",
        {
            "minExclusive": _their_range(lambda order: order > 0),
            "minInclusive": _their_range(lambda order: order >= 0),
            "maxExclusive": _their_range(lambda order: order < 0),
            "maxInclusive": _their_range(lambda order: order <= 0),
        },
    ),
    Known("sh:minLength 0 on a blank node", "4.4.1", {"minLength": _their_length}),
    Known(
        "sh:lessThan over incomparable values", "4.5.3, 4.5.4",
        {
            "order lessThan": _their_order(lambda first, second: bool(first < second)),
            "order lessThanOrEquals": _their_order(lambda first, second: bool(first <= second)),
        },
    ),
    Known(
        "sh:lessThan on a blank node", "4.5.3", {}, "Cannot use sh:lessThan to compare",
    ),
    Known(
        "sh:lessThanOrEquals on a blank node", "4.5.4", {},
        "Cannot use sh:lessThanOrEquals to compare",
    ),
    Known("sh:lessThan on an ill-formed literal", "4.5.3, 4.5.4", {}, "'<"),
    Known("sh:inversePath of a sequence", "2.3.1.4", {}, walk=_their_walk),
    Known("NaN beside a decimal", "4.3", {}, "[<class 'decimal.InvalidOperation'>]"),
]  # fmt: skip
