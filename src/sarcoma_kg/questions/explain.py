"""The provenance of an answer: under each row, the claims behind it and what is known of them."""

from collections.abc import Iterable, Mapping

from sarcoma_kg.questions import claims
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.stores.store import Solutions, Store

__all__ = ["NO_CLAIM", "NO_ROW", "behind", "claims_of_row", "render"]

NO_CLAIM = "no single claim: the row rests on the ontology, its mappings or a list"
NO_ROW = "no row: no claim matches, which is not a claim of no effect"


def behind(store: Store, answer: Solutions) -> dict[str, Claim]:
    """Return the claims that an answer names, by identifier."""
    ids = claims.named(cell for row in answer.dicts() for cell in row.values())
    return {claim.id: claim for claim in claims.read(store, ids=ids)}


def claims_of_row(cells: Iterable[str], known: Mapping[str, Claim]) -> list[Claim]:
    """Return the known claims that the cells of a row name, each once, in order."""
    return [known[i] for i in claims.named(cells) if i in known]


def render(answer: Solutions, known: Mapping[str, Claim], width: int = 100) -> str:
    """Return the answer as text, each row followed by the claims behind it."""
    lines: list[str] = []
    for number, row in enumerate(answer.dicts(), 1):
        filled = "; ".join(f"{name}: {value}" for name, value in row.items() if value)
        mark = f"[{number}] "
        lines += claims.wrapped([(mark, filled)], width, "", len(mark))
        found = claims_of_row(row.values(), known)
        lines += [claims.full(claim, width, "    ") for claim in found] or [f"    {NO_CLAIM}"]
        lines.append("")
    return "\n".join(lines) if lines else f"{NO_ROW}\n"
