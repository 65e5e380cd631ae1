"""Values that a cell joins stand in one order, for Python, terminal and pages alike."""

import csv
import io

import pytest

import sarcoma_kg as skg
from sarcoma_kg.building import builds
from sarcoma_kg.questions import values
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions
from tests.commands import golden


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("b | a", "a | b"),
        ("cited, unsupported | externally disputed", "externally disputed | cited, unsupported"),
        ("uncited | externally qualified | not assessed",
         "externally qualified | uncited | not assessed"),
        ("a, b", "a, b"),
    ],
)  # fmt: skip
def test_values_are_sorted_and_the_gravest_status_is_first(found: str, told: str) -> None:
    answer = Solutions(["x", "y"], [(Term("literal", found), None)])
    assert values.ordered(answer).rows == [(Term("literal", told), None)]


def test_an_iri_is_left_as_it_is() -> None:
    row = (Term("iri", "http://example.org/b | a"),)
    assert values.ordered(Solutions(["x"], [row])).rows == [row]


def joined(answer: Solutions) -> Solutions:
    """Return an answer as an engine would give it that joins from the end."""
    turned = [
        tuple(
            t and t._replace(value=values.JOINT.join(reversed(t.value.split(values.JOINT))))
            for t in row
        )
        for row in answer.rows
    ]
    return Solutions(answer.variables, turned)


@pytest.mark.parametrize("question", ["CQ01", "CQ08", "CQ49"])
def test_the_order_of_an_engine_is_not_seen(
    question: str, build: builds.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    kg = skg.open()
    asked, select = kg.ask(question).to_dicts(), kg.store.select
    monkeypatch.setattr(kg.store, "select", lambda query: joined(select(query)))
    assert kg.ask(question).to_dicts() == asked
    assert any(values.JOINT in str(cell) for row in asked for cell in row.values())
    rows = csv.DictReader(io.StringIO(golden.printed(f"ask {question} --format csv")))
    for row, same in zip(rows, asked, strict=False):  # the day stands below
        assert {name: row[name] for name in same} == {n: str(v or "") for n, v in same.items()}
