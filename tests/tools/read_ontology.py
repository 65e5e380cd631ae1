"""What other people's readers find in the ontology of a release, as JSON; run by test_readers.

python read_ontology.py READER FOLDER IRI ...
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

OWL, RDFS = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
#: Prefix -> namespace, of an OBO file.
SPACES: dict[str, str] = {}
Found = tuple[dict[str, str | None], Callable[[str], set[str]]]


def _expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    if prefix in SPACES:
        return SPACES[prefix] + local
    return name if "/" in local else f"http://purl.obolibrary.org/obo/{prefix}_{local}"


def _pronto(path: Path) -> Found:
    import pronto

    ontology = pronto.Ontology(str(path))
    terms = {_expanded(t.id): t for t in ontology.terms()}
    labels = {iri: t.name for iri, t in terms.items()}
    return labels, lambda iri: {_expanded(t.id) for t in terms[iri].superclasses(with_self=False)}


def _oak(spec: str) -> Found:
    from oaklib import get_adapter

    adapter = get_adapter(spec)
    names = {
        _expanded(e): e for e in adapter.entities(filter_obsoletes=False, owl_type="owl:Class")
    }
    labels = {iri: adapter.label(e) for iri, e in names.items()}

    def above(iri: str) -> set[str]:
        found = adapter.ancestors(names[iri], predicates=["rdfs:subClassOf"], reflexive=False)
        return {_expanded(e) for e in found}

    return labels, above


def _oak_at_work(spec: str, words: list[str]) -> dict[str, Any]:
    """Return what a search for each word finds, and the terms of an OBO dump."""
    import tempfile

    import pronto
    from oaklib import get_adapter
    from oaklib.datamodels.search import SearchConfiguration, SearchTermSyntax
    from oaklib.datamodels.search_datamodel import SearchProperty

    adapter = get_adapter(spec)
    exactly = SearchConfiguration(
        properties=[SearchProperty("LABEL")], syntax=SearchTermSyntax("STARTS_WITH")
    )
    found = {w: sorted(map(_expanded, adapter.basic_search(w, exactly))) for w in words}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "dumped.obo"
        adapter.dump(str(place), "obo")
        dumped = pronto.Ontology(str(place))
        return {"search": found, "dumped": {_expanded(t.id): t.name for t in dumped.terms()}}


def _obographs(path: Path) -> Found:
    import obographs

    graph = obographs.read(path)
    labels = {n.id: n.lbl for n in graph.nodes if n.type == "CLASS"}
    parents: dict[str, set[str]] = {}
    for edge in graph.edges:
        if edge.pred == "is_a":
            parents.setdefault(edge.sub, set()).add(edge.obj)

    def above(iri: str) -> set[str]:
        found: set[str] = set()
        todo = {iri}
        while todo:
            todo = set().union(*(parents.get(one, set()) for one in todo)) - found
            found |= todo
        return found

    return labels, above


def _horned(path: Path) -> Found:
    import pyhornedowl

    ontology = pyhornedowl.open_ontology_from_file(str(path))
    ontology.build_indexes()
    labels = {c: ontology.get_annotation(c, RDFS + "label") for c in ontology.get_classes()}
    return labels, lambda iri: set(ontology.get_ancestors(iri)) - {iri}


def _owlready2(path: Path) -> Found:
    import owlready2

    world = owlready2.World()
    ontology = world.get_ontology(path.as_uri()).load()
    labels = {c.iri: next(iter(c.label), None) for c in ontology.classes()}
    return labels, lambda iri: {
        c.iri for c in world[iri].ancestors(include_self=False) if c is not owlready2.Thing
    }


def _rdflib(path: Path) -> Found:
    import rdflib

    graph = rdflib.Graph().parse(path)
    kind, below = rdflib.RDF.type, rdflib.RDFS.subClassOf
    classes = [c for c in graph.subjects(kind, rdflib.OWL.Class) if isinstance(c, rdflib.URIRef)]
    labels = {str(c): str(graph.value(c, rdflib.RDFS.label) or "") or None for c in classes}

    def above(iri: str) -> set[str]:
        found = graph.transitive_objects(rdflib.URIRef(iri), below)
        return {str(c) for c in found if isinstance(c, rdflib.URIRef)} - {iri}

    return labels, above


def main(reader: str, folder: Path, iris: list[str]) -> dict[str, Any]:
    """Return the classes with their labels, and the named classes above some.

    OAK at work is handed words in place of IRIs.
    """
    folder = folder.resolve()
    owl, obo, graphs = (folder / f"sarcoma.{ending}" for ending in ("owl", "obo", "json"))
    lines = obo.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    SPACES.update(line.split()[1:3] for line in lines if line.startswith("idspace: "))  # type: ignore[misc]
    readers: dict[str, Callable[[], Found]] = {
        "pronto-owl": lambda: _pronto(owl),
        "pronto-obo": lambda: _pronto(obo),
        "pronto-obographs": lambda: _pronto(graphs),
        "pronto-simple-owl": lambda: _pronto(folder / "sarcoma-simple.owl"),
        "pronto-simple-obo": lambda: _pronto(folder / "sarcoma-simple.obo"),
        "oak-owl": lambda: _oak(f"pronto:{owl}"),
        "oak-obo": lambda: _oak(f"pronto:{obo}"),
        "py-horned-owl": lambda: _horned(owl),
        "py-horned-owl-obo": lambda: _horned(obo),
        "owlready2": lambda: _owlready2(owl),
        "rdflib": lambda: _rdflib(owl),
        "obographs": lambda: _obographs(graphs),
    }
    if reader.startswith("oak-at-work"):
        return _oak_at_work(f"pronto:{owl if reader.endswith('owl') else obo}", iris)
    labels, above = readers[reader]()
    return {"labels": labels, "above": {iri: sorted(above(iri)) for iri in iris}}


if __name__ == "__main__":
    found = main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    sys.stdout.write(json.dumps(found))
