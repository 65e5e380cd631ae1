"""Where in a user's files a node is described: file and line for findings."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding, Report

__all__ = ["locate", "located"]


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
