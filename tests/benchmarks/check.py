"""How long the first `check` of a user's file takes, and one after an edit, beside HermiT alone.

python -m tests.benchmarks.check [--pairs N]

Each pair begins with a cache that holds the packaged build and nothing else. HermiT alone is the
process that classifies the same file with the packaged ontology, Java's start included. Seconds on
the clock, and of processor time with that of Java.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import resources
from sarcoma_kg.owl import ontologies, reason

_RUN = "import sys; from sarcoma_kg.cli import main; sys.exit(main(sys.argv[1:]))"
_EXAMPLE = resources.data_root() / "ontology" / "examples"
_LABEL = ('"examplogene autoleucel"@en', '"examplogene autoleucel (edited)"@en')
_AXIOM = ("lab:EXMP1 a owl:Class ;", "lab:EXMP1 a owl:Class ; owl:disjointWith skg:EWSR1 ;")
Times = tuple[float, float]


def _timed(work: Callable[[], object]) -> Times:
    def used() -> float:
        kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
        return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)

    clock, processor = time.perf_counter(), used()
    work()
    return time.perf_counter() - clock, used() - processor


def _check(path: Path) -> None:
    words = [sys.executable, "-c", _RUN, "check", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)


def _edit(path: Path, change: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    if change[0] not in text:
        sys.exit(f"{path}: {change[0]} is not there to be edited")
    path.write_text(text.replace(*change, 1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    pairs = parser.parse_args().pairs
    names = ("HermiT alone", "first check", "label edited", "axiom edited")
    found: dict[str, list[Times]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        cache, kept = Path(folder) / "cache", Path(folder) / "kept"
        os.environ["SARCOMA_KG_CACHE"] = str(cache)
        pipeline.build()
        cache.rename(kept)
        for number in range(pairs):
            lab = Path(folder) / f"lab-{number}"
            shutil.copytree(kept, cache)
            shutil.copytree(_EXAMPLE, lab)
            path = lab / "lab-extension.ttl"
            ontologies.write_catalog(lab)
            quads = ontologies.together(ontologies.read_all([path]))
            ontology = pipeline.tbox(quads)
            alone = _timed(lambda: reason.classify(ontology, cached=False))  # noqa: B023
            first = _timed(lambda: _check(path))  # noqa: B023
            _edit(path, _LABEL)
            label = _timed(lambda: _check(path))  # noqa: B023
            _edit(path, _AXIOM)
            axiom = _timed(lambda: _check(path))  # noqa: B023
            for name, times in zip(names, (alone, first, label, axiom), strict=True):
                found[name].append(times)
            shutil.rmtree(cache)
    head = "                 clock  to HermiT processor to HermiT"
    sys.stdout.write(head + "\n")
    for name in names:
        row = f"{name:14}"
        for at in (0, 1):
            mine = [times[at] for times in found[name]]
            ratios = [a / b[at] for a, b in zip(mine, found["HermiT alone"], strict=True)]
            row += f" {statistics.median(mine):8.2f} {statistics.median(ratios):9.2f}"
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main()
