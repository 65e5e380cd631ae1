"""The command `validate`: shapes and rules over the user's files, the graph, or an endpoint."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from sarcoma_kg.building.checking import Outcome

__all__ = ["COMMANDS"]


def _validate(args: argparse.Namespace) -> int:
    # An endpoint of the environment is for questions when a file is named.
    there = args.endpoint and (not args.files or args.endpoint != os.environ.get(console.ENDPOINT))
    if there and args.files:
        raise UserError("--endpoint and FILE do not go together", "leave one of them out")
    if args.with_graph and (there or not args.shapes):
        raise UserError(
            "--with-graph has no effect here",
            "it goes with --shapes and FILE: without --shapes the graph is always there",
        )
    files, shapes = [Path(f) for f in args.files], [Path(f) for f in args.shapes or ()]
    for option, value in (("--strict", args.strict), ("--strict-targets", args.strict_targets)):
        if value and not shapes and not there:
            raise UserError(f"{option} has no effect here", "it goes with --shapes or --endpoint")
    strange = [*shapes, *files]
    if strange and (code := console.apart(args, strange)) is not None:
        return code
    from sarcoma_kg.building import checking
    from sarcoma_kg.quality import validation

    if there:
        outcome = _there(args, shapes)
    elif shapes:
        build = console.plain() if args.with_graph or not files else None
        outcome = checking.against(
            shapes, files, console.step, args.engine, build=build, strict=args.strict
        )
    else:
        outcome = checking.check(console.plain(), files, console.step, engine=args.engine)
    for note in outcome.notes:
        console.say(f"  {note}")
    report = outcome.report
    if args.strict_targets:
        report = validation.strict_targets(report)
    what = args.endpoint if there else ", ".join(map(str, files)) or "the packaged graph"
    return console.verdict(report, what, args.format, limit=args.max, labels=outcome.labels)


def _there(args: argparse.Namespace, shapes: list[Path]) -> "Outcome":
    """Validate the graph at an endpoint."""
    from sarcoma_kg.building.checking import Outcome
    from sarcoma_kg.ground.findings import Report, merge
    from sarcoma_kg.quality import validation

    store, own = console.remote(args), shapes or None
    report = validation.validate(
        store, own, engine=args.engine, strict=args.strict, progress=console.counted("queries")
    )
    found = merge(report, validation.scope(store, own, strict=args.strict))
    return Outcome(Report(found.findings, report.results), [], {})


def _files(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "files", nargs="*", metavar="FILE", help="your files; none: the packaged graph"
    )


def _engine(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--engine",
        choices=("compiled", "pyshacl"),
        default="compiled",
        help="who asks the shapes: compiled queries (default), or pySHACL as a second opinion",
    )
    sub.add_argument(
        "--shapes", nargs="+", metavar="FILE", help="your own shapes, in place of the packaged ones"
    )
    sub.add_argument(
        "--with-graph",
        action="store_true",
        help="with --shapes: look at FILE together with the packaged graph and what follows",
    )
    sub.add_argument(
        "--strict",
        action="store_true",
        help="read the shapes by the letter: unknown words of the sh: namespace are refused, and "
        "only rdfs:Class, not owl:Class, makes a shape of a class",
    )
    sub.add_argument(
        "--strict-targets",
        action="store_true",
        help="a shape that looks at no node is a violation (exit 1)",
    )


COMMANDS = {
    "validate": Command(
        _validate, "check data against the shapes and rules", "my-claims.ttl",
        [_files, _engine, console.time_option(600, "your files or an endpoint may take"),
         console.report_options, console.endpoint_options],
    ),
}  # fmt: skip
