"""What the graph knows of a thing that is no class: evidence, a reference, a source, a value."""

from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import agreement, claims
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = ["claims_of", "pairs", "render", "view"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "rdf", "cito", "dcterms", "owl")
)
#: What is said of the thing before all else, where it is said at all.
_VERDICT = (
    "evidence type", "evidence direction", "significance", "evidence level", "rating", "dump date",
)  # fmt: skip
_TITLES = ("statement", "bibliographicCitation", "title", "label")


def view(store: Store, iri: str, kind: str) -> dict[str, Any]:
    """Return the thing as plain data, ready for JSON: what is said of it, and its claims.

    Args:
        store: The graph.
        iri: The thing.
        kind: What it is, as `lookup.kind_of` gives it.
    """
    me = Term("iri", iri).sparql()
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?p ?name ?o ?label WHERE {{ {me} ?p ?o .
          OPTIONAL {{ ?p rdfs:label ?name }} OPTIONAL {{ ?o rdfs:label ?label }}
          FILTER(!isBlank(?o)) }}"""
    )
    said: dict[str, list[str]] = {}
    for row in sorted(rows.dicts(), key=lambda r: (r["p"], r["o"])):
        local = row["p"].rpartition("/")[2].rpartition("#")[2]
        said.setdefault(row["name"] or local, []).append(
            row["label"] or namespaces.contract(row["o"])
        )
        if local in _TITLES:
            said.setdefault(f"\0{local}", []).append(row["o"])
    titles = [said.pop(f"\0{local}") for local in _TITLES if f"\0{local}" in said]
    touched, found = _touched(store, me), claims_of(store, iri)
    listed = [{"relation": touched[claim.iri], **claim.as_dict()} for claim in found]
    verdicts, conflicts = agreement.bearing(store, iri)
    if verdicts:
        at = " ".join(Term("iri", c).sparql() for c in verdicts)
        bears = sorted(claims.read(store, f"VALUES ?c {{ {at} }}"), key=lambda c: c.rank)
        listed += [{"relation": verdicts[c.iri], **c.as_dict()} for c in bears]
        found += [c for c in bears if c.iri not in touched]
    return {
        "kind": kind.lower(),
        "curie": namespaces.contract(iri),
        "iri": iri,
        "title": titles[0][0] if titles else namespaces.contract(iri),
        "state": claims.tally(found) if found else "",
        "said": {k: v for k, v in said.items() if k not in ("type", "label")},
        "claims": listed,
        **_of_a_record(said, conflicts, bears=bool(verdicts)),
    }


def _of_a_record(
    said: dict[str, list[str]], conflicts: list[str], *, bears: bool
) -> dict[str, Any]:
    """Return what a record of a database says in a line, and what of it is inferred."""
    if "evidence type" not in said or "recorded in" not in said:
        return {}
    words = [f"{name}: {', '.join(said[name])}" for name in _VERDICT if name in said]
    note = f"verdicts on claims are {agreement.NOTE}" if bears else "it bears on no claim"
    return {"verdict": "; ".join(words), "note": note, "conflicts": conflicts}


def claims_of(store: Store, iri: str) -> list[claims.Claim]:
    """Return the claims that name a thing, or that it names; disputed ones first."""
    found = claims.read(store, _touching(Term("iri", iri).sparql()))
    return sorted(found, key=lambda claim: claim.rank)


def _touching(me: str) -> str:
    return (
        f"{{ ?c ?by {me} }} UNION {{ {me} ?by ?c }} UNION "
        f"{{ ?c skg:hasCitation/cito:hasCitedEntity {me} . BIND(skg:hasCitation AS ?by) }}"
    )


def _touched(store: Store, me: str) -> dict[str, str]:
    """Return the claims that name the thing, or that it names, and how: the gravest relation."""
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?by ?label ?verdict WHERE {{ {_touching(me)}
          ?c skg:hasProposition ?p . OPTIONAL {{ ?by rdfs:label ?label }}
          OPTIONAL {{ ?c skg:hasCitation ?a . ?a cito:hasCitedEntity {me} ;
                         skg:citationVerdict/rdfs:label ?verdict }} }}"""
    )
    found: dict[str, str] = {}
    for row in sorted(rows.dicts(), key=lambda r: (r["c"], "disputes" not in r["by"], r["by"])):
        how = row["label"] or row["by"].rpartition("/")[2].rpartition("#")[2]
        verdict = f" ({row['verdict']})" if row["verdict"] else ""
        found.setdefault(row["c"], how + verdict)
    return found


def pairs(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return property and value, one pair a value."""
    rows = [(data["kind"], data["title"]), *((k, v) for k, v in _top(data) if v)]
    rows += [(name, value) for name, values in data["said"].items() for value in values]
    for claim in data["claims"]:
        state = "; ".join(claim["status"])
        rows.append((claim["relation"], f"{claim['id']} [{state}] {claim['paraphrase']}"))
    return rows


def _top(data: dict[str, Any]) -> list[tuple[str, str]]:
    conflicts = ", ".join(data.get("conflicts", ()))
    other = f"record {conflicts} on the same question takes the other side; a reader must judge"
    return [
        ("verdict", data.get("verdict", "")),
        ("conflict", other if conflicts else ""),
        ("rule", data.get("note", "")),
    ]


def render(data: dict[str, Any], width: int = 100, *, most: int | None = None) -> str:
    """Return the thing as text for people, the claims with their status first.

    Args:
        data: What `view` returned.
        width: Columns that a line may take.
        most: Number of claims to list; all when None.
    """
    lines = claims.wrapped(
        [(data["kind"], data["title"]), *_top(data), ("claims", data["state"])], width, "", 12
    )
    for claim in data["claims"][:most]:
        state = "; ".join(claim["status"])
        text = f"{claim['relation']} {claim['id']} [{state}] {claim['paraphrase']}"
        lines += claims.wrapped([("-", text)], width, "    ", 2)
    if most is not None and (left := len(data["claims"]) - most) > 0:
        lines.append(f"    - and {left} more")
    told = [(k, "; ".join(v)) for k, v in data["said"].items() if v != [data["title"]]]
    return "\n".join([*lines, *claims.wrapped(told, width, "  ", 22)]) + "\n"
