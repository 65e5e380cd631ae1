"""The command serve."""

import argparse

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS"]

_EXTRA = ("starlette", "uvicorn", "httptools", "mcp")


def _serve(args: argparse.Namespace) -> int:
    import importlib.util
    import os
    import sys

    missing = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"serve needs {', '.join(missing)}, which the core install leaves out",
            "pip install 'sarcoma-kg[serve]'",
        )
    if not hasattr(os, "fork"):
        raise UserError("serve needs a system with fork: Linux or macOS", "in WSL it runs, too")
    from sarcoma_kg.serving.graph import Elsewhere, Graph, Options
    from sarcoma_kg.serving.log import Log
    from sarcoma_kg.serving.server import serve

    options = Options()._replace(
        seconds=args.timeout, rows=args.max_rows, memory=args.memory * 1024**2, long=args.long
    )
    if args.workers:
        options = options._replace(workers=args.workers)
    source = Elsewhere(args.endpoint, args.graph or "") if args.endpoint else console.built()
    graph = Graph(source, options, pages=not args.without_pages)
    log = Log(None if args.quiet else sys.stdout)
    serve(graph, host=args.host, port=args.port, base=args.base or "", log=log, say=console.say)
    return 0


def _base(text: str) -> str:
    if not text.startswith(("http://", "https://")) or any(c in text for c in ' \r\n"<>?#'):
        raise argparse.ArgumentTypeError("an http or https address, such as https://example.org/kg")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:6]) < 65_536):
        raise argparse.ArgumentTypeError("a number below 65536; 0 takes any free one")
    return int(text)


def _options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="address to listen at (default 127.0.0.1, this machine alone)",
    )  # fmt: skip
    sub.add_argument(
        "--port", type=_port, default=8080, metavar="N", help="port (default 8080; 0: any free one)"
    )
    sub.add_argument(
        "--base", type=_base, metavar="URL",
        help="address as clients see it, behind a proxy; default: that of each request",
    )  # fmt: skip
    sub.add_argument(
        "--timeout", type=console.seconds, default=30.0, metavar="SECONDS",
        help="time limit of a request (default 30)",
    )  # fmt: skip
    sub.add_argument(
        "--max-rows", type=console.count, default=100_000, metavar="N",
        help="largest number of rows or triples of an answer (default 100000)",
    )  # fmt: skip
    sub.add_argument(
        "--memory", type=console.count, default=2048, metavar="MIB",
        help="most memory of a worker, in MiB of addresses (default 2048)",
    )  # fmt: skip
    sub.add_argument(
        "--workers", type=console.count, metavar="N",
        help="requests at the same time (default: two for each processor, at least 4)",
    )  # fmt: skip
    sub.add_argument(
        "--long", type=console.count, default=8, metavar="N",
        help="long queries at the same time, beside the others (default 8)",
    )  # fmt: skip
    sub.add_argument(
        "--without-pages", action="store_true",
        help="no pages, which hold the whole graph in memory: the endpoint and the API alone",
    )  # fmt: skip
    sub.add_argument("--quiet", action="store_true", help="write no access log")


COMMANDS = {
    "serve": Command(
        _serve,
        "serve the graph over HTTP, read-only: pages, SPARQL, an API of the questions; needs the "
        "extra: pip install 'sarcoma-kg[serve]'",
        "--port 8080 --base https://example.org/kg", [_options, console.endpoint_options],
    ),
}  # fmt: skip
