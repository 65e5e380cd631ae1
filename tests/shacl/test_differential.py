"""The SHACL compiler against pySHACL on generated shapes and data.

2,000 pairs here; `python -m tests.shacl.differential` runs as many as one likes, by seed.
"""

import itertools
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sarcoma_kg.shacl import exact
from tests.shacl import by_the_book, deviations, differential, generated
from tests.shacl.generated import Pair
from tests.shacl.vocabulary import SHACL

T = TypeVar("T")
DOCUMENT = Path(__file__).parents[2] / "docs" / "shacl-disagreements.md"
#: Section 4 of the specification.
COMPONENTS = {
    "Class", "Datatype", "NodeKind", "MinCount", "MaxCount", "MinExclusive", "MinInclusive",
    "MaxExclusive", "MaxInclusive", "MinLength", "MaxLength", "Pattern", "LanguageIn",
    "UniqueLang", "Equals", "Disjoint", "LessThan", "LessThanOrEquals", "Not", "And", "Or",
    "Xone", "Node", "QualifiedMinCount", "QualifiedMaxCount", "Closed", "HasValue", "In",
}  # fmt: skip
STRUCTURE = {
    "targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf", "path", "inversePath",
    "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath", "property", "flags",
    "ignoredProperties", "deactivated", "qualifiedValueShapesDisjoint", "severity", "message",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Rdflib logs a traceback for every ill-formed literal."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class Drawn:
    """Decides by draws of Hypothesis, which then knows how to make a pair smaller."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def pick(self, options: Sequence[T]) -> T:
        chosen: T = self._draw(st.sampled_from(options))
        return chosen


@st.composite
def drawn(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Pair:
    return generated.make(Drawn(draw))


@pytest.mark.slow
@settings(
    max_examples=2000,
    deadline=None,
    # The same pairs in every run, so that a failure belongs to the change; long runs find new ones.
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Explaining a failure takes longer than finding it.
    phases=[Phase.generate, Phase.shrink],
)
@given(drawn())
def test_the_compiler_finds_what_pyshacl_finds(pair: Pair) -> None:
    found = differential.compare(pair)
    assert found is None or found.known, differential.describe(found)


def test_the_pairs_reach_the_whole_of_the_core() -> None:
    """What is never generated, or never violated, is not tested."""
    used: Counter[str] = Counter()
    violated: Counter[str] = Counter()
    for number in range(1500):
        pair = generated.make(generated.Seeded(f"coverage-{number}"))
        used.update({t.predicate.value.removeprefix(SHACL) for t in pair.shapes})
        violated.update({key[2] for key in by_the_book.report(*pair)})
    assert not {name for name in STRUCTURE if used[name] < 20}
    assert set(violated) == COMPONENTS


def test_a_seed_gives_the_same_pair_everywhere() -> None:
    first, second = (generated.make(generated.Seeded("1-17")) for _ in range(2))
    assert first == second
    assert first != generated.make(generated.Seeded("1-18"))


def examples() -> dict[str, Pair]:
    """Return the examples of the document: a heading, then shapes and data in Turtle."""
    text = DOCUMENT.read_text(encoding="utf-8")
    prefixes = "".join(f"@prefix {k}: <{v}> .\n" for k, v in differential.PREFIXES.items())

    def read(turtle: str) -> list[ox.Triple]:
        quads = ox.parse((prefixes + turtle).encode(), format=ox.RdfFormat.TURTLE)
        return [quad.triple for quad in quads]

    found = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"```turtle\n# (?:shapes|data)\n(.*?)```", part, re.DOTALL)
        assert len(blocks) == 2, part.splitlines()[0]
        found[part.splitlines()[0].replace("`", "")] = Pair(read(blocks[0]), read(blocks[1]))
    return found


def test_every_known_deviation_is_documented() -> None:
    assert set(examples()) == {known.name for known in deviations.KNOWN}
    text = DOCUMENT.read_text(encoding="utf-8").replace("`", "")
    for known in deviations.KNOWN:
        part = text.split(f"### {known.name}\n")[1].split("\n### ")[0]
        assert all(section in part for section in known.section.split(", ")), known.name


@pytest.mark.parametrize("name", [known.name for known in deviations.KNOWN])
def test_the_documented_example_shows_the_deviation(name: str) -> None:
    found = differential.compare(examples()[name])
    assert found is not None
    assert found.known == name, differential.describe(found)


def test_a_wrong_result_is_found_and_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test would notice a compiler that forgets sh:maxCount, within few pairs."""

    def forgetful(pair: Pair, _: int | None) -> Counter[Any]:
        results = by_the_book.report(*pair).items()
        return Counter({key: count for key, count in results if key[2] != "MaxCount"})

    monkeypatch.setattr(differential, "by_compiler", forgetful)
    for number in range(500):
        found = differential.compare(generated.make(generated.Seeded(f"2-{number}")))
        if found is not None and not found.known:
            break
    else:
        pytest.fail("nothing was noticed")
    small = differential.shrink(found)
    assert not small.known
    assert len(small.pair.shapes) + len(small.pair.data) <= 12
    assert "MaxCount" in differential.describe(small)


def test_a_store_that_changes_terms_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the care for terms as they are written, 007 would pass for 7."""
    monkeypatch.setattr(exact, "altered", lambda _: set())
    found = (
        differential.compare(generated.make(generated.Seeded(f"4-{number}")))
        for number in range(800)
    )
    assert any(disagreement and not disagreement.known for disagreement in found)


@pytest.mark.parametrize("between", [0, 1, 3])
def test_a_class_of_classes_of_any_depth_makes_a_shape_its_own_target(between: int) -> None:
    """As ASHRAE 223p has it; pySHACL sees a class of classes directly below rdfs:Class only."""
    chain = ["ex:Kind", *(f"ex:Kind{n}" for n in range(between)), "rdfs:Class"]
    above = "".join(f"{one} rdfs:subClassOf {other} . " for one, other in itertools.pairwise(chain))
    prefixes = "".join(f"@prefix {k}: <{v}> .\n" for k, v in differential.PREFIXES.items())

    def read(turtle: str) -> list[ox.Triple]:
        quads = ox.parse((prefixes + turtle).encode(), format=ox.RdfFormat.TURTLE)
        return [quad.triple for quad in quads]

    shape = "ex:Point a ex:Kind , sh:NodeShape ; sh:property [ sh:path ex:of ; sh:minCount 1 ] ."
    pair = Pair(read(above + shape), read("ex:x a ex:Point ."))
    found = differential.compare(pair)
    assert by_the_book.report(*pair).total() == differential.by_compiler(pair).total() == 1
    assert (found is not None) == (between > 0)
    assert found is None or (found.book_sides_with_compiler and not found.theirs)
