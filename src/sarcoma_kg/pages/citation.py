"""How to cite a page: a sentence and an entry of BibTeX, with the date of the data.

A citation leaves the page, so what it names of a claim it names with the status.
"""

import re
from typing import NamedTuple

__all__ = ["Citation", "cite"]

_AUTHOR = "The sarcoma-kg developers"
#: Characters that mean something to TeX, and how they are written as themselves.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "%": r"\%", "_": r"\_", "^": r"\^{}", "~": r"\~{}",
    }
)  # fmt: skip


class Citation(NamedTuple):
    """A citation as a sentence, and as an entry of BibTeX."""

    text: str
    bibtex: str


def cite(name: str, title: str, address: str, version: str) -> Citation:
    """Return how to cite a thing of a release.

    Args:
        name: What the thing is called within the data, such as CQ01.
        title: What it is, in a line.
        address: Its identifier.
        version: Date of the data as YYYY-MM-DD.
    """
    title = " ".join(title.split())
    end = "" if title.endswith((".", "?", "!")) else "."
    key = re.sub(r"[^A-Za-z0-9-]+", "-", f"sarcoma-kg-{name}-{version}")
    lines = [
        f"@misc{{{key},",
        f"  author = {{{{{_AUTHOR}}}}},",
        f"  title = {{{{{title.translate(_TEX)}}}}},",
        f"  howpublished = {{sarcoma-kg, data of {version}}},",
        f"  version = {{{version}}},",
        f"  date = {{{version}}},",
        f"  year = {{{version[:4]}}},",
        f"  url = {{{address}}},",
        "}",
    ]
    text = f"{_AUTHOR}. {title}{end} sarcoma-kg, data of {version}. {address}"
    return Citation(text, "\n".join(lines))
