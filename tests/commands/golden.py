"""What commands print, kept beside the tests: one file a command, each with commands and answers.

python -m tests.commands.golden   # writes what is printed now into the files

A file is lines `$ sarcoma-kg ...`, each followed by what the command prints. A command that is
added gets a file of its own with some `$` lines, and another in `mistakes/` with what people type
instead; this module fills in the rest.
"""

import contextlib
import io
import os
import shlex
import sys
from pathlib import Path
from unittest import mock

from sarcoma_kg import cli
from sarcoma_kg.stores import isolated

__all__ = ["FOLDER", "MISTAKES", "printed", "typed", "written"]

FOLDER = Path(__file__).with_name("golden")
MISTAKES = FOLDER / "mistakes"
_MARK = "$ sarcoma-kg"


def typed(path: Path) -> list[str]:
    """Return the commands of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line[len(_MARK) :].strip() for line in lines if line.startswith(_MARK)]


def printed(words: str, columns: int = 100) -> str:
    """Return what a command prints, answer before remarks, as in a pipe of that width."""
    out, remarks = io.StringIO(), io.StringIO()
    settings = {"COLUMNS": str(columns), "NO_COLOR": "1"}
    with (
        mock.patch.dict(os.environ, settings),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(remarks),
    ):
        try:
            code = cli.main(shlex.split(words))
        except SystemExit as left:
            code = int(left.code or 0)
    end = f"(exit {code})\n" if code else ""
    return out.getvalue() + remarks.getvalue() + end


def written(path: Path) -> str:
    """Return what the file should hold."""
    return "\n".join(f"{_MARK} {words}".rstrip() + f"\n{printed(words)}" for words in typed(path))


if __name__ == "__main__":
    os.environ[isolated.INSIDE] = "1"  # or what a process of its own prints would be missed
    printed("build")  # or the first answer would tell of it
    for place in sorted(FOLDER.rglob("*.txt")):
        place.write_text(written(place), encoding="utf-8")
        sys.stdout.write(f"{place.name}\n")
