"""The command `sarcoma-kg`: find the command, parse, call, and turn errors into exit codes."""

import argparse
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats, processes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.version import __version__

__all__ = ["main"]

_EPILOG = """examples:
  sarcoma-kg build                              bring the graph up to date
  sarcoma-kg ask                                list the questions
  sarcoma-kg ask CQ01 --disease "synovial sarcoma"
  sarcoma-kg explain CQ01                       the answer with the claims behind each row
  sarcoma-kg term GIST                          definition, parents, mappings
  sarcoma-kg validate my-claims.ttl             check your own file

exit codes: 0 done; 1 the data breaks a rule; 2 bad input, or not looked at whole;
70 a fault of this program (--debug shows where); 130 interrupted
Nothing in this graph is medical advice."""

#: command -> module of sarcoma_kg.commands that holds it, in the order of the help text
_HOMES = {
    "build": "graph",
    "ask": "answers",
    "explain": "answers",
    "query": "answers",
    "term": "answers",
    "tree": "ontology",
    "reason": "ontology",
    "check": "ontology",
    "fmt": "ontology",
    "catalog": "ontology",
    "imports": "ontology",
    "align": "ontology",
    "load": "graph",
    "portable": "graph",
    "publish": "release",
    "validate": "validate",
    "verify-source": "graph",
    "diff": "release",
    "fair": "release",
    "tour": "answers",
}


def _command(name: str) -> Command:
    module = importlib.import_module(f"sarcoma_kg.commands.{_HOMES[name]}")
    command: Command = module.COMMANDS[name]
    return command


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        """Print the help as an answer; argparse would not tell that the disk is full."""
        console.out(self.format_help())

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name what may have been meant by a wrong choice."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            import difflib

            near = difflib.get_close_matches(str(value), map(str, action.choices or ()), 1, 0.5)
            if not near:
                raise
            message = f"{error.message}; perhaps {near[0]}"
            raise argparse.ArgumentError(action, message) from error

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words typed, which may hold anything."""
        super().error(formats.printable(message))


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Return the parser: with the wanted command alone, for a quick start, else with all."""
    parser = _Parser(
        prog="sarcoma-kg",
        description="Build, question, explain and check the sarcoma knowledge graph.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _debug(parser)
    parser.add_argument("--version", action="version", version=f"sarcoma-kg {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in [wanted] if wanted in _HOMES else list(_HOMES):
        call, text, example, configures = _command(name)
        sub = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=f"example:\n  sarcoma-kg {name} {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.set_defaults(call=call)
        _debug(sub)
        for configure in configures:
            configure(sub)
    return parser


def _debug(parser: argparse.ArgumentParser) -> None:
    # Looked for among the words, since what fails may be the parser itself.
    parser.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )


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
    args = _parser(next(iter(words), "")).parse_args(words)
    args.typed = words
    try:
        code: int = args.call(args)
    except Exception as error:
        from sarcoma_kg.building.pipeline import NonConforming

        if not isinstance(error, NonConforming):
            raise
        console.verdict(error.report, "the graph", None)
        console.say(f"sarcoma-kg: {error}; the former build stays in place")
        return 1
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    console.open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = arguments.options_first(list(sys.argv[1:] if argv is None else argv))
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
