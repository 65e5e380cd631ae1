"""Commands that look at a stranger's files do so in a process of their own, with limits."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.stores import isolated

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and limits of POSIX")

COMMANDS = {
    "check": ["check"],
    "reason": ["reason"],
    "build": ["build", "--force", "--with"],
    "validate": ["validate"],
    "validate with shapes": ["validate", "--shapes"],
}
_LAB = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/lab> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
<https://example.org/A> a owl:Class .
<https://example.org/S> a sh:NodeShape ; sh:targetClass owl:Class ; sh:nodeKind sh:IRI .
"""


@pytest.fixture
def lab(tmp_path: Path, build: builds.Build) -> Path:
    path = tmp_path / "lab.ttl"
    path.write_text(_LAB)
    return path


def _words(name: str, lab: Path) -> list[str]:
    more = [str(lab)] if name == "validate with shapes" else []
    return [*COMMANDS[name], str(lab), *more]


def _run(
    folder: Path, words: list[str], inside: str
) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a command in a folder; `inside` is Python that its own process runs first."""
    (folder / "sitecustomize.py").write_text(
        f"import os\nif os.environ.get({isolated.INSIDE!r}):\n    {inside}\n"
    )
    path = os.pathsep.join([str(folder), str(Path(cli.__file__).parents[1])])
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "sarcoma_kg.cli", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path}, cwd=folder,
    )  # fmt: skip
    return done, time.monotonic() - began


@pytest.mark.parametrize("name", COMMANDS)
def test_what_takes_too_long_is_ended(lab: Path, name: str) -> None:
    done, took = _run(
        lab.parent, [*_words(name, lab), "--timeout", "1"], "import time; time.sleep(60)"
    )
    assert done.returncode == 2
    assert "not done within 1 s" in done.stderr
    assert "--timeout" in done.stderr
    assert took < 30  # of a loaded machine


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("signal", ["SIGSEGV", "SIGABRT"])
def test_a_death_is_told_with_the_file(lab: Path, name: str, signal: str) -> None:
    done, _ = _run(
        lab.parent, _words(name, lab), f"import signal; os.kill(os.getpid(), signal.{signal})"
    )
    assert done.returncode == 2
    assert f"{lab}: an engine could not read or run this ({signal})" in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_memory_has_a_bound(lab: Path, name: str) -> None:
    """The bound is set in the process, before a file is read."""
    eat = (
        "from sarcoma_kg.reading import loading, source; from sarcoma_kg.stores import isolated; "
        "isolated._LEAST_MEMORY = 1; os.sysconf = lambda _: 2**15 + 2**14; "
        "hungry = lambda *_, **__: bytearray(3 * 2**30); "
        "loading.read = hungry; source.Source = hungry"
    )
    done, _ = _run(lab.parent, _words(name, lab), eat)
    assert done.returncode == 2
    assert "there is not enough memory" in done.stderr


@pytest.mark.parametrize("code", [0, 1, 2, 70])
def test_the_exit_code_is_that_of_the_process(lab: Path, code: int) -> None:
    done, _ = _run(lab.parent, _words("check", lab), f"os._exit({code})")
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.apart
def test_a_command_without_files_needs_no_other_process(
    build: builds.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> int:
        raise AssertionError

    monkeypatch.setattr(isolated, "again", never)
    assert cli.main(["reason"]) == 0
