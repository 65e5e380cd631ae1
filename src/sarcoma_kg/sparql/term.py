"""A term of RDF, as answers hold it and as it stands in the text of a query."""

from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError

__all__ = ["Term", "as_term"]

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Term(NamedTuple):
    """An RDF 1.1 term: kind is 'iri', 'literal' or 'bnode'."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""

    @property
    def cell(self) -> str:
        """The term as a cell of a table: its value, with `_:` before that of a blank node."""
        return f"_:{self.value}" if self.kind == "bnode" else self.value

    def sparql(self) -> str:
        """Return the term as SPARQL syntax, escaped by the engine's own serialiser."""
        if self.kind == "iri":
            return str(ox.NamedNode(self.value))
        if self.kind == "bnode":
            raise ValueError("a blank node cannot stand in a query")
        if self.language:
            return str(ox.Literal(self.value, language=self.language))
        datatype = ox.NamedNode(self.datatype) if self.datatype else None
        return str(ox.Literal(self.value, datatype=datatype))


def as_term(node: object) -> Term | None:
    """Return a node of Oxigraph as a term; None stays None (unbound).

    Raises:
        UserError: it is a triple, which is a term in RDF 1.2.
    """
    if node is None:
        return None
    if isinstance(node, ox.NamedNode):
        return Term("iri", node.value)
    if isinstance(node, ox.Literal):
        datatype = node.datatype.value
        language = node.language or ""
        plain = language or datatype == _XSD_STRING
        return Term("literal", node.value, "" if plain else datatype, language)
    if isinstance(node, ox.BlankNode):
        return Term("bnode", node.value)
    raise UserError(
        f"a triple as a term, which RDF 1.1 does not have: {str(node)[:200]}",
        "in a query, ask for its SUBJECT(), PREDICATE() and OBJECT()",
    )
