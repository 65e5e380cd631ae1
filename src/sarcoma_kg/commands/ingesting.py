"""The command `ingest`: other people's tables into records, with a ledger of what was not taken."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from sarcoma_kg.sources.changes import Changes
    from sarcoma_kg.sources.ingest import Run, Taken

__all__ = ["COMMANDS"]

_SUFFIXES = (".ttl", ".nt")
_MOST = 20


def _ingest(args: argparse.Namespace) -> int:
    named = [name for name in (args.recipe, args.file) if name]
    if (code := console.apart(args, named)) is not None:
        return code
    if args.suggest:
        return _suggest(args)
    from sarcoma_kg.reading import rows
    from sarcoma_kg.sources import ingest, recipe

    if not args.recipe:
        raise UserError("no recipe is named", f"packaged: {', '.join(recipe.packaged())}")
    read = recipe.read(recipe.find(args.recipe))
    path = Path(args.file) if args.file else read.file
    if path is None:
        raise UserError("no file is named", f"sarcoma-kg ingest {args.recipe} FILE")
    target = Path(args.target or f"{read.name}.ttl")
    if not args.dry_run and (target.suffix not in _SUFFIXES or not target.parent.is_dir()):
        raise UserError(
            f"{target}: is no .ttl or .nt in a folder that exists",
            "records are written as Turtle, or as N-Triples where they are many",
        )
    left = [name for name, text in recipe.DRAFTED.items() if getattr(read, name) == text]
    if left and not args.dry_run:
        raise UserError(
            f"{read.path}: {', '.join(left)} of the source still stand as --suggest drafted them",
            "say what the table is: this goes onto every record; --dry-run runs a draft",
        )
    table = rows.table(
        path, read.format, encoding=read.encoding, quotes=read.quotes, sheet=read.sheet,
        rows=read.rows,
    )  # fmt: skip
    build = console.plain()
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    run = ingest.Run(read, table, target, build.open(), parts, args.dry_run)
    return _told(args, run, ingest.take(run, console.step))


def _told(args: argparse.Namespace, run: "Run", taken: "Taken") -> int:
    """Tell what came of a run; return the exit code."""
    ledger, source = taken.ledger, run.recipe
    if taken.findings:
        for finding in taken.findings[:_MOST]:
            console.say(f"  {finding.focus} {finding.path}: {finding.message}")
        console.say(f"{len(taken.findings)} finding(s) about no single row; nothing was written")
        return 1
    if not taken.worked:
        state = "up to date, nothing was done"
    else:
        dry = "looked at; nothing is written, and the shapes were not asked"
        state = dry if run.dry else f"written to {run.target}"
    sums: dict[str, Any] = {
        "recipe": str(source.path), "file": str(run.table.path),
        "output": "" if run.dry else str(run.target),
        "worked": taken.worked, **ledger.sums(),
    }  # fmt: skip
    if taken.changes:
        sums["changes"] = _changes(taken.changes)
    if args.format == "json":
        sums["idle decisions"] = [
            {"line": one.line, "column": one.column, "value": one.value} for one in taken.idle
        ]
        sums["ledger"] = [dict(zip(_columns(), e.cells, strict=True)) for e in ledger]
        console.out(json.dumps(sums, indent=1, ensure_ascii=False) + "\n")
    elif taken.worked:
        _for_people(run, taken, args.format)
    for decision in taken.idle[:_MOST]:
        console.say(
            f"  {source.decisions}: line {decision.line}: '{decision.value[:60]}' does not occur "
            f"in column {decision.column} of a row that is taken up: the decision no longer applies"
        )
    if (more := len(taken.idle) - _MOST) > 0:
        console.say(f"  and {more:,} more that no longer apply: --format json lists them")
    if taken.apart:
        console.say(
            "  records point at records of this table, which is held against the shapes in parts: "
            f"`sarcoma-kg build --with {run.target.name}` asks the shapes of all together"
        )
    first, *others = ["", ""] if source.sheet else [*run.table.sheets(), ""]
    # Those two explain a sheet that `template` began.
    if others := [name for name in others if name not in ("", "columns", "lists")]:
        console.say(
            f"  of the workbook only the sheet '{first}' was read, none of "
            f"{', '.join(others)[:300]}; `sheet` in the recipe names one"
        )
    if taken.unread:
        console.say(f"  columns neither read nor named as unused: {', '.join(taken.unread)[:400]}")
    if taken.changes:
        console.say(
            "  since the former run: "
            + ", ".join(f"{n} {w}" for w, n in _told_changes(taken.changes))
        )
    console.say(
        f"{run.table.path}: {ledger.taken + ledger.listed:,} rows: {ledger.taken:,} taken, "
        f"{ledger.listed:,} listed; {state}"
    )
    return 1 if args.strict and ledger.listed else 0


def _told_changes(changes: "Changes") -> list[tuple[str, int]]:
    return [
        ("added", len(changes.added)), ("changed", len(changes.changed)),
        ("gone", len(changes.gone)), ("as before", changes.same),
    ]  # fmt: skip


def _changes(changes: "Changes") -> dict[str, Any]:
    return {
        "added": changes.added, "changed": changes.changed, "gone": changes.gone,
        "same": changes.same,
    }  # fmt: skip


def _columns() -> tuple[str, ...]:
    from sarcoma_kg.sources import ledger

    return ledger.COLUMNS


def _for_people(run: "Run", taken: "Taken", form: str | None) -> None:
    """Show records as people read them where nothing is written, and the ledger."""
    from sarcoma_kg.sources import ingest
    from sarcoma_kg.sources.index import Index

    ledger = taken.ledger
    if run.dry:
        index = Index(run.store)
        for lines in taken.records:
            pairs = list(ingest.shown(lines, index))
            label = next((text for slot, text in pairs if slot == "rdfs:label"), "")
            console.say(label)
            for slot, text in pairs:
                if slot != "rdfs:label":
                    console.say(f"  {slot.partition(':')[2]:<20} {text}")
    if form or run.target is None:
        console.table(_columns(), [e.cells for e in ledger], form)
    for reason, number in list(ledger.sums()["reasons"].items())[:_MOST]:
        console.say(f"  {number:>6,}  {reason[:150]}")
    more = len(ledger.sums()["reasons"]) - _MOST
    where = "" if run.dry else f"; every row: {run.ledger_file}"
    if ledger.listed:
        console.say(f"  {f'{more} more reasons' if more > 0 else 'all reasons'}{where}")
    for slot, number in ledger.left.items():
        console.say(
            f"  {number:,} records without {slot}: no term for the value, which may be left"
        )


def _suggest(args: argparse.Namespace) -> int:
    from sarcoma_kg.reading import rows
    from sarcoma_kg.sources import suggest

    path = Path(args.suggest)
    build = console.plain()
    console.out(suggest.draft(rows.table(path), build.open()))
    console.say("a draft: read what stands behind each #, and save it as a .yaml")
    return 0


def _arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "recipe", nargs="?", metavar="RECIPE", help="a recipe (YAML), or the name of a packaged one"
    )
    sub.add_argument(
        "file", nargs="?", metavar="FILE", help="the table; default: that of the recipe"
    )
    sub.add_argument(
        "--to", dest="target", metavar="FILE",
        help="where the records go: .ttl or .nt (default NAME.ttl here); the ledger lies beside",
    )  # fmt: skip
    sub.add_argument(
        "--dry-run",
        action="store_true",
        help="show counts, ten records and the ledger; write nothing",
    )
    sub.add_argument(
        "--strict", action="store_true", help="exit with 1 when a row was listed instead of taken"
    )
    sub.add_argument("--suggest", metavar="FILE", help="draft a recipe from the columns of a table")


COMMANDS = {
    "ingest": Command(
        _ingest, "make records of another table by a recipe, with a ledger of what was not taken",
        "civic nightly-ClinicalEvidenceSummaries.tsv --dry-run",
        [_arguments, console.time_option(3600, "the table may take"),
         console.format_option("table", "csv", "tsv", "json", "md",
                               default="the ledger; json gives the sums too")],
    ),
}  # fmt: skip
