"""Where to go on from a thing of the graph: the commands to type, and how many rows each has."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions.catalog import DATE, Question
from sarcoma_kg.stores.store import Store

__all__ = ["MOST_RECORDS", "Lead", "leads", "typed"]

#: With more records of databases in the graph the questions that look at each are not counted.
MOST_RECORDS = 10_000
_EACH_RECORD = re.compile(r"\bskg:(?:recordQuestion|EvidenceRecord)\b")
_SKG = namespaces.PREFIXES["skg"]


class Lead(NamedTuple):
    """A command, the number of rows that it answers with (None: no table), and what it tells."""

    command: str
    rows: int | None
    tells: str


def typed(*words: str) -> str:
    """Return the command as it may be typed in any shell."""
    plain = (w if re.fullmatch(r"[\w.:/=+-]+(?: [\w.:/+][\w.:/+-]*)*", w) else shlex.quote(w)
             for w in words)  # fmt: skip
    return " ".join(["sarcoma-kg", *plain])


def leads(
    store: Store, questions: Sequence[Question], kind: str, iri: str, name: str
) -> list[Lead]:
    """Return the questions that take a thing as their parameter, those with rows alone.

    In a graph with more than `MOST_RECORDS` records those that look at each record are told
    without a number, whether they have rows or not.

    Args:
        store: The graph.
        questions: The packaged questions.
        kind: What the thing is, as `lookup.kind_of` gives it.
        iri: The thing.
        name: What it is called.
    """
    found = []
    many = _has_many_records(store)
    for question in questions:
        parameter = next((p for p in question.parameters if p.kind == kind), None)
        if parameter is None:
            continue
        query, rows, tells = question.query({parameter.name: iri}), None, question.summary
        if many and _EACH_RECORD.search(query):
            tells += f" (not counted, of more than {MOST_RECORDS:,} records)"
        elif not (rows := len(store.select(query).rows)):
            continue
        # One parameter beside days needs no name.
        alone = [p for p in question.parameters if p.kind != DATE] == [parameter]
        words = [name] if alone else [f"--{parameter.option}", name]
        found.append(Lead(typed("ask", question.id, *words), rows, tells))
    return found


def _has_many_records(store: Store) -> bool:
    query = f"SELECT ?r {{ ?r a <{_SKG}EvidenceRecord> }} LIMIT 1 OFFSET {MOST_RECORDS}"
    return bool(store.select(query).rows)
