"""The Python API: `import sarcoma_kg as skg; kg = skg.open(); kg.ask("CQ01", disease="GIST")`.

What comes back is a table that knows its terms: cells are Python values, every cell has the RDF
term behind it and every IRI a label, and a notebook shows it as HTML. pandas and polars are used
when they are installed (`pip install "sarcoma-kg[pandas]"`, `"sarcoma-kg[polars]"`).
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

from sarcoma_kg import asking, catalog, namespaces
from sarcoma_kg.errors import UserError
from sarcoma_kg.store import Solutions, Store, Term

if TYPE_CHECKING:
    import pandas
    import polars

    from sarcoma_kg.explain import ClaimDetail

__all__ = ["Answer", "Explanation", "KnowledgeGraph", "Row", "TermView", "open", "python_value"]

_XSD = namespaces.PREFIXES["xsd"]
_PYTHON: dict[str, Any] = {
    **dict.fromkeys(("integer", "int", "long", "short", "nonNegativeInteger", "gYear"), int),
    "decimal": Decimal, "double": float, "float": float, "date": date.fromisoformat,
    "boolean": lambda text: text in ("true", "1"),
}  # fmt: skip
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


def python_value(term: Term | None) -> Any:
    """Return a term as a Python value: str, int, float, Decimal, bool, date; None when unbound.

    IRIs and literals of other datatypes, or out of the range of the Python type, are text.
    """
    if term is None:
        return None
    if term.datatype.startswith(_XSD) and (
        convert := _PYTHON.get(term.datatype.removeprefix(_XSD))
    ):
        try:
            return convert(term.value)
        except (ValueError, ArithmeticError):
            return term.value
    return term.value


class Row(Mapping[str, Any]):
    """One row: column name -> Python value."""

    def __init__(self, columns: Sequence[str], terms: Sequence[Term | None]) -> None:
        self._terms = dict(zip(columns, terms, strict=True))

    def __getitem__(self, column: str) -> Any:
        return python_value(self._terms[column])

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def __repr__(self) -> str:
        return f"Row({dict(self)})"

    def term(self, column: str) -> Term | None:
        """Return the RDF term of a column; None when it is unbound."""
        return self._terms[column]


class Answer(Sequence[Row]):
    """The rows of an answer.

    Attributes:
        columns: The names of the columns.
        query: The SPARQL text that was asked.
        title: What was asked, for people.
    """

    def __init__(self, store: Store, solutions: Solutions, query: str, title: str = "") -> None:
        self.columns = list(solutions.variables)
        self.query, self.title = query, title
        self._store, self._solutions = store, solutions
        self._labels: dict[str, str] | None = None

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [Row(self.columns, row) for row in self._solutions.rows[index]]
        return Row(self.columns, self._solutions.rows[index])

    def __len__(self) -> int:
        return len(self._solutions.rows)

    def __repr__(self) -> str:
        """Return the table as text."""
        from sarcoma_kg import formats

        rows = [[self._shown(term) for term in row] for row in self._solutions.rows]
        return f"{formats.render(self.columns, rows, 'table')}{len(rows)} row(s)"

    @property
    def labels(self) -> Mapping[str, str]:
        """The English labels of the IRIs in the answer, looked up once."""
        if self._labels is None:
            iris = {t.value for row in self._solutions.rows for t in row if t and t.kind == "iri"}
            self._labels = {}
            if iris:
                values = " ".join(Term("iri", iri).sparql() for iri in sorted(iris))
                found = self._store.select(
                    f"SELECT ?x ?label WHERE {{ VALUES ?x {{ {values} }} "
                    f"?x <{namespaces.PREFIXES['rdfs']}label> ?label "
                    'FILTER(LANG(?label) IN ("en", "")) }'
                )
                self._labels = {row["x"]: row["label"] for row in found.dicts()}
        return self._labels

    def _shown(self, term: Term | None) -> str:
        if term is None:
            return ""
        if term.kind == "iri":
            return self.labels.get(term.value) or namespaces.contract(term.value)
        return term.value

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of Python values."""
        return [dict(row) for row in self]

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a pandas DataFrame with nullable columns; decimal numbers become float.

        Raises:
            UserError: pandas is not installed.
        """
        module = _extra("pandas")
        frame: pandas.DataFrame = module.DataFrame(self._records(), columns=self.columns)
        converted: pandas.DataFrame = frame.convert_dtypes()
        return converted

    def to_polars(self) -> "polars.DataFrame":
        """Return a polars DataFrame; decimal numbers become float.

        Raises:
            UserError: polars is not installed.
        """
        module = _extra("polars")
        rows = self._records()
        data = {name: [row[at] for row in rows] for at, name in enumerate(self.columns)}
        frame: polars.DataFrame = module.DataFrame(data, strict=False)
        return frame

    def _records(self) -> list[list[Any]]:
        values = [[python_value(term) for term in row] for row in self._solutions.rows]
        return [[float(v) if isinstance(v, Decimal) else v for v in row] for row in values]

    def _repr_html_(self) -> str:
        """Return the table as HTML, for notebooks: IRIs are links with their labels."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{self._cell(term)}</td>' for term in row)}</tr>"
            for row in self._solutions.rows
        )
        title = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        count = f"<p>{len(self)} row(s)</p>"
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{count}"

    def _cell(self, term: Term | None) -> str:
        text = html.escape(self._shown(term))
        if term and term.kind == "iri" and term.value.startswith(("http://", "https://")):
            return f'<a href="{html.escape(term.value, quote=True)}">{text}</a>'
        return text


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
        from sarcoma_kg import explain

        cells = [term.value for term in self._solutions.rows[row] if term]
        return [self.claims[i] for i in explain.claims_of_row(cells) if i in self.claims]

    def __repr__(self) -> str:
        """Return rows and claims as text."""
        from sarcoma_kg import explain

        return explain.render(self._solutions, self.claims)

    def _repr_html_(self) -> str:
        """Return rows and claims as HTML, for notebooks."""
        from sarcoma_kg import explain

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
        from sarcoma_kg import termview

        return termview.render(self._data)

    def _repr_html_(self) -> str:
        """Return the term as an HTML table, for notebooks."""
        from sarcoma_kg import termview

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
        from sarcoma_kg import explain

        found, query, solutions = self._asked(question, parameters)
        ids = [i for row in solutions.dicts() for i in explain.claims_of_row(list(row.values()))]
        known = explain.details(self.store, list(dict.fromkeys(ids)))
        answer = Answer(self.store, solutions, query, f"{found.id}: {found.summary}")
        return Explanation(answer, solutions, known)

    def query(self, text: str) -> Answer:
        """Answer a SELECT query of your own.

        Raises:
            UserError: not a read-only SELECT query.
        """
        from sarcoma_kg import guard

        text = guard.check_read_only(text, "the query")
        try:
            return Answer(self.store, self.store.select(text), text)
        except TypeError as error:
            raise UserError(
                "the query is no SELECT query", "kg.store.construct answers CONSTRUCT"
            ) from error
        except (SyntaxError, ValueError) as error:
            raise UserError(f"the query: {error}") from error

    def term(self, words: str) -> TermView:
        """Look a term up.

        Args:
            words: Label, synonym, CURIE or NCIt code, in any case.

        Raises:
            UserError: unknown, or the name of several terms.
        """
        from sarcoma_kg import terms, termview

        hits, near = terms.search(self.store, words)
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
        from sarcoma_kg import terms

        asked = {"Disease": disease, "Therapy": therapy, "Target": target, "Source": source}
        filters = [
            _FILTERS[kind].format(Term("iri", terms.resolve(self.store, typed, kind)).sparql())
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
        from sarcoma_kg.remote import RemoteStore

        return KnowledgeGraph(RemoteStore(endpoint, graph=graph, timeout=timeout), catalog.load())
    from sarcoma_kg import console

    build = console.built()
    return KnowledgeGraph(build.open(), [catalog.Question.from_dict(d) for d in build.catalog()])


def _extra(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"{name} is not installed", f"pip install {name}, or sarcoma-kg[{name}]"
        ) from error
