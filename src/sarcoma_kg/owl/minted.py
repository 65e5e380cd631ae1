"""New names, and who gives them: no two files of a user mint one IRI."""

from collections.abc import Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl.ontologies import Document, located
from sarcoma_kg.sheets import is_sheet

__all__ = ["twice"]

_TYPE, _LABEL = namespaces.PREFIXES["rdf"] + "type", namespaces.PREFIXES["rdfs"] + "label"
_OWL = namespaces.PREFIXES["owl"]


def twice(documents: Sequence[Document], shipped: set[str]) -> list[Finding]:
    """Return a finding for each IRI that two documents give a type and a label.

    A file may declare a term of another that it uses; the label is given by the one that mints it.
    Two sheets are compared where they are read.

    Args:
        documents: The user's documents.
        shipped: What the packaged graph describes.
    """
    first: dict[str, Document] = {}
    found = []
    for document in documents:
        for iri in sorted(_mints(document) - shipped):
            other = first.setdefault(iri, document)
            if other is document or (is_sheet(other.path) and is_sheet(document.path)):
                continue
            message = (
                f"{other.path} gives this identifier to a thing of its own too. Two files never "
                "mint one IRI: take another name, or declare the term here without a label."
            )
            name = namespaces.contract(iri)
            finding = Finding("violation", "IRI minted twice", name, "", "", message)
            found += located([finding], [document])
    return found


def _mints(document: Document) -> set[str]:
    typed, labelled = set(), set()
    for quad in document.quads:
        if isinstance(quad.subject, ox.NamedNode):
            if quad.predicate.value == _TYPE and quad.object != ox.NamedNode(_OWL + "Ontology"):
                typed.add(quad.subject.value)
            elif quad.predicate.value == _LABEL:
                labelled.add(quad.subject.value)
    return typed & labelled
