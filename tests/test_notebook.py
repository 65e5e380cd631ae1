"""The notebook that a researcher starts from runs, and shows what it shows in docs."""

import html
import os
import re
from typing import Any

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.questions import claims
from sarcoma_kg.stores.store import EmbeddedStore
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


def shown(text: str) -> list[str]:
    """Return the parts of an output that are read together: rows of tables, and folded parts."""
    return re.split(r"</tr>|</details>|</summary>|</pre>|\n(?=S\d)", html.unescape(text))


def test_it_shows_no_claim_without_its_status(
    cells: list[tuple[Any, Any]], store: EmbeddedStore
) -> None:
    known = {claim.id: claim.status or [claims.NO_STATUS] for claim in claims.read(store)}
    seen = set()
    for _, after in cells:
        parts = [p for kind in ("text/html", "text/plain") for t in data(after, kind)
                 for p in shown(t)]  # fmt: skip
        for part in parts:
            for claim in set(re.findall(r"S\d+-[\w.]+-\w+-\d+", part)) & known.keys():
                assert all(status in part for status in known[claim]), (after.source, claim)
                seen.add(claim)
    assert len(seen) > 40


def test_it_shows_what_the_graph_is_for(cells: list[tuple[Any, Any]]) -> None:
    source = "\n".join(after.source for _, after in cells)
    for call in ("kg.matrix()", "kg.show(", "kg.claims(status=", "kg.explain(", "kg.search("):
        assert call in source
    text = "".join(t for _, after in cells for t in data(after, "text/html"))
    for words in ("externally disputed", "worldwide withdrawal", "approval", "0/33"):
        assert words in text


def test_it_answers_something_in_every_cell(cells: list[tuple[Any, Any]]) -> None:
    for _, after in cells:
        if after.cell_type == "code":
            last = after.source.strip().splitlines()[-1]
            assert after.outputs or "=" in last, after.source
