"""A few commands stopped and killed at random moments; `python -m tests.kills` makes many."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.ground import cache, work
from tests import kills

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.mark.parametrize(
    "it",
    [
        pytest.param(kills.Attempt("validate", "SIGTERM", 0.7), id="validate SIGTERM"),
        pytest.param(
            kills.Attempt("load", "SIGKILL", 0.8), id="load SIGKILL", marks=pytest.mark.slow
        ),
    ],
)
def test_the_next_run_is_right_and_nothing_is_left(
    it: kills.Attempt, tmp_path: Path, build: builds.Build
) -> None:
    here = Path(cache.cache_root())
    usual = kills.prepare(tmp_path / "usual", here, it.command)
    (tmp_path / "attempt").mkdir()
    kills.attempt(it, tmp_path / "attempt", here, usual)


def test_each_command_meets_each_signal() -> None:
    met = {(it.command, it.name) for it in kills.attempts(50, 1)}
    assert len(met) == 12
    assert list(kills.attempts(5, 3)) == list(kills.attempts(5, 3))


def _child(place: Path) -> int:
    """Work in a folder in another process, which is killed there; nobody has waited for it."""
    process = os.fork()
    if not process:
        with work.folder(place, ".part."):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    return process


@pytest.mark.parametrize("heard", [True, False])
def test_the_folder_of_a_killed_process_is_swept(tmp_path: Path, heard: bool) -> None:
    """Also while its parent has not heard of its end, so that its number is still taken."""
    process = _child(tmp_path)
    if heard:
        os.waitpid(process, 0)
    work.sweep(tmp_path, ".part.")
    assert not list(tmp_path.iterdir())
    if not heard:
        os.waitpid(process, 0)


def test_the_folder_of_a_killed_process_is_swept_and_no_other(tmp_path: Path) -> None:
    os.waitpid(_child(tmp_path), 0)
    (left,) = tmp_path.iterdir()
    mine = tmp_path / ".part.notes"
    mine.mkdir()
    other = tmp_path / left.name.replace(".part.", ".other.")
    shutil.copytree(left, other)
    with work.folder(tmp_path, ".part.") as first, work.folder(tmp_path, ".part.") as second:
        assert set(tmp_path.iterdir()) == {mine, other, first, second}
    assert set(tmp_path.iterdir()) == {mine, other}


def test_a_link_in_place_of_a_folder_is_left(tmp_path: Path) -> None:
    os.waitpid(_child(tmp_path), 0)
    (left,) = tmp_path.iterdir()
    left.rmdir()
    (tmp_path / "dear").mkdir()
    (tmp_path / "dear" / "file").write_text("")
    left.symlink_to("dear")
    work.sweep(tmp_path, ".part.")
    assert (tmp_path / "dear" / "file").exists()
