"""The tools that agents have: what they take, and the documents that they give.

There is one tool for all packaged questions, whose description lists them: a tool for each would
fill more than twice as much of a model's window, for the same one call an answer (docs/agents.md).
Nothing is summarised: what does not fit is said to be missing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import claims, explain, routing, shown
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.serving.documents import Document, Documents, whole
from sarcoma_kg.stores.store import Reply
from sarcoma_kg.terms import lookup, things

__all__ = ["INSTRUCTIONS", "REFUSAL", "Tool", "Tools", "described"]

#: The kind of a document that says why there is no answer.
REFUSAL = "refusal"
#: Rows of a page where none is asked for, and the most that may be asked for.
_PAGE, _MOST_ROWS = 100, 1000
_LONGEST = 20_000
INSTRUCTIONS = (
    "Claims of published reviews on sarcoma, each with its place in the source, its citations and "
    "what external evidence says of it. A claim is what a source says, not a fact: cite its "
    "number, and never leave out its status (such as 'externally disputed') or its standing. "
    "Answers are whole or say what is missing. Answer from them alone; where a tool refuses, say "
    "so. Nothing in this graph is medical advice."
)
_TEXT = {"type": "string", "maxLength": _LONGEST}
_PAGING = {
    "offset": {"type": "integer", "minimum": 0, "description": "rows to leave out (0)"},
    "limit": {
        "type": "integer", "minimum": 1, "maximum": _MOST_ROWS,
        "description": f"rows of a page ({_PAGE})",
    },
}  # fmt: skip
_NAME = "label, synonym, code, IRI or identifier"


class Tool(NamedTuple):
    """A tool: its name, what it does, and what it takes as JSON Schema."""

    name: str
    text: str
    properties: Mapping[str, Any]
    required: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """What it takes, as JSON Schema."""
        return {
            "type": "object", "properties": dict(self.properties),
            "required": list(self.required), "additionalProperties": False,
        }  # fmt: skip


def _asked(questions: Sequence[Question]) -> dict[str, Any]:
    listed = "\n".join(
        f"{q.id}({', '.join(p.name for p in q.parameters)}): {q.summary}" for q in questions
    )
    return {
        "question": {**_TEXT, "description": f"one of these, or a sentence:\n{listed}"},
        "parameters": {
            "type": "object", "additionalProperties": {"type": "string"},
            "description": f"name of the parameter: {_NAME}; of asOf and before a day, YYYY-MM-DD",
        },
    }  # fmt: skip


def described(questions: Sequence[Question]) -> list[Tool]:
    """Return the tools for a graph with these questions."""
    return [
        Tool("search", "Find terms, claims, evidence, references and questions by words.",
             {"words": _TEXT, "most": {"type": "integer", "minimum": 1, "maximum": 100,
                                       "description": "hits of each kind (8)"}}, ("words",)),
        Tool("show", "Show all that is known of one thing: a disease, drug, target, alteration, "
             "claim, evidence or reference.", {"name": {**_TEXT, "description": _NAME}}, ("name",)),
        Tool("ask", "Answer a packaged question; each row with its claims, their status, place in "
             "the source and evidence. A sentence is routed by its words, not understood: read "
             "which question was answered.", {**_asked(questions), **_PAGING}, ("question",)),
        Tool("explain", "The claims in full, with citations and the verdict on each: of a thing, "
             "or behind each row of an answer.",
             {"name": {**_TEXT, "description": _NAME},
              "question": {**_TEXT, "description": "as for ask, instead of name"},
              "parameters": {"type": "object", "additionalProperties": {"type": "string"}},
              **_PAGING}),
        Tool("matrix", "Diseases by therapies: the claims of each pair, with their status.",
             {"disease": {**_TEXT, "description": "a group; all diseases if left out"}}),
        Tool("query", "Run a read-only SPARQL 1.1 query, within limits; prefixes of the graph are "
             "known. Ask for skg:evidenceStatus of claims, too.",
             {"query": _TEXT, "limit": _PAGING["limit"]}, ("query",)),
    ]  # fmt: skip


class Tools:
    """Calls tools over a graph.

    Args:
        documents: Makes the documents.
        run: Answers a query of a stranger within limits; it gets the text and the most rows.
    """

    def __init__(self, documents: Documents, run: Callable[[str, int], Reply]) -> None:
        self._documents, self._run = documents, run
        self._known = {tool.name: tool for tool in described(documents.questions)}

    def call(self, name: str, arguments: Mapping[str, Any]) -> Document:
        """Return the document that a tool gives, or a refusal: why, and what comes nearest."""
        try:
            tool = self._known.get(name)
            if tool is None:
                known = ", ".join(self._known)
                raise UserError(f"no tool is called {name!r:.80}", f"there are {known}")
            _check(tool, arguments)
            made: Document = getattr(self, f"_{name}")(**arguments)
        except lookup.NotFound as error:
            return self._refusal(error, near=error.near)
        except _Unrouted as error:
            return self._refusal(error, nearest=error.nearest)
        except UserError as error:
            return self._refusal(error)
        return made

    def _refusal(self, error: UserError, **more: Any) -> Document:
        told = {"problem": error.message, "hint": error.hint, **more}
        return self._documents.document(REFUSAL, told)

    def _search(self, words: str, most: int = 8) -> Document:
        return self._documents.search(words, most)

    def _show(self, name: str) -> Document:
        return self._documents.thing(name)

    def _matrix(self, disease: str = "") -> Document:
        return self._documents.matrix(disease)

    def _query(self, query: str, limit: int = _MOST_ROWS) -> Document:
        return self._documents.reply(query, self._run(query, limit))

    def _ask(
        self, question: str, parameters: Mapping[str, str] | None = None, offset: int = 0,
        limit: int = _PAGE,
    ) -> Document:  # fmt: skip
        typed = dict(parameters or {})
        if not any(c.isspace() for c in question.strip()):
            return self._documents.answer(question, typed, offset=offset, limit=limit)
        route = self._documents.router.route(question)
        if typed or route.question is None:
            why = "a sentence takes no parameters" if typed else route.why
            raise _Unrouted(
                why, [self._documents.asked(q, route.near[q.id]) for q in route.nearest]
            )
        given = {n: v for n, v in route.values.items() if n not in route.assumed}
        made = self._documents.answer(route.question.id, given, offset=offset, limit=limit)
        told = {
            "sentence": question, "assumed": list(route.assumed), "note": routing.DISCLOSURE,
        }  # fmt: skip
        return {**made, "routed": told}

    def _explain(
        self, name: str = "", question: str = "", parameters: Mapping[str, str] | None = None,
        offset: int = 0, limit: int = _PAGE,
    ) -> Document:  # fmt: skip
        store = self._documents.store
        if bool(name) == bool(question):
            raise UserError("explain takes a name or a question", 'such as {"name": "GIST"}')
        if question:
            made = self._ask(question, parameters, offset, limit)
            known = claims.read(store, ids=list(made["claims"]))
            return {**made, "claims": {claim.id: claim.as_dict() for claim in known}}
        found = {c.iri: c for t in things.find(store, name) for c in shown.claims_of(store, t)}
        rows, told = whole(list(found.values()), offset, limit)
        note = {} if found else {"note": explain.NO_ROW}
        return self._documents.document(
            "claims", {**told, **note, "rows": [claim.as_dict() for claim in rows]}
        )


class _Unrouted(UserError):  # noqa: N818
    """A sentence leads to no question."""

    def __init__(self, why: str, nearest: Sequence[Document]) -> None:
        super().__init__(f"this is not answered: {why}", "ask one of the nearest, or say less")
        self.nearest = list(nearest)


def _check(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments that a tool does not take.

    Raises:
        UserError: a name or type that it does not know, a text or number out of bounds.
    """
    for name in tool.required:
        if name not in arguments:
            raise UserError(f"{tool.name} needs {name}", f"it takes {', '.join(tool.properties)}")
    for name, value in arguments.items():
        wanted = tool.properties.get(name)
        if wanted is None:
            takes = ", ".join(tool.properties)
            raise UserError(f"{tool.name} takes no {name!r:.80}", f"it takes {takes}")
        if not _fits(value, wanted):
            raise UserError(f"{tool.name}: {name} is no such value: {value!r:.80}", _told(wanted))


def _fits(value: Any, wanted: Mapping[str, Any]) -> bool:
    if wanted["type"] == "integer":
        return (
            type(value) is int
            and wanted["minimum"] <= value <= wanted.get("maximum", 10**9)
        )  # fmt: skip
    if wanted["type"] == "object":
        return isinstance(value, dict) and all(
            isinstance(x, str) and len(x) <= _LONGEST and _sayable(x)
            for pair in value.items()
            for x in pair
        )
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and _sayable(value)


def _sayable(text: str) -> bool:
    """Return whether a text can be written as UTF-8; JSON can hold half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(wanted: Mapping[str, Any]) -> str:
    if wanted["type"] == "integer":
        return f"a whole number from {wanted['minimum']} to {wanted.get('maximum', 10**9)}"
    if wanted["type"] == "object":
        return "names and values are texts"
    return f"a text of 1 to {_LONGEST:,} characters"
