"""Running a query that somebody typed in a process of its own, with limits.

Oxigraph cannot be interrupted from Python, so a time limit needs a process; memory and rows are
limited there too.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sarcoma_kg.ground import processes, work
from sarcoma_kg.ground.errors import UserError

__all__ = ["INSIDE", "again", "run"]

#: Set in the environment of a command that runs in a process of its own.
INSIDE = "SARCOMA_KG_INSIDE"

_INTERRUPTED = 130
_MEMORY_BYTES = 2 * 1024**3


def run(store: Path, query: str, *, seconds: float, most: int) -> tuple[list[str], list[list[str]]]:
    """Answer a read-only query of any form.

    Args:
        store: Folder of a built store.
        query: SPARQL that `guard.check_read_only` let pass.
        seconds: Time limit.
        most: Largest number of rows to return.

    Returns:
        Header and rows: the variables of a SELECT; subject, predicate, object of a CONSTRUCT or
        DESCRIBE; one cell for an ASK.

    Raises:
        UserError: the engine refuses the query, or a limit is passed.
    """
    task = json.dumps({"store": str(store), "query": query, "most": most})
    try:
        done = subprocess.run(  # noqa: S603
            processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.stores.isolated"]),
            input=task, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"the query did not finish within {seconds:g} s",
            "make it more selective (LIMIT, a bound subject), or raise --timeout",
        ) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        hint = "make it more selective, or count instead of listing"
        raise processes.death("the query", done.returncode, done.stderr, hint) from error
    if "error" in answer:
        raise UserError(f"the engine refuses the query: {answer['error']}")
    if answer["more"]:
        raise UserError(f"the query has more than {most} rows", "add LIMIT, or raise --max-rows")
    return answer["header"], answer["rows"]


def again(words: Sequence[str], seconds: float) -> int:
    """Run a command of ours once more in a process of its own, with a time limit.

    Args:
        words: The command line after the name of the program.
        seconds: Time limit.

    Returns:
        The exit code.

    Raises:
        UserError: the limit is passed.
    """
    command = processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.cli", *words])
    process = subprocess.Popen(command, env={**os.environ, INSIDE: "1"})  # noqa: S603
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"not done within {seconds:g} s",
            "simplify the shapes (sh:sparql over many nodes, long paths), or raise --timeout",
        ) from error
    finally:
        if process.poll() is None and not processes.end(process):
            work.sweep_passing()
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    if code < 0:
        raise processes.death("the command", code, "")
    return code


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows; the time and row limits still hold there
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _limit_files() -> None:
    """Allow no further file or connection: what a query could open, it has no business opening."""
    try:
        import resource
    except ImportError:
        return
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def _work() -> None:
    import pyoxigraph as ox

    task = json.load(sys.stdin)
    _limit_memory()

    def text(node: object) -> str:
        return str(getattr(node, "value", "")) if node is not None else ""

    rows: list[list[str]] = []
    more = False
    try:
        store = ox.Store.read_only(task["store"])
        _limit_files()
        result = store.query(task["query"])
        if isinstance(result, ox.QueryBoolean):
            header, found = ["result"], iter([[str(bool(result)).lower()]])
        elif isinstance(result, ox.QueryTriples):
            header = ["subject", "predicate", "object"]
            found = ([str(t.subject), str(t.predicate), str(t.object)] for t in result)
        else:
            header = [v.value for v in result.variables]
            found = ([text(node) for node in solution] for solution in result)
        for row in found:
            if len(rows) == task["most"]:
                more = True
                break
            rows.append(row)
        answer = {"header": header, "rows": rows, "more": more}
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        answer = {"error": str(error).splitlines()[0]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _work()
