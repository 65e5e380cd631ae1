"""The command `convert`: an ontology from any syntax, or a spreadsheet, into any syntax."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import SHEETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import Triple

__all__ = ["COMMANDS"]

_FORMS = ("ttl", "nt", "owl", "jsonld", "owx", "ofn", "omn", "obo")
_ENDINGS = {"rdf": "owl", "xml": "owl", "fss": "ofn", "json": "jsonld"}
#: Bytes of a file that takes a while, so that steps are told.
_LARGE = 5 * 1024 * 1024
_MOST = 512 * 1024 * 1024


def _convert(args: argparse.Namespace) -> int:
    sheet = Path(args.source).suffix.lower() in SHEETS
    folder = sheet and Path(args.target).is_dir()
    form = args.to or ("ttl" if folder else _form(args.target))
    if (code := console.apart(args, [args.source])) is not None:
        return code
    if sheet:
        return _sheet(args, form, Path(args.target) if folder else None)
    step = console.step if _is_large(args.source) else lambda _: None
    step("reading")
    name, triples = _read(args)
    step(f"writing {len(triples):,} triples, and reading them back")
    return _write(args, name, triples, form, args.target)


def _sheet(args: argparse.Namespace, form: str, folder: Path | None) -> int:
    """Write what a spreadsheet makes: one file, or in a folder one for each file that it edits."""
    from sarcoma_kg import sheets
    from sarcoma_kg.ground.findings import Report

    (made,) = sheets.read([Path(args.source)])
    report = Report(made.faults)
    if made.faults and (code := console.verdict(report, args.source, None)):
        console.say("nothing was written")
        return code
    parts = made.parts
    if not parts:
        raise UserError(f"{args.source}: there is no row, so there is nothing to write")
    if folder is None and len(parts) > 1:
        names = ", ".join(parts)
        raise UserError(
            f"{args.source}: its rows are of {len(parts)} files ({names})",
            "name a folder, and each goes into a file of its own; `export --kind KIND --of NAME` "
            "gives the rows of one",
        )
    code = 0
    for name, triples in parts.items():
        target = str(folder / f"{name}.{form}") if folder else args.target
        code |= _write(args, args.source, sorted(triples, key=str), form, target)
    return code


def _write(
    args: argparse.Namespace, name: str, triples: "Sequence[Triple]", form: str, target: str
) -> int:
    from sarcoma_kg.owl import writing
    from sarcoma_kg.reading import files

    if not triples:
        raise UserError(f"{name}: there is nothing to write")
    written = writing.write(triples, form)
    syntax = writing.FORMS[form]
    if form == "json":
        console.say(f"{syntax} carries names, parents and definitions; nothing reads it back")
    for loss in written.losses or ():
        console.say(f"  {loss}")
    lost = sum(loss.lost + loss.tags for loss in written.losses or ())
    if lost and args.strict:
        console.say(f"{name}: {syntax} does not carry {lost} statement(s); nothing was written")
        return 1
    if target == "-":
        console.out(written.text)
    else:
        files.replace_text(Path(target), written.text)
    what = f"{len(triples)} triples as {syntax}"
    if target not in ("-", args.target):
        what += f" in {target}"
    console.say(f"{name}: {what}" + (f"; {lost} statement(s) are not carried" if lost else ""))
    return 0


def _is_large(source: str) -> bool:
    path = Path(source)
    return path.is_file() and path.stat().st_size > _LARGE


def _form(target: str) -> str:
    ending = Path(target).suffix.lower().removeprefix(".")
    form = _ENDINGS.get(ending, ending)
    if form not in _FORMS:
        raise UserError(
            f"{target}: its ending names no syntax that is written",
            f"use one of {' '.join('.' + f for f in _FORMS)}, or say --to",
        )
    return form


def _read(args: argparse.Namespace) -> "tuple[str, Sequence[Triple]]":
    """Return what the input is called, and what it holds."""
    from sarcoma_kg.ground import work

    if args.source != "-" and not args.form:
        return args.source, _triples(Path(args.source), args.source)
    name = "standard input" if args.source == "-" else args.source
    with work.passing() as folder:
        place = folder / f"input.{args.form or 'txt'}"
        if args.source == "-":
            raw = sys.stdin.buffer.read(_MOST + 1)
            if len(raw) > _MOST:
                raise UserError(f"standard input: more than the {_MOST} bytes this command reads")
        else:
            raw = _bytes(Path(args.source))
        place.write_bytes(raw)
        try:
            return name, _triples(place, name)
        except UserError as error:
            raise UserError(error.message.replace(str(place), name), error.hint) from error


def _bytes(path: Path) -> bytes:
    from sarcoma_kg.reading import files

    return files.read_text(path).encode()


def _triples(path: Path, name: str) -> "Sequence[Triple]":
    from sarcoma_kg.reading import oboheader
    from sarcoma_kg.reading.source import Source

    source = Source(path)
    quads = list(source.quads())
    if said := oboheader.note(path):
        console.say(f"{name}: {said}")
    if not quads:
        raise source.empty()
    graphs = {str(quad.graph_name) for quad in quads} - {"DEFAULT"}
    if graphs:
        console.say(f"{name}: {len(graphs)} named graph(s) become one graph with the rest")
    return [quad.triple for quad in quads]


def _options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "source", metavar="IN", help="a file in any syntax, or a spreadsheet; - standard input"
    )
    sub.add_argument(
        "target",
        metavar="OUT",
        help="the file to write, of a spreadsheet a folder; - standard output",
    )
    known = (*_FORMS, "json")
    sub.add_argument(
        "--from", dest="form", choices=_FORMS, metavar="SYNTAX",
        help="the syntax of IN, where the text itself does not tell",
    )  # fmt: skip
    sub.add_argument(
        "--to", choices=known, metavar="SYNTAX",
        help="the syntax to write (default: the ending of OUT): ttl Turtle, nt N-Triples, "
        "owl RDF/XML, jsonld JSON-LD, owx OWL/XML, ofn functional, omn Manchester, obo OBO, json "
        "OBO Graphs",
    )  # fmt: skip
    sub.add_argument(
        "--strict", action="store_true",
        help="write nothing, and exit with 1, where the syntax does not carry all",
    )  # fmt: skip


COMMANDS = {
    "convert": Command(
        _convert, "write an ontology in another syntax, and tell what that does not carry",
        "my-extension.ofn my-extension.ttl\n  sarcoma-kg convert - - --to omn < lab.owl",
        [_options, console.time_option(600)],
    ),
}  # fmt: skip
