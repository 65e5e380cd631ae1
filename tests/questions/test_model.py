"""`sarcoma-kg model` tells what the graph holds, and docs/model.md is what it prints."""

import json
from pathlib import Path

import pytest

from sarcoma_kg.cli import main
from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import model
from sarcoma_kg.stores.store import EmbeddedStore

PAGE = Path(__file__).parents[2] / "docs" / "model.md"


@pytest.fixture(scope="module")
def read(store: EmbeddedStore) -> model.Model:
    return model.read(store)


def test_the_page_is_what_is_printed(read: model.Model) -> None:
    hint = "sarcoma-kg build && sarcoma-kg model --format md > docs/model.md"
    assert PAGE.read_text("utf-8") == model.render(read, "md"), hint


def test_the_counts_are_those_of_the_graph(read: model.Model, store: EmbeddedStore) -> None:
    prefix = f"PREFIX skg: <{namespaces.SKG}>\n"
    for kind in read.kinds:
        if kind.name in {"skg:StudyResult", "skg:RegulatoryEvent", "skg:OutcomeMeasurement"}:
            found = store.select(f"{prefix}SELECT DISTINCT ?x {{ ?x a {kind.name} }}")
            assert kind.number == len(found.rows)
    (slot,) = [s for s in read.slots if s.name == "skg:hasMeasurement"]
    found = store.select(f"{prefix}SELECT DISTINCT ?x {{ ?x skg:hasMeasurement ?y }}")
    assert (slot.number, slot.classes) == (
        len(found.rows),
        ("skg:ExternalEvidence", "skg:StudyResult"),
    )
    assert ("skg:StudyResult", "skg:hasMeasurement", "skg:OutcomeMeasurement") in read.links


def test_every_list_and_value_is_told(read: model.Model, store: EmbeddedStore) -> None:
    skos = namespaces.PREFIXES["skos"]
    found = store.select(f"SELECT DISTINCT ?v {{ ?v <{skos}inScheme> ?s }}")
    told = {value.name for value in read.values}
    assert told == {namespaces.contract(row["v"]) for row in found.dicts()}
    assert all(value.example or not value.number for value in read.values)


def test_the_command_prints_all_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {"kinds", "slots", "values", "links"}
    assert main(["model"]) == 0
    assert "Value lists" in capsys.readouterr().out
