"""A state of the graph as data that can be compared: no blank nodes, no order, no file."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.differences.expressions import Expression, Iri, Reader, Text, Value
from sarcoma_kg.ground import namespaces
from sarcoma_kg.turtle.owlgraph import OwlGraph, Term

__all__ = ["ANNOTATED", "GROUPS", "MATCHES", "Match", "Snapshot"]

_P = namespaces.PREFIXES
_OWL, _RDFS, _SKG, _SSSOM = _P["owl"], _P["rdfs"], namespaces.SKG, _P["sssom"]
_TYPE, _LABEL = _P["rdf"] + "type", _RDFS + "label"
_SOURCE, _PROPERTY, _TARGET = (
    _OWL + name for name in ("annotatedSource", "annotatedProperty", "annotatedTarget")
)
_TOGETHER = {
    _OWL + "AllDisjointClasses": "disjoint classes",
    _OWL + "AllDisjointProperties": "disjoint properties",
    _OWL + "AllDifferent": "different individuals",
}
_MODIFIER = _SSSOM + "predicate_modifier"
_RECORD = Iri(_SSSOM + "Mapping")
#: Properties that say a mapping.
MATCHES = frozenset(
    _P["skos"] + name
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)
#: What is said of a mapping that stands as an annotation of its subject, and in a table.
ANNOTATED: tuple[str, Value] = ("", Text("as annotation"))
_TABLED: tuple[str, Value] = ("", Text("in the table"))
#: Upper classes -> what their subclasses are called together, in the order of the notes.
GROUPS = {
    _SKG + "Disease": "diseases",
    _SKG + "Therapy": "therapies",
    _SKG + "Target": "targets",
    _SKG + "Alteration": "alterations",
}
_EDGES = (_RDFS + "subClassOf", _OWL + "equivalentClass")


class Match(NamedTuple):
    """A mapping: subject, predicate, object, and whether it is denied."""

    subject: str
    predicate: str
    object: str
    denied: bool


class Snapshot:
    """A state of the graph.

    Args:
        triples: The asserted triples.
        name: What messages call the state.
        home: Beginning of IRIs that stand for the place it was read from.
        files: Contracts beside the ontology (path -> text); None where they are not known.

    Attributes:
        about: Subject -> property -> values, of everything with an IRI.
        notes: (subject, property, value) -> annotations of that axiom.
        axioms: Axioms of which no named subject is the first part.

    Raises:
        UserError: triples inside triples, or blank nodes that unfold to too much.
    """

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        name: str = "",
        *,
        home: str = "",
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.files = files
        graph = OwlGraph(triples, f"{name}: " if name else "")
        reader = Reader(graph, home)
        self.about: dict[str, dict[str, frozenset[Value]]] = {}
        self.notes: dict[tuple[str, str, Value], frozenset[tuple[str, Value]]] = {}
        axioms: set[Expression] = set()
        loose = []
        for node, own in graph.nodes.items():
            if isinstance(node, ox.NamedNode):
                self.about[reader.iri(node.value)] = {
                    reader.iri(p): frozenset(map(reader.value, values)) for p, values in own.items()
                }
            elif node not in graph.parents:
                loose.append(node)
        for node in loose:
            if not self._annotation(node, graph, reader):
                axioms.add(_axiom(node, graph, reader))
        # What hangs in a circle hangs on nothing: its nodes have names of their own.
        for node in graph.labels:
            if node not in reader.seen:
                axioms.add(_axiom(node, graph, reader))
        self.axioms = frozenset(axioms)

    def _annotation(self, node: Term, graph: OwlGraph, reader: Reader) -> bool:
        about = graph.annotated(node)
        if about is None or not isinstance(about[0], ox.NamedNode):
            return False
        key = (reader.iri(about[0].value), about[1], reader.value(about[2]))
        said = {
            (p, reader.value(value))
            for p, values in graph.nodes[node].items()
            for value in values
            if p not in {_TYPE, _SOURCE, _PROPERTY, _TARGET}
        }
        self.notes[key] = self.notes.get(key, frozenset()) | said
        return True

    def get(self, subject: str, predicate: str) -> list[Value]:
        """Return the values of a property, sorted."""
        return sorted(self.about.get(subject, {}).get(predicate, ()), key=repr)

    def present(self, subject: str) -> bool:
        """Tell whether more is said of a subject than mappings, which are told apart."""
        own = self.about.get(subject, {})
        return any(
            p not in MATCHES or any(not isinstance(v, Iri) for v in values)
            for p, values in own.items()
        )

    def types(self, subject: str) -> set[str]:
        """Return the IRIs of the types of a subject."""
        return {v.iri for v in self.get(subject, _TYPE) if isinstance(v, Iri)}

    def one(self, subject: str, predicate: str) -> str:
        """Return the one text or IRI of a property: English where there are several; '' if none."""
        found = self.get(subject, predicate)
        texts = [v for v in found if isinstance(v, Text)]
        best = sorted(texts, key=lambda t: (not t.language.startswith("en"), t))
        if best:
            return best[0].text
        return next((v.iri for v in found if isinstance(v, Iri)), "")

    def label(self, subject: str) -> str:
        """Return the label of a subject; '' without."""
        return self.one(subject, _LABEL)

    @cached_property
    def version(self) -> str:
        """The version of the ontology, as its IRI names it; '' without."""
        iri = self.one("https://w3id.org/sarcoma-kg/ontology", _OWL + "versionIRI")
        return iri.removeprefix("https://w3id.org/sarcoma-kg/").partition("/")[0]

    @cached_property
    def is_record(self) -> frozenset[str]:
        """IRIs of the mapping records."""
        return frozenset(s for s, own in self.about.items() if _RECORD in own.get(_TYPE, ()))

    @cached_property
    def matches(self) -> dict[Match, frozenset[tuple[str, Value]]]:
        """Mappings with what is said of them: by annotations, by records, or by both."""
        found: dict[Match, set[tuple[str, Value]]] = {}
        for subject, own in self.about.items():
            if subject in self.is_record:
                ends = [self.one(subject, end) for end in (_SOURCE, _PROPERTY, _TARGET)]
                denied = Text("Not") in own.get(_MODIFIER, ())
                said = found.setdefault(Match(ends[0], ends[1], ends[2], denied), set())
                said.add(_TABLED)
                said.update(
                    (p, value)
                    for p, values in own.items()
                    for value in values
                    if p not in {_TYPE, _SOURCE, _PROPERTY, _TARGET}
                    and (p, value) != (_MODIFIER, Text("Not"))
                )
                continue
            for predicate in MATCHES & own.keys():
                for value in own[predicate]:
                    if isinstance(value, Iri):
                        match = Match(subject, predicate, value.iri, denied=False)
                        found.setdefault(match, set()).add(ANNOTATED)
        return {match: frozenset(said) for match, said in found.items()}

    def groups(self, term: str) -> set[str]:
        """Return the groups to which a term belongs by what is asserted and defined."""
        todo, seen = [term], {term}
        while todo:
            own = self.about.get(todo.pop(), {})
            above: list[Value] = [v for edge in _EDGES for v in own.get(edge, ())]
            while above:
                value = above.pop()
                if isinstance(value, Expression) and value.operator == "and":
                    above += value.parts
                elif isinstance(value, Iri) and value.iri not in seen:
                    seen.add(value.iri)
                    todo.append(value.iri)
        return {GROUPS[iri] for iri in seen & GROUPS.keys()}


def _axiom(node: Term, graph: OwlGraph, reader: Reader) -> Expression:
    types = graph.types(node)
    own = graph.nodes[node]
    if len(types) == 1 and own.keys() == {_TYPE, _OWL + "members"}:
        kind = _TOGETHER.get(next(iter(types)))
        members = reader.value(graph.get(node, _OWL + "members")[0])
        if kind and isinstance(members, Expression) and members.operator == "list":
            reader.seen.add(node)
            return Expression(kind, tuple(sorted(set(members.parts), key=repr)))
    value = reader.value(node)
    assert isinstance(value, Expression)  # noqa: S101 - a blank node is no other value
    return value
