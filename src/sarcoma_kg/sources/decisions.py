"""What a curator decided about values that no name or identifier finds: an SSSOM table.

https://mapping-commons.github.io/sssom/ : the value stands in `subject_label`, its column in
`subject_category`. sssom:NoTermFound says that there is no term, and `comment` why.
"""

import csv
import io
import itertools
from dataclasses import dataclass
from pathlib import Path

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files

__all__ = ["COLUMNS", "Decision", "Decisions"]

COLUMNS = (
    "subject_label", "subject_category", "predicate_id", "object_id", "object_label",
    "mapping_justification", "comment",
)  # fmt: skip
_NEEDED = COLUMNS[:4] + COLUMNS[5:6]
_SKOS, _SSSOM = namespaces.PREFIXES["skos"], namespaces.PREFIXES["sssom"]
_EXACT = _SKOS + "exactMatch"
#: What may be decided, and what the record then says beside.
_INEXACT = (_SKOS + "broadMatch", _SKOS + "closeMatch")


@dataclass(frozen=True, slots=True)
class Decision:
    """One row: the term (an IRI; empty for none), whether exactly that is meant, and why."""

    line: int
    column: str
    value: str
    term: str
    exact: bool
    comment: str


class Decisions:
    """The table; it remembers which decisions applied."""

    def __init__(self, path: Path | None) -> None:
        """Read the table; without a path it is empty.

        Raises:
            UserError: naming file, line and column of what is missing or malformed.
        """
        self.path = path
        self.known: dict[tuple[str, str], Decision] = {}
        self.used: set[tuple[str, str]] = set()
        if path:
            self._read(path)

    def of(self, column: str, value: str) -> Decision | None:
        """Return the decision about a value of a column."""
        key = (column, value)
        found = self.known.get(key)
        if found:
            self.used.add(key)
        return found

    @property
    def idle(self) -> list[Decision]:
        """The decisions about values that did not occur."""
        return [one for key, one in self.known.items() if key not in self.used]

    def _read(self, path: Path) -> None:
        text = files.read_text(path)
        head = "".join(itertools.takewhile(lambda line: line[0] == "#", io.StringIO(text)))
        start = head.count("\n")
        rows = csv.reader(io.StringIO(text[len(head) :], newline=""), delimiter="\t", strict=True)
        columns: list[str] = []
        try:
            for cells in rows:
                where = f"{path}: line {start + rows.line_num}"
                if not columns:
                    columns = cells
                    if absent := [name for name in _NEEDED if name not in columns]:
                        raise UserError(f"{where}: missing column {', '.join(absent)}")
                    continue
                if len(cells) != len(columns):
                    raise UserError(
                        f"{where}: {len(cells)} cells, but the table has {len(columns)} columns",
                        "an empty cell still needs its tab",
                    )
                self._add(where, start + rows.line_num, dict(zip(columns, cells, strict=True)))
        except csv.Error as error:
            raise UserError(f"{path}: line {start + rows.line_num}: {error}") from error

    def _add(self, where: str, line: int, row: dict[str, str]) -> None:
        predicate = namespaces.expand(row["predicate_id"]) or row["predicate_id"]
        term = namespaces.expand(row["object_id"]) or row["object_id"]
        if predicate != _EXACT and predicate not in _INEXACT:
            raise UserError(
                f"{where}: column predicate_id: '{row['predicate_id'][:60]}' cannot be followed",
                "skos:exactMatch, skos:broadMatch (the term is wider than the value) or "
                "skos:closeMatch; a narrower term would say more than the row does",
            )
        if not namespaces.is_iri(term):
            raise UserError(
                f"{where}: column object_id: '{row['object_id'][:60]}' is no known CURIE",
                "a term of the graph such as skg:Imatinib, or sssom:NoTermFound",
            )
        if not row["mapping_justification"].strip():
            raise UserError(
                f"{where}: column mapping_justification is empty", "semapv:ManualMappingCuration"
            )
        none = term == _SSSOM + "NoTermFound"
        if none and not row.get("comment", "").strip():
            raise UserError(f"{where}: column comment is empty", "say why there is no term")
        key = (row["subject_category"], row["subject_label"])
        if key in self.known:
            raise UserError(
                f"{where}: '{key[1][:60]}' of column {key[0]} was decided in line "
                f"{self.known[key].line}", "leave one of the two",
            )  # fmt: skip
        self.known[key] = Decision(
            line, *key, "" if none else term, predicate == _EXACT, row.get("comment", "").strip()
        )
