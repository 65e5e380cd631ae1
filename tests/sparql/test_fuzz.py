"""A short run of mutated queries; `docs/fuzzing.md` tells of the long ones."""

import random

import pytest

from sarcoma_kg.sparql.tokens import without_escapes
from tests.sparql import fuzz, mutated


def test_mutated_queries_call_nobody_and_end_with_words() -> None:
    tally = fuzz.fuzz(150, seed=7)
    assert tally.found == []
    assert tally.ends["answered"] > 10
    assert tally.ends["refused"] > 10
    assert tally.memory < 300


def test_a_guard_that_lets_all_pass_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run sees what it is for: without the guard, somebody is called."""
    monkeypatch.setattr(mutated, "SEEDS", ["SELECT * { ?s ?p ?o }"])
    monkeypatch.setattr(mutated, "hostile", lambda found: [f"SERVICE <{found[0]}> {{}}"])
    monkeypatch.setattr(fuzz, "GUARD", "none")
    tally = fuzz.fuzz(60, seed=1)
    assert "a call" in {found.what for found in tally.found}


def test_the_mutations_are_the_same_for_a_seed() -> None:
    pieces = mutated.hostile(["http://127.0.0.1:1/"])
    one, other = (mutated.mutate(random.Random("1/1"), pieces) for _ in range(2))
    assert one == other
    texts = {mutated.mutate(random.Random(f"1/{n}"), pieces) for n in range(200)}
    assert len(texts) > 190
    assert any("SERVICE" in without_escapes(text) for text in texts)
