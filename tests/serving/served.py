"""Our server in a process of its own, on a free port of loopback."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox


class Server(NamedTuple):
    """A server that runs: its address, without a slash at its end, and its process."""

    address: str
    process: "subprocess.Popen[str]"
    log: Path


@contextlib.contextmanager
def serving(
    folder: Path, *words: str, module: str = "sarcoma_kg.cli", environment: Mapping[str, str] = {}
) -> Iterator[Server]:
    """Serve the graph, and yield the server; at the end it is asked to stop, and has to.

    Args:
        folder: A folder for what it writes.
        words: Further options of the command.
        module: What to run instead of the command line.
        environment: Further variables.
    """
    log, said = folder / "access.log", folder / "said"
    command = [sys.executable, "-m", module]
    if module == "sarcoma_kg.cli":
        command += ["serve", "--port", "0"]
    with log.open("w") as out, said.open("w") as words_out:
        process = subprocess.Popen(
            [*command, *words], stdout=out, stderr=words_out, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip
    try:
        over = time.monotonic() + 120
        while not (found := re.search(r"serving at (http://\S+?)/ ", said.read_text())):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < over, said.read_text()
            time.sleep(0.05)
        yield Server(found[1], process, log)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) in (130, 0), said.read_text()
            assert "Traceback" not in said.read_text(), said.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def small(folder: Path, graphs: Mapping[str, bytes]) -> Path:
    """Return a folder like that of a build, with named graphs alone.

    Args:
        folder: Where it is made.
        graphs: IRI of a graph -> N-Triples.
    """
    store = ox.Store(str(folder / "store"))
    for iri, content in graphs.items():
        store.load(content, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(iri))
        store.load(content, format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    counts = {"asserted triples": len(store), "inferred triples": 0}
    manifest = {"digest": "0" * 64, "counts": counts, "with": []}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "catalog.json").write_text("[]")
    return folder


def main() -> None:
    """Serve such a folder, without pages."""
    from sarcoma_kg.building.builds import Build
    from sarcoma_kg.ground import formats, processes
    from sarcoma_kg.serving.graph import Graph, Options
    from sarcoma_kg.serving.log import Log
    from sarcoma_kg.serving.server import serve

    graph = Graph(Build(sys.argv[1]), Options(seconds=10), follow=False, pages=False)
    with processes.stoppable(), contextlib.suppress(KeyboardInterrupt):
        serve(graph, host="127.0.0.1", port=0, base="", log=Log(sys.stdout), say=formats.say)


if __name__ == "__main__":
    main()
