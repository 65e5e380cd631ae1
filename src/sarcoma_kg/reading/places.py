"""Where in a user's files a node is described: file, line and column for findings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding, Report
from sarcoma_kg.reading import relative
from sarcoma_kg.reading.files import RDF_SUFFIXES
from sarcoma_kg.reading.source import Source

__all__ = ["locate", "located"]


def located(report: Report, files: Iterable[Path]) -> Report:
    """Return the report with file and line for each finding, as `locate` does."""
    return Report(locate(report.findings, files), report.results)


def locate(findings: Iterable[Finding], files: Iterable[Path]) -> list[Finding]:
    """Add to each finding file, line and column of its focus node, unless it has them.

    Lines of Turtle that begin with a subject are found without its parser, and have no column.
    """
    found, paths = list(findings), list(files)
    places: dict[str, tuple[str, int, int]] = {}
    for path in paths:
        if RDF_SUFFIXES.get(path.suffix.lower()) == "text/turtle":
            for iri, line in _subjects(path.read_text(encoding="utf-8")):
                places.setdefault(namespaces.contract(iri), (str(path), line, 0))
    wanted = {f.focus for f in found if not f.line} - set(places)
    for path in paths if wanted else ():
        for iri, place in Source(path, relative.base(path)).subjects().items():
            if (name := namespaces.contract(iri)) in wanted:
                places.setdefault(name, (str(path), *place))
    only = (str(paths[0]), 0, 0) if len(paths) == 1 else ("", 0, 0)
    return [
        replace(
            f if f.line else _placed(f, places.get(f.focus, only)),
            focus=relative.shown(f.focus),
            value=relative.shown(f.value),
            message=relative.shown(f.message),
        )
        for f in found
    ]


def _placed(finding: Finding, place: tuple[str, int, int]) -> Finding:
    file, line, column = place
    return replace(finding, file=file or finding.file, line=line, column=column)


def _subjects(text: str) -> Iterator[tuple[str, int]]:
    """Yield IRI and line of each subject of a Turtle text that begins a line."""
    bases = dict(re.findall(r"@?prefix\s+([\w.-]*):\s*<([^>]*)>", text, re.IGNORECASE))
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r"(?:<([^>]*)>|([\w.-]*):((?:[^\s\\;,<>\"]|\\.)+))(?=\s|$)", line)
        if found and (iri := found.group(1) or bases.get(found.group(2) or "")):
            yield iri + re.sub(r"\\(.)", r"\1", found.group(3) or ""), number
