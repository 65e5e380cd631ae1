"""A release as a web root: each host answers for every identifier, and no link leads nowhere."""

import html
import json
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import yaml

from sarcoma_kg import cli
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.pages.issues import Issues
from sarcoma_kg.pages.page import Page
from sarcoma_kg.publishing import hosts, publish, web_root, words
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from tests import web_servers
from tests.pages.test_pages import digests, quiet, small

HOME = "https://w3id.org/sarcoma-kg/"
BASE = "https://example.org/some/where/"
PATH = "/some/where/"
VERSION = "2026-11-28"
#: Host -> the server that it is tried with.
SERVERS = {
    "apache": web_servers.apache, "nginx": web_servers.nginx, "github-pages": web_servers.plain,
    "w3id": web_servers.plain,
}  # fmt: skip
#: What is accepted -> suffix of what comes, for the ontology and for a thing in it.
FORMS = {
    "text/html": (".html", ".html"), "text/turtle": (".ttl", ".ttl"),
    "application/ld+json": (".jsonld", ".jsonld"), "application/rdf+xml": (".owl", ".ttl"),
}  # fmt: skip
TYPES = {
    ".html": "text/html", ".ttl": "text/turtle", ".jsonld": "application/ld+json",
    ".owl": "application/rdf+xml",
}  # fmt: skip
GRAPH = """
<https://w3id.org/sarcoma-kg/ontology> a owl:Ontology ;
    owl:versionIRI <https://w3id.org/sarcoma-kg/2026-11-28/ontology> .
<https://w3id.org/sarcoma-kg/claims/S9> a owl:Ontology ;
    owl:versionIRI <https://w3id.org/sarcoma-kg/2025-01-31/claims/S9> .
<https://w3id.org/sarcoma-kg/bridge/upper> a owl:Ontology .
skg:Disease a owl:Class ; rdfs:label "disease"@en .
skg:Tumour a owl:Class ; rdfs:subClassOf skg:Disease ; rdfs:label "tumour"@en .
skg:tumour a owl:ObjectProperty ; rdfs:label "differs in case alone"@en .
kb:claim-S9-1.1-XX-01 skg:hasProposition kb:prop-1 ; rdfs:label "S9-1.1-XX-01" ;
    skg:paraphrase "A <b> & a link." ; skg:aboutDisease skg:Tumour .
kb:prop-1 a skg:Proposition ; rdfs:label "proposition" .
kb:mapping-0123456789abcdef a <https://w3id.org/sssom/Mapping> ;
    <https://w3id.org/sssom/subject_id> skg:Tumour ;
    <https://w3id.org/sssom/predicate_id> skos:exactMatch ;
    <https://w3id.org/sssom/object_id> obo:MONDO_0000001 .
"""
IRIS = (
    "ontology", "2026-11-28/ontology", "claims/S9", "2025-01-31/claims/S9", "bridge/upper",
    "ontology/Tumour", "ontology/Disease", "id/claim-S9-1.1-XX-01", "id/prop-1",
    "id/mapping-0123456789abcdef",
)  # fmt: skip


def hosting(host: str, after: Path | None = None, version: str = VERSION) -> hosts.Hosting:
    found = hosts.read(host, BASE, str(after) if after else None, version, [])
    assert found
    return found


def written(
    folder: Path, host: str, build: Build, after: Path | None = None, version: str = VERSION
) -> Path:
    """Return the root of a small graph; of what pages do not read, names alone."""
    root = folder / "root"
    root.mkdir(parents=True)
    where = hosting(host, after, version)
    issues = Issues.read("https://example.org/o/r/issues/new")
    release = Release(build, root, version, where, issues)
    for place in (
        "ontology/sarcoma.ttl", "ontology/sarcoma.owl", "ontology/sarcoma.jsonld",
        "graphs/sarcoma-kg.ttl", "graphs/sarcoma-kg.nt.gz", "tables/claims.csv",
    ):  # fmt: skip
        (root / place).parent.mkdir(exist_ok=True)
        (root / place).write_text("# nothing\n", encoding="utf-8")
    asserted = (Path(build.location) / "asserted.nt").read_bytes()
    (root / "graphs" / "asserted.nt").write_bytes(asserted)
    words.write(release, quiet)
    site_writer.write(release, quiet)
    web_root.arrange(release, where, quiet)
    return root


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return small(tmp_path_factory.mktemp("graph"), GRAPH)


@pytest.fixture(scope="module")
def roots(graph: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A root for each host."""
    folder = tmp_path_factory.mktemp("roots")
    return {host: written(folder / host, host, graph) for host in SERVERS}


@contextmanager
def serving(host: str, root: Path) -> Iterator[web_servers.Ask]:
    server = SERVERS[host]
    if missing := web_servers.MISSING[server.__name__]:
        pytest.skip(missing)
    with server(root, PATH) as ask:
        yield ask


def arrive(ask: web_servers.Ask, path: str, accept: str) -> tuple[str, web_servers.Answer]:
    """Follow where an identifier leads: by redirects, and by pages that lead on at once."""
    for _ in range(5):
        answer = ask(path.partition("#")[0], accept)
        if answer.status in (301, 303):
            path = answer.place
        elif found := re.search(rb'http-equiv="refresh" content="0; url=([^"]*)"', answer.content):
            here = posixpath.join(posixpath.dirname(path), html.unescape(found[1].decode()))
            path = posixpath.normpath(here)
        else:
            return path, answer
    raise AssertionError(f"{path}: leads in a circle")


def wrong(ask: web_servers.Ask, host: str, names: list[str]) -> list[str]:
    """Return the identifiers that a host does not answer as it must."""
    found = []
    static = host in ("github-pages", "w3id")
    for name in names:
        whole = not name.startswith(("ontology/", "id/"))
        for accept, suffixes in FORMS.items():
            # Where files are found by their names, there is nobody to look at what is accepted.
            suffix = ".html" if static else suffixes[0 if whole else 1]
            place, answer = arrive(ask, name, accept)
            path = place.partition("#")[0]
            path += "index.html" if path.endswith("/") else ""
            if answer.status != 200 or not path.endswith(suffix):
                found.append(f"{name} as {accept}: {answer.status} at {place}")
            elif not answer.place.startswith(TYPES[suffix]):
                found.append(f"{name} as {accept}: {place} is {answer.place}")
    return found


@pytest.mark.parametrize("host", SERVERS)
def test_every_identifier_is_answered_by_what_is_accepted(
    host: str, roots: dict[str, Path]
) -> None:
    with serving(host, roots[host]) as ask:
        assert not wrong(ask, host, list(IRIS))
        assert arrive(ask, f"{VERSION}/ontology", "text/html")[0] == f"release/{VERSION}/index.html"
        moved = next(
            p for p in (roots[host] / "ontology").glob("*.html")
            if "differs in case" in p.read_text("utf-8") and "skg:tumour" in p.read_text("utf-8")
            and p.name not in ("index.html", "Tumour.html", "Disease.html")
        )  # fmt: skip
        if host in ("apache", "nginx"):
            place, answer = arrive(ask, "ontology/tumour", "text/turtle")
            assert (answer.status, place) == (200, f"ontology/{moved.stem}.ttl")


@pytest.mark.parametrize("host", ["apache", "nginx"])
def test_where_there_is_nothing_a_page_says_so(host: str, roots: dict[str, Path]) -> None:
    with serving(host, roots[host]) as ask:
        for path in (
            "nothing", "ontology/Nothing.html", "id/a/b/c", "1999-01-01/ontology",
            "release/1999-01-01/index.html", "id/a%0d%0aX-Header:1", "ontology/%2e%2e%2f%2e%2e%2fx",
        ):  # fmt: skip
            answer = ask(path, "text/turtle")
            assert answer.status in (400, 404), path
            if answer.status == 404 and "%2f" not in path:
                assert b"There is no such page" in answer.content, path


def test_redirects_of_w3id_lead_to_the_host(roots: dict[str, Path]) -> None:
    if missing := web_servers.MISSING["apache"]:
        pytest.skip(missing)
    rules = roots["w3id"] / "w3id"
    assert "Contact" in (rules / "README.md").read_text(encoding="utf-8")
    with web_servers.apache(rules, "/sarcoma-kg/") as ask:
        for path, accept, place in (
            ("", "text/html", ""), ("ontology", "application/rdf+xml", "ontology/index.owl"),
            ("ontology/Tumour", "text/html", "ontology/Tumour.html"),
            ("ontology/Tumour", "text/turtle", "ontology/Tumour.ttl"),
            ("ontology/Tumour.ttl", "text/html", "ontology/Tumour.ttl"),
            ("context.jsonld", "text/html", "context.jsonld"),
            ("id/mapping-0123456789abcdef", "text/html",
             "mappings.html#mapping-0123456789abcdef"),
            (f"{VERSION}/ontology", "text/turtle", f"release/{VERSION}/ontology/sarcoma.ttl"),
            (f"release/{VERSION}/graphs/sarcoma-kg.nt.gz", None,
             f"release/{VERSION}/graphs/sarcoma-kg.nt.gz"),
            ("2025-01-31/claims/S9", "application/ld+json", "ontology/index.jsonld"),
        ):  # fmt: skip
            assert ask(path, accept)[:2] == (303, BASE + place), (path, accept)
        assert ask("1999-01-01/ontology", None).status == 404


_LINK = re.compile(rb'(?:href|src|url)="([^"]*)"|; url=([^"]*)"|<loc>([^<]*)</loc>')


def crawl(ask: web_servers.Ask, start: tuple[str, ...]) -> tuple[list[str], set[str]]:
    """Follow every link within a root; return what leads nowhere, and what was seen."""
    bad, seen, todo = [], set(start), list(start)
    while todo:
        place = todo.pop()
        answer = ask(place, "text/html")
        if answer.status != 200:
            bad.append(f"{place}: {answer.status}")
            continue
        if not place.endswith((".html", ".xml", ".atom", "/")):
            continue
        for groups in set(_LINK.findall(answer.content)):
            link = html.unescape(b"".join(groups).decode())
            parts = urlsplit(link)
            if link.startswith(BASE):
                target = link.removeprefix(BASE)
            elif parts.scheme:
                continue
            elif link.startswith("/"):
                if not link.startswith(PATH):
                    bad.append(f"{place}: {link} leaves the root")
                    continue
                target = link.removeprefix(PATH)
            else:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(place), parts.path))
                target = place if not parts.path else "" if target == "." else target
                if target.startswith(".."):
                    bad.append(f"{place}: {link} climbs above the root")
                    continue
            target = target.partition("#")[0]
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return bad, seen


STARTS = ("index.html", "404.html", "sitemap.xml", "releases.atom")


@pytest.mark.parametrize("host", SERVERS)
def test_no_link_leads_nowhere_or_out(host: str, roots: dict[str, Path]) -> None:
    stubs = tuple(
        p.relative_to(roots[host]).as_posix() for p in roots[host].rglob("index.html")
    )  # fmt: skip
    with serving(host, roots[host]) as ask:
        bad, seen = crawl(ask, (*STARTS, *stubs))
    assert not bad
    for place in (f"release/{VERSION}/tables/claims.csv", f"release/{VERSION}/SHA256SUMS",
                  "ontology/Tumour.ttl", f"release/{VERSION}/.zenodo.json"):  # fmt: skip
        assert place in seen
    assert "There is no such page" in (roots[host] / "404.html").read_text(encoding="utf-8")


def test_the_same_graph_gives_the_same_root(
    graph: Build, roots: dict[str, Path], tmp_path: Path
) -> None:
    assert digests(written(tmp_path, "w3id", graph)) == digests(roots["w3id"])


def test_each_host_gets_its_own_rules_only(roots: dict[str, Path]) -> None:
    found = {
        host: {p for p in (".htaccess", "nginx.conf", ".nojekyll", "w3id/.htaccess",
                           "ontology/Tumour/index.html") if (root / p).is_file()}
        for host, root in roots.items()
    }  # fmt: skip
    stubs = "ontology/Tumour/index.html"
    assert found == {
        "apache": {".htaccess"}, "nginx": {"nginx.conf"}, "github-pages": {".nojekyll", stubs},
        "w3id": {".nojekyll", stubs, "w3id/.htaccess"},
    }  # fmt: skip


ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_root_after_another_keeps_it_and_tells_what_changed(graph: Build, tmp_path: Path) -> None:
    old = small(tmp_path, GRAPH.replace("2026-11-28", "2026-10-01").replace("tumour", "tumor", 1))
    first = written(tmp_path / "first", "apache", old, version="2026-10-01")
    second = written(tmp_path / "second", "apache", graph, after=first)
    assert hosts.versions(second) == [VERSION, "2026-10-01"]
    before = digests(first / "release" / "2026-10-01")
    assert digests(second / "release" / "2026-10-01") == before
    notes = (second / "release" / VERSION / "changes.md").read_text(encoding="utf-8")
    assert notes.startswith("# Changes from the release of 2026-10-01 to the release of 2026-11-28")
    assert "tumor" in notes
    assert str(tmp_path) not in notes
    # Written by the test's own fixture.
    feed = ElementTree.parse(second / "releases.atom").getroot()
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert ids == [f"{BASE}release/{VERSION}/", f"{BASE}release/2026-10-01/"]
    assert [feed.findtext(f"{ATOM}{name}") for name in ("id", "updated")] == [
        f"{BASE}releases.atom", f"{VERSION}T00:00:00Z"
    ]  # fmt: skip
    texts = [entry.findtext(f"{ATOM}content") for entry in feed.iter(f"{ATOM}entry")]
    assert texts[0] == notes
    # Once more after the same, and with the same release in it already.
    third = written(tmp_path / "third", "apache", graph, after=second)
    assert digests(third) == digests(second)
    with pytest.raises(UserError, match="newer than 2026-10-01"):
        hosting("apache", second, "2026-10-01")
    if not web_servers.MISSING["apache"]:
        with serving("apache", second) as ask:
            place, answer = arrive(ask, "2026-10-01/ontology", "text/turtle")
            assert (place, answer.status) == ("release/2026-10-01/ontology/sarcoma.ttl", 200)
            assert not crawl(ask, STARTS)[0]


@pytest.mark.parametrize(
    ("host", "base", "without", "said"),
    [
        ("apache", None, [], "belong together"),
        (None, BASE, [], "belong together"),
        ("apache", BASE, ["site"], "without pages"),
        *(
            ("apache", base, [], "not the address of a web root")
            for base in ("example.org", "ftp://example.org/", "https://example.org/a b/",
                         "https://example.org/../x", "https://example.org/a//b", "https:///x",
                         "https://me@example.org/", "https://example.org/?q", "https://e.org/#x",
                         "https://example.org/$1/", "https://example.org/%{ENV:X}/",
                         "https://example.org/a\nRewriteRule", 'https://e.org/"')
        ),
    ],
)  # fmt: skip
def test_a_host_that_cannot_be_is_refused(
    host: str | None, base: str | None, without: list[str], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        hosts.read(host, base, None, VERSION, without)


def test_a_slash_at_the_end_of_the_address_may_be_left_out() -> None:
    found = hosts.read("nginx", "http://localhost:8080/x", None, VERSION, [])
    assert found
    assert (found.base, found.path) == ("http://localhost:8080/x/", "/x/")
    root = hosts.read("nginx", "https://example.org", None, VERSION, [])
    assert root
    assert root.path == "/"


# Reporting a problem.


def page(title: str) -> Page:
    return Page("id/x.html", "claim", title, "", {}, {}, f"{HOME}id/x")


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("https://github.com/o/r/issues/new", "https://github.com/o/r/issues/new?title=P"),
        ("https://forge.example/o/r/issues/new?labels=data",
         "https://forge.example/o/r/issues/new?labels=data&title=P"),
        ("https://gitlab.com/g/p/-/issues/new",
         "https://gitlab.com/g/p/-/issues/new?issue%5Btitle%5D=P"),
        ("https://t.example/?s={title}&t={body}#x", "https://t.example/?s=P"),
        ("mailto:help@example.org", "mailto:help@example.org?subject=P"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "label",
    ["S2-3.2-SS-01", "a&b=c#d?e%41+f", '"><script>alert(1)</script>', "new\nline", "{body}{title}",
     "ümlaut \u202e", "\ud800", "x" * 5000],
    ids=range(8),
)  # fmt: skip
def test_a_label_is_one_word_of_the_address(typed: str, start: str, label: str) -> None:
    address = Issues.read(typed).about(page(label), VERSION, BASE)
    assert address.startswith(start)
    assert re.fullmatch(r"[A-Za-z0-9._~:/?#@&=%-]+", address)
    assert len(address) < 2500
    values = [unquote(v) for v in re.findall(r"=([^&#]*)", urlsplit(address).query)]
    title, body = values[-2:]
    wanted = " ".join(label.split()).encode(errors="replace").decode()
    assert (
        title.removeprefix("Problem with: ").rstrip("…")
        == wanted[: 119 if len(label) > 120 else None]
    )
    assert f"{HOME}id/x" in body
    assert f"Page: {BASE}id/x.html" in body


@pytest.mark.parametrize(
    "typed",
    ["javascript:alert(1)", "data:text/html,x", "github.com/o/r", "https://", "https://e.org/a b",
     'https://e.org/"x', "https://e.org/<x>", "//e.org/x", "mailto:", "https://[::1/x", ""],
)  # fmt: skip
def test_an_address_that_a_page_may_not_have_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="not an address at which"):
        Issues.read(typed)


def test_a_page_asks_for_reports_only_where_they_go_somewhere(
    roots: dict[str, Path], graph: Build, tmp_path: Path
) -> None:
    text = (roots["apache"] / "id" / "claim-S9-1.1-XX-01.html").read_text(encoding="utf-8")
    assert "Report a problem with this claim" in text
    assert f'href="https://example.org/o/r/issues/new?title={quote("Problem with: ")}' in text
    text = (roots["apache"] / "ontology" / "Tumour.html").read_text(encoding="utf-8")
    assert "Report a problem with this page" in text
    site_writer.write(Release(graph, tmp_path, VERSION), quiet)
    for place in ("id/claim-S9-1.1-XX-01.html", "index.html"):
        text = (tmp_path / "site" / place).read_text(encoding="utf-8")
        assert "Report a problem" not in text
        assert "releases.atom" not in text


# What is said of a release.


def test_zenodo_and_citation(graph: Build, tmp_path: Path) -> None:
    release = Release(graph, tmp_path, VERSION, hosting("apache"), None, "10.5281/zenodo.1234567")
    words.write(release, quiet)
    cited = yaml.safe_load((tmp_path / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["doi"] == "10.5281/zenodo.1234567"
    told = json.loads((tmp_path / ".zenodo.json").read_text(encoding="utf-8"))
    assert told["doi"] == cited["doi"]
    assert (told["upload_type"], told["access_right"], told["license"]) == (
        "dataset", "open", "CC-BY-4.0",
    )  # fmt: skip
    assert told["version"] == told["publication_date"] == VERSION
    words.write(release._replace(doi=""), quiet)
    text = (tmp_path / "CITATION.cff").read_text(encoding="utf-8")
    assert "# doi:" in text
    assert "doi" not in yaml.safe_load(text)


@pytest.mark.parametrize(
    ("typed", "doi"),
    [
        ("10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("https://doi.org/10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("DOI:10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("zenodo.1", ""),
        ("10.5281/x\nauthors: none", ""),
        ("10.5281/", ""),
    ],
)
def test_a_doi_is_one(typed: str, doi: str) -> None:
    if doi:
        assert words.doi(typed) == doi
    else:
        with pytest.raises(UserError, match="not a DOI"):
            words.doi(typed)


# The packaged graph.


@pytest.mark.others
@pytest.mark.parametrize("host", ["apache", "nginx", "github-pages"])
def test_the_packaged_graph_on_its_host(
    host: str, build: Build, triples: list[ox.Triple], tmp_path: Path
) -> None:
    """Every identifier of the ontology, and five of each kind of other things, in all forms."""
    root = tmp_path / "root"
    publish.publish(build, root, without=["nanopubs"], hosting=hosting(host))
    kinds: dict[str, list[str]] = {}
    names: set[str] = set()
    for triple in triples:
        subject = triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""
        if triple.predicate.value == namespaces.PREFIXES["rdf"] + "type":
            if subject.startswith(namespaces.SKG) or (
                subject.startswith(HOME) and str(triple.object).endswith("#Ontology>")
            ):
                names.add(subject.removeprefix(HOME))
            elif subject.startswith(namespaces.KB):
                kinds.setdefault(str(triple.object), []).append(subject.removeprefix(HOME))
        elif triple.predicate.value == namespaces.PREFIXES["owl"] + "versionIRI":
            names.add(str(triple.object)[1:-1].removeprefix(HOME))
    for things in kinds.values():
        names |= {*sorted(things)[:: max(len(things) // 5, 1)][:5]}
    assert len(names) > 1400
    assert len(kinds) > 8
    with serving(host, root) as ask:
        assert not wrong(ask, host, sorted(names))
        bad, seen = crawl(ask, STARTS)
    assert not bad
    assert len(seen) > 9000


@pytest.mark.others
def test_the_command_writes_a_root(
    build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    given = ["publish", str(root), "--without", "nanopubs", "tables", "--jobs", "2"]
    told = ["--host", "w3id", "--base", BASE, "--issues", "https://example.org/new"]
    assert cli.main([*given, *told]) == 0
    assert f"the root of {BASE}" in capsys.readouterr().err
    assert (root / "w3id" / ".htaccess").is_file()
    assert cli.main(["publish", str(tmp_path / "x"), "--host", "w3id"]) == 2
