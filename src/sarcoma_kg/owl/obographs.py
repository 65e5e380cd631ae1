"""OBO Graphs JSON (https://github.com/geneontology/obographs) of an ontology.

Nodes are classes, properties and individuals with what is said of them, edges the named parents and
existential restrictions, `logicalDefinitionAxioms` the definitions by genus and differentiae.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["render"]

_P = namespaces.PREFIXES
_OWL, _RDFS, _OBO, _IN_OWL = _P["owl"], _P["rdfs"], _P["obo"], _P["oboInOwl"]
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_TYPE, _LABEL = _P["rdf"] + "type", _RDFS + "label"
_KINDS = {
    _OWL + "Class": ("CLASS", ""),
    _OWL + "ObjectProperty": ("PROPERTY", "OBJECT"),
    _OWL + "DatatypeProperty": ("PROPERTY", "DATA"),
    _OWL + "AnnotationProperty": ("PROPERTY", "ANNOTATION"),
    _OWL + "NamedIndividual": ("INDIVIDUAL", ""),
}
_SCOPES = {f"{_IN_OWL}has{scope}Synonym" for scope in ("Exact", "Broad", "Narrow", "Related")}
_STRUCTURE = {
    _TYPE, _LABEL, _RDFS + "subClassOf", _RDFS + "subPropertyOf", _OWL + "equivalentClass",
    _OWL + "disjointWith", _OWL + "deprecated", _OWL + "inverseOf", _RDFS + "domain",
    _RDFS + "range", _OWL + "imports", _OWL + "versionIRI", _OWL + "propertyChainAxiom",
}  # fmt: skip


def render(triples: Iterable[ox.Triple]) -> str:
    """Return the JSON document; nodes and edges are sorted."""
    about: dict[object, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in sorted(set(triples), key=str):
        about[triple.subject][triple.predicate.value].append(triple.object)
    graph: dict[str, Any] = {"id": "", "meta": {}}
    nodes, edges, definitions = [], [], []
    for subject in sorted((s for s in about if isinstance(s, ox.NamedNode)), key=str):
        said = about[subject]
        kinds = [_iri(kind) for kind in said[_TYPE]]
        if _OWL + "Ontology" in kinds and not graph["id"]:
            graph["id"], graph["meta"] = subject.value, _meta(said)
            if said[_OWL + "versionIRI"]:
                graph["meta"]["version"] = said[_OWL + "versionIRI"][0].value
        kind = next((k for k in _KINDS if k in kinds), "")
        if not kind:
            continue
        nodes.append(_node(subject.value, said, *_KINDS[kind]))
        for parent in said[_RDFS + "subClassOf"]:
            edges += _edges(subject.value, parent, about)
        for name, word in (("subPropertyOf", "subPropertyOf"), ("inverseOf", "inverseOf")):
            space = _RDFS if name == "subPropertyOf" else _OWL
            edges += [(subject.value, word, _iri(v)) for v in said[space + name] if _iri(v)]
        for value in said[_OWL + "equivalentClass"]:
            if found := _definition(subject.value, value, about):
                definitions.append(found)
    rows = {
        "nodes": nodes,
        "edges": [{"sub": s, "pred": p, "obj": o} for s, p, o in sorted(set(edges))],
        "logicalDefinitionAxioms": definitions,
    }
    head = _encode(graph).removesuffix("}")
    # A line for each; json.dumps with an indent is written in Python and takes five times as long.
    lists = (
        f'"{name}": [\n' + ",\n".join(map(_encode, found)) + "\n]" for name, found in rows.items()
    )
    return f'{{"graphs": [{head},\n' + ",\n".join(lists) + "}]}\n"


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _node(iri: str, said: dict[str, list[Any]], kind: str, property_type: str) -> dict[str, Any]:
    node: dict[str, Any] = {"id": iri}
    if said[_LABEL]:
        node["lbl"] = said[_LABEL][0].value
    node["type"] = kind
    if property_type:
        node["propertyType"] = property_type
    if meta := _meta(said):
        node["meta"] = meta
    return node


def _meta(said: dict[str, list[Any]]) -> dict[str, Any]:
    meta: dict[str, Any] = defaultdict(list)
    for predicate, values in sorted(said.items()):
        for value in values:
            if predicate == _OBO + "IAO_0000115" and "definition" not in meta:
                meta["definition"] = {"val": value.value}
            elif predicate == _RDFS + "comment":
                meta["comments"].append(value.value)
            elif predicate in _SCOPES:
                word = predicate.removeprefix(_IN_OWL)
                meta["synonyms"].append({"pred": word, "val": value.value})
            elif predicate == _IN_OWL + "hasDbXref":
                meta["xrefs"].append({"val": value.value})
            elif predicate == _IN_OWL + "inSubset":
                meta["subsets"].append(value.value)
            elif predicate == _OWL + "deprecated":
                meta["deprecated"] = value.value in ("true", "1")
            elif predicate not in _STRUCTURE and not isinstance(value, ox.BlankNode):
                found = {"pred": predicate, "val": value.value}
                meta["basicPropertyValues"].append(found)
    return dict(meta)


def _edges(
    subject: str, parent: object, about: dict[object, dict[str, list[Any]]]
) -> list[tuple[str, str, str]]:
    if _iri(parent):
        return [(subject, "is_a", _iri(parent))]
    if found := _restriction(parent, about):
        return [(subject, *found)]
    return []


def _restriction(node: object, about: dict[object, dict[str, list[Any]]]) -> tuple[str, str] | None:
    said = about.get(node, {})
    on = [_iri(p) for p in said.get(_OWL + "onProperty", ())]
    some = [_iri(c) for c in said.get(_OWL + "someValuesFrom", ())]
    return (on[0], some[0]) if any(on) and any(some) else None


def _definition(
    subject: str, node: object, about: dict[object, dict[str, list[Any]]]
) -> dict[str, Any] | None:
    at = next(iter(about.get(node, {}).get(_OWL + "intersectionOf", ())), None)
    genus, restrictions = [], []
    while isinstance(at, ox.BlankNode):
        member = about[at][_P["rdf"] + "first"][0]
        if _iri(member):
            genus.append(member.value)
        elif found := _restriction(member, about):
            restrictions.append({"propertyId": found[0], "fillerId": found[1]})
        else:
            return None
        at = about[at][_P["rdf"] + "rest"][0]
    if not genus and not restrictions:
        return None
    return {"definedClassId": subject, "genusIds": genus, "restrictions": restrictions}
