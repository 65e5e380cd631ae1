"""One table in every format and with every oddity: the same rows, or one clear message."""

import csv
import gzip
import io
import json
import random
import resource
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import rows
from sarcoma_kg.reading.cells import LIST, Faulty

HEADER = ["id", "name", "note"]
CELLS = [
    ["1", "one", "plain"], ["2", "zwei, ü", 'a "quoted" word'], ["3", "", "two\nlines"],
    ["4", "a\ttab", "x" * 1_000_000], ["5", "", ""],
]  # fmt: skip


def delimited(separator: str, encoding: str = "utf-8", end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows([HEADER, *CELLS])
    return out.getvalue().encode(encoding)


def sheet(cells: list[list[Any]], name: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = name
    for row in cells:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def objects() -> list[dict[str, str]]:
    return [dict(zip(HEADER, row, strict=True)) for row in CELLS]


def parquet() -> bytes:
    out = io.BytesIO()
    polars.DataFrame(objects()).write_parquet(out)
    return out.getvalue()


SHORT = [[cell[:100] for cell in row] for row in CELLS]
FORMS: dict[str, bytes] = {
    "t.csv": delimited(","),
    "crlf.csv": delimited(",", end="\r\n"),
    "bom.csv": delimited(",", "utf-8-sig"),
    "utf16.csv": delimited(",", "utf-16"),
    "t.tsv": delimited("\t"),
    "t.csv.gz": gzip.compress(delimited(",")),
    "t.json": json.dumps(objects()).encode(),
    "pretty.json": json.dumps(objects(), indent=2).encode(),
    "t.jsonl": "".join(json.dumps(o) + "\n" for o in objects()).encode(),
    "t.json.gz": gzip.compress(json.dumps(objects()).encode()),
    "t.parquet": parquet(),
    "t.parquet.gz": gzip.compress(parquet()),
    "t.xlsx": sheet([HEADER, *SHORT]),
    "t.xlsx.gz": gzip.compress(sheet([HEADER, *SHORT])),
}


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", FORMS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    table = rows.table(written(tmp_path, name, FORMS[name]))
    wanted = SHORT if "xlsx" in name else CELLS
    assert table.header() == HEADER
    read = list(table.read())
    assert [[row.cells[column] for column in HEADER] for row in read] == wanted
    assert not any(row.fault for row in read)
    first = 1 if "json" in name else 2
    assert [row.number for row in read] == list(range(first, first + len(CELLS)))
    for name in HEADER:
        assert list(table.column(name)) == [row.cells[name] for row in read]


def test_what_a_sheet_holds_is_read_as_written(tmp_path: Path) -> None:
    """Numbers without a point where they are whole, days as ISO; formulas and errors are faulty."""
    cells: list[list[Any]] = [
        ["a", "b", "c", "d", "e", "f"],
        [9253, 0.5, date(2021, 2, 3), datetime(2021, 2, 3, 4, 5), True, "=1+1"],
        ["0080366", None, "#N/A", "  x ", 1e20, "=HYPERLINK(\"a\")"],
    ]  # fmt: skip
    first, second = rows.table(written(tmp_path, "t.xlsx", sheet(cells))).read()
    assert [*first.cells.values()][:5] == [
        "9253",
        "0.5",
        "2021-02-03",
        "2021-02-03 04:05:00",
        "true",
    ]
    assert isinstance(first.cells["f"], Faulty)
    assert "formula" in first.cells["f"].why
    assert second.cells["a"] == "0080366"
    assert isinstance(second.cells["c"], Faulty)
    assert isinstance(second.cells["f"], Faulty)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_column_is_that_of_the_rows(tmp_path: Path, name: str) -> None:
    """Short, long and empty lines too."""
    text = "\ufeff a ,b,\n1,2,\n3\n\n,,\n4,5,6\n7,8,\n9,10\n,x,"
    table = rows.table(written(tmp_path, "t.csv", text.encode()))
    read = list(table.read())
    assert len(read) == 6
    assert list(table.column(name)) == [row.cells[name] for row in read]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "t.xlsx", sheet([["a"], ["1"]], "data"))
    assert len(list(rows.table(path, sheet="data").read())) == 1
    with pytest.raises(UserError, match="no sheet 'other'"):
        list(rows.table(path, sheet="other").read())


def test_lists_and_objects_of_json(tmp_path: Path) -> None:
    document = {"data": {"records": [{"a": {"b": 1, "c": [1, "x"]}, "d": [[1]], "e": None}, 7]}}
    path = written(tmp_path, "t.json", json.dumps(document).encode())
    first, second = rows.table(path, rows="data.records").read()
    assert first.cells == {"a.b": "1", "a.c": f"1{LIST}x", "d": "[[1]]", "e": ""}
    assert isinstance(first.cells["d"], Faulty)
    assert second.fault


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a,b\n1,2\n3\n4,5,6\n7,8,\n\n9,10\n", {3: "1 cells", 4: "3 cells"}),
        ("a,b,,\n1,2,,\n3,4,x,\n", {3: "4 cells"}),
        ("a,b\n1,\0\n", {}),
    ],
)
def test_a_row_of_another_width_is_faulty_alone(
    tmp_path: Path, text: str, faults: dict[int, str]
) -> None:
    read = list(rows.table(written(tmp_path, "t.csv", text.encode())).read())
    assert {row.number for row in read if row.fault} == set(faults)
    for row in read:
        assert faults.get(row.number, "") in row.fault


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"", "the file is empty"),
        ("t.csv", b"\n\n", "the file is empty"),
        ("t.csv", b"\xef\xbb\xbf", "the file is empty"),
        ("t.json", b"", "the file is empty"),
        ("t.json", b"[]", "the file is empty"),
        ("t.jsonl", b"\n", "the file is empty"),
        ("t.csv", "a\nü\n".encode("latin-1"), "not utf-8 text"),
        ("t.csv", b"a;b\n1;2\n", "semicolons in its name: is this csv?"),
        ("t.tsv", b"a,b\n1,2\n", "commas in its name: is this tsv?"),
        ("t.csv", b'a,b\n1,"never ends\n', "after row 1"),
        ("t.csv", b'a,b\n1,"x"y\n', "after row 1"),
        ("t.csv", FORMS["t.xlsx"], "is no csv"),
        ("t.csv", FORMS["t.parquet"], "is no csv"),
        ("t.csv.gz", b"no gzip at all", "cannot be read"),
        ("t.csv.gz", gzip.compress(b"a,b\n" * 9999, mtime=0)[:-20], "cannot be read"),
        ("t.parquet.gz", gzip.compress(b"x" * 99, mtime=0)[:-9], "cannot be unpacked"),
        ("t.json", b'{"a": 1}', "is no list of objects"),
        ("t.json", b'[{"a": 1}', "the list does not end"),
        ("t.json", b'[{"a": 1}, {"a"', "element 2: no JSON"),
        ("t.json", b"[" * 100_000, "element 1: no JSON"),
        ("t.jsonl", b'{"a": 1}\n{"a"\n', "line 2: no JSON"),
        ("t.xlsx", b"PK\x03\x04 no workbook", "cannot be read as XLSX"),
        ("t.xlsx", b"a,b", "cannot be read as XLSX"),
        ("t.parquet", b"PAR1 no more", "cannot be read as Parquet"),
        ("t.pdf", b"%PDF", "its suffix names no format"),
        ("t", b"a,b", "its suffix names no format"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(UserError) as told:
        list(rows.table(path).read())
    assert says in str(told.value)
    assert str(told.value).startswith(str(path))
    assert told.value.hint or "no JSON" in says


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
@pytest.mark.parametrize("asked", ["header", "read"])
def test_a_damaged_file_is_told_whatever_is_asked(tmp_path: Path, form: str, asked: str) -> None:
    """Wherever a byte is changed or the file ends: its rows, or a message."""
    good, chance, refused = FORMS[f"t.{form}"], random.Random(1), 0
    for _ in range(30):
        at = chance.randrange(len(good))
        bad = bytearray(good if chance.random() < 0.7 else good[:at])
        bad[at : at + 2] = chance.randbytes(2)
        table = rows.table(written(tmp_path, f"t.{form}", bytes(bad)))
        try:
            table.header() if asked == "header" else list(table.read())
        except UserError:
            refused += 1
    assert refused


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_MOST_UNPACKED", 1000)
    cells = [["a"], ["x" * 2000]]
    for name, content in {
        "t.xlsx": sheet(cells), "t.xlsx.gz": gzip.compress(sheet(cells)),
        "t.parquet.gz": gzip.compress(FORMS["t.parquet"]),
    }.items():  # fmt: skip
        for ask in (rows.Table.header, lambda table: list(table.read())):
            with pytest.raises(UserError, match="when unpacked"):
                ask(rows.table(written(tmp_path, name, content)))
    monkeypatch.setattr(rows, "_MOST_UNPACKED", 10**6)
    assert len(list(rows.table(tmp_path / "t.xlsx.gz").read())) == 1


def test_another_encoding_is_read_where_the_recipe_names_it(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "a\nü\n".encode("cp1252"))
    assert [row.cells["a"] for row in rows.table(path, encoding="cp1252").read()] == ["ü"]


def test_quotes_may_be_characters(tmp_path: Path) -> None:
    path = written(tmp_path, "t.tsv", b'a\tb\n"x\t5" long\n')
    assert [dict(row.cells) for row in rows.table(path, quotes=False).read()] == [
        {"a": '"x', "b": '5" long'}
    ]


def test_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b"a\n" + b"x" * (17 * 1024**2))
    with pytest.raises(UserError, match="field larger than field limit"):
        list(rows.table(path).read())


@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0\x1f", exclude_categories=["Cs"])),
                 min_size=2, max_size=2),
        min_size=1, max_size=6,
    ),
    form=st.sampled_from(["csv", "tsv", "json", "jsonl"]),
)  # fmt: skip
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], form: str
) -> None:
    """A round trip through every text format; a row without any cell is no row of CSV."""
    path = tmp_path_factory.mktemp("rows") / f"t.{form}"
    named = [{"a": a, "b": b} for a, b in cells]
    with path.open("w", encoding="utf-8", newline="") as out:
        if form in ("csv", "tsv"):
            writer = csv.writer(out, delimiter="\t" if form == "tsv" else ",")
            writer.writerows([["a", "b"], *cells])
            named = [row for row in named if any(row.values())]
        elif form == "json":
            json.dump(named, out)
        else:
            out.writelines(json.dumps(row) + "\n" for row in named)
    assert [dict(row.cells) for row in rows.table(path).read()] == named


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_long_table_is_not_held_in_memory(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"t.{form}"
    line: Callable[[int], str] = (
        (lambda n: f"{n},{'x' * 500}\n")
        if form == "csv"
        else (lambda n: f'{{"a": {n}, "b": "{"x" * 500}"}}{"," if n < 99_999 else ""}\n')
    )
    with path.open("w") as out:
        out.write("a,b\n" if form == "csv" else "[")
        out.writelines(line(n) for n in range(100_000))
        out.write("" if form == "csv" else "]")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in rows.table(path).read()) == 100_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000, "in KiB"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("t.csv", "id;drug\n1;x\n", "commas between"), ("t.tsv", "id,drug\n1,x\n", "tabs between")],
)
def test_another_separator_is_told_with_what_to_do(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError) as refused:
        list(rows.table(tmp_path / name).read())
    assert told in refused.value.hint


def test_sheets_that_are_not_read_are_named(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book["Sheet"].title = "Cover"
    book.create_sheet("Data").append(["id"])
    book.create_sheet("Notes")
    book.save(tmp_path / "t.xlsx")
    assert rows.table(tmp_path / "t.xlsx").sheets() == ["Cover", "Data", "Notes"]
    assert rows.table(tmp_path / "t.xlsx", sheet="Data").sheets() == ["Data", "Cover", "Notes"]
    assert rows.table(tmp_path / "t.csv").sheets() == []
    with pytest.raises(UserError, match="the sheet 'Cover' is empty") as refused:
        list(rows.table(tmp_path / "t.xlsx").read())
    assert "Data, Notes" in refused.value.hint
