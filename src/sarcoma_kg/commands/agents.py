"""The command mcp: tools for language-model agents over standard input and output."""

import argparse

from sarcoma_kg.commands import console, looking
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS"]


def _mcp(args: argparse.Namespace) -> int:
    import importlib.util

    if importlib.util.find_spec("mcp") is None:
        raise UserError(
            "mcp needs the library mcp, which the core install leaves out",
            "pip install 'sarcoma-kg[serve]'",
        )
    import anyio

    from sarcoma_kg.building import builds
    from sarcoma_kg.serving import mcp
    from sarcoma_kg.serving.documents import Documents

    store, questions = looking.graph(args)
    build = None if args.endpoint else builds.current()
    digest = str(build.manifest["digest"]) if build else ""
    console.say("serving one agent over standard input and output; it ends when they are closed")
    anyio.run(mcp.stdio, Documents(store, questions, digest), args.timeout)
    return 0


COMMANDS = {
    "mcp": Command(
        _mcp,
        "serve an agent over standard input and output (Model Context Protocol); needs the extra: "
        "pip install 'sarcoma-kg[serve]'",
        "--timeout 10", [console.endpoint_options, console.time_option(30, "a query may take")],
    ),
}  # fmt: skip
