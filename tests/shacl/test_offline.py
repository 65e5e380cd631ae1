"""No text of a shapes file makes an engine call somebody: a listener counts."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.quality import second_opinion
from sarcoma_kg.shacl import sparql
from sarcoma_kg.sparql import guard
from tests.listener import Listener, listening

#: Shapes in which a call stands or hides; the address is put in for that of nobody.
PLACES = sorted((Path(__file__).parents[1] / "data" / "reaching-out").glob("*.ttl"))
_NOBODY = "http://listener.invalid/"
#: Those that are tried with every scheme.
_MANY = ("select", "import", "escape")
_DATA = '<http://example.org/a> a <http://example.org/C> ; <http://example.org/p> "x" .'


def _place(name: str) -> Path:
    return next(path for path in PLACES if path.stem == name)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


def _ask(place: Path, at: str, folder: Path, engine: Literal["compiled", "pyshacl"]) -> str:
    """Return what came of shapes: a refusal, or what was found."""
    # Shapes are kept by the name of their file.
    shapes, data = folder / f"{len(list(folder.iterdir()))}.ttl", folder / "data.ttl"
    shapes.write_text(place.read_text().replace(_NOBODY, at))
    data.write_text(_DATA)
    try:
        return str(checking.against([shapes], [data], engine=engine).report.findings)
    except UserError as error:
        return str(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
@pytest.mark.parametrize("place", PLACES, ids=lambda path: path.stem)
def test_nobody_is_called(
    listener: Listener, tmp_path: Path, place: Path, engine: Literal["compiled", "pyshacl"]
) -> None:
    assert list(ox.parse(path=str(place)))  # what is no Turtle would show nothing
    for at in listener.everywhere if place.stem in _MANY else listener.addresses:
        if not at.startswith("jar:http://["):  # no IRI
            assert _ask(place, at, tmp_path, engine)
    assert listener.contacts == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", ["select", "escape"])
def test_without_the_guard_the_compiled_shapes_call(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def nothing(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(sparql, "_refuse", nothing)
    monkeypatch.setattr(guard, "check_read_only", nothing)
    for at in listener.addresses:
        with contextlib.suppress(OSError):  # nobody answers
            _ask(_place(place), at, tmp_path, "compiled")
    assert listener.contacts


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", ["escape", "component"])
def test_without_the_guard_pyshacl_calls(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(second_opinion, "_guard", lambda _: None)
    for at in listener.addresses:
        _ask(_place(place), at, tmp_path, "pyshacl")
    assert listener.contacts
