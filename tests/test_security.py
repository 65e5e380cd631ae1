"""SECURITY.md names tests and pages that exist, and a test for each threat."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT)))
ROWS = re.findall(
    r"^\| (.+?) \| .+ \| (.+) \|$",
    "\n".join(part for part in re.split(r"^##+ ", TEXT, flags=re.M) if "| threat |" in part),
    re.M,
)


@cache
def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("named", NAMED)
def test_a_named_test_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert (ROOT / path).is_file()
    assert not name or name in _tests(ROOT / path)


@pytest.mark.parametrize(("threat", "tests"), ROWS)
def test_each_threat_has_a_test(threat: str, tests: str) -> None:
    assert threat == "threat" or set(threat) == {"-"} or "`tests/" in tests


def test_there_are_threats_and_every_link_leads_somewhere() -> None:
    assert len(ROWS) > 40
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m (tests[.\w]+)", TEXT))))
def test_a_named_run_exists(command: str) -> None:
    place = ROOT / command.replace(".", "/")
    assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()
