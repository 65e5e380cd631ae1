"""One virtual machine for the reasoner in many tests, where the program starts one each time.

A test with the fixture `one_java` is about what the reasoner says. That each request has a process
of its own, with walls and limits, is held by tests/owl/test_offline.py and test_java.py.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from sarcoma_kg.owl import java

_LOOP = """
import json, sys
from sarcoma_kg.owl import owlapi_worker
owlapi = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        owlapi = owlapi or owlapi_worker._start(request)
        answer = owlapi_worker._TASKS[request["task"]](owlapi, request)
        told = [0, json.dumps(answer) + "\\n", ""]
    except Exception as error:
        told = [1, "", f"reason: {str(error).strip() or type(error).__name__}\\n"]
    # A line of its own: a library may have left one half-written.
    print("\\n" + json.dumps(told), flush=True)
"""


class _Machine:
    """A process that answers requests one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, request: str, timeout: float) -> "subprocess.CompletedProcess[str]":
        """Answer a request, as `java._run` does."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                words = [sys.executable, "-P", "-c", _LOOP]
                pipe = subprocess.PIPE
                self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
            assert self._process.stdin
            assert self._process.stdout
            clock = threading.Timer(timeout, self._process.kill)
            clock.start()
            try:
                self._process.stdin.write(request + "\n")
                self._process.stdin.flush()
                for line in self._process.stdout:
                    if line.startswith("["):
                        return subprocess.CompletedProcess([], *json.loads(line))
            finally:
                clock.cancel()
            raise subprocess.TimeoutExpired(self._process.args, timeout)

    def end(self) -> None:
        """End the process."""
        if self._process:
            self._process.communicate()


@pytest.fixture(scope="session")
def _machine() -> Iterator[_Machine]:
    machine = _Machine()
    yield machine
    machine.end()


@pytest.fixture
def one_java(_machine: _Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let HermiT answer in a virtual machine that runs already."""
    usual = [str(jar) for jar in java.hermit()], str(java.virtual_machine())
    started = java._run

    def run(request: str, timeout: float) -> "subprocess.CompletedProcess[str]":
        told = json.loads(request)
        same = (told["classpath"], told["jvm"]) == usual
        return _machine.ask(request, timeout) if same else started(request, timeout)

    monkeypatch.setattr(java, "_run", run)
