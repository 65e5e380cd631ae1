"""Records by the number in the graph: building, validation, questions, and loading into Virtuoso.

    python -m tests.benchmarks.scale --records 100000,1000000 [--build] [--virtuoso] [--work DIR]

The records are those of tests/benchmarks/records.py, by `ingest`. They stand beside the packaged
graph in a store on disk, with what the rules on agreement infer, which are run there: each record
has its study, its side and its question. A copy has the disease, alteration and therapy of the
record that it copies, so the questions stay as many as in the packaged graph, and so do the links
with claims; each bears on as many claims as its original. `--build` measures `build --with` too,
which holds the graph in memory. Each step runs in a process of its own. Goals: from 100,000 to a
million records validation takes at most 12 times as long, in less than 6 GB; CQ01, CQ61 and a
dossier less than a second each, in process. Exits with 1 when one is missed.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.ingest import ROOT, Spent, ours, run, timed

GROWTH, MEMORY, SECOND = 12.0, 6_000, 1.0
_QUESTIONS = ("CQ01", "CQ61")
#: A folder as a build has it: the packaged graph, the records, and what is inferred of these.
STORE = """
import shutil, sys
from pathlib import Path
import pyoxigraph as ox
from sarcoma_kg.building import rules
from tests.benchmarks import claims
build, records, target = claims.build_folder(), sys.argv[1], Path(sys.argv[2])
target.mkdir()
store = ox.Store(str(target / "store"))
part = target / "inferred.nt"
with part.open("wb") as out:  # without the counts, which are made anew
    lines = (build / "inferred.nt").open("rb")
    out.writelines(line for line in lines if b"/id/agreement-" not in line.partition(b" ")[0])
for path in (build / "asserted.nt", part, Path(records)):
    store.bulk_load(path=str(path), format=ox.RdfFormat.N_TRIPLES)
for rule in rules.rule_files():
    if rule.name >= "70":
        with part.open("wb") as out:
            found = store.query(rule.read_text(encoding="utf-8"))
            ox.serialize(found, out, format=ox.RdfFormat.N_TRIPLES)
        store.bulk_load(path=str(part), format=ox.RdfFormat.N_TRIPLES)
store.optimize()
store.flush()
for name in ("catalog.json", "manifest.json"):
    shutil.copy(build / name, target)
part.write_bytes(b"")
if sys.argv[3]:
    # From the store, which has each triple once: what is said of the module of CIViC comes twice.
    plain = ox.RdfFormat.N_TRIPLES
    store.dump(str(target / "asserted.nt"), plain, from_graph=ox.DefaultGraph())
print(len(store))
"""
VALIDATE = """
import sys
from sarcoma_kg.building.builds import Build
from sarcoma_kg.quality import validation
found = validation.validate(Build(sys.argv[1]).open()).findings
assert not found, found[:3]
"""
ASK = """
import json, sys, time
from sarcoma_kg.api import KnowledgeGraph
from sarcoma_kg.building.builds import Build
from sarcoma_kg.questions import catalog
build = Build(sys.argv[1])
kg = KnowledgeGraph(build.open(), [catalog.Question.from_dict(d) for d in build.catalog()])
def timed(call, *words):
    times = []
    for _ in range(3):
        began, worked = time.perf_counter(), time.process_time()
        call(*words)
        times.append((time.perf_counter() - began, time.process_time() - worked))
    return sorted(times)[1]
told = {name: timed(kg.ask, name) for name in sys.argv[2].split() if name in kg.questions}
print(json.dumps(told | {"dossier of GIST": timed(kg.show, "GIST")}))
"""
VIRTUOSO = """
import sys, tempfile, time
from pathlib import Path
import pyoxigraph as ox
from sarcoma_kg.building.builds import Build
from sarcoma_kg.quality import validation
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.writable import WritableStore
from tests.stores import virtuoso
build = Build(sys.argv[1])
triples = (
    quad.triple for part in ("asserted.nt", "inferred.nt")
    for quad in ox.parse(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
)
with tempfile.TemporaryDirectory() as name, virtuoso.running(Path(name)) as server:
    store = WritableStore(
        server.endpoint, graph="urn:g", graph_store=server.graph_store,
        credentials=virtuoso.ADMINISTRATOR, timeout=3600,
    )
    began = time.perf_counter()
    loaded = upload.load(store, triples)
    print(f"  Virtuoso: {loaded.triples:,} triples loaded, {time.perf_counter() - began:.1f} s")
    for question in catalog.load():
        if question.id in ("CQ01", "CQ61"):
            began = time.perf_counter()
            rows = len(store.select(question.query()).rows)
            print(f"  Virtuoso: {question.id}: {rows} rows, {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    found = validation.validate(store).findings
    print(f"  Virtuoso: validated, {len(found)} findings, {time.perf_counter() - began:.1f} s")
"""


def measure(folder: Path, number: int, build: bool, virtuoso: bool) -> tuple[Spent, bool]:
    """Print what so many records take; return the validation, and whether all was in time."""
    table, records, place = folder / "rows.tsv", folder / "records.nt", folder / "build"
    # 190 of each 194 rows are taken.
    run("-m", "tests.benchmarks.records", "--rows", -(-number * 194 // 190), table)
    ingest = timed(ours("civic", table, records))
    table.unlink()
    triples = int(run("-c", STORE, records, place, "dump" if virtuoso else ""))
    print(f"{number:,} records, {triples:,} triples\n  ingest     {ingest}")  # noqa: T201
    if build:
        program = str(Path(sys.executable).with_name("sarcoma-kg"))
        cache = f"SARCOMA_KG_CACHE={folder / 'cache'}"
        words = ["build", "--timeout", "36000", "--with", str(records)]
        spent = timed(["env", cache, program, *words])
        print(f"  build      {spent}")  # noqa: T201
    validation = timed([sys.executable, "-c", VALIDATE, str(place)])
    print(f"  validation {validation}")  # noqa: T201
    good = validation.peak < MEMORY
    asked = json.loads(run("-c", ASK, place, " ".join(_QUESTIONS)))
    for name, (seconds, worked) in asked.items():
        verdict = "" if seconds < SECOND else "  MISSED"
        print(f"  {name}: {seconds:.3f} s, {worked:.3f} s of the processor{verdict}")  # noqa: T201
        good &= seconds < SECOND
    if virtuoso:
        print(run("-c", VIRTUOSO, place), end="")  # noqa: T201
    return validation, good


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", default="100000", help="numbers, with commas between")
    parser.add_argument("--build", action="store_true", help="measure `build --with` too")
    parser.add_argument("--virtuoso", action="store_true", help="load into a Virtuoso, ask there")
    parser.add_argument("--work", help="an existing folder with room (a million: 12 GB)")
    args = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    good, times = True, []
    for number in map(int, args.records.split(",")):
        with tempfile.TemporaryDirectory(prefix="sarcoma-kg-bench-", dir=args.work) as name:
            os.environ["TMPDIR"] = name
            spent, met = measure(Path(name), number, args.build, args.virtuoso)
        good &= met
        times.append((number, spent))
    for (few, before), (many, after) in itertools.pairwise(times):
        # Judged by the work, since other work on the machine changes the clock.
        grown, clock = after.busy / before.busy, after.seconds / before.seconds
        met = grown <= GROWTH * many / few / 10
        told = f"validation grows {grown:.1f} times ({clock:.1f} on the clock)"
        print(f"{told} with {many / few:g} times the records: {'met' if met else 'MISSED'}")  # noqa: T201
        good &= met
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
