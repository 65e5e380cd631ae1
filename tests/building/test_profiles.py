"""Ours goes to the OWL API without its axioms on classes: it says the same of a user's file."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import profiles
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import java, logical, ontologies, owlapi

EXAMPLE = resources.data_root() / "ontology" / "examples" / "lab-extension.ttl"
PREFIXES = """@prefix lab: <https://example.org/lab/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/lab> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
"""
SOME = "[ a owl:Restriction ; owl:onProperty skg:{} ; {} ]"
DOCUMENTS = {
    "nothing wrong": "lab:A a owl:Class ; rdfs:subClassOf skg:KIT .",
    "an undeclared class": "lab:A a owl:Class ; rdfs:subClassOf skg:Nono , lab:B .",
    "an undeclared property": "lab:A a owl:Class ; lab:p 'x' .",
    "a cardinality": "lab:A a owl:Class ; rdfs:subClassOf "
    + SOME.format("hasAlteration", "owl:minCardinality '1'^^xsd:nonNegativeInteger")
    + " .",
    "every cardinality of ours": "".join(
        f"lab:A{n} a owl:Class ; rdfs:subClassOf "
        + SOME.format(name, "owl:maxCardinality '1'^^xsd:nonNegativeInteger")
        + " .\n"
        for n, name in enumerate(["actsOn", "inhibits", "hasComponent", "encodedBy", "hasSite"])
    ),
    "a self": "lab:A a owl:Class ; rdfs:subClassOf "
    + SOME.format("actsOn", "owl:hasSelf true")
    + " .",
    "a union": "lab:A a owl:Class ; owl:equivalentClass "
    "[ a owl:Class ; owl:unionOf (skg:KIT skg:EWSR1) ] .",
    "ours made transitive": "skg:actsOn a owl:TransitiveProperty .",
    "ours made functional": "skg:actsOn a owl:ObjectProperty , owl:FunctionalProperty .",
    "an inverse": "lab:p a owl:ObjectProperty ; owl:inverseOf skg:actsOn .",
    "a chain": "lab:p a owl:ObjectProperty ; owl:propertyChainAxiom (skg:actsOn skg:encodedBy) .",
    "a chain in circles": "skg:encodedBy owl:propertyChainAxiom (skg:actsOn lab:p) . "
    "lab:p a owl:ObjectProperty ; owl:propertyChainAxiom (skg:encodedBy skg:actsOn) .",
    "disjoint properties": "lab:p a owl:ObjectProperty ; owl:propertyDisjointWith skg:actsOn .",
    "an individual": "lab:a a owl:NamedIndividual , skg:KIT ; skg:actsOn skg:EWSR1 .",
    "a class of ours as a property": "skg:KIT a owl:ObjectProperty .",
    "a property of ours of two kinds": "skg:actsOn a owl:DatatypeProperty .",
    "a property of ours in an annotation": "lab:A a owl:Class ; skg:actsOn skg:KIT .",
    "a class of ours as a datatype": "lab:p a owl:DatatypeProperty ; rdfs:range skg:KIT .",
    "a disjointness of ours": "skg:KIT owl:disjointWith skg:EWSR1 . [] a owl:AllDisjointClasses ; "
    "owl:members (skg:KIT skg:EWSR1) .",
    "a superproperty": "skg:actsOn rdfs:subPropertyOf lab:p . lab:p a owl:ObjectProperty , "
    "owl:AsymmetricProperty .",
    "a datatype": "lab:A a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; "
    "owl:onProperty lab:d ; owl:someValuesFrom xsd:nonsense ] . lab:d a owl:DatatypeProperty .",
    "reserved words": "owl:mine a owl:Class . rdfs:mine a owl:ObjectProperty .",
}


@pytest.fixture(scope="module", autouse=True)
def _one_java() -> Iterator[None]:
    with java.started(owlapi.class_path(), stay=True):
        yield
    java.end()


def _both(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[tuple[list[Finding], str], tuple[list[Finding], str]]:
    documents = ontologies.read_all([path])
    shipped = ontologies.parts(documents)
    with monkeypatch.context() as patch:
        patch.setattr(logical, "vocabulary", lambda _: None)
        whole = profiles.found(documents, shipped)
    return profiles.found(documents, shipped), whole


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_is_said_as_with_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "lab.ttl"
    path.write_text(PREFIXES + DOCUMENTS[name], encoding="utf-8")
    ours, whole = _both(path, monkeypatch)
    assert sorted(ours[0]) == sorted(whole[0])
    assert ours[1] == whole[1]


@pytest.mark.slow
def test_of_the_example_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, whole = _both(EXAMPLE, monkeypatch)
    assert ours == whole


def test_an_ontology_that_counts_is_handed_over_whole() -> None:
    head = PREFIXES + "skg:p a owl:ObjectProperty . lab:A a owl:Class ; rdfs:subClassOf "
    number = "owl:maxCardinality '1'^^xsd:nonNegativeInteger"
    for more, kept in (("owl:someValuesFrom lab:A", 4), (number, None)):
        text = head + SOME.format("p", more) + " ."
        triples = [q.triple for q in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]
        found = logical.vocabulary(triples)
        assert (found and len(found)) == kept


def test_lists_of_properties_stay() -> None:
    text = PREFIXES + "skg:p a owl:ObjectProperty ; owl:propertyChainAxiom (skg:q skg:r) ."
    triples = [q.triple for q in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]
    assert sorted(map(str, logical.vocabulary(triples) or [])) == sorted(map(str, triples))
