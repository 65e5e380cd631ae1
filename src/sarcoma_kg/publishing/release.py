"""A release folder: what each part of it is made from."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.building.builds import Build
from sarcoma_kg.pages.issues import Issues
from sarcoma_kg.publishing.hosts import Hosting

__all__ = ["Release", "Say", "Writer"]

#: Called with a few words at the beginning of each step.
Say = Callable[[str], None]


class Release(NamedTuple):
    """What every part of a release is made from.

    Attributes:
        build: The build; its asserted.nt and inferred.nt are sorted N-Triples, one a line.
        folder: The folder to write into; it exists.
        version: The date of the data as YYYY-MM-DD, from owl:versionIRI.
        hosting: Where it is to be hosted, if that is known.
        issues: Where a problem with a page is reported, if anywhere.
        doi: The DOI of this release, if it has one.
    """

    build: Build
    folder: Path
    version: str
    hosting: Hosting | None = None
    issues: Issues | None = None
    doi: str = ""


#: Writes a part of a release.
Writer = Callable[[Release, Say], None]
