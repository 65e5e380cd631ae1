"""Shapes graphs that others publish, each on its own examples: the compiler against pySHACL.

    python -m tests.shacl.public --checkouts DIR [--only NAME] [--details]

DIR/OWNER/NAME is a clone of each repository in public.toml; what is read is what the commit there
holds, whatever is checked out. Every example is a data graph of its own. Both engines get the same
terms, as they are written; the results are compared one by one, without the messages. A constraint
that ours refuses by name is counted, and what pySHACL finds by it is no disagreement.
"""

import argparse
import fnmatch
import json
import logging
import subprocess
import sys
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg import shacl
from sarcoma_kg.quality.written import Written
from tests.shacl.by_the_book import Key
from tests.shacl.differential import by_pyshacl, read_report
from tests.shacl.generated import Pair
from tests.shacl.vocabulary import SHACL

__all__ = ["main"]

TABLE = Path(__file__).with_suffix(".toml")
FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}


class Graph(NamedTuple):
    """One entry of the table."""

    name: str
    repository: str
    commit: str
    shapes: list[str]
    data: list[str]
    context: str = ""
    belongs: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What came of one example."""

    ours: Counter[Key]
    theirs: Counter[Key]
    refused: tuple[shacl.Notice, ...]
    crash: str
    ours_seconds: float
    theirs_seconds: float


def _git(checkout: Path, *words: str) -> bytes:
    return subprocess.run(
        ["git", "-C", checkout, *words],
        check=True,
        capture_output=True,
    ).stdout


class Repository:
    """The files of a commit, read with git."""

    def __init__(self, checkouts: Path, name: str, commit: str) -> None:
        self.where, self.commit = checkouts / name, commit
        listing = _git(self.where, "ls-tree", "-r", "-z", "--name-only", commit)
        self.paths = listing.decode().split("\0")[:-1]

    def matching(self, patterns: list[str] | tuple[str, ...]) -> list[str]:
        """Return the paths that match; a pattern without any is an error."""
        found = []
        for pattern in patterns:
            literal = pattern.replace("[", "[[]")
            hits = fnmatch.filter(self.paths, literal)
            if not hits:
                raise SystemExit(f"{self.where}: no file matches {pattern}")
            found += sorted(hits)
        return found

    def read(self, path: str) -> bytes:
        """Return the bytes of a file."""
        return _git(self.where, "show", f"{self.commit}:{path}")


def _local(node: Any, context: Any) -> Any:
    """Return JSON-LD with each remote context replaced by the one at hand."""
    if isinstance(node, list):
        return [_local(item, context) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _local(value, context) for key, value in node.items()}
    if "@context" in found:
        several = found["@context"] if isinstance(found["@context"], list) else [found["@context"]]
        found["@context"] = [context if isinstance(one, str) else one for one in several]
    return found


def parse(raw: bytes, path: str, scope: str, context: Any = None) -> list[ox.Triple]:
    """Return the triples of a file, its blank nodes named apart from those of other files."""
    if context is not None:
        raw = json.dumps(_local(json.loads(raw), context)).encode()
    base = "https://example.org/" + path.replace(" ", "%20")
    quads = ox.parse(raw, format=FORMATS[Path(path).suffix], base_iri=base)

    def own(node: Any) -> Any:
        return ox.BlankNode(f"{scope}{node.value}") if isinstance(node, ox.BlankNode) else node

    return [ox.Triple(own(q.subject), q.predicate, own(q.object)) for q in quads]


def table() -> list[Graph]:
    """Return the entries of public.toml."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["graph"]
    return [
        Graph(**{k: v for k, v in row.items() if k != "with"}, belongs=tuple(row.get("with", ())))
        for row in rows
    ]


def verdict(shapes: list[ox.Triple], data: list[ox.Triple]) -> Verdict:
    """Validate with both engines; reading is not counted, compiling is."""
    began = time.monotonic()
    written = Written(data)
    plan = shacl.compile_shapes(shapes, exact=True, altered=bool(written.changed))
    plan = shacl.readable(plan, written.store)
    results = list(shacl.validate(plan, written.store, for_query=written.for_query))
    ours = read_report((t.subject, t.predicate, t.object) for t in shacl.report(results, plan))  # type: ignore[misc]
    middle = time.monotonic()
    crash, theirs = "", Counter[Key]()
    try:
        theirs = by_pyshacl(Pair(shapes, data))
    except Exception as error:  # pySHACL's own errors come in every class
        crash = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120]}"
    return Verdict(ours, theirs, plan.refused, crash, middle - began, time.monotonic() - middle)


def examples(graph: Graph, checkouts: Path) -> Iterator[tuple[str, Verdict | str]]:
    """Yield path and verdict of each example; a text where it cannot be read."""
    repository = Repository(checkouts, graph.repository, graph.commit)
    context = None
    if graph.context:
        where, _, path = graph.context.partition(":")
        name, _, commit = where.partition("@")
        context = json.loads(Repository(checkouts, name, commit).read(path))["@context"]

    def together(patterns: list[str] | tuple[str, ...], scope: str) -> list[ox.Triple]:
        triples: list[ox.Triple] = []
        for number, path in enumerate(repository.matching(patterns)):
            triples += parse(repository.read(path), path, f"{scope}{number}")
        return triples

    # Oxigraph may give two readings of a file the same labels or others: one reading serves both.
    shapes = together(graph.shapes, "s")
    belongs = shapes if list(graph.belongs) == graph.shapes else together(graph.belongs, "w")
    for path in repository.matching(graph.data):
        try:
            data = parse(repository.read(path), path, "d", context)
        except (SyntaxError, ValueError) as error:
            yield path, str(error)
            continue
        yield path, verdict(shapes, list(dict.fromkeys([*belongs, *data])))


def _words(keys: Counter[Key]) -> str:
    counted = Counter(
        (key[2], str(key[3])[:90], str(key[1])[:60], str(key[4])[:60]) for key in keys.elements()
    )
    return "".join(f"      {n} x {' '.join(words)}\n" for words, n in counted.most_common(8))


def row(graph: Graph, found: list[tuple[str, Verdict | str]], details: bool) -> tuple[str, bool]:
    """Return the line of the table for a graph, and whether the engines agree."""
    verdicts = [(path, v) for path, v in found if isinstance(v, Verdict)]
    agree = True
    for path, v in found:
        if isinstance(v, str):
            sys.stderr.write(f"  {graph.name}: {path} is not read: {v}\n")
            continue
        # By which component a refused constraint would be asked is not told: its shape is.
        refused = {str(notice.shape.value) for notice in v.refused if notice.shape}
        theirs = Counter(
            {k: n for k, n in v.theirs.items() if _label(k[3]) not in refused or k in v.ours}
        )
        ours = v.ours
        if v.crash or ours != theirs:
            agree = agree and bool(v.crash)
            if details:
                sides = f"    ours only:\n{_words(ours - theirs)}    theirs only:\n"
                sys.stderr.write(f"  {graph.name}: {path}\n    {v.crash}\n{sides}")
                sys.stderr.write(_words(theirs - ours))
    reasons = sorted({n.text for _, v in verdicts for n in v.refused})
    if details:
        for text in reasons:
            sys.stderr.write(f"  {graph.name}: refused: {text}\n")
    violated = sum(any(key[5].value == SHACL + "Violation" for key in v.ours) for _, v in verdicts)
    crashed = sum(bool(v.crash) for _, v in verdicts)
    seconds = sum(v.ours_seconds for _, v in verdicts), sum(v.theirs_seconds for _, v in verdicts)
    cells = [
        graph.name,
        f"{graph.repository}@{graph.commit[:12]}",
        f"{len(verdicts)}" + (f" of {len(found)}" if len(found) > len(verdicts) else ""),
        str(violated),
        str(sum(v.ours.total() for _, v in verdicts)),
        str(len(reasons)),
        ("yes" if agree else "NO") + (f", pySHACL fails on {crashed}" if crashed else ""),
        f"{seconds[0]:.1f}",
        f"{seconds[1]:.1f}",
    ]
    return "| " + " | ".join(cells) + " |\n", agree


HEAD = (
    "| shapes | repository and commit | examples | with violations | results | refused by name | "
    "pySHACL agrees | seconds | pySHACL's seconds |\n|---|---|---|---|---|---|---|---|---|\n"
)


def main() -> int:
    """Print the table; exit 1 where the engines disagree."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkouts", type=Path, required=True)
    parser.add_argument("--only", default="", help="graphs with this in their name")
    parser.add_argument("--details", action="store_true", help="each disagreement, on stderr")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # rdflib logs every ill-formed literal
    warnings.simplefilter("ignore")
    agree = True
    sys.stdout.write(HEAD)
    for graph in table():
        if args.only in graph.name:
            line, same = row(graph, list(examples(graph, args.checkouts)), args.details)
            agree = agree and same
            sys.stdout.write(line)
            sys.stdout.flush()
    return 0 if agree else 1


def _label(node: Any) -> str:
    return str(node.value)


if __name__ == "__main__":
    sys.exit(main())
