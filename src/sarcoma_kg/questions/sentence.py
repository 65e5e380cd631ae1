"""The words of a sentence, and the names of things among them."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions.catalog import DATE
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["Mention", "Names", "Token", "tokens"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAYS = (
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
    re.compile(
        rf"(?i)\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH}),?\s+(?P<y>\d{{4}})\b"
    ),
    re.compile(rf"(?i)\b(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b"),
)
#: An identifier as a word of its own.
_CODE = re.compile(r"https?://[^\s<>\"]+|[A-Za-z][\w.]*:[\w-]*\w|\bC\d{3,7}\b")
#: Where words end.
_BETWEEN = re.compile('[\\s,;?!()\\[\\]{}"<>=_/\u2010-\u2015\u2212\u201c-\u201e\u00ab\u00bb-]+')
_NOT = re.compile("n['\u2019]t\\b")
_EDGES = ".:'`*\u2018\u2019\u02bc"
#: Before it, a sarcoma is what is asked for.
_ASKING = {"which", "what", "each", "every", "per", "by", "the", "a", "any", "other"}
_SARCOMA = namespaces.SKG + "Sarcoma"
#: A name of fewer letters may be a word by chance, if it is not written as the name is.
_SHORT = 4


class Token(NamedTuple):
    """A word, as it stands and folded; `whole` is a day or an identifier, never cut."""

    text: str
    folded: str
    whole: str = ""


class Mention(NamedTuple):
    """A name in a sentence: its kind, what it may mean, the places of its words."""

    kind: str
    iris: tuple[str, ...]
    at: frozenset[int]


def tokens(text: str) -> list[Token]:
    """Return the words of a text; hyphens and slashes part words too."""
    found: list[Token] = []
    end = 0
    for start, stop, token in _wholes(text):
        found += _words(text[end:start])
        found.append(token)
        end = stop
    return [*found, *_words(text[end:])]


@cache
def _folded(word: str) -> str:
    return lookup.fold(word) or word


def _words(text: str) -> list[Token]:
    found = []
    for part in _BETWEEN.split(_NOT.sub(" not", text)):
        word = part.strip(_EDGES)
        for own in ("'s", "\u2019s"):
            word = word.removesuffix(own)
        if word:
            found.append(Token(word, _folded(word)))
    return found


def _wholes(text: str) -> list[tuple[int, int, Token]]:
    """Return days and identifiers, with where they stand; in order, none in another."""
    spans = [(m.start(), m.end(), m[0], _day(m)) for form in _DAYS for m in form.finditer(text)]
    spans = [span for span in spans if span[3]]
    spans += [(m.start(), m.end(), m[0], m[0]) for m in _CODE.finditer(text) if "::" not in m[0]]
    found: list[tuple[int, int, Token]] = []
    for start, stop, written, whole in sorted(spans):
        if not found or start >= found[-1][1]:
            found.append((start, stop, Token(written, lookup.fold(written), whole)))
    return found


def _day(found: re.Match[str]) -> str:
    month = found["m"].lower()
    number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
    try:
        return date(int(found["y"]), number, int(found["d"])).isoformat()
    except ValueError:
        return ""


class Names:
    """The names of the things of some kinds, to be found in sentences.

    Args:
        store: The graph.
        kinds: Kinds as `lookup.names` takes them.
        extra: Kind, IRI and name of further ones.
        never: Things whose names are words, such as "gene".
    """

    def __init__(
        self,
        store: Store,
        kinds: Iterable[str],
        extra: Iterable[tuple[str, str, str]] = (),
        never: Collection[str] = (),
    ) -> None:
        self._store = store
        self._of: dict[str, dict[tuple[str, ...], list[tuple[int, str, str]]]] = {}
        for kind in kinds:
            of_kind = self._of.setdefault(kind, {})
            known = [(n.rank, n.iri, n.text) for n in lookup.names(store, kind)]
            known += [(1, iri, name) for k, iri, name in extra if k == kind]
            known = [entry for entry in known if entry[1] not in never]
            for rank, iri, text in known:
                words = tuple(token.folded for token in _words(text))
                of_kind.setdefault(words, []).append((rank, iri, text))
        self._longest = {k: max(map(len, of), default=0) for k, of in self._of.items()}

    def mentions(
        self, words: Sequence[Token], *, hardly: Callable[[Token], bool],
        kinds: Iterable[str] = (),
    ) -> list[Mention]:  # fmt: skip
        """Return the longest names of each kind, and days.

        Args:
            words: The sentence.
            hardly: Whether a word has a meaning of its own; then it must be written as the name.
            kinds: Kinds to look for; all when empty.
        """
        found = [
            Mention(DATE, (token.whole,), frozenset({at}))
            for at, token in enumerate(words)
            if token.whole[:4].isdecimal()
        ]
        for at, token in enumerate(words):
            if token.whole and not token.whole[:4].isdecimal():
                found += self._coded(token, at)
        for kind in kinds or self._of:
            at = 0
            while at < len(words):
                end, iris = self._longest_at(kind, words, at, hardly)
                asked = at and words[at - 1].folded in _ASKING and iris == (_SARCOMA,)
                if iris and not asked:
                    found.append(Mention(kind, iris, frozenset(range(at, end))))
                at = end
        return found

    def _coded(self, token: Token, at: int) -> list[Mention]:
        iris = lookup.by_code(self._store, token.whole)
        kinds = {lookup.kind_of(self._store, iri) for iri in iris}
        return [Mention(kind, tuple(iris), frozenset({at})) for kind in kinds if kind]

    def _longest_at(
        self, kind: str, words: Sequence[Token], at: int, hardly: Callable[[Token], bool]
    ) -> tuple[int, tuple[str, ...]]:
        """Return the end of the longest name that begins here, and what it may mean."""
        of = self._of[kind]
        for end in range(min(len(words), at + self._longest[kind]), at, -1):
            part = words[at:end]
            entries = self._entries(of, tuple(t.folded for t in part))
            if len(part) == 1 and entries and (hardly(part[0]) or len(part[0].folded) < _SHORT):
                entries = [e for e in entries if e[2] == part[0].text]
            if entries:
                best = min(rank for rank, *_ in entries)
                return end, tuple(sorted({iri for rank, iri, _ in entries if rank == best}))
        return at + 1, ()

    @staticmethod
    def _entries(
        of: dict[tuple[str, ...], list[tuple[int, str, str]]], words: tuple[str, ...]
    ) -> list[tuple[int, str, str]]:
        """Return the names that these words are, of which the last may be a plural."""
        last = words[-1]
        forms = [last]
        if len(last) >= _SHORT and last.endswith("s"):
            forms.append(last[:-1])
            if last.endswith("ies"):
                forms.append(last[:-3] + "y")
        return next((of[k] for f in forms if (k := (*words[:-1], f)) in of), [])
