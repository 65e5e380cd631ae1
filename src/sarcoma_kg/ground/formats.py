"""Rows as table, csv, tsv, json or md, a table only when a person looks; and words beside them."""

import contextlib
import sys
from collections.abc import Sequence

__all__ = ["FORMATS", "choose", "printable", "render", "say"]

FORMATS = ("table", "csv", "tsv", "json", "md")


def choose(asked: str | None) -> str:
    """Return the format asked for; else a table on a terminal and csv in a pipe."""
    return asked or ("table" if sys.stdout and sys.stdout.isatty() else "csv")


def printable(cell: str) -> str:
    """Keep control characters of data from reaching a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in cell)


def say(words: str) -> None:
    """Print words for a person, beside the answer; where nobody can be told, go on."""
    with contextlib.suppress(OSError):
        sys.stderr.write(printable(words) + "\n")


def render(header: Sequence[str], rows: Sequence[Sequence[str]], form: str) -> str:
    """Return the rows in a format, ending with a newline."""
    if form in {"csv", "tsv"}:
        import csv
        import io

        out = io.StringIO()
        if form == "csv":
            csv.writer(out, lineterminator="\n").writerows([header, *rows])
        else:
            # As SPARQL TSV for plain text: tab and newline cannot stand in a cell.
            for row in [header, *rows]:
                flat = (c.replace("\t", " ").replace("\n", " ") for c in row)
                out.write("\t".join(flat) + "\n")
        return out.getvalue()
    if form == "json":
        import json

        data = [dict(zip(header, row, strict=True)) for row in rows]
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    import shutil

    from tabulate import tabulate

    plain = [[printable(cell) for cell in row] for row in rows]
    if form == "md":
        cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in plain]
        return tabulate(cells, list(header), tablefmt="github", disable_numparse=True) + "\n"
    width = shutil.get_terminal_size((120, 24)).columns
    widths = _widths(header, plain, width)
    return (
        tabulate(
            plain, list(header), tablefmt="simple", disable_numparse=True, maxcolwidths=widths,
            maxheadercolwidths=widths,
        )
        + "\n"
    )  # fmt: skip


def _widths(header: Sequence[str], rows: Sequence[Sequence[str]], total: int) -> list[int]:
    """Share the width of the terminal: columns that fit keep theirs, wide ones share the rest."""
    natural = [
        max([len(h), *(len(row[i]) for row in rows)]) if rows else len(h)
        for i, h in enumerate(header)
    ]
    room = total - 2 * (len(header) - 1)
    if sum(natural) <= room:
        return natural
    order = sorted(range(len(natural)), key=lambda i: natural[i])
    widths = natural[:]
    for done, i in enumerate(order):
        share = max(8, room // (len(order) - done))
        widths[i] = min(natural[i], share)
        room -= widths[i]
    return widths
