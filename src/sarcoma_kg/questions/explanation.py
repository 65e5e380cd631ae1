"""An answer with the claims and the evidence behind each row, for Python and notebooks."""

import html
from typing import TYPE_CHECKING

from sarcoma_kg.questions.answer import Answer
from sarcoma_kg.stores.store import Solutions

if TYPE_CHECKING:
    from sarcoma_kg.questions.claims import Claim
    from sarcoma_kg.questions.explain import Behind, Found

__all__ = ["Explanation"]


class Explanation:
    """An answer with the claims and the evidence behind each row.

    Attributes:
        answer: The answer.
        claims: What is known of each claim, by its identifier.
        evidence: What is known of each piece of evidence, by its identifier.
    """

    def __init__(self, answer: Answer, solutions: Solutions, known: "Behind"):
        self.answer, self.claims, self.evidence = answer, known.claims, known.evidence
        self._solutions, self._known = solutions, known

    def behind(self, row: int) -> "list[Claim]":
        """Return the claims behind a row; empty when it rests on the ontology or a mapping."""
        return self._known.claims_of(self._row(row).values())

    def evidence_behind(self, row: int) -> "list[Found]":
        """Return the evidence, and the records of databases, that a row names."""
        return self._known.evidence_of(self._row(row))

    def _row(self, row: int) -> dict[str, str]:
        (found,) = Solutions(self._solutions.variables, [self._solutions.rows[row]]).dicts()
        return found

    def __repr__(self) -> str:
        """Return rows and claims as text."""
        from sarcoma_kg.questions import explain

        return explain.render(self._solutions, self._known)

    def _repr_html_(self) -> str:
        """Return rows and claims as HTML, for notebooks."""
        from sarcoma_kg.questions import claims, explain

        blocks = []
        for number, row in enumerate(self._solutions.dicts()):
            filled = "; ".join(f"{name}: {value}" for name, value in row.items() if value)
            # What is folded away shows nothing of a status.
            states = "".join(f" [{c.id}: {c.state}]" for c in self.behind(number))
            inner = "".join(
                f"<pre>{html.escape(text)}</pre>"
                for text in (
                    *map(claims.full, self.behind(number)),
                    *map(explain.told, self.evidence_behind(number)),
                )
            )
            blocks.append(
                f"<details><summary>{html.escape(filled + states)}</summary>{inner}</details>"
            )
        return f"<p>{html.escape(self.answer.title)}</p>{''.join(blocks)}"
