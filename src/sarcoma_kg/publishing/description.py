"""What a release says of itself in RDF.

VoID (https://www.w3.org/TR/void/) has the numbers, DCAT-AP 3.0.1
(https://semiceu.github.io/DCAT-AP/releases/3.0.1/) the catalogue record, PROV-O
(https://www.w3.org/TR/prov-o/) the inputs by their hashes, SPARQL 1.1 Service Description
(https://www.w3.org/TR/sparql11-service-description/) what an endpoint of this graph would say.
There is no clock in it: dates are those of the data.
"""

import hashlib
from itertools import count
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.publishing import graphs, inventory, statistics
from sarcoma_kg.publishing.release import Release, Say

__all__ = [
    "DESCRIPTION",
    "LICENCE",
    "PREFIXES",
    "PUBLISHER",
    "TITLE",
    "base",
    "write_catalog",
    "write_graphs",
]

TITLE = (
    "sarcoma-kg: claims about treating sarcoma, with an ontology of subtypes, targets, therapies"
)
DESCRIPTION = (
    "Sarcoma subtypes, molecular targets, alterations and therapies as OWL classes, and what two "
    "reviews of 2026 claim about them, each claim with its place in the text, its wording, its "
    "citations and what is known of them. Claims are what sources say, not facts; nothing here is "
    "medical advice."
)
PUBLISHER = "The sarcoma-kg developers"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": namespaces.PREFIXES["dcterms"],
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": namespaces.PREFIXES["owl"],
    "pav": namespaces.PREFIXES["pav"],
    "prov": namespaces.PREFIXES["prov"],
    "rdf": namespaces.PREFIXES["rdf"],
    "rdfs": namespaces.PREFIXES["rdfs"],
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": namespaces.PREFIXES["xsd"],
}
_DATASET = "https://w3id.org/sarcoma-kg/dataset"
_HOME = "https://w3id.org/sarcoma-kg/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_FORMATS = "http://www.w3.org/ns/formats/"
_TOOL = "https://w3id.org/sarcoma-kg/toolkit"
# What is a form of the data; questions, shapes and pages are about them.
_DATA = ("graphs/", "mappings/", "nanopubs/", "ontology/", "tables/")
_Node = ox.NamedNode | ox.BlankNode


def _iri(name: str) -> ox.NamedNode:
    """Return the node of an IRI, or of a name with one of the prefixes here."""
    prefix, _, local = name.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local if prefix in PREFIXES else name)


class _Graph:
    """Triples to be written as Turtle."""

    def __init__(self) -> None:
        self._triples: list[ox.Triple] = []
        self._blank = count()

    def add(self, subject: str | _Node, *pairs: tuple[str, object]) -> _Node:
        """Add what is said of a subject; strings are English texts unless they are names.

        Args:
            subject: An IRI, or a node.
            pairs: Property, and a node, literal, number or text.
        """
        node = _iri(subject) if isinstance(subject, str) else subject
        for name, value in pairs:
            if isinstance(value, str):
                value = ox.Literal(value, language="en")
            elif isinstance(value, int):
                value = ox.Literal(value)
            self._triples.append(ox.Triple(node, _iri(name), value))  # type: ignore[arg-type]
        return node

    def blank(self, *pairs: tuple[str, object]) -> _Node:
        """Add a node without a name."""
        return self.add(ox.BlankNode(f"b{next(self._blank)}"), *pairs)

    def write(self, path: Path) -> None:
        path.write_text(turtle.serialize(self._triples, PREFIXES), encoding="utf-8", newline="\n")


def _typed(value: object, datatype: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=_iri(f"xsd:{datatype}"))


def base(release: Release) -> str:
    """Return the IRI of a release, which ends in a slash."""
    return f"{_HOME}release/{release.version}/"


def _before(release: Release) -> str:
    """Return the IRI of the release before this one, as the ontology names it; empty without."""
    found = release.build.open().select(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT ?before WHERE "
        "{ <https://w3id.org/sarcoma-kg/ontology> owl:priorVersion ?before }"
    )
    iris = [row[0].value for row in found.rows if row[0]]
    return f"{_HOME}release/{iris[0].split('/')[-2]}/" if iris else ""


def write_graphs(release: Release, say: Say) -> None:
    """Write what describes the graphs: void.ttl, prov.ttl and service-description.ttl.

    Args:
        release: A release whose graphs are written.
        say: Called with a few words at the beginning of each step.
    """
    say("counting")
    _void(release)
    _provenance(release)
    _service(release)


def _void(release: Release) -> None:
    graph, here = _Graph(), base(release)
    whole = release.folder / "graphs" / f"{graphs.WHOLE}.nt.gz"
    numbers = statistics.count(whole)
    parts = []
    for name in ("ontology", "asserted", "inferred"):
        place = "ontology/sarcoma" if name == "ontology" else f"graphs/{name}"
        found = statistics.count(release.folder / f"{place}.nt.gz")
        part = graph.add(
            f"{here}void.ttl#{name}",
            ("rdf:type", _iri("void:Dataset")),
            ("dcterms:title", inventory.title(place)),
            ("void:triples", found.triples),
            ("void:dataDump", _iri(f"{here}{place}.nt.gz")),
            ("void:dataDump", _iri(f"{here}{place}.ttl")),
        )
        parts.append(part)
    graph.add(
        here,
        ("rdf:type", _iri("void:Dataset")),
        ("dcterms:title", TITLE),
        ("dcterms:description", DESCRIPTION),
        ("dcterms:license", _iri(LICENCE)),
        ("dcterms:issued", _typed(release.version, "date")),
        ("foaf:homepage", _iri(_HOME)),
        ("void:triples", numbers.triples),
        ("void:distinctSubjects", numbers.subjects),
        ("void:classes", len(numbers.classes)),
        ("void:properties", len(numbers.properties)),
        ("void:uriSpace", ox.Literal(_HOME)),
        ("void:exampleResource", _iri(namespaces.SKG + "GastrointestinalStromalTumor")),
        *(("void:subset", part) for part in parts),
        *(
            ("void:dataDump", _iri(f"{here}graphs/{graphs.WHOLE}.{ending}"))
            for ending in ("nt.gz", "nq.gz", "ttl", "owl", "jsonld")
        ),
        *(("void:feature", _iri(_FORMATS + form)) for form in _RDF_FORMATS),
        *(
            ("void:classPartition", graph.blank(("void:class", _iri(iri)), ("void:entities", n)))
            for iri, n in sorted(numbers.classes.items())
        ),
        *(
            (
                "void:propertyPartition",
                graph.blank(("void:property", _iri(iri)), ("void:triples", n)),
            )
            for iri, n in sorted(numbers.properties.items())
        ),
    )
    graph.add(
        f"{here}void.ttl",
        ("rdf:type", _iri("void:DatasetDescription")),
        ("dcterms:title", "Statistics of sarcoma-kg"),
        ("foaf:primaryTopic", _iri(here)),
    )
    graph.write(release.folder / "void.ttl")


_RDF_FORMATS = ("Turtle", "RDF_XML", "N-Triples", "N-Quads", "JSON-LD")


def _provenance(release: Release) -> None:
    from sarcoma_kg.ground.version import __version__

    graph, here = _Graph(), base(release)
    tool = graph.add(
        _TOOL,
        ("rdf:type", _iri("prov:SoftwareAgent")),
        ("rdfs:label", "the sarcoma-kg toolkit"),
        ("pav:version", ox.Literal(__version__)),
    )
    inputs = []
    root = resources.data_root()
    for path in [*resources.input_files(), *map(Path, release.build.manifest["with"])]:
        inside = path.is_relative_to(root)
        name = path.relative_to(root).as_posix() if inside else f"with/{path.name}"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        inputs.append(
            graph.add(
                f"{here}prov.ttl#input-{digest}",
                ("rdf:type", _iri("prov:Entity")),
                ("rdfs:label", ox.Literal(name)),
                ("spdx:checksum", _checksum(graph, digest)),
            )
        )
    made = graph.add(
        f"{here}prov.ttl#build",
        ("rdf:type", _iri("prov:Activity")),
        ("rdfs:label", "load, reason, infer, validate, publish"),
        ("prov:wasAssociatedWith", tool),
        *(("prov:used", entity) for entity in inputs),
    )
    graph.add(
        here,
        ("rdf:type", _iri("prov:Entity")),
        ("prov:wasGeneratedBy", made),
        *(("prov:wasDerivedFrom", entity) for entity in inputs),
    )
    graph.write(release.folder / "prov.ttl")


def _checksum(graph: _Graph, digest: str) -> _Node:
    return graph.blank(
        ("rdf:type", _iri("spdx:Checksum")),
        ("spdx:algorithm", _iri("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", _typed(digest, "hexBinary")),
    )


def _service(release: Release) -> None:
    graph, here = _Graph(), base(release)
    everything = graph.blank(
        ("rdf:type", _iri("sd:Graph")), ("dcterms:title", inventory.title("graphs/sarcoma-kg"))
    )
    named = [
        graph.blank(
            ("rdf:type", _iri("sd:NamedGraph")),
            ("sd:name", _iri(graphs.GRAPH + name)),
            ("sd:graph", _iri(f"{here}void.ttl#{name}")),
        )
        for name in ("asserted", "inferred")
    ]
    dataset = graph.blank(
        ("rdf:type", _iri("sd:Dataset")),
        ("sd:defaultGraph", everything),
        *(("sd:namedGraph", node) for node in named),
    )
    graph.blank(
        ("rdf:type", _iri("sd:Service")),
        ("sd:supportedLanguage", _iri("sd:SPARQL11Query")),
        ("sd:feature", _iri("sd:UnionDefaultGraph")),
        ("sd:defaultDataset", dataset),
        ("rdfs:comment", "Add sd:endpoint and sd:resultFormat where you serve this graph."),
    )
    graph.write(release.folder / "service-description.ttl")


def write_catalog(release: Release, say: Say) -> None:
    """Write dcat.ttl over the files that are there.

    Args:
        release: A release with all its data.
        say: Called with a few words at the beginning of each step.
    """
    say("describing the files")
    graph, here = _Graph(), base(release)
    publisher = graph.add(
        f"{_HOME}developers", ("rdf:type", _iri("foaf:Agent")), ("foaf:name", PUBLISHER)
    )
    shown = [
        graph.add(
            here + file.path,
            ("rdf:type", _iri("dcat:Distribution")),
            ("dcterms:title", file.title),
            ("dcterms:license", _iri(LICENCE)),
            ("dcat:accessURL", _iri(here + file.path)),
            ("dcat:downloadURL", _iri(here + file.path)),
            ("dcat:mediaType", _iri(_MEDIA + file.media_type)),
            ("dcat:byteSize", _typed(file.size, "nonNegativeInteger")),
            ("spdx:checksum", _checksum(graph, file.sha256)),
            *([("dcat:compressFormat", _iri(_MEDIA + "application/gzip"))] if file.packed else []),
        )
        for file in inventory.files(release.folder)
        if file.path.startswith(_DATA)
    ]
    before = _before(release)
    dataset = graph.add(
        here,
        ("rdf:type", _iri("dcat:Dataset")),
        ("dcterms:title", TITLE),
        ("dcterms:description", DESCRIPTION),
        ("dcterms:identifier", ox.Literal(here)),
        ("dcterms:publisher", publisher),
        ("dcterms:issued", _typed(release.version, "date")),
        ("dcterms:modified", _typed(release.version, "date")),
        ("dcterms:language", _iri("http://publications.europa.eu/resource/authority/language/ENG")),
        ("dcat:version", ox.Literal(release.version)),
        ("dcterms:isVersionOf", _iri(_DATASET)),
        ("dcat:landingPage", _iri(f"{here}site/index.html")),
        *(
            ("dcat:keyword", word)
            for word in ("sarcoma", "oncology", "ontology", "knowledge graph")
        ),
        *(("dcat:distribution", node) for node in shown),
        *([("dcat:previousVersion", _iri(before))] if before else []),
    )
    graph.add(
        f"{here}dcat.ttl#catalogue",
        ("rdf:type", _iri("dcat:Catalog")),
        ("dcterms:title", "Data of sarcoma-kg"),
        ("dcterms:description", "The graphs, tables and mappings that sarcoma-kg publishes."),
        ("dcterms:publisher", publisher),
        ("dcat:dataset", dataset),
    )
    graph.write(release.folder / "dcat.ttl")
