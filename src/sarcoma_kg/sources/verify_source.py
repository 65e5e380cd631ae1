"""Checking a source text against the claims made of it: hash, spans, and what no claim covers.

Offsets count Unicode code points, from 0, end exclusive (`oa:TextPositionSelector`,
https://www.w3.org/TR/annotation-model/#text-position-selector), so newlines are not translated.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading.files import read_text
from sarcoma_kg.sources.ledger import Ledger
from sarcoma_kg.stores.store import Store

__all__ = ["Check", "Gap", "verify"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "dcterms", "prov", "oa", "rdfs")
)
_HEADING = re.compile(r"(\d+(\.\d+)?\.?\s+)?[^.!?•]{1,80}:?")
#: How the recipe `claims` names a sentence in the ledger.
_PLACE = re.compile(r"(.+): (\d{1,9})-(\d{1,9})", re.ASCII)
_LIST_LABEL = re.compile(r"•?\s*\*\*[^*]+:\*\*")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of text that no claim covers; `reason` is empty when nothing excuses it."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """The result for one source."""

    source: str
    length: int
    spans: int
    claims: int
    bad_spans: list[str]
    gaps: list[Gap]

    @property
    def uncovered(self) -> list[Gap]:
        """Gaps of the abstract and body without a reason."""
        return [gap for gap in self.gaps if not gap.reason]

    @property
    def ok(self) -> bool:
        """True when every span is in bounds and no sentence is left uncovered."""
        return not self.bad_spans and not self.uncovered


def verify(store: Store, path: Path, ledger: Path | None = None) -> Check:
    """Check the text in `path` against the spans of the source with its hash.

    Args:
        store: The graph.
        path: The text.
        ledger: That of an ingest with the recipe `claims`: sentences of which a curator made no
            claim, and why.

    Raises:
        UserError: unreadable, or no source of the graph has this hash.
    """
    read_text(path)
    raw = path.read_bytes()
    text = raw.decode("utf-8")
    digest = hashlib.sha256(raw).hexdigest()
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?s ?id ?hash ?length ?from ?to ?title WHERE {{
          ?s a skg:Source ; dcterms:identifier ?id ; skg:sha256 ?hash ; dcterms:title ?title ;
             skg:characterCount ?length ; skg:contentStart ?from ; skg:contentEnd ?to }}"""
    )
    sources = list(rows.dicts())
    source = next((r for r in sources if r["hash"] == digest), None)
    if source is None:
        known = "\n  ".join(f"{r['hash']}  {r['id']}: {r['title']}" for r in sources)
        raise UserError(
            f"{path}: no source of the graph has the hash {digest}",
            "the offsets hold for these exact bytes only (no newline translation):\n  " + known,
        )
    spans = store.select(
        f"""{_PROLOGUE}SELECT ?start ?end (COUNT(?c) AS ?n) WHERE {{
          ?c prov:hadPrimarySource <{source["s"]}> ; oa:hasTarget/oa:hasSelector ?x .
          ?x oa:start ?start ; oa:end ?end }} GROUP BY ?start ?end ORDER BY ?start ?end"""
    )
    bad: list[str] = []
    covered: list[tuple[int, int]] = []
    claims = 0
    for row in spans.dicts():
        start, end = int(row["start"]), int(row["end"])
        claims += int(row["n"])
        if not 0 <= start < end <= len(text):
            bad.append(f"{start}-{end}: out of bounds (the text has {len(text)} characters)")
            continue
        covered.append((start, end))
        piece = text[start:end]
        if piece != piece.strip():
            bad.append(f"{start}-{end}: begins or ends with a space")
        elif start and text[start - 1].isalnum() and piece[0].isalnum():
            bad.append(f"{start}-{end}: begins within a word")
    if int(source["length"]) != len(text):
        bad.append(f"the graph records {source['length']} characters, the text has {len(text)}")
    excused = []
    for start, end, why in _excused(ledger, source["id"]) if ledger else ():
        if 0 <= start < end <= len(text):
            excused.append(Gap(start, end, text[start:end], why))
        else:
            bad.append(f"{ledger}: {start}-{end}: out of bounds")
    first, last = int(source["from"]), int(source["to"])
    seen = covered + [(gap.start, gap.end) for gap in excused]
    gaps = sorted(_gaps(text, seen, first, last) + excused, key=lambda gap: gap.start)
    return Check(source["id"], len(text), len(spans.rows), claims, bad, gaps)


def _excused(path: Path, source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the sentences of a source for which a ledger has a curator's reason."""
    read_text(path)
    try:
        entries = Ledger.read(path, 0, {}).entries
    except (ValueError, csv.Error) as error:
        raise UserError(
            f"{path}: is no ledger", "`sarcoma-kg ingest claims TABLE` writes it: claims.ledger.tsv"
        ) from error
    for entry in entries:
        place = _PLACE.fullmatch(entry.value)
        if place and place[1] == source and not entry.key:
            yield int(place[2]), int(place[3]), entry.reason


def _gaps(text: str, covered: list[tuple[int, int]], first: int, last: int) -> list[Gap]:
    gaps: list[Gap] = []
    position = 0
    for start, end in [*sorted(covered), (len(text), len(text))]:
        if start > position:
            gaps += _pieces(text, position, start, first, last)
        position = max(position, end)
    return gaps


def _pieces(text: str, start: int, end: int, first: int, last: int) -> list[Gap]:
    """Split an uncovered stretch at the limits of the content and into lines, and excuse each."""
    pieces: list[Gap] = []
    for low, high, outside in (
        (start, min(end, first), "before the abstract"),
        (max(start, first), min(end, last), ""),
        (max(start, last), end, "after the conclusion"),
    ):
        if low >= high:
            continue
        if outside:
            if text[low:high].strip():
                pieces.append(Gap(low, high, text[low:high].strip(), outside))
            continue
        offset = low
        for line in text[low:high].splitlines(keepends=True):
            words = line.strip()
            if words:
                begin = offset + line.index(words)
                reason = ""
                if _LIST_LABEL.fullmatch(words):
                    reason = "list label"
                elif _HEADING.fullmatch(words) and _alone(text, begin, begin + len(words)):
                    reason = "heading"
                pieces.append(Gap(begin, begin + len(words), words, reason))
            offset += len(line)
    return pieces


def _alone(text: str, start: int, end: int) -> bool:
    """Tell whether the stretch fills its line."""
    return (start == 0 or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")
