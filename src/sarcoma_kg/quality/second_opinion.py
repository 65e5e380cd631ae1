"""pySHACL beside the compiled shapes: an engine that shares no code with ours.

pySHACL is given rdflib's own graphs only: over an Oxigraph store it reports false violations for
sh:in and sh:hasValue on plain literals. It lets rdflib run the queries of the shapes, and rdflib
would call for SERVICE and load what FROM names; so those are looked at with rdflib's own parser.
"""

import re
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

_NOT_PYSHACL = "leave --engine out: the compiled shapes tell what is wrong"
_REACHING = {
    "ServiceGraphPattern": "SERVICE sends parts of the query to another server",
    "DatasetClause": "FROM makes the engine read other graphs or files",
}


def _guard(shapes: "rdflib.Graph") -> None:
    """Refuse shapes of which a query, or what is put into one, would reach elsewhere."""
    from rdflib.namespace import SH

    for predicate in (SH.prefix, SH.namespace):
        for value in map(str, shapes.objects(None, predicate)):
            # It becomes text of a query.
            if re.search(r"[\s<>\"{}|^`\\]", value):
                raise UserError(f"sh:{predicate.fragment} {value[:80]!r} is none of SPARQL")
    for predicate in (SH.select, SH.ask, SH.construct, SH.update):
        for query in set(map(str, shapes.objects(None, predicate))):
            where = f"sh:{predicate.fragment} {' '.join(query.split())[:80]!r}"
            if why := _reaches(query, where):
                raise UserError(f"{where}: refused: {why}")


def _reaches(query: str, where: str) -> str:
    """Return why rdflib would reach elsewhere in a query; empty where it would not."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    try:
        todo: list[Any] = list(parseQuery(re.sub(r"[$?]PATH\b", "<urn:path>", query)))
    except Exception as error:  # its actions raise whatever they like
        first = str(error).partition("\n")[0]
        raise UserError(f"{where}: pySHACL cannot read it: {first}", _NOT_PYSHACL) from error
    while todo:
        node = todo.pop()
        if isinstance(node, CompValue):
            if node.name in _REACHING:
                return _REACHING[node.name]
            todo.extend(node.values())
        elif isinstance(node, list | tuple | ParseResults):
            todo.extend(node)
    return ""


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

    Raises:
        UserError: pySHACL cannot use the shapes, or a query of theirs would reach elsewhere.
    """
    import pyshacl
    import rdflib
    from rdflib.namespace import OWL, RDFS, SH

    graph, shapes_graph = to_rdflib(data), to_rdflib(shapes)
    _guard(shapes_graph)
    if not strict:
        shapes_graph.add((OWL.Class, RDFS.subClassOf, RDFS.Class))
    if focus is not None:
        nodes = {to_node(from_term(term)) for term in focus}
        shapes_graph = _retarget(shapes_graph, graph, nodes)
    # The graph is ours alone, so pySHACL may work on it without a copy.
    try:
        _, results, words = pyshacl.validate(
            graph, shacl_graph=shapes_graph, advanced=False, inplace=True
        )
    except Exception as error:  # its own, and whatever rdflib raises at a query
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UserError(f"pySHACL cannot use the shapes: {first}", _NOT_PYSHACL) from error
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
