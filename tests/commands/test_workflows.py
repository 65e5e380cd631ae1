"""Workflow files and hooks that others copy: they parse, and their steps run in a repository."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import machine

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "workflows"
TOOLS = ROOT / ".venv" / "tools" / "bin"
HEAD = """@prefix lab: <https://example.org/lab/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .

<https://example.org/lab> a owl:Ontology ;
    owl:imports <https://w3id.org/sarcoma-kg/ontology> .

"""
SOUND = (
    HEAD
    + """lab:drug a owl:Class ;
    rdfs:subClassOf skg:SmallMoleculeDrug ;
    rdfs:label "lab drug"@en ;
    obo:IAO_0000115 "A small molecule of our laboratory."@en ;
    obo:IAO_0000119 skg:CuratorKnowledge .
"""
)
BROKEN = SOUND.replace("SmallMoleculeDrug", "SmallMolecul")
#: In place of the program: what it was called with, and the code that the test wants.
STUB = """#!/bin/sh
echo "$@" >> "$STUB_LOG"
case "$1" in
  check) printf 'violation: ``` <b>\\n# not a heading\\n' ;;
  diff) printf '# Changes from %s to %s\\n' "$2" "$3" ;;
esac
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo report > "$2"; shift; done
exit "${STUB_CODE:-0}"
"""


def steps(name: str) -> dict[str, str]:
    """The shell steps of a workflow file by their names, in order."""
    data: Any = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    if name == "github":
        given = data["jobs"]["change"]["steps"]
        return {step["name"]: step["run"] for step in given if "run" in step}
    job = data["sarcoma-kg"]
    names = ("Check and diff", "Comment", "Verdict")
    return dict(zip(names, job["script"], strict=True))


def git(folder: Path, *words: str) -> str:
    environment = {
        **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_{what}": "lab@example.org" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip
    done = subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a sound file, which a second commit is to change."""
    folder = tmp_path / "lab"
    folder.mkdir()
    git(folder, "init", "--quiet", "-b", "main")
    (folder / "lab.ttl").write_text(SOUND, encoding="utf-8")
    (folder / "gone.ttl").write_text(SOUND.replace("lab", "old"), encoding="utf-8")
    (folder / "notes.md").write_text("none of its files", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def run(
    script: str, folder: Path, bin_folder: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does: bash that ends with the first error."""
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ, "PATH": path, "FILES": "*.ttl", "BASE": "HEAD~1", **more,
    }  # fmt: skip
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder,
        env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


def test_both_ask_for_the_same() -> None:
    assert steps("github")["Check and diff"] == steps("gitlab")["Check and diff"]


def test_the_github_file_is_one() -> None:
    data: Any = yaml.safe_load((FOLDER / "github.yml").read_text(encoding="utf-8"))
    assert True in data or "on" in data  # YAML 1.1 reads `on` as true
    assert data["permissions"] == {
        "contents": "read", "pull-requests": "write", "security-events": "write",
    }  # fmt: skip
    for step in data["jobs"]["change"]["steps"]:
        assert ("run" in step) != ("uses" in step)
        # What somebody else writes reaches a shell by the environment only.
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step["uses"])
    (upload,) = (s for s in data["jobs"]["change"]["steps"] if "sarif" in s.get("uses", ""))
    assert upload["with"]["sarif_file"] == "sarcoma-kg-report/check.sarif"


def test_the_gitlab_file_is_one() -> None:
    (job,) = yaml.safe_load((FOLDER / "gitlab.yml").read_text(encoding="utf-8")).values()
    assert job["artifacts"]["reports"]["junit"] == "sarcoma-kg-report/check.xml"
    assert job["artifacts"]["when"] == "always"
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sarcoma-kg").write_text(STUB, encoding="utf-8")
    (folder / "sarcoma-kg").chmod(0o755)
    return folder


@pytest.mark.parametrize("code", [0, 1, 2])
@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_the_steps_tell_all_and_end_with_the_verdict(
    name: str, code: int, repository: Path, stub: Path
) -> None:
    (repository / "lab.ttl").write_text(BROKEN, encoding="utf-8")
    hostile = "-x $(touch hacked) 'q'.ttl"
    (repository / hostile).write_text(SOUND, encoding="utf-8")
    (repository / "gone.ttl").unlink()
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "second")
    log = repository.parent / "log"
    shell = steps(name)
    done = run(shell["Check and diff"], repository, stub, STUB_LOG=str(log), STUB_CODE=str(code))
    assert done.returncode == 0, done.stderr
    calls = log.read_text(encoding="utf-8").splitlines()
    assert calls[0] == f"check --format text ./{hostile} ./lab.ttl"
    assert [c.split()[2].rpartition("/")[2] for c in calls[1:4]] == [
        "check.sarif", "check.xml", "check.html"
    ]  # fmt: skip
    assert [c for c in calls if c.startswith("diff")] == [
        f"diff sarcoma-kg-report/before/{hostile} ./{hostile}",
        "diff sarcoma-kg-report/before/gone.ttl sarcoma-kg-report/before/gone.ttl.gone.ttl",
        "diff sarcoma-kg-report/before/lab.ttl ./lab.ttl",
    ]
    assert not list(repository.rglob("hacked"))
    report = repository / "sarcoma-kg-report"
    told = (report / "comment.md").read_text(encoding="utf-8")
    assert told.startswith(f"## sarcoma-kg check: exit code {2 if code else 0}")
    assert "\n    violation: ``` <b>\n    # not a heading\n" in told
    assert "\n## Changes from" in told
    verdict = run(shell["Verdict"], repository, stub)
    assert verdict.returncode == (2 if code else 0)
    if name == "github":
        summary = repository.parent / "summary"
        run(shell["Summary"], repository, stub, GITHUB_STEP_SUMMARY=str(summary))
        assert summary.read_text(encoding="utf-8") == told


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_change_of_other_files_passes(name: str, repository: Path, stub: Path) -> None:
    (repository / "notes.md").write_text("more", encoding="utf-8")
    git(repository, "rm", "--quiet", "--cached", "lab.ttl", "gone.ttl")
    git(repository, "commit", "--quiet", "-am", "second")
    (repository / "notes.md").write_text("more still", encoding="utf-8")
    git(repository, "commit", "--quiet", "-am", "third")
    log = repository.parent / "log"
    shell = steps(name)
    done = run(shell["Check and diff"], repository, stub, STUB_LOG=str(log))
    assert done.returncode == 0, done.stderr
    assert not log.exists()
    assert run(shell["Verdict"], repository, stub).returncode == 0


def test_a_note_is_posted_where_there_is_a_token(repository: Path, stub: Path) -> None:
    (stub / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > curl.log\n', encoding="utf-8")
    (stub / "curl").chmod(0o755)
    script = steps("gitlab")["Comment"]
    assert run(script, repository, stub).returncode == 0
    assert not (repository / "curl.log").exists()
    where = {"CI_API_V4_URL": "https://g.example/api/v4", "CI_PROJECT_ID": "7",
             "CI_MERGE_REQUEST_IID": "8", "SARCOMA_KG_TOKEN": "secret"}  # fmt: skip
    assert run(script, repository, stub, **where).returncode == 0
    words = (repository / "curl.log").read_text(encoding="utf-8").splitlines()
    assert words[-1] == "https://g.example/api/v4/projects/7/merge_requests/8/notes"
    assert "PRIVATE-TOKEN: secret" in words


@pytest.mark.slow
def test_the_steps_with_the_program_itself(repository: Path) -> None:
    """On a broken change; the hooks below show a sound one."""
    (repository / "lab.ttl").write_text(
        BROKEN.replace("our laboratory", "our own laboratory"), encoding="utf-8"
    )
    git(repository, "commit", "--quiet", "-am", "second")
    done = run(
        steps("github")["Check and diff"], repository, Path(sys.executable).parent, FILES="lab.ttl"
    )
    assert done.returncode == 0, done.stderr
    report = repository / "sarcoma-kg-report"
    assert (report / "code").read_text() == "1\n", (report / "check.txt").read_text("utf-8")
    told = (report / "comment.md").read_text(encoding="utf-8")
    assert "our own laboratory" in told
    results = json.loads((report / "check.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert [r for r in results if r["level"] == "error"]
    assert {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results} == {
        "lab.ttl"
    }
    for name in ("check.xml", "check.html"):
        assert (report / name).stat().st_size > 100


# Hooks.

HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)


def test_the_hooks_are_what_pre_commit_asks_for() -> None:
    assert [hook["id"] for hook in HOOKS] == ["sarcoma-kg-fmt", "sarcoma-kg-check"]
    for hook in HOOKS:
        assert {"id", "name", "entry", "language", "files"} <= set(hook)
        assert re.search(hook["files"], "a/lab.ttl")
        assert not re.search(hook["files"], "lab.ttl.md")


def hooked(folder: Path, hook: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run a hook on what is staged, as pre-commit does, and fail where it changes a file."""
    names = git(folder, "diff", "--cached", "--name-only", "--diff-filter=d").splitlines()
    chosen = [name for name in names if re.search(hook["files"], name)]
    program, *words = hook["entry"].split()
    before = [(folder / name).read_bytes() for name in chosen]
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *words, *chosen], cwd=folder,
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    changed = before != [(folder / name).read_bytes() for name in chosen]
    return subprocess.CompletedProcess(
        done.args, done.returncode or int(changed), done.stdout, done.stderr
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SOUND.replace("our laboratory", "ours"), 0),
        (SOUND.replace("    obo:IAO_0000115", "obo:IAO_0000115").replace(" our ", " the "), 1),
        (SOUND.replace("@prefix lab:", "prefix lab"), 2),
    ],
    ids=["sound", "untidy", "broken"],
)
def test_the_hook_for_the_form(text: str, code: int, repository: Path) -> None:
    (repository / "lab.ttl").write_text(text, encoding="utf-8")
    git(repository, "add", "lab.ttl")
    done = hooked(repository, HOOKS[0])
    assert done.returncode == code, done.stderr
    if code == 1:
        git(repository, "add", "lab.ttl")
        assert hooked(repository, HOOKS[0]).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(("text", "code"), [(SOUND, 0), (BROKEN, 1)], ids=["sound", "broken"])
def test_the_hook_for_what_is_broken(text: str, code: int, repository: Path) -> None:
    (repository / "lab.ttl").write_text(
        text.replace("our laboratory", "our own laboratory"), encoding="utf-8"
    )
    git(repository, "add", "lab.ttl")
    done = hooked(repository, HOOKS[1])
    assert done.returncode == code, done.stderr
    assert ("SmallMolecul" in done.stdout) == bool(code)


@pytest.mark.others
@pytest.mark.parametrize(("text", "code"), [(SOUND, 0), (BROKEN, 1)], ids=["sound", "broken"])
def test_pre_commit_stops_a_broken_change(text: str, code: int, repository: Path) -> None:
    program = machine.where(TOOLS / "pre-commit")
    found = str(program) if program.is_file() else machine.program("pre-commit")
    if not found:
        pytest.skip("needs pre-commit (make .venv/tools/.installed)")
    local = [{**hook, "language": "system"} for hook in HOOKS]
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (repository / "lab.ttl").write_text(
        text.replace("our laboratory", "our own laboratory"), encoding="utf-8"
    )
    git(repository, "add", "lab.ttl", ".pre-commit-config.yaml")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [found, "run"], cwd=repository, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "PATH": path, "PRE_COMMIT_HOME": str(repository.parent / "home")},
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    assert "Turtle in the canonical form" in done.stdout
