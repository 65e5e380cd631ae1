"""What the graph knows of one term: its claims with their status, definition, parents, mappings."""

from collections.abc import Iterator
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import agreement, claims
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = ["about", "broader", "pairs", "render", "told", "view"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "owl", "skos", "obo", "oboInOwl")
)
_NAMES = {
    "label": "rdfs:label",
    "definition": "obo:IAO_0000115",
    "definition source": "obo:IAO_0000119",
    "exact synonyms": "oboInOwl:hasExactSynonym",
    "narrower synonyms": "oboInOwl:hasNarrowSynonym",
    "broader synonyms": "oboInOwl:hasBroadSynonym",
    "related synonyms": "oboInOwl:hasRelatedSynonym",
    "editor note": "obo:IAO_0000116",
}
_ABOUT = ("skg:aboutDisease", "skg:involvesTherapy", "skg:aboutTarget", "skg:molecularContext")
_MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")


def _column(store: Store, pattern: str) -> list[str]:
    rows = store.select(f"{_PROLOGUE}SELECT DISTINCT ?x WHERE {{ {pattern} }} ORDER BY ?x")
    return [r["x"] for r in rows.dicts()]


def _label(store: Store, iri: str) -> str:
    """Return the label of what a value of the graph names; empty when it is no IRI."""
    try:
        node = Term("iri", iri).sparql()
    except ValueError:
        return ""
    return "".join(_column(store, f"{node} rdfs:label ?x"))


def _source(store: Store, source: str) -> str:
    label = _label(store, source)
    if source.startswith(namespaces.SKG):
        return label
    return f"{namespaces.contract(source)} {label}".strip()


def view(store: Store, iri: str) -> dict[str, Any]:
    """Return the term as plain data, ready for JSON.

    Raises:
        ValueError: no IRI.
    """
    me = Term("iri", iri).sparql()
    data: dict[str, Any] = {"curie": namespaces.contract(iri), "iri": iri}
    for name, prop in _NAMES.items():
        found = _column(store, f"{me} {prop} ?x")
        if name == "definition source":
            found = [_source(store, x) for x in found]
        if found:
            data[name] = found if name.endswith("synonyms") else "; ".join(found)
    named = 'FILTER(isIRI(?c) && !STRSTARTS(STR(?c), "http://purl.obolibrary.org/obo/"))'
    data["parents"] = _column(store, f"{me} rdfs:subClassOf ?c . ?c rdfs:label ?x . {named}")
    data["children"] = _column(store, f"?c rdfs:subClassOf {me} ; rdfs:label ?x . {named}")
    relations = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?p ?o WHERE {{
          {me} ?property ?value . ?property rdfs:label ?p . ?value rdfs:label ?o .
          ?property a owl:ObjectProperty .
          FILTER(?property != skg:rollsUpTo) }} ORDER BY ?p ?o"""
    )
    data["relations"] = [f"{r['p']} {r['o']}" for r in relations.dicts()]
    data["mappings"] = []
    for match in _MATCHES:
        for target in _column(store, f"{me} skos:{match} ?x"):
            data["mappings"].append(
                {
                    "predicate": match,
                    "id": namespaces.contract(target),
                    "label": _label(store, target),
                }
            )
    own, below = about(store, iri)
    data["state"] = claims.tally(own)
    data["below"] = claims.tally(below) if below else ""
    data["broader"] = [] if own or below else broader(store, iri)
    data["claims"] = [claim.as_dict() for claim in own]
    data["records"] = agreement.tally([claim.agreement for claim in own])
    return data


def about(store: Store, iri: str) -> tuple[list[Claim], list[Claim]]:
    """Return the claims that name a term, and those that name narrower ones; disputed ones first.

    Raises:
        ValueError: no IRI.
    """
    me = Term("iri", iri).sparql()
    named = " UNION ".join(f"{{ ?c {path} {me} }}" for path in _ABOUT)
    below = " UNION ".join(f"{{ ?c {path}/skg:rollsUpTo {me} }}" for path in _ABOUT)
    own = sorted(claims.read(store, named), key=lambda claim: claim.rank)
    seen = {claim.iri for claim in own}
    narrower = [claim for claim in claims.read(store, below) if claim.iri not in seen]
    return own, sorted(narrower, key=lambda claim: claim.rank)


def broader(store: Store, iri: str) -> list[str]:
    """Return the labels of the nearest broader terms that claims name."""
    me = Term("iri", iri).sparql()
    named = " UNION ".join(f"{{ ?c {path} ?up }}" for path in _ABOUT)
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?label (COUNT(DISTINCT ?higher) AS ?depth) WHERE {{
          {me} skg:rollsUpTo ?up . ?up rdfs:label ?label ; skg:rollsUpTo ?higher .
          {{ SELECT DISTINCT ?up WHERE {{ {named} }} }} }} GROUP BY ?up ?label"""
    )
    depths = {row["label"]: int(row["depth"]) for row in rows.dicts()}
    deepest = max(depths.values(), default=0)
    return sorted(label for label, depth in depths.items() if depth == deepest)


def told(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what disputes the claims of a list, or ended a thing that they speak of."""
    seen = set()
    for claim in found:
        for item in claim["evidence"]:
            ends = item["relation"] == "disputed" or item["date"]
            if ends and (item["relation"], item["id"]) not in seen:
                seen.add((item["relation"], item["id"]))
                day = f"{item['date']}: " if item["date"] else ""
                check = "" if item["status"] == "checked" else f" [{item['status']}]"
                by = f" ({claim['id']} [{'; '.join(claim['status'])}]; {item['id']})"
                yield item["relation"], f"{day}{item['statement']}{check}{by}"
    for text in dict.fromkeys(text for claim in found for text in claim["standing"]):
        if not any(f"{e['date']}: {e['label']}" in text for c in found for e in c["evidence"]):
            yield "standing", text


def _line(claim: dict[str, Any]) -> str:
    return f"{claim['id']} [{'; '.join(claim['status'])}] {claim['paraphrase']}"


def pairs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield property and value, one pair a value; claims with their status."""
    for key, value in data.items():
        if key == "mappings":
            yield from ((m["predicate"], f"{m['id']} {m['label']}".strip()) for m in value)
        elif key == "claims":
            yield from (("claim", _line(claim)) for claim in value)
        elif isinstance(value, list):
            yield from ((key, str(x)) for x in value)
        elif key not in {"curie", "state", "below"} and value:
            yield key, str(value)


def render(
    data: dict[str, Any], width: int = 100, *, most: int | None = None, short: bool = False
) -> str:
    """Return the term as text for people: disputes and events first, then what it is.

    Args:
        data: What `view` returned.
        width: Columns that a line may take.
        most: Number of claims to list; all when None.
        short: Leave out relations, mappings and where the definition is from.
    """
    top = [("claims", data["state"]), ("narrower", data["below"]), *told(data["claims"])]
    if data["records"]:
        top.append(("records", f"{data['records']} ({agreement.NOTE})"))
    if data["broader"]:
        top[0] = ("claims", f"none; the nearest with claims: {', '.join(data['broader'])}")
    rest = []
    for key, value in data.items():
        if key in {"curie", "label", "state", "below", "broader", "claims", "records"} or not value:
            continue
        if short and key in {"iri", "relations", "mappings", "definition source", "editor note"}:
            continue
        if key == "mappings":
            texts = [f"{m['predicate']} {m['id']} {m['label']}".strip() for m in value]
            rest += [("mappings" if n == 0 else "", text) for n, text in enumerate(texts)]
        else:
            rest.append((key, ", ".join(value) if isinstance(value, list) else str(value)))
    lines = [f"{data.get('label') or data['iri']}  ({data['curie']})"]
    lines += claims.wrapped([*top, *rest], width, "  ", 18)
    listed = data["claims"] if most is None else data["claims"][:most]
    for claim in listed:
        lines += claims.wrapped([("-", _line(claim))], width, "    ", 2)
    if left := len(data["claims"]) - len(listed):
        lines.append(f"    - and {left} more")
    return "\n".join(lines) + "\n"
