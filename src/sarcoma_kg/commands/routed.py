"""A sentence after `ask` or `explain`: the question that it leads to, told before the answer."""

from collections.abc import Sequence
from typing import Any

from sarcoma_kg.commands import console, looking
from sarcoma_kg.commands.arguments import corrected
from sarcoma_kg.commands.asked import Asked
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions.catalog import Question

__all__ = ["asked", "command"]


def asked(store: Any, questions: Sequence[Question], words: str, name: str) -> Asked | None:
    """Return the question that a sentence leads to; None where the words name a thing.

    Args:
        store: The graph.
        questions: The packaged questions.
        words: What was typed after the command.
        name: The command, for hints.

    Raises:
        UserError: neither; with the nearest questions and names.
    """
    from sarcoma_kg.terms import lookup, things

    try:
        things.find(store, words)
    except lookup.NotFound:
        pass
    else:
        return None
    if len(words.split()) < 3:  # no sentence, but a name with a mistake in it
        return None
    from sarcoma_kg.questions import routing

    route = routing.Router(store, questions).route(words)
    if route.question is None:
        _refuse(store, questions, words, name, route)
        return None
    given = {p: v for p, v in route.values.items() if p not in route.assumed}
    again = command(store, name, route.question, given)
    console.say(f"taken as {again}\n  {routing.DISCLOSURE}")
    return Asked(route.question, given, "")


def command(store: Any, name: str, question: Question, given: dict[str, str]) -> str:
    """Return the command that asks a question for values that are terms."""
    from sarcoma_kg.questions import routing

    told = routing.labels(store, question, given)
    words = [
        w for p in question.parameters if p.name in told for w in (f"--{p.option}", told[p.name])
    ]
    return corrected(name, question.id, *words)


def _refuse(store: Any, questions: Sequence[Question], words: str, name: str, route: Any) -> None:
    """Raise what tells the questions that are nearest, where the words may be a sentence."""
    near = [
        f"perhaps {command(store, name, q, route.near[q.id])}: {q.summary}" for q in route.nearest
    ]
    try:
        looking.find(store, questions, words, name)
    except UserError as error:
        hint = "\n  ".join(dict.fromkeys([*near, *error.hint.split("\n  ")]))
        raise UserError(f"{error.message}, and {route.why}", hint) from error
