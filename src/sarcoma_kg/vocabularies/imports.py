"""Refreshing the slim NCIt and ChEBI modules from local copies of the vocabularies.

Which terms belong there follows from the mapping tables: every identifier in them, and for the
mapped diseases all that NCIt has above them, with the is-a links. A term that the copy lacks or has
withdrawn keeps its class and former label, since a mapping still points at it; the report says so.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import sssom
from sarcoma_kg.vocabularies import flatfiles, readers
from sarcoma_kg.vocabularies.concepts import Concept, Vocabulary, code_of
from sarcoma_kg.vocabularies.readers import Gathered, Progress

__all__ = ["Change", "Refresh", "refresh"]

_NAMES = {"NCIT": "NCI Thesaurus", "CHEBI": "ChEBI"}
_CONTENT = {
    "NCIT": "Labels of the NCI Thesaurus concepts that mappings point at, and the is-a links of "
    "the mapped diseases and of everything above them, from {origin}.",
    "CHEBI": "Labels of the ChEBI compounds that mappings point at, from {origin}.",
}
_PREFIXES = {p: namespaces.PREFIXES[p] for p in ("dcterms", "obo", "owl", "rdfs")}
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def _node(prefix: str, local: str) -> ox.NamedNode:
    return ox.NamedNode(namespaces.PREFIXES[prefix] + local)


_TYPE, _CLASS = _node("rdf", "type"), _node("owl", "Class")
_LABEL, _SUBCLASS = _node("rdfs", "label"), _node("rdfs", "subClassOf")
_DEPRECATED = ox.Triple(
    _CLASS, _node("owl", "deprecated"), ox.Literal("true", datatype=_node("xsd", "boolean"))
)
_DESCRIPTION, _ORIGIN = _node("dcterms", "description"), _node("dcterms", "source")


class Change(NamedTuple):
    """One line of the report.

    `kind` is retired, merged, relabelled, missing, new ancestor or former ancestor; `old` and `new`
    are labels, for a merged term the code and label that took its place.
    """

    kind: str
    code: str
    old: str
    new: str
    note: str


class Refresh(NamedTuple):
    """What a refresh found; `path` is the module, `written` says whether it was replaced."""

    vocabulary: Vocabulary
    version: str
    changes: list[Change]
    counts: dict[str, int]
    path: Path
    written: bool


class _Terms(NamedTuple):
    """The terms list: per code the labels that the tables give, and the codes of diseases."""

    labels: dict[str, dict[str, str]]
    diseases: set[str]


class _Module(NamedTuple):
    """The module as it is: what it says of itself, and the label of each class."""

    header: list[ox.Triple]
    labels: dict[str, str]


def refresh(
    vocabulary: Vocabulary,
    source: Path,
    progress: Progress,
    *,
    history: Path | None = None,
    dry_run: bool = False,
    force: bool = False,
) -> Refresh:
    """Write the slim module anew from a local copy of the vocabulary.

    Args:
        vocabulary: Which module.
        source: The copy: OWL, OBO or the flat file of NCIt, plain or compressed with gzip.
        progress: Called with a few words at most every two seconds.
        history: Concept history file of NCIt, which says what merged concepts became.
        dry_run: Report only.
        force: Accept a copy that lacks half of the terms or more.

    Raises:
        UserError: the copy is unreadable, cut off or not of this vocabulary. The module that was
            there stays as it is.
    """
    terms = _terms(vocabulary)
    path = resources.data_root() / "ontology" / "imports" / f"{vocabulary.lower()}.ttl"
    module = _module(vocabulary, path)
    became = flatfiles.merges(history) if history else {}
    survivors = {became[code] for code in terms.labels if code in became}
    gathered = readers.gather(
        source, vocabulary, terms.labels.keys() | survivors, progress, climb=terms.diseases
    )
    found = terms.labels.keys() & (gathered.concepts.keys() | gathered.merged.keys())
    if 2 * len(found) < len(terms.labels) and not force:
        raise UserError(
            f"{source}: holds {len(found)} of the {len(terms.labels)} {vocabulary} terms that the "
            "mappings point at, so it is not the whole vocabulary",
            "name a full copy; `--force` takes this one all the same",
        )
    changes = list(_changes(vocabulary, terms, module, gathered, became))
    triples = list(_triples(vocabulary, terms, module, gathered, source))
    if not dry_run:
        _write(path, triples)
    kinds = [change.kind for change in changes]
    counts = {
        "terms": len(terms.labels),
        "found": len(found),
        **{kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "ancestors": len(gathered.ancestors - terms.labels.keys()),
        "is-a links": sum(triple.predicate == _SUBCLASS for triple in triples),
        "elements read": gathered.elements,
    }
    return Refresh(vocabulary, gathered.version, changes, counts, path, not dry_run)


def _terms(vocabulary: Vocabulary) -> _Terms:
    terms = _Terms({}, set())
    for table in sssom.mapping_files():
        for row in sssom.read(table):
            if code := code_of(vocabulary, row.object):
                labels = terms.labels.setdefault(code, {})
                if row.object_label:
                    labels[table.name] = row.object_label
                if vocabulary == "NCIT" and table.name.startswith("diseases.") and not row.negated:
                    terms.diseases.add(code)
    return terms


def _module(vocabulary: Vocabulary, path: Path) -> _Module:
    name = _NAMES[vocabulary]
    me = ox.NamedNode(f"https://w3id.org/sarcoma-kg/import/{vocabulary.lower()}")
    title = ox.Literal(f"Slim {name} import of sarcoma-kg", language="en")
    header = [
        ox.Triple(me, _TYPE, _node("owl", "Ontology")),
        ox.Triple(me, _node("dcterms", "title"), title),
        ox.Triple(me, _node("dcterms", "license"), ox.NamedNode(_LICENCE)),
    ]
    labels: dict[str, str] = {}
    if not path.exists():
        return _Module(header, labels)
    try:
        present = [q.triple for q in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    except (OSError, SyntaxError) as error:
        raise UserError(
            f"{path}: the present module cannot be read: {error}",
            "repair it, or remove it to have it written from nothing",
        ) from error
    for triple in present:
        subject = triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""
        code = code_of(vocabulary, subject)
        if code and triple.predicate == _LABEL and isinstance(triple.object, ox.Literal):
            labels[code] = triple.object.value
    mine = [t for t in present if t.subject == me]
    return _Module(mine or header, labels)


def _curie(vocabulary: Vocabulary, code: str) -> str:
    return f"{vocabulary}:{code}"


def _label(terms: _Terms, module: _Module, gathered: Gathered, code: str) -> str:
    """Return the label to write: a withdrawn term keeps the one it had."""
    concept = gathered.concepts.get(code)
    theirs = concept.label if concept else ""
    former = module.labels.get(code) or next(iter(terms.labels.get(code, {}).values()), "")
    if concept is None or concept.retired:
        return former or theirs or code
    return theirs or former or code


def _numeric(code: str) -> int:
    return int(code.lstrip("C"))


def _changes(
    vocabulary: Vocabulary,
    terms: _Terms,
    module: _Module,
    gathered: Gathered,
    became: Mapping[str, str],
) -> Iterator[Change]:
    for code in sorted(terms.labels, key=_numeric):
        concept = gathered.concepts.get(code)
        after = gathered.merged.get(code) or (concept.replaced_by if concept else "")
        if concept is None or concept.retired:
            yield _withdrawn(
                vocabulary, code, _label(terms, module, gathered, code), concept,
                after or became.get(code, ""), gathered,
            )  # fmt: skip
        else:
            yield from _relabelled(vocabulary, concept, terms.labels[code], module.labels)
    above = gathered.ancestors - terms.labels.keys()
    for code in sorted(above - module.labels.keys(), key=_numeric):
        label = _label(terms, module, gathered, code)
        note = "" if code in gathered.concepts else "named as a parent but not described"
        yield Change("new ancestor", _curie(vocabulary, code), "", label, note)
    for code in sorted(above & module.labels.keys(), key=_numeric):
        if concept := gathered.concepts.get(code):
            yield from _relabelled(vocabulary, concept, {}, module.labels)
    for code in sorted(module.labels.keys() - terms.labels.keys() - above, key=_numeric):
        yield Change(
            "former ancestor", _curie(vocabulary, code), module.labels[code], "",
            "no mapped disease is below it any more, so it leaves the module",
        )  # fmt: skip


def _withdrawn(
    vocabulary: Vocabulary,
    code: str,
    old: str,
    concept: Concept | None,
    after: str,
    gathered: Gathered,
) -> Change:
    curie = _curie(vocabulary, code)
    if after:
        then = gathered.concepts.get(after)
        new = f"{_curie(vocabulary, after)} {then.label if then else ''}".strip()
        return Change("merged", curie, old, new, "point the mapping at the new code")
    if concept:
        return Change("retired", curie, old, "", "the source names no replacement")
    return Change("missing", curie, old, "", "not in the source; class and label are kept")


def _relabelled(
    vocabulary: Vocabulary, concept: Concept, tables: Mapping[str, str], module: Mapping[str, str]
) -> Iterator[Change]:
    """Compare with the label in the module and with object_label in each table."""
    before: dict[str, list[str]] = {}
    if concept.code in module:
        before.setdefault(module[concept.code], []).append("module")
    for table, label in tables.items():
        before.setdefault(label, []).append(table)
    for old, places in before.items():
        if concept.label and old != concept.label:
            note = "in " + ", ".join(places)
            if old.casefold() == concept.label.casefold():
                note += "; case only"
            yield Change("relabelled", _curie(vocabulary, concept.code), old, concept.label, note)


def _triples(
    vocabulary: Vocabulary, terms: _Terms, module: _Module, gathered: Gathered, source: Path
) -> Iterator[ox.Triple]:
    me = module.header[0].subject
    for triple in module.header:
        if triple.predicate not in (_DESCRIPTION, _ORIGIN):
            yield triple
    version = gathered.version or f"a copy that states no version ({source.name})"
    origin = f"{_NAMES[vocabulary]} {version}" if gathered.version else version
    text = _CONTENT[vocabulary].format(origin=origin)
    if kept := len(terms.labels.keys() - gathered.concepts.keys() - gathered.merged.keys()):
        text += f" Terms that are not in it keep their former label: {kept}."
    yield ox.Triple(me, _DESCRIPTION, ox.Literal(text, language="en"))
    yield ox.Triple(me, _ORIGIN, ox.Literal(origin))
    base = namespaces.PREFIXES[vocabulary]
    linked = gathered.ancestors | terms.diseases
    for code in sorted(terms.labels.keys() | gathered.ancestors, key=_numeric):
        term = ox.NamedNode(base + code)
        label = _label(terms, module, gathered, code)
        yield ox.Triple(term, _TYPE, _CLASS)
        yield ox.Triple(term, _LABEL, ox.Literal(label, language="en"))
        concept = gathered.concepts.get(code)
        if code in gathered.merged or (concept and concept.retired):
            yield ox.Triple(term, _DEPRECATED.predicate, _DEPRECATED.object)
        if concept and code in linked:
            for parent in concept.parents:
                yield ox.Triple(term, _SUBCLASS, ox.NamedNode(base + parent))


def _write(path: Path, triples: list[ox.Triple]) -> None:
    from sarcoma_kg import turtle

    text = turtle.serialize(
        triples, _PREFIXES, "# Written by `sarcoma-kg imports` from a copy of the vocabulary.\n"
    )
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {error.strerror or error}",
            "the packaged data may be read-only; set SARCOMA_KG_DATA to a checkout of sarcoma-kg",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
