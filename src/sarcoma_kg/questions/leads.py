"""Where to go on from a thing of the graph: the commands to type, and how many rows each has."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from sarcoma_kg.questions.catalog import DATE, Question
from sarcoma_kg.stores.store import Store

__all__ = ["Lead", "leads", "typed"]


class Lead(NamedTuple):
    """A command, the number of rows that it answers with (None: no table), and what it tells."""

    command: str
    rows: int | None
    tells: str


def typed(*words: str) -> str:
    """Return the command as it may be typed in any shell."""
    plain = (w if re.fullmatch(r"[\w.:/=+-]+(?: [\w.:/+][\w.:/+-]*)*", w) else shlex.quote(w)
             for w in words)  # fmt: skip
    return " ".join(["sarcoma-kg", *plain])


def leads(
    store: Store, questions: Sequence[Question], kind: str, iri: str, name: str
) -> list[Lead]:
    """Return the questions that take a thing as their parameter, those with rows alone.

    Args:
        store: The graph.
        questions: The packaged questions.
        kind: What the thing is, as `lookup.kind_of` gives it.
        iri: The thing.
        name: What it is called.
    """
    found = []
    for question in questions:
        parameter = next((p for p in question.parameters if p.kind == kind), None)
        if parameter is None:
            continue
        rows = len(store.select(question.query({parameter.name: iri})).rows)
        if rows:
            # One parameter beside days needs no name.
            alone = [p for p in question.parameters if p.kind != DATE] == [parameter]
            words = [name] if alone else [f"--{parameter.option}", name]
            found.append(Lead(typed("ask", question.id, *words), rows, question.summary))
    return found
