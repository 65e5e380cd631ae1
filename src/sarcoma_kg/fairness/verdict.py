"""What a check comes to, and what the checks together come to."""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FOOPS", "OBO", "Score", "Verdict", "scores"]

#: The suites of checks.
FOOPS, OBO = "FOOPS!", "OBO"


class Verdict(NamedTuple):
    """The result of one check.

    Attributes:
        suite: Who asks: FOOPS! or OBO.
        check: Their name of the check.
        asks: What it asks, in a sentence.
        defined: Where it is defined.
        passed: How many of its questions have a good answer.
        asked: How many questions it has; 0 when it cannot be checked offline.
        missing: What is missing, or why it cannot be checked.
        advice: What to do.
    """

    suite: str
    check: str
    asks: str
    defined: str
    passed: int
    asked: int
    missing: str = ""
    advice: str = ""

    @property
    def result(self) -> str:
        """Pass, miss, or not checkable offline."""
        if not self.asked:
            return "not checkable offline"
        return "pass" if self.passed == self.asked else "miss"


class Score(NamedTuple):
    """A share of checks, as a number from 0 to 1, with what it counts."""

    suite: str
    name: str
    share: float
    counts: str


def scores(verdicts: Sequence[Verdict]) -> list[Score]:
    """Return the shares of checks passed, for each suite; FOOPS! has two.

    FOOPS! weighs each test alike and gives a part of the point for a part of its questions
    (`FOOPS.getTotalScore` of its source); the plain share counts what is passed as a whole.
    """
    found = []
    for suite in dict.fromkeys(v.suite for v in verdicts):
        asked = [v for v in verdicts if v.suite == suite and v.asked]
        if not asked:
            continue
        passed = sum(v.result == "pass" for v in asked)
        if suite == FOOPS:
            part = sum(v.passed / v.asked for v in asked)
            found.append(
                Score(
                    suite, "FOOPS! as it counts", part / len(asked), f"{part:.2f} of {len(asked)}"
                )
            )
        found.append(
            Score(suite, f"{suite} plain", passed / len(asked), f"{passed} of {len(asked)}")
        )
    return found
