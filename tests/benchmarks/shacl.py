"""Time and memory of SHACL validation: the compiler and three other engines on multiplied claims.

    python -m tests.benchmarks.shacl --sizes 1k,10k

Each engine runs in a process of its own. Loading is timed apart from validating; compiling or
parsing the shapes counts as validating; the Rust engine of the package shacl parses the data in the
same call, which counts too. The compiler works on a store on disk, as after a build,
opened by a second process. An engine that does not finish in ten minutes at one size, or runs out
of memory, is not asked for a larger one. Exits with 1 when a goal is missed.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.quality import validation
from tests.benchmarks import claims

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
#: Seconds for the others; the compiler has an hour.
PATIENCE, OURS = 600.0, 3600.0
GIGABYTE = 1024**3
#: At 10,000 claims: how many times faster the compiler has to be, and should be.
GOALS = {"pyshacl": (25.0, 40.0), "pyrudof": (15.0, 15.0), "shacl": (1.0, 1.0)}
GROWTH, MEMORY = 12.0, 6.0

# What every engine says: one line when the data are loaded, one when it is done. VmHWM is the peak
# of this process alone; ru_maxrss would begin with that of its parent.
COMMON = """
import json, sys, time
def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
def say(**words):
    print(json.dumps({"peak": peak(), **words}), flush=True)
def forget():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass
data, shapes, store = sys.argv[1:4]
began = time.perf_counter()
"""
LIMITED = """
import resource
room = int(next(l for l in open("/proc/meminfo") if l.startswith("MemAvailable")).split()[1])
resource.setrlimit(resource.RLIMIT_AS, (room * 1000, room * 1000))
"""
LOAD = """
import pyoxigraph as ox
inner = ox.Store(store)
inner.bulk_load(path=data, format=ox.RdfFormat.N_TRIPLES)
inner.optimize()
say(load=time.perf_counter() - began)
"""
COMPILED = """
import os
import pyoxigraph as ox
from sarcoma_kg import shacl
from sarcoma_kg.quality import validation
from sarcoma_kg.stores.store import EmbeddedStore
opened = EmbeddedStore.open(store)
say(load=time.perf_counter() - began)
forget()
began = time.perf_counter()
triples = [quad.triple for quad in ox.parse(path=shapes, format=ox.RdfFormat.N_TRIPLES)]
plan = shacl.compile_shapes(triples)
threads = min(os.cpu_count() or 1, validation.THREADS)
count = sum(1 for _ in shacl.validate(plan, opened, threads=threads))
say(seconds=time.perf_counter() - began, results=count)
"""
PYSHACL = """
import logging
logging.disable(logging.CRITICAL)
import pyshacl, rdflib
graph = rdflib.Graph().parse(data, format="nt")
say(load=time.perf_counter() - began)
forget()
rules = rdflib.Graph().parse(shapes, format="nt")
began = time.perf_counter()
_, report, _ = pyshacl.validate(graph, shacl_graph=rules, advanced=False, inplace=True)
taken = time.perf_counter() - began
say(seconds=taken, results=len(set(report.objects(None, rdflib.SH.result))))
"""
PYRUDOF = """
from pyrudof import RDFFormat, Rudof, RudofConfig, ShaclFormat
rudof = Rudof(RudofConfig())
rudof.read_data(data, format=RDFFormat.NTriples)
say(load=time.perf_counter() - began)
forget()
began = time.perf_counter()
rudof.read_shacl(shapes, format=ShaclFormat.NTriples)
report = rudof.validate_shacl()
say(seconds=time.perf_counter() - began, results=len(report))
"""
RUST = """
import pathlib
from shacl import Shapes
text = pathlib.Path(data).read_text()
say(load=time.perf_counter() - began)
forget()
began = time.perf_counter()
rules = Shapes.from_text(pathlib.Path(shapes).read_text(), format="ntriples")
report = rules.validate_text(text, format="ntriples")
say(seconds=time.perf_counter() - began, results=len(report))
"""
SCRIPTS = {"pyshacl": PYSHACL, "pyrudof": PYRUDOF, "shacl": RUST}


class Run(NamedTuple):
    """What one process took; `failed` says why there are no figures but the least of seconds."""

    load: float = 0.0
    seconds: float = 0.0
    peak: int = 0
    results: int = 0
    failed: str = ""


class Case(NamedTuple):
    """A data file with a number of claims and a share of broken ones, and its store."""

    size: int
    violations: int
    triples: int
    data: Path
    store: Path


def measure(python: str, script: str, case: Case, shapes: Path, patience: float = PATIENCE) -> Run:
    """Run an engine; the clock that stops it starts when the data are loaded."""
    command = [python, "-c", COMMON + script, str(case.data), str(shapes), str(case.store)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        watch = threading.Timer(patience, process.kill)
        watch.start()
        # The pipe of errors is drained too, so that a chatty engine does not wait on it for ever.
        last, errors = process.communicate()
        stopped = not watch.is_alive()
        watch.cancel()
    if stopped:
        return Run(seconds=patience, failed=f"not finished in {patience:.0f} s")
    if process.returncode:
        words = errors.strip().splitlines() or [f"signal {-process.returncode}"]
        # A backtrace of Rust follows its reason.
        reason = next((line for line in words if "memory allocation" in line), words[-1])
        return Run(failed=reason[:100])
    said: dict[str, Any] = json.loads(first)
    if last:
        said |= json.loads(last.strip().splitlines()[-1])
    return Run(said["load"], said.get("seconds", 0.0), said["peak"], said.get("results", 0))


def _environment() -> dict[str, str]:
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _line(case: Case, engine: str, run: Run) -> None:
    head = f"{case.size:>9,} {case.violations:>3} % {case.triples:>11,}  {engine:<9}"
    if run.failed:
        _say(f"{head} {run.failed}")
        return
    figures = f"{run.seconds:9.3f} s {run.peak / GIGABYTE:7.2f} GB {run.results:>9,}"
    if not run.seconds:  # nothing but loaded
        figures = f"{'':>11} {run.peak / GIGABYTE:7.2f} GB"
    _say(f"{head} {run.load:8.2f} s {figures}")


class Bench:
    """All runs, one after the other.

    Args:
        work: A folder for data and stores.
        peers: The engines beside the compiler: name -> interpreter.
        seed: Of the violations.
    """

    def __init__(self, work: Path, peers: dict[str, str], seed: int) -> None:
        self.work, self.peers, self.seed = work, peers, seed
        self.pattern = claims.read(claims.build_folder())
        self.shapes = work / "shapes.nt"
        triples = [q.triple for path in validation.shape_files() for q in ox.parse(path=str(path))]
        ox.serialize(dict.fromkeys(triples), str(self.shapes), format=ox.RdfFormat.N_TRIPLES)
        self.runs: dict[tuple[int, int, str], Run] = {}
        self.given_up: dict[str, str] = {}

    def case(self, size: int, violations: int) -> None:
        """Write the data, load them and run every engine on them."""
        data = self.work / f"{size}-{violations}.nt"
        with data.open("w", encoding="utf-8") as out:
            made = claims.generate(self.pattern, out, size, violations, self.seed)
        case = Case(size, violations, made.triples, data, self.work / f"{size}-{violations}.store")
        try:
            self._case(case)
        finally:
            data.unlink()
            shutil.rmtree(case.store, ignore_errors=True)

    def _case(self, case: Case) -> None:
        loaded = measure(sys.executable, LOAD, case, self.shapes)
        _line(case, "(loading)", loaded)
        if loaded.failed:
            return
        # A short run is repeated, for the sake of the ratios.
        times = 3 if case.size <= SIZES["10k"] else 1
        runs = [measure(sys.executable, COMPILED, case, self.shapes, OURS) for _ in range(times)]
        middle = statistics.median_low([run.seconds for run in runs])
        self._keep(case, "compiled", next(run for run in runs if run.seconds == middle))
        for engine, python in self.peers.items():
            if engine in self.given_up:
                _line(case, engine, Run(failed=f"not tried: {self.given_up[engine]}"))
                continue
            script = LIMITED + SCRIPTS[engine]
            run = measure(python, script, case, self.shapes)
            self._keep(case, engine, run)
            if run.failed:
                self.given_up[engine] = f"{case.size:,} claims: {run.failed}"

    def _keep(self, case: Case, engine: str, run: Run) -> None:
        self.runs[case.size, case.violations, engine] = run
        _line(case, engine, run)

    def verdict(self) -> bool:
        """Print the ratios and whether the goals are met; what was not run misses no goal."""
        good = True
        done = {key: run for key, run in self.runs.items() if not run.failed}
        for (size, violations, engine), run in self.runs.items():
            ours = done.get((size, violations, "compiled"))
            if engine == "compiled" or ours is None or not run.seconds:
                continue
            ratio, words = run.seconds / ours.seconds, ""
            if size == SIZES["10k"]:
                least, wanted = GOALS[engine]
                met = "met" if ratio >= wanted else "nearly met" if ratio >= least else "MISSED"
                words = f"; goal {least:g}, better {wanted:g}: {met}"
                good &= ratio >= least
            what = f"{size:,} claims, {violations} %"
            least_of = "more than " if run.failed else ""
            _say(f"{what}: {least_of}{ratio:.1f} times faster than {engine}{words}")
            if not run.failed and run.results != ours.results:
                _say(f"  {engine} finds {run.results:,} results, the compiler {ours.results:,}")
        for violations in sorted({key[1] for key in done}):
            small = done.get((SIZES["100k"], violations, "compiled"))
            large = done.get((SIZES["1m"], violations, "compiled"))
            if large is None:
                continue
            good &= self._limit(f"peak at 1 M, {violations} %", large.peak / GIGABYTE, MEMORY)
            if small is not None:
                growth = large.seconds / small.seconds
                good &= self._limit(f"growth from 100 k to 1 M, {violations} %", growth, GROWTH)
        good &= not any(run.failed for key, run in self.runs.items() if key[2] == "compiled")
        return good

    @staticmethod
    def _limit(what: str, value: float, most: float) -> bool:
        _say(f"{what}: {value:.1f}; at most {most:g}: {'met' if value <= most else 'MISSED'}")
        return value <= most


def _peers(python: str) -> dict[str, str]:
    peers = {"pyshacl": sys.executable}
    for module in ("pyrudof", "shacl"):
        found = subprocess.run(
            [python, "-c", f"import {module}"], capture_output=True, text=True, check=False
        )
        if found.returncode:
            reason = (found.stderr.strip().splitlines() or ["no such module"])[-1]
            _say(f"{module} is skipped: {reason} (pip install {module}, or --peers PYTHON)")
        else:
            peers[module] = python
    return peers


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="1k,10k,100k,1m", help="of " + ",".join(SIZES))
    parser.add_argument("--violations", default="0,1,10", help="in percent of the claims")
    parser.add_argument("--engines", default="pyshacl,pyrudof,shacl", help="beside the compiler")
    parser.add_argument(
        "--peers", default=sys.executable, help="an interpreter with pyrudof and shacl 0.3.4"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", help="an existing folder with room for the data (1 M: 30 GB)")
    args = parser.parse_args()
    wanted = args.engines.split(",")
    peers = {k: v for k, v in _peers(args.peers).items() if k in wanted}
    with contextlib.ExitStack() as stack:
        work = tempfile.TemporaryDirectory(prefix="sarcoma-kg-shacl-", dir=args.work)
        bench = Bench(Path(stack.enter_context(work)), peers, args.seed)
        _say("   claims broken     triples  engine       loading  validating     peak   results")
        for size in sorted(SIZES[name.lower()] for name in args.sizes.split(",")):
            for violations in sorted(int(share) for share in args.violations.split(",")):
                bench.case(size, violations)
        return 0 if bench.verdict() else 1


if __name__ == "__main__":
    sys.exit(main())
