"""Findings as a report: text and html for people; turtle, json, csv, sarif, junit for machines.

Follows SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), the JUnit XML that CI servers
read (https://github.com/testmoapp/junitxml) and, for turtle, section 3 of SHACL. Everything here is
a pure function from findings to text; what data say is escaped for the format it goes into.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.ground.version import __version__

__all__ = ["FORMATS", "left_out", "render", "turtle"]

FORMATS = ("text", "turtle", "json", "csv", "sarif", "junit", "html")

_COLUMNS = ("severity", "shape", "focus", "path", "value", "message", "file", "line", "column")
_LEVELS = {
    "violation": "error",
    "warning": "warning",
    "info": "note",
    "incomplete": "error",
    "note": "note",
}
#: What XML 1.0 cannot hold, not even escaped (production Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}

Labels = Mapping[str, str]


def left_out(total: int, limit: int | None) -> str:
    """Return a line that says how many findings a limit hides; empty when it hides none."""
    hidden = 0 if limit is None else total - limit
    if hidden <= 0:
        return ""
    return f"{hidden} more finding{'' if hidden == 1 else 's'} not shown (--max {limit})"


def render(
    findings: Sequence[Finding],
    form: str,
    *,
    limit: int | None = None,
    labels: Labels | None = None,
) -> str:
    """Return a report of findings, ending with a newline.

    Args:
        findings: What was found, in the order in which it is to be shown.
        form: One of `FORMATS` but turtle, which needs the results themselves.
        limit: Show that many; the report says how many more there are. A CSV has no place for
            this beside its rows: print `left_out` next to it.
        labels: The names of focus nodes, for text, sarif and junit.
    """
    shown = list(findings if limit is None else findings[: max(limit, 0)])
    more = left_out(len(findings), limit)
    named = labels or {}
    if form == "csv":
        rows = [_COLUMNS, *(tuple(str(f.as_dict()[key]) for key in _COLUMNS) for f in shown)]
        return "".join(map(formats.csv_line, rows))
    if form == "json":
        return _json(findings, shown)
    if form == "text":
        return _text(findings, shown, more, named)
    if form == "html":
        # The template engine is for this one alone.
        from sarcoma_kg.quality import report_page

        return report_page.render(findings, limit=limit, more=more, labels=named)
    if form == "sarif":
        return _sarif(findings, shown, more, named)
    if form == "junit":
        return _junit(shown, findings[len(shown) :], more, named)
    raise ValueError(f"no report format: {form}")


def turtle(
    report: Iterable[Any], *, limit: int | None = None, beside: Iterable[Finding] = ()
) -> str:
    """Return the triples of a sh:ValidationReport as Turtle.

    Args:
        report: The triples (pyoxigraph).
        limit: Keep that many results; a comment at the end says how many more there are. What
            hangs from a result that is left out goes with it.
        beside: Findings that are no results of SHACL; comments at the end have those that limit
            the verdict, and an incomplete report does not say that the data conforms.
    """
    import pyoxigraph as ox

    result = ox.NamedNode(f"{namespaces.PREFIXES['sh']}result")
    limits = [f for f in beside if f.severity in ("incomplete", "note")]
    conforms = f"<{namespaces.PREFIXES['sh']}conforms>"
    incomplete = any(f.severity == "incomplete" for f in limits)
    triples = [
        t
        for t in report
        if not (incomplete and str(t.predicate) == conforms and t.object.value == "true")
    ]
    results = [t for t in triples if t.predicate == result]
    more = left_out(len(results), limit)
    if more:
        kept = set(results[: max(limit or 0, 0)])
        triples = [t for t in triples if t.predicate != result or t in kept]
        reached = {t.subject for t in results}
        by_subject: dict[object, list[Any]] = {}
        for t in triples:
            by_subject.setdefault(t.subject, []).append(t)
        wanted, seen = list(reached), set()
        while wanted:
            node = wanted.pop()
            if node not in seen:
                seen.add(node)
                wanted += [t.object for t in by_subject.get(node, ())]
        triples = [t for t in triples if t.subject in seen]
    prefixes = {k: namespaces.PREFIXES[k] for k in ("sh", "kb", "skg", "skgsh", "xsd")}
    data = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    comments = [more] if more else []
    comments += [f"{f.severity.upper()}: {f.focus}: {f.message}" for f in limits]
    return data.decode() + "".join(f"# {_line(comment)}\n" for comment in comments)


def _line(text: str) -> str:
    """Keep what stands on one line on one line, and control characters off the terminal."""
    return formats.printable(" ".join(text.splitlines()))


def _place(finding: Finding) -> str:
    return f"{finding.where}: " if finding.file else ""


def _grouped(findings: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.shape), []).append(finding)
    return groups


def _text(all_of: Sequence[Finding], shown: list[Finding], more: str, labels: Labels) -> str:
    """The counts are those of the whole run, whatever is shown."""
    counts = {key: len(group) for key, group in _grouped(all_of).items()}
    lines = []
    for (severity, shape), group in _grouped(shown).items():
        lines.append(f"{severity}: {_line(shape)} ({counts[severity, shape]})")
        messages = {finding.message for finding in group}
        # A message that holds for the whole group is read once.
        if len(messages) == 1:
            lines += [f"  {_line(line)}" for line in group[0].message.splitlines()]
        for finding in group:
            label = labels.get(finding.focus, "")
            words = [_line(_place(finding)) + _line(finding.focus)]
            words += [f"“{_line(label)}”"] if label else []
            words += [f"{_line(finding.path)}"] if finding.path else []
            words += [f"[{_line(finding.value)}]"] if finding.value else []
            lines.append("    " + " ".join(words))
            if len(messages) > 1:
                lines += [f"      {_line(line)}" for line in finding.message.splitlines()]
        lines.append("")
    if more:
        lines.append(f"... {more}")
    return "\n".join(lines).rstrip("\n") + "\n" if lines else ""


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    counts = dict.fromkeys(("violation", "warning", "info"), 0)
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return counts


def _json(all_of: Sequence[Finding], shown: list[Finding]) -> str:
    counts = _counts(all_of)
    data = {
        "conforms": not (counts["violation"] or counts.get("incomplete")),
        "complete": not counts.get("incomplete"),
        "counts": counts,
        "leftOut": len(all_of) - len(shown),
        "findings": [finding.as_dict() for finding in shown],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _uri(file: str) -> str:
    """Return a file name as SARIF wants it: a URI, relative where the name is relative."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same when lines move, so that CI servers know a finding again."""
    what = (finding.shape, finding.focus, finding.path, finding.value)
    return hashlib.sha256("\0".join(what).encode("utf-8", "replace")).hexdigest()


def _sarif_result(finding: Finding, rules: dict[str, int], labels: Labels) -> dict[str, Any]:
    label = labels.get(finding.focus, "")
    logical = {"fullyQualifiedName": finding.focus, **({"name": label} if label else {})}
    location: dict[str, Any] = {"logicalLocations": [logical]}
    if finding.file:
        where: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line > 0:
            column = {"startColumn": finding.column} if finding.column else {}
            where["region"] = {"startLine": finding.line, **column}
        location = {"physicalLocation": where, **location}
    value = f" [{finding.value}]" if finding.value else ""
    return {
        "ruleId": finding.shape,
        "ruleIndex": rules.setdefault(finding.shape, len(rules)),
        "level": _LEVELS.get(finding.severity, "warning"),
        "message": {"text": f"{finding.focus}{value}: {finding.message}"},
        "locations": [location],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
    }


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}


def _sarif(all_of: Sequence[Finding], shown: list[Finding], more: str, labels: Labels) -> str:
    unlooked = [finding for finding in all_of if finding.severity == "incomplete"]
    rules: dict[str, int] = {}
    results = [_sarif_result(finding, rules, labels) for finding in shown]
    driver = {
        "name": "sarcoma-kg",
        "version": __version__,
        "rules": [{"id": shape} for shape in rules],
    }
    run: dict[str, Any] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
    gaps = [_notification("error", f"not looked at: {f.focus}: {f.message}") for f in unlooked]
    notes = [_notification("note", more)] if more else []
    if gaps or notes:
        run["invocations"] = [
            {"executionSuccessful": not gaps, "toolExecutionNotifications": [*gaps, *notes]}
        ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{**run, "results": results}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _xml(text: str) -> str:
    return html.escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _attributes(**values: object) -> str:
    """Return XML attributes; a parser would turn a bare line break into a space."""
    escaped = {
        name: "".join(_LINE_BREAKS.get(c, c) for c in _xml(str(value)))
        for name, value in values.items()
    }
    return "".join(f' {name}="{value}"' for name, value in escaped.items())


def _case(finding: Finding, labels: Labels) -> list[str]:
    label = labels.get(finding.focus, "")
    name = " ".join(filter(None, [finding.focus, label and f"“{label}”", finding.path]))
    place = {"file": finding.file, "line": finding.line or None}
    known = {key: value for key, value in place.items() if value}
    value = f" [{finding.value}]" if finding.value else ""
    words = _xml(f"{_place(finding)}{finding.focus}{value}\n{finding.message}")
    head = f"  <testcase{_attributes(classname=finding.shape, name=name, **known)}>"
    # Only what makes the data not conform fails a build.
    if finding.severity == "violation":
        kind = _attributes(type=finding.severity, message=finding.message)
        inner = f"   <failure{kind}>{words}</failure>"
    elif finding.severity == "incomplete":
        kind = _attributes(type=finding.severity, message=finding.message)
        inner = f"   <error{kind}>{words}</error>"
    else:
        inner = f"   <system-out>{_xml(finding.severity)}: {words}</system-out>"
    return [head, inner, "  </testcase>"]


def _suite(name: str, cases: list[list[str]], failed: int, broken: int = 0) -> list[str]:
    errors = {"errors": broken} if broken else {}
    counts = _attributes(name=name, tests=len(cases), failures=failed, **errors)
    head = f" <testsuite{counts}>"
    return [head, *(line for case in cases for line in case), " </testsuite>"]


def _junit(shown: list[Finding], hidden: Sequence[Finding], more: str, labels: Labels) -> str:
    def failures(findings: Sequence[Finding], severity: str = "violation") -> int:
        return sum(finding.severity == severity for finding in findings)

    suites: dict[str, list[Finding]] = {}
    for finding in shown:
        suites.setdefault(finding.shape, []).append(finding)
    lines = []
    for shape, group in suites.items():
        cases = [_case(finding, labels) for finding in group]
        lines += _suite(shape, cases, failures(group), failures(group, "incomplete"))
    # CI servers take a report without any test for a run that broke, and what is not shown must
    # not turn a failed run into a passed one.
    bad = min(failures(hidden) + failures(hidden, "incomplete"), 1)
    if more or not shown:
        case = f"  <testcase{_attributes(classname='sarcoma-kg', name=more or 'conforms')}"
        failure = f"><failure{_attributes(type='violation', message=more)}/></testcase>"
        lines += _suite("sarcoma-kg", [[case + (failure if bad else "/>")]], bad)
    total = _attributes(
        name="sarcoma-kg validate",
        tests=len(shown) + bool(more or not shown),
        failures=failures(shown) + bad,
        **({"errors": broken} if (broken := failures(shown, "incomplete")) else {}),
    )
    head = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{total}>"]
    return "\n".join([*head, *lines, "</testsuites>"]) + "\n"
