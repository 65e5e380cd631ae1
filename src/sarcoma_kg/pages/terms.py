"""A term of the ontology: a class, a property or an individual of the vocabulary."""

from collections.abc import Callable
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages import statements
from sarcoma_kg.pages.claims import ABOUT, Claims
from sarcoma_kg.pages.expressions import filler, words
from sarcoma_kg.pages.facts import Facts, Ref, named

__all__ = ["MATCHES", "is_term", "kind", "mapping", "term", "tree"]

_KINDS = {
    "owl:Class": "Class",
    "owl:ObjectProperty": "Object property",
    "owl:DatatypeProperty": "Data property",
    "owl:AnnotationProperty": "Annotation property",
    "skos:ConceptScheme": "Concept scheme",
    "skos:Concept": "Concept",
    "owl:NamedIndividual": "Individual",
}
_SYNONYMS = {
    "Exact": "oboInOwl:hasExactSynonym",
    "Broad": "oboInOwl:hasBroadSynonym",
    "Narrow": "oboInOwl:hasNarrowSynonym",
    "Related": "oboInOwl:hasRelatedSynonym",
}
#: The mapping predicates of SKOS, nearest first.
MATCHES = tuple(
    named(f"skos:{name}Match") for name in ("exact", "close", "broad", "narrow", "related")
)
_REPLACED = "obo:IAO_0100001"
_UP, _EQUIVALENT, _DISJOINT, _TYPE = (
    named(n) for n in ("rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith", "rdf:type")
)
_TOLD = {
    *MATCHES, *map(named, _SYNONYMS.values()), _UP, _EQUIVALENT, _DISJOINT, named(_REPLACED),
    *map(named, (
        "obo:IAO_0000115", "obo:IAO_0000116", "obo:IAO_0000119", "owl:deprecated",
        "rdfs:subPropertyOf", "owl:propertyChainAxiom", "skos:inScheme",
    )),
}  # fmt: skip
#: What is known of a mapping that stands in no mapping table.
_BARE = {"negated": False, "confidence": "", "justification": None, "comment": ""}
_POINTING = {*ABOUT, _UP, named("rdfs:subPropertyOf"), named("skos:inScheme")}


def kind(facts: Facts, iri: str) -> str:
    """Return what kind of term this is; empty when it is none."""
    types = set(facts.types(iri))
    return next((word for curie, word in _KINDS.items() if named(curie) in types), "")


def is_term(facts: Facts, iri: str) -> bool:
    """Return whether a thing of a user's own is a class, property or the like, no individual."""
    return kind(facts, iri) not in ("", "Individual")


def _placed(facts: Facts, pairs: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    """Return things with the mark whether only the reasoner put them there, by label."""
    found: dict[str, bool] = {}
    for iri, inferred in pairs:
        found[iri] = found.get(iri, True) and inferred
    refs = sorted(map(facts.ref, found), key=lambda ref: (ref.label.casefold(), ref.iri))
    return [{"term": ref, "inferred": found[ref.iri]} for ref in refs]


def _way(facts: Facts, iri: str, up: str) -> list[Ref]:
    """Return one way from the top to a term, asserted parents first."""
    way: list[Ref] = []
    seen = {iri}
    while True:
        parents = sorted(
            (f.inferred, f.value.value)
            for f in facts.about(iri)
            if f.predicate == up and facts.ours(f.value.value)
        )
        if not parents or parents[0][1] in seen:
            return way[::-1]
        iri = parents[0][1]
        seen.add(iri)
        way.append(facts.ref(iri))


def mapping(facts: Facts, iri: str) -> dict[str, Any]:
    """Return a row of the mapping tables (SSSOM) for one sssom:Mapping."""

    def one(curie: str) -> Ref | None:
        return next(iter(facts.refs(iri, curie)), None)

    target = one("owl:annotatedTarget")
    named_so = facts.text(iri, "sssom:object_label")
    if target and not named_so and target.label != namespaces.contract(target.iri):
        named_so = target.label
    return {
        "mapping": Ref(iri, namespaces.contract(iri)),
        "subject": one("owl:annotatedSource"),
        "predicate": one("owl:annotatedProperty"),
        "negated": facts.text(iri, "sssom:predicate_modifier") == "Not",
        "target": target and Ref(target.iri, namespaces.contract(target.iri)),
        "label": named_so,
        "confidence": facts.text(iri, "sssom:confidence"),
        "justification": one("sssom:mapping_justification"),
        "comment": facts.text(iri, "rdfs:comment"),
    }


def _mappings(facts: Facts, iri: str) -> list[dict[str, Any]]:
    rows = [mapping(facts, m) for m in facts.pointing(iri, "owl:annotatedSource")]
    rows = [row for row in rows if row["predicate"] and row["target"]]
    known = {(row["predicate"].iri, row["target"].iri) for row in rows}
    # Matches that no row of a mapping table stands behind, as in a user's own file.
    for predicate in MATCHES:
        for ref in facts.refs(iri, namespaces.contract(predicate)):
            if (predicate, ref.iri) not in known:
                label = ref.label if ref.label != namespaces.contract(ref.iri) else ""
                target = Ref(ref.iri, namespaces.contract(ref.iri))
                row = {"predicate": facts.ref(predicate), "target": target, "label": label}
                rows.append({**_BARE, **row})
    order = {predicate: n for n, predicate in enumerate(MATCHES)}
    return sorted(
        rows,
        key=lambda row: (
            row["negated"],
            order.get(row["predicate"].iri, len(order)),
            row["target"].label,
        ),
    )


def _relations(facts: Facts, iri: str) -> list[dict[str, Any]]:
    """Return existential restrictions and inferred relations: a row a property."""
    notes = facts.notes(iri)
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for fact in facts.about(iri):
        if fact.predicate != _UP or not (some := filler(facts, fact.value)):
            continue
        key = some[1].value if some[1].kind == "iri" else f"_:{some[1].value}"
        sources = [
            facts.cited(value)
            for predicate, value in notes.get((_UP, fact.value), ())
            if predicate == named("dcterms:source")
        ]
        rows.setdefault(some[0], {})[key] = {
            "value": words(facts, some[1]),
            "inferred": fact.inferred,
            "sources": sources,
        }
    for fact in facts.about(iri):
        if (
            fact.inferred
            and fact.value.kind == "iri"
            and fact.predicate not in (_TYPE, *_TOLD, named("skg:rollsUpTo"))
        ):
            rows.setdefault(fact.predicate, {}).setdefault(
                fact.value.value, {"value": words(facts, fact.value), "inferred": True}
            )
    found = [{"property": facts.ref(p), "values": list(v.values())} for p, v in rows.items()]
    return sorted(found, key=lambda row: (row["property"].label.casefold(), row["property"].iri))


def term(facts: Facts, claims: Claims, iri: str) -> dict[str, Any]:
    """Return what the page of a term shows.

    Args:
        facts: The graph.
        claims: Its claims.
        iri: The term.
    """
    notes = facts.notes(iri)
    synonyms = []
    for scope, curie in _SYNONYMS.items():
        names = [
            {
                "text": text.value,
                "kinds": [
                    facts.value(value)
                    for predicate, value in notes.get((named(curie), text), ())
                    if predicate == named("oboInOwl:hasSynonymType")
                ],
            }
            for text in facts.values(iri, curie)
        ]
        if names:
            names.sort(key=lambda name: (str(name["text"]).casefold(), str(name["text"])))
            synonyms.append({"scope": scope, "names": names})
    is_class = named("owl:Class") in facts.types(iri)
    up = _UP if is_class else named("rdfs:subPropertyOf")
    down = [(s, i) for p, s, i in facts.naming(iri) if p == up and facts.ours(s)]
    parents = [
        (f.value.value, f.inferred)
        for f in facts.about(iri)
        if f.predicate == up and f.value.kind == "iri" and f.value.value != iri
    ]
    logic: list[dict[str, Any]] = []
    for fact in facts.about(iri):
        if fact.predicate in (_EQUIVALENT, _DISJOINT) or (
            fact.predicate == _UP and fact.value.kind == "bnode" and not filler(facts, fact.value)
        ):
            joint = {_EQUIVALENT: "is exactly", _DISJOINT: "shares no member with"}
            sources = [
                facts.cited(value)
                for predicate, value in notes.get((fact.predicate, fact.value), ())
                if predicate == named("dcterms:source")
            ]
            logic.append(
                {
                    "joint": joint.get(fact.predicate, "is a kind of"),
                    "words": words(facts, fact.value),
                    "sources": sources,
                }
            )
    for chain in facts.values(iri, "owl:propertyChainAxiom"):
        steps = [words(facts, item) for item in facts.items(f"_:{chain.value}")]
        joined = [part for step in steps for part in (" then ", *step)][1:]
        logic.append({"joint": "follows from", "words": joined, "sources": []})
    relations = _relations(facts, iri)
    about = claims.about(iri)
    told = {*_TOLD, *(row["property"].iri for row in relations), _TYPE if is_class else ""}
    return {
        "kind": kind(facts, iri),
        "definitions": facts.texts(iri, "obo:IAO_0000115"),
        "definition_sources": [
            facts.cited(value) for value in facts.values(iri, "obo:IAO_0000119")
        ],
        "notes": facts.texts(iri, "obo:IAO_0000116"),
        "deprecated": "true" in facts.texts(iri, "owl:deprecated"),
        "replaced_by": facts.refs(iri, _REPLACED),
        "synonyms": synonyms,
        "schemes": facts.refs(iri, "skos:inScheme"),
        "way": _way(facts, iri, up),
        "parents": _placed(facts, parents),
        "children": _placed(facts, down),
        "members": _placed(facts, [(s, False) for s in facts.pointing(iri, "skos:inScheme")]),
        "logic": logic,
        "relations": relations,
        "mappings": _mappings(facts, iri),
        "claims": about,
        "roles_differ": len({tuple(row["roles"]) for row in about}) > 1,
        "claims_below": claims.below(iri),
        "statements": statements.outgoing(facts, iri, told),
        "mentions": statements.incoming(facts, iri, _POINTING),
    }


def tree(
    facts: Facts, claims: Claims, top: str, below: Callable[[str], list[tuple[str, bool]]],
    parents: Callable[[str], list[str]],
) -> dict[str, Any]:  # fmt: skip
    """Return a class with all classes below it, nested, and how many claims are about each.

    Args:
        facts: The graph.
        claims: Its claims.
        top: The class to begin with.
        below: Class -> the classes right below it, and whether the reasoner put them there.
        parents: Class -> the classes right above it.
    """

    def node(iri: str, inferred: bool, way: tuple[str, ...]) -> dict[str, Any]:
        placed = _placed(facts, [(c, i) for c, i in below(iri) if c not in way])
        return {
            "term": facts.ref(iri),
            "inferred": inferred,
            "claims": claims.count(iri),
            "also": sorted(
                (facts.ref(p) for p in parents(iri) if len(way) > 1 and p != way[-2]),
                key=lambda ref: (ref.label.casefold(), ref.iri),
            ),
            "below": [node(p["term"].iri, p["inferred"], (*way, p["term"].iri)) for p in placed],
        }

    return node(top, False, (top,))
