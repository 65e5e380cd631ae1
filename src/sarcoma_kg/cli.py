"""The command `sarcoma-kg`: find the command, parse, call, and turn errors into exit codes."""

import errno
import io
import os
import sys
from collections.abc import Sequence

from sarcoma_kg.commands import arguments, console, output, parsers
from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError

__all__ = ["main"]


#: What the machine may be short of, and the way out.
_SHORT = {
    errno.ENOSPC: "free some space; TMPDIR names the folder for passing files",
    errno.EDQUOT: "free some space; TMPDIR names the folder for passing files",
    errno.EMFILE: "allow more open files: ulimit -n 1024",
    errno.ENFILE: "the whole machine has too many files open: close some programs",
    errno.EAGAIN: "allow more processes: ulimit -u",
    errno.ENOMEM: "free some memory, or allow more: ulimit -v",
}


def _fail(error: UserError) -> int:
    console.say(f"sarcoma-kg: {error}")
    return 2


def _crash(error: BaseException, words: Sequence[str]) -> int:
    """Say in one line what is no fault of the user's; with --debug, where it came about."""
    import traceback

    if "--debug" in words:
        console.say("".join(traceback.format_exception(error)))
    what = " ".join(str(error).split())[:200]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "sarcoma_kg" in f.filename] or frames
    place = f" ({ours[-1].name}, line {ours[-1].lineno})" if ours else ""
    console.say(
        f"sarcoma-kg: a fault of this program, not of your data: {type(error).__name__}: "
        f"{what}{place}; --debug shows more"
    )
    return 70


def _call(words: Sequence[str]) -> int:
    name, rest, typed = arguments.chosen(words, parsers.HOMES)
    if not name:
        return _without_command(rest)
    meant = "" if typed or name != "show" else _refused(rest)
    args = parsers.parse(name, rest)
    args.typed = [name, *rest]
    args.format = output.begin(
        getattr(args, "output", None), getattr(args, "format", None), getattr(args, "formats", ()),
        args.typed,
    )  # fmt: skip
    try:
        code: int = args.call(args)
    except UserError as error:
        if meant:
            raise UserError(error.message, f"perhaps {meant}\n  {error.hint}".rstrip()) from error
        raise
    except Exception as error:
        from sarcoma_kg.building.pipeline import NonConforming

        if not isinstance(error, NonConforming):
            raise
        console.verdict(error.report, "the graph", None)
        console.say(f"sarcoma-kg: {error}; the former build stays in place")
        return 1
    if written := output.finish():
        console.say(f"written to {written}")
    return code


def _without_command(options: Sequence[str]) -> int:
    """Answer `sarcoma-kg` alone, or with --help or --version."""
    known = {"-h": "help", "--help": "help", "-V": "version", "--version": "version"}
    known |= {"-v": "version", "-help": "help", "-version": "version"}
    asked = [known.get(option, option) for option in options if option != "--debug"]
    if not asked:
        from sarcoma_kg.commands import guide

        console.out(guide.WELCOME)
    elif asked[0] in ("help", "version"):
        console.out(parsers.overview() if asked[0] == "help" else parsers.version())
    else:
        fitting = arguments.near(asked[0], known)
        hint = f"perhaps `sarcoma-kg {fitting}`; " if fitting else ""
        raise UserError(
            f"{asked[0][:40]}: no command is named", f"{hint}`sarcoma-kg --help` lists them"
        )
    return 0


def _refused(words: Sequence[str]) -> str:
    """Return the command that may be meant by words that begin with none; empty for a name.

    Raises:
        UserError: a file was named, or nothing but a command can be meant.
    """
    import os

    first = next((word for word in words if not word.startswith("-")), "")
    suffix = os.path.splitext(first)[1].lower()
    if suffix and os.path.isfile(first):
        name = "query" if suffix == ".rq" else "validate"
        raise UserError(f"'{first}' is a file", f"perhaps {arguments.corrected(name, first)}")
    fitting = arguments.command_near(first.lower(), [*parsers.HOMES])
    if not fitting:
        return ""
    meant = arguments.corrected(fitting, *[word for word in words if word != first])
    from sarcoma_kg.building import builds

    if any(w.startswith("-") for w in words) or builds.current() is None:
        raise UserError(f"no command or name '{first[:80]}'", f"perhaps {meant}")
    return meant


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    console.open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            with processes.stoppable():
                code = _call(words)
        except SystemExit:
            # After --help; what cannot be printed is told here, as after a command.
            console.flush()
            raise
        console.flush()
    except SystemExit:
        raise
    except UserError as error:
        return _fail(error)
    except BrokenPipeError:
        # The reader of the pipe has seen enough.
        console.drop_output()
        return 0
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        hint = _SHORT.get(error.errno or 0, "")
        return _fail(UserError(f"{name}{error.strerror or error}", hint))
    except MemoryError:
        return _fail(UserError("there is not enough memory for this", _SHORT[errno.ENOMEM]))
    except KeyboardInterrupt as stop:
        from sarcoma_kg.stores import isolated

        if not os.environ.get(isolated.INSIDE):  # who began it says so
            console.say(str(stop) or "interrupted; nothing half-written was kept")
        return 130
    except BaseException as error:
        # Not Exception: a panic of a library in Rust stands beside it.
        return _crash(error, words)
    return code


if __name__ == "__main__":
    sys.exit(main())
