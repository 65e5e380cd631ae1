"""Status travels: no page names a claim without its status, and disputes stand first."""

import re
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
    wrong: list[str] = []
    good: set[str] = set()
    for path in sorted(site.rglob("*.html")):
        document = path.read_text(encoding="utf-8")
        # Rows stand alike on many pages; those that are right on one are so on all.
        for row in set(re.findall(r"<tr>.*?</tr>", document, re.DOTALL)) - good:
            if not unmarked(row, states):
                good.add(row)
        document = re.sub(
            r"<tr>.*?</tr>", lambda m: "" if m[0] in good else m[0], document, flags=re.DOTALL
        )
        if "claim-" in document or "S1-" in document or "S2-" in document:
            place = path.relative_to(site).as_posix()
            wrong += [f"{place}: {line}" for line in unmarked(document, states, path.stem)]
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("line.html", '<td class="pills">{{ page.state(row) }}</td>'),
        ("parts.html", "{{ page.show(row.claim) }}"),
        ("claim.html", '<p class="tonerow">{{ view.state(row) }}</p>'),
    ],
)
def test_a_template_that_drops_the_status_is_found_out(
    build: Build, states: States, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    template: str, word: str,
) -> None:  # fmt: skip
    import jinja2

    texts = {path.name: path.read_text("utf-8") for path in renderer.TEMPLATES.iterdir()}
    assert word in texts[template]
    texts[template] = texts[template].replace(
        word, "{{ page.number(row) }}" if "show" in word else ""
    )
    broken = renderer.environment().overlay(loader=jinja2.DictLoader(texts))
    monkeypatch.setattr(renderer, "environment", lambda: broken)
    contents = site_writer.contents(Release(build, tmp_path, "2026-11-28"))
    made = renderer.Renderer(contents.links, contents.claims, "2026-11-28")
    places = ("source-S2", "ext-tazemetostat-synovial-cohort", "ref-S2-38", "claim-S2-3.2-SS-01")
    things = [contents.thing(f"https://w3id.org/sarcoma-kg/id/{name}") for name in places]
    things.append(contents.thing("https://w3id.org/sarcoma-kg/ontology/Tazemetostat"))
    assert [line for page in things for line in unmarked(made.html(page), states)]


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
