"""`check --watch`: what it says after each save is what a check of the whole says of that file."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import cache, resources

EXAMPLE = resources.data_root() / "ontology" / "examples" / "lab-extension.ttl"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="is stopped by a signal")

GENE = "lab:EXMP1 a owl:Class ;"
#: What is saved: the former text and what takes its place, beginning from the example each time.
EDITS = {
    "a label": ('"examplogene autoleucel"@en', '"another product"@en'),
    "a label that another class has": ('"examplogene autoleucel"@en', '"imatinib"@en'),
    "no label": ('    rdfs:label "EXMP1"@en ;\n', ""),
    "a synonym that is a label": ('"exam-cel"@en', '"imatinib"@en'),
    "a class without possible member": (GENE, f"{GENE} rdfs:subClassOf skg:Antigen ;"),
    "another parent": ("lab:EXMP1 a owl:Class ;\n    rdfs:subClassOf skg:Gene",
                       "lab:EXMP1 a owl:Class ;\n    rdfs:subClassOf skg:KIT"),
    "a disjointness": (GENE, f"{GENE} owl:disjointWith skg:EWSR1 ;"),
    "a disjointness of ours": (GENE, f"skg:KIT owl:disjointWith skg:KITMutation . {GENE}"),
    "no logical definition": ("owl:someValuesFrom skg:PRAMEAntigen", "owl:someValuesFrom skg:KIT"),
    "a breach of the profile": (GENE, f"{GENE} lab:undeclared lab:EXMP1 ;"),
    "a parent of ours": (GENE, f"skg:KIT rdfs:subClassOf lab:EXMP1 . {GENE}"),
    "a misspelt target": ("skg:aboutTarget skg:", "skg:aboutTarget skg:Nono"),
    "the example": (GENE, GENE),
}  # fmt: skip


class Watched:
    """A `check --watch` at work; `answer` waits for what it says next."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.report = path.parent / "report.json"
        words = [str(path), "--watch", "-o", str(self.report), "--timeout", "100"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sarcoma_kg.cli", "check", *words],
            stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.lines.put(line)
        self.lines.put("")

    def answer(self) -> list[str]:
        said: list[str] = []
        while "waiting for the next save" not in (line := self.lines.get(timeout=100)):
            assert line, said
            said.append(line)
        return said


@pytest.fixture
def lab(tmp_path: Path, build: builds.Build) -> Path:
    folder = tmp_path / "lab"
    folder.mkdir()
    return Path(shutil.copy(EXAMPLE, folder))


@pytest.fixture
def watched(lab: Path) -> Iterator[Watched]:
    one = Watched(lab, dict(os.environ))
    yield one
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(20) == 130
    one.reader.join()
    if one.process.stderr:
        one.process.stderr.close()


def _findings(report: Path) -> Any:
    return sorted(json.loads(report.read_text(encoding="utf-8"))["findings"], key=json.dumps)


@pytest.mark.slow
def test_each_save_is_answered_as_the_whole_is(
    lab: Path, watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, plain = tmp_path / "whole.json", lab.read_text(encoding="utf-8")
    first = watched.answer()
    assert any("conforms" in line for line in first)
    known = Path(cache.cache_root())
    verdicts = set()
    for name, (old, new) in EDITS.items():
        assert old in plain, name
        lab.write_text(plain.replace(old, new, 1), encoding="utf-8")
        watched.answer()
        # A cache that holds the build and nothing of what Java has said.
        apart = tmp_path / "cache"
        shutil.copytree(known, apart, ignore=shutil.ignore_patterns("*.json.d", "classifications",
                        "profiles", "answered", "checked"))  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setenv("SARCOMA_KG_CACHE", str(apart))
            code = cli.main(["check", str(lab), "-o", str(whole)])
        shutil.rmtree(apart)
        assert _findings(watched.report) == _findings(whole), name
        verdicts.add((code, len(_findings(whole))))
    assert len(verdicts) > 3


@pytest.mark.slow
def test_what_cannot_be_read_is_told_and_the_next_save_looked_at(
    lab: Path, watched: Watched
) -> None:
    watched.answer()
    plain = lab.read_text(encoding="utf-8")
    lab.write_text(plain[: len(plain) // 2], encoding="utf-8")
    assert any(f"{lab}:" in line for line in watched.answer())
    lab.unlink()
    assert any("lab-extension.ttl" in line for line in watched.answer())
    lab.write_text(plain, encoding="utf-8")
    assert any("conforms" in line for line in watched.answer())


def test_watching_needs_a_file(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--watch"]) == 2
    assert "name the file that you edit" in capfd.readouterr().err


@pytest.mark.slow
def test_a_save_that_takes_too_long_ends_it(lab: Path) -> None:
    """Even where Python cannot be interrupted."""
    inside = (
        "import os\nif os.environ.get('SARCOMA_KG_INSIDE'):\n"
        "    import time; from sarcoma_kg.building import checking\n"
        "    checking.check = lambda *_, **__: time.sleep(60)\n"
    )
    (lab.parent / "sitecustomize.py").write_text(inside)
    path = os.pathsep.join([str(lab.parent), str(Path(cli.__file__).parents[1])])
    words = [sys.executable, "-m", "sarcoma_kg.cli", "check", str(lab), "--watch", "--timeout", "2"]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
        timeout=50,
    )  # fmt: skip
    assert done.returncode == 2
    assert "not done within 2 s" in done.stderr
