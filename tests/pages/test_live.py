"""Pages that answer in the browser, in a real one: the questions, the form, escaping, the limits.

Chromium reaches no name but loopback; `requests` are all addresses that it asked for.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import formats, resources
from sarcoma_kg.publishing import graphs, live
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from sarcoma_kg.questions import asking, catalog, status_column
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Solutions
from tests import chromium, machine, web_servers
from tests.pages.conftest import VERSION
from tests.pages.test_pages import HOSTILE, digests, small
from tests.questions import expected

FOLDER = resources.data_root() / "queries" / "competency"
PACKAGE = Path(__file__).parents[2] / ".venv" / "live" / f"{live.PACKAGE.replace('@', '-')}.tgz"
SLOW = 20

pytestmark = pytest.mark.others


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def package() -> Path:
    """The engine's npm package."""
    if not machine.where(PACKAGE).is_file():
        pytest.skip(f"needs the npm package {live.PACKAGE} (make .venv/live)")
    return PACKAGE


def published(build: Build, folder: Path, package: Path) -> Path:
    """Write a site that answers, and return it."""
    release = Release(build, folder, VERSION)
    (folder / "graphs").mkdir()
    graphs.prepare(release, quiet)
    graphs.write(graphs.WHOLE, release, quiet)
    site_writer.write(release, quiet, engine=package)
    return folder / "site"


@pytest.fixture(scope="module")
def site(build: Build, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of the packaged graph that answers."""
    return published(build, tmp_path_factory.mktemp("live"), package)


@pytest.fixture(scope="module")
def browser(browser: chromium.Browser) -> Iterator[chromium.Browser]:
    """A browser that met no error in the end, and asked nobody but its own machine."""
    yield browser
    assert not browser.errors
    assert not [r for r in browser.requests if not r.startswith(("file:", "blob:", "data:",
                "about:", "http://127.0.0.1:"))]  # fmt: skip


def told(browser: chromium.Browser) -> str:
    """Wait until the page has answered or refused, and return what it says of that."""
    text: str = browser.wait(
        "(t => !document.getElementById('stop').hidden || /^(asking|$)/.test(t) ? '' : t)"
        "(document.getElementById('asked').textContent)",
        SLOW,
    )
    return text


def sheet(browser: chromium.Browser) -> str:
    """Return the CSV that the page offers."""
    text: str = browser.run("fetch(document.getElementById('csv').href).then(r => r.text())")
    return text


def put(browser: chromium.Browser, field: str, text: str) -> None:
    """Type a text into a field of the page, and ask."""
    browser.run(
        f"(field => {{ field.value = {json.dumps(text)};"
        "field.dispatchEvent(new Event('input', { bubbles: true }));"
        "document.getElementById('asked').textContent = '';"
        "document.querySelector('#ask [type=submit]').click() })"
        f"(document.querySelector('{field}'))"
    )


def ask(browser: chromium.Browser, query: str) -> str:
    """Ask a query of one's own, and return what the page says of it."""
    put(browser, "textarea", query)
    return told(browser)


def solutions(text: str) -> Solutions:
    """Return an answer from its CSV."""
    columns, *rows = csv.reader(io.StringIO(text))
    return Solutions(columns, [tuple(Term("literal", cell) for cell in row) for row in rows])


def same(one: str, other: str) -> bool:
    """Tell whether two CSVs hold the same, but for the order that an engine is free to choose."""
    first, second = solutions(one), solutions(other)
    names = first.variables
    return (
        names == second.variables
        and len(first.rows) == len(second.rows)
        and expected.project(first, names) == expected.project(second, names)
    )


def packaged(store: EmbeddedStore, query: str) -> str:
    """Return the CSV of `sarcoma-kg ask`."""
    columns, rows = status_column.with_status(store, store.select(query))
    cells = [[c if isinstance(c, str) else c.cell if c else "" for c in row] for row in rows]
    return formats.render(columns, cells, "csv")


def test_all_packaged_questions_in_the_browser_equal_what_curators_wrote(
    site: Path, browser: chromium.Browser, store: EmbeddedStore
) -> None:
    browser.open((site / "questions" / "CQ01.html").as_uri())
    wrong = []
    for path in sorted(FOLDER.glob("*.rq")):
        query = path.read_text(encoding="utf-8")
        said = ask(browser, query)
        assert said.startswith("answered"), f"{path.stem}: {said}"
        answer = solutions(sheet(browser))
        keys, wanted = expected.read(path.with_suffix(".csv"))
        if expected.project(answer, keys) != wanted:
            wrong.append(f"{path.stem}: not what curators wrote")
        if not same(sheet(browser), packaged(store, query)):
            wrong.append(f"{path.stem}: not what `sarcoma-kg ask` says")
        table = browser.run("document.querySelector('table.answer tbody').rows.length")
        if table != len(answer.rows):
            wrong.append(f"{path.stem}: {table} rows of {len(answer.rows)} shown")
    assert not wrong, wrong


def test_the_same_graph_gives_the_same_bytes(
    site: Path, build: Build, package: Path, tmp_path: Path
) -> None:
    shutil.copytree(site.parent / "graphs", tmp_path / "graphs")
    script = (
        "import sys; from pathlib import Path; from sarcoma_kg.building.builds import Build;"
        "from sarcoma_kg.publishing import release, site;"
        "given = release.Release(Build(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]);"
        "site.write(given, lambda _: None, engine=Path(sys.argv[4]))"
    )
    subprocess.run(
        [sys.executable, "-c", script, build.location, str(tmp_path), VERSION, str(package)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )
    assert digests(tmp_path / "site") == digests(site)


def test_the_packaged_answer_and_that_of_the_browser_look_the_same(
    site: Path, browser: chromium.Browser
) -> None:
    # In a cell that joins several values their order is the engine's.
    cells = (
        "[...document.querySelectorAll('table.answer tbody tr')].map(row => [...row.cells].map("
        'cell => cell.outerHTML.replace(/href="[^"]*site\\//g, \'href="../\')'
        ".replace(/<td[^>]*>|<\\/td>/g, '').split(' | ').sort().join(' | ')).join()).sort()"
    )
    for name in ("CQ01", "CQ32", "CQ40", "CQ41"):
        browser.open((site / "questions" / f"{name}.html").as_uri())
        before = browser.run(cells)
        browser.run("document.querySelector('#ask [type=submit]').click()")
        assert told(browser).startswith("answered"), name
        assert browser.run(cells) == before, name
        assert before, name


def test_another_parameter_is_answered_with_status_and_has_an_address(
    site: Path, browser: chromium.Browser, store: EmbeddedStore
) -> None:
    """The way of a person: a synonym is typed, the link is given on, and says the same again."""
    place = (site / "questions" / "CQ01.html").as_uri()
    browser.open(place)
    assert browser.run("document.getElementById('l-disease').options.length") > 150
    put(browser, "#p-disease", "Synovial  Sarcoma")
    said = told(browser)
    assert said.startswith("answered")
    assert float(said.rpartition(" in ")[2].split()[0]) < 15, said
    address = browser.run("location.href")
    assert address == f"{place}#disease=skg:SynovialSarcoma"
    question = catalog.find(catalog.load(), "CQ01")
    wanted = packaged(store, asking.query_for(store, question, {"disease": "synovial sarcoma"}))
    assert same(sheet(browser), wanted)
    first = "document.querySelector('table.answer tbody td')"
    assert "externally disputed" in browser.run(f"{first}.textContent")
    assert browser.run(f"{first}.querySelector('a').href").endswith(
        "/site/id/claim-S2-3.2-SS-01.html"
    )
    assert address.split("#")[1] in browser.run("document.querySelector('.cite code').textContent")
    browser.open(f"{place}?#disease=skg:SynovialSarcoma")
    assert told(browser).startswith("answered")
    assert same(sheet(browser), wanted)


def test_a_name_that_nothing_has_is_told_with_the_nearest(
    site: Path, browser: chromium.Browser
) -> None:
    place = (site / "questions" / "CQ01.html").as_uri()
    browser.open(f"{place}#disease=synovial+sarcom")
    assert "perhaps: " in told(browser)
    assert "synovial sarcoma" in told(browser)
    browser.open(f"{place}?1#disease=imatinib")
    assert told(browser).startswith("no disease is called")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "refused: SERVICE"),
        ("SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }", "refused: SERVICE"),
        ("SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }", "refused: FROM"),
        ("INSERT DATA { <http://e.org/a> <http://e.org/b> 1 }", "error at 1:"),
        ("SELECT * { ?s ?p }", "error at 1:"),
        ('SELECT ("SERVICE FROM" AS ?service) {} # SERVICE', "answered"),
        ("ASK { ?s ?p ?o }", "answered"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2", "answered"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 0", "no row"),
    ],
)
def test_a_query_of_ones_own_reads_and_nothing_else(
    site: Path, browser: chromium.Browser, query: str, word: str
) -> None:
    if "questions/CQ40" not in browser.run("location.href"):
        browser.open((site / "questions" / "CQ40.html").as_uri())
    assert word in ask(browser, query)


def test_a_query_that_takes_too_long_is_stopped_and_the_next_is_answered(
    site: Path, browser: chromium.Browser
) -> None:
    browser.open((site / "questions" / "CQ40.html").as_uri())
    put(browser, "textarea", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    browser.wait("!document.getElementById('stop').hidden", SLOW)
    browser.run("new Promise(done => setTimeout(done, 3000))")
    browser.run("document.getElementById('stop').click()")
    assert told(browser) == "stopped"
    assert ask(browser, "ASK { ?s ?p ?o }").startswith("answered")


def test_the_same_behind_a_server(site: Path, browser: chromium.Browser) -> None:
    with web_servers.files(site) as port:
        browser.open(f"http://127.0.0.1:{port}/questions/CQ01.html#disease=skg:SynovialSarcoma")
        assert told(browser).startswith("answered")
        assert "S2-3.2-SS-01" in sheet(browser)
        browser.open("about:blank")


@pytest.mark.parametrize("text", [*HOSTILE, '=HYPERLINK("http://e.org")', "\u2066a\u2069 | b, c"])
def test_hostile_text_stays_text_in_the_browser(
    tmp_path: Path, package: Path, browser: chromium.Browser, text: str
) -> None:
    word = str(ox.Literal(text))
    turtle = f"""
    skg:Disease a owl:Class ; rdfs:label "disease" ; skg:rollsUpTo skg:Disease .
    skg:X a owl:Class ; rdfs:label {word} ; rdfs:subClassOf skg:Disease ;
        skg:rollsUpTo skg:Disease ; rdfs:seeAlso <javascript:alert(1)> ;
        oboInOwl:hasExactSynonym {word} .
    kb:claim-1 skg:hasProposition kb:prop-1 ; rdfs:label "S9-1-A-01" ; skg:paraphrase {word} ;
        skg:aboutDisease skg:X ; dcterms:identifier "S9-1-A-01" ; skg:evidenceStatus kb:status .
    kb:status rdfs:label {word} .
    kb:prop-1 a skg:Proposition ; rdfs:label {word} .
    """
    row = {"id": "CQ99", "slug": "none", "summary": text, "tags": [text], "parameters": [
        ["disease", "Disease", "https://w3id.org/sarcoma-kg/ontology/X"]], "template": [
            f"# {text}\nSELECT ?claim ?said ?iri WHERE {{ VALUES ?_disease {{ ", "disease",
            " } { ?_disease ?p ?said . FILTER(isLiteral(?said)) } UNION "
            "{ ?iri <http://purl.org/dc/terms/identifier> ?claim } UNION "
            "{ ?_disease <http://www.w3.org/2000/01/rdf-schema#seeAlso> ?iri } }"]}  # fmt: skip
    site = published(small(tmp_path, turtle, [row]), tmp_path, package)
    browser.open((site / "questions" / "CQ99.html").as_uri())
    browser.run("globalThis.alert = () => { throw new Error('it ran') }")
    browser.run("document.querySelector('#ask [type=submit]').click()")
    assert told(browser).startswith("answered")
    texts = browser.run("[...document.querySelectorAll('table.answer td')].map(c => c.textContent)")
    clean = text.translate({7: "\ufffd", 0xFFFE: "\ufffd"})
    assert clean in texts
    assert "S9-1-A-01 " + clean in texts, "a claim goes with its status"
    inside = "document.querySelector('main')"
    assert browser.run(f"{inside}.querySelectorAll('img, iframe, object').length") == 0
    assert browser.run(
        f"[...{inside}.querySelectorAll('*')].every(e => [...e.attributes]"
        ".every(a => !a.name.startsWith('on')))"
    )
    assert browser.run(
        f"[...{inside}.querySelectorAll('a[href]')].every(a => /^(https?|file|blob):/.test(a.href))"
    )
    rows = [cell for line in csv.reader(io.StringIO(sheet(browser))) for cell in line]
    assert formats.inert(text) in rows
    assert browser.run("decodeURIComponent(location.hash)") == "#disease=skg:X"
    assert ask(browser, f"SELECT ({word} AS ?x) {{}}").startswith("answered")
    assert list(csv.reader(io.StringIO(sheet(browser)))) == [["x"], [formats.inert(text)]]
