"""The header of OBO: read, told where it is not, and written so that it comes back."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.owl import losses, writing
from sarcoma_kg.reading import loading, oboheader

HEADER = Path(__file__).parents[1] / "data" / "obo" / "header.obo"
HERE = "http://purl.obolibrary.org/obo/test"


def said(path: Path) -> set[str]:
    """Return what a file says in CURIEs, where a text is of interest without its quotes."""
    return {
        " ".join(namespaces.contract(getattr(term, "value", "")) for term in (*q.triple,))
        for q in loading.read(path)
        if not isinstance(q.subject, ox.BlankNode)
    }


@pytest.mark.parametrize(
    "statement",
    [
        "obo:test.owl owl:versionIRI obo:test/releases/2026-11-28/test.owl",
        "obo:test.owl oboInOwl:hasDate 28:11:2026 12:00",
        "obo:test.owl oboInOwl:savedBy someone",
        "obo:test.owl oboInOwl:auto-generated-by tool 1",
        "obo:test.owl obo:dc_title Title",
        "obo:test#slim rdfs:subPropertyOf oboInOwl:SubsetProperty",
        "obo:test#slim rdfs:comment A slim set",
        "obo:test#other_slim rdfs:comment Another",
        "obo:test#ABBR rdfs:subPropertyOf oboInOwl:SynonymTypeProperty",
        "obo:test#ABBR oboInOwl:hasScope oboInOwl:hasExactSynonym",
        "obo:test#LAY rdfs:label layperson",
        "https://example.org/ex/1 oboInOwl:inSubset obo:test#slim",
    ],
)
def test_what_a_header_says(statement: str) -> None:
    assert statement in said(HEADER)


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("data-version: 1.0 beta", "obo:test.owl owl:versionInfo 1.0 beta"),
        ("data-version: https://e.org/v1", "obo:test.owl owl:versionIRI https://e.org/v1"),
        ("subsetdef: EX:s \"a \\\"b\\\"\"", 'https://example.org/ex/s rdfs:comment a "b"'),
    ],
)  # fmt: skip
def test_forms_of_a_clause(tmp_path: Path, line: str, statement: str) -> None:
    path = tmp_path / "one.obo"
    spaces = "idspace: EX https://example.org/ex/\n"
    path.write_text(f"format-version: 1.4\n{line}\n{spaces}ontology: test\n\n[Term]\nid: EX:1\n")
    assert statement in said(path)


def test_what_is_not_read_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:  # fmt: skip
    assert oboheader.unread(HEADER.read_text()) == {"treat-xrefs-as-equivalent": 1}
    assert cli.main(["convert", str(HEADER), str(tmp_path / "out.ttl")]) == 0
    assert "header tags that say nothing here: treat-xrefs-as-equivalent (1)" in (
        capsys.readouterr().err
    )


def _lost(found: list[losses.Loss] | None) -> dict[str, int]:
    # oboInOwl:id is of the parser, which makes it from the identifier.
    return {one.kind: one.lost for one in found or () if one.lost and "oboInOwl:id" not in one.kind}


def test_a_header_comes_back() -> None:
    graph = [quad.triple for quad in loading.read(HEADER)]
    assert _lost(writing.write(graph, "obo").losses) == {}


def test_types_of_synonyms_and_subsets_of_ours_come_back(tmp_path: Path) -> None:
    core = resources.data_root() / "ontology" / "core.ttl"
    diseases = resources.data_root() / "ontology" / "diseases.ttl"
    graph = [quad.triple for path in (core, diseases) for quad in loading.read(path)]
    place = tmp_path / "out.obo"
    place.write_text(writing.write(graph, "obo").text, encoding="utf-8")
    for kind in ("SubsetProperty", "SynonymTypeProperty"):
        under = f" rdfs:subPropertyOf oboInOwl:{kind}"
        ours = {line for line in said(core) if line.endswith(under)}
        assert ours
        assert ours <= said(place)
    marked = [q for q in loading.read(place) if q.predicate.value.endswith("#hasSynonymType")]
    assert len(marked) > 50
