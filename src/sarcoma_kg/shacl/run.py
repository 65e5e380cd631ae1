"""Running a plan over a store: rows of queries become validation results."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple, TypeVar

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl.exact import restored
from sarcoma_kg.shacl.graph import name
from sarcoma_kg.shacl.guards import Guard
from sarcoma_kg.shacl.logic import union
from sarcoma_kg.shacl.paths import Path
from sarcoma_kg.shacl.plan import Plan
from sarcoma_kg.shacl.queries import Query
from sarcoma_kg.shacl.shapes import Notice
from sarcoma_kg.shacl.sparql import PLACEHOLDER
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Row, Store

__all__ = ["MANY", "Result", "focused", "grown", "idle", "readable", "validate"]

T = TypeVar("T")
J = TypeVar("J")

# So many focus nodes are named in one query; when more than the other number are at fault, the
# query is asked of all nodes, since that costs less.
_AT_ONCE, _FEW = 10_000, 200_000
#: From this number of focus nodes on, guards are asked.
MANY = 500
_PATTERNS = (
    "look-around is no part of XPath's regular expressions; back-references are, but this engine "
    "has none; pySHACL reads both (--engine pyshacl)"
)
# So many shapes are asked for one of their nodes in one query.
_PROBES = 32
# To look a node up costs as much as to read so many rows in order.
_LOOKUP = 30
_MOST = 10_000_000
# Other patterns take longer to count than that is worth.
_PLAIN = re.compile(r"\S+ <[^>]*> \S+ \.")


class Result(NamedTuple):
    """A validation result (section 3.6.2).

    Attributes:
        focus: The focus node.
        path: The path of the property shape, or the predicate that sh:closed or sh:sparql names.
        value: The value node at fault, where there is one.
        component: The IRI of the constraint component.
        source_shape: The shape; a blank node has its label in the shapes graph.
        severity: The IRI of the severity.
        messages: Texts for people, with their languages.
        source_constraint: The constraint, for sh:sparql.
    """

    focus: Term
    path: Path | None
    value: Term | None
    component: str
    source_shape: Term
    severity: str
    messages: tuple[Term, ...]
    source_constraint: Term | None = None


def validate(
    plan: Plan,
    store: Store,
    *,
    threads: int = 1,
    guards_from: int | None = MANY,
    progress: Callable[[int, int], None] | None = None,
    for_query: Callable[[str], Store] | None = None,
) -> Iterator[Result]:
    """Yield the results of a plan, as they are found.

    Args:
        plan: The compiled shapes.
        store: The data, in its default graph.
        threads: How many queries are asked at once; more than one only helps, and is only safe,
            where the store answers several threads.
        guards_from: From so many focus nodes on, ask first for those at fault, where that reads
            less than looking each up; 0 is always. None is never, for engines other than Oxigraph:
            they need not answer MINUS and subqueries by hash joins.
        progress: Called with the number of queries done and the number of all.
        for_query: Gives the store of which a query of sh:sparql is asked, when `store` holds the
            data as module `exact` writes them.
    """
    plan = readable(plan, store)
    sizes = _Sizes(store)
    jobs: dict[Guard | int, list[Query]] = {}
    for at, query in enumerate(plan.queries):
        if guards_from is None:
            query = query.elsewhere()
        guarded = guards_from is not None and query.guard.texts
        jobs.setdefault(query.guard if guarded else at, []).append(query)

    def ask(job: Guard | int) -> Iterator[tuple[Query, Row | None]]:
        """Yield the rows for the queries behind a guard; None is the end of a query."""
        found: dict[Row, None] | None = None
        asks = [query.text for query in jobs[job] if query.constraint is not None]
        where = for_query(asks[0]) if asks and for_query is not None else store
        if isinstance(job, Guard) and sizes.favour(job, jobs[job], guards_from or 0):
            found = {}
            for text in job.texts:
                found.update(dict.fromkeys(islice(where.iterate(text), _FEW + 1)))
        for query in jobs[job]:
            texts = [query.text] if sizes.count("?this", query.focus, 1) else []
            if found is not None:
                texts = _narrowed(query, list(found))
            for text in texts:
                for row in where.iterate(text):
                    yield query, row
            yield query, None

    done = 0
    for query, row in _in_order(ask, list(jobs), threads):
        if row is not None:
            terms = (restored(term) if term else term for term in row)
            yield _result(query, dict(zip(query.columns, terms, strict=False)))
            continue
        done += 1
        if progress:
            progress(done, len(plan.queries))


def idle(plan: Plan, store: Store) -> list[Term]:
    """Return the shapes with targets of which no node is one.

    Args:
        plan: The compiled shapes.
        store: The data, in its default graph.
    """
    found = set()
    for start in range(0, len(plan.targeted), _PROBES):
        probes = [
            f"{{ SELECT ({at} AS ?shape) WHERE {{ {focus} }} LIMIT 1 }}"
            for at, (_, focus) in enumerate(plan.targeted[start : start + _PROBES], start)
        ]
        for row in store.iterate(f"SELECT ?shape WHERE {{ {union(probes)} }}"):
            if row[0]:
                found.add(int(row[0].value))
    return [shape for at, (shape, _) in enumerate(plan.targeted) if at not in found]


def focused(plan: Plan, store: Store) -> dict[str, int]:
    """Return how many focus nodes each pattern finds that a query of the plan begins with."""
    sizes = _Sizes(store)
    return {query.focus: sizes.count("?this", query.focus, _MOST) for query in plan.queries}


def grown(plan: Plan, store: Store, before: Mapping[str, int]) -> Plan:
    """Return the plan without the queries that have no more focus nodes than before.

    Args:
        plan: The compiled shapes.
        store: The data, to which something was added.
        before: What `focused` returned for the data before.
    """
    now = focused(plan, store)
    more = tuple(query for query in plan.queries if now[query.focus] > before[query.focus])
    return plan._replace(queries=more)


class _Sizes:
    """Counts what graph patterns match, each once.

    Args:
        store: The data.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[int, int]] = {}

    def count(self, chosen: str, pattern: str, most: int) -> int:
        """Return the number of solutions, or `most` where there are more.

        Args:
            chosen: The variables of a solution, or '*'.
            pattern: The graph pattern.
            most: Where to stop.
        """
        stopped, count = self._known.get(pattern, (0, 0))
        if count == stopped < most:
            text = f"{{ SELECT {chosen} WHERE {{ {pattern} }} LIMIT {most} }}"
            (row,) = self._store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {text} }}").rows
            count = int(row[0].value) if row[0] else 0
            self._known[pattern] = most, count
        return min(count, most)

    def favour(self, guard: Guard, queries: list[Query], least: int) -> bool:
        """Tell whether to ask a guard costs less than to look up the focus nodes of its queries.

        Args:
            guard: The guard.
            queries: The queries behind it.
            least: With fewer focus nodes than this, no guard is asked; 0 is always.
        """
        if not least:
            return True
        if all(self.count("?this", query.focus, least) < least for query in queries):
            return False
        nodes = [self.count("?this", query.focus, _MOST) for query in queries]
        left = _LOOKUP * sum(nodes)
        for pattern in filter(_PLAIN.fullmatch, guard.scans):
            names = dict.fromkeys(re.findall(r"\?\w+", pattern))
            for at, variable in enumerate(names):
                pattern = re.sub(rf"\{variable}\b", f"?n{at}", pattern)
            left -= self.count("*", pattern, left + 1)
            if left < 0:
                return False
        return True


def _in_order(ask: Callable[[J], Iterator[T]], jobs: list[J], threads: int) -> Iterator[T]:
    """Yield what the jobs yield, in their order, while some of them run ahead."""
    if threads < 2:
        for job in jobs:
            yield from ask(job)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[list[T]]] = deque()
        todo = iter(jobs)
        try:
            while True:
                waiting += [
                    pool.submit(lambda job: list(ask(job)), job)
                    for job in islice(todo, 8 * threads - len(waiting))
                ]
                if not waiting:
                    return
                yield from waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def _narrowed(query: Query, found: list[Row]) -> list[str]:
    """Return the query for the focus nodes that its guard has found, in parts."""
    nodes = [row[0] for row in found if row[0]]
    named = query.guard.names_nodes and all(node.kind != "bnode" for node in nodes)
    if found and (len(found) > _FEW or not named):
        return [query.text]
    starts = range(0, len(nodes), _AT_ONCE)
    return [query.about(nodes[start : start + _AT_ONCE]) for start in starts]


def readable(plan: Plan, store: Store) -> Plan:
    """Return the plan without the queries whose regular expressions the engine cannot read.

    They would match nothing, silently. What is left out is told in `refused`.
    """
    broken = dict(_unreadable(plan, store))
    if not broken:
        return plan
    ends = tuple(call.removeprefix('REGEX("", ') for call in broken)

    def sound(text: str) -> bool:
        return not any(end in text for end in ends)

    kept = tuple(
        query if all(map(sound, query.guard.texts)) else query._replace(guard=Guard())
        for query in plan.queries
        if sound(query.text)
    )
    gone = {query.shape for query in plan.queries} - {query.shape for query in kept}
    notices = [
        Notice(shape, f"the engine cannot read the sh:pattern in {call}: {_PATTERNS}")
        for call, shape in broken.items()
    ]
    notices += [
        Notice(shape, "a constraint rests on a sh:pattern that the engine cannot read")
        for shape in sorted(gone - set(broken.values()))
    ]
    return plan._replace(
        queries=kept,
        patterns=tuple(pair for pair in plan.patterns if pair[0] not in broken),
        refused=(*plan.refused, *notices),
    )


def _unreadable(plan: Plan, store: Store) -> Iterator[tuple[str, Term]]:
    """Yield the calls of REGEX that the engine cannot read, and whose they are."""
    for start in range(0, len(plan.patterns), 100):
        part = plan.patterns[start : start + 100]
        calls = enumerate(call for call, _ in part)
        chosen = " ".join(f"(COALESCE(IF({call}, 1, 1), 0) AS ?p{at})" for at, call in calls)
        for row in store.select(f"SELECT {chosen} WHERE {{}}").rows:
            for (call, shape), term in zip(part, row, strict=True):
                if term is None or term.value == "0":
                    yield call, shape


def _result(query: Query, row: dict[str, Term | None]) -> Result:
    """Return the result for one row."""
    focus = row["this"]
    if focus is None:
        raise UserError(f"{name(query.shape)}: a query left $this without a value")
    if (failure := row.get("failure")) and failure.value in ("true", "1"):
        raise UserError(f"{name(query.shape)}: the query of sh:sparql reports a failure")
    path = query.path
    if (found := row.get("path")) and found.kind == "iri":
        path = Path("predicate", found.value)
    return Result(
        focus,
        path,
        row.get("value") or (focus if query.about_focus else None),
        query.component,
        query.shape,
        query.severity,
        _messages(query, row),
        query.constraint,
    )


def _messages(query: Query, row: dict[str, Term | None]) -> tuple[Term, ...]:
    """Return the messages of a row, with the placeholders of sh:sparql filled (section 5.3.2)."""
    if query.constraint is None:
        return query.messages
    if message := row.get("message"):
        return (message,)

    def fill(message: Term) -> Term:
        def value(match: re.Match[str]) -> str:
            term = row.get(match.group(1))
            return term.value if term else match.group()

        return message._replace(value=PLACEHOLDER.sub(value, message.value))

    return tuple(fill(message) for message in query.messages)
