"""Break one triple of the claims: a shape, a check or a question must notice.

The kinds of triple (kind of subject, property) are taken from the data. Of each kind one triple is
corrupted (an IRI becomes one that means nothing here, a literal a value of another type) and,
where every individual of the kind has the property once, removed. What shapes and checks let pass
must change the answer to a question.
"""

import random
from collections import defaultdict

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds, rules
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.quality import checks, validation
from sarcoma_kg.questions import catalog
from sarcoma_kg.reading import loading
from sarcoma_kg.stores.store import EmbeddedStore
from tests.passes import some_slow
from tests.questions import expected

XSD = namespaces.PREFIXES["xsd"]
RDF_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
NOWHERE = ox.NamedNode("https://example.org/nowhere")
Kind = tuple[str, str]


#: The classes of external evidence, of which each has slots of its own.
EVIDENCE = {"skg:StudyResult", "skg:RegulatoryEvent", "skg:DevelopmentEvent"}


def kind_of_subject(iri: str, types: set[str]) -> str:
    """Return the class of external evidence, or what stands before the first hyphen of a name.

    Args:
        iri: The individual: claim, cit, span ...
        types: Its classes, contracted.
    """
    of_evidence = sorted(types & EVIDENCE)
    return of_evidence[0] if of_evidence else iri.removeprefix(namespaces.KB).split("-")[0]


def kinds() -> dict[Kind, list[ox.Triple]]:
    """Return the triples of the claim files by kind."""
    found: dict[Kind, list[ox.Triple]] = defaultdict(list)
    for path in resources.claim_files():
        if path.name in {"S1.ttl", "S2.ttl", "external-evidence.ttl"}:
            quads = loading.read(path)
            types = defaultdict(set)
            for quad in quads:
                if quad.predicate == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
                    types[quad.subject].add(namespaces.contract(quad.object.value))
            for quad in quads:
                subject = str(quad.subject)[1:-1]
                if subject.startswith(namespaces.KB):
                    kind = kind_of_subject(subject, types[quad.subject])
                    key = (kind, namespaces.contract(quad.predicate.value))
                    found[key].append(quad.triple)
    return found


KINDS = kinds()
# Bibliographic text that no rule can check: a wrong one is for a reader to notice.
FREE_TEXT = {"dcterms:title", "dcterms:issued", "dcterms:rights", "dcterms:isPartOf"}
# Any address can be a source; test_evidence.py compares them with what is recorded as read.
FREE_TEXT |= {"dcterms:source"}


def corrupt(triple: ox.Triple) -> ox.Triple:
    """Return the triple with an object that is wrong in kind."""
    old = triple.object
    if isinstance(old, ox.NamedNode):
        return ox.Triple(triple.subject, triple.predicate, NOWHERE)
    assert isinstance(old, ox.Literal)
    number = old.datatype.value in {XSD + "integer", XSD + "decimal"}
    new = ox.Literal("not a number") if number else ox.Literal(-7)
    return ox.Triple(triple.subject, triple.predicate, new)


def mandatory(kind: Kind) -> bool:
    """Tell whether every individual of this kind of subject has the property, and once."""
    having = {str(t.subject) for t in KINDS[kind]}
    if len(having) < len(KINDS[kind]):
        return False
    everyone = {str(t.subject) for k, ts in KINDS.items() if k[0] == kind[0] for t in ts}
    return having == everyone


class Graph:
    """The whole graph, in which one triple can be exchanged and put back."""

    def __init__(self, build: builds.Build) -> None:
        def load(name: str) -> set[ox.Triple]:
            path = str(build.folder / name)
            return {t.triple for t in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)}

        self.asserted, inferred = load("asserted.nt"), load("inferred.nt")
        self.hermit = {t for t in inferred if t.predicate.value.endswith("#subClassOf")}
        self.store = EmbeddedStore(ox.Store())
        self.store.inner.extend(_quad(t) for t in self.asserted | inferred)
        self.known = set(checks.run(self.store))

    def notices(self, old: ox.Triple, new: ox.Triple | None) -> str:
        """Return what notices the change: 'shape', 'check', 'question', or nothing."""
        self.store.inner.remove(_quad(old))
        if new:
            self.store.inner.add(_quad(new))
        try:
            if validation.validate(self.store).findings:
                return "shape"
            if set(checks.run(self.store)) - self.known:
                return "check"
        finally:
            if new:
                self.store.inner.remove(_quad(new))
            self.store.inner.add(_quad(old))
        return "question" if self._some_answer_differs(old, new) else ""

    def _some_answer_differs(self, old: ox.Triple, new: ox.Triple | None) -> bool:
        store = EmbeddedStore(ox.Store())
        triples = (self.asserted - {old}) | self.hermit | ({new} if new else set())
        store.inner.extend(_quad(t) for t in triples)
        rules.apply(store)
        folder = resources.data_root() / "queries" / "competency"
        for path in sorted(folder.glob("*.rq")):
            columns, rows = expected.read(path.with_suffix(".csv"))
            if expected.project(store.select(catalog.read(path).query()), columns) != rows:
                return True
        return False


def _quad(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object)


@pytest.fixture(scope="module")
def graph(build: builds.Build) -> Graph:
    return Graph(build)


def test_kinds_come_from_the_data() -> None:
    assert len(KINDS) > 60
    for kind in [
        ("claim", "skg:direction"),
        ("selector", "oa:end"),
        ("cit", "cito:hasCitedEntity"),
        ("claim", "skg:hasContextProfile"),
        ("skg:StudyResult", "skg:design"),
        ("skg:RegulatoryEvent", "skg:regulatoryEventKind"),
        ("skg:RegulatoryEvent", "skg:changesStandingOf"),
        ("skg:DevelopmentEvent", "skg:developmentEventKind"),
        ("skg:StudyResult", "skg:hasMeasurement"),
        ("measurement", "skg:normalisedValue"),
        ("measurement", "skg:hazardRatio"),
        ("profile", "skg:allOf"),
        ("profile", "skg:anyOf"),
        ("profile", "skg:noneOf"),
    ]:
        assert kind in KINDS


def test_the_graph_as_it_is_has_nothing_to_notice(graph: Graph) -> None:
    assert validation.validate(graph.store).findings == []


# A fifth each time, the others in `make proofs`.
@pytest.mark.parametrize(
    "kind",
    some_slow(sorted(k for k in KINDS if k[1] not in FREE_TEXT), lambda place, _: not place % 10),
    ids=" ".join,
)
def test_a_broken_triple_is_noticed(graph: Graph, kind: Kind) -> None:
    """A corrupted triple always; a removed one wherever every such individual has the property."""
    triple = random.Random(str(kind)).choice(sorted(KINDS[kind], key=str))
    assert graph.notices(triple, corrupt(triple)), f"corrupted: {corrupt(triple)}"
    if mandatory(kind):
        assert graph.notices(triple, None), f"removed: {triple}"
