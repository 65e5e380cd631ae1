"""What the graph knows of one term: names, definition, parents, children, relations, mappings."""

from collections.abc import Iterator
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = ["pairs", "render", "view"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "owl", "skos", "obo", "oboInOwl")
)
_NAMES = {
    "label": "rdfs:label",
    "definition": "obo:IAO_0000115",
    "definition source": "obo:IAO_0000119",
    "exact synonyms": "oboInOwl:hasExactSynonym",
    "related synonyms": "oboInOwl:hasRelatedSynonym",
    "editor note": "obo:IAO_0000116",
}
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
    claims = _column(
        store,
        f"""{{ ?c skg:aboutDisease {me} }} UNION {{ ?c skg:involvesTherapy {me} }}
        UNION {{ ?c skg:aboutTarget {me} }} UNION {{ ?c skg:molecularContext {me} }}
        ?c rdfs:label ?x""",
    )
    data["claims"] = claims
    return data


def pairs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield property and value, one pair a value."""
    for key, value in data.items():
        if key == "mappings":
            yield from ((m["predicate"], f"{m['id']} {m['label']}".strip()) for m in value)
        elif isinstance(value, list):
            yield from ((key, str(x)) for x in value)
        elif key != "curie":
            yield key, str(value)


def render(data: dict[str, Any], width: int = 100) -> str:
    """Return the term as text for people."""
    import textwrap

    lines = [f"{data['label']}  ({data['curie']})"]
    for key, value in data.items():
        if key in {"curie", "label"} or not value:
            continue
        if key == "mappings":
            rows = [f"{m['predicate']} {m['id']} {m['label']}".strip() for m in value]
            lines += [f"  {'mappings' if n == 0 else '':<18}{row}" for n, row in enumerate(rows)]
            continue
        text = ", ".join(value) if isinstance(value, list) else str(value)
        lines += textwrap.wrap(
            text, width, initial_indent=f"  {key:<18}", subsequent_indent=" " * 20,
            break_long_words=False,
        )  # fmt: skip
    return "\n".join(lines) + "\n"
