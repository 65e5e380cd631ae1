"""docs/sarcoma-kg.1, the page of the manual: written from the parsers, installed with the wheel.

Not by argparse-manpage, which wants one parser with all commands in it: here each has its own,
made when it is needed.
"""

import argparse
from pathlib import Path

from sarcoma_kg.commands import parsers

__all__ = ["ENVIRONMENT", "PAGE", "written"]

PAGE = Path(__file__).parents[2] / "docs" / "sarcoma-kg.1"
#: Environment variable -> what it does.
ENVIRONMENT = {
    "SARCOMA_KG_CACHE": "the folder for builds; default: where the user keeps caches",
    "SARCOMA_KG_DATA": "a folder with ontology, shapes and queries, in place of the packaged ones",
    "SARCOMA_KG_ENDPOINT": "the SPARQL endpoint that is asked where --endpoint is not given",
    "SARCOMA_KG_JARS": "the folder with the jars of the OWL API",
    "SARCOMA_KG_PASSWORD": "the password at the endpoint of SARCOMA_KG_USER",
    "SARCOMA_KG_TOKEN": "the bearer token for the endpoint",
    "SARCOMA_KG_USER": "the user at the endpoint",
    "NO_COLOR": "leaves out colours on a terminal",
    "TMPDIR": "the folder for passing files",
}


def written() -> str:
    """Return what the page should hold."""
    name, number = parsers.version().split()
    codes, _, advice = parsers.CODES.partition(": ")[2].strip().rpartition("\n")
    lines = [
        r".\" Written from the program by `python -m tests.commands.reference`.",
        f'.TH "{_text(name.upper())}" 1 "" "{_text(name)} {number}" "User Commands"',
        ".SH NAME",
        _text(name) + r" \- build, question, explain and check the sarcoma knowledge graph",
        ".SH SYNOPSIS",
        rf"\fB{_text(name)}\fR \fINAME\fR",
        ".br",
        rf"\fB{_text(name)}\fR \fICOMMAND\fR ... [\fB\-h\fR]",
        ".br",
        rf"\fB{_text(name)}\fR [\fB\-h\fR | \fB\-V\fR]",
        ".SH DESCRIPTION",
        "What is claimed about treating sarcoma, by whom, and is it disputed?",
        "NAME is a disease, drug, target, claim, reference or piece of evidence; words need no",
        "quotes, and options stand anywhere.",
        _text(advice),
    ]
    for group, names in parsers.GROUPS.items():
        lines.append(f'.SH "COMMANDS: {group.upper()}"')
        for command in names:
            lines += _command(command)
    lines.append(".SH ENVIRONMENT")
    for variable, does in ENVIRONMENT.items():
        lines += [".TP", f".B {variable}", _text(does)]
    lines.append('.SH "EXIT STATUS"')
    for code in " ".join(codes.split()).split("; "):
        value, _, means = code.partition(" ")
        lines += [".TP", f".B {value}", _text(means)]
    lines += [".SH EXAMPLES", *_example(parsers.EXAMPLES)]
    return "\n".join(lines) + "\n"


def _command(name: str) -> list[str]:
    made = parsers.parser(name)
    takes = "".join(rf" \fI{_text(str(action.metavar))}\fR" for action in made.positionals)
    lines = [".PP", rf"\fB{_text(name)}\fR{takes}", ".RS", _text(str(made.description))]
    for action in [*made.positionals, *dict.fromkeys(made.options.values())]:
        if action.help != argparse.SUPPRESS and action.dest != "help":
            lines += [".TP", _called(action), _text(str(action.help))]
    return [*lines, *_example(str(made.epilog)), ".RE"]


def _called(action: argparse.Action) -> str:
    """Return an option with its value, or the name of an argument."""
    value = "|".join(map(str, action.choices or ())) if action.metavar is None else action.metavar
    if action.nargs != 0:
        value = value or action.dest.upper().replace("_", "-")
    told = rf"\fI{_text(str(value))}\fR" if value else ""
    options = ", ".join(rf"\fB{_text(option)}\fR" for option in action.option_strings)
    return " ".join(part for part in (options, told) if part)


def _example(text: str) -> list[str]:
    """Return the lines after the first as they are typed."""
    return [".PP", ".EX", *(_text(line.strip()) for line in text.splitlines()[1:]), ".EE"]


def _text(words: str) -> str:
    """Return words in which no character is one of the formatter's."""
    plain = words.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    plain = plain.replace("`", r"\(ga").replace("~", r"\(ti").replace("^", r"\(ha")
    return rf"\&{plain}" if plain.startswith((".", r"\(aq")) else plain
