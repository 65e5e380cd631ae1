"""What the user's files break: the packaged graph with them, compared with the graph without."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.building import builds, pipeline, placing, unreachable
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding, Report, merge
from sarcoma_kg.owl import java, justification, logical, minted, obstacles, ontologies, owlapi
from sarcoma_kg.owl.ontologies import Document
from sarcoma_kg.owl.reason import InconsistentError, ReasonerError
from sarcoma_kg.quality import checks, validation
from sarcoma_kg.quality.report_page import Placing
from sarcoma_kg.reading import loading, oboheader, relative
from sarcoma_kg.sparql.term import as_term
from sarcoma_kg.stores.store import Store

__all__ = ["Outcome", "against", "check"]

Progress = Callable[[str], None]
_OWL, _TYPE = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"] + "type"
_RAN = "rules: {} and the shapes"
_ONTOLOGY = "https://w3id.org/sarcoma-kg/ontology"


class Outcome(NamedTuple):
    """What was found.

    Attributes:
        report: The findings.
        notes: In a line each what was looked at and by whom.
        labels: Names of focus nodes.
        placing: What the files do to the tree of classes, if that was asked.
    """

    report: Report
    notes: list[str]
    labels: dict[str, str]
    placing: Placing | None = None


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
    shipped = ontologies.parts(documents)
    brought = [document.quads for document in documents]
    quads = [quad for part in (*shipped.values(), *brought) for quad in part]
    placed = None
    # The OWL API and the reasoner are processes of their own, which need not wait for each other.
    with java.beside(lambda: _profiles(documents, shipped) if profiles else ([], "")) as judged:
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
    return Outcome(found, notes, labels, placed)


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
    before: set[ox.Triple] = set()
    written: list[Finding] = []

    def meanwhile() -> None:
        parsed = ox.parse(path=str(build.folder / "inferred.nt"), format=ox.RdfFormat.N_TRIPLES)
        before.update(quad.triple for quad in parsed)
        written.extend(pipeline.examine_written(asserted))

    note = "reasoner: HermiT"
    try:
        try:
            inferred = pipeline.infer(quads, progress, meanwhile=meanwhile)
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
    own = [quad.triple for document in documents for quad in document.quads]
    touched = {node for t in (*own, *new) for node in (t.subject, t.object)}
    focus = {term for node in touched if (term := as_term(node))}
    report = pipeline.examine(asserted, inferred, focus, engine=engine, written=written)
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


def _profiles(
    documents: list[Document], shipped: Mapping[Path, list[ox.Quad]]
) -> tuple[list[Finding], str]:
    """Check the user's documents, or all packaged ones, against OWL 2 DL and EL."""
    catalog = ontologies.packaged_names()
    root = resources.data_root() / "ontology" / "sarcoma.ttl"
    packaged = [root, *resources.claim_files()]
    if not documents:
        return _breaches(packaged, catalog, [], {})
    catalog |= {name: document.path for document in documents for name in document.names}
    places = [document.path for document in documents]
    if gone := {ontologies.packaged_catalog()[iri] for iri in ontologies.replaced(documents)}:
        # What the copy no longer declares may be used in any other of our files.
        places += [path for path in packaged if path not in gone]
    # Our own annotations are no question of the user's; nor is what texts of hers say, so that
    # another label needs no new answer.
    says_more = logical.seen(quad.triple for quads in shipped.values() for quad in quads)
    outlines = {
        path: [quad.triple for quad in quads if says_more(quad.triple)]
        for path, quads in shipped.items()
    }
    return _breaches(places, catalog, documents, outlines)


def _as_ontology(document: Document, me: str, called: Mapping[str, str]) -> list[ox.Triple]:
    """Return a document as the OWL API can read it: with one header.

    An import names a document by its ontology IRI: OWL API 3.4 runs in circles where documents
    import each other by other names.

    Args:
        document: The document.
        me: The IRI of its header; one that has none imports the packaged ontology.
        called: Any name of a document -> its ontology IRI.
    """
    header, ontology = ox.NamedNode(me), ox.NamedNode(_OWL + "Ontology")
    triples = [ox.Triple(header, ox.NamedNode(_TYPE), ontology)]
    heads = {
        q.subject for q in document.quads if q.predicate.value == _TYPE and q.object == ontology
    }
    for quad in document.quads:
        named, about = quad.object, header if quad.subject in heads else quad.subject
        if quad.predicate.value == _OWL + "imports" and isinstance(named, ox.NamedNode):
            named = ox.NamedNode(called.get(named.value, named.value))
        if quad.predicate.value != _OWL + "versionIRI" or str(quad.subject) == f"<{me}>":
            triples.append(ox.Triple(about, quad.predicate, named))
    if not heads:
        triples.append(ox.Triple(header, ox.NamedNode(_OWL + "imports"), ox.NamedNode(_ONTOLOGY)))
    return triples


def _breaches(
    places: Sequence[Path],
    catalog: dict[str, Path],
    documents: list[Document],
    outlines: Mapping[Path, list[ox.Triple]],
) -> tuple[list[Finding], str]:
    called: dict[str, str] = {}
    mine: dict[Path, str] = {}
    for number, document in enumerate(documents):
        spare = f"urn:sarcoma-kg:document-{number}"
        taken = document.iri in mine.values()
        mine[document.path] = spare if taken or not document.iri else document.iri
        for name in document.names:
            called.setdefault(name, mine[document.path])
    contents = dict(outlines)
    declared = [t for triples in outlines.values() for t in triples]
    text = logical.texts([*declared, *(q.triple for d in documents for q in d.quads)])
    for document in documents:
        triples = _as_ontology(document, mine[document.path], called)
        contents[document.path] = [t for t in triples if not text(t)]
    catalog |= {iri: path for path, iri in mine.items()}
    try:
        report = owlapi.profile(places, catalog, contents=contents)
    except owlapi.OwlApiError:
        raise
    except UserError as error:
        names = ", ".join(str(document.path) for document in documents) or "the packaged files"
        raise UserError(f"{names}: {error.message}", error.hint) from error
    subjects = {
        q.subject.value for d in documents for q in d.quads if isinstance(q.subject, ox.NamedNode)
    }
    found = _missing_imports(documents)
    for breach in report.violations:
        named = [iri for iri in breach.iris if iri in subjects] or [*breach.iris, breach.document]
        undeclared = breach.iris[0] if "undeclared" in breach.text and breach.iris else ""
        if undeclared and found and found[0].shape == "import missing":
            continue  # told once
        remedy = "Declare it, or correct its spelling" if undeclared else "Write it in another way"
        found.append(
            Finding(
                "violation",
                f"profile {breach.profile}",
                namespaces.contract(named[0]),
                "",
                namespaces.contract(undeclared),
                f"Outside {breach.profile}: {obstacles.in_words(breach.text)}. {remedy}.",
            )
        )
    counts = ", ".join(
        f"{profile} {sum(b.profile == profile for b in report.violations)} violation(s)"
        for profile in ("OWL 2 DL", "OWL 2 EL")
    )
    return found, (
        f"profiles: OWL API {report.engine} loaded {len(report.documents)} documents, no import "
        f"unresolved: {counts}; {len(report.punned)} classes are slot values too (punning)"
    )


def _missing_imports(documents: list[Document]) -> list[Finding]:
    """Return a finding for each ontology that uses our terms and imports none of our documents."""
    packaged = set(ontologies.packaged_names())
    imported = {name: {*d.imports} for d in documents for name in d.names}

    def reaches(iri: str) -> bool:
        todo, seen = [iri], {iri}
        while todo:
            targets = imported.get(todo.pop(), set())
            if targets & packaged:
                return True
            todo += targets - seen
            seen |= targets
        return False

    return [
        Finding(
            "violation",
            "import missing",
            str(d.path),
            "",
            "",
            "This ontology imports none of ours, so an OWL editor shows none of our terms in it. "
            f"Add owl:imports <{_ONTOLOGY}> to its header.",
            str(d.path),
        )
        for d in documents
        if d.iri
        and d.iri not in packaged
        and any(f"<{namespaces.SKG}" in str(q.triple) for q in d.quads)
        and not reaches(d.iri)
    ]
