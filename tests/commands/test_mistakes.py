"""Natural mistakes at the terminal: each gets what was meant, or a hint that works when typed."""

import functools
import re
import shlex
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.commands import parsers
from tests.commands import golden
from tests.passes import some_slow

ROOT = Path(__file__).parents[2]
#: What is typed -> what it means, as one would type it who knows the commands.
MEANT = {
    "GIST": "show GIST",
    "gist": "show GIST",
    "synovial sarcoma": "show 'synovial sarcoma'",
    "CQ01 GIST": "ask CQ01 --disease GIST",
    "ASK CQ01": "ask CQ01",
    "ask cq1": "ask CQ01",
    "ask CQ 1": "ask CQ01",
    "ask CQO1": "ask CQ01",
    "ask 1": "ask CQ01",
    "ask CQ01 GIST": "ask CQ01 --disease GIST",
    "ask CQ01 synovial sarcoma": "ask CQ01 --disease 'synovial sarcoma'",
    "ask 'CQ01 synovial sarcoma'": "ask CQ01 --disease 'synovial sarcoma'",
    "ask CQ01 --disease synovial sarcoma": "ask CQ01 --disease 'synovial sarcoma'",
    "ask CQ01 --Disease GIST": "ask CQ01 --disease GIST",
    "ask CQ01 -disease GIST": "ask CQ01 --disease GIST",
    "ask CQ01 \u2014disease GIST": "ask CQ01 --disease GIST",
    "ask CQ01 disease=GIST": "ask CQ01 --disease GIST",
    "ask CQ01 \u201cGIST\u201d": "ask CQ01 --disease GIST",
    "ask CQ01 NCIT_C3868": "ask CQ01 --disease NCIT:C3868",
    "ask CQ01 ncit:c3868": "ask CQ01 --disease NCIT:C3868",
    "ask CQ01 c3868": "ask CQ01 --disease NCIT:C3868",
    "ask CQ01 --format JSON": "ask CQ01 --format json",
    "--format json ask CQ01": "ask CQ01 --format json",
    "ask --format json CQ01 GIST": "ask CQ01 --disease GIST --format json",
    "ask GIST": "show GIST",
    "ask which drugs help in GIST": "ask CQ01 --disease GIST",
    "s2-3.2-ss-01": "show S2-3.2-SS-01",
    "explain s2-3.2-ss-01": "explain S2-3.2-SS-01",
    "term s2-3.2-ss-01 --FORMAT json": "term S2-3.2-SS-01 --format json",
    "[38]": "show S2-38",
    "ask Q1": "ask CQ01",
    "ask CQ01 -format JSON": "ask CQ01 --format json",
    "ask CQ01 --format .csv": "ask CQ01 --format csv",
    "CQ49 GIST 2026-01-01": "ask CQ49 --disease GIST --as-of 2026-01-01",
    "ask CQ53 GIST": "ask CQ53 --disease GIST",
    "ask CQ53 imatinib --disease GIST": "ask CQ53 --therapy imatinib --disease GIST",
    "ref 38": "show S2-38",
    "show reference [38]": "show S2-38",
    "--version ask": "--version",
    "-v": "--version",
    "-help": "help",
    "help GIST": "show GIST",
    "help CQ01": "ask CQ01 --help",
    "-V": "--version",
}
#: Files of what is typed by mistake, and what is said.
FILES = sorted(golden.MISTAKES.glob("*.txt"))


def printed(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = cli.main(shlex.split(words))
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("typed", some_slow([*MEANT], lambda place, _: not place % 3), ids=str)
def test_what_was_meant_is_done(
    typed: str, build: builds.Build, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer, _ = printed(typed, capsys)
    wanted, meant, _ = printed(MEANT[typed], capsys)
    assert (code, wanted) == (0, 0)
    # The commands that lead on repeat the name as it was typed.
    lines, right = (
        [line for line in text.splitlines() if not re.match(r"sarcoma-kg (?!\d)", line)]
        for text in (answer, meant)
    )
    assert lines
    if typed.lower().partition(" ")[0] in ("ask", "explain", "term", "-v", "--format"):
        assert lines[:20] == right[:20]
    else:
        assert lines[0] == right[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_said_of_a_mistake_is_kept(path: Path, build: builds.Build) -> None:
    assert golden.written(path) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", some_slow(FILES, lambda place, _: place % 4 == 2), ids=lambda path: path.stem
)
def test_a_hint_works_when_typed(
    path: Path, build: builds.Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file
    (tmp_path / "ontology").symlink_to(ROOT / "ontology")
    answers = re.split(r"^\$ sarcoma-kg .*\n", path.read_text(encoding="utf-8"), flags=re.M)[1:]
    for typed, said in zip(golden.typed(path), answers, strict=True):
        assert said.rstrip().endswith("(exit 2)"), typed
        hints = re.findall(r"`sarcoma-kg ?([^`]*)`", said)
        assert hints, typed
        for hint in hints[:2]:
            answered = worked(hint)
            assert not re.search(r"\(exit \d+\)$", answered.rstrip()), f"{typed}: {hint}"
            assert hint != typed


@functools.cache
def worked(hint: str) -> str:
    return golden.printed(hint)


def test_there_are_many_and_of_commands() -> None:
    assert sum(len(golden.typed(path)) for path in FILES) + len(MEANT) >= 60
    assert {path.stem for path in FILES} <= set(parsers.HOMES)


def test_a_file_is_no_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.rq"
    path.write_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    code, _, said = printed(str(path), capsys)
    assert code == 2
    assert f"`sarcoma-kg query {path}`" in said


@pytest.mark.parametrize("option", [["-o", "{}"], ["-o{}"], ["--output={}"], ["--output", "./{}"]])
def test_the_answer_does_not_go_into_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    option: list[str],
) -> None:  # fmt: skip
    """However the file is named; another file of the same name elsewhere is no reason."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "text.csv"
    path.write_text("A first sentence. A second.\n")
    given = [word.format("text.csv") for word in option]
    assert cli.main(["source", "text.csv", *given]) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert path.read_text() == "A first sentence. A second.\n"
    (tmp_path / "other").mkdir()
    assert cli.main(["source", "text.csv", "-o", "other/text.csv"]) == 0
    assert cli.main(["source", "text.csv", "-o", "other/text.csv"]) == 0
