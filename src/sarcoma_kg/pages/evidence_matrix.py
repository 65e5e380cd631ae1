"""The evidence matrix of the first page: therapies by diseases, with what is claimed and its state.

Therapies stand in classes, diseases in groups, each of which folds. A cell without a claim is a
finding too. Marks are those of `sarcoma_kg.questions.matrix`, and two of events.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages import agreement
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.facts import Facts, Ref, named
from sarcoma_kg.pages.links import Links
from sarcoma_kg.questions.matrix import MARKS

__all__ = ["LEGEND", "WORDINGS", "Cell", "anchor", "matrix"]

#: Wording strengths, the weakest first: a cell has the colour of its weakest claim.
WORDINGS = (
    "no benefit", "limited", "modest", "experimental", "under investigation", "promising",
    "effective", "established", "not applicable",
)  # fmt: skip
#: Mark -> what it says, and how its pill looks.
LEGEND = {
    "D": ("externally disputed", "bad"),
    "E": ("the therapy, its approval or its development was ended", "bad"),
    "−": ("mixed or negative", "bad"),
    "Q": ("externally qualified", "warn"),
    "x": ("what is cited does not support it", "warn"),
    "u": ("uncited", "warn"),
    "?": ("citations not assessed", "warn"),
    "A": ("an approval stands", "good"),
    "R": ("database records agree (by rule)", "record"),
    "N": ("database records disagree (by rule, no dispute)", "record"),
    "r": ("database records differ in context (by rule)", "record"),
}
_NEGATIVE = {"does not support", "opposes", "mixed", "no benefit"}
_WHOLE = "Groups of diseases"


class Cell(NamedTuple):
    """What is known of a therapy in a disease.

    Attributes:
        disease: The disease.
        place: Where the claims stand; empty without a page.
        claims: How many.
        marks: Letter, what it says, and how it looks.
        wording: The weakest wording, as the name of a style; empty without a claim.
        told: All of it in words.
    """

    disease: Ref
    place: str
    claims: int
    marks: list[tuple[str, str, str]]
    wording: str
    told: str


def anchor(links: Links, therapy: str) -> str:
    """Return the fragment under which the page of a disease has the claims about a therapy."""
    place = links.place(therapy)
    return "with-" + (place.rpartition("/")[2].removesuffix(".html") or "other")


def _group(facts: Facts, disease: str, groups: list[str]) -> str:
    """Return the group of a disease: the smallest, whole groups apart."""
    if any(ref.label == "disease group" for ref in facts.refs(disease, "skg:diseaseRank")):
        return _WHOLE
    above = {ref.iri for ref in facts.refs(disease, "skg:rollsUpTo")}
    return next((facts.label(g).capitalize() for g in groups if g in above), "Other sarcoma")


def _class(facts: Facts, therapy: str, classes: dict[str, int]) -> str:
    """Return the class of a therapy right below the top: of several the smallest."""
    above = [r.iri for r in facts.refs(therapy, "skg:rollsUpTo") if r.iri in classes]
    return min(above, key=lambda iri: (classes[iri], iri), default="")


def _by_label(facts: Facts, things: Iterable[str]) -> list[str]:
    return sorted(things, key=lambda iri: (facts.label(iri).casefold(), iri))


def _cell(
    claims: Claims, links: Links, disease: str, therapy: str, found: list[str]
) -> Cell | None:
    events = claims.events.bearing(therapy, disease)
    if not found:
        # What is approved for a wider group is told where something is claimed.
        events = [event for event in events if disease in event.diseases]
    approved = any(event.stands for event in events)
    ended = any(event.ends for event in events)
    if not found and not approved:
        return None
    rows = [claims.row(claim) for claim in found]
    states = {ref.label for row in rows for ref in row["status"]}
    letters = {mark for state, mark in MARKS.items() if state in states}
    letters |= {"A"} if approved else set()
    letters |= {"E"} if ended else set()
    letters |= agreement.marks(claims, found)
    words = {ref.label for row in rows for ref in row["direction"]} | {
        ref.label for row in rows for ref in row["strength"]
    }
    letters |= {"−"} if words & _NEGATIVE else set()
    wording = next((word for word in WORDINGS if word in words), "")
    marks = [(mark, *LEGEND[mark]) for mark in LEGEND if mark in letters]
    count = f"{len(found)} claim{'s' * (len(found) != 1)}" if found else "no claim"
    told = "; ".join([count, *(text for _, text, _ in marks), *([wording] if wording else [])])
    place = links.place(disease)
    if place:
        place += f"#{anchor(links, therapy)}" if found else "#approvals"
    style = wording.replace(" ", "-")
    return Cell(claims.facts.ref(disease), place, len(found), marks, style, told)


def matrix(claims: Claims, links: Links) -> dict[str, Any]:
    """Return what the matrix shows.

    Args:
        claims: The claims.
        links: Which things have a page.

    Returns:
        `groups` of diseases (name, diseases), `classes` of therapies (name, term, rows, filled),
        each row with a cell or None for each disease; `claims`, `cells`, `filled`: how many.
    """
    facts = claims.facts
    held: dict[tuple[str, str], list[str]] = {}
    for claim in claims.ordered(claims.all):
        for about in facts.refs(claim, "skg:aboutDisease"):
            for by in facts.refs(claim, "skg:aboutTherapy"):
                held.setdefault((about.iri, by.iri), []).append(claim)
    diseases = {disease for disease, _ in held}
    therapies = {therapy for _, therapy in held}
    for event in claims.events.all:
        if event.stands and diseases & {*event.diseases}:
            therapies |= {*event.therapies}
    wide = [namespaces.SKG + name for name in ("BoneSarcoma", "SoftTissueSarcoma")]
    grouped: dict[str, list[str]] = {}
    for disease in _by_label(facts, diseases):
        grouped.setdefault(_group(facts, disease, wide), []).append(disease)
    order = [*(facts.label(iri).capitalize() for iri in wide), "Other sarcoma", _WHOLE]
    names = [name for name in order if name in grouped]
    columns = [(disease, at) for at, name in enumerate(names) for disease in grouped[name]]
    top = facts.pointing(named("skg:Therapy"), "rdfs:subClassOf")
    sizes = {iri: len(facts.pointing(iri, "skg:rollsUpTo")) for iri in top}
    classed: dict[str, list[str]] = {}
    for therapy in _by_label(facts, therapies):
        classed.setdefault(_class(facts, therapy, sizes), []).append(therapy)
    classes: list[dict[str, Any]] = []
    filled = 0
    for iri in sorted(classed, key=lambda c: (not c, -len(classed[c]), c)):
        rows = []
        for therapy in classed[iri]:
            cells = [
                (_cell(claims, links, d, therapy, held.get((d, therapy), [])), at)
                for d, at in columns
            ]
            empty = sum(cell is None for cell, _ in cells)
            filled += len(cells) - empty
            rows.append({"therapy": facts.ref(therapy), "cells": cells, "empty": empty})
        name = facts.label(iri) if iri else "other"
        classes.append({"name": name, "term": iri and facts.ref(iri), "rows": rows})
    return {
        "groups": [{"name": n, "diseases": [facts.ref(d) for d in grouped[n]]} for n in names],
        "classes": classes,
        "claims": len({claim for found in held.values() for claim in found}),
        "cells": len(therapies) * len(columns),
        "filled": filled,
        "legend": [(mark, *told) for mark, told in LEGEND.items()],
        "wordings": [(word, word.replace(" ", "-")) for word in WORDINGS],
    }
