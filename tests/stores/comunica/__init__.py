"""Comunica for the tests: a SPARQL engine in JavaScript that asks several sources as if one.

`make` installs its packages into a folder that the tests only look at.

Over two endpoints it sends each pattern to both, and joins what they answer. Two of its optimisers
are idle for that, since with them answers are wrong; test_comunica.py has a query for each.
Over two documents, which it loads and asks in memory, all optimisers are at work.
"""

import json
import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground.namespaces import KB, PREFIXES
from sarcoma_kg.sparql.term import as_term
from sarcoma_kg.stores.store import Solutions
from tests import machine
from tests.stores.sparql_server import Served

_HERE = Path(__file__).parent
_PACKAGE = "@comunica/query-sparql"
_CURATORS = KB + "curation-"
#: The folder that holds node_modules.
FOLDER = machine.where(
    Path(os.environ.get("SARCOMA_KG_NODE_MODULES") or _HERE.parents[2] / ".venv" / "comunica")
)
#: Optimisers that are wrong over endpoints, in 5.4.1: the first sends a filter to patterns that do
#: not bind the variables of its NOT EXISTS; the second takes a query in which any pattern has no
#: match for one without answers, though the pattern stands in NOT EXISTS, MINUS or a count.
WRONG_OVER_ENDPOINTS = ("filter-pushdown", "prune-empty-source-operations")

#: Questions that 5.4.1 does not answer over two endpoints, and what is seen instead. With its
#: patterns in another order CQ58 is answered at once, as if it had no VALUES: 205 rows for 5.
#: CQ66 it does not answer in any of three wordings.
UNANSWERED = {"CQ58": "no answer in 120 s", "CQ66": "no answer in 120 s"}


class Failed(Exception):  # noqa: N818
    """Comunica gave no answer."""


def version() -> str:
    """Return the version that is wanted."""
    described = json.loads((_HERE / "package.json").read_text(encoding="utf-8"))
    return str(described["dependencies"][_PACKAGE])


def available() -> str:
    """Return why Comunica cannot be asked; empty when it can."""
    if not machine.program("node"):
        return "needs Node.js"
    try:
        text = (FOLDER / "node_modules" / _PACKAGE / "package.json").read_text(encoding="utf-8")
        installed = json.loads(text)["version"]
    except OSError:
        installed = ""
    if installed != version():
        return f"needs the npm package {_PACKAGE} {version()} in {FOLDER}: `make engines`"
    return ""


def sources(served: Iterable[Served]) -> object:
    """Return the context that lets Comunica ask these servers' endpoints."""
    return endpoints(server.query for server in served)


def endpoints(addresses: Iterable[str]) -> object:
    """Return the context that lets Comunica ask the endpoints at these addresses."""
    return {"sources": [{"type": "sparql", "value": address} for address in addresses]}


def documents(served: Iterable[Served]) -> object:
    """Return the context that lets Comunica load these servers' default graphs."""
    files = [f"{server.graph_store}?default" for server in served]
    return {"sources": [{"type": "file", "value": file} for file in files]}


class Comunica:
    """One process of Node.js, asked one query after the other.

    Args:
        context: What Comunica is told with each query: its sources above all.
        seconds: The time for one answer; a process that takes more is ended, and the next query
            begins another.
        idle: Optimisers that leave a query as it is.
    """

    def __init__(self, context: object, seconds: float, idle: Sequence[str]) -> None:
        self.context, self.seconds = context, seconds
        self._command = ["node", str(_HERE / "ask.mjs"), str(FOLDER.absolute()), *idle]
        self._process: subprocess.Popen[str] | None = None

    def select(self, query: str) -> Solutions:
        """Answer a SELECT query.

        Raises:
            Failed: an error of Comunica, or no answer in time.
        """
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                self._command, stdin=pipe, stdout=pipe, encoding="utf-8"
            )
        line = self._exchange(self._process, json.dumps({"query": query, "context": self.context}))
        if not line:
            self.close()
            raise Failed(f"Comunica has ended, or gave no answer within {self.seconds:g} s")
        if "error" in (answer := json.loads(line)):
            raise Failed(answer["error"])
        found = ox.parse_query_results(line.encode(), format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)
        rows = [tuple(as_term(node) for node in solution) for solution in found]
        return Solutions([variable.value for variable in found.variables], rows)

    def _exchange(self, process: "subprocess.Popen[str]", task: str) -> str:
        """Return the answer to a line; empty when the process has ended."""
        assert process.stdin
        assert process.stdout
        watchdog = threading.Timer(self.seconds, process.kill)
        watchdog.start()
        try:
            process.stdin.write(task + "\n")
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:
            return ""
        finally:
            watchdog.cancel()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


@contextmanager
def running(
    context: object, seconds: float = 120, idle: Sequence[str] = WRONG_OVER_ENDPOINTS
) -> Iterator[Comunica]:
    """Have Comunica ready, and end it afterwards; the arguments are those of `Comunica`."""
    asked = Comunica(context, seconds, idle)
    try:
        yield asked
    finally:
        asked.close()


def halves(triples: Iterable[ox.Triple], source: str) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """Return the triples in two parts: those of everything else, and those of one source.

    A source has what describes it, its claims, and what hangs together with them but with no other
    source's claims: spans, selectors, propositions, citations, references, external findings.

    Args:
        triples: The graph.
        source: Identifier of the source, such as S2.
    """
    known = list(triples)
    links: defaultdict[str, set[str]] = defaultdict(set)
    home: dict[str, str] = {}  # of each claim
    for triple in known:
        subject, value = triple.subject, triple.object
        if not (isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode)):
            continue
        ends = (subject.value, value.value)
        if triple.predicate.value == PREFIXES["prov"] + "hadPrimarySource":
            home[ends[0]] = ends[1]
        if all(iri.startswith(KB) and not iri.startswith(_CURATORS) for iri in ends):
            links[ends[0]].add(ends[1])
            links[ends[1]].add(ends[0])
    every = set(home.values())

    def around(start: str) -> set[str]:
        found, waiting = {start}, [start]
        while waiting:
            for near in links[waiting.pop()] - found - every:
                if home.get(near, start) == start:
                    found.add(near)
                    waiting.append(near)
        return found

    one = f"{KB}source-{source}"
    own = around(one).difference(*(around(other) for other in every - {one}))
    # No individual has a blank node, so each of those stays with the others of its axiom.
    parts: tuple[list[ox.Triple], list[ox.Triple]] = ([], [])
    for triple in known:
        subject = triple.subject
        parts[isinstance(subject, ox.NamedNode) and subject.value in own].append(triple)
    return parts
