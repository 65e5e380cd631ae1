"""What a person sees of a claim: its status first, then what it says, where, and on what it rests.

Terminal, API and notebook come here, so that none of them can show a claim without its status.
What disputes a claim, or ended a thing that it speaks of, stands above what is claimed.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import agreement, degree
from sarcoma_kg.questions.values import JOINT, NO_STATUS, gravity
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = [
    "COLUMNS", "NO_STATUS", "Citation", "Claim", "Evidence", "counted", "full", "named", "read",
    "states", "tally", "wrapped",
]  # fmt: skip

_RELATIONS = ("disputed", "concerned", "qualified", "supported")
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "dcterms", "prov", "oa", "cito")
)
#: Slots with any number of values, by the name that a row of claims has for them.
_MANY = {
    "diseases": "skg:aboutDisease", "therapies": "skg:aboutTherapy", "targets": "skg:aboutTarget",
    "contexts": "skg:molecularContext", "outcomes": "skg:outcome", "lines": "skg:line",
    "settings": "skg:setting", "values": "skg:hasValue", "status": "skg:evidenceStatus",
}  # fmt: skip
#: The columns of a table of claims; disputes and what stands are told beside each.
COLUMNS = (
    "claim", "status", "standing", "diseases", "therapies", "contexts", "outcomes", "lines",
    "direction", "strength", "paraphrase", "kind", "source", "section", "agreement",
)  # fmt: skip


class Citation(NamedTuple):
    """A printed number, the entry behind it, and whether it can carry the sentence."""

    number: int
    reference: str
    verdict: str


class Evidence(NamedTuple):
    """What external evidence does to a claim: disputes, qualifies, supports or concerns it."""

    relation: str
    statement: str
    status: str
    source: str
    aspect: str
    id: str
    label: str
    date: str


class Claim(NamedTuple):
    """One claim; what is unknown is empty, and so are `start` and `end` as None."""

    iri: str
    id: str
    status: list[str]
    degree: list[str]
    standing: list[str]
    evidence: list[Evidence]
    paraphrase: str
    direction: str
    strength: str
    kind: str
    diseases: list[str]
    therapies: list[str]
    targets: list[str]
    contexts: list[str]
    outcomes: list[str]
    lines: list[str]
    settings: list[str]
    values: list[str]
    source: str
    source_id: str
    section: str
    start: int | None
    end: int | None
    citations: list[Citation]
    agreement: list[agreement.Bearing]

    @property
    def state(self) -> str:
        """The status in words, disputes first; never empty."""
        return "; ".join(self.status) or NO_STATUS

    @property
    def rank(self) -> tuple[int, int, str]:
        """By which the claims of a list are sorted: disputed ones first, then those ended."""
        events = not any(e.date for e in self.evidence)
        return (gravity(self.status[0] if self.status else NO_STATUS), int(events), self.id)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        data = self._asdict()
        data["status"] = self.status or [NO_STATUS]
        data["citations"] = [c._asdict() for c in self.citations]
        data["evidence"] = [e._asdict() for e in self.evidence]
        data["agreement"] = agreement.as_data(self.agreement)
        return data

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Claim":
        """Return the claim that `as_dict` described."""
        return cls(
            **{
                **data,
                "citations": [Citation(**c) for c in data["citations"]],
                "evidence": [Evidence(**e) for e in data["evidence"]],
                "agreement": [agreement.Bearing(**b) for b in data["agreement"]["verdicts"]],
            }
        )

    def row(self, separator: str = JOINT) -> list[str]:
        """Return the cells of `COLUMNS`."""
        data = {**self._asdict(), "claim": self.id, "source": self.source_id or self.source}
        data["status"] = self.status or [NO_STATUS]
        data["agreement"] = [b.text for b in self.agreement] or agreement.SILENCE
        cells = (data[name] for name in COLUMNS)
        return [separator.join(c) if isinstance(c, list) else c for c in cells]


def named(cells: Iterable[str]) -> list[str]:
    """Return what may be the identifier of a claim in the cells of a row, each once, in order."""
    words = (w.strip(".,;:()[]") for cell in cells for w in re.split(r"[\s|]+", cell))
    return list(dict.fromkeys(filter(_is_identifier, words)))


def _is_identifier(word: str) -> bool:
    return bool(re.fullmatch(r"[\w.]+(?:-[\w.]+)+", word))


def _of(ids: Iterable[str]) -> str:
    """Return the pattern for the claims with these identifiers."""
    listed = " ".join(Term("literal", i).sparql() for i in ids)
    return f"VALUES ?id {{ {listed} }} ?c dcterms:identifier ?id ."


def states(store: Store, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the status of each of these identifiers that is a claim's, disputes first."""
    if not ids:
        return {}
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?id ?status WHERE {{ {_of(ids)} ?c skg:hasProposition ?p .
          OPTIONAL {{ ?c skg:evidenceStatus/rdfs:label ?status }} }}"""
    )
    found: dict[str, list[str]] = {}
    for row in rows.dicts():
        found.setdefault(row["id"], []).append(row["status"] or NO_STATUS)
    return {i: sorted(found[i], key=gravity) for i in ids if i in found}


def read(
    store: Store, where: str = "", ids: Sequence[str] | None = None, *, standing: bool = True
) -> list[Claim]:
    """Return claims in the order of their identifiers.

    Args:
        store: The graph.
        where: A SPARQL pattern that the claim `?c` must match; any claim when empty.
        ids: The identifiers of those wanted; all when None. Others are left out.
        standing: Whether to look up the standing of their therapies; of many claims slow.
    """
    if ids is not None:
        if not (ids := [i for i in ids if _is_identifier(i)]):
            return []
        where = f"{_of(ids)} {where}"
    if where:  # looked for once, then named in each of the queries
        chosen = store.select(
            f"{_PROLOGUE}SELECT DISTINCT ?c WHERE {{ {where} ?c skg:hasProposition ?proposition }}"
        )
        nodes = " ".join(Term("iri", row["c"]).sparql() for row in chosen.dicts())
        if not nodes:
            return []
        where = f"VALUES ?c {{ {nodes} }}"
    claim = f"{where} ?c skg:hasProposition ?proposition ; dcterms:identifier ?id ."
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?id ?paraphrase ?section ?source ?sourceId ?direction
          ?strength ?start ?end
        WHERE {{ {claim}
          OPTIONAL {{ ?c skg:paraphrase ?paraphrase }} OPTIONAL {{ ?c skg:section ?section }}
          OPTIONAL {{ ?c prov:hadPrimarySource ?s . ?s rdfs:label ?source }}
          OPTIONAL {{ ?c prov:hadPrimarySource ?w . ?w dcterms:identifier ?sourceId }}
          OPTIONAL {{ ?c skg:direction ?d . ?d rdfs:label ?direction }}
          OPTIONAL {{ ?c skg:wordingStrength ?g . ?g rdfs:label ?strength }}
          OPTIONAL {{ ?c oa:hasTarget/oa:hasSelector ?x . ?x oa:start ?start ; oa:end ?end }}
        }} ORDER BY ?id ?c"""
    )
    found = {row["c"]: row for row in reversed(list(rows.dicts()))}
    many = _many(store, claim)
    stands, evidence = _standing(store, claim) if standing else {}, _evidence(store, claim)
    ended, by = degree.ended(store, claim) if standing else {}, degree.measured(store, claim)
    bears = agreement.verdicts(store, claim)
    citations: dict[str, list[Citation]] = {}
    cited = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?number ?text ?verdict WHERE {{ {claim}
          ?c skg:hasCitation ?act . ?act cito:hasCitedEntity ?ref .
          ?ref skg:referenceNumber ?number ; dcterms:bibliographicCitation ?text .
          OPTIONAL {{ ?act skg:citationVerdict/rdfs:label ?verdict }} }}"""
    )
    for r in cited.dicts():
        verdict = r["verdict"] or NO_STATUS
        citations.setdefault(r["c"], []).append(Citation(int(r["number"]), r["text"], verdict))
    made = []
    for iri, row in found.items():
        slots = {name: sorted(many.get((iri, name), ())) for name in _MANY}
        slots["status"].sort(key=gravity)
        made.append(
            Claim(
                iri=iri, id=row["id"], standing=sorted(stands.get(iri, ())),
                degree=[*by.get(iri, ()), *ended.get(iri, ())], paraphrase=row["paraphrase"],
                evidence=_sorted(evidence.get(iri, ())), direction=row["direction"],
                kind=JOINT.join(sorted(many.get((iri, "kind"), ()))), source=row["source"],
                source_id=row["sourceId"], section=row["section"], strength=row["strength"],
                start=int(row["start"]) if row["start"] else None,
                end=int(row["end"]) if row["end"] else None,
                citations=sorted(citations.get(iri, ())),
                agreement=bears.get(iri, []), **slots,
            )
        )  # fmt: skip
    return sorted(made, key=lambda c: (c.id, c.iri))


def _sorted(items: Iterable[Evidence]) -> list[Evidence]:
    """Return disputes first, then events, the last first."""
    found = sorted(sorted(items), key=lambda e: e.date, reverse=True)
    return sorted(found, key=lambda e: _RELATIONS.index(e.relation))


def _many(store: Store, claim: str) -> dict[tuple[str, str], set[str]]:
    slots = " ".join(f'({path} "{name}")' for name, path in _MANY.items())
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?slot ?label WHERE {{ {claim}
          VALUES (?property ?slot) {{ {slots} }}
          ?c ?property ?value . ?value rdfs:label ?label }}"""
    )
    found: dict[tuple[str, str], set[str]] = {}
    for r in rows.dicts():
        found.setdefault((r["c"], r["slot"]), set()).add(r["label"])
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?label WHERE {{ {claim}
          ?c a ?type . ?type rdfs:label ?label . FILTER(?type != skg:Claim) }}"""
    )
    for r in rows.dicts():
        found.setdefault((r["c"], "kind"), set()).add(r["label"])
    return found


def _evidence(store: Store, claim: str) -> dict[str, list[Evidence]]:
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?relation ?statement ?check ?source ?aspect ?e ?name
          ?label ?date
        WHERE {{ {claim}
          VALUES (?p ?relation) {{ (cito:disputes "disputed") (cito:qualifies "qualified")
            (cito:supports "supported") (skg:concernsClaim "concerned") }}
          ?e ?p ?c ; skg:statement ?statement .
          OPTIONAL {{ ?e skg:checkStatus/rdfs:label ?check }}
          OPTIONAL {{ ?e dcterms:source ?source }} OPTIONAL {{ ?e skg:disputedAspect ?aspect }}
          OPTIONAL {{ ?e dcterms:identifier ?name }} OPTIONAL {{ ?e rdfs:label ?label }}
          OPTIONAL {{ ?e skg:eventDate ?former }}
          OPTIONAL {{ ?e skg:regulatoryEventKind|skg:developmentEventKind ?kind ;
                         skg:dateAsKnown ?known }}
          BIND(COALESCE(?known, ?former) AS ?date) }}"""
    )
    told: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for r in rows.dicts():
        told.setdefault((r["c"], r["relation"], r["e"]), []).append(r)
    found: dict[str, list[Evidence]] = {}
    for (iri, relation, e), same in told.items():
        r = min(same, key=lambda row: row["statement"])
        sources, name = sorted({row["source"] for row in same}), r["name"] or namespaces.contract(e)
        item = (relation, r["statement"], r["check"], " ".join(sources), r["aspect"], name)
        found.setdefault(iri, []).append(Evidence(*item, r["label"], r["date"]))
    return found


def _standing(store: Store, claim: str) -> dict[str, set[str]]:
    """Return what is told of the standing of the drugs of each claim.

    Approvals as a source states them, for the drug in the disease of the claim; and dated events
    that external evidence tells of this claim, or of another about the same named drug alone.
    """
    stated = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?product ?agency ?year ?by WHERE {{ {claim}
          ?c skg:aboutTherapy ?t . ?a skg:approvedProduct ?t . ?other skg:hasApproval ?a ;
             dcterms:identifier ?by . ?t rdfs:label ?product .
          {{ ?c skg:hasApproval ?a }} UNION
          {{ ?c skg:aboutDisease ?about . ?a skg:indication ?for . ?about skg:rollsUpTo ?for }}
          OPTIONAL {{ ?a skg:agency/rdfs:label ?agency }}
          OPTIONAL {{ ?a skg:approvalYear ?year }} }}"""
    )
    found: dict[str, set[str]] = {}
    state = states(store, sorted({r["by"] for r in stated.dicts()}))
    for r in stated.dicts():
        by = f"{r['by']} [{'; '.join(state[r['by']])}]"
        who = " ".join(x for x in (r["agency"], r["year"]) if x)
        found.setdefault(r["c"], set()).add(
            f"{r['product']}: approval{' ' if who else ''}{who}, as stated in {by}"
        )
    events = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?date ?label ?check WHERE {{ {claim}
          {{ ?e cito:disputes|cito:qualifies|cito:supports|skg:concernsClaim ?c }} UNION
          {{ ?c skg:aboutTherapy ?t . ?t skg:isNamedProduct true . ?o skg:aboutTherapy ?t .
             ?e cito:disputes|cito:qualifies|cito:supports|skg:concernsClaim ?o .
             FILTER NOT EXISTS {{ ?o skg:aboutTherapy ?more . FILTER(?more != ?t) }} }}
          ?e skg:eventDate ?date ; rdfs:label ?label ; skg:checkStatus/rdfs:label ?check }}"""
    )
    for r in [*events.dicts(), *_events(store, claim)]:
        check = "" if r["check"] == "checked" else f" [{r['check']}]"
        found.setdefault(r["c"], set()).add(f"{r['date']}: {r['label']}{check}")
    return found


def _events(store: Store, claim: str) -> list[dict[str, str]]:
    """Return what authorities and developers did about the drugs of each claim, in its disease."""
    # The events, which are few, are found before all that concerns a drug: records may be many.
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?date ?label ?check WHERE {{ {claim}
          ?c skg:involvesTherapy ?t . {{ SELECT ?e ?t ?date ?label ?check WHERE {{
             ?e skg:regulatoryEventKind|skg:developmentEventKind ?kind ; skg:dateAsKnown ?date ;
             skg:concernsTherapy ?t ; rdfs:label ?label ; skg:checkStatus/rdfs:label ?check }} }}
          FILTER(!EXISTS {{ ?e skg:concernsDisease ?any }} ||
                 EXISTS {{ ?e skg:concernsDisease ?in . ?c skg:aboutDisease/skg:rollsUpTo ?in }})
        }}"""
    )
    return list(rows.dicts())


def tally(claims: Sequence[Claim]) -> str:
    """Return in a line how many claims there are, and in which state; disputes first."""
    return counted([claim.status or [NO_STATUS] for claim in claims])


def counted(states: Collection[Sequence[str]]) -> str:
    """Return in a line how many claims have these states, and how many each; disputes first."""
    counts = Counter(status for of_one in states for status in of_one)
    told = "; ".join(f"{counts[s]} {s}" for s in sorted(counts, key=gravity))
    return f"{len(states)} claim{'s' * (len(states) != 1)}: {told}" if states else "no claim"


def full(claim: Claim, width: int = 100, indent: str = "") -> str:
    """Return all that is known of a claim, wrapped: disputes and events first."""
    pairs = [("status", claim.state), *(("by", text) for text in claim.degree)]
    pairs += [_told(e) for e in claim.evidence if e.relation in ("disputed", "concerned")]
    told = {f"{e.date}: {e.label}" for e in claim.evidence}
    pairs += [("standing", s) for s in claim.standing if s.partition(" [")[0] not in told]
    pairs.append(("says", claim.paraphrase))
    place = [claim.source, f"section {claim.section}" if claim.section else ""]
    if claim.start is not None:
        place.append(f"characters {claim.start}-{claim.end}")
    pairs.append(("said by", ", ".join(p for p in place if p)))
    direction = f"direction: {claim.direction}" if claim.direction else ""
    pairs.append(("wording", "; ".join(x for x in (claim.strength, direction) if x)))
    if not claim.citations:
        pairs.append(("cites", "nothing"))
    pairs += [("cites", f"[{c.number}] {c.reference} -> {c.verdict}") for c in claim.citations]
    pairs += [_told(e) for e in claim.evidence if e.relation in ("qualified", "supported")]
    pairs.append(("records", agreement.noted(agreement.told(claim.agreement))))
    return "\n".join([f"{indent}claim {claim.id}", *wrapped(pairs, width, indent + "  ")])


def _told(item: Evidence) -> tuple[str, str]:
    aspect = f" ({item.aspect})" if item.aspect else ""
    check = "" if item.status == "checked" else f" [{item.status or 'unconfirmed'}]"
    source = "".join(f" <{address}>" for address in item.source.split())
    day = f"{item.date}: " if item.date else ""
    return item.relation, f"{day}{item.statement}{aspect}{check}{source} ({item.id})"


def wrapped(pairs: Iterable[tuple[str, str]], width: int, indent: str, room: int = 10) -> list[str]:
    """Return lines of a name and a text each, the text wrapped beside the name.

    Args:
        pairs: Names and texts; what has no text is left out.
        width: Columns that a line may take; on a very narrow terminal some more. An address
            stays whole, to be followed.
        indent: What stands before each line.
        room: Columns for the names.
    """
    import textwrap

    lines: list[str] = []
    for name, text in pairs:
        if text:
            lines += textwrap.wrap(
                text, max(width, len(indent) + room + 20),
                initial_indent=f"{indent}{name.rstrip() + ' ':<{room}}",
                subsequent_indent=indent + " " * room,
                break_on_hyphens=False, break_long_words=False,
            )  # fmt: skip
    return lines
