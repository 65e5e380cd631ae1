"""The page of the manual: what the program says, in a form that `man` takes without complaint."""

import argparse
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from sarcoma_kg.commands import parsers
from tests.commands import manual

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shown() -> str:
    """The page as it is read, without its line ends."""
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    formatted = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou", "-rLL=200n", str(manual.PAGE)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not formatted.stderr
    return re.sub(r"\s+", " ", formatted.stdout.replace("\u2010\n", "").replace("\u2010", "-"))


def test_it_says_what_the_program_says() -> None:
    hint = "python -m tests.commands.reference"
    assert manual.PAGE.read_text(encoding="utf-8") == manual.written(), hint


@pytest.mark.parametrize("name", parsers.HOMES)
def test_every_command_and_option_is_in_it(name: str, shown: str) -> None:
    made = parsers.parser(name)
    assert str(made.description) in shown
    for action in made.options.values():
        if action.help != argparse.SUPPRESS and action.dest != "help":
            assert ", ".join(action.option_strings) in shown
            assert " ".join(str(action.help).split()) in shown


def test_every_setting_of_the_environment_is_in_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    read = {name for text in texts for name in re.findall(r"\bSARCOMA_KG_[A-Z]+\b", text)}
    ours = {"SARCOMA_KG_INSIDE"}  # by which our processes know each other
    assert read - ours == {name for name in manual.ENVIRONMENT if name.startswith("SARCOMA")}


def test_man_shows_it_without_a_warning() -> None:
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    done = subprocess.run(
        ["man", "--warnings", "-l", str(manual.PAGE)], capture_output=True, text=True, check=True
    )
    assert not done.stderr
    assert "EXIT STATUS" in done.stdout


def test_it_is_installed_where_man_looks() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    places = wheel["targets"]["wheel"]["shared-data"]
    assert places == {"docs/sarcoma-kg.1": "share/man/man1/sarcoma-kg.1"}
