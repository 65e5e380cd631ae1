"""What a newer dump changes: records added, changed and gone."""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["Changes", "between"]

_SKG = namespaces.SKG
#: What every record has of its dump, which is no change of the record.
_OF_DUMP = (f"<{_SKG}recordedIn>", f"<{_SKG}dumpDate>")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a newer dump changed: how many records, and some of them, by IRI."""

    added: list[str]
    changed: list[str]
    gone: list[str]
    same: int


def between(old_file: Path, records: Path) -> Changes | None:
    """Compare records (sorted N-Triples) with those of a former run; None where it has none.

    Args:
        old_file: The former records, .ttl or .nt.
        records: The new ones.
    """
    if not old_file.exists():
        return None
    form = ox.RdfFormat.TURTLE if old_file.suffix == ".ttl" else ox.RdfFormat.N_TRIPLES
    try:
        parsed = (f"{q.triple} .\n" for q in ox.parse(path=str(old_file), format=form))
        old = _digests(sorted(parsed))
    except (SyntaxError, ValueError, OSError):
        return None
    with records.open(encoding="utf-8") as lines:
        new = _digests(lines)
    both = old.keys() & new.keys()
    return Changes(
        sorted(new.keys() - both),
        sorted(iri for iri in both if old[iri] != new[iri]),
        sorted(old.keys() - both),
        sum(old[iri] == new[iri] for iri in both),
    )


def _digests(lines: Iterable[str]) -> dict[str, bytes]:
    """Return a digest for each record; lines come grouped by subject."""
    found: dict[str, bytes] = {}
    for subject, group in itertools.groupby(lines, lambda line: line.partition(" ")[0]):
        own = [line.partition(" ")[2] for line in group]
        if any(pair.startswith(f"<{_SKG}rowKey>") for pair in own):
            kept = sorted(pair for pair in own if not pair.startswith(_OF_DUMP))
            found[subject.strip("<>")] = hashlib.sha256("".join(kept).encode()).digest()[:16]
    return found
