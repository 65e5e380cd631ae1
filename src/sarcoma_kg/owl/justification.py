"""Why something follows: the smallest set of axioms behind an inference, with labels.

A justification of an entailment is a subset of the ontology that suffices for it and from which
nothing can be taken (Kalyanpur et al. 2007; the OWL API's explanation package finds it).
"""

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl import owlapi, reason
from sarcoma_kg.terms.lookup import Name, fold, nearest

__all__ = ["EMPTY", "empty_classes", "explain", "find_class", "labels"]

_LABEL = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "label")
_SYNONYM = ox.NamedNode(namespaces.PREFIXES["oboInOwl"] + "hasExactSynonym")
_TYPE = ox.NamedNode(namespaces.PREFIXES["rdf"] + "type")
_CLASS = ox.NamedNode(namespaces.PREFIXES["owl"] + "Class")
_OWL, _RDF = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdf"]
_EXPLAINED = 20
#: What a finding about a class without possible member is called.
EMPTY = "class without possible member"


def labels(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the label of each IRI that has one."""
    return {
        t.subject.value: t.object.value
        for t in triples
        if t.predicate == _LABEL
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.Literal)
    }


def find_class(triples: Sequence[ox.Triple], typed: str) -> str:
    """Return the IRI of the class that a label, exact synonym, CURIE or IRI names.

    Imported concepts are found by CURIE or IRI only: their labels repeat ours.

    Raises:
        UserError: no class, or more than one, is called so.
    """
    classes = {
        t.subject.value
        for t in triples
        if t.predicate == _TYPE and t.object == _CLASS and isinstance(t.subject, ox.NamedNode)
    }
    typed = typed.strip()
    if (iri := typed if typed in classes else namespaces.expand(typed)) in classes:
        return str(iri)
    classes = {iri for iri in classes if not iri.startswith(namespaces.PREFIXES["obo"])}
    wanted = fold(typed)
    found: dict[ox.NamedNode, set[str]] = {_LABEL: set(), _SYNONYM: set()}
    for t in triples:
        if t.predicate in found and isinstance(t.object, ox.Literal):
            subject = getattr(t.subject, "value", "")
            if subject in classes and fold(t.object.value) == wanted:
                found[t.predicate].add(subject)
    hits = sorted(found[_LABEL] or found[_SYNONYM])
    if len(hits) == 1:
        return hits[0]
    if hits:
        names = ", ".join(map(namespaces.contract, hits))
        raise UserError(f"'{typed[:80]}' names several classes: {names}", "type one of these")
    known = labels(triples)
    near = nearest([Name(iri, 0, known[iri]) for iri in sorted(classes & set(known))], typed)
    raise UserError(
        f"no class is called '{typed[:80]}'",
        f"perhaps: {'; '.join(near)}" if near else "type a label, a CURIE such as skg:KIT, an IRI",
    )


def explain(
    triples: Sequence[ox.Triple], pairs: Sequence[tuple[str, str]]
) -> list[list[str] | None]:
    """Return for each pair (sub, super) the axioms from which it follows, in Manchester syntax.

    Args:
        triples: The ontology with its imports.
        pairs: IRIs; an empty super asks why sub can have no member.

    Returns:
        The axioms of one justification each; None where the pair does not follow.
    """
    with work.passing() as folder:
        document = folder / "ontology.nt"
        document.write_bytes(reason.merged(triples))
        return owlapi.explain(document, pairs, labels(triples))


def _parents(triples: Iterable[ox.Triple]) -> dict[str, set[str]]:
    """Return class -> named classes that it is asserted or defined to be under."""
    rest, first = ox.NamedNode(_RDF + "rest"), ox.NamedNode(_RDF + "first")
    steps = {
        ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf"),
        *(ox.NamedNode(_OWL + name) for name in ("equivalentClass", "intersectionOf")),
    }
    links: dict[object, list[object]] = {}
    for t in triples:
        if t.predicate in steps or t.predicate in {rest, first}:
            links.setdefault(t.subject, []).append(t.object)
    parents: dict[str, set[str]] = {}
    for node in [n for n in links if isinstance(n, ox.NamedNode)]:
        todo = list(links[node])
        while todo:
            above = todo.pop()
            if isinstance(above, ox.NamedNode):
                parents.setdefault(node.value, set()).add(above.value)
            else:
                todo += links.get(above, [])
    return parents


def empty_classes(triples: Iterable[ox.Triple], classes: Iterable[str]) -> list[Finding]:
    """Return a finding for each class that can have no member, with the axioms that make it so.

    Those that are empty because a class above them is are only said to be so.

    Args:
        triples: The ontology with its imports.
        classes: IRIs of the empty classes.
    """
    empty = set(classes)
    if not empty:
        return []
    ontology = list(triples)
    parents = _parents(ontology)
    above = {name: sorted(parents.get(name, set()) & (empty - {name})) for name in empty}
    roots = sorted(name for name in empty if not above[name]) or sorted(empty)
    reasons = explain(ontology, [(name, "") for name in roots[:_EXPLAINED]])
    because = {
        name: "This class can have no member, because:\n- " + "\n- ".join(axioms)
        for name, axioms in zip(roots, reasons, strict=False)
        if axioms
    }
    for name in empty - set(because):
        names = ", ".join(map(namespaces.contract, above[name]))
        because[name] = (
            f"This class can have no member either: see {names}."
            if names
            else "This class can have no member: `sarcoma-kg reason --explain` tells why."
        )
    order = [*roots, *sorted(empty - set(roots))]
    return [
        Finding("violation", EMPTY, namespaces.contract(name), "", "", because[name])
        for name in order
    ]
