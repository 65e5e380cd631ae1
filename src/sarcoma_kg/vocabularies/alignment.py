"""Where our disease tree and that of NCIt disagree, as the fewest pairs that say it.

Compared are the diseases with an exact match in NCIt, and those whose only match there is one close
match, since a place in the tree that differs is itself a reason to call a match close (GIST); the
note then says so. In each tree the compared disease right above another is looked for; a pair is
reported when the other tree does not put the one below the other. So where no pair is reported on
the way up from one disease to another, the trees agree. `skg:groupedUnder` is a convention of
trials and reviews, not a statement on what a disease is, so it is no part of our tree; the note
tells of it.
"""

from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.stores.store import Store
from sarcoma_kg.vocabularies import readers
from sarcoma_kg.vocabularies.concepts import Concept, code_of
from sarcoma_kg.vocabularies.readers import Progress

__all__ = ["Disagreement", "report"]

_PROLOGUE = "".join(f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "rdfs", "skos"))
_MATCHES = f"""{_PROLOGUE}SELECT ?d ?how ?match WHERE {{
  VALUES ?how {{ skos:exactMatch skos:closeMatch }} ?d skg:rollsUpTo skg:Disease ; ?how ?match .
  FILTER(STRSTARTS(STR(?match), "{namespaces.PREFIXES["NCIT"]}")) }}"""
_LABELS = f"""{_PROLOGUE}SELECT ?d ?label WHERE {{
  ?d skg:rollsUpTo skg:Disease ; rdfs:label ?label }}"""
_LINKS = f"""{_PROLOGUE}SELECT ?d ?above WHERE {{
  ?d skg:rollsUpTo skg:Disease ; rdfs:subClassOf ?above . FILTER(isIRI(?above)) }}"""
_GROUPS = f"{_PROLOGUE}SELECT ?d ?above WHERE {{ ?d skg:groupedUnder ?above }}"

_Tree = Mapping[str, set[str]]


class Disagreement(NamedTuple):
    """A pair that one tree puts below and above each other, and the other does not.

    `kind` is `only ours`, `only NCIt`, `opposite` (NCIt has our parent below our child) or
    `not in the source` (the code of the child is not in the file, so nothing was compared).
    """

    kind: str
    child: str
    child_label: str
    parent: str
    parent_label: str
    child_code: str
    child_code_label: str
    parent_code: str
    parent_code_label: str
    note: str


class _Trees(NamedTuple):
    """Both trees: everything above a class, its label, and the matches between them."""

    ours: _Tree
    theirs: _Tree
    labels: dict[str, str]
    code: dict[str, str]
    close: set[str]
    concepts: dict[str, Concept]
    grouped: set[tuple[str, str]]


def report(store: Store, source: Path, progress: Progress = lambda _: None) -> list[Disagreement]:
    """Compare the built disease tree with that of NCIt.

    Args:
        store: A built store.
        source: NCIt as OWL, as flat file, or a table with ncit_code, label, parent_codes.
        progress: Called with a few words at most every two seconds.

    Raises:
        UserError: the file is unreadable, cut off or of no known format.
    """
    labels = {row["d"]: row["label"] for row in store.select(_LABELS).dicts()}
    code, close = _matches(store)
    gathered = readers.gather(
        source, "NCIT", set(code.values()), progress, climb=set(code.values())
    )
    links = [(row["d"], row["above"]) for row in store.select(_LINKS).dicts()]
    compared = {d: c for d, c in code.items() if c in gathered.concepts}
    trees = _Trees(
        _closure((a, b) for a, b in links if b in labels and a != b),
        _closure((c, p) for c, k in gathered.concepts.items() for p in k.parents),
        labels,
        compared,
        close,
        gathered.concepts,
        {(row["d"], row["above"]) for row in store.select(_GROUPS).dicts()},
    )
    absent = [
        _row("not in the source", trees, d, "", c, "added to NCIt later, or withdrawn from it")
        for d, c in sorted(code.items()) if d not in compared
    ]  # fmt: skip
    return [*_only_ours(trees), *_only_theirs(trees), *absent]


def _matches(store: Store) -> tuple[dict[str, str], set[str]]:
    """Return the NCIt code of each disease, and the diseases for which it is a close match."""
    exact: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    for row in store.select(_MATCHES).dicts():
        kind = exact if row["how"].endswith("exactMatch") else near
        kind.setdefault(row["d"], []).append(code_of("NCIT", row["match"]))
    close = {d for d, codes in near.items() if len(codes) == 1 and d not in exact}
    return {d: min(c) for d, c in (exact | {d: near[d] for d in close}).items()}, close


def _closure(links: Iterable[tuple[str, str]]) -> _Tree:
    """Return everything above each class."""
    direct: dict[str, set[str]] = {}
    for below, above in links:
        direct.setdefault(below, set()).add(above)
    closed: dict[str, set[str]] = {}
    for start in direct:
        reached: set[str] = set()
        todo = list(direct[start])
        while todo:
            node = todo.pop()
            if node not in reached:
                reached.add(node)
                todo += direct.get(node, ())
        closed[start] = reached - {start}
    return closed


def _nearest(tree: _Tree, candidates: Set[str]) -> list[str]:
    """Return the candidates that are above no other candidate."""
    higher = {above for node in candidates for above in tree.get(node, ())}
    return sorted(candidates - higher)


def _right_above(
    tree: _Tree, node: str, compared: Set[str], exact: Set[str], agreed: Set[str]
) -> list[str]:
    """Return what is compared right above a node.

    An exact match is not hidden by a close one in between, unless the trees agree so far up: then
    the close one has the disagreement.
    """
    above = tree.get(node, set())
    near = _nearest(tree, above & compared)
    hidden = {top for between in near if between in agreed for top in tree.get(between, ())}
    return sorted({*near, *_nearest(tree, above & exact)} - hidden)


def _row(kind: str, trees: _Trees, child: str, parent: str, code: str, note: str) -> Disagreement:
    above = trees.code.get(parent, "")
    for end in (child, parent):
        if end in trees.close:
            note += f"; {trees.labels[end]} is a close match only"

    def name(of: str) -> str:
        return trees.concepts[of].label if of in trees.concepts else ""

    return Disagreement(
        kind,
        namespaces.contract(child),
        trees.labels[child],
        namespaces.contract(parent) if parent else "",
        trees.labels.get(parent, ""),
        f"NCIT:{code}",
        name(code),
        f"NCIT:{above}" if above else "",
        name(above),
        note,
    )


def _only_ours(trees: _Trees) -> list[Disagreement]:
    rows = []
    known = set(trees.code.values())
    exact = trees.code.keys() - trees.close
    for child, a in sorted(trees.code.items()):
        above = trees.theirs.get(a, set())
        agreed = {disease for disease, code in trees.code.items() if code in above}
        for parent in _right_above(trees.ours, child, trees.code.keys(), exact, agreed):
            b = trees.code[parent]
            if b == a or b in above:
                continue
            kind = "opposite" if a in trees.theirs.get(b, ()) else "only ours"
            direct = _nearest(trees.theirs, above & known or above)
            note = f"NCIt has it below {_names(trees, direct)}"
            common = _nearest(trees.theirs, (above | {a}) & (trees.theirs.get(b, set()) | {b}))
            note += f"; nearest concept above both: {_names(trees, common)}" if common else ""
            rows.append(_row(kind, trees, child, parent, a, note))
    return rows


def _names(trees: _Trees, codes: list[str]) -> str:
    return ", ".join(f"{trees.concepts[code].label} (NCIT:{code})" for code in codes) or "none"


def _only_theirs(trees: _Trees) -> list[Disagreement]:
    rows = []
    diseases: dict[str, list[str]] = {}
    for disease, code in sorted(trees.code.items()):
        diseases.setdefault(code, []).append(disease)
    exact = {code for disease, code in trees.code.items() if disease not in trees.close}
    for child, a in sorted(trees.code.items()):
        above = trees.ours.get(child, set())
        agreed = {trees.code[disease] for disease in above & trees.code.keys()}
        near = _right_above(trees.theirs, a, diseases.keys(), exact, agreed)
        for parent in (disease for b in near for disease in diseases[b]):
            if parent == child or parent in above or child in trees.ours.get(parent, ()):
                continue
            direct = _nearest(trees.ours, above & trees.code.keys() or above)
            note = f"we have it below {', '.join(trees.labels[d] for d in direct)}"
            others = trees.ours.get(parent, set()) | {parent}
            common = ", ".join(trees.labels[d] for d in _nearest(trees.ours, above & others))
            note += f"; nearest class above both: {common}" if common else ""
            if (child, parent) in trees.grouped:
                note += "; grouped under it by convention"
            rows.append(_row("only NCIt", trees, child, parent, a, note))
    return rows
