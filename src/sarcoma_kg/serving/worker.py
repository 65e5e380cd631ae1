"""The processes in which the server's work is done: `serving.pool` starts and ends them.

A nursery has read the code, and a graph that is not large; it makes workers of itself (fork), which
takes some milliseconds. A worker opens the store of a large one, gives up the right to open
anything else, and answers tasks from a socket: a task is JSON; an answer is JSON about it, and its
content. Each has its length before it.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import struct
import sys
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import processes
from sarcoma_kg.serving import tasks
from sarcoma_kg.serving.held import held

__all__ = ["HEAD", "main"]

#: Length of what tells about an answer (or of a task), and of its content.
HEAD = struct.Struct("!II")
_SMALL = 65_536
#: Files for the connection to an endpoint, its certificates and the look-up of its name.
_LINES = 16


def _limit(name: str, value: int) -> None:
    import resource

    kind = getattr(resource, name)
    _, most = resource.getrlimit(kind)
    if most == resource.RLIM_INFINITY or value < most:
        resource.setrlimit(kind, (value, value))


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = line.recv(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _task(line: socket.socket) -> Any:
    """Return the next task: most arrive in one piece."""
    got = line.recv(_SMALL)
    if len(got) < HEAD.size:
        got += _exactly(line, HEAD.size - len(got))
    size, _ = HEAD.unpack_from(got)
    return json.loads(got[HEAD.size :] + _exactly(line, HEAD.size + size - len(got)))


def _work(line: socket.socket, settings: dict[str, Any], store: ox.Store | None) -> None:
    """Answer tasks until the server has no more."""
    processes.follow()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _limit("RLIMIT_CORE", 0)
    worker = tasks.Worker(settings, store)
    # A file or address that a request names can be opened by nobody here.
    free = os.dup(0)
    os.close(free)
    # Of a graph elsewhere one: that of its endpoint.
    _limit("RLIMIT_NOFILE", free + (0 if settings["location"] else _LINES))
    _limit("RLIMIT_AS", settings["memory"])
    # What is there will stay: the collector need not look at it with each query.
    gc.collect()
    gc.freeze()
    line.sendall(HEAD.pack(os.getpid(), 0))
    while True:
        try:
            task = _task(line)
        except EOFError:
            return
        told, content = worker.do(task)
        head = json.dumps(told).encode()
        lead = HEAD.pack(len(head), len(content)) + head
        # One call for most: each wakes the server.
        if len(content) < _SMALL:
            line.sendall(lead + content)
        else:
            line.sendall(lead)
            line.sendall(content)


def main() -> int:
    """Make workers, one for each line that arrives by the socket that is standard input."""
    settings = json.loads(sys.argv[1])
    nursery = socket.socket(fileno=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    tasks.prepare()
    location = "" if settings["pages"] else settings["location"]
    store = held(os.path.join(location, "store")) if location else None
    gc.collect()
    gc.freeze()
    nursery.sendall(b"r")
    while True:
        said, lines, _, _ = socket.recv_fds(nursery, 1, 1)
        if not said:
            return 0
        line = socket.socket(fileno=lines[0])
        if os.fork() == 0:
            code = 1
            with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
                nowhere = os.open(os.devnull, os.O_RDONLY)
                os.dup2(nowhere, 0)
                os.close(nowhere)
                nursery.detach()
                _work(line, settings, store)
                code = 0
            os._exit(code)
        line.close()


if __name__ == "__main__":
    sys.exit(main())
