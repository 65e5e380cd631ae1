"""Which triples a query can see: never fewer than its algebra has patterns for."""

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import rules
from sarcoma_kg.quality import checks
from sarcoma_kg.sparql.reads import reads

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def triple(predicate: str, value: str = "urn:o") -> ox.Triple:
    return ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode(predicate), ox.NamedNode(value))


@pytest.mark.parametrize(
    ("pattern", "seen", "unseen"),
    [
        ("?x <urn:p> ?y", ["urn:p"], ["urn:q"]),
        ("?x ?p ?y", ["urn:q"], []),
        ("?x <urn:p> ?y ; ?p <urn:z>", ["urn:q"], []),
        ("<urn:x> ?p <urn:z>", ["urn:q"], []),
        ("[] ?p <urn:z>", ["urn:q"], []),
        ("?x <urn:p> [ ?q ?z ]", ["urn:q"], []),
        ("?x <urn:p> [ <urn:q> ?z ] , ?y .", ["urn:q"], ["urn:r"]),
        ("?x !<urn:p> ?y", ["urn:q"], []),
        ("?x !(<urn:p>|^<urn:q>) ?y", ["urn:r"], []),
        ("?x (<urn:p>|^<urn:q>)/<urn:r>* ?y", ["urn:p", "urn:q", "urn:r"], ["urn:s"]),
        ("?x <urn:p> ?y FILTER(?x != ?y && EXISTS { ?y ?p ?z })", ["urn:q"], []),
        ("?x <urn:p> ?y FILTER NOT EXISTS { ?y <urn:q> ?z }", ["urn:q"], ["urn:r"]),
        ("{ SELECT ?x ?y WHERE { ?x <urn:p> ?y } GROUP BY ?x ?y } ?x <urn:q> ?z", ["urn:q"],
         ["urn:r"]),
        ("VALUES (?x ?y) { (<urn:a> <urn:b>) } ?x <urn:p> ?y . OPTIONAL { ?x ?p ?y }", ["urn:r"],
         []),
        ("BIND(IRI(CONCAT('a', 'b')) AS ?x) ?x <urn:p> ?y", ["urn:p"], ["urn:r"]),
        ("?x <urn:p> ?y FILTER(!(?x = ?y) && !EXISTS { ?y <urn:q> ?z })", ["urn:q"], ["urn:r"]),
        ("?x <urn:p> ?y FILTER(!EXISTS { ?y (<urn:r>/(<urn:q>|!<urn:s>)) ?z })", ["urn:x"], []),
        ("?x <urn:p> 'a' . ?x ?p 'b'", ["urn:r"], []),
    ],
)  # fmt: skip
def test_predicates(pattern: str, seen: list[str], unseen: list[str]) -> None:
    found = reads(f"SELECT * WHERE {{ {pattern} }}")
    assert all(found.touches([triple(name)]) for name in seen)
    assert not found.touches(map(triple, unseen))


@pytest.mark.parametrize(
    ("pattern", "seen", "unseen"),
    [
        ("?x a <urn:A>", ["urn:A"], ["urn:B"]),
        ("?x a <urn:A> ; <urn:p> ?y . ?y a <urn:B>", ["urn:A", "urn:B"], ["urn:C"]),
        ("?x a ?y", ["urn:A"], []),
        ("?x a <urn:A> , ?y", ["urn:B"], []),
        ("?x a/<urn:p> ?y", ["urn:A"], []),
        ("?x <urn:p>/a <urn:A>", ["urn:B"], []),
        ("?x (a|<urn:p>) <urn:A>", ["urn:B"], []),
        ("?x <urn:p> ?y", [], ["urn:A"]),
    ],
)
def test_types(pattern: str, seen: list[str], unseen: list[str]) -> None:
    found = reads(f"SELECT * WHERE {{ {pattern} }}")
    assert all(found.touches([triple(RDF + "type", name)]) for name in seen)
    assert not found.touches(triple(RDF + "type", name) for name in unseen)


def _patterns(part: Any) -> Any:
    """Yield the triple patterns of rdflib's algebra, wherever they stand."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        for key, value in part.items():
            if key == "triples":
                # Within EXISTS they stand in rows, several one after the other.
                flat = [term for row in value for term in row]
                yield from zip(flat[::3], flat[1::3], flat[2::3], strict=True)
            elif key != "template":
                yield from _patterns(value)
    elif isinstance(part, list | tuple | set):
        for value in part:
            yield from _patterns(value)


def _predicates(verb: Any) -> Any:
    """Yield the predicates of a path; None for any."""
    from rdflib import Variable
    from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

    if isinstance(verb, NegatedPath | Variable):
        yield None
    elif isinstance(verb, AlternativePath | SequencePath):
        for part in verb.args:
            yield from _predicates(part)
    elif isinstance(verb, InvPath):
        yield from _predicates(verb.arg)
    elif isinstance(verb, MulPath):
        yield from _predicates(verb.path)
    else:
        yield str(verb)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*checks.check_files(), *rules.rule_files()], ids=lambda p: p.stem)
def test_a_packaged_query_sees_what_its_algebra_has_patterns_for(path: Path) -> None:
    from rdflib import URIRef
    from rdflib.plugins.sparql import prepareQuery

    text = path.read_text(encoding="utf-8")
    found, patterns = reads(text), list(_patterns(prepareQuery(text).algebra))
    assert patterns
    for _, verb, value in patterns:
        for name in _predicates(verb):
            if name is None:
                assert found.everything
            elif name == RDF + "type" and isinstance(verb, URIRef) and isinstance(value, URIRef):
                assert found.touches([triple(name, str(value))])
            else:
                assert found.touches([triple(name, "urn:whatever")])
