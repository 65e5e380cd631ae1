"""Without audit and external evidence a neutral, faithful copy of the reviews is left."""

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.reading import loading
from sarcoma_kg.stores.store import EmbeddedStore

LAYERS = {"citation-audit.ttl", "external-evidence.ttl", "curation-notes.ttl", "civic.ttl"}
SKG = namespaces.SKG


@pytest.fixture(scope="module")
def neutral() -> EmbeddedStore:
    """The graph built from what the sources say alone."""
    said = [p for p in resources.claim_files() if p.name not in LAYERS]
    assert {p.name for p in said} == {"S1.ttl", "S2.ttl", "references-S2.ttl"}
    quads = list(loading.packaged(said))
    store = EmbeddedStore(ox.Store())
    store.inner.bulk_extend(quads)
    found = pipeline.infer(quads).triples
    store.inner.extend(ox.Quad(t.subject, t.predicate, t.object) for t in found)
    return store


PROLOGUE = f"PREFIX skg: <{SKG}> PREFIX cito: <{namespaces.PREFIXES['cito']}> "


def count(store: EmbeddedStore, pattern: str) -> int:
    answer = store.select(f"{PROLOGUE} SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    return int(next(answer.dicts())["n"])


@pytest.mark.parametrize(
    "judgement",
    [
        "?x skg:citationVerdict ?y",
        "?x cito:disputes ?y",
        "?x cito:qualifies ?y",
        "?x cito:supports ?y",
        "?x a skg:ExternalEvidence",
        "?x a skg:EvidenceRecord",
        "?x a skg:AgreementLink",
        "?x a skg:AgreementSummary",
        "?x a skg:SuspectedCorrection",
        "?x skg:sameWorkAs ?y",
        "?x skg:inTensionWith ?y",
        "?x skg:hasException ?y",
        "?x skg:curatorNote ?y",
        "?x skg:outsideSearchWindow ?y",
        "?x skg:checkStatus ?y",
        "?x skg:evidenceStatus ?y FILTER(?y != skg:Uncited)",
    ],
)
def test_no_judgement_is_left(neutral: EmbeddedStore, store: EmbeddedStore, judgement: str) -> None:
    assert count(neutral, judgement) == 0
    assert count(store, judgement) > 0, "the pattern finds nothing in the full graph either"


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("?x skg:hasProposition ?y", 167),
        ("?x a skg:Proposition", 154),
        ("?x a skg:CitationAct", 196),
        ("?x a skg:Reference", 100),
        ("?x skg:paraphrase ?y", 167),
    ],
)
def test_all_that_is_said_is_left(neutral: EmbeddedStore, what: str, number: int) -> None:
    assert count(neutral, what) == number


def test_every_claim_triple_is_the_same(neutral: EmbeddedStore, store: EmbeddedStore) -> None:
    """The layers add to claims; they change none of their triples."""

    def of_claims(one: EmbeddedStore) -> set[ox.Triple]:
        return set(
            one.construct(
                PROLOGUE + "CONSTRUCT { ?c ?p ?o } WHERE { ?c skg:hasProposition ?x ; ?p ?o }"
            )
        )

    added = {t.predicate.value for t in of_claims(store) - of_claims(neutral)}
    assert of_claims(neutral) <= of_claims(store)
    local = {"evidenceStatus", "inTensionWith", "hasException", "curatorNote"}
    local |= {"betterFittingReference", "betterFittingByLabelOnly", "betterFitNote"}
    assert added <= {SKG + name for name in local}


def test_nothing_is_asserted_as_a_fact_about_treatment(store: EmbeddedStore) -> None:
    """No disease class is related to a therapy class: only claims link the two."""
    assert (
        count(store, "?d skg:rollsUpTo skg:Disease . ?t skg:rollsUpTo skg:Therapy . ?d ?p ?t") == 0
    )
    assert (
        count(store, "?d skg:rollsUpTo skg:Disease . ?t skg:rollsUpTo skg:Therapy . ?t ?p ?d") == 0
    )
