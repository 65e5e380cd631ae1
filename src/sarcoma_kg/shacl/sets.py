"""The query of an sh:sparql constraint as sets, where it is triple patterns and filters.

Written as it is, an engine looks up each focus node and follows the patterns from there. As sets,
each pattern is read whole and the results are joined; FILTER NOT EXISTS becomes MINUS.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from sarcoma_kg.shacl.logic import joined
from sarcoma_kg.sparql.tokens import Token

__all__ = ["read"]


class Sets(NamedTuple):
    """The triple patterns of a query and its tests, as graph patterns."""

    steps: tuple[str, ...]
    tests: tuple[str, ...]


class _OtherwiseWrittenError(Exception):
    """The query has something else than triple patterns and filters."""


def read(tokens: Sequence[Token], prefixes: Mapping[str, str]) -> Sets | None:
    """Return a query as sets, or None where it holds anything but triple patterns and filters.

    Args:
        tokens: The query, from SELECT on; it is known to be well-formed.
        prefixes: The namespaces of its prefixes.
    """
    try:
        return _Reader(tokens, prefixes).query()
    except _OtherwiseWrittenError:
        return None


class _Reader:
    """Goes through the tokens of a query once."""

    def __init__(self, tokens: Sequence[Token], prefixes: Mapping[str, str]) -> None:
        self._tokens, self._prefixes = tokens, prefixes
        self._solid = [at for at, token in enumerate(tokens) if token.kind != "space"]
        self._at = 0
        used = {token.variable for token in tokens}
        self._fresh: Iterator[str] = (f"?s{n}" for n in count() if f"s{n}" not in used)

    def _next(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[self._solid[at]] if at < len(self._solid) else Token("other", "")

    def _take(self, *texts: str) -> Token:
        token = self._next()
        if texts and token.text.upper() not in texts:
            raise _OtherwiseWrittenError
        self._at += 1
        return token

    def query(self) -> Sets:
        """Read the query."""
        self._take("SELECT")
        if self._next().word in ("DISTINCT", "REDUCED"):
            self._take()
        while self._next().kind == "variable":
            self._take()
        if self._next().word == "WHERE":
            self._take()
        steps: list[str] = []
        tests: list[str] = []
        self._take("{")
        while self._next().text != "}":
            if self._next().word == "FILTER":
                tests.append(self._filter())
            else:
                steps += self._triples()
        self._take("}")
        if self._next().text:  # ORDER BY, GROUP BY ...
            raise _OtherwiseWrittenError
        return Sets(tuple(steps), tuple(tests))

    def _filter(self) -> str:
        self._take("FILTER")
        if self._next().word == "NOT":
            self._take("NOT")
            self._take("EXISTS")
            return self._minus()
        start = self._at
        if self._next().text != "(":
            self._take()
        self._take("(")
        depth = 1
        while depth:
            token = self._take()
            if token.text in ("{", ""):  # EXISTS, or the end
                raise _OtherwiseWrittenError
            depth += (token.text == "(") - (token.text == ")")
        first, last = self._solid[start], self._solid[self._at - 1]
        return "FILTER " + "".join(token.text for token in self._tokens[first : last + 1])

    def _minus(self) -> str:
        self._take("{")
        steps: list[str] = []
        while self._next().text != "}":
            steps += self._triples()
        self._take("}")
        # With no node in common, MINUS takes nothing away.
        if not any("?this" in step.split() for step in steps):
            raise _OtherwiseWrittenError
        return f"MINUS {{ {joined(steps)} }}"

    def _triples(self) -> Iterator[str]:
        """Yield the triple patterns up to the next dot, with a variable between the hops."""
        subject = self._node()
        while True:
            hops = [self._hop()]
            while self._next().text == "/":
                self._take()
                hops.append(self._hop())
            while True:
                nodes = [subject, *(next(self._fresh) for _ in hops[1:]), self._node()]
                for at, hop in enumerate(hops):
                    yield f"{nodes[at]} {hop} {nodes[at + 1]} ."
                if self._next().text != ",":
                    break
                self._take()
            if self._next().text != ";":
                break
            while self._next().text == ";":
                self._take()
            if self._ends():
                break
        if not self._ends():
            raise _OtherwiseWrittenError
        if self._next().text == ".":
            self._take()

    def _ends(self) -> bool:
        return self._next().text in (".", "}") or self._next().word == "FILTER"

    def _hop(self) -> str:
        inverse = "^" if self._next().text == "^" else ""
        if inverse:
            self._take()
        if self._next().text == "a":
            self._take()
            return f"{inverse}<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        if self._next().kind == "variable":
            raise _OtherwiseWrittenError
        return inverse + self._node()

    def _node(self) -> str:
        token = self._take()
        if token.kind == "variable" or (token.kind == "iri" and ":" in token.text):
            return token.text
        prefix, colon, local = token.text.partition(":")
        if token.kind != "name" or not colon or "\\" in local or prefix not in self._prefixes:
            raise _OtherwiseWrittenError
        return f"<{self._prefixes[prefix]}{local}>"
