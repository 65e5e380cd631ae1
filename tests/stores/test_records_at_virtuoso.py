"""Records by ingest in a real Virtuoso; `python -m tests.benchmarks.scale` takes more of them."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.quality import validation
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe
from sarcoma_kg.stores import upload
from sarcoma_kg.stores.writable import WritableStore
from tests.benchmarks import records
from tests.stores import virtuoso

pytestmark = [
    pytest.mark.others,
    pytest.mark.slow,
    pytest.mark.skipif(bool(virtuoso.missing()), reason=virtuoso.missing()),
]
_COUNT = (
    "PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/> "
    "SELECT (COUNT(?r) AS ?n) WHERE { ?r a skg:EvidenceRecord }"
)


def test_records_are_loaded_asked_and_validated_there(build: builds.Build, tmp_path: Path) -> None:
    records.write(tmp_path / "t.tsv", 970)
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    made = ingest.take(
        ingest.Run(
            recipe.read(recipe.find("civic")), rows.table(tmp_path / "t.tsv"),
            tmp_path / "out.nt", build.open(), parts,
        )
    )  # fmt: skip
    assert made.ledger.taken == 950
    triples = {
        quad.triple
        for path in (*parts, tmp_path / "out.nt")
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES)
    }
    with virtuoso.running(tmp_path) as server:
        store = WritableStore(
            server.endpoint, graph="urn:records", graph_store=server.graph_store,
            credentials=virtuoso.ADMINISTRATOR, timeout=600,
        )  # fmt: skip
        loaded = upload.load(store, triples)
        assert loaded.triples == len(triples)
        (row,) = store.select(_COUNT).dicts()
        assert int(row["n"]) == 950 + 190
        assert validation.validate(store).findings == []
