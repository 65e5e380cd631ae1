"""The graph in other libraries: the same triples, classes by name, the same trees."""

import subprocess
import sys

import networkx
import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg.api import KnowledgeGraph
from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import objects

SKG = namespaces.SKG
BELOW = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
#: What the trees are made of; the whole takes rdflib seconds.
TREE = {
    BELOW,
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://www.w3.org/2000/01/rdf-schema#label",
    SKG + "rollsUpTo",
}


@pytest.fixture(scope="module")
def tree(triples: list[ox.Triple]) -> list[ox.Triple]:
    therapy = {
        t.subject
        for t in triples
        if t.predicate.value == SKG + "rollsUpTo" and t.object.value == SKG + "Therapy"  # type: ignore[union-attr]
    }
    return [
        t
        for t in triples
        if t.subject in therapy
        and t.predicate.value in TREE
        and not isinstance(t.object, ox.BlankNode)
    ]


@pytest.fixture(scope="module")
def above(tree: list[ox.Triple]) -> dict[str, set[str]]:
    """Class -> what it rolls up to, as our rules say."""
    found: dict[str, set[str]] = {}
    for t in tree:
        if t.predicate.value == SKG + "rollsUpTo":
            found.setdefault(t.subject.value, set()).add(t.object.value)  # type: ignore[union-attr]
    return found


def test_rdflib_has_the_same_triples_and_our_prefixes(tree: list[ox.Triple]) -> None:
    graph = objects.rdflib_graph(tree)
    assert {(s.n3(), p.n3(), o.n3()) for s, p, o in graph} == {tuple(map(str, t)) for t in tree}
    assert dict(graph.namespaces())["skg"] == rdflib.URIRef(SKG)
    rows = graph.query("SELECT ?x { ?x rdfs:subClassOf+ skg:TCRTCellTherapy }")
    assert (rdflib.URIRef(SKG + "AfamitresgeneAutoleucel"),) in {tuple(row) for row in rows}  # type: ignore[arg-type]


def test_owlready2_has_classes_by_name_with_inferred_parents(
    tree: list[ox.Triple], above: dict[str, set[str]]
) -> None:
    terms = objects.owlready2(tree).get_ontology(SKG)
    product = terms.AfamitresgeneAutoleucel
    assert str(product.label.first()) == "afamitresgene autoleucel"
    wanted = {iri for iri in above[product.iri] if iri != product.iri}
    assert wanted <= {one.iri for one in product.ancestors() if hasattr(one, "iri")}
    # What the reasoner placed there is a parent as what was written is.
    assert terms.TCRTCellTherapy in product.ancestors()


def test_networkx_has_the_trees(tree: list[ox.Triple], above: dict[str, set[str]]) -> None:
    graph = objects.networkx(tree)
    assert networkx.is_directed_acyclic_graph(graph)
    for iri in list(above)[::20]:
        assert networkx.descendants(graph, iri) | {iri} >= above[iri]
    one = graph.nodes[SKG + "AfamitresgeneAutoleucel"]
    assert one == {"label": "afamitresgene autoleucel", "curie": "skg:AfamitresgeneAutoleucel"}


@pytest.mark.slow
def test_the_whole_graph_in_each(build: builds.Build, triples: list[ox.Triple]) -> None:
    kg = KnowledgeGraph(build.open(), [])
    assert len(kg.to_rdflib()) == len({str(t) for t in triples})
    classes = kg.to_owlready2().get_ontology(SKG)
    assert str(classes.SynovialSarcoma.label.first()) == "synovial sarcoma"
    edges = {
        (t.subject.value, t.object.value)
        for t in triples
        if t.predicate.value == BELOW
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.NamedNode)
    }
    assert set(kg.to_networkx().edges) == edges


def test_what_is_not_installed_is_told() -> None:
    code = (
        "import sys; sys.modules['networkx'] = None\n"
        "from sarcoma_kg.owl import objects\n"
        "try: objects.networkx([])\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "sarcoma-kg[networkx]"' in done.stdout
