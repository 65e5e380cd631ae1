"""A connection: one write for each reply, and an end to clients that never finish their request."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sarcoma_kg.serving import replies

__all__ = ["Connection"]

#: Seconds for a request to arrive.
_ARRIVING = 20.0
_LATE = replies.problem(408, "late", f"the body did not arrive within {_ARRIVING:g} s").body
_TOO_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
) % (len(_LATE), _LATE)
#: Bytes of the head of a request.
_LARGEST_HEAD = 384 * 1024


class _Together:
    """A transport that writes what is given to it within one turn of the loop at once."""

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._inner, self._loop = inner, loop
        self._parts: list[bytes] = []
        self._later: asyncio.Handle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, part: bytes) -> None:
        if not self._parts:
            self._later = self._loop.call_soon(self.flush)
        self._parts.append(part)

    def flush(self) -> None:
        """Write what was given."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._parts and not self._inner.is_closing():
            self._inner.write(b"".join(self._parts))
        self._parts.clear()

    def close(self) -> None:
        self.flush()
        self._inner.close()


class Connection(HttpToolsProtocol):
    """A connection of a client."""

    _late: asyncio.TimerHandle | None = None
    _size = 0
    _arriving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; who sends nothing is not waited for."""
        super().connection_made(_Together(transport, self.loop))  # type: ignore[arg-type]
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; most requests do so at once, others are waited for."""
        self._size += len(data)
        if self._size > _LARGEST_HEAD:
            self.transport.close()
            return
        super().data_received(data)
        answered = self.cycle is None or self.cycle.response_complete
        if self._late is None and (self._arriving or answered):
            self._wait()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._arriving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Go on with the body: the head has arrived."""
        self._size = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, the size of which is the application's matter."""
        self._size = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait no more: the request has arrived."""
        self._arriving, self._size = False, 0
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Send what is written; the next request may follow."""
        self.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(_ARRIVING, self._give_up)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self._arriving and self.cycle is not None and not self.cycle.response_started:
            self.transport.write(_TOO_LATE)
        self.transport.close()
