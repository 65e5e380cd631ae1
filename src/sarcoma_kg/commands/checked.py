"""The command check: what a user's files break, once or at each save."""

import argparse
import contextlib
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console, output
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from sarcoma_kg.building.checking import Outcome

__all__ = ["COMMANDS"]

#: File -> size and time.
_State = dict[str, tuple[int, int]]
#: Seconds between two looks at the files; what is the same in two looks was saved whole.
_PAUSE = 0.03


def _check(args: argparse.Namespace) -> int:
    if args.watch and not args.files:
        raise UserError("--watch looks at files, and none is named", "name the file that you edit")
    code = console.apart(args, args.files, forever=args.watch) if args.files else None
    if code is not None:
        return code
    if args.watch:
        _watch(args)
    return _told(args, _found(args, quiet=False))


def _found(args: argparse.Namespace, *, quiet: bool) -> "Outcome":
    from pathlib import Path

    from sarcoma_kg.building import checking

    files = [Path(file) for file in args.files]
    step = (lambda _: None) if quiet else console.step
    tree = args.format == "html"
    return checking.check(console.plain(), files, step, profiles=True, tree=tree)


def _told(args: argparse.Namespace, outcome: "Outcome") -> int:
    """Print what was found; return the exit code."""
    what = ", ".join(args.files) or "the packaged graph"
    page = ""
    if args.format == "html":
        from sarcoma_kg.quality import report_page, reports

        found = outcome.report.findings
        page = report_page.render(
            found, limit=args.max, more=reports.left_out(len(found), args.max),
            labels=outcome.labels, what=what, notes=outcome.notes, placing=outcome.placing,
        )  # fmt: skip
    code = console.verdict(
        outcome.report, what, args.format, limit=args.max, labels=outcome.labels, page=page
    )
    for note in outcome.notes:
        console.say(f"  {note}")
    return code


def _watch(args: argparse.Namespace) -> None:
    """Check again whenever a file was saved, until it is stopped; Java stays."""
    from sarcoma_kg.owl import java, owlapi
    from sarcoma_kg.stores import isolated

    read: Sequence[str] = [os.path.realpath(file) for file in args.files]
    seen: _State | None = None
    try:
        while True:
            if (now := _state(read)) == seen:
                time.sleep(_PAUSE)
                continue
            now = _settled(read, now)
            began = time.monotonic()
            with isolated.limited(args.timeout), java.started(
                java.hermit(), owlapi.class_path(), stay=True
            ):  # fmt: skip
                try:
                    outcome = _found(args, quiet=seen is not None)
                    read = outcome.read
                    _told(args, outcome)
                    if written := output.finish():
                        console.say(f"written to {written}")
                except UserError as error:  # such as a file that is half saved
                    console.say(str(error))
            console.flush()
            took = f"{time.monotonic() - began:.1f} s"
            console.say(f"{took}; waiting for the next save (Ctrl-C ends)")
            # What was saved meanwhile is looked at next; of what turned out to be read too, the
            # state of now must do.
            seen = {path: now.get(path, state) for path, state in _state(read).items()}
    finally:
        java.end()


def _settled(paths: Sequence[str], state: _State) -> _State:
    """Return the state when it is the same twice: an editor may empty a file before it writes."""
    while True:
        time.sleep(_PAUSE)
        before, state = state, _state(paths)
        if state == before:
            return state


def _state(paths: Sequence[str]) -> _State:
    """Return size and time of each file that is there."""
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.stat(path)
            found[path] = (status.st_size, status.st_mtime_ns)
    return found


def _options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "files", nargs="*", metavar="FILE",
        help="your files, read together with the packaged ontology; none: the packaged ontology",
    )  # fmt: skip
    sub.add_argument(
        "--watch", action="store_true", help="stay, and check again at each save; Ctrl-C ends"
    )


COMMANDS = {
    "check": Command(
        _check, "run quality rules, shapes, reasoner and OWL profiles; report what a file breaks",
        "my-extension.ttl\n  sarcoma-kg check my-extension.ttl --watch",
        [_options, console.time_option(600), console.report_options],
    ),
}  # fmt: skip
