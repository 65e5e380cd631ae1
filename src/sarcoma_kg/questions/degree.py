"""By how much a claim is disputed or qualified, and since when what it speaks of has ended."""

from sarcoma_kg.ground import namespaces
from sarcoma_kg.stores.store import Store

__all__ = ["ended", "measured"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "rdfs", "dcterms", "cito")
)


def measured(store: Store, claim: str) -> dict[str, list[str]]:
    """Return by claim what checked evidence against it found, disputes first.

    Of each item one figure is told, of the outcome that the claim speaks of where there is one;
    of an event its day.

    Args:
        store: The graph.
        claim: The pattern that the claims `?c` match.
    """
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?rank ?name ?m ?outcome ?printed ?unit ?how ?some ?of
          ?ratio ?finding ?same ?kind ?date
        WHERE {{ {claim}
          VALUES (?p ?rank) {{ (cito:disputes 0) (cito:qualifies 1) }}
          ?e ?p ?c ; skg:checkStatus skg:Checked ; dcterms:identifier ?name .
          {{ ?e skg:hasMeasurement ?m . ?m skg:outcome ?o . ?o rdfs:label ?outcome .
             OPTIONAL {{ ?m skg:printedValue ?printed }} OPTIONAL {{ ?m skg:printedUnit ?unit }}
             OPTIONAL {{ ?m skg:comparator/rdfs:label ?how }}
             OPTIONAL {{ ?m skg:numerator ?some }} OPTIONAL {{ ?m skg:denominator ?of }}
             OPTIONAL {{ ?m skg:hazardRatio ?ratio }} OPTIONAL {{ ?m skg:findingText ?finding }} }}
          UNION {{ ?e skg:regulatoryEventKind|skg:developmentEventKind ?k ; skg:dateAsKnown ?date .
             ?k rdfs:label ?kind }}
          OPTIONAL {{ ?c skg:outcome ?same . FILTER(?same = ?o) }} }}"""
    )
    first: dict[tuple[str, str, str], dict[str, str]] = {}
    for r in sorted(rows.dicts(), key=lambda r: (not r["same"], not r["ratio"], r["m"])):
        first.setdefault((r["c"], r["rank"], r["name"]), r)
    found: dict[str, list[str]] = {}
    for (iri, rank, name), r in sorted(first.items()):
        status = "externally qualified" if int(rank) else "externally disputed"
        told = f"{r['kind']} on {r['date']}" if r["kind"] else _figure(r)
        found.setdefault(iri, []).append(f"{status}: {told} ({name})")
    return found


def _figure(row: dict[str, str]) -> str:
    """Return outcome and figure; of a comparison the ratio, since one arm alone says little."""
    many = f"of {row['of']}" if row["of"] else ""
    how = "" if row["how"] == "equal to" else row["how"]
    if row["ratio"]:
        told = ["hazard ratio", row["ratio"]]
    elif row["printed"]:
        told = [how, row["printed"], row["unit"], many]
    elif row["some"]:
        told = [row["some"], many]
    else:
        return ": ".join(x for x in (row["outcome"], row["finding"]) if x)
    return " ".join(x for x in (row["outcome"], *told) if x)


def ended(store: Store, claim: str) -> dict[str, list[str]]:
    """Return by claim what ended a therapy of it, or its approval, in its disease, and when.

    Args:
        store: The graph.
        claim: The pattern that the claims `?c` match.
    """
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?c ?date ?therapy ?kind ?name WHERE {{ {claim}
          ?c skg:involvesTherapy ?t . ?t rdfs:label ?therapy .
          {{ SELECT ?e ?t ?date ?name ?kind WHERE {{ ?e skg:concernsTherapy ?t ;
             skg:checkStatus skg:Checked ; skg:dateAsKnown ?date ; dcterms:identifier ?name ;
             skg:regulatoryEventKind|skg:developmentEventKind ?k . ?k rdfs:label ?kind .
             {{ ?k skg:approvalAfter false }} UNION {{ ?k skg:endsDevelopment true }}
             FILTER NOT EXISTS {{ ?e skg:componentOf ?whole }} }} }}
          FILTER(!EXISTS {{ ?e skg:concernsDisease ?any }} ||
                 EXISTS {{ ?e skg:concernsDisease ?in . ?c skg:aboutDisease/skg:rollsUpTo ?in }})
        }} ORDER BY ?c ?date ?name"""
    )
    found: dict[str, list[str]] = {}
    for r in rows.dicts():
        told = f"ended since {r['date']}: {r['therapy']}, {r['kind']} ({r['name']})"
        found.setdefault(r["c"], []).append(told)
    return found
