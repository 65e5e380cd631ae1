"""How long the first `check` of a user's file takes, and one after an edit, beside HermiT alone.

python -m tests.benchmarks.check [--pairs N]

Each pair begins with a cache that holds the packaged build and nothing else. HermiT alone is the
process that classifies the same file with the packaged ontology, Java's start included. `--watch`
is timed from the save of the file to the end of what it says of it. Seconds on the clock, and of
processor time with that of Java.
"""

import argparse
import os
import resource
import shutil
import signal
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
_PARENT = ("rdfs:subClassOf skg:Gene ;", "rdfs:subClassOf skg:Gene , skg:EWSR1 ;")
_NAMES = (
    "HermiT alone", "first check", "label edited", "axiom edited", "watch: first",
    "watch: label", "watch: axiom", "watch: parent",
)  # fmt: skip
Times = tuple[float, float]


def _timed(work: Callable[[], object], used: Callable[[], float]) -> Times:
    clock, processor = time.perf_counter(), used()
    work()
    return time.perf_counter() - clock, used() - processor


def _ended() -> float:
    """Return the processor time of this process and of those that it began and that ended."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def _command(path: Path) -> list[str]:
    return [sys.executable, "-c", _RUN, "check", str(path)]


def _check(path: Path) -> None:
    done = subprocess.run(_command(path), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)


class _Watch:
    """A `check --watch` at work."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [*_command(path), "--watch"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def answer(self) -> None:
        """Wait for the end of what it says next."""
        for line in self._process.stderr or ():
            if "waiting for the next save" in line:
                return
        sys.exit("--watch ended")

    def used(self) -> float:
        """Return its processor time, with that of all that it began (Linux only)."""
        stats = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = entry.read_text()
            except OSError:
                continue
            fields = text.rpartition(")")[2].split()
            # The parent, and the times of it and of those that it waited for.
            stats[int(entry.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
        mine = {self._process.pid}
        while more := {pid for pid, (parent, _) in stats.items() if parent in mine} - mine:
            mine |= more
        return sum(stats[pid][1] for pid in mine if pid in stats) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def _edit(path: Path, change: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    if change[0] not in text:
        sys.exit(f"{path}: {change[0]} is not there to be edited")
    path.write_text(text.replace(*change, 1), encoding="utf-8")


def _pair(folder: Path, kept: Path, cache: Path) -> list[Times]:
    shutil.copytree(kept, cache)
    shutil.copytree(_EXAMPLE, folder)
    path = folder / "lab-extension.ttl"
    ontologies.write_catalog(folder)
    plain = path.read_text(encoding="utf-8")
    ontology = pipeline.tbox(ontologies.together(ontologies.read_all([path])))
    times = [_timed(lambda: reason.classify(ontology, cached=False), _ended)]
    times.append(_timed(lambda: _check(path), _ended))
    for change in (_LABEL, _AXIOM):
        _edit(path, change)
        times.append(_timed(lambda: _check(path), _ended))
    shutil.rmtree(cache)
    shutil.copytree(kept, cache)
    path.write_text(plain, encoding="utf-8")
    watch = _Watch(path)
    times.append(_timed(watch.answer, watch.used))
    for change in (_LABEL, _AXIOM, _PARENT):

        def saved(change: tuple[str, str] = change) -> None:
            _edit(path, change)
            watch.answer()

        times.append(_timed(saved, watch.used))
    watch.end()
    shutil.rmtree(cache)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        cache, kept = Path(folder) / "cache", Path(folder) / "kept"
        os.environ["SARCOMA_KG_CACHE"] = str(cache)
        pipeline.build()
        cache.rename(kept)
        found = [_pair(Path(folder) / f"lab-{number}", kept, cache) for number in range(pairs)]
    sys.stdout.write("                 clock  to HermiT processor to HermiT\n")
    for place, name in enumerate(_NAMES):
        row = f"{name:14}"
        for at in (0, 1):
            mine = [pair[place][at] for pair in found]
            ratios = [pair[place][at] / pair[0][at] for pair in found]
            row += f" {statistics.median(mine):8.2f} {statistics.median(ratios):9.2f}"
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main()
