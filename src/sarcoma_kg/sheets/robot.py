"""Templates of ROBOT."""

from collections.abc import Sequence

from sarcoma_kg.sheets.edited import Edited
from sarcoma_kg.sheets.grid import Grid
from sarcoma_kg.sheets.names import Names


def apply(grids: Sequence[Grid], names: Names) -> list[Edited]:
    """Return what templates make."""
    return []
