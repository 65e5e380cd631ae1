"""From the rows of a sheet to a graph: what the cells say, in place of what stood there.

A sheet is a view. A row of a term that ships is compared with what the graph says in its columns,
cell by cell: values that are gone are taken out, new ones put in, and all else of the term, of its
file and of what is said about a statement that is kept stays as it is. So a sheet without an edit
changes nothing. A row whose term is new makes it.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sheets import content, values
from sarcoma_kg.sheets.content import Statements
from sarcoma_kg.sheets.edited import Edited
from sarcoma_kg.sheets.grid import Grid, Line
from sarcoma_kg.sheets.kinds import Column
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.sheets.things import Things, text_of
from sarcoma_kg.sheets.values import BadCell, Value
from sarcoma_kg.terms.lookup import fold

__all__ = ["apply"]

_P = namespaces.PREFIXES
_TYPE = ox.NamedNode(_P["rdf"] + "type")
_ONTOLOGY = "https://w3id.org/sarcoma-kg/ontology"
_SUB = _P["rdfs"] + "subClassOf"


def apply(grids: Sequence[Grid], names: Names) -> list[Edited]:
    """Return what sheets of our kinds make, read together: one may name terms of another.

    Args:
        grids: The sheets.
        names: Names of the ontology and of the files at hand; those of the sheets are added.
    """
    known = names.copy()
    graphs: dict[Path, Statements] = {}
    sheets = [_Sheet(one, known, graphs, number) for number, one in enumerate(grids)]
    for sheet in sheets:
        sheet.identify()
    for sheet in sheets:
        sheet.take(parents=True)
    for sheet in sheets:
        sheet.circles()
        sheet.take(parents=False)
    return [sheet.edited() for sheet in sheets]


class _Sheet(Things):
    """A sheet while it is read."""

    def __init__(
        self, sheet: Grid, names: Names, graphs: dict[Path, Statements], number: int
    ) -> None:
        super().__init__(sheet, names)
        # Two sheets may edit one file, so its graph is of both.
        self.every = graphs
        self.graphs: dict[Path, Statements] = {}
        self.new = Statements((), f"sheet{number}new")
        self.parents: dict[str, list[str]] = {}

    def take(self, *, parents: bool) -> None:
        """Take in the cells of one column, that of the parents, or of all others."""
        for iri, line in self.lines.items():
            said = self._graph(iri)
            if not parents:
                self._begin(iri, said)
            order: dict[str, list[ox.Triple]] = {}
            for column in self.kind.columns:
                at = self.columns.get(column.name)
                is_parent = column.slot == _SUB and not column.some
                if at is None or column.id or is_parent is not parents:
                    continue
                try:
                    self._cell(iri, line, column, at, said, order)
                except BadCell as why:
                    self.bad(line, at, why, iri, column)

    def _graph(self, iri: str) -> Statements:
        path = self.where.get(iri)
        if path is None:
            return self.new
        if path not in self.every:
            self.every[path] = Statements(content.packaged(path), f"sheet{path.stem}")
        self.graphs[path] = self.every[path]
        return self.graphs[path]

    def _begin(self, iri: str, said: Statements) -> None:
        if iri not in self.made:
            return
        types = [_P["owl"] + "Class"] if self.kind.root else list(self.kind.also)
        if self.kind.type and not any(c.slot == _TYPE.value for c in self.kind.columns):
            types.append(self.kind.type)
        for one in types:
            said.add(ox.Triple(ox.NamedNode(iri), _TYPE, ox.NamedNode(one)))

    def _cell(
        self, iri: str, line: Line, column: Column, at: int, said: Statements,
        order: dict[str, list[ox.Triple]],
    ) -> None:  # fmt: skip
        raw = text_of(line, at)
        if column.labels:
            self._repeats(line, column, raw)
            return
        if column.of:
            if column.of in order:
                self._notes(line, column, at, said, order[column.of])
            return
        old = said.found(iri, column, self.kind.also)
        texts = {values.shown(value, column, self.names): value for value in old}
        wanted = self._wanted(raw, column, texts)
        if not wanted and column.required and (old or iri in self.made):
            order[column.name] = list(old.values())
            raise BadCell("missing value", f"a {self.kind.name} has to have: {column.about}.")
        found: list[Value] = []
        faults: list[BadCell] = []
        for text in wanted:
            try:
                found.append(self._value(text, column, texts))
            except BadCell as why:
                faults.append(why)
        if faults:
            order.pop(column.name, None)
            for fault in faults[:-1]:
                self.bad(line, at, fault, iri, column)
            raise faults[-1]
        if len(set(found)) < len(found):
            twice = next(
                text for text, value in zip(wanted, found, strict=True) if found.count(value) > 1
            )
            raise BadCell("value twice", "stands twice in the cell. Remove one.", twice)
        order[column.name] = self._change(iri, line, column, at, said, old, found)

    def _wanted(self, raw: str, column: Column, texts: dict[str, Value]) -> list[str]:
        """Return the values of a cell, as texts."""
        plain = raw if raw in texts else values.unmarked(raw)
        return values.split(plain) if column.many else [plain] if plain else []

    def _value(self, text: str, column: Column, texts: dict[str, Value]) -> Value:
        if text in texts:
            return texts[text]
        value = values.parse(text, column, self.lookup)
        return next((one for one in texts.values() if values.same(one, value)), value)

    def _change(
        self, iri: str, line: Line, column: Column, at: int, said: Statements,
        old: dict[Value, ox.Triple], found: list[Value],
    ) -> list[ox.Triple]:  # fmt: skip
        """Say what is new and unsay what is gone; return the statements in their order."""
        gone, new = [v for v in old if v not in found], [v for v in found if v not in old]
        if column.unique and new:
            self._alone(iri, new[0])
        if column.slot == _SUB and not column.some and (gone or new):
            self.parents[iri] = [v.value for v in found]
            kept = self.names.parents[iri] - {v.value for v in gone} - {self.kind.root}
            self.names.parents[iri] = kept | {v.value for v in found}
        now = dict(old)
        if column.text is not None and len(gone) == len(new) == 1:
            now[new[0]] = said.reword(old[gone[0]], new[0])
            return [now[value] for value in found]
        shown = {c.slot for c in self.kind.columns if c.of == column.name}
        lost = [
            part
            for value in gone
            for part in said.unsay(old[value])
            if part.predicate.value not in shown
        ]
        for value in new:
            now[value] = said.say(iri, column, value)
        if lost:
            what = ", ".join(sorted({namespaces.contract(part.predicate.value) for part in lost}))
            self.grid.fault(
                line.number, at, "annotations gone",
                f"What was said about the statement that is gone goes with it: {what}.",
                focus=namespaces.contract(iri), severity="info",
            )  # fmt: skip
        return [now[value] for value in found]

    def _alone(self, iri: str, label: Value) -> None:
        others = {
            one
            for one in self.names.named.get(fold(label.value), ())
            if one != iri and fold(self.names.labels.get(one, "")) == fold(label.value)
            and self.names.below(one, (self.kind.root,))
        }  # fmt: skip
        if others:
            other = namespaces.contract(min(others))
            raise BadCell(
                "duplicate label", f"is the label of {other} too. Give it its own.", label.value
            )

    def _notes(
        self,
        line: Line,
        column: Column,
        at: int,
        said: Statements,
        order: list[ox.Triple],
    ) -> None:
        raw = values.unmarked(text_of(line, at))
        entries = values.split(raw, keep=True) if raw else [""] * len(order)
        if len(entries) != len(order):
            number, of = len(entries), len(order)
            raise BadCell(
                "entries do not match",
                f"has {number} entr{'y' if number == 1 else 'ies'} with | between, and column "
                f"'{column.of}' {of} value(s). Give one for each, or leave it empty.", raw,
            )  # fmt: skip
        for triple, entry in zip(order, entries, strict=True):
            old = said.notes(triple, column, self.names)
            wanted = [one for one in re.split(r"\s+;\s+", entry) if one]
            for text in [text for text in old if text not in wanted]:
                said.remove(old[text])
            for text in [text for text in wanted if text not in old]:
                awaits = text == content.AWAITING
                value = None if awaits else values.parse(text, column, self.lookup)
                said.annotate(triple, column.slot, value)
            said.tidy(triple)

    def _repeats(self, line: Line, column: Column, raw: str) -> None:
        try:
            iri = values.iri(text_of(line, self.columns[column.labels]), self.grid.expand)
        except (BadCell, KeyError):
            return
        label = self.names.labels.get(iri)
        if raw and label is not None and raw not in (label, values.unmarked(label)):
            raise BadCell(
                "label of another", f"the label of {namespaces.contract(iri)} is '{label}'.", raw
            )

    def circles(self) -> None:
        """Find parents that are narrower than their child."""
        for iri, parents in self.parents.items():
            for parent in parents:
                if iri in self.names.above(parent):
                    column = next(c for c in self.kind.columns if c.slot == _SUB and not c.some)
                    self.bad(
                        self.lines[iri], self.columns[column.name],
                        BadCell(
                            "cycle",
                            f"{self.names.label(parent)} is itself, or is under, "
                            f"{self.names.label(iri)}. Take another parent.",
                            self.names.label(parent),
                        ),
                        iri, column,
                    )  # fmt: skip

    def edited(self) -> Edited:
        """Return what came of the sheet."""
        if self.made and len(self.graphs) > 1:
            first = next(iter(self.made))
            files = ", ".join(path.name for path in self.graphs)
            self.bad(
                self.lines[first], 0,
                BadCell(
                    "new among many",
                    f"the sheet holds rows of {files}: to which does a new row go? Put new rows "
                    "into a sheet of their own.",
                ), first,
            )  # fmt: skip
        new = list(self.new.triples)
        if self.kind.name == "mapping":
            new += self._matches()
        instead = tuple(sorted(self.graphs))
        if self.kind.name == "mapping":
            instead = tuple(sorted(self.kind.files)) if instead else ()
            kept = [t for p in instead if p not in self.graphs for t in content.packaged(p)]
            edited = [t for said in self.graphs.values() for t in said.triples]
            parts = {"mapping": [*edited, *kept, *new]}
        else:
            parts = {path.stem: list(said.triples) for path, said in self.graphs.items()}
            if new and parts:
                parts[next(iter(parts))] += new
            elif new:
                parts[self.kind.name] = [*new, *self._ontology()]
        return Edited(
            self.grid.path, self.kind.name, parts, instead, self.grid.faults, self.places,
            self.made, {iri: line.number for iri, line in self.lines.items()},
        )  # fmt: skip

    def _ontology(self) -> list[ox.Triple]:
        """Return the header of an ontology of new things in one namespace of the sheet's own."""
        bases = [b for b in self.grid.prefixes.values() if any(i.startswith(b) for i in self.made)]
        if len(bases) != 1:
            return []
        head = ox.NamedNode(bases[0].rstrip("/#") + f"/{self.kind.name}")
        owl = _P["owl"]
        return [
            ox.Triple(head, _TYPE, ox.NamedNode(owl + "Ontology")),
            ox.Triple(head, ox.NamedNode(owl + "imports"), ox.NamedNode(_ONTOLOGY)),
        ]

    def _matches(self) -> list[ox.Triple]:
        """Return the plain triple of each new mapping that is none of what must not be used."""
        found = []
        for iri in self.made:
            said = {t.predicate.value: t.object for t in self.new.about(ox.NamedNode(iri))}
            names = ("Source", "Property", "Target")
            parts = [said.get(_P["owl"] + f"annotated{name}") for name in names]
            negated = _P["sssom"] + "predicate_modifier" in said
            if not negated and all(isinstance(part, ox.NamedNode) for part in parts):
                found.append(ox.Triple(*parts))  # type: ignore[arg-type]
        return found
