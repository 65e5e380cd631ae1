"""Validation of a user's files in the light of the packaged graph."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg import builds, loading, namespaces, pipeline, validation
from sarcoma_kg.validation import Finding, Report

__all__ = ["check"]

Progress = Callable[[str], None]


def check(build: builds.Build, files: list[Path], progress: Progress = lambda _: None) -> Report:
    """Validate the packaged graph, or only what the user's files say.

    A user's file is read together with the packaged ontology and reasoned over, so that a claim
    may point at packaged classes and at classes of its own.

    Args:
        build: The present build; it was validated when it was made, so its findings stand.
        files: The user's RDF files; none means the packaged graph.
        progress: Called at the beginning of each step.

    Raises:
        UserError: a file cannot be read, or makes the ontology inconsistent.
    """
    if not files:
        return Report([Finding(**warning) for warning in build.manifest["warnings"]])
    progress("loading")
    read = {path: loading.read(path) for path in files}
    found = [finding for path, quads in read.items() for finding in _unreachable(path, quads)]
    own = [quad for quads in read.values() for quad in quads]
    everything = [*loading.packaged(), *own]
    inferred = pipeline.infer(everything, progress)
    progress("validating (SHACL)")
    focus = sorted({q.subject.value for q in own if isinstance(q.subject, ox.NamedNode)})
    report = pipeline.examine([*{q.triple for q in everything}, *inferred], focus)
    return validation.merge(Report(found), validation.locate(report.findings, files))


def _unreachable(path: Path, quads: Iterable[ox.Quad]) -> list[Finding]:
    """Return what would escape the shapes: foreign vocabulary, and data on blank nodes."""
    ours = f"<{namespaces.SKG}"
    speaking = [q for q in quads if str(q.predicate).startswith(ours)]
    typed = [q for q in quads if str(q.object).startswith(ours)]
    if not speaking and not typed:
        message = (
            f"Nothing in this file uses the vocabulary <{namespaces.SKG}>, so nothing was checked. "
            "Check the prefixes."
        )
        return [Finding("violation", "vocabulary in use", path.name, "", "", message, str(path))]
    claims = [q for q in typed if str(q.predicate).endswith("22-rdf-syntax-ns#type>")]
    blank = {str(q.subject) for q in [*speaking, *claims] if isinstance(q.subject, ox.BlankNode)}
    message = "Claims and what belongs to them carry IRIs, never blank nodes. Give the node a name."
    return [
        Finding("violation", "no blank node", "(blank node)", "", "", message, str(path))
        for _ in sorted(blank)[:1]
    ]
