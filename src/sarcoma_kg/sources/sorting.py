"""Lines by the million, sorted: runs go to disk and are merged."""

import heapq
import itertools
from collections.abc import Iterable
from pathlib import Path

__all__ = ["SortedLines"]

_RUN = 400_000


class SortedLines:
    """Lines, sorted in runs that go to disk."""

    def __init__(self, folder: Path) -> None:
        """Keep runs in a folder, which somebody else removes."""
        self._folder, self._lines, self._runs = folder, list[str](), list[Path]()

    def add(self, lines: Iterable[str]) -> None:
        """Take lines, in any order."""
        self._lines += lines
        if len(self._lines) >= _RUN:
            self._spill()

    def _spill(self) -> None:
        path = self._folder / f"run-{len(self._runs)}"
        self._lines.sort()
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(self._lines)
        self._runs.append(path)
        self._lines = []

    def write(self, path: Path) -> None:
        """Write all lines, sorted, each once."""
        self._spill()
        sources = [one.open(encoding="utf-8", newline="\n") for one in self._runs]
        try:
            with path.open("w", encoding="utf-8", newline="") as out:
                merged = heapq.merge(*sources) if len(sources) > 1 else iter(sources[0])
                out.writelines(line for line, _ in itertools.groupby(merged))
        finally:
            for source in sources:
                source.close()
