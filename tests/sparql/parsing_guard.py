"""The guard as another parser would judge: what the guard lets pass, this must let pass too."""

from typing import Any

from pyparsing import ParseResults
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

__all__ = ["reaches_out"]

_REFUSED = {"ServiceGraphPattern", "DatasetClause"}


def reaches_out(query: str) -> bool | None:
    """Tell whether SERVICE or FROM stand in the parse tree of a query; None: it has none."""
    try:
        todo: list[Any] = list(parseQuery(query))
    except Exception:  # the parser's actions raise whatever they like
        return None
    while todo:
        node = todo.pop()
        if isinstance(node, CompValue):
            if node.name in _REFUSED:
                return True
            todo.extend(node.values())
        elif isinstance(node, list | tuple | ParseResults):
            todo.extend(node)
    return False
