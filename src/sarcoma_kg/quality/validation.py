"""SHACL validation (https://www.w3.org/TR/shacl/) of a store against shapes.

The shapes are compiled to queries over whole sets and asked of the store, wherever it is. pySHACL
is the second opinion: it walks from node to node over a copy of the graph in memory.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from sarcoma_kg import shacl
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding, Report, merge
from sarcoma_kg.quality import canaries
from sarcoma_kg.quality.written import Written
from sarcoma_kg.reading import relative
from sarcoma_kg.reading.source import Source
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = [
    "FORMS",
    "IDLE",
    "Written",
    "compiled",
    "focused",
    "scope",
    "shape_files",
    "shape_triples",
    "strict_targets",
    "validate",
]

#: At most so many queries at once: each may hold a set of its own of all values of a property.
THREADS = 4
#: Rule of the findings about shapes that look at nothing.
IDLE = "shape(s) looked at no node"
#: Rule of the findings about shapes that an engine may answer for other terms than were loaded.
FORMS = "shape(s) ask how literals are written"
_FORMS = (
    "The engine behind the endpoint may have changed how literals are written as it took them in; "
    "then these words of the shape saw other terms than were loaded."
)
_IMPORT = "Shapes are read from the files that are named, not from what these import."
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_ONTOLOGY = ox.NamedNode(namespaces.PREFIXES["owl"] + "Ontology")
_IMPORTS = ox.NamedNode(namespaces.PREFIXES["owl"] + "imports")
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
        triples += [quad.triple for quad in Source(path, relative.base(path)).quads()]
    return tuple(triples)


@cache
def _plan(
    paths: tuple[Path, ...], strict: bool = False, exact: bool = False, altered: bool = False
) -> tuple[shacl.Plan, dict[str, str]]:
    triples = shape_triples(paths)
    names = {
        str(t.subject): t.object.value
        for t in triples
        if t.predicate == _NAME and isinstance(t.object, ox.Literal)
    }
    try:
        return shacl.compile_shapes(triples, strict=strict, exact=exact, altered=altered), names
    except UserError as error:
        where = ", ".join(str(path) for path in paths if path not in shape_files())
        raise UserError(f"{where or 'the shapes'}: {error.message}", error.hint) from error


def compiled(shapes: Sequence[Path], *, strict: bool = False) -> shacl.Plan:
    """Return the plan for shapes files.

    Args:
        shapes: The files.
        strict: Read them by the letter, as `shacl.compile_shapes` does.

    Raises:
        UserError: unreadable or malformed.
    """
    return _plan(tuple(shapes), strict)[0]


def focused(store: Store) -> dict[str, int]:
    """Return how many focus nodes the packaged shapes have in a store, for `validate`."""
    return shacl.focused(compiled(shape_files()), store)


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    if term.kind == "iri":
        return namespaces.contract(term.value)
    return "(blank node)" if term.kind == "bnode" else term.value


def validate(
    data: Store | Written,
    shapes: Iterable[Path] | None = None,
    focus: Iterable[Term] | None = None,
    *,
    engine: Literal["compiled", "pyshacl"] = "compiled",
    progress: Callable[[int, int], None] | None = None,
    strict: bool = False,
    before: Mapping[str, int] | None = None,
    threads: int | None = None,
) -> Report:
    """Validate asserted and inferred triples, the ontology among them.

    Args:
        data: Where to look: a store, or the terms as they are written.
        shapes: Shapes files; the packaged ones when None.
        focus: The only focus nodes to report on; all when None.
        engine: Who validates.
        progress: Called with the number of queries done and of all; `compiled` only.
        strict: Read the shapes by the letter, as `shacl.compile_shapes` does.
        before: What `focused` told of a store that conforms, and to which something was added:
            shapes without a new focus node are not asked; `compiled` only.
        threads: How many queries are asked of an embedded store at once; as many as there are
            processors, up to `THREADS`, when None.

    Raises:
        UserError: the shapes are malformed.
    """
    paths = tuple(shape_files() if shapes is None else shapes)
    wanted = None if focus is None else set(focus)
    known = data if isinstance(data, Written) else None
    plan, names = _plan(paths, strict, known is not None, bool(known and known.changed))
    if engine == "pyshacl":
        from sarcoma_kg.quality import second_opinion

        everything = data.triples if isinstance(data, Written) else canaries.everything(data)
        theirs = second_opinion.findings(everything, shape_triples(paths), wanted, strict=strict)
        outside = [notice for notice in plan.refused if notice.outside]
        return merge(Report([]), [*theirs, *_refused(outside, names)])
    store = data.store if isinstance(data, Written) else data
    plan = shacl.readable(plan, store)
    plan = plan if before is None else shacl.grown(plan, store, before)
    plan = known.askable(plan) if known else plan
    at_once, guards_from = 1, None
    if isinstance(store, EmbeddedStore):
        at_once, guards_from = threads or min(os.cpu_count() or 1, THREADS), shacl.MANY
    results = tuple(
        result
        for result in shacl.validate(
            plan,
            store,
            threads=at_once,
            guards_from=guards_from,
            progress=progress,
            for_query=known.for_query if known else None,
        )
        if wanted is None or result.focus in wanted
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
    limits = known.limits(plan) if known else []
    return merge(Report([], results), [*found, *_refused(plan.refused, names), *limits])


def scope(
    data: Store | Written,
    shapes: Sequence[Path] | None = None,
    *,
    strict: bool = False,
    taken_in: bool = False,
) -> list[Finding]:
    """Return what limits a verdict: idle shapes, odd words, and literals that may be changed.

    Args:
        data: The data.
        shapes: Shapes files; the packaged ones when None.
        strict: Read them by the letter, as `shacl.compile_shapes` does.
        taken_in: Whether an engine behind an endpoint had taken them in.
    """
    paths = tuple(shape_files() if shapes is None else shapes)
    plan, names = _plan(
        paths, strict, isinstance(data, Written), isinstance(data, Written) and bool(data.changed)
    )
    store = data.store if isinstance(data, Written) else data
    why = {
        **dict.fromkeys(plan.aimless, "It has no target, and no other shape leads to it."),
        **dict.fromkeys(shacl.idle(plan, store), "No node of the data is a target of it."),
    }
    found = [
        Finding("note", IDLE, names.get(_key(shape), _text(shape)), "", "", words)
        for shape, words in why.items()
    ]
    if taken_in:
        found += [
            Finding(
                "note", FORMS, names.get(_key(shape), _text(shape)), "",
                ", ".join(f"sh:{word}" for word in words), _FORMS,
            )
            for shape, words in plan.of_forms
            if shape not in why
        ]  # fmt: skip
    triples = shape_triples(paths)
    read = {str(t.subject) for t in triples if t.predicate == _TYPE and t.object == _ONTOLOGY}
    found += [
        Finding("note", "import(s) of the shapes not read", iri, "", "", _IMPORT)
        for iri in sorted({str(t.object) for t in triples if t.predicate == _IMPORTS} - read)
    ]
    for word in plan.unknown:
        near = difflib.get_close_matches(word, shacl.WORDS, 1, 0.7)
        hint = f" Perhaps sh:{near[0]}." if near else ""
        places = [(path, line) for path in paths if (line := _line_of(path, word))]
        message = f"sh:{word} is no word of SHACL, so nothing was made of it.{hint}"
        path, line = places[0] if places else ("", 0)
        found.append(
            Finding("warning", "unknown word", f"sh:{word}", "", "", message, str(path), line)
        )
    return found


def strict_targets(report: Report) -> Report:
    """Return the report with a violation for each shape that looked at no node."""
    found = [replace(f, severity="violation") if f.shape == IDLE else f for f in report.findings]
    return merge(Report([], report.results), found)


def _refused(notices: Iterable[shacl.Notice], names: dict[str, str]) -> list[Finding]:
    """Return a finding for each constraint that was not asked."""
    return [
        Finding(
            "incomplete",
            "not asked",
            names.get(_key(notice.shape), _text(notice.shape)) if notice.shape else "the shapes",
            "",
            "",
            notice.text,
        )
        for notice in notices
    ]


def _line_of(path: Path, word: str) -> int:
    """Return the first line of a shapes file with a word of the sh: namespace; 0 without one."""
    text = path.read_text(encoding="utf-8-sig")
    sh = namespaces.PREFIXES["sh"]
    prefixes = re.findall(rf"prefix\s+([\w.-]*):\s*<{re.escape(sh)}>", text, re.IGNORECASE)
    forms = [re.escape(f"{prefix}:{word}") for prefix in prefixes] + [re.escape(f"{sh}{word}")]
    found = re.compile(rf"(?<![\w:-])(?:{'|'.join(forms)})(?![\w-])")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#") and found.search(line):
            return number
    return 0


def _key(shape: Term) -> str:
    return f"<{shape.value}>" if shape.kind == "iri" else f"_:{shape.value}"


def _path(path: shacl.Path) -> str:
    if path.kind == "predicate":
        return namespaces.contract(path.iri)
    return path.sparql()
