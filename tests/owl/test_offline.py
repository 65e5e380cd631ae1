"""What a file names is never fetched: by neither Java process, in no scheme, on no address."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, checking
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java, ontologies, owlapi, reason

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


class Listener:
    """Servers on loopback that count who comes."""

    def __init__(self) -> None:
        self.contacts: list[bytes] = []
        self.sockets: list[socket.socket] = []
        self.hosts: list[str] = []
        for family, host, shown in (
            (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
            (socket.AF_INET6, "::1", "[::1]"),
        ):
            with contextlib.suppress(OSError):
                server = socket.create_server((host, 0), family=family)
                port = server.getsockname()[1]
                self.sockets.append(server)
                names = [shown, "localhost"] if family == socket.AF_INET else [shown]
                self.hosts += [f"{name}:{port}" for name in names]
                threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                with client:
                    client.settimeout(2)
                    with contextlib.suppress(OSError):
                        self.contacts.append(client.recv(200))
                        client.sendall(b"HTTP/1.0 404 Gone\r\n\r\n")

    def addresses(self) -> list[str]:
        """Return an address for every host in every scheme."""
        forms = ("http://{}/x", "https://{}/x", "ftp://{}/x", "jar:http://{}/x!/y", "odd://{}/x")
        made = [form.format(host) for form in forms for host in self.hosts]
        return [address for address in made if not address.startswith("jar:http://[")]  # no IRI


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    for server in made.sockets:
        server.close()


def _imports(subject: str, addresses: list[str]) -> str:
    return "".join(f"{subject} <{OWL}imports> <{address}> .\n" for address in addresses)


@pytest.mark.parametrize(
    "subject", ["<https://example.org/lab>", "<https://example.org/other>", "_:b"]
)
def test_no_import_reaches_the_reasoner(listener: Listener, tmp_path: Path, subject: str) -> None:
    text = (
        f"<https://example.org/lab> a <{OWL}Ontology> .\n"
        f"<https://example.org/lab#A> a <{OWL}Class> .\n"
        + _imports(subject, [*listener.addresses(), (tmp_path / "secret").as_uri()])
    )
    (tmp_path / "secret").write_text(f"<https://example.org/lab#B> a <{OWL}Class> .\n")
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    assert b"imports" not in reason.merged(triples)
    found = reason.classify(triples, cached=False)
    assert found.unsatisfiable == frozenset()
    assert listener.contacts == []


@pytest.mark.parametrize("subject", ["<https://example.org/other>", "_:b"])
def test_an_ontology_that_names_itself_is_not_fetched(
    build: builds.Build, listener: Listener, tmp_path: Path, subject: str
) -> None:
    """Its own address counts as known, whoever imports it; it was read from the file."""
    me = f"http://{listener.hosts[0]}/lab"
    path = tmp_path / "lab.ttl"
    path.write_text(
        f"<{me}> a <{OWL}Ontology> ; <{OWL}imports> <https://w3id.org/sarcoma-kg/ontology> .\n"
        f"{subject} <{OWL}imports> <{me}> .\n"
    )
    with contextlib.suppress(UserError):
        checking.check(build, [path], profiles=True)
    assert listener.contacts == []


def test_the_reasoner_alone_is_closed_too(listener: Listener, tmp_path: Path) -> None:
    """Were an import to reach it all the same, its virtual machine would not get out."""
    for address in (f"http://{host}/x" for host in listener.hosts):
        document, result = tmp_path / "lab.nt", tmp_path / "classes.ofn"
        document.write_text(
            f"<https://example.org/lab> <{reason._TYPE.value}> <{OWL}Ontology> .\n"
            + _imports("<https://example.org/lab>", [address])
        )
        words = reason.command(document, result)
        subprocess.run(words, capture_output=True, timeout=60, check=False, cwd=tmp_path)
    assert listener.contacts == []


@pytest.mark.parametrize("version", ENGINES)
def test_the_owl_api_refuses_what_the_catalog_does_not_hold(
    listener: Listener, tmp_path: Path, version: str
) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text(f"<https://example.org/secret> a <{OWL}Ontology> .\n")
    path = tmp_path / "lab.ttl"
    addresses = listener.addresses()
    for address in (*addresses[:: len(listener.hosts)], secret.as_uri()):
        path.write_text(
            f"<https://example.org/lab> a <{OWL}Ontology> .\n"
            + _imports("<https://example.org/lab>", [address])
        )
        with pytest.raises(UserError, match="lies in no catalog, and nothing is fetched"):
            owlapi.profile([path], {}, version)
    assert listener.contacts == []


_OPEN = """
import json, sys
from sarcoma_kg.owl import owlapi_worker
request = json.load(sys.stdin)
owlapi_worker._start(request)
import jpype
for address in request["addresses"]:
    try:
        jpype.JClass("java.net.URL")(address).openStream()
        print("opened", address)
    except Exception as error:
        print("refused", address)
"""


def test_the_worker_opens_no_address(listener: Listener) -> None:
    addresses = listener.addresses()
    request = {
        "jvm": str(java.virtual_machine()),
        "classpath": [str(jar) for jar in java.hermit()],
        # Its own means, without those of the virtual machine.
        "options": [],
        "addresses": addresses,
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _OPEN],
        input=json.dumps(request), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"refused {address}" for address in addresses]
    assert listener.contacts == []


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
    assert listener.contacts == []


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


@pytest.mark.parametrize("way", ["both named", "catalog", "no version"])
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
    assert checking._profiles(ontologies.read_all(files))[0] == []


def test_our_ontology_by_its_version(tmp_path: Path) -> None:
    version = next(n for n in ontologies.packaged_names() if n.endswith("/ontology") and "20" in n)
    me = "<https://example.org/lab> a owl:Ontology ; owl:imports"
    path = _lab(tmp_path, "lab", f"{me} <{version}>", "lab")
    assert checking._profiles(ontologies.read_all([path]))[0] == []
    path = _lab(tmp_path, "lab", f"{me} <https://w3id.org/sarcoma-kg/1999-01-01/ontology>", "lab")
    with pytest.raises(UserError, match=f"the packaged version is <{version}>"):
        ontologies.read_all([path])


@pytest.mark.parametrize("inside", ["<https://example.org/elsewhere> a owl:Ontology", ""])
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
    _, note = checking._profiles(documents)
    assert "no import unresolved" in note
    assert listener.contacts == []
