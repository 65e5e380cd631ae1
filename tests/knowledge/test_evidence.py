"""External evidence: its model as documented, and its items as read."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import rdflib

from sarcoma_kg.building import rules
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.quality import checks, validation
from sarcoma_kg.stores.store import EmbeddedStore

DATA = Path(__file__).parents[1] / "data" / "evidence"
DOCUMENT = resources.data_root() / "docs" / "evidence.md"


def store_with(triples: Iterable[ox.Triple], turtle: str) -> EmbeddedStore:
    """Return the graph with a few triples more."""
    store = EmbeddedStore(ox.Store())
    store.inner.extend(ox.Quad(*triple) for triple in triples)
    store.inner.load(turtle.encode(), format=ox.RdfFormat.TURTLE)
    return store


def documented(kind: str, word: str) -> str:
    """Return the one block of the document in a language that holds a word."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [text for text in blocks if word in text]
    return str(block)


def test_the_documented_profile_is_found_by_the_documented_query(
    triples: list[ox.Triple],
) -> None:
    example, query = documented("turtle", "kb:profile-example"), documented("sparql", "noneOf")
    store = store_with(triples, example)
    assert validation.validate(store).findings == []
    assert not checks.run(store, [checks.check_files()[0].with_name("statement-figure.rq")])

    closure = "".join(f"{t} .\n" for t in triples if t.predicate.value.endswith("rollsUpTo"))

    def found(query: str) -> set[str]:
        rows = {r["evidence"].rpartition("/")[2] for r in store.select(query).dicts()}
        graph = rdflib.Graph().parse(data=example, format="turtle").parse(data=closure, format="nt")
        found = graph.query(query).bindings
        theirs = {str(row[rdflib.Variable("evidence")]).rpartition("/")[2] for row in found}
        assert theirs == rows & {"ext-example"}
        return theirs

    features = "{ skg:MAGEA4Expression skg:HLAA0202 }"
    assert features in query
    assert found(query)
    assert not found(query.replace(features, "{ skg:HLAA0202 }")), "all of"
    assert not found(query.replace(features, "{ skg:MAGEA4Expression skg:HLAA0203 }")), "any of"
    resistant = features.replace("}", "skg:AcquiredResistanceMutation }")
    assert not found(query.replace(features, resistant)), "none of"


def test_a_profile_gives_a_claim_its_context(triples: list[ox.Triple]) -> None:
    """All of and any of, never none of; evidence gets none."""
    example = documented("turtle", "kb:profile-example") + (
        "kb:claim-x skg:hasProposition kb:prop-x ; skg:hasContextProfile kb:profile-example ."
    )
    store = store_with([], example)
    rules.apply(store)
    context = ox.NamedNode(namespaces.SKG + "molecularContext")
    given = {
        (str(quad.subject), str(quad.object))
        for quad in store.inner.quads_for_pattern(None, context, None)
    }
    claim = f"<{namespaces.KB}claim-x>"
    features = ("MAGEA4Expression", "HLAA0201", "HLAA0202")
    assert given == {(claim, f"<{namespaces.SKG}{name}>") for name in features}


PREFIXES = f"""PREFIX skg: <{namespaces.SKG}>
PREFIX dcterms: <{namespaces.PREFIXES["dcterms"]}>
"""
KINDS = "VALUES ?kind { skg:StudyResult skg:RegulatoryEvent skg:DevelopmentEvent }"


def items(store: EmbeddedStore, pattern: str) -> set[str]:
    rows = store.select(f"{PREFIXES} SELECT DISTINCT ?e WHERE {{ {pattern} }}").dicts()
    return {namespaces.contract(row["e"]) for row in rows}


def test_every_item_has_kind_slots_and_a_source_or_is_unconfirmed(store: EmbeddedStore) -> None:
    everything = items(store, "?e a skg:ExternalEvidence")
    before = (DATA / "items-before-kinds.txt").read_text(encoding="utf-8").split()
    assert len(before) == 53
    assert set(before) < everything
    assert items(store, f"{KINDS} ?e a skg:ExternalEvidence , ?kind") == everything
    about = items(store, "?e a skg:ExternalEvidence ; skg:concernsTherapy|skg:concernsDisease ?x")
    assert about == everything
    unconfirmed = items(store, "?e a skg:ExternalEvidence ; skg:checkStatus skg:Unconfirmed")
    assert len(unconfirmed) <= 12
    read = items(store, "?e a skg:ExternalEvidence ; dcterms:source ?s ; skg:checkedOn ?day")
    assert everything - unconfirmed <= read


def test_every_source_of_an_item_is_recorded_as_read(store: EmbeddedStore) -> None:
    """By address, or by PubMed number where a copy of the record was read elsewhere."""
    path = resources.data_root() / "ontology" / "mappings" / "attested.tsv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {(row["entity"], row["where"]) for row in rows}
    for row in rows:
        number = re.search(r"/(\d{8})$", row["where"])
        if number:
            record = f"https://pubmed.ncbi.nlm.nih.gov/{number.group(1)}/"
            known.add((row["entity"], record))
    given = store.select(
        f"{PREFIXES} SELECT ?e ?s WHERE {{ ?e a skg:ExternalEvidence ; dcterms:source ?s }}"
    )
    sources = {(namespaces.contract(row["e"]), row["s"]) for row in given.dicts()}
    assert len(sources) > 100
    assert sources - known == set()


def test_a_figure_taken_from_the_slots_is_missed(triples: list[ox.Triple]) -> None:
    """Of each item one figure of the statement, taken from every slot that holds it."""
    slots = {"printedValue", "numerator", "denominator", "intervalLow", "hazardRatio"}
    about: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        about.setdefault(str(triple.subject)[1:-1], []).append(triple)
    removed: set[ox.Triple] = set()
    wanted = set()
    for iri, told in about.items():
        texts = [t.object for t in told if t.predicate.value == namespaces.SKG + "statement"]
        parts = [t for t in told if t.predicate.value == namespaces.SKG + "hasMeasurement"]
        figures = [
            triple
            for part in parts
            for triple in about[str(part.object)[1:-1]]
            if triple.predicate.value.removeprefix(namespaces.SKG) in slots
        ]
        held = sorted(
            {str(getattr(t.object, "value", "")) for t in figures}, key=lambda f: (len(f), f)
        )
        for figure in reversed(held):
            if texts and re.search(rf"(?<![\w.]){re.escape(figure)}(?![\w.]*\d)", str(texts[0])):
                removed |= {
                    t
                    for t in [*told, *(t for p in parts for t in about[str(p.object)[1:-1]])]
                    if re.search(rf"(?<!\d){re.escape(figure)}(?!\d)", str(t.object))
                    and not t.predicate.value.endswith(("statement", "hasMeasurement", "label"))
                }
                wanted.add(namespaces.contract(iri))
                break
    assert len(wanted) > 40
    check = [checks.check_files()[0].with_name("statement-figure.rq")]
    assert checks.run(store_with(triples, ""), check) == []
    missed = checks.run(store_with(set(triples) - removed, ""), check)
    assert {finding.focus for finding in missed} == wanted
