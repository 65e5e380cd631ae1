"""Small questions with known answers, asked of an engine before its verdict is believed.

An engine that loses rows makes data conform that do not. Nobody can see that from the rows that it
gives, so it is asked what needs no data. Where it gets one of these wrong, its graph is copied, and
the shapes are asked of the copy: to list triples is a query that every engine gets right.
"""

from itertools import islice

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.quality.written import Written
from sarcoma_kg.shacl.graph import from_term
from sarcoma_kg.stores.connection import Refused
from sarcoma_kg.stores.store import Store

__all__ = ["CANARIES", "COPIED", "MOST", "believed", "everything", "wrong"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#: What is asked, the query and the number of its rows.
CANARIES: dict[str, tuple[str, int]] = {
    "the datatype of a text with a language": (
        f'SELECT ?x {{ VALUES ?x {{ "a"@en }} FILTER (DATATYPE(?x) = <{_RDF}langString>) }}', 1,
    ),
    "VALUES in a part of UNION": (
        "SELECT ?x { { VALUES ?x { <urn:a> } } UNION { BIND (<urn:b> AS ?x) } }", 2,
    ),
    "a string is itself": ('SELECT ?x { VALUES ?x { "a" } FILTER (sameTerm(?x, "a")) }', 1),
    "what is not there": (
        "SELECT ?x { VALUES ?x { <urn:a> } FILTER NOT EXISTS { ?x <urn:no-such-property> ?y } }", 1,
    ),
    "two strings that differ": ('SELECT ?x { VALUES ?x { "a" "B" } FILTER (?x < "B") }', 0),
}  # fmt: skip
#: Rule of the note that a copy was looked at.
COPIED = "engine(s) not believed, graph copied"
#: So many triples are copied.
MOST = 2_000_000


def everything(store: Store, most: int | None = None) -> list[ox.Triple]:
    """Return the triples of a store, by an answer whose end can be seen: a graph has none.

    Args:
        store: The store.
        most: How many it may hold; any number when None.

    Raises:
        UserError: it holds more.
    """
    triples = []
    for row in islice(store.iterate("SELECT ?s ?p ?o WHERE { ?s ?p ?o }"), most and most + 1):
        subject, predicate, value = (from_term(term) for term in row if term)
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)  # noqa: S101
        assert isinstance(predicate, ox.NamedNode)  # noqa: S101
        triples.append(ox.Triple(subject, predicate, value))
    if most is not None and len(triples) > most:
        raise UserError(
            f"the engine gets small questions wrong, and its graph is too large to be copied: more "
            f"than {most:,} triples",
            "save the graph as files and validate these, or load it into another engine",
        )
    return triples


def wrong(store: Store) -> list[str]:
    """Return what an engine gets wrong, of the things that are asked here."""
    return [what for what, (query, rows) in CANARIES.items() if _count(store, query) != rows]


def _count(store: Store, query: str) -> int | None:
    """Return the number of rows; None when the engine refuses the query."""
    try:
        return sum(1 for _ in store.iterate(query))
    except Refused:
        return None


def believed(store: Store) -> tuple[Store | Written, list[Finding]]:
    """Return where shapes are to be asked: the engine itself, or a copy, with a note that says so.

    Args:
        store: The data, at an endpoint.

    Raises:
        UserError: the engine is not to be believed, and the graph is too large to be copied.
    """
    faults = wrong(store)
    if not faults:
        return store, []
    words = (
        f"This engine gets small questions wrong ({'; '.join(faults)}), so it may lose what a "
        "shape forbids. Its triples were copied, and the shapes were asked of the copy."
    )
    return Written(everything(store, MOST)), [Finding("note", COPIED, "the engine", "", "", words)]
