"""The names by which a cell speaks of a term, of the ontology and of the sheets at hand.

Taken from the files and not from a build: a sheet is read before there is a graph with it.
"""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.terms.lookup import fold

__all__ = ["ANY", "Names"]

#: In place of classes: every class.
ANY = "any"
_P = namespaces.PREFIXES
_LABEL, _EXACT = _P["rdfs"] + "label", _P["oboInOwl"] + "hasExactSynonym"
_SUB, _EQUIVALENT = _P["rdfs"] + "subClassOf", _P["owl"] + "equivalentClass"
_PARTS, _FIRST, _REST = _P["owl"] + "intersectionOf", _P["rdf"] + "first", _P["rdf"] + "rest"
_TYPE, _SCHEME = _P["rdf"] + "type", _P["skos"] + "inScheme"
_PROPERTIES = {_P["owl"] + name for name in ("ObjectProperty", "DatatypeProperty")}
_ANNOTATIONS = {_P["owl"] + "AnnotationProperty", _P["rdf"] + "Property"}
_DEPRECATED, _INSTEAD = _P["owl"] + "deprecated", _P["obo"] + "IAO_0100001"


class Names:
    """Labels, exact synonyms, parents and lists of values of a graph.

    Attributes:
        labels: IRI -> label.
        named: Label or exact synonym, folded -> IRIs; `spelled` labels alone, as they are written.
        parents: IRI of a class -> the named classes above it.
        schemes: IRI of a list of values -> folded label -> IRI of the value.
        properties: IRI -> IRI of its kind in OWL.
        classes: IRIs.
        retired: IRI -> IRI of what to use instead, or nothing.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.labels: dict[str, str] = {}
        self.named: dict[str, set[str]] = defaultdict(set)
        self.spelled: dict[str, set[str]] = defaultdict(set)
        self.parents: dict[str, set[str]] = defaultdict(set)
        self.schemes: dict[str, dict[str, str]] = defaultdict(dict)
        self.properties: dict[str, str] = {}
        self.classes: set[str] = set()
        self.retired: dict[str, str] = {}
        self.add(triples)

    def copy(self) -> "Names":
        """Return names to which may be added."""
        made = Names(())
        for name in ("labels", "properties", "retired"):
            getattr(made, name).update(getattr(self, name))
        made.classes |= self.classes
        for name in ("named", "spelled", "parents"):
            getattr(made, name).update({k: set(v) for k, v in getattr(self, name).items()})
        made.schemes.update({k: dict(v) for k, v in self.schemes.items()})
        return made

    def add(self, triples: Iterable[ox.Triple]) -> None:
        """Take in what a graph says."""
        about: dict[object, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            about[triple.subject][triple.predicate.value].append(triple.object)
        for subject, said in about.items():
            if not isinstance(subject, ox.NamedNode):
                continue
            iri = subject.value
            for value in said.get(_LABEL, ()):
                self.call(iri, value.value, label=True)  # type: ignore[attr-defined]
            for value in said.get(_EXACT, ()):
                self.call(iri, value.value)  # type: ignore[attr-defined]
            kinds = {getattr(t, "value", "") for t in said.get(_TYPE, ())}
            if _P["owl"] + "Class" in kinds:
                self.classes.add(iri)
            for kind in kinds & (_PROPERTIES | _ANNOTATIONS):
                self.properties[iri] = kind
            self.parents[iri] |= {t.value for t in said[_SUB] if isinstance(t, ox.NamedNode)}
            for node in said.get(_EQUIVALENT, ()):
                self.parents[iri] |= set(_genus(about, node))
            if _DEPRECATED in said:
                self.retired[iri] = next((t.value for t in said.get(_INSTEAD, ())), "")  # type: ignore[attr-defined]
        for subject, said in about.items():
            for scheme in said.get(_SCHEME, ()):
                label = self.labels.get(getattr(subject, "value", ""), "")
                if label:
                    self.schemes[scheme.value][fold(label)] = subject.value  # type: ignore[attr-defined]

    def call(self, iri: str, name: str, *, label: bool = False) -> None:
        """Take in one more name of a term; its label where it has none yet."""
        self.named[fold(name)].add(iri)
        if label:
            self.labels.setdefault(iri, name)
            self.spelled[name].add(iri)

    def above(self, iri: str) -> set[str]:
        """Return a class and everything asserted to be wider."""
        found, todo = set(), [iri]
        while todo:
            if (one := todo.pop()) not in found:
                found.add(one)
                todo += self.parents.get(one, ())
        return found

    def below(self, iri: str, kinds: Collection[str]) -> bool:
        """Tell whether a class is one of the kinds or narrower."""
        if ANY in kinds:
            return iri in self.classes
        return not self.above(iri).isdisjoint(kinds)

    def find(self, name: str, kinds: Collection[str]) -> list[str]:
        """Return the classes of the kinds that have a name: those in use, else retired ones."""
        found = sorted(iri for iri in self.named.get(fold(name), ()) if self.below(iri, kinds))
        labelled = [iri for iri in found if fold(self.labels.get(iri, "")) == fold(name)]
        used = [iri for iri in labelled or found if iri not in self.retired]
        return used or found

    def label(self, iri: str) -> str:
        """Return the label of a term, or its CURIE."""
        return self.labels.get(iri) or namespaces.contract(iri)

    def near(self, name: str, kinds: Collection[str]) -> list[str]:
        """Return up to three labels of the kinds that are near to a name."""
        known = {fold(self.labels[i]): i for i in self.labels if self.below(i, kinds)}
        close = difflib.get_close_matches(fold(name)[:200], known, 3, 0.6)
        return [self.labels[known[found]] for found in close]

    def of(self, kinds: Collection[str]) -> list[str]:
        """Return the labels of all classes of the kinds that are in use, sorted."""
        found = {
            label
            for iri, label in self.labels.items()
            if iri in self.classes and iri not in self.retired and self.below(iri, kinds)
        }
        return sorted(found, key=fold)


def _genus(about: dict[object, dict[str, list[object]]], node: object) -> Iterator[str]:
    """Yield the named members of an intersection."""
    if isinstance(node, ox.NamedNode):
        yield node.value
    for part in about[node].get(_PARTS, ()) if isinstance(node, ox.BlankNode) else ():
        seen: set[object] = set()
        while part in about and part not in seen:
            seen.add(part)
            for first in about[part].get(_FIRST, ()):
                if isinstance(first, ox.NamedNode):
                    yield first.value
            part = next(iter(about[part].get(_REST, ())), None)
