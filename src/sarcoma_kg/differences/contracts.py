"""What changed in the contracts beside the ontology: questions, their answers, rules, shapes."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping

__all__ = ["compare"]

_KINDS = (
    ("queries/competency/", ".rq", "question"),
    ("queries/competency/", ".csv", "expected answer"),
    ("queries/rules/", ".rq", "rule"),
    ("queries/checks/", ".rq", "check"),
    ("shapes/", ".ttl", "shapes file"),
)
_SUMMARY = re.compile(r"^#\+ summary:\s*(.*\S)", re.MULTILINE)

Row = tuple[str, str, str, str, tuple[str, ...], tuple[str, ...]]


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Row]:
    """Yield kind, group, path, slot, old and new of each file that changed.

    Args:
        old: Path -> text.
        new: The same of the newer state.
    """
    for path in sorted({*old, *new}):
        kind = _kind(path)
        was, now = old.get(path), new.get(path)
        if kind is None or _flat(was) == _flat(now):
            continue
        if was is None or now is None:
            yield kind, "contracts", path, "", _first(was), _first(now)
        elif kind == "expected answer":
            before, after = _rows(was), _rows(now)
            lost, gained = (before - after).elements(), (after - before).elements()
            yield kind, "contracts", path, "rows", tuple(sorted(lost)), tuple(sorted(gained))
        else:
            slot = "summary" if _first(was) != _first(now) else "text"
            yield kind, "contracts", path, slot, _first(was), _first(now)


def _kind(path: str) -> str | None:
    for folder, suffix, kind in _KINDS:
        if path.startswith(folder) and path.endswith(suffix):
            return kind
    return None


def _flat(text: str | None) -> list[str] | None:
    """Return the words of a file: blanks and line ends are layout."""
    return None if text is None else text.split()


def _first(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    found = _SUMMARY.search(text)
    return (found[1] if found else "there",)


def _rows(text: str) -> Counter[str]:
    return Counter(" | ".join(row) for row in csv.reader(text.splitlines()))
