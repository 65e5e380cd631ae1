"""From a sentence to a packaged question and all its parameters, or to the nearest questions.

It routes and does not understand: names are those of the term index, and the question is the one
whose wordings (`queries/routing/`) have most words in common with the rest of the sentence. A word
that no wording of the question has counts against it, so that what the questions do not answer is
refused. No name is guessed: one that the graph does not have is such a word.
"""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions.catalog import DATE, Parameter, Question
from sarcoma_kg.questions.sentence import Mention, Names, Token, tokens
from sarcoma_kg.stores.store import Store

__all__ = ["DISCLOSURE", "Route", "Router", "Wordings"]

#: What people must know of a routed answer.
DISCLOSURE = (
    "The question was found by the words of the sentence; the sentence was not understood. Read "
    "which question was answered, and for what."
)
#: The question of the wordings of what no question answers.
_NONE = "none"
#: A question is answered from this score on, of 1, and by so much before the next.
_LEAST, _AHEAD = 0.55, 0.08
_NEAREST = 3
#: Characters and words that a sentence may have.
_LONGEST, _MOST = 1000, 80
#: Who names no disease where these are the default asks for all of them.
_ROOTS = tuple(namespaces.SKG + name for name in ("Sarcoma", "Neoplasm"))
#: What the score of a question is multiplied by for want of a name that it needs.
_WANTING = 0.8
#: In the tables: words that say nothing, and what ends like a name.
_STOP, _NAME = "-", "?"

Feature = frozenset[str]


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


def _rows(name: str) -> list[list[str]]:
    path = resources.data_root() / "queries" / "routing" / name
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines if line.strip()]


#: What words end in, the longest first; four letters stay.
_ENDINGS = (
    "ations", "ation", "ingly", "ings", "ing", "ments", "ment", "edly", "ances", "ance",
    "ences", "ence", "ants", "ant", "ents", "ent", "ives", "ive", "ions", "ion", "ed", "ers",
    "er", "ies", "es", "als", "al", "ly", "s", "e", "y",
)  # fmt: skip


@cache
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        least = 3 if ending == "s" else 4
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def slot(parameter: Parameter) -> Feature:
    """Return the feature that a sentence has which gives a value to a parameter."""
    return frozenset({f"{{{parameter.kind}}}"})


class Wordings:
    """The wordings of the questions, and what words mean in them.

    Args:
        questions: The packaged questions; their summaries are wordings too.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self._meanings: dict[tuple[str, ...], set[str]] = {}
        self._name_endings: tuple[str, ...] = ()
        for means, words in _rows("words.tsv"):
            if means == _NAME:
                self._name_endings = tuple(w.strip(" -") for w in words.split(";"))
                continue
            for phrase in [*words.split(";"), *([] if means == _STOP else [means])]:
                stems = tuple(_stem(token.folded) for token in tokens(phrase))
                self._meanings.setdefault(stems, set()).add(means)
        self._longest = max(map(len, self._meanings))
        rows = [(question.id, question.summary) for question in questions]
        rows += [(question, wording) for question, wording in _rows("wordings.tsv")]
        slots = {q.id: [slot(p) for p in q.parameters if p.kind != DATE] for q in questions}
        self.known: dict[str, list[list[Feature]]] = {**{q: [] for q in slots}, _NONE: []}
        for question, wording in rows:
            if question in self.known:
                features = [*self.features(tokens(wording)), *slots.get(question, ())]
                self.known[question].append(features)
        self._of = {
            question: frozenset().union(*itertools.chain.from_iterable(wordings))
            for question, wordings in self.known.items()
        }
        self._spread = Counter(itertools.chain.from_iterable(self._of.values()))
        self._common = {question: self._telling(question) for question in self.known}

    def _telling(self, question: str) -> dict[str, float]:
        """Return how telling each meaning is, times the share of the wordings that have it."""
        wordings = self.known[question]
        held = Counter(m for wording in wordings for m in frozenset().union(*wording))
        within = self._of[question]
        return {
            m: self._weight(frozenset({m}), within) * number / len(wordings)
            for m, number in held.items()
        }

    def features(self, words: Sequence[Token], names: Collection[str] = ()) -> list[Feature]:
        """Return what the words mean, each meaning once; a word without a meaning is its own.

        Args:
            words: The words.
            names: Those, folded, that are names in the graph or parts of them.
        """
        found: dict[Feature, None] = {}
        stems = [_stem(token.folded) for token in words]
        at = 0
        while at < len(stems):
            for end in range(min(len(stems), at + self._longest), at, -1):
                if meant := self._meanings.get(tuple(stems[at:end])):
                    break
            else:
                end, meant = at + 1, {self._alone(words[at], names, first=not at)}
            if _STOP not in meant:
                found[frozenset(meant)] = None
            at = end
        return list(found)

    def _alone(self, token: Token, names: Collection[str], *, first: bool) -> str:
        """Return what a word without a meaning is: itself, or a name that the graph has not."""
        if token.folded in names:
            return f"={_stem(token.folded)}"
        capital = any(c.isupper() for c in token.text) and not (first and token.text[1:].islower())
        like = capital or token.folded.endswith(self._name_endings)
        return f"{_NAME if like else '='}{_stem(token.folded)}"

    def means(self, token: Token) -> bool:
        """Return whether a word alone has a meaning here, so that it is hardly a name."""
        return (_stem(token.folded),) in self._meanings

    def has(self, question: str, features: Iterable[Feature]) -> bool:
        """Return whether the wordings of a question have all of these."""
        return all(feature & self._of[question] for feature in features)

    def _weight(self, feature: Feature, within: frozenset[str]) -> float:
        """Return how telling a feature is: what few questions have tells most."""
        spread = min((self._spread[m] for m in feature & within or feature), default=0)
        times = 2 if min(feature, default="").startswith(_NAME) else 1
        return times * math.log((len(self.known) + 1) / (spread + 0.5))

    def refused(self, features: Sequence[Feature]) -> float:
        """Return how near the features are to what no question answers, from 0 to 1."""
        own = {m for m in self._of[_NONE] if self._spread[m] == 1}
        return self.score(_NONE, features) if any(f <= own for f in features) else 0.0

    def score(self, question: str, features: Sequence[Feature]) -> float:
        """Return how near the features are to the wordings of a question, from 0 to 1.

        It is the mean of three: how much of the sentence the question has words for, how near its
        nearest wording is, and how near all its wordings together are.
        """
        within = self._of[question]
        weights = [self._weight(feature, within) for feature in features]
        whole = sum(weights)
        if not whole:
            return 0.0
        ours = frozenset().union(*features)
        best = 0.0
        for wording in self.known[question]:
            theirs = frozenset().union(*wording)
            held = sum(w for f, w in zip(features, weights, strict=True) if f & theirs)
            there = [(self._weight(f, f), bool(f & ours)) for f in wording]
            total = whole + sum(w for w, _ in there)
            best = max(best, (held + sum(w for w, shared in there if shared)) / total)
        if question == _NONE:  # of many things, which have no words in common
            return best
        covered = sum(w for f, w in zip(features, weights, strict=True) if f & within) / whole
        common = self._common[question]
        length = math.sqrt(sum(w * w for w in weights) * sum(c * c for c in common.values()))
        product = sum(
            w * max((common[m] for m in f & within), default=0)
            for f, w in zip(features, weights, strict=True)
        )
        return (covered + best + product / length) / 3


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
        rows = [(k, namespaces.expand(t) or "", words) for k, t, words in _rows("names.tsv")]
        extra = [
            (k, iri, w.strip()) for k, iri, words in rows if k != _STOP for w in words.split(";")
        ]
        return Names(self._store, sorted(kinds), extra, {iri for k, iri, _ in rows if k == _STOP})

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
        scored: list[tuple[float, Question | None, _Filled]] = []
        for question in self._questions:
            filled = self._filled(question, words, mentions)
            features = self._features(question, words, mentions, filled)
            score = self._wordings.score(question.id, features)
            if filled.amiss:
                score *= _WANTING
            scored.append((score, question, filled))
        unnamed = [t for at, t in enumerate(words) if not any(at in m.at for m in mentions)]
        refused = self._wordings.refused(self._wordings.features(unnamed))
        scored.sort(key=lambda s: (-s[0], s[1].id if s[1] else ""))
        return self._chosen(scored, refused)

    def _chosen(
        self, scored: Sequence[tuple[float, Question | None, _Filled]], refused: float
    ) -> Route:
        (score, question, filled), (next_score, *_) = scored[0], scored[1]
        near = tuple(q for s, q, _ in scored[:_NEAREST] if q and s > 0)
        known = {q.id: f.values for _, q, f in scored[:_NEAREST] if q}
        why = ""
        if score < _LEAST:
            why = "no question has these words"
        elif refused >= score:
            why = "this is nothing that the questions answer"
        elif score - next_score < _AHEAD:
            why = "several questions are as near"
        elif filled.amiss:
            why = filled.amiss
        if why or question is None:
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
