"""Mutated queries through guard and engine, with a listener that counts who calls.

python -m tests.sparql.fuzz --count 100000 --seed 1

Each query goes the way of `sarcoma-kg query`, through `stores.worker.answer`, in a process with the
worker's limit of memory that serves many queries; whoever takes too long or dies is told and
replaced. What the worker does besides, taking away the right to open connections, is left out, so
that a call is heard; and where the syntax is broken, which a slow parser tells, is asked for one
query in ten. Found is: a call; a fault that is no message; a death without a word; a query
that passes and in whose parse tree another parser sees SERVICE or FROM.
"""

import argparse
import itertools
import json
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.tokens import without_escapes
from sarcoma_kg.stores import worker
from sarcoma_kg.stores.store import EmbeddedStore
from tests import machine
from tests.listener import listening
from tests.sparql import mutated
from tests.sparql.parsing_guard import reaches_out

__all__ = ["Found", "Tally", "fuzz", "main"]

#: Seconds for one query.
LIMIT = 5.0
#: "none" takes the guard away, to see what a run finds without it.
GUARD = "whole"
_DATA = """INSERT DATA {
  <https://w3id.org/sarcoma-kg/id/c> a <https://w3id.org/sarcoma-kg/ontology/Claim> ;
    <http://www.w3.org/2000/01/rdf-schema#label> "a"@en, "SERVICE" ;
    <http://example.org/from> -0.5, 1, <http://example.org/service>, _:b .
  <http://example.org/service> <http://example.org/p> <https://w3id.org/sarcoma-kg/id/c> }"""


class Found(NamedTuple):
    """A query that did what none may do."""

    what: str
    query: str


class Tally(NamedTuple):
    """What became of the queries: the slowest in seconds, the most memory in MB, what is wrong."""

    ends: Counter[str]
    slowest: float
    memory: int
    found: list[Found]


def _serve(pipe: Connection, store: str, judge: str) -> None:
    """Answer tasks, in a process with the worker's limit of memory."""
    worker.limit_memory()
    if judge == "none":
        setattr(guard, "check_read_only", lambda query, *_: query)  # noqa: B010
    opened = EmbeddedStore.open(store)
    EmbeddedStore.open = classmethod(lambda *_: opened)  # type: ignore[method-assign, assignment]
    place: Callable[[str, str], guard._Fault] = guard._fault
    for number in itertools.count():
        query = pipe.recv()
        setattr(guard, "_fault", _nowhere if number % 10 else place)  # noqa: B010
        task = {"query": query, "where": "-", "prefixes": True, "form": None}
        try:
            answer = worker.answer({**task, "store": store, "most": 1000})
            end, said = "answered", ""
            if "refused" in answer:
                end, said = "refused", answer["refused"][0]
            json.dumps(answer)
        except MemoryError:
            end, said = "out of memory", "MemoryError"
        except BaseException:  # a panic of the engine stands beside Exception
            end, said = "fault", traceback.format_exc()
        pipe.send((end, said, round(machine.peak())))


def _nowhere(_query: str, said: str) -> guard._Fault:
    return guard._Fault(0, 0, said)


def _seen_by_another(query: str) -> bool:
    """Tell whether another parser sees SERVICE or FROM in a query that passed."""
    text = without_escapes(query.replace("\r", "\n"))
    return any(word in text.upper() for word in ("SERVICE", "FROM")) and bool(reaches_out(text))


class _Child:
    """The process that answers, begun anew when it ends."""

    def __init__(self, store: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there, store, GUARD), daemon=True)
        self.process.start()
        there.close()

    def ask(self, query: str) -> tuple[str, str, int] | None:
        """Return how it ended, what was said, and the memory in MB; None past the limit."""
        self.pipe.send(query)
        if not self.pipe.poll(LIMIT):
            return None
        try:
            answer: tuple[str, str, int] = self.pipe.recv()
        except EOFError:
            self.process.join()
            code = self.process.exitcode or 0
            told = processes.death("the query", code, "")
            known = isinstance(told, UserError) or -code in (6, 7, 11)
            return ("died, told" if known else "fault", f"{code}: {told}", 0)
        return answer

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def fuzz(count: int, seed: int, *, progress: bool = False) -> Tally:
    """Return what became of `count` mutated queries; the same for the same seed."""
    ends: Counter[str] = Counter()
    found: list[Found] = []
    slowest, memory, told = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder, listening() as listener:
        store = ox.Store(folder)
        store.update(_DATA)
        store.flush()
        del store
        pieces = mutated.hostile(listener.addresses)
        child = _Child(folder)
        try:
            for number in range(count):
                query = mutated.mutate(random.Random(f"{seed}/{number}"), pieces)
                began, calls = time.monotonic(), listener.contacts
                answer = child.ask(query)
                slowest = max(slowest, time.monotonic() - began)
                end, said, used = answer or ("stopped at the limit", "", 0)
                memory = max(memory, used)
                ends[end] += 1
                if end in ("stopped at the limit", "died, told", "out of memory"):
                    child.end()
                    child = _Child(folder)
                if listener.contacts > calls:
                    found.append(Found("a call", query))
                if end == "fault" or (end == "refused" and not said.strip()):
                    found.append(Found(f"a fault: {said}", query))
                if end == "fault":
                    child.end()
                    child = _Child(folder)
                if end == "answered" and _seen_by_another(query):
                    found.append(Found("another parser sees SERVICE or FROM", query))
                if progress and len(found) > told:
                    sys.stderr.write(f"{found[-1]}\n")
                    told = len(found)
                if progress and number % 1000 == 999:
                    sys.stderr.write(f"{number + 1}: {dict(ends)}, {len(found)} found\n")
        finally:
            child.end()
        time.sleep(0.2)
        if listener.contacts and not any(f.what == "a call" for f in found):
            found.append(Found("a call after its query", ""))
    return Tally(ends, slowest, memory, found)


def main(words: list[str]) -> int:
    """Run, print what was found; return 1 when something was."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.sparql.fuzz")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the queries that found something")
    asked = parser.parse_args(words)
    tally = fuzz(asked.count, asked.seed, progress=True)
    for number, found in enumerate(tally.found):
        sys.stdout.write(f"{found.what}\n{found.query!r}\n\n")
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            (asked.keep / f"{asked.seed}-{number}.rq").write_text(
                found.query, "utf-8", "surrogatepass"
            )
    sys.stdout.write(
        f"{asked.count:,} queries, seed {asked.seed}: {dict(tally.ends)}; slowest "
        f"{tally.slowest:.1f} s, most memory {tally.memory} MB; {len(tally.found)} found\n"
    )
    return int(bool(tally.found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
