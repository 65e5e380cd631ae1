"""The worker processes: who does which task, how long it may take, and who waits.

A task that is not done when its time is over is ended with its process. A query of a stranger that
has used more than a moment of processor time goes on in the slow lane: its process gets what
others leave over (SCHED_IDLE), another takes its place, and only some may be there at a time. So
long queries end at their limit, and the short ones of others do not wait for them.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving.worker import HEAD

__all__ = ["Done", "Pool", "Sizes"]

#: Seconds of processor time after which a query goes on in the slow lane.
_MOMENT = 0.25
_LOOK = 0.1
#: Seconds that a worker may take to open its store, and to end.
_OPENING = 60.0
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Sizes(NamedTuple):
    """How much at a time: workers, long queries, tasks that wait; seconds of a task."""

    workers: int
    long: int
    waiting: int
    seconds: float


class Done(NamedTuple):
    """What came of a task: what tells about it, and its content."""

    told: dict[str, Any]
    content: bytes


class _Process:
    """A worker, at the other end of a socket."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: int
    ) -> None:
        self.reader, self.writer, self.process = reader, writer, process

    async def do(self, task: bytes) -> Done:
        self.writer.write(HEAD.pack(len(task), 0) + task)
        await self.writer.drain()
        head, size = HEAD.unpack(await self.reader.readexactly(HEAD.size))
        told = json.loads(await self.reader.readexactly(head))
        return Done(told, await self.reader.readexactly(size))

    def end(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(self.process, signal.SIGKILL)
        self.writer.close()

    def used(self) -> float | None:
        """Return the seconds of processor time that it has used; None where that is not told."""
        try:
            with open(f"/proc/{self.process}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def step_back(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(self.process, os.SCHED_IDLE, os.sched_param(0))


class Pool:
    """Workers over one graph.

    Args:
        settings: What `tasks.Worker` takes.
        sizes: How much at a time.
    """

    def __init__(self, settings: Mapping[str, Any], sizes: Sizes) -> None:
        self.settings, self.sizes = dict(settings), sizes
        self._nursery: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._places = asyncio.Semaphore(sizes.workers)
        self._waiting = self._long = 0
        self._making = asyncio.Lock()
        self.closed = False

    async def open(self) -> None:
        """Start the nursery, and a first worker, which shows that the store can be opened.

        Raises:
            UserError: it cannot.
        """
        ours, theirs = socket.socketpair()
        words = [sys.executable, "-P", "-m", "sarcoma_kg.serving.worker", json.dumps(self.settings)]
        self._nursery = subprocess.Popen(  # noqa: S603
            processes.leashed(words), stdin=theirs.fileno(), start_new_session=True
        )
        theirs.close()
        ours.setblocking(False)
        self._line = ours
        loop = asyncio.get_running_loop()
        if await asyncio.wait_for(loop.sock_recv(ours, 1), _OPENING) != b"r":
            raise UserError("the workers cannot be started", "their message stands above")
        self._idle.append(await self._worker())

    async def _worker(self) -> _Process:
        ours, theirs = socket.socketpair()
        async with self._making:
            if self._line is None:
                raise UserError("the server is stopping")
            self._line.setblocking(True)
            socket.send_fds(self._line, [b"w"], [theirs.fileno()])
            self._line.setblocking(False)
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        try:
            async with asyncio.timeout(_OPENING):
                number, _ = HEAD.unpack(await reader.readexactly(HEAD.size))
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError) as error:
            writer.close()
            raise UserError("a worker could not open the graph", "is there a build?") from error
        made = _Process(reader, writer, number)
        self._all.add(made)
        return made

    async def do(self, task: Mapping[str, Any], *, stranger: bool = False) -> Done:
        """Let a worker do a task.

        Args:
            task: What `tasks.Worker.do` takes.
            stranger: Whether it runs a query of somebody's own.

        Returns:
            What it came to; 503 where the time or the memory is over, or too many wait.
        """
        if self._places.locked() and self._waiting >= self.sizes.waiting:
            return _busy("too many requests wait", "try again in a moment")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.sizes.seconds):
                await self._places.acquire()
        except TimeoutError:
            return _busy("no worker was free in time", "try again in a moment")
        finally:
            self._waiting -= 1
        place = _Place(self)
        try:
            return await self._done(json.dumps(task).encode(), place, stranger=stranger)
        finally:
            place.leave()

    async def _done(self, task: bytes, place: "_Place", *, stranger: bool) -> Done:
        for _ in range(2):
            worker = self._idle.pop() if self._idle else await self._worker()
            doing = asyncio.ensure_future(worker.do(task))
            try:
                done = await self._watched(worker, doing, place, stranger=stranger)
            except (asyncio.IncompleteReadError, ConnectionError):
                # It died; of this task by its memory or stack, or somebody killed it.
                self._drop(worker)
                continue
            except BaseException:
                doing.cancel()
                self._drop(worker)
                raise
            if not doing.done() or place.slow or self.closed:
                doing.cancel()
                self._drop(worker)
            else:
                self._idle.append(worker)
            return done or _ended(
                "time-limit", f"not done within {self.sizes.seconds:g} s",
                "make it more selective (LIMIT, a bound subject)",
            )  # fmt: skip
        return _ended(
            "memory", "the process that worked on this was ended twice",
            "it needs more memory than allowed, or is nested too deeply",
        )  # fmt: skip

    async def _watched(
        self, worker: _Process, doing: "asyncio.Future[Done]", place: "_Place", *, stranger: bool
    ) -> Done | None:
        """Return what a worker answers; None when its time is over."""
        over = time.monotonic() + self.sizes.seconds
        before: float | None = None
        while True:
            left = over - time.monotonic()
            if left <= 0:
                return None
            watching = stranger and not place.slow
            done, _ = await asyncio.wait([doing], timeout=min(left, _LOOK) if watching else left)
            if done:
                return doing.result()
            if watching:
                used = worker.used()
                before = used if before is None else before
                spent = _LOOK if used is None or before is None else used - before
                if spent >= _MOMENT:
                    if self._long >= self.sizes.long:
                        return _busy(
                            f"{self._long} long queries run already",
                            "try again later, or ask for less",
                        )
                    worker.step_back()
                    place.step_back()

    def _drop(self, worker: _Process) -> None:
        self._all.discard(worker)
        worker.end()

    async def close(self) -> None:
        """Let what runs end, up to the limit of a task; then end all."""
        self.closed = True
        for worker in self._idle:
            self._drop(worker)
        self._idle.clear()
        over = time.monotonic() + self.sizes.seconds
        while self._all and time.monotonic() < over:
            await asyncio.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """End all processes now."""
        self.closed = True
        for worker in list(self._all):
            self._drop(worker)
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
            self._nursery = None

    @property
    def state(self) -> dict[str, int]:
        """How many workers there are, how many of them with a long query, how many tasks wait."""
        return {"workers": len(self._all), "long": self._long, "waiting": self._waiting}


class _Place:
    """The right to use a worker: in the quick lane, or in the slow one."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self.slow = pool, False

    def step_back(self) -> None:
        self.slow = True
        self._pool._long += 1
        self._pool._places.release()

    def leave(self) -> None:
        if self.slow:
            self._pool._long -= 1
        else:
            self._pool._places.release()


def _busy(detail: str, hint: str) -> Done:
    told = {"status": 503, "problem": "busy", "detail": detail, "hint": hint, "retry": 2}
    return Done(told, b"")


def _ended(name: str, detail: str, hint: str) -> Done:
    return Done({"status": 503, "problem": name, "detail": detail, "hint": hint}, b"")
