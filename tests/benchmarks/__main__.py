"""Time the toolkit against bare pyoxigraph and plain rdflib on this graph.

Whole processes, taken in turn so that a drift of the machine's speed meets all alike; the median
of the ratios counts, not the seconds. Exits with 1 when a goal is missed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from SPARQLWrapper import JSON, SPARQLWrapper

import sarcoma_kg as skg
from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import resources
from sarcoma_kg.owl import java, reason
from sarcoma_kg.questions import catalog
from sarcoma_kg.reading import loading, sssom
from tests.stores import sparql_server

BARE = """
import sys, pyoxigraph
store = pyoxigraph.Store.read_only(sys.argv[1])
for solution in store.query(open(sys.argv[2]).read()):
    print(*(value.value if value else "" for value in solution), sep=",")
"""
RDFLIB = """
import sys, rdflib
graph = rdflib.Graph()
for path in sys.argv[2:]:
    graph.parse(path)
for query in open(sys.argv[1]).read().split("\\0"):
    for row in graph.query(query):
        print(*(value if value is not None else "" for value in row), sep=",")
"""
ALL = """
import sys
from sarcoma_kg.building import builds
from sarcoma_kg.questions import catalog
build = builds.current()
store = build.open()
for data in build.catalog():
    for row in store.select(catalog.Question.from_dict(data).query()).rows:
        print(*(term.value if term else "" for term in row), sep=",")
"""


def seconds(command: list[str]) -> float:
    """Return the wall time of one whole process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def compare(ours: list[str], peers: dict[str, list[str]], runs: int) -> dict[str, list[float]]:
    """Run all commands in turn and return their times."""
    times: dict[str, list[float]] = {"ours": [], **{name: [] for name in peers}}
    for turn in range(runs + 1):
        for name, command in {"ours": ours, **peers}.items():
            taken = seconds(command)
            if turn:  # the first turn warms the caches
                times[name].append(taken)
    return times


def report(what: str, times: dict[str, list[float]], goals: dict[str, tuple[str, float]]) -> bool:
    """Print medians and ratios; return whether all goals are met."""
    print(what)  # noqa: T201
    for name, taken in times.items():
        print(f"  {name:<18} {statistics.median(taken) * 1000:8.1f} ms")  # noqa: T201
    good = True
    for name, (kind, goal) in goals.items():
        pairs = zip(times["ours"], times[name], strict=True)
        ratio = statistics.median(a / b if kind == "at most" else b / a for a, b in pairs)
        met = ratio <= goal if kind == "at most" else ratio >= goal
        words = "times its time" if kind == "at most" else "times faster"
        verdict = "met" if met else "MISSED"
        print(f"  {ratio:6.2f} {words} ({name}); goal {kind} {goal:g}: {verdict}")  # noqa: T201
        good &= met
    return good


def asking(
    kg: skg.KnowledgeGraph, bare: Callable[[str], object], runs: int
) -> dict[str, list[float]]:
    """Return the times for all questions, by the Python API and by a bare call, in turn."""
    texts = {name: question.query() for name, question in kg.questions.items()}
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(runs + 1):
        taken = {"ours": 0.0, "bare": 0.0}
        for name, text in texts.items():
            began = time.perf_counter()
            kg.ask(name)
            between = time.perf_counter()
            bare(text)
            taken["ours"] += between - began
            taken["bare"] += time.perf_counter() - between
        if turn:
            for who, spent in taken.items():
                times[who].append(spent)
    return times


def bare_pyoxigraph(place: str) -> Callable[[str], object]:
    """Return what asks Oxigraph and looks at each value, and nothing else."""
    store = ox.Store.read_only(place)

    def ask(text: str) -> object:
        found = store.query(text)
        assert isinstance(found, ox.QuerySolutions)
        return [[value.value if value else None for value in row] for row in found]

    return ask


def bare_sparqlwrapper(address: str) -> Callable[[str], object]:
    """Return what asks an endpoint through SPARQLWrapper, as its documentation shows."""

    def ask(text: str) -> object:
        request = SPARQLWrapper(address)
        request.setReturnFormat(JSON)
        request.setQuery(text)
        return request.queryAndConvert()

    return ask


def reasoning(work: Path, runs: int) -> dict[str, list[float]]:
    """Return the times of the whole reasoning step and of HermiT's process alone, in turn."""
    quads = list(loading.packaged())
    document, result = work / "merged.nt", work / "classes.ofn"
    document.write_bytes(reason.merged(pipeline.tbox(quads)))
    command = [
        str(java.virtual_machine().parents[2] / "bin" / "java"), "-Xmx2g", "-XX:+UseSerialGC",
        "-cp", os.pathsep.join(map(str, java.hermit())),
        "org.semanticweb.HermiT.cli.CommandLine", "-c", "-o", str(result), "-I", document.as_uri(),
    ]  # fmt: skip
    times: dict[str, list[float]] = {"ours": [], "HermiT alone": []}
    for _ in range(runs):
        began = time.perf_counter()
        reason.classify(pipeline.tbox(quads), cached=False)
        times["ours"].append(time.perf_counter() - began)
        times["HermiT alone"].append(seconds(command))
    return times


def main() -> int:
    """Run the benchmark and return the exit code."""
    build, _ = pipeline.build(lambda words: print(f"  {words} ..."))  # noqa: T201
    folder = resources.data_root() / "queries" / "competency"
    queries = [path.read_text() for path in sorted(folder.glob("*.rq"))]
    turtle = [*resources.ontology_files(), *resources.claim_files()]
    work = Path(tempfile.mkdtemp(prefix="sarcoma-kg-bench-"))
    one, every, mappings = work / "one.rq", work / "all.rq", work / "mappings.nt"
    one.write_text(catalog.find(catalog.load(), "CQ01").query())
    every.write_text("\0".join(queries))
    quads = [q for path in sssom.mapping_files() for q in sssom.quads(sssom.read(path))]
    mappings.write_text("".join(f"{q.triple} .\n" for q in quads))
    files = [*map(str, turtle), str(mappings), str(build.folder / "inferred.nt")]
    python = sys.executable
    command = str(Path(python).with_name("sarcoma-kg"))
    good = report(
        "one question, whole process, store built",
        compare(
            [command, "ask", "CQ01", "--format", "csv"],
            {
                "bare pyoxigraph": [python, "-c", BARE, str(build.folder / "store"), str(one)],
                "rdflib script": [python, "-c", RDFLIB, str(one), *files],
            },
            runs=9,
        ),
        {"bare pyoxigraph": ("at most", 2.0), "rdflib script": ("at least", 8.0)},
    )
    good &= report(
        f"all {len(queries)} questions in one process",
        compare(
            [python, "-c", ALL],
            {"rdflib script": [python, "-c", RDFLIB, str(every), *files]},
            runs=3,
        ),
        {"rdflib script": ("at least", 20.0)},
    )
    good &= report(
        f"all {len(queries)} questions by the Python API, in process",
        asking(skg.open(), bare_pyoxigraph(str(build.folder / "store")), runs=15),
        {"bare": ("at most", 1.3)},
    )
    inner = ox.Store()
    for part in ("asserted.nt", "inferred.nt"):
        inner.bulk_load(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
    with sparql_server.serving(inner) as served:
        good &= report(
            f"all {len(queries)} questions by the Python API, over HTTP; bare: SPARQLWrapper",
            asking(skg.open(served.query), bare_sparqlwrapper(served.query), runs=15),
            {"bare": ("at most", 1.1)},
        )
    good &= report(
        "reasoning, nothing cached", reasoning(work, runs=5), {"HermiT alone": ("at most", 1.5)}
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
