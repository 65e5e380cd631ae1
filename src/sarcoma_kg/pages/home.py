"""The first page: the evidence matrix, then sources, questions and downloads."""

from collections.abc import Iterable
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.evidence_matrix import matrix
from sarcoma_kg.pages.facts import Facts, Ref
from sarcoma_kg.pages.links import Links

__all__ = ["home", "roots"]


def roots(facts: Facts, terms: Iterable[str]) -> list[str]:
    """Return the classes at the top of the four trees."""
    known = {*terms}
    return [
        iri
        for name in ("Disease", "Therapy", "Target", "Alteration")
        if (iri := namespaces.SKG + name) in known
    ]


def home(claims: Claims, links: Links, terms: Iterable[str]) -> dict[str, Any]:
    """Return what the first page shows of the graph.

    Args:
        claims: The claims.
        links: Which things have a page.
        terms: The terms of the ontology.
    """
    facts = claims.facts
    return {
        "matrix": matrix(claims, links),
        "verdict": claims.verdict(claims.all),
        "silent": _silent(claims),
        "classes": [
            {"term": facts.ref(iri), "definition": facts.text(iri, "obo:IAO_0000115")}
            for iri in roots(facts, terms)
        ],
    }


def _silent(claims: Claims) -> list[Ref]:
    """Return histological types and molecular subtypes that no claim names, by label."""
    facts = claims.facts
    found = [
        facts.ref(iri)
        for iri in facts.pointing(namespaces.SKG + "Sarcoma", "skg:rollsUpTo")
        if not claims.naming(iri)
        and not any(r.label == "disease group" for r in facts.refs(iri, "skg:diseaseRank"))
    ]
    return sorted(found, key=lambda ref: (ref.label.casefold(), ref.iri))
