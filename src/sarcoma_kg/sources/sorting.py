"""Lines of N-Triples by the million, sorted: runs go to disk and are merged.

What is sorted are blocks, all lines of a subject that came at once, of which there are a twentieth
as many as lines.
"""

import heapq
import itertools
from collections.abc import Iterator
from pathlib import Path

__all__ = ["SortedLines"]

#: Characters of a run.
_RUN = 16 * 1024**2
#: Ends a line within a block; N-Triples writes such a character as an escape.
_END = "\x1f"


class SortedLines:
    """Lines, sorted in runs that go to disk."""

    def __init__(self, folder: Path) -> None:
        """Keep runs in a folder, which somebody else removes."""
        self._folder, self._blocks, self._runs = folder, list[str](), list[Path]()
        self._held = 0

    def add(self, lines: str) -> None:
        """Take lines of N-Triples that are sorted, of one subject or of several."""
        if not lines:
            return
        if lines.startswith(_subject(lines) + " ", lines.rfind("\n", 0, -1) + 1):
            self._blocks.append(lines)
        else:
            # Not splitlines: other ends of lines than this stand in literals.
            grouped = itertools.groupby(lines[:-1].split("\n"), _subject)
            self._blocks += ["\n".join(group) + "\n" for _, group in grouped]
        self._held += len(lines)
        if self._held >= _RUN:
            self._spill()

    def _spill(self) -> None:
        path = self._folder / f"run-{len(self._runs)}"
        self._blocks.sort()
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(block.replace("\n", _END) + "\n" for block in self._blocks)
        self._runs.append(path)
        self._blocks, self._held = [], 0

    def write(self, path: Path) -> None:
        """Write all lines, sorted, each once."""
        self._spill()
        sources = [one.open(encoding="utf-8", newline="\n") for one in self._runs]
        try:
            with path.open("w", encoding="utf-8", newline="") as out:
                out.writelines(_merged(heapq.merge(*sources)))
        finally:
            for source in sources:
                source.close()


def _merged(blocks: Iterator[str]) -> Iterator[str]:
    """Yield the lines of each subject as one text."""
    for _, group in itertools.groupby(blocks, _subject):
        first, *more = (block[:-1] for block in group)
        if more:
            lines = {line for block in (first, *more) for line in block.split(_END)}
            first = _END.join(sorted(lines - {""})) + _END
        yield first.replace(_END, "\n")


def _subject(line: str) -> str:
    return line[: line.index(" ")]
