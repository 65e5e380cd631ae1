"""Answers in the formats of the W3C: SPARQL 1.1 results in JSON and XML; Turtle and its kin."""

import io
import json
from typing import NoReturn

import pyoxigraph as ox

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Reply

__all__ = ["FORMATS", "check", "render"]

_RESULTS = ("srj", "srx")
_GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "jsonld": ox.RdfFormat.JSON_LD,
}  # fmt: skip
#: Named as in W3C's test suites and by many tools.
FORMATS = (*_RESULTS, *_GRAPHS)


def check(form: str, asked: str | None) -> None:
    """Refuse a format that cannot hold the answer to a query of this form.

    Args:
        form: SELECT, ASK, CONSTRUCT, DESCRIBE, or GRAPH for either of these two.
        asked: The name of a format; None for none in particular.
    """
    graph = form in ("CONSTRUCT", "DESCRIBE", "GRAPH")
    if form and asked and graph != (asked in _GRAPHS):
        _misfit("CONSTRUCT or DESCRIBE" if graph else form, asked, graph)


def _misfit(form: str, asked: str, graph: bool) -> NoReturn:
    fitting = tuple(_GRAPHS) if graph else (*formats.FORMATS, *_RESULTS)
    holds = "rows, and the answer to a" if graph else "a graph, and the answer to a"
    answers = "is a graph" if graph else "is none"
    raise UserError(
        f"the format {asked} holds {holds} {form} {answers}", f"choose {', '.join(fitting)}"
    )


def render(reply: Reply, asked: str | None) -> str:
    """Return an answer as text.

    Args:
        reply: The answer.
        asked: One of `FORMATS` or of `formats.FORMATS`; None: Turtle for a graph, else a table on
            a terminal and csv in a pipe.

    Raises:
        UserError: the format cannot hold such an answer.
    """
    check(reply.form, asked)
    if reply.form == "GRAPH":
        return _graph(reply, _GRAPHS[asked or "turtle"])
    if asked in _RESULTS:
        text = _json(reply)
        if asked == "srj":
            return text
        parsed = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.JSON)
        written = parsed.serialize(format=ox.QueryResultsFormat.XML) or b""
        return written.decode() + "\n"
    rows = [[term.cell if term else "" for term in row] for row in reply.solutions.rows]
    return formats.render(reply.solutions.variables, rows, formats.choose(asked))


def _json(reply: Reply) -> str:
    """Return SPARQL 1.1 Query Results JSON Format, https://www.w3.org/TR/sparql11-results-json/."""
    variables, rows = reply.solutions
    data: dict[str, object] = {"head": {}}
    if reply.form == "ASK":
        data["boolean"] = bool(rows[0][0] and rows[0][0].value == "true")
    else:
        data["head"] = {"vars": variables}
        data["results"] = {
            "bindings": [
                {name: _binding(term) for name, term in zip(variables, row, strict=True) if term}
                for row in rows
            ]
        }
    return json.dumps(data, ensure_ascii=False) + "\n"


def _binding(term: Term) -> dict[str, str]:
    kind = "uri" if term.kind == "iri" else term.kind
    found = {"type": kind, "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype:
        found["datatype"] = term.datatype
    return found


def _graph(reply: Reply, form: ox.RdfFormat) -> str:
    triples = [ox.Triple(*map(_node, row)) for row in reply.solutions.rows]  # type: ignore[arg-type]
    used = {
        prefix: iri
        for prefix, iri in namespaces.PREFIXES.items()
        if any(term and term.value.startswith(iri) for row in reply.solutions.rows for term in row)
    }
    out = io.BytesIO()
    ox.serialize(triples, out, format=form, prefixes=used if form == ox.RdfFormat.TURTLE else None)
    text = out.getvalue().decode()
    return text if text.endswith("\n") or not text else text + "\n"


def _node(term: Term | None) -> "ox.NamedNode | ox.BlankNode | ox.Literal":
    if term is None or term.kind == "iri":
        return ox.NamedNode(term.value if term else "")
    if term.kind == "bnode":
        return ox.BlankNode(term.value)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype) if term.datatype else None)
