"""A graph at an endpoint elsewhere, served on: guard and limits are ours, the engine theirs."""

import sys

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.serving import media
from sarcoma_kg.serving.queries import Limits, TooLarge, Written
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.stores import w3c
from sarcoma_kg.stores.answer import Answer
from sarcoma_kg.stores.connection import Refused
from sarcoma_kg.stores.remote import RemoteStore

__all__ = ["RelayedStore", "Unreachable", "answer"]

_REFUSED = 400


class Unreachable(UserError):  # noqa: N818
    """The endpoint behind the server gives no answer."""


class RelayedStore(RemoteStore):
    """An endpoint whose faults are told to the keeper of the server, not to its clients."""

    def ask(self, query: str, kinds: tuple[str, ...]) -> tuple[Answer, str]:
        """Send a query; see `Connection.ask`.

        Raises:
            Unreachable: there is no answer.
            UserError: the endpoint does not take the query.
        """
        try:
            return super().ask(query, kinds)
        except Refused as error:
            if error.status == _REFUSED:
                raise UserError("the query: the engine refuses it") from error
            raise self._told(error) from error
        except UserError as error:
            raise self._told(error) from error

    @staticmethod
    def _told(error: UserError) -> Unreachable:
        sys.stderr.write(f"{str(error)!a}\n")
        return Unreachable("the engine behind this server gives no answer", "try again later")


def answer(
    store: RemoteStore, text: str, accept: str, limits: Limits, *, elsewhere: bool
) -> Written:  # fmt: skip
    """Answer a query in a format that is accepted.

    Args:
        store: The endpoint.
        text: The query; known prefixes need not be declared.
        accept: Header field Accept.
        limits: What the answer may have.
        elsewhere: Whether the request names graphs, which is not relayed.

    Raises:
        UserError: the guard or the engine refuses the query.
        Unreachable, NotAcceptable, TooLarge: as they say.
    """
    judged = guard.check_read_only(text, "the query", namespaces.PREFIXES)
    if elsewhere:
        raise UserError(
            "the query: this endpoint has one graph", "leave default-graph-uri and its like out"
        )
    seen = outline(judged)
    graph = seen.form in ("CONSTRUCT", "DESCRIBE")
    names = media.GRAPHS if graph else media.RESULTS
    wanted = media.chosen(
        accept, [m for m in names if not (seen.form == "ASK" and m == "text/csv")]
    )
    reply = store.reply(judged, limits.rows + 1)
    if len(reply.solutions.rows) > limits.rows:
        raise TooLarge(f"the answer has more than {limits.rows:,} rows", "add LIMIT")
    reply = reply._replace(solutions=reply.solutions.ordered(seen.variables))
    if graph:
        if wanted == "text/turtle":
            return Written(wanted, w3c.render(reply, "turtle").encode())
        triples = list(ox.parse(w3c.render(reply, "nt").encode(), format=ox.RdfFormat.N_TRIPLES))
        return Written(wanted, ox.serialize(triples, format=media.GRAPHS[wanted]) or b"")
    text = w3c.render(reply, "srj")
    if wanted == "application/sparql-results+json":
        return Written(wanted, text.encode())
    parsed = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.JSON)
    return Written(wanted, parsed.serialize(format=media.RESULTS[wanted]) or b"")
