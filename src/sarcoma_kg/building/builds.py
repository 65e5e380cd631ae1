"""Finished builds: where they are kept, and which one belongs to the present inputs.

A build is a folder named by the digest of its inputs. A small pointer file holds the fingerprint
of the inputs as they were when the build was found to match, so that asking costs one look at each
input's size and time, and the names of the user's own files that went into the build.
"""

import json
import os
from typing import TYPE_CHECKING, Any

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Build", "current", "extras", "point_to"]


class Build:
    """A finished build: a folder with the store, asserted.nt, inferred.nt and a manifest."""

    __slots__ = ("location",)

    def __init__(self, location: str) -> None:
        self.location = location

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Build) and self.location == other.location

    def __hash__(self) -> int:
        return hash(self.location)

    @property
    def folder(self) -> "Path":
        """The folder as a path."""
        from pathlib import Path

        return Path(self.location)

    def _read(self, name: str) -> Any:
        try:
            with open(os.path.join(self.location, name), "rb") as content:
                return json.load(content)
        except (OSError, ValueError) as error:
            raise UserError(
                f"{self.location}: the build is damaged: {name}: {error}",
                "run `sarcoma-kg build --force`",
            ) from error

    @property
    def manifest(self) -> dict[str, Any]:
        """What the build holds: digest, counts, warnings, timings."""
        data: dict[str, Any] = self._read("manifest.json")
        return data

    def catalog(self) -> list[dict[str, Any]]:
        """The packaged questions, parsed when the build was made."""
        data: list[dict[str, Any]] = self._read("catalog.json")
        return data

    def open(self) -> "EmbeddedStore":
        """Open the store read-only."""
        from sarcoma_kg.stores.store import EmbeddedStore

        return EmbeddedStore.open(os.path.join(self.location, "store"))


def _pointer() -> str:
    # The place of the data, made fit for a file name: each checkout has a pointer of its own.
    place = "".join(c if c.isalnum() else "-" for c in resources.root())[-150:]
    return os.path.join(cache_root(), f"current{place}.json")


def _pointed() -> dict[str, Any]:
    try:
        with open(_pointer(), "rb") as content:
            pointer = json.load(content)
    except (OSError, ValueError):
        return {}
    return pointer if isinstance(pointer, dict) else {}


def extras() -> list[str]:
    """Return the user's own files in the build that was made last, as absolute paths."""
    return [str(path) for path in _pointed().get("with", [])]


def current(wanted: "Sequence[str] | None" = None) -> Build | None:
    """Return the build of the present inputs, or None.

    Args:
        wanted: The user's own files that it must hold; those of the last build when None.
    """
    pointer = _pointed()
    if not pointer or (wanted is not None and list(wanted) != pointer.get("with", [])):
        return None
    if pointer.get("inputs") != resources.fingerprint(pointer.get("read", [])):
        return None
    location = os.path.join(cache_root(), "builds", str(pointer.get("build")))
    return Build(location) if os.path.exists(os.path.join(location, "manifest.json")) else None


def point_to(
    name: str, inputs: list[str], held: "Sequence[str]" = (), read: "Sequence[str]" = ()
) -> None:
    """Let the pointer name a build as that of the inputs with this fingerprint.

    Args:
        name: Folder of the build.
        inputs: Fingerprint of all inputs, the user's own files included.
        held: The user's own files, as she named them.
        read: Those, what they import, and the catalogs that say where it lies.
    """
    pointer = _pointer()
    beside = f"{pointer}.{os.getpid()}"
    data = {"inputs": inputs, "build": name, "with": list(held), "read": list(read)}
    try:
        with open(beside, "w", encoding="utf-8") as out:
            json.dump(data, out)
        os.replace(beside, pointer)
    except OSError:
        if os.path.exists(beside):
            os.remove(beside)
        raise
