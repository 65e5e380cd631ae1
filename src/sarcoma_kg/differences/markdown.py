"""Release notes: what changed, as Markdown (CommonMark, with tables and strikethrough of GitHub).

Counts come first, then one list for each group and kind of change, one line for each thing that
changed. Text of the data is escaped, so that it can be neither markup nor HTML.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from sarcoma_kg.differences.expressions import Expression, Iri, Text, Value
from sarcoma_kg.differences.kinds import ORDER
from sarcoma_kg.differences.marks import code, escaped, marked, same
from sarcoma_kg.differences.model import Change, Difference
from sarcoma_kg.differences.names import Names
from sarcoma_kg.ground import formats, namespaces

__all__ = ["render"]

_P = namespaces.PREFIXES
_DEFINITION, _SUBCLASS = _P["obo"] + "IAO_0000115", _P["rdfs"] + "subClassOf"
_SUBPROPERTY = _P["rdfs"] + "subPropertyOf"
#: Lists of a group of terms: heading -> kinds of change.
_TERM_LISTS = {
    "Renamed": {"label"},
    "Redefined": {"definition"},
    "Re-parented": {"parents"},
    "Logical definitions": {"logical definition"},
    "Relations and other axioms": {"relation", "axiom"},
    "Synonyms": {"synonym"},
    "Mappings": {"mapping", "mapping detail"},
    "Sources of axioms": {"axiom annotation"},
    "Other annotations": {"annotation", "definition source", "type", "replacement"},
    "Editor notes": {"editor note"},
}
_CLAIM_LISTS = {
    "Disputed, qualified, supported": {"evidence"},
    "Verdicts on citations": {"verdict"},
    "Citations changed": {"citation slot"},
}
#: Kinds whose coming and going is listed under a heading of their own.
_WHOLE = {
    "term", "claim", "citation", "reference", "source", "external evidence", "correction",
    "proposition", "value", "position", "document", "record", "question", "expected answer",
    "rule", "check", "shapes file",
}  # fmt: skip
_TITLES = {"contracts": "Questions, rules, checks and shapes"}
_BY = {"disputes": "disputed", "qualifies": "qualified", "supports": "supported"}
_LIMIT = 20


def render(difference: Difference, *, everything: bool = False) -> str:
    """Return the release notes.

    Args:
        difference: What changed.
        everything: List all changes, however many.
    """
    return _Notes(difference, None if everything else _LIMIT).text()


def _mark(text: Text) -> str:
    return escaped(text.language or namespaces.contract(text.datatype) or "no language")


class _Notes:
    def __init__(self, difference: Difference, limit: int | None) -> None:
        self._old, self._new, changes = difference
        self._names = Names(self._old, self._new)
        self._limit = limit
        self._changes = [change for change in changes if not change.within]
        self._tags: dict[tuple[str, str], set[Value]] = defaultdict(set)
        for change in self._changes:
            for value in (*change.old, *change.new) if change.kind == "synonym" else ():
                if isinstance(value, Expression) and isinstance(value.parts[1], Text):
                    self._tags[change.subject, value.parts[1].text].add(value.parts[1])
        self._deprecated = {(c.subject, c.action) for c in changes if c.kind == "deprecation"}

    def text(self) -> str:
        names = [escaped(state.name or "the other state") for state in (self._old, self._new)]
        lines = [f"# Changes from {names[0]} to {names[1]}", ""]
        versions = [state.version for state in (self._old, self._new)]
        if versions[0] != versions[1]:
            lines += [f"Version {' to '.join(escaped(v or 'unnamed') for v in versions)}.", ""]
        if not self._changes:
            return "\n".join([*lines, "Nothing changed.", "", *self._silence()]).rstrip() + "\n"
        lines += [*self._counts(), "", *self._silence()]
        for group in ORDER:
            mine = [c for c in self._changes if c.group == group]
            if mine:
                title = _TITLES.get(group, group[0].upper() + group[1:])
                lines += [f"## {title}", ""]
                for heading, rows in self._lists(mine):
                    lines += [f"### {heading} ({len(rows)})", "", *self._short(rows), ""]
        return "\n".join(lines).rstrip() + "\n"

    def _silence(self) -> Iterator[str]:
        """Say what could not be compared."""
        for has, what in (
            ([s.files is not None for s in (self._old, self._new)], "Questions, rules and shapes"),
            ([bool(s.is_record) for s in (self._old, self._new)], "Confidence of mappings"),
        ):
            if has[0] != has[1]:
                where = escaped((self._new if has[0] else self._old).name)
                yield f"{what}: not compared, since {where} holds none."
                yield ""

    def _counts(self) -> list[str]:
        rows = []
        for group in ORDER:
            mine = [c for c in self._changes if c.group == group]
            whole = [c for c in mine if c.kind in _WHOLE and not c.slot]
            come = {c.subject for c in whole if c.action == "added"}
            gone = {c.subject for c in whole if c.action == "removed"}
            old = {c.subject for c in mine if c.kind == "deprecation" and c.action == "added"}
            # An axiom without a first part has no subject: it counts by itself.
            rest = {c.subject or c for c in mine} - come - gone - old
            if mine:
                counts = (len(come), len(gone), len(old), len(rest))
                rows.append([group, *(str(n) if n else "" for n in counts)])
        table = formats.render(["kind", "new", "removed", "deprecated", "changed"], rows, "md")
        return table.splitlines()

    def _short(self, rows: Sequence[str]) -> list[str]:
        if self._limit is None or len(rows) <= self._limit:
            return list(rows)
        more = len(rows) - self._limit
        return [*rows[: self._limit], f"- ... and {more} more (`--all` lists them)"]

    def _lists(self, changes: list[Change]) -> Iterator[tuple[str, list[str]]]:
        """Yield heading and lines of each list of a group."""
        whole = [c for c in changes if c.kind in _WHOLE and not c.slot]
        is_new = {c.subject for c in whole}
        for heading, action in (("New", "added"), ("Removed", "removed")):
            mine = [c for c in whole if c.action == action and not self._answered(c, whole)]
            for kind in sorted({c.kind for c in mine}):
                rows = [self._whole(c) for c in mine if c.kind == kind]
                named = heading if kind in {"term", "claim"} else f"{heading}: {kind}"
                yield named, sorted(rows, key=str.casefold)
            if heading == "New":
                yield from self._deprecations(changes)
        done = {"deprecation"}
        for heading, kinds in (_TERM_LISTS | _CLAIM_LISTS).items():
            done |= kinds
            mine = [c for c in changes if c.kind in kinds]
            if heading == "Renamed":
                for action in ("added", "removed"):
                    given = [c for c in mine if c.action == action]
                    yield from self._by_subject(f"Labels {action}", given)
                mine = [c for c in mine if c.action == "changed"]
            yield from self._by_subject(heading, mine)
        rest = [c for c in changes if c.kind not in done and (c.slot or c.subject not in is_new)]
        for kind in sorted({c.kind for c in rest}):
            heading = "Changed" if kind == "claim slot" else f"Changed: {kind.split(' slot')[0]}"
            yield from self._by_subject(heading, [c for c in rest if c.kind == kind])

    @staticmethod
    def _answered(change: Change, whole: Iterable[Change]) -> bool:
        """Tell whether an expected answer comes and goes with its question."""
        question = change.subject.removesuffix(".csv") + ".rq"
        return change.kind == "expected answer" and any(
            c.subject == question and c.action == change.action for c in whole
        )

    def _deprecations(self, changes: list[Change]) -> Iterator[tuple[str, list[str]]]:
        for heading, action in (("Deprecated", "added"), ("No longer deprecated", "removed")):
            rows = []
            for change in changes:
                if change.kind == "deprecation" and change.action == action:
                    state = self._new if action == "added" else self._old
                    heirs = state.get(change.subject, _P["obo"] + "IAO_0100001")
                    text = f"; use {self._list(heirs)}" if heirs and action == "added" else ""
                    rows.append(f"- {self._subject(change.subject)}{text}")
            if rows:
                yield heading, sorted(rows, key=str.casefold)

    def _by_subject(self, heading: str, changes: list[Change]) -> Iterator[tuple[str, list[str]]]:
        said: dict[str, list[str]] = {}
        loose = []
        notes: dict[tuple[str, str], list[str]] = {}
        for change in changes:
            if change.kind == "replacement" and (change.subject, "added") in self._deprecated:
                continue
            text = self._change(change)
            if change.kind == "axiom annotation" and change.on:
                where = self._axiom_on(*change.on)
                notes.setdefault((change.subject, where), []).append(text)
            elif change.subject:
                said.setdefault(change.subject, []).append(text)
            else:
                loose.append(f"- {text}")
        for (subject, where), texts in notes.items():
            said.setdefault(subject, []).append(f"{where}: {', '.join(texts)}")
        rows = [f"- {self._subject(s)}: {'; '.join(texts)}" for s, texts in said.items()]
        if rows or loose:
            yield heading, sorted([*rows, *loose], key=str.casefold)

    def _subject(self, subject: str) -> str:
        label = self._names.label(subject)
        curie = code(namespaces.contract(subject))
        return f"{escaped(label)} ({curie})" if label else curie

    def _list(self, values: Iterable[Value]) -> str:
        return ", ".join(map(self._value, values))

    def _value(self, value: Value) -> str:
        if isinstance(value, Iri):
            return self._subject(value.iri)
        return escaped(self._names.words(value))

    def _whole(self, change: Change) -> str:
        """Return the line of what is new or gone."""
        state = self._new if change.new else self._old
        subject = change.subject
        if change.group == "contracts":
            text = "".join(v.text for v in (change.new or change.old) if isinstance(v, Text))
            return f"- {code(subject)}" + (f": {escaped(text)}" if text != "there" else "")
        parts = [f"- {self._subject(subject)}"]
        above = state.get(subject, _SUBCLASS) + state.get(subject, _SUBPROPERTY)
        parents = [v for v in above if isinstance(v, Iri)]
        if parents:
            parts.append(f", under {', '.join(escaped(self._names.name(p.iri)) for p in parents)}")
        for slot in (
            _DEFINITION, namespaces.SKG + "paraphrase", namespaces.SKG + "statement",
            _P["dcterms"] + "bibliographicCitation", _P["dcterms"] + "title",
            namespaces.SKG + "reason",
        ):  # fmt: skip
            if text := state.one(subject, slot):
                parts.append(f": {escaped(text)}")
                break
        return "".join(parts)

    def _change(self, change: Change) -> str:
        """Return what one change says of its subject."""
        kind, slot = change.kind, escaped(self._names.name(change.slot))
        special: dict[str, Callable[[Change], str]] = {
            "label": lambda c: self._turned("", c),
            "definition": lambda c: self._turned("", c),
            "verdict": lambda c: self._turned("", c),
            "parents": self._parents,
            "synonym": self._synonym,
            "mapping": self._signed,
            "evidence": self._evidence,
        }
        if kind in special:
            return special[kind](change)
        if kind == "logical definition":
            return self._turned("defined as ", change)
        if kind == "relation":
            return self._relation(change)
        if not change.subject:
            return self._axiom(change)
        if change.group == "contracts":
            return self._contract(change)
        if kind == "mapping detail" and change.on:
            detail = f"{slot} " if change.slot else ""
            return f"{self._value(Expression('mapping', (Iri(change.on[0]), change.on[1])))}: " + (
                self._turned(detail, change)
            )
        return self._turned(f"{slot} ", change)

    def _axiom_on(self, on: str, value: Value) -> str:
        """Name the axiom that an annotation is on; a relation needs no 'subclass of' before it."""
        text = escaped(self._names.words(value))
        if on == _SUBCLASS and isinstance(value, Expression):
            return text
        return f"{escaped(self._names.name(on))} {text}"

    def _turned(self, what: str, change: Change) -> str:
        """Say what a property was and is."""
        old, new = change.old, change.new
        if len(old) == len(new) == 1:
            before, after = old[0], new[0]
            if isinstance(before, Text) and isinstance(after, Text):
                if same(before, after):
                    text = escaped(self._names.words(after))
                    return f"{what}{text}: {_mark(before)} → {_mark(after)}"
                if text := marked(before.text, after.text):
                    return f"{what}{text}"
        if old and new:
            return f"{what}{self._list(old)} → {self._list(new)}"
        return f"now {what}{self._list(new)}" if new else f"no longer {what}{self._list(old)}"

    def _parents(self, change: Change) -> str:
        if change.old and change.new:
            return f"from {self._list(change.old)} to {self._list(change.new)}"
        others = [
            v
            for v in self._new.get(change.subject, change.slot)
            if isinstance(v, Iri) and v not in change.new
        ]
        if change.new:
            return f"now {'also ' if others else ''}under {self._list(change.new)}"
        stays = f"; stays under {self._list(others)}" if others else ""
        return f"no longer under {self._list(change.old)}{stays}"

    def _relation(self, change: Change) -> str:
        gone = [f"no longer {self._value(v)}" for v in change.old]
        come = [f"now {self._value(v)}" for v in change.new]
        if len(gone) == len(come) == 1:
            return f"{self._value(change.old[0])} → {self._value(change.new[0])}"
        return "; ".join([*gone, *come])

    def _synonym(self, change: Change) -> str:
        before, after = ([v for v in vs if isinstance(v, Expression)] for vs in change[4:6])
        texts = {v.parts[1] for side in (before, after) for v in side}
        if any(isinstance(t, Text) and len(self._tags[change.subject, t.text]) > 1 for t in texts):
            return self._signed(change, self._tagged)
        if before and after:
            scopes = [
                ", ".join(
                    self._names.scope(v.parts[0].iri) for v in side if isinstance(v.parts[0], Iri)
                )
                for side in (before, after)
            ]
            return f"{self._value(after[0].parts[1])}: {' → '.join(scopes)}"
        return self._signed(change)

    def _tagged(self, value: Value) -> str:
        """Return a synonym with its language or datatype."""
        text = value.parts[1] if isinstance(value, Expression) else value
        return f"{self._value(value)}, {_mark(text)}" if isinstance(text, Text) else ""

    def _signed(self, change: Change, words: Callable[[Value], str] | None = None) -> str:
        """Say synonyms and mappings: a plus or minus; where the property changed, from and to."""
        words = words or self._value
        old, new = (", ".join(map(words, values)) for values in (change.old, change.new))
        if old and new:
            return f"{old} → {new}"
        sign = "+" if change.new else "−"
        return ", ".join(f"{sign} {words(v)}" for v in change.new or change.old)

    def _evidence(self, change: Change) -> str:
        state = self._new if change.new else self._old
        name = change.slot.removeprefix(_P["cito"])
        said = []
        for value in change.new or change.old:
            text = state.one(value.iri, namespaces.SKG + "statement") if isinstance(
                value, Iri
            ) else ""  # fmt: skip
            said.append(f"{self._value(value)}" + (f": {escaped(text)}" if text else ""))
        now = "now" if change.new else "no longer"
        return f"{now} {_BY.get(name, escaped(name))} by {', '.join(said)}"

    def _axiom(self, change: Change) -> str:
        old, new = change.old, change.new
        if not (old and new):
            (axiom,) = new or old
            now = "now" if new else "no longer"
            if isinstance(axiom, Expression) and axiom.operator != "node":
                return f"{now} {escaped(axiom.operator)}: {self._list(axiom.parts)}"
            return f"{now} {self._value(axiom)}"
        before, after = old[0], new[0]
        assert isinstance(before, Expression)  # noqa: S101 - made so
        assert isinstance(after, Expression)  # noqa: S101 - made so
        come = [v for v in after.parts if v not in before.parts]
        gone = [v for v in before.parts if v not in after.parts]
        stays = [v for v in after.parts if v in before.parts]
        text = f"{escaped(after.operator)} of {self._list(stays)}"
        text += f": now also {self._list(come)}" if come else ""
        return text + (f"{';' if come else ':'} no longer {self._list(gone)}" if gone else "")

    def _contract(self, change: Change) -> str:
        if change.slot == "rows":
            return f"{len(change.old)} row(s) removed, {len(change.new)} row(s) added"
        if change.slot == "summary":
            return self._turned("", change)
        return "its text changed"
