"""What the checks found when the same files were looked at last.

After an edit only those checks are asked anew that can see a triple that came or went (module
`sparql.reads`); of the others the findings stand. A graph is told by how it differs from one that
stays the same, the packaged one with what follows from it.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import work
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.quality import checks
from sarcoma_kg.sparql.reads import reads
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Ask", "Remembered"]

_KEPT = 50
#: As `checks.ask`: where to look, and the checks.
Ask = Callable[[EmbeddedStore, Sequence[Path]], list[Finding]]


class Remembered:
    """Findings by check, kept in a file.

    Args:
        place: The file; what stands in it must be of the same packaged graph and the same checks.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        #: What was looked at -> its difference, as N-Triples, and check -> findings.
        self._looks: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, TypeError):
            told, digest = json.loads(place.read_text(encoding="utf-8"))
            if hashlib.sha256(told.encode()).hexdigest() == digest:
                self._looks = json.loads(told)

    def asking(self, what: str, difference: Iterable[ox.Triple]) -> Ask:
        """Return what asks checks of a graph, as `checks.ask` does.

        Args:
            what: Which graph it is: a name.
            difference: The triples by which it differs from the one that stays the same.
        """

        def ask(store: EmbeddedStore, files: Sequence[Path]) -> list[Finding]:
            lines = sorted(map(str, difference))
            before = self._looks.get(what, {"difference": [], "findings": {}})
            changed = _triples({*lines} ^ {*before["difference"]})
            known = {
                path: [Finding(**told) for told in before["findings"][path.stem]]
                for path in files
                if path.stem in before["findings"]
                and not reads(path.read_text(encoding="utf-8")).touches(changed)
            }
            found = known | checks.each(store, [path for path in files if path not in known])
            told = {path.stem: [f.as_dict() for f in found[path]] for path in files}
            self._looks[what] = {"difference": lines, "findings": told}
            return [finding for path in files for finding in found[path]]

        return ask

    def keep(self) -> None:
        """Write the file; where that cannot be done, the next look takes longer."""
        told = json.dumps(self._looks)
        with contextlib.suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            with work.folder(self._place.parent, ".new.") as beside:
                whole = beside / self._place.name
                digest = hashlib.sha256(told.encode()).hexdigest()
                whole.write_text(json.dumps([told, digest]), encoding="utf-8")
                whole.replace(self._place)
            old = sorted(self._place.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for path in old[:-_KEPT]:
                path.unlink(missing_ok=True)


def _triples(lines: Iterable[str]) -> list[ox.Triple]:
    text = "".join(f"{line} .\n" for line in lines)
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES)]
