"""A graph in which axioms that are the same in OWL 2 are the same triples.

The OWL API, and with it Protégé, reads triples into axioms and writes the axioms as other triples
where OWL 2 allows several. Each line levels one such choice. They need the vocabulary of OWL or say
nothing new, so instance data and shapes keep their triples.

- Symmetric axioms between two names start from the smaller IRI; between a name and an expression,
  from the name. OWL API 5.1 knows no direction and writes from either end.
- AllDisjointClasses, AllDisjointProperties and AllDifferent of two are a single triple; what
  annotates them becomes an owl:Axiom (Mapping to RDF Graphs, 2.1 and 2.3). OWL API 5.1 writes
  the triple, 3.4 an AllDifferent. owl:distinctMembers becomes owl:members, its equal there.
- owl:onClass owl:Thing goes: the qualified restriction is then the unqualified one (Structural
  Specification, 8.3).
- `a rdf:List` on cells and `a owl:Class` beside owl:Restriction go, as do declarations of XSD's
  datatypes, which OWL API 5.1 adds: none says anything new.
- `a owl:NamedIndividual` goes from classes, properties and datatypes that the file declares, and
  from terms of others of which the file says nothing else but which it uses as objects: the OWL
  API adds it wherever a term stands as an individual, so that a claim about a class declares the
  class an individual. OWL 2 asks for no declaration of individuals (Structural Specification,
  5.8.2), so nothing else changes. Terms of others are those outside the namespace of the file's
  ontology IRI; an own individual keeps its declaration, however bare, and so does one with a
  comment, one that nothing refers to, and every one in a file without an ontology IRI.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.turtle import knots

__all__ = ["MARK", "OwlGraph", "Term", "canonical"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal

#: Property of marks that stay with a statement through all levelling.
MARK = "urn:sarcoma-kg:mark"

_OWL, _RDF = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
_XSD = namespaces.PREFIXES["xsd"]
_TYPE, _FIRST, _REST = (_RDF + name for name in ("type", "first", "rest"))
_NIL = ox.NamedNode(_RDF + "nil")
_DATATYPE = namespaces.PREFIXES["rdfs"] + "Datatype"


def _owl(names: str) -> list[str]:
    return [_OWL + name for name in names.split()]


_ONTOLOGY, _INDIVIDUAL = _owl("Ontology NamedIndividual")
_DECLARED = frozenset(
    [*_owl("Class ObjectProperty DatatypeProperty AnnotationProperty"), _DATATYPE]
)
_AXIOM, _CLASS, _RESTRICTION, _THING, _INVERSE, _ON_CLASS, _MEMBERS, _DISTINCT = _owl(
    "Axiom Class Restriction Thing inverseOf onClass members distinctMembers"
)
_SOURCE, _PROPERTY, _TARGET = _owl("annotatedSource annotatedProperty annotatedTarget")
_EXPRESSIONS = frozenset([*_owl("Restriction Class DataRange"), _DATATYPE])
_SYMMETRIC = frozenset(
    _owl("disjointWith equivalentClass equivalentProperty inverseOf sameAs differentFrom")
    + _owl("propertyDisjointWith")
)
_PAIRS = dict(
    zip(
        _owl("AllDisjointClasses AllDisjointProperties AllDifferent"),
        _owl("disjointWith propertyDisjointWith differentFrom"),
        strict=True,
    )
)
_UNQUALIFIED = dict(
    zip(
        _owl("qualifiedCardinality minQualifiedCardinality maxQualifiedCardinality"),
        _owl("cardinality minCardinality maxCardinality"),
        strict=True,
    )
)


def _order(term: Term) -> str:
    return term.value


class OwlGraph:
    """Triples by subject, levelled.

    Args:
        triples: What to hold; the order of the subjects is kept.
        place: What messages begin with.

    Attributes:
        nodes: Subject -> predicate -> objects.
        parents: Blank node -> the subjects whose object it is.
        labels: Names of the blank nodes that cannot stand in place, in the order of `knots`.
    """

    def __init__(self, triples: Iterable[ox.Triple], place: str) -> None:
        self.nodes: dict[Term, dict[str, dict[Term, None]]] = {}
        for s, p, o in triples:
            if isinstance(s, ox.Triple) or isinstance(o, ox.Triple):
                raise UserError(f"{place}a triple stands inside a triple: {s} {p} {o}", "Reify it.")
            self.add(s, p.value, o)
        uses = Counter(o for own in self.nodes.values() for os in own.values() for o in os)
        ontologies = [
            n.value
            for n in self.nodes
            if isinstance(n, ox.NamedNode) and _ONTOLOGY in self.types(n)
        ]
        self._own = tuple(
            i if i.endswith(("/", "#")) else i + end for i in ontologies for end in "/#"
        )
        for level in (lambda node: self._level(node, uses), self._direct):
            for node in list(self.nodes):
                if node in self.nodes:
                    level(node)
        self.labels: dict[Term, str] = {}
        self.parents = self._parents()
        shared, cycles = self._shared()
        if shared or cycles:
            ranked = knots.ordered(self.nodes, shared.union(*cycles), MARK, place)
            ranks = {node: rank for rank, node in enumerate(ranked)}
            shared.update(min(cycle, key=ranks.__getitem__) for cycle in cycles)
            ranked = [node for node in ranked if node in shared]
            self.labels = {node: f"_:b{rank}" for rank, node in enumerate(ranked)}

    def add(self, subject: Term, predicate: str, value: Term) -> None:
        """Add a triple."""
        self.nodes.setdefault(subject, {}).setdefault(predicate, {})[value] = None

    def drop(self, subject: Term, predicate: str, value: Term) -> None:
        """Remove a triple if it is there."""
        own = self.nodes[subject]
        if own.get(predicate, {}).pop(value, 0) is None and not own[predicate]:
            del own[predicate]

    def get(self, node: Term, predicate: str) -> list[Term]:
        """Return the objects of a subject and a predicate."""
        return list(self.nodes.get(node, {}).get(predicate, ()))

    def iris(self) -> set[str]:
        """Return all IRIs of the graph, those of datatypes included."""
        iris: set[str] = set()
        for subject, own in self.nodes.items():
            iris.update(own)
            for term in (subject, *(value for values in own.values() for value in values)):
                iris.add(term.datatype.value if isinstance(term, ox.Literal) else term.value)
        return iris

    def types(self, node: Term) -> set[str]:
        """Return the IRIs of the types of a node."""
        return {t.value for t in self.get(node, _TYPE) if isinstance(t, ox.NamedNode)}

    def is_expression(self, node: Term) -> bool:
        """Tell class expressions, data ranges and lists: they have no identity of their own."""
        if not isinstance(node, ox.BlankNode):
            return False
        known = {_FIRST, _INVERSE} & self.nodes.get(node, {}).keys()
        return bool(known or self.types(node) & _EXPRESSIONS)

    def annotated(self, axiom: Term) -> tuple[Term, str, Term] | None:
        """Return the triple that an owl:Axiom is about."""
        if _TARGET not in self.nodes.get(axiom, ()):
            return None  # at once, as for nearly all nodes
        ends = [self.get(axiom, end) for end in (_SOURCE, _PROPERTY, _TARGET)]
        if _AXIOM not in self.types(axiom) or any(len(end) != 1 for end in ends):
            return None
        return ends[0][0], ends[1][0].value, ends[2][0]

    def cells(self, head: Term) -> list[Term]:
        """Return the cells of a well-formed list; nothing where the node is something else."""
        cells: dict[Term, None] = {}
        while head != _NIL:
            own = self.nodes.get(head, {})
            whole = own.keys() == {_FIRST, _REST} and all(len(os) == 1 for os in own.values())
            if not isinstance(head, ox.BlankNode) or not whole or head in cells:
                return []
            cells[head] = None
            (head,) = own[_REST]
        return list(cells)

    def _parents(self) -> dict[Term, list[Term]]:
        """Return of each blank node the subjects whose object it is.

        The target of an annotated axiom is left out: its place is in the axiom itself.
        """
        parents: dict[Term, list[Term]] = {}
        for subject, own in self.nodes.items():
            about = self.annotated(subject)
            for predicate, values in own.items():
                for value in values:
                    if isinstance(value, ox.BlankNode) and not (
                        predicate == _TARGET
                        and about
                        and self.is_expression(value)
                        and value in self.get(about[0], about[1])
                    ):
                        parents.setdefault(value, []).append(subject)
        return parents

    def _shared(self) -> tuple[set[Term], list[list[Term]]]:
        """Return the blank nodes with several parents, and the cycles of nodes with one.

        The former and one node of each cycle cannot stand in place.
        """
        shared = {node for node, parents in self.parents.items() if len(parents) > 1}
        cycles: list[list[Term]] = []
        free: set[Term] = set()
        for start in self.parents:
            path: list[Term] = []
            node = start
            while node in self.parents and node not in shared and node not in free:
                free.add(node)
                path.append(node)
                node = self.parents[node][0]
            if node in path:
                cycles.append(path[path.index(node) :])
        return shared, cycles

    def _level(self, node: Term, uses: Counter[Term]) -> None:
        own, types = self.nodes[node], self.types(node)
        if _FIRST in own:
            self.drop(node, _TYPE, ox.NamedNode(_RDF + "List"))
        if _RESTRICTION in types:
            self.drop(node, _TYPE, ox.NamedNode(_CLASS))
            if self.get(node, _ON_CLASS) == [ox.NamedNode(_THING)]:
                del own[_ON_CLASS]
                for old, new in _UNQUALIFIED.items():
                    if old in own:
                        own.setdefault(new, {}).update(own.pop(old))
        if own.keys() == {_TYPE} and types == {_DATATYPE} and str(node).startswith("<" + _XSD):
            del self.nodes[node]
        if _INDIVIDUAL in types and isinstance(node, ox.NamedNode):
            # A comment is a predicate of its own, so the second finds nothing with one.
            bare = own.keys() == {_TYPE} and types == {_INDIVIDUAL} and uses[node]
            if types & _DECLARED:
                self.drop(node, _TYPE, ox.NamedNode(_INDIVIDUAL))
            elif bare and self._own and not node.value.startswith(self._own):
                del self.nodes[node]
        if _DISTINCT in own:
            own.setdefault(_MEMBERS, {}).update(own.pop(_DISTINCT))
        for kind in types & _PAIRS.keys():
            heads = self.get(node, _MEMBERS)
            cells = self.cells(heads[0]) if len(heads) == 1 else []
            members = sorted({m for cell in cells for m in self.get(cell, _FIRST)}, key=_order)
            named = all(isinstance(member, ox.NamedNode) for member in members)
            if len(members) != 2 or not named or any(uses[cell] != 1 for cell in cells):
                continue
            for cell in cells:
                del self.nodes[cell]
            del own[_MEMBERS]
            self.drop(node, _TYPE, ox.NamedNode(kind))
            self.add(members[0], _PAIRS[kind], members[1])
            if own.keys() - {MARK}:  # what is left annotates the axiom
                self.add(node, _TYPE, ox.NamedNode(_AXIOM))
                self.add(node, _SOURCE, members[0])
                self.add(node, _PROPERTY, ox.NamedNode(_PAIRS[kind]))
                self.add(node, _TARGET, members[1])
            self._pass_on(node, members[0])

    def _direct(self, node: Term) -> None:
        """Give symmetric axioms of a node, or the one it annotates, their direction."""
        for predicate in _SYMMETRIC & self.nodes[node].keys():
            for value in self.get(node, predicate):
                if _is_reversed(node, predicate, value):
                    self.drop(node, predicate, value)
                    self.add(value, predicate, node)
                    self._pass_on(node, value)
        axiom = self.annotated(node)
        if axiom and _is_reversed(*axiom):
            self.nodes[node][_SOURCE] = {axiom[2]: None}
            self.nodes[node][_TARGET] = {axiom[0]: None}

    def _pass_on(self, node: Term, heir: Term) -> None:
        """Remove a node that lost its last triple; its comment goes with the triple."""
        if not self.nodes[node].keys() - {MARK}:
            for mark in self.get(node, MARK):
                self.add(heir, MARK, mark)
            del self.nodes[node]


def _is_reversed(subject: Term, predicate: str, value: Term) -> bool:
    if predicate not in _SYMMETRIC or not isinstance(value, ox.NamedNode):
        return False
    if isinstance(subject, ox.BlankNode):
        return predicate != _INVERSE  # there it makes the node an expression
    return _order(subject) > _order(value)


def canonical(value: str, kind: str) -> str:
    """Return the canonical lexical form of a number or truth value (XSD 1.1, part 2)."""
    kind = kind.removeprefix(_XSD)
    try:
        if kind == "integer":
            return str(int(value))
        if kind == "boolean":
            return {"1": "true", "0": "false"}.get(value, value)
        if kind == "decimal":
            whole, _, part = f"{Decimal(value):f}".partition(".")
            text = f"{int(whole)}.{part.rstrip('0') or '0'}"
            return f"-{text}" if whole == "-0" and text != "0.0" else text
        if kind in {"double", "float"}:
            mantissa, _, power = f"{Decimal(repr(float(value))).normalize():E}".partition("E")
            if power:  # neither infinite nor NaN
                return f"{mantissa}{'' if '.' in mantissa else '.0'}E{int(power)}"
    except (ValueError, ArithmeticError):
        pass
    return value
