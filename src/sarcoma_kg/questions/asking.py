"""From a packaged question and what people type for its parameters to the query."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import values
from sarcoma_kg.questions.catalog import AS_OF, DATE, Parameter, Question
from sarcoma_kg.stores.store import Solutions, Store

if TYPE_CHECKING:
    from datetime import date

__all__ = ["answer", "days", "is_day", "query_for", "title", "values_for"]


def answer(store: Store, query: str) -> Solutions:
    """Answer the query of a packaged question; values that a cell joins stand in one order."""
    return values.ordered(store.select(query))


def query_for(store: Store, question: Question, typed: "Mapping[str, str | date]") -> str:
    """Return the SPARQL text of a question.

    Args:
        store: Where the names of terms are looked up.
        question: The question.
        typed: Parameter name -> label, synonym, IRI, CURIE or NCIt code; of a date a day, as
            YYYY-MM-DD or a `datetime.date`.

    Raises:
        UserError: the question has no such parameter, the store no such term, or it is no day.
    """
    return question.query(values_for(store, question, typed))


def values_for(
    store: Store, question: Question, typed: "Mapping[str, str | date]"
) -> dict[str, str]:
    """Return the IRI, or the day, that is meant for each parameter; arguments as of `query_for`."""
    given: dict[str, str] = {}
    for name, words in typed.items():
        parameter = question.parameter(name)
        if parameter is None:
            takes = ", ".join(f"--{p.option} ({p.kind})" for p in question.parameters) or "none"
            raise UserError(f"{question.id} takes no --{name}", f"parameters: {takes}")
        if parameter.name in given:
            raise UserError(f"--{parameter.option} is given twice", "leave one of them out")
        given[parameter.name] = _value(store, parameter, str(words))
    return given


def _value(store: Store, parameter: Parameter, words: str) -> str:
    if parameter.kind != DATE:
        from sarcoma_kg.terms import lookup

        return lookup.resolve(store, words, parameter.kind)
    day = words.strip()
    if not is_day(day):
        shown = day if len(day) <= 80 else day[:79] + "…"
        raise UserError(
            f"--{parameter.option}: '{shown}' is no day",
            f"a day of the calendar as YYYY-MM-DD, such as {parameter.default}",
        )
    return day


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar as YYYY-MM-DD."""
    try:
        Parameter("", DATE, "").term(text)
    except ValueError:
        return False
    return True


def days(question: Question, typed: "Mapping[str, str | date]") -> dict[str, str]:
    """Return the days that a question is asked for, by parameter, for people."""
    given = {p.name: str(v).strip() for n, v in typed.items() if (p := question.parameter(n))}
    told = {}
    for p in question.parameters:
        if p.kind == DATE:
            default = "the default: version of the data" if p.name == AS_OF else "the default"
            told[p.name] = given.get(p.name) or f"{p.default} ({default})"
    return told


def title(question: Question, typed: "Mapping[str, str | date]") -> str:
    """Return what is asked, in one line: the question, and the days that it is asked for."""
    asked = "; ".join(f"{name}: {day}" for name, day in days(question, typed).items())
    return f"{question.id}: {question.summary}" + (f" [{asked}]" if asked else "")
