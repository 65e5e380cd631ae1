"""Making a build: load, reason, infer, validate, store; cached by the content of all inputs.

A build is moved into place when it is whole, so that a reader never sees half of one.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.building import builds, rules
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import namespaces, resources, work
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.store import EmbeddedStore

if TYPE_CHECKING:
    from sarcoma_kg.ground.findings import Finding, Report
    from sarcoma_kg.owl.ontologies import Document
    from sarcoma_kg.quality.remembered import Ask
    from sarcoma_kg.sparql.term import Term

__all__ = [
    "Inference",
    "NonConforming",
    "build",
    "examine",
    "examine_written",
    "infer",
    "tbox",
]

Progress = Callable[[str], None]
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_NAMED = ox.NamedNode(namespaces.PREFIXES["owl"] + "NamedIndividual")
_OWL, _RDFS = f"<{namespaces.PREFIXES['owl']}", f"<{namespaces.PREFIXES['rdfs']}"
_OURS = "<https://w3id.org/sarcoma-kg/"
_MOST_INDIVIDUALS = 500
#: What the name of a build begins with that is being made.
_MAKING = ".making."
_SUBCLASS = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf")

_COUNTS = """
PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX sssom: <https://w3id.org/sssom/>
SELECT ?kind (COUNT(DISTINCT ?x) AS ?n) WHERE {
  { VALUES (?root ?kind) {
      (skg:Disease "disease classes") (skg:Therapy "therapy classes")
      (skg:Target "target classes") (skg:Alteration "alteration classes")
    } ?x a owl:Class ; skg:rollsUpTo ?root }
  UNION { VALUES (?type ?kind) {
      (skg:Proposition "propositions") (skg:Source "sources") (skg:Reference "references")
      (skg:CitationAct "citation acts") (skg:ExternalEvidence "external evidence items")
      (sssom:Mapping "mappings")
    } ?x a ?type }
  UNION { BIND("claims" AS ?kind) ?x skg:hasProposition ?p }
} GROUP BY ?kind
"""


class NonConforming(Exception):  # noqa: N818
    """The graph breaks a shape or a rule, or has empty classes, so nothing was stored."""

    def __init__(self, report: "Report") -> None:
        super().__init__("the graph does not conform")
        self.report = report


class Inference(NamedTuple):
    """What follows from the asserted graph: triples, and classes that can have no member.

    `store` holds both, what was asserted and what follows.
    """

    triples: set[ox.Triple]
    unsatisfiable: frozenset[str]
    store: EmbeddedStore


def tbox(quads: Iterable[ox.Quad], *, individuals: bool = True) -> list[ox.Triple]:
    """Return what the reasoner sees: classes and properties, and a few individuals of a user.

    HermiT needs ten times as long with the packaged claims, which no axiom is about; SHACL and the
    rules check them. Individuals in a user's own namespace are kept while they are few.

    Args:
        quads: The whole graph.
        individuals: Whether to keep any individual.
    """
    triples = [quad.triple for quad in quads]
    entities = {
        t.subject
        for t in triples
        if t.predicate == _TYPE and str(t.object).startswith((_OWL, _RDFS)) and t.object != _NAMED
    }
    named = {t.subject for t in triples if isinstance(t.subject, ox.NamedNode)} - entities
    foreign = {node for node in named if not str(node).startswith(_OURS)}
    keep = individuals and len(foreign) <= _MOST_INDIVIDUALS
    dropped = named - foreign if keep else named
    return [t for t in triples if t.subject not in dropped]


def infer(
    asserted: Iterable[ox.Quad],
    progress: Progress = lambda _: None,
    *,
    individuals: bool = True,
    known: Iterable[ox.Triple] | None = None,
    meanwhile: Callable[[EmbeddedStore], object] = lambda _: None,
    own: Iterable[ox.Triple] = (),
    closure: rules.Closure | None = None,
) -> Inference:
    """Return what HermiT and the rules add to the asserted graph.

    Args:
        asserted: The graph as written.
        progress: Called with a few words at the beginning of each step.
        individuals: Whether the reasoner looks at individuals at all.
        known: What follows in any case, when the reasoner is not asked.
        meanwhile: Called with the graph as written while the reasoner is at work.
        own: What of the graph may be other than when `closure` was last used.
        closure: What some rules had found then.

    Raises:
        InconsistentError: the ontology has no model.
        ReasonerError: the reasoner gave up.
    """
    from sarcoma_kg.owl import java, reason

    quads = list(asserted)
    unsatisfiable: frozenset[str] = frozenset()
    store = EmbeddedStore(ox.Store())
    if known is None:
        progress("reasoning (HermiT)")
        ontology = tbox(quads, individuals=individuals)
        with java.beside(lambda: reason.classify(ontology, say=progress)) as classified:
            store.inner.bulk_extend(quads)
            meanwhile(store)
            classes = classified()
        unsatisfiable = classes.unsatisfiable
        known = (
            ox.Triple(ox.NamedNode(sub), _SUBCLASS, ox.NamedNode(sup))
            for sub, sup in classes.subsumptions
        )
    else:
        store.inner.bulk_extend(quads)
    following = [ox.Quad(*triple) for triple in known]
    found = {quad.triple for quad in following if quad not in store.inner}
    progress("inferring (rules)")
    store.inner.extend(following)
    added = rules.apply(store, closure=closure, around={*own, *found})
    return Inference(found | added, unsatisfiable, store)


def examine_written(
    asserted: Collection[ox.Triple], store: EmbeddedStore, ask: "Ask | None" = None
) -> "list[Finding]":
    """Return what does not depend on what follows: literals, and rules about what was written.

    Args:
        asserted: The triples as they were read.
        store: Holds them and nothing else.
        ask: Asks the checks in place of `checks.ask`.
    """
    from sarcoma_kg.quality import checks, literals

    found = (ask or checks.ask)(store, checks.of_written())
    return [*literals.ill_typed(asserted), *found]


def examine(
    asserted: set[ox.Triple],
    inferred: Inference,
    focus: "Collection[Term] | None" = None,
    *,
    engine: Literal["compiled", "pyshacl"] = "compiled",
    written: "Sequence[Finding]",
    ask: "Ask | None" = None,
) -> "Report":
    """Examine a graph: empty classes, quality rules, SHACL shapes.

    Args:
        asserted: The triples as they were read.
        inferred: What follows from them.
        focus: The only nodes that the shapes look at; all when None.
        engine: Who validates the shapes.
        written: What `examine_written` found.
        ask: Asks the checks in place of `checks.ask`.
    """
    from sarcoma_kg.ground import findings
    from sarcoma_kg.owl import justification
    from sarcoma_kg.quality import checks, validation

    found: list[Finding] = []
    if inferred.unsatisfiable:
        quads = (ox.Quad(t.subject, t.predicate, t.object) for t in asserted)
        ontology = tbox(quads, individuals=False)
        found += justification.empty_classes(ontology, inferred.unsatisfiable)
    empty = {finding.focus for finding in found}
    data = validation.Written(asserted | inferred.triples, inferred.store)
    own = checks.of_written()
    rest = [path for path in checks.check_files() if path not in own]
    found += [
        finding
        for finding in checks.settled([*written, *(ask or checks.ask)(inferred.store, rest)])
        # The reasoner has said it, with its reasons.
        if not (finding.shape == "parents-disjoint" and finding.focus in empty)
    ]
    return findings.merge(validation.validate(data, focus=focus, engine=engine), found)


@contextlib.contextmanager
def _new_folder(final: Path) -> Iterator[Path]:
    """Yield a folder beside `final` that takes its place when the block ends well."""
    with work.folder(final.parent, _MAKING) as beside:
        yield beside
        try:
            beside.rename(final)
        except OSError:
            # Another process may have made the same build meanwhile.
            if not final.is_dir() or Build(str(final)).damage:
                raise


def _write_triples(path: Path, triples: Iterable[ox.Triple]) -> None:
    lines = sorted(f"{t.subject} {t.predicate} {t.object} .\n" for t in triples)
    path.write_text("".join(lines), encoding="utf-8")


def build(
    progress: Progress = lambda _: None,
    *,
    force: bool = False,
    extras: Sequence[str] = (),
    point: bool = True,
) -> tuple[Build, bool]:
    """Bring the store up to date.

    Args:
        progress: Called with a few words at the beginning of each step.
        force: Build even when nothing changed.
        extras: Absolute paths of the user's own files, which go into the graph.
        point: Whether questions are asked of this build from now on.

    Returns:
        The build, and whether any work was done.

    Raises:
        UserError: an input is malformed or the ontology is inconsistent.
        NonConforming: a shape or rule is violated, or a class is empty. In both cases the former
            build stays in place.
    """
    folder = Path(cache_root()) / "builds"
    work.sweep(folder, _MAKING)
    if not force and (present := builds.current(extras, progress)):
        return present, False
    from sarcoma_kg.owl import ontologies

    # Taken before the rest is read: a file that changes meanwhile makes the build stale at once.
    own = ontologies.read_all([Path(path) for path in extras])
    read = ontologies.inputs(own)
    inputs = resources.fingerprint(read)
    digest = resources.digest(read)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        same = sorted(folder.glob(f"{digest[:16]}*"))
        whole = []
        for path in same:
            if damage := Build(str(path)).damage:
                progress(f"{path}: the build is damaged ({damage}): making it anew")
            else:
                whole.append(path)
        worked = force or not whole
        # A build stands beside an old or a damaged one until it is whole; its name sorts later.
        name = f"{digest[:16]}-{time.time_ns()}" if same else digest[:16]
        final = folder / name if worked else whole[-1]
        if worked:
            _build(digest, own, final, progress)
        if point:
            builds.point_to(final.name, inputs, extras, read)
        if worked:
            for old in same:
                _remove(old)
        _drop_old(folder, keep=final.name)
        return Build(str(final)), worked
    except OSError as error:
        raise UserError(
            f"{cache_root()}: cannot be written: {error.strerror or error}",
            "free some space, or set SARCOMA_KG_CACHE to a folder that you may write",
        ) from error


def _build(digest: str, own: "list[Document]", final: Path, progress: Progress) -> None:
    from sarcoma_kg.ground import findings
    from sarcoma_kg.owl import obstacles, ontologies
    from sarcoma_kg.owl.reason import ReasonerError
    from sarcoma_kg.questions import catalog

    times: dict[str, float] = {}
    began = time.perf_counter()

    def step(words: str) -> None:
        times[words] = round(time.perf_counter() - began, 2)
        progress(words)

    step("loading")
    questions = catalog.load()
    asserted = ontologies.together(own)
    triples = {quad.triple for quad in asserted}
    written: list[findings.Finding] = []
    try:
        meanwhile = lambda store: written.extend(examine_written(triples, store))  # noqa: E731
        inferred = infer(asserted, step, meanwhile=meanwhile)
    except ReasonerError as error:
        raise obstacles.explained(error.told, own) from error
    step("validating (rules, SHACL)")
    examined = examine(triples, inferred, written=written)
    report = findings.merge(examined, ontologies.faults(own))
    if not report.conforms:
        placed = ontologies.located(report.findings, own)
        raise NonConforming(findings.Report(placed, report.results))
    step("storing")
    with _new_folder(final) as folder:
        _write_triples(folder / "asserted.nt", triples)
        _write_triples(folder / "inferred.nt", inferred.triples)
        store = ox.Store(str(folder / "store"))
        for part in ("asserted.nt", "inferred.nt"):
            store.bulk_load(path=str(folder / part), format=ox.RdfFormat.N_TRIPLES)
        store.optimize()
        store.flush()
        counts = {
            row["kind"]: int(row["n"]) for row in EmbeddedStore(store).select(_COUNTS).dicts()
        }
        del store
        manifest = {
            "digest": digest,
            "counts": {
                **dict(sorted(counts.items())),
                "asserted triples": len(triples),
                "inferred triples": len(inferred.triples),
            },
            "with": [str(document.path) for document in own],
            "conforms": True,
            "warnings": [finding.as_dict() for finding in report.findings],
            "seconds": round(time.perf_counter() - began, 2),
            "steps": times,
        }
        (folder / "catalog.json").write_text(json.dumps([q.as_dict() for q in questions]))
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        builds.seal(str(folder))


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink() if path.is_file() or path.is_symlink() else shutil.rmtree(path)


def _drop_old(folder: Path, keep: str, most: int = 5) -> None:
    """Remove the oldest builds, and what killed processes left half-done a day ago.

    A process that still reads a build keeps its open files.
    """
    age = {path: path.stat().st_mtime for path in folder.iterdir() if path.name != keep}
    whole = sorted((p for p in age if not p.name.startswith(".")), key=age.__getitem__)
    stale = [p for p in age if p.name.startswith(".") and age[p] < time.time() - 86_400]
    for path in whole[: max(0, len(whole) - most)] + stale:
        _remove(path)
