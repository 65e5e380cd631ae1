"""The reasoner: what it infers, and what it says when the ontology is broken."""

import pyoxigraph as ox
import pytest

from sarcoma_kg import reason
from sarcoma_kg.errors import UserError

PREFIX = """@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class ; rdfs:subClassOf :A . :p a owl:ObjectProperty .
:A owl:disjointWith :B .
"""


def triples(text: str) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(PREFIX + text, format=ox.RdfFormat.TURTLE)]


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


def test_a_class_that_can_have_no_member_is_named() -> None:
    found = reason.classify(triples(":X a owl:Class ; rdfs:subClassOf :A , :B ."))
    assert found.unsatisfiable == {"http://example.org/X"}


def test_an_inconsistent_ontology_is_refused() -> None:
    with pytest.raises(UserError, match="inconsistent"):
        reason.classify(triples(":i a :A , :B ; a owl:NamedIndividual ."))


def test_a_failing_java_process_gives_its_reason() -> None:
    broken = ox.Triple(
        ox.NamedNode("http://example.org/x"),
        ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
        ox.Literal("not a class"),
    )
    try:
        reason.classify([broken])
    except UserError as error:
        assert "reasoner" in error.message
    with pytest.raises(UserError, match="did not finish"):
        reason.classify(triples(""), timeout=0.001)
