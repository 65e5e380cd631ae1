"""Pages of the packaged questions: what each asks, and the answer of the graph of the release."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from sarcoma_kg.ground import formats
from sarcoma_kg.pages import citation, schema_org
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.facts import Facts, Ref
from sarcoma_kg.pages.links import Links
from sarcoma_kg.pages.page import Page
from sarcoma_kg.questions import asking, status_column
from sarcoma_kg.questions.catalog import DATE, Parameter, Question
from sarcoma_kg.questions.expected import Difference, Expected
from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["Asked", "Questions"]

_PART = re.compile(r"(, |; )")


class Asked(NamedTuple):
    """A packaged question: its file as it is kept, and the answer that curators wrote down."""

    question: Question
    text: str
    expected: Expected

    @classmethod
    def read(cls, questions: Iterable[Question], folder: Path) -> "list[Asked]":
        """Read the files of questions.

        Args:
            questions: The questions.
            folder: Where their files lie; a question without one has its query only.
        """
        found = []
        for question in questions:
            place = folder / f"{question.id}-{question.slug}.rq"
            text = place.read_text(encoding="utf-8") if place.is_file() else question.query()
            found.append(cls(question, text, Expected.read(place.with_suffix(".csv"))))
        return found


class Questions:
    """The pages of the questions.

    Args:
        asked: The questions.
        facts: The graph.
        claims: Its claims.
        links: Which things have a page.
        version: Date of the data.
        store: The same graph, to be asked; without one the pages show what curators expect.
        live: Whether the pages can ask for themselves.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        facts: Facts,
        claims: Claims,
        links: Links,
        version: str,
        store: Store | None = None,
        live: bool = False,
    ) -> None:
        self.asked = list(asked)
        self.facts, self.claims, self.links = facts, claims, links
        self.version, self.store, self.live = version, store, live
        #: Question -> how its answer differs from what curators wrote down, where it does.
        self.differences: dict[str, Difference] = {}
        self._names: dict[str, list[tuple[str, str, int]]] = {}

    def listing(self) -> Page:
        """Return the list of the questions."""
        rows = [
            {"id": q.id, "summary": q.summary, "tags": q.tags, "place": f"questions/{q.id}.html"}
            for q, _, _ in self.asked
        ]
        data = {
            "@type": "CollectionPage",
            "name": "Questions",
            "isPartOf": {"@type": "Dataset", "@id": schema_org.DATASET},
        }
        return Page("questions/index.html", "questions", "Questions", "", {"rows": rows}, data)

    def page(self, asked: Asked) -> Page:
        """Return the page of a question, with the answer beside it as CSV."""
        question, text, expected = asked
        columns, rows, difference = expected.columns, expected.rows, Difference([], [])
        # The status of a claim stands beside its number; a file has a column for it instead.
        shown = len(columns)
        if self.store:
            answer = asking.answer(self.store, question.query())
            columns, rows = self._told(answer)
            shown = len(answer.variables)
            difference = expected.difference(answer)
            if any(difference):
                self.differences[question.id] = difference
        address = f"{schema_org.DATASET}questions/{question.id}"
        title = asking.title(question, {})
        content = {
            "id": question.id,
            "file": f"{question.id}-{question.slug}",
            "note": question.note,
            "tags": question.tags,
            "parameters": [self._parameter(p) for p in question.parameters],
            "query": text,
            "answered": bool(self.store),
            "columns": columns[:shown],
            "rows": [[self.cell(cell) for cell in row[:shown]] for row in rows],
            "expected": expected,
            "difference": difference,
            "live": self.live,
            # Escaped by schema_org.script; JSON in a script element has no character references.
            "asking": Markup(schema_org.script(self._asking(question))),  # noqa: S704
            "cite": citation.cite(question.id, title, address, self.version),
        }
        data = {
            "@type": "SoftwareSourceCode",
            "name": f"{question.id}: {question.summary}",
            "programmingLanguage": "SPARQL",
            "text": text,
            "isPartOf": {"@type": "Dataset", "@id": schema_org.DATASET},
        }
        files = {f"{question.id}.rq": text}
        if columns:
            files[f"{question.id}.csv"] = formats.render(columns, rows, "csv")
        place = f"questions/{question.id}.html"
        return Page(place, "question", question.id, question.summary, content, data, files=files)

    def _told(self, answer: Solutions) -> tuple[list[str], list[list[str]]]:
        """Return the answer as `sarcoma-kg ask` has it."""
        if self.store is None:
            return [], []
        columns, rows = status_column.with_status(self.store, answer)
        return columns, [
            [c if isinstance(c, str) else c.cell if c else "" for c in row] for row in rows
        ]

    def _asking(self, question: Question) -> dict[str, Any]:
        """Return what a page must know to ask with other values."""
        return {
            "id": question.id,
            "template": question.template,
            "parameters": [
                {"name": p.name, "kind": p.kind, "default": p.default, "day": p.kind == DATE}
                for p in question.parameters
            ],
        }

    def _parameter(self, parameter: Parameter) -> dict[str, Any]:
        """Return a parameter with its default as a cell, as it may be typed, and its choices."""
        term = parameter.term(parameter.default)
        ref = self.facts.ref(term.value) if term.kind == "iri" else None
        return {
            "name": parameter.name,
            "option": parameter.option,
            "kind": parameter.kind,
            "day": parameter.kind == DATE,
            "default": ref or term,
            "typed": ref.label if ref else term.value,
            "choices": self.choices(parameter.kind) if self.live and ref else [],
        }

    def choices(self, kind: str) -> list[str]:
        """Return the labels that fit a parameter of a kind."""
        return list(dict.fromkeys(text for text, _, rank in self.names(kind) if rank == 0))

    def names(self, kind: str) -> list[tuple[str, str, int]]:
        """Return name, IRI and rank (0 label, 1 exact synonym, 2 other) of the things of a kind."""
        from sarcoma_kg.terms import lookup

        if self.store is None:
            return []
        if kind not in self._names:
            found = lookup.names(self.store, kind)
            self._names[kind] = sorted(
                ((n.text, n.iri, n.rank) for n in found), key=lambda n: (n[0].casefold(), n)
            )
        return self._names[kind]

    @cached_property
    def named(self) -> dict[str, str]:
        """What a text in an answer names: an identifier, or a label that only one thing has."""
        found: dict[str, str] = {}
        things: dict[str, set[str]] = {}
        for iri in self.links.things:
            things.setdefault(self.facts.label(iri), set()).add(iri)
            for identifier in self.facts.texts(iri, "dcterms:identifier"):
                things.setdefault(identifier, set()).add(iri)
        for text, iris in things.items():
            # A number alone is more often a count or a year.
            if len(iris) == 1 and re.search(r"[^\W\d_]", text):
                found[text] = min(iris)
        return found

    def cell(self, text: str) -> list[str | Ref]:
        """Return a cell of an answer, with what it names as things."""
        parts: list[str | Ref] = []
        for at, value in enumerate(text.split(JOINT)):
            if at:
                parts.append(JOINT)
            whole = [value] if value in self.named else _PART.split(value)
            for part in whole:
                if part in self.named:
                    parts.append(Ref(self.named[part], part))
                elif part in self.links.things:
                    parts.append(self.facts.ref(part))
                elif part:
                    parts.append(part)
        return parts
