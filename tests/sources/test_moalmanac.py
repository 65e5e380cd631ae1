"""The recipe for the Molecular Oncology Almanac, on invented rows in the layout of its file.

Its repository is under the GNU General Public License 2.0 (looked at on 2026-11-28), so none of its
rows are here.
"""

from pathlib import Path

import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe
from tests.sources.conftest import DATA
from tests.sources.test_ingest import slots_of


def take(path: Path, build: builds.Build, target: Path) -> ingest.Taken:
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    read = recipe.read(recipe.find("moalmanac"))
    return ingest.take(ingest.Run(read, rows.table(path), target, build.open(), parts))


@pytest.fixture(scope="module")
def taken(
    build: builds.Build, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ingest.Taken, dict[str, set[tuple[str, str]]]]:
    target = tmp_path_factory.mktemp("moalmanac") / "out.ttl"
    made = take(DATA / "moalmanac.json", build, target)
    return made, slots_of(target, "moalmanac-")


def test_what_is_taken_says_what_the_row_says(
    taken: tuple[ingest.Taken, dict[str, set[tuple[str, str]]]],
) -> None:
    _, records = taken
    assert set(records) == {f"moalmanac-{n}" for n in range(1, 5)}
    assert {
        ("skg:concernsDisease", "skg:GastrointestinalStromalTumor"),
        ("skg:concernsGene", "skg:KIT"),
        ("skg:evidenceDirection", "skg:EvidenceSupports"),
        ("skg:significance", "skg:SensitivityOrResponse"),
        ("skg:publication", "https://pubmed.ncbi.nlm.nih.gov/101/"),
    } <= records["moalmanac-1"]  # fmt: skip
    assert not [v for s, v in records["moalmanac-1"] if "doi.org" in v], "one paper, once"
    assert not [s for s, _ in records["moalmanac-1"] if s == "skg:therapyInteraction"]
    assert {
        ("skg:therapyInteraction", "skg:CombinationInteraction"),
        ("skg:evidenceDirection", "skg:EvidenceDoesNotSupport"),
        ("skg:publication", "https://doi.org/10.1234/invented"),
    } <= records["moalmanac-2"]
    assert {v for s, v in records["moalmanac-3"] if s == "skg:concernsGene"} == {
        "skg:EWSR1", "skg:FLI1"
    }  # fmt: skip
    assert ("skg:significance", "skg:BetterOutcome") in records["moalmanac-3"]
    assert ("skg:significance", "skg:ResistanceSignificance") in records["moalmanac-4"]


def test_what_is_not_taken_says_why(
    taken: tuple[ingest.Taken, dict[str, set[tuple[str, str]]]],
) -> None:
    made, _ = taken
    why = {entry.key: (entry.column, entry.reason) for entry in made.ledger}
    assert set(why) == {"5", "6", "7", "8", "9"}
    assert [why[key][0] for key in ("5", "6", "7", "9")] == [
        "_deprecated", "feature_type", "disease", "pmid"
    ]  # fmt: skip
    assert "once" in why["8"][1], "a row of two statements"
    assert made.unread == []


def test_the_file_of_the_database(shared: Path, build: builds.Build, tmp_path: Path) -> None:
    folder = shared / "reference" / "raw" / "vanallenlab_moalmanac-db"
    made = take(folder / "molecular-oncology-almanac.json", build, tmp_path / "out.nt")
    assert made.ledger.taken + made.ledger.listed == 1018
    assert made.ledger.taken >= 40
    assert made.unread == []
