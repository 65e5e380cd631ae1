"""Which triples a query can see: what changes none of them leaves its answer as it is.

Seen in the text, without a parser, and where in doubt too much: a predicate that is a variable
reads everything. A path of no step, as in `p*`, would find each node of a graph; a packaged query
binds an end of it by a pattern (module `portability` holds that), so it sees no more than these.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.sparql import outline
from sarcoma_kg.sparql.tokens import Token, tokenize

__all__ = ["Reads", "reads"]

_TYPE = namespaces.PREFIXES["rdf"] + "type"
_STEPS = ("/", "|", "*", "+", "?", "^", "(", ")", "!")


class Reads(NamedTuple):
    """What triple patterns a query has.

    Attributes:
        everything: Whether any triple may match one.
        predicates: All IRIs that the query names, those of the predicates among them.
        types: The objects of its patterns with rdf:type; None when any may match.
    """

    everything: bool
    predicates: frozenset[str]
    types: frozenset[str] | None

    def touches(self, triples: Iterable[ox.Triple]) -> bool:
        """Tell whether the answer may change when these triples come or go."""
        return any(self._matches(triple) for triple in triples)

    def _matches(self, triple: ox.Triple) -> bool:
        if self.everything or triple.predicate.value != _TYPE:
            return self.everything or triple.predicate.value in self.predicates
        kind = triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
        return self.types is None or kind in self.types


@lru_cache(maxsize=1000)
def reads(query: str) -> Reads:
    """Return which triples a query can see.

    Args:
        query: A query that an engine has read.
    """
    names = outline.outline(query).names
    written = {text: iri for iri, text in names.items()}
    tokens = _asked([token for token in tokenize(query) if token.kind != "space"])
    return Reads(_unbound(tokens), frozenset(names), _types(tokens, written))


def _asked(tokens: list[Token]) -> list[Token]:
    """Return the tokens without what a CONSTRUCT makes."""
    words = [token.word for token in tokens]
    if "CONSTRUCT" not in words:
        return tokens
    at = words.index("CONSTRUCT")
    end = next((n for n in range(at, len(tokens)) if tokens[n].text == "}"), at)
    return tokens[:at] + tokens[end + 1 :]


def _types(tokens: list[Token], written: dict[str, str]) -> frozenset[str] | None:
    found = set()
    for at, token in enumerate(tokens[:-1]):
        if token.text != "a" and written.get(token.text) != _TYPE:
            continue
        following = tokens[at + 2].text if at + 2 < len(tokens) else ""
        kind = written.get(tokens[at + 1].text)
        if tokens[at - 1].text in _STEPS or kind is None or following == ",":
            return None
        found.add(kind)
    return frozenset(found)


def _unbound(tokens: list[Token]) -> bool:
    """Tell whether a predicate may be a variable, or any but some."""
    state, around = "list", []  # the part of a triple that comes next, and that outside brackets
    for token in tokens:
        if token.text == "!" and state in ("verb", "rest", "path"):
            return True
        if token.text in ("(", "{", "["):
            opened = {"(": "expression", "{": "subject", "[": "verb"}[token.text]
            if token.text == "(" and state in ("verb", "rest", "path"):
                opened, state = "path", "rest"
            around.append("verb" if (token.text, state) == ("[", "subject") else state)
            state = opened
        elif token.text in (")", "]", "}"):
            state = around.pop() if around else "subject"
            if token.text == "}" and state != "expression":
                state = "subject"
        elif state in ("expression", "path"):
            continue
        elif token.word in ("SELECT", "BY"):
            state = "list"
        elif state == "list":
            continue
        elif token.text in (".", ";"):
            state = "subject" if token.text == "." else "verb"
        elif token.word not in ("", "A", "TRUE", "FALSE"):
            state = "subject"
        elif state == "verb":
            if token.kind == "variable":
                return True
            state = "rest"
        elif state == "subject":
            state = "verb"
    return False
