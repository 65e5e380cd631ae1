"""Where the packaged knowledge and contracts lie, and whether they have changed.

This module is on the way of every answer, so it loads neither pathlib nor hashlib before they are
needed.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "claim_files", "data_root", "digest", "fingerprint", "input_files", "ontology_files", "root",
]  # fmt: skip

_FOLDERS = ("ontology", "shapes", "queries")
_SUFFIXES = (".ttl", ".tsv", ".rq")
_CODE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Examples are for users to copy and belong to no build; commands only print.
_OUTSIDE = {"examples", "commands", "data", "__pycache__"}


@cache
def root() -> str:
    """Return the folder that holds ontology/, shapes/ and queries/, as text.

    An installed wheel carries them beside the code; a checkout has them at its top level.
    `SARCOMA_KG_DATA` names another folder.
    """
    named = os.environ.get("SARCOMA_KG_DATA")
    checkout = os.path.dirname(os.path.dirname(_CODE))
    candidates = [os.path.abspath(named)] if named else [os.path.join(_CODE, "data"), checkout]
    for place in candidates:
        if all(os.path.isdir(os.path.join(place, folder)) for folder in _FOLDERS):
            return place
    raise UserError(
        f"no folder with {', '.join(_FOLDERS)} at {' or '.join(candidates)}",
        "reinstall the package, or set SARCOMA_KG_DATA to a checkout of sarcoma-kg",
    )


def data_root() -> "Path":
    """Return the same folder as a path."""
    from pathlib import Path

    return Path(root())


def ontology_files() -> "list[Path]":
    """Return the Turtle files of the TBox: header, modules, imports and mappings."""
    folder = data_root() / "ontology"
    parts = (folder, folder / "imports", folder / "mappings")
    return sorted(path for part in parts for path in part.glob("*.ttl"))


def claim_files() -> "list[Path]":
    """Return the Turtle files of the instance data."""
    return sorted((data_root() / "ontology" / "claims").glob("*.ttl"))


def _inputs() -> Iterator[os.DirEntry[str]]:
    """Yield every file that shapes a build; code counts, since it shapes builds too."""
    places = [(os.path.join(root(), folder), _SUFFIXES) for folder in _FOLDERS]
    todo: list[tuple[str, tuple[str, ...]]] = [*places, (_CODE, (".py",))]
    while todo:
        place, suffixes = todo.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _OUTSIDE:
                    continue  # lock and swap files of editors begin with a dot
                if entry.name.endswith(suffixes):
                    yield entry
                elif entry.is_dir():
                    todo.append((entry.path, suffixes))


def input_files() -> "list[Path]":
    """Return the knowledge and the contracts that shape a build, without the code."""
    from pathlib import Path

    inside = root() + os.sep
    return sorted(
        Path(entry.path)
        for entry in _inputs()
        if not entry.name.endswith(".py") and entry.path.startswith(inside)
    )


def fingerprint(extras: Sequence[str] = ()) -> list[str]:
    """Return name, size and time of each input: cheap to compare with those of a build.

    Args:
        extras: Files of the user that go into the build, there or not.
    """
    rows = []
    for entry in _inputs():
        status = entry.stat()
        rows.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    for path in extras:
        try:
            status = os.stat(path)
        except OSError:
            rows.append(f"{path} missing")
        else:
            rows.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return sorted(rows)


def digest(extras: Sequence[str] = ()) -> str:
    """Return the SHA-256 over names and contents of all inputs.

    Args:
        extras: Files of the user that go into the build.

    Raises:
        OSError: a file cannot be read.
    """
    import hashlib

    rows = []

    def add(name: str, path: str) -> None:
        with open(path, "rb") as content:
            rows.append(f"{name} {hashlib.sha256(content.read()).hexdigest()}")

    for entry in _inputs():
        inside = entry.path.startswith(root() + os.sep)
        name = os.path.relpath(entry.path, root()) if inside else entry.name
        add(name.replace(os.sep, "/"), entry.path)
    for path in extras:
        if os.path.exists(path):
            add(f"with {path}", path)
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
