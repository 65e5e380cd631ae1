"""Where what was made is kept: builds, classifications."""

import os

__all__ = ["cache_root"]


def cache_root() -> str:
    """Return the folder for builds: `SARCOMA_KG_CACHE`, else the user's cache folder."""
    if named := os.environ.get("SARCOMA_KG_CACHE"):
        return os.path.abspath(named)
    base = os.environ.get("XDG_CACHE_HOME") or (
        os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    )
    return os.path.join(base or os.path.join(os.path.expanduser("~"), ".cache"), "sarcoma-kg")
