"""Our disease tree against that of NCIt: the fewest pairs that tell them apart."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.vocabularies import alignment
from sarcoma_kg.vocabularies.alignment import Disagreement

# Name, NCIt code (~ when only a close match), what it is below.
_OURS = """
Neoplasm C1
Sarcoma C2 Neoplasm
SoftTissueSarcoma C3 Sarcoma
BoneSarcoma C4 Sarcoma
Liposarcoma C5 SoftTissueSarcoma
MyxoidLiposarcoma C6 Liposarcoma
Gist ~C7 SoftTissueSarcoma
Unmatched - Gist
GastricGist C8 Unmatched
ExtraskeletalOsteosarcoma C9 SoftTissueSarcoma
Osteosarcoma C10 BoneSarcoma
Fresh C99 Sarcoma
Upper C11 Lower
Lower C12 Sarcoma
"""
_THEIRS = """ncit_code\tlabel\tparent_codes
C1\tNeoplasm\t
C2\tSarcoma\tC1
C3\tSoft Tissue Sarcoma\tC2
C4\tBone Sarcoma\tC2
C5\tLiposarcoma\tC2
C6\tMyxoid Liposarcoma\tC5
C50\tStromal Neoplasm\tC1
C7\tGIST\tC50
C8\tGastric GIST\tC7
C9\tExtraskeletal Osteosarcoma\tC10;C3
C10\tOsteosarcoma\tC4
C11\tUpper\tC2
C12\tLower\tC11
"""


@pytest.fixture
def small() -> EmbeddedStore:
    """A tree with one disagreement of each sort."""
    lines = [
        f"@prefix {p}: <{namespaces.PREFIXES[p]}> ." for p in ("skg", "rdfs", "skos", "obo", "owl")
    ]
    for row in _OURS.split("\n")[1:-1]:
        name, code, *above = row.split()
        how = "closeMatch" if code.startswith("~") else "exactMatch"
        lines.append(f'skg:{name} a owl:Class ; skg:rollsUpTo skg:Disease ; rdfs:label "{name}" .')
        lines += [f"skg:{name} rdfs:subClassOf skg:{parent} ." for parent in above]
        if code != "-":
            lines.append(f"skg:{name} skos:{how} obo:NCIT_{code.lstrip('~')} .")
    # Neither is a convention a superclass, nor an identifier of another resource a match.
    lines.append("skg:ExtraskeletalOsteosarcoma skg:groupedUnder skg:Osteosarcoma .")
    lines.append("skg:Sarcoma rdfs:subClassOf [] ; skos:exactMatch obo:MONDO_0005089 .")
    store = ox.Store()
    store.load("\n".join(lines).encode(), format=ox.RdfFormat.TURTLE)
    return EmbeddedStore(store)


def _short(row: Disagreement) -> tuple[str, str, str]:
    return row.kind, row.child_label, row.parent_label


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Their tree as a table."""
    path = tmp_path / "tree.tsv"
    path.write_text(_THEIRS)
    return path


def test_each_disagreement_is_told_once_and_at_its_root(small: EmbeddedStore, tree: Path) -> None:
    found = alignment.report(small, tree)
    assert [_short(row) for row in found] == [
        ("only ours", "Gist", "SoftTissueSarcoma"),
        ("only ours", "Liposarcoma", "SoftTissueSarcoma"),
        ("opposite", "Upper", "Lower"),
        ("only NCIt", "ExtraskeletalOsteosarcoma", "Osteosarcoma"),
        ("not in the source", "Fresh", ""),
    ]
    by_child = {row.child_label: row for row in found}
    assert by_child["Gist"] == Disagreement(
        "only ours", "skg:Gist", "Gist", "skg:SoftTissueSarcoma", "SoftTissueSarcoma",
        "NCIT:C7", "GIST", "NCIT:C3", "Soft Tissue Sarcoma",
        "NCIt has it below Neoplasm (NCIT:C1); nearest concept above both: Neoplasm (NCIT:C1); "
        "Gist is a close match only",
    )  # fmt: skip
    assert by_child["ExtraskeletalOsteosarcoma"].note == (
        "we have it below SoftTissueSarcoma; nearest class above both: Sarcoma; "
        "grouped under it by convention"
    )
    assert by_child["Fresh"].child_code == "NCIT:C99"


def test_equal_trees_agree(small: EmbeddedStore, tmp_path: Path) -> None:
    same = "ncit_code\tlabel\tparent_codes\n"
    codes = {row.split()[0]: row.split()[1].lstrip("~") for row in _OURS.split("\n")[1:-1]}
    codes["Unmatched"] = "C60"
    for row in _OURS.split("\n")[1:-1]:
        name, _, *above = row.split()
        same += f"{codes[name]}\t{name}\t{'|'.join(codes[parent] for parent in above)}\n"
    path = tmp_path / "same.tsv"
    path.write_text(same)
    assert alignment.report(small, path) == []


def test_an_owl_file_serves_as_well(small: EmbeddedStore) -> None:
    found = alignment.report(small, Path(__file__).parents[1] / "data" / "imports" / "ncit-evs.owl")
    assert {row.kind for row in found} == {"not in the source"}


def test_a_file_of_another_kind_is_explained(small: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no format that this command reads"):
        alignment.report(small, tmp_path / "x.csv")


def test_the_real_tree_gives_a_list_that_can_be_read(store: EmbeddedStore, shared: Path) -> None:
    """NCIt of June 2018."""
    tree = shared / "reference/raw/monarch-initiative_mondo"
    tree = tree / "ncit-disease-2018-06-08.labels_parents.tsv"
    if not tree.exists():
        pytest.skip(f"needs {tree.name}, which is not here")
    found = alignment.report(store, tree)
    assert 20 < len(found) < 150
    assert len(set(found)) == len(found)
    pairs = {(row.kind, row.child_code, row.parent_code) for row in found}
    # NCIt files GIST outside sarcoma; of the site of liposarcoma neither tree says a thing.
    assert ("only ours", "NCIT:C3868", "NCIT:C9118") in pairs
    assert ("only ours", "NCIT:C3194", "NCIT:C9306") not in pairs
    assert not any(row.kind == "opposite" for row in found)
