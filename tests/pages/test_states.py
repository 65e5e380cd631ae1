"""Status travels: no page names a claim without its status, and disputes stand first."""

import re
from pathlib import Path

import pytest

from sarcoma_kg.building import pipeline
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import resources
from sarcoma_kg.pages import renderer
from sarcoma_kg.pages.contents import Contents
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from tests.pages.states import States, unmarked

OWN = resources.data_root() / "ontology" / "examples" / "lab-extension.ttl"


@pytest.fixture(scope="module")
def states(build: Build) -> States:
    """What may not be named alone in the packaged graph."""
    return States.read(build.open())


@pytest.fixture(scope="module")
def contents(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What stands on the pages, before any template."""
    folder = tmp_path_factory.mktemp("contents")
    return site_writer.contents(Release(build, folder, "2026-11-28"))


def found(site: Path, known: States) -> list[str]:
    """Where any page of a site names a claim or a proposition without its status."""
    wrong: list[str] = []
    good: set[str] = set()
    for path in sorted(site.rglob("*.html")):
        document = path.read_text(encoding="utf-8")
        # Rows stand alike on many pages; those that are right on one are so on all.
        for row in set(re.findall(r"<tr>.*?</tr>", document, re.DOTALL)) - good:
            if not unmarked(row, known):
                good.add(row)
        document = re.sub(
            r"<tr>.*?</tr>", lambda m: "" if m[0] in good else m[0], document, flags=re.DOTALL
        )
        if re.search(r"claim-|prop-|S\d+-", document):
            place = path.relative_to(site).as_posix()
            wrong += [f"{place}: {line}" for line in unmarked(document, known, path.stem)]
    return wrong


def test_no_page_names_a_claim_without_its_status(site: Path, states: States) -> None:
    assert len(states.said) > 150
    wrong = found(site, states)
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.slow
def test_no_page_of_a_graph_with_files_of_ones_own_does(tmp_path: Path) -> None:
    """As `build --with` and `publish` make it: claims of a laboratory, under its own names."""
    build, _ = pipeline.build(extras=[str(OWN)], point=False)
    site_writer.write(Release(build, tmp_path, "2026-11-28"), lambda _: None)
    known = States.read(build.open())
    own = {path.stem for path in (tmp_path / "site" / "own").glob("*.html")}
    assert {"claim-S901-1-EXMP-02", "prop-examcel-response"} <= own & set(known.states)
    wrong = found(tmp_path / "site", known)
    assert not wrong, (len(wrong), wrong[:20])


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("line.html", '<td class="pills">{{ page.state(row) }}</td>'),
        ("parts.html", "{{ page.show(row.claim) }}"),
        ("claim.html", '<p class="tonerow">{{ view.state(row) }}</p>'),
        ("claim.html", "<p>{{ show(ref) }}</p>"),
        ("list-propositions.html", "<li>{{ show(ref) }}</li>"),
    ],
)
def test_a_template_that_drops_the_status_is_found_out(
    contents: Contents, states: States, monkeypatch: pytest.MonkeyPatch,
    template: str, word: str,
) -> None:  # fmt: skip
    import jinja2

    texts = {path.name: path.read_text("utf-8") for path in renderer.TEMPLATES.iterdir()}
    assert word in texts[template]
    bare = re.sub(r"(?:page\.)?show", "page.bare" if "page." in word else "view.bare", word)
    texts[template] = texts[template].replace(word, bare if "show" in word else "")
    broken = renderer.environment().overlay(loader=jinja2.DictLoader(texts))
    monkeypatch.setattr(renderer, "environment", lambda: broken)
    made = renderer.Renderer(contents.links, contents.claims, "2026-11-28")
    places = ("source-S2", "ext-tazemetostat-synovial-cohort", "ref-S2-38", "claim-S2-3.2-SS-01")
    things = [contents.thing(f"https://w3id.org/sarcoma-kg/id/{name}") for name in places]
    things.append(contents.thing("https://w3id.org/sarcoma-kg/ontology/Tazemetostat"))
    things.append(contents.listing("propositions"))
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


def test_a_proposition_has_the_status_of_its_claims_and_what_disputes_them_first(
    site: Path,
) -> None:
    page = (site / "id" / "prop-ss-tazemetostat-benefit.html").read_text(encoding="utf-8")
    order = [
        'class="state"', "externally disputed", "<h1", "On 9 March 2026 the holder withdrew",
        "In the synovial sarcoma cohort of NCT02601950", "<h2",
    ]  # fmt: skip
    main = page[page.index("<main") :]
    assert [main.index(word) for word in order] == sorted(main.index(word) for word in order)
    assert '<meta name="description" content="[externally disputed; cited, plausibly' in page


def test_sources_references_and_propositions_begin_with_what_is_disputed(site: Path) -> None:
    page = (site / "id" / "source-S2.html").read_text(encoding="utf-8")
    main = page[page.index("<main") :]
    order = ['<p class="verdict">139 claims: 4 externally disputed', "MANTRA", "<h2"]
    assert [main.index(word) for word in order] == sorted(main.index(word) for word in order)
    for place in ("propositions.html", "claims.html", "id/ref-S2-71.html"):
        rows = (site / place).read_text(encoding="utf-8").partition("<tbody>")[2].split("<tr>")
        disputed = ["externally disputed" in row for row in rows[1:]]
        assert disputed[0], place
        assert disputed == sorted(disputed, reverse=True), place
