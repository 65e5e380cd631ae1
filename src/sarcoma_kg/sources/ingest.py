"""From somebody's table to checked records: read by a recipe, sorted, held against the shapes.

Rows stream from the file into sorted runs on disk, so that a million rows need little memory. The
records, the ledger and what the run rests on are written beside one another, all or nothing.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.ground.version import __version__
from sarcoma_kg.quality import validation
from sarcoma_kg.reading import files, rows
from sarcoma_kg.sources import changes
from sarcoma_kg.sources.changes import Changes
from sarcoma_kg.sources.decisions import Decision, Decisions
from sarcoma_kg.sources.examining import Broken, Examiner, Tried, examined
from sarcoma_kg.sources.index import Index
from sarcoma_kg.sources.ledger import Entry, Ledger
from sarcoma_kg.sources.recipe import Recipe
from sarcoma_kg.sources.sorting import SortedLines
from sarcoma_kg.sources.taking import Taker
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Run", "Taken", "shown", "take"]

Progress = Callable[[str], None]
_SKG, _KB = namespaces.SKG, namespaces.KB
#: Lines of N-Triples that are rendered as Turtle, which is done in memory.
_MOST_TURTLE = 1_000_000
_SHOWN = 10
#: Rows that are held against the shapes at once, where they need not be together.
_PART = 10_000


@dataclass(slots=True)
class Taken:
    """What came of a run."""

    ledger: Ledger
    idle: list[Decision]
    unread: list[str]
    worked: bool = True
    changes: Changes | None = None
    records: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    #: Whether records may point at records of other parts, which no shape has seen together.
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A recipe, its table, where the records go, and the graph they are held against.

    Attributes:
        recipe: The recipe.
        table: The file.
        target: The records, .ttl or .nt.
        store: The built graph.
        parts: Its triples as files of N-Triples, for the shapes.
        dry: Look only, write nothing.
    """

    recipe: Recipe
    table: rows.Table
    target: Path
    store: EmbeddedStore
    parts: Sequence[Path]
    dry: bool = False

    @property
    def ledger_file(self) -> Path:
        """The ledger, beside the records."""
        return self.target.with_name(self.target.stem + ".ledger.tsv")

    @property
    def run_file(self) -> Path:
        """What the records rest on, beside them."""
        return self.target.with_name(self.target.stem + ".run.json")


def take(run: Run, say: Progress = lambda _: None) -> Taken:
    """Make records of the rows, or find that nothing has changed since they were made.

    Args:
        run: What is to be done.
        say: Called with a few words at the beginning of each step.

    Raises:
        UserError: the recipe, the decisions or the file are malformed; nothing is written.
    """
    say("reading the graph's names")
    index, decisions = Index(run.store), Decisions(run.recipe.decisions)
    unread = _columns(run)
    digest = _digest(run.table.path)
    basis = _basis(run, index, digest)
    former = _former(run)
    if not run.dry:
        if former.get("basis") == basis and former.get("output") == _digest_of(run):
            return Taken(_kept(run, former), [], [], worked=False)
        _refuse_others(run, former)
    dump = f"{_KB}dump-{run.recipe.name}-{digest[:12]}"
    taker = Taker(run.recipe, index, decisions, dump, frozenset({"", *run.recipe.missing}))
    say("counting the rows")
    number, twice = _count(run)
    about = sorted(_dump(run, dump, digest))
    result = Taken(Ledger(), decisions.idle, unread)
    with work.passing() as folder:
        say("taking the rows" if run.dry else "taking the rows, and validating them")
        lines = SortedLines(folder)
        lines.add("".join(about))
        # Records that point at nodes of other rows are held against the shapes together.
        whole = number <= _PART or bool(run.recipe.nodes)
        examiner = None if run.dry else Examiner(run.parts, about, whole=whole)
        parts = _parts(run, taker, twice, number if whole else _PART)
        for part, broken in examined(parts, examiner):
            _settle(part, broken, result, lines)
            # What is wrong with no record is wrong with the recipe, or the graph.
            result.findings = [finding for found in broken.values() for finding in found]
            if result.findings:
                return result
        result.ledger.balance(number)
        result.ledger.left.update(taker.left)
        result.idle = decisions.idle
        result.apart = bool(taker.pointing) and not whole
        if run.dry:
            return result
        say("writing")
        records = folder / "records.nt"
        lines.write(records)
        result.changes = (
            changes.between(run.target, records) if former and run.recipe.dump else None
        )
        _write(run, records, result, basis)
    return result


def _parts(run: Run, taker: Taker, twice: set[str], size: int) -> Iterator[list[Tried]]:
    """Yield what becomes of the rows, so many at a time."""
    read = run.table.read()
    while part := [_once(taker, row, twice) for row in itertools.islice(read, size)]:
        yield part


def _settle(part: list[Tried], broken: Broken, result: Taken, lines: SortedLines) -> None:
    """Take the rows of a part or list them; what they explain goes out of what is broken."""
    for row in part:
        found = broken.pop(row.iri, None) if broken and row.lines else None
        entries = row.entries or [
            Entry(row.number, row.key, f.path or f.shape, f.value, f.message) for f in found or []
        ]
        if entries:
            result.ledger.list_row(entries)
            continue
        result.ledger.taken += 1
        lines.add(row.lines)
        if len(result.records) < _SHOWN:
            result.records.append(row.lines)


def _once(taker: Taker, row: rows.Row, twice: set[str]) -> Tried:
    key = row.cells.get(taker.recipe.key, "").strip()
    if key in twice:
        why = "stands in several rows, so that it names none of them"
        return Tried(row.number, key, "", "", [Entry(row.number, key, taker.recipe.key, key, why)])
    return Tried(row.number, key, *taker.take(row))


def _columns(run: Run) -> list[str]:
    """Return the columns that the recipe neither reads nor names as unused.

    Raises:
        UserError: a column that it reads is missing, or stands there twice.
    """
    header, recipe = run.table.header(), run.recipe
    if not any(header):
        raise run.table.fail("", "the file is empty", "it needs a row of column names, and rows")
    for name, line in recipe.columns.items():
        if header.count(name) > 1:
            raise run.table.fail("", f"column '{name}' stands there twice", "rename one of them")
        if name not in header and run.table.form not in ("json", "jsonl"):
            import difflib

            near = difflib.get_close_matches(name, header, 1, 0.6)
            known = f"perhaps '{near[0]}'" if near else f"its columns: {', '.join(header)[:300]}"
            where = f"{recipe.path}: line {line}"
            raise UserError(f"{where}: {run.table.path} has no column '{name}'", known)
    named = {*recipe.columns, *recipe.unused}
    return [name for name in header if name and name not in named]


def _count(run: Run) -> tuple[int, set[str]]:
    """Return how many rows the file has, and the keys that stand in several."""
    seen: set[str] = set()
    twice: set[str] = set()
    number = 0
    for cell in run.table.column(run.recipe.key):
        number += 1
        key = cell.strip()
        if key in seen and key:
            twice.add(key)
        seen.add(key)
    return number, twice


def _dump(run: Run, iri: str, digest: str) -> list[str]:
    """Return what is said of the dump, and of the module where the recipe names one."""
    recipe, node, literal = run.recipe, ox.NamedNode, ox.Literal
    dcterms, rdf, owl = (namespaces.PREFIXES[p] for p in ("dcterms", "rdf", "owl"))
    kind, me = node(rdf + "type"), node(iri)
    day = {4: "gYear", 7: "gYearMonth"}.get(len(recipe.version), "date")
    told: list[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]] = [
        (me, kind, node(_SKG + "DatabaseDump")),
        (me, node(namespaces.PREFIXES["rdfs"] + "label"),
         literal(f"{recipe.title}, {recipe.version}", language="en")),
        (me, node(dcterms + "identifier"), literal(f"{recipe.name}-{digest[:12]}")),
        (me, node(dcterms + "license"), node(recipe.licence)),
        (me, node(dcterms + "source"), node(recipe.address)),
        (me, node(_SKG + "dumpDate"),
         literal(recipe.version, datatype=node(namespaces.PREFIXES["xsd"] + day))),
        (me, node(_SKG + "sha256"), literal(digest)),
    ]  # fmt: skip
    told = told if recipe.dump else []
    if recipe.ontology:
        module = node(recipe.ontology)
        told += [
            (module, kind, node(owl + "Ontology")),
            (module, node(owl + "imports"), node("https://w3id.org/sarcoma-kg/ontology")),
            (module, node(dcterms + "license"), node(recipe.licence)),
            (module, node(dcterms + "title"), literal(recipe.title, language="en")),
        ]
        if recipe.description:
            text = literal(" ".join(recipe.description.split()), language="en")
            told.append((module, node(dcterms + "description"), text))
    return [f"{s} {p} {o} .\n" for s, p, o in told]


def _write(run: Run, records: Path, result: Taken, basis: dict[str, str]) -> None:
    """Put records, ledger and basis in place; each whole, the basis last."""
    if run.target.suffix == ".ttl":
        with records.open(encoding="utf-8") as counted:
            number = sum(1 for _ in itertools.islice(counted, _MOST_TURTLE + 1))
        if number > _MOST_TURTLE:
            raise UserError(
                f"{run.target}: more than {_MOST_TURTLE:,} triples are not written as Turtle",
                f"name {run.target.with_suffix('.nt').name}",
            )
        parsed = ox.parse(path=str(records), format=ox.RdfFormat.N_TRIPLES)
        text = turtle.serialize([quad.triple for quad in parsed])
        _announce(run, hashlib.sha256(text.encode()).hexdigest())
        files.replace_text(run.target, text)
    else:
        _announce(run, _digest(records))
        _move(records, run.target)
    listed = records.with_name("ledger.tsv")
    result.ledger.write(listed)
    _move(listed, run.ledger_file)
    told = {"basis": basis, "output": _digest_of(run), "sums": result.ledger.sums()}
    files.replace_text(run.run_file, json.dumps(told, indent=1) + "\n")


def _refuse_others(run: Run, former: dict[str, Any]) -> None:
    """Refuse to replace records that no run wrote as they are.

    Raises:
        UserError: the file of the records is somebody's work.
    """
    ours = str(former.get("output", "")).split()[:1] + list(former.get("writes", []))
    if run.target.exists() and _digest(run.target) not in ours:
        raise UserError(
            f"{run.target}: is there, and is not as `ingest` wrote it"
            f"{'' if former else f' ({run.run_file.name}, which would know, is not beside it)'}: "
            "somebody's work would be lost",
            "name another file with --to, or move this one away; what you write by hand can stand "
            "in a file of its own, which `build --with` takes too",
        )


def _announce(run: Run, digest: str) -> None:
    """Take down what is going to be written, so that a run after a killed one knows it."""
    writes = [digest, *([_digest(run.target)] if run.target.exists() else [])]
    files.replace_text(run.run_file, json.dumps({"writes": writes}) + "\n")


def _move(records: Path, target: Path) -> None:
    """Move a file to its place; from another disk it is copied beside it first."""
    import shutil

    beside = target.with_name(f".{target.name}.part")
    try:
        shutil.move(records, beside)
        beside.replace(target)
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _digest_of(run: Run) -> str:
    """Return the digest of the records and the ledger as they lie there."""
    there = [run.target, run.ledger_file]
    return " ".join(_digest(path) for path in there if path.exists())


def _basis(run: Run, index: Index, digest: str) -> dict[str, str]:
    """Return the digests of all that the records rest on."""
    recipe = run.recipe
    shapes = hashlib.sha256(b"".join(path.read_bytes() for path in validation.shape_files()))
    return {
        "file": digest,
        "recipe": _digest(recipe.path),
        "decisions": _digest(recipe.decisions) if recipe.decisions else "",
        "names": index.digest,
        "shapes": shapes.hexdigest(),
        "program": __version__,
    }


def _former(run: Run) -> dict[str, Any]:
    try:
        read: Any = json.loads(run.run_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _kept(run: Run, former: dict[str, Any]) -> Ledger:
    """Return the ledger of the former run."""
    sums = former["sums"]
    return Ledger.read(run.ledger_file, sums["taken"], sums["values left out"])


def shown(lines: str, index: Index) -> Iterator[tuple[str, str]]:
    """Yield what a record says as people read it: slot and value."""
    for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
        value = quad.object
        text = value.value if isinstance(value, ox.Literal) else index.label(str(value)[1:-1])
        yield namespaces.contract(quad.predicate.value), text
