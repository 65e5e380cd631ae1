"""The build: cached by content, never half there, the same bytes every time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sarcoma_kg.building import builds, pipeline
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Report


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the packaged data that a test may spoil, with a cache of its own."""
    root = tmp_path / "data"
    for folder in ("ontology", "shapes", "queries"):
        shutil.copytree(resources.data_root() / folder, root / folder)
    # The shapes of the claims are enough here, and take a third of the time.
    for name in ("ontology.ttl", "mappings.ttl"):
        (root / "shapes" / name).unlink()
    monkeypatch.setenv("SARCOMA_KG_DATA", str(root))
    monkeypatch.setenv("SARCOMA_KG_CACHE", str(tmp_path / "cache"))
    resources.root.cache_clear()
    yield root
    resources.root.cache_clear()


@pytest.mark.slow
def test_cached_by_content_and_kept_when_an_input_breaks(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert builds.current() is None
    said: list[str] = []
    made, worked = pipeline.build(said.append)
    assert worked
    assert said == [
        "loading", "reasoning (HermiT)", "inferring (rules)", "validating (rules, SHACL)",
        "storing",
    ]  # fmt: skip
    asserted = (made.folder / "asserted.nt").read_bytes()
    inferred = (made.folder / "inferred.nt").read_bytes()

    again, worked = pipeline.build()
    assert (again, worked) == (made, False)

    claims = copy / "ontology" / "claims" / "S1.ttl"
    text = claims.read_bytes()
    claims.write_bytes(text + b"\nthis is not Turtle")
    with pytest.raises(UserError, match=r"S1\.ttl: line"):
        pipeline.build()
    claims.write_bytes(text.replace(b"skg:aboutDisease skg:Melanoma", b"skg:aboutDisease skg:KIT"))
    with pytest.raises(pipeline.NonConforming):
        pipeline.build()
    assert [p.name for p in made.folder.parent.iterdir()] == [made.folder.name]

    claims.write_bytes(text)
    back, worked = pipeline.build()
    assert (back, worked) == (made, False), "same content, so no work although the file is newer"

    # Validation has been seen at work above; what follows is about the folders.
    monkeypatch.setattr(pipeline, "examine", lambda *_: Report([]))
    with monkeypatch.context() as broken:
        broken.setattr(
            pipeline, "_write_triples", lambda *_: (_ for _ in ()).throw(OSError("full"))
        )
        with pytest.raises(UserError, match="full"):
            pipeline.build(force=True)
    assert builds.current() == made, "a build that failed half-way leaves the former one"
    assert [p.name for p in made.folder.parent.iterdir()] == [made.folder.name]

    forced, worked = pipeline.build(force=True)
    assert worked
    claims.touch()
    assert pipeline.build() == (forced, False), "a repaired build is not undone"
    assert (forced.folder / "asserted.nt").read_bytes() == asserted
    assert (forced.folder / "inferred.nt").read_bytes() == inferred


def test_no_blank_node_in_instance_data() -> None:
    from sarcoma_kg.reading import loading

    for path in resources.claim_files():
        for quad in loading.read(path):
            assert not str(quad.subject).startswith("_:"), path
            assert not str(quad.object).startswith("_:"), path
