"""Names of a query that the graph does not hold."""

import time

import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.stores.absent import absent
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import missing

PROLOGUE = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in namespaces.PREFIXES.items())
QUESTIONS = sorted((resources.data_root() / "queries" / "competency").glob("*.rq"))


def told(store: EmbeddedStore, query: str) -> list[str]:
    return missing.words(store, absent(store, outline(PROLOGUE + query).names))


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("ASK { ?c skg:aboutDisese ?d }",
         ["skg:aboutDisese is not in the graph; perhaps skg:aboutDisease"]),
        ("ASK { ?c skg:aboutdisease ?d }",
         ["skg:aboutdisease is not in the graph; perhaps skg:aboutDisease"]),
        ("ASK { ?c kb:aboutDisease ?d }",
         ["kb:aboutDisease is not in the graph; perhaps skg:aboutDisease"]),
        ("ASK { ?c skg:aboutDisease skg:GastrointestinalStromaTumor }",
         ["skg:GastrointestinalStromaTumor is not in the graph; "
          "perhaps skg:GastrointestinalStromalTumor"]),
        ("ASK { ?c rdfs:lable ?d }", ["rdfs:lable is not in the graph; perhaps rdfs:label"]),
        ("ASK { ?c <https://w3id.org/sarcoma-kg/ontology/aboutDisese> ?d }",
         ["<https://w3id.org/sarcoma-kg/ontology/aboutDisese> is not in the graph; "
          "perhaps skg:aboutDisease"]),
        ("ASK { VALUES ?d { skg:Imatinb skg:Imatinib } ?c skg:aboutTherapy ?d }",
         ["skg:Imatinb is not in the graph; perhaps skg:Imatinib"]),
        # An identifier that is near is another thing; other people's names are theirs.
        ("ASK { ?x skos:exactMatch NCIT:C3705999 }", ["NCIT:C3705999 is not in the graph"]),
        ("ASK { ?x <http://example.org/p> 1 }", ["<http://example.org/p> is not in the graph"]),
        # Made, not looked for; compared with, not looked for.
        ("CONSTRUCT { ?c skg:new ?d } WHERE { ?c skg:aboutDisease ?d }", []),
        ("ASK { ?c skg:aboutDisease ?d FILTER(DATATYPE(?d) = xsd:gYear || xsd:double(?d) = 1) }",
         []),
        ("ASK { ?c skg:aboutDisease 'skg:none' # skg:none\n }", []),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_told(
    store: EmbeddedStore, query: str, lines: list[str]
) -> None:
    assert told(store, query) == lines


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_packaged_questions_are_told_nothing(store: EmbeddedStore, path: object) -> None:
    assert told(store, path.read_text(encoding="utf-8")) == []  # type: ignore[attr-defined]


def test_of_many_names_some_are_told(store: EmbeddedStore) -> None:
    lines = told(store, "ASK { VALUES ?x { " + "".join(f"skg:x{i} " for i in range(2000)) + "} }")
    assert len(lines) == 11
    assert lines[-1] == "990 more names are not in the graph"


def test_a_correct_query_waits_for_nothing(store: EmbeddedStore) -> None:
    query = QUESTIONS[0].read_text(encoding="utf-8")
    names = outline(query).names
    absent(store, names)
    began = time.process_time()
    for _ in range(10):
        absent(store, outline(query).names)
    assert names
    assert time.process_time() - began < 0.2
