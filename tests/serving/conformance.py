"""The W3C's tests of the SPARQL 1.1 Protocol and Service Description, against any address.

python -m tests.serving.conformance http://127.0.0.1:8080/sparql

The tests are those of https://www.w3.org/2009/sparql/docs/tests/, read from the curators' reference
material. Data of the tests (`DATA`) must be in the named graphs of the endpoint.
"""

import http.client
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection

from tests import machine

_HT = rdflib.Namespace("http://www.w3.org/2011/http#")
_MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
_SD = "http://www.w3.org/ns/sparql-service-description#"
_HOME = "http://kasei.us/2009/09/sparql/data/"
#: What a test that is left out needs.
READ_ONLY = "it changes the graph, and the endpoint is read-only"
_RDF = "text/turtle, application/rdf+xml;q=0.9, application/n-triples;q=0.8"
_ACCEPT = {
    "boolean": "application/sparql-results+json, application/sparql-results+xml;q=0.9",
    "tabular": "application/sparql-results+json, application/sparql-results+xml;q=0.9",
    "RDF": _RDF,
}
SERVICE = ("returns-rdf", "has-endpoint-triple", "conforms-to-schema")


class Request(NamedTuple):
    """A request of a test, and what is expected of its answer."""

    method: str
    query: str
    body: bytes
    headers: dict[str, str]
    statuses: tuple[str, ...]
    form: str
    truth: bool | None


class Case(NamedTuple):
    """A test: its name, and its requests."""

    name: str
    requests: list[Request]

    @property
    def left_out(self) -> str:
        """Why it does not apply to an endpoint that is read-only; empty where it does."""
        return READ_ONLY if self.name.startswith("update_") else ""


def tests(folder: Path) -> Iterator[Case]:
    """Yield the tests of the protocol."""
    manifest = folder / "sparql11-protocol" / "manifest.ttl"
    graph = rdflib.Graph().parse(manifest, format="turtle", publicID="http://example.org/m")
    (entries,) = graph.objects(None, _MF.entries)
    for node in Collection(graph, entries):
        action = graph.value(node, _MF.action)
        requests = graph.value(action, _HT.requests)
        yield Case(
            str(node).rpartition("#")[2],
            [_request(graph, r) for r in Collection(graph, _node(requests))],
        )


def _request(graph: rdflib.Graph, node: rdflib.term.Node) -> Request:
    path = str(graph.value(node, _HT.absolutePath))
    response = graph.value(node, _HT.resp)
    truth = graph.value(response, _MF.expectedBoolean)
    body = graph.value(node, _HT.body)
    content = b""
    if body is not None:
        text = str(graph.value(body, _CNT.chars))
        content = text.encode(str(graph.value(body, _CNT.characterEncoding) or "UTF-8"))
    headers = {}
    listed = graph.value(node, _HT.headers)
    for header in Collection(graph, listed) if listed is not None else ():
        name = str(graph.value(header, _HT.fieldName)).lower()
        headers[name] = str(graph.value(header, _HT.fieldValue))
    form = str(graph.value(response, _MF.expectedFormat) or "")
    if form:
        headers.setdefault("accept", _ACCEPT[form])
    return Request(
        str(graph.value(node, _HT.methodName)), path.partition("?")[2], content, headers,
        tuple(
            str(s).rpartition("StatusCode")[2][0]
            for s in graph.objects(response, _MF.expectedStatus)
        ),
        form, None if truth is None else str(truth) == "true",
    )  # fmt: skip


def _node(found: rdflib.term.Node | None) -> rdflib.term.Node:
    assert found is not None
    return found


def data(folder: Path) -> dict[str, bytes]:
    """Return the named graphs that the endpoint must hold: IRI -> N-Triples."""
    return {
        f"{_HOME}data{n}.rdf": (folder / "sparql11-protocol" / f"data{n}.nt").read_bytes()
        for n in (1, 2, 3)
    }


def wrong(endpoint: str, test: Case) -> str:
    """Return what is wrong with the answers to a test; empty when nothing is."""
    try:
        return _wrong(endpoint, test)
    except (OSError, ValueError, SyntaxError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"


def _wrong(endpoint: str, test: Case) -> str:
    for request in test.requests:
        status, media, content = _send(endpoint, request)
        if str(status)[0] not in request.statuses:
            return f"status {status}, not {' or '.join(f'{s}xx' for s in request.statuses)}"
        if request.form in ("boolean", "tabular"):
            form = ox.QueryResultsFormat.from_media_type(media)
            if form is None:
                return f"{media} is no format of results"
            found = ox.parse_query_results(content, format=form)
            if isinstance(found, ox.QueryBoolean) != (request.form == "boolean"):
                return f"not {request.form}"
            if request.truth is not None and bool(found) is not request.truth:
                return f"not {request.truth}"
        elif request.form == "RDF":
            kind = ox.RdfFormat.from_media_type(media)
            if kind is None:
                return f"{media} is no format of RDF"
            list(ox.parse(content, format=kind, base_iri=endpoint))
    return ""


def _send(endpoint: str, request: Request) -> tuple[int, str, bytes]:
    place = urlsplit(endpoint)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        query = f"?{request.query}" if request.query else ""
        line.request(
            request.method, (place.path or "/") + query, request.body or None, request.headers
        )
        answer = line.getresponse()
        media = (answer.getheader("Content-Type") or "").partition(";")[0]
        return answer.status, media, answer.read()
    finally:
        line.close()


def wrong_service(endpoint: str, name: str) -> str:
    """Return what is wrong with the service description, by the name of a test."""
    asked = Request("GET", "", b"", {"accept": _RDF}, ("2",), "RDF", None)
    if told := wrong(endpoint, Case(name, [asked])):
        return told
    _, media, content = _send(endpoint, asked)
    graph = ox.Store()
    form = ox.RdfFormat.from_media_type(media)
    assert form is not None
    graph.load(content, format=form, base_iri=endpoint)
    holds = {
        "returns-rdf": "ASK { ?s ?p ?o }",
        "has-endpoint-triple": f"ASK {{ ?s <{_SD}endpoint> <{endpoint}> }}",
        # The schema says: a service has an endpoint and a dataset; parts are of their classes.
        "conforms-to-schema": f"""PREFIX sd: <{_SD}> ASK {{ ?s a sd:Service ; sd:endpoint ?e .
          FILTER(isIRI(?e)) FILTER NOT EXISTS {{ ?s sd:defaultDataset ?d
            FILTER NOT EXISTS {{ ?d a sd:Dataset ; sd:defaultGraph ?g . ?g a sd:Graph }} }}
          FILTER NOT EXISTS {{ ?s sd:resultFormat|sd:feature|sd:supportedLanguage ?v
            FILTER(!isIRI(?v)) }} }}""",
    }
    return "" if graph.query(holds[name]) else "the statements are not there"


def main(endpoint: str) -> int:
    """Print the verdict of each test, and the score."""
    folder = (machine.SHARED or Path()) / "conformance"
    good = applying = 0
    for test in tests(folder):
        if test.left_out:
            print(f"left out  {test.name}: {test.left_out}")  # noqa: T201
            continue
        told = wrong(endpoint, test)
        applying, good = applying + 1, good + (not told)
        print(f"{'FAILED  ' if told else 'passed  '}  {test.name}{': ' if told else ''}{told}")  # noqa: T201
    for name in SERVICE:
        told = wrong_service(endpoint, name)
        applying, good = applying + 1, good + (not told)
        print(f"{'FAILED  ' if told else 'passed  '}  {name}{': ' if told else ''}{told}")  # noqa: T201
    print(f"{good} of {applying}")  # noqa: T201
    return 0 if good == applying else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
