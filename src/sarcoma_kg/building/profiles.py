"""What of a user's documents, or of the packaged ones, lies outside the profiles of OWL 2."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import logical, obstacles, ontologies, owlapi
from sarcoma_kg.owl.ontologies import Document

__all__ = ["found"]

_OWL, _TYPE = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"] + "type"
_ONTOLOGY = "https://w3id.org/sarcoma-kg/ontology"

_Outlines = dict[Path, list[ox.Triple]]
#: The last that were outlined, since a process may look again and again.
_LAST: dict[object, tuple[Mapping[Path, list[ox.Quad]], _Outlines, _Outlines]] = {}


def found(
    documents: list[Document], shipped: Mapping[Path, list[ox.Quad]]
) -> tuple[list[Finding], str]:
    """Check the user's documents, or all packaged ones, against OWL 2 DL and EL."""
    catalog = ontologies.packaged_names()
    root = resources.data_root() / "ontology" / "sarcoma.ttl"
    packaged = [root, *resources.claim_files()]
    if not documents:
        return _breaches(packaged, catalog, [], {})
    catalog |= {name: document.path for document in documents for name in document.names}
    places = [document.path for document in documents]
    if gone := {ontologies.packaged_catalog()[iri] for iri in ontologies.replaced(documents)}:
        # What the copy no longer declares may be used in any other of our files.
        places += [path for path in packaged if path not in gone]
    outlines, words = _outlined(shipped)
    if not gone and not _declares_ours(documents, outlines.values()):
        outlines = words
    return _breaches(places, catalog, documents, outlines)


def _outlined(
    shipped: Mapping[Path, list[ox.Quad]],
) -> tuple[_Outlines, _Outlines]:
    """Return ours without annotations, and without axioms on classes where these do not matter.

    Our annotations are no question of the user's; nor is what texts of hers say, so that another
    label needs no new answer.
    """
    key = tuple((path, id(quads)) for path, quads in shipped.items())
    if key not in _LAST:
        says_more = logical.seen(quad.triple for quads in shipped.values() for quad in quads)
        outlines = {
            path: [quad.triple for quad in quads if says_more(quad.triple)]
            for path, quads in shipped.items()
        }
        words = {path: logical.vocabulary(said) or said for path, said in outlines.items()}
        _LAST.clear()
        # With what is outlined, lest another list get its place in memory.
        _LAST[key] = dict(shipped), outlines, words
    return _LAST[key][1:]


def _declares_ours(documents: list[Document], outlines: Collection[list[ox.Triple]]) -> bool:
    """Tell whether documents say of what kind a thing of ours is: then ours may read otherwise."""
    typed = {
        q.subject for document in documents for q in document.quads if q.predicate.value == _TYPE
    }
    return any(t.subject in typed for said in outlines for t in said)


def _as_ontology(document: Document, me: str, called: Mapping[str, str]) -> list[ox.Triple]:
    """Return a document as the OWL API can read it: with one header.

    An import names a document by its ontology IRI: OWL API 3.4 runs in circles where documents
    import each other by other names.

    Args:
        document: The document.
        me: The IRI of its header; one that has none imports the packaged ontology.
        called: Any name of a document -> its ontology IRI.
    """
    header, ontology = ox.NamedNode(me), ox.NamedNode(_OWL + "Ontology")
    triples = [ox.Triple(header, ox.NamedNode(_TYPE), ontology)]
    heads = {
        q.subject for q in document.quads if q.predicate.value == _TYPE and q.object == ontology
    }
    for quad in document.quads:
        named, about = quad.object, header if quad.subject in heads else quad.subject
        if quad.predicate.value == _OWL + "imports" and isinstance(named, ox.NamedNode):
            named = ox.NamedNode(called.get(named.value, named.value))
        if quad.predicate.value != _OWL + "versionIRI" or str(quad.subject) == f"<{me}>":
            triples.append(ox.Triple(about, quad.predicate, named))
    if not heads:
        triples.append(ox.Triple(header, ox.NamedNode(_OWL + "imports"), ox.NamedNode(_ONTOLOGY)))
    return triples


def _breaches(
    places: Sequence[Path],
    catalog: dict[str, Path],
    documents: list[Document],
    outlines: Mapping[Path, list[ox.Triple]],
) -> tuple[list[Finding], str]:
    called: dict[str, str] = {}
    mine: dict[Path, str] = {}
    for number, document in enumerate(documents):
        spare = f"urn:sarcoma-kg:document-{number}"
        taken = document.iri in mine.values()
        mine[document.path] = spare if taken or not document.iri else document.iri
        for name in document.names:
            called.setdefault(name, mine[document.path])
    contents = dict(outlines)
    declared = [t for triples in outlines.values() for t in triples]
    text = logical.texts([*declared, *(q.triple for d in documents for q in d.quads)])
    for document in documents:
        triples = _as_ontology(document, mine[document.path], called)
        contents[document.path] = [t for t in triples if not text(t)]
    catalog |= {iri: path for path, iri in mine.items()}
    if documents:
        catalog = _reached(places, catalog, contents)
    try:
        report = owlapi.profile(places, catalog, contents=contents)
    except owlapi.OwlApiError:
        raise
    except UserError as error:
        names = ", ".join(str(document.path) for document in documents) or "the packaged files"
        raise UserError(f"{names}: {error.message}", error.hint) from error
    subjects = {
        q.subject.value for d in documents for q in d.quads if isinstance(q.subject, ox.NamedNode)
    }
    found = _missing_imports(documents)
    for breach in report.violations:
        named = [iri for iri in breach.iris if iri in subjects] or [*breach.iris, breach.document]
        undeclared = breach.iris[0] if "undeclared" in breach.text and breach.iris else ""
        if undeclared and found and found[0].shape == "import missing":
            continue  # told once
        remedy = "Declare it, or correct its spelling" if undeclared else "Write it in another way"
        found.append(
            Finding(
                "violation",
                f"profile {breach.profile}",
                namespaces.contract(named[0]),
                "",
                namespaces.contract(undeclared),
                f"Outside {breach.profile}: {obstacles.in_words(breach.text)}. {remedy}.",
            )
        )
    counts = ", ".join(
        f"{profile} {sum(b.profile == profile for b in report.violations)} violation(s)"
        for profile in ("OWL 2 DL", "OWL 2 EL")
    )
    return found, (
        f"profiles: OWL API {report.engine} loaded {len(report.documents)} documents, no import "
        f"unresolved: {counts}; {len(report.punned)} classes are slot values too (punning)"
    )


def _reached(
    places: Sequence[Path],
    catalog: Mapping[str, Path],
    contents: Mapping[Path, list[ox.Triple]],
) -> dict[str, Path]:
    """Return what of a catalog documents import, however far: no other file is handed over."""
    found: dict[str, Path] = {}
    todo, seen = list(places), set(places)
    while todo:
        for triple in contents.get(todo.pop(), ()):
            if triple.predicate.value != _OWL + "imports":
                continue
            iri = getattr(triple.object, "value", "")
            if path := catalog.get(iri):
                found[iri] = path
                todo += {path} - seen
                seen.add(path)
    return found


def _missing_imports(documents: list[Document]) -> list[Finding]:
    """Return a finding for each ontology that uses our terms and imports none of our documents."""
    packaged = set(ontologies.packaged_names())
    imported = {name: {*d.imports} for d in documents for name in d.names}

    def reaches(iri: str) -> bool:
        todo, seen = [iri], {iri}
        while todo:
            targets = imported.get(todo.pop(), set())
            if targets & packaged:
                return True
            todo += targets - seen
            seen |= targets
        return False

    return [
        Finding(
            "violation",
            "import missing",
            str(d.path),
            "",
            "",
            "This ontology imports none of ours, so an OWL editor shows none of our terms in it. "
            f"Add owl:imports <{_ONTOLOGY}> to its header.",
            str(d.path),
        )
        for d in documents
        if d.iri
        and d.iri not in packaged
        and any(f"<{namespaces.SKG}" in str(q.triple) for q in d.quads)
        and not reaches(d.iri)
    ]
