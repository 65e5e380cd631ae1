"""Rules come to rest: those that run once leave nothing for another round."""

import random
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, rules
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.stores.store import EmbeddedStore

EXAMPLE = resources.data_root() / "ontology" / "examples" / "lab-extension.ttl"


def graph(build: builds.Build, files: Sequence[Path] = ()) -> EmbeddedStore:
    """Return the graph with files; what the reasoner said of the packaged one stands as is."""
    store = EmbeddedStore(ox.Store())
    store.inner.bulk_extend(ontologies.together(ontologies.read_all(files)))
    parsed = ox.parse(path=str(build.folder / "inferred.nt"), format=ox.RdfFormat.N_TRIPLES)
    store.inner.extend(q for q in parsed if q.predicate.value.endswith("#subClassOf"))
    return store


@pytest.mark.slow
@pytest.mark.parametrize("files", [[], [EXAMPLE]], ids=["packaged", "extension"])
def test_a_further_round_adds_nothing(build: builds.Build, files: list[Path]) -> None:
    store = graph(build, files)
    assert len(rules.apply(store)) > 10_000
    for path in rules.rule_files():
        assert rules._add(store, rules._found(store, path, path.read_text("utf-8"))) == set()


def rule(folder: Path, name: str, text: str, header: str = "") -> Path:
    path = folder / name
    path.write_text(f"#+ summary: test\n{header}{text}", encoding="utf-8")
    return path


def test_a_rule_that_counts_sees_what_all_others_found(tmp_path: Path) -> None:
    store = EmbeddedStore(ox.Store())
    store.inner.load(b"<urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> <urn:c> .", ox.RdfFormat.TURTLE)
    once = "#+ runs: once, after the others\n"
    leaf = "CONSTRUCT { ?x <urn:leaf> true } { ?y <urn:q> ?x FILTER NOT EXISTS { ?x <urn:q> ?z } }"
    files = [
        rule(tmp_path, "10-leaf.rq", leaf, once),
        rule(tmp_path, "20-q.rq", "CONSTRUCT { ?x <urn:q> ?y } { ?x <urn:p>+ ?y }"),
    ]
    leaves = [t.subject.value for t in rules.apply(store, files) if t.predicate.value == "urn:leaf"]  # type: ignore[union-attr]
    assert leaves == ["urn:c"]


def test_rules_that_never_rest_are_told(tmp_path: Path) -> None:
    store = EmbeddedStore(ox.Store())
    store.inner.load(b"<urn:a> <urn:n> 1 .", ox.RdfFormat.TURTLE)
    endless = rule(
        tmp_path, "10.rq", "CONSTRUCT { ?x <urn:n> ?m } { ?x <urn:n> ?n BIND(?n + 1 AS ?m) }"
    )
    with pytest.raises(UserError, match="still add"):
        rules.apply(store, [endless])


@pytest.mark.slow
def test_a_closure_finds_what_all_rules_find(build: builds.Build) -> None:
    """Of the example with triples gone, and back again: as if nothing had been known."""
    chance = random.Random(5)
    own = {q.triple for d in ontologies.read_all([EXAMPLE]) for q in d.quads}
    closure = rules.Closure()
    for part in (own, own, set(chance.sample(sorted(own, key=str), len(own) // 2)), own):
        found = []
        for known in (closure, None):
            store = graph(build)
            store.inner.extend(ox.Quad(*triple) for triple in part)
            found.append(rules.apply(store, closure=known, around=part))
        assert found[0] == found[1]
