"""One row to the lines of one record, or the reasons why not. Never a guess."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading.cells import LIST, Faulty
from sarcoma_kg.reading.rows import Row
from sarcoma_kg.sources import literals
from sarcoma_kg.sources.decisions import Decision, Decisions
from sarcoma_kg.sources.index import Index
from sarcoma_kg.sources.ledger import Entry
from sarcoma_kg.sources.recipe import Recipe, Slot, Template

__all__ = ["Taker"]

_RDF, _RDFS = namespaces.PREFIXES["rdf"], namespaces.PREFIXES["rdfs"]
_SKG = namespaces.SKG
_INEXACT = _SKG + "inexactTerm"
#: So many different cells of a slot are remembered, each with what became of them.
_MOST_KNOWN, _LONGEST_KNOWN = 4_000, 500


class _Listed(Exception):  # noqa: N818
    def __init__(self, column: str, value: str, reason: str, nearest: tuple[str, ...] = ()) -> None:
        self.column, self.value, self.reason, self.nearest = column, value, reason, nearest


class _Made(NamedTuple):
    """What became of the cells of a slot: pairs and slots left out, or why the row is listed."""

    pairs: list[str]
    left: list[str]
    why: _Listed | None = None


class _Known:
    """What became of the cells of a slot, for those that come again."""

    __slots__ = ("cells", "columns", "made", "one", "slot")

    def __init__(self, slot: Slot) -> None:
        self.slot, self.columns = slot, slot.columns
        #: Whether what is made of the cells is no list of values.
        self.one = bool(slot.term) and not slot.split and not slot.pattern
        self.cells: Callable[[Mapping[str, str]], Any] = (
            itemgetter(*self.columns) if self.columns else lambda _: ""
        )
        self.made: dict[Any, _Made] = {}


class Taker:
    """Makes records by a recipe."""

    def __init__(
        self, recipe: Recipe, index: Index, decisions: Decisions, dump: str, missing: frozenset[str]
    ) -> None:
        """Prepare for rows.

        Args:
            recipe: The recipe.
            index: The names of the graph.
            decisions: What a curator decided.
            dump: IRI of the dump that every record points at.
            missing: Cells, beside the empty one, that say that there is no value.

        Raises:
            UserError: the recipe or a decision names a term that the graph does not have.
        """
        self.recipe, self.index, self.decisions, self.missing = recipe, index, decisions, missing
        #: Slot -> how many values of records were left out, for slots that allow it.
        self.left: Counter[str] = Counter()
        #: How many values of records point at records, perhaps, that this table makes.
        self.pointing = 0
        self._record = recipe.iri.text.partition("{")[0]
        self._leaves: list[str] = []
        self._constant = [
            *(f"<{_RDF}type> <{iri}>" for iri in recipe.classes),
        ]
        if recipe.dump:
            self._constant.append(f"<{_SKG}recordedIn> <{dump}>")
            self._constant.append(f"<{_SKG}dumpDate> {literals.day(recipe.version)}")
        self._known = [_Known(slot) for slot in recipe.slots]
        self._nodes = [(node.iri, [_Known(slot) for slot in node.slots]) for node in recipe.nodes]
        self._columns = list(recipe.columns)
        self._check()

    def _check(self) -> None:
        for slot in self.recipe.all_slots:
            for iri in (*slot.term, slot.within):
                if iri and not self.index.has(iri):
                    raise UserError(
                        f"{self.recipe.path}: line {slot.line}: the graph has no class "
                        f"{namespaces.contract(iri)}", "`sarcoma-kg search WORDS` finds it",
                    )  # fmt: skip
            if slot.scheme and slot.scheme not in self.index.schemes:
                raise UserError(
                    f"{self.recipe.path}: line {slot.line}: the graph has no list of values "
                    f"{namespaces.contract(slot.scheme)}", "`sarcoma-kg model` shows the lists",
                )  # fmt: skip
            values = [v for v in (slot.values or {}).values() if v] + [slot.constant or ""]
            for iri in values:
                ours = iri.startswith(_SKG)
                if ours and iri not in self.index.values and not self.index.has(iri):
                    raise UserError(
                        f"{self.recipe.path}: line {slot.line}: the graph has no value "
                        f"{namespaces.contract(iri)}", "`sarcoma-kg model` lists the values",
                    )  # fmt: skip
        for decision in self.decisions.known.values():
            if decision.term and not self.index.has(decision.term):
                raise UserError(
                    f"{self.decisions.path}: line {decision.line}: the graph has no class "
                    f"{namespaces.contract(decision.term)}", "`sarcoma-kg search WORDS` finds it",
                )  # fmt: skip

    def take(self, row: Row) -> tuple[str, str, list[Entry]]:
        """Return IRI and record, as sorted lines of N-Triples, or entries for the ledger."""
        cells, sound = self._cells(row.cells)
        key = cells[self.recipe.key]
        if row.fault:
            return "", "", [Entry(row.number, key, "", "", row.fault)]
        if not key:
            return "", "", [self._without_key(row.number, cells)]
        self._leaves = []
        entries: list[Entry] = []
        pairs = [*self._constant, f"<{_RDFS}label> {literals.text(self._label(cells), 'en')}"]
        pairs += [f"<{_SKG}rowKey> {literals.text(key)}"] if self.recipe.dump else []
        pairs += self._made(self._known, cells, sound, entries, row.number)
        iri = self._subject(self.recipe.iri, cells, entries, row.number)
        lines = _lines(iri, pairs)
        if self._nodes:
            parts = [lines]
            for template, slots in self._nodes:
                pairs = self._made(slots, cells, sound, entries, row.number)
                parts.append(_lines(self._subject(template, cells, entries, row.number), pairs))
            # Two nodes may be one; N-Triples ends no line but by this character.
            lines = "".join(
                sorted({f"{line}\n" for part in parts for line in part.split("\n")[:-1]})
            )
        if entries:
            return "", "", entries
        self.left.update(self._leaves)
        return iri, lines, []

    def _cells(self, row: Mapping[str, str]) -> tuple[dict[str, str], bool]:
        """Return the cells that the recipe reads, and whether all of them are texts."""
        missing, sound = self.missing, True
        cells: dict[str, str] = {}
        for name in self._columns:
            text = row.get(name, "")
            if isinstance(text, Faulty):
                sound = False
            else:
                text = text.strip()
                text = "" if text in missing else text
            cells[name] = text
        return cells, sound

    def _without_key(self, number: int, cells: Mapping[str, str]) -> Entry:
        recipe = self.recipe
        if why := recipe.excuse and cells[recipe.excuse]:
            about = recipe.about.fill(cells) if recipe.about else ""
            return Entry(number, "", recipe.excuse, about, why)
        return Entry(number, "", recipe.key, "", "the row has no key")

    def _subject(
        self, template: Template, cells: Mapping[str, str], entries: list[Entry], number: int
    ) -> str:
        """Return the IRI of a node, or add an entry."""
        if not (iri := _filled(template, cells)):
            key = cells[self.recipe.key]
            parts = " ".join(cells[name] for name in template.columns)
            why = "does not go into an IRI"
            entries.append(Entry(number, key, ", ".join(template.columns), parts, why))
        return iri

    def _made(
        self, slots: Sequence[_Known], cells: Mapping[str, str], sound: bool,
        entries: list[Entry], number: int,
    ) -> list[str]:  # fmt: skip
        """Return what a node of a row says, and add to the entries what is wrong with it."""
        pairs: list[str] = []
        for known in slots:
            # A faulty cell reads as the text that stands in it, and is none.
            made = known.made.get(known.cells(cells)) if sound else None
            if made is None:
                made = self._make(known, cells, sound)
            if no := made.why:
                key = cells[self.recipe.key]
                entries.append(Entry(number, key, no.column, str(no.value), no.reason, no.nearest))
                if known.slot.within:
                    break  # what is outside, or may be, needs no further reason
            pairs += made.pairs
            self._leaves += made.left
        return pairs

    def _make(self, known: _Known, cells: Mapping[str, str], keep: bool) -> _Made:
        left: list[str] = []
        try:
            made = _Made(self._pairs(known, cells, left, keep), left)
        except _Listed as why:
            # Its frames hold the row.
            made = _Made([], left, why.with_traceback(None))
        short = sum(len(cells[name]) for name in known.columns) <= _LONGEST_KNOWN
        if keep and short and len(known.made) < _MOST_KNOWN:
            known.made[known.cells(cells)] = made
        return made

    def _label(self, cells: Mapping[str, str]) -> str:
        return " ".join(self.recipe.label.fill(cells).replace(LIST, ", ").split())

    def _pairs(
        self, known: _Known, cells: Mapping[str, str], left: list[str], sound: bool
    ) -> list[str]:
        slot = known.slot
        if slot.when and cells[slot.when[0]] != slot.when[1]:
            return []
        if slot.constant:
            return [f"<{slot.iri}> <{slot.constant}>"]
        if slot.node:
            if not (iri := _filled(slot.node, cells)):
                names = ", ".join(slot.node.columns)
                raise _Listed(names, "", "does not go into an IRI")
            self.pointing += iri.startswith(self._record)
            return [f"<{slot.iri}> <{iri}>"]
        for name in known.columns if not sound else ():
            if isinstance(cell := cells[name], Faulty):
                raise _Listed(name, cell, cell.why)
        if known.one and not any(LIST in cells[name] for name in known.columns):
            return self._term(slot, {name: cells[name] for name in known.columns}, left)
        values = self._split(slot, cells[slot.column])
        if not values and slot.required:
            raise _Listed(slot.column, "", "is empty")
        pairs: list[str] = []
        for cell in values:
            value = self._matched(slot, cell)
            if value and slot.term:
                pairs += self._term(slot, {slot.column: value}, left)
            elif value:
                pairs += self._value(slot, value, left)
        return pairs

    @staticmethod
    def _matched(slot: Slot, value: str) -> str:
        """Return the part of a value that its pattern means; empty where its group took no part."""
        if not slot.pattern:
            return value
        match = slot.pattern.fullmatch(value)
        if not match:
            raise _Listed(slot.column, value, f"is not of the form {slot.pattern.pattern}")
        return (match[1] or "").strip() if slot.pattern.groups else value

    @staticmethod
    def _split(slot: Slot, cell: str) -> list[str]:
        if LIST in cell:
            parts = cell.split(LIST)
        elif slot.split and slot.keep:
            pieces = cell.replace(slot.keep, LIST).split(slot.split)
            parts = [piece.replace(LIST, slot.keep) for piece in pieces]
        else:
            parts = cell.split(slot.split) if slot.split else [cell]
        return [part.strip() for part in parts if part.strip()]

    def _term(self, slot: Slot, read: Mapping[str, str], left: list[str]) -> list[str]:
        """Return the pairs for a term: by decision, identifiers, then names."""
        if not any(read.values()):
            if slot.required:
                raise _Listed(slot.column, "", "is empty")
            return []
        try:
            iri, exact = self._found(slot, read)
        except _Listed:
            if not slot.leave:
                raise
            left.append(namespaces.contract(slot.iri))
            return []
        if slot.within and not self.index.below(iri, (slot.within,)):
            label = self.index.label(iri)
            reason = f"{label} is no {self.index.label(slot.within)}: outside"
            raise _Listed(slot.column, read[slot.column], reason)
        return [f"<{slot.iri}> <{iri}>"] + ([] if exact else [f"<{_INEXACT}> <{iri}>"])

    def _found(self, slot: Slot, read: Mapping[str, str]) -> tuple[str, bool]:
        for column, value in read.items():
            if value and (decision := self.decisions.of(column, value)):
                return self._decided(slot, column, value, decision)
        coded = ""
        absent: list[tuple[str, str]] = []
        for column, prefix in slot.identifiers:
            value = read.get(column, "")
            if not value:
                continue
            code = namespaces.expand(f"{prefix}:{value.removeprefix(prefix + ':')}") or ""
            iris = self.index.by_code(code, slot.term)
            if len(iris) > 1 or (coded and iris and iris[0] != coded):
                raise _Listed(
                    column, value, self._several(iris if len(iris) > 1 else (coded, *iris))
                )
            if iris:
                coded = iris[0]
            else:
                absent.append((column, f"{prefix}:{value.removeprefix(prefix + ':')}"))
        named = ""
        for column in slot.names or ((slot.column,) if not slot.identifiers else ()):
            value = read.get(column, "")
            iris = self.index.by_name(value, slot.term) if value else ()
            if len(iris) > 1 and coded not in iris:
                raise _Listed(column, value, self._several(iris))
            if len(iris) == 1 and coded and iris[0] != coded:
                one, other = self.index.label(coded), self.index.label(iris[0])
                raise _Listed(column, value, f"names {other}, and the identifier means {one}")
            named = named or (iris[0] if len(iris) == 1 else "")
        if coded or named:
            for column, prefix in slot.identifiers if not coded else ():
                space = namespaces.expand(prefix + ":") or ""
                if read.get(column) and (known := self.index.codes(named, space)):
                    own = ", ".join(sorted(map(namespaces.contract, known)))
                    reason = f"is another identifier than that of {self.index.label(named)} ({own})"
                    raise _Listed(column, read[column], reason)
            return coded or named, True
        column = next((c for c in (slot.names or (slot.column,)) if read.get(c)), slot.column)
        kind = self._kinds(slot)
        also = f", nor has one {absent[0][1]}" if absent else ""
        near = () if slot.leave else self.index.nearest(read[column], slot.term)
        raise _Listed(column, read[column], f"no {kind} of the graph is called so{also}", near)

    def _kinds(self, slot: Slot) -> str:
        return " or ".join(map(self.index.label, slot.term))

    def _several(self, iris: tuple[str, ...]) -> str:
        return "may be " + " or ".join(self.index.label(iri) for iri in iris)

    def _decided(self, slot: Slot, column: str, value: str, one: Decision) -> tuple[str, bool]:
        if not one.term:
            raise _Listed(column, value, one.comment)
        if not self.index.below(one.term, slot.term):
            raise UserError(
                f"{self.decisions.path}: line {one.line}: {self.index.label(one.term)} is no "
                f"{self._kinds(slot)}, which column {column} asks for",
                "correct object_id",
            )
        return one.term, one.exact

    def _value(self, slot: Slot, value: str, left: list[str]) -> list[str]:
        if slot.values is not None:
            if value not in slot.values:
                if slot.leave:
                    left.append(namespaces.contract(slot.iri))
                    return []
                known = ", ".join(slot.values)
                raise _Listed(slot.column, value, f"is none of the values of the recipe ({known})")
            to = slot.values[value]
            return [f"<{slot.iri}> <{to}>"] if to else []
        if slot.scheme:
            iri = self.index.value(value, slot.scheme)
            if not iri:
                values = self.index.schemes[slot.scheme].values()
                labels = tuple(sorted(self.index.label(one) for one in values))
                raise _Listed(slot.column, value, "is no label of the list of values", labels)
            return [f"<{slot.iri}> <{iri}>"]
        if slot.address:
            iri = slot.address.replace("{}", value)
            if not _sound(iri):
                raise _Listed(slot.column, value, "does not go into an address")
            self.pointing += iri.startswith(self._record)
            return [f"<{slot.iri}> <{iri}>"]
        if slot.datatype == "string":
            return [f"<{slot.iri}> {literals.text(value, slot.language)}"]
        try:
            return [f"<{slot.iri}> {literals.lexical(value, slot.datatype, slot.mark)}"]
        except ValueError as error:
            raise _Listed(slot.column, value, str(error)) from None


def _lines(subject: str, pairs: list[str]) -> str:
    """Return what is said of a node as sorted lines, each once."""
    end = f" .\n<{subject}> "
    return f"<{subject}> {end.join(sorted(set(pairs)))} .\n" if pairs else ""


def _filled(template: Template, cells: Mapping[str, str]) -> str:
    """Return the IRI that a template makes of a row; empty where a cell is, or does not fit."""
    made = template.fill(cells)
    whole = all(cells[name].strip() for name in template.columns)
    return made if whole and _sound(made) else ""


def _sound(iri: str) -> bool:
    """Tell whether every parser takes an IRI; those of control characters do not."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return iri.isprintable()
