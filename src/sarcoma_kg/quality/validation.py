"""SHACL validation (https://www.w3.org/TR/shacl/) of a store against shapes.

The shapes are compiled to queries over whole sets and asked of the store, wherever it is. pySHACL
is the second opinion: it walks from node to node over a copy of the graph in memory.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from sarcoma_kg import shacl
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding, Report, merge
from sarcoma_kg.reading import files
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = ["compiled", "shape_files", "shape_triples", "validate"]

#: At most so many queries at once: each may hold a set of its own of all values of a property.
THREADS = 4
_NAME = ox.NamedNode(namespaces.PREFIXES["sh"] + "name")


def shape_files() -> list[Path]:
    """Return the packaged shapes."""
    return sorted((resources.data_root() / "shapes").glob("*.ttl"))


@cache
def shape_triples(paths: tuple[Path, ...]) -> tuple[ox.Triple, ...]:
    """Return what shapes files hold.

    Raises:
        UserError: unreadable, or not RDF (with line and column).
    """
    triples: list[ox.Triple] = []
    for path in paths:
        raw, media_type = files.read_rdf_bytes(path)
        kind = ox.RdfFormat.from_media_type(media_type)
        try:
            triples += [
                quad.triple for quad in ox.parse(raw, format=kind, base_iri=path.resolve().as_uri())
            ]
        except (SyntaxError, ValueError) as error:
            raise UserError(f"{path}: {error}", "correct the file and run again") from error
    return tuple(triples)


@cache
def _plan(paths: tuple[Path, ...]) -> tuple[shacl.Plan, dict[str, str]]:
    triples = shape_triples(paths)
    names = {
        str(t.subject): t.object.value
        for t in triples
        if t.predicate == _NAME and isinstance(t.object, ox.Literal)
    }
    return shacl.compile_shapes(triples), names


def compiled(shapes: Sequence[Path]) -> shacl.Plan:
    """Return the plan for shapes files.

    Raises:
        UserError: unreadable, malformed, or with something that the compiler does not support.
    """
    return _plan(tuple(shapes))[0]


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    if term.kind == "iri":
        return namespaces.contract(term.value)
    return "(blank node)" if term.kind == "bnode" else term.value


def validate(
    store: Store,
    shapes: Iterable[Path] | None = None,
    focus: Iterable[str] | None = None,
    *,
    engine: Literal["compiled", "pyshacl"] = "compiled",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Validate a store that holds asserted and inferred triples, the ontology among them.

    Args:
        store: Where to look.
        shapes: Shapes files; the packaged ones when None.
        focus: IRIs of the only focus nodes to report on; all when None.
        engine: Who validates.
        progress: Called with the number of queries done and of all; `compiled` only.

    Raises:
        UserError: the shapes are malformed, or use what the compiler does not support.
    """
    paths = tuple(shape_files() if shapes is None else shapes)
    wanted = None if focus is None else set(focus)
    if engine == "pyshacl":
        from sarcoma_kg.quality import second_opinion

        everything = store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        return merge(Report([]), second_opinion.findings(everything, shape_triples(paths), wanted))
    plan, names = _plan(paths)
    threads, guards_from = 1, None
    if isinstance(store, EmbeddedStore):
        threads, guards_from = min(os.cpu_count() or 1, THREADS), shacl.MANY
    results = tuple(
        result
        for result in shacl.validate(
            plan, store, threads=threads, guards_from=guards_from, progress=progress
        )
        if wanted is None or (result.focus.kind == "iri" and result.focus.value in wanted)
    )
    found = {
        Finding(
            result.severity.rsplit("#", 1)[-1].lower(),
            names.get(_key(result.source_shape), _text(result.source_shape)),
            _text(result.focus),
            "" if result.path is None else _path(result.path),
            _text(result.value),
            " ".join(sorted(message.value for message in result.messages)),
        )
        for result in results
    }
    return merge(Report([], results), found)


def _key(shape: Term) -> str:
    return f"<{shape.value}>" if shape.kind == "iri" else f"_:{shape.value}"


def _path(path: shacl.Path) -> str:
    if path.kind == "predicate":
        return namespaces.contract(path.iri)
    return path.sparql()
