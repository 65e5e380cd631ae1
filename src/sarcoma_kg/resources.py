"""Where the packaged knowledge and contracts lie, and where builds are kept."""

import hashlib
import os
from functools import cache
from pathlib import Path

from sarcoma_kg.errors import UserError

__all__ = ["cache_root", "claim_files", "data_root", "digest", "ontology_files", "stat_fingerprint"]

_FOLDERS = ("ontology", "shapes", "queries")


@cache
def data_root() -> Path:
    """Return the folder that holds ontology/, shapes/ and queries/.

    An installed wheel carries them beside the code; a checkout has them at its top level.
    `SARCOMA_KG_DATA` names another folder.
    """
    here = Path(__file__).resolve().parent
    named = os.environ.get("SARCOMA_KG_DATA")
    candidates = [Path(named)] if named else [here / "data", here.parents[1]]
    for root in candidates:
        if all((root / folder).is_dir() for folder in _FOLDERS):
            return root
    raise UserError(
        f"no folder with {', '.join(_FOLDERS)} at {' or '.join(map(str, candidates))}",
        "reinstall the package, or set SARCOMA_KG_DATA to a checkout of sarcoma-kg",
    )


def cache_root() -> Path:
    """Return the folder for builds: `SARCOMA_KG_CACHE`, else the user's cache folder."""
    if named := os.environ.get("SARCOMA_KG_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or (
        os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    )
    return Path(base) / "sarcoma-kg" if base else Path.home() / ".cache" / "sarcoma-kg"


def ontology_files() -> list[Path]:
    """Return the Turtle files of the TBox: header, modules, imports and mappings."""
    root = data_root() / "ontology"
    return sorted(
        [*root.glob("*.ttl"), *(root / "imports").glob("*.ttl"), *(root / "mappings").glob("*.ttl")]
    )


def claim_files() -> list[Path]:
    """Return the Turtle files of the instance data."""
    return sorted((data_root() / "ontology" / "claims").glob("*.ttl"))


def _inputs() -> list[Path]:
    root = data_root()
    files = [
        path
        for folder in _FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in {".ttl", ".tsv", ".rq"} and "examples" not in path.parts
    ]
    # Code that changes what a build holds counts as an input too.
    return sorted(files) + sorted(Path(__file__).resolve().parent.glob("*.py"))


def stat_fingerprint() -> str:
    """Return a cheap fingerprint of all inputs (path, size, modification time)."""
    rows = []
    for path in _inputs():
        status = path.stat()
        rows.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def digest(extra: tuple[Path, ...] = ()) -> str:
    """Return the SHA-256 over names and contents of all inputs and of the `extra` files."""
    root = data_root()
    total = hashlib.sha256()
    for path in [*_inputs(), *extra]:
        name = path.relative_to(root) if path.is_relative_to(root) else path.name
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
