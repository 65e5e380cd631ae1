"""The process in which a query is judged and answered: `stores.isolated` starts and ends it.

A task in JSON on standard input, an answer in JSON on standard output.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.sparql.term import Term, as_term
from sarcoma_kg.stores import w3c
from sarcoma_kg.stores.absent import absent
from sarcoma_kg.stores.store import EmbeddedStore, Reply, Solutions

__all__ = ["answer", "answer_here", "limit_memory"]

_MEMORY_BYTES = 2 * 1024**3
#: Of all cells together; in memory they take some times more.
_MOST_CHARACTERS = 64 * 1024**2


def answer(task: dict[str, Any], seal: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Judge a query, and answer it when the task names a store.

    Args:
        task: query, where, prefixes; store (empty: judge alone), most, form.
        seal: Called before the query runs: what it could open, it has no business opening.

    Returns:
        What `isolated.run` or `isolated.judge` need; or `refused`, a message and a hint.
    """
    known = namespaces.PREFIXES if task["prefixes"] else None
    try:
        text = guard.check_read_only(task["query"], task["where"], known)
        seen = outline(text)
        if not task["store"]:
            return {"text": text, "outline": seen}
        w3c.check(seen.form, task["form"])
        store = EmbeddedStore.open(task["store"])
        seal()
        form, solutions = _reply(store.inner, text, task["where"], task["most"])
        solutions = solutions.ordered(seen.variables)
        return {
            "form": form, "variables": solutions.variables, "rows": solutions.rows,
            "absent": absent(store, seen.names),
        }  # fmt: skip
    except UserError as error:
        return {"refused": [error.message, error.hint]}


def answer_here(store: EmbeddedStore, query: str, most: int) -> Reply:
    """Judge and answer a query in this process, which somebody else can end.

    Args:
        store: The graph.
        query: SPARQL as somebody typed it; known prefixes need not be declared.
        most: Largest number of rows.

    Raises:
        UserError: the guard or the engine refuses the query, or a limit is passed.
    """
    text = guard.check_read_only(query, "the query", namespaces.PREFIXES)
    seen = outline(text)
    form, solutions = _reply(store.inner, text, "the query", most)
    return Reply(form, solutions.ordered(seen.variables), absent(store, seen.names))


def _reply(store: ox.Store, text: str, where: str, most: int) -> tuple[str, Solutions]:
    try:
        result = store.query(text)
        if isinstance(result, ox.QueryBoolean):
            truth = Term(
                "literal", str(bool(result)).lower(), namespaces.PREFIXES["xsd"] + "boolean"
            )
            return "ASK", Solutions(["result"], [(truth,)])
        if isinstance(result, ox.QueryTriples):
            columns = ["subject", "predicate", "object"]
            return "GRAPH", Solutions(columns, list(_bounded(result, most)))
        variables = [variable.value for variable in result.variables]
        return "SELECT", Solutions(variables, list(_bounded(result, most)))
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"{where}: the engine refuses the query: {first}") from error


def _bounded(found: Iterable[Iterable[object]], most: int) -> Iterator[tuple[Term | None, ...]]:
    characters = 0
    for count, nodes in enumerate(found):
        if count == most:
            raise UserError(
                f"the query has more than {most} rows", "add LIMIT, or raise --max-rows"
            )
        row = tuple(as_term(node) for node in nodes)
        characters += sum(len(term.value) for term in row if term)
        if characters > _MOST_CHARACTERS:
            raise UserError(
                f"the answer is larger than {_MOST_CHARACTERS // 1024**2} million characters",
                "add LIMIT, or ask for fewer variables",
            )
        yield row


def limit_memory() -> None:
    """Allow this process 2 GiB of addresses from now on."""
    try:
        import resource
    except ImportError:  # not on Windows; the time and row limits still hold there
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    # The user may have allowed less.
    if most == resource.RLIM_INFINITY or most > _MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _limit_files() -> None:
    """Allow no further file or connection."""
    try:
        import resource
    except ImportError:
        return
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


if __name__ == "__main__":
    limit_memory()
    json.dump(answer(json.load(sys.stdin), _limit_files), sys.stdout)
