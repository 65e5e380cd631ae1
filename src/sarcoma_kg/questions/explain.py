"""The provenance of an answer: under each row, the claims behind it and what is known of them."""

import re
from dataclasses import dataclass, field

from sarcoma_kg.ground import namespaces
from sarcoma_kg.stores.store import Solutions, Store

__all__ = [
    "Citation",
    "ClaimDetail",
    "Evidence",
    "claims_of_row",
    "details",
    "render",
    "render_claim",
]

_CLAIM_ID = re.compile(r"\bS\d+-[A-Za-z0-9.]+-[A-Za-z0-9]+-\d+\b")
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "dcterms", "prov", "oa", "cito")
)


@dataclass(slots=True)
class Citation:
    """A printed number, the entry behind it, and whether it can carry the sentence."""

    number: int
    reference: str
    verdict: str


@dataclass(slots=True)
class Evidence:
    """What external evidence does to a claim: disputes, qualifies or supports it."""

    relation: str
    statement: str
    status: str
    source: str
    aspect: str


@dataclass(slots=True)
class ClaimDetail:
    """One claim with its place in the source."""

    id: str
    source: str
    section: str
    start: int
    end: int
    paraphrase: str
    direction: str
    strength: str
    status: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)


def claims_of_row(cells: list[str]) -> list[str]:
    """Return the claim ids that the cells of a row name, each once, in order."""
    return list(dict.fromkeys(i for cell in cells for i in _CLAIM_ID.findall(cell)))


def details(store: Store, ids: list[str]) -> dict[str, ClaimDetail]:
    """Return what the graph knows of the claims with these identifiers."""
    # What has the form of an identifier needs no escaping.
    ids = [i for i in ids if _CLAIM_ID.fullmatch(i)]
    if not ids:
        return {}
    values = "VALUES ?id { " + " ".join(f'"{i}"' for i in ids) + " } ?c dcterms:identifier ?id . "
    found: dict[str, ClaimDetail] = {}
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?id ?source ?section ?start ?end ?paraphrase ?direction ?strength
        WHERE {{ {values}
          ?c prov:hadPrimarySource/rdfs:label ?source ; skg:section ?section ;
             skg:paraphrase ?paraphrase ; skg:direction/rdfs:label ?direction ;
             skg:wordingStrength/rdfs:label ?strength ; oa:hasTarget/oa:hasSelector ?s .
          ?s oa:start ?start ; oa:end ?end . }}"""
    )
    for r in rows.dicts():
        found[r["id"]] = ClaimDetail(
            r["id"], r["source"], r["section"], int(r["start"]), int(r["end"]),
            r["paraphrase"], r["direction"], r["strength"],
        )  # fmt: skip
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?id ?status WHERE {{ {values}
          ?c skg:evidenceStatus/rdfs:label ?status }} ORDER BY ?id ?status"""
    )
    for r in rows.dicts():
        found[r["id"]].status.append(r["status"])
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?id ?number ?text ?verdict WHERE {{ {values}
          ?c skg:hasCitation ?act . ?act cito:hasCitedEntity ?ref .
          ?ref skg:referenceNumber ?number ; dcterms:bibliographicCitation ?text .
          OPTIONAL {{ ?act skg:citationVerdict/rdfs:label ?verdict }} }} ORDER BY ?id ?number"""
    )
    for r in rows.dicts():
        found[r["id"]].citations.append(
            Citation(int(r["number"]), r["text"], r["verdict"] or "not assessed")
        )
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?id ?relation ?statement ?status ?source ?aspect
        WHERE {{ {values}
          VALUES (?p ?relation) {{ (cito:disputes "disputed") (cito:qualifies "qualified")
                                  (cito:supports "supported") }}
          ?e ?p ?c ; skg:statement ?statement ; skg:checkStatus/rdfs:label ?status .
          OPTIONAL {{ ?e dcterms:source ?source }} OPTIONAL {{ ?e skg:disputedAspect ?aspect }}
        }} ORDER BY ?id ?relation ?statement ?source"""
    )
    for r in rows.dicts():
        found[r["id"]].evidence.append(
            Evidence(r["relation"], r["statement"], r["status"], r["source"], r["aspect"])
        )
    return found


def render(answer: Solutions, known: dict[str, ClaimDetail]) -> str:
    """Return the answer as text, each row followed by the claims behind it."""
    lines: list[str] = []
    for number, row in enumerate(answer.dicts(), 1):
        filled = [f"{name}: {value}" for name, value in row.items() if value]
        lines.append(f"[{number}] " + "; ".join(filled))
        ids = [i for i in claims_of_row(list(row.values())) if i in known]
        if not ids:
            lines.append(
                "    no single claim: the row rests on the ontology, its mappings or a list"
            )
        for claim in (known[i] for i in ids):
            lines.append(render_claim(claim))
        lines.append("")
    return (
        "\n".join(lines)
        if lines
        else "no row: no claim matches, which is not a claim of no effect\n"
    )


def render_claim(claim: ClaimDetail) -> str:
    """Return what is known of a claim as text, indented."""
    lines = [
        f"    claim {claim.id}: {claim.paraphrase}",
        f"      said by   {claim.source}, section {claim.section}, "
        f"characters {claim.start}-{claim.end}",
        f"      wording   {claim.strength}; direction: {claim.direction}",
        f"      status    {'; '.join(claim.status) or 'not computed'}",
    ]
    if not claim.citations:
        lines.append("      cites     nothing")
    lines += [f"      cites     [{c.number}] {c.reference} -> {c.verdict}" for c in claim.citations]
    for e in claim.evidence:
        aspect = f" ({e.aspect})" if e.aspect else ""
        check = "" if e.status == "checked" else f" [{e.status}]"
        source = f" <{e.source}>" if e.source else ""
        lines.append(f"      {e.relation:<9} {e.statement}{aspect}{check}{source}")
    return "\n".join(lines)
