"""What the user's files break: the packaged graph with them, compared with the graph without."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg import builds, checks, namespaces, pipeline, resources
from sarcoma_kg import validation as shacl
from sarcoma_kg.errors import UserError
from sarcoma_kg.owl import ontologies, owlapi
from sarcoma_kg.owl.ontologies import Document
from sarcoma_kg.owl.reason import InconsistentError
from sarcoma_kg.validation import Finding, Report

__all__ = ["Outcome", "check"]

Progress = Callable[[str], None]
_ONTOLOGY = "https://w3id.org/sarcoma-kg/ontology"
#: What the OWL API reads without being told: the other formats are handed over as N-Triples.
_READABLE = {".ttl", ".rdf", ".owl", ".xml", ".nt"}


class Outcome(NamedTuple):
    """The findings, and in a line each what was looked at and by whom."""

    report: Report
    notes: list[str]


def check(
    build: builds.Build,
    files: Sequence[Path],
    progress: Progress = lambda _: None,
    *,
    profiles: bool = False,
) -> Outcome:
    """Check the packaged graph, or what the user's files cause in it.

    A user's file is read together with the packaged ontology and reasoned over, so that a claim
    may point at packaged classes and at classes of its own. What the packaged graph has on its own
    is not held against the file.

    Args:
        build: The present build; it was examined when it was made, so its findings stand.
        files: The user's RDF files; none means the packaged graph.
        progress: Called at the beginning of each step.
        profiles: Whether the OWL 2 profiles are checked too.

    Raises:
        UserError: a file cannot be read.
    """
    notes = [f"rules: {len(checks.check_files())}", "reasoner: HermiT"]
    progress("loading")
    if files:
        documents = ontologies.read_all(files)
        findings = _caused(build, documents, progress)
    else:
        documents = []
        findings = [Finding(**warning) for warning in build.manifest["warnings"]]
    if profiles:
        progress("checking the OWL 2 profiles")
        breaches, note = _profiles(documents)
        findings = [*findings, *breaches]
        notes.append(note)
    own = [document.path for document in documents]
    return Outcome(shacl.merge(Report([]), shacl.locate(findings, own)), notes)


def _caused(
    build: builds.Build, documents: list[Document], progress: Progress
) -> Iterable[Finding]:
    """Return the findings of the graph with the documents that the graph has not without them."""
    found = [f for d in documents for f in _unreachable(d.path, d.quads)]
    own = [quad for document in documents for quad in document.quads]
    asserted = {quad.triple for quad in ontologies.together(documents)}
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in asserted]
    try:
        inferred = pipeline.infer(quads, progress)
    except InconsistentError as error:
        return [
            *found,
            Finding("violation", "consistency", documents[0].path.name, "", "", str(error)),
        ]
    progress("checking rules and shapes")
    before = ox.parse(path=str(build.folder / "inferred.nt"), format=ox.RdfFormat.N_TRIPLES)
    new = inferred.triples - {quad.triple for quad in before}
    touched = [*(q.subject for q in own), *(t.subject for t in new)]
    focus = sorted({node.value for node in touched if isinstance(node, ox.NamedNode)})
    report = pipeline.examine(asserted, inferred, focus)
    known = {Finding(**warning) for warning in build.manifest["warnings"]}
    return [*found, *(finding for finding in report.findings if finding not in known)]


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


def _profiles(documents: list[Document]) -> tuple[list[Finding], str]:
    """Check the user's documents, or all packaged ones, against OWL 2 DL and EL."""
    catalog = ontologies.packaged_catalog()
    if not documents:
        root = resources.data_root() / "ontology" / "sarcoma.ttl"
        return _breaches([root, *resources.claim_files()], catalog, [])
    with tempfile.TemporaryDirectory(prefix="sarcoma-kg-") as folder:
        places = []
        for number, document in enumerate(documents):
            place = document.path
            if not document.iri or place.suffix.lower() not in _READABLE:
                place = Path(folder) / f"{number}.nt"
                place.write_bytes(_as_ontology(document, number))
            if document.iri:
                catalog[document.iri] = place
            places.append(place)
        return _breaches(places, catalog, documents)


def _as_ontology(document: Document, number: int) -> bytes:
    """Return a document without ontology header as one that imports the packaged ontology."""
    lines = [f"{q.triple} .\n" for q in document.quads]
    if not document.iri:
        owl, rdf = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
        me = f"<urn:sarcoma-kg:document-{number}>"
        lines.append(f"{me} <{rdf}type> <{owl}Ontology> .\n{me} <{owl}imports> <{_ONTOLOGY}> .\n")
    return "".join(lines).encode()


def _breaches(
    places: Sequence[Path], catalog: dict[str, Path], documents: list[Document]
) -> tuple[list[Finding], str]:
    try:
        report = owlapi.profile(places, catalog)
    except UserError as error:
        names = ", ".join(str(document.path) for document in documents) or "the packaged files"
        raise UserError(f"{names}: {error.message}", error.hint) from error
    subjects = {
        q.subject.value for d in documents for q in d.quads if isinstance(q.subject, ox.NamedNode)
    }
    findings = []
    for breach in report.violations:
        named = [iri for iri in breach.iris if iri in subjects] or [*breach.iris, breach.document]
        findings.append(
            Finding(
                "violation",
                f"profile {breach.profile}",
                namespaces.contract(named[0]),
                "",
                "",
                f"Outside {breach.profile}: {breach.text}. Declare what is used and import the "
                f"ontology <{_ONTOLOGY}>, or write the axiom in another way.",
            )
        )
    counts = ", ".join(
        f"{profile} {sum(b.profile == profile for b in report.violations)} violation(s)"
        for profile in ("OWL 2 DL", "OWL 2 EL")
    )
    return findings, (
        f"profiles: OWL API {report.engine} loaded {len(report.documents)} documents, no import "
        f"unresolved: {counts}; {len(report.punned)} classes are slot values too (punning)"
    )
