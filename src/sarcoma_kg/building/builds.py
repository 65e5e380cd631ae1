"""Finished builds: where they are kept, and which one belongs to the present inputs.

A build is a folder named by the digest of its inputs. A small pointer file holds the fingerprint
of the inputs as they were when the build was found to match, so that asking costs one look at each
input's size and time, and the names of the user's own files that went into the build.

What a cache holds may be damaged. A build has a list of its files with size, time and digest: a
file of the same size and time counts as whole, another is read and digested.
"""

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Build", "current", "extras", "point_to", "seal"]

_LIST = "files.json"
#: What a folder begins with in which a pointer is written.
_POINTING = ".current."
Say = Callable[[str], None]


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
                "run `sarcoma-kg build`",
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

    @property
    def damage(self) -> str:
        """Which file is not as it was written, and how; empty when all are."""
        try:
            with open(os.path.join(self.location, _LIST), "rb") as content:
                known: dict[str, Any] = json.load(content)["files"]
            if not {"manifest.json", "catalog.json"} <= set(known):
                raise ValueError("incomplete")
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"{_LIST}: {getattr(error, 'strerror', None) or error}"
        for name, told in known.items():
            if wrong := _wrong(os.path.join(self.location, name), told):
                return f"{name}: {wrong}"
        return ""


def _wrong(path: str, told: Any) -> str:
    try:
        size, time, digest = told
        status = os.stat(path)
        if status.st_size != size:
            return f"{status.st_size:,} bytes, {size:,} were written"
        if not os.access(path, os.R_OK):
            return "may not be read"
        # A copy of a cache has other times.
        if status.st_mtime_ns != time and _digest(path) != digest:
            return "holds something else than was written"
    except (OSError, ValueError, TypeError) as error:
        return str(getattr(error, "strerror", None) or error)
    return ""


def _digest(path: str) -> str:
    import hashlib

    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _files(location: str) -> Iterator[str]:
    for folder, _, names in os.walk(location):
        for name in names:
            # The engine locks its folder by a file, and writes notes into another.
            if name not in {_LIST, "LOCK", "LOG"}:
                yield os.path.relpath(os.path.join(folder, name), location)


def seal(location: str) -> None:
    """List the files of a build that is whole, beside them.

    Raises:
        OSError: one cannot be read, or the list not be written.
    """
    listed = {}
    for name in sorted(_files(location)):
        path = os.path.join(location, name)
        status = os.stat(path)
        listed[name] = [status.st_size, status.st_mtime_ns, _digest(path)]
    with open(os.path.join(location, _LIST), "w", encoding="utf-8") as out:
        json.dump({"files": listed}, out, indent=1)


def _pointer() -> str:
    # The place of the data, made fit for a file name: each checkout has a pointer of its own.
    root = resources.root()
    place = "".join(c if c.isascii() and c.isalnum() else "-" for c in root)[-150:]
    return os.path.join(cache_root(), f"current{place}.json")


def _pointed(say: Say = lambda _: None) -> dict[str, Any]:
    try:
        with open(_pointer(), "rb") as content:
            pointer: dict[str, Any] = json.load(content)
        texts = [pointer["build"], *pointer["with"], *pointer["read"], *pointer["inputs"]]
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("not what was written")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        say(
            f"{_pointer()}: what says which graph is asked is damaged ({error!r:.100}): taking the "
            "packaged graph; files of yours go in again with `sarcoma-kg build --with`"
        )
        return {}
    return pointer


def extras() -> list[str]:
    """Return the user's own files in the build that was made last, as absolute paths."""
    return [str(path) for path in _pointed().get("with", [])]


def current(wanted: "Sequence[str] | None" = None, say: Say = lambda _: None) -> Build | None:
    """Return the build of the present inputs; None when there is none, or when it is damaged.

    Args:
        wanted: The user's own files that it must hold; those of the last build when None.
        say: Told in a line that the pointer is damaged.
    """
    pointer = _pointed(say)
    if not pointer or (wanted is not None and list(wanted) != pointer.get("with", [])):
        return None
    if pointer.get("inputs") != resources.fingerprint(pointer.get("read", [])):
        return None
    build = Build(os.path.join(cache_root(), "builds", pointer["build"]))
    return build if os.path.isdir(build.location) and not build.damage else None


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
    from pathlib import Path

    from sarcoma_kg.ground import work

    pointer = Path(_pointer())
    data = {"inputs": inputs, "build": name, "with": list(held), "read": list(read)}
    with work.folder(pointer.parent, _POINTING) as beside:
        whole = beside / pointer.name
        whole.write_text(json.dumps(data), encoding="utf-8")
        if pointer.is_dir():
            pointer.rmdir()
        whole.replace(pointer)
