"""The command serve, where something is missing."""

import importlib.util
import os
import sys
from typing import Any

import pytest

from sarcoma_kg.cli import main


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec",
        lambda name, *more: None if name == "uvicorn" else found(name, *more),
    )  # fmt: skip
    assert main(["serve"]) == 2
    assert "pip install 'sarcoma-kg[serve]'" in capsys.readouterr().err


def test_without_fork_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(os, "fork")
    assert main(["serve"]) == 2
    assert "fork" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--port", "65536"], ["--base", "ftp://x"], ["--base", "http://x y"], ["--long", "0"]]
)
def test_options_out_of_bounds(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *words]) == 2
    assert "serve" in capsys.readouterr().err


def test_other_commands_do_not_load_the_server() -> None:
    import subprocess

    code = (
        "import sys; from sarcoma_kg.commands import parsers; "
        "[parsers.parser(name) for name in parsers.HOMES]; "
        "print([m for m in ('starlette', 'uvicorn', 'httptools', 'mcp') if m in sys.modules])"
    )
    done: Any = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
