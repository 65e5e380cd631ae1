"""One site of the packaged graph for all tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from tests import chromium
from tests.conftest import alone

VERSION = "2026-11-28"


@pytest.fixture(scope="session")
def release(build: Build, common: Path) -> Path:
    """A release of the packaged graph with its site, by the first process that needs it."""
    folder = common / "pages"
    with alone(common / "writing-pages"):
        if not folder.exists():
            new = common / "new-pages"
            (new / "tables").mkdir(parents=True)
            (new / "tables" / "claims & more.csv").write_text("a\n", encoding="utf-8")
            site_writer.write(Release(build, new, VERSION), lambda _: None)
            new.rename(folder)
    return folder


@pytest.fixture(scope="session")
def site(release: Path) -> Path:
    """The site of that release."""
    return release / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    """A browser without network."""
    program = chromium.found()
    if not program:
        pytest.skip(chromium.MISSING)
    with chromium.Browser(program) as opened:
        yield opened
