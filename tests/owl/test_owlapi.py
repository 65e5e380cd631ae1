"""The OWL API, in each version at hand: it loads every file offline, and the profiles hold."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java, ontologies, owlapi
from sarcoma_kg.reading import loading

OWL = namespaces.PREFIXES["owl"]
TYPE = namespaces.PREFIXES["rdf"] + "type"
HEAD = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix lab: <https://example.org/lab/> .
<https://example.org/lab> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
"""


def engine(version: str) -> object:
    missing = version not in owlapi.engines()
    reason = f"OWL API {version} is not installed (Debian: libowlapi-java)"
    return pytest.param(version, marks=pytest.mark.skipif(missing, reason=reason))


ENGINES = [engine("5.1"), engine("3.4")]


def documents() -> list[Path]:
    return [resources.data_root() / "ontology" / "sarcoma.ttl", *resources.claim_files()]


@pytest.mark.parametrize("version", ENGINES)
def test_every_file_loads_offline_and_keeps_the_profiles(version: str) -> None:
    report = owlapi.profile(documents(), ontologies.packaged_catalog(), version)
    assert report.engine == version
    files = [*resources.ontology_files(), *resources.claim_files()]
    assert set(report.documents) == {str(path.resolve()) for path in files}
    assert report.violations == ()
    # The expected punnings: exactly the classes that instance data points at.
    quads = list(loading.packaged())
    classes = {q.subject for q in quads if str(q.object) == f"<{OWL}Class>"}
    relations = {q.subject for q in quads if str(q.object) == f"<{OWL}ObjectProperty>"}
    pointed = {
        q.object.value
        for q in quads
        if isinstance(q.object, ox.NamedNode) and q.object in classes and q.predicate in relations
    }
    assert set(report.punned) == pointed
    assert len(pointed) > 100


@pytest.mark.slow
@pytest.mark.parametrize("version", ENGINES)
@pytest.mark.parametrize(
    ("text", "profile", "said"),
    [
        ('lab:X a owl:Class ; lab:note "x"@en .', "OWL 2 DL", "undeclared annotation property"),
        (
            "lab:X a owl:Class ; rdfs:subClassOf"
            " [ a owl:Class ; owl:unionOf ( skg:KIT skg:ALK ) ] .",
            "OWL 2 EL",
            "non-subclass expression|not in profile|ObjectUnionOf|superclass",
        ),
    ],
    ids=["undeclared", "union"],
)
def test_a_breach_is_told(version: str, text: str, profile: str, said: str, tmp_path: Path) -> None:
    import re

    path = tmp_path / "lab.ttl"
    path.write_text(HEAD + text)
    report = owlapi.profile([path], ontologies.packaged_catalog(), version)
    assert {violation.profile for violation in report.violations} == {profile}
    (breach,) = report.violations
    assert re.search(said, breach.text), breach.text
    assert "https://example.org/lab/X" in breach.iris


@pytest.mark.parametrize("version", ENGINES)
def test_an_import_outside_the_catalog_is_not_fetched(version: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.ttl"
    path.write_text(
        "<https://example.org/lab> a <http://www.w3.org/2002/07/owl#Ontology> ; "
        "<http://www.w3.org/2002/07/owl#imports> <http://localhost:1/other> ."
    )
    with pytest.raises(UserError, match=rf"OWL API {version} failed: .*localhost:1/other"):
        owlapi.profile([path], {}, version)


def test_a_virtual_machine_that_fails_gives_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "virtual_machine", lambda: Path("/nowhere/libjvm.so"))
    with pytest.raises(UserError, match=r"OWL API 3\.4 failed: .*libjvm"):
        owlapi.profile(documents(), {}, "3.4")


def test_an_engine_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARCOMA_KG_JARS", "/nowhere")
    assert owlapi.engines() == ["3.4"]
    with pytest.raises(UserError, match=r"5\.1 is not installed"):
        owlapi.profile(documents(), {}, "5.1")
