"""Status travels: no page names a claim without its status, and disputes stand first."""

from pathlib import Path

import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.pages import renderer
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from sarcoma_kg.questions import claims
from tests.pages.states import unmarked

States = dict[str, list[str]]


@pytest.fixture(scope="module")
def states(build: Build) -> States:
    """Each claim, as its page is called, with its status."""
    return {
        claim.iri.rpartition("/")[2]: claim.status or [claims.NO_STATUS]
        for claim in claims.read(build.open())
    }


def test_no_page_names_a_claim_without_its_status(site: Path, states: States) -> None:
    wrong = []
    for path in sorted(site.rglob("*.html")):
        document = path.read_text(encoding="utf-8")
        if "claim-" in document or "S1-" in document or "S2-" in document:
            place = path.relative_to(site).as_posix()
            wrong += [f"{place}: {line}" for line in unmarked(document, states, path.stem)]
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("parts.html", '<td class="pills">{{ page.state(row) }}</td>'),
        ("evidence.html", '<td class="pills">{{ view.state(row) }}</td>'),
        ("reference.html", '<td class="pills">{{ view.state(row) }}</td>'),
    ],
)
def test_a_template_that_drops_the_status_is_found_out(
    build: Build, states: States, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    template: str, word: str,
) -> None:  # fmt: skip
    import jinja2

    texts = {path.name: path.read_text("utf-8") for path in renderer.TEMPLATES.iterdir()}
    assert word in texts[template]
    texts[template] = texts[template].replace(word, "")
    broken = renderer.environment().overlay(loader=jinja2.DictLoader(texts))
    monkeypatch.setattr(renderer, "environment", lambda: broken)
    contents = site_writer.contents(Release(build, tmp_path, "2026-11-28"))
    made = renderer.Renderer(contents.links, contents.claims, "2026-11-28")
    places = ("source-S2", "ext-tazemetostat-synovial-cohort", "ref-S2-38")
    found = [
        line
        for name in places
        for line in unmarked(
            made.html(contents.thing(f"https://w3id.org/sarcoma-kg/id/{name}")), states
        )
    ]
    assert found


def test_a_claim_page_has_its_status_and_disputes_above_what_is_said(site: Path) -> None:
    page = (site / "id" / "claim-S2-3.2-SS-01.html").read_text(encoding="utf-8")
    order = [
        'class="state"', "In the synovial sarcoma cohort of NCT02601950",
        "On 9 March 2026 the holder withdrew",
        '<p class="lead claim">',
    ]  # fmt: skip
    main = page[page.index("<main") :]
    assert [main.index(word) for word in order] == sorted(main.index(word) for word in order)
    assert '<meta name="description" content="[externally disputed; cited, plausibly' in page


def test_the_page_of_a_withdrawn_drug_says_so_before_all_else(site: Path) -> None:
    page = (site / "ontology" / "Tazemetostat.html").read_text(encoding="utf-8")
    order = ["On 9 March 2026 the holder withdrew", '<p class="lead definition">', "<h2"]
    main = page[page.index("<main") :]
    assert [main.index(word) for word in order] == sorted(main.index(word) for word in order)
    assert main.index("0 objective responses") < main.index("<h2")
