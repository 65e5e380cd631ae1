"""Labels of a brought file that would drive a terminal, a sheet or a page stay text everywhere."""

import csv
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import resources
from tests import terminal
from tests.pages.test_pages import Read

#: A formula, a link of a terminal (OSC 8), its title (OSC 0), colours, markup. A shape
#: refuses names that turn the direction of a text.
LINK = "\x1b]8;;http://e.org/\x1b\\zork\x1b]8;;\x07\x1b]0;t\x07\x1b[31m\x9b2J"
LABEL = f'=HYPERLINK("http://e.org/") {LINK}<script>alert(1)</script> sarcoma'
THERAPY = f"+cmd|' /C calc'!A0 {LINK}\" onmouseover=alert(1) mab"
#: The reasoner reads it, and no text with control characters.
PARAPHRASE = "@SUM(1) zork]]></svg><img src=x onerror=alert(1)> helps."
COMMANDS = (
    ("lab:EWSR1EXMP1Sarcoma",), ("search", "zork"), ("show", "S901-1-EXMP-02"), ("matrix",),
    ("tree", "Sarcoma"), ("ask", "CQ01", "--disease", "lab:EWSR1EXMP1Sarcoma"),
    ("explain", "CQ01", "--disease", "lab:EWSR1EXMP1Sarcoma"), ("term", "lab:EWSR1EXMP1Sarcoma"),
    ("matrix", "--format", "html"), ("matrix", "--format", "svg"), ("matrix", "--format", "md"),
    ("show", "zork"),
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]


def literal(text: str) -> str:
    """Return a text as it stands in Turtle."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\u{ord(c):04X}" for c in text)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where commands ask a graph with those labels in it."""
    folder = tmp_path_factory.mktemp("hostile")
    text = (resources.data_root() / "ontology" / "examples" / "lab-extension.ttl").read_text()
    for plain, hostile in (
        ("EWSR1::EXMP1 sarcoma", LABEL), ("examplogene autoleucel", THERAPY),
        ("Examplogene autoleucel looks promising after earlier treatment.", PARAPHRASE),
    ):  # fmt: skip
        # Not of what axioms say: there the reasoner refuses control characters.
        for name in ("rdfs:label", "skg:paraphrase"):
            text = text.replace(f'{name} "{plain}"@en', f'{name} "{literal(hostile)}"@en')
    (folder / "lab.ttl").write_text(text, encoding="utf-8")
    before = os.environ.get("SARCOMA_KG_CACHE")
    os.environ["SARCOMA_KG_CACHE"] = str(folder / "cache")
    try:
        pipeline.build(extras=[str(folder / "lab.ttl")])
        yield {
            **os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1]), "PYTHONUTF8": "1",
            "TERM": "xterm-256color", "COLUMNS": "100", "NO_COLOR": "1",
        }  # fmt: skip
    finally:
        os.environ.pop("SARCOMA_KG_CACHE")
        if before is not None:
            os.environ["SARCOMA_KG_CACHE"] = before


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_lets_a_label_drive_the_terminal(
    environment: dict[str, str], words: tuple[str, ...]
) -> None:
    words = tuple(w.replace("lab:", "https://example.org/lab/") for w in words)
    text = terminal.shown(words, environment)
    assert "zork" in text, "the label is shown"
    assert all(c.isprintable() or c in "\n\t" for c in text), ascii(text)


@pytest.mark.parametrize("command", ["ask", "matrix"])
@pytest.mark.parametrize("suffix", ["csv", "tsv", "md", "xlsx", "html", "svg"])
def test_no_file_has_a_label_that_acts(
    environment: dict[str, str], tmp_path: Path, command: str, suffix: str
) -> None:
    if command == "ask" and suffix in ("html", "svg"):
        pytest.skip("answers have no such form")
    place = tmp_path / f"out.{suffix}"
    disease = "https://example.org/lab/EWSR1EXMP1Sarcoma"
    words = ["ask", "CQ01", "--disease", disease] if command == "ask" else ["matrix"]
    subprocess.run(
        [sys.executable, "-m", "sarcoma_kg.cli", *words, "-o", str(place)],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    if suffix == "xlsx":
        inside = zipfile.ZipFile(place)
        text = "".join(inside.read(name).decode() for name in inside.namelist())
        assert "zork" in text
        assert "<f>" not in text
        assert "<hyperlink" not in text
        return
    text = place.read_text(encoding="utf-8")
    assert "zork" in text
    if suffix in ("csv", "tsv"):
        sheet = csv.reader(io.StringIO(text), delimiter="," if suffix == "csv" else "\t")
        cells = [cell for row in sheet for cell in row]
        assert any("zork" in cell for cell in cells)
        assert not [cell for cell in cells if "zork" in cell and cell[0] in "=+-@"]
    elif suffix == "md":
        assert "<script" not in text
        assert "<img" not in text
    elif suffix == "svg":
        # Written by the command a moment ago.
        for element in ElementTree.fromstring(text).iter():
            assert element.tag.rpartition("}")[2] in {"svg", "title", "desc", "rect", "text", "g"}
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
    else:
        read = Read(text)
        assert not read.scripts
        assert not [name for _, name, _ in read.attributes if name.startswith("on")]
