"""Threads that begin, that fail, and that never say that they run."""

import _thread
from typing import Any

import pytest

from sarcoma_kg.ground import threads


def test_what_comes_of_the_work_is_in_the_future() -> None:
    assert threads.aside(lambda: 7).result(5) == 7
    with pytest.raises(ZeroDivisionError):
        threads.aside(lambda: 1 // 0).result(5)


def test_a_thread_that_dies_before_it_begins_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "_SECONDS", 0.05)
    monkeypatch.setattr(_thread, "start_new_thread", lambda *_: 1)
    with pytest.raises(MemoryError):
        threads.aside(lambda: 7)


def test_a_system_without_room_for_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", full)
    with pytest.raises(MemoryError, match="can't start"):
        threads.aside(lambda: 7)
