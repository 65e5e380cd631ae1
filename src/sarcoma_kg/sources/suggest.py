"""A draft of a recipe: what each column of a table may be, by how often its values are found.

A draft, not a decision: what it is unsure of stands behind a # for a person to read.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading.cells import LIST, Faulty
from sarcoma_kg.reading.rows import Table
from sarcoma_kg.sources.index import Index
from sarcoma_kg.sources.recipe import DRAFTED
from sarcoma_kg.stores.store import Store

__all__ = ["draft"]

_ROWS = 2_000
#: Share of the values that must be found for a slot to be drafted; below, it is a comment.
_ENOUGH, _SOME = 0.1, 0.03
_KINDS = {
    "Disease": "concernsDisease", "Therapy": "concernsTherapy", "Gene": "concernsGene",
    "Alteration": "concernsAlteration",
}  # fmt: skip
_FEW = 12
_PUBMED = re.compile(r"[1-9]\d{4,8}")
_TRIAL = re.compile(r"NCT\d{8}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: As DRUG: Imatinib, where what the value is of stands before it.
_MARKED = re.compile(r"[A-Z][A-Z_ ]*: (.+)")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_NUMBER = re.compile(r"[+-]?\d+")


class _Column(NamedTuple):
    """A column of the sample: its cells and how many rows have one."""

    name: str
    cells: list[str]
    rows: int

    @property
    def distinct(self) -> list[str]:
        return list(dict.fromkeys(self.cells))


class _Guess(NamedTuple):
    """What a column may be: kind of term, prefix of its identifiers or none, separator, share.

    `marked` is whether what a value is of stands before it.
    """

    kind: str
    prefix: str
    split: str
    share: float
    marked: bool = False


def draft(table: Table, store: Store) -> str:
    """Return a draft of a recipe for a table.

    Args:
        table: The table; its first rows are looked at.
        store: The graph.

    Raises:
        UserError: the table cannot be read.
    """
    index = Index(store)
    header = [name for name in table.header() if name]
    sample = list(itertools.islice(table.read(), _ROWS))
    columns = []
    for name in dict.fromkeys(header):
        cells = [row.cells.get(name, "") for row in sample]
        kept = [c.strip() for c in cells if c.strip() and not isinstance(c, Faulty)]
        columns.append(_Column(name, kept, len(sample)))
    if not columns or not sample:
        raise UserError(f"{table.path}: has no rows to look at", "it needs a header and rows")
    guesses = {column.name: _guess(column, index) for column in columns}
    key = next((c for c in columns if len(c.distinct) == c.rows), columns[0])
    name = re.sub(r"[^a-z0-9]+", "-", table.path.name.partition(".")[0].lower()).strip("-")
    name = name if re.match(r"[a-z]", name) else f"table-{name}".strip("-")
    lines = [
        f"# Drafted from the first {len(sample):,} rows of {json.dumps(table.path.name)}.",
        "# Read what stands behind each #; docs/ingest.md tells the words.",
        f"name: {name[:40]}",
        "source:",
        f"  title: {DRAFTED['title']}  # what it is, and whose",
        '  version: "2000-01-01"  # the day of the table: a guess',
        f"  licence: {DRAFTED['licence']}  # under which it may be passed on",
        f"  address: {DRAFTED['address']}  # where it comes from",
        "table:",
        f"  format: {table.form}",
        f"key: {_text(key.name)}" + ("" if len(key.distinct) == key.rows else "  # not unique!"),
        "record:",
        "  class: skg:EvidenceRecord",
        _quoted("  iri: ", f"kb:{name[:40]}-{{{key.name}}}"),
        _quoted("  label: ", f"{name} {{{key.name}}}"),
        "slots:",
    ]
    unused = []
    for kind, slot in _KINDS.items():
        lines += _terms(kind, slot, guesses, columns)
    for column in columns:
        if guesses[column.name] and guesses[column.name][0].share >= _ENOUGH:
            continue
        made = list(_other(column, key.name))
        lines += made
        if not any(line.startswith("  - slot") for line in made) and column.name != key.name:
            unused.append(column.name)
    if not any("dcterms:source" in line for line in lines):
        lines += [
            "  - slot: dcterms:source  # the address of the row; without one that of the table",
            "    constant: https://example.org/",
        ]
    if unused:
        lines += ["unused:", *(f"  - {_text(name)}" for name in unused)]
    return "\n".join(lines) + "\n"


def _guess(column: _Column, index: Index) -> list[_Guess]:
    """Return what a column may be, the likeliest first."""
    found = []
    for split in ("", ",", ";", "|"):
        if split and not any(split in cell for cell in column.cells):
            continue
        parts = _parts(column, split)
        marks = [_MARKED.fullmatch(part) for part in parts]
        marked = bool(parts) and all(marks)
        parts = [match[1] for match in marks if match] if marked else parts
        for kind in _KINDS:
            kinds = (namespaces.SKG + kind,)
            named = [index.by_name(value, kinds) for value in parts]
            found.append(_Guess(kind, "", split, _share(named), marked))
            for prefix in namespaces.EXTERNAL if not split else ():
                codes = [
                    namespaces.expand(f"{prefix}:{v.removeprefix(prefix + ':')}") for v in parts
                ]
                coded = [index.by_code(code, kinds) if code else () for code in codes]
                found.append(_Guess(kind, prefix, "", _share(coded)))
    ranked = sorted(found, key=lambda g: (-g.share, bool(g.split)))
    return [guess for guess in ranked if guess.share >= _SOME][:3]


def _parts(column: _Column, split: str) -> list[str]:
    cells = [part for cell in column.distinct for part in cell.split(LIST)]
    pieces = [p.strip() for cell in cells for p in (cell.split(split) if split else [cell])]
    return [piece for piece in dict.fromkeys(pieces) if piece]


def _share(hits: list[tuple[str, ...]]) -> float:
    return sum(len(found) == 1 for found in hits) / len(hits) if hits else 0.0


def _terms(
    kind: str, slot: str, guesses: dict[str, list[_Guess]], columns: list[_Column]
) -> Iterator[str]:
    """Yield the slot for a kind of term, made of all columns that are likely to hold it."""
    best = {name: own[0] for name, own in guesses.items() if own and own[0].kind == kind}
    sure = {name: guess for name, guess in best.items() if guess.share >= _ENOUGH}
    for name, guess in best.items():
        as_what = f"{guess.prefix} identifiers" if guess.prefix else "names"
        doubt = "" if name in sure else ": too few to draft a slot"
        split = f", split at '{guess.split}'" if guess.split else ""
        yield (
            f"  # {_text(name)}: {guess.share:.0%} of its values are {as_what} of a {kind}"
            f"{split}{doubt}"
        )
    codes = {name: g.prefix for name, g in sure.items() if g.prefix}
    names = [name for name, g in sure.items() if not g.prefix]
    split = next((g.split for g in sure.values() if g.split), "")
    if not sure:
        return
    yield f"  - slot: skg:{slot}"
    yield f"    term: {kind}"
    if codes and not split:
        inner = ", ".join(f"{_text(name)}: {prefix}" for name, prefix in codes.items())
        yield f"    identifiers: {{{inner}}}"
    if names:
        yield f"    names: [{', '.join(map(_text, names))}]"
    if any(guess.marked for guess in sure.values()):
        yield f"    pattern: {json.dumps(_MARKED.pattern)}  # only what stands behind the mark"
    if split:
        yield f"    split: {_text(split)}  # is it never part of a name?"
    if kind == "Disease":
        yield "    required: true"


def _other(column: _Column, key: str) -> Iterator[str]:
    """Yield a slot, or a comment, for a column that holds no terms."""
    cells, name = column.cells, _text(column.name)
    if not cells:
        yield f"  # {name}: is empty"
    elif all(_TRIAL.fullmatch(cell) for cell in cells):
        yield "  - slot: skg:trialIdentifier"
        yield f"    column: {name}"
        yield "    address: https://clinicaltrials.gov/study/{}"
        yield "    pattern: NCT[0-9]{8}"
    elif re.search("pmid|pubmed", column.name, re.I) and all(map(_PUBMED.fullmatch, cells)):
        yield "  - slot: skg:publication"
        yield f"    column: {name}"
        yield "    address: https://pubmed.ncbi.nlm.nih.gov/{}/"
        yield '    pattern: "[1-9][0-9]*"'
    elif all(map(_ADDRESS.fullmatch, cells)):
        yield "  - slot: dcterms:source  # is it the address of the row?"
        yield f"    column: {name}"
        yield '    address: "{}"'
    elif column.name == key:
        yield f"  # {name}: is the key"
    elif all(map(_DAY.fullmatch, cells)):
        yield f"  # {name}: days; `datatype: date` and a slot of yours"
    elif all(map(_NUMBER.fullmatch, cells)):
        yield f"  # {name}: whole numbers; `datatype: integer` and a slot of yours"
    elif len(column.distinct) <= _FEW:
        shown = ", ".join(_text(value) for value in column.distinct)
        yield f"  # {name}: {len(column.distinct)} values, for a value table: {shown[:300]}"
    else:
        one = _text(column.distinct[0][:60])
        yield f"  # {name}: {len(column.distinct):,} values such as {one}"


def _text(text: str) -> str:
    """Return a text as YAML reads it, quoted where it needs to be; on one line."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", text)
    reserved = text.lower() in ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
    return text if plain and not reserved else json.dumps(text, ensure_ascii=True)


def _quoted(before: str, text: str) -> str:
    return before + json.dumps(text)
