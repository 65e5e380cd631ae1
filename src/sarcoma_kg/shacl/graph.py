"""The shapes graph in memory: triples by subject and predicate, and RDF lists."""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term

__all__ = [
    "NOT_IN_IRI", "RDF", "RDFS", "SH", "ShapesGraph", "Unsupported", "from_term", "name",
    "to_term",
]  # fmt: skip

SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"

# What SPARQL forbids inside <...>: a lenient parser may have let it through.
NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")

NIL = Term("iri", RDF + "nil")


class Unsupported(UserError):  # noqa: N818 (the name is the interface)
    """A feature of SHACL that the compiler does not know; refused by name, never skipped."""


def to_term(node: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    """Return a node of the engine's library as a term."""
    if isinstance(node, ox.NamedNode):
        if NOT_IN_IRI.search(node.value):
            raise UserError(f"{node.value!r} in the shapes graph is no IRI")
        return Term("iri", node.value)
    if isinstance(node, ox.BlankNode):
        return Term("bnode", node.value)
    if isinstance(node, ox.Literal):
        datatype = node.datatype.value
        plain = node.language or datatype == XSD + "string"
        return Term("literal", node.value, "" if plain else datatype, node.language or "")
    raise Unsupported("triple terms (RDF 1.2) in a shapes graph are not supported")


def from_term(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a term as a node of the engine's library."""
    if term.kind == "iri":
        return ox.NamedNode(term.value)
    if term.kind == "bnode":
        return ox.BlankNode(term.value)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype or XSD + "string"))


def name(term: Term) -> str:
    """Return a term as people write it, for messages."""
    if term.kind == "bnode":
        return f"_:{term.value}"
    if term.kind == "iri" and term.value.startswith(SH):
        return f"sh:{term.value.removeprefix(SH)}"
    return str(from_term(term))


class ShapesGraph:
    """An indexed shapes graph.

    Args:
        triples: The shapes graph; it may hold other things too, an ontology for example.
        exact: Whether its shapes are for a store that holds terms as module `exact` writes them.
        altered: Whether that store holds any literal in another form than the engine's.
    """

    def __init__(
        self, triples: Iterable[ox.Triple], *, exact: bool = False, altered: bool = True
    ) -> None:
        self.exact, self.altered = exact, exact and altered
        self._out: dict[Term, dict[str, list[Term]]] = {}
        self._in: dict[str, dict[Term, list[Term]]] = {}
        seen = set()
        for triple in triples:
            key = (to_term(triple.subject), triple.predicate.value, to_term(triple.object))
            if key in seen:
                continue
            seen.add(key)
            subject, predicate, value = key
            self._out.setdefault(subject, {}).setdefault(predicate, []).append(value)
            self._in.setdefault(predicate, {}).setdefault(value, []).append(subject)

    def predicates(self, subject: Term) -> Iterable[str]:
        """Return the predicates that a subject uses."""
        return self._out.get(subject, {})

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of a predicate, in the order of the graph."""
        return self._out.get(subject, {}).get(predicate, [])

    def subjects(self, predicate: str, value: Term) -> list[Term]:
        """Return the subjects that have a value for a predicate."""
        return self._in.get(predicate, {}).get(value, [])

    def users(self, predicate: str) -> Iterator[Term]:
        """Yield each subject that uses a predicate, once."""
        yield from dict.fromkeys(s for found in self._in.get(predicate, {}).values() for s in found)

    def values(self, predicate: str) -> Iterator[Term]:
        """Yield each object of a predicate, once."""
        yield from self._in.get(predicate, {})

    def words(self, namespace: str) -> list[str]:
        """Return what stands behind a namespace in IRIs of the graph, sorted."""
        terms = {value for found in self._in.values() for value in found} | set(self._out)
        iris = {term.value for term in terms if term.kind == "iri"} | set(self._in)
        return sorted(i.removeprefix(namespace) for i in iris if i.startswith(namespace))

    def one(self, subject: Term, predicate: str) -> Term | None:
        """Return the only value of a predicate; None when there is none."""
        found = self.objects(subject, predicate)
        if len(found) > 1:
            raise UserError(
                f"{name(subject)}: {name(Term('iri', predicate))} has {len(found)} values, "
                "at most one is allowed"
            )
        return found[0] if found else None

    def items(self, head: Term, owner: Term) -> list[Term]:
        """Return the members of a SHACL list (section 1.4); refuses broken and cyclic ones."""
        members: list[Term] = []
        seen = set()
        while head != NIL:
            first = self.objects(head, RDF + "first")
            rest = self.objects(head, RDF + "rest")
            if head in seen or len(first) != 1 or len(rest) != 1:
                problem = "is cyclic" if head in seen else "is no well-formed RDF list"
                raise UserError(f"{name(owner)}: the list at {name(head)} {problem}")
            seen.add(head)
            members.append(first[0])
            head = rest[0]
        return members

    def classes_above(self, node: Term) -> set[Term]:
        """Return the types of a node and their superclasses."""
        todo = list(self.objects(node, RDF + "type"))
        found = set()
        while todo:
            if (kind := todo.pop()) not in found:
                found.add(kind)
                todo += self.objects(kind, RDFS + "subClassOf")
        return found
