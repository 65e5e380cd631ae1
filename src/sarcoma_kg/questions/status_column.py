"""The status of the claims that a row of an answer names, in a column of its own."""

from collections.abc import Sequence

from sarcoma_kg.questions import claims
from sarcoma_kg.questions.values import JOINT
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["with_status"]


def with_status(
    store: Store, answer: Solutions
) -> tuple[list[str], Sequence[tuple[Term | str | None, ...]]]:
    """Return columns and rows of an answer, with the status of claims where it does not tell it.

    The column is called `status`, or `claimStatus` where the answer has one of that name.

    Args:
        store: The graph that gave the answer.
        answer: The answer.
    """
    rows = [[term.value if term else "" for term in row] for row in answer.rows]
    named = [claims.named(row) for row in rows]
    states = claims.states(store, list(dict.fromkeys(i for ids in named for i in ids)))
    told = []
    for ids in named:
        known = [i for i in ids if i in states]
        each = [f"{i}: {'; '.join(states[i])}" for i in known]
        told.append(JOINT.join(states[known[0]] if len(known) == 1 else each))
    own = ["|".join(row).split("|") for row in rows]
    cells = [{cell.strip() for cell in row} for row in own]
    if all(set(told[at].split(JOINT)) <= {*cells[at], ""} for at in range(len(rows))):
        return answer.variables, answer.rows
    name = "claimStatus" if "status" in answer.variables else "status"
    return [*answer.variables, name], [
        (*row, cell) for row, cell in zip(answer.rows, told, strict=True)
    ]
