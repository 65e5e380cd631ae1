"""SHACL validation (https://www.w3.org/TR/shacl/) with pySHACL over rdflib graphs.

pySHACL is given rdflib's own graphs only: over an Oxigraph store it reports false violations for
sh:in and sh:hasValue on plain literals.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sarcoma_kg import guard, namespaces, resources
from sarcoma_kg.errors import UserError

if TYPE_CHECKING:
    import rdflib

__all__ = ["Finding", "Report", "locate", "located", "merge", "shape_files", "validate"]


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
    """The findings of one run, and whether the data conforms (no violation)."""

    findings: list[Finding]

    @property
    def conforms(self) -> bool:
        """True when there is no violation; warnings and infos do not count."""
        return not any(f.severity == "violation" for f in self.findings)


def shape_files() -> list[Path]:
    """Return the packaged shapes."""
    return sorted((resources.data_root() / "shapes").glob("*.ttl"))


@cache
def _parsed(paths: tuple[Path, ...]) -> "rdflib.Graph":
    import rdflib

    graph = rdflib.Graph()
    for path in paths:
        guard.read_rdf_bytes(path)
        try:
            graph.parse(path)
        except Exception as error:
            raise UserError(f"{path}: {str(error).splitlines()[0]}") from error
    return graph


def _retarget(
    shapes: "rdflib.Graph", data: "rdflib.Graph", focus: set["rdflib.URIRef"]
) -> "rdflib.Graph":
    """Return the shapes with their targets cut down to the focus nodes (SHACL, section 2.1.3).

    pySHACL's own option for this also filters what nested shapes look at, which makes sh:not fail.
    """
    import rdflib
    from rdflib.namespace import RDF, RDFS, SH

    cut = rdflib.Graph()
    for triple in shapes:
        shape, predicate, target = triple
        if predicate == SH.targetClass:
            classes = data.transitive_subjects(RDFS.subClassOf, target)
            nodes = {n for c in classes for n in data.subjects(RDF.type, c)}
        elif predicate == SH.targetSubjectsOf:
            nodes = set(data.subjects(target))
        elif predicate == SH.targetObjectsOf:
            nodes = set(data.objects(None, target))
        elif predicate == SH.targetNode:
            nodes = {target}
        else:
            cut.add(triple)
            continue
        for node in nodes & focus:
            cut.add((shape, SH.targetNode, node))
    return cut


def validate(
    data: "rdflib.Graph", shapes: Iterable[Path] | None = None, focus: Iterable[str] | None = None
) -> Report:
    """Validate a graph that holds asserted and inferred triples.

    Args:
        data: The data graph, with the ontology in it.
        shapes: Shapes files; the packaged ones when None.
        focus: IRIs of the only focus nodes to look at; all when None.
    """
    import pyshacl
    import rdflib
    from rdflib.namespace import SH

    graph = _parsed(tuple(shape_files() if shapes is None else shapes))
    if focus is not None:
        graph = _retarget(graph, data, {rdflib.URIRef(iri) for iri in focus})
    # The graph is ours alone, so pySHACL may work on it without a copy.
    _, results, words = pyshacl.validate(data, shacl_graph=graph, advanced=False, inplace=True)
    if not isinstance(results, rdflib.Graph):
        raise UserError(f"the shapes cannot be used: {words.splitlines()[0]}")

    def text(node: "rdflib.term.Node | None") -> str:
        if isinstance(node, rdflib.URIRef):
            return namespaces.contract(str(node))
        if isinstance(node, rdflib.BNode):
            return "(blank node)"
        return "" if node is None else str(node)

    findings = set()
    # Results of nested shapes hang from their parent by sh:detail and are no results of their own.
    for result in set(results.objects(None, SH.result)):
        shape = results.value(result, SH.sourceShape)
        name = graph.value(shape, SH.name) or shape
        messages = sorted(str(m) for m in results.objects(result, SH.resultMessage))
        severity = str(results.value(result, SH.resultSeverity)).rsplit("#", 1)[-1].lower()
        findings.add(
            Finding(
                severity,
                text(name),
                text(results.value(result, SH.focusNode)),
                text(results.value(result, SH.resultPath)),
                text(results.value(result, SH.value)),
                " ".join(messages),
            )
        )
    return merge(Report([]), findings)


def merge(report: Report, findings: Iterable[Finding]) -> Report:
    """Return a report with further findings, the gravest first."""
    order = {"violation": 0, "warning": 1, "info": 2}
    together = {*report.findings, *findings}
    return Report(sorted(together, key=lambda f: (order.get(f.severity, 3), f)))


def located(report: Report, files: Iterable[Path]) -> Report:
    """Return the report with file and line for each finding, as `locate` does."""
    return Report(locate(report.findings, files))


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
