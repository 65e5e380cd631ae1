"""A short run of mutated tables and recipes; `python -m tests.sources.fuzz` is the long one."""

from collections import Counter
from pathlib import Path

from sarcoma_kg.building import builds
from tests.sources import fuzz


def test_a_table_is_taken_or_refused_and_its_sums_agree(
    build: builds.Build, tmp_path: Path
) -> None:
    ends = Counter(end for _, end in fuzz.run(range(1, 25), 7, tmp_path, build))
    assert ends["taken"] + ends["refused"] + ends["found fault with"] == 24
    assert ends["taken"] > 6


def test_the_same_seed_gives_the_same_table(tmp_path: Path) -> None:
    for number in range(len(fuzz.FORMS)):
        found = []
        for name in (f"a{number}", f"b{number}"):
            (tmp_path / name).mkdir()
            words, table = fuzz.one(number, 5, tmp_path / name)
            # A workbook holds the time at which it was written.
            found.append(
                (words.read_bytes(), table.name, ".xlsx" in table.name or table.read_bytes())
            )
        assert found[0] == found[1]
