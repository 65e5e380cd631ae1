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


def _above(edges: set[tuple[str, str]]) -> dict[str, set[str]]:
    """Return class -> every class above it."""
    above: dict[str, set[str]] = {}
    for child, parent in edges:
        above.setdefault(child, set()).add(parent)
    changed = True
    while changed:
        changed = False
        for sups in above.values():
            more = set().union(*(above.get(sup, set()) for sup in sups)) - sups
            changed |= bool(more)
            sups |= more
    return above


def _own(terms: set[str]) -> set[str]:
    return {iri for iri in terms if iri.startswith(namespaces.SKG)}


def test_simple_has_our_terms_under_what_the_reasoner_found(release: Path) -> None:
    folder = release / "ontology"
    ours, simple = folder / "sarcoma.ttl", folder / "sarcoma-simple.owl"
    terms = _own(classes(ours))
    assert classes(simple) == terms
    parents = _RDFS + "subClassOf"
    found = said(simple, parents)
    assert {iri for pair in found for iri in pair} <= terms
    everything = said(ours, parents) | said(release / "graphs" / "inferred.ttl", parents)
    native = {(a, b) for a, b in everything if {a, b} <= terms and a != b}
    assert _above(found) == _above(native)
    for child, parent in sorted(found)[::25]:  # and none that follows from others
        assert parent not in _above(found - {(child, parent)}).get(child, ())


def test_simple_has_no_axiom_of_another_form(release: Path) -> None:
    quads = loading.read(release / "ontology" / "sarcoma-simple.owl")
    kinds = {q.object.value for q in quads if q.predicate.value == _TYPE}  # type: ignore[union-attr]
    names = "Axiom", "Class", "ObjectProperty", "AnnotationProperty", "Ontology", "Restriction"
    assert kinds == {_OWL + name for name in names}
    about = {q.subject for q in quads if q.predicate.value == _OWL + "someValuesFrom"}
    logical = {q.predicate.value for q in quads if q.predicate.value.startswith((_OWL, _RDFS))}
    assert logical <= {
        *(_OWL + n for n in ("onProperty", "someValuesFrom", "annotatedSource")),
        *(_OWL + n for n in ("annotatedProperty", "annotatedTarget", "versionIRI", "versionInfo")),
        *(_RDFS + n for n in ("label", "comment", "seeAlso", "subClassOf", "subPropertyOf")),
        _OWL + "deprecated",
    }
    defined = ox.NamedNode(namespaces.SKG + "MDM2Inhibitor")
    assert [q for q in quads if q.subject == defined and q.object in about]


@pytest.mark.parametrize("form", ["owl", "obo"])
@pytest.mark.parametrize(
    "name",
    ["approvedTherapySubset", "diseaseGroupSubset", "histologicalTypeSubset",
     "molecularSubtypeSubset"],
)  # fmt: skip
def test_a_subset_has_the_terms_that_are_marked(release: Path, name: str, form: str) -> None:
    folder = release / "ontology"
    marked = {
        iri
        for iri, mark in said(folder / "sarcoma.ttl", namespaces.PREFIXES["oboInOwl"] + "inSubset")
        if mark == namespaces.SKG + name
    }
    place = folder / "subsets" / f"{name}.{form}"
    assert marked
    assert classes(place) == marked
    parents = _RDFS + "subClassOf"
    every = _above(said(folder / "sarcoma-simple.owl", parents))
    above = _above(said(place, parents))
    assert above == {
        iri: every[iri] & marked for iri in marked if every.get(iri, set()) & marked
    }  # fmt: skip


def test_what_loads_it_into_ols_names_files_of_the_release(release: Path) -> None:
    (entry,) = json.loads((release / "ontology" / "ols.json").read_text())["ontologies"]
    place = release / entry["ontology_purl"].partition("/2026-11-28/")[2]
    heads = [iri for iri, kind in said(place, _TYPE) if kind == _OWL + "Ontology"]
    assert heads == [entry["uri"]]
    properties = entry["definition_property"] + entry["synonym_property"]
    used = {q.predicate.value for q in loading.read(place)}
    assert set(properties) <= used
