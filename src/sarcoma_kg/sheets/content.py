"""What the graph says in the columns of a sheet: a graph seen as rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.reading import loading, sssom
from sarcoma_kg.sheets.kinds import Column, Kind
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.sheets.values import Value, join, shown

__all__ = ["AWAITING", "INNER", "Statements", "names", "packaged", "row", "rows_of", "table"]

_P = namespaces.PREFIXES
_OWL, _TYPE = _P["owl"], ox.NamedNode(_P["rdf"] + "type")
_CLASS, _INDIVIDUAL = ox.NamedNode(_OWL + "Class"), ox.NamedNode(_OWL + "NamedIndividual")
_RESTRICTION = ox.NamedNode(_OWL + "Restriction")
_ON, _SOME = ox.NamedNode(_OWL + "onProperty"), ox.NamedNode(_OWL + "someValuesFrom")
_SOURCE, _PROPERTY, _TARGET = (
    ox.NamedNode(f"{_OWL}annotated{n}") for n in ("Source", "Property", "Target")
)
_AXIOM = ox.NamedNode(_OWL + "Axiom")
_IMPORTS = "https://w3id.org/sarcoma-kg/import/"
#: Stands between several things that are said about one statement.
INNER = " ; "
#: In a column of sources, in place of one; and how the graph says that.
AWAITING = "awaiting source"
_SOURCES, _AWAITS = _P["dcterms"] + "source", _P["skg"] + "awaitingSource"


class Statements:
    """A graph to look into and to change by statements, each with its annotations."""

    def __init__(self, triples: Iterable[ox.Triple], label: str = "sheet") -> None:
        self._label = label
        self.triples: set[ox.Triple] = set()
        self._about: dict[object, set[ox.Triple]] = defaultdict(set)
        self._axioms: dict[ox.Triple, list[ox.BlankNode]] = defaultdict(list)
        self._made = 0
        for triple in triples:
            self.add(triple)
        for triple in list(self.triples):
            if triple.predicate == _SOURCE:
                self._axioms[self._annotated(triple.subject)].append(triple.subject)  # type: ignore[arg-type]

    def _annotated(self, axiom: object) -> ox.Triple:
        said = {t.predicate: t.object for t in self._about[axiom]}
        return ox.Triple(said[_SOURCE], said[_PROPERTY], said[_TARGET])  # type: ignore[arg-type]

    def add(self, triple: ox.Triple) -> None:
        """Add a triple."""
        self.triples.add(triple)
        self._about[triple.subject].add(triple)

    def remove(self, triple: ox.Triple) -> None:
        """Remove a triple."""
        self.triples.discard(triple)
        self._about[triple.subject].discard(triple)

    def about(self, subject: object) -> set[ox.Triple]:
        """Return the triples of a subject."""
        return self._about[subject]

    def found(
        self, subject: str, column: Column, also: Iterable[str] = ()
    ) -> dict[Value, ox.Triple]:
        """Return value -> triple for the statements of a subject in a column."""
        values: dict[Value, ox.Triple] = {}
        beside = {_CLASS, _INDIVIDUAL, *map(ox.NamedNode, also)}
        for triple in self._about[ox.NamedNode(subject)]:
            if triple.predicate.value != column.slot:
                continue
            term = triple.object
            if column.some:
                said = {t.predicate: t.object for t in self._about[term]}
                filler = said.get(_SOME)
                if said.get(_ON) == ox.NamedNode(column.some) and isinstance(filler, ox.NamedNode):
                    values[filler] = triple
            elif isinstance(term, ox.NamedNode | ox.Literal) and not (
                column.slot == _TYPE.value and term in beside
            ):
                values[term] = triple
        return values

    def say(self, subject: str, column: Column, value: Value) -> ox.Triple:
        """Add a statement; return its triple."""
        term: Value | ox.BlankNode = value
        if column.some:
            self._made += 1
            term = ox.BlankNode(f"{self._label}{self._made}")
            self.add(ox.Triple(term, _TYPE, _RESTRICTION))
            self.add(ox.Triple(term, _ON, ox.NamedNode(column.some)))
            self.add(ox.Triple(term, _SOME, value))
        triple = ox.Triple(ox.NamedNode(subject), ox.NamedNode(column.slot), term)
        self.add(triple)
        return triple

    def unsay(self, triple: ox.Triple) -> list[ox.Triple]:
        """Remove a statement with what is said about it; return what was said about it."""
        lost = []
        for axiom in self._axioms.pop(triple, []):
            for part in list(self._about[axiom]):
                if part.predicate not in (_SOURCE, _PROPERTY, _TARGET, _TYPE):
                    lost.append(part)
                self.remove(part)
        self.remove(triple)
        if isinstance(triple.object, ox.BlankNode):
            for part in list(self._about[triple.object]):
                self.remove(part)
        return lost

    def reword(self, triple: ox.Triple, value: Value) -> ox.Triple:
        """Put another value in place of that of a statement, keeping what is said about it."""
        new = ox.Triple(triple.subject, triple.predicate, value)
        self.remove(triple)
        self.add(new)
        for axiom in self._axioms.pop(triple, []):
            self.remove(ox.Triple(axiom, _TARGET, triple.object))
            self.add(ox.Triple(axiom, _TARGET, value))
            self._axioms[new].append(axiom)
        return new

    def notes(self, triple: ox.Triple, column: Column, known: Names) -> dict[str, ox.Triple]:
        """Return text of a cell -> triple for what is said about a statement in a column."""
        found: dict[str, ox.Triple] = {}
        for axiom in self._axioms.get(triple, ()):
            for part in self._about[axiom]:
                if part.predicate.value == column.slot:
                    found[shown(part.object, column, known)] = part  # type: ignore[arg-type]
                elif part.predicate.value == _AWAITS and column.slot == _SOURCES:
                    found[AWAITING] = part
        return found

    def annotate(self, triple: ox.Triple, slot: str, value: Value | None) -> None:
        """Say something about a statement; without a value that it awaits its source."""
        if value is None:
            slot, value = _AWAITS, ox.Literal(True)
        if not self._axioms.get(triple):
            self._made += 1
            axiom = ox.BlankNode(f"{self._label}{self._made}")
            self.add(ox.Triple(axiom, _TYPE, _AXIOM))
            self.add(ox.Triple(axiom, _SOURCE, triple.subject))
            self.add(ox.Triple(axiom, _PROPERTY, triple.predicate))
            self.add(ox.Triple(axiom, _TARGET, triple.object))
            self._axioms[triple].append(axiom)
        self.add(ox.Triple(self._axioms[triple][0], ox.NamedNode(slot), value))

    def tidy(self, triple: ox.Triple) -> None:
        """Remove the annotation of a statement when it says nothing any more."""
        frame = (_SOURCE, _PROPERTY, _TARGET, _TYPE)
        for axiom in list(self._axioms.get(triple, ())):
            parts = list(self._about[axiom])
            if all(part.predicate in frame for part in parts):
                for part in parts:
                    self.remove(part)
                self._axioms[triple].remove(axiom)


@lru_cache(maxsize=1)
def names() -> Names:
    """Return the names of the packaged ontology; copy before adding to them.

    A class that an import module describes counts as narrower than the module.
    """
    found = Names(())
    for path in resources.ontology_files():
        if path.parent.name == "mappings":
            continue
        quads = loading.read(path)
        found.add(quad.triple for quad in quads)
        module = f"{_IMPORTS}{path.stem}" if path.parent.name == "imports" else ""
        for quad in quads if module else ():
            if quad.predicate == _TYPE and quad.object == _CLASS:
                found.parents[quad.subject.value].add(module)  # type: ignore[union-attr]
    return found


@lru_cache(maxsize=16)
def packaged(path: Path) -> tuple[ox.Triple, ...]:
    """Return what a packaged file says."""
    if path.suffix == ".tsv":
        return tuple(quad.triple for quad in sssom.quads(sssom.read(path)))
    return tuple(quad.triple for quad in loading.read(path))


def rows_of(kind: Kind, known: Names) -> dict[str, Path]:
    """Return each packaged thing of a kind, by IRI, and the file that describes it."""
    found: dict[str, Path] = {}
    for path in kind.files:
        for triple in packaged(path):
            if triple.predicate != _TYPE or not isinstance(triple.subject, ox.NamedNode):
                continue
            said = getattr(triple.object, "value", "")
            if (
                triple.object == _CLASS
                if kind.root
                else known.below(said, (kind.type,)) or said == kind.type
            ):
                found[triple.subject.value] = path
    return found


def row(kind: Kind, iri: str, said: Statements, known: Names) -> list[str]:
    """Return the cells of one thing."""
    cells: dict[str, str] = {}
    order: dict[str, list[ox.Triple]] = {}
    for column in kind.columns:
        if column.id:
            cells[column.name] = namespaces.contract(iri)
        elif column.labels:
            of = said.found(iri, kind.column(column.labels))
            cells[column.name] = next((known.labels.get(v.value, "") for v in of), "")
        elif column.of:
            cells[column.name] = _notes(column, order[column.of], said, known)
        else:
            pairs = sorted(
                (shown(value, column, known), str(value), triple)
                for value, triple in said.found(iri, column, kind.also).items()
            )
            order[column.name] = [triple for _, _, triple in pairs]
            texts = [text for text, _, _ in pairs]
            cells[column.name] = join(texts) if column.many else (texts[0] if texts else "")
    return [cells[column.name] for column in kind.columns]


def _notes(column: Column, triples: list[ox.Triple], said: Statements, known: Names) -> str:
    entries = [INNER.join(sorted(said.notes(triple, column, known))) for triple in triples]
    return join(entries).strip() if any(entries) else ""


def table(kind: Kind, known: Names, of: Path | None = None) -> Iterator[list[str]]:
    """Yield the cells of packaged things of a kind, those of one file if named, by identifier."""
    where = {i: path for i, path in rows_of(kind, known).items() if of in (None, path)}
    graphs = {path: Statements(packaged(path)) for path in set(where.values())}
    for iri in sorted(where):
        yield row(kind, iri, graphs[where[iri]], known)
