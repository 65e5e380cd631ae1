"""Asks an endpoint in a process of its own, and tells as JSON what came of it.

python -m tests.stores.asking ADDRESS WAY TIMEOUT
"""

import json
import sys
import time

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.writable import WritableStore
from tests import machine

QUERY = "SELECT ?x WHERE { ?x ?p ?o }"


def main(address: str, way: str, timeout: str) -> None:
    """Ask, and print what came of it."""
    said: list[str] = []
    began = time.monotonic()
    kind, words = "answer", ""
    try:
        store = WritableStore(
            address, graph_store=address, timeout=float(timeout), say=said.append,
            credentials=Credentials("ann", "hidden"),
        )  # fmt: skip
        if way == "select":
            words = f"{len(store.select(QUERY).rows)} rows"
        elif way == "iterate":
            words = f"{sum(1 for _ in store.iterate(QUERY))} rows"
        elif way == "construct":
            words = f"{sum(1 for _ in store.construct(QUERY))} triples"
        elif way == "table":
            words = f"{len(store.reply(QUERY, 10**9).solutions.rows)} rows"
        elif way == "update":
            store.update("INSERT DATA { <a:a> <a:p> '" + "a" * 8_000_000 + "' }")
        else:
            store.post(b"<a:a> <a:p> '" + b"a" * 30_000_000 + b"' .")
    except UserError as error:
        kind, words = "refused", str(error)
    except BaseException as error:
        kind, words = "crash", repr(error)
    told = {"kind": kind, "words": words, "said": said, "peak": machine.peak()}
    print(json.dumps({**told, "seconds": time.monotonic() - began}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
