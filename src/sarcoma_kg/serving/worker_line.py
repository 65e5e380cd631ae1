"""The line to a worker process: tasks go out, answers come in, one at a time."""

import asyncio
import contextlib
import json
import os
import signal
from typing import Any, NamedTuple, cast

from sarcoma_kg.serving.worker import HEAD

__all__ = ["Done", "WorkerLine"]

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Done(NamedTuple):
    """What came of a task: what tells about it, and its content."""

    told: dict[str, Any]
    content: bytes


class WorkerLine(asyncio.Protocol):
    """A worker, at the other end of a socket; it does one task at a time."""

    def __init__(self) -> None:
        self.process = 0
        self.ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._line: asyncio.Transport | None = None
        self._doing: asyncio.Future[Done] | None = None
        self._parts: list[bytes] = []
        self._arrived = self._head = 0
        self._wanted = HEAD.size

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._line = cast("asyncio.Transport", transport)

    @property
    def alive(self) -> bool:
        """Whether it is there, as far as is known."""
        return self._line is not None and not self._line.is_closing()

    def do(self, task: bytes) -> "asyncio.Future[Done]":
        """Begin a task; ConnectionError where the worker has died, or dies of it."""
        self._doing = asyncio.get_running_loop().create_future()
        if self._line is None or not self.alive:
            self._doing.set_exception(ConnectionResetError("the worker has ended"))
        else:
            self._line.write(HEAD.pack(len(task), 0) + task)
        return self._doing

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer, or how the process says its number."""
        self._parts.append(data)
        self._arrived += len(data)
        while self._arrived >= self._wanted:
            whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            if not self._head:
                first, size = HEAD.unpack_from(whole)
                if not self.process:
                    self.process = first
                    self._take(whole, HEAD.size)
                    if not self.ready.done():
                        self.ready.set_result(first)
                    continue
                self._head, self._wanted = first, HEAD.size + first + size
                self._parts = [whole]
                continue
            at = HEAD.size + self._head
            told, content = json.loads(whole[HEAD.size : at]), whole[at : self._wanted]
            self._take(whole, self._wanted)
            doing, self._doing = self._doing, None
            if doing is not None and not doing.done():
                doing.set_result(Done(told, content))

    def _take(self, whole: bytes, size: int) -> None:
        rest = whole[size:]
        self._parts, self._arrived = [rest] if rest else [], len(rest)
        self._head, self._wanted = 0, HEAD.size

    def connection_lost(self, exc: Exception | None) -> None:
        """End: nothing comes any more."""
        error = ConnectionResetError("the worker has ended")
        for waiting in (self.ready, self._doing):
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)

    @property
    def busy(self) -> bool:
        """Whether its answer has not come yet."""
        return self._doing is not None

    def end(self) -> None:
        """End the process."""
        if self.process:
            with contextlib.suppress(OSError):
                os.kill(self.process, signal.SIGKILL)
        if self._line is not None:
            self._line.abort()

    def used(self) -> float | None:
        """Return the seconds of processor time that it has used; None where that is not told."""
        try:
            with open(f"/proc/{self.process}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def step_back(self) -> None:
        """Let it have what others leave over."""
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(self.process, os.SCHED_IDLE, os.sched_param(0))
