"""Literals that are no values of their datatype, which tools drop, change or stumble over.

Looked for in the triples as they were read: a store may have made another number or date of them.
"""

import json
import re
from collections.abc import Collection
from xml.parsers import expat

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.shacl import datatypes

__all__ = ["RULE", "ill_typed"]

RULE = "literal-ill-typed"
_RDF, _OWL, _XSD = (namespaces.PREFIXES[name] for name in ("rdf", "owl", "xsd"))
_MESSAGE = (
    "This text is no value of its datatype (a day that does not exist, a number out of range, "
    "another form), so tools drop it or read something else. Correct the text, or its datatype."
)
_NAME = r"[^\W\d][\w.\-\u00B7]*"
_FORMS = {
    _XSD + "normalizedString": r"[^\t\n\r]*",
    _XSD + "token": r"|[^\s]+( [^\s]+)*",
    _XSD + "Name": f":?{_NAME}(:{_NAME})*",
    _XSD + "NCName": _NAME,
    _XSD + "NMTOKEN": r"[\w.:\-\u00B7]+",
    _OWL + "rational": r"[+-]?[0-9]+ */ *0*[1-9][0-9]*",
    # A base direction is of RDF 1.2.
    _RDF + "dirLangString": "(?!)",
}


def ill_typed(triples: Collection[ox.Triple]) -> list[Finding]:
    """Return a violation for each literal that is no value of its datatype.

    Args:
        triples: As they were read. The focus node is the subject, or what it hangs from.
    """
    found = [
        (t.subject, t.predicate.value, t.object)
        for t in triples
        if isinstance(t.object, ox.Literal) and not _well_formed(t.object)
    ]
    if not found:
        return []
    above: dict[object, object] = {}
    for triple in triples:
        if isinstance(triple.object, ox.BlankNode):
            above.setdefault(triple.object, triple.subject)
        if triple.predicate.value == _OWL + "annotatedSource":
            above[triple.subject] = triple.object
    return [
        Finding(
            "violation", RULE, _owner(subject, above), namespaces.contract(path), _text(literal),
            _MESSAGE,
        )
        for subject, path, literal in found
    ]  # fmt: skip


def _owner(node: object, above: dict[object, object]) -> str:
    passed = set()
    while isinstance(node, ox.BlankNode) and node not in passed:
        passed.add(node)
        node = above.get(node)
    return namespaces.contract(node.value) if isinstance(node, ox.NamedNode) else "(blank node)"


def _text(literal: ox.Literal) -> str:
    short = literal.value if len(literal.value) <= 80 else literal.value[:80] + "..."
    if literal.language:
        return f'"{short}"@{literal.language}--{literal.direction}'
    return f'"{short}"^^{namespaces.contract(literal.datatype.value)}'


def _well_formed(literal: ox.Literal) -> bool:
    kind, text = literal.datatype.value, literal.value
    if kind == _XSD + "string" or kind == _RDF + "langString":
        return True
    if form := _FORMS.get(kind):
        return bool(re.fullmatch(form, text))
    if kind == _RDF + "XMLLiteral":
        return _is_xml(text)
    if kind == _RDF + "JSON":
        return _is_json(text)
    return datatypes.well_formed(text, kind)


def _is_xml(text: str) -> bool:
    """Tell whether a text is balanced XML with all of its namespaces, as rdf:XMLLiteral asks."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(f"<x>{text}</x>".encode(), True)
    except (expat.ExpatError, UnicodeError):
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
