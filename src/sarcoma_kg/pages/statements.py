"""Statements as rows of a table: what a page has not told in words of its own."""

from collections.abc import Collection
from typing import Any

from sarcoma_kg.pages.expressions import words
from sarcoma_kg.pages.facts import Facts, named
from sarcoma_kg.sparql.term import Term

__all__ = ["MOST", "incoming", "outgoing"]

#: Things listed in one cell; a term that thousands of statements name would have no readable page.
MOST = 200
# Told by the head of each page, or true of everything.
_NEVER = {named("rdfs:label"), named("skos:prefLabel"), named("skg:rollsUpTo")}
_PLUMBING = {named("owl:annotatedSource"), named("owl:annotatedTarget"), *_NEVER}


def outgoing(facts: Facts, iri: str, shown: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return what is said about a thing: a row a property, with all its values.

    Args:
        facts: The graph.
        iri: The thing.
        shown: IRIs of properties that the page tells elsewhere.
    """
    rows: dict[str, dict[Term, bool]] = {}
    for fact in facts.about(iri):
        if fact.predicate not in _NEVER and fact.predicate not in shown:
            values = rows.setdefault(fact.predicate, {})
            values[fact.value] = values.get(fact.value, True) and fact.inferred
    found = []
    for predicate, values in rows.items():
        cells = [
            {
                "value": words(facts, v) if v.kind == "bnode" else facts.value(v),
                "inferred": inferred,
            }
            for v, inferred in values.items()
        ]
        found.append({"property": facts.ref(predicate), "values": cells})
    return sorted(found, key=lambda row: (row["property"].label.casefold(), row["property"].iri))


def incoming(facts: Facts, iri: str, shown: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return what names a thing: a row a property, with the things that have it.

    Args:
        facts: The graph.
        iri: The thing.
        shown: IRIs of properties that the page tells elsewhere.
    """
    rows: dict[str, dict[str, bool]] = {}
    for predicate, subject, inferred in facts.naming(iri):
        if predicate not in _PLUMBING and predicate not in shown and subject != iri:
            things = rows.setdefault(predicate, {})
            things[subject] = things.get(subject, True) and inferred
    found = []
    for predicate, things in rows.items():
        refs = sorted(map(facts.ref, things), key=lambda r: (r.label.casefold(), r.iri))
        cells = [{"value": ref, "inferred": things[ref.iri]} for ref in refs[:MOST]]
        row = {"property": facts.ref(predicate), "values": cells, "more": max(0, len(refs) - MOST)}
        found.append(row)
    return sorted(found, key=lambda row: (row["property"].label.casefold(), row["property"].iri))
