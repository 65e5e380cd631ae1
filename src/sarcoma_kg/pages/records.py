"""Claims, sources, references, propositions and evidence: what the page of each shows."""

from typing import Any

from sarcoma_kg.pages import agreement, statements
from sarcoma_kg.pages.claims import ABOUT, Claims
from sarcoma_kg.pages.facts import Facts, Ref, named

__all__ = ["claim", "effects", "evidence", "kind", "proposition", "record", "reference", "source"]

_KINDS = {
    "skg:Source": "source",
    "skg:Reference": "reference",
    "skg:Proposition": "proposition",
    "skg:ExternalEvidence": "evidence",
}
_EFFECTS = (
    ("cito:disputes", "disputes"),
    ("cito:qualifies", "qualifies"),
    ("cito:supports", "supports"),
    ("skg:concernsClaim", "concerns"),
)
_Data = dict[str, Any]


def _told(*curies: str) -> set[str]:
    return {named(curie) for curie in curies}


_OF_CLAIM = _told(
    "skg:paraphrase", "skg:direction", "skg:wordingStrength", "skg:quantifier", "skg:section",
    "prov:hadPrimarySource", "oa:hasTarget", "skg:hasCitation", "skg:hasProposition",
    "skg:evidenceStatus", "skg:line", "skg:betterFittingReference", "skg:betterFitNote",
    "skg:curatorNote", "rdf:type", "skg:involvesTherapy", "skg:involvesTarget",
    *("skg:" + n for n in ("aboutDisease", "aboutTherapy", "aboutTarget", "molecularContext")),
)  # fmt: skip


def kind(facts: Facts, iri: str) -> str:
    """Return which page an individual gets: claim, source ... or record, the plain one."""
    if facts.values(iri, "skg:hasProposition"):
        return "claim"
    types = set(facts.types(iri))
    return next((word for curie, word in _KINDS.items() if named(curie) in types), "record")


def _types(facts: Facts, iri: str) -> list[Ref]:
    return facts.refs(iri, "rdf:type")


def _citation(facts: Facts, act: str) -> _Data:
    cited = facts.refs(act, "cito:hasCitedEntity")
    return {
        "act": Ref(act, facts.text(act, "skg:printedMarker") or "citation"),
        "marker": facts.text(act, "skg:printedMarker"),
        "claim": facts.refs(act, "cito:hasCitingEntity"),
        "reference": [(ref, facts.text(ref.iri, "dcterms:bibliographicCitation")) for ref in cited],
        "number": next((facts.text(ref.iri, "skg:referenceNumber") for ref in cited), ""),
        "read_as": facts.text(act, "skg:citedItemReadAs"),
        "verdict": facts.refs(act, "skg:citationVerdict"),
        "basis": facts.text(act, "skg:assessmentBasis"),
    }


def _number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (10**9, text)


def effects(facts: Facts, iri: str) -> list[_Data]:
    """Return what external evidence does to a claim, disputes first."""
    return [
        {
            "effect": effect,
            "evidence": facts.ref(item),
            "statement": facts.text(item, "skg:statement"),
            "status": facts.refs(item, "skg:checkStatus"),
            "aspect": facts.text(item, "skg:disputedAspect" if effect == "disputes" else
                                 "skg:qualifiedAspect"),
            "sources": facts.refs(item, "dcterms:source"),
        }
        for curie, effect in _EFFECTS
        for item in facts.pointing(iri, curie)
    ]  # fmt: skip


def claim(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the page of a claim shows.

    Args:
        facts: The graph.
        claims: Its claims.
        iri: The claim.
    """
    propositions = facts.refs(iri, "skg:hasProposition")
    others = {
        other
        for p in propositions
        for other in facts.pointing(p.iri, "skg:hasProposition")
        if other != iri
    }
    citations = [_citation(facts, act.value) for act in facts.values(iri, "skg:hasCitation")]
    about = [row for row in statements.outgoing(facts, iri) if row["property"].iri in ABOUT]
    about.sort(key=lambda row: ABOUT.index(row["property"].iri))
    told: set[str] = set()
    for row in about:
        # What the claim names itself is not told again as inferred from that.
        row["values"] = [
            cell
            for cell in row["values"]
            if not cell["inferred"] or getattr(cell["value"], "iri", "") not in told
        ]
        told |= {ref.iri for cell in row["values"] if isinstance(ref := cell["value"], Ref)}
    about = [row for row in about if row["values"]]
    found = effects(facts, iri)
    ended = [event.evidence for event in claims.ended(iri)]
    return {
        **claims.row(iri),
        "row": claims.row(iri),
        "degree": claims.told[iri].degree if iri in claims.told else [],
        "agreement": agreement.listed(facts, claims, iri),
        "types": _types(facts, iri),
        "quantifier": facts.refs(iri, "skg:quantifier"),
        "authors": [a for s in facts.refs(iri, "prov:hadPrimarySource")
                    for a in facts.texts(s.iri, "dcterms:creator")],
        "span": facts.refs(iri, "oa:hasTarget"),
        "about": about,
        "citations": sorted(citations, key=lambda c: _number(str(c["number"]))),
        "better": [(ref, facts.text(ref.iri, "dcterms:bibliographicCitation"))
                   for ref in facts.refs(iri, "skg:betterFittingReference")],
        "better_notes": facts.texts(iri, "skg:betterFitNote"),
        "notes": facts.texts(iri, "skg:curatorNote"),
        "effects": found,
        "others": [e for e in found if e["effect"] != "disputes"
                   and e["evidence"] not in ended],
        "standing": [e for e in claims.standing(iri) if not e.ends],
        "propositions": propositions,
        "same": [claims.row(other) for other in claims.ordered(others)],
        "statements": statements.outgoing(facts, iri, _OF_CLAIM),
        "mentions": statements.incoming(
            facts, iri, _told(
                "cito:hasCitingEntity", "skg:claimCompared", *(c for c, _ in _EFFECTS)
            ),
        ),
    }  # fmt: skip


def source(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the page of a source shows: the work, its claims in the order of the text."""
    own = [c for c in facts.pointing(iri, "prov:hadPrimarySource") if c in claims]
    rows = [claims.row(c) for c in own]
    rows.sort(key=lambda row: (_number(row["start"]), row["claim"].label))
    sections: dict[str, list[_Data]] = {}
    for row in rows:
        sections.setdefault(row["section"], []).append(row)
    references = [
        {
            "reference": facts.ref(ref),
            "number": facts.text(ref, "skg:referenceNumber"),
            "citation": facts.text(ref, "dcterms:bibliographicCitation"),
        }
        for ref in facts.pointing(iri, "dcterms:isPartOf")
    ]
    told = _told(
        "dcterms:title", "dcterms:creator", "dcterms:issued", "bibo:doi", "bibo:pmid", "rdf:type"
    )
    return {
        "types": _types(facts, iri),
        "name": facts.text(iri, "dcterms:title"),
        "authors": facts.texts(iri, "dcterms:creator"),
        "issued": facts.text(iri, "dcterms:issued"),
        "doi": facts.text(iri, "bibo:doi"),
        "pmid": facts.text(iri, "bibo:pmid"),
        "verdict": claims.verdict(own),
        "disputes": claims.disputes(claims.ordered(own)),
        "sections": [{"section": s, "claims": found} for s, found in sections.items()],
        "references": sorted(references, key=lambda r: _number(r["number"])),
        "statements": statements.outgoing(facts, iri, told),
        "mentions": statements.incoming(
            facts, iri, _told("prov:hadPrimarySource", "dcterms:isPartOf", "oa:hasSource")
        ),
    }


def reference(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the page of a reference shows: the entry, who cites it, what is wrong with it."""
    acts = [_citation(facts, act) for act in facts.pointing(iri, "cito:hasCitedEntity")]
    for act in acts:
        act["rows"] = [claims.row(ref.iri) for ref in act["claim"]]
    order = claims.ordered(row["claim"].iri for act in acts for row in act["rows"])
    acts.sort(
        key=lambda act: min((order.index(r["claim"].iri) for r in act["rows"]), default=len(order))
    )
    corrections = [
        {
            "correction": facts.ref(c),
            "statements": statements.outgoing(
                facts, c, _told("rdf:type", "skg:correctionOf", "dcterms:identifier")
            ),
        }
        for c in facts.pointing(iri, "skg:correctionOf")
    ]
    return {
        "types": _types(facts, iri),
        "citation": facts.text(iri, "dcterms:bibliographicCitation"),
        "acts": acts,
        "corrections": corrections,
        "better_for": [claims.row(c) for c in claims.ordered(
            facts.pointing(iri, "skg:betterFittingReference"))],
        "statements": statements.outgoing(
            facts, iri, _told("dcterms:bibliographicCitation", "rdf:type")
        ),
        "mentions": statements.incoming(
            facts, iri,
            _told("cito:hasCitedEntity", "skg:correctionOf", "skg:betterFittingReference"),
        ),
    }  # fmt: skip


def proposition(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the page of a proposition shows: the claims that say it, first their state."""
    said = claims.ordered(claims.propositions.get(iri, ()))
    return {
        "types": _types(facts, iri),
        "state": claims.state(iri) if said else None,
        "ended": claims.state(iri)["ended"] if said else [],
        "disputes": claims.disputes(said),
        "claims": [claims.row(claim) for claim in said],
        "statements": statements.outgoing(facts, iri, _told("rdf:type")),
        "mentions": statements.incoming(facts, iri, _told("skg:hasProposition")),
    }


def evidence(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the page of external evidence shows: what was found, and what it does."""
    touched = [
        {"effect": effect, **claims.row(ref.iri)}
        for curie, effect in _EFFECTS
        for ref in facts.refs(iri, curie)
    ]
    told = _told("rdf:type", "skg:statement", *(curie for curie, _ in _EFFECTS))
    return {
        "types": _types(facts, iri),
        "statement": facts.text(iri, "skg:statement"),
        "status": facts.refs(iri, "skg:checkStatus"),
        "effects": touched,
        "statements": statements.outgoing(facts, iri, told),
        "mentions": statements.incoming(facts, iri),
    }


def record(facts: Facts, claims: Claims, iri: str) -> _Data:
    """Return what the plain page shows: all that is said about a thing, and what names it."""
    return {
        "types": _types(facts, iri),
        "bearing": agreement.bearing(facts, claims, iri),
        "statements": statements.outgoing(facts, iri, _told("rdf:type")),
        "mentions": statements.incoming(facts, iri),
    }
