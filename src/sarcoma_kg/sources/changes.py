"""What a newer dump changes: records added, changed and gone."""

import hashlib
import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["Changes", "between"]

_SKG = namespaces.SKG
#: What every record has of its dump, which is no change of the record.
_OF_DUMP = (f"<{_SKG}recordedIn>", f"<{_SKG}dumpDate>")


@dataclass(slots=True)
class Changes:
    """What a newer dump changed: the records by IRI, and how many are as before."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    same: int = 0


def between(old_file: Path, records: Path) -> Changes | None:
    """Compare records (sorted N-Triples) with those of a former run; None where it has none.

    Args:
        old_file: The former records, .ttl or .nt.
        records: The new ones.
    """
    if not old_file.exists():
        return None
    made = Changes()
    try:
        with records.open(encoding="utf-8") as new:
            both = heapq.merge(
                ((subject, "old", digest) for subject, digest in _digests(_former(old_file))),
                ((subject, "new", digest) for subject, digest in _digests(new)),
            )
            for subject, group in itertools.groupby(both, lambda one: one[0]):
                iri = subject[1:-1]
                sides = {side: digest for _, side, digest in group}
                if len(sides) == 2:
                    if sides["old"] == sides["new"]:
                        made.same += 1
                    else:
                        made.changed.append(iri)
                else:
                    (made.added if "new" in sides else made.gone).append(iri)
    except (SyntaxError, ValueError, OSError):
        return None
    return made


def _former(path: Path) -> Iterator[str]:
    """Yield the lines of former records, sorted; N-Triples were written so."""
    if path.suffix == ".ttl":
        parsed = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        yield from sorted(f"{quad.triple} .\n" for quad in parsed)
        return
    before = ""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line < before:
                raise ValueError("somebody else wrote this file")
            yield line
            before = line


def _digests(lines: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield each record as it is written, <IRI>, in the order of the lines, and a digest of it."""
    for subject, group in itertools.groupby(lines, lambda line: line.partition(" ")[0]):
        own = [line.partition(" ")[2] for line in group]
        if any(pair.startswith(f"<{_SKG}rowKey>") for pair in own):
            kept = sorted(pair for pair in own if not pair.startswith(_OF_DUMP))
            yield subject, hashlib.sha256("".join(kept).encode()).digest()[:16]
