"""Running the application: uvicorn, its limits, and an end that lets answers finish."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving.app import application
from sarcoma_kg.serving.connections import Connection
from sarcoma_kg.serving.graph import Graph
from sarcoma_kg.serving.log import Log
from sarcoma_kg.serving.mcp import mcp_app

__all__ = ["serve"]

#: Connections at the same time, and seconds that an idle one is kept.
_CONNECTIONS, _IDLE = 512, 15


def serve(graph: Graph, *, host: str, port: int, base: str, log: Log, say: Any) -> None:
    """Serve a graph until the process is asked to stop.

    Args:
        graph: What is served.
        host: Address to listen at.
        port: Port; 0 for any that is free.
        base: Address as clients see it; empty for that of each request.
        log: Told of each request.
        say: Told in a line where the server listens.

    Raises:
        UserError: the port is taken, or the workers cannot start.
    """
    asyncio.run(_serve(graph, host, port, base, log, say))


async def _serve(graph: Graph, host: str, port: int, base: str, log: Log, say: Any) -> None:
    agents, running = mcp_app(graph)
    app = application(graph, base=base, log=log, agents=agents)
    config = uvicorn.Config(
        app, host=host, port=port, http=Connection, ws="none", lifespan="off", access_log=False,
        log_level="error", server_header=False, limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_IDLE, timeout_graceful_shutdown=35, backlog=512,
    )  # fmt: skip
    server = _Server(config)
    async with _opened(graph), running():
        # What is there will stay: the collector need not look at it with each request.
        gc.collect()
        gc.freeze()
        await server.run_told(say)


@contextlib.asynccontextmanager
async def _opened(graph: Graph) -> AsyncIterator[None]:
    try:
        await graph.open()
        yield
        await graph.close()
    finally:
        graph.kill()


class _Server(uvicorn.Server):
    async def run_told(self, say: Any) -> None:
        """Serve; tell the address once connections are taken.

        Raises:
            UserError: it cannot listen there.
        """
        serving = asyncio.create_task(self.serve())
        while not self.started and not serving.done():
            await asyncio.sleep(0.01)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            say(f"serving at http://{shown}:{port}/ (SPARQL at /sparql, API at /api/questions)")
        try:
            await serving
        except SystemExit as error:
            raise UserError(
                f"cannot listen at {self.config.host}:{self.config.port}",
                "is the port taken? --port",
            ) from error
