"""Release notes as a page of HTML that stands alone: no script, no other file, nothing fetched.

All changes are in it, those of a long list folded away. It is made from the Markdown of `markdown`,
which knows headings, paragraphs, lists of one level, tables, code, strikethrough, bold and escapes,
and nothing else.
"""

import html
import re
from collections.abc import Iterator
from itertools import groupby

from sarcoma_kg.differences import markdown
from sarcoma_kg.differences.model import Difference
from sarcoma_kg.ground import namespaces

__all__ = ["render"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
main { overflow-wrap: anywhere; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; overflow-wrap: normal; }
th, td { border: 1px solid; padding: .2rem .6rem; text-align: left; }
th + th, td + td { text-align: right; }
li { margin: .3rem 0; }
nav li { display: inline-block; margin-right: 1rem; }
nav ul { padding: 0; }
summary { cursor: pointer; margin: .3rem 0; }
code { font-size: .9em; }
ins { background: rgb(40 160 80 / .25); text-decoration: none; }
del { background: rgb(210 60 60 / .2); }
a { color: inherit; text-decoration-thickness: 1px; text-underline-offset: .15em; }
@media (max-width: 30rem) {
  th, td { padding: .2rem .25rem; }
  table { font-size: .76rem; }
  ul { padding-left: 1.2rem; }
}
"""
#: So many changes of a list are not folded away.
_SHOWN = 20
_CURIE = re.compile(r"([A-Za-z]+):[\w.-]+", re.ASCII)
_INLINE = re.compile(
    r"`([^`]*)`|~~((?:\\.|[^\\])*?)~~|\*\*((?:\\.|[^\\])*?)\*\*|\\(.)|(&amp;)", re.DOTALL
)
_CELL = re.compile(r"(?<!\\)\|")


def render(difference: Difference, *, everything: bool = False) -> str:
    """Return the page.

    Args:
        difference: What changed.
        everything: Fold no list.
    """
    notes = markdown.render(difference, everything=True)
    shown = None if everything else _SHOWN
    title = next((line[2:] for line in notes.splitlines() if line.startswith("# ")), "Changes")
    plain = html.unescape(re.sub("<[^>]*>", "", _inline(title)))
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(plain)}</title>",
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            *_blocks(notes, shown),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _kind(line: str) -> str:
    return "list" if line.startswith("- ") else "table" if line.startswith("|") else line[:1]


def _blocks(notes: str, shown: int | None) -> Iterator[str]:
    sections = [line[3:] for line in notes.splitlines() if line.startswith("## ")]
    for kind, group in groupby(notes.splitlines(), _kind):
        lines = list(group)
        if kind == "list":
            yield from _list(lines, shown)
        elif kind == "table":
            yield from _table(lines)
            yield from _contents(sections)
            sections = []  # of one table, the first
        else:
            yield from (_line(line) for line in lines if line)


def _list(lines: list[str], shown: int | None) -> Iterator[str]:
    items = [f"<li>{_inline(line[2:])}</li>" for line in lines]
    yield from ("<ul>", *items[:shown], "</ul>")
    if shown is not None and (rest := items[shown:]):
        yield f"<details>\n<summary>{len(rest)} more</summary>\n<ul>"
        yield from (*rest, "</ul>\n</details>")


def _contents(sections: list[str]) -> Iterator[str]:
    """Lead to the sections, where there is more than one."""
    if len(sections) > 1:
        links = (f'<li><a href="#{_slug(name)}">{_inline(name)}</a></li>' for name in sections)
        yield from ('<nav aria-label="Contents">\n<ul>', *links, "</ul>\n</nav>")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _line(line: str) -> str:
    if found := re.match("(#{1,3}) (.*)", line):
        level = len(found[1])
        name = f' id="{_slug(found[2])}"' if level == 2 else ""
        return f"<h{level}{name}>{_inline(found[2])}</h{level}>"
    return f"<p>{_inline(line)}</p>"


def _table(lines: list[str]) -> Iterator[str]:
    head, _, *rows = [_CELL.split(line.strip())[1:-1] for line in lines]
    yield "<div>\n<table>\n<thead>"
    yield "<tr>" + "".join(f'<th scope="col">{_inline(c.strip())}</th>' for c in head) + "</tr>"
    yield "</thead>\n<tbody>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_inline(c.strip())}</td>" for c in row) + "</tr>"
    yield "</tbody>\n</table>\n</div>"


def _inline(text: str) -> str:
    """Return a line of Markdown as HTML; what is no mark is text, whatever it looks like."""
    said, end = [], 0
    for found in _INLINE.finditer(text):
        said.append(html.escape(text[end : found.start()]))
        code, gone, come, mark, _ = found.groups()
        if code is not None:
            said.append(_code(code))
        elif gone is not None:
            said.append(f"<del>{_inline(gone)}</del>")
        elif come is not None:
            said.append(f"<ins>{_inline(come)}</ins>")
        else:
            said.append(html.escape(mark) if mark else "&amp;")
        end = found.end()
    return "".join([*said, html.escape(text[end:])])


def _code(text: str) -> str:
    """Return code; the name of a term leads to the term."""
    shown = f"<code>{html.escape(text)}</code>"
    iri = namespaces.expand(text) if _CURIE.fullmatch(text) else None
    return f'<a href="{html.escape(iri)}">{shown}</a>' if iri else shown
