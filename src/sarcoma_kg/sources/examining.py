"""Records against the shapes, together with the graph: a part of a long table at a time."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.quality import validation
from sarcoma_kg.sources.ledger import Entry
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Examiner", "Tried", "examined"]

Broken = dict[str, list[Finding]]

#: Parts that are held against the shapes at once, while the next is made.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a row: the IRI of its record and its sorted lines, or why it has none."""

    number: int
    key: str
    iri: str
    lines: str
    entries: list[Entry]


class Examiner:
    """Finds what breaks a shape in records, beside the graph that they are about."""

    def __init__(self, graph: Sequence[Path], about: Iterable[str], *, whole: bool) -> None:
        """Prepare for records.

        Args:
            graph: The triples of the graph as files of N-Triples.
            about: Lines that all records rest on, as those of the dump.
            whole: All records come at once. Else shapes that look at nothing in a part are not
                asked, and what a record says of one in another part is not seen.
        """
        self._graph, self._about, self._whole = graph, "".join(about), whole
        self._before: Mapping[str, int] | None = None
        if not whole:
            self._before = validation.focused(EmbeddedStore(self._store()))

    def _store(self) -> ox.Store:
        store = ox.Store()
        for part in self._graph:
            store.load(path=str(part), format=ox.RdfFormat.N_TRIPLES, lenient=True)
        return store

    def broken(self, rows: Sequence[Tried]) -> Broken:
        """Return what breaks a shape, by the IRI of the node that it is about."""
        store = self._store()
        lines = "".join([self._about, *(row.lines for row in rows)])
        # Their IRIs were looked at as they were made; a store in memory has no faster bulk load.
        store.load(lines, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        report = validation.validate(EmbeddedStore(store), before=self._before, threads=1)
        found: Broken = {}
        for finding in report.findings:
            if finding.severity in ("violation", "incomplete"):
                focus = namespaces.expand(finding.focus) or finding.focus
                found.setdefault(focus, []).append(finding)
        return found


def examined(
    parts: Iterable[list[Tried]], examiner: Examiner | None
) -> Iterator[tuple[list[Tried], Broken]]:
    """Yield each part with what is broken in it; the next is made meanwhile."""
    if examiner is None:
        yield from ((part, {}) for part in parts)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: deque[tuple[list[Tried], Future[Broken]]] = deque()
        for part in parts:
            waiting.append((part, pool.submit(examiner.broken, part)))
            if len(waiting) == _AT_ONCE:
                tried, broken = waiting.popleft()
                yield tried, broken.result()
        while waiting:
            tried, broken = waiting.popleft()
            yield tried, broken.result()
