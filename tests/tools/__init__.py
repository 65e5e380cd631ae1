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
