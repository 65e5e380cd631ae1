"""The header of an OBO document, as triples: what the parser of OBO reads over.

It reads ontology, imports, remarks, the default namespace and the spaces of identifiers. Here are
versions, definitions of subsets and of types of synonyms, properties, and who saved it when, in the
form in which OBO tools have them in OWL
(https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html, section 5).
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, syntaxes
from sarcoma_kg.ground.findings import SHEETS
from sarcoma_kg.reading import files

__all__ = ["note", "triples", "unread"]

_P = namespaces.PREFIXES
_OBO, _IN_OWL, _OWL, _RDFS = _P["obo"], _P["oboInOwl"], _P["owl"], _P["rdfs"]
_TYPE = ox.NamedNode(_P["rdf"] + "type")
_LABEL, _COMMENT = ox.NamedNode(_RDFS + "label"), ox.NamedNode(_RDFS + "comment")
_PROPERTY = ox.NamedNode(_OWL + "AnnotationProperty")
_UNDER = ox.NamedNode(_RDFS + "subPropertyOf")
_LINE = re.compile(r"^([\w-]+):[ \t]*(.*?)[ \t]*$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
#: Tag -> the annotation property that has its text.
_TEXTS = {
    "date": _IN_OWL + "hasDate",
    "saved-by": _IN_OWL + "savedBy",
    "auto-generated-by": _IN_OWL + "auto-generated-by",
}
#: What the parser reads, and what only says how the rest is written.
_READ = {"format-version", "ontology", "import", "remark", "default-namespace", "idspace"}
_HERE = {"data-version", "subsetdef", "synonymtypedef", "property_value", *_TEXTS}


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Yield tag and value of each line of the header, without comments."""
    for line in re.split(r"^\[", text.removeprefix("\ufeff"), maxsplit=1, flags=re.M)[
        0
    ].splitlines():
        # A comment begins with a ! outside a quoted text.
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\\.|(!.*)', lambda m: "" if m[1] else m[0], line)
        if found := _LINE.match(bare):
            yield found[1], found[2]


def unread(text: str) -> dict[str, int]:
    """Return the tags of the header of a document that nobody reads, and how often each stands."""
    tags = Counter(tag for tag, _ in _clauses(text))
    return {tag: count for tag, count in sorted(tags.items()) if tag not in _READ | _HERE}


def note(path: Path) -> str:
    """Return in a line which tags of the header of a file nobody reads; empty without any.

    Raises:
        UserError: it cannot be read.
    """
    if path.suffix.lower() in SHEETS:  # a workbook is no text
        return ""
    text = files.read_text(path)
    if syntaxes.media_type(path.name, text) != syntaxes.MEDIA_TYPES["OBO"]:
        return ""
    tags = ", ".join(f"{tag} ({count})" for tag, count in unread(text).items())
    return f"header tags that say nothing here: {tags}" if tags else ""


def triples(text: str, known: list[ox.Triple]) -> list[ox.Triple]:
    """Return what the header says beside what was read from the document.

    Args:
        text: The document.
        known: What was read.
    """
    return list(_Header(text, known).said())


class _Header:
    def __init__(self, text: str, known: list[ox.Triple]) -> None:
        self.clauses = list(_clauses(text))
        self.known = set(known)
        self.spaces = {
            words[0]: words[1]
            for tag, value in self.clauses
            if tag == "idspace" and len(words := value.split()) > 1
        }
        self.name = next((value for tag, value in self.clauses if tag == "ontology"), "unnamed")
        heads = (
            t.subject
            for t in known
            if t.predicate == _TYPE and t.object.value == _OWL + "Ontology"  # type: ignore[union-attr]
        )
        self.head: ox.NamedNode | ox.BlankNode = next(heads, ox.BlankNode("ontology"))  # type: ignore[assignment]

    def said(self) -> Iterator[ox.Triple]:
        for tag, value in self.clauses:
            if tag == "data-version":
                yield self._version(_plain(value))
            elif tag in ("subsetdef", "synonymtypedef"):
                yield from self._defined(tag, value)
            elif tag in _TEXTS:
                yield from self._annotated(_TEXTS[tag], ox.Literal(_plain(value)))
            elif tag == "property_value":
                yield from self._valued(value)

    def _version(self, value: str) -> ox.Triple:
        iri = value
        if not re.match(r"https?://", value):
            iri = f"{_OBO}{self.name}/{value}/{self.name}.owl"
        if namespaces.is_iri(iri) and "://" not in self.name:
            version = ox.NamedNode(iri)
        elif namespaces.is_iri(value):
            version = ox.NamedNode(value)
        else:
            return ox.Triple(self.head, ox.NamedNode(_OWL + "versionInfo"), ox.Literal(value))
        return ox.Triple(self.head, ox.NamedNode(_OWL + "versionIRI"), version)

    def _iri(self, name: str) -> str:
        """Return the IRI of an identifier, as the parser makes it."""
        prefix, colon, local = _plain(name).partition(":")
        if not colon:
            return f"{_OBO}{self.name}#{prefix}"
        if prefix in self.spaces:
            return self.spaces[prefix] + local
        return f"{prefix}:{local}" if local.startswith("//") else f"{_OBO}{prefix}_{local}"

    def _defined(self, tag: str, value: str) -> Iterator[ox.Triple]:
        """Yield the property that stands for a subset, or for a type of synonyms."""
        name, _, rest = value.partition(" ")
        iri = self._iri(name)
        if not namespaces.is_iri(iri):
            return
        node, kind = (
            ox.NamedNode(iri),
            "SubsetProperty" if tag == "subsetdef" else "SynonymTypeProperty",
        )
        yield ox.Triple(node, _TYPE, _PROPERTY)
        yield ox.Triple(node, _UNDER, ox.NamedNode(_IN_OWL + kind))
        yield ox.Triple(ox.NamedNode(_IN_OWL + kind), _TYPE, _PROPERTY)
        if quoted := _QUOTED.search(rest):
            words = ox.Literal(_plain(quoted[1]))
            if ox.Triple(node, _LABEL, words) not in self.known:
                yield ox.Triple(node, _COMMENT if tag == "subsetdef" else _LABEL, words)
            rest = rest[quoted.end() :]
        if tag == "synonymtypedef" and (
            scope := re.match(r"\s*(EXACT|BROAD|NARROW|RELATED)", rest)
        ):
            has = _IN_OWL + f"has{scope[1].capitalize()}Synonym"
            yield ox.Triple(node, ox.NamedNode(_IN_OWL + "hasScope"), ox.NamedNode(has))
            yield ox.Triple(ox.NamedNode(_IN_OWL + "hasScope"), _TYPE, _PROPERTY)

    def _annotated(self, iri: str, value: ox.NamedNode | ox.Literal) -> Iterator[ox.Triple]:
        yield ox.Triple(self.head, ox.NamedNode(iri), value)
        yield ox.Triple(ox.NamedNode(iri), _TYPE, _PROPERTY)

    def _valued(self, value: str) -> Iterator[ox.Triple]:
        name, _, rest = value.partition(" ")
        iri = self._iri(name) if ":" in name else ""
        if name.partition(":")[0] in _P and name.partition(":")[0] not in self.spaces:
            iri = namespaces.expand(name) or iri
        if not namespaces.is_iri(iri):
            return
        if quoted := _QUOTED.match(rest.strip()):
            kind = rest.strip()[quoted.end() :].split()
            datatype = ox.NamedNode(_P["xsd"] + kind[0].partition(":")[2]) if kind else None
            yield from self._annotated(iri, ox.Literal(_plain(quoted[1]), datatype=datatype))
        elif rest and namespaces.is_iri(at := self._iri(rest.split()[0])):
            yield from self._annotated(iri, ox.NamedNode(at))


def _plain(text: str) -> str:
    """Return a text without the escapes of OBO."""
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "W": " "}.get(m[1], m[1]), text)
