"""The graph as objects of rdflib, owlready2 and networkx, for programs that use these libraries."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    import rdflib

__all__ = ["networkx", "owlready2", "rdflib_graph"]

_P = namespaces.PREFIXES
_TYPE, _LABEL, _BELOW = _P["rdf"] + "type", _P["rdfs"] + "label", _P["rdfs"] + "subClassOf"
_CLASS = ox.NamedNode(_P["owl"] + "Class")


def _lines(triples: Iterable[ox.Triple]) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def rdflib_graph(triples: Iterable[ox.Triple]) -> "rdflib.Graph":
    """Return an `rdflib.Graph` with the prefixes of the project bound."""
    import rdflib

    graph = rdflib.Graph()
    for prefix, namespace in _P.items():
        graph.bind(prefix, namespace)
    return graph.parse(data=_lines(triples), format="nt")


def owlready2(triples: Iterable[ox.Triple]) -> Any:
    """Return an `owlready2.World` with one ontology, `https://w3id.org/sarcoma-kg/ontology/`.

    Imports are left out, since what they name is in the graph; nothing is fetched.
    """
    import owlready2

    imports = _P["owl"] + "imports"
    kept = (triple for triple in triples if triple.predicate.value != imports)
    world = owlready2.World()
    world.get_ontology(namespaces.SKG).load(fileobj=io.BytesIO(_lines(kept)))
    return world


def networkx(triples: Iterable[ox.Triple]) -> Any:
    """Return a `networkx.DiGraph`: an edge from each class to each named class above it.

    Nodes are IRIs with `label` and `curie`.

    Raises:
        UserError: networkx is not installed.
    """
    try:
        import networkx
    except ImportError as error:
        raise UserError(
            "networkx is not installed", 'pip install "sarcoma-kg[networkx]"'
        ) from error
    graph = networkx.DiGraph()
    labels: dict[str, str] = {}
    for subject, predicate, term in map(tuple, triples):
        if not isinstance(subject, ox.NamedNode):
            continue
        name = predicate.value
        if name == _TYPE and term == _CLASS:
            graph.add_node(subject.value)
        elif name == _LABEL:
            labels.setdefault(subject.value, term.value)
        elif name == _BELOW and isinstance(term, ox.NamedNode):
            graph.add_edge(subject.value, term.value)
    for iri, node in graph.nodes.items():
        node["label"], node["curie"] = labels.get(iri, ""), namespaces.contract(iri)
    return graph
