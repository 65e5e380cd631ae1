"""Where in a user's files a node is described: file, line and column for findings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sarcoma_kg.ground import namespaces, syntaxes
from sarcoma_kg.ground.findings import Finding, Report
from sarcoma_kg.reading import relative
from sarcoma_kg.reading.files import read_text
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
        text = read_text(path)
        if syntaxes.media_type(str(path), text) == "text/turtle":
            for iri, line in _subjects(text):
                places.setdefault(namespaces.contract(iri), (str(path), line, 0))
    wanted = {f.focus for f in found if not f.line} - set(places)
    other = {}
    for path in paths if wanted else ():
        source = Source(path, relative.base(path))
        if source.media_type in syntaxes.OTHER:
            other[str(path)] = syntaxes.recognised(source.written)
        for iri, place in source.subjects().items():
            if (name := namespaces.contract(iri)) in wanted:
                places.setdefault(name, (str(path), *place))
    only = (str(paths[0]), 0, 0) if len(paths) == 1 else ("", 0, 0)
    told = []
    for finding in found:
        f = finding if finding.line else _placed(finding, places.get(finding.focus, only))
        message = relative.shown(f.message)
        if not f.line and f.file in other and f.focus != f.file:
            message += f" (In {other[f.file]} its line cannot be told.)"
        focus, value = relative.shown(f.focus), relative.shown(f.value)
        told.append(replace(f, focus=focus, value=value, message=message))
    return told


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
