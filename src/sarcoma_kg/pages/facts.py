"""The graph as the pages read it: statements by subject and by object, in one pass.

A description is what RDF publishers call a Concise Bounded Description
(https://www.w3.org/submissions/CBD/): the triples of a subject, those of the blank nodes that they
lead to, and the owl:Axiom nodes that annotate its axioms (OWL 2 Mapping to RDF Graphs, 2.2).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import namespaces
from sarcoma_kg.sparql.term import Term, as_term

__all__ = ["Fact", "Facts", "Ref", "Value", "canonical", "named"]

_PARTS = (("asserted.nt", False), ("inferred.nt", True))


@cache
def named(curie: str) -> str:
    """Return the IRI of a CURIE of the project.

    Raises:
        KeyError: the prefix is unknown.
    """
    prefix, _, local = curie.partition(":")
    return namespaces.PREFIXES[prefix] + local


_TYPE = named("rdf:type")
_LABEL = named("rdfs:label")
_SOURCE, _PROPERTY, _TARGET = (
    named(f"owl:annotated{part}") for part in ("Source", "Property", "Target")
)
_AXIOM = ox.NamedNode(named("owl:Axiom"))


class Ref(NamedTuple):
    """A thing that a page names: its IRI, and what people call it."""

    iri: str
    label: str


#: What stands in a cell: a thing, or a literal.
Value = Ref | Term


class Fact(NamedTuple):
    """A statement about a subject; `inferred` when the reasoner or a rule made it."""

    predicate: str
    value: Term
    inferred: bool


class Facts:
    """All statements of a graph.

    Args:
        triples: The triples, and whether each is inferred; of a triple given twice the first
            counts.

    Attributes:
        own: Things of a user's own namespace, which have pages like ours.
    """

    def __init__(self, triples: Iterable[tuple[ox.Triple, bool]]) -> None:
        self.own: frozenset[str] = frozenset()
        self._triples: dict[str, list[tuple[ox.Triple, bool]]] = {}
        self._about: dict[str, list[Fact]] = {}
        self._naming: dict[str, list[tuple[str, str, bool]]] = {}
        self._axioms: dict[str, list[str]] = {}
        self._refs: dict[str, Ref] = {}
        self._having: dict[str, list[str]] = {}
        seen: set[ox.Triple] = set()
        term_of = cache(as_term)  # most come many times
        for triple, inferred in triples:
            if inferred and triple in seen:
                continue
            if not inferred:
                seen.add(triple)
            subject, value = term_of(triple.subject), term_of(triple.object)
            if subject is None or value is None:
                continue
            predicate = triple.predicate.value
            self._triples.setdefault(_key(subject), []).append((triple, inferred))
            self._about.setdefault(_key(subject), []).append(Fact(predicate, value, inferred))
            if value.kind == "iri":
                if subject.kind == "iri":
                    naming = self._naming.setdefault(value.value, [])
                    naming.append((predicate, subject.value, inferred))
                elif predicate == _SOURCE:
                    self._axioms.setdefault(value.value, []).append(_key(subject))

    @classmethod
    def read(cls, build: Build, *, individuals: bool = True) -> "Facts":
        """Read a build.

        Args:
            build: The build.
            individuals: Whether to read claims and all else below /id/ as well.
        """
        skipped = b"" if individuals else f"<{namespaces.KB}".encode()

        def triples() -> Iterator[tuple[ox.Triple, bool]]:
            for name, inferred in _PARTS:
                for quad in _parse(build.folder / name, skipped):
                    yield quad.triple, inferred

        return cls(triples())

    def subjects(self) -> list[str]:
        """Return the IRIs of all subjects, sorted."""
        return sorted(key for key in self._about if not key.startswith("_:"))

    def about(self, node: str) -> list[Fact]:
        """Return the statements about a subject: an IRI, or a blank node as `_:label`."""
        return self._about.get(node, [])

    def naming(self, iri: str) -> list[tuple[str, str, bool]]:
        """Return predicate, subject and inferred of the statements whose object this is."""
        return self._naming.get(iri, [])

    def values(self, node: str, curie: str) -> list[Term]:
        """Return the objects of a predicate, each once."""
        predicate = named(curie)
        return list(dict.fromkeys(f.value for f in self.about(node) if f.predicate == predicate))

    def texts(self, node: str, curie: str) -> list[str]:
        """Return the literals of a predicate."""
        return [term.value for term in self.values(node, curie) if term.kind == "literal"]

    def text(self, node: str, curie: str) -> str:
        """Return the first literal of a predicate; empty without one."""
        return next(iter(self.texts(node, curie)), "")

    def refs(self, node: str, curie: str) -> list[Ref]:
        """Return the things that a predicate leads to."""
        return [self.ref(term.value) for term in self.values(node, curie) if term.kind == "iri"]

    def pointing(self, iri: str, curie: str) -> list[str]:
        """Return the subjects that name a thing by a predicate, sorted, each once."""
        predicate = named(curie)
        return sorted({s for p, s, _ in self.naming(iri) if p == predicate})

    def having(self, curie: str) -> list[str]:
        """Return the subjects that have a predicate, sorted."""
        if not self._having:
            for key, found in self._about.items():
                for predicate in {fact.predicate for fact in found}:
                    self._having.setdefault(predicate, []).append(key)
        return sorted(key for key in self._having.get(named(curie), ()) if key[:2] != "_:")

    def ours(self, iri: str) -> bool:
        """Return whether a term is of our ontology, or of a user's own file."""
        return iri.startswith(namespaces.SKG) or iri in self.own

    def types(self, iri: str) -> list[str]:
        """Return the classes of a thing."""
        return [term.value for term in self.values(iri, "rdf:type")]

    def label(self, iri: str) -> str:
        """Return the label of a thing, else its CURIE, else its IRI."""
        return self.ref(iri).label

    def ref(self, iri: str) -> Ref:
        """Return a thing with its label."""
        if iri not in self._refs:
            found = [f.value for f in self.about(iri) if f.predicate == _LABEL]
            found.sort(key=lambda term: (term.language not in ("en", ""), term.value))
            label = next((t.value for t in found if t.value.strip()), namespaces.contract(iri))
            self._refs[iri] = Ref(iri, label)
        return self._refs[iri]

    def cited(self, term: Term) -> Value:
        """Return what stands in a cell for a source: of a foreign term the CURIE, too."""
        if term.kind != "iri":
            return term
        curie, ref = namespaces.contract(term.value), self.ref(term.value)
        ours = self.ours(term.value) or term.value.startswith(namespaces.KB)
        return ref if ours or curie == ref.label else Ref(term.value, f"{curie} {ref.label}")

    def value(self, term: Term) -> Value:
        """Return what stands in a cell for a term of the graph."""
        return self.ref(term.value) if term.kind == "iri" else term

    def notes(self, iri: str) -> dict[tuple[str, Term], list[tuple[str, Term]]]:
        """Return what is said of the axioms of a subject: (predicate, object) -> annotations."""
        found: dict[tuple[str, Term], list[tuple[str, Term]]] = {}
        for node in self._axioms.get(iri, ()):
            facts = self.about(node)
            key = {f.predicate: f.value for f in facts}
            if _PROPERTY in key and _TARGET in key:
                found.setdefault((key[_PROPERTY].value, key[_TARGET]), []).extend(
                    (f.predicate, f.value)
                    for f in facts
                    if f.predicate not in (_SOURCE, _PROPERTY, _TARGET, _TYPE)
                )
        return found

    def items(self, node: str) -> list[Term]:
        """Return the members of an RDF list; of one that is broken those before the break."""
        found: list[Term] = []
        seen: set[str] = set()
        while node not in seen and node != named("rdf:nil"):
            seen.add(node)
            found += self.values(node, "rdf:first")[:1]
            rest = self.values(node, "rdf:rest")
            if not rest:
                break
            node = _key(rest[0])
        return found

    def description(self, iri: str) -> list[ox.Triple]:
        """Return the description of a subject, in canonical form."""
        todo = [iri, *(a for a in self._axioms.get(iri, ()) if self._is_axiom(a))]
        seen = set(todo)
        found: list[ox.Triple] = []
        while todo:
            for triple, _ in self._triples.get(todo.pop(), ()):
                found.append(triple)
                if isinstance(triple.object, ox.BlankNode) and str(triple.object) not in seen:
                    seen.add(str(triple.object))
                    todo.append(str(triple.object))
        return canonical(found) if len(seen) > 1 else sorted(found, key=_order)

    def ontology(self, iri: str) -> list[ox.Triple]:
        """Return what is asserted of anything but individuals, in canonical form.

        The parts of an ontology become one: no imports, and no head but that of `iri`.
        """
        imports = named("owl:imports")
        other = {
            key for key in self._about if key != iri and named("owl:Ontology") in self.types(key)
        }
        return canonical(
            triple
            for key, triples in self._triples.items()
            if key not in other and not key.startswith(namespaces.KB)
            for triple, inferred in triples
            if not inferred and triple.predicate.value != imports
        )

    def _is_axiom(self, node: str) -> bool:
        return any(triple.object == _AXIOM for triple, _ in self._triples[node])


def canonical(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return triples by subject, named ones first, with blank nodes named by RDFC-1.0."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in dataset), key=_order)


def _key(term: Term) -> str:
    return f"_:{term.value}" if term.kind == "bnode" else term.value


def _order(triple: ox.Triple) -> tuple[bool, str, bool, str, str]:
    blank = isinstance(triple.subject, ox.BlankNode)
    predicate = triple.predicate.value
    return blank, str(triple.subject), predicate != _TYPE, predicate, str(triple.object)


def _parse(path: Path, skipped: bytes) -> Iterator[ox.Quad]:
    if not skipped:
        yield from ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES)
        return
    with path.open("rb") as lines:
        kept = b"".join(line for line in lines if not line.startswith(skipped))
    yield from ox.parse(kept, format=ox.RdfFormat.N_TRIPLES)
