"""The commands by name, and the parser of each: what is typed, helped, completed and documented."""

import argparse
import importlib
from collections.abc import Sequence
from typing import Any, NoReturn

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.version import __version__

__all__ = [
    "CODES", "EXAMPLES", "GROUPS", "HOMES", "Parser", "command", "overview", "parse", "parser",
    "version",
]  # fmt: skip

#: What people come for -> command -> module of sarcoma_kg.commands that holds it.
GROUPS = {
    "ask": {
        "show": "looking",
        "search": "looking",
        "ask": "answers",
        "explain": "answers",
        "term": "looking",
        "model": "looking",
        "matrix": "looking",
        "query": "answers",
        "tour": "answers",
        "help": "guide",
        "completion": "completion",
    },
    "author": {
        "validate": "validate",
        "check": "checked",
        "reason": "ontology",
        "tree": "ontology",
        "fmt": "ontology",
        "convert": "convert",
        "catalog": "ontology",
        "imports": "ontology",
        "align": "ontology",
        "portable": "graph",
        "verify-source": "graph",
        "source": "texts",
        "template": "spreadsheets",
        "export": "spreadsheets",
        "ingest": "ingesting",
        "fair": "release",
    },
    "publish": {
        "build": "graph",
        "load": "graph",
        "diff": "release",
        "publish": "release",
        "serve": "serving",
        "mcp": "agents",
    },
}
#: Command -> module, in the order of the help text.
HOMES = {name: home for group in GROUPS.values() for name, home in group.items()}

EXAMPLES = """examples:
  sarcoma-kg GIST                               what is claimed of it, and where to go on
  sarcoma-kg ask                                list the questions
  sarcoma-kg ask CQ01 synovial sarcoma
  sarcoma-kg explain CQ01                       the answer with the claims behind each row
  sarcoma-kg show S2-3.2-SS-01                  a claim, what disputes it, and its citations
  sarcoma-kg validate my-claims.ttl             check your own file
"""
CODES = """exit codes: 0 done; 1 the data breaks a rule; 2 bad input, or not looked at whole;
70 a fault of this program (--debug shows where); 130 interrupted
Nothing in this graph is medical advice."""


def command(name: str) -> Command:
    """Return a command by its name."""
    module = importlib.import_module(f"sarcoma_kg.commands.{HOMES[name]}")
    found: Command = module.COMMANDS[name]
    return found


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=console.width() - 2)


class Parser(argparse.ArgumentParser):
    """The parser of one command, which remembers its options by every name that they have."""

    def __init__(self, **settings: Any) -> None:
        self.options: dict[str, argparse.Action] = {}
        self.positionals: list[argparse.Action] = []
        super().__init__(**settings)

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add an argument, as `argparse` does."""
        action = super().add_argument(*names, **settings)
        self.options.update(dict.fromkeys(action.option_strings, action))
        self.positionals += [] if action.option_strings else [action]
        return action

    def print_help(self, file: Any = None) -> None:
        """Print the help as an answer; argparse would not tell that the disk is full."""
        console.out(self.format_help())

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name what may have been meant by a wrong choice."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            fitting = arguments.near(str(value), [*map(str, action.choices or ())])
            if not fitting:
                raise
            message = f"{error.message}; perhaps {fitting}"
            raise argparse.ArgumentError(action, message) from error

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words typed, which may hold anything."""
        raise UserError(
            formats.printable(f"{self.prog.removeprefix('sarcoma-kg ')}: {message}"),
            f"`{self.prog} --help` tells what it takes",
        )


def parser(name: str) -> Parser:
    """Return the parser of a command."""
    found = command(name)
    made = Parser(
        prog=f"sarcoma-kg {name}",
        description=found.text[0].upper() + found.text[1:] + ".",
        epilog=f"example:\n  sarcoma-kg {name} {found.example}".rstrip(),
        formatter_class=_Help,
        allow_abbrev=False,
    )
    made.set_defaults(call=found.call)
    # Looked for among the words, since what fails may be the parser itself.
    made.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )
    for configure in found.configures:
        configure(made)
    return made


def parse(name: str, words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of a command from the words typed after its name.

    Options stand anywhere, in any case. What a command with free words does not know is left to
    it, in order; -h after such words too, since they may be a question, which has a help.
    """
    made, free = parser(name), command(name).free
    front, rest = arguments.sorted_out(name, made.options, words, free=bool(free))
    if not free:
        return made.parse_args([*front, *rest])
    helped = [word for word in front if word in ("-h", "--help")]
    if rest and helped:
        front = [word for word in front if word not in helped]
    args = made.parse_args(front)
    setattr(args, free, rest)
    args.helped = bool(helped)
    return args


def overview() -> str:
    """Return the help of the whole: the commands by group, examples, exit codes."""
    import textwrap

    lines = [
        "usage: sarcoma-kg NAME | COMMAND ... [-h] [-V]",
        "",
        "Build, question, explain and check the sarcoma knowledge graph. NAME is a disease, drug,",
        "target, claim, reference or piece of evidence; a COMMAND goes before a NAME.",
    ]
    for group, names in GROUPS.items():
        lines += ["", f"{group}:"]
        for name in names:
            lines += textwrap.wrap(
                command(name).text, max(console.width(), 50), initial_indent=f"  {name:<14}",
                subsequent_indent=" " * 16, break_on_hyphens=False,
            )  # fmt: skip
    lines += ["", "`sarcoma-kg help COMMAND` or `help CQ01` tells more.", "", EXAMPLES, CODES]
    return "\n".join(lines) + "\n"


def version() -> str:
    """Return name and version."""
    return f"sarcoma-kg {__version__}\n"
