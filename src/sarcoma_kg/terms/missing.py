"""Words for names of a query that the graph does not hold: what may have been meant."""

import difflib
from collections.abc import Iterable, Mapping

from sarcoma_kg.ground import namespaces
from sarcoma_kg.stores.store import Store

__all__ = ["words"]

_OWN = (namespaces.SKG, namespaces.KB)
_MOST_TOLD = 10
_USED = "SELECT DISTINCT ?x { { ?x a ?t } UNION { ?s a ?x } UNION { ?s ?x ?o } }"


def words(store: Store, absent: Mapping[str, str]) -> list[str]:
    """Return a line for each of the names (IRI -> how the query writes it), with a near one.

    What may have been meant is looked for among the names in our namespaces, or in that of the
    name where it has a known prefix.
    """
    if not absent:
        return []
    known = [row["x"] for row in store.select(_USED).dicts()]
    lines = []
    for iri, written in list(absent.items())[:_MOST_TOLD]:
        near = _near(iri, known)
        lines.append(f"{written} is not in the graph" + (f"; perhaps {near}" if near else ""))
    if more := len(absent) - len(lines):
        lines.append(f"{more} more names are not in the graph")
    return lines


def _spaces(iri: str) -> tuple[str, ...]:
    if iri.startswith(_OWN):
        return _OWN
    fits = [space for space in namespaces.PREFIXES.values() if iri.startswith(space)]
    return (max(fits, key=len),) if fits else ()


def _near(iri: str, known: Iterable[str]) -> str:
    """Return the name that may have been meant, as a CURIE; empty when there is none."""
    spaces = _spaces(iri)
    names = {_local(other, spaces): other for other in known if other.startswith(spaces)}
    local = _local(iri, spaces) if spaces else ""
    if local in names:
        return namespaces.contract(names[local])
    if any(c.isdigit() for c in local):
        return ""  # Identifiers are all alike, and a near one is another thing.
    close = difflib.get_close_matches(local, names, 1, 0.8)
    return namespaces.contract(names[close[0]]) if close else ""


def _local(iri: str, spaces: tuple[str, ...]) -> str:
    space = next(space for space in spaces if iri.startswith(space))
    return iri[len(space) :].casefold()
