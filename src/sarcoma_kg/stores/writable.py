"""The store at a SPARQL 1.1 endpoint: changing it.

Updates go through SPARQLWrapper; whole graphs go by the Graph Store HTTP Protocol
(https://www.w3.org/TR/sparql11-http-rdf-update/) where there is one.
"""

import urllib.request
from typing import Any
from urllib.parse import quote

from sarcoma_kg.stores.connection import Refused, check_address
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
            check_address(address)
        self.updates, self.graph_store = update or endpoint, graph_store

    def update(self, text: str) -> None:
        """Carry out a SPARQL 1.1 Update.

        Raises:
            UserError: a fault on the way; `Refused` when the server said no.
        """
        from SPARQLWrapper import POST

        request = self.request(text, ("*/*",), self.updates)
        request.setMethod(POST)
        self.send(lambda: request.query().response, self.updates, request).close()

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
        request = urllib.request.Request(  # noqa: S310 - http and https only, see __init__
            f"{self.graph_store}{'&' if '?' in self.graph_store else '?'}{which}",
            data=body,
            method=method,
            headers={"Content-Type": "text/turtle", "User-Agent": "sarcoma-kg"},
        )
        user, password, token = self.credentials
        handlers: list[urllib.request.BaseHandler] = []
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        elif user:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            known.add_password(None, self.graph_store, user, password)
            handlers = [
                urllib.request.HTTPDigestAuthHandler(known),
                urllib.request.HTTPBasicAuthHandler(known),
            ]
        opener = urllib.request.build_opener(*handlers)
        self.send(lambda: opener.open(request, timeout=self.timeout), self.graph_store).close()
