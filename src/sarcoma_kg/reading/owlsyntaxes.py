"""Syntaxes of OWL that are not of RDF, as triples: functional, Manchester, OWL/XML and OBO.

py-horned-owl reads them: all four, in milliseconds, in this process, with line and column of a
fault. The OWL API on board reads no OBO of today, needs the types of imported names for Manchester
syntax, and a second for Java. What it has read it writes as RDF/XML, in one order.

https://www.w3.org/TR/owl2-syntax/, https://www.w3.org/TR/owl2-manchester-syntax/,
https://www.w3.org/TR/owl2-xml-serialization/, http://purl.obolibrary.org/obo/oboformat/.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from sarcoma_kg.ground import syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import carried, oboheader

if TYPE_CHECKING:
    import pyhornedowl

__all__ = ["CODES", "n_triples", "rdf_xml", "written"]

#: Media type -> what the parser calls the syntax.
CODES = {
    "application/owl+xml": "owx",
    "text/owl-functional": "ofn",
    "text/owl-manchester": "omn",
    "text/obo": "obo",
    "application/rdf+xml": "rdf",
}
_DEEPEST = 1000
_ANONYMOUS = "urn:sarcoma-kg:anonymous"
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>\s]*>|#[^\n]*|([({])|([)}])', re.DOTALL)
#: Of Manchester syntax: what lets the parser call itself without a bracket, and where it is done.
_CALLS = re.compile(
    r'"(?:[^"\\]|\\.)*"|<[^<>\s]*>|#[^\n]*|\b(some|only|not|inverse|min|max|exactly)\b'
    r"|(,|[A-Za-z]+:\s)",
    re.DOTALL,
)


def n_triples(name: str, text: str, media_type: str, base: str | None) -> bytes:
    """Return an ontology as N-Triples.

    Args:
        name: The file, for messages.
        text: What stands in it.
        media_type: Its syntax, none of RDF.
        base: What relative names are relative to; None when they are a fault.

    Raises:
        UserError: as `rdf_xml`.
        SyntaxError: a name is relative, and there is no base.
    """
    rdf = rdf_xml(name, text, media_type)
    quads = ox.parse(rdf, format=ox.RdfFormat.RDF_XML, base_iri=base)
    triples = list(carried.after_reading(quad.triple for quad in quads))
    if media_type == "text/obo":
        triples = list(dict.fromkeys([*triples, *oboheader.triples(text, triples)]))
    return "".join(f"{triple} .\n" for triple in triples).encode()


@lru_cache(maxsize=4)
def rdf_xml(name: str, text: str, media_type: str) -> bytes:
    """Return an ontology as RDF/XML, with nested blank nodes.

    Args:
        name: The file, for messages.
        text: What stands in it.
        media_type: One of `CODES`.

    Raises:
        UserError: It does not parse, with line and column; it is nested too deeply.
    """
    import pyhornedowl

    _check_depth(name, text, media_type)
    try:
        whole = carried.named(text, media_type) if media_type in syntaxes.OTHER else text
        ontology = pyhornedowl.open_ontology_from_string(whole, CODES[media_type])  # type: ignore[arg-type]
        if media_type in syntaxes.OTHER:
            carried.before_reading(ontology)
        _name(ontology)
        about = f'rdf:about="{_ANONYMOUS}"'
        return ontology.save_to_string("rdf").replace(about, 'rdf:nodeID="ontology"', 1).encode()
    except ValueError as error:
        raise _refusal(name, text, str(error)) from error


def _name(ontology: "pyhornedowl.PyIndexedOntology") -> None:
    """Give an ontology without a name one, since else its header would not be written."""
    import pyhornedowl.model as model

    if ontology.get_iri() is None:
        heads = [c.component for c in ontology.get_components()]
        for head in heads:
            if isinstance(head, model.OntologyID):
                ontology.remove_component(head)
        if any(isinstance(c, (model.Import, model.OntologyAnnotation)) for c in heads):
            ontology.add_component(model.OntologyID(model.IRI.parse(_ANONYMOUS), None))


def _refusal(name: str, text: str, said: str) -> UserError:
    place, reason = "", said.removeprefix("Failed to open ontology: ")
    if found := re.search(r"line_col: (?:Pos|Span)\(\(?\(?(\d+), (\d+)\)", said):
        place = f"line {found[1]}, column {found[2]}: "
    elif found := re.search(r"Byte(?:Position|Span)\((\d+)", said):
        before = text.encode()[: int(found[1])].decode(errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        place = f"line {line}, column {column}: "
    if found := re.search(r"positives: \[([^\]]*)\]", said):
        wanted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", found[1])
        reason = f"expected {wanted}" if wanted else "cannot be read from here"
    elif found := re.match(r'\w+\("(.*?)", Byte', reason):
        reason = found[1]
    return UserError(f"{name}: {place}{reason[:300]}", "correct the file and run again")


def _check_depth(name: str, text: str, media_type: str) -> None:
    if media_type == "text/owl-functional":
        _count(name, text, _BRACKETS, nested=True)
    elif media_type == "text/owl-manchester":
        _count(name, text, _BRACKETS, nested=True)
        _count(name, text, _CALLS, nested=False)


def _count(name: str, text: str, pattern: re.Pattern[str], *, nested: bool) -> None:
    """Refuse more of the first group than the parser bears before the second ends it."""
    depth = 0
    for found in pattern.finditer(text):
        if found[1]:
            depth += 1
            if depth > _DEEPEST:
                line = text.count("\n", 0, found.start()) + 1
                raise UserError(
                    f"{name}: line {line}: expressions are nested more than {_DEEPEST:,} deep",
                    "give the inner expressions names of their own",
                )
        elif found[2]:
            depth = depth - 1 if nested else 0


def written(rdf: str, media_type: str, prefixes: Mapping[str, str]) -> str:
    """Return an ontology, given as RDF/XML, in a syntax.

    Args:
        rdf: The ontology.
        media_type: One of `CODES`.
        prefixes: Prefix -> namespace, for names in the text.

    Raises:
        UserError: It is no ontology that the syntax could carry.
    """
    import pyhornedowl

    try:
        ontology = pyhornedowl.open_ontology_from_string(rdf, "rdf")
        carried.in_place(ontology)
        for prefix, namespace in prefixes.items():
            if namespace in rdf:
                ontology.prefix_mapping.add_prefix(prefix, namespace)
        text: str = ontology.save_to_string(CODES[media_type])  # type: ignore[arg-type]
    except ValueError as error:
        raise _refusal("the ontology", rdf, str(error)) from error
    return carried.unnamed(text).rstrip("\n") + "\n"
