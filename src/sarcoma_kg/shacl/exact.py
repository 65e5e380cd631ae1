"""Terms as they are written, in a store that keeps some literals in another form.

Oxigraph keeps 007 as 7, xsd:int as xsd:integer, dateTimeStamp as dateTime; SHACL asks about the
terms of the data graph. So a literal that the engine would change goes into the store with a
datatype of our own, which tells the one it had: such a literal stays as it is, is the same term
only as itself, and has its text. Where values are compared, it is turned back within the query.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from sarcoma_kg.shacl.graph import from_term, to_term
from sarcoma_kg.sparql.term import Term

__all__ = [
    "MARK",
    "altered",
    "beyond",
    "constant",
    "encoded",
    "restored",
    "value",
    "written",
]

#: What stands before the datatype of such a literal.
MARK = "urn:sarcoma-kg:as-written:"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {_XSD + name for name in ("integer", "decimal", "double", "float")}
_NODE = ox.NamedNode("urn:sarcoma-kg:node")


def altered(triples: Iterable[ox.Triple]) -> set[ox.Literal]:
    """Return the literals that the engine would keep in another form."""
    literals = {
        node
        for _, _, node in triples
        if isinstance(node, ox.Literal)
        and node.language is None
        and node.datatype.value != _XSD + "string"
    }
    return set(_altered(list(literals)))


def _altered(literals: list[ox.Literal]) -> Iterator[ox.Literal]:
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode(f"urn:sarcoma-kg:{at}"), _NODE, literal)
        for at, literal in enumerate(literals)
    )
    for quad in store:
        literal = literals[int(str(quad.subject.value).rpartition(":")[2])]
        if quad.object != literal:
            yield literal


def encoded(literal: ox.Literal) -> ox.Literal:
    """Return a literal in the form that the engine leaves alone."""
    return ox.Literal(literal.value, datatype=ox.NamedNode(MARK + literal.datatype.value))


def written(triples: Iterable[ox.Triple], changed: set[ox.Literal]) -> Iterator[ox.Quad]:
    """Yield triples for a store, so that it holds them as they are written.

    Args:
        triples: The data.
        changed: The literals of it that the engine would change.
    """
    for subject, predicate, node in triples:
        if isinstance(node, ox.Literal) and node in changed:
            node = encoded(node)
        yield ox.Quad(subject, predicate, node)


def restored(term: Term) -> Term:
    """Return a term of the store as it was written."""
    if term.datatype.startswith(MARK):
        return term._replace(datatype=term.datatype.removeprefix(MARK))
    return term


@lru_cache(maxsize=10_000)
def constant(term: Term) -> Term:
    """Return a term of the shapes graph as the store holds the same term."""
    node = from_term(term)
    if isinstance(node, ox.Literal) and list(_altered([node])):
        return to_term(encoded(node))
    return term


def value(variable: str) -> str:
    """Return an expression for the literal that a variable stands for."""
    # Without the mark there is no IRI to make, which is an error, and the literal stays.
    datatype = f'IRI(STRAFTER(STR(DATATYPE({variable})), "{MARK}"))'
    return f"COALESCE(STRDT(STR({variable}), {datatype}), {variable})"


def beyond(changed: Iterable[ox.Literal], triples: Iterable[ox.Triple]) -> list[ox.Literal]:
    """Return the numbers that the engine cannot compare, since they lie beyond its range.

    Args:
        changed: The literals that it would change.
        triples: The data.
    """
    long = {
        node
        for _, _, node in triples
        if isinstance(node, ox.Literal) and node.datatype.value in _NUMBERS and len(node.value) > 17
    }
    found = []
    for literal in sorted(long | {x for x in changed if len(x.value) > 17}, key=str):
        asked = f"ASK {{ FILTER(isNumeric({literal})) }}"
        number = literal.value.strip().lstrip("+-").replace(".", "", 1).isdigit()
        if number and literal.datatype.value.startswith(_XSD) and not ox.Store().query(asked):
            found.append(literal)
    return found
