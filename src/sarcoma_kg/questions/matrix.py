"""The evidence matrix: diseases by therapies, in each cell what is claimed, and with which status.

A cell without a claim is a finding too: it stays, and is empty.
"""

import html
from collections.abc import Sequence
from typing import NamedTuple

from sarcoma_kg.questions import agreement
from sarcoma_kg.questions.claims import NO_STATUS, Claim

__all__ = ["LEGEND", "MARKS", "Cell", "Matrix", "matrix"]

#: What is claimed, by the direction of the claims, and the colour of the cell.
_COLOURS = {
    "supports": "#cfe8cf", "mixed": "#fbe8b6", "does not support": "#e3e3e3",
    "no benefit": "#e3e3e3", "": "#ffffff",
}  # fmt: skip
#: A letter beside the count, so that colour alone tells nothing.
MARKS = {
    "externally disputed": "D", "externally qualified": "Q", "uncited": "u", NO_STATUS: "?",
    "cited, unsupported": "x",
}  # fmt: skip
LEGEND = (
    "number of claims, then: D externally disputed, Q externally qualified, x cited references do "
    "not support it, u uncited, ? not assessed, A approval stated, - some claim is mixed or "
    "negative; by rule, database records: R agree, N disagree, r differ in context (no dispute); "
    "no row of this table is medical advice"
)


class Cell(NamedTuple):
    """The claims about a disease and a therapy; those disputed first."""

    claims: tuple[Claim, ...]

    @property
    def text(self) -> str:
        """The number of claims and the marks of their status; empty without a claim."""
        if not self.claims:
            return ""
        held = {status for claim in self.claims for status in claim.status or [NO_STATUS]}
        marks = "".join(mark for status, mark in MARKS.items() if status in held)
        approved = any("approval" in text for claim in self.claims for text in claim.standing)
        negative = any(c.direction not in ("supports", "not applicable", "") for c in self.claims)
        said = {b.verdict for claim in self.claims for b in claim.agreement}
        records = "".join(mark for verdict, mark in agreement.MARKS.items() if verdict in said)
        return f"{len(self.claims)} {marks}{'A' * approved}{'-' * negative}{records}".strip()

    @property
    def told(self) -> str:
        """Each claim with its status, for a list or a hint."""
        return "\n".join(
            f"{c.id} [{c.state}] {c.paraphrase} (records: {agreement.told(c.agreement)})"
            for c in self.claims
        )

    @property
    def colour(self) -> str:
        """The colour for the least favourable direction of its claims."""
        found = {claim.direction for claim in self.claims}
        worst = next((d for d in ("no benefit", "does not support", "mixed") if d in found), "")
        return _COLOURS[worst or ("supports" if self.claims else "")]


class Matrix(NamedTuple):
    """Diseases (rows) by therapies (columns); `cells` has a row for each disease."""

    diseases: tuple[str, ...]
    therapies: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def rows(self) -> list[list[str]]:
        """Return the table as text: the first column names the disease."""
        return [
            [disease, *(cell.text for cell in row)]
            for disease, row in zip(self.diseases, self.cells, strict=True)
        ]

    def html(self) -> str:
        """Return a table of HTML that stands alone; each cell lists its claims on hovering."""
        head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in self.therapies)
        body = []
        for disease, row in zip(self.diseases, self.cells, strict=True):
            cells = "".join(
                f'<td style="background:{cell.colour}" title="{html.escape(cell.told)}">'
                f"{html.escape(cell.text)}</td>"
                for cell in row
            )
            body.append(f"<tr><th scope='row'>{html.escape(disease)}</th>{cells}</tr>\n")
        return (
            "<table><caption>What is claimed, and with which status: "
            f"{html.escape(LEGEND)}</caption>\n<thead><tr><td></td>{head}</tr></thead>\n"
            f"<tbody>\n{''.join(body)}</tbody></table>\n"
        )

    def _repr_html_(self) -> str:
        """Return the table, for notebooks."""
        return self.html()

    def svg(self) -> str:
        """Return a picture of the table: a square a cell, with its marks."""
        side, left, top = 34, 270, 190
        wide, high = left + side * len(self.therapies) + 120, top + side * len(self.diseases) + 60
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" '
            'font-family="sans-serif" font-size="11">',
            f"<title>Diseases by therapies</title><desc>{html.escape(LEGEND)}</desc>",
            f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        ]
        for at, name in enumerate(self.therapies):
            x = left + side * at + side // 2
            parts.append(
                f'<text x="{x}" y="{top - 6}" transform="rotate(-55 {x} {top - 6})">'
                f"{_picture(name, 34)}</text>"
            )
        for line, (name, row) in enumerate(zip(self.diseases, self.cells, strict=True)):
            y = top + side * line
            parts.append(
                f'<text x="{left - 6}" y="{y + 21}" text-anchor="end">{_picture(name, 44)}</text>'
            )
            for at, cell in enumerate(row):
                x = left + side * at
                parts.append(
                    f'<g><title>{_picture(cell.told, 4000)}</title><rect x="{x}" y="{y}" '
                    f'width="{side}" height="{side}" fill="{cell.colour}" stroke="#999"/>'
                    f'<text x="{x + side // 2}" y="{y + 21}" text-anchor="middle" font-size="9">'
                    f"{_picture(cell.text, 12)}</text></g>"
                )
        parts.append(f'<text x="8" y="{high - 20}" font-size="10">{_picture(LEGEND, 400)}</text>')
        return "\n".join([*parts, "</svg>", ""])


def _picture(text: str, most: int) -> str:
    """Return a text for XML, which holds no control characters, cut where it is long."""
    plain = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    return html.escape(plain if len(plain) <= most else plain[: most - 1] + "…")


def matrix(claims: Sequence[Claim], diseases: Sequence[str] = ()) -> Matrix:
    """Return the matrix of those claims that name a disease and a therapy.

    Args:
        claims: The claims.
        diseases: Labels of the rows; those that the claims name when empty. A disease without
            any claim is a row of empty cells.
    """
    held: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        for disease in claim.diseases:
            for therapy in claim.therapies:
                held.setdefault((disease, therapy), []).append(claim)
    rows = tuple(diseases) or tuple(sorted({disease for disease, _ in held}))
    columns = tuple(sorted({therapy for disease, therapy in held if disease in rows}))
    return Matrix(
        rows,
        columns,
        tuple(
            tuple(
                Cell(tuple(sorted(held.get((row, column), ()), key=lambda c: c.rank)))
                for column in columns
            )
            for row in rows
        ),
    )
