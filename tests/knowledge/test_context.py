"""ontology/context.jsonld, written by hand, has a word for whatever the graph says."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.stores.store import EmbeddedStore

Entries = dict[str, Any]


@pytest.fixture(scope="module")
def entries() -> Entries:
    """Word -> what it stands for, without prefixes and keywords."""
    path = resources.data_root() / "ontology" / "context.jsonld"
    known = json.loads(path.read_text(encoding="utf-8"))["@context"]
    found: Entries = {}
    for name, entry in known.items():
        fields = entry if isinstance(entry, dict) else {"@id": entry}
        if re.fullmatch(r"[A-Za-z]+:\w+", str(fields["@id"]) if name != "@version" else ""):
            found[name] = fields
    return found


def test_every_property_has_a_word(store: EmbeddedStore, entries: Entries) -> None:
    rows = store.select("SELECT DISTINCT ?p { ?s ?p ?o }").dicts()
    used = {namespaces.contract(row["p"]) for row in rows}
    missing = used - {fields["@id"] for fields in entries.values()} - {"rdf:type"}
    assert not missing, f"write into ontology/context.jsonld: {sorted(missing)}"


def test_no_property_has_two_words(entries: Entries) -> None:
    words = Counter(fields["@id"] for fields in entries.values())
    assert [name for name, count in words.items() if count > 1] == []


def test_a_word_says_address_where_the_graph_has_addresses_alone(
    store: EmbeddedStore, entries: Entries
) -> None:
    """Else a value is a text to whoever writes JSON by hand, or an address is read as one."""
    query = "SELECT DISTINCT ?p (isLiteral(?o) AS ?text) { ?s ?p ?o }"
    kinds: dict[str, set[str]] = {}
    for row in store.select(query).dicts():
        kinds.setdefault(namespaces.contract(row["p"]), set()).add(row["text"])
    # Where there are both, either will do.
    one = {name: said == {"false"} for name, said in kinds.items() if len(said) == 1}
    wrong = {
        name: fields
        for name, fields in entries.items()
        if one.get(fields["@id"]) not in (None, fields.get("@type") == "@id")
    }
    assert not wrong, f"correct in ontology/context.jsonld: {wrong}"
