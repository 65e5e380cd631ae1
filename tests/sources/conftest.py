"""A small recipe with its table, and a way to run it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe

DATA = Path(__file__).parents[1] / "data" / "ingest"
Ingest = Callable[..., ingest.Taken]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the recipe, its decisions and its table."""
    for path in DATA.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path, build: builds.Build) -> Ingest:
    """Run the recipe of the folder, or another, on a file of it."""

    def go(
        file: str = "trials.csv", *, named: str = "trials.yaml", to: str = "out.ttl",
        dry: bool = False,
    ) -> ingest.Taken:  # fmt: skip
        read = recipe.read(folder / named)
        table = rows.table(
            folder / file, read.format, encoding=read.encoding, quotes=read.quotes,
            sheet=read.sheet, rows=read.rows,
        )  # fmt: skip
        parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
        return ingest.take(ingest.Run(read, table, folder / to, build.open(), parts, dry))

    return go
