"""What is seen in a query without a parser."""

import pytest

from sarcoma_kg.sparql.outline import outline

P = "PREFIX x: <http://x/> PREFIX y: <http://y/>\n"


@pytest.mark.parametrize(
    ("query", "form"),
    [
        (P + "SELECT ?s {}", "SELECT"),
        ("BASE <http://x/> # ASK\nconstruct {} {}", "CONSTRUCT"),
        ("ask{}", "ASK"),
        ("DESCRIBE <a:b>", "DESCRIBE"),
        (P + "INSERT DATA {}", "INSERT"),
        ("", ""),
        ("PREFIX", "PREFIX"),
    ],
)
def test_the_form(query: str, form: str) -> None:
    assert outline(query).form == form


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("SELECT * { ?z ?a $m . ?a ?z ?b }", ("z", "a", "m", "b")),
        ("SELECT DISTINCT * { ?z ?a 1 }", ("z", "a")),
        ("SELECT (COUNT(*) AS ?n) { ?z ?a 1 }", ()),
        ("SELECT ?z { { SELECT * { ?z ?a 1 } } }", ()),
        ("ASK { ?z ?a 1 }", ()),
    ],
)
def test_the_variables_of_a_star(query: str, variables: tuple[str, ...]) -> None:
    assert outline(query).variables == variables


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ASK { ?s x:p x:o\\-1 }", {"http://x/p": "x:p", "http://x/o-1": "x:o\\-1"}),
        ("ASK { ?s <http://z/p> '1'^^x:int }", {"http://z/p": "<http://z/p>"}),
        ("ASK { FILTER(x:f(?s) = y:A && ?s IN (y:B)) }",
         {"http://y/A": "y:A", "http://y/B": "y:B"}),
        ("CONSTRUCT { ?s x:new [ x:newer 1 ] } WHERE { ?s y:old ?o }", {"http://y/old": "y:old"}),
        ("CONSTRUCT WHERE { ?s y:old ?o }", {"http://y/old": "y:old"}),
        ("ASK { ?s ?p 'x:no' # x:no\n . ?s ?p \"\"\"y:no\"\"\" }", {}),
        ("ASK { FILTER(?s<?p&&?q>1) }", {}),
        ("ASK { _:b ?p z:unknown . ?s a 1 }", {}),
        ("DESCRIBE x:thing", {"http://x/thing": "x:thing"}),
        ("ASK { ?s ^x:p/(x:q|!y:r)* ?o }",
         {"http://x/p": "x:p", "http://x/q": "x:q", "http://y/r": "y:r"}),
    ],
)  # fmt: skip
def test_the_names(query: str, names: dict[str, str]) -> None:
    assert outline(P + query).names == names


def test_relative_names_need_a_base() -> None:
    assert outline("ASK { ?s ?p <c> }").names == {}
    assert outline("BASE <http://x/a/b> ASK { ?s ?p <c> }").names == {"http://x/a/c": "<c>"}
    assert outline("BASE <http://[> ASK { ?s ?p <c> }").names == {}


def test_undeclared_prefixes_and_depth() -> None:
    seen = outline(P + "ASK { ?s b:p a:q . _:x x:p [ :r '(((' ] } # {{{")
    assert seen.undeclared == ("b", "a", "")
    assert seen.depth == 2
