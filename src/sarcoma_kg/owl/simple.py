"""The ontology as a graph of terms: the artefact that OBO calls `-simple`, and its subsets.

Its only logical axioms are `A SubClassOf B` and `A SubClassOf R some B`, where A and B are terms of
the ontology itself: what the reasoner found is asserted, definitions are relaxed to what they say
of their term, and what follows from the rest is left out
(https://oboacademy.github.io/obook/reference/release-artefacts/). Names, definitions, mappings and
other annotations stay, with their sources.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import hierarchy, logical

__all__ = ["Terms"]

_P = namespaces.PREFIXES
_RDF, _RDFS, _OWL, _IN_OWL = _P["rdf"], _P["rdfs"], _P["owl"], _P["oboInOwl"]
_TYPE, _SUB = ox.NamedNode(_RDF + "type"), ox.NamedNode(_RDFS + "subClassOf")
_SUB_PROPERTY = ox.NamedNode(_RDFS + "subPropertyOf")
_CLASS, _OBJECT, _ANNOTATION, _ONTOLOGY, _RESTRICTION, _AXIOM = (
    ox.NamedNode(_OWL + name)
    for name in (
        "Class", "ObjectProperty", "AnnotationProperty", "Ontology", "Restriction", "Axiom",
    )
)  # fmt: skip
_ON, _SOME = ox.NamedNode(_OWL + "onProperty"), ox.NamedNode(_OWL + "someValuesFrom")
_SOURCE, _PROPERTY, _TARGET = (
    ox.NamedNode(_OWL + "annotated" + name) for name in ("Source", "Property", "Target")
)
_SUBSET = ox.NamedNode(_IN_OWL + "inSubset")
_MARK = ox.NamedNode(_IN_OWL + "SubsetProperty")
_VERSION = ox.NamedNode(_OWL + "versionIRI")
#: What leads from a definition to what it says of its term.
_PARTS = {_OWL + "intersectionOf", _RDF + "first", _RDF + "rest"}
_DEFINITION = _P["obo"] + "IAO_0000115"
_TITLE = ox.NamedNode(_P["dcterms"] + "title")
_FROM = ox.NamedNode(_P["dcterms"] + "source")

#: A property and the class that some value of it is of.
Relation = tuple[str, str]
_Key = tuple[str, str, object]


class _Note(NamedTuple):
    """An annotated statement: subject, property, and a named class, literal or relation."""

    key: _Key
    about: tuple[ox.Triple, ...]


class Terms:
    """The terms of an ontology and what stands between them.

    Args:
        triples: The ontology; blank nodes carry labels that are the same each time.
        inferred: Subsumptions (sub, super) that the reasoner found, as IRIs.
        space: What the IRIs of the ontology's own terms begin with.
    """

    def __init__(
        self, triples: Iterable[ox.Triple], inferred: Iterable[tuple[str, str]], space: str
    ) -> None:
        self._about: dict[object, list[ox.Triple]] = defaultdict(list)
        kinds: dict[object, set[str]] = defaultdict(set)
        for triple in triples:
            self._about[triple.subject].append(triple)
            if triple.predicate == _TYPE:
                kinds[triple.object].add(_iri(triple.subject))
        self._annotations = kinds[_ANNOTATION] | logical.BUILT_IN
        self.classes = {iri for iri in kinds[_CLASS] if iri.startswith(space)}
        self._head = next((iri for iri in sorted(kinds[_ONTOLOGY]) if iri), "")
        #: IRI of a subset -> its classes.
        self.subsets: dict[str, set[str]] = {
            iri: set()
            for iri in sorted(kinds[_ANNOTATION])
            if ox.Triple(ox.NamedNode(iri), _SUB_PROPERTY, _MARK) in self._about[ox.NamedNode(iri)]
        }
        edges = {(a, b) for a, b in inferred if {a, b} <= self.classes}
        self._own: dict[str, set[Relation]] = {}
        for iri in self.classes:
            above = list(self._above(ox.NamedNode(iri)))
            edges |= {(iri, said) for said in above if isinstance(said, str)}
            relations = [said for said in above if not isinstance(said, str)]
            self._own[iri] = {(p, c) for p, c in relations if c in self.classes}
            for triple in self._about[ox.NamedNode(iri)]:
                if triple.predicate == _SUBSET and _iri(triple.object) in self.subsets:
                    self.subsets[_iri(triple.object)].add(iri)
        self._far = hierarchy.closure((a, b) for a, b in edges if b in self.classes)
        self._notes: dict[str, list[_Note]] = defaultdict(list)
        for node in sorted((n for n in self._about if isinstance(n, ox.BlankNode)), key=str):
            if note := self._note(node):
                self._notes[note.key[0]].append(note)

    def _above(self, node: ox.NamedNode) -> Iterator["str | Relation"]:
        """Yield the named classes and relations that a class is said or defined to be under."""
        todo = [
            t.object
            for t in self._about[node]
            if t.predicate.value in (_SUB.value, _OWL + "equivalentClass")
        ]
        while todo:
            at = todo.pop()
            if isinstance(at, ox.NamedNode):
                yield at.value  # rdf:nil is no class of anyone's
            elif relation := self._relation(at):
                yield relation
            else:
                todo += [t.object for t in self._about.get(at, ()) if t.predicate.value in _PARTS]

    def _relation(self, node: object) -> Relation | None:
        said = {t.predicate: _iri(t.object) for t in self._about.get(node, ())}
        found = said.get(_ON, ""), said.get(_SOME, "")
        return found if all(found) else None

    def _note(self, node: ox.BlankNode) -> _Note | None:
        said = {t.predicate: t.object for t in self._about[node]}
        source, predicate, target = (said.get(name) for name in (_SOURCE, _PROPERTY, _TARGET))
        key = self._relation(target) if isinstance(target, ox.BlankNode) else target
        if not isinstance(source, ox.NamedNode) or not isinstance(predicate, ox.NamedNode):
            return None
        about = tuple(
            t
            for t in self._about[node]
            if t.predicate.value in self._annotations and not isinstance(t.object, ox.BlankNode)
        )
        return _Note((source.value, predicate.value, key), about) if key and about else None

    def whole(self, iri: str) -> list[ox.Triple]:
        """Return all terms as an ontology: its header, then by name.

        Args:
            iri: Its IRI.
        """
        return self._graph(self._header(iri, "simple", None), self.classes)

    def subset(self, mark: str, iri: str) -> list[ox.Triple]:
        """Return the terms of a subset, each under the nearest that is of it too.

        Args:
            mark: IRI of the subset.
            iri: That of the new ontology.
        """
        texts = {
            t.predicate.value: t.object
            for t in self._about[ox.NamedNode(mark)]
            if isinstance(t.object, ox.Literal)
        }
        label = texts.get(_RDFS + "label")
        header = self._header(iri, label.value if label else _local(mark), texts.get(_DEFINITION))
        return self._graph(header, self.subsets[mark])

    def _graph(self, header: list[ox.Triple], members: Set[str]) -> list[ox.Triple]:
        edges = {(a, b) for a in members for b in self._far.get(a, ()) if b in members and a != b}
        parents: dict[str, set[str]] = defaultdict(set)
        for parent, below in hierarchy.direct(edges).items():
            for child in below:
                parents[child].add(parent)
        relations = self._relations(members, parents)
        kept: dict[str, list[ox.Triple]] = {}
        rest: list[ox.Triple] = []
        used: set[str] = set()
        for name in sorted(members):
            node = ox.NamedNode(name)
            said = [ox.Triple(node, _TYPE, _CLASS), *self._annotated(node)]
            said += [ox.Triple(node, _SUB, ox.NamedNode(p)) for p in sorted(parents[name])]
            for number, relation in enumerate(sorted(relations[name])):
                blank = ox.BlankNode(f"{_local(name)}-{number}")
                said.append(ox.Triple(node, _SUB, blank))
                rest += _restriction(blank, relation)
                used.add(relation[0])
            keys = {t.object for t in said} | relations[name]
            for number, note in enumerate(self._notes[name]):
                if note.key[2] in keys:
                    rest += _noted(ox.BlankNode(f"{_local(name)}-note-{number}"), note)
            kept[name] = sorted(said, key=str)
        self._properties(kept, rest, used)
        return [*header, *(t for name in sorted(kept) for t in kept[name]), *rest]

    def _relations(
        self, members: Set[str], parents: Mapping[str, Set[str]]
    ) -> dict[str, set[Relation]]:
        """Return the relations of each member to members that do not follow from others."""
        every = {
            name: {
                (p, c)
                for at in {name, *self._far.get(name, ())}
                for p, c in self._own.get(at, ())
                if c in members
            }
            for name in members
        }
        return {
            name: {
                (p, c)
                for p, c in found
                if not any((p, c) in every[parent] for parent in parents.get(name, ()))
                and not any(p == q and d != c and c in self._far.get(d, ()) for q, d in found)
            }
            for name, found in every.items()
        }

    def _annotated(self, node: ox.NamedNode) -> list[ox.Triple]:
        return [
            t
            for t in self._about.get(node, ())
            if t.predicate.value in self._annotations and not isinstance(t.object, ox.BlankNode)
        ]

    def _properties(
        self, kept: dict[str, list[ox.Triple]], rest: list[ox.Triple], relations: Set[str]
    ) -> None:
        """Add the properties that are used, and those with which these are described in turn."""
        for iri in relations:
            node = ox.NamedNode(iri)
            kept[iri] = sorted({ox.Triple(node, _TYPE, _OBJECT), *self._annotated(node)}, key=str)
        todo = [t for said in (*kept.values(), rest) for t in said]
        while todo:
            triple = todo.pop()
            new = {triple.predicate.value}
            if triple.predicate in (_SUBSET, _SUB_PROPERTY):
                new.add(_iri(triple.object))
            for iri in new:
                if iri not in self._annotations or iri in logical.BUILT_IN or iri in kept:
                    continue
                node = ox.NamedNode(iri)
                above = [t for t in self._about.get(node, ()) if t.predicate == _SUB_PROPERTY]
                own = [ox.Triple(node, _TYPE, _ANNOTATION), *self._annotated(node), *above]
                kept[iri] = sorted(set(own), key=str)
                todo += own

    def _header(self, iri: str, name: str, comment: ox.Literal | None) -> list[ox.Triple]:
        """Return what the ontology says of itself, under another name."""
        node, whole = ox.NamedNode(iri), ox.NamedNode(self._head)
        said = [ox.Triple(node, _TYPE, _ONTOLOGY)]
        for t in self._about.get(whole, ()):
            if t.predicate == _VERSION:
                said.append(ox.Triple(node, _FROM, t.object))
                said.append(ox.Triple(node, _VERSION, _version(t.object, self._head, iri)))
            elif t.predicate == _TITLE and isinstance(t.object, ox.Literal):
                title = ox.Literal(f"{t.object.value}: {name}", language=t.object.language)
                said.append(ox.Triple(node, _TITLE, title))
            elif t.predicate.value in self._annotations and t.predicate.value not in (
                _OWL + "priorVersion", _RDFS + "comment",
            ):  # fmt: skip
                said.append(ox.Triple(node, t.predicate, t.object))
        if comment:
            said.append(ox.Triple(node, ox.NamedNode(_RDFS + "comment"), comment))
        return sorted(said, key=str)


def _version(version: object, whole: str, iri: str) -> ox.NamedNode:
    """Return the version IRI of an artefact: that of the whole, with its own path."""
    space, _, path = whole.rpartition("/")
    return ox.NamedNode(_iri(version).removesuffix(path) + iri.removeprefix(space + "/"))


def _restriction(blank: ox.BlankNode, relation: Relation) -> list[ox.Triple]:
    on, some = map(ox.NamedNode, relation)
    return [
        ox.Triple(blank, _TYPE, _RESTRICTION),
        ox.Triple(blank, _ON, on),
        ox.Triple(blank, _SOME, some),
    ]


def _noted(blank: ox.BlankNode, note: _Note) -> list[ox.Triple]:
    source, predicate, target = note.key
    said = [
        ox.Triple(blank, _TYPE, _AXIOM),
        ox.Triple(blank, _SOURCE, ox.NamedNode(source)),
        ox.Triple(blank, _PROPERTY, ox.NamedNode(predicate)),
        *(ox.Triple(blank, t.predicate, t.object) for t in note.about),
    ]
    if not isinstance(target, tuple):
        return [*said, ox.Triple(blank, _TARGET, target)]  # type: ignore[arg-type]
    inner = ox.BlankNode(f"{blank.value}-of")
    return [*said, ox.Triple(blank, _TARGET, inner), *_restriction(inner, target)]


def _local(iri: str) -> str:
    return iri.rpartition("/")[2].rpartition("#")[2]


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
