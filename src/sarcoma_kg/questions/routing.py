"""From a sentence to a packaged question and all its parameters, or to the nearest questions.

It routes and does not understand: names are those of the term index, and the question is the one
whose wordings (`queries/routing/`) have most words in common with the rest of the sentence. A word
that no wording of the question has counts against it, so that what the questions do not answer is
refused. No name is guessed: one that the graph does not have is such a word.
"""

import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions.catalog import DATE, Question
from sarcoma_kg.questions.sentence import Mention, Names, Token, tokens
from sarcoma_kg.questions.wordings import STOP, Feature, Wordings, rows_of, slot
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["DISCLOSURE", "Route", "Router", "labels"]

#: What people must know of a routed answer.
DISCLOSURE = (
    "The question was found by the words of the sentence; the sentence was not understood. Read "
    "which question was answered, and for what."
)
#: A question is answered from this score on, of 1, and by so much before the next.
_LEAST, _AHEAD = 0.55, 0.08
_NEAREST = 3
#: Characters and words that a sentence may have.
_LONGEST, _MOST = 1000, 80
#: Who names no disease where these are the default asks for all of them.
_ROOTS = tuple(namespaces.SKG + name for name in ("Sarcoma", "MesenchymalNeoplasm", "Neoplasm"))
#: What the score of a question is multiplied by for want of a name that it needs.
_WANTING = 0.8


class Route(NamedTuple):
    """Where a sentence leads.

    Attributes:
        question: The question that is answered; None where none is.
        values: Every parameter of it: an IRI, or a day as YYYY-MM-DD.
        assumed: The parameters that the sentence does not name and that have their default.
        nearest: The questions whose wordings are nearest, the best first.
        why: Why none is answered; empty where one is.
        near: Values for parameters of the nearest questions, as far as the sentence names them.
    """

    question: Question | None
    values: dict[str, str]
    assumed: tuple[str, ...]
    nearest: tuple[Question, ...]
    why: str
    near: dict[str, dict[str, str]]


class _Filled(NamedTuple):
    """What the sentence gives a question: values, the tokens that they are, what is amiss."""

    values: dict[str, str]
    used: frozenset[int]
    amiss: str


def labels(store: Store, question: Question, values: Mapping[str, str]) -> dict[str, str]:
    """Return values of parameters as people write them: a name that means the term, or a day."""
    told = {}
    for p in question.parameters:
        if (value := values.get(p.name)) is None:
            continue
        known = [] if p.kind == DATE else lookup.names(store, p.kind)
        named = sorted((n.rank, n.text) for n in known if n.iri == value)
        told[p.name] = named[0][1] if named else namespaces.contract(value)
    return told


class Router:
    """Finds the question that a sentence means; made once for a graph and many sentences."""

    def __init__(self, store: Store, questions: Sequence[Question]) -> None:
        self._store, self._questions = store, list(questions)

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings(self._questions)

    @cached_property
    def _names(self) -> Names:
        kinds = {p.kind for q in self._questions for p in q.parameters if p.kind != DATE}
        rows = [(k, namespaces.expand(t) or "", words) for k, t, words in rows_of("names.tsv")]
        extra = [
            (k, iri, w.strip()) for k, iri, words in rows if k != STOP for w in words.split(";")
        ]
        return Names(self._store, sorted(kinds), extra, {iri for k, iri, _ in rows if k == STOP})

    def route(self, sentence: str) -> Route:
        """Return the question and all its parameters, or the nearest questions.

        Raises:
            UserError: the sentence is empty or too long.
        """
        words = tokens(sentence[: _LONGEST + 1])
        if len(sentence) > _LONGEST or len(words) > _MOST:
            raise UserError("the sentence is too long", f"at most {_MOST} words")
        if not words:
            raise UserError("the sentence is empty", "such as: which drugs help in GIST")
        mentions = self._names.mentions(words, hardly=self._wordings.means)
        scored: list[tuple[float, Question, _Filled]] = []
        for question in self._questions:
            filled = self._filled(question, words, mentions)
            features = self._features(question, words, mentions, filled)
            score = self._wordings.score(question.id, features)
            if filled.amiss:
                score *= _WANTING
            scored.append((score, question, filled))
        unnamed = [t for at, t in enumerate(words) if not any(at in m.at for m in mentions)]
        refused = self._wordings.refused(self._wordings.features(unnamed))
        scored.sort(key=lambda s: (-s[0], s[1].id))
        return self._chosen(words, scored, refused)

    def _chosen(
        self,
        words: Sequence[Token],
        scored: Sequence[tuple[float, Question, _Filled]],
        refused: float,
    ) -> Route:
        (score, question, filled), (next_score, *_) = scored[0], scored[1]
        near = tuple(q for s, q, _ in scored[:_NEAREST] if s > 0)
        known = {q.id: f.values for _, q, f in scored[:_NEAREST]}
        why = ""
        if len(words) < 2:
            why = "one word is no question"
        elif score < _LEAST:
            why = "no question has these words"
        elif refused >= score:
            why = "this is nothing that the questions answer"
        elif filled.amiss:
            why = filled.amiss
        elif score - next_score < _AHEAD:
            why = "several questions are as near"
        if why:
            return Route(None, {}, (), near, why, known)
        assumed = [p for p in question.parameters if p.name not in filled.values]
        values = {p.name: filled.values.get(p.name, p.default) for p in question.parameters}
        return Route(question, values, tuple(p.name for p in assumed), near, "", known)

    def _features(
        self, question: Question, words: Sequence[Token], mentions: Sequence[Mention],
        filled: _Filled,
    ) -> list[Feature]:  # fmt: skip
        """Return what counts for a question: the values it is given, and the other words.

        A name that it does not take speaks against it, unless its wordings have the same words;
        then it says nothing, since a name is no wording.
        """
        rest = [t for at, t in enumerate(words) if at not in filled.used]
        names = {words[at].folded for mention in mentions for at in mention.at}
        found = self._wordings.features(rest, names)
        for mention in mentions:
            if mention.kind != DATE and not mention.at & filled.used:
                inside = self._wordings.features([words[at] for at in sorted(mention.at)], names)
                plain = {f for f in inside if min(f).startswith("=")}
                if self._wordings.has(question.id, inside):
                    found = [f for f in found if f not in plain]
        given = [p for p in question.parameters if p.kind != DATE and p.name in filled.values]
        return found + list(map(slot, given))

    def _filled(
        self, question: Question, words: Sequence[Token], mentions: Sequence[Mention]
    ) -> _Filled:
        """Return what the sentence names for the parameters of a question."""
        values: dict[str, str] = {}
        used: set[int] = set()
        amiss = []
        named = [p for p in question.parameters if p.kind != DATE]
        for p in question.parameters:
            if p.kind == DATE:
                days = {m.iris[0]: m for m in mentions if m.kind == DATE}
                if len(days) == 1:
                    ((day, mention),) = days.items()
                    values[p.name] = day
                    used |= mention.at
                elif days:
                    amiss.append("the sentence names several days")
        chosen = self._apart(question, [p.kind for p in named], words, mentions)
        for p in named:
            found = chosen[p.kind]
            iris = {iri for mention in found for iri in mention.iris}
            if len(iris) == 1:
                values[p.name] = iris.pop()
                used |= {at for mention in found for at in mention.at}
            elif iris:
                used |= {at for mention in found for at in mention.at}
                many = ", ".join(sorted(map(namespaces.contract, iris)))
                amiss.append(
                    f"{question.id} asks of one {p.kind.lower()}, and these are named: {many}"
                )
            elif p.default not in _ROOTS:
                amiss.append(f"{question.id} asks of one {p.kind.lower()}, and none is named")
        return _Filled(values, frozenset(used), "; ".join(amiss))

    def _apart(
        self,
        question: Question,
        kinds: Sequence[str],
        words: Sequence[Token],
        mentions: Sequence[Mention],
    ) -> dict[str, list[Mention]]:
        """Return the mentions for each kind, so that no word is part of two of them."""
        best: dict[str, list[Mention]] = {kind: [] for kind in kinds}
        for order in itertools.permutations(kinds):
            taken: set[int] = set()
            found: dict[str, list[Mention]] = {}
            for kind in order:
                of_kind = [m for m in mentions if m.kind == kind]
                free = [m for m in of_kind if not m.at & taken]
                if taken and len(free) < len(of_kind):
                    left = [t for at, t in enumerate(words) if at not in taken]
                    places = [at for at in range(len(words)) if at not in taken]
                    again = self._names.mentions(left, hardly=self._wordings.means, kinds=(kind,))
                    free = [m._replace(at=frozenset(places[i] for i in m.at)) for m in again]
                found[kind] = self._told(question, free, words)
                taken |= {at for m in found[kind] for at in m.at}
            if sum(map(bool, found.values())) > sum(map(bool, best.values())):
                best = found
        return best

    def _told(
        self, question: Question, mentions: list[Mention], words: Sequence[Token]
    ) -> list[Mention]:
        """Leave out, where several are named, what is a word of the question or a whole tree."""
        if len({m.iris for m in mentions}) < 2:
            return mentions
        kept = [m for m in mentions if m.iris[0] not in _ROOTS]
        telling = [
            m
            for m in kept
            if not self._wordings.has(
                question.id, self._wordings.features([words[at] for at in sorted(m.at)])
            )
        ]
        return telling or kept or mentions
