"""Commands that tell what can be typed: help, and the first words to a newcomer."""

import argparse

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS", "WELCOME"]

WELCOME = """What is claimed about treating sarcoma, by whom, and is it disputed?

  sarcoma-kg GIST                          a disease, drug or target: what is claimed of it
  sarcoma-kg search EZH2                   look everywhere
  sarcoma-kg ask                           the questions with expected answers
  sarcoma-kg ask CQ01 synovial sarcoma     ask one
  sarcoma-kg explain CQ40                  the claims, citations and disputes behind each row
  sarcoma-kg show S2-3.2-SS-01             one claim

`sarcoma-kg --help` lists all commands, `sarcoma-kg help WORD` explains one.
Every row is what a source says, not a fact and not medical advice.
"""


def _help(args: argparse.Namespace) -> int:
    from sarcoma_kg.commands import arguments, parsers

    if not args.words:
        console.out(parsers.overview())
        return 0
    name, rest, typed = arguments.chosen(args.words, parsers.HOMES)
    if typed and not (rest and name in {"ask", "explain"}):
        parsers.parser(name).print_help()
        return 0
    helped = name != "show"
    again = parsers.parse(name, [*rest, "--help"] if helped else rest)
    try:
        code: int = again.call(again)
    except UserError as error:
        fitting = arguments.command_near(args.words[0].lower(), parsers.HOMES)
        if not fitting:
            raise
        meant = arguments.corrected("help", fitting)
        raise UserError(error.message, f"perhaps {meant}\n  {error.hint}".rstrip()) from error
    return code


def _words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", nargs="*", metavar="WORD", help="a command, a question, or a name")


COMMANDS = {
    "help": Command(_help, "explain a command, a question or a name", "ask", [_words]),
}
