"""Where a release is to be hosted: the kind of server, and the address of its root."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from sarcoma_kg.ground.errors import UserError

__all__ = ["FEED", "HOSTS", "RELEASES", "Hosting", "read", "versions"]

#: Kinds of host -> what answers there.
HOSTS = {
    "github-pages": "files by their names alone (other static hosts do the same)",
    "apache": "Apache, by .htaccess",
    "nginx": "nginx, by a file to be included",
    "w3id": "files by their names alone, behind redirects of https://w3id.org",
}
#: The folder of a web root in which each release has one of its own, as their IRIs have it.
RELEASES = "release"
#: The feed of a web root.
FEED = "releases.atom"
# What means something in none of the files that a server reads.
_BASE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Hosting(NamedTuple):
    """Where a release is to be hosted.

    Attributes:
        host: One of `HOSTS`.
        base: The address of the root, with a slash at its end.
        after: The web root or release before this one; None without one.
        versions: Dates of the releases that lie in the root, the newest first.
    """

    host: str
    base: str
    after: Path | None
    versions: tuple[str, ...]

    @property
    def static(self) -> bool:
        """Whether files are found by their names alone."""
        return self.host in ("github-pages", "w3id")

    @property
    def path(self) -> str:
        """The path of the root on its server, from slash to slash."""
        return urlsplit(self.base).path


def versions(root: Path) -> list[str]:
    """Return the dates of the releases that lie in a web root, the newest first."""
    places = (root / RELEASES).glob("*/graphs") if (root / RELEASES).is_dir() else ()
    found = {place.parent.name for place in places}
    return sorted(filter(_DATE.fullmatch, found), reverse=True)


def read(
    host: str | None, base: str | None, after: str | None, version: str, without: Sequence[str]
) -> Hosting | None:
    """Read what the user says of the host; None when nothing is said.

    Args:
        host: One of `HOSTS`.
        base: The address.
        after: A web root, a release or a file: what was published before.
        version: Date of the data that are to be published.
        without: Parts that are left out.

    Raises:
        UserError: the words do not fit together, or an address could mean something to a server.
    """
    if not host and not base and not after:
        return None
    if not host or not base:
        raise UserError(
            "--host, --base and --after belong together: a web root has an address",
            f"give --host {'|'.join(HOSTS)} and --base URL",
        )
    if "site" in without:
        raise UserError("a web root without pages is none", "give --host or --without site")
    address = base if base.endswith("/") else base + "/"
    if not _BASE.fullmatch(address) or any(set(p) == {"."} for p in address.split("/")[3:-1]):
        raise UserError(
            f"{base[:200]}: not the address of a web root",
            "http:// or https://, a host, and a path of letters, digits, '-', '.', '_' and '~'",
        )
    before = Path(after) if after else None
    known = versions(before) if before else []
    if known and known[0] > version:
        raise UserError(
            f"{after}: holds the release of {known[0]}, which is newer than {version}",
            "publish in the order of the dates",
        )
    older = tuple(known[1:] if known[:1] == [version] else known)
    return Hosting(host, address, before, (version, *older))
