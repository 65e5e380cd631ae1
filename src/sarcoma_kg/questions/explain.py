"""The provenance of an answer: under each row, the claims and the evidence that it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import claims
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["NO_CLAIM", "NO_ROW", "Behind", "Found", "behind", "render", "told"]

NO_CLAIM = "no single claim: the row counts several, or rests on the ontology or its mappings"
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

_RECORDS = f"""PREFIX skg: <{namespaces.SKG}> PREFIX dcterms: <{namespaces.PREFIXES["dcterms"]}>
PREFIX rdfs: <{namespaces.PREFIXES["rdfs"]}>
SELECT ?id ?label ?day ?source WHERE {{
  VALUES ?id {{ %s }}
  ?record dcterms:identifier ?id ;
    a skg:EvidenceRecord ;
    rdfs:label ?label ;
    dcterms:source ?source .
  OPTIONAL {{ ?record skg:dumpDate ?day . }}
}}
ORDER BY ?id ?source"""


class Found(NamedTuple):
    """A piece of evidence that a row names: what it says, whether it was checked, and where."""

    id: str
    statement: str
    status: str
    sources: list[str]


class Behind(NamedTuple):
    """What the rows of an answer name: claims, evidence and records, by identifier.

    `columns` are those that name records of databases, whose numbers are no names elsewhere.
    """

    claims: dict[str, Claim]
    evidence: dict[str, Found]
    records: dict[str, Found]
    columns: Sequence[str] = ()

    def claims_of(self, cells: Iterable[str]) -> list[Claim]:
        """Return the claims that the cells of a row name, each once, in order."""
        return [self.claims[i] for i in claims.named(cells) if i in self.claims]

    def evidence_of(self, row: Mapping[str, str]) -> list[Found]:
        """Return the evidence and the records that a row names, each once, in order."""
        found = [self.evidence[word] for word in _words(row.values()) if word in self.evidence]
        numbers = _words(row.get(column, "") for column in self.columns)
        return found + [self.records[number] for number in numbers if number in self.records]


def _words(cells: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for cell in cells for word in cell.split(JOINT)))


def behind(store: Store, answer: Solutions, records: Sequence[str] = ()) -> Behind:
    """Return the claims and the evidence that an answer names.

    Args:
        store: The graph.
        answer: The answer.
        records: The columns that name records of databases.
    """
    ids = claims.named(cell for row in answer.dicts() for cell in row.values())
    evidence = {
        row["id"]: Found(row["id"], row["statement"], row["status"], row["sources"].split())
        for row in store.select(_EVIDENCE).dicts()
    }
    numbers = _words(row.get(column, "") for row in answer.dicts() for column in records)
    named = {claim.id: claim for claim in claims.read(store, ids=ids)}
    return Behind(named, evidence, _records(store, numbers), records)


def _records(store: Store, numbers: Sequence[str]) -> dict[str, Found]:
    """Return what databases hold under these numbers."""
    values = " ".join(Term("literal", number).sparql() for number in numbers if number)
    found: dict[str, Found] = {}
    for row in store.select(_RECORDS % values).dicts() if values else ():
        one = found.setdefault(row["id"], Found(row["id"], row["label"], "", []))
        state = "record of a database" + (f", {row['day']}" if row.get("day") else "")
        found[row["id"]] = one._replace(status=state, sources=[*one.sources, row["source"]])
    return found


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
        found += [told(item, width, "    ") for item in known.evidence_of(row)]
        lines += found or [f"    {NO_CLAIM}"]
        lines.append("")
    return "\n".join(lines) if lines else f"{NO_ROW}\n"
