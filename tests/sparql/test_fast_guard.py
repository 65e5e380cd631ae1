"""The guard lets nothing through: held against another parser, and with a listener that counts."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import guard
from tests import machine
from tests.listener import Listener, listening
from tests.passes import cases_or_absent
from tests.sparql import mutated
from tests.sparql.parsing_guard import reaches_out
from tests.sparql.test_guard import syntax_tests

_ADDRESS = "http://127.0.0.1:1/"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def triples() -> ox.Store:
    store = ox.Store()
    store.update("INSERT DATA { <a:a> <a:b> 1 . <a:a> <a:c> 'x'@en }".replace("<a:", "<urn:a:"))
    return store


def passes(query: str) -> str | None:
    """Return the text that the guard lets pass; None when it refuses."""
    try:
        return guard.check_read_only(query, "test")
    except UserError:
        return None


def test_the_listener_hears_what_is_not_guarded() -> None:
    """Else the silence of the other tests would prove nothing."""
    with listening() as found:
        for address in found.addresses:
            with pytest.raises((RuntimeError, OSError)):
                list(ox.Store().query(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"))  # type: ignore[arg-type]
        # The engine does not understand an IPv6 address in digits.
        assert found.contacts >= 2


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(mutated.SEEDS),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(mutated.hostile([_ADDRESS]))),
        min_size=1,
        max_size=4,
    ),
)
def test_nothing_passes_that_another_parser_refuses(
    triples: ox.Store, listener: Listener, seed: str, pieces: list[tuple[float, str]]
) -> None:
    for place, piece in pieces:
        at = round(place * len(seed))
        seed = seed[:at] + piece.replace(_ADDRESS, listener.addresses[0]) + seed[at:]
    if (text := passes(seed)) is None:
        return
    assert reaches_out(text) is not True
    run(triples, text)
    assert listener.contacts == 0


def run(store: ox.Store, text: str) -> None:
    """Answer a query as far as its first row, whatever the engine says."""
    try:
        answer = store.query(text)
        if not isinstance(answer, ox.QueryBoolean):
            next(iter(answer), None)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        pass


@pytest.mark.parametrize(
    "place",
    ["SELECT * {{ {} }}", "ASK {{ ?s ?p -0.5 . {} }}", "ASK {{ FILTER NOT EXISTS {{ {} }} }}",
     "ASK {{ {{ SELECT * {{ {} }} }} }}", "SELECT (EXISTS {{ {} }} AS ?x) {{}}",
     "CONSTRUCT {{}} WHERE {{ ?s ?p 'SERVICE' MINUS {{ {} }} }}", "DESCRIBE ?s {{ {} }}",
     "SELECT * {{ ?s ?p ?o FILTER(?p<'>') {} FILTER('' = '') }}", "ASK {{ GRAPH ?g {{ {} }} }}",
     "ASK {{ ?s ?p ?o FILTER(?s<?q#>'''\n) {} #'''\n }}", "ASK {{ {{}} UNION {{ {} }} }}"],
)  # fmt: skip
@pytest.mark.parametrize(
    "call",
    ["SERVICE <{}> {{}}", "SERVICE SILENT<{}>{{}}", "sErViCe ?x {{}} VALUES ?x {{ <{}> }}",
     "SERVICESILENT<{}>{{}}", "S\\u0045RVICE <{}> {{ ?a ?b 'SERVICE' }}",
     "SERVICE<{}>{{?service<urn:from>'from'}}"],
)  # fmt: skip
def test_a_call_is_refused_wherever_it_stands(
    triples: ox.Store, listener: Listener, place: str, call: str
) -> None:
    query = place.format(call.format(listener.addresses[0]))
    assert passes(query) is None
    # The query is one that would call: it is refused for the call alone.
    assert passes(place.format("")) is not None


@pytest.mark.parametrize(
    "case", cases_or_absent(syntax_tests(), lambda case: case[0], machine.WHY_NOT_SHARED)
)
def test_the_syntax_tests_pass_as_another_parser_has_it(case: tuple[str, str, bool]) -> None:
    name, text, valid = case
    if (checked := passes(text)) is not None:
        assert reaches_out(checked) in ((False,) if valid else (False, None)), name
    elif valid:
        assert reaches_out(text)


@pytest.mark.parametrize("seed", mutated.SEEDS)
def test_letters_of_the_refused_words_do_not_matter_elsewhere(seed: str) -> None:
    """What the guard rests on: the engine reads alike whatever letters a name is made of."""
    for word in ("SERVICE", "From", "Qqqq"):
        text = f"PREFIX {word}: <urn:{word}#{word}> {seed} #{word}"
        assert (passes(text) is None) == (passes(seed) is None)
