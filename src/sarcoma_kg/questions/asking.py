"""From a packaged question and what people type for its parameters to the query."""

from collections.abc import Mapping

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.stores.store import Store

__all__ = ["query_for"]


def query_for(store: Store, question: Question, typed: Mapping[str, str]) -> str:
    """Return the SPARQL text of a question.

    Args:
        store: Where the names of terms are looked up.
        question: The question.
        typed: Parameter name -> label, synonym, IRI, CURIE or NCIt code.

    Raises:
        UserError: the question has no such parameter, or the store no such term.
    """
    values = {}
    for name, words in typed.items():
        parameter = next((p for p in question.parameters if p.name == name), None)
        if parameter is None:
            takes = ", ".join(f"--{p.name} ({p.kind})" for p in question.parameters) or "none"
            raise UserError(f"{question.id} takes no --{name}", f"parameters: {takes}")
        from sarcoma_kg.terms import lookup

        values[name] = lookup.resolve(store, words, parameter.kind)
    return question.query(values)
