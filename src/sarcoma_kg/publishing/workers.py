"""Writing parts of a release at the same time, each in a process of its own.

Most of the work is done in Python, so that threads would wait for each other.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing.release import Release, Say, Writer

__all__ = ["started"]

#: Writes parts of a release, and returns when all are written.
Run = Callable[[Release, Iterable[Writer]], None]
# Seconds between two looks at what the processes say.
_LOOK = 0.1


@contextmanager
def started(jobs: int, say: Say) -> Iterator[Run]:
    """Yield what writes parts of a release.

    Args:
        jobs: So many processes; with 1 all is done in this one.
        say: Called in this process with what the others say.

    Raises:
        UserError: A process was stopped from outside, as for want of memory.
        Exception: What a part raises; the others are stopped.
    """
    if jobs == 1:

        def here(release: Release, writers: Iterable[Writer]) -> None:
            for write in writers:
                write(release, say)

        yield here
        return
    # A fork would copy locks that threads of this process hold, among them those of stores.
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    words = context.SimpleQueue()
    pool = ProcessPoolExecutor(jobs, context, _begin, (words,))

    def elsewhere(release: Release, writers: Iterable[Writer]) -> None:
        waiting = {pool.submit(_write, write, release) for write in writers}
        while waiting:
            done, waiting = wait(waiting, _LOOK, FIRST_COMPLETED)
            while not words.empty():
                say(words.get())
            for future in done:
                future.result()

    try:
        yield elsewhere
    except BaseException as error:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        if isinstance(error, BrokenProcessPool):
            raise UserError(
                "a process that wrote a part of the release was stopped; no release was made",
                "where memory is short, try --jobs 1",
            ) from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)


_say: Say = print


def _begin(words: Any) -> None:
    """Make a new process ready: it speaks through a queue, and ends with the one that began it."""
    global _say
    _say = words.put
    # These reach every process of a terminal; the first one cleans up.
    for name in ("SIGINT", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    processes.follow()
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _write(write: Writer, release: Release) -> None:
    write(release, _say)
