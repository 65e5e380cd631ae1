"""Release notes as a page of HTML that stands alone: no script, no other file, nothing fetched.

It is made from the Markdown of `markdown`, which knows headings, paragraphs, lists of one level,
tables, code, strikethrough, bold and escapes, and nothing else.
"""

import html
import re
from collections.abc import Iterator
from itertools import groupby

from sarcoma_kg.differences import markdown
from sarcoma_kg.differences.model import Difference

__all__ = ["render"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
main { overflow-wrap: anywhere; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid; padding: .2rem .6rem; text-align: left; }
li { margin: .3rem 0; }
code { font-size: .9em; }
"""
_INLINE = re.compile(
    r"`([^`]*)`|~~((?:\\.|[^\\])*?)~~|\*\*((?:\\.|[^\\])*?)\*\*|\\(.)|(&amp;)", re.DOTALL
)
_CELL = re.compile(r"(?<!\\)\|")


def render(difference: Difference, *, everything: bool = False) -> str:
    """Return the page.

    Args:
        difference: What changed.
        everything: List all changes, however many.
    """
    notes = markdown.render(difference, everything=everything)
    title = next((line[2:] for line in notes.splitlines() if line.startswith("# ")), "Changes")
    plain = html.unescape(re.sub("<[^>]*>", "", _inline(title)))
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(plain)}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            *_blocks(notes),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _kind(line: str) -> str:
    return "list" if line.startswith("- ") else "table" if line.startswith("|") else line[:1]


def _blocks(notes: str) -> Iterator[str]:
    for kind, group in groupby(notes.splitlines(), _kind):
        lines = list(group)
        if kind == "list":
            yield from ("<ul>", *(f"<li>{_inline(line[2:])}</li>" for line in lines), "</ul>")
        elif kind == "table":
            yield from _table(lines)
        else:
            yield from (_line(line) for line in lines if line)


def _line(line: str) -> str:
    if found := re.match("(#{1,3}) (.*)", line):
        level = len(found[1])
        return f"<h{level}>{_inline(found[2])}</h{level}>"
    return f"<p>{_inline(line)}</p>"


def _table(lines: list[str]) -> Iterator[str]:
    head, _, *rows = [_CELL.split(line.strip())[1:-1] for line in lines]
    yield "<table>\n<thead>"
    yield "<tr>" + "".join(f'<th scope="col">{_inline(c.strip())}</th>' for c in head) + "</tr>"
    yield "</thead>\n<tbody>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_inline(c.strip())}</td>" for c in row) + "</tr>"
    yield "</tbody>\n</table>"


def _inline(text: str) -> str:
    """Return a line of Markdown as HTML; what is no mark is text, whatever it looks like."""
    said, end = [], 0
    for found in _INLINE.finditer(text):
        said.append(html.escape(text[end : found.start()]))
        code, gone, come, mark, _ = found.groups()
        if code is not None:
            said.append(f"<code>{html.escape(code)}</code>")
        elif gone is not None:
            said.append(f"<del>{_inline(gone)}</del>")
        elif come is not None:
            said.append(f"<ins>{_inline(come)}</ins>")
        else:
            said.append(html.escape(mark) if mark else "&amp;")
        end = found.end()
    return "".join([*said, html.escape(text[end:])])
