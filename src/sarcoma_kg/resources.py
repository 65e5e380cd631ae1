"""Where the packaged knowledge and contracts lie, and whether they have changed.

This module is on the way of every answer, so it loads neither pathlib nor hashlib before they are
needed.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from sarcoma_kg.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["claim_files", "data_root", "digest", "fingerprint", "ontology_files", "root"]

_FOLDERS = ("ontology", "shapes", "queries")
_SUFFIXES = (".ttl", ".tsv", ".rq")
_CODE = os.path.dirname(os.path.abspath(__file__))


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
    todo = [os.path.join(root(), folder) for folder in _FOLDERS]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue  # lock and swap files of editors
                if entry.name.endswith(_SUFFIXES):
                    yield entry
                elif entry.is_dir():
                    todo.append(entry.path)
    with os.scandir(_CODE) as entries:
        yield from (entry for entry in entries if entry.name.endswith(".py"))


def fingerprint() -> list[str]:
    """Return name, size and time of each input: cheap to compare with those of a build."""
    rows = []
    for entry in _inputs():
        status = entry.stat()
        rows.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    return sorted(rows)


def digest() -> str:
    """Return the SHA-256 over names and contents of all inputs."""
    import hashlib

    rows = []
    for entry in _inputs():
        with open(entry.path, "rb") as content:
            sha = hashlib.sha256(content.read()).hexdigest()
        inside = entry.path.startswith(root() + os.sep)
        name = os.path.relpath(entry.path, root()) if inside else entry.name
        rows.append(f"{name} {sha}".replace(os.sep, "/"))
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
