"""Every name and identifier of the graph at hand, for rows by the million.

`terms.lookup` asks the store anew for each thing that a person types; here all is read once.
"""

import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from sarcoma_kg.ground import namespaces
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["Index"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "skos", "owl", "rdfs")
)
#: Labels and exact synonyms; other synonyms mean something near.
_EXACT = 1


class Index:
    """Names, identifiers (skos:exactMatch alone) and what stands above each class."""

    def __init__(self, store: Store) -> None:
        above: dict[str, set[str]] = defaultdict(set)
        rows = store.select(
            f"{_PROLOGUE}SELECT ?t ?a WHERE {{ ?t a owl:Class ; skg:rollsUpTo ?a }}"
        )
        for row in rows.dicts():
            above[row["t"]].add(row["a"])
        self._above = {term: frozenset(classes) for term, classes in above.items()}
        self._coded: dict[str, set[str]] = defaultdict(set)
        self._codes: dict[str, set[str]] = defaultdict(set)
        rows = store.select(f"{_PROLOGUE}SELECT ?t ?x WHERE {{ ?t skos:exactMatch ?x }}")
        for row in rows.dicts():
            self._coded[row["x"]].add(row["t"])
            self._codes[row["t"]].add(row["x"])
        self._named: dict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, str] = {}
        self._all = lookup.names(store)
        for name in self._all:
            if name.rank <= _EXACT:
                self._named[lookup.fold(name.text)].add(name.iri)
            if name.rank == 0:
                self._labels.setdefault(name.iri, name.text)
        rows = store.select(
            f"{_PROLOGUE}SELECT ?v ?s ?l WHERE {{ ?v skos:inScheme ?s ; rdfs:label ?l }}"
        )
        self.values: dict[str, str] = {}
        self.schemes: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows.dicts():
            self.values[row["v"]] = row["l"]
            self.schemes[row["s"]][lookup.fold(row["l"])] = row["v"]
        self.by_code = lru_cache(100_000)(self._by_code)
        self.by_name = lru_cache(100_000)(self._by_name)
        self.nearest = lru_cache(10_000)(self._nearest)

    @property
    def digest(self) -> str:
        """SHA-256 over all that the index knows."""
        lines = [f"{t} {' '.join(sorted(a))}" for t, a in sorted(self._above.items())]
        lines += [f"{x} {' '.join(sorted(t))}" for x, t in sorted(self._coded.items())]
        lines += [f"{n.iri} {n.rank} {n.text}" for n in self._all]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def has(self, iri: str) -> bool:
        """Tell whether a class of the graph has the IRI."""
        return iri in self._above

    def value(self, label: str, scheme: str) -> str:
        """Return the value of a list with a label; empty where there is none."""
        return self.schemes[scheme].get(lookup.fold(label), "")

    def label(self, iri: str) -> str:
        """Return the label of a class or of a value of a list, or its CURIE."""
        return self._labels.get(iri) or self.values.get(iri) or namespaces.contract(iri)

    def below(self, iri: str, kinds: tuple[str, ...]) -> bool:
        """Tell whether a class is of one of the kinds, given as classes."""
        return not self._above.get(iri, frozenset()).isdisjoint(kinds)

    def codes(self, iri: str, space: str) -> set[str]:
        """Return the identifiers of a class in a namespace."""
        return {code for code in self._codes.get(iri, ()) if code.startswith(space)}

    def _of(self, found: Iterable[str], kinds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(iri for iri in found if self.below(iri, kinds)))

    def _by_code(self, code: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Return the classes of the kinds that are exactly what an identifier (IRI) means."""
        own = {code} if code in self._above else set()
        return self._of(self._coded.get(code, set()) | own, kinds)

    def _by_name(self, name: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Return the classes of the kinds with this label or exact synonym."""
        return self._of(self._named.get(lookup.fold(name), ()), kinds)

    def _nearest(self, name: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Return up to three labels of the kinds that are near to a name."""
        wanted = lookup.fold(name)[:200]
        known = {
            lookup.fold(n.text): n.iri for n in reversed(self._all) if self.below(n.iri, kinds)
        }
        close = difflib.get_close_matches(wanted, known, 3, 0.7)
        return tuple(dict.fromkeys(self.label(known[found]) for found in close))
