"""Names of files that are files of their own on every system.

Windows and macOS keep `Gist` and `GIST` in one file. Windows reserves the names of devices, with
any suffix, takes dots and spaces off the end, and has a limit for the whole path; other systems
have one for each name, in bytes
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
"""

import re
from collections.abc import Collection, Iterable
from hashlib import sha256

__all__ = ["file_names", "fits"]

#: The most characters of a name: room for a folder of the reader's before it, and a suffix.
_LONGEST, _SUFFIX = 120, 20
_NAME = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{_LONGEST - 1}}}(?<!\.)")
_DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10))} | {
    f"lpt{n}" for n in range(10)
}
_ODD = re.compile(r"[^A-Za-z0-9_]+")
#: How much of the old name a new one shows, and how much of its digest.
_SHOWN, _DIGEST = 60, 10


def fits(name: str) -> bool:
    """Tell whether a name, with or without a suffix, may be that of a file everywhere."""
    return bool(_NAME.fullmatch(name)) and name.partition(".")[0].casefold() not in _DEVICES


def file_names(
    names: Iterable[str],
    *,
    first: Collection[str] = (),
    taken: Iterable[str] = (),
    endings: tuple[str, ...] = (),
) -> dict[str, str]:
    """Return for each name that of a file, without suffix; no two differ in case alone.

    A name that fits and is not taken stays as it is. Another gets what is readable of it with a
    part of its SHA-256. The same names give the same files, in whichever order they come.

    Args:
        names: What is to be called.
        first: Those of them that keep their name where others differ from it in case alone.
        taken: Names of files that are there already.
        endings: Suffixes, in lower case, with which no name may end.
    """

    def kept(name: str) -> bool:
        short = len(name) <= _LONGEST - _SUFFIX
        return short and fits(name) and not name.casefold().endswith(endings)

    used = {name.casefold() for name in taken}
    found: dict[str, str] = {}
    order = sorted(set(names), key=lambda name: (name not in first, name))
    for name in order:
        if kept(name) and name.casefold() not in used:
            used.add(name.casefold())
            found[name] = name
    for name in [name for name in order if name not in found]:
        given, length = name, _DIGEST
        while not kept(given) or given.casefold() in used:
            digest = sha256(name.encode()).hexdigest()[:length]
            given = f"{_ODD.sub('-', name)[:_SHOWN].strip('-')}-{digest}".removeprefix("-")
            length += 1
        used.add(given.casefold())
        found[name] = given
    return found
