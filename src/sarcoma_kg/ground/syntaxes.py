"""In which syntax a text is written, told by how it begins, whatever its file is called.

The ending of a file decides only where the text does not: between the kin of Turtle, and for a text
that begins like none.
"""

import re
from pathlib import PurePath

from sarcoma_kg.ground.errors import UserError

__all__ = ["ENDINGS", "MEDIA_TYPES", "OTHER", "media_type", "misnamed", "recognised", "unread"]

#: What may stand before the root element of an XML document.
_PROLOGUE = (
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^<>\[\]\"']|\"[^\"]*\"|'[^']*'|\[.*?\]\s*(?=>))*>)*"
)
_ROOT = re.compile(rf"\A{_PROLOGUE}<(?:[\w.-]+:)?([\w.-]+)(?=[\s/>])([^<>]*)", re.DOTALL)
_OWL_XML = re.compile(r"\bontologyIRI\s*=|<(?:[\w.-]+:)?(?:Declaration|Import|Prefix|SubClassOf)\b")
_ROOTS = {"RDF": "RDF/XML", "html": "a web page", "catalog": "an XML catalog", "TriX": "TriX"}
#: After comments of Turtle, Manchester and functional-style syntax (#), or of OBO (!).
_REMARKS = r"\A(?:\s+|[#!][^\n]*)*"
_MANCHESTER = (
    "Prefix|Namespace|Ontology|Import|Annotations|Datatype|Class|ObjectProperty|DataProperty"
    "|AnnotationProperty|Individual|EquivalentClasses|DisjointClasses"
)
_IRI = r"<[^<>\"{}|^`\\\s]*>"
_BEGINNINGS = (
    ("functional-style syntax", re.compile(_REMARKS + r"(?:Prefix|Ontology|Document)\s*\(")),
    ("Manchester syntax", re.compile(_REMARKS + rf"(?:{_MANCHESTER}):(?=\s|\Z)")),
    ("OBO", re.compile(_REMARKS + r"(?:format-version:|ontology:|\[(?:Term|Typedef)\]\s*\n)")),
    ("JSON", re.compile(r"\A\s*(?:\{\s*[\"}]|\[\s*[{\]])")),
    ("Turtle", re.compile(_REMARKS + rf"(?:@prefix|@base|(?i:prefix|base)\s+[\w.-]*:?\s*{_IRI})")),
    ("Turtle", re.compile(_REMARKS + rf"(?:{_IRI}|_:\w+|\[|\()\s*(?:{_IRI}|[\w.-]*:[\w.-]+|a\s)")),
)
_JSON_LD = re.compile(r'"@(?:context|id|graph|type|value)"\s*:')
#: Name of a syntax that is read -> its media type.
MEDIA_TYPES = {
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "N-Quads": "application/n-quads",
    "TriG": "application/trig",
    "RDF/XML": "application/rdf+xml",
    "JSON-LD": "application/ld+json",
    "OWL/XML": "application/owl+xml",
    "functional-style syntax": "text/owl-functional",
    "Manchester syntax": "text/owl-manchester",
    "OBO": "text/obo",
}
#: Media types of the syntaxes that are not of RDF.
OTHER = frozenset(map(MEDIA_TYPES.__getitem__, [*MEDIA_TYPES][-4:]))
#: Ending of a file -> the syntax that it promises.
ENDINGS = {
    ".ttl": "Turtle", ".nt": "N-Triples", ".nq": "N-Quads", ".trig": "TriG", ".owl": "RDF/XML",
    ".rdf": "RDF/XML", ".xml": "RDF/XML", ".jsonld": "JSON-LD", ".json": "JSON-LD",
    ".owx": "OWL/XML", ".ofn": "functional-style syntax", ".fss": "functional-style syntax",
    ".omn": "Manchester syntax", ".obo": "OBO",
}  # fmt: skip
_KIN = ("Turtle", "N-Triples", "N-Quads", "TriG")


def recognised(text: str) -> str:
    """Return the name of a syntax; empty for a text that begins like none that is known."""
    text = text.removeprefix("\ufeff")
    if root := _ROOT.match(text):
        name = root[1]
        if name == "Ontology" and _OWL_XML.search(text, root.start(1)):
            return "OWL/XML"
        if name in _ROOTS:
            return _ROOTS[name]
    for name, beginning in _BEGINNINGS:
        if beginning.match(text):
            if name == "JSON":
                return "JSON-LD" if _JSON_LD.search(text) else "JSON"
            return name
    return "XML" if text.lstrip().startswith("<?xml") else ""


def media_type(name: str, text: str) -> str | None:
    """Return the media type of a text in a syntax that is read; None for any other text.

    Args:
        name: The file.
        text: What is in it.
    """
    found, promised = recognised(text), ENDINGS.get(PurePath(name).suffix.lower(), "")
    decides = {"": True, "XML": True, "Turtle": promised in _KIN, "JSON": promised == "JSON-LD"}
    if decides.get(found):
        found = promised
    return MEDIA_TYPES.get(found)


def misnamed(name: str, text: str) -> UserError | None:
    """Return what to say of a file that is no Turtle, though its name ends so; None when it is.

    Args:
        name: The file.
        text: What is in it.
    """
    path, found = PurePath(name), recognised(text)
    if found in {"", "XML", "Turtle"}:
        return None
    said = f"{name}: this is {found}, though its name ends in {path.suffix}"
    return UserError(said, _way_out(path, found))


def unread(name: str, text: str) -> UserError:
    """Return what to say of a file in no syntax that is read."""
    path, found = PurePath(name), recognised(text)
    said = f"unknown kind of RDF file '{path.suffix or path.name}'"
    if found:
        said += f"; it is {found}"
    return UserError(f"{name}: {said}", _way_out(path, found))


def _way_out(path: PurePath, found: str) -> str:
    if found in MEDIA_TYPES:
        return f"sarcoma-kg convert {path.name} {path.with_suffix('').name}-new.ttl"
    return f"name a file that holds RDF or OWL; known: {', '.join(ENDINGS)}"
