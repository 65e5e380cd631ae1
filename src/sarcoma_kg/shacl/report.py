"""Validation reports as RDF (SHACL, section 3.6)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from sarcoma_kg.shacl.graph import RDF, SH, from_term

if TYPE_CHECKING:
    from sarcoma_kg.shacl.plan import Plan
    from sarcoma_kg.shacl.run import Result

__all__ = ["report"]

_TYPE = ox.NamedNode(RDF + "type")
_BOOLEAN = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")


def _sh(local: str) -> ox.NamedNode:
    return ox.NamedNode(SH + local)


def report(results: "Iterable[Result]", plan: "Plan | None" = None) -> Iterator[ox.Triple]:
    """Yield a report with one node for each result; the data conforms when there is none.

    Args:
        results: What `validate` yields.
        plan: The plan that made the results; tells that the shapes graph was well-formed.
    """
    head = ox.BlankNode()
    yield ox.Triple(head, _TYPE, _sh("ValidationReport"))
    if plan is not None:
        yield ox.Triple(head, _sh("shapesGraphWellFormed"), ox.Literal("true", datatype=_BOOLEAN))
    conforms = True
    for result in results:
        # Section 3.6.1.1: any result, whatever its severity.
        conforms = False
        node = ox.BlankNode()
        yield ox.Triple(head, _sh("result"), node)
        yield from _details(node, result)
    yield ox.Triple(
        head, _sh("conforms"), ox.Literal("true" if conforms else "false", datatype=_BOOLEAN)
    )


def _details(node: ox.BlankNode, result: "Result") -> Iterator[ox.Triple]:
    yield ox.Triple(node, _TYPE, _sh("ValidationResult"))
    yield ox.Triple(node, _sh("focusNode"), from_term(result.focus))
    if result.path is not None:
        path, triples = result.path.triples()
        yield ox.Triple(node, _sh("resultPath"), path)
        yield from triples
    if result.value is not None:
        yield ox.Triple(node, _sh("value"), from_term(result.value))
    yield ox.Triple(node, _sh("sourceConstraintComponent"), ox.NamedNode(result.component))
    yield ox.Triple(node, _sh("sourceShape"), from_term(result.source_shape))
    yield ox.Triple(node, _sh("resultSeverity"), ox.NamedNode(result.severity))
    if result.source_constraint is not None:
        yield ox.Triple(node, _sh("sourceConstraint"), from_term(result.source_constraint))
    for message in result.messages:
        yield ox.Triple(node, _sh("resultMessage"), from_term(message))
