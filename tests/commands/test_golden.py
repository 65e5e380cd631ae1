"""Each command prints what its file in `golden/` holds (`python -m tests.commands.golden`)."""

from pathlib import Path

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.commands import parsers
from tests.commands import golden

FILES = sorted(golden.FOLDER.glob("*.txt"))
#: Commands whose answer differs by day, place or machine, and what holds them instead.
WITHOUT = {
    "align": "tests/vocabularies", "build": "tests/building", "catalog": "tests/owl",
    "check": "tests/building", "completion": "tests/commands/test_completion.py",
    "diff": "tests/differences", "fair": "tests/fairness", "imports": "tests/vocabularies",
    "ingest": "tests/sources/test_ingest.py", "model": "tests/questions/test_model.py",
    "export": "tests/sheets", "publish": "tests/publishing", "reason": "tests/owl",
    "mcp": "tests/serving", "serve": "tests/serving",
    "source": "tests/sources/test_claims.py", "template": "tests/sources/test_claims.py",
    "tour": "tests/commands/test_status.py", "validate": "tests/test_cli.py",
    "verify-source": "tests/test_cli.py",
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_command_prints_what_is_kept(path: Path, build: builds.Build) -> None:
    assert golden.written(path) == path.read_text(encoding="utf-8")


def test_every_command_is_kept_or_held_elsewhere() -> None:
    assert {path.stem for path in FILES} | set(WITHOUT) == set(parsers.HOMES)
    assert not {path.stem for path in FILES} & set(WITHOUT)


@pytest.mark.parametrize("name", sorted(parsers.HOMES))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from sarcoma_kg import cli

    assert cli.main(["help", name]) == 0
    told = capsys.readouterr().out
    assert f"usage: sarcoma-kg {name}" in told
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out == told
