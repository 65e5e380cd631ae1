"""The wordings of the questions, and how near the words of a sentence are to them.

Knowledge of words is in the tables of `queries/routing/`: `wordings.tsv` has ways to put each
question and, as `none`, what no question answers; `words.tsv` which words mean the same there.
"""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from sarcoma_kg.ground import resources
from sarcoma_kg.questions.catalog import DATE, Parameter, Question
from sarcoma_kg.questions.sentence import Token, tokens

__all__ = ["NONE", "STOP", "Feature", "Wordings", "prepare", "rows_of", "slot"]

#: What a word or a name means; several where a word means several things.
Feature = frozenset[str]
#: The question of the wordings of what no question answers.
NONE = "none"
#: In the tables: words that say nothing, and what ends like a name.
STOP, _NAME = "-", "?"


@cache
def rows_of(name: str) -> list[list[str]]:
    """Return the rows of a table of `queries/routing/`, without its header."""
    path = resources.data_root() / "queries" / "routing" / name
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines if line.strip()]


#: What words end in, the longest first; four letters stay.
_ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "ings",
    "ing",
    "ments",
    "ment",
    "edly",
    "ances",
    "ance",
    "ences",
    "ence",
    "ants",
    "ant",
    "ents",
    "ent",
    "ives",
    "ive",
    "ions",
    "ion",
    "ed",
    "ers",
    "er",
    "ies",
    "es",
    "als",
    "al",
    "ly",
    "s",
    "e",
    "y",
)


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


def _is_slot(feature: Feature) -> bool:
    return any(meaning.startswith("{") for meaning in feature)


def prepare() -> None:
    """Read the tables now; afterwards no file is opened."""
    for name in ("words.tsv", "wordings.tsv", "names.tsv"):
        rows_of(name)


class Wordings:
    """The wordings of the questions, and what words mean in them.

    Args:
        questions: The packaged questions; their summaries are wordings too.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self._meanings: dict[tuple[str, ...], set[str]] = {}
        self._name_endings: tuple[str, ...] = ()
        for means, words in rows_of("words.tsv"):
            if means == _NAME:
                self._name_endings = tuple(w.strip(" -") for w in words.split(";"))
                continue
            for phrase in [*words.split(";"), *([] if means == STOP else [means])]:
                stems = tuple(_stem(token.folded) for token in tokens(phrase))
                self._meanings.setdefault(stems, set()).add(means)
        self._longest = max(map(len, self._meanings))
        listed = [(question.id, question.summary) for question in questions]
        listed += [(question, wording) for question, wording in rows_of("wordings.tsv")]
        slots = {q.id: [slot(p) for p in q.parameters if p.kind != DATE] for q in questions}
        self.known: dict[str, list[list[Feature]]] = {**{q: [] for q in slots}, NONE: []}
        for question, wording in listed:
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
            if STOP not in meant:
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
        own = {m for m in self._of[NONE] if self._spread[m] == 1}
        return self.score(NONE, features) if any(f <= own for f in features) else 0.0

    def score(self, question: str, features: Sequence[Feature]) -> float:
        """Return how near the features are to the wordings of a question, from 0 to 1.

        It is the mean of three: how much of the sentence the question has words for, how near its
        nearest wording is, and how near all its wordings together are.
        """
        within = self._of[question]
        weights = [self._weight(feature, within) for feature in features]
        whole = sum(weights)
        if not any(f & within for f in features if not _is_slot(f)):
            return 0.0  # names alone ask nothing
        ours = frozenset().union(*features)
        best = 0.0
        for wording in self.known[question]:
            theirs = frozenset().union(*wording)
            held = sum(w for f, w in zip(features, weights, strict=True) if f & theirs)
            there = [(self._weight(f, f), bool(f & ours)) for f in wording]
            total = whole + sum(w for w, _ in there)
            best = max(best, (held + sum(w for w, shared in there if shared)) / total)
        if question == NONE:  # of many things, which have no words in common
            return best
        covered = sum(w for f, w in zip(features, weights, strict=True) if f & within) / whole
        common = self._common[question]
        length = math.sqrt(sum(w * w for w in weights) * sum(c * c for c in common.values()))
        product = sum(
            w * max((common[m] for m in f & within), default=0)
            for f, w in zip(features, weights, strict=True)
        )
        return (covered + best + product / length) / 3
