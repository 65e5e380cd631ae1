"""A file that a user brings: read safely, and written so that nobody sees half of it."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files, loading


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_either_rdf_or_explained(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("f") / "x.ttl"
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        assert loading.read(path)


def test_imports_are_not_followed(tmp_path: Path) -> None:
    """An import stays a triple; nothing is read from where it points."""
    other = tmp_path / "other.ttl"
    other.write_text("<http://x/a> <http://x/b> <http://x/c> .")
    path = tmp_path / "my.ttl"
    path.write_text(f"<http://x/o> <http://www.w3.org/2002/07/owl#imports> <{other.as_uri()}> .")
    assert len(loading.read(path)) == 1


def test_an_oversized_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.ttl"
    path.write_text("# " + "x" * 100)
    monkeypatch.setattr(files, "_MAX_BYTES", 50)
    with pytest.raises(UserError, match="more than the 50"):
        files.read_text(path)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "bom.ttl"
    path.write_bytes(b"\xef\xbb\xbf<http://x/a> <http://x/b> <http://x/c> .")
    assert len(loading.read(path)) == 1


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "real.ttl", tmp_path / "link.ttl"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    files.replace_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link.ttl", "real.ttl"]


def test_links_in_a_circle_are_explained(tmp_path: Path) -> None:
    link = tmp_path / "link.ttl"
    link.symlink_to(link)
    with pytest.raises(UserError, match="cannot be written"):
        files.replace_text(link, "new")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failed_write_leaves_nothing_behind(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "x.ttl"
    path.write_text("old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UserError if error is OSError else error):
        files.replace_text(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["x.ttl"]
    assert path.read_text() == "old"
