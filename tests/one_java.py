"""One virtual machine for the reasoner in many tests, where a command starts one each time.

A test with the fixture `one_java` is about what the reasoner says. That each request has a process
of its own, with walls and limits, is held by tests/owl/test_offline.py and test_java.py.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from sarcoma_kg.owl import java


@pytest.fixture(scope="session")
def _machines() -> Iterator[list[Any]]:
    """What waits for the next of these tests, out of the sight of the others."""
    kept: list[Any] = []
    yield kept
    java._IDLE += kept
    java.end()


@pytest.fixture
def one_java(_machines: list[Any]) -> Iterator[None]:
    """Let HermiT answer in a virtual machine that runs already."""
    java._IDLE += _machines
    _machines.clear()
    with java.started(java.hermit(), stay=True):
        yield
    _machines += java._IDLE
    java._IDLE.clear()
