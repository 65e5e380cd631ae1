"""The notebook that a researcher starts from runs, and shows what it shows in docs."""

import base64
import os
from typing import Any

import pytest

from sarcoma_kg.building import builds
from tests import notebook


@pytest.fixture(scope="module")
def cells(build: builds.Build) -> list[tuple[Any, Any]]:
    assert os.environ["SARCOMA_KG_CACHE"]  # the kernel opens the build of the tests
    shown = notebook.read()
    return [(c, new) for c, new in zip(shown.cells, notebook.run(shown).cells, strict=True)]


def data(cell: Any, kind: str) -> list[str]:
    return [o["data"][kind] for o in cell.get("outputs", []) if kind in o.get("data", {})]


def test_it_shows_what_it_shows_in_docs(cells: list[tuple[Any, Any]]) -> None:
    for before, after in cells:
        for kind in ("text/html", "text/plain"):
            assert data(after, kind) == data(before, kind), before.source


def test_its_figure_is_drawn(cells: list[tuple[Any, Any]]) -> None:
    """Fonts differ between machines, so the picture is not compared by its bytes."""
    (picture,) = [p for _, after in cells for p in data(after, "image/png")]
    raw = base64.b64decode(picture)
    assert raw.startswith(b"\x89PNG")
    assert len(raw) > 20_000


def test_it_answers_something_in_every_cell(cells: list[tuple[Any, Any]]) -> None:
    for _, after in cells:
        if after.cell_type == "code":
            last = after.source.strip().splitlines()[-1]
            assert after.outputs or "=" in last, after.source
