"""Commands about a text that claims are made of: what is in it, and a table to fill for it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command

if TYPE_CHECKING:
    from sarcoma_kg.sheets.workbook import Field
    from sarcoma_kg.sources.outline import Outline

__all__ = ["COLUMNS", "COMMANDS", "table"]

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


def table(args: argparse.Namespace) -> "tuple[list[Field], list[list[str]]]":
    """Return the table of claims for a text: its columns, and a row for each sentence."""
    from sarcoma_kg.sheets import content
    from sarcoma_kg.sheets.workbook import Field
    from sarcoma_kg.sources import outline, recipe

    names = content.names()
    options: dict[str, tuple[tuple[str, ...], bool]] = {}
    for slot in recipe.read(recipe.find("claims")).slots:
        for name in slot.columns:
            if slot.term:
                options[name] = tuple(names.of(slot.term)), bool(slot.split)
            elif slot.scheme:
                labels = (names.label(value) for value in names.schemes[slot.scheme].values())
                options[name] = tuple(sorted(labels)), bool(slot.split)
    columns = [Field(name, "", *options.get(name, ((), False))) for name in COLUMNS]
    return columns, _rows(outline.outline(Path(args.text)), args)


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


COMMANDS = {
    "source": Command(
        _source, "show hash, sections and sentences of a text, with positions", "review.txt",
        [_file, console.format_option(default="default: a table with shortened texts")],
    ),
}  # fmt: skip
