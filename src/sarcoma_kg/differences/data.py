"""What changed as JSON: every change, also those within things that are new or gone as a whole."""

import json
from collections import Counter
from typing import Any

from sarcoma_kg.differences.expressions import Expression, Iri, Value
from sarcoma_kg.differences.model import Change, Difference
from sarcoma_kg.differences.names import Names
from sarcoma_kg.differences.snapshot import Snapshot
from sarcoma_kg.ground import namespaces

__all__ = ["render"]


def render(difference: Difference) -> str:
    """Return the changes as JSON with the keys old, new, counts and changes."""
    names = Names(difference.old, difference.new)
    counts = Counter(f"{c.group}: {c.kind} {c.action}" for c in difference.changes if not c.within)
    data = {
        "old": _state(difference.old),
        "new": _state(difference.new),
        "counts": dict(sorted(counts.items())),
        "changes": [_change(change, names) for change in difference.changes],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _state(state: Snapshot) -> dict[str, str]:
    return {"name": state.name, "version": state.version}


def _named(iri: str, names: Names) -> dict[str, str]:
    named = {"curie": namespaces.contract(iri), "iri": iri}
    if label := names.label(iri):
        named["label"] = label
    return named


def _change(change: Change, names: Names) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": change.kind, "action": change.action, "group": change.group}
    if change.group == "contracts":
        row["file"] = change.subject
        row["part"] = change.slot
    else:
        if change.subject:
            row["subject"] = _named(change.subject, names)
        if change.slot:
            row["property"] = _named(change.slot, names)
    if change.on:
        row["axiom"] = {
            "property": _named(change.on[0], names), "value": _value(change.on[1], names)
        }  # fmt: skip
    row["old"] = [_value(value, names) for value in change.old]
    row["new"] = [_value(value, names) for value in change.new]
    row["within"] = change.within
    return row


def _value(value: Value, names: Names) -> dict[str, Any]:
    if isinstance(value, Iri):
        return _named(value.iri, names)
    if isinstance(value, Expression):
        if value.operator in {"mapping", "denied mapping", "synonym"}:
            on, target = (_value(part, names) for part in value.parts)
            return {"property": on, "value": target, "denied": value.operator[0] == "d"}
        return {"expression": names.words(value)}
    row = {"text": value.text}
    if value.language:
        row["language"] = value.language
    if value.datatype:
        row["datatype"] = namespaces.contract(value.datatype)
    return row
