"""Time and memory of publishing, against serialising the whole graph once in each format.

    python -m tests.benchmarks.publish --claims 10000

The yardstick is Oxigraph alone: it reads the sorted N-Triples and writes them in each of its
formats, one after the other. Both run in a process of their own, on multiplied claims (0: the
packaged graph). Exits with 1 when a goal is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyoxigraph as ox

from tests.benchmarks import claims
from tests.benchmarks.shacl import COMMON, GIGABYTE

#: At most so many times the yardstick, and at a million claims so many gigabytes.
RATIO, MEMORY = 4.0, 4.0
YARDSTICK = """
import os
import pyoxigraph as ox
forms = ox.RdfFormat
for form in (
    forms.TURTLE, forms.RDF_XML, forms.N_TRIPLES, forms.N_QUADS, forms.TRIG, forms.JSON_LD
):
    triples = (quad.triple for quad in ox.parse(path=data, format=forms.N_TRIPLES))
    with open(store + "/out", "wb") as out:
        ox.serialize(triples, out, format=form)
os.remove(store + "/out")
say(seconds=time.perf_counter() - began)
"""
OURS = """
import os, resource
from pathlib import Path
from sarcoma_kg.building.builds import Build
from sarcoma_kg.publishing import publish
steps = []
jobs = int(sys.argv[4]) or os.cpu_count()
made = publish.publish(
    Build(data), Path(store) / "release",
    lambda words: steps.append((round(time.perf_counter() - began, 2), words)),
    without=shapes.split(), jobs=jobs,
)
# No process was larger than the largest.
others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 * jobs if jobs > 1 else 0
say(seconds=time.perf_counter() - began, steps=steps, jobs=jobs, most=peak() + others)
"""


def build_of(folder: Path, size: int) -> Path:
    """Return a build with so many claims; all of it counts as asserted."""
    packaged = claims.build_folder()
    if not size:
        return packaged
    made = folder / "build"
    made.mkdir()
    unsorted = folder / "unsorted.nt"
    with unsorted.open("w", encoding="utf-8") as out:
        claims.generate(claims.read(packaged), out, size)
    subprocess.run(
        ["sort", "--unique", f"--output={made / 'asserted.nt'}", str(unsorted)],
        env={**os.environ, "LC_ALL": "C"}, check=True,
    )  # fmt: skip
    unsorted.unlink()
    (made / "inferred.nt").touch()
    shutil.copy(packaged / "catalog.json", made)
    manifest = json.loads((packaged / "manifest.json").read_bytes())
    manifest["counts"]["claims"] = size
    (made / "manifest.json").write_text(json.dumps(manifest))
    store = ox.Store(str(made / "store"))
    store.bulk_load(path=str(made / "asserted.nt"), format=ox.RdfFormat.N_TRIPLES)
    store.optimize()
    store.flush()
    return made


def run(script: str, *arguments: object) -> dict[str, object]:
    """Run a script in a process of its own; return what it says last."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", COMMON + script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    said: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def measure(size: int, without: str, work: str | None, jobs: int) -> bool:
    """Publish a graph of so many claims, and tell whether the goals are met."""
    with tempfile.TemporaryDirectory(prefix="sarcoma-kg-publish-", dir=work) as name:
        folder = Path(name)
        build = build_of(folder, size)
        whole = build / "asserted.nt"  # of multiplied claims nothing else
        if not size:
            whole = folder / "whole.nt"
            parts = [(build / f"{part}.nt").read_bytes() for part in ("asserted", "inferred")]
            whole.write_bytes(b"".join(parts))
        yardstick = run(YARDSTICK, whole, "-", folder)
        ours = run(OURS, build, without, folder, jobs)
    ratio = float(str(ours["seconds"])) / float(str(yardstick["seconds"]))
    peak = float(str(ours["most"])) / GIGABYTE
    met = ratio <= RATIO and (size < 1_000_000 or peak <= MEMORY)
    sys.stdout.write(
        f"{size or 167:>9,} claims: publish {ours['seconds']:.2f} s in {ours['jobs']} processes, "
        f"at most {peak:.2f} GB together; each format once "
        f"{yardstick['seconds']:.2f} s; {ratio:.1f} times, goal {RATIO:g}: "
        f"{'met' if met else 'MISSED'}\n"
    )
    for seconds, words in ours["steps"]:  # type: ignore[attr-defined]
        sys.stdout.write(f"            from {seconds:8.2f} s  {words}\n")
    return met


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", default="0,10000", help="numbers of claims; 0: as packaged")
    parser.add_argument("--without", default="", help='parts to leave out: "site nanopubs"')
    parser.add_argument("--jobs", type=int, default=0, help="processes; 0: one for each processor")
    parser.add_argument("--work", help="an existing folder with room (1 M claims: 80 GB)")
    args = parser.parse_args()
    sizes = [int(size) for size in args.claims.split(",")]
    met = [measure(size, args.without, args.work, args.jobs) for size in sizes]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
