"""What a dossier costs does not grow with the records of databases in the graph."""

import time
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import catalog, leads, shown
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms.things import Thing

GIST = Thing("Disease", namespaces.SKG + "GastrointestinalStromalTumor")
EACH = {"CQ63", "CQ64", "CQ65", "CQ66"}
_RECORD = namespaces.KB + "civic-eid-"
_COPIES = 40


@pytest.fixture(scope="module")
def questions() -> list[catalog.Question]:
    return catalog.load()


@pytest.fixture(scope="module")
def crowded(build: Build) -> EmbeddedStore:
    """The packaged graph with copies of its records, and nothing inferred of them anew."""
    quads = [*build.open().inner.quads_for_pattern(None, None, None, ox.DefaultGraph())]
    copies = (
        ox.Quad(ox.NamedNode(f"{q.subject.value}{at:06}"), q.predicate, q.object)
        for q in quads
        if isinstance(q.subject, ox.NamedNode) and q.subject.value.startswith(_RECORD)
        for at in range(_COPIES)
    )
    store = ox.Store()
    store.bulk_extend([*quads, *copies])
    return EmbeddedStore(store)


def _told(store: EmbeddedStore, questions: list[catalog.Question]) -> dict[str, leads.Lead]:
    found = leads.leads(store, questions, GIST.kind, GIST.iri, "GIST")
    return {lead.command.split()[2]: lead for lead in found}


def test_questions_on_each_record_are_not_counted_among_many(
    build: Build, questions: list[catalog.Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = build.open()
    before = _told(store, questions)
    monkeypatch.setattr(leads, "MOST_RECORDS", 100)
    after = _told(store, questions)
    assert before.keys() >= EACH
    for name, lead in before.items():
        if name not in EACH:
            assert after[name] == lead
            continue
        assert after[name].command == lead.command
        assert after[name].rows is None
        assert after[name].tells == f"{lead.tells} (not counted, of more than 100 records)"


@pytest.mark.slow
def test_a_dossier_takes_as_long_among_many_records(
    build: Build, crowded: EmbeddedStore, questions: list[catalog.Question],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(leads, "MOST_RECORDS", 100)

    def least(call: Callable[[], object]) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            call()
            times.append(time.process_time() - began)
        return min(times)

    few, many = (
        least(lambda: shown.show(store, GIST, questions, onward=True))  # noqa: B023
        for store in (build.open(), crowded)
    )
    assert many < 1.5 * few
