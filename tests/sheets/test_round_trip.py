"""The packaged content as sheets and back: without an edit the same, one cell one statement."""

import csv
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.sheets import content, edits, grid, workbook
from sarcoma_kg.sheets.edited import Edited
from sarcoma_kg.sheets.kinds import KINDS, Column, Kind, kind

RDF_TYPE = namespaces.PREFIXES["rdf"] + "type"
#: What a restriction says of itself; the column says the property and the value.
FRAME = {RDF_TYPE, *(namespaces.PREFIXES["owl"] + n for n in ("onProperty", "someValuesFrom"))}


@lru_cache
def rows_of(name: str) -> list[list[str]]:
    return list(content.table(kind(name), content.names()))


def read(path: Path, name: str, rows: list[list[str]], form: str = "tsv") -> Edited:
    columns = workbook.fields(kind(name), content.names())
    if form == "xlsx":
        path.write_bytes(workbook.xlsx(name, columns, rows))
    else:
        path.write_text(workbook.delimited(columns, rows, form), encoding="utf-8", newline="")
    (made,) = edits.apply([grid.read(path)], content.names())
    return made


def before(made: Edited) -> set[ox.Triple]:
    return {triple for path in made.instead for triple in content.packaged(path)}


def sheets_of_all() -> list[Any]:
    """Return kind and format: all kinds as TSV quick, and two formats of the smaller ones."""
    quick = {*((name, "tsv") for name in KINDS), ("evidence", "xlsx"), ("alteration", "csv")}
    return [
        pytest.param(name, form, marks=() if (name, form) in quick else pytest.mark.slow)
        for name in KINDS
        for form in ("tsv", "csv", "xlsx")
    ]


@pytest.mark.parametrize(("name", "form"), sheets_of_all())
def test_nothing_changes_without_an_edit(tmp_path: Path, name: str, form: str) -> None:
    rows = rows_of(name)
    made = read(tmp_path / f"x.{form}", name, rows, form)
    assert made.faults == []
    assert made.made == {}
    assert set(made.instead) == set(kind(name).files)
    assert set(made.triples) == before(made)


@pytest.mark.parametrize("name", KINDS)
def test_a_sheet_carries_or_names_every_property(name: str) -> None:
    """What the packaged things say is in a column, or the kind says that it stays."""
    of, known = kind(name), content.names()
    carried = {c.slot for c in of.columns} | set(of.stays) | {RDF_TYPE}
    things = content.rows_of(of, known)
    assert things
    said = {
        t.predicate.value
        for path in of.files
        for t in content.packaged(path)
        if isinstance(t.subject, ox.NamedNode) and t.subject.value in things
    }
    assert said <= carried, {namespaces.contract(p) for p in said - carried}
    # And nothing is asked for that the graph has no word of.
    words = known.labels.keys() | known.properties.keys() | known.schemes.keys()
    for column in of.columns:
        ours = [
            i
            for i in (column.slot, column.some, column.scheme, *column.terms)
            if namespaces.SKG in i
        ]
        assert all(iri in words for iri in ours), column.name
        assert column.about[0].islower() or column.about[0] in "OXN", column.name


def changed(cell: str, column: Column, others: list[str]) -> str:
    """Return the cell with one value less or one other: a word more, or what another row has."""
    if column.many and " | " in cell:
        return cell.rpartition(" | ")[0]
    if column.text is not None:
        return f"{cell} and more"
    made = {"date": "2020-01-01", "boolean": "false", "decimal": "0.5", "integer": "5"}
    if column.datatypes or column.iri:
        return made.get(column.datatypes[0] if column.datatypes else "", "https://example.org/x")
    return next((other for other in others if other not in ("", cell) and "|" not in other), "")


def edited_cells() -> list[Any]:
    """Return kind and column; one of five quick, since each reads a file anew."""
    cells = [
        (name, column.name)
        for name in KINDS
        for column in kind(name).columns
        if not (column.id or column.of or column.labels or column.key or column.retired)
    ]
    return [
        pytest.param(*cell, marks=() if number % 8 == 0 else pytest.mark.slow)
        for number, cell in enumerate(cells)
    ]


def one_edit(path: Path, name: str, of: Kind, at: int) -> tuple[set[ox.Triple], set[ox.Triple]]:
    """Change the first filled cell of a column; return the triples that are gone and new."""
    rows = rows_of(name)
    number = next(n for n, row in enumerate(rows) if row[at])
    cells = list(rows[number])
    cells[at] = changed(cells[at], of.columns[at], [row[at] for row in rows])
    beside = [n for n, c in enumerate(of.columns) if c.of == of.columns[at].name]
    for other in beside:  # what was said of the statement that is replaced is no matter of this
        cells[other] = ""
    made = read(path, name, [cells])
    assert [f for f in made.faults if f.severity == "violation"] == []
    return before(made) - set(made.triples), set(made.triples) - before(made)


@pytest.mark.parametrize(("name", "column"), edited_cells())
def test_one_cell_changes_one_statement(tmp_path: Path, name: str, column: str) -> None:
    of = kind(name)
    at = [c.name for c in of.columns].index(column)
    slot = of.columns[at].slot
    gone, new = one_edit(tmp_path / "x.tsv", name, of, at)
    assert gone or new
    for part in (gone, new):
        named = [t for t in part if isinstance(t.subject, ox.NamedNode)]
        assert len(named) <= 1
        assert {t.predicate.value for t in named} <= {slot}
    owl = namespaces.PREFIXES["owl"]
    blank = {t.predicate.value for t in gone | new if isinstance(t.subject, ox.BlankNode)}
    beside = {c.slot for c in of.columns if c.of}
    kept = {p for p in blank if p.startswith(owl + "annotated")}
    notes = ("oboInOwl:hasSynonymType", "dcterms:source", "skg:awaitingSource")
    told = {namespaces.expand(note) or "" for note in notes}
    assert blank <= FRAME | beside | kept | told


def export(name: str, path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> None:
    assert cli.main(["export", "--kind", name, *more]) == 0
    path.write_text(capsys.readouterr().out, encoding="utf-8", newline="")


@pytest.mark.parametrize("name", ["alteration", pytest.param("therapy", marks=pytest.mark.slow),
                                  pytest.param("disease", marks=pytest.mark.slow),
                                  pytest.param("target", marks=pytest.mark.slow),
                                  pytest.param("evidence", marks=pytest.mark.slow)])  # fmt: skip
def test_a_diff_of_exactly_the_edited_cell(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`export`, edit, `convert`: the packaged file, byte for byte but for the line of the cell."""
    sheet, target = tmp_path / "x.tsv", tmp_path / "x.ttl"
    export(name, sheet, capsys)
    assert cli.main(["convert", str(sheet), str(target)]) == 0
    (packaged,) = kind(name).files
    old = packaged.read_text(encoding="utf-8")
    assert target.read_text(encoding="utf-8") == old
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8")), delimiter="\t"))
    rows[5][1] = "an edited label"
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(rows)
    sheet.write_text(out.getvalue(), encoding="utf-8", newline="")
    assert cli.main(["convert", str(sheet), str(target)]) == 0
    new = target.read_text(encoding="utf-8")
    lines = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
    assert len(lines) == 1
    assert "an edited label" in lines[0][1]


@pytest.mark.slow
def test_claims_go_back_into_the_files_that_they_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "x.tsv"
    export("claim", sheet, capsys)
    assert cli.main(["convert", str(sheet), str(tmp_path / "x.ttl")]) == 2
    assert "name a folder" in capsys.readouterr().err
    assert cli.main(["convert", str(sheet), str(tmp_path)]) == 0
    claims = resources.data_root() / "ontology" / "claims"
    for name in ("S1.ttl", "S2.ttl"):
        assert (tmp_path / name).read_bytes() == (claims / name).read_bytes()
    export("claim", sheet, capsys, "--of", "S1")
    assert cli.main(["convert", str(sheet), str(tmp_path / "x.ttl")]) == 0
    assert (tmp_path / "x.ttl").read_bytes() == (claims / "S1.ttl").read_bytes()
