"""Conditions: SPARQL expressions that remember what they are made of.

As text, a condition is asked of one node at a time. As sets, it is asked of all of them at once:
who has no value is everyone MINUS those who have one, which an engine finds by two scans where
the text makes it look up each node.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

__all__ = [
    "Condition",
    "all_of",
    "any_of",
    "exists",
    "filtered",
    "in_other_words",
    "joined",
    "negate",
    "none_of",
    "rows",
    "scans",
    "union",
]

# A conjunction of disjunctions multiplies; from here on it is asked node by node.
_MOST_WAYS = 32


class Condition(str):
    """A SPARQL expression.

    Attributes:
        kind: 'any', 'all', 'some' (EXISTS), 'none' (NOT EXISTS); '' is any other expression.
        parts: The members of 'any' and 'all'; for 'some' and 'none' the condition inside.
        steps: The graph patterns that EXISTS looks for; none when it may not be asked without
            knowing a node of it.
        free: The variables whose values come from outside.
        opposite: The negation, where there is a shorter way to write it.
    """

    kind: Literal["any", "all", "some", "none", ""] = ""
    parts: tuple["Condition", ...] = ()
    steps: tuple[str, ...] = ()
    free: frozenset[str] = frozenset()
    opposite: str = ""

    def as_sets(self, known: frozenset[str]) -> bool:
        """Tell whether it can be asked of all nodes at once where some variables are bound."""
        if self.kind in ("some", "none"):
            inside = self.parts[0].free - _variables(" ".join(self.steps))
            # MINUS does not see what is bound outside.
            return bool(self.steps and self.free) and inside <= (
                known if self.kind == "some" else frozenset()
            )
        return any(part.as_sets(known) for part in self.parts)


def _variables(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\?\w+", text))


def _plain(text: str) -> Condition:
    if isinstance(text, Condition):
        return text
    made = Condition(text)
    made.free = _variables(text)
    return made


def any_of(conditions: Iterable[str]) -> Condition:
    """Return the disjunction; nested in halves, since a long chain is a deep tree for a parser."""
    return _join(conditions, "any", "true", "false")


def all_of(conditions: Iterable[str]) -> Condition:
    """Return the conjunction."""
    return _join(conditions, "all", "false", "true")


def _join(
    conditions: Iterable[str], kind: Literal["any", "all"], absorbing: str, neutral: str
) -> Condition:
    members = [_plain(c) for c in dict.fromkeys(conditions) if c != neutral]
    if absorbing in members or not members:
        return _plain(absorbing if members else neutral)
    if len(members) == 1:
        return members[0]
    operator = " || " if kind == "any" else " && "
    parts: list[str] = list(members)
    while len(parts) > 1:
        parts = [
            f"({operator.join(parts[at : at + 8])})" if len(parts[at : at + 8]) > 1 else parts[at]
            for at in range(0, len(parts), 8)
        ]
    made = Condition(parts[0])
    made.kind = kind
    made.parts = tuple(
        inner for part in members for inner in (part.parts if part.kind == kind else (part,))
    )
    made.free = frozenset[str]().union(*(part.free for part in members))
    return made


def negate(condition: str) -> Condition:
    """Return the negation."""
    if condition in ("true", "false"):
        return _plain("false" if condition == "true" else "true")
    condition = _plain(condition)
    made = Condition(condition.opposite or f"!({condition})")
    made.opposite = condition
    made.free, made.steps, made.parts = condition.free, condition.steps, condition.parts
    if condition.kind in ("any", "all"):
        made.kind = "all" if condition.kind == "any" else "any"
        made.parts = tuple(negate(part) for part in condition.parts)
    elif condition.kind in ("some", "none"):
        made.kind = "none" if condition.kind == "some" else "some"
    return made


def none_of(value: str, iris: Sequence[str]) -> Condition:
    """Return the condition that a node is none of some IRIs."""
    one_of = f"{value} IN ({', '.join(iris)})"
    # Virtuoso fails over NOT IN, and over the negation of IN, where EXISTS holds them.
    made = _plain(f"IF({one_of}, false, true)")
    made.opposite = one_of
    return made


def exists(
    *steps: str, test: str = "true", fresh: Iterable[str] = (), alone: bool = True
) -> Condition:
    """Return the condition that a graph pattern matches.

    Args:
        steps: The graph pattern; each step begins where the one before ends. Each has an EXISTS
            of its own: inside one, an engine that orders joins does not know which end is bound,
            and may start from the wrong one for every focus node.
        test: What its solutions have to pass.
        fresh: The variables of the pattern that nothing outside uses.
        alone: Whether the pattern may be asked without knowing any of its nodes.
    """
    found = test = _plain(test)
    fresh = frozenset(fresh)
    # What looks back at where the steps began needs all of them at once, as sets.
    later = _variables(" ".join(steps[1:])) - fresh
    looks_back = bool(later) or not test.free <= _variables(steps[-1])
    for at in reversed(range(len(steps))):
        here = _variables(steps[at])
        made = Condition(f"EXISTS {{ {steps[at]} {filtered(found)} }}")
        made.kind, made.parts, made.steps = "some", (found,), steps[at : at + 1] if alone else ()
        if alone and looks_back:
            made.parts, made.steps = (test,), steps[at:]
        made.free = (here | found.free) - (fresh - _variables(" ".join(steps[:at])))
        found = made
    return found


def in_other_words(condition: Condition, words: str) -> Condition:
    """Return the condition with another text; as sets it stays what it is."""
    made = Condition(words)
    made.kind, made.parts = condition.kind, condition.parts
    made.steps, made.free = condition.steps, condition.free
    return made


def filtered(condition: str) -> str:
    """Return a FILTER, or nothing for a condition that always holds."""
    return "" if condition == "true" else f"FILTER ({condition})"


def union(ways: list[str]) -> str:
    """Return the graph pattern that has the solutions of all ways."""
    return ways[0] if len(ways) == 1 else " UNION ".join(f"{{ {way} }}" for way in ways)


def joined(steps: Iterable[str]) -> str:
    """Return graph patterns as one, each as a subquery: engines join these by their hashes."""
    return " ".join(f"{{ SELECT * WHERE {{ {step} }} }}" for step in steps)


class _Way(NamedTuple):
    """A graph pattern and the variables that it binds."""

    pattern: str
    known: frozenset[str]


def rows(pattern: str, condition: str, known: Iterable[str]) -> list[str]:
    """Return graph patterns that match where a pattern matches and a condition holds.

    Together they have every such solution, some more than once, and some extended by variables
    of the condition. Each step is a subquery, so that the engine joins two scans by their hashes
    and does not look each node up.

    Args:
        pattern: The pattern.
        condition: The condition.
        known: The variables that the pattern binds.
    """
    ways = _rows(_Way(pattern, frozenset(known)), _plain(condition))
    return [way.pattern for way in ways]


def _rows(way: _Way, condition: Condition) -> list[_Way]:
    if condition == "true":
        return [way]
    kind, parts = condition.kind, condition.parts
    if not condition.as_sets(way.known):
        return [way._replace(pattern=f"{way.pattern} {filtered(condition)}")]
    if kind in ("any", "all"):
        as_sets = [part for part in parts if part.as_sets(way.known)]
        tests = [part for part in parts if not part.as_sets(way.known)]
        if kind == "any":
            found = _rows(way, any_of(tests)) if tests else []
            return [*found, *(inner for part in as_sets for inner in _rows(way, part))]
        found = [way]
        for part in as_sets:
            found = [inner for before in found for inner in _rows(before, part)]
        if len(found) > _MOST_WAYS:
            return [way._replace(pattern=f"{way.pattern} {filtered(condition)}")]
        # The subquery keeps the engine from asking node by node first.
        left = filtered(all_of(tests))
        return [w._replace(pattern=f"{{ SELECT * WHERE {{ {w.pattern} }} }} {left}") for w in found]
    steps = joined(condition.steps)
    if len(condition.steps) == 1:
        steps = condition.steps[0]
    bound = _variables(" ".join(condition.steps))
    if kind == "none":
        inside = [w.pattern for w in _rows(_Way(steps, bound), parts[0])]
        return [way._replace(pattern=f"{way.pattern} MINUS {{ {union(inside)} }}")]
    if parts[0].free <= bound:
        names = " ".join(sorted(condition.free))
        return [
            way._replace(
                pattern=f"{{ SELECT DISTINCT {names} WHERE {{ {w.pattern} }} }} {way.pattern}"
            )
            for w in _rows(_Way(steps, bound), parts[0])
        ]
    # What the condition inside looks back at is bound by the pattern.
    here = joined(condition.steps)
    return _rows(_Way(f"{way.pattern} {here}", way.known | bound), parts[0])


def scans(condition: str, known: Iterable[str]) -> list[str]:
    """Return the graph patterns that `rows` reads whole for a condition.

    Left out are those that start from what a condition inside them finds.
    """
    condition, known = _plain(condition), frozenset(known)
    if not condition.as_sets(known):
        return []
    bound = _variables(" ".join(condition.steps))
    below = [step for part in condition.parts for step in scans(part, known | bound)]
    narrowed = len(condition.steps) == 1 and condition.parts[0].as_sets(bound)
    return below if narrowed else [*condition.steps, *below]
