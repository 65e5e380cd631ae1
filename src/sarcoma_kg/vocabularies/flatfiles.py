"""Line by line formats of vocabularies: NCIt's flat file, OBO, a tree as a table, concept history.

- `Thesaurus.txt` of NCIt: tab-separated code, concept IRI, parents, synonyms, definition, display
  name, concept status, semantic type; several values of a field are joined by `|`, and the first
  synonym is the preferred name. So says
  https://evs.nci.nih.gov/ftp1/NCI_Thesaurus/archive/2021/21.06e_Release/ReadMe.txt, which calls the
  second field the name; that it holds the IRI, and which states and parents mark a concept as
  withdrawn, is from src/ncit.js of https://github.com/bcgsc/pori_graphkb_loader.
- OBO: `data-version`, `id`, `name`, `is_a`, `alt_id`, `is_obsolete`, `replaced_by`
  (guide to version 1.4: http://purl.obolibrary.org/obo/oboformat/).
- A tree: a table with the header `ncit_code`, `label`, `parent_codes`.
- The concept history of NCIt, which alone says what a merged concept became:
  http://evs.nci.nih.gov/ftp1/NCI_Thesaurus/ReadMe_history.txt.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.vocabularies.concepts import CODES, RETIRED_STATES, Concept, Reading, code_of

__all__ = ["FLAT_FIELDS", "merges", "read_flat", "read_obo", "read_tree"]

FLAT_FIELDS = 8
_LONGEST_LINE = 1 << 20


def _lines(source: Reading, stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line, counting them as elements."""
    number = 0
    while raw := stream.readline(_LONGEST_LINE):
        number += 1
        source.elements += 1
        if not raw.endswith(b"\n"):
            whole = len(raw) < _LONGEST_LINE
            raise UserError(
                f"{source.path}: line {number}: "
                + ("no end of line, so the file is cut off" if whole else "longer than 1 MiB"),
                "download it again; if it is whole, add the newline" if whole else "",
            )
        try:
            yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise UserError(
                f"{source.path}: line {number}: not UTF-8 text", "download it again"
            ) from error


def _split(field: str) -> list[str]:
    return [_clean(part) for part in field.split("|") if part.strip()]


def _clean(text: str) -> str:
    return " ".join(text.split())


def read_flat(source: Reading, stream: IO[bytes]) -> Iterator[Concept]:
    """Yield the concepts of NCIt's flat file, which states no version but in its name."""
    named = re.search(r"_(\d\d\.\d\d[a-z])\b", source.path.name)
    source.version = named[1] if named else ""
    for number, line in _lines(source, stream):
        fields = line.split("\t")
        if number == 1 and fields[0].strip().lower() == "code":
            continue
        if len(fields) < FLAT_FIELDS or not CODES["NCIT"].fullmatch(fields[0]):
            raise UserError(
                f"{source.path}: line {number}: {len(fields)} fields, '{fields[0][:20]}' first; "
                f"expected {FLAT_FIELDS} that begin with a code such as C9118",
                "download Thesaurus.FLAT.zip again",
            )
        code, _, above, synonyms, _, display, status = fields[:7]
        names = _split(synonyms) or _split(display)
        parents = tuple(p for p in _split(above) if CODES["NCIT"].fullmatch(p))
        states = set(_split(status))
        retired = bool(states & RETIRED_STATES)
        yield Concept(code, names[0] if names else "", () if retired else parents, retired)


def read_tree(source: Reading, stream: IO[bytes]) -> Iterator[Concept]:
    """Yield the concepts of a tree as a table."""
    dated = re.search(r"\d{4}-\d\d-\d\d", source.path.name)
    source.version = dated[0] if dated else ""
    for number, line in _lines(source, stream):
        fields = line.split("\t")
        if number == 1:
            continue
        if len(fields) < 3 or not CODES["NCIT"].fullmatch(fields[0]):
            raise UserError(
                f"{source.path}: line {number}: expected code, label and codes of the parents",
                "separate the three by tabs, the parents by |",
            )
        yield Concept(fields[0], _clean(fields[1]), tuple(_split(fields[2].replace(";", "|"))))


#: Behind a value: qualifiers, and a comment whose mark is not escaped.
_BEHIND = re.compile(
    r"""
    (?:\s+\{\s*(?:[\w:.-]+\s*=\s*"(?:[^"\\]|\\.)*"\s*,?\s*)+\})? (?:\s+!.*)? \Z""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": " ", "W": " ", "t": " "}


def read_obo(source: Reading, stream: IO[bytes]) -> Iterator[Concept]:
    """Yield the terms of an OBO file."""
    kind, tags = "header", dict[str, list[str]]()
    for number, line in _lines(source, stream):
        if line.startswith("["):
            if kind == "header":
                source.version = _obo_version(tags)
            elif kind == "[Term]":
                yield from _obo_term(source, tags, number)
            kind, tags = line.strip(), {}
            continue
        tag, colon, value = line.partition(":")
        if colon:
            values = tags.setdefault(tag.strip(), [])
            if tag.strip() == "name" and values and kind == "[Term]":
                whose = tags.get("id", ["a term"])[0]
                raise UserError(
                    f"{source.path}: line {number}: a second name of {whose}; OBO allows one",
                    "leave one of them, or make it a synonym",
                )
            values.append(value.strip())
        elif line.strip() and not line.startswith("!"):
            raise UserError(
                f"{source.path}: line {number}: expected 'tag: value', found '{line[:40]}'",
                "download the file again",
            )
    if kind == "[Term]":
        if "name" not in tags and "is_obsolete" not in tags:
            raise UserError(
                f"{source.path}: line {source.elements}: the last term has no name, so the file is "
                "cut off",
                "download it again",
            )
        yield from _obo_term(source, tags, source.elements)


def _obo_version(tags: dict[str, list[str]]) -> str:
    for remark in tags.get("remark", []):
        if found := re.fullmatch(r"ChEBI Release version (\w+)", remark):
            tags.setdefault("data-version", [found[1]])
    return (tags.get("data-version") or tags.get("date") or [""])[0]


def _obo_term(source: Reading, tags: dict[str, list[str]], number: int) -> Iterator[Concept]:
    if "id" not in tags:
        raise UserError(
            f"{source.path}: line {number}: the term that ends here has no id", "download it again"
        )

    def codes(tag: str) -> tuple[str, ...]:
        # What follows the identifier is a comment or a qualifier.
        words = [value.split()[0] for value in tags.get(tag, []) if value]
        return tuple(filter(None, (code_of(source.vocabulary, word) for word in words)))

    for code in codes("id"):
        name = _BEHIND.sub("", tags.get("name", [""])[0], count=1)
        name = _clean(_ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), name))
        retired = tags.get("is_obsolete", [""])[0].startswith("true")
        yield Concept(
            code, name, () if retired else codes("is_a"), retired,
            next(iter(codes("replaced_by")), ""), codes("alt_id"),
        )  # fmt: skip


def merges(path: Path) -> dict[str, str]:
    """Return for each merged concept of an NCIt history file the one that survives.

    Raises:
        UserError: unreadable, or not lines of code|action|date|reference.
    """
    became: dict[str, str] = {}
    source = Reading(path, "NCIT")
    try:
        with open(path, "rb") as stream:
            for number, line in _lines(source, stream):
                fields = [field.strip() for field in line.split("|")]
                if len(fields) < 4:
                    raise UserError(
                        f"{path}: line {number}: expected code|action|date|reference code",
                        "name a concept history file of NCI EVS",
                    )
                code, action, _, other = fields[:4]
                if action.lower() == "merge" and CODES["NCIT"].fullmatch(other) and code != other:
                    became[code] = other
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    return {code: _survivor(became, code) for code in became}


def _survivor(became: dict[str, str], code: str) -> str:
    passed = set()
    while code in became and code not in passed:
        passed.add(code)
        code = became[code]
    return code
