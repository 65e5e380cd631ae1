"""What the user's files break: the packaged graph with them, compared with the graph without."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.building import builds, pipeline, placing, rules, unreachable
from sarcoma_kg.building import profiles as of_profiles
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding, Report, merge
from sarcoma_kg.owl import java, justification, minted, obstacles, ontologies, owlapi
from sarcoma_kg.owl.ontologies import Document
from sarcoma_kg.owl.reason import InconsistentError, ReasonerError
from sarcoma_kg.quality import checks, validation
from sarcoma_kg.quality.remembered import Remembered
from sarcoma_kg.quality.report_page import Placing
from sarcoma_kg.reading import loading, oboheader, relative
from sarcoma_kg.sparql.term import as_term
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = ["Outcome", "against", "check"]

Progress = Callable[[str], None]
_RAN = "rules: {} and the shapes"
#: Of documents that this process looks at again and again.
_CLOSURES: dict[str, rules.Closure] = {}
#: So many notes that Java was asked are kept.
_MARKS = 200


class Outcome(NamedTuple):
    """What was found.

    Attributes:
        report: The findings.
        notes: In a line each what was looked at and by whom.
        labels: Names of focus nodes.
        placing: What the files do to the tree of classes, if that was asked.
        read: The user's files, what they import, and the catalogs that say where it lies.
    """

    report: Report
    notes: list[str]
    labels: dict[str, str]
    placing: Placing | None = None
    read: Sequence[str] = ()


def check(
    build: builds.Build,
    files: Sequence[Path],
    progress: Progress = lambda _: None,
    *,
    profiles: bool = False,
    engine: Literal["compiled", "pyshacl"] = "compiled",
    tree: bool = False,
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
        engine: Who asks the shapes of the user's files.
        tree: Whether to tell what the files do to the tree of classes.

    Raises:
        UserError: a file cannot be read.
    """
    progress("loading")
    documents = ontologies.read_all(files)
    with _java(build, documents, profiles=profiles):
        return _check(build, files, documents, progress, profiles, engine, tree=tree)


@contextlib.contextmanager
def _java(build: builds.Build, documents: Sequence[Document], *, profiles: bool) -> Iterator[None]:
    """Let Java start while we read the rest, unless what it says of the documents may be kept.

    That is a guess: who asks Java looks for what is kept by all that it would be handed.
    """
    texts = (ox.Literal,)
    said = sorted(
        str(q.triple) for d in documents for q in d.quads if not isinstance(q.object, texts)
    )
    name = hashlib.sha256("\n".join([build.location, str(profiles), *said]).encode()).hexdigest()
    mark = Path(cache_root()) / "answered" / name
    if not documents or mark.exists():
        yield
        return
    with java.started(java.hermit(), *([owlapi.class_path()] if profiles else [])):
        yield
    with contextlib.suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        for old in sorted(mark.parent.iterdir(), key=os.path.getmtime)[:-_MARKS]:
            old.unlink(missing_ok=True)


def _check(
    build: builds.Build,
    files: Sequence[Path],
    documents: list[Document],
    progress: Progress,
    profiles: bool,
    engine: Literal["compiled", "pyshacl"],
    *,
    tree: bool,
) -> Outcome:
    shipped = ontologies.parts(documents)
    brought = [document.quads for document in documents]
    quads = [quad for part in (*shipped.values(), *brought) for quad in part]
    placed = None
    # The OWL API and the reasoner are processes of their own, which need not wait for each other.
    with java.beside(
        lambda: of_profiles.found(documents, shipped) if profiles else ([], "")
    ) as judged:
        if documents:
            report, notes, placed = _caused(build, documents, quads, progress, engine, tree=tree)
            findings = report.findings
            findings += unreachable.found([d for d in documents if d.path in set(files)])
            if len(documents) > 1:
                ours = (q.subject for q in loading.packaged())
                names = {node.value for node in ours if isinstance(node, ox.NamedNode)}
                findings += minted.twice(documents, names)
        else:
            findings = [Finding(**warning) for warning in build.manifest["warnings"]]
            report = Report(findings)
            notes = [_RAN.format(len(checks.check_files())), "reasoner: HermiT"]
        if profiles:
            progress("checking the OWL 2 profiles")
        try:
            breaches, note = judged()
        except owlapi.OwlApiError as error:
            gave_up = obstacles.finding(error.told, documents, "The OWL API", "judged by a profile")
            breaches, note = [gave_up], "profiles: the OWL API gave up"
    spoken = {f.value for f in findings if f.shape.endswith(("-undeclared", "undeclared-term"))}
    findings += [f for f in breaches if f.value not in spoken]
    notes += [note] if note else []
    for document in documents:
        if said := oboheader.note(document.path):
            notes.append(f"{document.path}: {said}")
    notes += [
        f"in place of our <{iri}>: {path}" for iri, path in ontologies.replaced(documents).items()
    ]
    named = justification.labels(quad.triple for quad in quads)
    labels = {relative.shown(namespaces.contract(iri)): label for iri, label in named.items()}
    findings += ontologies.faults(documents)
    found = merge(Report([], report.results), ontologies.located(findings, documents))
    return Outcome(found, notes, labels, placed, ontologies.inputs(documents))


def _key(build: builds.Build, documents: Sequence[Document]) -> str:
    """Return a name for the documents and for what they are compared with."""
    # Whose place a document takes decides of what our part is.
    names = [f"{d.path.resolve()}\t{d.iri}\t{[*map(str, d.instead)]}" for d in documents]
    return hashlib.sha256("\n".join([build.location, *sorted(names)]).encode()).hexdigest()


def against(
    shapes: Sequence[Path],
    files: Sequence[Path],
    progress: Progress = lambda _: None,
    engine: Literal["compiled", "pyshacl"] = "compiled",
    *,
    build: builds.Build | None = None,
    strict: bool = False,
) -> Outcome:
    """Validate what the user's files say against shapes of her own; no rule is asked.

    The data are the files and what they import by catalog. Nothing is loaded, reasoned or inferred
    beside them, unless there is a build.

    Args:
        shapes: The shapes files.
        files: The user's RDF files; none with a build means the packaged graph.
        progress: Called at the beginning of each step.
        engine: Who validates.
        build: The packaged graph, when the files are to be looked at together with it and with
            what follows from both.
        strict: Read the shapes by the letter, as `shacl.compile_shapes` does.

    Raises:
        UserError: a file cannot be read, or the shapes are malformed.
    """
    validation.compiled(shapes, strict=strict)  # told before anything is read
    progress("loading")
    documents = ontologies.read_all(files)
    brought = list(documents)
    if not documents:
        if build is None:
            raise UserError("no data is named", "name your files; --with-graph for the graph")
        data: Store | validation.Written = build.open()
    elif build is None:
        brought += ontologies.packaged_imports(documents)
        data = validation.Written([quad.triple for d in brought for quad in d.quads])
    else:
        quads = ontologies.together(documents)
        try:
            inferred = pipeline.infer(quads, progress)
        except ReasonerError as error:
            raise obstacles.explained(error.told, documents) from error
        data = validation.Written({quad.triple for quad in quads} | inferred.triples)
    progress("validating")
    report = validation.validate(data, shapes, engine=engine, strict=strict)
    # Data may speak of many ontologies.
    faults = [f for f in ontologies.faults(documents) if f.shape != ontologies.HEADERS]
    findings = ontologies.located([*report.findings, *faults], brought)
    findings += validation.scope(data, shapes, strict=strict)
    paths = [document.path for document in brought]
    notes = [f"shapes: {', '.join(map(str, shapes))}"]
    notes.append(f"data: {', '.join(map(str, paths)) or 'the packaged graph'}")
    if build and paths:
        notes.append("together with the packaged graph and what follows from both")
    return Outcome(merge(Report([], report.results), findings), notes, {})


@lru_cache(maxsize=1)
def _following(location: str) -> frozenset[ox.Triple]:
    """Return what follows from the packaged graph, by its build, whose files do not change."""
    path = os.path.join(location, "inferred.nt")
    return frozenset(q.triple for q in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES))


def _caused(
    build: builds.Build,
    documents: list[Document],
    quads: list[ox.Quad],
    progress: Progress,
    engine: Literal["compiled", "pyshacl"],
    *,
    tree: bool,
) -> tuple[Report, list[str], Placing | None]:
    """Return the findings of the graph with the documents that the graph has not without them."""
    found: list[Finding] = []
    asserted = {quad.triple for quad in quads}
    first = str(documents[0].path)
    own = [quad.triple for document in documents for quad in document.quads]
    key = _key(build, documents)
    memory = Remembered(Path(cache_root()) / "checked" / f"{key}.json")
    closure = _CLOSURES.setdefault(key, rules.Closure())
    before: set[ox.Triple] = set()
    written: list[Finding] = []

    def meanwhile(store: EmbeddedStore) -> None:
        before.update(_following(build.location))
        ask = memory.asking("what was written", own)
        written.extend(pipeline.examine_written(asserted, store, ask))

    note = "reasoner: HermiT"
    try:
        try:
            inferred = pipeline.infer(
                quads, progress, meanwhile=meanwhile, own=own, closure=closure
            )
        except InconsistentError as error:
            # Without individuals there is a model, and the rules name the one at fault.
            found.append(Finding("violation", "consistency", first, "", "", str(error)))
            inferred = pipeline.infer(quads, progress, individuals=False)
    except (InconsistentError, ReasonerError) as error:
        if isinstance(error, ReasonerError):
            found.append(obstacles.finding(error.told, documents))
        else:
            found.append(Finding("violation", obstacles.RULE, first, "", "", str(error)))
        # What follows from the packaged graph follows from more, unless a part of it was replaced.
        known = set() if ontologies.replaced(documents) else before
        inferred = pipeline.infer(quads, progress, known=known)
        note = "reasoner: HermiT gave up; rules and shapes saw what it had found without the files"
    progress("checking rules and shapes")
    new = inferred.triples - before
    # Whatever node the user's files speak of: named or not, subject or value.
    touched = {node for t in (*own, *new) for node in (t.subject, t.object)}
    focus = {term for node in touched if (term := as_term(node))}
    ask = memory.asking("the whole", {*own, *(inferred.triples ^ before)})
    report = pipeline.examine(asserted, inferred, focus, engine=engine, written=written, ask=ask)
    memory.keep()
    warned = {Finding(**warning) for warning in build.manifest["warnings"]}
    found += [finding for finding in report.findings if finding not in warned]
    placed = None
    if tree:
        progress("comparing the trees")
        gap = "" if note == "reasoner: HermiT" else "The reasoner gave up: the tree is as written."
        packaged = [quad.triple for quad in loading.packaged()]
        placed = placing.placing(
            packaged, before, quads, inferred.triples, left_out=[gap] if gap else []
        )
    notes = [_RAN.format(len(checks.check_files())), note]
    return Report(found, report.results), notes, placed
