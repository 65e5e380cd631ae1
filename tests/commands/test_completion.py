"""A shell completes commands, options, questions and names, asked as a person asks it."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.commands import completion, parsers
from tests.passes import some_slow

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("sarcoma-kg")
#: What is typed before Tab -> the words of the line after it.
COMPLETED = {
    "valid": ["validate"],
    "GIS": ["GIST"],
    "ask CQ01 GI": ["ask", "CQ01", "GIST"],
    "ask CQ01 --disease clear cell sarcoma of sof":
        ["ask", "CQ01", "--disease", "clear", "cell", "sarcoma", "of", "soft tissue"],
    "ask CQ01 --dis": ["ask", "CQ01", "--disease"],
    r"ask CQ01 clear\ cell\ sarcoma\ of\ sof": ["ask", "CQ01", "clear cell sarcoma of soft tissue"],
    "ask CQ01 'clear cell sarcoma of sof": ["ask", "CQ01", "clear cell sarcoma of soft tissue"],
    "ask CQ01 --format js": ["ask", "CQ01", "--format", "json"],
    "ask CQ01 --format=js": ["ask", "CQ01", "--format=json"],
    "term tazem": ["term", "tazemetostat"],
    "term EWSR1::FLI1 fusion p": ["term", "EWSR1::FLI1", "fusion", "protein"],
    "help portab": ["help", "portable"],
    "validate CONTRIB": ["validate", "CONTRIBUTING.md"],
}  # fmt: skip
STARTED = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(sarcoma-kg completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; bindkey -e; "
            "source <(sarcoma-kg completion zsh)"),
}  # fmt: skip


def offered(line: str, shell: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    assert cli.main(["completion", shell, f"--line=sarcoma-kg {line}", *more]) == 0
    said = capsys.readouterr()
    assert not said.err
    return said.out.splitlines()


class Terminal:
    """A shell at a terminal of its own, which takes keys."""

    def __init__(self, words: list[str], setup: str) -> None:
        environment = {
            **os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "TERM": "dumb",
            "PS1": "> ",
        }  # fmt: skip
        self.keys, inside = pty.openpty()
        self.process = subprocess.Popen(
            words, stdin=inside, stdout=inside, stderr=inside, cwd=ROOT, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(inside)
        self.type(f"{setup}; echo rea''dy\n", "ready\r\n")

    def type(self, keys: str, mark: str) -> str:
        """Return what is shown after some keys, up to a mark."""
        os.write(self.keys, keys.encode())
        seen, end = "", time.monotonic() + 60
        while mark not in seen and time.monotonic() < end:
            if select.select([self.keys], [], [], 0.5)[0]:
                seen += os.read(self.keys, 65536).decode("utf-8", "replace")
        assert mark in seen, seen
        return seen

    def completed(self, line: str) -> list[str]:
        """Return the words of the line after Tab, as the shell takes them."""
        # Home and end of the line: what was completed becomes the words that are printed.
        keys = f"sarcoma-kg {line}\t\x01printf '<%s>' \x05; echo don''e\n"
        (shown,) = re.findall(r"(?:<[^<>]*>)+(?=done\r\n)", self.type(keys, "done\r\n"))
        return re.findall("<([^<>]*)>", shown)[1:]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.keys)


@pytest.fixture(scope="module", params=STARTED)
def terminal(request: pytest.FixtureRequest, build: builds.Build) -> Iterator[Terminal]:
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    made = Terminal(*STARTED[request.param])
    yield made
    made.close()


@pytest.mark.parametrize("line", some_slow([*COMPLETED], lambda place, _: not place % 3), ids=str)
def test_tab_completes(line: str, terminal: Terminal) -> None:
    assert terminal.completed(line) == COMPLETED[line]


def test_fish_completes(build: builds.Build) -> None:
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    typed = ["ask CQ01 GI", "ask CQ01 synovial sarc", "ask CQ5", "validate CONTRIB"]
    lines = "; ".join(f"complete -C 'sarcoma-kg {line}'; echo ---" for line in typed)
    shown = subprocess.run(
        ["fish", "--no-config", "-c", f"sarcoma-kg completion fish | source; {lines}"],
        env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}, cwd=ROOT,
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    names, rest, questions, files, _ = shown.stdout.split("---\n")
    assert names == "GIST\tgastrointestinal stromal tumour\n"
    assert "sarcoma\tdisease\n" in rest
    assert "CQ57\t" in questions
    assert files == "CONTRIBUTING.md\n"


def test_every_command_and_option_is_offered(
    build: builds.Build, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered("", "bash", capsys)[: len(parsers.HOMES)] == list(parsers.HOMES)
    for name in parsers.HOMES:
        told = {o for o in parsers.parser(name).options if o.startswith("--")}
        hidden = {"--debug", "--line", "--breaks"}
        if name != "help":  # which takes commands instead
            assert set(offered(f"{name} --", "bash", capsys)) == told - hidden


def test_parameters_of_the_question_are_offered(
    build: builds.Build, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--as-of" in offered("ask CQ49 --", "bash", capsys)
    assert offered("ask CQ49 --disease GIST --d", "bash", capsys) == []
    (day,) = offered("ask CQ49 --as-of ", "bash", capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    assert "imatinib\ttherapy" in offered("ask CQ22 ima", "zsh", capsys)
    assert offered("ask CQ53 ", "bash", capsys) == ["--therapy", "--disease"]
    assert "liposarcoma" in offered("ask CQ53 --therapy imatinib --disease lip", "bash", capsys)


def test_nothing_is_built_and_nobody_told_where_there_is_no_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(tmp_path))
    assert offered("show GIS", "bash", capsys) == []
    assert offered("ask CQ01 --disease G", "bash", capsys) == []
    assert offered("ask --form", "bash", capsys) == ["--format"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ['"', "'", "ask CQ99 ", "ask 'CQ01", "--", "-o", "ask = ", "\\"])
def test_an_odd_line_is_no_fault(
    line: str, build: builds.Build, capsys: pytest.CaptureFixture[str]
) -> None:
    for shell in ("bash", "zsh", "fish"):
        offered(line, shell, capsys)


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize(
    "name",
    ["a b", "it's", "$(touch x)", "`id`", 'a"b', "a;b|c&d", "*?[x]", "~", "a\\b", "#", "é(2)"],
)
def test_a_name_stays_what_it_is(name: str, quote: str) -> None:
    """Labels come from files of the user too."""
    word = quote + completion.escaped(name, quote) + quote
    shown = subprocess.run(
        ["bash", "--norc", "-c", f"printf '<%s>' x{word}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == f"<x{name}>"
