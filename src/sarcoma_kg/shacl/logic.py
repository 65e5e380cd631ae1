"""Conditions: SPARQL expressions that remember what they are made of.

As text, a condition is asked of one node at a time. As sets, it is asked of all of them at once:
who has no value is everyone MINUS those who have one, which an engine finds by two scans where
the text makes it look up each node.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

__all__ = [
    "Condition",
    "all_of",
    "any_of",
    "exists",
    "filtered",
    "in_other_words",
    "negate",
    "none_of",
    "rows",
    "union",
]

# A conjunction of disjunctions multiplies; from here on it is asked node by node.
_MOST_WAYS = 32


class Condition(str):
    """A SPARQL expression.

    Attributes:
        kind: 'any', 'all', 'some' (EXISTS), 'none' (NOT EXISTS); '' is any other expression.
        parts: The members of 'any' and 'all'; for 'some' and 'none' the condition inside.
        step: The graph pattern that EXISTS looks for.
        free: The variables whose values come from outside.
        opposite: The negation, where there is a shorter way to write it.
    """

    kind: Literal["any", "all", "some", "none", ""] = ""
    parts: tuple["Condition", ...] = ()
    step: str = ""
    free: frozenset[str] = frozenset()
    opposite: str = ""

    def has_sets(self) -> bool:
        """Tell whether `rows` finds a better way than to ask the text of every node."""
        if self.kind == "none":
            return self.stands_alone()
        if self.kind == "some":
            is_known = _variables(self.step) == self.free
            return self.stands_alone() and (is_known or self.parts[0].has_sets())
        return any(part.has_sets() for part in self.parts)

    def stands_alone(self) -> bool:
        """Tell whether the group of an EXISTS means the same when nothing is known from outside."""
        return bool(self.step and self.free) and self.parts[0].free <= _variables(self.step)


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
    made.free, made.step, made.parts = condition.free, condition.step, condition.parts
    if condition.kind in ("any", "all"):
        made.kind = "all" if condition.kind == "any" else "any"
        made.parts = tuple(negate(part) for part in condition.parts)
    elif condition.kind in ("some", "none"):
        made.kind = "none" if condition.kind == "some" else "some"
    return made


def none_of(value: str, iris: Sequence[str]) -> Condition:
    """Return the condition that a node is none of some IRIs."""
    made = _plain(f"{value} NOT IN ({', '.join(iris)})")
    made.opposite = f"{value} IN ({', '.join(iris)})"
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
        made.kind, made.parts, made.step = "some", (found,), steps[at] if alone else ""
        if alone and looks_back:
            made.parts, made.step = (test,), " ".join(steps[at:])
        made.free = (here | found.free) - (fresh - _variables(" ".join(steps[:at])))
        found = made
    return found


def in_other_words(condition: Condition, words: str) -> Condition:
    """Return the condition with another text; as sets it stays what it is."""
    made = Condition(words)
    made.kind, made.parts = condition.kind, condition.parts
    made.step, made.free = condition.step, condition.free
    return made


def filtered(condition: str) -> str:
    """Return a FILTER, or nothing for a condition that always holds."""
    return "" if condition == "true" else f"FILTER ({condition})"


def union(ways: list[str]) -> str:
    """Return the graph pattern that has the solutions of all ways."""
    return ways[0] if len(ways) == 1 else " UNION ".join(f"{{ {way} }}" for way in ways)


def rows(pattern: str, condition: str) -> list[str]:
    """Return graph patterns that match where a pattern matches and a condition holds.

    Together they have every such solution, some more than once, and some extended by variables
    of the condition. The condition is taken to hold seldom: mostly there is no row at all.
    """
    return _rows(pattern, _plain(condition), seldom=True)


def _rows(pattern: str, condition: Condition, *, seldom: bool) -> list[str]:
    """Return the patterns; what holds mostly is a join, what holds seldom a question per node."""
    if condition == "true":
        return [pattern]
    as_sets = condition.has_sets() or (
        not seldom and condition.kind == "some" and condition.stands_alone()
    )
    if as_sets and condition.kind == "any":
        tests = [part for part in condition.parts if not part.has_sets()]
        found = [f"{pattern} {filtered(any_of(tests))}"] if tests else []
        for part in condition.parts:
            found += _rows(pattern, part, seldom=seldom) if part.has_sets() else []
        return found
    if condition.kind == "all" and (as_sets or not seldom):
        found = [pattern]
        for part in condition.parts:
            if part.has_sets() or not seldom:
                found = [way for before in found for way in _rows(before, part, seldom=seldom)]
        if len(found) <= _MOST_WAYS:
            # The subquery keeps the engine from asking node by node first.
            left = filtered(all_of(p for p in condition.parts if seldom and not p.has_sets()))
            return [f"{{ SELECT * WHERE {{ {way} }} }} {left}" for way in found] if left else found
    elif as_sets and condition.kind == "none":
        inside = _rows(condition.step, condition.parts[0], seldom=False)
        return [f"{pattern} MINUS {{ {union(inside)} }}"]
    elif as_sets and condition.kind == "some":
        inside = _rows(condition.step, condition.parts[0], seldom=seldom)
        known = " ".join(sorted(condition.free))
        return [f"{{ SELECT DISTINCT {known} WHERE {{ {way} }} }} {pattern}" for way in inside]
    return [f"{pattern} {filtered(condition)}"]
