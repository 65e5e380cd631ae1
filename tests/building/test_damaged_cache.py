"""A cache that somebody or something damaged is noticed, told in a line, and made anew."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds, pipeline
from sarcoma_kg.ground import cache
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import reason
from sarcoma_kg.owl.reason import Classification

_FOUND = Classification(frozenset({("a", "b"), ("b", "c")}), frozenset({"d"}))


@pytest.fixture
def own(tmp_path: Path, build: builds.Build, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of one's own, as a build leaves it."""
    place = tmp_path / "cache"
    shutil.copytree(cache.cache_root(), place)
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(place))
    present = builds.current()
    assert present is not None, "a copy of a cache is as good as the cache"
    assert present.location.startswith(str(place))
    yield place
    # So that the folder can be removed.
    for path in place.rglob("*"):
        path.chmod(0o700)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, build: builds.Build) -> list[Path]:
    """Let a new build be a copy of the one at hand; return which were made."""
    source, made = build.folder, []

    def copy(digest: str, own: object, final: Path, progress: object) -> None:
        shutil.copytree(source, final)
        made.append(final)

    monkeypatch.setattr(pipeline, "_build", copy)
    return made


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HURTS = [_garbage, _half, _empty, _folder, Path.unlink, lambda p: p.write_text("{}")]
PARTS = [
    "builds/*/manifest.json", "builds/*/catalog.json", "builds/*/files.json",
    "builds/*/asserted.nt", "builds/*/inferred.nt", "builds/*/store/CURRENT",
    "builds/*/store/*.sst", "builds/*/store/MANIFEST*", "current*.json",
]  # fmt: skip


@pytest.mark.parametrize("hurt", HURTS, ids=["garbage", "half", "empty", "folder", "gone", "other"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("words", [["build"], ["ask", "CQ01"]], ids=lambda words: words[0])
def test_whatever_is_damaged_is_told_and_made_anew(
    words: list[str], part: str, hurt: Callable[[Path], None], own: Path, quick: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = sorted(own.glob(part))[0]
    hurt(path)
    assert cli.main(words) == 0
    said = capsys.readouterr().err
    told = [line for line in said.splitlines() if " damaged (" in line]
    if hurt is Path.unlink and part.startswith("current"):
        assert not told, "a pointer that is not there is not damaged"
    else:
        assert len(told) == 1, said
        assert path.name in told[0] or path.parent.name in told[0]
    assert bool(quick) == part.startswith("builds")
    present = builds.current()
    assert present is not None
    assert not present.damage
    assert len(list((own / "builds").iterdir())) == 1
    assert {p.name for p in own.iterdir() if p.name.startswith(".")} == set()
    assert cli.main(words) == 0
    assert " damaged " not in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("part", ["builds/*/manifest.json", "builds/*/store/*.sst", "builds/*"])
def test_wrong_rights_are_noticed(part: str, own: Path, quick: list[Path]) -> None:
    sorted(own.glob(part))[0].chmod(0)
    assert cli.main(["build"]) == 0
    assert quick


def test_rights_are_looked_at(
    own: Path, monkeypatch: pytest.MonkeyPatch, build: builds.Build
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not path.endswith(".sst"))
    assert "may not be read" in build.damage


def test_what_is_in_no_file_of_ours_does_not_matter(own: Path) -> None:
    (folder,) = (own / "builds").iterdir()
    (folder / "note.txt").write_text("mine")
    (folder / "store" / "LOG").write_text("")
    assert builds.current() is not None


def test_files_of_a_user_do_not_vanish_without_a_word(
    own: Path, quick: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (pointer,) = own.glob("current*.json")
    told = json.loads(pointer.read_text())
    pointer.write_text(json.dumps({**told, "with": 5}))
    assert cli.main(["ask", "CQ01"]) == 0
    assert "files of yours go in again" in capsys.readouterr().err


@pytest.mark.parametrize("made", ["file", "folder of a file"])
def test_a_cache_that_is_none_is_2(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: list[Path]
) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / ("" if made == "file" else "below")
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(place))
    with pytest.raises(UserError, match="cannot be written"):
        pipeline.build()


@pytest.mark.parametrize("hurt", HURTS[:4], ids=["garbage", "half", "empty", "folder"])
def test_a_damaged_classification_is_told_and_forgotten(
    hurt: Callable[[Path], None], tmp_path: Path
) -> None:
    place, said = tmp_path / "kept" / "a.json", list[str]()
    reason._keep(place, _FOUND)
    assert reason._read(place, said.append) == _FOUND
    assert not said
    hurt(place)
    assert reason._read(place, said.append) is None
    assert len(said) == 1
    assert "a.json: the kept classification is damaged" in said[0]
    reason._keep(place, _FOUND)
    assert reason._read(place, said.append) == _FOUND
    assert [path.name for path in place.parent.iterdir()] == ["a.json"]


def test_a_classification_that_lost_a_line_is_not_believed(tmp_path: Path) -> None:
    place, said = tmp_path / "a.json", list[str]()
    reason._keep(place, _FOUND)
    place.write_text(place.read_text().replace('["a", "b"], ', ""))
    assert reason._read(place, said.append) is None
    assert said
