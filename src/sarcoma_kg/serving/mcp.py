"""The tools of `serving.tools` for agents, by the Model Context Protocol: stdio and HTTP.

https://modelcontextprotocol.io/specification. An answer is a document as structured content, and
the same document as text for clients that read text alone. The instructions, which a client gets
once in a session, say how to read it.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import mcp.types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from sarcoma_kg.ground.version import __version__
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.serving import tools
from sarcoma_kg.serving.documents import Document, Documents
from sarcoma_kg.serving.graph import Graph
from sarcoma_kg.serving.tools import Tools
from sarcoma_kg.stores import isolated
from sarcoma_kg.stores.absent import absent
from sarcoma_kg.stores.remote import RemoteStore
from sarcoma_kg.stores.store import EmbeddedStore, Reply

__all__ = ["call_here", "mcp_app", "server", "stdio"]

#: Calls a tool with arguments.
Call = Callable[[str, Mapping[str, Any]], Awaitable[Document]]
#: Bytes of a request.
_LONGEST = 256 * 1024


def server(call: Call, questions: Callable[[], Sequence[Question]]) -> Server[Any]:
    """Return a server of the tools.

    Args:
        call: Calls a tool.
        questions: The packaged questions, whenever the tools are listed.
    """

    async def list_tools(_: ServerRequestContext[Any], __: Any) -> types.ListToolsResult:
        hints = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=t.name, description=t.text, input_schema=t.schema, annotations=hints
                )
                for t in tools.described(questions())
            ]
        )

    async def call_tool(
        _: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        made = await call(params.name, params.arguments or {})
        text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)],
            structured_content=made,
            is_error=made["kind"] == tools.REFUSAL,
        )

    return Server(
        "sarcoma-kg", version=__version__, title="Sarcoma knowledge graph",
        instructions=tools.INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool,
    )  # fmt: skip


def call_here(documents: Documents, seconds: float) -> Call:
    """Return what calls a tool in this process, a stranger's query in one of its own.

    Args:
        documents: Makes the documents.
        seconds: Time limit of a query.
    """
    made = Tools(documents, lambda query, most: _run(documents, query, most, seconds))
    one_at_a_time = anyio.Lock()

    async def call(name: str, arguments: Mapping[str, Any]) -> Document:
        async with one_at_a_time:
            return await anyio.to_thread.run_sync(made.call, name, arguments)

    return call


def _run(documents: Documents, query: str, most: int, seconds: float) -> Reply:
    store = documents.store
    if isinstance(store, EmbeddedStore):
        return isolated.run(Path(store.path), query, prefixes=True, seconds=seconds, most=most)
    text, seen = isolated.judge(query, prefixes=True, seconds=seconds)
    if not isinstance(store, RemoteStore):
        raise TypeError(f"no store to query: {store!r}")
    reply = store.reply(text, most)
    ordered = reply.solutions.ordered(seen.variables)
    return reply._replace(solutions=ordered, absent=absent(store, seen.names))


async def stdio(documents: Documents, seconds: float) -> None:
    """Serve one agent over standard input and output, until it closes them.

    Args:
        documents: Makes the documents.
        seconds: Time limit of a query.
    """
    made = server(call_here(documents, seconds), lambda: documents.questions)
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def mcp_app(graph: Graph) -> tuple[ASGIApp, Callable[[], AbstractAsyncContextManager[None]]]:
    """Return what answers at `/mcp` of a server, and what must run around it while it serves.

    Tools are called by the workers of the graph, within their limits. Whoever can reach the server
    may ask, as at its other addresses, so that no host or origin is left out. No request rests on
    one before it, so that there are no sessions that could be filled.
    """

    async def call(name: str, arguments: Mapping[str, Any]) -> Document:
        task = {"do": "tool", "name": name, "arguments": dict(arguments)}
        done = await graph.do(task, stranger=name == "query")
        if done.told["status"] == 200:
            document: Document = json.loads(done.content)
            return document
        return {
            "kind": tools.REFUSAL, "build": graph.build, "version": graph.version,
            "problem": done.told["detail"], "hint": done.told.get("hint", ""),
        }  # fmt: skip

    manager = StreamableHTTPSessionManager(
        server(call, lambda: graph.questions), json_response=True, stateless=True,
        max_request_body_size=_LONGEST,
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )  # fmt: skip

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with manager.run():
            yield

    return manager.handle_request, running
