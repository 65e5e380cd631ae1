"""NCIt and ChEBI in other syntaxes than those they are published in; values of OBO."""

import gzip
from pathlib import Path

import pyhornedowl
import pyoxigraph as ox
import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.vocabularies import readers
from sarcoma_kg.vocabularies.concepts import Concept

NCIT = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#"
 xmlns:obo="http://purl.obolibrary.org/obo/">
<owl:Ontology rdf:about="http://purl.obolibrary.org/obo/ncit.owl">
 <owl:versionInfo>26.01a</owl:versionInfo></owl:Ontology>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/NCIT_C9118"><rdfs:label>Sarcoma</rdfs:label>
</owl:Class>
<owl:ObjectProperty rdf:about="http://purl.obolibrary.org/obo/R1"/>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/NCIT_C7"><rdfs:label>Seven</rdfs:label>
 <owl:equivalentClass><owl:Class><owl:intersectionOf rdf:parseType="Collection">
  <rdf:Description rdf:about="http://purl.obolibrary.org/obo/NCIT_C9118"/>
  <owl:Restriction><owl:onProperty rdf:resource="http://purl.obolibrary.org/obo/R1"/>
   <owl:someValuesFrom rdf:resource="http://purl.obolibrary.org/obo/NCIT_C8"/></owl:Restriction>
 </owl:intersectionOf></owl:Class></owl:equivalentClass></owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/NCIT_C8"><rdfs:label>Eight</rdfs:label>
 <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
</owl:Class>
</rdf:RDF>
"""


def concepts(path: Path) -> tuple[dict[str, Concept], str]:
    source = readers.Source(path, "NCIT")
    return {c.code: c for c in source}, source.version


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["ofn", "omn", "owx", "ttl"])
def test_a_vocabulary_in_any_syntax(tmp_path: Path, form: str, packed: bool) -> None:
    owl = tmp_path / "ncit.owl"
    owl.write_text(NCIT)
    if form == "ttl":
        quads = ox.parse(NCIT, format=ox.RdfFormat.RDF_XML)
        text = (ox.serialize((q.triple for q in quads), format=ox.RdfFormat.TURTLE) or b"").decode()
    else:
        ontology = pyhornedowl.open_ontology_from_string(NCIT, "rdf")
        text = ontology.save_to_string(form)  # type: ignore[arg-type]
    path = tmp_path / f"ncit.{form}"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert concepts(path) == concepts(owl)
    assert concepts(path)[0]["C7"].parents == ("C9118",)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('a {comment="x"}', "a"),
        ('a {x="}", y="\\""} ! b', "a"),
        ("a ! b", "a"),
        (r"a \! b", "a ! b"),
        ("a! b", "a! b"),
        ("{a} b", "{a} b"),
        ("a {b} c", "a {b} c"),
    ],
)
def test_what_stands_behind_a_name_is_none_of_it(tmp_path: Path, value: str, name: str) -> None:
    path = tmp_path / "chebi.obo"
    path.write_text(f"format-version: 1.2\n\n[Term]\nid: CHEBI:7\nname: {value}\n\n")
    assert [c.label for c in readers.Source(path, "CHEBI")] == [name]


@pytest.mark.parametrize("second", ["name: b", "name: a", 'name: b {x="y"}'])
def test_a_second_name_is_refused(tmp_path: Path, second: str) -> None:
    path = tmp_path / "chebi.obo"
    path.write_text(f"format-version: 1.2\n\n[Term]\nid: CHEBI:7\nname: a\n{second}\n\n")
    with pytest.raises(UserError, match="line 6: a second name of CHEBI:7"):
        list(readers.Source(path, "CHEBI"))
