"""Running a query that somebody typed in a process of its own, with limits.

Oxigraph cannot be interrupted from Python, nor can a parser, so a time limit needs a process;
memory and rows are limited there too. The process runs `stores.worker`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sarcoma_kg.ground import processes, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.outline import Outline
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Reply, Solutions

__all__ = ["INSIDE", "MOST_ROWS", "SECONDS", "again", "judge", "limit_memory", "limited", "run"]

#: Set in the environment of a command that runs in a process of its own.
INSIDE = "SARCOMA_KG_INSIDE"

_INTERRUPTED = 130
_LEAST_MEMORY = 4 * 1024**3
#: The limits where the user sets none.
SECONDS = 60.0
MOST_ROWS = 100_000
_SIMPLER = "make it more selective, or count instead of listing"


def run(
    store: Path,
    query: str,
    *,
    where: str = "the query",
    prefixes: bool = False,
    seconds: float = SECONDS,
    most: int = MOST_ROWS,
    form: str | None = None,
) -> Reply:
    """Judge and answer a query of any form.

    Args:
        store: Folder of a built store.
        query: SPARQL as somebody typed it.
        where: Name for messages (a file name, '-').
        prefixes: Declare the known prefixes that the query uses and does not declare.
        seconds: Time limit.
        most: Largest number of rows to return.
        form: The format that the answer will have; one that cannot hold it is refused at once.

    Raises:
        UserError: the guard or the engine refuses the query, or a limit is passed.
    """
    task = {"store": str(store), "most": most, "form": form}
    answer = _ask({**task, "query": query, "where": where, "prefixes": prefixes}, seconds)
    rows = [tuple(Term(*cell) if cell else None for cell in row) for row in answer["rows"]]
    return Reply(answer["form"], Solutions(answer["variables"], rows), answer["absent"])


def judge(
    query: str, *, where: str = "the query", prefixes: bool = False, seconds: float = SECONDS
) -> tuple[str, Outline]:
    """Judge a query that is answered elsewhere, as by an endpoint.

    Returns:
        The text to send, and its outline.

    Raises:
        UserError: the guard refuses the query, or a limit is passed.
    """
    task = {"query": query, "where": where, "prefixes": prefixes, "store": ""}
    answer = _ask(task, seconds)
    return answer["text"], Outline(*answer["outline"])


def _ask(task: dict[str, Any], seconds: float) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603
            processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.stores.worker"]),
            input=json.dumps(task), capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"the query did not finish within {seconds:g} s",
            "make it more selective (LIMIT, a bound subject), or raise --timeout",
        ) from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        death = processes.death("the query", done.returncode, done.stderr, _SIMPLER)
        if not isinstance(death, UserError) and -done.returncode in set(signal.Signals):
            # The stack of the engine, which knows no bound: what the user asked was too much.
            name = signal.Signals(-done.returncode).name
            raise UserError(
                f"{task['where']}: the engine could not read or run this query ({name})",
                "it is nested too deeply, an expression is too long, or there is too little memory",
            ) from error
        raise death from error
    if "refused" in answer:
        raise UserError(*answer["refused"])
    return answer


def limit_memory() -> None:
    """Allow this process addresses for half of the machine's memory, and for 4 GiB at least.

    A process that it begins may allow itself more: Java wants addresses that it does not use.
    """
    try:
        import resource
    except ImportError:  # not on Windows; the time limit still holds there
        return
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # a system that does not tell
        whole = 0
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = max(whole // 2, _LEAST_MEMORY)
    if most == resource.RLIM_INFINITY or wanted < most:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """End this process when the block takes longer, wherever it is; `again` says so.

    Not on Windows, which has no such alarm.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def again(
    words: Sequence[str], seconds: float, what: str = "the command", *, forever: bool = False
) -> int:
    """Run a command of ours once more in a process of its own, with a time limit.

    Args:
        words: The command line after the name of the program.
        seconds: Time limit.
        forever: Whether the limit is for each part of its work, to which it holds by `limited`.
        what: The files that it looks at, for messages.

    Returns:
        The exit code.

    Raises:
        UserError: the limit is passed.
    """
    command = processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.cli", *words])
    process = subprocess.Popen(command, env={**os.environ, INSIDE: "1"})  # noqa: S603
    try:
        code = process.wait(None if forever else seconds)
    except subprocess.TimeoutExpired as error:
        raise _late(seconds) from error
    finally:
        if process.poll() is None and not processes.end(process):
            work.sweep_passing()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    if code == -getattr(signal, "SIGALRM", 0) and forever:
        raise _late(seconds)
    if code < 0:
        death = processes.death("the command", code, "")
        if not isinstance(death, UserError):
            # The stack of an engine, or the memory, which know no bound: the files were too much.
            raise UserError(
                f"{what}: an engine could not read or run this ({signal.Signals(-code).name})",
                "something in it is nested too deeply or too long, or there is too little memory",
            )
        raise death
    return code


def _late(seconds: float) -> UserError:
    return UserError(
        f"not done within {seconds:g} s",
        "simplify it (sh:sparql over many nodes, long paths, long sums), or raise --timeout",
    )
