"""The graph of a build in memory, for workers to share: queries take half the time.

Another process reads it, so that the threads of the engine's files are not in one that makes
workers of itself; they share its pages, of which a worker's queries touch a part.
"""

import contextlib
import os
import struct

import pyoxigraph as ox

__all__ = ["held"]

#: Triples up to which a graph is held; one takes about half a kilobyte.
_MOST = 500_000
_COUNT = struct.Struct("!Q")


def held(path: str) -> ox.Store | None:
    """Return a store in memory with all of one on disk; None of a large one, or if it fails.

    Args:
        path: The folder of the store.
    """
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        with contextlib.suppress(BaseException):  # Who opens the store next tells what is wrong.
            _send(path, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as source:
        head = source.read(_COUNT.size)
        if len(head) < _COUNT.size:
            return None
        (count,) = _COUNT.unpack(head)
        quads = list(ox.parse(source, format=ox.RdfFormat.N_QUADS))
    if len(quads) != count:
        return None
    # The last is found first: so rows without an order come as from the disk.
    quads.reverse()
    store = ox.Store()
    store.extend(quads)
    return store


def _send(path: str, writing: int) -> None:
    store = ox.Store.read_only(path)
    if len(store) <= _MOST:
        with os.fdopen(writing, "wb") as out:
            out.write(_COUNT.pack(len(store)))
            store.dump(out, format=ox.RdfFormat.N_QUADS)
