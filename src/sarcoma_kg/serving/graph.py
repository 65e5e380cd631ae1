"""The graph that is served: the workers over a build, exchanged when there is a newer one."""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from sarcoma_kg.building import builds
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import catalog
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.serving.pool import Pool, Sizes
from sarcoma_kg.serving.worker_line import Done

__all__ = ["Elsewhere", "Graph", "Options"]

#: Seconds between two looks for a newer build.
_LOOKING = 2.0


class Options(NamedTuple):
    """The limits.

    Attributes:
        seconds: Of a task.
        rows: Of an answer.
        size: Bytes of an answer, before compression.
        memory: Bytes of addresses of a worker.
        workers: How many tasks run at the same time in the quick lane.
        long: How many long queries run beside them.
        waiting: How many tasks may wait.
    """

    seconds: float = 30.0
    rows: int = 100_000
    size: int = 64 * 1024**2
    memory: int = 2 * 1024**3
    workers: int = max(4, 2 * (os.cpu_count() or 1))
    long: int = 8
    waiting: int = 100


class Elsewhere(NamedTuple):
    """A graph at an endpoint: its address, and the IRI of the graph there; empty for its own."""

    endpoint: str
    graph: str = ""


class Graph:
    """A build, or a graph elsewhere, and its workers.

    Args:
        build: The build to begin with, or where the graph is.
        options: The limits.
        follow: Whether to go over to a newer build as soon as there is one.
        pages: Whether to make pages, too; they hold the whole graph in memory.
    """

    def __init__(
        self, build: Build | Elsewhere, options: Options, *, follow: bool = True, pages: bool = True
    ) -> None:
        self._build, self._options, self._paged = build, options, pages
        self._follow = follow and isinstance(build, Build)
        self._leaving: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._take(build)

    def _take(self, build: Build | Elsewhere) -> None:
        options = self._options
        settings: dict[str, Any] = {
            "location": "", "endpoint": "", "graph": "", "build": "", "rows": options.rows,
            "size": options.size, "memory": options.memory, "seconds": options.seconds,
            "pages": False,
        }  # fmt: skip
        if isinstance(build, Build):
            settings |= {"location": build.location, "build": str(build.manifest["digest"])}
            self.questions = [Question.from_dict(row) for row in build.catalog()]
        else:
            settings |= build._asdict()
            self.questions = catalog.load()
        self._build, self.build = build, settings["build"]
        sizes = Sizes(options.workers, options.long, options.waiting, options.seconds)
        self._pool = Pool(settings, sizes)
        # Pages hold the whole graph in memory: one process makes them, and each takes a moment.
        self._pages = Pool(
            {**settings, "pages": True, "memory": 2 * options.memory},
            Sizes(1, 0, options.waiting, options.seconds),
        )
        self.version, self.triples = "", 0

    async def open(self) -> None:
        """Start the workers.

        Raises:
            UserError: they cannot open the graph.
        """
        await self._pool.open()
        if self._paged:
            await self._pages.open()
        told = (await self._pool.do({"do": "version"})).told
        if "version" not in told:
            raise UserError(
                f"the graph cannot be asked: {told.get('detail')}", told.get("hint", "")
            )
        self.version, self.triples = told["version"], told["triples"]
        if self._follow and self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def do(self, task: Mapping[str, Any], *, stranger: bool = False) -> Done:
        """Let a worker do a task of `tasks.Worker`."""
        return await self._pool.do(task, stranger=stranger)

    async def page(self, task: Mapping[str, Any]) -> Done:
        """Let the worker for pages do a task."""
        return await self._pages.do(task) if self._paged else Done({"status": 404}, b"")

    @property
    def state(self) -> dict[str, int]:
        """How many workers there are, long queries, and tasks that wait."""
        return self._pool.state

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOKING)
            with contextlib.suppress(UserError, OSError):
                found = await asyncio.to_thread(builds.current)
                if found is not None and found != self._build:
                    await self._exchange(found)

    async def _exchange(self, build: Build) -> None:
        """Go over to another build; what is asked already is answered from the one before."""
        fresh = Graph(build, self._options, follow=False, pages=self._paged)
        try:
            await fresh.open()
        except (UserError, TimeoutError):
            fresh.kill()
            raise
        before = (self._pool, self._pages)
        self._build, self.build, self.version = fresh._build, fresh.build, fresh.version
        self.triples, self.questions = fresh.triples, fresh.questions
        self._pool, self._pages = fresh._pool, fresh._pages
        for pool in before:
            leaving = asyncio.create_task(pool.close())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Let what runs end, then end the workers."""
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(self._pool.close(), self._pages.close(), *self._leaving)

    def kill(self) -> None:
        """End the workers now."""
        self._pool.kill()
        self._pages.kill()
