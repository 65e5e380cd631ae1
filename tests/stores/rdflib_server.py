"""The package rdflib-endpoint on a free port of loopback: a server that evaluates in rdflib."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import rdflib
import uvicorn
from rdflib_endpoint import SparqlEndpoint


@contextmanager
def serving(graph: rdflib.Graph) -> Iterator[str]:
    """Serve a graph, updates too, and yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    app = SparqlEndpoint(graph=graph, enable_update=True)
    settings = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(10)
