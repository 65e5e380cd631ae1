"""A short run of files mutated from good ones; `python -m tests.reading.fuzz` is the long one."""

from pathlib import Path

import pytest

from tests.listener import listening
from tests.reading import fuzz


@pytest.mark.parametrize("kind", ["shapes", *fuzz.SYNTAXES])
def test_a_file_is_taken_or_refused_and_nobody_is_asked(kind: str, tmp_path: Path) -> None:
    young = (".jsonld", ".ofn", ".omn", ".owx", ".obo")
    count = 60 if kind == "shapes" else 10 if kind in young else 25
    with listening() as listener:
        ends = [
            end for _, end in fuzz.run(kind, range(count), 7, fuzz.addresses(listener), tmp_path)
        ]
        assert listener.contacts == 0
    assert ends.count("taken") + ends.count("refused") == count
    # What a parser refuses says nothing of what comes behind it.
    assert kind != "shapes" or ends.count("taken") > count / 4


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for kind in ("shapes", ".owl"):
        first = fuzz.one(kind, 3, 5, ["http://127.0.0.1:9/"], tmp_path)
        again = fuzz.one(kind, 3, 5, ["http://127.0.0.1:9/"], tmp_path / "other")
        assert first.read_bytes() == again.read_bytes()
