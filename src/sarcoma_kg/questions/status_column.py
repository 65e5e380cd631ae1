"""The status of the claims that a row of an answer names, in a column of its own."""

from collections.abc import Sequence

from sarcoma_kg.questions import claims
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["with_status"]

#: What joins several values in a cell.
_JOINT = " | "


def with_status(
    store: Store, answer: Solutions
) -> tuple[list[str], Sequence[tuple[Term | str | None, ...]]]:
    """Return columns and rows of an answer, with the status of claims where it does not tell it.

    The column is called `status`, or `claimStatus` where the answer has one of that name.

    Args:
        store: The graph that gave the answer.
        answer: The answer.
    """
    kept = {"status", "claimStatus"}  # the graver first
    answered = [
        tuple(
            term if name in kept else _in_order(term)
            for name, term in zip(answer.variables, row, strict=True)
        )
        for row in answer.rows
    ]
    rows = [[term.value if term else "" for term in row] for row in answered]
    named = [claims.named(row) for row in rows]
    states = claims.states(store, list(dict.fromkeys(i for ids in named for i in ids)))
    told = []
    for ids in named:
        known = [i for i in ids if i in states]
        each = [f"{i}: {'; '.join(states[i])}" for i in known]
        told.append(_JOINT.join(states[known[0]] if len(known) == 1 else each))
    own = ["|".join(row).split("|") for row in rows]
    cells = [{cell.strip() for cell in row} for row in own]
    if all(set(told[at].split(_JOINT)) <= {*cells[at], ""} for at in range(len(rows))):
        return answer.variables, answered
    name = "claimStatus" if "status" in answer.variables else "status"
    return [*answer.variables, name], [
        (*row, cell) for row, cell in zip(answered, told, strict=True)
    ]


def _in_order(term: Term | None) -> Term | None:
    """Return a cell with its values in one order; an engine joins them as it finds them."""
    if term is None or term.kind != "literal" or _JOINT not in term.value:
        return term
    return term._replace(value=_JOINT.join(sorted(term.value.split(_JOINT))))
