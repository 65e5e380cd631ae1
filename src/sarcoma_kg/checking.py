"""Validation of the packaged graph, or of a user's files in its light."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg import builds, loading, pipeline, validation

__all__ = ["check"]


def check(
    build: builds.Build, files: list[Path], progress: Callable[[str], None] = lambda _: None
) -> validation.Report:
    """Validate the packaged graph, or only what the user's files say.

    A user's file is read together with the packaged ontology and reasoned over, so that a claim
    may point at packaged classes and at classes of its own.

    Args:
        build: The present build.
        files: The user's RDF files; none means the packaged graph.
        progress: Called at the beginning of each step.

    Raises:
        UserError: a file cannot be read, or makes the ontology inconsistent.
    """
    if not files:
        progress("validating (SHACL)")
        parts = [
            t
            for name in ("asserted.nt", "inferred.nt")
            for t in ox.parse(path=str(build.folder / name), format=ox.RdfFormat.N_TRIPLES)
        ]
        report = pipeline.examine(parts)
        from sarcoma_kg import resources

        places = [*resources.ontology_files(), *resources.claim_files()]
        return validation.Report(validation.locate(report.findings, places))
    progress("loading")
    own = [quad for path in files for quad in loading.read(path)]
    everything = [*loading.packaged(), *own]
    inferred = pipeline.infer(everything, progress)
    progress("validating (SHACL)")
    focus = sorted({q.subject.value for q in own if isinstance(q.subject, ox.NamedNode)})
    report = pipeline.examine([*{q.triple for q in everything}, *inferred], focus)
    return validation.Report(validation.locate(report.findings, files))
