"""The store at a SPARQL 1.1 endpoint: changing it.

By SPARQL Update; whole graphs go by the Graph Store HTTP Protocol
(https://www.w3.org/TR/sparql11-http-rdf-update/) where there is one.
"""

from typing import Any
from urllib.parse import quote
from urllib.request import Request

from sarcoma_kg.stores import address as addresses
from sarcoma_kg.stores.connection import AGENT, Refused
from sarcoma_kg.stores.remote import RemoteStore

__all__ = ["WritableStore"]


class WritableStore(RemoteStore):
    """A SPARQL 1.1 endpoint that can be changed.

    Args:
        endpoint: Its address.
        update: Where updates go; to the endpoint itself when empty.
        graph_store: Where whole graphs go by the Graph Store Protocol, if anywhere.
        more: As for `RemoteStore`; `graph` is the graph to change, too.

    Raises:
        UserError: not an address.
    """

    def __init__(
        self, endpoint: str, *, update: str = "", graph_store: str = "", **more: Any
    ) -> None:
        super().__init__(endpoint, **more)
        for address in filter(None, (update, graph_store)):
            addresses.check(address)
            self.credentials(address).check()
        self.updates, self.graph_store = update or endpoint, graph_store

    def update(self, text: str) -> None:
        """Carry out a SPARQL 1.1 Update.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        self.send(lambda: self.request(text, ("*/*",), self.updates), writes=True).close()

    def post(self, turtle: bytes) -> None:
        """Add triples to the graph by the Graph Store Protocol.

        Args:
            turtle: The triples as N-Triples or Turtle.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        self._graph_store("POST", turtle)

    def clear(self) -> None:
        """Remove all triples of the graph, by whichever of the two ways there is."""
        if not self.graph_store:
            self.update(f"CLEAR SILENT GRAPH <{self.graph}>" if self.graph else "CLEAR DEFAULT")
            return
        try:
            self._graph_store("DELETE", None)
        except Refused as error:
            if error.status != 404:  # there is no such graph
                raise

    def _graph_store(self, method: str, body: bytes | None) -> None:
        which = f"graph={quote(self.graph, safe='')}" if self.graph else "default"
        address = f"{self.graph_store}{'&' if '?' in self.graph_store else '?'}{which}"
        headers = {"Content-Type": "text/turtle", "User-Agent": AGENT}

        def made() -> Request:
            return Request(address, body, headers, method=method)  # noqa: S310 - see __init__

        self.send(made, writes=True).close()
