"""Search: the index is small and tells the state of claims; a browser finds what was meant."""

import gzip
import html
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from tests import chromium
from tests.pages.test_pages import HOSTILE, VERSION, small


def rows(site: Path) -> list[list[object]]:
    """The rows of the index."""
    text = (site / "search-index.js").read_text(encoding="utf-8")
    found = json.loads(text.removeprefix("var sarcomaKgIndex=").removesuffix(";\n"))
    return list(found["rows"])


def test_the_index_is_small_and_leads_to_pages(site: Path) -> None:
    assert len(gzip.compress((site / "search-index.js").read_bytes())) < 60_000
    found = rows(site)
    assert len({row[2] for row in found}) == len(found) > 1800
    for row in found:
        assert (site / f"{row[2]}.html").is_file(), row


def test_the_index_tells_the_state_of_every_claim(site: Path) -> None:
    claims = [row for row in rows(site) if row[0] == 5]
    assert len(claims) == 167
    assert all(len(row) == 5 and row[4] for row in claims)
    (row,) = (row for row in claims if row[1] == "S2-3.2-SS-01")
    assert str(row[4]).startswith("externally disputed; ")
    (row,) = (row for row in rows(site) if row[1] == "tazemetostat")
    assert "withdrawal by the holder" in str(row[4])


def shown(site: Path, place: str, query: str, tmp_path: Path) -> str:
    """What a browser shows below the search field, from a folder on a disk."""
    address = f"{(site / place).resolve().as_uri()}?q={quote(query)}"
    page = chromium.dumped(address, tmp_path / "profile")
    found = re.search(r'<p id="told".*?</header>', page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.skipif(not chromium.found(), reason=chromium.MISSING)
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("imatnib", "ontology/Imatinib.html"),
        ("ncit c3868", "ontology/GastrointestinalStromalTumor.html"),
        ("S2-3.2-SS-01", "id/claim-S2-3.2-SS-01.html"),
        ("cq17", "questions/CQ17.html"),
    ],
)
def test_a_browser_finds_what_was_meant(site: Path, tmp_path: Path, query: str, place: str) -> None:
    found = shown(site, "ontology/index.html", query, tmp_path)
    first = re.search(r'href="([^"]+)"', found)
    assert first
    assert first[1].endswith(place)
    if place.startswith("id/"):
        assert '<span class="tone bad">externally disputed</span>' in found


@pytest.mark.skipif(not chromium.found(), reason=chromium.MISSING)
def test_hostile_labels_stay_text_in_what_is_found(tmp_path: Path) -> None:
    text = "zork " + "".join(HOSTILE[:5])
    build = small(tmp_path, f'skg:X a owl:Class ; rdfs:label """{text}""" .')
    site_writer.write(Release(build, tmp_path, VERSION), lambda _: None)
    found = shown(tmp_path / "site", "index.html", "zork", tmp_path)
    assert html.escape(text, quote=False) in found
    assert "<img" not in found
    assert "<script" not in found
