"""What the page of a disease or a therapy tells beside what every term has.

Claims come in the order of their status, disputed ones first; what follows from a broader or a
narrower term stands apart.
"""

from collections.abc import Iterable
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages import agreement
from sarcoma_kg.pages.claims import Claims, Row
from sarcoma_kg.pages.events import Event
from sarcoma_kg.pages.evidence_matrix import anchor
from sarcoma_kg.pages.facts import Facts, Ref, named
from sarcoma_kg.pages.links import Links
from sarcoma_kg.questions.agreement import NOTE

__all__ = ["dossier"]

_GAPS = (named("skg:EvidenceGapClaim"), named("skg:FutureDirectionClaim"))
_DRIVERS = (named("skg:DriverAlterationClaim"), named("skg:AlterationFrequencyClaim"))
_Data = dict[str, Any]


def dossier(facts: Facts, claims: Claims, links: Links, iri: str) -> _Data:
    """Return the dossier of a term; `of` is Disease, Therapy or empty for any other.

    Args:
        facts: The graph.
        claims: Its claims.
        links: Which things have a page.
        iri: The term.
    """
    above = {ref.iri for ref in facts.refs(iri, "skg:rollsUpTo")}
    of = next((n for n in ("Disease", "Therapy") if namespaces.SKG + n in above), "")
    own = claims.ordered(claims.naming(iri))
    common = {
        "of": of,
        "verdict": claims.verdict(own),
        "agreement": agreement.tally(claims, own),
        "agreement_note": NOTE,
        "ended": sorted((e for e in claims.events.of(iri) if e.ends), key=lambda e: not e.checked),
        "disputes": claims.disputes(own),
    }
    if of == "Disease":
        return {**common, **_disease(facts, claims, links, iri, own)}
    if of == "Therapy":
        return {**common, **_therapy(facts, claims, links, iri, own)}
    return common


def _disease(facts: Facts, claims: Claims, links: Links, iri: str, own: list[str]) -> _Data:
    events = [event for event in claims.events.inside(iri) if event.approves is not None]
    after = {
        event.evidence.iri: event
        for approval in events
        for therapy in approval.therapies
        for event in claims.events.bearing(therapy, iri)
        if event.ends
    }
    approved = _approved(facts, [e for e in events if e.stands])
    gaps, drivers = _typed(facts, own, _GAPS), _typed(facts, own, _DRIVERS)
    groups = _groups(claims, own, "skg:aboutTherapy")
    told = {row["claim"].iri for group in groups for row in group["rows"]} | {*gaps, *drivers}
    return {
        "approved": approved,
        "no_longer": [
            ref
            for ref in _approved(facts, [e for e in events if e.approves and e.checked])
            if ref not in approved
        ],
        "approvals": sorted(
            {e.evidence.iri: e for e in (*events, *after.values())}.values(),
            key=lambda e: (e.date, e.evidence.iri),
            reverse=True,
        ),
        "groups": [{**group, "anchor": anchor(links, group["term"].iri)} for group in groups],
        "alterations": _alterations(facts, iri),
        "drivers": [claims.row(claim) for claim in drivers],
        "gaps": [claims.row(claim) for claim in gaps],
        "others": [claims.row(claim) for claim in own if claim not in told],
        "inherited": claims.above(iri),
        "nearest": [] if own else _nearest(facts, claims, iri),
        "studies": _studies(facts, facts.pointing(iri, "skg:concernsDisease")),
    }


def _therapy(facts: Facts, claims: Claims, links: Links, iri: str, own: list[str]) -> _Data:
    groups = _groups(claims, own, "skg:aboutDisease")
    told = {row["claim"].iri for group in groups for row in group["rows"]}
    events = claims.events.of(iri)
    return {
        "approved": _approved(facts, [e for e in events if e.stands], diseases=True),
        "events": events,
        "groups": [{**group, "anchor": anchor(links, group["term"].iri)} for group in groups],
        "others": [claims.row(claim) for claim in own if claim not in told],
        "inherited": claims.above(iri),
        "nearest": [] if own else _nearest(facts, claims, iri),
        "studies": _studies(facts, facts.pointing(iri, "skg:concernsTherapy")),
    }


def _typed(facts: Facts, claims: Iterable[str], types: tuple[str, ...]) -> list[str]:
    return [claim for claim in claims if not {*types}.isdisjoint(facts.types(claim))]


def _groups(claims: Claims, own: Iterable[str], by: str) -> list[_Data]:
    """Return claims by what else they are about, in the order of the claims."""
    found: dict[Ref, list[Row]] = {}
    for claim in own:
        for ref in claims.facts.refs(claim, by):
            found.setdefault(ref, []).append(claims.row(claim))
    return [{"term": ref, "rows": rows} for ref, rows in found.items()]


def _approved(facts: Facts, events: Iterable[Event], *, diseases: bool = False) -> list[Ref]:
    """Return what is approved: the therapies of the events, or their diseases, each once."""
    found = [iri for e in events for iri in (e.diseases if diseases else e.therapies)]
    return [facts.ref(iri) for iri in dict.fromkeys(found)]


def _nearest(facts: Facts, claims: Claims, iri: str) -> list[Ref]:
    """Return the nearest broader terms that claims name."""
    above = [ref for ref in facts.refs(iri, "skg:rollsUpTo") if ref.iri != iri]
    named_so = [ref for ref in above if claims.naming(ref.iri)]
    depth = {ref: len(facts.values(ref.iri, "skg:rollsUpTo")) for ref in named_so}
    deepest = max(depth.values(), default=0)
    return sorted((r for r in named_so if depth[r] == deepest), key=lambda r: (r.label, r.iri))


def _alterations(facts: Facts, iri: str) -> list[_Data]:
    """Return the characteristic alterations of a disease: how far, and by which source."""
    notes, rows = facts.notes(iri), []
    property_ = named("skg:characteristicAlteration")
    for value in facts.values(iri, "skg:characteristicAlteration"):
        told = notes.get((property_, value), [])
        rows.append(
            {
                "alteration": facts.value(value),
                "role": [facts.value(v) for p, v in told if p == named("skg:alterationRole")],
                "sources": [facts.cited(v) for p, v in told if p == named("dcterms:source")],
                "more": [
                    (facts.ref(p), facts.value(v))
                    for p, v in told
                    if p not in (named("skg:alterationRole"), named("dcterms:source"))
                ],
            }
        )
    return sorted(rows, key=lambda row: str(getattr(row["alteration"], "label", "")).casefold())


def _studies(facts: Facts, items: Iterable[str]) -> list[_Data]:
    """Return study results with their figures; a part of a study after the whole."""
    study = named("skg:StudyResult")
    rows = [
        {
            "evidence": facts.ref(iri),
            "check": facts.refs(iri, "skg:checkStatus"),
            "therapies": facts.refs(iri, "skg:concernsTherapy"),
            "diseases": facts.refs(iri, "skg:concernsDisease"),
            "participants": facts.text(iri, "skg:participants"),
            "statement": facts.text(iri, "skg:statement"),
            "part_of": facts.refs(iri, "skg:componentOf"),
            "figures": [_figure(facts, ref.iri) for ref in facts.refs(iri, "skg:hasMeasurement")],
        }
        for iri in items
        if study in facts.types(iri)
    ]
    return sorted(rows, key=lambda row: (row["evidence"].label.casefold(), row["evidence"].iri))


def _figure(facts: Facts, iri: str) -> _Data:
    """Return a measurement: its label, and in words how sure it is and against what."""
    low, high = (facts.text(iri, f"skg:interval{end}") for end in ("Low", "High"))
    words = []
    if low or high:
        level = facts.text(iri, "skg:intervalLevel")
        words.append(f"{level} % interval {low or '?'} to {high or 'not reached'}".strip(" %"))
    numerator, denominator = (facts.text(iri, f"skg:{n}") for n in ("numerator", "denominator"))
    if numerator and denominator:
        words.append(f"{numerator} of {denominator}")
    elif denominator:
        words.append(f"of {denominator}")
    for name, word in (("hazardRatio", "hazard ratio"), ("pValue", "p")):
        if value := facts.text(iri, f"skg:{name}"):
            words.append(f"{word} {value}")
    return {
        "label": facts.ref(iri),
        "words": ", ".join(words),
        "arm": [*facts.refs(iri, "skg:arm"), *facts.texts(iri, "skg:armLabel")],
    }
