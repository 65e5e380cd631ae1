"""Commands about a text that claims are made of: what is in it, and a table to fill for it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from sarcoma_kg.sources.outline import Outline

__all__ = ["COLUMNS", "COMMANDS"]

#: Columns of the table to fill: first what the text gives, then what the curator does.
COLUMNS = (
    "source", "source_label", "title", "creators", "extent", "licence_status", "has_references",
    "sha256", "characters", "content_start", "content_end", "start", "end", "section", "sentence",
    "no_claim_because", "id", "type", "proposition", "proposition_label", "subject", "disease",
    "therapy", "target", "stated_therapy_class", "molecular_context", "denied_context", "direction",
    "strength", "quantifier", "outcome", "line", "setting", "agent", "effect", "process",
    "results_in", "barrier", "member_of", "population_resistant_to", "therapy_mode",
    "evidence_stage", "frequency", "time_scope", "gap_topic", "method_step", "consideration",
    "qualifies", "leads_to", "paraphrase", "curator", "date",
)  # fmt: skip
_SHOWN = 60


def _source(args: argparse.Namespace) -> int:
    from sarcoma_kg.sources import outline

    found = outline.outline(Path(args.file))
    console.say(f"{args.file}: SHA-256 {found.sha256}")
    console.say(
        f"{found.characters:,} characters, {found.words:,} words, {len(found.sections)} headings, "
        f"{len(found.sentences)} sentences; the content goes from {found.first} to {found.last}"
    )
    for start, title in found.sections:
        console.say(f"  {start:>8}  {title}")
    rows = [[str(s.start), str(s.end), s.section, s.text] for s in found.sentences]
    form = args.format
    if form is None:
        rows = [
            [a, b, section, text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")]
            for a, b, section, text in rows
        ]
        form = "table"
    console.table(["start", "end", "section", "sentence"], rows, form)
    return 0


def _template(args: argparse.Namespace) -> int:
    from sarcoma_kg.sources import outline

    if args.what != "claim":
        raise UserError(
            f"'{args.what}': there is a template for claim", "template claim --from FILE"
        )
    found = outline.outline(Path(args.text))
    console.table(COLUMNS, _rows(found, args), args.format or "tsv")
    console.say(
        f"{len(found.sentences)} sentences: fill in each claim, repeat a row for a second one, say "
        "in no_claim_because why there is none; then `sarcoma-kg ingest claims TABLE`"
    )
    return 0


def _rows(found: "Outline", args: argparse.Namespace) -> list[list[str]]:
    """Return a row for each sentence, with what is the same on all of them."""
    title = args.title or Path(args.text).stem
    same = {
        "source": args.source, "source_label": f"{args.source}: {title}", "title": title,
        "creators": args.creators, "extent": "full text",
        "licence_status": "not stated", "has_references": "false", "sha256": found.sha256,
        "characters": str(found.characters), "content_start": str(found.first),
        "content_end": str(found.last), "quantifier": "unquantified",
    }  # fmt: skip
    made = []
    for sentence in found.sentences:
        row = same | {
            "start": str(sentence.start), "end": str(sentence.end),
            "section": sentence.section or "text", "sentence": sentence.text,
        }  # fmt: skip
        made.append([row.get(name, "") for name in COLUMNS])
    return made


def _file(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="a text in UTF-8")


def _template_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("what", metavar="claim", help="what the table is for")
    sub.add_argument(
        "--from", dest="text", metavar="FILE", required=True, help="the text, in UTF-8"
    )
    sub.add_argument("--source", metavar="ID", default="S3", help="its identifier (default S3)")
    sub.add_argument("--title", metavar="TEXT", default="", help="its title; default: of the file")
    sub.add_argument("--creators", metavar="NAMES", default="", help="its authors, with | between")


COMMANDS = {
    "source": Command(
        _source, "show hash, sections and sentences of a text, with positions", "review.txt",
        [_file, console.format_option(default="default: a table with shortened texts")],
    ),
    "template": Command(
        _template, "begin a table of claims, with a row for each sentence of a text",
        "claim --from review.txt --source S3 -o claims.tsv",
        [_template_options, console.format_option(default="default: tsv")],
    ),
}  # fmt: skip
