"""The Python API: `import sarcoma_kg as skg; kg = skg.open(); kg.ask("CQ01", disease="GIST")`.

What comes back is a table that knows its terms: cells are Python values, every cell has the RDF
term behind it and every IRI a label, and a notebook shows it as HTML. pandas and polars are used
when they are installed (`pip install "sarcoma-kg[pandas]"`, `"sarcoma-kg[polars]"`).
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import objects
from sarcoma_kg.questions import asking, catalog
from sarcoma_kg.questions.answer import Answer, Row, python_value
from sarcoma_kg.questions.explanation import Explanation
from sarcoma_kg.questions.shown import Shown
from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores import isolated
from sarcoma_kg.stores.absent import absent
from sarcoma_kg.stores.store import EmbeddedStore, Solutions, Store

if TYPE_CHECKING:
    from sarcoma_kg.questions.matrix import Matrix

__all__ = ["Answer", "Explanation", "KnowledgeGraph", "Row", "Shown", "open", "python_value"]

_FILTERS = {
    "Disease": "?c skg:aboutDisease/skg:rollsUpTo {} .",
    "Therapy": "?c skg:aboutTherapy/skg:rollsUpTo {} .",
    "Target": "?c skg:aboutTarget/skg:rollsUpTo {} .",
    "Source": "?c prov:hadPrimarySource {} .",
}
_NO_SELECT = ("the query is no SELECT query", "kg.store.construct answers CONSTRUCT")


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
        self, question: str | int, unnamed: Sequence[str], typed: Mapping[str, str | date]
    ) -> tuple[Answer, Solutions, catalog.Question]:
        found = catalog.find(list(self.questions.values()), str(question))
        if unnamed:
            names = ", ".join(f"{p.name}=..." for p in found.parameters) or "nothing"
            raise UserError(
                f"{found.id} takes its parameters by name, not {unnamed[0]!r:.80}",
                f"it takes {names}",
            )
        query = asking.query_for(self.store, found, typed)
        solutions = asking.answer(self.store, query)
        return Answer(self.store, solutions, query, asking.title(found, typed)), solutions, found

    def ask(self, question: str | int, *unnamed: str, **parameters: str | date) -> Answer:
        """Answer a packaged question; where it names claims, their status is a column.

        Args:
            question: CQ01, CQ02 ..., 1, 2 ..., or its slug; `kg.questions` has them all.
            unnamed: Nothing; parameters have names.
            parameters: Values by name of the parameter: a label, synonym, IRI, CURIE or NCIt code;
                of a date (`as_of`) a day, as YYYY-MM-DD or `datetime.date`.

        Raises:
            UserError: no such question, parameter or term; with the nearest ones; or no day.
        """
        from sarcoma_kg.questions import status_column

        plain, solutions, _ = self._asked(question, unnamed, parameters)
        columns, rows = status_column.with_status(self.store, solutions)
        terms = [tuple(Term("literal", c) if isinstance(c, str) else c for c in row)
                 for row in rows]  # fmt: skip
        return Answer(self.store, Solutions(columns, terms), plain.query, plain.title)

    def explain(self, question: str | int, *unnamed: str, **parameters: str | date) -> Explanation:
        """Answer a packaged question, with the claims behind each row and their provenance."""
        from sarcoma_kg.questions import explain

        answer, solutions, asked = self._asked(question, unnamed, parameters)
        known = explain.behind(self.store, solutions, asked.records)
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
        where, text = "the query", _text("query", text)
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

    def term(self, words: str) -> Shown:
        """Look a thing up: all that is known of it, the status of its claims first.

        Args:
            words: Label, synonym, CURIE, code, claim number or other identifier, in any case.

        Raises:
            UserError: unknown, or the name of several things.
        """
        return self.show(words, onward=False)

    def show(self, words: str, *, onward: bool = True) -> Shown:
        """Look a thing up, with the commands that lead on from it.

        Args:
            words: Label, synonym, CURIE, code, claim number or other identifier, in any case.
            onward: Whether to count the rows of the questions that take it.

        Raises:
            UserError: unknown, or the name of several things.
        """
        from sarcoma_kg.questions import shown
        from sarcoma_kg.terms import things

        found = things.find(self.store, _text("show", words))
        if len(found) > 1:
            names = ", ".join(namespaces.contract(thing.iri) for thing in found)
            raise UserError(
                f"'{words[:80]}' names several terms: {names}", "repeat with one of these"
            )
        questions = list(self.questions.values())
        return shown.show(self.store, found[0], questions, typed=words, onward=onward)

    def search(self, words: str, *, most: int = 8) -> Answer:
        """Look for words in names, codes, claims, evidence, references and questions.

        Args:
            words: What must be in it; the beginning of a word will do, and what is misspelt.
            most: Number of rows of each kind.
        """
        from sarcoma_kg.questions import finding

        if not isinstance(most, int):
            raise UserError(f"most={most!r:.80} is no number of rows", "such as most=8")
        hits = finding.search(
            self.store, list(self.questions.values()), _text("search", words), most
        )
        return self._table(finding.Hit._fields, hits, f"search {words}")

    def matrix(self, disease: str = "") -> "Matrix":
        """Return diseases by therapies: what is claimed, and with which status.

        Args:
            disease: A group, as label, synonym, IRI, CURIE or code; all diseases when empty.

        Raises:
            UserError: no such disease; with the nearest ones.
        """
        from sarcoma_kg.questions import claims, matrix
        from sarcoma_kg.terms import lookup

        where = ""
        if disease:
            iri = lookup.resolve(self.store, _text("matrix", disease), "Disease")
            where = _FILTERS["Disease"].format(Term("iri", iri).sparql())
        return matrix.matrix(claims.read(self.store, where))

    def to_rdflib(self) -> Any:
        """Return the whole graph as an `rdflib.Graph`."""
        return objects.rdflib_graph(self.store.construct(objects.EVERYTHING))

    def to_owlready2(self) -> Any:
        """Return an `owlready2.World`: classes by name, what the reasoner found in place."""
        return objects.owlready2(self.store.construct(objects.EVERYTHING))

    def to_networkx(self) -> Any:
        """Return a `networkx.DiGraph` of the classes, each pointing at those above it."""
        return objects.networkx(self.store.construct(objects.EVERYTHING))

    def _table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> Answer:
        terms = [tuple(Term("literal", cell) if cell else None for cell in row) for row in rows]
        return Answer(self.store, Solutions(list(columns), terms), "", title)

    def claims(
        self,
        disease: str = "",
        *,
        therapy: str = "",
        target: str = "",
        source: str = "",
        **others: str,
    ) -> Answer:
        """Return the claims about a disease, therapy and target, subclasses among them.

        Args:
            disease: Label, synonym, IRI, CURIE or NCIt code; empty for any.
            therapy: The same for a therapy.
            target: The same for a target.
            source: S1 or S2; empty for both.
            others: What another column holds, in any case: `status="externally disputed"`,
                `lines="second-line"`, `standing="withdrawal"`; a part of the words will do.

        Raises:
            UserError: no such argument, column or term; with the right ones.
        """
        from sarcoma_kg.questions import claims
        from sarcoma_kg.terms import lookup

        asked = {"Disease": disease, "Therapy": therapy, "Target": target, "Source": source}
        columns = _columns(others)
        where = " ".join(
            _FILTERS[kind].format(Term("iri", lookup.resolve(self.store, name, kind)).sparql())
            for kind, typed in asked.items()
            if typed and (name := _text("claims", typed))
        )
        rows = [claim.row() for claim in claims.read(self.store, where)]
        for column, words in columns.items():
            at = claims.COLUMNS.index(column)
            held = sorted({value for row in rows for value in row[at].split(JOINT) if value})
            rows = [row for row in rows if lookup.fold(words) in lookup.fold(row[at])]
            if not rows and held:
                raise UserError(
                    f"no claim has the {column} '{words[:80]}'",
                    f"there are: {'; '.join(held[:20])}",
                )
        about = "; ".join(typed for typed in (*asked.values(), *others.values()) if typed)
        return self._table(claims.COLUMNS, rows, f"claims {about}".strip())


def _text(method: str, given: object) -> str:
    """Return what must be text."""
    if isinstance(given, str):
        return given
    such = "SELECT ..." if method == "query" else "GIST"
    raise UserError(f"{method}() takes text, not {given!r:.80}", f'such as kg.{method}("{such}")')


def _columns(others: Mapping[str, str]) -> dict[str, str]:
    """Return what columns of claims must hold, by their names, of which singulars will do."""
    from sarcoma_kg.questions.claims import COLUMNS

    singular = {"context": "contexts", "outcome": "outcomes", "line": "lines"}
    found = {}
    for name, words in others.items():
        column = singular.get(name, name)
        if column not in COLUMNS or not isinstance(words, str):
            import difflib

            known = ["disease", "therapy", "target", *COLUMNS[1:], *singular]
            near = difflib.get_close_matches(name, known, 1, 0.6)
            perhaps = f"perhaps {near[0]}; " if near and column not in COLUMNS else ""
            raise UserError(
                f"claims() takes no {name}={words!r}",
                f"{perhaps}it takes text for: {', '.join(known)}",
            )
        found[column] = words
    return found


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
