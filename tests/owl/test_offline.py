"""What a file names is never fetched: by neither Java process, in no scheme, on no address."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, checking, pipeline, profiles
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java, ontologies, owlapi, reason
from tests.listener import SCHEMES, Listener, listening

OWL = "http://www.w3.org/2002/07/owl#"
ENGINES = [
    pytest.param(
        version,
        marks=pytest.mark.skipif(
            version not in owlapi.engines(),
            reason=f"OWL API {version} is not installed (Debian: libowlapi-java)",
        ),
    )
    for version in ("5.1", "3.4")
]


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


def _iris(listener: Listener) -> list[str]:
    """Return an IRI for every scheme and host; with brackets inside, jar: is none."""
    return [a for a in listener.everywhere if not a.startswith("jar:http://[")]


def _some(listener: Listener) -> list[str]:
    """Return an IRI for every scheme, and every host in one of them."""
    schemes = range(len(SCHEMES))
    chosen = [SCHEMES[n].format(listener.hosts[n % len(listener.hosts)]) for n in schemes]
    return [a for a in chosen if not a.startswith("jar:http://[")]


def _imports(subject: str, addresses: list[str]) -> str:
    return "".join(f"{subject} <{OWL}imports> <{address}> .\n" for address in addresses)


@pytest.mark.parametrize(
    "subject", ["<https://example.org/lab>", "<https://example.org/other>", "_:b"]
)
def test_no_import_reaches_the_reasoner(listener: Listener, tmp_path: Path, subject: str) -> None:
    text = (
        f"<https://example.org/lab> a <{OWL}Ontology> .\n"
        f"<https://example.org/lab#A> a <{OWL}Class> .\n"
        + _imports(subject, [*_iris(listener), (tmp_path / "secret").as_uri()])
    )
    (tmp_path / "secret").write_text(f"<https://example.org/lab#B> a <{OWL}Class> .\n")
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    assert b"imports" not in reason.merged(triples)
    found = reason.classify(triples, cached=False)
    assert found.unsatisfiable == frozenset()
    assert listener.contacts == 0


@pytest.mark.parametrize("subject", ["_:b", "<https://example.org/other>"])
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_an_ontology_that_names_itself_is_not_fetched(
    build: builds.Build, listener: Listener, tmp_path: Path, subject: str, whole: bool
) -> None:
    """Its own address counts as known, whoever imports it; it was read from the file.

    `make test` hands it to both Java processes as `check` does; `make proofs` lets `check` do it.
    """
    me = f"http://{listener.hosts[0]}/lab"
    path = tmp_path / "lab.ttl"
    path.write_text(
        f"<{me}> a <{OWL}Ontology> ; <{OWL}imports> <https://w3id.org/sarcoma-kg/ontology> .\n"
        f"{subject} <{OWL}imports> <{me}> .\n"
    )
    if whole:
        with contextlib.suppress(UserError):
            checking.check(build, [path], profiles=True)
    else:
        documents = ontologies.read_all([path])
        reason.classify(pipeline.tbox(ontologies.together(documents)), cached=False)
        profiles.found(documents, ontologies.parts(documents))
    assert listener.contacts == 0


@pytest.mark.slow
def test_the_reasoner_alone_refuses_too(listener: Listener, tmp_path: Path) -> None:
    """Were an import to reach it all the same, it would not get out."""
    secret, document, result = (tmp_path / name for name in ("secret.nt", "lab.nt", "found.ofn"))
    secret.write_text(f"<https://example.org/B> <{reason._TYPE.value}> <{OWL}Class> .\n")
    for address in (*_some(listener), secret.as_uri()):
        document.write_text(
            f"<https://example.org/lab> <{reason._TYPE.value}> <{OWL}Ontology> .\n"
            + _imports("<https://example.org/lab>", [address])
        )
        request = {"document": str(document), "target": str(result)}
        done = java.ask("classify", request, java.hermit(), 60)
        assert f"<{address}> lies in no catalog, and nothing is fetched" in done.stderr
        assert not result.exists()
    assert listener.contacts == 0


_PROFILE = """
import json, sys
from sarcoma_kg.owl import owlapi_worker
request = json.load(sys.stdin)
owlapi = owlapi_worker._start(request)
for path in request["paths"]:
    try:
        owlapi_worker._TASKS["profile"](owlapi, {"documents": [path], "catalog": {}})
        print("opened")
    except Exception as error:
        print(" ".join(str(error).split()))
"""


@pytest.mark.parametrize("version", ENGINES)
def test_the_owl_api_refuses_what_the_catalog_does_not_hold(
    listener: Listener, tmp_path: Path, version: str
) -> None:
    """One address goes the whole way; all go to the worker's own task, in one virtual machine."""
    secret = tmp_path / "secret.ttl"
    secret.write_text(f"<https://example.org/secret> a <{OWL}Ontology> .\n")
    addresses = [*_some(listener), secret.as_uri()]
    paths = []
    for number, address in enumerate(addresses):
        paths.append(tmp_path / f"{number}.nt")
        paths[-1].write_text(
            f"<https://example.org/lab> <{reason._TYPE.value}> <{OWL}Ontology> .\n"
            + _imports("<https://example.org/lab>", [address])
        )
    with pytest.raises(UserError, match="lies in no catalog, and nothing is fetched"):
        owlapi.profile([paths[0]], {}, version)
    request = {
        "jvm": str(java.virtual_machine()),
        "classpath": [
            str(j) for j in (java.hermit() if version == "3.4" else java.debian_owlapi())
        ],
        "options": java.ALONE,
        "paths": [str(path) for path in paths],
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _PROFILE],
        input=json.dumps(request), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    for address, said in zip(addresses, done.stdout.splitlines(), strict=True):
        assert f"<{address}> lies in no catalog, and nothing is fetched" in said
    assert listener.contacts == 0


_OPEN = """
import json, sys
from sarcoma_kg.owl import owlapi_worker
request = json.load(sys.stdin)
if not request["handlers"]:
    owlapi_worker._no_handlers = lambda: None
owlapi_worker._start(request)
import jpype
for address in request["addresses"]:
    try:
        jpype.JClass("java.net.URL")(address).openStream()
        print("opened", address)
    except Exception as error:
        print("refused", address)
"""


def _open(addresses: list[str], *, handlers: bool, options: bool) -> list[str]:
    """Let Java's own classes open addresses, behind one wall of the worker, both or none."""
    request = {
        "jvm": str(java.virtual_machine()),
        "classpath": [str(jar) for jar in java.hermit()],
        "options": java.ALONE if options else [],
        "handlers": handlers,
        "addresses": addresses,
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _OPEN],
        input=json.dumps(request), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.parametrize("wall", ["handlers", "options"])
def test_the_worker_opens_no_address(listener: Listener, wall: str) -> None:
    """Each wall holds without the other; but Java passes by a proxy of ftp that does not answer."""
    ftp = ("ftp:", "file:") if wall == "options" else ()
    addresses = [address for address in listener.everywhere if not address.startswith(ftp)]
    found = _open(addresses, handlers=wall == "handlers", options=wall == "options")
    assert found == [f"refused {address}" for address in addresses]
    assert listener.contacts == 0


def test_without_walls_the_listener_hears_java(listener: Listener) -> None:
    # Java takes a file of localhost for one of its own disk.
    nobody = ("odd:", "file://localhost")
    known = [address for address in listener.everywhere if not address.startswith(nobody)]
    _open(known, handlers=False, options=False)
    assert listener.contacts >= len(known)


@pytest.mark.parametrize("version", ENGINES)
@pytest.mark.parametrize("how", ["http", "file"])
def test_the_owl_api_reads_no_external_entity(
    listener: Listener, tmp_path: Path, version: str, how: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame")
    place = secret.as_uri() if how == "file" else f"http://{listener.hosts[0]}/x"
    path = tmp_path / "lab.owl"
    path.write_text(
        f'<!DOCTYPE r [<!ENTITY e SYSTEM "{place}">]>\n'
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="{OWL}" '
        'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">'
        '<owl:Ontology rdf:about="https://example.org/lab"><rdfs:comment>&e;</rdfs:comment>'
        "</owl:Ontology></rdf:RDF>"
    )
    target = tmp_path / "saved.ttl"
    with contextlib.suppress(UserError):
        owlapi.resave([(path, target)], {}, version)
    assert not target.exists() or "sesame" not in target.read_text()
    assert listener.contacts == 0


def _lab(folder: Path, name: str, header: str, term: str) -> Path:
    path = folder / f"{name}.ttl"
    path.write_text(
        f"@prefix owl: <{OWL}> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix obo: <http://purl.obolibrary.org/obo/> .\n"
        "@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .\n"
        f"{header} .\n<https://example.org/{term}> a owl:Class ;\n"
        "    rdfs:subClassOf skg:Liposarcoma ;\n"
        f'    rdfs:label "{term} sarcoma"@en ; obo:IAO_0000119 skg:CuratorKnowledge ;\n'
        f'    obo:IAO_0000115 "An invented liposarcoma, named {term}."@en .\n'
    )
    return path


_OURS = "owl:imports <https://w3id.org/sarcoma-kg/ontology>"


@pytest.mark.parametrize(
    "way",
    ["catalog", *(pytest.param(w, marks=pytest.mark.slow) for w in ("both named", "no version"))],
)
def test_files_that_import_each_other(tmp_path: Path, way: str) -> None:
    date = "" if way == "no version" else "/2026-01-01"
    files = []
    for name, other in (("one", "two"), ("two", "one")):
        me = f"<https://example.org/{name}> a owl:Ontology"
        version = f" ; owl:versionIRI <https://example.org/{name}{date}>" if date else ""
        header = f"{me}{version} ; {_OURS} , <https://example.org/{other}{date}>"
        files.append(_lab(tmp_path, name, header, name))
    if way == "catalog":
        (tmp_path / ontologies.CATALOG).write_text(
            '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
            f'<uri name="https://example.org/one{date}" uri="one.ttl"/>'
            f'<uri name="https://example.org/two{date}" uri="two.ttl"/></catalog>'
        )
        files = files[:1]
    documents = ontologies.read_all(files)
    assert profiles.found(documents, ontologies.parts(documents))[0] == []


def test_our_ontology_by_its_version(tmp_path: Path) -> None:
    version = next(n for n in ontologies.packaged_names() if n.endswith("/ontology") and "20" in n)
    me = "<https://example.org/lab> a owl:Ontology ; owl:imports"
    path = _lab(tmp_path, "lab", f"{me} <{version}>", "lab")
    documents = ontologies.read_all([path])
    assert profiles.found(documents, ontologies.parts(documents))[0] == []
    path = _lab(tmp_path, "lab", f"{me} <https://w3id.org/sarcoma-kg/1999-01-01/ontology>", "lab")
    with pytest.raises(UserError, match=f"the packaged version is <{version}>"):
        ontologies.read_all([path])


@pytest.mark.parametrize(
    "inside",
    ["", pytest.param("<https://example.org/elsewhere> a owl:Ontology", marks=pytest.mark.slow)],
)
def test_a_catalog_names_a_file_otherwise_than_the_file_itself(
    tmp_path: Path, listener: Listener, inside: str
) -> None:
    name = f"http://{listener.hosts[0]}/parts"
    _lab(tmp_path, "parts", f"{inside} ; {_OURS}" if inside else "skg:x a owl:Class", "part")
    (tmp_path / ontologies.CATALOG).write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        f'<uri name="{name}" uri="parts.ttl"/></catalog>'
    )
    header = f"<https://example.org/lab> a owl:Ontology ; {_OURS} , <{name}>"
    documents = ontologies.read_all([_lab(tmp_path, "lab", header, "lab")])
    _, note = profiles.found(documents, ontologies.parts(documents))
    assert "no import unresolved" in note
    assert listener.contacts == 0
