"""What is wrong, in words: one finding a place, whoever found it: shape, rule, reasoner ..."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg import namespaces

if TYPE_CHECKING:
    from sarcoma_kg.shacl import Result

__all__ = ["Finding", "Report", "locate", "located", "merge"]


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
    """The findings of one run; `results` are those of SHACL as the standard has them."""

    findings: list[Finding]
    results: "tuple[Result, ...]" = ()

    @property
    def conforms(self) -> bool:
        """True when there is no violation; warnings and infos do not count."""
        return not any(f.severity == "violation" for f in self.findings)


def merge(report: Report, findings: Iterable[Finding]) -> Report:
    """Return a report with further findings, the gravest first."""
    order = {"violation": 0, "warning": 1, "info": 2}
    together = {*report.findings, *findings}
    return Report(sorted(together, key=lambda f: (order.get(f.severity, 3), f)), report.results)


def located(report: Report, files: Iterable[Path]) -> Report:
    """Return the report with file and line for each finding, as `locate` does."""
    return Report(locate(report.findings, files), report.results)


def locate(findings: Iterable[Finding], files: Iterable[Path]) -> list[Finding]:
    """Add to each finding the file and line at which its focus node stands as a subject."""
    paths = list(files)
    places: dict[str, tuple[str, int]] = {}
    only = (str(paths[0]), 0) if len(paths) == 1 else ("", 0)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        bases = dict(re.findall(r"@?prefix\s+([\w.-]*):\s*<([^>]*)>", text, re.IGNORECASE))
        for number, line in enumerate(text.splitlines(), 1):
            # A subject stands at the beginning of a line, as a prefixed name or as an IRI.
            found = re.match(r"(?:<([^>]*)>|([\w.-]*):((?:[^\s\\;,<>\"]|\\.)+))(?=\s|$)", line)
            if found and (iri := found.group(1) or bases.get(found.group(2) or "")):
                iri += re.sub(r"\\(.)", r"\1", found.group(3) or "")
                places.setdefault(namespaces.contract(iri), (str(path), number))
    return [
        replace(f, file=place[0], line=place[1])
        for f in findings
        if (place := places.get(f.focus, only))
    ]
