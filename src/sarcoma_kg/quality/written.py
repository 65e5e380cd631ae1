"""Data as they are written, for shapes that ask about terms and not about values."""

from collections.abc import Collection, Iterable
from functools import cached_property

import pyoxigraph as ox

from sarcoma_kg import shacl
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.shacl import dependence, exact
from sarcoma_kg.stores.lexical import LOCK, LexicalStore
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = ["Written"]


class Written:
    """Triples in stores that do not change what SHACL asks about.

    Args:
        triples: What was read.
        plain: A store that holds them in the engine's own form, where there is one.

    Attributes:
        triples: The same.
        store: Holds them as module `shacl.exact` writes them.
        plain: Holds them in the engine's own form, where that is another.
        changed: The literals that the engine would change.
    """

    def __init__(self, triples: Collection[ox.Triple], plain: EmbeddedStore | None = None) -> None:
        self.triples = triples
        self.changed = exact.altered(triples)
        self.plain = plain or _store(ox.Quad(*triple) for triple in triples)
        self.store = self.plain
        if self.changed:
            self.store = _store(exact.written(triples, self.changed))
        self._depends: dict[str, bool] = {}

    @cached_property
    def _predicates(self) -> frozenset[str]:
        return frozenset(t.predicate.value for t in self.triples if t.object in self.changed)

    @cached_property
    def _lexical(self) -> LexicalStore:
        return LexicalStore(self.triples)

    def for_query(self, query: str) -> Store:
        """Return where a query of sh:sparql is to be asked.

        The engine's own form does, unless the query may tell how a changed literal is written.

        Raises:
            ValueError: rdflib, which tells that, cannot read the query.
        """
        if not self.changed:
            return self.plain
        with LOCK:
            if query not in self._depends:
                self._depends[query] = dependence.depends(query, self._predicates)
            return self._lexical if self._depends[query] else self.plain

    def askable(self, plan: shacl.Plan) -> shacl.Plan:
        """Return the plan without the queries of sh:sparql that cannot be asked of these terms.

        What is left out is told in `refused`.
        """
        kept, refused = [], []
        for query in plan.queries:
            try:
                if query.constraint is not None:
                    self.for_query(query.text)
                kept.append(query)
            except ValueError as error:
                words = (
                    "sh:sparql was not asked: the data holds a literal that the engine keeps in "
                    f"another form, such as {min(map(str, self.changed))[:100]}, and rdflib, which "
                    f"keeps it, cannot read the query: {str(error)[:200]}"
                )
                refused.append(shacl.Notice(query.shape, words))
        return plan._replace(queries=tuple(kept), refused=(*plan.refused, *refused))

    def limits(self, plan: shacl.Plan) -> list[Finding]:
        """Return what of a plan cannot be asked of the terms as they are written."""
        found = []
        far = exact.beyond(self.changed, self.triples)
        if far and any(_compares(query.component) for query in plan.queries):
            message = (
                f"{len(far)} number(s), such as {far[0].value[:60]}, lie beyond the range of the "
                "engine, so constraints that compare them were not decided."
            )
            found.append(Finding("incomplete", "not asked", "numbers", "", "", message))
        asked = [q for q in plan.queries if q.constraint is not None]
        slow = sum(self.for_query(query.text) is not self.plain for query in asked)
        if slow:
            message = (
                f"{slow} quer(ies) of sh:sparql can meet one of {len(self.changed)} literal(s) "
                f"that the engine keeps in another form, such as "
                f"{min(map(str, self.changed))[:100]}; they were asked of rdflib instead."
            )
            found.append(Finding("note", "asked of rdflib", "sh:sparql", "", "", message))
        return found


def _store(quads: Iterable[ox.Quad]) -> EmbeddedStore:
    store = EmbeddedStore(ox.Store())
    store.inner.bulk_extend(quads)
    return store


def _compares(component: str) -> bool:
    name = component.rsplit("#", 1)[-1].removesuffix("ConstraintComponent")
    return name in {
        "MinExclusive", "MinInclusive", "MaxExclusive", "MaxInclusive", "LessThan",
        "LessThanOrEquals", "Datatype",
    }  # fmt: skip
