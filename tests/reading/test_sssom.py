"""Mapping tables that people bring: read as SSSOM means them, or refused with line and column."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import sssom

HEAD = "#curie_map:\n#  lab: https://example.org/lab/\n"
COLUMNS = (
    "subject_id", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "confidence",
)  # fmt: skip
ROW = {
    "subject_id": "skg:Osteosarcoma",
    "predicate_id": "skos:exactMatch",
    "predicate_modifier": "",
    "object_id": "NCIT:C9145",
    "object_label": "Osteosarcoma",
    "mapping_justification": "semapv:LexicalMatching",
    "confidence": "0.9",
}


def table(folder: Path, *rows: dict[str, str], head: str = HEAD, columns: object = COLUMNS) -> Path:
    names = list(columns)  # type: ignore[call-overload]
    lines = ["\t".join(names), *("\t".join({**ROW, **row}[n] for n in names) for row in rows)]
    path = folder / "table.sssom.tsv"
    path.write_bytes((head + "\n".join(lines) + "\n").encode())
    return path


@pytest.mark.parametrize(
    ("cell", "negated"),
    [("", False), ("Not", True), ("not", True), (" NOT ", True), ("  ", False)],
)
def test_not_is_read_in_any_case_and_spacing(tmp_path: Path, cell: str, negated: bool) -> None:
    (mapping,) = sssom.read(table(tmp_path, {"predicate_modifier": cell}))
    assert mapping.negated == negated


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"predicate_modifier": "Inverse"}, "line 4: column predicate_modifier: 'inverse'"),
        ({"predicate_modifier": "Not really"}, "line 4: column predicate_modifier"),
        ({"object_id": "sssom:NoTermFound"}, "line 4: column object_id: sssom:NoTermFound says"),
        ({"subject_id": "sssom:NoTermFound"}, "line 4: column subject_id: sssom:NoTermFound"),
        ({"object_id": "nowhere:1"}, "line 4: column object_id: 'nowhere:1' is not a known CURIE"),
        ({"object_id": "lab:a b"}, "line 4: column object_id: 'lab:a b'"),
        ({"object_id": ""}, "line 4: column object_id: ''"),
        ({"confidence": "high"}, "line 4: column confidence: 'high' is no number from 0 to 1"),
        ({"confidence": "1.5"}, "line 4: column confidence"),
        ({"confidence": ""}, "line 4: column confidence: ''"),
        ({"object_label": "two\tcells"}, "line 4: 8 cells, but the table has 7 columns"),
        ({"object_label": '"open'}, "unexpected end of data"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, row: dict[str, str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        sssom.read(table(tmp_path, row))


def test_a_short_row_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, {})
    path.write_text(path.read_text() + "skg:Chondrosarcoma\tskos:exactMatch\n")
    with pytest.raises(UserError, match="line 5: 2 cells, but the table has 7 columns"):
        sssom.read(path)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ((*COLUMNS, "confidence"), "line 3: column confidence stands there twice"),
        (COLUMNS[1:], "line 3: missing column subject_id"),
        (COLUMNS[:-1], "line 3: missing column confidence"),
    ],
)
def test_bad_columns_are_named(tmp_path: Path, columns: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError, match=told):
        sssom.read(table(tmp_path, {}, columns=columns))


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("#curie_map:\n#  NCIT: https://example.org/\n", "line 2: curie_map: NCIT stands for"),
        ("#curie_map:\n#  skg: http://x/\n#  lab: http://y/\n", "line 2: curie_map: skg stands"),
        ("#curie_map:\n#  lab: 'http://y/'\n#  NCIT: 'http://x:'\n", "line 3: curie_map: NCIT"),
    ],
)
def test_a_bad_head_is_named(tmp_path: Path, head: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        sssom.read(table(tmp_path, {}, head=head))


def test_a_prefix_of_the_table_is_known(tmp_path: Path) -> None:
    (mapping,) = sssom.read(table(tmp_path, {"object_id": "lab:7"}))
    assert mapping.object == "https://example.org/lab/7"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_quoted_cells_are_read(tmp_path: Path, ends: str) -> None:
    path = table(tmp_path, {"object_label": '"the ""old"" name\nin two lines"'}, {})
    path.write_bytes(path.read_bytes().replace(b"\n", ends.encode()))
    first, second = sssom.read(path)
    assert first.object_label == f'the "old" name{ends}in two lines'
    assert second.object_label == "Osteosarcoma"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters='\0\t\n\r"')))
def test_any_other_text_stays_in_its_cell(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """U+0085 and U+2028 too, at which Python ends lines."""
    (mapping,) = sssom.read(table(tmp_path_factory.mktemp("t"), {"object_label": text}))
    assert mapping.object_label == text
