"""Whether what a query finds can depend on how a literal is written.

Only a triple pattern brings a literal of the data into a query, and only its predicate says which.
A value that the query does nothing with but to find that it is there may be kept in any form.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

__all__ = ["depends"]

# Where variables stand in rdflib's algebra without anything being asked of them.
_LISTS = {"_vars", "datasetClause"}


def depends(query: str, predicates: Collection[str]) -> bool:
    """Tell whether the rows of a query may depend on the form of some literals.

    Args:
        query: A SELECT query.
        predicates: The IRIs of the predicates that have the literals.

    Raises:
        ValueError: rdflib cannot read the query.
    """
    from rdflib import BNode, Literal, Variable
    from rdflib.paths import Path
    from rdflib.plugins.sparql import prepareQuery

    try:
        root = prepareQuery(query).algebra
        parts = list(_parts(root))
    except Exception as error:  # its parser raises whatever it likes, for valid queries too
        raise ValueError(str(error).partition("\n")[0]) from error
    uses: Counter[Any] = Counter(root.PV)
    reached = []
    for key, node in parts:
        if key == "triples":
            plain = [t for t in node if not isinstance(t[1], Path)]
            # A path may begin at a literal: backwards, or by no step at all.
            ends = [t[2] for t in plain if _any(t[1], predicates)]
            ends += [
                t[i]
                for t in node
                if isinstance(t[1], Path)
                for i in (0, 2)
                if _any(t[1], predicates)
            ]
            never = {term for triple in plain for term in triple[:2]}
            reached += [term for term in ends if term not in never]
        elif getattr(node, "name", "") == "Aggregate_Count" and node.vars == "*":
            uses["*"] += 1
        elif isinstance(node, Variable | BNode) and key != "PV":
            uses[node] += 1
    return any(
        isinstance(node, Literal)
        or (isinstance(node, Variable | BNode) and (uses[node] > 1 or uses["*"]))
        for node in reached
    )


def _parts(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what the algebra is made of, each with the name under which it stands."""
    yield key, node
    if isinstance(node, dict):
        for name, part in node.items():
            if name not in _LISTS:
                yield from _parts(part, name)
    elif isinstance(node, list | tuple | set | frozenset):
        for part in node:
            yield from _parts(part, "PV" if key == "PV" else "")


def _any(path: Any, predicates: Collection[str]) -> bool:
    """Tell whether a predicate or path can lead over one of the predicates."""
    from rdflib import URIRef
    from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

    if isinstance(path, URIRef):
        return str(path) in predicates
    if isinstance(path, SequencePath | AlternativePath):
        return any(_any(part, predicates) for part in path.args)
    if isinstance(path, MulPath):
        return _any(path.path, predicates)
    if isinstance(path, InvPath):
        return _any(path.arg, predicates)
    return True  # a variable, or a negated set
