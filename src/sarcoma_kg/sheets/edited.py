"""What a sheet makes: the graphs of the files that it edits, or a new one."""

from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground.findings import Finding

__all__ = ["Edited"]


@dataclass(slots=True)
class Edited:
    """What a sheet makes.

    Attributes:
        path: The file.
        kind: Its kind.
        parts: Name of a file -> its graph: packaged files with the edits, or what is new.
        instead: The packaged files whose place it takes.
        faults: What is wrong with its cells.
        places: (thing, property), as CURIEs, -> row and column; (thing, '') for its row.
        made: IRI of each new thing -> row.
        rows: IRI of each thing -> row.
    """

    path: Path
    kind: str
    parts: dict[str, list[ox.Triple]] = field(default_factory=dict)
    instead: tuple[Path, ...] = ()
    faults: list[Finding] = field(default_factory=list)
    places: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def triples(self) -> list[ox.Triple]:
        """All that it says."""
        return [triple for part in self.parts.values() for triple in part]
