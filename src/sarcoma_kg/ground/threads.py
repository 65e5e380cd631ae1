"""A thread that is begun, or an error: never a wait without end.

`threading.Thread.start` waits until the new thread says that it runs. One that dies before, for
want of memory, says nothing, and whoever began it waits for ever.
"""

import _thread
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["aside"]

T = TypeVar("T")
#: Seconds in which a thread begins, on a machine that is very busy too.
_SECONDS = 20.0


def aside(work: Callable[[], T]) -> "Future[T]":
    """Do work in a thread of its own; what comes of it is in the future.

    Raises:
        MemoryError: no thread can be begun.
    """
    result: Future[T] = Future()
    waiting = _thread.allocate_lock()
    waiting.acquire()

    def run() -> None:
        waiting.release()
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    try:
        _thread.start_new_thread(run, ())
    except RuntimeError as error:  # the system has no room for another
        raise MemoryError(str(error)) from error
    if not waiting.acquire(timeout=_SECONDS):
        raise MemoryError("a thread ended before it began")
    return result
