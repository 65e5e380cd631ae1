"""The index that the search of the pages reads: one script, which works from a folder too.

A script may be read from a disk (`file:`), where browsers refuse a page to fetch data. The texts in
it stay texts: `search.js` never makes HTML of them.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.events import Event
from sarcoma_kg.pages.facts import Facts
from sarcoma_kg.pages.links import Links
from sarcoma_kg.questions.catalog import Question

__all__ = ["index"]

_NAMES = (
    "oboInOwl:hasExactSynonym", "oboInOwl:hasRelatedSynonym", "oboInOwl:hasNarrowSynonym",
    "oboInOwl:hasBroadSynonym", "skos:altLabel",
)  # fmt: skip
#: The groups of what is found, in the order in which they are shown.
_GROUPS = (
    "Diseases", "Therapies", "Targets", "Alterations", "Questions", "Claims", "Evidence",
    "Sources and references", "Other terms",
)  # fmt: skip
_TREES = tuple(namespaces.SKG + name for name in ("Disease", "Therapy", "Target", "Alteration"))
_RECORDS = {"claim": 5, "evidence": 6, "source": 7, "reference": 7}
#: Characters of an entry of a reference list.
_LONGEST = 64
_ESCAPES = str.maketrans({"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def _as_searched(text: str) -> str:
    """Return a text as `search.js` compares it: letters and digits, without case or accents."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)).lower()
    return re.sub(r"[\W_]+", " ", plain).strip()


def _others(label: str, names: Iterable[str]) -> list[str]:
    """Return the names that are found by words that neither the label nor a former one has."""
    by_words = {_as_searched(label): label}
    for name in names:
        by_words.setdefault(_as_searched(name), name)
    return list(by_words.values())[1:]


def _term(facts: Facts, iri: str) -> tuple[int, list[str]]:
    """Return the group of a term, and by what else it is found: synonyms and codes."""
    above = {ref.iri for ref in facts.refs(iri, "skg:rollsUpTo")}
    group = next((at for at, top in enumerate(_TREES) if top in above), len(_GROUPS) - 1)
    names = [text for curie in _NAMES for text in facts.texts(iri, curie)]
    if group < len(_TREES):
        names += [namespaces.contract(r.iri) for r in facts.refs(iri, "skos:exactMatch")]
    return group, names


def _ended(events: Iterable[Event]) -> str:
    """Return what ended a therapy or its approval, in words."""
    kinds = [f"{e.kind.label}{'' if e.checked else ' (unconfirmed)'}" for e in events if e.ends]
    return "; ".join(dict.fromkeys(kinds))


def _record(facts: Facts, claims: Claims, iri: str, kind: str) -> tuple[str, list[str], str]:
    """Return what an individual is called, by what else it is found, and the state of a claim."""
    number = facts.text(iri, "dcterms:identifier")
    if kind == "claim":
        row = claims.row(iri)
        ended = _ended(row["ended"])
        state = "; ".join([*(ref.label for ref in row["status"]), *([ended] if ended else [])])
        return number or row["claim"].label, [row["paraphrase"]], state
    if kind == "reference":
        entry = facts.text(iri, "dcterms:bibliographicCitation")
        # First author and title are enough to know it again.
        short = entry if len(entry) <= _LONGEST else entry[:_LONGEST].rpartition(" ")[0] + " …"
        return short or facts.label(iri), [f"[{facts.text(iri, 'skg:referenceNumber')}]"], ""
    return facts.label(iri), [number] if number else [], ""


def index(
    facts: Facts, claims: Claims, links: Links, terms: Iterable[str], kinds: dict[str, str],
    questions: Iterable[Question],
) -> str:  # fmt: skip
    """Return the index as a script that sets `sarcomaKgIndex`.

    Args:
        facts: The graph.
        claims: Its claims.
        links: Where the pages are.
        terms: The terms of the ontology.
        kinds: Individuals, and which page each has.
        questions: The packaged questions.

    Returns:
        `groups`: names; `rows`: group, name, place below the site without suffix, other names,
        state of a claim or of what was ended. What is empty at the end of a row is left out.
    """
    rows: list[list[Any]] = []
    for iri in terms:
        group, names = _term(facts, iri)
        label = facts.label(iri)
        rows.append(
            [group, label, links.place(iri), _others(label, names), _ended(claims.events.of(iri))]
        )
    for question in questions:
        place = f"questions/{question.id}.html"
        rows.append([4, f"{question.id} {question.summary}", place, list(question.tags), ""])
    for iri, kind in kinds.items():
        if kind in _RECORDS:
            name, other, state = _record(facts, claims, iri, kind)
            rows.append([_RECORDS[kind], name, links.place(iri), other, state])
    rows.sort(key=lambda row: int(row[0]))  # what is alike stands together, and packs better
    for row in rows:
        row[2] = row[2].removesuffix(".html")
        while not row[-1]:
            row.pop()
    data = {"groups": _GROUPS, "rows": rows}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"var sarcomaKgIndex={text.translate(_ESCAPES)};\n"
