"""What the server says of itself: service description, VoID, the questions, OpenAPI.

https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/TR/void/,
https://spec.openapis.org/oas/v3.1.0. The questions have the form of the SIB SPARQL examples, in
which editors look for them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.publishing import description
from sarcoma_kg.publishing.questions import triples as question_triples
from sarcoma_kg.questions.catalog import DATE, Question
from sarcoma_kg.serving import media
from sarcoma_kg.serving.documents import DISCLAIMER, LICENSE

__all__ = ["openapi", "questions", "service", "void"]

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads", "N3",
)  # fmt: skip
_HOME = "https://w3id.org/sarcoma-kg/"
_NAMED = "label, synonym, IRI or CURIE"


def _named(name: str) -> ox.NamedNode:
    if "://" in name:
        return ox.NamedNode(name)
    prefix, _, local = name.partition(":")
    return ox.NamedNode({**namespaces.PREFIXES, **description.PREFIXES}[prefix] + local)


def _of(
    subject: ox.NamedNode | ox.BlankNode,
    *pairs: tuple[str, "ox.NamedNode | ox.BlankNode | str | int"],
) -> Iterable[ox.Triple]:
    for predicate, value in pairs:
        node = ox.Literal(value) if isinstance(value, str | int) else value
        yield ox.Triple(subject, _named(predicate), node)


def service(endpoint: str, triples: int) -> list[ox.Triple]:
    """Return the description of the endpoint.

    Args:
        endpoint: Its address.
        triples: How many there are in the default graph.
    """
    me, dataset, graph = ox.NamedNode(endpoint), ox.BlankNode("dataset"), ox.BlankNode("graph")
    formats = (("sd:resultFormat", ox.NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS)
    return [
        *_of(
            me, ("rdf:type", _named("sd:Service")), ("sd:endpoint", me),
            ("sd:supportedLanguage", _named("sd:SPARQL11Query")),
            ("sd:feature", _named("sd:EmptyGraphs")), ("sd:defaultDataset", dataset),
            ("dcterms:license", ox.NamedNode(LICENSE)), *formats,
        ),
        *_of(dataset, ("rdf:type", _named("sd:Dataset")), ("sd:defaultGraph", graph)),
        *_of(
            graph, ("rdf:type", _named("sd:Graph")), ("rdf:type", _named("void:Dataset")),
            ("dcterms:title", description.TITLE), ("void:triples", triples),
        ),
    ]  # fmt: skip


def void(endpoint: str, version: str, triples: int) -> list[ox.Triple]:
    """Return what is served as a dataset: numbers, licence, where to ask.

    Args:
        endpoint: The address of the endpoint.
        version: Date of the data.
        triples: How many there are.
    """
    me = ox.NamedNode(f"{_HOME}dataset")
    return list(
        _of(
            me, ("rdf:type", _named("void:Dataset")), ("dcterms:title", description.TITLE),
            ("dcterms:description", description.DESCRIPTION),
            ("dcterms:license", ox.NamedNode(LICENSE)), ("foaf:homepage", ox.NamedNode(_HOME)),
            ("void:sparqlEndpoint", ox.NamedNode(endpoint)), ("void:triples", triples),
            ("void:uriSpace", namespaces.SKG), ("void:uriSpace", namespaces.KB),
            ("void:exampleResource", ox.NamedNode(namespaces.SKG + "GastrointestinalStromalTumor")),
            ("pav:version", version),
        )
    )  # fmt: skip


def questions(asked: Sequence[Question], endpoint: str) -> list[ox.Triple]:
    """Return the packaged questions as sh:SPARQLExecutable, each to be sent to the endpoint."""
    target = ox.NamedNode("https://schema.org/target")
    found = [triple for question in asked for triple in question_triples(question)]
    nodes = dict.fromkeys(triple.subject for triple in found)
    return [*found, *(ox.Triple(node, target, ox.NamedNode(endpoint)) for node in nodes)]


def openapi(asked: Sequence[Question], base: str, version: str) -> dict[str, Any]:
    """Return the description of the API, made from the headers of the questions.

    Args:
        asked: The packaged questions.
        base: Address of the server, without a slash at its end.
        version: Date of the data.
    """
    page = [
        _parameter("offset", "How many rows to leave out", {"type": "integer", "minimum": 0}),
        _parameter("limit", "The most rows; all without it", {"type": "integer", "minimum": 1}),
    ]
    paths: dict[str, Any] = {
        f"/api/questions/{q.id}": _get(
            q.summary, q.id, q.note,
            [
                _parameter(
                    p.name,
                    "A day" if p.kind == DATE else f"A {p.kind.lower()}: {_NAMED}",
                    {"type": "string", "default": namespaces.contract(p.default),
                     **({"format": "date"} if p.kind == DATE else {})},
                )
                for p in q.parameters
            ] + page,
            media.DATA,
        )
        for q in asked
    }  # fmt: skip
    text = {"type": "string"}
    about = [
        _parameter(n, f"A {n}, by name", text) for n in ("disease", "therapy", "target", "source")
    ]
    name = [{**_parameter("name", "Label, synonym, IRI, CURIE or identifier", text),
             "in": "path", "required": True}]  # fmt: skip
    words = {**_parameter("q", "What is looked for", text), "required": True}
    sentence = {**_parameter("sentence", "What somebody asks", text), "required": True}
    most = _parameter("most", "The most hits of each kind", {"type": "integer", "default": 8})
    for path, told, parameters in (
        ("/api/questions", "The packaged questions", []),
        (
            "/api/terms",
            "The terms",
            [_parameter("kind", "Disease, Therapy, Target, Alteration", text), *page],
        ),
        ("/api/terms/{name}", "All that is known of a term", name),
        ("/api/claims", "Claims in full, with status, evidence and citations", [*about, *page]),
        ("/api/claims/{name}", "A claim in full", name),
        ("/api/evidence", "The external evidence", page),
        ("/api/evidence/{name}", "An item of evidence", name),
        ("/api/search", "Whatever holds the words", [words, most]),
        ("/api/route", "The question that a sentence leads to by its words", [sentence]),
        ("/api/matrix", "Diseases by therapies, with the claims of each cell", about[:1]),
    ):
        named = path.removeprefix("/api/").replace("/{name}", "-one")
        paths[path] = _get(told, named, "", parameters, media.DATA[:1])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sarcoma-kg", "version": version, "summary": description.TITLE,
            "description": f"{description.DESCRIPTION} {DISCLAIMER}",
            "license": {"name": "CC BY 4.0", "url": LICENSE},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM, "Document": _DOCUMENT}},
    }  # fmt: skip


_PROBLEM = {
    "type": "object", "description": "RFC 9457",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "hint": {"type": "string"},
        "near": {"type": "array", "items": {"type": "string"}},
    },
}  # fmt: skip
_DOCUMENT = {
    "type": "object",
    "required": ["kind", "build", "version", "license", "disclaimer", "complete"],
    "properties": {
        "kind": {"type": "string"}, "build": {"type": "string"}, "version": {"type": "string"},
        "license": {"type": "string"}, "disclaimer": {"type": "string"},
        "complete": {"type": "boolean"}, "missing": {"type": "string"},
        "next": {"type": "integer"}, "queryHash": {"type": "string"},
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        "claims": {}, "evidence": {},
    },
}  # fmt: skip


def _parameter(name: str, told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": told, "schema": schema}


def _get(
    summary: str, name: str, told: str, parameters: list[dict[str, Any]], formats: Sequence[str]
) -> dict[str, Any]:
    document = {"schema": {"$ref": "#/components/schemas/Document"}}
    content = {form: document if form == "application/json" else {} for form in formats}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = {"200": {"description": "The answer", "content": content}}
    for status, why in (("422", "An unknown name, with the nearest"), ("503", "Busy, or too long")):
        answers[status] = {"description": why, "content": problem}
    return {
        "get": {
            "operationId": name, "summary": summary, "description": told,
            "parameters": parameters, "responses": answers,
        }
    }  # fmt: skip
