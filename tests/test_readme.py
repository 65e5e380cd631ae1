"""The lines of Python in the documents, run as they stand against a server with the graph."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from tests.stores import sparql_server

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCKS = [
    block
    for page in PAGES
    for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
]
ADDRESS = "http://localhost:8890/sparql"


@pytest.fixture(scope="module")
def address(build: builds.Build) -> Iterator[str]:
    store = ox.Store()
    for part in ("asserted.nt", "inferred.nt"):
        path, graph = str(build.folder / part), ox.NamedNode("urn:sarcoma-kg")
        store.bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    with sparql_server.serving(store) as served:
        yield served.query


def test_there_is_one_for_each_way_of_asking() -> None:
    for words in ("import sarcoma_kg", "to_pandas", "SPARQLWrapper(", "SPARQLStore("):
        assert any(words in block for block in BLOCKS), words


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.split("\n")[0])
def test_it_gives_an_answer(block: str, address: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "300"}
    for text in {block, *re.findall(rf'skg\.open\("{ADDRESS}".*?\)', block)}:
        # What a comment offers instead is run too.
        script = block if text == block else block.replace("skg.open()", text)
        done = subprocess.run(
            [sys.executable, "-c", script.replace(ADDRESS, address)],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        wanted = "S2-3.2-GIST-03" if "imatinib" in block else "afamitresgene autoleucel"
        assert wanted in done.stdout
