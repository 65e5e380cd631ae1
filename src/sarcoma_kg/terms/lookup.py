"""From what people type (label, synonym, IRI, CURIE, NCIt code) to a term of the graph."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store

__all__ = [
    "SPELLINGS", "Name", "NotFound", "by_code", "fold", "kind_of", "names", "nearest", "resolve",
    "search",
]  # fmt: skip

#: Kind of thing -> pattern that it (?t) matches.
_KINDS = {
    "Setting": "?t skos:inScheme skg:SettingScheme .",
    "Claim": "?t skg:hasProposition ?p .",
    "Evidence": "?t skg:statement ?p .",
    "Record": "?t a skg:EvidenceRecord .",
    "Reference": "?t a skg:Reference .",
    "Source": "?t a skg:Source .",
    "Proposition": "?t a skg:Proposition .",
    "Value": "?t skos:inScheme ?p .",
}
_CLASS_KINDS = ("Disease", "Therapy", "Target", "Alteration")
#: Property that names a thing -> rank of the name.
_NAMES = {
    "rdfs:label": 0, "dcterms:identifier": 0, "oboInOwl:hasExactSynonym": 1,
    "oboInOwl:hasRelatedSynonym": 2, "oboInOwl:hasBroadSynonym": 2, "oboInOwl:hasNarrowSynonym": 2,
}  # fmt: skip
#: Of how many words typed a part is tried as a name.
_WORDS = 12
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "kb", "rdfs", "skos", "oboInOwl", "owl", "dcterms", "obo")
)
#: What spellings have in common is left, in this order; read in the browser too (JavaScript).
SPELLINGS = (
    (re.compile(r"tumour"), "tumor"),
    (re.compile(r"haem"), "hem"),
    (re.compile(r"leuk?aemia"), "leukemia"),
    (re.compile(r"signalling"), "signaling"),
    (re.compile(r"is(ed|ing|ation)\b"), r"iz\1"),
    (re.compile(r"aetiolog"), "etiolog"),
    (re.compile(r"paediatric"), "pediatric"),
    (re.compile("[\u2018\u2019\u02bc]"), "'"),
    (re.compile('["\u201c-\u201e\u00ab\u00bb]'), ""),
    (re.compile("[\\s_/\u2010-\u2015\u2212-]+"), " "),
)


def fold(text: str) -> str:
    """Return `text` without case, hyphens and the difference of British and American spelling."""
    folded = text.casefold().strip()
    for pattern, plain in SPELLINGS:
        folded = pattern.sub(plain, folded)
    return folded.strip()


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A name of a term; rank 0 label, 1 exact synonym, 2 other synonym."""

    iri: str
    rank: int
    text: str


class NotFound(UserError):  # noqa: N818
    """No thing of the kind wanted has the name typed.

    Args:
        message: What is wrong.
        hint: What to do about it.
        near: Labels of the nearest things of that kind.
        other: Label of the thing of another kind that has the name.
    """

    def __init__(
        self, message: str, hint: str = "", *, near: Iterable[str] = (), other: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.near, self.other = list(near), other


def _pattern(kind: str) -> str:
    if kind in _CLASS_KINDS:
        return f"?t a owl:Class ; skg:rollsUpTo skg:{kind} ."
    return _KINDS.get(kind, "?t a owl:Class .")


def kind_of(store: Store, iri: str) -> str:
    """Return the kind of a thing: Disease, Therapy, ..., Claim, Evidence ...; else empty."""
    node = Term("iri", iri).sparql()
    kinds = (*_CLASS_KINDS, *_KINDS)
    branches = " UNION ".join(
        f'{{ VALUES ?t {{ {node} }} {_pattern(kind)} BIND("{kind}" AS ?kind) }}' for kind in kinds
    )
    rows = store.select(f"{_PROLOGUE}SELECT DISTINCT ?kind WHERE {{ {branches} }}")
    found = {row["kind"] for row in rows.dicts()}
    return next((kind for kind in kinds if kind in found), "")


def names(store: Store, kind: str = "") -> list[Name]:
    """Return all names of the things of a kind; of all classes when `kind` is empty."""
    # A part for each property, so that the things are found first and not all that has a label.
    parts = " UNION ".join(
        f"{{ {_pattern(kind)} ?t {name} ?name . BIND({rank} AS ?rank) }}"
        for name, rank in _NAMES.items()
    )
    found = store.select(
        f"""{_PROLOGUE}SELECT ?t ?rank ?name WHERE {{ {parts}
          FILTER(!STRSTARTS(STR(?t), "http://purl.obolibrary.org/obo/")) }}"""
    )
    return sorted({Name(r["t"], int(r["rank"]), r["name"]) for r in found.dicts()})


def _label(entries: Iterable[Name], iri: str) -> str:
    return next((n.text for n in entries if n.iri == iri and n.rank == 0), namespaces.contract(iri))


def _iris(typed: str) -> list[str]:
    """Return what an identifier may stand for: NCIT_C3868, ncit:c3868 and C3868 are one."""
    if "://" in typed:
        written = [typed]
    else:
        code = f"NCIT:{typed}" if re.fullmatch(r"[Cc]\d{3,7}", typed) else typed
        # As OBO writes identifiers in addresses.
        prefix, _, local = re.sub(r"^([A-Za-z.]+)_(?=[^_:]+$)", r"\1:", code).partition(":")
        forms = (f"{prefix}:{local}", f"{prefix}:{local.upper()}")
        written = [iri for form in dict.fromkeys(forms) if (iri := namespaces.expand(form))]
    good = []
    for iri in written:
        try:
            ox.NamedNode(iri)
        except ValueError:
            continue
        good += [iri] if namespaces.is_iri(iri) else []
    return good


def by_code(store: Store, typed: str) -> list[str]:
    """Return the things that are, or are mapped to, the identifier typed."""
    for iri in _iris(typed):
        node = Term("iri", iri).sparql()
        found = store.select(
            f"""{_PROLOGUE}SELECT DISTINCT ?t ?rank WHERE {{
              {{ ?t rdfs:label ?l . FILTER(?t = {node}) BIND(0 AS ?rank) }}
              UNION {{ ?t skos:exactMatch {node} . BIND(1 AS ?rank) }}
              UNION {{ ?t skos:closeMatch {node} . BIND(2 AS ?rank) }}
              FILTER(!STRSTARTS(STR(?t), "http://purl.obolibrary.org/obo/")) }}"""
        )
        rows = [(int(r["rank"]), r["t"]) for r in found.dicts()]
        if rows:
            best = min(rank for rank, _ in rows)
            return sorted({t for rank, t in rows if rank == best})
    return []


def resolve(store: Store, typed: str, kind: str) -> str:
    """Return the IRI of the one term of a kind that `typed` names.

    Args:
        store: Where to look.
        typed: Label, synonym, IRI, CURIE or NCIt code, in any case.
        kind: Disease, Therapy, Target, Alteration, Setting, Claim or Source.

    Raises:
        UserError: empty, unknown, ambiguous, or a term of another kind; with suggestions.
    """
    typed = typed.strip()
    if not typed:
        raise UserError(f"the {kind.lower()} is empty", "give a label, synonym, CURIE or NCIt code")
    known = names(store, kind)
    own = {n.iri for n in known}
    coded = by_code(store, typed)
    wanted = fold(typed)
    # What is typed is repeated in messages, but not a whole book of it.
    typed = typed if len(typed) <= 80 else typed[:79] + "…"
    matches = {n for n in known if fold(n.text) == wanted}
    best = min((n.rank for n in matches), default=0)
    hits = [t for t in coded if t in own] or sorted({n.iri for n in matches if n.rank == best})
    if len(hits) == 1:
        return hits[0]
    if hits:
        options = "; ".join(f"{_label(known, t)} ({namespaces.contract(t)})" for t in hits)
        raise UserError(f"'{typed}' is ambiguous: {options}", "repeat with one of these names")
    everything = names(store)
    foreign = coded or sorted({n.iri for n in everything if fold(n.text) == wanted})
    if foreign:
        of = [k for k in _CLASS_KINDS if any(n.iri == foreign[0] for n in names(store, k))]
        other = of[0].lower() if of else "term of another kind"
        raise NotFound(
            f"'{typed}' is a {other} ({namespaces.contract(foreign[0])}), not a {kind.lower()}",
            "`sarcoma-kg ask` shows which kind each parameter takes",
            other=namespaces.contract(foreign[0]),
        )
    near = nearest(known, typed)
    raise NotFound(
        f"no {kind.lower()} is called '{typed}'",
        f"perhaps: {'; '.join(near)}" if near else "`sarcoma-kg search WORDS` looks everywhere",
        near=near,
    )


def nearest(known: list[Name], typed: str, most: int = 5) -> list[str]:
    """Return the labels of the terms whose names are nearest to the words typed."""
    import difflib

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(fold(name.text), name.iri)
    # A name with words around it, as in "for GIST"; what stands last is meant most.
    last = typed.split()[-_WORDS:]
    spans = (last[at:end] for end in range(len(last), 0, -1) for at in range(end))
    close = [text for span in spans if (text := fold(" ".join(span))) in folded]
    wanted = fold(typed)
    words = set(wanted.split())
    holding = [f for f in folded if words <= set(f.split())]
    close += sorted(holding, key=len)[:most] + difflib.get_close_matches(wanted, folded, most, 0.6)
    return list(dict.fromkeys(_label(known, folded[f]) for f in close))[:most]


def search(store: Store, words: str, most: int = 5) -> tuple[list[str], list[str]]:
    """Return the terms that `words` name, best first, and near labels when there are none."""
    known = names(store)
    coded = by_code(store, words)
    wanted = fold(words)
    exact = sorted({(n.rank, n.iri) for n in known if fold(n.text) == wanted})
    hits = list(dict.fromkeys([*coded, *(iri for _, iri in exact)]))
    return (hits, []) if hits else ([], nearest(known, words, most))
