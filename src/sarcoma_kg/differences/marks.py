"""Text of the data in Markdown (CommonMark, strikethrough of GitHub): escaped, and compared."""

import difflib
import re
from decimal import Decimal

from sarcoma_kg.differences.expressions import Text
from sarcoma_kg.ground import formats, namespaces

__all__ = ["code", "escaped", "marked", "same"]

_XSD = namespaces.PREFIXES["xsd"]
_MARKUP = re.compile(r"([\\`*_\[\]<>|~$#!])")
#: Texts from this length on are shown with their differences marked.
_LONG = 60


def escaped(text: str) -> str:
    """Escape text of the data: neither markup nor HTML, and on one line."""
    line = formats.printable(" ".join(text.split()))
    return _MARKUP.sub(r"\\\1", line.replace("&", "&amp;"))


def code(text: str) -> str:
    """Return an identifier as code; a backtick cannot stand in an IRI, yet a path may have one."""
    return f"`{formats.printable(' '.join(text.split())).replace('`', chr(39))}`"


def same(old: Text, new: Text) -> bool:
    """Tell whether two texts differ in language or datatype only: 100 and 100.0 are one number."""
    if old.text == new.text:
        return True
    numbers = {_XSD + name for name in ("integer", "decimal")}
    if {old.datatype, new.datatype} != numbers:
        return False
    try:
        return Decimal(old.text) == Decimal(new.text)
    except ArithmeticError:
        return False


def marked(old: str, new: str) -> str:
    """Return a long text with what went struck out and what came in bold; '' if too little stays.

    Marks stand around whole words, so that they are always marks.
    """
    if min(len(old), len(new)) < _LONG:
        return ""
    before, after = old.split(), new.split()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if len(before) * len(after) > 1_000_000 or matcher.ratio() < 0.4:
        return ""
    said = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            said.append(escaped(" ".join(before[a:b])))
            continue
        if a < b:
            said.append(f"~~{escaped(' '.join(before[a:b]))}~~")
        if c < d:
            said.append(f"**{escaped(' '.join(after[c:d]))}**")
    return f'"{" ".join(said)}"'
