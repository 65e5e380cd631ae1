"""What a value node has to be, as SPARQL expressions (SHACL, sections 4.1 to 4.4)."""

from collections.abc import Callable
from functools import cache

import pyoxigraph as ox

from sarcoma_kg.shacl import datatypes, exact
from sarcoma_kg.shacl.components import Constraint
from sarcoma_kg.shacl.graph import SH, ShapesGraph
from sarcoma_kg.shacl.logic import all_of, any_of, negate, none_of
from sarcoma_kg.sparql.term import Term

__all__ = [
    "RDF_TYPE",
    "SUBCLASS",
    "VALUE_TESTS",
    "as_held",
    "is_type",
    "not_ordered",
    "regex",
    "text",
]

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
_OPERATORS = {
    "MinExclusive": ">",
    "MinInclusive": ">=",
    "MaxExclusive": "<",
    "MaxInclusive": "<=",
    "LessThan": "<",
    "LessThanOrEquals": "<=",
}
_KINDS = {"IRI": "isIRI", "BlankNode": "isBlank", "Literal": "isLiteral"}


def text(term: Term) -> str:
    """Return a term as SPARQL syntax."""
    return term.sparql()


def as_held(graph: ShapesGraph, term: Term) -> Term:
    """Return a term of the shapes graph as the store holds the same term."""
    return exact.constant(term) if graph.exact else term


def is_type(variable: str, fresh: str, kind: Term) -> str:
    """Return a graph pattern: the node is a SHACL instance of a class (section 1.1).

    The inner EXISTS keeps an engine from listing the instances of the class for every node.
    """
    return f"{variable} {RDF_TYPE} {fresh} FILTER EXISTS {{ {fresh} {SUBCLASS}* {text(kind)} }}"


@cache
def _holds(condition: str) -> bool:
    """Tell whether a condition without variables holds."""
    return bool(ox.Store().query(f"ASK {{ FILTER({condition}) }}"))


def not_ordered(constraint: Constraint, value: str, other: str, *, is_exact: bool = False) -> str:
    """Return the condition that two terms are not in order, or cannot be compared.

    SPARQL makes it an error to compare what has no common order, and some engines do compare it;
    the datatypes are looked at first, and COALESCE takes the error.
    """
    written, mark = value, exact.MARK if is_exact else ""
    if is_exact:
        value = exact.value(value)
        other = exact.value(other) if other.startswith("?") else other
    number = f"isNumeric({value}) && isNumeric({other})"
    alike = f"(({number}) || DATATYPE({value}) = DATATYPE({other}))"
    operator = _OPERATORS[constraint.component]
    # Oxigraph calls any term `<=` to itself, one without an order too.
    if "=" in operator and not other.startswith(("<", '"')):
        alike += f" && (!sameTerm({value}, {other}) || ({datatypes.ordered(written, mark, value)}))"
    elif "=" in operator and not _holds(datatypes.ordered(other)):
        alike += f" && !sameTerm({value}, {other})"
    return f"!COALESCE({alike} && {value} {operator} {other}, false)"


def regex(constraint: Constraint, subject: str) -> str:
    """Return the REGEX call of a pattern constraint."""
    parts = [subject, text(constraint.parameters["pattern"])]
    if flags := constraint.parameters.get("flags"):
        parts.append(text(flags))
    return f"REGEX({', '.join(parts)})"


def _datatype(graph: ShapesGraph, _: Term, constraint: Constraint, value: str) -> str:
    mark = exact.MARK if graph.exact else ""
    return negate(datatypes.condition(value, constraint.parameters["datatype"].value, mark))


def _node_kind(_: ShapesGraph, __: Term, constraint: Constraint, value: str) -> str:
    local = constraint.parameters["nodeKind"].value.removeprefix(SH)
    return all_of(f"!{test}({value})" for kind, test in _KINDS.items() if kind in local)


def _range(graph: ShapesGraph, _: Term, constraint: Constraint, value: str) -> str:
    (bound,) = constraint.parameters.values()
    return not_ordered(constraint, value, text(bound), is_exact=graph.altered)


def _length(_: ShapesGraph, __: Term, constraint: Constraint, value: str) -> str:
    (length,) = constraint.parameters.values()
    wrong = "<" if constraint.component == "MinLength" else ">"
    return f"(isBlank({value}) || STRLEN(STR({value})) {wrong} {int(length.value)})"


def _pattern(_: ShapesGraph, __: Term, constraint: Constraint, value: str) -> str:
    return f"(isBlank({value}) || !{regex(constraint, f'STR({value})')})"


def _language_in(graph: ShapesGraph, owner: Term, constraint: Constraint, value: str) -> str:
    tags = graph.items(constraint.parameters["languageIn"], owner)
    found = any_of(f"LANGMATCHES(LANG({value}), {text(tag)})" for tag in tags)
    return f"!(isLiteral({value}) && {found})"


def _in(graph: ShapesGraph, owner: Term, constraint: Constraint, value: str) -> str:
    terms = [as_held(graph, term) for term in graph.items(constraint.parameters["in"], owner)]
    if terms and all(term.kind == "iri" for term in terms):
        # IRIs are equal only to themselves; literals are compared as terms, not by value.
        return none_of(value, list(map(text, terms)))
    return negate(any_of(_is(value, term) for term in terms))


def _is(value: str, term: Term) -> str:
    """Return the condition that a value is a term."""
    if term.kind == "literal" and not term.datatype and not term.language:
        # Virtuoso calls no two strings the same term.
        plain = f"isLiteral({value}) && DATATYPE({value}) = <{datatypes.STRING}>"
        return f"({plain} && STR({value}) = {text(term)})"
    return f"sameTerm({value}, {text(term)})"


#: Conditions that a single value node violates a constraint, by component.
VALUE_TESTS: dict[str, Callable[[ShapesGraph, Term, Constraint, str], str]] = {
    "Datatype": _datatype,
    "NodeKind": _node_kind,
    "MinExclusive": _range,
    "MinInclusive": _range,
    "MaxExclusive": _range,
    "MaxInclusive": _range,
    "MinLength": _length,
    "MaxLength": _length,
    "Pattern": _pattern,
    "LanguageIn": _language_in,
    "In": _in,
}
