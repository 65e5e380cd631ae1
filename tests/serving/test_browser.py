"""The live site in Chromium: the form of a question, the editor, an identifier, at both widths."""

from collections.abc import Iterator

import pytest

from sarcoma_kg.building import builds
from tests import chromium
from tests.serving.served import Server, serving

pytestmark = pytest.mark.slow
#: Of a telephone, and of a desk.
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not chromium.found():
        pytest.skip(chromium.MISSING)
    with serving(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    program = chromium.found()
    assert program
    with chromium.Browser(program) as opened:
        yield opened
        assert not [e for e in opened.errors if "status of 400" not in e]
        assert not [
            r for r in opened.requests if not r.startswith(("data:", "about:", "http://127.0.0.1:"))
        ]


def _fits(browser: chromium.Browser) -> None:
    wide = browser.run("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


@pytest.mark.parametrize("width", WIDTHS)
def test_form_editor_and_identifier(server: Server, browser: chromium.Browser, width: int) -> None:
    browser.size(width, 900)
    browser.open(f"{server.address}/questions/CQ01.html")
    _fits(browser)
    browser.run("document.querySelector('#p-disease').value = 'synovial sarcoma'")
    browser.run("document.querySelector('form.ask [type=submit]').click()")
    assert browser.wait(
        "document.readyState === 'complete' && location.search && document.body.innerText"
        ".includes('S2-3.2-SS-01') ? 'there' : ''",
        60,
    )
    assert "externally disputed" in browser.run("document.querySelector('table').innerText")
    browser.open(f"{server.address}/id/claim-S2-3.2-SS-01")
    assert browser.run("location.pathname") == "/id/claim-S2-3.2-SS-01.html"
    assert "externally disputed" in browser.run("document.body.innerText")
    _fits(browser)
    browser.open(f"{server.address}/sparql")
    assert browser.run("location.pathname") == "/editor.html"
    _fits(browser)
    browser.run("document.querySelector('#ask [type=submit]').click()")
    assert browser.wait(
        r"/^\d+ rows? in/.test(document.querySelector('#told').textContent) ? 'told' : ''", 60
    )
    assert "cited" in browser.run("document.querySelector('#answer').innerText")
    # What is refused is told in words.
    browser.run("document.querySelector('#query').value = 'SELECT {'")
    browser.run("document.querySelector('#ask [type=submit]').click()")
    assert browser.wait(
        "(t => t.includes('query') ? t : '')(document.querySelector('#told').textContent)", 60
    )


def test_a_sentence_in_the_search_box(server: Server, browser: chromium.Browser) -> None:
    browser.size(390, 900)
    browser.open(f"{server.address}/index.html")
    browser.run(
        "(i => { i.focus(); i.value = 'which drugs help in synovial sarcoma';"
        "i.dispatchEvent(new Event('input')) })(document.querySelector('#search input'))"
    )
    question = "document.querySelector('#found [aria-label=\"As a question\"]')"
    told = browser.wait(f"{question}?.innerText", 60)
    assert "CQ01" in told
    assert "synovial sarcoma" in told
    assert "not understood" in told
    _fits(browser)
    browser.run(f"{question}.querySelector('a').click()")
    assert browser.wait(
        "document.readyState === 'complete' && location.search && document.querySelector('table')"
        "?.innerText.includes('externally disputed') ? 'there' : ''",
        60,
    )
