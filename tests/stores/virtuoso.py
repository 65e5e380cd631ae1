"""Virtuoso 7 for the tests: started on free ports in a folder of its own, and stopped after."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.stores.credentials import Credentials
from tests import machine

PROGRAM = machine.program("virtuoso-t")
#: Of a new database.
ADMINISTRATOR = Credentials("dba", "dba")
_SETTINGS = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
"""


class Virtuoso(NamedTuple):
    """Its addresses."""

    endpoint: str
    update: str
    graph_store: str
    sql: int
    process: int


def missing() -> str:
    """Return why it cannot be started; empty when it can."""
    return "" if PROGRAM else "needs Virtuoso (Debian package virtuoso-opensource-7-bin)"


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def running(folder: Path) -> Iterator[Virtuoso]:
    """Start a server with an empty database, and stop it afterwards."""
    assert PROGRAM
    http, sql = _free_ports()
    settings = folder / "virtuoso.ini"
    settings.write_text(_SETTINGS.format(folder=folder, http=http, sql=sql), encoding="utf-8")
    log = folder / "output.txt"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [PROGRAM, "+foreground", "+configfile", str(settings)], stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", http), timeout=1).close()
                break
            except OSError:
                words = log.read_text(errors="replace")[-1000:]
                assert server.poll() is None, f"Virtuoso stopped: {words}"
                assert time.monotonic() < deadline, f"Virtuoso does not start: {words}"
                time.sleep(0.1)
        base = f"http://127.0.0.1:{http}"
        yield Virtuoso(
            f"{base}/sparql", f"{base}/sparql-auth", f"{base}/sparql-graph-crud-auth", sql,
            server.pid,
        )  # fmt: skip
    finally:
        server.kill()  # nothing of the database is kept
        server.wait()
