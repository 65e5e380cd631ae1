"""What every command needs: where words go, the present build, options in common."""

import argparse
import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sarcoma_kg.commands import arguments, output
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from sarcoma_kg.ground.findings import Report
    from sarcoma_kg.stores.remote import RemoteStore

__all__ = [
    "ENDPOINT", "Command", "Configure", "apart", "built", "count", "counted", "drop_output",
    "endpoint_options", "flush", "format_option", "one_of", "open_streams", "out", "plain",
    "remote", "report_options", "say", "seconds", "step", "table", "time_option", "typed",
    "verdict", "width",
]  # fmt: skip

#: Environment variable with the endpoint to ask.
ENDPOINT = "SARCOMA_KG_ENDPOINT"
Configure = Callable[[argparse.ArgumentParser], None]


class Command(NamedTuple):
    """A command: what it calls, its help text, an example, and what gives it its arguments.

    `free` is the name of the argument that takes all words which are no option of the command,
    where argparse cannot know them: the parameters of a question differ by question.
    """

    call: Callable[[argparse.Namespace], int]
    text: str
    example: str
    configures: list[Configure]
    free: str = ""


def say(words: str) -> None:
    """Print words for a person, beside the answer."""
    _STEPS.end()
    formats.say(words)


def out(text: str) -> None:
    """Print the answer, or put it into the file that the user named.

    Raises:
        UserError: standard output is closed, or takes no more, as on a full disk.
        BrokenPipeError: its reader has gone.
    """
    _STEPS.end()
    if output.named():
        output.put(text)
        return
    try:
        seen = sys.stdout.isatty()
        sys.stdout.write(output.painted(formats.on_terminal(text)) if seen else text)
    except BrokenPipeError:
        raise
    except (OSError, UnicodeError) as error:
        raise _unwritten(error) from error


def table(
    header: "Sequence[str]",
    rows: "Sequence[Sequence[Any]]",
    form: str | None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Print an answer of rows in the format asked for.

    Args:
        header: Names of the columns.
        rows: Cells: text, a term of the graph, or None.
        form: One of `formats.FORMATS`, or xlsx or parquet, which go to a file; a table on a
            terminal and else csv when None.
        about: What people must know of the rows; above a table, and in a workbook.
    """
    form = formats.choose(form)
    if form in output.BINARY:
        output.put_rows(header, rows, form, about or {})
        return
    cells = [[c if isinstance(c, str) else c.cell if c else "" for c in row] for row in rows]
    above = "".join(f"{name}: {text}\n" for name, text in (about or {}).items())
    if form == "table" and above:
        out(formats.printable(formats.wrapped(above, width())) + "\n")
    out(formats.render(header, cells, form))


def width() -> int:
    """Return how many columns a line of text may take: COLUMNS, the terminal's, or 100."""
    # As `shutil.get_terminal_size`, which brings three libraries of compression into each start.
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(1).columns or 100
    except OSError:
        return 100


def flush() -> None:
    """Let the last of the answer out; raises as `out`."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritten(error) from error


def _unwritten(error: Exception) -> UserError:
    drop_output()
    return UserError(f"the output cannot be written: {getattr(error, 'strerror', 0) or error}")


def drop_output() -> None:
    """Send what is still to be printed nowhere, or Python would try, and complain, at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def typed() -> str:
    """Return the text on standard input.

    Raises:
        UserError: it is closed, cannot be read, or is not UTF-8 text.
    """
    try:
        return sys.stdin.read()
    except (OSError, UnicodeError) as error:
        raise UserError(f"standard input cannot be read: {error}", "name a file") from error


def open_streams() -> None:
    """Give every standard stream that the caller closed a place in which to fail.

    Else the next file that is opened, such as one of the store, would get its number, and what
    a child process says would be written into it. Input then reads as unreadable, output is
    refused, and words beside the answer go nowhere.
    """
    for number, name, mode in ((0, "stdin", "w"), (1, "stdout", "r"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, so this one. Opened against its direction, it refuses.
            flags = os.O_WRONLY if mode == "w" else os.O_RDONLY
            os.set_inheritable(os.open(os.devnull, flags), True)
        if getattr(sys, name) is None:
            way = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, way, encoding="utf-8", closefd=False))  # noqa: SIM115


class _Steps:
    """The step that is being done; when it ends, its line is completed by the seconds it took."""

    def __init__(self) -> None:
        self._words, self._began = "", 0.0

    def begin(self, words: str) -> None:
        """End the former step and begin one."""
        self.end()
        self._words, self._began = formats.printable(words), time.monotonic()
        if _watched():
            self._write(f"  {self._words} ...")

    def end(self) -> None:
        """End the present step, if there is one."""
        if not self._words:
            return
        took = f"{time.monotonic() - self._began:.1f} s"
        self._write(f" {took}\n" if _watched() else f"  {self._words} ... {took}\n")
        self._words = ""

    @staticmethod
    def _write(text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


_STEPS = _Steps()


def step(words: str) -> None:
    """Say what is being done; the seconds follow when the next step or the answer comes."""
    _STEPS.begin(words)


def built() -> Any:
    """Return the present build, making it first when there is none."""
    from sarcoma_kg.building import present

    return present.built(say)


def plain() -> Any:
    """Return the build of the packaged graph alone, against which the user's files are held."""
    from sarcoma_kg.building import present

    return present.plain(say)


def remote(args: argparse.Namespace) -> "RemoteStore":
    """Return the store at the endpoint that the user named."""
    from sarcoma_kg.stores.remote import RemoteStore

    return RemoteStore(
        args.endpoint, graph=args.graph or "", timeout=getattr(args, "timeout", 60), say=say
    )


def apart(
    args: argparse.Namespace, files: Sequence[object] = (), *, forever: bool = False
) -> int | None:
    """Run the command of a stranger's files in a process of its own, with limits.

    Neither a parser nor an engine can be stopped from within.

    Args:
        args: What the user typed, with the time limit.
        files: What the command looks at, for messages.
        forever: Whether it ends only when stopped, and holds each part of its work to the limit.

    Returns:
        The exit code; None in that process, where the memory is limited from now on.

    Raises:
        UserError: the time is over, or the process died of the files.
    """
    from sarcoma_kg.stores import isolated

    if os.environ.get(isolated.INSIDE):
        isolated.limit_memory()
        return None
    output.leave()
    what = ", ".join(map(str, files)) or "the command"
    return isolated.again(args.typed, args.timeout, what, forever=forever)


def time_option(default: int, what: str = "your files may take") -> Configure:
    """Return what gives a command the option --timeout."""

    def configure(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--timeout", type=seconds, default=default,
            help=f"seconds that {what} (default {default})",
        )  # fmt: skip

    return configure


def endpoint_options(sub: argparse.ArgumentParser) -> None:
    """Give a command the options of a remote store."""
    sub.add_argument(
        "--endpoint", metavar="URL", default=os.environ.get(ENDPOINT),
        help="the SPARQL endpoint that holds the graph (default: SARCOMA_KG_ENDPOINT)",
    )  # fmt: skip
    sub.add_argument("--graph", metavar="IRI", help="the graph at the endpoint; default: its own")


def seconds(text: str) -> float:
    """Read a time limit, for an option."""
    if not 0 < (value := float(text)) <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds from above 0 to 86400")
    return value


def count(text: str) -> int:
    """Read a whole number from 1, for an option."""
    # Python refuses to read numbers of thousands of digits.
    if not text.isdecimal() or len(text) > 18 or (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1, of at most 18 digits")
    return value


def counted(what: str) -> Callable[[int, int], None]:
    """Return what tells every two seconds how many things are done, such as queries."""
    told = time.monotonic()

    def tell(done: int, everything: int) -> None:
        nonlocal told
        if time.monotonic() - told > 2:
            told = time.monotonic()
            say(f"  {done:,} of {everything:,} {what}")

    return tell


def verdict(
    report: "Report",
    what: str,
    form: str | None,
    *,
    limit: int | None = None,
    labels: Mapping[str, str] | None = None,
    page: str = "",
) -> int:
    """Print the findings and what they come to; return the exit code.

    Args:
        report: What was found.
        what: What was examined, for the last line.
        form: One of `reports.FORMATS`; text when None.
        limit: Show that many findings.
        labels: Names of the focus nodes.
        page: The whole report, where more stands in it than the findings.
    """
    from sarcoma_kg import shacl
    from sarcoma_kg.quality import reports

    if form == "turtle":
        out(reports.turtle(shacl.report(report.results), limit=limit, beside=report.findings))
    else:
        text = page or reports.render(report.findings, form or "text", limit=limit, labels=labels)
        out(text if form else formats.printable(text))
        if form == "csv" and (more := reports.left_out(len(report.findings), limit)):
            say(more)
    violations = sum(f.severity == "violation" for f in report.findings)
    unlooked = sum(f.severity == "incomplete" for f in report.findings)
    notes = [f for f in report.findings if f.severity == "note"]
    others = len(report.findings) - violations - unlooked - len(notes)
    if notes:
        kinds = Counter(note.shape for note in notes)
        say("; ".join(f"{count} {what}" for what, count in kinds.items()))
    if unlooked:
        found = f"{violations} violation(s), {others} warning(s) in the rest"
        say(f"{what}: INCOMPLETE: {unlooked} part(s) could not be looked at; {found}")
        return 2
    if report.conforms:
        say(f"{what}: conforms" + (f", {others} warning(s)" if others else ""))
        return 0
    say(f"{what}: {violations} violation(s), {others} warning(s)")
    return 1


#: What people call a format -> its name here.
_FORMATS = {"excel": "xlsx", "xls": "xlsx", "markdown": "md", "ttl": "turtle", "txt": "text"}


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """Return what reads a choice, in any case, for an option."""

    def read(text: str) -> str:
        chosen = text.strip().lower().lstrip(".")
        chosen = _FORMATS.get(chosen, chosen)
        if chosen not in choices:
            near = arguments.near(chosen, choices)
            perhaps = f"; perhaps {near}" if near else ""
            raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(choices)}{perhaps}")
        return chosen

    return read


def report_options(sub: argparse.ArgumentParser) -> None:
    """Give a command the options of a report of findings."""
    format_option(
        "text", "turtle", "json", "csv", "sarif", "junit", "html",
        default="default: text; turtle is the sh:ValidationReport of the shapes alone",
    )(sub)  # fmt: skip
    sub.add_argument("--max", type=count, metavar="N", help="show N findings, count all")


def format_option(
    *choices: str, default: str = "default: table on a terminal, else csv"
) -> Configure:
    """Return what gives a command the options --format and -o."""
    known = choices or formats.FORMATS
    if set(formats.FORMATS) <= set(known):
        known = (*known, *output.BINARY)

    def configure(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--format", type=one_of(known), choices=known, metavar="FORMAT",
            help=f"{', '.join(known)}; {default}",
        )  # fmt: skip
        sub.add_argument(
            "-o", "--output", metavar="FILE",
            help="write to a file, in the format that its suffix names",
        )  # fmt: skip
        sub.set_defaults(formats=known)

    return configure
