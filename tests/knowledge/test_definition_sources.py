"""What a definition of a disease names, its sources name too.

`ontology/mappings/definition-sources.tsv` says of each source which genes, fusions and markers its
text and its roles name. Names are today's symbols; what was printed instead stands in brackets.
"""

import csv
import re
from collections.abc import Iterator

import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.stores.store import EmbeddedStore

#: Capitals that are no gene, fusion or marker.
ABBREVIATIONS = frozenset({"ETS", "FET", "HIV", "III", "LAM", "MPNST", "PAS", "WHO"})
WORDS = "brachyury|desmin|keratin|melan-A|myogenin|beta-catenin|claudin-1"
NAMED = re.compile(rf"\b(?=\w*[A-Z]\w*[A-Z0-9])[A-Z0-9]\w*(?:(?:::|-|/)[A-Z0-9]\w*)*|{WORDS}")
#: One name for what has two.
SAME = {"INI1": "SMARCB1", "BRG1": "SMARCA4", "NUTM2A": "NUTM2", "MGEA5": "OGA"}


def named(definition: str) -> set[str]:
    """Return the genes, fusions and markers that a definition names.

    >>> sorted(named("with FUS::DDIT3 or EWSR1/FUS fusion and keratin, as in MPNST"))
    ['EWSR1', 'FUS', 'FUS::DDIT3', 'keratin']
    """
    found = set()
    for word in NAMED.findall(definition):
        for part in word.split("/"):
            genes = [SAME.get(gene, gene) for gene in part.split("::")]
            if part not in ABBREVIATIONS and len(part) > 1:
                found.add("::".join(genes))
    return found


def _carried(cell: str) -> Iterator[str]:
    for entry in filter(None, cell.split(" | ")):
        printed = re.sub(r" \(.*\)", "", entry)
        genes = [SAME.get(gene, gene) for gene in printed.split("::")]
        yield "::".join(genes)
        yield from genes


def _sources() -> dict[str, set[str]]:
    path = resources.data_root() / "ontology" / "mappings" / "definition-sources.tsv"
    carried: dict[str, set[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            names = carried.setdefault(row["source"], set())
            names |= {*_carried(row["named_in_text"]), *_carried(row["named_in_roles"])}
    return carried


def findings(
    definitions: dict[str, tuple[str, set[str]]], carried: dict[str, set[str]]
) -> tuple[list[tuple[str, str]], set[str], set[str]]:
    """Return what no source names, and which definitions were compared and which could not be.

    Args:
        definitions: For each class its definition and its sources.
        carried: For each source what it names.
    """
    missing, compared, left = [], set(), set()
    for name, (definition, sources) in sorted(definitions.items()):
        at_hand = sources & carried.keys()
        if not at_hand:
            left.add(name)
            continue
        compared.add(name)
        known = set().union(*(carried[source] for source in at_hand))
        missing += [(name, marker) for marker in sorted(named(definition) - known)]
    return missing, compared, left


@pytest.fixture(scope="module")
def definitions(store: EmbeddedStore) -> dict[str, tuple[str, set[str]]]:
    """Definitions of diseases that cite NCIt or DO, with all their sources."""
    answer = store.select(
        f"""PREFIX skg: <{namespaces.SKG}> PREFIX obo: <{namespaces.PREFIXES["obo"]}>
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?d ?text ?source WHERE {{
          ?d skg:diseaseRank ?rank ; obo:IAO_0000115 ?text .
          {{ ?d obo:IAO_0000119 ?source }} UNION
          {{ ?a owl:annotatedSource ?d ; owl:annotatedProperty obo:IAO_0000115 ;
               owl:annotatedTarget ?text ; dcterms:source ?source }} }}"""
    )
    found: dict[str, tuple[str, set[str]]] = {}
    for row in answer.dicts():
        name = row["d"].removeprefix(namespaces.SKG)
        found.setdefault(name, (row["text"], set()))[1].add(namespaces.contract(row["source"]))
    return {
        name: (text, sources)
        for name, (text, sources) in found.items()
        if any(source.startswith(("NCIT:", "DOID:")) for source in sources)
    }


def test_the_sources_of_a_definition_name_what_it_names(
    definitions: dict[str, tuple[str, set[str]]],
) -> None:
    missing, compared, left = findings(definitions, _sources())
    assert missing == []
    assert left == set()
    assert len(compared) >= 150


@pytest.mark.parametrize("marker", ["STAT6", "FUS::ERG", "desmin", "CD99"])
def test_a_planted_marker_is_found(
    definitions: dict[str, tuple[str, set[str]]], marker: str
) -> None:
    text, sources = definitions["Osteosarcoma"]
    planted = {**definitions, "Osteosarcoma": (f"{text} It shows {marker}.", sources)}
    assert findings(planted, _sources())[0] == [("Osteosarcoma", marker)]


def test_each_source_of_the_table_is_cited(definitions: dict[str, tuple[str, set[str]]]) -> None:
    cited = set().union(*(sources for _, sources in definitions.values()))
    assert {s for s in _sources() if s.startswith(("NCIT:", "DOID:"))} - cited == set()
