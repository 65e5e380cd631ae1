"""Java beside other work: started side by side, not started anew for what it has said, ended."""

import _thread
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground import cache, processes, resources, threads
from sarcoma_kg.owl import java, owlapi

EXAMPLE = resources.data_root() / "ontology" / "examples"


class Started:
    """Stands in for `java.ask`; knows each task, and when it was at work."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.tasks: list[tuple[str, float, float]] = []

    def __call__(self, task: str, *words: Any) -> Any:
        began = time.monotonic()
        done = self.real(task, *words)
        self.tasks.append((task, began, time.monotonic()))
        return done

    def names(self) -> list[str]:
        names = sorted(task for task, _, _ in self.tasks)
        self.tasks = []
        return names


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    one = Started(java.ask)
    monkeypatch.setattr(java, "ask", one)
    return one


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The example, as a file of a lab's own: other tests have looked at the packaged one."""
    path = tmp_path / "lab.ttl"
    text = (EXAMPLE / "lab-extension.ttl").read_text(encoding="utf-8")
    path.write_text(text.replace("example.org/lab", "example.org/java"), encoding="utf-8")
    return path


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def check(build: builds.Build, files: Sequence[Path]) -> list[str]:
    outcome = checking.check(build, files, profiles=True)
    return sorted(f"{finding.shape} {finding.focus}" for finding in outcome.report.findings)


@pytest.mark.slow
def test_java_is_started_side_by_side_and_only_where_something_changed(
    build: builds.Build, lab: Path, started: Started
) -> None:
    assert check(build, [lab]) == []
    (_, first, first_end), (_, second, second_end) = started.tasks
    assert max(first, second) < min(first_end, second_end)
    assert started.names() == ["classify", "profile"]
    edited(lab, '"examplogene autoleucel"@en', '"another name"@en')
    assert check(build, [lab]) == []
    assert started.names() == []
    gene = "rdfs:subClassOf skg:Gene ;"
    edited(lab, gene, f"{gene} owl:disjointWith skg:KIT ;")
    assert check(build, [lab]) == []
    assert started.names() == ["classify", "profile"]


@pytest.mark.slow
def test_an_undeclared_annotation_is_still_told(build: builds.Build, lab: Path) -> None:
    edited(lab, "lab:EXMP1 a owl:Class ;", "lab:EXMP1 a owl:Class ; lab:undeclared 'x' ;")
    assert "profile OWL 2 DL https://example.org/java/EXMP1" in check(build, [lab])


def test_an_answer_is_kept_for_the_same_documents(
    tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "kept.ttl"
    head = "@prefix owl: <http://www.w3.org/2002/07/owl#> . <https://e.org/kept> a owl:Ontology . "
    path.write_text(head + "<https://e.org/A> a owl:Class .", encoding="utf-8")
    first = owlapi.profile([path], {}, "3.4")
    assert started.names() == ["profile"]
    assert owlapi.profile([path], {}, "3.4") == first
    assert started.names() == []
    (kept,) = (Path(cache.cache_root()) / "profiles").glob("*.json")
    kept.write_text(kept.read_text()[:-5], encoding="utf-8")
    assert owlapi.profile([path], {}, "3.4") == first
    path.write_text(head + "<https://e.org/A> a owl:Class, <https://e.org/B> .", encoding="utf-8")
    assert owlapi.profile([path], {}, "3.4") != first
    assert started.names() == ["profile", "profile"]


def test_the_result_and_the_fault_of_work_beside() -> None:
    with java.beside(lambda: 7) as result:
        assert result() == 7
    with pytest.raises(ZeroDivisionError), java.beside(lambda: 1 // 0) as broken:
        broken()


def test_java_ends_with_a_block_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    # In place of Java a process that would run for minutes.
    sleeping = [sys.executable, "-c", "import time; time.sleep(200)"]
    monkeypatch.setattr(processes, "leashed", lambda words: sleeping)
    before = time.monotonic()
    with pytest.raises(RuntimeError), java.beside(lambda: java.ask("profile", {}, [], 300)):
        raise RuntimeError
    assert time.monotonic() - before < 20


def test_a_process_that_stays_answers_again_and_one_that_failed_is_left(tmp_path: Path) -> None:
    document, target = tmp_path / "one.nt", tmp_path / "one.ofn"
    document.write_text("<urn:a> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:b> .\n")
    request = {"document": str(document), "target": str(target)}
    try:
        with java.started(java.hermit(), stay=True):
            (first,) = java._IDLE
        for _ in range(2):
            done = java.ask("classify", request, java.hermit(), 60)
            assert done.returncode == 0
            assert "<urn:a>" in target.read_text(encoding="utf-8")
            target.unlink()
            assert [first] == java._IDLE
        broken = java.ask("classify", {**request, "document": "/nowhere"}, java.hermit(), 60)
        assert broken.returncode == 1
        assert "nowhere" in broken.stderr
        assert java._IDLE == []
    finally:
        java.end()


def test_what_was_started_and_not_asked_ends_with_the_block() -> None:
    with java.started([]):
        ((_, machine),) = java._IDLE
        assert machine.alive
    assert java._IDLE == []
    assert not machine.alive


def test_a_thread_that_dies_as_it_begins_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with too little memory, where `Thread.start` would wait for ever."""
    monkeypatch.setattr(_thread, "start_new_thread", lambda *_: 1)
    monkeypatch.setattr(threads, "_SECONDS", 0.2)
    with pytest.raises(MemoryError, match="before it began"):
        java._Machine(java.hermit())
