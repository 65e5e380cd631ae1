"""Spreadsheets of every kind, read together."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.sheets import content, edits, grid, robot
from sarcoma_kg.sheets.edited import Edited

__all__ = ["read"]


def read(paths: Sequence[Path], beside: Iterable[ox.Triple] = ()) -> list[Edited]:
    """Return what sheets make, in the order of the files.

    Args:
        paths: The sheets.
        beside: What other files at hand say, whose terms the sheets may name.

    Raises:
        UserError: a file cannot be read, or is no sheet of a kind that is known.
    """
    grids = [grid.read(path) for path in paths]
    names = content.names().copy()
    names.add(beside)
    ours = [one for one in grids if one.kind != grid.ROBOT]
    made = edits.apply(ours, names)
    for one in made:
        names.add(one.triples)
    made += robot.apply([one for one in grids if one.kind == grid.ROBOT], names)
    order = {path: number for number, path in enumerate(paths)}
    made.sort(key=lambda one: order[one.path])
    _twice(made)
    return made


def _twice(made: Sequence[Edited]) -> None:
    """Take down each thing that two sheets describe."""
    first: dict[str, tuple[Path, int]] = {}
    for one in made:
        for iri, row in one.rows.items():
            path, number = first.setdefault(iri, (one.path, row))
            if path == one.path:
                continue
            name = namespaces.contract(iri)
            if iri in one.made:
                rule = "IRI minted twice"
                said = (
                    f"{path} gives this identifier to a thing of its own, in row {number}. Two "
                    "files never mint one IRI: take one of your own range."
                )
            else:
                rule = "term in two sheets"
                said = f"{path} has a row of it too: row {number}. Put both rows into one sheet."
            one.faults.append(
                Finding("violation", f"sheet: {rule}", name, "", "", said, str(one.path), row, 1)
            )
