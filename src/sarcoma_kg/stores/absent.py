"""Names that a query looks for and a store does not hold: their rows are missing without a word."""

from collections.abc import Mapping

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = ["absent"]

_MOST = 1000
#: Datatypes stand in literals; these names are compared with, not looked for.
_APART = (namespaces.PREFIXES["xsd"], namespaces.PREFIXES["rdf"] + "langString")


def absent(store: Store, names: Mapping[str, str]) -> dict[str, str]:
    """Return those of the names (IRI -> how it is written) that stand in no triple.

    Of very many names the first thousand are looked up.
    """
    asked = [iri for iri in names if namespaces.is_iri(iri) and not iri.startswith(_APART)][:_MOST]
    if not asked:
        return {}
    terms = []
    for iri in asked:
        try:
            terms.append(Term("iri", iri).sparql())
        except ValueError:  # no IRI to the engine
            continue
    found = store.select(
        f"SELECT ?x {{ VALUES ?x {{ {' '.join(terms)} }} FILTER NOT EXISTS "
        "{ { ?x ?p ?o } UNION { ?s ?x ?o } UNION { ?s ?p ?x } } }"
    )
    gone = {row["x"] for row in found.dicts()}
    return {iri: names[iri] for iri in asked if iri in gone}
