"""Commands that are stopped or killed at random moments: the next run is right, nothing is left.

python -m tests.kills --count 50 --seed 7

Each attempt starts `build`, `load`, `publish` or `validate` in a cache, a folder for passing files
and a working folder of its own, and sends SIGKILL, SIGTERM or SIGHUP at a moment that the seed
gives. Then no process of the attempt may be alive; after SIGTERM and SIGHUP no folder of it may be
there. The same command once more has to give what it gives undisturbed, and to leave nothing else.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from tests.stores import sparql_server

__all__ = ["COMMANDS", "Attempt", "Place", "attempt", "attempts", "main", "prepare"]

COMMANDS = ("build", "load", "publish", "validate")
_SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP")
_LONGEST = 600
_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix ex: <http://example.org/> .
ex:S a sh:NodeShape ; sh:targetSubjectsOf skg:paraphrase ;
    sh:property [ sh:path skg:paraphrase ; sh:minLength 1 ] .
"""
_DATA = """
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://example.org/T> a owl:Class ; rdfs:label "t"@en ; rdfs:subClassOf skg:Therapy .
<http://example.org/c> skg:paraphrase "p" .
"""


class Attempt(NamedTuple):
    """One attempt: the command, the signal, and the share of an undisturbed run before it."""

    command: str
    name: str
    share: float


class Place:
    """Where an attempt runs.

    Args:
        folder: An empty folder.
        cache: A cache to start from.
        known: Whether the classification in it is kept, so that the reasoner has no work.
    """

    def __init__(self, folder: Path, cache: Path, *, known: bool = True) -> None:
        self.folder = folder
        self.cache, self.passing, self.here = (folder / n for n in ("cache", "passing", "here"))
        shutil.copytree(cache, self.cache)
        if not known:
            shutil.rmtree(self.cache / "classifications")
        self.passing.mkdir()
        self.here.mkdir()
        (self.here / "shapes.ttl").write_text(_SHAPES)
        (self.here / "data.ttl").write_text(_DATA)
        self.store = ox.Store()

    def start(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a command, in a group of its own as from a shell."""
        environment = {
            **os.environ,
            "SARCOMA_KG_CACHE": str(self.cache),
            "TMPDIR": str(self.passing),
            "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        }
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "sarcoma_kg.cli", *words],
                cwd=self.here, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        """What the last command said."""
        return (self.folder / "said").read_text()[-2000:]

    def alive(self) -> list[str]:
        """Return the command lines of the processes that an attempt here has begun."""
        mark = f"TMPDIR={self.passing}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found += [words[:200]] if words else []
            except OSError:
                continue
        return found

    def unfinished(self) -> list[str]:
        """Return the files and folders of work that is not done."""
        places = [self.cache, self.cache / "builds", self.cache / "classifications", self.here]
        hidden = [p for place in places if place.is_dir() for p in place.glob(".*")]
        return [str(p.relative_to(self.folder)) for p in [*hidden, *self.passing.iterdir()]]

    def result(self, command: str) -> str:
        """Return a digest of what a command has made, which is the same each time."""
        if command == "load":
            lines = sorted(str(quad.triple) for quad in self.store)
        elif command == "publish":
            lines = [(self.here / "release" / "SHA256SUMS").read_text()]
        elif command == "build":
            one, *more = (self.cache / "builds").iterdir()
            assert not more, f"another build is left: {more}"
            parts = ("asserted.nt", "inferred.nt")
            lines = [(one / part).read_text() for part in parts]
            # The store has its own labels for blank nodes.
            held = ox.Dataset(ox.Store.read_only(str(one / "store")))
            held.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
            lines += sorted(str(quad.triple) for quad in held)
        else:
            lines = []
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _words(command: str, served: sparql_server.Served) -> list[str]:
    return {
        "build": ["build", "--force"],
        "load": ["load", "--endpoint", served.query, "--update", served.update],
        "publish": ["publish", "release", "--jobs", "2"],
        "validate": ["validate", "data.ttl", "--shapes", "shapes.ttl", "--with-graph"],
    }[command]


def prepare(folder: Path, cache: Path, command: str) -> tuple[float, str]:
    """Run a command undisturbed; return how long it takes, and what comes of it."""
    place = Place(folder, cache, known=command in {"load", "publish"})
    with sparql_server.serving(place.store) as served:
        began = time.monotonic()
        code = place.start(_words(command, served)).wait(_LONGEST)
        assert code == 0, place.said
        return time.monotonic() - began, place.result(command)


def _ended(place: Place) -> None:
    """Wait a moment for the processes of an attempt to end; Python's own end a little later."""
    deadline = time.monotonic() + 10
    while (alive := place.alive()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive, f"still running: {alive}"


def attempt(it: Attempt, folder: Path, cache: Path, usual: tuple[float, str]) -> str:
    """Make an attempt; return how the command ended.

    Args:
        it: The attempt.
        folder: An empty folder.
        cache: A cache to start from.
        usual: What `prepare` returned for the command.

    Raises:
        AssertionError: something was left behind, or the next run was not right.
    """
    seconds, expected = usual
    place = Place(folder, cache, known=it.command in {"load", "publish"})
    with sparql_server.serving(place.store) as served:
        words = _words(it.command, served)
        process = place.start(words)
        time.sleep(seconds * it.share)
        process.send_signal(getattr(signal, it.name))
        code = process.wait(60)
        assert code in {0, 130, -getattr(signal, it.name)}, place.said
        _ended(place)
        if code == 130:
            assert not (left := place.unfinished()), f"left: {left}"
            assert "interrupted" in place.said, f"not told: {place.said}"
        if it.command == "publish" and (place.here / "release").exists():
            assert place.result("publish") == expected, "half a release"
            shutil.rmtree(place.here / "release")
        again = place.start(words).wait(_LONGEST)
        assert again == 0, place.said
        assert place.result(it.command) == expected, "the next run made something else"
        assert not (left := place.unfinished()), f"left by the next run: {left}"
        _ended(place)
    return {0: "done before", 130: "interrupted"}.get(code, "killed")


def attempts(count: int, seed: int) -> Iterator[Attempt]:
    """Yield attempts: every command with every signal before any comes again."""
    chance = random.Random(seed)
    for number in range(count):
        command = COMMANDS[number % len(COMMANDS)]
        name = _SIGNALS[number // len(COMMANDS) % len(_SIGNALS)]
        yield Attempt(command, name, chance.uniform(0, 1))


def main(argv: Sequence[str] | None = None) -> int:
    """Make the attempts, with a line for each; return 1 when one has failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    # Below nohup it is ignored, and the commands would inherit that.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        root = Path(name).resolve()
        os.environ["SARCOMA_KG_CACHE"] = str(root / "cache")
        from sarcoma_kg.building import pipeline

        pipeline.build()
        usual = {c: prepare(root / f"usual-{c}", root / "cache", c) for c in COMMANDS}
        took = ", ".join(f"{command} {seconds:.1f} s" for command, (seconds, _) in usual.items())
        print(f"seed {args.seed}; undisturbed: {took}", flush=True)  # noqa: T201
        for number, it in enumerate(attempts(args.count, args.seed)):
            folder = root / str(number)
            try:
                end = attempt(it, folder, root / "cache", usual[it.command])
            except AssertionError as error:
                wrong += 1
                end = f"WRONG: {error}"
            print(f"{number} {it.command} {it.name} at {it.share:.3f}: {end}", flush=True)  # noqa: T201
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{args.count} attempts, {wrong} wrong")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
