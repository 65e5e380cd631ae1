"""The questions and the packaged shapes on every engine, and the table in docs/engines.md.

python -m tests.engines           # asks all that can be started, and writes the table
python -m tests.engines --check   # the same, but compares the table with the one in docs

Every engine has to be there, since the table is to speak of all of them; `--only` asks some and
prints. `--questions CQ61,CQ62` asks these alone and writes their lines; the others stay as they
are, which the tests of questions hold against the same expected answers.
"""

import argparse
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import indent
from types import MappingProxyType
from typing import NamedTuple, Protocol

import pyoxigraph as ox
import rdflib

from sarcoma_kg import shacl
from sarcoma_kg.building import builds, pipeline
from sarcoma_kg.ground import resources
from sarcoma_kg.quality import validation
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.store import EmbeddedStore, Row, Solutions, Store
from sarcoma_kg.stores.writable import WritableStore
from tests.questions import expected
from tests.questions.test_questions import in_rdflib
from tests.stores import comunica, rdflib_server, sparql_server, virtuoso
from tests.stores.test_comunica import ALWAYS, OPTIMISED, Case

DOCUMENT = Path(__file__).parents[1] / "docs" / "engines.md"
QUESTIONS = sorted((resources.data_root() / "queries" / "competency").glob("*.rq"))
GRAPH = "urn:sarcoma-kg:graph"
_TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.DOTALL)
_EX = "PREFIX : <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
_TINY = """@prefix : <http://example.org/> .
:a a :C ; :p :b . :b a :C ; :p :top . :top a :C . :x a :C ; :t "word", "Wort"@de, true, 1.50 ."""


class Deviation(NamedTuple):
    """What an engine does in its own way: a query over `_TINY`, the standard's answer, its own."""

    engine: str
    words: str
    query: str
    standard: set[str]
    theirs: set[str]
    around: str


DEVIATIONS = [
    Deviation(
        "Virtuoso",
        "no string is the same term as another",
        'SELECT ?x { :x :t ?x FILTER sameTerm(?x, "word") }',
        {"word"},
        set(),
        "strings are compared by datatype and text",
    ),
    Deviation(
        "Virtuoso",
        "a computed boolean is an integer",
        "SELECT ?x { BIND(IF(1 = 1, true, false) AS ?x) }",
        {"true"},
        {"1"},
        '`STRDT("true", xsd:boolean)` where a column is a boolean',
    ),
    Deviation(
        "Virtuoso",
        "VALUES in a part of UNION is a condition on the other parts",
        "SELECT ?x { { VALUES ?x { :y } } UNION { ?x :p :b } }",
        {"y", "a"},
        set(),
        "`{ SELECT ?x { VALUES ?x { :y } } }`; one of the questions that `validate` asks before it "
        "believes an engine",
    ),
    Deviation(
        "Virtuoso",
        "a text with a language has no datatype, which leaves conditions on it undecided",
        'SELECT ?x { ?x :t ?t FILTER (!(DATATYPE(?t) = xsd:date) && LANG(?t) != "") }',
        {"x"},
        set(),
        "the language is looked at first; another of these questions",
    ),
    Deviation(
        "Virtuoso",
        "the sum of nothing is unbound",
        "SELECT (SUM(?n) AS ?x) { ?none :q ?n }",
        {"0"},
        {""},
        "`COALESCE(SUM(...), 0)`; a rule of the portability linter",
    ),
]


class Asked(Protocol):
    """What answers SELECT."""

    def select(self, query: str) -> Solutions: ...


class Engine(NamedTuple):
    """An engine that holds the graph."""

    version: str
    asked: Asked
    store: Store | None  # for the shapes
    tiny: Callable[[], Asked] | None = None  # one that holds `_TINY`
    silent: Mapping[str, str] = MappingProxyType({})  # questions it does not answer, and why


class _Rdflib:
    """Rdflib in this process, as a store."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self.graph = graph

    def select(self, query: str) -> Solutions:
        return in_rdflib(self.graph, query)

    def iterate(self, query: str) -> Iterator[Row]:
        return iter(self.select(query).rows)

    def construct(self, query: str) -> Iterable[ox.Triple]:
        raise NotImplementedError


def triples(build: builds.Build) -> list[ox.Triple]:
    """Return the graph, asserted and inferred."""
    return [
        quad.triple
        for part in ("asserted.nt", "inferred.nt")
        for quad in ox.parse(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
    ]


def _store(found: list[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in found)
    return store


@contextmanager
def oxigraph(build: builds.Build, work: Path) -> Iterator[Engine]:
    """Oxigraph in this process: the store of a build."""
    store = build.open()
    yield Engine(f"pyoxigraph {ox.__version__}", store, store)


@contextmanager
def oxigraph_http(build: builds.Build, work: Path) -> Iterator[Engine]:
    """Oxigraph behind HTTP, loaded by the Graph Store Protocol."""
    with sparql_server.serving(ox.Store()) as served:
        store = WritableStore(served.query, graph=GRAPH, graph_store=served.graph_store)
        upload.load(store, triples(build))
        yield Engine("SPARQL Protocol", store, store)


@contextmanager
def in_process_rdflib(build: builds.Build, work: Path) -> Iterator[Engine]:
    """Rdflib in this process."""
    graph = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        graph.parse(build.folder / part)
    yield Engine(f"rdflib {rdflib.__version__}", _Rdflib(graph), _Rdflib(graph))


@contextmanager
def rdflib_endpoint(build: builds.Build, work: Path) -> Iterator[Engine]:
    """The package rdflib-endpoint over a graph that is loaded: of a form it undoes %22 twice."""
    graph = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        graph.parse(build.folder / part)
    with rdflib_server.serving(graph) as address:
        store = WritableStore(address, timeout=600, credentials=Credentials())
        version = importlib.metadata.version("rdflib-endpoint")
        yield Engine(f"rdflib-endpoint {version}", store, store)


@contextmanager
def virtuoso_7(build: builds.Build, work: Path) -> Iterator[Engine]:
    """Virtuoso, loaded by the Graph Store Protocol."""
    folder = work / "virtuoso"
    folder.mkdir()
    with virtuoso.running(folder) as server:

        def remote(graph: str, found: list[ox.Triple]) -> WritableStore:
            store = WritableStore(
                server.endpoint,
                graph=graph,
                graph_store=server.graph_store,
                credentials=virtuoso.ADMINISTRATOR,
            )
            upload.load(store, found)
            return store

        store = remote(GRAPH, triples(build))
        done = subprocess.run([str(virtuoso.PROGRAM), "-?"], capture_output=True, text=True)
        found = re.search(r"Version ([\d.]+)", done.stderr + done.stdout)
        tiny = [quad.triple for quad in ox.parse(_TINY, format=ox.RdfFormat.TURTLE)]
        yield Engine(
            f"Virtuoso {found[1] if found else ''}".strip(),
            store,
            store,
            lambda: remote("urn:tiny", tiny),
        )


@contextmanager
def comunica_over_two(build: builds.Build, work: Path) -> Iterator[Engine]:
    """Comunica over two servers that hold one review each."""
    with ExitStack() as stack:
        parts = comunica.halves(triples(build), "S2")
        served = [stack.enter_context(sparql_server.serving(_store(part))) for part in parts]
        context = comunica.sources(served)
        asked = stack.enter_context(comunica.running(context))
        silent = comunica.UNANSWERED
        yield Engine(f"Comunica {comunica.version()}", asked, None, silent=silent)


#: name -> how to start it, and why it cannot be.
ENGINES: dict[str, tuple[Callable[..., object], Callable[[], str]]] = {
    "Oxigraph": (oxigraph, str),
    "Oxigraph by HTTP": (oxigraph_http, str),
    "rdflib": (in_process_rdflib, str),
    "rdflib-endpoint": (rdflib_endpoint, str),
    "Virtuoso": (virtuoso_7, virtuoso.missing),
    "Comunica, two halves": (comunica_over_two, comunica.available),
}


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


def fingerprint(answer: Solutions) -> str:
    """Return the number of rows and a digest of all of them, by value."""
    rows = sorted(
        repr([sorted(c) if isinstance(c, frozenset) else c for c in row])
        for row in expected.project(answer, answer.variables)
    )
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()[:6]
    return f"{len(answer.rows)} · {digest}"


def names() -> list[str]:
    """Return what is asked: the questions by their identifiers, and the shapes."""
    return [*(path.stem.partition("-")[0] for path in QUESTIONS), "shapes"]


def column(engine: Engine, wanted: Collection[str]) -> dict[str, str]:
    """Return the cells of an engine for what is wanted of `names()`."""
    cells = {}
    for path in QUESTIONS:
        name = path.stem.partition("-")[0]
        if name not in wanted:
            continue
        columns, rows = expected.read(path.with_suffix(".csv"))
        if name in engine.silent:
            cells[name] = engine.silent[name]
            continue
        try:
            answer = engine.asked.select(catalog.read(path).query())
        except Exception as error:
            cells[name] = f"ERROR: {' '.join(str(error).split())[:60]}"
            continue
        right = expected.project(answer, columns) == rows
        cells[name] = fingerprint(answer) if right else f"WRONG: {fingerprint(answer)}"
    if "shapes" not in wanted:
        return cells
    if engine.store is None:
        return {**cells, "shapes": "not asked"}
    plan = validation.compiled(validation.shape_files())
    results = list(shacl.validate(plan, engine.store, guards_from=None))
    return {**cells, "shapes": f"{len(plan.queries)} queries, {len(results)} results"}


def shown(answer: Solutions) -> set[str]:
    """Return the one column of an answer, local names for IRIs."""
    return {row["x"].rpartition("/")[2] for row in answer.dicts()}


def table(columns: dict[str, tuple[str, dict[str, str]]]) -> str:
    """Return the table as Markdown."""
    head = ["", *columns]
    versions = ["", *(version for version, _ in columns.values())]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", f"| {' | '.join(versions)} |"]
    for name in names():
        if all(name in cells for _, cells in columns.values()):
            row = [name, *(cells[name] for _, cells in columns.values())]
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def written(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the columns of the table that a document holds."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and not line.startswith("|-")
    ]
    head, versions, *lines = rows
    return {
        name: (versions[n], {line[0]: line[n] for line in lines})
        for n, name in enumerate(head)
        if n
    }


def deviations(engine: str, asked: Asked) -> tuple[list[str], bool]:
    """Ask for the deviations of an engine; returns what is no longer so, and whether all are."""
    wrong = []
    standard = EmbeddedStore(ox.Store())
    standard.inner.load(_TINY, format=ox.RdfFormat.TURTLE)
    for known in DEVIATIONS:
        if known.engine != engine:
            continue
        ours, theirs = (shown(s.select(_EX + known.query)) for s in (standard, asked))
        if (ours, theirs) != (known.standard, known.theirs):
            wrong.append(f"{known.words}: {sorted(ours)}, {sorted(theirs)}")
    return wrong, not wrong


def listed() -> str:
    """Return the deviations as Markdown."""

    def answer(found: set[str]) -> str:
        return ", ".join(sorted(x or "an unbound ?x" for x in found)) or "no row"

    lines = [f"Over these triples:\n\n{indent(_TINY, '    ')}\n"]

    def line(engine: str, words: str, case: Case | Deviation, around: str) -> str:
        return (
            f"- **{engine}**: {words}. `{case.query}` gives {answer(case.standard)} by the "
            f"standard and {answer(case.theirs)} there. Instead: {around}."
        )

    lines += [line(known.engine, known.words, known, known.around) for known in DEVIATIONS]
    off, unaffected = "two of its optimisers are switched off", "no question depends on it"
    lines += [line("Comunica", words, case, off) for words, case in OPTIMISED.items()]
    lines += [line("Comunica", words, case, unaffected) for words, case in ALWAYS.items()]
    return "\n".join(lines) + "\n"


def _answers(made: str) -> list[str]:
    """Return the lines of the table and the list but for that of versions."""
    return [line for line in made.splitlines() if "pyoxigraph" not in line]


def main() -> int:
    """Ask all engines, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with docs, write nothing")
    parser.add_argument("--only", action="append", choices=ENGINES, help="an engine; repeatable")
    parser.add_argument("--questions", default="", help="these alone, with commas between")
    args = parser.parse_args()
    asked = args.questions.split(",") if args.questions else names()
    if unknown := sorted({*asked} - {*names()}):
        parser.error(f"no such question: {', '.join(unknown)}")
    build, _ = pipeline.build(lambda words: _say(f"  {words} ..."))
    found: dict[str, tuple[str, dict[str, str]]] = {}
    good = True
    with tempfile.TemporaryDirectory() as work:
        for name in args.only or ENGINES:
            start, missing = ENGINES[name]
            if why := missing():
                _say(f"{name}: {why}")
                good = False
                continue
            began = time.monotonic()
            with start(build, Path(work)) as engine:  # type: ignore[attr-defined]
                loaded = time.monotonic()
                found[name] = engine.version, column(engine, asked)
                if engine.tiny:
                    wrong, so = deviations(name, engine.tiny())
                    good &= so
                    for words in wrong:
                        _say(f"  {name}: no longer so: {words}")
            taken = time.monotonic() - loaded
            _say(f"{name}: loaded in {loaded - began:.1f} s, asked in {taken:.1f} s")
    rows = {q: {cells[q] for _, cells in found.values()} for q in next(iter(found.values()))[1]}
    for question, cells in rows.items():
        cells -= {"not asked", *comunica.UNANSWERED.values()}
        if len(cells) > 1 or any(cell.startswith(("WRONG", "ERROR")) for cell in cells):
            _say(f"  {question}: {' / '.join(sorted(cells))}")
            good = False
    text = DOCUMENT.read_text(encoding="utf-8")
    known = _TABLE.search(text)
    if args.questions and not args.only and known:
        before = written(known[0].partition("## ")[0])
        if [(n, v) for n, (v, _) in before.items()] != [(n, v) for n, (v, _) in found.items()]:
            _say("the table is of other engines or versions: ask all questions")
            return 1
        found = {name: (v, before[name][1] | cells) for name, (v, cells) in found.items()}
    made = f"\n{table(found)}\n## What engines do in their own way\n\n{listed()}"
    if args.only:
        sys.stdout.write(made)
        return 0 if good else 1
    if args.check and (known is None or _answers(known[0]) != _answers(made)):
        _say(f"{DOCUMENT}: the table is another one; `make engines` writes it anew")
        good = False
    if not args.check and good:
        DOCUMENT.write_text(_TABLE.sub(lambda _: made, text), encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
