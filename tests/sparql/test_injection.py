"""Whatever a caller brings, a query keeps its structure: text stays within the slot made for it.

A query is compared with the same query for a harmless value, as text and as rdflib's algebra: the
two may differ in the slot only, which then holds one term. What cannot stand there is refused.
"""

import contextlib
import functools
import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyparsing import ParseResults
from rdflib import BNode, Literal, URIRef
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
from rdflib.plugins.sparql.parserutils import CompValue

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking, catalog, claims, termview
from sarcoma_kg.questions.catalog import Parameter, Question
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.remote import RemoteStore
from sarcoma_kg.stores.store import EmbeddedStore, Solutions, Store
from sarcoma_kg.stores.transport import Transport
from sarcoma_kg.stores.writable import WritableStore
from sarcoma_kg.terms import lookup
from tests.passes import some_slow

MARK = "http://example.org/the-slot"
CLAIM = "S0-0-NONE-00"
#: A day that stands in no question.
DAY = "1000-01-01"
QUESTIONS = catalog.load()
#: Each parameter that is a term, and each that is a day, with its question.
ASKABLE = [(q, p) for q in QUESTIONS for p in q.parameters if p.kind != catalog.DATE]
DATED = [(q, p) for q in QUESTIONS for p in q.parameters if p.kind == catalog.DATE]
KINDS = ("Disease", "Therapy", "Target", "Alteration", "Setting", "Claim", "Source")

# ---------------------------------------------------------------------------------------------
# Comparing two queries.


@functools.cache
def algebra(text: str) -> object:
    """Return the algebra of a query as nested tuples, the same for the same query."""
    bnodes: dict[BNode, int] = {}

    def plain(node: Any) -> object:
        if isinstance(node, CompValue):
            # rdflib keeps the algebra of EXISTS beside the item of that name, which it empties.
            items = {**node, **{k: v for k, v in vars(node).items() if k == "graph"}}
            return (node.name, *((k, plain(v)) for k, v in sorted(items.items()) if k != "_vars"))
        if isinstance(node, dict):
            return tuple((name, plain(value)) for name, value in sorted(node.items()))
        if isinstance(node, list | tuple | ParseResults):
            return tuple(map(plain, node))
        if isinstance(node, BNode):
            return bnodes.setdefault(node, len(bnodes))
        return repr(node) if isinstance(node, Path) else node

    return plain(translateQuery(parseQuery(text)).algebra)


def differences(one: object, other: object) -> set[tuple[object, object]]:
    """Return the pairs of terms in which two algebras differ; those of another form do not fit."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return set().union(*map(differences, one, other))
    assert not isinstance(one, tuple), "the structure differs"
    assert type(one) is type(other), "the kind of a term differs"
    return set() if one == other else {(one, other)}


def within(template: str, text: str) -> set[str]:
    """Return what stands in the slots of a query, whose template has MARK or CLAIM there."""
    iri, identifier = r'[^\x00-\x20<>"{}|^`\\]*', r'[^\x00-\x1f"\\]*'
    pattern = re.escape(template).replace(re.escape(MARK), iri)
    pattern = pattern.replace(re.escape(CLAIM), identifier)
    assert re.fullmatch(pattern, text), f"more than the slot differs:\n{text}"
    pairs = differences(algebra(template), algebra(text))
    assert {one for one, _ in pairs} <= {URIRef(MARK), Literal(CLAIM)}
    return {str(other) for _, other in pairs} if pairs else {MARK}


def fit(sent: Iterable[str], templates: Iterable[str]) -> None:
    """Check that each query is one of the templates but for one term in its slots."""
    known = list(templates)
    for text in dict.fromkeys(sent):
        if re.search(r"VALUES \?c \{ (?:<https://w3id.org/sarcoma-kg/id/claim-[\w.-]+> )+\}", text):
            continue  # claims that the graph itself has named
        tries = [functools.partial(within, template, text) for template in known]
        assert any(_holds(t) for t in tries), f"not as for a harmless value:\n{text}"


def _holds(fits: Callable[[], set[str]]) -> bool:
    try:
        return len(fits()) == 1
    except AssertionError:
        return False


PAYLOADS = [
    "http://x/> } ?s ?p ?o . VALUES ?y { <http://x/y",
    "http://x/> } UNION { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } #",
    "http://x/a> <http://x/b",
    "http://x/a> } #",
    "http://x/\\u003E } #",
    "http://x/a\n> #",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_comparison_sees_an_injection(payload: str) -> None:
    for question, parameter in ASKABLE:
        template = question.query({parameter.name: MARK})
        with pytest.raises(AssertionError):
            within(template, template.replace(MARK, payload))


def test_the_comparison_sees_a_change_within_exists_and_filter() -> None:
    query = "SELECT ?s {{ ?s ?p ?o FILTER NOT EXISTS {{ ?s ?p ?x FILTER(?x {} {}) }} }}"
    one = algebra(query.format("=", f"<{MARK}>"))
    assert differences(one, algebra(query.format("=", "<a:b>"))) == {(URIRef(MARK), URIRef("a:b"))}
    for other in (query.format("!=", f"<{MARK}>"), query.format("=", f"<{MARK}> || true")):
        with pytest.raises(AssertionError):
            assert not differences(one, algebra(other))


# ---------------------------------------------------------------------------------------------
# Stores that record what is sent.


class Asked:
    """A store, and the queries and updates that were sent to it."""

    def __init__(self, store: Store, queries: list[str], updates: list[str]) -> None:
        self.store, self.queries, self.updates = store, queries, updates

    def all(self, call: Callable[[Store], object]) -> list[str]:
        """Return the queries of a call that may refuse what it is given."""
        self.queries.clear()
        with contextlib.suppress(UserError, ValueError):
            call(self.store)
        return list(self.queries)


class Recording(EmbeddedStore):
    """An embedded store that keeps the queries and answers each once."""

    def __init__(self, inner: ox.Store) -> None:
        super().__init__(inner)
        self.queries: list[str] = []
        self.answers: dict[str, Solutions] = {}

    def select(self, query: str) -> Solutions:
        self.queries.append(query)
        if query not in self.answers:
            self.answers[query] = super().select(query)
        return self.answers[query]


def recording(turtle: str) -> Recording:
    store = ox.Store()
    store.load(turtle.encode(), format=ox.RdfFormat.TURTLE)
    return Recording(store)


class Answer(io.BytesIO):
    """What the transport returns."""

    status, chunked, length = 200, False, 0
    headers: ClassVar = {"Content-Type": "application/sparql-results+json"}


def endpoint(inner: ox.Store) -> tuple[Callable[..., object], list[str], list[str]]:
    """Return a stand-in for the transport, that answers over `inner`, and what came."""
    queries: list[str] = []
    updates: list[str] = []

    @functools.cache
    def answer(query: str) -> bytes:
        found = inner.query(query)
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    def opened(_: Transport, request: Request, *_rest: object, **_more: object) -> object:
        body = request.data.decode("ascii") if isinstance(request.data, bytes) else ""
        fields = parse_qs(body or urlsplit(request.full_url).query, True, True, errors="strict")
        queries.extend(fields.get("query", []))
        updates.extend(fields.get("update", []))
        return Answer(answer(fields["query"][0]) if "query" in fields else b"")

    return opened, queries, updates


@pytest.fixture(scope="module", params=["embedded", "remote"])
def asked(request: pytest.FixtureRequest, store: EmbeddedStore) -> Iterator[Asked]:
    """Both kinds of store over the packaged graph; the lists of names are read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "names", functools.cache(lookup.names))
        if request.param == "embedded":
            own = Recording(store.inner)
            yield Asked(own, own.queries, [])
            return
        opened, queries, updates = endpoint(store.inner)
        patch.setattr(Transport, "open", opened)
        remote = RemoteStore("http://localhost/sparql", credentials=Credentials(), retries=0)
        yield Asked(remote, queries, updates)


@pytest.fixture(scope="module")
def lookups() -> list[str]:
    """What `terms` asks: the names of each kind, and who bears an identifier."""
    own = recording("")
    for kind in ("", *KINDS):
        lookup.names(own, kind)
    lookup.search(own, MARK)
    return list(dict.fromkeys(own.queries))


@pytest.fixture(scope="module")
def views() -> list[str]:
    """What `termview` asks of a term, of a source and of the target of a mapping."""
    own = recording("")
    termview.view(own, MARK)
    return list(dict.fromkeys(own.queries))


@pytest.fixture(scope="module")
def explanations() -> list[list[str]]:
    """What `explain` asks of one, two and three claims."""
    found = []
    for count in (1, 2, 3):
        own = recording("")
        claims.read(own, ids=[CLAIM] * count)
        found.append(own.queries)
    return found


# ---------------------------------------------------------------------------------------------
# Hostile values.

PIECES = [
    '"', "'", "\\", "\n", "\r", "\t", "#", "# \n", "<", ">", "{", "}", "(", ")", ".", ";", "/*",
    "'''", '"""', '\\"', "\\u003E", "\\U0000003E", "\\u0022", "%3E", "%00", "%zz", "\0", "\ud800",
    "\udfff", "\ufeff", "\u2028", "\u202e", "\u0085", "\uffff", "\U0010ffff", "?_disease", "$x",
    "--", "?x", "^^", "@en", "&query=", "+", "|", "^", "`", " ", "//", "://", "[", "]", "é", "腫瘍",
    "> } ?s ?p ?o . VALUES ?y { <", "> } UNION { ?s ?p ?o } #", '" } ?s ?p ?o . FILTER("" = "',
    "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }", "; DROP ALL", "INSERT DATA { <a:a> <a:b> <a:c> }",
    "skg:", "NCIT:", "C9118", "Osteosarcoma", "GIST", "S1-2-GIST-01", "x" * 3000,
]  # fmt: skip
STARTS = [
    "",
    "http://",
    "http://example.org/",
    "urn:x:",
    "skg:",
    "NCIT:",
    "kb:claim-",
    "<http://x/>",
]


def typed() -> st.SearchStrategy[str]:
    """Anything, with much of what means something in a query; surrogates and NUL too."""
    anything = st.text(st.characters(exclude_categories=()), max_size=20)
    rest = st.lists(st.sampled_from(PIECES) | anything, max_size=5).map("".join)
    labels = st.sampled_from(
        ["osteosarcoma", "KIT", "imatinib", "C9145", "skg:MDM2", "kb:source-S1"]
    )
    return st.builds(str.__add__, st.sampled_from(STARTS), rest) | rest | labels


def iris() -> st.SearchStrategy[str]:
    """IRIs, most of them valid, of characters that mean something elsewhere in a query."""
    pieces = [
        "'",
        "#",
        "?x",
        "$x",
        "(",
        ")",
        ";",
        ".",
        ",",
        "*",
        "/",
        "&",
        "=",
        "!",
        "@en",
        "+",
        "%3E",
    ]
    rest = st.lists(st.sampled_from([*pieces, "é", "腫瘍", "a", ":", "-", "_:b"]), max_size=8)
    return st.builds(str.__add__, st.sampled_from(STARTS[2:4]), rest.map("".join))


few = settings(max_examples=45, deadline=None, derandomize=True)
fewer = settings(max_examples=25, deadline=None, derandomize=True)


# ---------------------------------------------------------------------------------------------
# Questions.


@pytest.mark.parametrize(
    "question",
    some_slow(QUESTIONS, lambda place, _: not place % 15),
    ids=lambda question: question.id,
)
@fewer
@given(value=iris() | typed())
@example(value=PAYLOADS[0])
@example(value=PAYLOADS[1])
@example(value="")
def test_a_question_takes_an_iri_or_refuses(question: Question, value: str) -> None:
    """A caller may pass over `lookup.resolve`; the query is the default one but for the slot."""
    if not question.parameters:
        assert question.query({"disease": value}) == question.query()
        return
    for parameter in question.parameters:
        if parameter.kind == catalog.DATE:
            continue
        template = question.query({parameter.name: MARK})
        assert within(template, question.query()) == {parameter.default}
        try:
            text = question.query({parameter.name: value})
        except ValueError:
            continue
        assert within(template, text) == {value}


def days() -> st.SearchStrategy[str]:
    """Days, and what is nearly one."""
    near = [f"{DAY}Z", f"{DAY}+01:00", f" {DAY}", f"{DAY}T00:00:00", "10000101", "1000-W01-1",
            "2023-02-29", "2026-13-01", "0000-01-01", "-001-01-01", "10000-01-01",
            "١٠٠٠-٠١-٠١", f'{DAY}"^^<a:b> }} #', f"{DAY}\n"]  # fmt: skip
    return st.dates().map(str) | st.sampled_from(near)


@few
@given(value=days() | typed(), asked_for=st.sampled_from(DATED))
@example(value=PAYLOADS[0], asked_for=DATED[0])
@example(value=f'{DAY}"^^xsd:date }} ?s ?p ?o . VALUES ?y {{ "', asked_for=DATED[0])
def test_a_day_is_taken_or_refused(value: str, asked_for: tuple[Question, Parameter]) -> None:
    """Of a caller who types it, and of one who passes over `asking`."""
    question, parameter = asked_for
    own = recording("")
    template = question.query({parameter.name: DAY})
    calls: list[tuple[Callable[[], str], type[Exception], str]] = [
        (lambda: question.query({parameter.name: value}), ValueError, value),
        (
            lambda: asking.query_for(own, question, {parameter.name: value}),
            UserError,
            value.strip(),
        ),
    ]
    for call, refusal, day in calls:
        if not asking.is_day(day):
            with pytest.raises(refusal):
                call()
            continue
        text = call()
        pairs = differences(algebra(template), algebra(text))
        assert {str(other) for _, other in pairs} <= {day}
        assert template.replace(f'"{DAY}"', f'"{day}"') == text
    assert not own.queries


@few
@given(value=typed(), asked_for=st.sampled_from(ASKABLE))
@example(value="http://x/\0", asked_for=ASKABLE[0])
@example(value="http://x/\ud800", asked_for=ASKABLE[0])
@example(value=PAYLOADS[0], asked_for=ASKABLE[0])
@example(value="imatinib> #", asked_for=ASKABLE[0])
def test_what_is_typed_is_one_term_or_refused(
    asked: Asked, lookups: list[str], value: str, asked_for: tuple[Question, Parameter]
) -> None:
    question, parameter = asked_for

    def ask(store: Store) -> None:
        iri = lookup.resolve(store, value, parameter.kind)
        store.select(question.query({parameter.name: iri}))

    fit(asked.all(ask), [*lookups, question.query({parameter.name: MARK})])
    assert not asked.updates


@pytest.mark.parametrize(("question", "parameter"), ASKABLE, ids=lambda of: getattr(of, "id", ""))
def test_a_good_value_is_sent_in_its_slot(
    asked: Asked, lookups: list[str], question: Question, parameter: Parameter
) -> None:

    def ask(store: Store) -> None:
        iri = lookup.resolve(store, f" {parameter.default} ", parameter.kind)
        store.select(question.query({parameter.name: iri}))

    sent = asked.all(ask)
    assert sent[-1] == question.query()
    fit(sent, [*lookups, question.query({parameter.name: MARK})])


@few
@given(value=typed() | iris())
def test_a_search_sends_one_term_or_none(
    asked: Asked, lookups: list[str], views: list[str], value: str
) -> None:
    found: list[str] = []
    fit(asked.all(lambda store: found.extend(lookup.search(store, value)[0])), lookups)
    if found:
        fit(asked.all(lambda store: termview.view(store, found[0])), views)
    assert not asked.updates


@few
@given(kind=typed())
def test_a_kind_is_never_put_into_a_query(lookups: list[str], kind: str) -> None:
    own = recording("")
    lookup.names(own, kind)
    assert set(own.queries) <= set(lookups)


# ---------------------------------------------------------------------------------------------
# Term views and explanations.


@fewer
@given(iri=iris())
def test_the_view_of_an_iri_sends_only_that(views: list[str], iri: str) -> None:
    own = recording("")
    fit(Asked(own, own.queries, []).all(lambda store: termview.view(store, iri)), views)


@fewer
@example(iri=PAYLOADS[0])
@given(iri=typed())
def test_the_view_of_any_text_is_refused_or_harmless(views: list[str], iri: str) -> None:
    own = recording("")
    fit(Asked(own, own.queries, []).all(lambda store: termview.view(store, iri)), views)


HOSTILE_TERM = """
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://example.org/the-slot> rdfs:label "x" ; {} {} .
"""


@pytest.mark.parametrize("prop", ["obo:IAO_0000119", "skos:exactMatch"])
@pytest.mark.parametrize(
    "value",
    [
        '"a book"',
        "[]",
        '"http://x/> ?p ?o . SERVICE SILENT <http://127.0.0.1:1/> { ?s ?q ?x } } ORDER BY ?x #"',
    ],
)
def test_values_of_the_graph_do_not_enter_the_view(views: list[str], prop: str, value: str) -> None:
    """A file that somebody brings may say anything of a term."""
    own = recording(HOSTILE_TERM.format(prop, value))
    fit(Asked(own, own.queries, []).all(lambda store: termview.view(store, MARK)), views)


@few
@given(cells=st.lists(typed() | st.from_regex(r"S\d+-[\w.]+-\w+-\d+", fullmatch=True), max_size=3))
def test_claims_of_an_answer_stay_in_their_slots(
    explanations: list[list[str]], cells: list[str]
) -> None:
    own = recording("")
    ids = claims.named(cells)[:3]
    claims.read(own, ids=ids)
    assert len(own.queries) == (1 if ids else 0)
    for template, text in zip(explanations[len(ids) - 1], own.queries, strict=False):
        assert within(template, text) == set(ids)


@fewer
@example(claim='x" } ?s ?p ?o . VALUES ?y { "')
@given(claim=typed())
def test_explaining_any_text_is_refused_or_harmless(
    explanations: list[list[str]], claim: str
) -> None:
    own = recording("")
    sent = Asked(own, own.queries, []).all(lambda store: claims.read(store, ids=[claim]))
    for text in sent:
        # Escaped text is longer than the slot of the template: the algebra tells.
        assert any(
            {str(b) for _, b in _pairs(template, text)} == {claim} for template in explanations[0]
        )


def _pairs(template: str, text: str) -> set[tuple[object, object]]:
    try:
        return differences(algebra(template), algebra(text))
    except AssertionError:
        return set()


# ---------------------------------------------------------------------------------------------
# What RemoteStore does with a text.


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """The queries and the updates that any remote store sends."""
    opened, queries, updates = endpoint(ox.Store())
    monkeypatch.setattr(Transport, "open", opened)
    return queries, updates


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_goes_out_as_it_is(
    wire: tuple[list[str], list[str]], question: Question
) -> None:
    RemoteStore("http://localhost/sparql", credentials=Credentials()).select(question.query())
    assert wire == ([question.query()], [])


@pytest.mark.parametrize(
    "text",
    [
        "# two lines\n# remove it\nSELECT ?x { ?x ?y ?z }",
        (resources.data_root() / "queries" / "checks" / "own-parent.rq").read_text("utf-8"),
    ],
)
def test_a_read_is_never_sent_as_an_update(wire: tuple[list[str], list[str]], text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = RemoteStore("http://localhost/sparql", credentials=Credentials(), retries=0)
        with contextlib.suppress(UserError):
            store.select(text)
    assert wire == ([text], [])


@few
@given(graph=iris() | typed())
@example(graph="http://x/> ; DROP ALL #")
def test_the_name_of_a_graph_stays_in_its_slot(graph: str) -> None:
    opened, _, updates = endpoint(ox.Store())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "open", opened)
        try:
            store = WritableStore(
                "http://localhost/sparql", graph=graph, credentials=Credentials(), retries=0
            )
            store.clear()
        except UserError:
            assert not updates
            return
    (update,) = updates
    (only,) = parseUpdate(update).request
    assert only.name == "Clear"
    assert str(only.graphiri) == (graph or "DEFAULT")
