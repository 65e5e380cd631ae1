"""Templates of ROBOT (https://robot.obolibrary.org/template): rows to axioms, as ROBOT reads them.

The first row names the columns, the second says what they mean (module `columns`), each further
one is a class, property or individual.
"""

import re
from collections.abc import Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sheets import columns, content, manchester, values
from sarcoma_kg.sheets.axioms import Axioms, Term
from sarcoma_kg.sheets.columns import (
    ALWAYS,
    ANNOTATION,
    CHARACTERISTICS,
    CLASS,
    CLASS_TYPES,
    DATA,
    DATATYPE,
    INDIVIDUAL,
    MEANT,
    OBJECT,
    OF_CLASS,
    OF_PROPERTY,
    PROPERTY_TYPES,
    Template,
)  # fmt: skip
from sarcoma_kg.sheets.edited import Edited
from sarcoma_kg.sheets.grid import Grid, Line
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.sheets.things import text_of
from sarcoma_kg.sheets.values import BadCell

__all__ = ["apply"]

_P = namespaces.PREFIXES
_OWL, _RDF, _RDFS, _XSD = _P["owl"], _P["rdf"], _P["rdfs"], _P["xsd"]
_TYPE = ox.NamedNode(_RDF + "type")
#: Prefixes of OBO ontologies that ROBOT knows and this project has no use for itself.
_OBO = ("BFO", "CL", "GO", "HP", "IAO", "NCBITaxon", "OBI", "OGMS", "OMO", "PATO", "RO", "SO",
        "UBERON")  # fmt: skip
#: Built-in annotation properties, which nothing has to declare.
_BUILT_IN = (_RDFS, _OWL)


def apply(grids: Sequence[Grid], names: Names) -> list[Edited]:
    """Return what templates make, read together: one may name terms of another.

    Args:
        grids: The templates.
        names: Names of the ontology and of the files at hand.
    """
    known = names.copy()
    tables = [_Table(one, known, number) for number, one in enumerate(grids)]
    for table in tables:
        table.introduce()
    for table in tables:
        table.rows()
    return [table.edited() for table in tables]


class _Table:
    """One template while it is read."""

    def __init__(self, sheet: Grid, names: Names, number: int) -> None:
        self.grid, self.names, self.label = sheet, names, f"robot{number}"
        self.top, self.lines = sheet.rows[0], sheet.rows[1:]
        self.templates, wrong = columns.read(self.top.cells)
        for at, why in wrong:
            sheet.fault(
                self.top.number, at, "template", f"{why}. Correct it.", value=self.top.cell(at)
            )
        for at, text in enumerate(self.top.cells):
            if text.strip() and at >= len(sheet.header):
                self._fault(at, "column without name", "the column has no name.")
        self.by = {template.word: template for template in self.templates}
        self.things: list[tuple[str, str, Line]] = []
        self.axioms = Axioms(f"robot{number}b")
        self.made: dict[str, int] = {}
        self.places: dict[tuple[str, str], tuple[int, int]] = {}
        self.count = 0

    def _fault(self, at: int, rule: str, message: str) -> None:
        self.grid.fault(self.top.number, at, rule, message, value=self.top.cell(at))

    def find(self, text: str) -> str | None:
        """Return the IRI of a label, CURIE or address; None where it is none."""
        text = text.strip()
        found = self.names.spelled.get(text, set()) - self.names.retired.keys()
        # A term of ours goes before the one of another ontology that it is mapped to.
        found = {iri for iri in found if not iri.startswith(_P["obo"])} or found
        if len(found) > 1:
            several = ", ".join(sorted(map(namespaces.contract, found)))
            raise BadCell("ambiguous term", f"may be {several}. Write one of them.", text)
        if found:
            return next(iter(found))
        prefix, colon, local = text.partition(":")
        if "://" in text or text.startswith("urn:"):
            iri: str | None = text
        else:
            iri = self.grid.expand(text)
            if iri is None and colon and prefix in _OBO:
                iri = f"{_P['obo']}{prefix}_{local}"
        return iri if iri and namespaces.is_iri(iri) and iri.isprintable() else None

    def named(self, text: str, what: str) -> str:
        """Return the IRI of a name; raises BadCell where it is none."""
        if (iri := self.find(text)) is not None:
            return iri
        near = "; ".join(self.names.near(text, ("any",)))
        perhaps = f" Perhaps: {near}." if near else ""
        raise BadCell(
            "unknown term" if ":" not in text else "bad IRI",
            f"is no {what}: no label that is known, and no identifier whose prefix is.{perhaps}",
            text,
        )

    def introduce(self) -> None:
        """Give each row its thing and kind, and make it known by its name."""
        first = self.by.get("ID") or self.by.get("LABEL")
        labels = [t for t in self.templates if t.word == "LABEL" or self._is_label(t)]
        if first is None:
            self._fault(0, "template", "no column is ID or LABEL.")
            return
        for line in self.lines:
            try:
                text = text_of(line, first.at)
                if not text:
                    continue  # as ROBOT does
                by_id = first.word == "ID"
                iri = values.iri(text, self.find) if by_id else self.named(text, "term")
                kind = self._kind(line, iri)
            except BadCell as why:
                self._bad(line, first.at, why)
                continue
            if kind is None:
                continue
            self.things.append((iri, kind, line))
            self.made.setdefault(iri, line.number)
            self.places.setdefault((namespaces.contract(iri), ""), (line.number, first.at + 1))
            for template in labels:
                if name := line.cell(template.at):
                    self.names.call(iri, name, label=True)
            if kind == CLASS:
                self.names.classes.add(iri)
            elif kind in (OBJECT, DATA, ANNOTATION):
                self.names.properties[iri] = _OWL + kind

    def _is_label(self, template: Template) -> bool:
        name = re.split(r"\^\^|@", template.rest)[0].strip()
        return template.word in ("A", "AT", "AL") and name in ("rdfs:label", "label")

    def _kind(self, line: Line, iri: str) -> str | None:
        template = self.by.get("TYPE")
        text = text_of(line, template.at) if template else ""
        if not text:
            if iri in self.names.properties:
                return self.names.properties[iri].removeprefix(_OWL)
            return CLASS
        parts = (
            [part.strip() for part in text.split(template.split)]
            if template and template.split
            else [text]
        )
        kinds = {columns.type_of(part) for part in parts}
        if len(kinds) > 1 and kinds & {CLASS, OBJECT, DATA, ANNOTATION, DATATYPE}:
            self._bad(line, template.at, BadCell("type", "mixes types of OWL.", text))  # type: ignore[union-attr]
            return None
        return next(iter(kinds)) or INDIVIDUAL

    def rows(self) -> None:
        """Make the axioms of every row."""
        for iri, kind, line in self.things:
            owl = _RDFS if kind == DATATYPE else _OWL
            self._say(iri, _TYPE.value, ox.NamedNode(owl + kind))
            equal: list[tuple[Template, list[manchester.Expression]]] = []
            for template in self.templates:
                raw = line.cells[template.at] if template.at < len(line.cells) else ""
                if not raw.strip() or template.word in ("ID", "CLASS_TYPE", "PROPERTY_TYPE"):
                    continue
                try:
                    text_of(line, template.at)
                    if template.word not in MEANT[kind] | ALWAYS:
                        what = f"{template.word} says nothing of a thing of type {kind}"
                        raise BadCell("template", f"{what}. Empty the cell.", raw.strip())
                    self._cell(iri, kind, line, template, raw, equal)
                except BadCell as why:
                    self._bad(line, template.at, why, iri)
            if equal:
                self._equivalent(iri, line, equal)

    def _cell(
        self, iri: str, kind: str, line: Line, template: Template, raw: str,
        equal: list[tuple[Template, list[manchester.Expression]]],
    ) -> None:  # fmt: skip
        word = template.word
        parts = raw.split(template.split) if template.split else [raw]
        if word in ("LABEL", "A", "AT", "AL", "AI"):
            slot = self._property(template)
            for part in parts:
                self._say(iri, slot, self._annotation(template, part), template, line)
        elif word == "TYPE":
            self._types(iri, kind, line, template, parts)
        elif word == "CHARACTERISTIC":
            self._characteristics(iri, kind, parts)
        elif word in ("C", "SC", "EC", "DC"):
            if word == "C":
                word = CLASS_TYPES[self._chosen(line, "CLASS_TYPE", CLASS_TYPES)]
            made = [self._expression(template, part) for part in parts]
            if word == "EC":
                equal.append((template, made))
            for expression in made if word != "EC" else ():
                self._axiom(iri, OF_CLASS[word], expression, template, line)
        elif word in ("P", *OF_PROPERTY):
            if word == "P":
                word = PROPERTY_TYPES[self._chosen(line, "PROPERTY_TYPE", PROPERTY_TYPES)]
            if word not in MEANT[kind]:
                raise BadCell(
                    "type", f"a property of type {kind} takes no such axiom.", raw.strip()
                )
            for part in parts:
                other = self._other_property(template, part, kind)
                self._say(iri, OF_PROPERTY[word], ox.NamedNode(other), template, line)
        elif word in ("DOMAIN", "RANGE"):
            for part in parts:
                self._axiom(
                    iri, _RDFS + word.casefold(), self._end(kind, word, part), template, line
                )
        elif word == "TI":
            for part in parts:
                self._axiom(iri, _TYPE.value, self._expression(template, part), template, line)
        elif word == "I":
            self._assertion(iri, line, template, parts)
        else:
            self._individuals(iri, word, line, template, parts)

    def _types(self, iri: str, kind: str, line: Line, template: Template, parts: list[str]) -> None:
        for part in parts if kind == INDIVIDUAL else ():
            part = part.strip()
            if columns.type_of(part) is None:
                expression = self._expression(template, part, whole=part)
                self._axiom(iri, _TYPE.value, expression, template, line)

    def _characteristics(self, iri: str, kind: str, parts: list[str]) -> None:
        for part in parts:
            name = part.strip().casefold()
            known = [*CHARACTERISTICS] if kind == OBJECT else ["functional"]
            if name not in known:
                raise BadCell("not in the list", f"is none of {', '.join(known)}.", part.strip())
            self._say(iri, _TYPE.value, ox.NamedNode(_OWL + CHARACTERISTICS[name]))

    def _chosen(self, line: Line, word: str, known: dict[str, str]) -> str:
        template = self.by.get(word)
        text = text_of(line, template.at).casefold() if template else ""
        if not text:
            return next(iter(known))
        if text not in known:
            raise BadCell(
                "not in the list", f"{word} '{text}' is none of {', '.join(known)}.", text
            )
        return text

    def _expression(self, template: Template, part: str, whole: str = "") -> manchester.Expression:
        content = manchester.wrapped(part)
        if not whole:
            whole = template.rest.replace("%", content) if "%" in template.rest else content
        plain = whole.strip()
        plain = plain[1:-1].replace("\\'", "'") if plain[:1] == plain[-1:] == "'" else plain
        if "'" not in plain and (iri := self.find(plain)) is not None:
            return ox.NamedNode(iri), []
        self.count += 1
        return manchester.expression(whole, self.names, self.find, f"{self.label}n{self.count}")

    def _other_property(self, template: Template, part: str, kind: str) -> str:
        text = template.rest.replace("%", part.strip()) if "%" in template.rest else part
        text = text.strip().strip("'")
        if text.casefold().startswith("inverse"):
            raise BadCell(
                "not read", "is an inverse property, which is not read here. Name it.", text
            )
        iri = self.named(text, "property")
        if self.names.properties.get(iri, _OWL + kind) != _OWL + kind:
            raise BadCell("wrong kind", f"is a property of another type than {kind}.", text)
        return iri

    def _end(self, kind: str, word: str, part: str) -> manchester.Expression:
        if kind == OBJECT or (kind == DATA and word == "DOMAIN"):
            return self._expression(Template(0, word), part)
        return ox.NamedNode(self.named(part, "datatype" if kind == DATA else "class")), []

    def _assertion(self, iri: str, line: Line, template: Template, parts: list[str]) -> None:
        slot = self.named(template.rest.replace("'", ""), "property")
        kind = self.names.properties.get(slot)
        if kind is None or kind == _OWL + ANNOTATION:
            raise BadCell(
                "unknown property", "is no object or data property that is known.", template.rest
            )
        for part in parts:
            if kind == _OWL + OBJECT:
                value: Term = ox.NamedNode(self.named(part, "individual"))
            else:
                text, mark, name = part.strip().partition("^^")
                datatype = ox.NamedNode(self.named(name, "datatype")) if mark else None
                value = ox.Literal(text.strip(), datatype=datatype)
            self._say(iri, slot, value, template, line)

    def _individuals(
        self, iri: str, word: str, line: Line, template: Template, parts: list[str]
    ) -> None:
        others = [ox.NamedNode(self.named(part, "individual")) for part in parts]
        if word == "SI" or len(others) == 1:
            slot = _OWL + ("sameAs" if word == "SI" else "differentFrom")
            for other in others:
                self._say(iri, slot, other, template, line)
            return
        if template.notes:
            raise BadCell("not read", "annotations of several different individuals are not read.")
        node = self.axioms.blank()
        self.axioms.triples.add(ox.Triple(node, _TYPE, ox.NamedNode(_OWL + "AllDifferent")))
        members = self.axioms.list([ox.NamedNode(iri), *others])
        self.axioms.triples.add(ox.Triple(node, ox.NamedNode(_OWL + "distinctMembers"), members))

    def _property(self, template: Template) -> str:
        name = template.rest
        if template.word == "LABEL":
            return _RDFS + "label"
        if template.word == "AT":
            name = name.partition("^^")[0]
        elif template.word == "AL":
            name = name.rpartition("@")[0]
        return self.named(name.strip().strip("'"), "annotation property")

    def _annotation(self, template: Template, part: str) -> Term:
        if template.word == "AI":
            return ox.NamedNode(self.named(part, "IRI"))
        if template.word == "AL":
            return ox.Literal(part, language=template.rest.rpartition("@")[2])
        if template.word == "AT":
            datatype = self.named(template.rest.partition("^^")[2].strip(), "datatype")
            return ox.Literal(part.strip(), datatype=ox.NamedNode(datatype))
        return ox.Literal(part)

    def _axiom(
        self, iri: str, slot: str, expression: manchester.Expression, template: Template, line: Line
    ) -> None:
        node, triples = expression
        self.axioms.triples |= set(triples)
        self._say(iri, slot, node, template, line)

    def _equivalent(
        self, iri: str, line: Line, equal: list[tuple[Template, list[manchester.Expression]]]
    ) -> None:
        """Say that a class is what all its EC columns say together."""
        nodes = list(dict.fromkeys(node for _, made in equal for node, _ in made))
        self.axioms.triples |= {t for _, made in equal for _, triples in made for t in triples}
        whole: Term = nodes[0]
        if len(nodes) > 1:
            whole = self.axioms.blank()
            self.axioms.triples.add(ox.Triple(whole, _TYPE, ox.NamedNode(_OWL + "Class")))
            part = ox.NamedNode(_OWL + "intersectionOf")
            self.axioms.triples.add(ox.Triple(whole, part, self.axioms.list(nodes)))
        notes = Template(0, "EC", notes=[note for template, _ in equal for note in template.notes])
        self._say(iri, OF_CLASS["EC"], whole, notes, line)

    def _say(
        self, iri: str, slot: str, value: Term, template: Template | None = None,
        line: Line | None = None,
    ) -> None:  # fmt: skip
        """Add a statement with the annotations that stand right of its column."""
        said: list[tuple[str, Term]] = []
        if template and line:
            place = line.number, template.at + 1
            self.places.setdefault((namespaces.contract(iri), namespaces.contract(slot)), place)
            for note in template.notes:
                raw = line.cells[note.at] if note.at < len(line.cells) else ""
                if not raw.strip():
                    continue
                try:
                    text_of(line, note.at)
                    for part in raw.split(note.split) if note.split else [raw]:
                        said.append((self._property(note), self._annotation(note, part)))
                except BadCell as why:
                    self._bad(line, note.at, why, iri)
        self.axioms.say(iri, slot, value, said)

    def _bad(self, line: Line, at: int, why: BadCell, iri: str = "") -> None:
        focus = namespaces.contract(iri) if iri else ""
        self.grid.fault(line.number, at, why.rule, why.told, value=why.value, focus=focus)

    def edited(self) -> Edited:
        """Return what came of the template."""
        ours = content.names().labels
        new = {iri: row for iri, row in self.made.items() if iri not in ours}
        return Edited(
            self.grid.path, self.grid.kind, {"template": list(self.axioms.triples)}, (),
            self.grid.faults, self.places, new, self.made,
        )  # fmt: skip
