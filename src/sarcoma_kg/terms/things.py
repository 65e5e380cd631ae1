"""From what people type to anything of the graph: terms, claims, evidence, references, sources."""

import re
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["RECORDS", "Thing", "find"]

#: Kinds of things that are no classes, in the order in which their names are tried.
RECORDS = ("Claim", "Evidence", "Reference", "Source", "Proposition", "Value", "Record")
#: A reference as it is printed, and as one speaks of it.
_CITED = re.compile(
    r"\[\s*([0-9]{1,4})\s*\]|(?:ref|reference)\b\.?\s*\[?([0-9]{1,4})\]?", re.IGNORECASE
)
_MOST = 80
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("dcterms", "rdfs", "skg", "owl")
)


class Thing(NamedTuple):
    """A thing of the graph; the kind as `lookup.kind_of` gives it, 'Class' for other classes."""

    kind: str
    iri: str


def find(store: Store, words: str) -> list[Thing]:
    """Return the things that `words` name; several where the name is ambiguous.

    Args:
        store: The graph.
        words: A label, synonym, identifier, IRI, CURIE or code, in any case; [38] and ref 38 are
            a reference.

    Raises:
        NotFound: nothing is called so; with the nearest names.
    """
    words = words.strip()
    if not words:
        raise UserError("the name is empty", "give a label, synonym, CURIE or claim number")
    iris = _by_identifier(store, words)
    near: list[str] = []
    if not iris:
        iris, near = lookup.search(store, words)
    if iris:
        return [Thing(lookup.kind_of(store, iri) or "Class", iri) for iri in iris]
    wanted = lookup.fold(words)
    for kind in RECORDS:
        known = lookup.names(store, kind)
        hits = sorted({n.iri for n in known if lookup.fold(n.text) == wanted})
        if hits:
            return [Thing(kind, iri) for iri in hits]
        near += lookup.nearest(known, words, 2)
    near = list(dict.fromkeys(near))[:5]
    shown = words if len(words) <= _MOST else words[: _MOST - 1] + "…"
    raise lookup.NotFound(
        f"no term is called '{shown}'",
        f"perhaps: {'; '.join(near)}" if near else "",
        near=near,
    )


def _by_identifier(store: Store, words: str) -> list[str]:
    """Return the records with this identifier, as it is written or in capitals."""
    if cited := _CITED.fullmatch(words):
        pattern = f"?t skg:referenceNumber ?n . FILTER(?n = {int(cited[1] or cited[2])})"
    else:
        forms = " ".join(Term("literal", w).sparql() for w in dict.fromkeys((words, words.upper())))
        # A class has names that mean it; an identifier of a class is one of them.
        pattern = (
            f"VALUES ?n {{ {forms} }} ?t dcterms:identifier ?n . "
            "FILTER NOT EXISTS { ?t a owl:Class }"
        )
    rows = store.select(f"{_PROLOGUE}SELECT DISTINCT ?t WHERE {{ {pattern} }} ORDER BY ?t")
    return [row["t"] for row in rows.dicts()]
