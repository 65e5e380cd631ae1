"""In which syntax a text is written, told by how it begins, whatever its file is called."""

import re
from pathlib import PurePath

from sarcoma_kg.ground.errors import UserError

__all__ = ["misnamed", "recognised", "unread"]

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
#: Syntaxes that are read, and the ending under which.
_ENDINGS = {"RDF/XML": ".owl", "Turtle": ".ttl"}
_READS = {
    **dict.fromkeys((".ttl", ".nt", ".nq", ".trig"), "Turtle"),
    **dict.fromkeys((".owl", ".rdf", ".xml"), "RDF/XML"),
}


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


def misnamed(name: str, text: str) -> UserError | None:
    """Return what to say of a file whose ending promises another syntax; None when it keeps it.

    Args:
        name: The file.
        text: What is in it.
    """
    path, found = PurePath(name), recognised(text)
    promised = _READS.get(path.suffix.lower(), "")
    if not promised or found in {"", "XML", promised}:
        return None
    said = f"{name}: this is {found}, though its name ends in {path.suffix}"
    return UserError(said, _way_out(path, found))


def unread(name: str, text: str) -> UserError:
    """Return what to say of a file with an ending that is not known."""
    path, found = PurePath(name), recognised(text)
    said = f"unknown kind of RDF file '{path.suffix or path.name}'"
    if found:
        said += f"; it is {found}"
    return UserError(f"{name}: {said}", _way_out(path, found))


def _way_out(path: PurePath, found: str) -> str:
    if ending := _ENDINGS.get(found):
        return f"rename it to {path.with_suffix(ending).name}"
    known = ", ".join(_READS)
    if not found:
        return f"known: {known}"
    if found in {"a web page", "an XML catalog", "JSON", "XML"}:
        return f"name a file that holds RDF; known: {known}"
    return "save it as Turtle (.ttl) or RDF/XML (.owl), which an OWL editor offers, and name that"
