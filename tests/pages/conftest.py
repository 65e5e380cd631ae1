"""One site of the packaged graph for all tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import chromium

VERSION = "2026-11-28"


@pytest.fixture(scope="session")
def site(release: Path) -> Path:
    """The site of a whole release, which tests of publishing look at too."""
    return release / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    """A browser without network."""
    program = chromium.found()
    if not program:
        pytest.skip(chromium.MISSING)
    with chromium.Browser(program) as opened:
        yield opened
