"""What would follow if each exact match to NCIt were an equivalence, and NCIt's own tree held."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import hierarchy, reason
from sarcoma_kg.reading import loading, sssom

pytestmark = pytest.mark.usefixtures("one_java")
SKG, NCIT = namespaces.SKG, namespaces.PREFIXES["NCIT"]
GAINED = Path(__file__).parents[1] / "data" / "reasoning" / "gained-by-exact-matches.tsv"
TREE = "reference/raw/monarch-initiative_mondo/ncit-disease-2018-06-08.labels_parents.tsv"
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_CLASS = ox.NamedNode(namespaces.PREFIXES["owl"] + "Class")
_SUBCLASS = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf")
_EQUIVALENT = ox.NamedNode(namespaces.PREFIXES["owl"] + "equivalentClass")


def equivalences() -> list[ox.Triple]:
    return [
        ox.Triple(ox.NamedNode(m.subject), _EQUIVALENT, ox.NamedNode(m.object))
        for path in sssom.mapping_files()
        for m in sssom.read(path)
        if m.predicate.endswith("#exactMatch") and not m.negated and m.object.startswith(NCIT)
    ]


def whole_tree(table: Path) -> Iterator[ox.Triple]:
    """Yield the is-a links of the whole release of June 2018."""
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            child = ox.NamedNode(NCIT + row["ncit_code"])
            for code in filter(None, row["parent_codes"].split("|")):
                parent = ox.NamedNode(NCIT + code)
                yield ox.Triple(child, _TYPE, _CLASS)
                yield ox.Triple(parent, _TYPE, _CLASS)
                yield ox.Triple(child, _SUBCLASS, parent)


def above(triples: list[ox.Triple], found: reason.Classification) -> set[tuple[str, str]]:
    """Return each pair of our classes of which the second subsumes the first, by local name."""
    links: dict[str, set[str]] = {}
    for sub, sup in found.subsumptions | hierarchy.edges_of(triples):
        links.setdefault(sub, set()).add(sup)
    pairs = set()
    for start in links.keys() - found.unsatisfiable:
        todo, seen = [start], {start}
        while todo:
            for sup in links.get(todo.pop(), set()) - seen:
                seen.add(sup)
                todo.append(sup)
        pairs |= {(start, sup) for sup in seen - {start}}
    return {
        (sub.removeprefix(SKG), sup.removeprefix(SKG))
        for sub, sup in pairs
        if sub.startswith(SKG) and sup.startswith(SKG)
    }


@pytest.fixture(scope="module")
def ontology() -> list[ox.Triple]:
    """Our axioms and the slim import of NCIt."""
    return pipeline.tbox(loading.packaged(), individuals=False)


def ours(names: Iterable[str]) -> set[str]:
    return {name.removeprefix(SKG) for name in names if name.startswith(SKG)}


@pytest.mark.parametrize(
    "tree", ["slim import", pytest.param("whole release", marks=pytest.mark.slow)]
)
def test_exact_matches_can_be_read_as_equivalences(
    ontology: list[ox.Triple], tree: str, request: pytest.FixtureRequest
) -> None:
    """No class becomes empty, and what classes gain a person has read."""
    more: list[ox.Triple] = []
    if tree == "whole release":
        more = list(whole_tree(request.getfixturevalue("shared") / TREE))
        assert len(more) > 20000
    matches = equivalences()
    assert len(matches) > 350
    joined = [*ontology, *matches, *more]
    found = reason.classify(joined)
    assert ours(found.unsatisfiable) == set()
    with GAINED.open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))[1:]
    assert all(remark for *_, remark in rows)
    gained = above(joined, found) - above(ontology, reason.classify(ontology))
    assert gained == {(row[0], row[1]) for row in rows}


def test_a_match_that_does_not_fit_empties_its_class(ontology: list[ox.Triple]) -> None:
    extraskeletal, bone = SKG + "ExtraskeletalEwingSarcoma", NCIT + "C9312"
    wrong = ox.Triple(ox.NamedNode(extraskeletal), _EQUIVALENT, ox.NamedNode(bone))
    found = reason.classify([*ontology, *equivalences(), wrong])
    assert "ExtraskeletalEwingSarcoma" in ours(found.unsatisfiable)
