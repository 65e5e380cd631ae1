"""The access log where it cannot be written."""

import contextlib
import io
from pathlib import Path

import pytest

from sarcoma_kg.serving.log import Log


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_once_and_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    # To close it fails, since what stands in its buffer has no place.
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as full:
        log = Log(full)
        for _ in range(3):
            log.event("begun")
        assert capsys.readouterr().err.count("the access log cannot be written: No space") == 1
        there = io.StringIO()
        log._out = there
        log.event("there is room again")
        assert "room again" in there.getvalue()
        log._out = full
        log.event("and none")
        told = capsys.readouterr().err
    assert "cannot be written" in told
