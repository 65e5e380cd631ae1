"""Folders for work that is going on: gone when it is done, or before the next of its kind begins.

A process that is killed cannot clean up behind itself. Each folder is locked by the process that
works in it, and a lock ends with its process; so whoever begins work of the same kind at the same
place removes what nobody works in any more.
"""

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from sarcoma_kg.ground.errors import UserError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["folder", "passing", "sweep", "sweep_passing"]

_PASSING = "sarcoma-kg-"
_OURS = re.compile(r"(\d+)-[0-9a-f]{32}")
#: Seconds that a process may take from making a folder to locking it.
_MOMENT = 60
_DAY = 86_400


@contextlib.contextmanager
def folder(parent: Path, prefix: str, mode: int = 0o777) -> Iterator[Path]:
    """Yield a new folder, and remove it at the end; it may have been moved away by then.

    Args:
        parent: Where it is made.
        prefix: What its name begins with: the kind of work.
        mode: Its rights, less the umask.

    Raises:
        OSError: it cannot be made.
    """
    sweep(parent, prefix)
    place = parent / f"{prefix}{os.getpid()}-{uuid.uuid4().hex}"
    place.mkdir(mode)
    try:
        with _locked(place):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def passing() -> Iterator[Path]:
    """Yield a folder for files that another program is to read or write; TMPDIR says where.

    Raises:
        UserError: there is no room for a file in it.
    """
    with folder(Path(tempfile.gettempdir()).resolve(), _PASSING, 0o700) as place:
        try:
            yield place
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise UserError(
                f"{place.parent}: cannot be written: {error.strerror}",
                "free some space; TMPDIR names the folder for passing files",
            ) from error


def sweep(parent: Path, prefix: str) -> None:
    """Remove the folders with a prefix in which nobody works any more."""
    with contextlib.suppress(OSError):
        for place in parent.iterdir():
            name = place.name
            if name.startswith(prefix) and (made := _OURS.fullmatch(name[len(prefix) :])):
                with contextlib.suppress(OSError):
                    if _abandoned(place, int(made.group(1))):
                        shutil.rmtree(place, ignore_errors=True)


def sweep_passing() -> None:
    """Remove what killed processes left in the folder for passing files."""
    sweep(Path(tempfile.gettempdir()).resolve(), _PASSING)


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    number = os.open(place, os.O_RDONLY)
    try:
        # A file system without locks leaves it to the number of the process.
        with contextlib.suppress(OSError):
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _abandoned(place: Path, process: int) -> bool:
    status = place.lstat()
    age = time.time() - status.st_mtime
    if fcntl is None:
        return age > _DAY
    if status.st_uid != os.getuid() or place.is_symlink():
        return False
    number = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(number)
    # Another program may have the number by now.
    return not _runs(process) or age > _MOMENT


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # One that has ended keeps its number until its parent hears of it, which may take minutes.
    with contextlib.suppress(OSError):  # elsewhere than on Linux
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][:1]
        return state not in ("Z", "X")
    return True
