"""JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) in the words of ontology/context.jsonld.

A document names the context by its published address, so that it is short and readable; the file
beside a release is the same. Each subject is one node object; blank nodes keep their labels.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources

__all__ = ["CONTEXT", "document", "pieces"]

#: Where the context is published.
CONTEXT = "https://w3id.org/sarcoma-kg/context.jsonld"
_TYPE = namespaces.PREFIXES["rdf"] + "type"
_STRING = namespaces.PREFIXES["xsd"] + "string"
_Json = dict[str, Any]
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
# So many compact IRIs are kept: the vocabulary, and what stands together. All would be too many.
_KEPT = 8192


class _Term(NamedTuple):
    """A word of the context: what its plain strings are, an IRI, a datatype or a language."""

    name: str
    datatype: str
    language: str


class _Context:
    """The published context."""

    def __init__(self, entries: _Json) -> None:
        named = {
            name: entry["@id"] if isinstance(entry, dict) else str(entry)
            for name, entry in entries.items()
        }
        # A word is written with a prefix, a prefix is written out.
        prefixes = {name: iri for name, iri in named.items() if "://" in iri}
        self._longest_first = sorted(
            ((iri, f"{name}:") for name, iri in prefixes.items()), key=lambda pair: -len(pair[0])
        )
        self.compact = lru_cache(_KEPT)(self._compact)
        self.terms: dict[str, _Term] = {}
        for name, entry in entries.items():
            if name in prefixes or name.startswith("@") or str(entry).startswith("@"):
                continue
            fields = {"@id": entry} if isinstance(entry, str) else entry
            datatype = fields.get("@type", "")
            self.terms[self._expand(fields["@id"], prefixes)] = _Term(
                name, self._expand(datatype, prefixes), fields.get("@language", "")
            )

    @staticmethod
    def _expand(curie: str, prefixes: dict[str, str]) -> str:
        prefix, _, local = curie.partition(":")
        return prefixes[prefix] + local if prefix in prefixes else curie

    def _compact(self, iri: str) -> str:
        """Return an IRI as a compact IRI, where a prefix fits."""
        for base, prefix in self._longest_first:
            # What follows the colon may not look like an authority.
            if iri.startswith(base) and not iri.startswith("//", len(base)):
                return prefix + iri[len(base) :]
        return iri


@cache
def _context() -> _Context:
    path = resources.data_root() / "ontology" / "context.jsonld"
    return _Context(json.loads(path.read_text(encoding="utf-8"))["@context"])


def _value(context: _Context, term: _Term, value: object) -> object:
    """Return an object as a string where the term says the rest, else as an object of its own."""
    if not isinstance(value, ox.Literal):
        name = context.compact(value.value) if isinstance(value, ox.NamedNode) else str(value)
        return name if term.datatype == "@id" else {"@id": name}
    if value.language:
        if value.language == term.language:
            return value.value
        return {"@language": value.language, "@value": value.value}
    datatype = value.datatype.value
    if datatype == (term.datatype or (not term.language and _STRING)):
        return value.value
    if datatype == _STRING:
        return {"@value": value.value}
    return {"@type": context.compact(datatype), "@value": value.value}


def _nodes(triples: Iterable[ox.Triple]) -> Iterator[_Json]:
    """Yield a node object for each run of triples with one subject."""
    context = _context()
    terms = context.terms
    before: object = None
    node: _Json = {}
    for subject, predicate, value in triples:
        if subject != before:
            if node:
                yield node
            name = context.compact(subject.value) if isinstance(subject, ox.NamedNode) else None
            node, before = {"id": name or str(subject)}, subject
        iri = predicate.value
        if iri == _TYPE and not isinstance(value, ox.Literal):
            key = "type"
            made: object = (
                context.compact(value.value) if isinstance(value, ox.NamedNode) else str(value)
            )
        else:
            term = terms.get(iri) or terms.setdefault(iri, _Term(context.compact(iri), "", ""))
            key, made = term.name, _value(context, term, value)
        if key in node:
            present = node[key]
            if isinstance(present, list):
                present.append(made)
            else:
                node[key] = [present, made]
        else:
            node[key] = made
    if node:
        yield node


def pieces(triples: Iterable[ox.Triple]) -> Iterator[str]:
    """Yield the text of a document, piece by piece.

    Args:
        triples: The graph; triples of one subject follow each other, and none comes twice.
    """
    encode = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), check_circular=False
    ).encode
    yield f'{{"@context":"{CONTEXT}","graph":['
    separator = "\n"
    for node in _nodes(triples):
        yield separator + encode(node)
        separator = ",\n"
    yield "\n]}\n"


def document(triples: Iterable[ox.Triple]) -> str:
    """Return a small document, a line for each property.

    Args:
        triples: The graph; triples of one subject follow each other, and none comes twice.
    """
    nodes = list(_nodes(triples))
    content = nodes[0] if len(nodes) == 1 else {"graph": nodes}
    # json.dumps with an indent is written in Python and takes five times as long.
    lines = (f" {_encode(key)}: {_encode(value)}" for key, value in content.items())
    return f'{{\n "@context": {_encode(CONTEXT)},\n' + ",\n".join(lines) + "\n}\n"
