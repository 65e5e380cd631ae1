"""Looking things up in a sorted N-Triples file of any size, in little memory.

The store of a build gives back numbers and dates in a form of its own; the file has them as they
were written, which is what a hash needs.
"""

import bisect
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pyoxigraph as ox

__all__ = ["SortedTriples"]

_BLOCK = 1 << 16


def _parse(lines: bytes) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(input=lines, format=ox.RdfFormat.N_TRIPLES)]


def _subject(line: bytes) -> bytes:
    return line[: line.index(b" ") + 1]


class SortedTriples:
    """An N-Triples file whose lines are sorted, one triple a line.

    The subject at the start of each block of the file is kept: about 2 MB for each GB.

    Args:
        path: The file; it stays open until `close` or the end of a `with` block.
        block: Bytes that are read for one look.
    """

    def __init__(self, path: Path, block: int = _BLOCK) -> None:
        self._path = path
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._starts: list[int] = []
        self._subjects: list[bytes] = []
        for offset in range(0, self._size, block):
            self._file.seek(offset)
            if offset:
                self._file.readline()
            start = self._file.tell()
            # A line may be longer than a block.
            if (line := self._file.readline()) and start not in self._starts[-1:]:
                self._starts.append(start)
                self._subjects.append(_subject(line))

    def __enter__(self) -> "SortedTriples":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def about(self, iri: str) -> list[ox.Triple]:
        """Return the triples with this subject, in the order of the file."""
        wanted = f"<{iri}> ".encode()
        first = max(bisect.bisect_left(self._subjects, wanted) - 1, 0)
        after = bisect.bisect_right(self._subjects, wanted)
        if not after:
            return []
        end = self._starts[after] if after < len(self._starts) else self._size
        self._file.seek(self._starts[first])
        data = self._file.read(end - self._starts[first])
        begin = 0 if data.startswith(wanted) else data.find(b"\n" + wanted) + 1
        stop = begin
        while data.startswith(wanted, stop):
            stop = (data.find(b"\n", stop) + 1) or len(data)
        return _parse(data[begin:stop])

    def having(self, predicate: str) -> Iterator[list[ox.Triple]]:
        """Yield all triples of each subject that has the predicate, in the order of the file."""
        wanted = f" <{predicate}> ".encode()
        with self._path.open("rb") as lines:
            for subject, group in itertools.groupby(lines, _subject):
                together = list(group)
                if any(line.startswith(wanted, len(subject) - 1) for line in together):
                    yield _parse(b"".join(together))
