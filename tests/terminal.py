"""A terminal as a command has one: what it shows there, byte for byte."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

__all__ = ["shown"]


def shown(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what a command of sarcoma-kg shows on a terminal.

    Args:
        words: What is typed after `sarcoma-kg`.
        environment: The whole environment of the command.
    """
    import pty  # there is none on Windows

    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "sarcoma_kg.cli", *words],
        stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(ours)
        command.wait(60)
    return seen.decode().replace("\r\n", "\n")
