"""Mapping tables: SSSOM TSV (https://w3id.org/sssom/) to triples, and to the Turtle for Protégé.

Each row becomes a `sssom:Mapping` with a deterministic IRI; a positive row also becomes the plain
`skos:...Match` triple. A row with `predicate_modifier` Not records an identifier that must not
be used, and yields no plain triple.
"""

import csv
import hashlib
import io
import itertools
import re
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
_CURIE = re.compile(r"#\s+(?P<prefix>[\w.-]+):\s+['\"]?(?P<base>[^\s'\"]+)['\"]?\s*")
_CONFIDENCE = re.compile(r"0(?:\.\d+)?|1(?:\.0+)?")
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
    text = files.read_text(path)
    head = "".join(itertools.takewhile(lambda line: line.startswith("#"), io.StringIO(text)))
    prefixes = _prefixes(path, head)
    start = head.count("\n")
    # Not splitlines: U+0085 and U+2028 may stand in a cell.
    body = io.StringIO(text[len(head) :], newline="")
    rows = csv.reader(body, delimiter="\t", strict=True)
    try:
        columns = next(rows, [])
        _check_columns(path, start + 1, columns)
        mappings = []
        for cells in rows:
            where = f"{path}: line {start + rows.line_num}"
            if len(cells) != len(columns):
                raise UserError(
                    f"{where}: {len(cells)} cells, but the table has {len(columns)} columns",
                    "an empty cell still needs its tab",
                )
            mappings.append(_mapping(where, dict(zip(columns, cells, strict=True)), prefixes))
    except csv.Error as error:
        raise UserError(
            f"{path}: line {start + rows.line_num}: {error}",
            'a cell that begins with a quote ends with one, and "" stands for one within',
        ) from error
    return mappings


def _check_columns(path: Path, line: int, columns: list[str]) -> None:
    if absent := [name for name in _REQUIRED if name not in columns]:
        raise UserError(f"{path}: line {line}: missing column {', '.join(absent)}")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise UserError(f"{path}: line {line}: column {', '.join(twice)} stands there twice")


def _prefixes(path: Path, head: str) -> dict[str, str]:
    """Return the prefixes of the table's own curie_map; none means otherwise than ours does.

    The head is YAML, but for tables whose namespaces end in a colon and stand without quotes.
    """
    own: dict[str, str] = {}
    inside = False
    for number, line in enumerate(head.splitlines(), 1):
        if found := _CURIE.fullmatch(line):
            prefix, base = found["prefix"], found["base"]
            if inside:
                ours = namespaces.PREFIXES.get(prefix)
                if ours is not None and ours != base:
                    raise UserError(
                        f"{path}: line {number}: curie_map: {prefix} stands for <{base}> here, and "
                        f"for <{ours}> in the graph",
                        "write the identifiers with the prefix of the graph",
                    )
                own[prefix] = base
        else:
            inside = line.lstrip("# ").rstrip() == "curie_map:"
    return own


def _mapping(where: str, row: dict[str, str], prefixes: dict[str, str]) -> Mapping:
    """Return what a row says; `where` names file and line."""
    iris = {}
    for name in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
        curie = row[name].strip()
        if curie in ("sssom:NoTermFound", _SSSOM + "NoTermFound"):
            raise UserError(
                f"{where}: column {name}: sssom:NoTermFound says that there is no term, which is "
                "no mapping",
                "leave the row out",
            )
        prefix, _, local = curie.partition(":")
        base = prefixes.get(prefix)
        iri = namespaces.expand(curie) or (f"{base}{local}" if base and local else None)
        if iri is None or not namespaces.is_iri(iri):
            raise UserError(
                f"{where}: column {name}: '{row[name][:80]}' is not a known CURIE",
                f"known prefixes: {', '.join([*namespaces.PREFIXES, *prefixes])}",
            )
        iris[name] = iri
    modifier = row.get("predicate_modifier", "").strip().casefold()
    if modifier not in ("", "not"):
        raise UserError(
            f"{where}: column predicate_modifier: '{modifier[:80]}' is not known",
            "SSSOM has 'Not', or an empty cell",
        )
    confidence = row["confidence"].strip()
    if not _CONFIDENCE.fullmatch(confidence):
        raise UserError(
            f"{where}: column confidence: '{confidence[:80]}' is no number from 0 to 1",
            "such as 0.9",
        )
    return Mapping(
        iris["subject_id"],
        iris["predicate_id"],
        iris["object_id"],
        row.get("object_label", ""),
        iris["mapping_justification"],
        confidence,
        modifier == "not",
        row.get("comment", ""),
    )


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
