"""What the evidence records of databases say of claims: the records behind each verdict.

Verdicts and counts come from `sarcoma_kg.questions.agreement`, as at the terminal. Here they get
their records, and the relations on which each rests.
"""

from typing import Any

from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.facts import Facts, Ref, named
from sarcoma_kg.questions import agreement

__all__ = ["bearing", "listed", "marks", "tally"]

_RELATIONS = ("diseaseRelation", "therapyRelation", "contextRelation", "outcomeRelation")
_VERDICT = (
    "evidenceType", "evidenceDirection", "significance", "evidenceLevel", "rating", "dumpDate",
)  # fmt: skip
_Data = dict[str, Any]


def _records(facts: Facts, question: str) -> list[str]:
    """Return the evidence records that ask a question."""
    kind = named("skg:EvidenceRecord")
    return sorted({s for _, s, _ in facts.naming(question) if kind in facts.types(s)})


def _side(facts: Facts, iri: str) -> str:
    return next((ref.iri for ref in facts.refs(iri, "skg:recordSide")), "")


def listed(facts: Facts, claims: Claims, claim: str) -> _Data:
    """Return what records say of a claim, and the records of each verdict with their relations."""
    found: dict[str, dict[str, list[set[Ref]]]] = {}
    for link in facts.pointing(claim, "skg:claimCompared"):
        relations = [facts.refs(link, f"skg:{name}") for name in _RELATIONS]
        for question in facts.refs(link, "skg:questionCompared"):
            for verdict in facts.refs(link, "skg:agreement"):
                for record in _records(facts, question.iri):
                    if _side(facts, record) == _side(facts, link):
                        rows = found.setdefault(verdict.label, {})
                        cells = rows.setdefault(record, [set() for _ in _RELATIONS])
                        for cell, refs in zip(cells, relations, strict=True):
                            cell.update(refs)
    told = claims.told[claim].agreement if claim in claims.told else []
    return {
        "told": agreement.told(told),
        "note": agreement.NOTE,
        "groups": [
            {
                "text": one.text,
                "rows": [
                    {
                        "record": facts.ref(record),
                        "level": facts.refs(record, "skg:evidenceLevel"),
                        "study": facts.refs(record, "skg:fromStudy"),
                        "relations": [sorted(cell) for cell in cells],
                    }
                    for record, cells in sorted(found.get(one.verdict, {}).items())
                ],
            }
            for one in told
        ],
    }


def bearing(facts: Facts, claims: Claims, record: str) -> _Data | None:
    """Return what a record says in short, its conflicts, and the claims on which it bears.

    None for what is no evidence record.
    """
    if named("skg:EvidenceRecord") not in facts.types(record):
        return None
    verdicts: dict[str, set[str]] = {}
    conflicts: set[str] = set()
    direction = "skg:evidenceDirection"
    for fact in facts.about(record):
        question = fact.value.value
        if fact.value.kind != "iri" or not facts.values(question, "skg:sideTaken"):
            continue
        same = [
            (r, _side(facts, r), next((ref.iri for ref in facts.refs(r, direction)), ""))
            for r in _records(facts, question)
        ]
        conflicts |= {*agreement.in_conflict(record, same)}
        for link in facts.pointing(question, "skg:questionCompared"):
            if _side(facts, link) == _side(facts, record):
                for verdict in facts.refs(link, "skg:agreement"):
                    on = (ref.iri for ref in facts.refs(link, "skg:claimCompared"))
                    verdicts.setdefault(verdict.label, set()).update(on)
    dumps = [ref.iri for ref in facts.refs(record, "skg:recordedIn")]
    said = [
        (
            facts.ref(named(f"skg:{name}")),
            [facts.value(v) for v in facts.values(record, f"skg:{name}")],
        )
        for name in _VERDICT
    ]
    return {
        "said": [(name, values) for name, values in said if values],
        "dumps": [facts.ref(iri) for iri in dumps],
        "note": agreement.NOTE,
        "conflicts": [facts.ref(iri) for iri in sorted(conflicts)],
        "groups": [
            {"verdict": verdict, "rows": [claims.row(c) for c in claims.ordered(verdicts[verdict])]}
            for verdict in sorted(verdicts, key=agreement.place)
        ],
    }


def tally(claims: Claims, own: list[str]) -> str:
    """Return in a line on how many of these claims records bear, and how."""
    return agreement.tally([claims.told[c].agreement for c in own if c in claims.told])


def marks(claims: Claims, found: list[str]) -> set[str]:
    """Return the letters of the verdicts on these claims."""
    said = {b.verdict for c in found if c in claims.told for b in claims.told[c].agreement}
    return {mark for verdict, mark in agreement.MARKS.items() if verdict in said}
