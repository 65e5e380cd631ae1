"""The reasoner: what it infers, and what it says when the ontology is broken."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import hierarchy, java, justification, reason
from sarcoma_kg.reading import loading

GOLDEN = Path(__file__).parents[1] / "data" / "reasoning"
SKG = namespaces.SKG

PREFIX = """@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class ; rdfs:subClassOf :A . :p a owl:ObjectProperty .
:A owl:disjointWith :B .
"""


same_java = pytest.mark.usefixtures("one_java")


def triples(text: str) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(PREFIX + text, format=ox.RdfFormat.TURTLE)]


@same_java
def test_a_defined_class_gets_its_member() -> None:
    found = reason.classify(
        triples(
            """:D owl:equivalentClass [ owl:intersectionOf ( :A
                 [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] ) ] .
               :D a owl:Class . :E a owl:Class ; rdfs:subClassOf :C ,
                 [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] ."""
        )
    )
    assert ("http://example.org/E", "http://example.org/D") in found.subsumptions
    assert found.unsatisfiable == frozenset()


@same_java
def test_a_class_that_can_have_no_member_is_named() -> None:
    found = reason.classify(triples(":X a owl:Class ; rdfs:subClassOf :A , :B ."))
    assert found.unsatisfiable == {"http://example.org/X"}


@same_java
def test_an_inconsistent_ontology_is_refused() -> None:
    with pytest.raises(UserError, match="inconsistent"):
        reason.classify(triples(":i a :A , :B ; a owl:NamedIndividual ."))


def test_a_reasoner_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(UserError, match="did not finish"):
        reason.classify(triples(""), timeout=0.001, cached=False)


def test_a_missing_or_failing_java_gives_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(java, "_package_folder", lambda _: tmp_path)
        with pytest.raises(UserError, match="no Java runtime"):
            reason.classify(triples(""), cached=False)
    broken = tmp_path / "libjvm.so"
    broken.write_text("no library")
    monkeypatch.setattr(java, "virtual_machine", lambda: broken)
    with pytest.raises(UserError, match=r"the reasoner failed: .*libjvm"):
        reason.classify(triples(""), cached=False)


def test_the_current_folder_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert reason.classify(triples(""), cached=False).subsumptions


@same_java
def test_a_classification_is_kept_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    first = reason.classify(triples(":Kept a owl:Class ; rdfs:subClassOf :A ."))
    monkeypatch.setattr(reason, "_run", lambda *_: pytest.fail("the reasoner ran again"))
    again = list(reversed(triples(":Kept a owl:Class ; rdfs:subClassOf :A .")))
    assert reason.classify(again) == first
    monkeypatch.undo()
    other = reason.classify(triples(":Kept a owl:Class ; rdfs:subClassOf :B ."))
    assert other != first


@same_java
def test_a_damaged_classification_is_made_again() -> None:
    text = ":Damaged a owl:Class ; rdfs:subClassOf :A ."
    first = reason.classify(triples(text))
    place = reason._kept(reason.merged(triples(text)))
    place.write_text("{")
    assert reason.classify(triples(text)) == first


@pytest.fixture(scope="module")
def ontology() -> list[ox.Triple]:
    return pipeline.tbox(loading.packaged())


@pytest.fixture(scope="module")
def members(ontology: list[ox.Triple]) -> dict[str, set[str]]:
    """Class -> all classes below it, asserted and inferred, by local name."""
    edges = reason.classify(ontology).subsumptions | hierarchy.edges_of(ontology)
    above: dict[str, set[str]] = {}
    for sub, sup in edges:
        above.setdefault(sub, set()).add(sup)
    below: dict[str, set[str]] = {}
    for sub in above:
        todo, seen = [sub], {sub}
        while todo:
            for sup in above.get(todo.pop(), set()) - seen:
                seen.add(sup)
                todo.append(sup)
        for sup in seen - {sub}:
            below.setdefault(sup.removeprefix(SKG), set()).add(sub.removeprefix(SKG))
    return below


def golden(name: str) -> Iterator[tuple[str, str]]:
    with (GOLDEN / f"{name}.tsv").open(encoding="utf-8") as lines:
        yield from ((row[0], row[1]) for row in list(csv.reader(lines, delimiter="\t"))[1:])


def test_defined_classes_have_exactly_the_expected_members(
    ontology: list[ox.Triple], members: dict[str, set[str]]
) -> None:
    """The list was written from pharmacology and pathology by readers who saw no axiom."""
    expected: dict[str, set[str]] = {}
    for group, member in golden("members"):
        expected.setdefault(group, set()).update({member} - {"-"})
    defined = {
        t.subject.value.removeprefix(SKG)
        for t in ontology
        if t.predicate == hierarchy._EQUIVALENT and isinstance(t.subject, ox.NamedNode)
    }
    assert set(expected) == defined
    found = {group: members.get(group, set()) for group in defined}
    assert {g: m for g, m in found.items() if m != expected[g]} == {
        g: m for g, m in expected.items() if m != found[g]
    }
    assert expected["TKIICIRegimen"] == {"AxitinibPembrolizumabRegimen"}


def test_what_must_not_follow_does_not(
    ontology: list[ox.Triple], members: dict[str, set[str]]
) -> None:
    known = {t.subject.value for t in ontology if isinstance(t.subject, ox.NamedNode)}
    rows = list(golden("not-members"))
    assert len(rows) > 400
    assert [name for row in rows for name in row if SKG + name not in known] == []
    assert [(group, x) for group, x in rows if x in members.get(group, set())] == []


@same_java
def test_an_inference_is_explained_by_a_minimal_set(ontology: list[ox.Triple]) -> None:
    pair = (SKG + "Milademetan", SKG + "MDM2Inhibitor")
    found, nothing = justification.explain(ontology, [pair, (SKG + "Imatinib", pair[1])])
    assert found == [
        "'MDM2 inhibitor' EquivalentTo therapy and (inhibits some 'MDM2 protein')",
        "'small-molecule drug' SubClassOf 'therapeutic agent'",
        "'therapeutic agent' SubClassOf therapy",
        "milademetan SubClassOf 'small-molecule drug'",
        "milademetan SubClassOf inhibits some 'MDM2 protein'",
    ]
    assert nothing is None


@same_java
def test_none_of_the_axioms_of_an_explanation_can_be_spared() -> None:
    text = """:D a owl:Class ; owl:equivalentClass [ owl:intersectionOf ( :A
          [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] ) ] .
        :E a owl:Class ; rdfs:subClassOf :C ,
          [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :F ] .
        :F a owl:Class ; rdfs:subClassOf :B . :G a owl:Class ; rdfs:subClassOf :E ."""
    whole = triples(text)
    base = "http://example.org/"
    (axioms,) = justification.explain(whole, [(base + "E", base + "D")])
    assert axioms is not None
    assert len(axioms) == 5
    # Each axiom of the five, taken out, takes the inference away.
    some = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :F ]"
    cuts = [
        (":F a owl:Class ; rdfs:subClassOf :B .", ":F a owl:Class ."),
        ("rdfs:subClassOf :C ,", "rdfs:subClassOf"),
        (f":C ,\n          {some}", ":C"),
        ("owl:equivalentClass", "rdfs:subClassOf"),
    ]
    for old, new in cuts:
        assert old in text
        found = reason.classify(triples(text.replace(old, new)), cached=False).subsumptions
        assert (base + "E", base + "D") not in found
    without = [t for t in whole if str(t.subject) != f"<{base}C>"]
    assert (base + "E", base + "D") not in reason.classify(without, cached=False).subsumptions


@same_java
def test_an_empty_class_is_explained_and_those_below_point_at_it() -> None:
    broken = triples(
        ":X a owl:Class ; rdfs:subClassOf :A , :B . :Y a owl:Class ; rdfs:subClassOf :X ."
    )
    found = reason.classify(broken)
    root, below = justification.empty_classes(broken, found.unsatisfiable)
    assert root.focus == "http://example.org/X"
    assert root.message.splitlines()[1:] == [
        "- A DisjointWith B",
        "- X SubClassOf A",
        "- X SubClassOf B",
    ]
    assert below.message.endswith("see http://example.org/X.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("no such thing", "no class is called"),
        ("imatinb", r"(?s)no class is called.*perhaps: imatinib"),
    ],
)
def test_an_unknown_class_is_named(ontology: list[ox.Triple], typed: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        justification.find_class(ontology, typed)


@pytest.mark.parametrize("typed", ["imatinib", "Imatinib", "skg:Imatinib", SKG + "Imatinib"])
def test_a_class_is_found_by_what_people_type(ontology: list[ox.Triple], typed: str) -> None:
    assert justification.find_class(ontology, typed) == SKG + "Imatinib"


def test_a_second_reasoner_agrees(ontology: list[ox.Triple]) -> None:
    """PyELK shares no code with HermiT. Data properties, which it leaves out, have no axiom."""
    import pyelk
    import pyowl_core as owl

    data = {
        t.subject
        for t in ontology
        if t.object == ox.NamedNode(namespaces.PREFIXES["owl"] + "DatatypeProperty")
    }
    part = reason.merged(t for t in ontology if t.subject not in data)
    options = owl.LoadOptions(format=owl.DocumentFormat.TURTLE, imports=owl.ImportPolicy.IGNORE)
    with pyelk.Reasoner(
        part, document_iri="urn:sarcoma-kg:merged", load_options=options
    ) as reasoner:
        taxonomy = reasoner.classify().require_complete()
    bounds = {taxonomy.top, taxonomy.bottom}
    found = {
        (a.iri.value, b.iri.value)
        for sub, sup in taxonomy.direct_edges
        if not {sub, sup} & bounds
        for a in sub.members
        for b in sup.members
    }
    assert [len(node.members) for node in taxonomy.nodes if len(node.members) > 1] == []
    assert len(found) > 1500
    assert found == reason.classify(ontology).subsumptions
