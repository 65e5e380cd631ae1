"""Several values in one cell of an answer: in one order, whichever an engine found first."""

from collections.abc import Iterable

from sarcoma_kg.stores.store import Solutions

__all__ = ["JOINT", "NO_STATUS", "gravity", "ordered"]

#: What joins several values in a cell.
JOINT = " | "
#: What is shown where no rule gives a status: some citation has no verdict yet.
NO_STATUS = "not assessed"
#: The gravest status first.
_STATUSES = (
    "externally disputed", "externally qualified", "cited, unsupported", "uncited", NO_STATUS,
    "cited, plausibly related", "cited, supported", "externally corroborated",
)  # fmt: skip


def gravity(status: str) -> int:
    """Return the place of a status, the gravest first."""
    return _STATUSES.index(status) if status in _STATUSES else len(_STATUSES)


def ordered(answer: Solutions) -> Solutions:
    """Return an answer with the values of each cell sorted; statuses with the gravest first."""
    rows = [
        tuple(
            term._replace(value=JOINT.join(_sorted(term.value.split(JOINT))))
            if term and term.kind == "literal" and JOINT in term.value
            else term
            for term in row
        )
        for row in answer.rows
    ]
    return Solutions(answer.variables, rows)


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted(values, key=lambda value: (gravity(value), value))
