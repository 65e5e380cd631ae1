"""The forms of the ontology in a release that tools of ontologists load."""

import json
from itertools import islice
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground import namespaces
from sarcoma_kg.reading import loading

_OWL, _RDFS = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdfs"]
_TYPE = namespaces.PREFIXES["rdf"] + "type"


def said(path: Path, predicate: str) -> set[tuple[str, str]]:
    """Return subject and object, as texts, of each triple between names with a predicate."""
    return {
        (q.subject.value, q.object.value)
        for q in loading.read(path)
        if q.predicate.value == predicate
        and isinstance(q.subject, ox.NamedNode)
        and not isinstance(q.object, ox.BlankNode | ox.Triple)
    }


def classes(path: Path) -> set[str]:
    return {iri for iri, kind in said(path, _TYPE) if kind == _OWL + "Class"}


@pytest.mark.parametrize(
    "name", ["ontology/sarcoma", "ontology/sarcoma-base", "graphs/asserted", "graphs/sarcoma-kg"]
)
def test_rdf_xml_begins_with_the_header_and_has_typed_nodes(release: Path, name: str) -> None:
    with (release / f"{name}.owl").open(encoding="utf-8") as text:
        head = [line for line in islice(text, 40) if line.startswith("    <")]
        rest = [line for line in text if line.startswith("    <rdf:Description")]
    assert head[0].startswith("    <owl:Ontology ")
    # What is taken in without a type of its own, such as the target of a mapping.
    assert len(rest) < (10 if "ontology" in name else 2000)


def test_obo_has_the_same_terms(release: Path) -> None:
    ours, obo = (release / "ontology" / f"sarcoma.{ending}" for ending in ("ttl", "obo"))
    terms = classes(ours)
    assert terms <= classes(obo)
    labels = {(s, o) for s, o in said(ours, _RDFS + "label") if s in terms}
    assert labels <= said(obo, _RDFS + "label")
    above, there = (said(path, _RDFS + "subClassOf") for path in (ours, obo))
    assert above == {(s, o) for s, o in there if s in terms}


def test_obo_graphs_has_the_same_terms(release: Path) -> None:
    ours = release / "ontology" / "sarcoma.ttl"
    (graph,) = json.loads((release / "ontology" / "sarcoma.json").read_text())["graphs"]
    assert graph["id"] == "https://w3id.org/sarcoma-kg/ontology"
    assert graph["meta"]["version"].endswith("/ontology")
    nodes = {node["id"]: node for node in graph["nodes"]}
    assert {iri for iri, node in nodes.items() if node["type"] == "CLASS"} == classes(ours)
    labels = dict(said(ours, _RDFS + "label"))
    assert {i: n["lbl"] for i, n in nodes.items() if "lbl" in n}.items() <= labels.items()
    edges = {(e["sub"], e["obj"]) for e in graph["edges"] if e["pred"] == "is_a"}
    assert edges == said(ours, _RDFS + "subClassOf")
    definition = next(
        d
        for d in graph["logicalDefinitionAxioms"]
        if d["definedClassId"] == namespaces.SKG + "MDM2Inhibitor"
    )
    assert definition["restrictions"][0]["propertyId"] == namespaces.SKG + "inhibits"
