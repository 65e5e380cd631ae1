"""The claims as a table, for people without RDF.

CSV with CSV on the Web metadata (https://www.w3.org/TR/tabular-metadata/); JSON Lines and Parquet,
where cells with several values are lists. Rows and values are sorted. In the CSV alone, cells that
a spreadsheet would run have an apostrophe before them (`formats.inert`).
"""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing import graphs
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.questions.values import NO_STATUS
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["write"]

#: What stands between the values of one cell.
SEPARATOR = " | "
_P = namespaces.PREFIXES
_LABEL = ox.NamedNode(_P["rdfs"] + "label")
_IDENTIFIER = ox.NamedNode(_P["dcterms"] + "identifier")


class _Column(NamedTuple):
    """A column: where its values come from and what they mean.

    Attributes:
        name: Its name.
        path: Properties from the claim, one after the other.
        title: What it says, for people.
        many: Whether a cell holds a list.
        iris: Whether values stay IRIs; labels otherwise.
        datatype: The datatype of the values in CSV on the Web.
    """

    name: str
    path: tuple[str, ...]
    title: str
    many: bool = False
    iris: bool = False
    datatype: str = "string"


_COLUMNS = (
    _Column("claim", ("dcterms:identifier",), "identifier of the claim"),
    _Column("iri", (), "IRI of the claim", iris=True, datatype="anyURI"),
    _Column("type", ("rdf:type",), "types of the claim", many=True),
    _Column("source", ("prov:hadPrimarySource", "dcterms:identifier"), "who says it"),
    _Column("section", ("skg:section",), "section of the source"),
    _Column("start", ("oa:hasTarget", "oa:hasSelector", "oa:start"),
            "first character of the passage, from 0", datatype="integer"),
    _Column("end", ("oa:hasTarget", "oa:hasSelector", "oa:end"),
            "character after the passage", datatype="integer"),
    _Column("paraphrase", ("skg:paraphrase",), "what is said, in words of the curator"),
    _Column("subject", ("skg:subjectLabel",), "what it is about, in words of the curator"),
    _Column("diseases", ("skg:aboutDisease",), "diseases", many=True),
    _Column("disease_iris", ("skg:aboutDisease",), "diseases as IRIs", many=True, iris=True,
            datatype="anyURI"),
    _Column("therapies", ("skg:aboutTherapy",), "therapies", many=True),
    _Column("therapy_iris", ("skg:aboutTherapy",), "therapies as IRIs", many=True, iris=True,
            datatype="anyURI"),
    _Column("targets", ("skg:aboutTarget",), "targets", many=True),
    _Column("target_iris", ("skg:aboutTarget",), "targets as IRIs", many=True, iris=True,
            datatype="anyURI"),
    _Column("molecular_context", ("skg:molecularContext",), "molecular context", many=True),
    _Column("direction", ("skg:direction",), "whether it speaks for or against"),
    _Column("strength", ("skg:wordingStrength",), "strength of the wording"),
    _Column("quantifier", ("skg:quantifier",), "how many it speaks of"),
    _Column("line", ("skg:line",), "line of therapy", many=True),
    _Column("setting", ("skg:setting",), "setting", many=True),
    _Column("outcomes", ("skg:outcome",), "outcomes", many=True),
    _Column("values", ("skg:hasValue",), "reported values", many=True),
    _Column("status", ("skg:evidenceStatus",), "what is known of its citations and evidence",
            many=True),
    _Column("citations", ("skg:hasCitation", "skg:printedMarker"), "reference numbers as printed",
            many=True),
    _Column("proposition", ("skg:hasProposition", "dcterms:identifier"),
            "the proposition, which other claims may share"),
    _Column("created", ("dcterms:created",), "day of curation", datatype="date"),
)  # fmt: skip


def write(release: Release, say: Say) -> None:
    """Write tables/claims.csv, its metadata, tables/claims.jsonl and tables/claims.parquet.

    Args:
        release: A release with its graphs prepared.
        say: Called with a few words at the beginning of each step.

    Raises:
        UserError: polars, which writes Parquet, is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise UserError(
            "polars is not installed, and the release holds a Parquet file",
            "pip install 'sarcoma-kg[publish]'",
        ) from error
    say("writing the table of claims")
    folder = release.folder / "tables"
    folder.mkdir()
    target = folder / "claims.csv"
    with (
        target.open("w", encoding="utf-8", newline="") as out,
        (folder / "claims.jsonl").open("w", encoding="utf-8", newline="\n") as lines,
    ):
        out.write(formats.csv_line([column.name for column in _COLUMNS]))
        for row in _rows(graphs.plain(release, graphs.WHOLE), release.build.open()):
            out.write(formats.csv_line(row))
            lines.write(_json_line(row))
    (folder / "claims.csv-metadata.json").write_text(_metadata(), encoding="utf-8", newline="\n")
    types = {"integer": polars.Int64, "date": polars.Date}
    schema = {c.name: types.get(c.datatype, polars.String) for c in _COLUMNS}
    as_said = [
        polars.col(c.name).str.replace(formats.MARKED, "$1")
        for c in _COLUMNS
        if c.datatype not in types
    ]
    lists = [
        # An empty cell is an empty list.
        polars.col(c.name).fill_null("").str.split(SEPARATOR).list.filter(polars.element() != "")
        for c in _COLUMNS
        if c.many
    ]
    polars.scan_csv(target, schema=schema).with_columns(as_said).with_columns(lists).sink_parquet(
        folder / "claims.parquet", compression="zstd", statistics=True
    )


def _rows(whole: Path, store: EmbeddedStore) -> Iterator[list[str]]:
    """Yield a row for each claim, in the order of the sorted N-Triples."""
    inner, names = store.inner, _Names(store)
    claim = _P["skg"] + "hasProposition"
    properties = {
        step: ox.NamedNode(namespaces.expand(step) or "") for c in _COLUMNS for step in c.path
    }
    parsed = ox.parse(path=str(whole), format=ox.RdfFormat.N_TRIPLES)
    for subject, group in groupby(parsed, key=lambda quad: quad.subject):
        said: dict[str, list[ox.Quad]] = {}
        for quad in group:
            said.setdefault(quad.predicate.value, []).append(quad)
        if claim not in said:
            continue
        row = []
        for column in _COLUMNS:
            values: list[object] = [subject]
            for at, step in enumerate(column.path):
                predicate = properties[step]
                found = (
                    said.get(predicate.value, [])
                    if not at
                    else (
                        quad
                        for value in values
                        if not isinstance(value, ox.Literal)
                        for quad in inner.quads_for_pattern(value, predicate, None, None)  # type: ignore[arg-type]
                    )
                )
                values = [quad.object for quad in found]
            texts = {names.iri(v) if column.iris else names.label(v) for v in values}
            row.append(SEPARATOR.join(sorted(texts - {""})))
        yield row


def _json_line(row: Sequence[str]) -> str:
    """Return a claim as an object in a line; a claim without a status says so, too."""
    told: dict[str, object] = {}
    for column, cell in zip(_COLUMNS, row, strict=True):
        if column.many:
            told[column.name] = cell.split(SEPARATOR) if cell else []
        elif column.datatype == "integer":
            told[column.name] = int(cell) if cell else None
        else:
            told[column.name] = cell
    told["status"] = told["status"] or [NO_STATUS]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


class _Names:
    """What nodes are called; the labels of the vocabulary are kept.

    Args:
        store: The graph.
    """

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store.inner
        self._known: dict[str, str] = {}

    @staticmethod
    def iri(node: object) -> str:
        return str(getattr(node, "value", ""))

    def label(self, node: object) -> str:
        """Return a literal as it is, a node by its label."""
        if not isinstance(node, ox.NamedNode):
            return self.iri(node)
        if (known := self._known.get(node.value)) is None:
            labels = sorted(
                quad.object.value  # type: ignore[union-attr]
                for quad in self._store.quads_for_pattern(node, _LABEL, None, None)
            )
            known = labels[0] if labels else namespaces.contract(node.value)
            if node.value.startswith(namespaces.SKG):
                self._known[node.value] = known
        return known


_INERT = (
    "A cell that would begin with = + - @ (also in full width), tab or a line end, and is no "
    "number, has an apostrophe before it, so that no spreadsheet runs it; so has one that has "
    "apostrophes before such a character already. Take one away to have the cell as it is in RDF."
)


def _metadata() -> str:
    columns = []
    for column in _COLUMNS:
        last = namespaces.expand(column.path[-1]) if len(column.path) == 1 else None
        described = {
            "name": column.name,
            "titles": column.name,
            "dc:description": column.title,
            "datatype": column.datatype,
            **({"separator": SEPARATOR} if column.many else {}),
            **(
                {"propertyUrl": last}
                if last and (column.iris or "_iris" not in column.name)
                else {}
            ),
            **({"required": True} if column.name in ("claim", "iri") else {}),
        }
        columns.append(described)
    content = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "claims.csv",
        "dc:title": "Claims of sarcoma-kg",
        "dc:description": _INERT,
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "dialect": {"lineTerminators": ["\n"]},
        "tableSchema": {"columns": columns, "primaryKey": "claim", "aboutUrl": "{+iri}"},
    }
    return json.dumps(content, indent=1) + "\n"
