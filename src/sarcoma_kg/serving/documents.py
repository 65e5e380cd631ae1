"""Answers, terms, claims, evidence and hits as JSON documents, for the API and for agents alike.

Every document says which build it comes from, under which licence, and whether it is whole. A row
never stands without the claims that it names, and no claim without its status.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import (
    agreement,
    asking,
    catalog,
    claims,
    explain,
    finding,
    matrix,
    routing,
    shown,
)  # fmt: skip
from sarcoma_kg.questions.catalog import DATE, Question
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Reply, Row, Solutions, Store
from sarcoma_kg.terms import lookup, things

__all__ = ["DISCLAIMER", "LICENSE", "Document", "Documents", "query_hash", "whole"]

Document = dict[str, Any]

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
DISCLAIMER = "Nothing in this graph is medical advice."
_VERSION = f"""SELECT ?version WHERE {{
  <{namespaces.SKG.rstrip("/")}> <{namespaces.PREFIXES["owl"]}versionIRI> ?version }}"""
_LABELS = f"""SELECT ?x ?label WHERE {{ VALUES ?x {{ {{}} }}
  ?x <{namespaces.PREFIXES["rdfs"]}label> ?label FILTER(LANG(?label) IN ("en", "")) }}"""
#: Argument of `claims` -> the kind of term it takes, and the pattern of a claim about it.
_ABOUT = {
    "disease": ("Disease", "?c skg:aboutDisease/skg:rollsUpTo {} ."),
    "therapy": ("Therapy", "?c skg:aboutTherapy/skg:rollsUpTo {} ."),
    "target": ("Target", "?c skg:aboutTarget/skg:rollsUpTo {} ."),
    "source": ("Source", "?c prov:hadPrimarySource {} ."),
}


def query_hash(text: str) -> str:
    """Return the SHA-256 of the text of a query, as `sha256:` and 64 digits."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def whole(found: Sequence[Any], offset: int, limit: int | None) -> tuple[Sequence[Any], Document]:
    """Return a page of whole rows, and what says which rows it has.

    Args:
        found: All rows.
        offset: How many to leave out before the page.
        limit: The most rows of the page; None for all.

    Raises:
        UserError: a number below 0, or a limit below 1.
    """
    if offset < 0 or (limit is not None and limit < 1):
        raise UserError("offset counts from 0, and limit from 1", "such as offset=0&limit=50")
    end = len(found) if limit is None else min(len(found), offset + limit)
    page = found[offset:end]
    told: Document = {
        "total": len(found), "offset": offset, "count": len(page),
        "complete": len(page) == len(found),
    }  # fmt: skip
    if not told["complete"]:
        told["missing"] = f"{len(found) - len(page)} of {len(found)} rows are not in this page"
        if end < len(found):
            told["next"] = end
    return page, told


class Documents:
    """Makes documents from a graph.

    Args:
        store: The graph.
        questions: The packaged questions.
        build: The digest of the build; of a graph at an endpoint empty.
    """

    def __init__(self, store: Store, questions: Sequence[Question], build: str = "") -> None:
        self.store, self.questions, self.build = store, list(questions), build
        rows = list(store.select(_VERSION).dicts())
        dates = [part for row in rows for part in row["version"].split("/") if asking.is_day(part)]
        self.version = dates[0] if dates else ""

    def document(self, kind: str, content: Mapping[str, Any]) -> Document:
        """Return a document of a kind: what all documents say, and this content."""
        return {
            "kind": kind, "build": self.build, "version": self.version, "license": LICENSE,
            "disclaimer": DISCLAIMER, **content,
        }  # fmt: skip

    def catalog(self) -> Document:
        """Return the packaged questions, with their parameters and defaults."""
        rows = [self._question(q) for q in self.questions]
        return self.document("questions", {"complete": True, "rows": rows})

    def _question(self, question: Question) -> Document:
        labels = self._labels([p.default for p in question.parameters if p.kind != DATE])
        parameters = [
            {
                "name": p.name, "kind": p.kind, "default": p.default,
                "label": labels.get(p.default, p.default),
            }
            for p in question.parameters
        ]  # fmt: skip
        return {
            "id": question.id, "slug": question.slug, "summary": question.summary,
            "tags": list(question.tags), "note": question.note, "parameters": parameters,
        }  # fmt: skip

    def ask(self, question: str | int, typed: Mapping[str, str | date]) -> tuple[Question, str]:
        """Return a question and its query.

        Raises:
            UserError: no such question, parameter or term; with the nearest ones (`NotFound`).
        """
        found = catalog.find(self.questions, str(question))
        return found, asking.query_for(self.store, found, typed)

    def answer(
        self, question: str | int, typed: Mapping[str, str | date], *, offset: int = 0,
        limit: int | None = None,
    ) -> Document:  # fmt: skip
        """Return the answer to a packaged question.

        Args:
            question: CQ01, 1, or its slug.
            typed: Values by the name of the parameter, as people type them.
            offset: How many rows to leave out.
            limit: The most rows; None for all.

        Raises:
            UserError: no such question, parameter or term, with the nearest ones; no such page.
        """
        found, query = self.ask(question, typed)
        solutions = asking.answer(self.store, query)
        given = asking.values_for(self.store, found, typed)
        told = self._question(found)
        labels = self._labels([v for v in given.values() if not asking.is_day(v)])
        for parameter in told["parameters"]:
            value = given.get(parameter["name"], parameter["default"])
            if value != parameter["default"]:
                parameter["label"] = labels.get(value, value)
            parameter["value"] = value
        return self.document(
            "answer",
            {
                "question": told, "title": asking.title(found, typed), "query": query,
                "queryHash": query_hash(query),
                **self._table(solutions, offset, limit, found.records),
            },
        )  # fmt: skip

    def reply(self, query: str, reply: Reply) -> Document:
        """Return the answer to a query of somebody's own.

        Args:
            query: The text.
            reply: What came back; of CONSTRUCT and DESCRIBE subject, predicate and object.
        """
        content = {"form": reply.form, "query": query, "queryHash": query_hash(query)}
        table = self._table(reply.solutions, 0, None)
        return self.document("answer", {**content, **table, "absent": dict(reply.absent)})

    def _table(
        self, solutions: Solutions, offset: int, limit: int | None, records: Sequence[str] = ()
    ) -> Document:
        rows, told = whole(solutions.rows, offset, limit)
        page = Solutions(solutions.variables, list(rows))
        behind = explain.behind(self.store, page, records)
        iris = {t.value for row in rows for t in row if t and t.kind == "iri"}
        labels = self._labels(sorted(iris))
        listed = [self._row(page.variables, row, behind, labels) for row in rows]
        if not solutions.rows:
            told["note"] = explain.NO_ROW
        return {
            **told, "columns": page.variables, "rows": listed,
            "claims": {i: _behind(c) for i, c in behind.claims.items()},
            "evidence": {e.id: e._asdict() for r in page.dicts() for e in behind.evidence_of(r)},
        }  # fmt: skip

    def _row(
        self, columns: Sequence[str], row: Row, behind: explain.Behind, labels: Mapping[str, str]
    ) -> Document:
        (read,) = Solutions(list(columns), [row]).dicts()
        named, evidence = behind.claims_of(read.values()), behind.evidence_of(read)
        told: Document = {
            "cells": {
                name: _cell(term, labels) for name, term in zip(columns, row, strict=True)
            },
            "claims": [{"id": c.id, "status": c.status or [claims.NO_STATUS]} for c in named],
            "evidence": [{"id": e.id, "status": e.status or "unconfirmed"} for e in evidence],
        }  # fmt: skip
        if not named and not evidence:
            told["note"] = explain.NO_CLAIM
        return told

    def _labels(self, iris: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(iris), 1000):
            values = " ".join(Term("iri", iri).sparql() for iri in iris[start : start + 1000])
            rows = self.store.select(_LABELS.replace("{}", values)).dicts()
            found |= {row["x"]: row["label"] for row in rows}
        return found

    def thing(self, words: str) -> Document:
        """Return all that is known of what `words` name: a term, claim, evidence, reference ...

        Raises:
            UserError: nothing is called so, or several things are; with the names.
        """
        found = things.find(self.store, words)
        if len(found) > 1:
            near = [namespaces.contract(thing.iri) for thing in found]
            raise lookup.NotFound(
                f"'{words[:80]}' names several things: {', '.join(near)}",
                "repeat with one of these", near=near,
            )  # fmt: skip
        data = shown.show(self.store, found[0], self.questions).as_dict()
        kind = found[0].kind
        return self.document(
            kind.lower(), {"complete": True, "iri": found[0].iri, **data, "kind": kind.lower()}
        )

    def claims(
        self, about: Mapping[str, str] | None = None, *, offset: int = 0, limit: int | None = None
    ) -> Document:
        """Return claims in full: status, standing, evidence, source and span, citations.

        Args:
            about: disease, therapy, target, source -> a name; what is below it is among them.
            offset: How many to leave out.
            limit: The most; None for all.

        Raises:
            UserError: no such argument or term, with the nearest ones; no such page.
        """
        patterns = []
        for name, words in (about or {}).items():
            if name not in _ABOUT:
                raise UserError(f"claims take no {name[:80]!r}", f"they take {', '.join(_ABOUT)}")
            kind, pattern = _ABOUT[name]
            iri = lookup.resolve(self.store, words, kind)
            patterns.append(pattern.format(Term("iri", iri).sparql()))
        found, told = whole(claims.read(self.store, " ".join(patterns)), offset, limit)
        return self.document("claims", {**told, "rows": [c.as_dict() for c in found]})

    def terms(self, kind: str = "", *, offset: int = 0, limit: int | None = None) -> Document:
        """Return the terms: IRI, CURIE, label and other names.

        Args:
            kind: Disease, Therapy, Target or Alteration; all classes when empty.
            offset: How many to leave out.
            limit: The most; None for all.
        """
        kinds = {k.casefold(): k for k in ("Disease", "Therapy", "Target", "Alteration")}
        if kind and kind.casefold() not in kinds:
            raise UserError(f"no kind {kind[:80]!r}", f"there are {', '.join(kinds.values())}")
        names: dict[str, Document] = {}
        for name in lookup.names(self.store, kinds.get(kind.casefold(), "")):
            row = names.setdefault(
                name.iri,
                {"iri": name.iri, "curie": namespaces.contract(name.iri), "label": "", "names": []},
            )
            if name.rank == 0 and not row["label"]:
                row["label"] = name.text
            else:
                row["names"].append(name.text)
        found, told = whole([names[iri] for iri in sorted(names)], offset, limit)
        return self.document("terms", {**told, "rows": list(found)})

    def evidence(self, *, offset: int = 0, limit: int | None = None) -> Document:
        """Return the external evidence: what it says, whether it was checked, its sources."""
        rows = explain.behind(self.store, Solutions([], [])).evidence
        found, told = whole([rows[i]._asdict() for i in sorted(rows)], offset, limit)
        return self.document("evidence", {**told, "rows": list(found)})

    def search(self, words: str, most: int = 8) -> Document:
        """Return what holds the words; a claim with its status.

        Args:
            words: What is looked for.
            most: The most hits of each kind.
        """
        hits = finding.search(self.store, self.questions, words, most + 1)
        kept: list[finding.Hit] = []
        more = False
        for hit in hits:
            if sum(other.kind == hit.kind for other in kept) < most:
                kept.append(hit)
            else:
                more = True
        content: Document = {"words": words, "complete": not more, "count": len(kept)}
        if more:
            content["missing"] = f"more than {most} hits of a kind: raise `most`"
        return self.document("hits", {**content, "rows": [hit._asdict() for hit in kept]})

    def route(self, sentence: str) -> Document:
        """Return the question and values to which a sentence leads, or the nearest ones.

        Args:
            sentence: What was typed; it is routed by its words, not understood.
        """
        route = self.router.route(sentence)
        told: Document = {"sentence": sentence, "note": routing.DISCLOSURE, "complete": True}
        if route.question is None:
            near = [self.asked(question, route.near[question.id]) for question in route.nearest]
            return self.document("route", {**told, "why": route.why, "nearest": near})
        given = {n: v for n, v in route.values.items() if n not in route.assumed}
        content = {**told, **self.asked(route.question, given), "assumed": list(route.assumed)}
        return self.document("route", content)

    @cached_property
    def router(self) -> routing.Router:
        """The router of sentences, made when it is first wanted."""
        return routing.Router(self.store, self.questions)

    def asked(self, question: Question, values: Mapping[str, str]) -> Document:
        """Return a question as it may be asked, with what is known of its parameters."""
        named = routing.labels(self.store, question, values)
        missing = [p.name for p in question.parameters if p.name not in named and p.kind != DATE]
        return {
            "question": question.id, "summary": question.summary, "parameters": named,
            "missing": missing,
        }  # fmt: skip

    def matrix(self, disease: str = "") -> Document:
        """Return diseases by therapies: the claims of each cell with their status.

        Args:
            disease: A group, by name; all diseases when empty.

        Raises:
            UserError: no such disease; with the nearest ones.
        """
        where = ""
        if disease:
            iri = lookup.resolve(self.store, disease, "Disease")
            where = _ABOUT["disease"][1].format(Term("iri", iri).sparql())
        made = matrix.matrix(claims.read(self.store, where))
        cells = [
            {
                "disease": row, "therapy": column, "text": cell.text,
                "claims": [
                    {
                        "id": c.id, "status": c.status or [claims.NO_STATUS],
                        "agreement": agreement.told(c.agreement),
                    }
                    for c in cell.claims
                ],
            }
            for row, line in zip(made.diseases, made.cells, strict=True)
            for column, cell in zip(made.therapies, line, strict=True)
            if cell.claims
        ]  # fmt: skip
        content = {
            "complete": True, "diseases": made.diseases, "therapies": made.therapies,
            "cells": cells, "legend": matrix.LEGEND,
        }  # fmt: skip
        return self.document("matrix", content)


def _cell(term: Term | None, labels: Mapping[str, str]) -> Document | None:
    """Return a term in the words of the SPARQL results format, and a label and CURIE beside it."""
    if term is None:
        return None
    cell: Document = {"type": {"iri": "uri"}.get(term.kind, term.kind), "value": term.value}
    if term.language:
        cell["xml:lang"] = term.language
    elif term.datatype:
        cell["datatype"] = term.datatype
    if term.kind == "iri":
        cell["curie"] = namespaces.contract(term.value)
        if term.value in labels:
            cell["label"] = labels[term.value]
    return cell


def _behind(claim: Claim) -> Document:
    """Return what a row must not lose of a claim: status, what disputes it, where it stands."""
    data = claim.as_dict()
    kept = (
        "iri", "id", "status", "degree", "standing", "evidence", "paraphrase", "direction",
        "strength", "source", "source_id", "section", "start", "end", "agreement",
    )  # fmt: skip
    return {name: data[name] for name in kept}
