"""What this machine has beside Python and make.

`SARCOMA_KG_BARE=1` makes the tests behave as where there is nothing else: no Java libraries of
Debian, no Virtuoso, Node.js or Apache, no tools of others, no reference material of the curators.
"""

import os
import shutil
from pathlib import Path

__all__ = ["BARE", "SHARED", "WHY_NOT_SHARED", "peak", "program", "where"]

BARE = os.environ.get("SARCOMA_KG_BARE", "") not in ("", "0")
_BESIDE = Path(__file__).resolve().parents[2] / "shared"
#: The curators' reference material; None where it is not.
SHARED = None if BARE or not _BESIDE.is_dir() else _BESIDE
WHY_NOT_SHARED = "needs the curators' reference material in ../shared, which is not here"
#: Of no existing folder, so that nothing is found in it.
_NOWHERE = Path(os.devnull) / "none"

if BARE:
    os.environ["SARCOMA_KG_JARS"] = str(_NOWHERE)


def program(*names: str) -> str | None:
    """Return the path of the first of these programs that is installed."""
    if BARE:
        return None
    return next((path for name in names if (path := shutil.which(name))), None)


def where(place: Path) -> Path:
    """Return a place at which something may be installed; one where nothing is when bare."""
    return _NOWHERE if BARE else place


def peak() -> float:
    """Return the most memory that this process had, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    raise LookupError("no VmHWM")
