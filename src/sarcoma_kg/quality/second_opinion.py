"""pySHACL beside the compiled shapes: an engine that shares no code with ours.

pySHACL is given rdflib's own graphs only: over an Oxigraph store it reports false violations for
sh:in and sh:hasValue on plain literals.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.shacl.graph import from_term
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.lexical import to_node, to_rdflib

if TYPE_CHECKING:
    import rdflib

__all__ = ["findings"]


def _retarget(shapes: "rdflib.Graph", data: "rdflib.Graph", focus: set[Any]) -> "rdflib.Graph":
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


def findings(
    data: Iterable[ox.Triple],
    shapes: Iterable[ox.Triple],
    focus: Iterable[Term] | None = None,
    *,
    strict: bool = False,
) -> set[Finding]:
    """Validate a graph that holds asserted and inferred triples.

    Args:
        data: The data graph, with the ontology in it.
        shapes: The shapes graph.
        focus: The only focus nodes to look at; all when None.
        strict: Take only rdfs:Class for an implicit class target, not owl:Class.
    """
    import pyshacl
    import rdflib
    from rdflib.namespace import OWL, RDFS, SH

    graph, shapes_graph = to_rdflib(data), to_rdflib(shapes)
    if not strict:
        shapes_graph.add((OWL.Class, RDFS.subClassOf, RDFS.Class))
    if focus is not None:
        nodes = {to_node(from_term(term)) for term in focus}
        shapes_graph = _retarget(shapes_graph, graph, nodes)
    # The graph is ours alone, so pySHACL may work on it without a copy.
    _, results, words = pyshacl.validate(
        graph, shacl_graph=shapes_graph, advanced=False, inplace=True
    )
    if not isinstance(results, rdflib.Graph):
        raise UserError(f"the shapes cannot be used: {words.splitlines()[0]}")

    def text(node: "rdflib.term.Node | None") -> str:
        if isinstance(node, rdflib.URIRef):
            return namespaces.contract(str(node))
        if isinstance(node, rdflib.BNode):
            return "(blank node)"
        return "" if node is None else str(node)

    found = set()
    # Results of nested shapes hang from their parent by sh:detail and are no results of their own.
    for result in set(results.objects(None, SH.result)):
        shape = results.value(result, SH.sourceShape)
        messages = sorted(str(m) for m in results.objects(result, SH.resultMessage))
        found.add(
            Finding(
                str(results.value(result, SH.resultSeverity)).rsplit("#", 1)[-1].lower(),
                text(shapes_graph.value(shape, SH.name) or shape),
                text(results.value(result, SH.focusNode)),
                text(results.value(result, SH.resultPath)),
                text(results.value(result, SH.value)),
                " ".join(messages),
            )
        )
    return found
