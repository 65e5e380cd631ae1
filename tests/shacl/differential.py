"""The differential test of the SHACL compiler: what it finds against what pySHACL finds.

    python -m tests.shacl.differential --pairs 50000 --seed 1

Pair number N of a seed is the same on every machine, so that a run can be continued with --start
and a pair can be looked at again with --start N --pairs 1. Where the two disagree, the evaluation
word by word (by_the_book) says who is right: a deviation of pySHACL that is known and sided
against by the book is counted by its reason, everything else is cut down to the least triples that
still show it and printed.
"""

import argparse
import contextlib
import itertools
import logging
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyoxigraph as ox
import pyshacl
import rdflib

from sarcoma_kg import shacl
from sarcoma_kg.quality.written import Written
from tests.shacl import by_the_book
from tests.shacl.by_the_book import Key
from tests.shacl.deviations import KNOWN, to_term
from tests.shacl.generated import Pair, Seeded, make
from tests.shacl.vocabulary import EX, FIRST, RDF, RDFS, REST, SHACL, XSD, Node, sh, structure

__all__ = ["Disagreement", "compare", "describe", "main", "shrink"]

Report = Counter[Key]
PREFIXES = {"ex": EX, "rdf": RDF, "rdfs": RDFS, "sh": SHACL, "xsd": XSD}


def _to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for triple in triples:
        graph.add((to_term(triple.subject), to_term(triple.predicate), to_term(triple.object)))
    return graph


def _from_rdflib(node: Any) -> Node:
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
    return ox.Literal(str(node), datatype=datatype)


def read_report(triples: Iterable[tuple[Node, Node, Node]]) -> Report:
    """Return the results of a sh:ValidationReport, those of nested shapes left out."""
    index: dict[tuple[Node, Node], list[Node]] = defaultdict(list)
    results = []
    for subject, predicate, value in triples:
        index[subject, predicate].append(value)
        if predicate == sh("result"):
            results.append(value)

    def one(result: Node, name: str) -> Node | None:
        found = index.get((result, sh(name)), [])
        assert len(found) <= 1, f"{len(found)} values of sh:{name}"
        return found[0] if found else None

    def key(result: Node) -> Key:
        focus, source = one(result, "focusNode"), one(result, "sourceShape")
        component, severity = (
            one(result, "sourceConstraintComponent"),
            one(result, "resultSeverity"),
        )
        assert focus and source and component and severity  # noqa: PT018
        path = structure(one(result, "resultPath"), lambda s, p: index.get((s, p), []))
        name = component.value.removeprefix(SHACL).removesuffix("ConstraintComponent")
        return (focus, path, name, source, one(result, "value"), severity)

    return Counter(key(result) for result in results)


def by_compiler(pair: Pair, guards_from: int | None = None) -> Report:
    """Validate with the compiler, through the report it writes."""
    data = Written(pair.data)
    plan = shacl.compile_shapes(pair.shapes, exact=True, altered=bool(data.changed))
    results = list(
        shacl.validate(plan, data.store, guards_from=guards_from, for_query=data.for_query)
    )
    return read_report((t.subject, t.predicate, t.object) for t in shacl.report(results, plan))  # type: ignore[misc]


def by_pyshacl(pair: Pair) -> Report:
    """Validate with pySHACL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, graph, words = pyshacl.validate(
            _to_rdflib(pair.data), shacl_graph=_to_rdflib(pair.shapes), inplace=True
        )
    if not isinstance(graph, rdflib.Graph):
        raise ValueError(words)
    return read_report((_from_rdflib(s), _from_rdflib(p), _from_rdflib(o)) for s, p, o in graph)


class Disagreement(NamedTuple):
    """What one side has and the other has not, and what the book says."""

    pair: Pair
    ours: Report
    theirs: Report
    crash: BaseException | None
    book: Report

    @property
    def book_sides_with_compiler(self) -> bool:
        """Whether the compiler reports what the specification asks for."""
        return self.ours == self.book

    @property
    def known(self) -> str:
        """The known deviations of pySHACL that explain it; empty when none do."""
        if not self.book_sides_with_compiler:
            return ""
        if self.crash is not None:
            words = str(self.crash)
            return next((k.name for k in KNOWN if k.crash and words.startswith(k.crash)), "")
        quirky = [k for k in KNOWN if not k.crash]
        for count in range(1, len(quirky) + 1):
            for some in itertools.combinations(quirky, count):
                checks = {name: check for k in some for name, check in k.quirks.items()}
                walk = next((k.walk for k in some if k.walk), None)
                with contextlib.suppress(Exception):  # rdflib's comparison may fail
                    if by_the_book.report(*self.pair, checks, walk) == self.theirs:
                        return " + ".join(k.name for k in some)
        return ""

    @property
    def kind(self) -> str:
        """A name under which like disagreements are counted."""
        if self.crash is not None and self.book_sides_with_compiler:
            return f"pySHACL: {type(self.crash).__name__}: {str(self.crash)[:60]}"
        theirs, who = self.theirs, "pySHACL"
        if not self.book_sides_with_compiler:
            # Whatever pySHACL says, this is for the compiler to mend.
            theirs, who = self.book, "the book"
        sides = [
            "/".join(sorted({key[2] for key in side})) or "nothing"
            for side in (self.ours - theirs, theirs - self.ours)
        ]
        return f"compiler {sides[0]}, {who} {sides[1]}"


def compare(pair: Pair) -> Disagreement | None:
    """Return how the three differ over a pair; an error of the compiler passes through."""
    crash: BaseException | None = None
    theirs: Report = Counter()
    try:
        theirs = by_pyshacl(pair)
    except Exception as error:  # pySHACL's own errors come in every class
        crash = error
    book = by_the_book.report(*pair)
    # With the short cuts for many focus nodes, and without: the one that is wrong is to be seen.
    ours = next((r for n in (None, 0) if (r := by_compiler(pair, n)) != book), book)
    # The two may also be wrong together.
    if crash is None and ours == theirs == book:
        return None
    return Disagreement(pair, ours, theirs, crash, book)


def _reachable(shapes: list[ox.Triple]) -> list[ox.Triple]:
    """Return the triples that still hang from a shape with a target."""
    targets = {sh(f"target{name}") for name in ("Node", "Class", "SubjectsOf", "ObjectsOf")}
    classes = {t.subject for t in shapes if t.object == ox.NamedNode(RDFS + "Class")}
    todo: list[object] = [t.subject for t in shapes if t.predicate in targets]
    todo += classes
    seen = set()
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [t.object for t in shapes if t.subject == node]
    return [t for t in shapes if t.subject in seen]


def _smaller(pair: Pair) -> Iterator[Pair]:
    for triple in pair.data:
        yield Pair(pair.shapes, [t for t in pair.data if t != triple])
    # A list or path with a piece cut out would be ill-formed, and prove nothing.
    kept = {FIRST, REST, sh("path")}
    for triple in pair.shapes:
        if triple.predicate not in kept and not triple.predicate.value.endswith("Path"):
            yield Pair(_reachable([t for t in pair.shapes if t != triple]), pair.data)


def shrink(found: Disagreement) -> Disagreement:
    """Return a disagreement of the same kind from which no triple can be taken away."""
    todo = _smaller(found.pair)
    while (pair := next(todo, None)) is not None:
        try:
            less = compare(pair)
        except Exception:  # the smaller shapes may be ill-formed
            continue
        if less is not None and less.kind == found.kind and less.known == found.known:
            found, todo = less, _smaller(less.pair)
    return found


def _turtle(triples: list[ox.Triple]) -> str:
    text = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b"").decode()
    return "\n".join(line for line in text.splitlines() if not line.startswith("@prefix"))


def _keys(report: Report) -> str:
    lines = []
    for (focus, path, component, shape, value, severity), count in report.items():
        words = f"{component} of {shape}: focus {focus}, path {path}, value {value}, {severity}"
        lines.append(f"    {count} x {words}")
    return "\n".join(sorted(lines)) or "    nothing"


def describe(found: Disagreement) -> str:
    """Return a disagreement in words, with the graphs that show it."""
    crash = f"pySHACL fails: {found.crash!r}\n" if found.crash is not None else ""
    return (
        f"{found.kind}\n{crash}"
        f"  the compiler:\n{_keys(found.ours)}\n"
        f"  pySHACL:\n{_keys(found.theirs)}\n"
        f"  the book:\n{_keys(found.book)}\n"
        f"# shapes\n{_turtle(found.pair.shapes)}\n# data\n{_turtle(found.pair.data)}\n"
    )


def main() -> int:
    """Compare many pairs, print what is new and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first pair")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # rdflib logs every ill-formed literal
    began, known, new = time.monotonic(), Counter[str](), Counter[str]()
    end = args.start + args.pairs
    for number in range(args.start, end):
        pair = make(Seeded(f"{args.seed}-{number}"))
        try:
            found = compare(pair)
        except Exception as error:  # whatever it is, the run goes on and says so
            kind = f"the compiler fails: {type(error).__name__}: {str(error)[:80]}"
            words = f"{kind}\n# shapes\n{_turtle(pair.shapes)}\n# data\n{_turtle(pair.data)}\n"
        else:
            if found is None:
                kind = ""
            elif reason := found.known:
                known[reason] += 1
                kind = ""
            else:
                kind, words = found.kind, ""
                if kind not in new:
                    words = describe(shrink(found))
        if kind:
            new[kind] += 1
            if new[kind] == 1:
                sys.stdout.write(f"== seed {args.seed}, pair {number}: {words}\n")
        if (number + 1) % 1000 == 0 or number + 1 == end:
            pace = (number + 1 - args.start) / (time.monotonic() - began)
            sys.stderr.write(
                f"  {number + 1} of {end}: {new.total()} new, {known.total()} known, "
                f"{pace:.0f} pairs/s\n"
            )
    sys.stdout.write(f"seed {args.seed}, pairs {args.start} to {end - 1}\n")
    for counts, what in ((known, "known deviation of pySHACL"), (new, "NEW")):
        for kind, count in counts.most_common():
            sys.stdout.write(f"  {count:6} {what}: {kind}\n")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
