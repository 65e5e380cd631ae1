"""Shapes whose verdict may depend on how literals are written are named, and no others."""

import pyoxigraph as ox
import pytest

from sarcoma_kg import shacl

_HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
"""


@pytest.mark.parametrize(
    ("constraints", "asked"),
    [
        ("sh:datatype xsd:integer", ["datatype"]),
        ('sh:pattern "^0"', ["pattern"]),
        ("sh:minLength 3 ; sh:maxLength 3", ["minLength", "maxLength"]),
        ("sh:minInclusive 1 ; sh:maxExclusive 9", ["minInclusive", "maxExclusive"]),
        ("sh:lessThan ex:q", ["lessThan"]),
        ("sh:equals ex:q ; sh:disjoint ex:r", ["equals", "disjoint"]),
        ('sh:in ( ex:a "b" )', ["in"]),
        ("sh:in ( ex:a ex:b )", []),
        ("sh:hasValue 7", ["hasValue"]),
        ("sh:hasValue ex:a", []),
        ("sh:maxCount 1", ["maxCount"]),
        ("sh:maxCount 0 ; sh:minCount 1", []),
        ("sh:minCount 2", ["minCount"]),
        ("sh:maxCount 1 ; sh:nodeKind sh:IRI", []),
        ("sh:maxCount 1 ; sh:class ex:C", []),
        ("sh:maxCount 1 ; sh:nodeKind sh:IRIOrLiteral", ["maxCount"]),
        ("sh:nodeKind sh:Literal ; sh:minCount 1", []),
        ("sh:uniqueLang true", ["uniqueLang"]),
        ("sh:node [ sh:datatype xsd:integer ]", ["datatype"]),
        ("sh:or ( [ sh:class ex:C ] [ sh:not [ sh:pattern 'a' ] ] )", ["pattern"]),
        ("sh:qualifiedValueShape [ sh:class ex:C ] ; sh:qualifiedMinCount 1", []),
        ("sh:qualifiedValueShape [ sh:minLength 1 ] ; sh:qualifiedMinCount 1", ["minLength"]),
        ("sh:deactivated true ; sh:datatype xsd:integer", []),
        ("sh:property [ sh:path ex:q ; sh:datatype xsd:date ]", ["datatype"]),
    ],
)
def test_what_asks_for_a_form(constraints: str, asked: list[str]) -> None:
    text = f"{_HEAD} ex:S sh:targetClass ex:T ; sh:property [ sh:path ex:p ; {constraints} ] ."
    triples = [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]
    plan = shacl.compile_shapes(triples)
    found = [(node.value, list(words)) for node, words in plan.of_forms]
    assert found == ([("http://example.org/S", asked)] if asked else [])


@pytest.mark.parametrize("more", ["", "; sh:deactivated true"])
def test_a_shape_without_targets_is_not_named(more: str) -> None:
    target = "sh:targetClass ex:T" if more else "a sh:NodeShape"
    text = f"{_HEAD} ex:S {target} {more} ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
    triples = [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]
    assert shacl.compile_shapes(triples).of_forms == ()
