"""What leaves for spreadsheets, terminals and browsers."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.pages.links import Links
from sarcoma_kg.quality import reports
from tests import terminal

RUNS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("http://a/";"b")',
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "=", "-", "+x", "-2+3+cmd|' /C calc'!A0", "'=1+1", "''@x",
]  # fmt: skip
STAY = [
    "",
    "a=1",
    " =1",
    "'quoted'",
    "'",
    "-5",
    "+5",
    "-0.5",
    "-1e-9",
    "5",
    "x-1",
    "https://a/?b=c",
]
#: What begins a formula, by the list of OWASP.
BEGINS = tuple("=+-@\t\r\n＝＋－＠")
_CELLS = st.one_of(st.text("'=+-@\t\r\n, \"19.ea|", max_size=8), st.text(max_size=20))


def back(cell: str) -> str:
    """Undo the mark by the rule that the documents tell."""
    return cell[1:] if re.match(formats.MARKED, cell) else cell


@pytest.mark.parametrize("cell", RUNS)
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_cell_that_would_run_stays_text(cell: str, form: str) -> None:
    text = formats.render(["a", cell], [["b", cell], [cell, "b"]], form)
    read = list(
        csv.reader(io.StringIO(text, newline=""), dialect="excel-tab" if form == "tsv" else "excel")
    )
    assert len(read) == 3
    assert all(not c.startswith(BEGINS) for row in read for c in row)
    if form == "csv":
        assert [[back(c) for c in row] for row in read] == [["a", cell], ["b", cell], [cell, "b"]]


@pytest.mark.parametrize("cell", STAY)
def test_other_cells_and_numbers_stay_as_they_are(cell: str) -> None:
    assert formats.inert(cell) == cell
    assert back(cell) == cell


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=4))
@example([["\r", "'=1"], ["''", "-1"]])
def test_every_table_can_be_had_back(rows: list[list[str]]) -> None:
    text = formats.render(rows[0], rows[1:], "csv")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [[back(cell) for cell in row] for row in read] == rows
    number = re.compile(r"[+-][0-9.]+(?:[eE][+-]?[0-9]+)?")
    for cell in (cell for row in read for cell in row):
        assert not cell.startswith(BEGINS) or number.fullmatch(cell)
    flat = formats.render(rows[0], rows[1:], "tsv")
    assert [len(line.split("\t")) for line in flat.split("\n")[:-1]] == [2] * len(rows)


@settings(deadline=None)  # polars is imported by the first example
@given(_CELLS)
@example("''=a")
@example("'\n")
def test_polars_takes_the_mark_away_as_python_does(cell: str) -> None:
    """The Parquet table of a release has cells as they are."""
    polars = pytest.importorskip("polars")
    (got,) = polars.Series([formats.inert(cell)]).str.replace(formats.MARKED, "$1")
    assert got == cell


def test_findings_as_csv_stay_text_too() -> None:
    finding = Finding("violation", "@shape", "=1+1", "+p", "\r=2", "-message")
    (_, row) = csv.reader(io.StringIO(reports.render([finding], "csv"), newline=""))
    assert all(not cell.startswith(BEGINS) for cell in row)


@pytest.mark.parametrize(
    "iri",
    [
        "https://user:password@example.org/", "http://user@example.org/", "https://@example.org/",
        "https://example.org@evil.example/", "https://example.org/\u202egnp.exe",
        "https://example.org/\u200b", "https://ex\u2066ample.org/", "https://example.org/\u200f",
        "https:///user:password@example.org/", "https://", "javascript:alert(1)", "file:///etc/passwd",
        "https://example.org/\x9b31m", "HTTPS://example.org/",
    ],
)  # fmt: skip
def test_no_link_carries_a_password_or_looks_like_another(iri: str) -> None:
    assert not namespaces.is_link(iri)
    assert Links([]).href(iri, "index.html") == ""


@pytest.mark.parametrize(
    "iri",
    ["https://example.org", "http://example.org/a@b", "https://example.org?q=a@b",
     "https://example.org/#a@b", "https://doi.org/10.1000/182", "https://example.org/größe",
     "http://[::1]:8000/x"],
)  # fmt: skip
def test_ordinary_addresses_are_links(iri: str) -> None:
    assert namespaces.is_link(iri)
    assert Links([]).href(iri, "index.html") == iri


_HOSTILE = "\x1b]0;title\x07\x1b[31m\x9b2J\u202e\x7f"


@pytest.fixture
def query(tmp_path: Path, build: builds.Build) -> Path:
    """A query whose answer holds what drives a terminal."""
    place = tmp_path / "q.rq"
    place.write_text(f'SELECT ("a{_HOSTILE}b" AS ?x) {{}}', encoding="utf-8")
    return place


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1]), "PYTHONUTF8": "1"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("form", [*formats.FORMATS, "srj", "option", "-o"])
def test_no_control_character_reaches_a_terminal(form: str, query: Path) -> None:
    words = ["query", str(query), "--format", form]
    if form == "-o":
        words[2:] = ["--format", "csv", "-o", "/dev/stdout"]
    if form == "option":
        words = ["query", f"--{_HOSTILE}", str(query)]
    text = terminal.shown(words, _environment())
    assert text.strip()
    assert all(c.isprintable() or c in "\n\t" for c in text), ascii(text)


def test_a_pipe_gets_the_bytes_as_they_are(query: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sarcoma_kg.cli", "query", str(query), "--format", "csv"],
        capture_output=True, env=_environment(), check=True,
    )  # fmt: skip
    assert done.stdout.decode() == f"x\na{_HOSTILE}b\n"


TABLE = (
    ["claim", "drug", "context", "status", "source"],
    [
        ["S2-3.2-GIST-03", "imatinib", "KIT mutation | PDGFRA mutation",
         "externally qualified | cited, unsupported", "https://example.org/" + "a" * 60],
        ["S2-3.2-SS-01", "tazemetostat", "", "externally disputed | cited, plausibly related", ""],
    ],
)  # fmt: skip


@pytest.mark.parametrize("width", [30, 40, 60, 72, 80, 100, 160])
def test_a_table_fits_the_terminal_and_breaks_no_word(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = formats.render(*TABLE, "table")
    assert max(map(len, text.splitlines())) <= width
    words = {word for row in TABLE[1] for cell in row[:4] for word in cell.split()}
    assert words <= set(text.split())


def test_an_empty_table_has_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    assert formats.render(["claim", "status"], [], "table").startswith("claim")
