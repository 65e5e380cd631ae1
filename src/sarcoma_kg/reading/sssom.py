"""Mapping tables: SSSOM TSV (https://w3id.org/sssom/) to triples, and to the Turtle for Protégé.

Each row becomes a `sssom:Mapping` with a deterministic IRI; a positive row also becomes the plain
`skos:...Match` triple. A row with `predicate_modifier` Not records an identifier that must not
be used, and yields no plain triple.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files

__all__ = ["Mapping", "mapping_files", "module", "quads", "read"]

_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "confidence")
_SSSOM = namespaces.PREFIXES["sssom"]
_OWL = namespaces.PREFIXES["owl"]
_RDF = namespaces.PREFIXES["rdf"]
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row of a table; identifiers as IRIs, confidence between 0 and 1."""

    subject: str
    predicate: str
    object: str
    object_label: str
    justification: str
    confidence: str
    negated: bool
    comment: str

    @property
    def iri(self) -> str:
        """IRI of the row, from what it says, so that it is the same in every build."""
        key = f"{self.subject} {'not ' if self.negated else ''}{self.predicate} {self.object}"
        return namespaces.KB + "mapping-" + hashlib.sha256(key.encode()).hexdigest()[:16]


def mapping_files() -> list[Path]:
    """Return the packaged tables."""
    return sorted((resources.data_root() / "ontology" / "mappings").glob("*.sssom.tsv"))


def read(path: Path) -> list[Mapping]:
    """Read one table.

    Raises:
        UserError: naming file, line and column of what is missing or malformed.
    """
    lines = files.read_text(path).splitlines()
    start = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = csv.DictReader(lines[start:], delimiter="\t", quoting=csv.QUOTE_NONE)
    absent = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
    if absent:
        raise UserError(f"{path}: line {start + 1}: missing column {', '.join(absent)}")
    mappings = []
    for number, row in enumerate(reader, start + 2):
        iris = {}
        for name in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
            iri = namespaces.expand(row[name] or "")
            if iri is None:
                raise UserError(
                    f"{path}: line {number}: column {name}: '{row[name]}' is not a known CURIE",
                    f"known prefixes: {', '.join(namespaces.PREFIXES)}",
                )
            iris[name] = iri
        mappings.append(
            Mapping(
                iris["subject_id"],
                iris["predicate_id"],
                iris["object_id"],
                row.get("object_label") or "",
                iris["mapping_justification"],
                row["confidence"],
                (row.get("predicate_modifier") or "") == "Not",
                row.get("comment") or "",
            )
        )
    return mappings


def quads(mappings: list[Mapping]) -> Iterator[ox.Quad]:
    """Yield the mapping individuals; the plain match triples stand in mappings.ttl."""
    node = ox.NamedNode
    kind = node(namespaces.PREFIXES["rdf"] + "type")
    decimal = node(namespaces.PREFIXES["xsd"] + "decimal")
    for mapping in mappings:
        me = node(mapping.iri)
        yield ox.Quad(me, kind, node(_SSSOM + "Mapping"))
        yield ox.Quad(me, node(_OWL + "annotatedSource"), node(mapping.subject))
        yield ox.Quad(me, node(_OWL + "annotatedProperty"), node(mapping.predicate))
        yield ox.Quad(me, node(_OWL + "annotatedTarget"), node(mapping.object))
        yield ox.Quad(me, node(_SSSOM + "mapping_justification"), node(mapping.justification))
        yield ox.Quad(
            me, node(_SSSOM + "confidence"), ox.Literal(mapping.confidence, datatype=decimal)
        )
        if mapping.object_label:
            yield ox.Quad(me, node(_SSSOM + "object_label"), ox.Literal(mapping.object_label))
        if mapping.negated:
            yield ox.Quad(me, node(_SSSOM + "predicate_modifier"), ox.Literal("Not"))
        if mapping.comment:
            yield ox.Quad(
                me,
                node(namespaces.PREFIXES["rdfs"] + "comment"),
                ox.Literal(mapping.comment, language="en"),
            )


def module() -> str:
    """Return mappings.ttl: the positive mappings as annotations that Protégé shows."""
    node = ox.NamedNode
    head = node("https://w3id.org/sarcoma-kg/module/mappings")
    dcterms, rdfs = namespaces.PREFIXES["dcterms"], namespaces.PREFIXES["rdfs"]
    core = "https://w3id.org/sarcoma-kg/module/core"
    triples = [
        ox.Triple(head, node(_RDF + "type"), node(_OWL + "Ontology")),
        ox.Triple(head, node(_OWL + "imports"), node(core)),
        ox.Triple(head, node(dcterms + "license"), node(_LICENCE)),
        ox.Triple(
            head,
            node(dcterms + "title"),
            ox.Literal("Mappings of sarcoma-kg as annotations", language="en"),
        ),
        ox.Triple(
            head,
            node(rdfs + "comment"),
            ox.Literal(
                "Written by `make mappings` from the SSSOM tables beside this file; edit those.",
                language="en",
            ),
        ),
    ]
    for path in mapping_files():
        triples += [
            ox.Triple(node(m.subject), node(m.predicate), node(m.object))
            for m in read(path)
            if not m.negated
        ]
    return turtle.serialize(triples)


if __name__ == "__main__":
    target = resources.data_root() / "ontology" / "mappings" / "mappings.ttl"
    files.replace_text(target, module())
