"""The worker processes: who does which task, how long it may take, and who waits.

A task that is not done when its time is over is ended with its process. A query of a stranger that
has used more than a moment of processor time goes on in the slow lane: its process gets what
others leave over (SCHED_IDLE), another takes its place, and only some may be there at a time. So
long queries end at their limit, and the short ones of others do not wait for them.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving.worker_line import Done, WorkerLine

__all__ = ["Pool", "Sizes"]

#: Seconds of processor time after which a query goes on in the slow lane.
_MOMENT = 0.25
_LOOK = 0.1
#: Seconds that a worker may take to open its store, and to end.
_OPENING = 300.0
#: Of the system's library, elsewhere without effect: an engine takes and gives back much at once;
#: more of it at hand saves a tenth of the time of a query.
_MALLOC = (
    "glibc.malloc.tcache_count=127:glibc.malloc.trim_threshold=16777216:"
    "glibc.malloc.mmap_threshold=4194304"
)


class Sizes(NamedTuple):
    """How much at a time: workers, long queries, tasks that wait; seconds of a task."""

    workers: int
    long: int
    waiting: int
    seconds: float


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
        self._idle: list[WorkerLine] = []
        self._all: set[WorkerLine] = set()
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
            processes.leashed(words), stdin=theirs.fileno(), start_new_session=True,
            env={"GLIBC_TUNABLES": _MALLOC, **os.environ},
        )  # fmt: skip
        theirs.close()
        ours.setblocking(False)
        self._line = ours
        loop = asyncio.get_running_loop()
        if await asyncio.wait_for(loop.sock_recv(ours, 1), _OPENING) != b"r":
            raise UserError("the workers cannot be started", "their message stands above")
        self._idle.append(await self._worker())

    async def _worker(self) -> WorkerLine:
        """Return a new worker; where nobody waits for it any more, it is for the next."""
        making = asyncio.ensure_future(self._made())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            making.add_done_callback(self._spare)
            raise

    def _spare(self, making: "asyncio.Future[WorkerLine]") -> None:
        if making.cancelled() or making.exception():
            return
        if self.closed or len(self._idle) >= self.sizes.workers:
            self._drop(making.result())
        else:
            self._idle.append(making.result())

    async def _made(self) -> WorkerLine:
        # One at a time: a machine that is too busy to begin one would be busier with more.
        async with self._making:
            if self._line is None:
                raise UserError("the server is stopping")
            ours, theirs = socket.socketpair()
            self._line.setblocking(True)
            socket.send_fds(self._line, [b"w"], [theirs.fileno()])
            self._line.setblocking(False)
            theirs.close()
            _, made = await asyncio.get_running_loop().create_connection(WorkerLine, sock=ours)
            try:
                async with asyncio.timeout(_OPENING):
                    await made.ready
            except (ConnectionError, TimeoutError) as error:
                raise UserError(
                    "a worker could not open the graph", "what it says stands above"
                ) from error
            finally:
                if made.ready.cancelled() or not made.process:
                    made.end()
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
        if self._places.locked():
            self._waiting += 1
            try:
                async with asyncio.timeout(self.sizes.seconds):
                    await self._places.acquire()
            except TimeoutError:
                return _busy("no worker was free in time", "try again in a moment")
            finally:
                self._waiting -= 1
        else:
            await self._places.acquire()
        place = _Place(self)
        try:
            return await self._done(json.dumps(task).encode(), place, stranger=stranger)
        finally:
            place.leave()

    async def _done(self, task: bytes, place: "_Place", *, stranger: bool) -> Done:
        for _ in range(2):
            worker = self._rested() or await self._worker()
            doing = worker.do(task)
            watch = _Watch(self, worker, doing, place if stranger else None)
            try:
                done = await doing
            except ConnectionError:
                # It died; of this task by its memory or stack, or somebody killed it.
                self._drop(worker)
                continue
            except BaseException:
                self._drop(worker)
                raise
            finally:
                watch.end()
            if worker.busy or place.slow or self.closed:
                self._drop(worker)
            else:
                self._idle.append(worker)
            return done
        return _ended(
            "memory", "the process that worked on this was ended twice",
            "it needs more memory than allowed, or is nested too deeply",
        )  # fmt: skip

    def _rested(self) -> WorkerLine | None:
        """Return a worker that has nothing to do; those that somebody ended are no workers."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._drop(worker)
        return None

    def _drop(self, worker: WorkerLine) -> None:
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


class _Watch:
    """Looks at a task from time to time: ends it at its limit, and puts it into the slow lane.

    Args:
        pool: Its limits.
        worker: Who does the task.
        doing: What comes of it.
        place: Its place, of a query that may have to step back; else None.
    """

    def __init__(
        self, pool: Pool, worker: WorkerLine, doing: "asyncio.Future[Done]", place: "_Place | None"
    ) -> None:
        self._pool, self._worker, self._doing, self._place = pool, worker, doing, place
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.time() + pool.sizes.seconds
        self._before: float | None = None
        self._timer = self._next()

    def _next(self) -> asyncio.TimerHandle:
        looks = self._place is not None and not self._place.slow
        soon = self._loop.time() + _LOOK if looks else self._over
        return self._loop.call_at(min(soon, self._over), self._look)

    def end(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._doing.done():
            return
        seconds = self._pool.sizes.seconds
        if self._loop.time() >= self._over:
            self._doing.set_result(
                _ended(
                    "time-limit", f"not done within {seconds:g} s",
                    "make it more selective (LIMIT, a bound subject)",
                )
            )  # fmt: skip
            return
        if self._place is not None and not self._place.slow and self._is_long():
            if self._pool._long >= self._pool.sizes.long:
                told = f"{self._pool._long} long queries run already"
                self._doing.set_result(_busy(told, "try again later, or ask for less"))
                return
            self._worker.step_back()
            self._place.step_back()
        self._timer = self._next()

    def _is_long(self) -> bool:
        used = self._worker.used()
        now = self._loop.time() if used is None else used
        self._before = now if self._before is None else self._before
        return now - self._before >= _MOMENT


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
