"""Ontologies in every syntax and back: nothing lost, or what is lost told."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import losses, rdfxml, writing
from sarcoma_kg.reading import loading
from tests.owl.generated import HEAD, ontologies

MODULES = resources.ontology_files()
#: Syntaxes that carry any ontology whole.
WHOLE = ("ttl", "nt", "owl", "jsonld", "ofn", "owx")
SETTINGS = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def back(folder: Path, text: str, form: str) -> list[ox.Triple]:
    place = folder / f"written.{form}"
    place.write_text(text, encoding="utf-8")
    return [quad.triple for quad in loading.read(place)]


def lost(told: list[losses.Loss] | None) -> set[str]:
    return {loss.kind for loss in told or () if loss.lost or loss.tags}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_packaged_module_goes_and_comes_back(path: Path, form: str, tmp_path: Path) -> None:
    graph = writing.canonical(quad.triple for quad in loading.read(path))
    written = writing.write(graph, form)
    assert written.losses == []
    assert writing.canonical(back(tmp_path, written.text, form)) == graph
    assert writing.write(graph[::-1], form) == written


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_manchester_syntax_and_obo_do_not_carry(path: Path) -> None:
    graph = [quad.triple for quad in loading.read(path)]
    manchester = writing.write(graph, "omn").losses or []
    assert lost(manchester) == set()  # new are types of what is mentioned
    kinds = lost(writing.write(graph, "obo").losses)
    carried = {"SubClassOf", "Declaration of owl:Class", "Declaration of owl:ObjectProperty"}
    assert not kinds & carried


def _round(folder: Path, text: str) -> None:
    graph = writing.canonical(back(folder, text, "ofn"))
    for form in ("ttl", "owl", "ofn", "owx"):
        written = writing.write(graph, form)
        assert [str(loss) for loss in written.losses or ()] == []
        assert writing.canonical(back(folder, written.text, form)) == graph


@settings(SETTINGS, max_examples=15)
@given(text=ontologies)
def test_generated_ontologies_go_and_come_back(text: str, tmp_path: Path) -> None:
    _round(tmp_path, text)


@pytest.mark.slow
@settings(SETTINGS, max_examples=500)
@given(text=ontologies)
def test_500_generated_ontologies_go_and_come_back(text: str, tmp_path: Path) -> None:
    _round(tmp_path, text)


@pytest.mark.parametrize(
    ("axiom", "kinds"),
    [
        ("DisjointClasses(:A :B :C)", set()),
        ('DisjointClasses(Annotation(:z "b") :A :B ObjectUnionOf(:A :C))', set()),
        ("ObjectPropertyAssertion(:p _:x _:y) ClassAssertion(:A _:x)", set()),
        ('AnnotationAssertion(:z _:x "s")', set()),
        ("DisjointDataProperties(:d :e :f)", {"owl:AllDisjointProperties"}),
    ],
)
@pytest.mark.parametrize("form", ["ofn", "owx", "omn"])
def test_what_is_lost_is_told(tmp_path: Path, axiom: str, kinds: set[str], form: str) -> None:
    graph = back(tmp_path, HEAD + axiom + ")", "ofn")
    assert lost(writing.write(graph, form).losses) == kinds


def test_three_disjoint_classes_are_disjoint_from_each_other(tmp_path: Path) -> None:
    text = str(back(tmp_path, HEAD + "DisjointClasses(:A :B :C))", "ofn"))
    assert "AllDisjointClasses" in text
    assert "disjointWith" not in text
    noted = back(tmp_path, HEAD + 'DisjointClasses(Annotation(:z "b") :A :B :C))', "ofn")
    pairs = {str(t) for t in noted if t.predicate.value.endswith("#disjointWith")}
    assert len(pairs) == 3


def test_a_blank_node_stays_one(tmp_path: Path) -> None:
    graph = back(tmp_path, HEAD + "ClassAssertion(:A _:x) ClassAssertion(:B _:x))", "ofn")
    assert len({t.subject for t in graph if isinstance(t.subject, ox.BlankNode)}) == 1


def test_the_header_comes_first_and_nodes_have_their_type() -> None:
    graph = writing.canonical(q.triple for q in loading.read(MODULES[0]))
    text = "".join(rdfxml.pieces(lambda: graph))
    lines = [line.strip() for line in text.splitlines()]
    assert (
        lines[lines[1:].index(next(x for x in lines if x.endswith(">") and "xmlns" in x)) + 2][:14]
        == "<owl:Ontology "
    )
    assert not [x for x in text.splitlines() if x.startswith("    <rdf:Description")]


@pytest.mark.parametrize(
    ("predicate", "text", "said"),
    [
        ("https://e.org/1", "a", "no form for the property <https://e.org/1>"),
        ("https://e.org/p", "a\x01", r"no form for the character U\+0001"),
    ],
)
def test_what_xml_has_no_form_for(predicate: str, text: str, said: str) -> None:
    node = ox.NamedNode("https://e.org/a")
    triple = ox.Triple(node, ox.NamedNode(predicate), ox.Literal(text))
    with pytest.raises(UserError, match=said):
        writing.write([triple], "owl")


def test_losses_by_kind() -> None:
    owl, rdfs = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
    a, b = ox.NamedNode("https://e.org/a"), ox.NamedNode("https://e.org/b")
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    label = ox.NamedNode(rdfs + "label")
    before = [
        ox.Triple(a, kind, ox.NamedNode(owl + "Class")),
        ox.Triple(a, ox.NamedNode(rdfs + "subClassOf"), b),
        ox.Triple(a, label, ox.Literal("x", language="en")),
        ox.Triple(a, label, ox.Literal("y", language="en")),
    ]
    after = [ox.Triple(a, label, ox.Literal("x")), ox.Triple(b, label, ox.Literal("z"))]
    assert [str(loss) for loss in losses.compare(before, after)] == [
        "AnnotationAssertion, rdfs:label: 1 lost, 1 new, 1 without language or datatype",
        "Declaration of owl:Class: 1 lost",
        "SubClassOf: 1 lost",
    ]
