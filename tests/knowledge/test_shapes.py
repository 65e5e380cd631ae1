"""Every shape with data that conforms and data that breaks exactly it."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDF, SH

from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces
from sarcoma_kg.quality import validation
from sarcoma_kg.reading import places
from sarcoma_kg.stores.store import EmbeddedStore

DATA = Path(__file__).parents[1] / "data"
GOOD = sorted((DATA / "good").glob("*.ttl"))
BAD = sorted((DATA / "bad").glob("*.ttl"))
SKGSH = namespaces.PREFIXES["skgsh"]


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in validation.shape_files():
        graph.parse(path)
    return graph


def store_of(path: Path) -> EmbeddedStore:
    store = EmbeddedStore(ox.Store())
    store.inner.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def constrained(graph: rdflib.Graph) -> set[str]:
    """Return the local names of the shapes that can be the source of a result."""
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
    todo = [shape for target in targets for shape in graph.subjects(target)]
    structure = {*targets, RDF.type, SH.name, SH.message, SH.severity, SH.path, SH.property}
    reached = set()
    while todo:
        shape = todo.pop()
        if shape not in reached:
            reached.add(shape)
            todo += graph.objects(shape, SH.property)
    found = {s for s in reached if set(graph.predicates(s)) - structure}
    assert all(isinstance(s, rdflib.URIRef) for s in found), "a shape without IRI"
    return {str(s).removeprefix(SKGSH) for s in found}


def test_every_shape_has_both_fixtures(shapes: rdflib.Graph) -> None:
    names = constrained(shapes)
    assert len(names) > 150
    assert {p.stem for p in GOOD} == names
    assert {p.stem for p in BAD} == names


def test_every_shape_speaks_to_the_curator(shapes: rdflib.Graph) -> None:
    for name in constrained(shapes):
        shape = rdflib.URIRef(SKGSH + name)
        assert shapes.value(shape, SH.name), name
        severity = shapes.value(shape, SH.severity)
        assert severity in {SH.Violation, SH.Warning, SH.Info}, name
        inner = [shape, *shapes.objects(shape, SH.sparql)]
        messages = [str(m) for s in inner for m in shapes.objects(s, SH.message)]
        assert messages, name
        assert all(len(m) > 25 for m in messages), name


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_good_data_conforms(path: Path) -> None:
    report = validation.validate(store_of(path))
    assert report.findings == []


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_bad_data_is_found(path: Path, shapes: rdflib.Graph) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    wanted = re.fullmatch(r"# expect: skgsh:(\S+) (\S+)", first)
    assert wanted, f"{path.name}: the first line names shape and focus node"
    assert wanted.group(1) == path.stem
    name = shapes.value(rdflib.URIRef(SKGSH + path.stem), SH.name)
    report = validation.validate(store_of(path))
    hits = [f for f in report.findings if f.shape == str(name)]
    assert hits, [f.shape for f in report.findings]
    assert wanted.group(2) in {f.focus for f in hits}


def test_the_packaged_graph_conforms(build: builds.Build) -> None:
    assert build.manifest["conforms"] is True


@pytest.mark.slow
def test_a_second_engine_agrees_on_the_packaged_graph(store: EmbeddedStore) -> None:
    """PySHACL walks from node to node and shares no code with the compiled shapes."""
    theirs = validation.validate(store, engine="pyshacl")
    assert theirs.findings == validation.validate(store).findings == []


def test_findings_name_file_and_line() -> None:
    path = next(p for p in BAD if p.stem.startswith("Claim"))
    report = validation.validate(store_of(path))
    for finding in places.locate(report.findings, [path]):
        assert finding.file == str(path)
        line = path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
        assert finding.focus.split(":")[-1] in line
