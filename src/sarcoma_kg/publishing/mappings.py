"""The mappings of a release: SSSOM tables (https://w3id.org/sssom/), and the same as RDF."""

import shutil

import pyoxigraph as ox
import yaml

from sarcoma_kg.ground import namespaces
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.reading import files, sssom

__all__ = ["write"]

_P = namespaces.PREFIXES


def write(release: Release, say: Say) -> None:
    """Write mappings/: each table, and beside it the mapping set in Turtle.

    Args:
        release: What to publish.
        say: Called with a few words at the beginning of each step.
    """
    say("writing the mappings")
    folder = release.folder / "mappings"
    folder.mkdir()
    for path in sssom.mapping_files():
        shutil.copyfile(path, folder / path.name)
        head = [line[1:] for line in files.read_text(path).splitlines() if line.startswith("#")]
        about = yaml.safe_load("\n".join(head))
        group = ox.NamedNode(about["mapping_set_id"])
        triples = [
            ox.Triple(
                group, ox.NamedNode(_P["rdf"] + "type"), ox.NamedNode(_P["sssom"] + "MappingSet")
            ),
            ox.Triple(
                group, ox.NamedNode(_P["dcterms"] + "license"), ox.NamedNode(about["license"])
            ),
            ox.Triple(
                group, ox.NamedNode(_P["dcterms"] + "title"), ox.Literal(about["mapping_set_title"])
            ),
            ox.Triple(
                group,
                ox.NamedNode(_P["owl"] + "versionInfo"),
                ox.Literal(str(about["mapping_set_version"])),
            ),
        ]
        mappings = sssom.read(path)
        member = ox.NamedNode(_P["sssom"] + "mappings")
        triples += [ox.Triple(group, member, ox.NamedNode(m.iri)) for m in mappings]
        triples += [quad.triple for quad in sssom.quads(mappings)]
        # The canonical form of the project takes ten times as long, and looks alike without blank
        # nodes.
        with (folder / f"{path.name.removesuffix('.tsv')}.ttl").open("wb") as out:
            ordered = sorted(set(triples), key=str)
            ox.serialize(ordered, out, format=ox.RdfFormat.TURTLE, prefixes=_P)
