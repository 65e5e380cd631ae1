"""Processes of ours: none outlives the one that began it, and what ended one is told.

A process that is asked to stop (Ctrl-C, SIGTERM, SIGHUP) ends those that it began and removes its
folders. One that is killed can do neither: then the system ends the others (Linux only; elsewhere
they run until they are done).
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    import subprocess
    from types import FrameType

__all__ = ["death", "end", "follow", "leashed", "stoppable"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_KILL = 9  # signal.SIGKILL, which Windows has not
_LEASH = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {_KILL})
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
#: Seconds that a process has to clean up when it is asked to stop.
_GRACE = 5.0

# What a process does to itself when it is broken; other signals come from outside.
_FAULTS = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS"}
_MEMORY = ("MemoryError", "memory allocation of", "bad_alloc", "OutOfMemoryError")


def leashed(words: Sequence[str]) -> list[str]:
    """Return a command line that does the same, and ends when this process is killed."""
    if sys.platform != "linux":
        return list(words)
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *words]


def follow() -> None:
    """Let the system end this process when the one that began it is killed."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _KILL)


def end(process: "subprocess.Popen[bytes]") -> bool:
    """Ask a process to stop, and kill it when it does not; return whether it cleaned up itself."""
    import subprocess

    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop this process as Ctrl-C does: by a KeyboardInterrupt.

    What follows the first while it cleans up is not heard, but for Ctrl-C. A signal that is
    ignored, as SIGHUP is below `nohup`, stays so.
    """
    stopping = False

    def stop(number: int, frame: "FrameType | None") -> None:
        nonlocal stopping
        if stopping and number != signal.SIGINT:
            return
        stopping = True
        raise KeyboardInterrupt

    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # not the main thread
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def death(who: str, code: int, said: str, hint: str = "") -> Exception:
    """Return the error to raise for a process that gave no answer.

    Args:
        who: The process, to begin a sentence, such as `the reasoner`.
        code: Its exit code as `subprocess` has it; a signal is negative.
        said: What it wrote to standard error.
        hint: How the user can make the work smaller.

    Returns:
        A UserError where a limit was passed or somebody ended the process; a RuntimeError, which
        the command line tells as a fault of ours, where it died by itself.
    """
    if any(word in said for word in _MEMORY):
        return UserError(f"{who} was stopped: it needed more memory than allowed", hint)
    last = (said.strip().splitlines() or ["no message"])[-1][:200]
    if code >= 0:
        return RuntimeError(f"{who} ended with code {code}: {last}")
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name in _FAULTS:
        return RuntimeError(f"{who} died of {name}: {last}")
    return UserError(
        f"{who} was ended from outside ({name})",
        f"where memory is short, the system ends processes{': ' if hint else ''}{hint}",
    )
