"""Folding of names, CURIEs, and the slots of queries under hostile input."""

import re

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import lookup


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gastrointestinal Stromal Tumour", "gastrointestinal stromal tumor"),
        ("Haemangiopericytoma", "hemangiopericytoma"),
        ("well-differentiated liposarcoma", "Well Differentiated  Liposarcoma"),
        ("localised type", "localized type"),
    ],
)
def test_spellings_fold_together(one: str, other: str) -> None:
    assert lookup.fold(one) == lookup.fold(other)


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert lookup.fold(lookup.fold(text)) == lookup.fold(text)


@given(st.text())
def test_a_literal_never_leaves_its_slot(text: str) -> None:
    """Whatever is typed comes back as one literal with the same value."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    store = ox.Store()
    query = f"SELECT ?x WHERE {{ VALUES ?x {{ {Term('literal', text).sparql()} }} }}"
    (solution,) = store.query(query)  # type: ignore[misc]
    assert solution["x"].value == text


@given(st.text())
def test_only_an_iri_is_an_iri(text: str) -> None:
    if namespaces.is_iri(text):
        assert not set(text) & set('<>"{}|^`\\ \n\t')


@given(
    st.sampled_from(sorted(namespaces.PREFIXES)), st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True)
)
def test_contract_reverses_expand(prefix: str, local: str) -> None:
    iri = namespaces.expand(f"{prefix}:{local}")
    assert iri is not None
    assert namespaces.expand(namespaces.contract(iri)) == iri


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_csv_and_json_lose_nothing(rows: list[list[str]]) -> None:
    import csv
    import io
    import json

    header = ["a", "b"]
    text = formats.render(header, rows, "csv")
    if not any("\r" in c or "\0" in c for row in rows for c in row):
        read = list(csv.reader(io.StringIO(text, newline="")))
        # What would run in a spreadsheet has an apostrophe more, by a rule that can be undone.
        assert [[re.sub(formats.MARKED, r"\1", c) for c in row] for row in read] == [header, *rows]
    assert [list(d.values()) for d in json.loads(formats.render(header, rows, "json"))] == rows


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in formats.render(["a"], [["\x1b[31mred"]], "table")


SKG = namespaces.SKG


def small_store(*names: tuple[str, str, str]) -> EmbeddedStore:
    """Return a store of diseases with names (local name, property, text)."""
    store = ox.Store()
    lines = [f"@prefix skg: <{SKG}> .", "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."]
    lines += ["@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> ."]
    for local, prop, text in names:
        lines.append(
            f"skg:{local} a <http://www.w3.org/2002/07/owl#Class> ; "
            f'skg:rollsUpTo skg:Disease ; {prop} "{text}"@en .'
        )
    store.load("\n".join(lines).encode(), format=ox.RdfFormat.TURTLE)
    return EmbeddedStore(store)


AMBIGUOUS = (
    ("EwingSarcoma", "rdfs:label", "Ewing sarcoma"),
    ("EpithelioidSarcoma", "rdfs:label", "epithelioid sarcoma"),
    ("EwingSarcoma", "oboInOwl:hasExactSynonym", "ES"),
    ("EpithelioidSarcoma", "oboInOwl:hasExactSynonym", "ES"),
    ("EwingSarcoma", "oboInOwl:hasRelatedSynonym", "Epithelioid Sarcoma"),
)


def test_an_ambiguous_name_lists_its_terms() -> None:
    with pytest.raises(UserError, match="'es' is ambiguous") as caught:
        lookup.resolve(small_store(*AMBIGUOUS), "es", "Disease")
    for words in ("Ewing sarcoma (skg:EwingSarcoma)", "epithelioid sarcoma"):
        assert words in caught.value.message


def test_a_label_goes_before_a_synonym() -> None:
    found = lookup.resolve(small_store(*AMBIGUOUS), "EPITHELIOID SARCOMA", "Disease")
    assert found == SKG + "EpithelioidSarcoma"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_term_or_explained(text: str) -> None:
    store = small_store(*AMBIGUOUS)
    try:
        found = lookup.resolve(store, text, "Disease")
    except UserError:
        return
    assert found.startswith(SKG)
