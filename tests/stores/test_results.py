"""Answers as engines send them, and answers that are cut, by the parser of SPARQL JSON results."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl.graph import from_term
from sarcoma_kg.sparql.term import Term, as_term
from sarcoma_kg.stores.results import Results
from sarcoma_kg.stores.store import Row

XSD = "http://www.w3.org/2001/XMLSchema#"
A: dict[str, Any] = {"type": "uri", "value": "http://example.org/a"}


def read(
    answer: object, said: list[str] | None = None, piece: int = 0
) -> tuple[list[str], list[Row]]:
    """Return variables and rows of an answer: a document, its text, or its bytes."""
    text = answer if isinstance(answer, str | bytes) else json.dumps(answer)
    stream = io.BytesIO(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    found = Results(
        lambda size: stream.read(min(piece or size, size)),
        "PLACE",
        (said if said is not None else []).append,
    )
    return found.variables, list(found)


def document(*cells: object, **more: object) -> dict[str, object]:
    rows = [{"x": cell} for cell in cells]
    return {"head": {"vars": ["x"]}, "results": {"bindings": rows}, **more}


def cell(**members: object) -> Term | None:
    ((term,),) = read(document(members))[1]
    return term


@pytest.mark.parametrize(
    ("members", "term"),
    [
        (A, ("iri", "http://example.org/a", "", "")),
        ({"type": "bnode", "value": "b0"}, ("bnode", "b0", "", "")),
        ({"type": "bnode", "value": "nodeID://b10"}, ("bnode", "x_nodeID_3a__2f__2f_b10", "", "")),
        ({"type": "bnode", "value": "_:x y"}, ("bnode", "x_x_20_y", "", "")),
        ({"type": "bnode", "value": ""}, ("bnode", "x_", "", "")),
        ({"type": "literal", "value": "a", "xml:lang": ""}, ("literal", "a", "", "")),
        ({"type": "literal", "value": "a", "xml:lang": "en_US"}, ("literal", "a", "", "en-us")),
        ({"type": "literal", "value": "a", "xml:lang": "DE"}, ("literal", "a", "", "de")),
        ({"type": "literal", "value": "a", "xml:lang": None}, ("literal", "a", "", "")),
        ({"type": "literal", "value": "a", "datatype": ""}, ("literal", "a", "", "")),
        ({"type": "literal", "value": "a", "datatype": XSD + "string"}, ("literal", "a", "", "")),
        ({"type": "typed-literal", "value": "1", "datatype": XSD + "integer"},
         ("literal", "1", XSD + "integer", "")),
        ({"type": "typed-literal", "value": "1", "datatype": XSD + "boolean"},
         ("literal", "true", XSD + "boolean", "")),
        ({"type": "literal", "value": "", "its:dir": "ltr", "more": [{"a": []}]},
         ("literal", "", "", "")),
        (None, None),
    ],
)  # fmt: skip
def test_terms_as_engines_write_them(members: Any, term: Any) -> None:
    assert read(document(members))[1] == [(term,)]
    if term:
        assert from_term(Term(*term))  # the engine's library takes it


@given(labels=st.sets(st.text(max_size=9), min_size=2, max_size=2))
def test_labels_stay_apart_and_can_be_written(labels: set[str]) -> None:
    cells = [{"type": "bnode", "value": f"_:{label}"} for label in labels]
    rows = read(document(*cells))[1]
    assert len({ox.BlankNode(term.value) for row in rows for term in row if term}) == 2


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"type": "triple", "value": {"subject": A, "predicate": A, "object": A}}, "a triple term"),
        ({"type": "uri", "value": "http://example.org/a b"}, "'http://example.org/a b' is no IRI"),
        ({"type": "uri", "value": "http://example.org/<"}, "is no IRI"),
        ({"type": "uri", "value": "http://example.org/%zz"}, "is no IRI"),
        ({"type": "uri", "value": "relative"}, "'relative' is no IRI"),
        ({"type": "uri", "value": ""}, "'' is no IRI"),
        ({"type": "literal", "value": "", "xml:lang": "no such"}, "no language tag"),
        ({"type": "literal", "value": "", "datatype": "a b"}, "'a b' is no IRI"),
        ({"type": "literal", "value": "\ud800"}, "half of a character"),
        ({"type": "number", "value": "1"}, "a term of the kind 'number'"),
    ],
)
def test_what_is_no_term_is_one_clear_message(members: Any, said: str) -> None:
    with pytest.raises(UserError, match=r"PLACE: row 2, \?x: ") as caught:
        read(document(A, members))
    assert said in str(caught.value)
    assert "leave it out of the query" in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [1, "a", [], {}, {"type": "uri"}, {"value": "a"}, {"type": [], "value": "a"},
     {"type": "uri", "value": 1}, {"type": "literal", "value": "a", "xml:lang": ["en"]},
     {"type": "literal", "value": "a", "datatype": ["a"]}],
)  # fmt: skip
def test_what_is_no_cell_is_no_answer(odd: object) -> None:
    with pytest.raises((ValueError, UserError)):
        read(document(A, odd))


def test_members_of_an_engines_own() -> None:
    qlever = {
        "head": {"vars": ["x"], "link": []},
        "meta": {"query-time-ms": 3, "result-size-total": 1, "more": [[], {"a": 1e400}]},
        "results": {"distinct": False, "ordered": True, "bindings": [{"x": A}], "more": {}},
        "warnings": ["none"],
    }
    assert read(qlever) == (["x"], [(Term("iri", A["value"]),)])
    reversed_order = dict(reversed(qlever.items()))
    assert read(reversed_order)[1] == read(qlever)[1]
    assert read("\ufeff" + json.dumps(qlever))[1] == read(qlever)[1]


def test_a_part_of_what_qlever_found_is_a_cut_answer() -> None:
    meta = {"result-size-total": 3}
    for answer in (document(A, A, meta=meta), {"meta": meta, **document(A, A)}):
        with pytest.raises(UserError, match="the answer is cut: 2 rows of 3"):
            read(answer)
    assert len(read(document(A, A, A, meta=meta))[1]) == 3


def test_variables_that_the_head_does_not_name() -> None:
    said: list[str] = []
    answer = {"head": {"vars": ["?x"]}, "results": {"bindings": [{"x": A, "y": A}, {"z": A}]}}
    assert read(answer, said) == (["x"], [(Term("iri", A["value"]),), (None,)])
    assert len(said) == 1
    assert "row 1 binds ?y, not among the variables" in said[0]
    heads: list[dict[str, list[str]]] = [{}, {"vars": []}]
    for head in heads:
        with pytest.raises(ValueError, match="names no variables"):
            read({"head": head, "results": {"bindings": [{"x": A}]}})


@pytest.mark.parametrize("value", [True, False])
def test_an_ask(value: bool) -> None:
    found = Results(io.BytesIO(json.dumps({"head": {}, "boolean": value}).encode()).read, "PLACE")
    assert (found.boolean, list(found)) == (value, [])


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "[]", "{}", '{"head":{}}', '{"head":{"vars":["x"]}}', '{"results":{}}',
     '{"results":{"bindings":[]}}', '{"head":{},"boolean":1}', '{"head":{},"boolean":"true"}',
     '{"head":{"vars":"x"},"results":{"bindings":[]}}', '{"head":{"vars":[null]},"boolean":true}',
     '{"head":{"vars":["x"]},"results":{"bindings":{}}}',
     '{"head":{"vars":["x"]},"results":{"bindings":[],"bindings":[{}]}}',
     '{"head":{"vars":["x"]},"results":{"bindings":[]}} more',
     '{"head":{"vars":["x"]},"results":{"bindings":[]}}{}',
     '{"head":{"vars":["x"]},"results":{"bindings":[{},]}}',
     "{1:2}", "\x00", '{"head":{"vars":["x"]},"results":{"bindings":[{} {}]}}'],
)  # fmt: skip
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(text)
    with pytest.raises(ValueError, match=r"\w"):
        read(b"\xff" + text.encode())


def _terms() -> st.SearchStrategy[ox.NamedNode | ox.BlankNode | ox.Literal]:
    text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
    kinds = st.sampled_from([XSD + "integer", XSD + "string", "urn:x:é", XSD + "boolean"])
    return st.one_of(
        st.from_regex("[a-zé0-9]{0,9}", fullmatch=True).map(lambda s: ox.NamedNode("urn:x:" + s)),
        st.from_regex("[a-z0-9]{1,9}", fullmatch=True).map(ox.BlankNode),
        text.map(ox.Literal),
        st.tuples(text, st.sampled_from(["en", "de-CH"])).map(
            lambda pair: ox.Literal(pair[0], language=pair[1])
        ),
        st.tuples(text, kinds).map(
            lambda pair: ox.Literal(pair[0], datatype=ox.NamedNode(pair[1]))
        ),
    )


def _sent(rows: list[tuple[Any, ...]]) -> tuple[str, Iterator[Row]]:
    """Return rows as JSON, and as they should be read."""

    def written(node: Any) -> dict[str, str]:
        if isinstance(node, ox.NamedNode):
            return {"type": "uri", "value": node.value}
        if isinstance(node, ox.BlankNode):
            return {"type": "bnode", "value": node.value}
        more = {"xml:lang": node.language} if node.language else {"datatype": node.datatype.value}
        return {"type": "literal", "value": node.value, **more}

    cells = [{name: written(n) for name, n in zip("xyz", r, strict=True) if n} for r in rows]
    body = json.dumps({"head": {"vars": [*"xyz"]}, "results": {"bindings": cells}})
    return body, (tuple(as_term(node) for node in row) for row in rows)


_ROWS = st.lists(st.tuples(*[st.none() | _terms()] * 3), max_size=6)


@given(rows=_ROWS, piece=st.integers(1, 40))
def test_it_reads_what_the_engines_parser_reads(rows: list[tuple[Any, ...]], piece: int) -> None:
    """The same, in pieces of any size; language tags are lower case and booleans are words."""
    body, wanted = _sent(rows)
    parsed = ox.parse_query_results(body.encode(), format=ox.QueryResultsFormat.JSON)
    assert isinstance(parsed, ox.QuerySolutions)
    theirs = [tuple(as_term(node) for node in row) for row in parsed]

    def alike(row: Row) -> Row:
        words = {"1": "true", "0": "false"}
        return tuple(
            term
            and term._replace(
                language=term.language.lower(),
                value=words.get(term.value, term.value)
                if term.datatype == XSD + "boolean"
                else term.value,
            )
            for term in row
        )

    ours = read(body, piece=piece)[1]
    assert ours == [alike(row) for row in theirs] == [alike(row) for row in wanted]


@given(rows=_ROWS, data=st.data())
def test_an_answer_that_is_cut_anywhere_is_no_answer(
    rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    body = _sent(rows)[0].encode()
    at = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ValueError, match=r"\w"):
        read(body[:at], piece=data.draw(st.integers(1, 100)))


def test_a_large_cell_is_read() -> None:
    """Long texts are data: up to 16 MiB, whatever they hold."""
    for text in ("a" * 15 * 1024**2, '["\\,{}' * 400_000, "é😀" * 700_000):
        assert cell(type="literal", value=text) == Term("literal", text)


def test_rows_before_the_names_of_their_variables_are_held_up_to_a_bound() -> None:
    row = json.dumps({"x": A})
    few, many = (f'{{"results":{{"bindings":[{row}{f",{row}" * n}]}},' for n in (999, 99_999))
    head = '"head":{"vars":["x"]}}'
    assert len(read(few + head)[1]) == 1000
    with pytest.raises(UserError, match="before the names of their variables"):
        read(many + head)
