"""Natural mistakes at the terminal: each gets what was meant, or a hint that works when typed."""

import re
import shlex
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds

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
    "s2-3.2-ss-01": "show S2-3.2-SS-01",
    "explain s2-3.2-ss-01": "explain S2-3.2-SS-01",
    "term s2-3.2-ss-01 --FORMAT json": "term S2-3.2-SS-01 --format json",
    "[38]": "show S2-38",
    "help GIST": "show GIST",
    "help CQ01": "ask CQ01 --help",
    "-V": "--version",
}
#: What is typed -> part of what is said; some command in backticks must then work.
HINTED = {
    "aks CQ01": "`sarcoma-kg ask CQ01`",
    "explian CQ40": "`sarcoma-kg explain CQ40`",
    "serach EZH2": "`sarcoma-kg search EZH2`",
    "ask CQ99": "Which diagnoses share a gene",
    "ask CQ01 --desease GIST": "`sarcoma-kg ask CQ01 --disease GIST`",
    "ask CQ01 --drug imatinib": "Where is a drug named",
    "ask CQ01 imatinib": "`sarcoma-kg show imatinib`",
    "ask CQ01 synovial sarkoma": "`sarcoma-kg ask CQ01 --disease synovial sarcoma`",
    "ask CQ08 GIST": "`sarcoma-kg ask CQ08`",
    "ask CQ01 --formt csv": "`sarcoma-kg ask CQ01 --format csv`",
    "ask sarcomaa": "`sarcoma-kg ask sarcoma`",
    "ask drugs by molecular target": "Which named drugs",
    "GISTT": "`sarcoma-kg show gastrointestinal stromal tumour`",
    "show imatinb": "`sarcoma-kg show imatinib`",
    "term tazemetostatt": "`sarcoma-kg term tazemetostat`",
    "explain S2-3.2-SS": "`sarcoma-kg explain S2-3.2-SS-01`",
    "tree liposarkoma": "`sarcoma-kg tree liposarcoma`",
    "fmt --chek x.ttl": "--check",
    "search": "`sarcoma-kg search --help`",
    "explain": "`sarcoma-kg explain CQ40`",
    "ask CQ01 --format xslx": "`sarcoma-kg ask --help`",
    "--vresion": "`sarcoma-kg --version`",
}


def printed(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = cli.main(shlex.split(words))
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("typed", MEANT)
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


@pytest.mark.parametrize("typed", HINTED)
def test_a_hint_works_when_typed(
    typed: str, build: builds.Build, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer, said = printed(typed, capsys)
    assert (code, answer) == (2, "")
    assert HINTED[typed] in said
    commands = re.findall(r"`sarcoma-kg ([^`]*)`", said)
    assert commands
    for command in commands:
        if "x.ttl" not in command:
            assert printed(command, capsys)[0] == 0, command


def test_a_file_is_no_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.rq"
    path.write_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    code, _, said = printed(str(path), capsys)
    assert code == 2
    assert f"`sarcoma-kg query {path}`" in said
