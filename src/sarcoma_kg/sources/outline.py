"""A text by sections and sentences, each with its position: what a curator goes through.

Offsets count Unicode code points from 0, end exclusive, over the exact bytes of the file, as the
positions of claims do. Where a sentence ends is found by rule; the curator may move it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading.files import read_text

__all__ = ["Outline", "Sentence", "outline"]

_HEADING = re.compile(r"(?:#{1,6}\s+)?(?:\d+(?:\.\d+)*\.?\s+)?[^\W\d_][^.!?•\n]{0,78}:?")
_FIRST = re.compile(r"(?:#{1,6}\s+)?(?:\d\.?\s+)?(abstract|summary|introduction):?", re.IGNORECASE)
_LAST = re.compile(
    r"(?:#{1,6}\s+)?(?:\d+\.?\s+)?(references|bibliography|acknowledge?ments?|funding|"
    r"conflicts? of interest|author contributions?):?",
    re.IGNORECASE,
)
#: What ends a sentence: a mark, perhaps closing quotes, brackets or printed references, a space,
#: and the beginning of another one.
_END = re.compile(r"[.!?][\"'”’)\]]*(?:\[[\d,\s–-]+\])?(?=\s+[\"'“‘(\[]?[A-Z0-9\u00c0-\u00de•])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|etc|approx|ca|Fig|Figs|Tab|Ref|Refs|Dr|Prof|St|No|Nos|Eq|resp)"
    r"|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: where it stands, in which section, and its words."""

    start: int
    end: int
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A text: the hash of its bytes, its characters, from where to where its content goes."""

    sha256: str
    characters: int
    words: int
    first: int
    last: int
    sections: list[tuple[int, str]]
    sentences: list[Sentence]


def outline(path: Path) -> Outline:
    """Return the outline of a text.

    Args:
        path: A text in UTF-8. Its content begins after a heading Abstract, Summary or
            Introduction and ends before References, Acknowledgements and the like, where it has
            such lines; else it is the whole.

    Raises:
        UserError: unreadable, empty or not UTF-8.
    """
    read_text(path)
    raw = path.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf"):
        raise UserError(
            f"{path}: begins with a byte order mark, which counts as a character in positions",
            "save it as UTF-8 without one",
        )
    text = raw.decode("utf-8")
    lines = list(_lines(text))
    heads = [(start, line) for start, line in lines if _is_heading(text, start, line)]
    first = next((start + len(line) for start, line in heads if _FIRST.fullmatch(line)), 0)
    last = next((s for s, line in heads if _LAST.fullmatch(line) and s > first), len(text))
    stripped = text[first:last]
    first += len(stripped) - len(stripped.lstrip())
    last = max(first, first + len(text[first:last].rstrip()))
    sentences = []
    section = ""
    titles = dict(heads)
    for start, line in lines:
        if start in titles:
            section = line.strip("#: ")
        elif first <= start and start + len(line) <= last:
            sentences += [
                Sentence(start + a, start + b, section, line[a:b]) for a, b in _split(line)
            ]
    return Outline(
        hashlib.sha256(raw).hexdigest(), len(text), len(text.split()), first, last,
        [(start, line.strip("#: ")) for start, line in heads], sentences,
    )  # fmt: skip


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, without the space around them, with their offsets."""
    for match in re.finditer(r"[^\r\n]+", text):
        line = match[0].strip()
        if line:
            yield match.start() + match[0].index(line), line


def _is_heading(text: str, start: int, line: str) -> bool:
    """Tell whether a line is a heading: short, without a mark at its end, and alone."""
    after = text[start + len(line) :]
    before = text[:start]
    alone = (not before.strip(" \t") or before.rstrip(" \t").endswith("\n")) and (
        not after.strip(" \t") or after.lstrip(" \t")[:1] in "\r\n"
    )
    return alone and bool(_HEADING.fullmatch(line))


def _split(line: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each sentence of a paragraph."""
    begin = 0
    for match in _END.finditer(line):
        if match[0][0] == "." and _ABBREVIATED.search(line[begin : match.start() + 1]):
            continue
        yield begin, match.end()
        begin = match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip())
    if begin < len(line):
        yield begin, len(line)
