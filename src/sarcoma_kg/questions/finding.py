"""Looking everywhere for words: names, codes, claims, propositions, values, evidence, questions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import claims, leads
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import lookup

__all__ = ["Hit", "search"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "dcterms", "owl", "skos", "obo")
)
#: How near a word must be to stand for another, of 1.
_NEAR = 0.78
_KINDS = ("Disease", "Therapy", "Target", "Alteration")


class Hit(NamedTuple):
    """What was found: its kind, its name, what it says; a claim with its status."""

    kind: str
    name: str
    status: str
    text: str
    command: str


class _Entry(NamedTuple):
    hit: Hit
    names: tuple[str, ...]
    texts: str


def search(store: Store, questions: Sequence[Question], words: str, most: int = 8) -> list[Hit]:
    """Return what holds all words, grouped by kind, the best of each kind first.

    A word may be the beginning of one, and where nothing holds it, misspelt.

    Args:
        store: The graph.
        questions: The packaged questions.
        words: What is looked for; codes as they are printed.
        most: Number of hits of each kind.
    """
    entries = list(_entries(store, questions))
    folded = iter(_folded([text for e in entries for text in (*e.names, e.texts)]))
    texts = [[next(folded) for _ in (*e.names, e.texts)] for e in entries]
    wanted = _split(lookup.fold(words))
    coded = set(lookup.by_code(store, words.strip()))
    vocabulary = {word for of_one in texts for text in of_one for word in _split(text)}
    options = [_meant(word, vocabulary) for word in wanted]
    scored = []
    for entry, of_one in zip(entries, texts, strict=True):
        score = _score(of_one, lookup.fold(words), options) if wanted else 0
        if any(namespaces.contract(iri) in entry.names for iri in coded):
            score = 1000
        if score:
            scored.append((-score, entry.hit))
    found: list[Hit] = []
    for kind in dict.fromkeys(entry.hit.kind for entry in entries):
        of_kind = sorted(
            (s, "externally disputed" not in h.status, len(h.name), h)
            for s, h in scored
            if h.kind == kind
        )
        found += [hit for *_, hit in of_kind[:most]]
    return found


def _folded(texts: Sequence[str]) -> list[str]:
    """Fold all texts in one go, which is many times faster than one by one."""
    return [
        t.strip() for t in lookup.fold("\0".join(t.replace("\0", "") for t in texts)).split("\0")
    ]


def _split(folded: str) -> list[str]:
    return re.findall(r"[\w.+]+", folded)


def _meant(word: str, vocabulary: Iterable[str]) -> set[str]:
    """Return the words that a word may stand for."""
    import difflib

    known = [other for other in vocabulary if word in other]
    if known or len(word) < 4:
        return set(known)
    return set(difflib.get_close_matches(word, vocabulary, 4, _NEAR))


def _score(texts: Sequence[str], whole: str, options: Sequence[set[str]]) -> int:
    """Return how well an entry fits: all words must be in it; a name counts most, text least.

    Args:
        texts: Its names and its text, folded.
        whole: What is looked for, folded.
        options: The words that each word looked for may stand for.
    """
    words = [set(_split(text)) for text in texts]
    if not all(any(there & meant for there in words) for meant in options):
        return 0
    if whole in texts[:-1]:
        return 100
    if any(all(there & meant for meant in options) for there in words[:-1]):
        return 50
    return 10 if all(words[-1] & meant for meant in options) else 1


def _entries(store: Store, questions: Sequence[Question]) -> Iterator[_Entry]:
    yield from _terms(store)
    for claim in claims.read(store):
        about = (*claim.diseases, *claim.therapies, *claim.targets, *claim.contexts)
        hit = Hit("claim", claim.id, claim.state, claim.paraphrase, leads.typed("show", claim.id))
        yield _Entry(hit, (claim.id,), " ".join((claim.paraphrase, *about)))
    for kind, text in (
        ("evidence", "skg:statement"),
        ("reference", "dcterms:bibliographicCitation"),
    ):
        rows = store.select(
            f"""{_PROLOGUE}SELECT ?id ?label ?text ?check WHERE {{
              ?t {text} ?text ; dcterms:identifier ?id ; rdfs:label ?label .
              OPTIONAL {{ ?t skg:checkStatus/rdfs:label ?check }} }} ORDER BY ?id"""
        )
        for r in rows.dicts():
            hit = Hit(kind, r["id"], r["check"], r["text"], leads.typed("show", r["id"]))
            yield _Entry(hit, (r["id"], r["label"]), r["text"])
    yield from _shared(store)
    for q in questions:
        yield _Entry(
            Hit("question", q.id, "", q.summary, leads.typed("ask", q.id)),
            (q.id, q.slug),
            q.summary,
        )


def _shared(store: Store) -> Iterator[_Entry]:
    """Yield propositions and values that claims have, such as strengths and directions.

    What stands in for a status is how many claims there are in each, disputes first.
    """
    for kind, pattern in (
        ("proposition", "?c skg:hasProposition ?t . ?t dcterms:identifier ?id ."),
        ("value", "?c skg:hasProposition ?p ; ?slot ?t . ?t skos:inScheme ?s ; rdfs:label ?id ."),
    ):
        rows = store.select(
            f"""{_PROLOGUE}SELECT DISTINCT ?c ?id ?label ?text ?status WHERE {{ {pattern}
              ?t rdfs:label ?label . OPTIONAL {{ ?t obo:IAO_0000115 ?text }}
              OPTIONAL {{ ?c skg:evidenceStatus/rdfs:label ?status }} }} ORDER BY ?id ?c"""
        )
        same: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for r in rows.dicts():
            of = same.setdefault((r["id"], r["label"], r["text"] or r["label"]), {})
            of.setdefault(r["c"], []).append(r["status"] or claims.NO_STATUS)
        for (name, label, text), states in same.items():
            hit = Hit(kind, name, claims.counted(states.values()), text, leads.typed("show", name))
            yield _Entry(hit, (name, label), text)


def _terms(store: Store) -> Iterator[_Entry]:
    """Yield the classes with all their names, and the codes that they are mapped to."""
    names: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for name in lookup.names(store):
        names.setdefault(name.iri, [namespaces.contract(name.iri)]).append(name.text)
        if name.rank == 0:
            labels.setdefault(name.iri, name.text)
    rows = store.select(
        f"""{_PROLOGUE}SELECT ?t ?code WHERE {{ ?t a owl:Class ; skos:exactMatch ?code }}"""
    )
    for r in rows.dicts():
        if r["t"] in names:
            names[r["t"]].append(namespaces.contract(r["code"]))
    roots = " ".join(f'(skg:{kind} "{kind.lower()}")' for kind in _KINDS)
    rows = store.select(
        f"""{_PROLOGUE}SELECT DISTINCT ?t ?kind WHERE {{
          VALUES (?root ?kind) {{ {roots} }} ?t skg:rollsUpTo ?root }}"""
    )
    kinds = {r["t"]: r["kind"] for r in rows.dicts()}
    order = {kind.lower(): at for at, kind in enumerate(_KINDS)}
    for iri in sorted(names, key=lambda i: (order.get(kinds.get(i, ""), 9), labels.get(i, i))):
        label = labels.get(iri, namespaces.contract(iri))
        others = ", ".join(dict.fromkeys(n for n in names[iri][1:] if n != label))
        hit = Hit(kinds.get(iri, "class"), label, "", others, leads.typed("show", label))
        yield _Entry(hit, tuple(names[iri]), "")
