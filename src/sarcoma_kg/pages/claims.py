"""The claims of a graph, as rows of a table and by the terms that they are about.

What a person sees of a claim comes from `sarcoma_kg.questions.claims`, as at the terminal: status
and order, disputed ones first. Here it gets its links.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sarcoma_kg.pages.events import Event, Events
from sarcoma_kg.pages.facts import Facts, Ref, named
from sarcoma_kg.pages.statements import MOST
from sarcoma_kg.questions.claims import NO_STATUS, Claim, tally

__all__ = ["ABOUT", "Claims", "Others", "Row"]

#: What a claim is about; other properties say how, where and by whom.
ABOUT = tuple(
    named(f"skg:{name}")
    for name in (
        "aboutDisease", "aboutTherapy", "involvesTherapy", "aboutTarget", "involvesTarget",
        "molecularContext",
    )
)  # fmt: skip
_SAME = {
    named("skg:involvesTherapy"): named("skg:aboutTherapy"),
    named("skg:involvesTarget"): named("skg:aboutTarget"),
}
#: What a table says of a claim.
Row = dict[str, Any]
_NO_STATUS = Ref("", NO_STATUS)


class Others(NamedTuple):
    """Claims about other terms: the gravest, and how many more there are."""

    rows: list[Row]
    more: int


class Claims:
    """The claims of a graph.

    Args:
        facts: The graph.
        told: The same claims as people see them.
    """

    def __init__(self, facts: Facts, told: Iterable[Claim] = ()) -> None:
        self.facts = facts
        self.events = Events(facts)
        self.told = {claim.iri: claim for claim in told}
        #: Number of a claim, as people write it -> the claim.
        self.numbered = {claim.id: iri for iri, claim in self.told.items()}
        self._ranks = {iri: claim.rank for iri, claim in self.told.items()}
        self._rows: dict[str, Row] = {}
        self._about: dict[str, dict[str, list[str]]] = {}
        self.all = facts.having("skg:hasProposition")
        self._claims = frozenset(self.all)
        #: Proposition -> the claims that say it.
        self.propositions: dict[str, list[str]] = {}
        for claim in self.all:
            for ref in facts.refs(claim, "skg:hasProposition"):
                self.propositions.setdefault(ref.iri, []).append(claim)
            pairs = [
                (f.predicate, f.value.value)
                for f in facts.about(claim)
                if f.predicate in ABOUT and f.value.kind == "iri"
            ]
            for predicate, term in pairs:
                # What the claim names itself is not told a second time as a component of it.
                if (_SAME.get(predicate), term) in pairs:
                    continue
                roles = self._about.setdefault(term, {}).setdefault(claim, [])
                if predicate not in roles:
                    roles.append(predicate)

    def __contains__(self, iri: object) -> bool:
        """Return whether a thing may not be named without its state: a claim, or what one says."""
        return iri in self._claims or iri in self.propositions

    def row(self, claim: str) -> Row:
        """Return what a table says of a claim."""
        if claim not in self._rows:
            facts = self.facts
            start, end = self.span(claim)
            self._rows[claim] = {
                "claim": facts.ref(claim),
                "status": self.status(claim),
                "ended": self.ended(claim),
                "paraphrase": facts.text(claim, "skg:paraphrase"),
                "direction": facts.refs(claim, "skg:direction"),
                "strength": facts.refs(claim, "skg:wordingStrength"),
                "lines": facts.refs(claim, "skg:line"),
                "source": facts.refs(claim, "prov:hadPrimarySource"),
                "short": [
                    Ref(s.iri, facts.text(s.iri, "dcterms:identifier") or s.label)
                    for s in facts.refs(claim, "prov:hadPrimarySource")
                ],
                "section": facts.text(claim, "skg:section"),
                "start": start,
                "end": end,
            }
        return self._rows[claim]

    def state(self, iri: str) -> Row:
        """Return status and ends of a claim, or of all claims that say a proposition, as a row."""
        if iri in self._claims:
            return self.row(iri)
        rows = [self.row(claim) for claim in self.ordered(self.propositions[iri])]
        ended = {event.evidence.iri: event for row in rows for event in row["ended"]}
        return {
            "status": list(dict.fromkeys(ref for row in rows for ref in row["status"])),
            "ended": list(ended.values()),
        }

    def status(self, claim: str) -> list[Ref]:
        """Return the status of a claim, the gravest first; never empty."""
        found = self.facts.refs(claim, "skg:evidenceStatus")
        if told := self.told.get(claim):
            found.sort(key=lambda ref: told.status.index(ref.label) if ref.label in told.status
                       else len(told.status))  # fmt: skip
        return found or [_NO_STATUS]

    def ended(self, claim: str) -> list[Event]:
        """Return what ended a therapy that a claim is about, or its approval, in its disease."""
        return [event for event in self.standing(claim) if event.ends]

    def standing(self, claim: str) -> list[Event]:
        """Return the events of the therapies of a claim in its disease, checked ones first."""
        facts = self.facts
        diseases = [ref.iri for ref in facts.refs(claim, "skg:aboutDisease")] or [""]
        therapies = facts.refs(claim, "skg:involvesTherapy") or facts.refs(
            claim, "skg:aboutTherapy"
        )
        found = {
            event.evidence.iri: event
            for therapy in therapies
            for disease in diseases
            for event in self.events.bearing(therapy.iri, disease)
        }
        return sorted(
            found.values(), key=lambda e: (e.checked, e.date, e.evidence.iri), reverse=True
        )

    def ordered(self, claims: Iterable[str]) -> list[str]:
        """Return claims with those that are disputed first, then those ended, then by number."""
        return sorted(
            claims,
            key=lambda c: (*self._ranks.get(c, (99, 1, "")), c),
        )

    def disputes(self, claims: Iterable[str]) -> list[Row]:
        """Return what disputes any of these claims, and the rows of those that it disputes."""
        found: dict[str, list[Row]] = {}
        for claim in claims:
            for item in self.facts.pointing(claim, "cito:disputes"):
                found.setdefault(item, []).append(self.row(claim))
        return [
            {
                "evidence": self.facts.ref(item),
                "statement": self.facts.text(item, "skg:statement"),
                "check": self.facts.refs(item, "skg:checkStatus"),
                "rows": rows,
            }
            for item, rows in sorted(found.items())
        ]

    def verdict(self, claims: Iterable[str]) -> str:
        """Return in a line how many claims there are, and in which state; disputes first."""
        return tally([self.told[claim] for claim in claims if claim in self.told])

    def span(self, claim: str) -> tuple[str, str]:
        """Return the first and last character of the sentence in the source; '' when unknown."""
        facts = self.facts
        for target in facts.values(claim, "oa:hasTarget"):
            for selector in facts.values(target.value, "oa:hasSelector"):
                return (
                    facts.text(selector.value, "oa:start"),
                    facts.text(selector.value, "oa:end"),
                )
        return "", ""

    def naming(self, term: str) -> list[str]:
        """Return the claims that name a term."""
        return list(self._about.get(term, ()))

    def count(self, term: str) -> int:
        """Return how many claims name a term or a narrower one."""
        narrower = {term, *self.facts.pointing(term, "skg:rollsUpTo")}
        return len({claim for one in narrower for claim in self._about.get(one, ())})

    def about(self, term: str) -> list[Row]:
        """Return the rows of the claims that name a term, with the role of the term in each."""
        found = self._about.get(term, {})
        return [
            {**self.row(claim), "roles": [self.facts.ref(role) for role in found[claim]]}
            for claim in self.ordered(found)
        ]

    def below(self, term: str) -> Others:
        """Return the claims that name a narrower term, but not the term itself."""
        return self._other(term, self.facts.pointing(term, "skg:rollsUpTo"))

    def above(self, term: str) -> Others:
        """Return the claims that name a broader term, but not the term itself."""
        return self._other(term, [ref.iri for ref in self.facts.refs(term, "skg:rollsUpTo")])

    def _other(self, term: str, terms: Iterable[str]) -> Others:
        direct = self._about.get(term, {})
        found: dict[str, set[str]] = {}
        for other in terms:
            if other != term:
                for claim in self._about.get(other, ()):
                    if claim not in direct:
                        found.setdefault(claim, set()).add(other)
        rows = [
            {**self.row(claim), "roles": [self.facts.ref(iri) for iri in sorted(found[claim])]}
            for claim in self.ordered(found)[:MOST]
        ]
        return Others(rows, len(found) - len(rows))
