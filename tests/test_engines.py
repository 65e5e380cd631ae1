"""The table in docs/engines.md speaks of every question, and the cells of a line agree."""

from tests import engines
from tests.stores import comunica

_SILENT = {"not asked", *comunica.UNANSWERED.values()}


def test_each_question_has_a_line_of_equal_answers() -> None:
    text = engines.DOCUMENT.read_text(encoding="utf-8")
    columns = engines.written(text)
    assert list(columns) == list(engines.ENGINES)
    assert engines.table(columns) in text
    assert engines.listed() in text
    for name in engines.names():
        (cell,) = {cells[name] for _, cells in columns.values()} - _SILENT
        assert name == "shapes" or " · " in cell, name
