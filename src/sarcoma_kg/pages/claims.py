"""The claims of a graph, as rows of a table and by the terms that they are about."""

from typing import Any

from sarcoma_kg.pages.facts import Facts, Ref, named

__all__ = ["ABOUT", "Claims"]

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


class Claims:
    """The claims of a graph.

    Args:
        facts: The graph.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._rows: dict[str, dict[str, Any]] = {}
        self._about: dict[str, dict[str, list[str]]] = {}
        has = named("skg:hasProposition")
        self.all = [
            iri for iri in facts.subjects() if any(f.predicate == has for f in facts.about(iri))
        ]
        for claim in self.all:
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

    def row(self, claim: str) -> dict[str, Any]:
        """Return what a table says of a claim."""
        if claim not in self._rows:
            facts = self.facts
            start, end = self.span(claim)
            self._rows[claim] = {
                "claim": facts.ref(claim),
                "paraphrase": facts.text(claim, "skg:paraphrase"),
                "direction": facts.refs(claim, "skg:direction"),
                "strength": facts.refs(claim, "skg:wordingStrength"),
                "source": facts.refs(claim, "prov:hadPrimarySource"),
                "short": [
                    Ref(s.iri, facts.text(s.iri, "dcterms:identifier") or s.label)
                    for s in facts.refs(claim, "prov:hadPrimarySource")
                ],
                "section": facts.text(claim, "skg:section"),
                "start": start,
                "end": end,
                "status": facts.refs(claim, "skg:evidenceStatus"),
            }
        return self._rows[claim]

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

    def about(self, term: str) -> list[dict[str, Any]]:
        """Return the rows of the claims that name a term, with the role of the term in each."""
        return [
            {**self.row(claim), "roles": [self.facts.ref(role) for role in roles]}
            for claim, roles in sorted(self._about.get(term, {}).items())
        ]

    def below(self, term: str) -> list[dict[str, Any]]:
        """Return the rows of the claims that name a narrower term, but not the term itself."""
        direct = self._about.get(term, {})
        found: dict[str, set[str]] = {}
        for narrower in self.facts.pointing(term, "skg:rollsUpTo"):
            if narrower != term:
                for claim in self._about.get(narrower, ()):
                    if claim not in direct:
                        found.setdefault(claim, set()).add(narrower)
        return [
            {**self.row(claim), "roles": [self.facts.ref(iri) for iri in sorted(terms)]}
            for claim, terms in sorted(found.items())
        ]
