"""The command `sarcoma-kg`: find the command, parse, call, and turn errors into exit codes."""

import argparse
import importlib
import io
import sys
from collections.abc import Sequence

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.console import Command
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

exit codes: 0 done; 1 the data breaks a rule; 2 bad input; 130 interrupted
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


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Return the parser: with the wanted command alone, for a quick start, else with all."""
    parser = argparse.ArgumentParser(
        prog="sarcoma-kg",
        description="Build, question, explain and check the sarcoma knowledge graph.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
        for configure in configures:
            configure(sub)
    return parser


def _fail(error: UserError) -> int:
    console.say(f"sarcoma-kg: {error}")
    return 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = arguments.options_first(list(sys.argv[1:] if argv is None else argv))
    args = _parser(next(iter(words), "")).parse_args(words)
    args.typed = words
    try:
        code: int = args.call(args)
        sys.stdout.flush()
    except UserError as error:
        return _fail(error)
    except BrokenPipeError:
        # The reader of the pipe has seen enough; keep Python from complaining at exit.
        sys.stderr.close()
        return 0
    except (OSError, UnicodeError) as error:
        # Files are handled where they are read; what is left is the way out.
        return _fail(UserError(f"the output cannot be written: {error}"))
    except KeyboardInterrupt as stop:
        console.say(str(stop) or "interrupted; nothing half-written was kept")
        return 130
    except Exception as error:
        from sarcoma_kg.building.pipeline import NonConforming

        if isinstance(error, NonConforming):
            console.verdict(error.report, "the graph", None)
            console.say(f"sarcoma-kg: {error}; the former build stays in place")
            return 1
        raise
    return code


if __name__ == "__main__":
    sys.exit(main())
