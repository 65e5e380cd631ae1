"""Files of shapes and RDF files, mutated from good ones, through reading, guard and `check`.

python -m tests.reading.fuzz --shapes 20000 --rdf 5000 --check 100 --seed 1

Each file is either taken or refused by a UserError: no other exception, no process that dies, no
file that takes more than its time or memory, and no contact to a listener on loopback whose
addresses, in every scheme, the files name. `--rdf` and `--check` count for each syntax. Shapes are
mutated as graphs (tests/shacl/mutated.py), RDF files as text.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.building import checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import loading
from tests.listener import Listener, listening
from tests.shacl import mutated as mutated_shapes

__all__ = ["SYNTAXES", "Failure", "addresses", "main", "mutated", "one", "run", "seeds"]

#: Suffix -> what writes it; the syntaxes of OWL that are none of RDF have files of their own.
SYNTAXES: dict[str, ox.RdfFormat | None] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".ofn": None,
    ".omn": None,
    ".owx": None,
    ".obo": None,
}
_DATA = Path(__file__).parents[1] / "data"
#: Seconds for a file, and bytes for a process.
_SECONDS, _MEMORY = 60, 4 * 1024**3
_NASTY = (
    "<{at}>", "<http://example.org/o> <http://www.w3.org/2002/07/owl#imports> <{at}> .",
    "@base <{at}> .", "@prefix x: <{at}> .", "SERVICE <{at}> { ?s ?p ?o }", "FROM <{at}>",
    '<!DOCTYPE a SYSTEM "{at}">', '<!ENTITY % b SYSTEM "{at}"> %b;', "&b;", "]]>", "<![CDATA[",
    'xml:base="{at}"', 'rdf:resource="{at}"', 'rdf:parseType="Literal"', "(", ")", "[", "]", "{",
    "}",
    "(" * 3000, "[ <p> " * 3000, '"""', "'''", "\\u0000", "\\uD800", "\\", "\0", "\ufeff", "\u202e",
    "# ", "\r", "9" * 5000, "1e999999", "-0.0", "^^", "@en--ltr", "@", "<<( ", " )>>", "_:b", "a",
    ";", ".", "<>", "<a b>", "sh:sparql", "sh:path", "sh:node", "sh:and", "sh:in ()",
    "sh:deactivated 5",
    "Import(<{at}>)", "Import: <{at}>", '<Import>{at}</Import>', "import: {at}",
    '"@context": "{at}"', '{"@import": "{at}"}', "ObjectSomeValuesFrom(" * 300, "not " * 300,
    "not (" * 300, '[{"a":' * 300,
    "<ObjectComplementOf>" * 300, "{!", "intersection_of: x y", "Class:", "Annotations:", '"\\"',
)  # fmt: skip


class Failure(NamedTuple):
    """A file that was neither taken nor refused: its kind, number, and what came of it."""

    kind: str
    number: int
    what: str


def addresses(listener: Listener) -> list[str]:
    """Return the addresses that files name: every scheme, every host, as far as they are IRIs."""
    return [at for at in listener.everywhere if not at.startswith("jar:http://[")]


def seeds(suffix: str) -> list[str]:
    """Return good files of a syntax."""
    form = SYNTAXES[suffix]
    if form is None:
        return [path.read_text("utf-8") for path in sorted(_DATA.glob(f"owlsyntaxes*/*{suffix}"))]
    found = []
    for path in sorted((_DATA / "good").glob("*.ttl")):
        quads = loading.read(path)[:200]
        text = ox.serialize((q.triple for q in quads), format=form) or b""
        found.append(text.decode())
    return found


def mutated(text: str, others: Sequence[str], chance: random.Random, at: str) -> str:
    """Return a text with one to six changes.

    Args:
        text: A good file.
        others: Files of which parts may be put in.
        chance: Where and how.
        at: The address that must not be asked.
    """
    if len(text) > 6000:
        # A part of a long file, whose statements end with a line.
        start = text.rfind("\n", 0, chance.randrange(len(text) - 4000)) + 1
        text = text[:1500] + text[start : start + 4000]
    for _ in range(chance.randint(1, 6)):
        a, length = chance.randrange(len(text) + 1), int(chance.expovariate(1 / 20))
        piece = text[a : a + length]
        other = chance.choice(others)
        b = chance.randrange(len(other))
        text = chance.choice([
            text[:a] + text[a + length :],
            text[:a] + chance.choice(_NASTY).replace("{at}", at) + text[a:],
            text[:a] + " " + chance.choice(_NASTY).replace("{at}", at) + " " + text[a + length :],
            text[:a] + piece * chance.randint(2, 50) + text[a + length :],
            text[:a] + other[b : b + length * 4] + text[a:],
            text[:a] + chr(chance.randrange(0xD7FF)) + text[a + 1 :],
            text if chance.random() < 0.9 else text[:a],
        ])  # fmt: skip
    return text


def one(kind: str, number: int, seed: int, places: Sequence[str], folder: Path) -> Path:
    """Write the file of a number, beside shapes the data for them; return where it is."""
    chance = random.Random(f"{kind} {number} {seed}")
    at = places[number % len(places)]
    if kind == "shapes":
        text, data = mutated_shapes.pair(chance, at)
        (folder / "data.ttl").write_text(data, "utf-8")
    else:
        good = seeds_of(kind)
        text = mutated(chance.choice(good), good, chance, at)
    path = folder / f"{number}{'.ttl' if kind == 'shapes' else kind}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


_known: dict[str, list[str]] = {}


def seeds_of(kind: str) -> list[str]:
    """Return `seeds` of a kind, read once."""
    return _known.setdefault(kind, seeds(kind))


def run(
    kind: str, numbers: range, seed: int, places: Sequence[str], folder: Path
) -> Iterator[tuple[int, str]]:
    """Read the files of some numbers; yield each number before, and again with what came of it.

    Raises:
        Exception: what a file led to that is no UserError.
    """
    for number in numbers:
        yield number, ""
        path = one(kind, number, seed, places, folder)
        try:
            if kind == "shapes":
                checking.against([path], [folder / "data.ttl"])
            else:
                loading.read(path)
        except UserError:
            yield number, "refused"
        else:
            yield number, "taken"
        path.unlink()


def _elsewhere(
    kind: str, count: int, seed: int, places: Sequence[str], folder: Path, ends: Counter[str]
) -> Iterator[Failure]:
    """Let another process read the files, and a new one those behind a file that ended it."""
    begin = 0
    while begin < count:
        words = [
            sys.executable,
            "-m",
            "tests.reading.fuzz",
            "--worker",
            kind,
            " ".join(places),
            str(folder),
        ]
        words += ["--seed", str(seed), "--from", str(begin), "--to", str(count)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        latest = [begin, time.monotonic()]

        def follow(lines: Iterator[str], latest: list[float]) -> None:
            for line in lines:
                number, _, end = line.strip().partition(" ")
                latest[:] = int(number), time.monotonic()
                if end:
                    ends[end] += 1

        assert process.stdout
        thread = threading.Thread(target=follow, args=(iter(process.stdout), latest))
        thread.start()
        while process.poll() is None:
            time.sleep(0.05)
            if time.monotonic() - latest[1] > _SECONDS:
                process.kill()
        thread.join()
        assert process.stderr
        said = process.stderr.read().strip().splitlines()
        process.stderr.close()
        process.stdout.close()
        if process.returncode == 0:
            return
        what = f"code {process.returncode}: {said[-1][:300] if said else 'without a word'}"
        yield Failure(kind, int(latest[0]), what)
        begin = int(latest[0]) + 1


def _checked(
    kind: str, count: int, seed: int, places: Sequence[str], folder: Path
) -> Iterator[Failure]:
    """Let `check` look at files."""
    for number in range(count):
        path = one(kind, number, seed, places, folder)
        words = [sys.executable, "-m", "sarcoma_kg.cli", "check", str(path)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
        except subprocess.TimeoutExpired:
            yield Failure(f"check {kind}", number, "not done within 600 s")
            continue
        if done.returncode not in {0, 1, 2} or "Traceback" in done.stderr:
            yield Failure(f"check {kind}", number, f"{done.returncode}: {done.stderr[-300:]}")
        path.unlink()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the files through; print each that failed; return 1 when one has."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("--shapes", 20_000), ("--rdf", 5000), ("--check", 100), ("--seed", 1)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--from", dest="begin", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.worker:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        kind, places, folder = args.worker
        numbers = range(args.begin, args.to)
        for number, end in run(kind, numbers, args.seed, places.split(), Path(folder)):
            print(number, end, flush=True)  # noqa: T201
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name, listening() as listener:
        places = addresses(listener)
        for kind in ("shapes", *SYNTAXES):
            count = args.shapes if kind == "shapes" else args.rdf
            began, ends = time.monotonic(), Counter[str]()
            found = list(_elsewhere(kind, count, args.seed, places, Path(name), ends))
            if kind != "shapes":
                found += _checked(kind, args.check, args.seed, places, Path(name))
            for failure in found:
                print(*failure, flush=True)  # noqa: T201
            took = time.monotonic() - began
            told = f"{kind}: {count} files {dict(ends)}, {len(found)} wrong, {took:.0f} s"
            print(told, flush=True)  # noqa: T201
            wrong += len(found)
        contacts = listener.contacts
    print(f"seed {args.seed}: {wrong} wrong, {contacts} contacts")  # noqa: T201
    return 1 if wrong or contacts else 0


if __name__ == "__main__":
    sys.exit(main())
