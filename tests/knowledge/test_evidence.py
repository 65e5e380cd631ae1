"""External evidence: its model as documented, and its items as read."""

import re
from collections.abc import Iterable

import pyoxigraph as ox
import rdflib

from sarcoma_kg.building import rules
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.quality import checks, validation
from sarcoma_kg.stores.store import EmbeddedStore

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
