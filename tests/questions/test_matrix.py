"""The matrix of diseases by therapies: no cell without its status, nothing hostile in it."""

import xml.etree.ElementTree as ElementTree

import pytest

import sarcoma_kg as skg
from sarcoma_kg.building import builds
from sarcoma_kg.questions import claims, matrix


@pytest.fixture(scope="module")
def known(build: builds.Build) -> list[claims.Claim]:
    return claims.read(build.open())


def test_every_claim_of_a_cell_is_told_with_its_status(known: list[claims.Claim]) -> None:
    made = matrix.matrix(known)
    cells = [cell for row in made.cells for cell in row if cell.claims]
    assert len(cells) > 50
    for cell in cells:
        for claim in cell.claims:
            assert f"{claim.id} [{claim.state}]" in cell.told
            for status in claim.status:
                if status in matrix.MARKS:
                    assert matrix.MARKS[status] in cell.text
    shown = {claim.id for cell in cells for claim in cell.claims}
    assert shown == {c.id for c in known if c.diseases and c.therapies}


def test_a_disputed_drug_is_marked(known: list[claims.Claim]) -> None:
    made = matrix.matrix(known)
    row, column = made.diseases.index("synovial sarcoma"), made.therapies.index("tazemetostat")
    assert "D" in made.cells[row][column].text
    assert "A" in made.cells[row][made.therapies.index("afamitresgene autoleucel")].text


def test_hostile_labels_stay_text(known: list[claims.Claim]) -> None:
    hostile = "<script>alert(1)</script>\"'\x1b&"
    claim = known[0]._replace(diseases=[hostile], therapies=[hostile], paraphrase=hostile)
    made = matrix.matrix([claim])
    for text in (made.html(), made.svg()):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
    assert "\x1b" not in made.svg()
    ElementTree.fromstring(made.svg())


def test_from_python(build: builds.Build) -> None:
    made = skg.open().matrix(disease="liposarcoma")
    assert "dedifferentiated liposarcoma" in made.diseases
    assert "synovial sarcoma" not in made.diseases
    assert made._repr_html_().startswith("<table>")
    with pytest.raises(skg.UserError, match="no disease is called"):
        skg.open().matrix(disease="liposarkomaa xyz")
