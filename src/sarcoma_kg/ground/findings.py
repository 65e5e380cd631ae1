"""What is wrong, in words: one finding a place, whoever found it: shape, rule, reasoner ..."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["SHEETS", "Finding", "Report", "column_letter", "merge"]

#: Endings of files whose places are cells.
SHEETS = (".tsv", ".csv", ".tab", ".xlsx")


def column_letter(number: int) -> str:
    """Return what a spreadsheet calls a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One validation result, in words.

    Severity is 'violation', 'warning' or 'info'; 'incomplete' for a part that could not be looked
    at, and 'note' for what limits the verdict without a fault. Line and column are 0 where unknown.
    """

    severity: str
    shape: str
    focus: str
    path: str
    value: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def where(self) -> str:
        """Where it stands: file:line:column, in a spreadsheet file:B7; empty where unknown."""
        if not self.line:
            return self.file
        if self.column and self.file.lower().endswith(SHEETS):
            return f"{self.file}:{column_letter(self.column)}{self.line}"
        return f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as a row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run; `results` are those of SHACL (`shacl.Result`)."""

    findings: list[Finding]
    results: tuple[Any, ...] = ()

    @property
    def complete(self) -> bool:
        """False when a part could not be looked at, so that the verdict does not cover it."""
        return not any(f.severity == "incomplete" for f in self.findings)

    @property
    def conforms(self) -> bool:
        """True when all was looked at and there is no violation; the others do not count."""
        return self.complete and not any(f.severity == "violation" for f in self.findings)


def merge(report: Report, findings: Iterable[Finding]) -> Report:
    """Return a report with further findings, the gravest first."""
    order = {"incomplete": -1, "violation": 0, "warning": 1, "info": 2}
    together = {*report.findings, *findings}
    return Report(sorted(together, key=lambda f: (order.get(f.severity, 3), f)), report.results)
