"""Relative IRIs without a base: refused with their place, so that no path becomes a name."""

from pathlib import Path

import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies
from sarcoma_kg.reading import loading

RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"{}>\n{}</rdf:RDF>'
NODE = '<rdf:Description rdf:{}><rdf:type rdf:resource="https://example.org/C"/></rdf:Description>'


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.owl", RDF.format("", NODE.format('about=""')), "line 2, column 18"),
        ("a.owl", RDF.format("", NODE.format('about="#x.y"')), "line 2, column 18"),
        ("a.rdf", RDF.format("", "\n" + NODE.format("ID='x'")), "line 3, column 18"),
        ("a.ttl", "<> a <https://example.org/C> .", "line 1"),
        ("a.ttl", "# a comment\n<a:b> a <https://example.org/C> ; a <#D> .", "line 2"),
        ("a.ttl", "@prefix : <#> .\n:C a :D .", "line 1"),
    ],
)
def test_a_relative_iri_is_refused(tmp_path: Path, name: str, text: str, place: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UserError, match=f"{place}.*a relative IRI") as caught:
        ontologies.read_all([path])
    assert "base" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.owl", RDF.format(' xml:base="https://example.org/a"', NODE.format('ID="x"'))),
        ("a.ttl", "@base <https://example.org/a> .\n<#x> a <#C> ."),
    ],
)
def test_with_a_base_it_is_read(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert loading.read(path)[0].subject.value == "https://example.org/a#x"  # type: ignore[union-attr]
