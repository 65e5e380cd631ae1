"""A report of findings as one page for people: what is wrong, why, and what to do.

The page holds all that it shows: no script, no address, nothing that is fetched. All text of data
is escaped by the template engine.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.reading import files

if TYPE_CHECKING:
    import jinja2

__all__ = ["Line", "Placing", "Reason", "render"]

#: Severity -> what it is called on the page, the gravest first.
_HEADINGS = {
    "incomplete": "Not looked at", "violation": "Violations", "warning": "Warnings",
    "info": "For information", "note": "What the verdict leaves out",
}  # fmt: skip
#: Rules whose findings say why, and not what to do.
_ADVICE = {
    "class without possible member": "Take back or change one of these axioms. A class below an "
    "empty one is mended with that one.",
    "consistency": "Look at the individual that a rule or shape names below; one of its types or "
    "values contradicts the others.",
}
_AXIOM = re.compile(r"^[-*] (.*)$", re.MULTILINE)
#: The end of a sentence, after which the remedy begins.
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"“])")
#: Lines of the file that are shown around a finding.
_AROUND = 2
_LONGEST = 200


class Line(NamedTuple):
    """A class in a tree.

    Attributes:
        depth: How many classes stand above it.
        name: Its label and CURIE.
        mark: 'new', 'gone' or 'moved'; empty for one that only leads to others.
        inferred: Whether the reasoner placed it there.
    """

    depth: int
    name: str
    mark: str
    inferred: bool


class Reason(NamedTuple):
    """Why a class stands where it does: the axioms, of which none can be spared."""

    sub: str
    sup: str
    axioms: list[str]


class Placing(NamedTuple):
    """What the user's files do to the tree of classes.

    Attributes:
        before: The places of the classes that are touched, without the files.
        after: The same with them.
        reasons: Why the reasoner placed classes anew.
        left_out: What is not shown, in a sentence each.
    """

    before: list[Line]
    after: list[Line]
    reasons: list[Reason]
    left_out: list[str]


class _Shown(NamedTuple):
    finding: Finding
    label: str
    said: str
    axioms: list[str]
    advice: str
    excerpt: list[tuple[int, str]]


@cache
def _template() -> "jinja2.Template":
    # Only this form of a report is made by it.
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def render(
    findings: Sequence[Finding],
    *,
    limit: int | None = None,
    more: str = "",
    labels: Mapping[str, str] | None = None,
    what: str = "",
    notes: Sequence[str] = (),
    placing: Placing | None = None,
) -> str:
    """Return the page.

    Args:
        findings: What was found.
        limit: Show that many.
        more: What the limit hides, in words.
        labels: The names of focus nodes.
        what: What was looked at.
        notes: What was asked, and by whom.
        placing: What the files do to the tree of classes.
    """
    texts: dict[str, list[str]] = {}
    shown = [_shown(f, labels or {}, texts) for f in findings[:limit]]
    groups = []
    for severity, heading in _HEADINGS.items():
        rules: dict[str, list[_Shown]] = {}
        for item in shown:
            if item.finding.severity == severity:
                rules.setdefault(item.finding.shape, []).append(item)
        if rules:
            total = sum(f.severity == severity for f in findings)
            groups.append((severity, heading, total, rules))
    counts = {s: sum(f.severity == s for f in findings) for s in _HEADINGS}
    text = _template().render(
        verdict=_verdict(counts), groups=groups, what=what, notes=notes, placing=placing, more=more
    )
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _verdict(counts: Mapping[str, int]) -> str:
    if counts["incomplete"]:
        return f"Incomplete: {counts['incomplete']} part(s) could not be looked at"
    if counts["violation"]:
        return f"{counts['violation']} violation(s)"
    return "Conforms"


def _shown(finding: Finding, labels: Mapping[str, str], texts: dict[str, list[str]]) -> _Shown:
    axioms = _AXIOM.findall(finding.message)
    said = _AXIOM.sub("", finding.message).strip()
    advice = _ADVICE.get(finding.shape, "")
    sentences = _SENTENCE.split(said)
    if not advice and len(sentences) > 1:
        said, advice = " ".join(sentences[:-1]), sentences[-1]
    excerpt = list(_excerpt(finding, texts))
    return _Shown(finding, labels.get(finding.focus, ""), said, axioms, advice, excerpt)


def _excerpt(finding: Finding, texts: dict[str, list[str]]) -> Iterable[tuple[int, str]]:
    """Yield the lines of the file around a finding, with their numbers."""
    if not finding.line:
        return
    if finding.file not in texts:
        try:
            texts[finding.file] = files.read_text(Path(finding.file)).splitlines()
        except UserError:  # the finding itself is told
            texts[finding.file] = []
    for number in range(max(finding.line - _AROUND, 1), finding.line + _AROUND + 1):
        if number <= len(lines := texts[finding.file]):
            yield number, formats.printable(lines[number - 1])[:_LONGEST]
