"""What authorities and developers did about a therapy: approvals, what ended them, what ended it.

Which kinds approve or end a thing the kinds say themselves: `skg:approvalAfter` and
`skg:endsDevelopment` (docs/evidence.md).
"""

from typing import NamedTuple

from sarcoma_kg.pages.facts import Facts, Ref

__all__ = ["Event", "Events"]


class Event(NamedTuple):
    """A regulatory or development event.

    Attributes:
        evidence: The item that tells of it.
        kind: What happened.
        date: As it is known; may be empty.
        statement: What happened, in a sentence.
        check: Whether somebody read a source, as it is called.
        checked: Whether somebody did.
        approves: Whether the product is approved after it; None when it says nothing of that.
        ends: Whether it ended an approval, a product or its development.
        stands: Whether it is an approval that nothing checked has ended.
        therapies: What it concerns.
        diseases: In which diseases; in all when empty.
        sources: Where it was read.
    """

    evidence: Ref
    kind: Ref
    date: str
    statement: str
    check: list[Ref]
    checked: bool
    approves: bool | None
    ends: bool
    stands: bool
    therapies: tuple[str, ...]
    diseases: tuple[str, ...]
    sources: list[Ref]


class Events:
    """All events of a graph, the last first.

    Args:
        facts: The graph.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        found = [
            self._event(iri, kind)
            for curie in ("skg:regulatoryEventKind", "skg:developmentEventKind")
            for iri, kind in self._kinds(curie)
        ]
        self.all = sorted(found, key=lambda e: (e.date, e.evidence.iri), reverse=True)
        self._of: dict[str, list[Event]] = {}
        self._in: dict[str, list[Event]] = {}
        for event in self.all:
            for therapy in event.therapies:
                self._of.setdefault(therapy, []).append(event)
            for disease in event.diseases:
                self._in.setdefault(disease, []).append(event)

    def _kinds(self, curie: str) -> list[tuple[str, Ref]]:
        # A part of an event tells of the same event again.
        return [
            (iri, kind)
            for iri in self.facts.having(curie)
            if not self.facts.values(iri, "skg:componentOf")
            for kind in self.facts.refs(iri, curie)[:1]
        ]

    def _event(self, iri: str, kind: Ref) -> Event:
        facts = self.facts
        after = facts.text(kind.iri, "skg:approvalAfter")
        return Event(
            evidence=facts.ref(iri),
            kind=kind,
            date=facts.text(iri, "skg:dateAsKnown"),
            statement=facts.text(iri, "skg:statement"),
            check=facts.refs(iri, "skg:checkStatus"),
            checked=self.checked(iri),
            approves={"true": True, "false": False}.get(after),
            ends=after == "false" or facts.text(kind.iri, "skg:endsDevelopment") == "true",
            stands=after == "true" and self.checked(iri) and not self._ended(iri),
            therapies=tuple(ref.iri for ref in facts.refs(iri, "skg:concernsTherapy")),
            diseases=tuple(ref.iri for ref in facts.refs(iri, "skg:concernsDisease")),
            sources=facts.refs(iri, "dcterms:source"),
        )

    def checked(self, iri: str) -> bool:
        """Return whether somebody read a source of the item."""
        return any(ref.iri.endswith("/Checked") for ref in self.facts.refs(iri, "skg:checkStatus"))

    def _ended(self, approval: str) -> bool:
        """Return whether a checked event ended an approval, or the one that it changed."""
        first = [approval, *(r.iri for r in self.facts.refs(approval, "skg:changesStandingOf"))]
        return any(
            self.checked(later)
            and any(
                self.facts.text(kind.iri, "skg:approvalAfter") == "false"
                for kind in self.facts.refs(later, "skg:regulatoryEventKind")
            )
            for one in first
            for later in self.facts.pointing(one, "skg:changesStandingOf")
        )

    def of(self, therapy: str) -> list[Event]:
        """Return the events of a therapy, the last first."""
        return self._of.get(therapy, [])

    def inside(self, disease: str) -> list[Event]:
        """Return the events in a disease, the last first."""
        return self._in.get(disease, [])

    def bearing(self, therapy: str, disease: str) -> list[Event]:
        """Return the events of a therapy in a disease, in one that holds it, or in all.

        Args:
            therapy: The therapy.
            disease: The disease; every disease when empty.
        """
        if not disease or not (events := self.of(therapy)):
            return self.of(therapy)
        wider = {disease, *(ref.iri for ref in self.facts.refs(disease, "skg:rollsUpTo"))}
        return [event for event in events if not event.diseases or wider & {*event.diseases}]
