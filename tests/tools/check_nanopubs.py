"""What the `nanopub` library says of nanopublications; runs in the environment of the tools.

    python check_nanopubs.py FILE.trig ...     each nanopublication: is it valid, does it verify
    python check_nanopubs.py --codes FOLDER CODE   the artifact code of each N-Quads file

Prints JSON.
"""

import json
import sys
from pathlib import Path

import nanopub
from nanopub.namespaces import NP
from nanopub.trustyuri.rdf import RdfHasher, RdfUtils
from nanopub.utils import MalformedNanopubError
from rdflib import RDF, ConjunctiveGraph


def _holds(check: str, one: "nanopub.Nanopub") -> str:
    try:
        return "" if getattr(one, check) else f"{check} is false"
    except MalformedNanopubError as error:
        return str(error)


def check(path: str) -> dict[str, dict[str, str]]:
    """Return what is wrong with each nanopublication of a file; empty texts when nothing is."""
    whole = ConjunctiveGraph()
    whole.parse(path, format="trig")
    found = {}
    for graph in whole.contexts():
        for name in graph.subjects(RDF.type, NP.Nanopublication):
            parts = {str(graph.identifier)}
            for link in (NP.hasAssertion, NP.hasProvenance, NP.hasPublicationInfo):
                parts |= {str(part) for part in graph.objects(name, link)}
            alone = ConjunctiveGraph()
            for part in parts:
                for triple in whole.get_context(part):
                    alone.get_context(part).add(triple)
            one = nanopub.Nanopub(rdf=alone)
            found[str(name)] = {
                "is_valid": _holds("is_valid", one),
                "has_valid_trusty": _holds("has_valid_trusty", one),
                "source_uri": str(one.source_uri),
                "introduces": str(one.introduces_concept or ""),
            }
    return found


def code(path: str, present: str) -> str:
    """Return the artifact code of the quads of a file, given the one that they hold."""
    graph = ConjunctiveGraph()
    graph.parse(path, format="nquads")
    return str(RdfHasher.make_hash(RdfUtils.get_quads(graph), present))


if __name__ == "__main__":
    if sys.argv[1] == "--codes":
        folder = Path(sys.argv[2])
        answer: object = {p.name: code(str(p), sys.argv[3]) for p in sorted(folder.iterdir())}
    else:
        answer = {name: said for path in sys.argv[1:] for name, said in check(path).items()}
    sys.stdout.write(json.dumps(answer))
