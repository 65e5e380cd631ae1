"""What the evidence records of databases say of claims, as people see it: inferred by rule.

It is no judgement of a curator, no dispute, and no part of the status of a claim. Where no record
bears on a claim that is told too. The table behind it is docs/agreement.md.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = [
    "MARKS", "NOTE", "SILENCE", "Bearing", "as_data", "bearing", "in_conflict", "noted", "place",
    "tally", "told", "verdicts",
]  # fmt: skip

SILENCE = "no database record bears on it"
#: What stands beside each verdict.
NOTE = "inferred by rule; no judgement of a curator and no dispute"
#: Verdict -> its letter in a matrix; in the order in which verdicts are told.
MARKS = {"agrees": "R", "disagrees": "N", "differs in context": "r"}
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "rdfs", "dcterms", "skos")
)
_OPPOSED = {
    frozenset(pair)
    for pair in (
        ("SideFor", "SideAgainst"), ("SideBetter", "SidePoor"),
        ("SideBetter", "SideNoAssociation"), ("SidePoor", "SideNoAssociation"),
    )
}  # fmt: skip


class Bearing(NamedTuple):
    """How many records, of how many independent studies, share a verdict; the best level."""

    verdict: str
    records: int
    studies: int
    level: str

    @property
    def text(self) -> str:
        """All of it in words."""
        records = f"{self.records} record{'s' * (self.records != 1)}"
        studies = f"{self.studies} stud{'ies' if self.studies != 1 else 'y'}"
        level = f", best level {self.level}" if self.level else ""
        return f"{self.verdict}: {records} of {studies}{level}"


def place(verdict: str) -> int:
    """Return the place of a verdict among those of a list."""
    return [*MARKS].index(verdict) if verdict in MARKS else len(MARKS)


def verdicts(store: Store, claim: str) -> dict[str, list[Bearing]]:
    """Return by claim what records say of it; a claim on which none bears is left out.

    Args:
        store: The graph.
        claim: The pattern that the claims `?c` match.
    """
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?verdict ?records ?studies ?level WHERE {{ {claim}
          ?s a skg:AgreementSummary ; skg:claimCompared ?c ; skg:agreement/rdfs:label ?verdict ;
             skg:recordCount ?records ; skg:studyCount ?studies .
          OPTIONAL {{ ?s skg:bestLevel/skos:notation ?level }} }}"""
    )
    found: dict[str, list[Bearing]] = {}
    for r in sorted(rows.dicts(), key=lambda r: (place(r["verdict"]), r["verdict"])):
        one = Bearing(r["verdict"], int(r["records"]), int(r["studies"]), r["level"])
        found.setdefault(r["c"], []).append(one)
    return found


def told(found: Sequence[Bearing]) -> str:
    """Return in a line what records say of a claim; silence in words."""
    return "; ".join(one.text for one in found) or SILENCE


def noted(text: str) -> str:
    """Return what `told` gives, and how it is to be read."""
    return f"{text} ({'silence is no disagreement' if text == SILENCE else NOTE})"


def as_data(found: Sequence[Bearing]) -> dict[str, Any]:
    """Return the same as plain data, ready for JSON."""
    rows = [one._asdict() for one in found]
    return {"told": told(found), "inferred": True, "note": NOTE, "verdicts": rows}


def tally(claims: Sequence[Sequence[Bearing]]) -> str:
    """Return in a line on how many claims records bear, and how; of no claim nothing."""
    if not claims:
        return ""
    counts = {v: sum(any(b.verdict == v for b in one) for one in claims) for v in MARKS}
    words = {"differs in context": "from"}
    parts = [f"{v} {words.get(v, 'with')} {count}" for v, count in counts.items() if count]
    silent = sum(not one for one in claims)
    parts += [f"is silent on {silent}"] if silent else []
    return f"of {len(claims)} claim{'s' * (len(claims) != 1)}, database evidence {', '.join(parts)}"


def bearing(store: Store, record: str) -> tuple[dict[str, str], list[str]]:
    """Return claim -> the verdict of a record on it, and the records with which it conflicts.

    Args:
        store: The graph.
        record: The IRI of the record.
    """
    me = Term("iri", record).sparql()
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?verdict WHERE {{ {me} skg:recordSide ?side ; ?asks ?q .
          ?link skg:questionCompared ?q ; skg:recordSide ?side ; skg:claimCompared ?c ;
             skg:agreement/rdfs:label ?verdict }}"""
    )
    found: dict[str, set[str]] = {}
    for r in rows.dicts():
        found.setdefault(r["c"], set()).add(r["verdict"])
    sides = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?q ?r ?id ?side ?direction WHERE {{
          {me} ?asks ?q . ?q skg:sideTaken ?any . ?r ?asks ?q ; skg:recordSide ?side ;
             dcterms:identifier ?id . OPTIONAL {{ ?r skg:evidenceDirection ?direction }} }}"""
    )
    names: dict[str, str] = {}
    asked: dict[str, list[tuple[str, str, str]]] = {}
    for r in sides.dicts():
        names[r["r"]] = r["id"]
        asked.setdefault(r["q"], []).append((r["r"], r["side"], r["direction"]))
    others = {iri for same in asked.values() for iri in in_conflict(record, same)}
    verdict = {c: "; ".join(sorted(found[c], key=place)) for c in sorted(found)}
    return verdict, sorted(names[iri] for iri in others)


def in_conflict(record: str, same: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the records that conflict in meaning with one, on a question that they share.

    Args:
        record: The record.
        same: Record, side and direction of each record on the question, as IRIs.
    """
    local = namespaces.SKG
    rows = [(s.removeprefix(local), d.removeprefix(local), iri) for iri, s, d in same]
    mine = {side for side, _, iri in rows if iri == record}
    found = []
    for side, _, iri in rows:
        opposed = {own for own in mine if frozenset((own, side)) in _OPPOSED}
        sure = any(d == "EvidenceSupports" and s in {*opposed, side} for s, d, _ in rows)
        if opposed and sure:
            found.append(iri)
    return sorted(set(found))
