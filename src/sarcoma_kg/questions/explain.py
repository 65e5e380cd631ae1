"""The provenance of an answer: under each row, the claims and the evidence that it rests on."""

from collections.abc import Iterable
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import claims
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["NO_CLAIM", "NO_ROW", "Behind", "Found", "behind", "render", "told"]

NO_CLAIM = "no single claim: the row rests on the ontology, its mappings or a list"
NO_ROW = "no row: no claim matches, which is not a claim of no effect"
_EVIDENCE = f"""PREFIX skg: <{namespaces.SKG}> PREFIX dcterms: <{namespaces.PREFIXES["dcterms"]}>
PREFIX rdfs: <{namespaces.PREFIXES["rdfs"]}>
SELECT ?id ?statement ?status (GROUP_CONCAT(DISTINCT STR(?source); SEPARATOR=" ") AS ?sources)
WHERE {{
  ?item a skg:ExternalEvidence ;
    dcterms:identifier ?id ;
    skg:statement ?statement .
  OPTIONAL {{ ?item skg:checkStatus/rdfs:label ?status . }}
  OPTIONAL {{ ?item dcterms:source ?source . }}
}}
GROUP BY ?id ?statement ?status
ORDER BY ?id ?statement ?status"""


class Found(NamedTuple):
    """A piece of evidence that a row names: what it says, whether it was checked, and where."""

    id: str
    statement: str
    status: str
    sources: list[str]


class Behind(NamedTuple):
    """What the rows of an answer name: claims and evidence, by identifier."""

    claims: dict[str, Claim]
    evidence: dict[str, Found]

    def claims_of(self, cells: Iterable[str]) -> list[Claim]:
        """Return the claims that the cells of a row name, each once, in order."""
        return [self.claims[i] for i in claims.named(cells) if i in self.claims]

    def evidence_of(self, cells: Iterable[str]) -> list[Found]:
        """Return the evidence that the cells of a row name, each once, in order."""
        words = dict.fromkeys(word for cell in cells for word in cell.split(JOINT))
        return [self.evidence[word] for word in words if word in self.evidence]


def behind(store: Store, answer: Solutions) -> Behind:
    """Return the claims and the evidence that an answer names."""
    ids = claims.named(cell for row in answer.dicts() for cell in row.values())
    evidence = {
        row["id"]: Found(row["id"], row["statement"], row["status"], row["sources"].split())
        for row in store.select(_EVIDENCE).dicts()
    }
    return Behind({claim.id: claim for claim in claims.read(store, ids=ids)}, evidence)


def told(item: Found, width: int = 100, indent: str = "") -> str:
    """Return a piece of evidence as text."""
    sources = "".join(f" <{source}>" for source in item.sources)
    words = f"{item.statement} [{item.status or 'unconfirmed'}]{sources} ({item.id})"
    return "\n".join(claims.wrapped([("evidence", words)], width, indent))


def render(answer: Solutions, known: Behind, width: int = 100) -> str:
    """Return the answer as text, each row followed by the claims and evidence behind it."""
    lines: list[str] = []
    for number, row in enumerate(answer.dicts(), 1):
        filled = "; ".join(f"{name}: {value}" for name, value in row.items() if value)
        mark = f"[{number}] "
        lines += claims.wrapped([(mark, filled)], width, "", len(mark))
        found = [claims.full(claim, width, "    ") for claim in known.claims_of(row.values())]
        found += [told(item, width, "    ") for item in known.evidence_of(row.values())]
        lines += found or [f"    {NO_CLAIM}"]
        lines.append("")
    return "\n".join(lines) if lines else f"{NO_ROW}\n"
