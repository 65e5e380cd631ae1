"""What a reasoner gave up at: the axiom, where it stands, and what to do, in words of OWL.

The reasoner's own words name an IRI, a datatype or the label that `loading` gave to a blank node,
never a place. So the axiom is looked for in the user's documents by that name.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import ontologies
from sarcoma_kg.owl.ontologies import Document
from sarcoma_kg.reading import relative
from sarcoma_kg.reading.source import Place

__all__ = ["RULE", "explained", "finding", "in_words"]

#: Name under which findings about the reasoner stand.
RULE = "reasoner"
_OWL, _TYPE = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"] + "type"
_BLANK = re.compile(r"_:\S*?genid[\w-]*?(?:_:)?(\w+)(?=[\s)>,\]]|$)")
_KIND = re.compile(r"(?:axiom|expression) (\w+)\(")
_CARDINALITIES = {
    _OWL + name
    for name in (
        "cardinality", "minCardinality", "maxCardinality", "qualifiedCardinality",
        "minQualifiedCardinality", "maxQualifiedCardinality", "hasSelf",
    )
}  # fmt: skip
_CHARACTERS = {
    _OWL + name
    for name in (
        "FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty",
        "AsymmetricProperty",
    )
}  # fmt: skip
_CHAINS = {_OWL + "propertyChainAxiom", namespaces.PREFIXES["rdfs"] + "subPropertyOf"}
_LINKS = {_OWL + "propertyDisjointWith", _OWL + "onProperty"}
#: A message may quote a text with other things between angles.
_IRI = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*:[^<>\s\"{}|\\^`]*)>")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Node = object
Wanted = Callable[[ox.Quad], bool]


def finding(
    told: str, documents: Sequence[Document], who: str = "The reasoner", did: str = "classified"
) -> Finding:
    """Return what a reasoner gave up at; severity 'incomplete', since it looked at nothing else.

    Args:
        told: What the reasoner said.
        documents: The user's documents.
        who: The reasoner, or another library of OWL.
        did: What it did not do.
    """
    message, wanted = _meaning(told, documents)
    message = f"{who} gave up, so nothing was {did}: {message}"
    for document in documents:
        for good in wanted:
            if quad := next(filter(good, document.quads), None):
                place = ontologies.place_of(document.path, document.quads, good)
                focus = _owner(document.quads, quad.subject)
                return _made(focus, message, str(document.path), place)
    first = str(documents[0].path) if documents else ""
    return _made(first or "the ontology", message, first, Place())


def explained(told: str, documents: Sequence[Document]) -> UserError:
    """Return the same as an error, for commands that have no report."""
    found = finding(told, documents)
    line = f":{found.line}" if found.line else ""
    where = f"{found.file}{line}: " if found.file else ""
    return UserError(
        f"{where}{found.focus}: {found.message}", "`sarcoma-kg check FILE` looks at the rest"
    )


def in_words(text: str) -> str:
    """Return words of a Java library without its labels of blank nodes and its folders."""
    text = _BLANK.sub("a blank node", text)
    text = re.sub(r"(?:file:/*)?/?\S*sarcoma-kg-\w+/\S*", "a file", text)
    return re.sub(r"\b(?:[a-z]\w*\.)*[A-Z]\w*(?:Exception|Error): ?", "", text)


def _made(focus: str, message: str, file: str, place: Place) -> Finding:
    return Finding(
        "incomplete", RULE, relative.shown(focus), "", "", relative.shown(message), file, *place
    )


def _owner(quads: Iterable[ox.Quad], node: Node) -> str:
    """Return the named node from which a blank node hangs, or else the type of it."""
    above = {q.object: q.subject for q in quads if isinstance(q.object, ox.BlankNode)}
    passed = {node}
    while isinstance(node, ox.BlankNode) and above.get(node, node) not in passed:
        node = above[node]
        passed.add(node)
    if isinstance(node, ox.NamedNode):
        return namespaces.contract(node.value)
    types = (q.object.value for q in quads if q.subject == node and q.predicate.value == _TYPE)  # type: ignore[union-attr]
    return next((f"[] a {namespaces.contract(kind)}" for kind in types), "(blank node)")


def _not_xml(node: Node) -> bool:
    return isinstance(node, ox.Literal) and _NOT_XML.search(node.value) is not None


def _meaning(told: str, documents: Sequence[Document]) -> tuple[str, list[Wanted]]:
    """Return a message, and by what the axiom is recognised, the surest first."""
    kind = named[1] if (named := _KIND.search(told)) else "an axiom"
    iris = _IRI.findall(told)
    if "MalformedLiteral" in told:
        return (
            "a text holds a control character, which XML and so OWL 2 have no place for. Take it "
            "away.",
            [lambda q: _not_xml(q.object) and q.object.value in told, lambda q: _not_xml(q.object)],
        )
    if "anonymous individual" in told and (blank := _BLANK.search(told)):
        node = ox.BlankNode(blank[1])
        return (
            f"{kind} names an individual without an IRI, which OWL 2 DL does not allow. "
            "Give it an IRI.",
            [lambda q: q.object == node, lambda q: q.subject == node],
        )
    if "datatype" in told.lower() and (found := re.search(r"datatype '([^']+)'", told)):
        kind = found[1]
        return (
            f"{namespaces.contract(kind)} is not in the datatype map of OWL 2, so it has no "
            "place in a class, range or assertion that the reasoner reads. Use one of that map, "
            "such as xsd:dateTime or xsd:string, or an annotation property.",
            [
                lambda q: isinstance(q.object, ox.NamedNode) and q.object.value == kind,
                lambda q: isinstance(q.object, ox.Literal) and q.object.datatype.value == kind,
            ],
        )
    if "Non-simple" in told and iris:
        name = ox.NamedNode(iris[0])
        restricted = {
            q.subject for d in documents for q in d.quads if q.predicate.value in _CARDINALITIES
        }
        return (
            f"{namespaces.contract(iris[0])} is transitive, or a chain of properties implies "
            "it, so OWL 2 DL allows no cardinality, hasSelf, disjointness, and no functional, "
            "asymmetric or irreflexive on it. Take away one of the two.",
            [
                lambda q: (
                    q.object == name
                    and q.predicate.value in _LINKS
                    and (q.subject in restricted or not q.predicate.value.endswith("onProperty"))
                ),
                lambda q: (
                    q.subject == name
                    and q.predicate.value == _TYPE
                    and q.object.value in _CHARACTERS
                ),
                lambda q: q.object == name,
            ],
        )
    if "not regular" in told:
        names = {ox.NamedNode(iri) for iri in iris}
        chain = _OWL + "propertyChainAxiom"
        return (
            "chains of properties lead back to the property that they imply, which OWL 2 DL does "
            "not allow. Take one of them away.",
            [
                lambda q: q.subject in names and q.predicate.value in _CHAINS,
                # The reasoner does not always name the property.
                lambda q: q.predicate.value == chain,
            ],
        )
    if "null or empty" in told:
        nothing = ox.NamedNode(namespaces.PREFIXES["rdf"] + "nil")
        return (
            "an axiom lists nothing. Name its members, or take it away.",
            [lambda q: q.object == nothing and q.predicate.value.startswith(_OWL)],
        )
    names = {ox.NamedNode(iri) for iri in iris}
    words = in_words(told).strip().removeprefix("Error: ").rstrip(".") + "."
    return (
        words + (" An axiom outside OWL 2 DL is the usual cause." if names else ""),
        [lambda q: q.subject in names, lambda q: q.object in names],
    )
