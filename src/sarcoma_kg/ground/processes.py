"""What ended a process of ours, told by its exit code and its last words."""

import signal

from sarcoma_kg.ground.errors import UserError

__all__ = ["death"]

# What a process does to itself when it is broken; other signals come from outside.
_FAULTS = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS"}
_MEMORY = ("MemoryError", "memory allocation of", "bad_alloc", "OutOfMemoryError")


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
