"""The tests of FOOPS! that a file answers, with the questions that its source asks.

FOOPS! (https://github.com/oeg-upm/fair_ontologies, commit b78f2a0, April 2026) describes its tests
at https://w3id.org/foops/catalog; where the description and the source differ, the source is
followed: `entities/Ontology.java` reads the metadata, `entities/checks/` has one class a test.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.fairness.document import Document
from sarcoma_kg.fairness.verdict import FOOPS, Verdict
from sarcoma_kg.ground import namespaces

__all__ = ["METADATA", "OFFLINE", "ONLINE", "verdicts"]

_DC = "http://purl.org/dc/elements/1.1/"
_SPACES = {
    "cc": ["http://creativecommons.org/ns#"],
    "dc": [_DC],
    "dcterms": [namespaces.PREFIXES["dcterms"]],
    "doap": ["http://usefulinc.com/ns/doap#"],
    "foaf": ["http://xmlns.com/foaf/0.1/"],
    "mod": ["https://w3id.org/mod#"],
    "owl": [namespaces.PREFIXES["owl"]],
    "pav": [namespaces.PREFIXES["pav"]],
    "prov": [namespaces.PREFIXES["prov"]],
    "rdfs": [namespaces.PREFIXES["rdfs"]],
    "schema": ["https://schema.org/", "http://schema.org/"],
    "skos": [namespaces.PREFIXES["skos"]],
    "vann": ["http://purl.org/vocab/vann/"],
    "bibo": [namespaces.PREFIXES["bibo"]],
}
#: What FOOPS! calls a piece of metadata -> the properties that say it, the usual one first.
METADATA = {
    "title": "dcterms:title dc:title schema:name",
    "description": "dcterms:description dcterms:abstract dc:abstract dc:description "
    "schema:description rdfs:comment doap:description doap:shortdesc skos:note",
    "license": "dcterms:license schema:license doap:license cc:license",
    "rights": "dcterms:rights dc:rights dcterms:accessRights",
    "version iri": "owl:versionIRI",
    "author": "dcterms:creator dc:creator pav:createdBy pav:authoredBy foaf:maker "
    "prov:wasAttributedTo schema:creator doap:developer",
    "namespace URI": "vann:preferredNamespaceUri",
    "namespace prefix": "vann:preferredNamespacePrefix",
    "version info": "owl:versionInfo schema:schemaVersion",
    "creation date": "dcterms:created schema:dateCreated doap:created prov:generatedAtTime "
    "pav:createdOn",
    "citation": "dcterms:bibliographicCitation",
    "doi": "bibo:doi dcterms:identifier schema:identifier",
    "publisher": "dcterms:publisher dc:publisher schema:publisher",
    "logo": "foaf:logo schema:logo",
    "status": "bibo:status mod:status",
    "source": "dcterms:source dc:source prov:hadOriginalSource",
    "issued": "dcterms:issued dcterms:submitted schema:releaseDate schema:datePublished",
    "catalogue": "schema:includedInDataCatalog",
}
#: What counts only as a literal.
_LITERAL = {"title", "description", "version info", "creation date"}
#: Why a piece of metadata may be left out, and how to get it.
_HOW = {
    "doi": "deposit a release with an archive that gives DOIs, as Zenodo; never make one up",
    "logo": "add foaf:logo when the project has a logo",
}
_PERSISTENT = re.compile(
    r"w3id\.org|doi\.org|purl\..*\.org|linked\.data\.gov\.au|dbpedia\.org|perma\.cc"
    r"|data\.europa\.eu|www\.w3\.org"
)
_REUSED = ("bibo", "dc", "dcterms", "doap", "foaf", "mod", "owl", "pav", "prov", "rdfs", "schema",
           "vann")  # fmt: skip
#: Where OWL names classes and properties: in these places stands one, as subject or as object.
_SUBJECTS = ("rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith")
_OBJECTS = (*_SUBJECTS, "owl:someValuesFrom", "owl:allValuesFrom", "owl:onClass",
            "owl:onProperty", "rdf:type")  # fmt: skip
_DECLARED = ("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty")
_BUILT_IN = (
    namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"], namespaces.PREFIXES["rdfs"],
    namespaces.PREFIXES["xsd"],
)  # fmt: skip
_LABELS = "rdfs:label|skos:prefLabel|obo:IAO_0000118"
_DESCRIPTIONS = "rdfs:comment|skos:definition"


def _node(curie: str) -> ox.NamedNode:
    prefix, name = curie.split(":")
    return ox.NamedNode(namespaces.PREFIXES[prefix] + name)


def _iris(curies: str) -> list[str]:
    pairs = (curie.split(":") for curie in curies.split())
    return [space + name for prefix, name in pairs for space in _SPACES[prefix]]


def _has(document: Document, name: str, *, filled: bool = False) -> bool:
    """Tell whether the header has a piece of metadata, where `filled` not as an empty text."""
    for curie in METADATA[name].split():
        for iri in _iris(curie):
            for value in document.header.get(iri, []):
                if name in _LITERAL and value.kind != "literal":
                    continue
                if name == "version iri" and value.kind != "iri":
                    continue
                # An identifier is a DOI when it looks like one.
                if curie.endswith(":identifier") and "doi." not in value.value:
                    continue
                if value.value or not filled:
                    return True
    return False


class _Answer(NamedTuple):
    passed: int
    asked: int
    missing: str = ""
    advice: str = ""


def _metadata(*names: str) -> Callable[[Document], _Answer]:
    def answer(document: Document) -> _Answer:
        lacking = [name for name in names if not _has(document, name)]
        advice = "; ".join(
            _HOW.get(name, f"add {METADATA[name].split()[0]} to the ontology header")
            for name in lacking
        )
        return _Answer(len(names) - len(lacking), len(names), ", ".join(lacking), advice)

    return answer


def _licence(document: Document) -> _Answer:
    good = any(_has(document, name, filled=True) for name in ("license", "rights"))
    return _Answer(int(good), 1, "license or rights", "add dcterms:license to the ontology header")


def _prefix(document: Document) -> _Answer:
    good = _has(document, "namespace prefix", filled=True)
    return _Answer(int(good), 1, "namespace prefix", "add vann:preferredNamespacePrefix")


def _version(document: Document) -> _Answer:
    if not document.version:
        return _Answer(0, 2, "version iri", "add owl:versionIRI to the ontology header")
    own = document.version != document.iri
    return _Answer(
        1 + own, 2, "a version IRI that is not the ontology IRI", "put the date into owl:versionIRI"
    )


def _persistent(document: Document) -> _Answer:
    return _Answer(
        int(bool(_PERSISTENT.search(document.iri))), 1, f"{document.iri} is no persistent address",
        "take an ontology IRI at w3id.org, purl.org or the like",
    )  # fmt: skip


def _protocol(document: Document) -> _Answer:
    return _Answer(
        int(document.iri.startswith("http")), 1, f"{document.iri} is no web address",
        "take an ontology IRI that begins with https:",
    )  # fmt: skip


def _loads(document: Document) -> _Answer:
    # What does not parse has ended before, with the line at fault.
    return _Answer(1, 1)


def _reused_metadata(document: Document) -> _Answer:
    spaces = tuple(space for prefix in _REUSED for space in _SPACES[prefix])
    structure = {
        namespaces.PREFIXES["owl"] + "imports", namespaces.PREFIXES["owl"] + "versionIRI",
        namespaces.PREFIXES["rdf"] + "type",
    }  # fmt: skip
    said = set(document.header) - structure
    return _Answer(
        int(any(iri.startswith(spaces) for iri in said)), 1, "no known metadata property",
        "describe the ontology with Dublin Core and the like",
    )  # fmt: skip


def _terms(document: Document) -> tuple[list[str], list[str]]:
    """Return the ontology's own terms and those of others."""
    inner = document.store.inner
    found: set[object] = set()
    for kind in map(_node, _DECLARED):
        found |= {quad.subject for quad in inner.quads_for_pattern(None, _node("rdf:type"), kind)}
    for place in map(_node, _SUBJECTS):
        found |= {quad.subject for quad in inner.quads_for_pattern(None, place, None)}
    for place in map(_node, _OBJECTS):
        found |= {quad.object for quad in inner.quads_for_pattern(None, place, None)}
    own: list[str] = []
    others: list[str] = []
    for iri in sorted(node.value for node in found if isinstance(node, ox.NamedNode)):
        if not iri.startswith(_BUILT_IN):
            low = iri.lower()
            mine = document.iri.lower() in low or document.namespace in low
            (own if mine else others).append(iri)
    return own, others


def _reused_terms(document: Document) -> _Answer:
    imports = document.header.get(namespaces.PREFIXES["owl"] + "imports", [])
    return _Answer(
        int(bool(imports or _terms(document)[1])), 1, "no import and no term of another vocabulary",
        "reuse classes or properties of other vocabularies",
    )  # fmt: skip


def _annotated(path: str, what: str, advice: str) -> Callable[[Document], _Answer]:
    query = (
        "".join(f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("obo", "rdfs", "skos"))
        + f"SELECT DISTINCT ?term WHERE {{ ?term {path} ?text FILTER(isLiteral(?text)) }}"
    )

    def answer(document: Document) -> _Answer:
        own = _terms(document)[0]
        if not own:
            return _Answer(0, 1, "no term of its own", "judge the file that declares the terms")
        said = {row[0].value for row in document.store.select(query).rows if row[0]}
        without = [iri for iri in own if iri not in said]
        return _Answer(
            len(own) - len(without), len(own), f"{what}: {_some(without)}", advice
        )  # fmt: skip

    return answer


def _some(iris: Iterable[str]) -> str:
    names = [namespaces.contract(iri) for iri in iris]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


#: Tests that a file answers: name -> what it asks, and how it is answered.
OFFLINE: dict[str, tuple[str, Callable[[Document], _Answer]]] = {
    "PURL1": ("The ontology IRI is at a service for persistent addresses.", _persistent),
    "VER1": ("There is a version IRI, and it is not the ontology IRI.", _version),
    "OM1": (
        "The header has title, description, licence, version IRI, author and namespace.",
        _metadata("title", "description", "license", "version iri", "author", "namespace URI"),
    ),
    "FIND1": ("The header declares the prefix of its namespace.", _prefix),
    "HTTP1": ("The ontology IRI is a web address (HTTP or HTTPS).", _protocol),
    "RDF1": ("The ontology can be read as RDF.", _loads),
    "VOC1": ("The header uses vocabularies that others know.", _reused_metadata),
    "VOC2": ("The ontology imports or uses other vocabularies.", _reused_terms),
    "OM2": (
        "The header has namespace prefix, version, creation date and how to cite.",
        _metadata("namespace prefix", "version info", "creation date", "citation"),
    ),
    "OM3": (
        "The header has DOI, publisher, logo, status, source and date of issue.",
        _metadata("doi", "publisher", "logo", "status", "source", "issued"),
    ),
    "OM4.1": ("The header names a licence or rights.", _licence),
    "OM5.1": ("The header says who made it and when.", _metadata("creation date", "author")),
    "OM5.2": ("The header says who published it and when.", _metadata("issued", "publisher")),
    "VOC3": (
        "Every own class and property has a label.",
        _annotated(_LABELS, "without a label", "add rdfs:label"),
    ),
    "VOC4": (
        "Every own class and property has a comment or a SKOS definition.",
        _annotated(_DESCRIPTIONS, "without rdfs:comment and skos:definition",
                   "judge the file of a release, where `publish` adds skos:definition"),
    ),
}  # fmt: skip
#: Tests that need the network: name -> what it asks, and why a file cannot answer.
ONLINE = {
    "CN1": ("The ontology IRI gives HTML to people and RDF to programs.",
            "content negotiation is the web server's"),
    "DOC1": ("The ontology IRI gives HTML.", "the page is asked of the ontology IRI"),
    "FIND2": ("The prefix is registered for this namespace.", "prefix.cc or LOV is asked"),
    "FIND3": ("A public registry has the ontology.", "LOV is asked"),
    "FIND_3_BIS": ("A public registry keeps the metadata.", "LOV is asked"),
    "OM4.2": ("The address of the licence resolves.", "the address is fetched"),
    "URI1": ("The ontology IRI resolves to RDF.", "the address is fetched"),
    "URI2": ("The address it was fetched from is the ontology IRI.", "a file has no such address"),
    "VER2": ("The version IRI resolves.", "the address is fetched"),
}  # fmt: skip


def verdicts(document: Document) -> list[Verdict]:
    """Return what every test of FOOPS! says of a document."""
    found = []
    for name, (asks, how) in OFFLINE.items():
        passed, asked, missing, advice = how(document)
        if passed == asked:
            missing = advice = ""
        found.append(_verdict(name, asks, passed, asked, missing, advice))
    for name, (asks, why) in ONLINE.items():
        # The header may name the catalogue; then nobody is asked.
        known = name in {"FIND3", "FIND_3_BIS"} and _has(document, "catalogue")
        found.append(_verdict(name, asks, int(known), int(known), "" if known else why))
    return found


def _verdict(
    name: str, asks: str, passed: int, asked: int, missing: str, advice: str = ""
) -> Verdict:
    where = f"https://w3id.org/foops/test/{name}"
    return Verdict(FOOPS, name, asks, where, passed, asked, missing, advice)
