"""The ontology as one file, for readers that follow no import, as FOOPS! and the OBO Dashboard.

What the modules say stands under one header, without `owl:imports`. The base holds what the project
says itself, the whole also the slim imports of NCIt and ChEBI (the words are those of ROBOT and the
OBO Foundry, which judges the base). Each definition (IAO:0000115, as in OBO) stands there as
`skos:definition` too, for tools that know SKOS only. The sources hold it once.
"""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.reading import loading

__all__ = ["HEADER", "both", "triples"]

#: The ontology IRI, which the one header keeps.
HEADER = "https://w3id.org/sarcoma-kg/ontology"
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_ONTOLOGY = ox.NamedNode(namespaces.PREFIXES["owl"] + "Ontology")
_IMPORTS = ox.NamedNode(namespaces.PREFIXES["owl"] + "imports")
_DEFINITION = ox.NamedNode(namespaces.PREFIXES["obo"] + "IAO_0000115")
_IN_SKOS = ox.NamedNode(namespaces.PREFIXES["skos"] + "definition")
_ANNOTATION = ox.NamedNode(namespaces.PREFIXES["owl"] + "AnnotationProperty")


def triples(*, base: bool) -> Iterator[ox.Triple]:
    """Yield the triples of the packaged ontology as one document; none comes twice.

    Args:
        base: Leave out the slim imports of other vocabularies.

    Raises:
        UserError: a file of the ontology cannot be read.
    """
    own, imported = _read()
    yield from _one([*own, *([] if base else imported)])


def both() -> tuple[list[ox.Triple], set[ox.Triple]]:
    """Return the whole as one document, and which of its triples the base has not.

    Raises:
        UserError: a file of the ontology cannot be read.
    """
    own, imported = _read()
    whole = list(_one([*own, *imported]))
    return whole, set(whole) - set(_one(own))


def _read() -> tuple[list[ox.Triple], list[ox.Triple]]:
    own: list[ox.Triple] = []
    imported: list[ox.Triple] = []
    for path in resources.ontology_files():
        part = imported if path.parent.name == "imports" else own
        part += (quad.triple for quad in loading.read(path))
    return own, imported


def _one(read: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    headers = {t.subject for t in read if (t.predicate, t.object) == (_TYPE, _ONTOLOGY)}
    inner = headers - {ox.NamedNode(HEADER)}
    kept = [t for t in read if t.subject not in inner and t.predicate != _IMPORTS]
    in_skos = [ox.Triple(t.subject, _IN_SKOS, t.object) for t in kept if t.predicate == _DEFINITION]
    yield from dict.fromkeys([*kept, ox.Triple(_IN_SKOS, _TYPE, _ANNOTATION), *in_skos])
