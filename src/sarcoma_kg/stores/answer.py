"""The body of an answer: read as it arrives, up to a deadline, a size, and its real end."""

import time
import zlib
from collections.abc import Iterator
from http.client import HTTPResponse, IncompleteRead

from sarcoma_kg.ground.errors import UserError

__all__ = ["Answer"]

_PIECE = 65_536
#: Bytes of an answer that is read row by row: far above what one request should bring.
_LARGEST = 4 * 1024**3


class Answer:
    """An answer that is being read.

    Args:
        response: What `Transport.open` returned.
        deadline: By `time.monotonic()`.
        place: The address, for messages.
        largest: Bytes, unzipped, that it may have.

    Attributes:
        headers: Of the response.
        size: Bytes, unzipped, that have arrived.

    Raises:
        UserError: it is in an encoding that was not asked for and cannot be undone.
    """

    def __init__(
        self, response: HTTPResponse, deadline: float, place: str, largest: int = _LARGEST
    ) -> None:
        self.headers, self.place = response.headers, place
        self._response, self._deadline, self._largest = response, deadline, largest
        self.size = 0
        self._rest = b""
        coding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
        if coding not in {"identity", "gzip", "x-gzip", "deflate"}:
            response.close()
            raise UserError(
                f"{place}: answered in the encoding {coding[:50]!a}, which was not asked for",
                "tell its keeper; only gzip and deflate can be undone here",
            )
        self._pieces = self._sent() if coding == "identity" else _unzipped(self._sent())

    @property
    def has_length(self) -> bool:
        """Whether the server said where the answer ends, so that a cut one is noticed."""
        return bool(self._response.chunked) or "Content-Length" in self.headers

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none are left when it is empty.

        Raises:
            OSError, http.client.HTTPException, zlib.error: late, broken off, or damaged.
            UserError: the answer is too large.
        """
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self.size += len(self._rest)
            if time.monotonic() > self._deadline:
                raise TimeoutError("timed out")
            if self.size > self._largest:
                raise UserError(
                    f"{self.place}: the answer has more than {self._largest:,} bytes",
                    "ask for less: LIMIT, fewer variables, a more selective pattern",
                )
        if not 0 <= size < len(self._rest):
            size = len(self._rest)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def close(self) -> None:
        """Read no further."""
        self._response.close()

    def _sent(self) -> Iterator[bytes]:
        while piece := self._response.read1(_PIECE):
            yield piece
        # For `read1` a connection that closes too early is an end like others.
        if missing := self._response.length:
            raise IncompleteRead(b"", missing)


def _unzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Undo gzip, or deflate with or without the head of zlib; in small steps, whatever is packed.

    Raises:
        zlib.error: damaged, or cut.
    """
    inner = None
    for sent in pieces:
        piece = sent
        while piece:
            if inner is None:
                bare = piece[0] != 0x1F and piece[0] & 0x0F != 8
                inner = zlib.decompressobj(-15 if bare else 32 + 15)
            while True:
                plain = inner.decompress(piece, _PIECE)
                piece = inner.unconsumed_tail
                if plain:
                    yield plain
                if inner.eof or not (piece or len(plain) == _PIECE):
                    break
            if inner.eof:
                piece, inner = inner.unused_data.lstrip(b"\0"), None
    if inner is not None:
        raise zlib.error("the end of the packed answer is missing")
