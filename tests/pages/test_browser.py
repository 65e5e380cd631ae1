"""The site as a browser has it: accessible, no error, nothing off a phone's screen.

axe-core (https://github.com/dequelabs/axe-core) looks at a page of each kind; Chromium loads every
page of the site at the width of a phone.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import chromium, machine, web_servers
from tests.pages import phone

AXE = Path(__file__).parents[2] / ".venv" / "comunica" / "node_modules" / "axe-core" / "axe.min.js"
PLACES = (
    "index.html", "ontology/GastrointestinalStromalTumor.html",
    "ontology/EpithelioidSarcoma.html",  # a subtype without claims
    "ontology/Tazemetostat.html",  # a drug with a withdrawal
    "id/claim-S2-3.2-SS-01.html",  # disputed
    "questions/CQ01.html", "id/source-S2.html", "id/prop-ss-tazemetostat-benefit.html",
)  # fmt: skip
#: Pages in frames at a time.
_AT_ONCE = 24
_EACH = "return (await Promise.all(places.map(look))).flat();"
_ALL = f"(async (places) => {{ {phone.LOOK} {_EACH} }})"

pytestmark = pytest.mark.others


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site behind a server, which lets a page look into its frames."""
    head = "<!doctype html><html lang='en'><link rel='icon' href='data:,'><title>frames</title>"
    broken = "<p style='width:600px'>x</p><script>none()</script>"
    (site.parent / "frames.html").write_text(head, encoding="utf-8")
    (site.parent / "broken.html").write_text(head + broken, encoding="utf-8")
    with web_servers.files(site.parent) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(site: Path, browser: chromium.Browser, place: str) -> None:
    if not machine.where(AXE).is_file():
        pytest.skip("needs the npm package axe-core (make .venv/comunica/node_modules)")
    script = AXE.read_text(encoding="utf-8")
    wrong = []
    for width in (1280, 390):
        browser.size(width, 900)
        browser.open((site / place).as_uri())
        browser.run(f"{script}; 0")
        browser.run("document.querySelectorAll('main details').forEach((d) => d.open = true)")
        for dark in (False, True):
            browser.size(width, 900, dark=dark)
            found = browser.run(
                "axe.run(document, { preload: false }).then((r) => r.violations"
                ".map((v) => [v.impact, v.id, v.nodes.slice(0, 3).map((n) => n.html)]))"
            )
            wrong += [(width, dark, *violation) for violation in found]
    assert not wrong, wrong


def test_no_page_has_an_error_or_stands_off_the_screen_of_a_phone(
    site: Path, address: str, browser: chromium.Browser
) -> None:
    places = [path.relative_to(site.parent).as_posix() for path in sorted(site.rglob("*.html"))]
    assert len(places) > 2300
    browser.size(1000, 900)
    browser.open(f"{address}/frames.html")
    browser.errors.clear()
    wrong = browser.run(f"{_ALL}({json.dumps(['broken.html'])})")
    assert len(wrong) == 2, "what is wrong is seen"
    assert any("none is not defined" in error for error in browser.errors), "and what fails"
    browser.errors.clear()
    wrong = []
    for at in range(0, len(places), _AT_ONCE):
        wrong += browser.run(f"{_ALL}({json.dumps(places[at : at + _AT_ONCE])})")
    assert not wrong, (len(wrong), wrong[:20])
    assert not browser.errors, (len(browser.errors), browser.errors[:20])
