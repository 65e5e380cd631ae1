"""The notebook in docs, run from top to bottom.

python -m tests.notebook    # runs it and writes what it shows into the file
"""

import copy
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

PLACE = Path(__file__).parents[1] / "docs" / "start.ipynb"


def read() -> Any:
    """Return the notebook as it is in docs."""
    return nbformat.read(PLACE, 4)  # type: ignore[no-untyped-call]


def run(notebook: Any) -> Any:
    """Return the notebook with what its cells show; an error in a cell is raised."""
    made = copy.deepcopy(notebook)
    NotebookClient(made, timeout=120, kernel_name="python3").execute()
    for cell in made.cells:
        cell.metadata = {}
        if cell.cell_type != "code":
            continue
        cell.outputs = [o for o in cell.outputs if o.output_type != "stream"]
        for output in cell.outputs:
            if output.get("execution_count"):
                output["execution_count"] = cell["execution_count"]
            if "text/html" in output.get("data", {}):
                # As text, it is as wide as the window.
                output["data"].pop("text/plain", None)
    return made


if __name__ == "__main__":
    nbformat.write(run(read()), PLACE)  # type: ignore[no-untyped-call]
    sys.stdout.write(f"{PLACE}: written\n")
