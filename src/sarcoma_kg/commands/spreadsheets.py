"""Commands about spreadsheets that people fill: `template` begins one, `export` fills it."""

import argparse
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console, output, texts
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sarcoma_kg.sheets.workbook import Field

__all__ = ["COMMANDS"]

_KINDS = ("disease", "therapy", "target", "alteration", "mapping", "claim", "evidence")
_FORMATS = ("tsv", "csv", "xlsx")


def _template(args: argparse.Namespace) -> int:
    from sarcoma_kg.sheets import content, kinds, workbook

    kind = _kind(args.what)
    if args.text:
        if kind != "claim":
            raise UserError(f"--from has no effect on a sheet of kind {kind}", "leave it out")
        columns, rows = texts.table(args)
        _put("claims", columns, rows, args.format)
        console.say(
            f"{len(rows)} sentences: fill in each claim, repeat a row for a second one, say in "
            "no_claim_because why there is none; then `sarcoma-kg ingest claims TABLE`"
        )
        return 0
    fields = workbook.fields(kinds.kind(kind), content.names())
    _put(kind, fields, [], args.format)
    console.say(f"fill in a row for each {kind}; then `sarcoma-kg check SHEET`")
    return 0


def _export(args: argparse.Namespace) -> int:
    from sarcoma_kg.sheets import content, kinds, workbook

    if not args.kind:
        raise UserError("which kind?", f"--kind {'|'.join(_KINDS)}")
    kind, names = kinds.kind(_kind(args.kind)), content.names()
    where = content.rows_of(kind, names)
    files = {path.name.partition(".")[0]: path for path in where.values()}
    if args.of and args.of not in files:
        raise UserError(
            f"--of {args.of}: no file with things of kind {kind.name} is called so",
            f"one of {', '.join(sorted(files))}",
        )
    rows = list(content.table(kind, names, files[args.of] if args.of else None))
    _put(kind.name, workbook.fields(kind, names), rows, args.format)
    console.say(
        f"{len(rows)} rows; edit them, then `sarcoma-kg check SHEET` and `sarcoma-kg convert SHEET "
        "FILE.ttl`; what the sheet has no column for stays"
    )
    return 0


def _put(title: str, columns: "Sequence[Field]", rows: list[list[str]], form: str | None) -> None:
    from sarcoma_kg.sheets import workbook

    output.refuse_to_replace("what people filled into it would be lost")
    if form == "xlsx":
        output.put_bytes(workbook.xlsx(title, columns, rows))
    else:
        console.out(workbook.delimited(columns, rows, form or "tsv"))


def _kind(typed: str) -> str:
    from sarcoma_kg.commands import arguments

    singular = {"diseases": "disease", "therapies": "therapy", "drug": "therapy"}
    name = typed.casefold()
    name = singular.get(name, name.removesuffix("s") if name.removesuffix("s") in _KINDS else name)
    if name not in _KINDS:
        near = arguments.near(name, _KINDS)
        raise UserError(
            f"'{typed}': there is no sheet of this kind",
            (f"perhaps {near}; " if near else "") + f"kinds: {', '.join(_KINDS)}",
        )
    return name


def _template_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("what", metavar="KIND", help=f"what the rows are: {', '.join(_KINDS)}")
    sub.add_argument(
        "--from", dest="text", metavar="FILE",
        help="of claims: a text in UTF-8, for a row for each of its sentences",
    )  # fmt: skip
    sub.add_argument("--source", metavar="ID", default="S3", help="its identifier (default S3)")
    sub.add_argument("--title", metavar="TEXT", default="", help="its title; default: of the file")
    sub.add_argument("--creators", metavar="NAMES", default="", help="its authors, with | between")


def _export_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--kind", metavar="KIND", help=f"one of {', '.join(_KINDS)}")
    sub.add_argument("--of", metavar="NAME", help="only what the packaged file NAME holds: S1")


COMMANDS = {
    "template": Command(
        _template, "begin a spreadsheet, with drop-down lists in xlsx, for terms, claims, evidence",
        "disease -o my-diseases.xlsx\n  sarcoma-kg template claim --from review.txt -o claims.tsv",
        [_template_options, console.format_option(*_FORMATS, default="default: tsv")],
    ),
    "export": Command(
        _export, "write what the graph holds of a kind as a spreadsheet, to edit and read back",
        "--kind disease -o diseases.xlsx",
        [_export_options, console.format_option(*_FORMATS, default="default: tsv")],
    ),
}  # fmt: skip
