"""Streaming reader of NCIt and ChEBI as OWL in RDF/XML: one class at a time, nothing else kept.

What is read of a class, by either of the two namings of NCIt:

- label: P108, the preferred name, else rdfs:label;
- state: P310 with Retired_Concept or Obsolete_Concept, or owl:deprecated;
- replacement: obo:IAO_0100001; identifiers merged into it: oboInOwl:hasAlternativeId;
- is-a links: named superclasses in rdfs:subClassOf, and the named members of an
  owl:intersectionOf in owl:equivalentClass or rdfs:subClassOf.

Sources: src/ncit.js of https://github.com/bcgsc/pori_graphkb_loader shows, in an early version, a
class of NCI's own file element by element; src/sparql and src/ontology/Makefile of
https://github.com/NCI-Thesaurus/thesaurus-obo-edition show how the OBO edition derives from it;
https://obofoundry.org/principles/fp-019-term-stability.html has deprecation and replacement.

ChEBI's file has begun with a document type that declares the namespaces as entities. So short
internal entities without markup are accepted here, and every other declaration is refused: there is
nothing that could expand into something large or fetch something.
"""

from collections.abc import Iterator
from typing import IO, NoReturn
from xml.parsers import expat

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import entities
from sarcoma_kg.vocabularies.concepts import RETIRED_STATES, Concept, Reading, code_of

__all__ = ["read"]

_RDF, _RDFS, _OWL, _OBO = (namespaces.PREFIXES[p] for p in ("rdf", "rdfs", "owl", "obo"))
_EVS = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#"
_BASE = "http://www.w3.org/XML/1998/namespace" + "base"
_NODES = {_OWL + "Class", _RDF + "Description"}
_CLASS_FIELDS = {
    _EVS + "P108": "preferred",
    _OBO + "NCIT_P108": "preferred",
    _RDFS + "label": "label",
    _EVS + "P310": "status",
    _OBO + "NCIT_P310": "status",
    _OWL + "deprecated": "deprecated",
    _OBO + "IAO_0100001": "replaced",
    namespaces.PREFIXES["oboInOwl"] + "hasAlternativeId": "alternative",
}
_HEADER_FIELDS = {_OWL + "versionInfo": "info", _OWL + "versionIRI": "iri"}

_CHUNK = 1 << 18
_LONGEST_TAG = 1 << 24
_LONGEST_TEXT = 100_000
_DEEPEST = 200


def read(source: Reading, stream: IO[bytes]) -> Iterator[Concept]:
    """Yield the classes of the source's vocabulary.

    Raises:
        UserError: cut off or malformed, with line and byte; not RDF/XML; a declaration that is
            not allowed.
    """
    reader = _Reader(source)
    while chunk := stream.read(_CHUNK):
        reader.feed(chunk)
        yield from reader.ready
        reader.ready.clear()
    reader.feed(b"", last=True)
    yield from reader.ready


class _Reader:
    def __init__(self, source: Reading) -> None:
        self.ready: list[Concept] = []
        self._source = source
        self._fed = 0
        self._depth = 0
        self._skip = 0  # depth of the element whose inside is passed over
        self._base = ""
        self._code = ""
        self._fields: dict[str, list[str]] = {}
        self._wanted: dict[str, str] = {}
        self._parents: dict[str, None] = {}
        self._climbing = False  # within a superclass or a definition
        self._named = False  # a named class met there is a superclass
        self._field = ""
        self._text: list[str] = []
        self._length = 0
        self._entities = 0
        # No separator: namespace and name put together are the IRI of RDF.
        self._parser = parser = expat.ParserCreate(namespace_separator="")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.AttlistDeclHandler = lambda *_: self._refuse("declares attributes")
        parser.SkippedEntityHandler = lambda name, _: self._refuse(f"uses the entity {name}")
        parser.ExternalEntityRefHandler = lambda *_: self._refuse("uses an external entity")

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            at = f"line {self._parser.ErrorLineNumber}, byte {self._parser.ErrorByteIndex}"
            what = expat.ErrorString(error.code)
            raise UserError(
                f"{self._source.path}: {at}: cut off or no XML: {what}",
                "download it again; the present module stays as it is",
            ) from error
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG and not last:
            self._wrong("a tag or comment of more than 16 MiB", "is this file what you meant?")

    def _wrong(self, what: str, hint: str) -> NoReturn:
        at = f"line {self._parser.CurrentLineNumber}, byte {self._parser.CurrentByteIndex}"
        raise UserError(f"{self._source.path}: {at}: {what}", hint)

    def _refuse(self, what: str) -> NoReturn:
        self._wrong(
            f"the document type {what}",
            "only short entities that stand for an address are read; take the file from its "
            "publisher",
        )

    def _doctype(self, _name: str, system: str | None, public: str | None, _inner: bool) -> None:
        if system or public:
            self._refuse("names another file")

    def _entity(
        self, name: str, parameter: bool, value: str | None, _base: str | None,
        system: str | None, public: str | None, notation: str | None,
    ) -> None:  # fmt: skip
        self._entities += 1
        if parameter or value is None or system or public or notation:
            self._refuse(f"declares the external or parameter entity {name[:40]}")
        if not entities.ADDRESS.fullmatch(value) or self._entities > entities.MOST:
            self._refuse(f"declares the entity {name[:40]}, which is no short address")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._source.elements += 1
        if self._skip:
            if self._depth > _DEEPEST:
                self._wrong(f"more than {_DEEPEST} elements within each other", "wrong file?")
        elif self._depth > 3:
            self._inside(name, attributes)
        elif self._depth == 3:
            self._property(name, attributes)
        elif self._depth == 2:
            self._node(name, attributes)
        elif name == _RDF + "RDF":
            self._base = attributes.get(_BASE, "").split("#")[0]
        else:
            self._wrong(f"'{name[:60]}' where rdf:RDF was expected", "save the OWL as RDF/XML")

    def _node(self, name: str, attributes: dict[str, str]) -> None:
        self._code, self._fields, self._parents = "", {}, {}
        if name == _OWL + "Ontology":
            self._wanted = _HEADER_FIELDS
            return
        if name in _NODES:
            iri = attributes.get(_RDF + "about", "")
            if _RDF + "ID" in attributes:
                iri = "#" + attributes[_RDF + "ID"]
            self._code = self._to_code(iri)
        if self._code:
            self._wanted = _CLASS_FIELDS
        else:
            self._skip = self._depth

    def _to_code(self, iri: str) -> str:
        return code_of(self._source.vocabulary, self._base + iri if iri.startswith("#") else iri)

    def _property(self, name: str, attributes: dict[str, str]) -> None:
        resource = attributes.get(_RDF + "resource", "")
        if field := self._wanted.get(name):
            if resource:
                self._fields.setdefault(field, []).append(resource)
                self._skip = self._depth
            else:
                self._field, self._text, self._length = field, [], 0
                self._parser.CharacterDataHandler = self._data
        elif self._code and name == _RDFS + "subClassOf":
            self._climbing = self._named = True
            self._parent(resource)
        elif self._code and name == _OWL + "equivalentClass":
            # A named class here is the same class, not one above; members of an intersection are.
            self._climbing, self._named = True, False
        else:
            self._skip = self._depth

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        if self._climbing and name == _OWL + "intersectionOf":
            self._named = True
        elif self._climbing and name in _NODES and _RDF + "about" not in attributes:
            pass
        else:
            if self._climbing and self._named and name in _NODES:
                self._parent(attributes[_RDF + "about"])
            self._skip = self._depth

    def _parent(self, iri: str) -> None:
        if code := self._to_code(iri):
            self._parents[code] = None

    def _data(self, text: str) -> None:
        if self._skip:
            return
        self._length += len(text)
        if self._length > _LONGEST_TEXT:
            self._wrong(f"a text of more than {_LONGEST_TEXT:,} characters", "wrong file?")
        self._text.append(text)

    def _end(self, _name: str) -> None:
        depth = self._depth
        self._depth -= 1
        if self._skip:
            if depth == self._skip:
                self._skip = 0
        elif depth == 3:
            if self._field:
                value = " ".join("".join(self._text).split())
                self._fields.setdefault(self._field, []).append(value)
                self._field, self._text = "", []
                self._parser.CharacterDataHandler = None
            self._climbing = False
        elif depth == 2:
            self._finish()

    def _finish(self) -> None:
        def one(field: str) -> str:
            return next(filter(None, self._fields.get(field, [])), "")

        if not self._code:
            self._source.version = one("info") or one("iri")
            return
        states = RETIRED_STATES.intersection(self._fields.get("status", []))
        retired = bool(states) or one("deprecated") in ("true", "1")
        others = (self._to_code(other) for other in self._fields.get("alternative", []))
        self.ready.append(
            Concept(
                self._code,
                one("preferred") or one("label"),
                () if retired else tuple(self._parents),
                retired,
                self._to_code(one("replaced")),
                tuple(filter(None, others)),
            )
        )
