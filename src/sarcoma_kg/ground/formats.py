"""Rows as table, csv, tsv, json or md, a table only when a person looks; and words beside them.

Spreadsheets run a cell that begins with one of `= + - @`, also in full width, tab or a line end.
In csv and tsv such a cell, unless it is a number, gets an apostrophe before it, and so does one
that has apostrophes before such a character already: whoever takes one away has the cell again.
"""

import contextlib
import re
import sys
from collections.abc import Sequence

__all__ = [
    "FORMATS", "MARKED", "choose", "csv_line", "inert", "on_terminal", "printable", "render", "say",
    "wrapped",
]  # fmt: skip

FORMATS = ("table", "csv", "tsv", "json", "md")
#: A cell that `inert` has marked: the first apostrophe is not of the cell (also as in Rust).
MARKED = "^'('*[=+\\-@\t\r\n＝＋－＠])"
#: The longest word of a cell that is kept whole, and where a line may end.
_WORD = 24
_BREAK = re.compile(r"\s+|(?<=[A-Za-z]-)(?=[A-Za-z]{2})")
_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def choose(asked: str | None) -> str:
    """Return the format asked for; else a table on a terminal and csv in a pipe."""
    return asked or ("table" if sys.stdout and sys.stdout.isatty() else "csv")


def printable(cell: str) -> str:
    """Keep control characters of data from reaching a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in cell)


def on_terminal(text: str) -> str:
    """Return what may be shown where a person looks, of a text in any format."""
    return "\t".join(printable(part) for part in text.split("\t"))


def inert(cell: str) -> str:
    """Return a cell that stays text in a spreadsheet."""
    return "'" + cell if _RUN.match(cell) and not _NUMBER.fullmatch(cell) else cell


def csv_line(row: Sequence[str]) -> str:
    """Return a line of CSV as RFC 4180, with LF at its end and cells that stay text."""
    return ",".join(_quoted(inert(cell)) for cell in row) + "\n"


def _quoted(cell: str) -> str:
    # Python's writer leaves a bare carriage return unquoted.
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\r\n]', cell) else cell


def wrapped(text: str, width: int) -> str:
    """Return a text whose lines are wrapped, those that go on set in by two more."""
    import textwrap

    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())] + "  "
        lines += textwrap.wrap(
            line, max(width, 20), subsequent_indent=indent, break_on_hyphens=False
        ) or [""]
    return "".join(f"{line}\n" for line in lines)


def say(words: str) -> None:
    """Print words for a person, beside the answer; where nobody can be told, go on."""
    with contextlib.suppress(OSError):
        sys.stderr.write(printable(words) + "\n")


def render(header: Sequence[str], rows: Sequence[Sequence[str]], form: str) -> str:
    """Return the rows in a format, ending with a newline."""
    if form in {"csv", "tsv"}:
        if form == "csv":
            return "".join(map(csv_line, [header, *rows]))
        # Tab and line ends cannot stand in a cell.
        flat = ([re.sub("[\t\r\n]", " ", inert(c)) for c in row] for row in [header, *rows])
        return "".join("\t".join(row) + "\n" for row in flat)
    if form == "json":
        import json

        data = [dict(zip(header, row, strict=True)) for row in rows]
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    import shutil

    from tabulate import tabulate

    plain = [[printable(cell) for cell in row] for row in rows]
    if form == "md":
        head, *cells = (
            [_markdown(cell) for cell in row] for row in [map(printable, header), *plain]
        )
        return tabulate(cells, head, tablefmt="github", disable_numparse=True) + "\n"
    width = shutil.get_terminal_size((120, 24)).columns
    widths = _widths(header, plain, width)
    if widths is None and rows:
        return _blocks(header, plain, width)
    return (
        tabulate(
            plain, list(header), tablefmt="simple", disable_numparse=True, maxcolwidths=widths,
            maxheadercolwidths=widths,
        )
        + "\n"
    )  # fmt: skip


def _markdown(cell: str) -> str:
    """Return a cell of a Markdown table: no markup, no link, no end of the cell."""
    cell = re.sub(r"\\*\|", lambda m: m[0][:-1] * 2 + r"\|", cell.replace("\n", " "))
    return cell.replace("<", "&lt;").replace("](", r"]\(")


def _widths(header: Sequence[str], rows: Sequence[Sequence[str]], total: int) -> list[int] | None:
    """Share the width of the terminal, so that no word of a common length is broken.

    Returns:
        The width of each column; None where there is no room for the longest words side by side.
    """
    columns = [[name, *(row[at] for row in rows)] for at, name in enumerate(header)]
    natural = [max(map(len, column)) for column in columns]
    room = total - 2 * (len(header) - 1)
    if sum(natural) <= room:
        return natural
    # What is longer than a word, such as an address, is broken.
    words = [[len(w) for c in column for w in _BREAK.split(c)] for column in columns]
    widths = [min(max(of, default=1), _WORD) for of in words]
    left = room - sum(widths)
    if left < 0:
        return None
    order = sorted(range(len(natural)), key=lambda at: natural[at] - widths[at])
    for done, at in enumerate(order):
        more = min(max(natural[at] - widths[at], 0), left // (len(order) - done))
        widths[at] += more
        left -= more
    return widths


def _blocks(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Return each row as lines of name and value, for a terminal too narrow for the columns."""
    room = max(map(len, header)) + 2
    blocks = []
    for row in rows:
        filled = [f"{n:<{room}}{cell}" for n, cell in zip(header, row, strict=True) if cell]
        blocks.append("".join(wrapped(line, width) for line in filled))
    return "\n".join(blocks)
