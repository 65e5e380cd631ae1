"""The first page and the dossiers: what stands where, and how large a page may be."""

import gzip
import re
from pathlib import Path

import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.questions import claims

LISTS = {"claims.html", "mappings.html", "evidence.html", "propositions.html"}


def text_of(path: Path) -> str:
    """The words of a page in one line."""
    main = path.read_text(encoding="utf-8").partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def row(site: Path, therapy: str) -> str:
    """The row of a therapy in the matrix."""
    page = (site / "index.html").read_text(encoding="utf-8")
    found = re.search(rf"<tr><th scope=\"row\"[^>]*><a href=\"ontology/{therapy}\..*?</tr>", page)
    assert found
    return found[0]


def test_the_matrix_counts_every_claim_about_a_therapy_in_a_disease(
    site: Path, build: Build
) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    cells = re.findall(
        r'data-d><a(?: class="many")? data-d="[^"]*" href="([^"]+)" title="[^"]*">(\d*)<', page
    )
    expected = sum(
        len(claim.diseases) * len(claim.therapies) for claim in claims.read(build.open())
    )
    assert sum(int(count or 0) for _, count in cells) == expected
    for link, count in cells:
        place, _, fragment = link.partition("#")
        target = (site / place).read_text(encoding="utf-8")
        group = target.partition(f'<tbody id="{fragment}">')[2].partition("</tbody>")[0]
        assert group.count('<th scope="row"') == int(count or 0), link


def test_the_matrix_marks_disputes_ends_and_approvals(site: Path) -> None:
    assert 'title="1 claim; externally disputed;' in row(site, "Tazemetostat")
    assert "the therapy, its approval or its development was ended" in row(site, "Tazemetostat")
    assert ' grave"' in row(site, "Tazemetostat")
    assert "an approval stands" not in row(site, "Tazemetostat")
    assert 'title="no claim; an approval stands"' in row(site, "Ripretinib")
    assert "mixed or negative" in row(site, "HedgehogPathwayInhibitor")
    page = text_of(site / "index.html")
    assert "cells are empty, and that is a finding" in page
    assert page.index("Therapies by disease") < page.index("Questions it answers")
    assert page.index("Questions it answers") < page.index("Download")


def test_pages_are_small(site: Path) -> None:
    assert len(gzip.compress((site / "index.html").read_bytes())) < 60_000
    for path in site.rglob("*.html"):
        place = path.relative_to(site).as_posix()
        if place not in LISTS and path.stat().st_size > 30_000:
            assert len(gzip.compress(path.read_bytes())) < 30_000, place


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            "SynovialSarcoma",
            ["1 externally disputed", "that stand: afamitresgene autoleucel",
             "0 objective responses", "Therapies", "Approvals over time",
             "Drivers and characteristic alterations", "What studies found",
             "overall response rate: 43.2 % (95 % interval 28.4 to 59, of 44)",
             "Claims about broader terms", "Mappings"],
        ),
        ("EpithelioidSarcoma", ["No claim. No longer approved: tazemetostat .",
                                "The sources claim nothing of it, and that is a finding.",
                                "The nearest with claims: ", "withdrawal by the holder",
                                "accelerated or conditional approval, stands no longer"]),
        (
            "Tazemetostat",
            ["withdrawal by the holder 2026-03-09", "disputes S2-3.2-SS-01 externally disputed",
             "What it does", "inhibits EZH2 protein", "What is claimed of it, by disease",
             "Standing over time", "approval, stands no longer 2020-01-23"],
        ),
        ("Larotrectinib", ["Approvals recorded here that stand: in neoplasm"]),
    ],
)  # fmt: skip
def test_a_dossier_tells_first_what_counts_most(
    site: Path, place: str, expected: list[str]
) -> None:
    page, at = text_of(site / "ontology" / f"{place}.html"), 0
    for words in expected:
        assert words in page[at:], words
        at = page.index(words, at)
