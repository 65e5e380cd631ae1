"""Who may know whom in `src/sarcoma_kg`."""

import ast
import shutil
from pathlib import Path

import pytest

from tests import house


def test_no_arrow_goes_up_and_none_in_a_circle() -> None:
    found = house.arrows()
    assert len(found) > 400
    assert not house.wrong(found)
    assert not house.circles(found)


@pytest.mark.parametrize(
    ("place", "text", "told"),
    [
        (
            "stores/store.py",
            "from sarcoma_kg.quality import checks",
            "stores/store.py -> quality/checks.py: stores may not know quality",
        ),
        (
            "turtle/limits.py",
            "def f() -> None:\n    from sarcoma_kg.api import open",
            "turtle/limits.py -> api.py: turtle may not know doors",
        ),
        (
            "ground/errors.py",
            "import sarcoma_kg.sparql.term",
            "ground/errors.py -> sparql/term.py: ground may not know sparql",
        ),
        (
            "attic/new.py",
            "from sarcoma_kg.ground import errors",
            "attic/new.py -> ground/errors.py: attic is no room of the house",
        ),
    ],
)
def test_an_arrow_upwards_is_named(tmp_path: Path, place: str, text: str, told: str) -> None:
    copy = tmp_path / "sarcoma_kg"
    shutil.copytree(house.SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    (copy / place).parent.mkdir(exist_ok=True)
    with (copy / place).open("a", encoding="utf-8") as out:
        out.write(f"\n{text}\n")
    assert told in house.wrong(house.arrows(copy))


def test_a_circle_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "sarcoma_kg"
    copy.mkdir()
    (copy / "__init__.py").write_text("")
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (copy / f"{name}.py").write_text(f"def f() -> None:\n    import sarcoma_kg.{other}\n")
    assert house.circles(house.arrows(copy)) == ["a.py -> b.py -> c.py -> a.py"]


def test_every_room_says_what_it_is_for() -> None:
    """In three lines: what it is for, who may come in, what it never does."""
    rooms = {path.name for path in house.SOURCE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert rooms - {"commands", "serving", "data"} == set(house.KNOWS) - {house.DOORS}
    for room in rooms - {"data"}:
        text = (house.SOURCE / room / "__init__.py").read_text(encoding="utf-8")
        words = ast.get_docstring(ast.parse(text)) or ""
        assert words.partition("\n")[0].endswith("."), room
        assert "Comes in: " in words, room
        assert "Never: " in words, room


def test_no_module_outgrows_four_hundred_lines() -> None:
    long = {
        path.relative_to(house.SOURCE).as_posix(): count
        for path in house.SOURCE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_the_picture_is_up_to_date() -> None:
    assert house.PICTURE.read_text(encoding="utf-8") == house.svg(house.arrows())
