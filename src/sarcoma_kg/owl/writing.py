"""An ontology, or any graph, as text in each syntax, and what that syntax did not carry.

RDF/XML, OBO and OBO Graphs are written by modules of this room, the rest by py-horned-owl and
Oxigraph; Turtle in the canonical form where that says the same in the same triples. Equal graphs
give equal bytes.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import losses, obo, obographs, rdfxml
from sarcoma_kg.reading import carried, loading, owlsyntaxes

__all__ = ["FORMS", "Written", "canonical", "write"]

#: Ending -> name of the syntax that is written.
FORMS = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "owl": "RDF/XML",
    "jsonld": "JSON-LD",
    "owx": "OWL/XML",
    "ofn": "functional-style syntax",
    "omn": "Manchester syntax",
    "obo": "OBO",
    "json": "OBO Graphs",
}


class Written(NamedTuple):
    """A text, and what it does not carry; `losses` is None where nothing reads the syntax back."""

    text: str
    losses: list[losses.Loss] | None


def canonical(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return a graph with canonical labels of blank nodes (RDFC-1.0), sorted."""
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted({quad.triple for quad in dataset}, key=str)


def write(triples: Sequence[ox.Triple], form: str) -> Written:
    """Return a graph in a syntax.

    Args:
        triples: The graph.
        form: One of `FORMS`.

    Raises:
        UserError: The syntax has no form for a name or a character, or cannot write this at all.
    """
    graph = canonical(triples)
    text = _text(graph, form)
    if form == "json":
        return Written(text, None)
    if form in ("ttl", "nt", "owl", "jsonld"):
        return Written(text, [])
    with tempfile.TemporaryDirectory(prefix="sarcoma-kg-") as folder:
        place = Path(folder) / f"written.{form}"
        place.write_text(text, encoding="utf-8")
        try:
            back = [quad.triple for quad in loading.read(place)]
        except UserError as error:
            reason = error.message.replace(str(place), "what was written")
            raise UserError(f"{FORMS[form]} cannot carry this: {reason}", "take another") from error
    return Written(text, losses.compare(graph, back))


def _text(graph: list[ox.Triple], form: str) -> str:
    if form == "ttl":
        return _turtle(graph)
    if form == "nt":
        return "".join(f"{triple} .\n" for triple in graph)
    if form == "obo":
        return obo.render(graph)
    if form == "json":
        return obographs.render(graph)
    if form == "jsonld":
        return (ox.serialize(graph, format=ox.RdfFormat.JSON_LD) or b"").decode() + "\n"
    if form == "owl":
        return "".join(rdfxml.pieces(lambda: graph))
    named = sorted(carried.before_writing(graph), key=str)
    text = "".join(rdfxml.pieces(lambda: named))
    media_type = syntaxes.MEDIA_TYPES[FORMS[form]]
    return owlsyntaxes.written(text, media_type, namespaces.PREFIXES)


def _turtle(graph: list[ox.Triple]) -> str:
    try:
        text = turtle.serialize(graph)
        if canonical(q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE)) == graph:
            return text
    except UserError:
        pass  # blank nodes that are too much alike for a canonical form
    prefixes = namespaces.PREFIXES
    raw = ox.serialize(graph, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    return raw.decode()
