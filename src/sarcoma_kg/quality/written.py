"""Data as they are written, for shapes that ask about terms and not about values."""

from collections.abc import Collection

import pyoxigraph as ox

from sarcoma_kg import shacl
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.shacl import exact
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Written"]


class Written:
    """Triples in stores that do not change what SHACL asks about.

    Args:
        triples: What was read.

    Attributes:
        triples: The same.
        store: Holds them as module `shacl.exact` writes them.
        plain: Holds them in the engine's own form, where that is another.
        changed: The literals that the engine would change.
    """

    def __init__(self, triples: Collection[ox.Triple]) -> None:
        self.triples = triples
        self.changed = exact.altered(triples)
        self.store = EmbeddedStore(ox.Store())
        self.store.inner.bulk_extend(exact.written(triples, self.changed))
        self.plain = self.store
        if self.changed:
            self.plain = EmbeddedStore(ox.Store())
            self.plain.inner.bulk_extend(ox.Quad(*triple) for triple in triples)

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
        if self.changed and any(query.constraint is not None for query in plan.queries):
            message = (
                f"The engine keeps {len(self.changed)} literal(s) in another form, such as "
                f"{min(map(str, self.changed))[:100]}; the queries of sh:sparql saw that form."
            )
            found.append(Finding("note", "part(s) asked of values", "sh:sparql", "", "", message))
        return found


def _compares(component: str) -> bool:
    name = component.rsplit("#", 1)[-1].removesuffix("ConstraintComponent")
    return name in {
        "MinExclusive", "MinInclusive", "MaxExclusive", "MaxInclusive", "LessThan",
        "LessThanOrEquals", "Datatype",
    }  # fmt: skip
