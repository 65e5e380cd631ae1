"""The Python API: `import sarcoma_kg as skg; kg = skg.open(); kg.ask("CQ01", disease="GIST")`.

What comes back is a table that knows its terms: cells are Python values, every cell has the RDF
term behind it and every IRI a label, and a notebook shows it as HTML. pandas and polars are used
when they are installed (`pip install "sarcoma-kg[pandas]"`, `"sarcoma-kg[polars]"`).
"""

import html
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking, catalog
from sarcoma_kg.questions.answer import Answer, Row, python_value
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores import isolated
from sarcoma_kg.stores.absent import absent
from sarcoma_kg.stores.store import EmbeddedStore, Solutions, Store

if TYPE_CHECKING:
    from sarcoma_kg.questions.explain import ClaimDetail

__all__ = ["Answer", "Explanation", "KnowledgeGraph", "Row", "TermView", "open", "python_value"]

_CLAIMS = """
SELECT ?claim ?kind ?diseases ?therapies ?direction ?strength ?status ?paraphrase ?source ?section
WHERE {{
  {{ SELECT ?c (GROUP_CONCAT(DISTINCT STR(?l); SEPARATOR=" | ") AS ?diseases)
    WHERE {{ ?c skg:hasProposition ?p . OPTIONAL {{ ?c skg:aboutDisease/rdfs:label ?l }} }}
    GROUP BY ?c }}
  {{ SELECT ?c (GROUP_CONCAT(DISTINCT STR(?l); SEPARATOR=" | ") AS ?therapies)
    WHERE {{ ?c skg:hasProposition ?p . OPTIONAL {{ ?c skg:aboutTherapy/rdfs:label ?l }} }}
    GROUP BY ?c }}
  {{ SELECT ?c (GROUP_CONCAT(DISTINCT STR(?l); SEPARATOR=" | ") AS ?status)
    WHERE {{ ?c skg:hasProposition ?p . OPTIONAL {{ ?c skg:evidenceStatus/rdfs:label ?l }} }}
    GROUP BY ?c }}
  {{ SELECT ?c (GROUP_CONCAT(DISTINCT STR(?l); SEPARATOR=" | ") AS ?kind)
    WHERE {{ ?c skg:hasProposition ?p ; a ?t . ?t rdfs:label ?l . FILTER(?t != skg:Claim) }}
    GROUP BY ?c }}
  {filters}
  ?c dcterms:identifier ?claim ;
     skg:paraphrase ?words ;
     skg:section ?section ;
     prov:hadPrimarySource/dcterms:identifier ?source .
  OPTIONAL {{ ?c skg:direction/rdfs:label ?d }}
  OPTIONAL {{ ?c skg:wordingStrength/rdfs:label ?s }}
  BIND(STR(?words) AS ?paraphrase)
  BIND(STR(?d) AS ?direction)
  BIND(STR(?s) AS ?strength)
}}
ORDER BY ?claim"""
_FILTERS = {
    "Disease": "?c skg:aboutDisease/skg:rollsUpTo {} .",
    "Therapy": "?c skg:aboutTherapy/skg:rollsUpTo {} .",
    "Target": "?c skg:aboutTarget/skg:rollsUpTo {} .",
    "Source": "?c prov:hadPrimarySource {} .",
}


_NO_SELECT = ("the query is no SELECT query", "kg.store.construct answers CONSTRUCT")


class Explanation:
    """An answer with the claims behind each row.

    Attributes:
        answer: The answer.
        claims: What is known of each claim, by its identifier.
    """

    def __init__(self, answer: Answer, solutions: Solutions, claims: "dict[str, ClaimDetail]"):
        self.answer, self.claims = answer, claims
        self._solutions = solutions

    def behind(self, row: int) -> "list[ClaimDetail]":
        """Return the claims behind a row; empty when it rests on the ontology or a mapping."""
        from sarcoma_kg.questions import explain

        cells = [term.value for term in self._solutions.rows[row] if term]
        return [self.claims[i] for i in explain.claims_of_row(cells) if i in self.claims]

    def __repr__(self) -> str:
        """Return rows and claims as text."""
        from sarcoma_kg.questions import explain

        return explain.render(self._solutions, self.claims)

    def _repr_html_(self) -> str:
        """Return rows and claims as HTML, for notebooks."""
        from sarcoma_kg.questions import explain

        blocks = []
        for number, row in enumerate(self._solutions.dicts()):
            filled = "; ".join(f"{name}: {value}" for name, value in row.items() if value)
            inner = "".join(
                f"<pre>{html.escape(explain.render_claim(claim))}</pre>"
                for claim in self.behind(number)
            )
            blocks.append(f"<details><summary>{html.escape(filled)}</summary>{inner}</details>")
        return f"<p>{html.escape(self.answer.title)}</p>{''.join(blocks)}"


class TermView(Mapping[str, Any]):
    """What the graph knows of a term: label, definition, parents, children, mappings, claims."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        """Return the term as text."""
        from sarcoma_kg.questions import termview

        return termview.render(self._data)

    def _repr_html_(self) -> str:
        """Return the term as an HTML table, for notebooks."""
        from sarcoma_kg.questions import termview

        rows = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
            for key, value in termview.pairs(self._data)
        )
        return f"<table><tbody>{rows}</tbody></table>"


class KnowledgeGraph:
    """The graph, built on this machine or held by a SPARQL endpoint.

    Args:
        store: Where the triples are.
        questions: The packaged questions.
    """

    def __init__(self, store: Store, questions: list[catalog.Question]) -> None:
        self.store = store
        self.questions = {question.id: question for question in questions}

    def __repr__(self) -> str:
        where = getattr(self.store, "endpoint", "this machine")
        return f"<sarcoma knowledge graph on {where}: {len(self.questions)} questions>"

    def _asked(
        self, question: str, typed: Mapping[str, str]
    ) -> tuple[catalog.Question, str, Solutions]:
        found = catalog.find(list(self.questions.values()), question)
        query = asking.query_for(self.store, found, typed)
        return found, query, self.store.select(query)

    def ask(self, question: str, **parameters: str) -> Answer:
        """Answer a packaged question.

        Args:
            question: CQ01 ... CQ48, or its slug; `kg.questions` has them all.
            parameters: Values by name of the parameter: a label, synonym, IRI, CURIE or NCIt code.

        Raises:
            UserError: no such question, parameter or term; with the nearest ones.
        """
        found, query, solutions = self._asked(question, parameters)
        return Answer(self.store, solutions, query, f"{found.id}: {found.summary}")

    def explain(self, question: str, **parameters: str) -> Explanation:
        """Answer a packaged question, with the claims behind each row and their provenance."""
        from sarcoma_kg.questions import explain

        found, query, solutions = self._asked(question, parameters)
        ids = [i for row in solutions.dicts() for i in explain.claims_of_row(list(row.values()))]
        known = explain.details(self.store, list(dict.fromkeys(ids)))
        answer = Answer(self.store, solutions, query, f"{found.id}: {found.summary}")
        return Explanation(answer, solutions, known)

    def query(
        self,
        text: str,
        *,
        timeout: float | None = isolated.SECONDS,
        max_rows: int = isolated.MOST_ROWS,
        prefixes: bool = False,
    ) -> Answer:
        """Answer a SELECT query of your own, in a process that has limits and can be interrupted.

        Args:
            text: SPARQL 1.1.
            timeout: Seconds, to read the query and, of a graph on disk, to answer it; an endpoint
                has those that `open` was given. None: here, without any limit, which is quicker
                for many small queries.
            max_rows: Largest number of rows of a graph on disk.
            prefixes: Declare the known prefixes that the text uses and does not declare.

        A name in the query that the graph does not hold is a warning, with what may have been
        meant.

        Raises:
            UserError: not a read-only SELECT query, or a limit is passed.
        """
        where = "the query"
        path = self.store.path if isinstance(self.store, EmbeddedStore) else ""
        if path and timeout is not None:
            reply = isolated.run(
                Path(path), text, where=where, prefixes=prefixes, seconds=timeout, most=max_rows
            )
            if reply.form != "SELECT":
                raise UserError(*_NO_SELECT)
            self._warn(reply.absent)
            return Answer(self.store, reply.solutions, text)
        if timeout is None:
            from sarcoma_kg.sparql import guard, outline

            known = namespaces.PREFIXES if prefixes else None
            text = guard.check_read_only(text, where, known)
            seen = outline.outline(text)
        else:
            text, seen = isolated.judge(text, where=where, prefixes=prefixes, seconds=timeout)
        if seen.form not in ("SELECT", ""):
            raise UserError(*_NO_SELECT)
        try:
            solutions = self.store.select(text).ordered(seen.variables)
            self._warn(self._absent(seen.names))
            return Answer(self.store, solutions, text)
        except TypeError as error:
            raise UserError(*_NO_SELECT) from error
        except (SyntaxError, ValueError) as error:
            raise UserError(f"the query: {error}") from error

    def _absent(self, names: Mapping[str, str]) -> dict[str, str]:
        try:
            return absent(self.store, names)
        except UserError as error:
            said = f"whether the graph holds the names in the query is not known: {error.message}"
            warnings.warn(said, stacklevel=3)
            return {}

    def _warn(self, absent: Mapping[str, str]) -> None:
        """Warn of names of a query that the graph does not hold."""
        from sarcoma_kg.terms import missing

        for line in missing.words(self.store, absent):
            warnings.warn(line, stacklevel=3)

    def term(self, words: str) -> TermView:
        """Look a term up.

        Args:
            words: Label, synonym, CURIE or NCIt code, in any case.

        Raises:
            UserError: unknown, or the name of several terms.
        """
        from sarcoma_kg.questions import termview
        from sarcoma_kg.terms import lookup

        hits, near = lookup.search(self.store, words)
        if len(hits) != 1:
            found = ", ".join(namespaces.contract(iri) for iri in hits)
            hint = f"perhaps: {'; '.join(near)}" if near else ""
            raise UserError(
                f"'{words[:80]}' names several terms: {found}"
                if hits
                else f"no term is called '{words[:80]}'",
                "repeat with one of these" if hits else hint,
            )
        return TermView(termview.view(self.store, hits[0]))

    def claims(
        self, *, disease: str = "", therapy: str = "", target: str = "", source: str = ""
    ) -> Answer:
        """Return the claims about a disease, therapy and target, subclasses among them.

        Args:
            disease: Label, synonym, IRI, CURIE or NCIt code; empty for any.
            therapy: The same for a therapy.
            target: The same for a target.
            source: S1 or S2; empty for both.
        """
        from sarcoma_kg.terms import lookup

        asked = {"Disease": disease, "Therapy": therapy, "Target": target, "Source": source}
        filters = [
            _FILTERS[kind].format(Term("iri", lookup.resolve(self.store, typed, kind)).sparql())
            for kind, typed in asked.items()
            if typed
        ]
        prologue = "".join(
            f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("dcterms", "prov", "rdfs", "skg")
        )
        query = prologue + _CLAIMS.format(filters="\n  ".join(filters))
        about = "; ".join(typed for typed in asked.values() if typed)
        return Answer(self.store, self.store.select(query), query, f"claims {about}".strip())


def open(endpoint: str = "", *, graph: str = "", timeout: float = 60) -> KnowledgeGraph:
    """Open the packaged graph, or one that an endpoint holds.

    Args:
        endpoint: The address of a SPARQL endpoint; the graph built on this machine when empty
            (built now if it never was, which takes some seconds).
        graph: IRI of the graph at the endpoint; its default graph when empty.
        timeout: Seconds for one answer of an endpoint.

    Raises:
        UserError: the graph cannot be built, or the address is none.
    """
    if endpoint:
        from sarcoma_kg.stores.remote import RemoteStore

        return KnowledgeGraph(RemoteStore(endpoint, graph=graph, timeout=timeout), catalog.load())
    from sarcoma_kg.building import present
    from sarcoma_kg.ground import formats

    build = present.built(formats.say)
    return KnowledgeGraph(build.open(), [catalog.Question.from_dict(d) for d in build.catalog()])
