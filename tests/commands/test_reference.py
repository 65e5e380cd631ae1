"""docs/commands.md says what the program says, and the pages of docs/ are all in their list."""

import re
import sys
from pathlib import Path

import pytest

from tests.commands import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="argparse words its help by version")
def test_it_says_what_the_program_says() -> None:
    hint = "python -m tests.commands.reference"
    assert reference.PAGE.read_text(encoding="utf-8") == reference.written(), hint


def test_every_page_is_in_the_list() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\(([a-z-]+\.(?:md|ipynb|1))\)", text))
    assert listed == {p.name for p in (ROOT / "docs").iterdir() if p.is_file()} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
        assert (page.parent / target).exists(), target
