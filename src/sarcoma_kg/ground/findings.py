"""What is wrong, in words: one finding a place, whoever found it: shape, rule, reasoner ..."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Finding", "Report", "merge"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One validation result, in words; severity is 'violation', 'warning' or 'info'."""

    severity: str
    shape: str
    focus: str
    path: str
    value: str
    message: str
    file: str = ""
    line: int = 0

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as a row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run; `results` are those of SHACL (`shacl.Result`)."""

    findings: list[Finding]
    results: tuple[Any, ...] = ()

    @property
    def conforms(self) -> bool:
        """True when there is no violation; warnings and infos do not count."""
        return not any(f.severity == "violation" for f in self.findings)


def merge(report: Report, findings: Iterable[Finding]) -> Report:
    """Return a report with further findings, the gravest first."""
    order = {"violation": 0, "warning": 1, "info": 2}
    together = {*report.findings, *findings}
    return Report(sorted(together, key=lambda f: (order.get(f.severity, 3), f)), report.results)
