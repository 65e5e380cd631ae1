"""The site of a release: what stands on the pages, that no link is dead and no label escapes."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import file_names, namespaces, resources
from sarcoma_kg.publishing import publish
from sarcoma_kg.publishing import site as site_writer
from sarcoma_kg.publishing.release import Release
from tests import web_servers

SKG, KB = namespaces.SKG, namespaces.KB
VERSION = "2026-11-28"
VOID = {"meta", "link", "br", "hr", "img", "input"}
RDF_TYPE = namespaces.PREFIXES["rdf"] + "type"


def quiet(_: str) -> None:
    """Say nothing."""


class Read(HTMLParser):
    """Reads a page strictly: every element is closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {names}"
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Read]:
    """All pages, by their place."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        place = path.relative_to(site).as_posix()
        try:
            found[place] = Read(path.read_text(encoding="utf-8"))
        except AssertionError as error:
            raise AssertionError(f"{place}: {error}") from error
    return found


def words(page: Read) -> str:
    """The text of a page in one line."""
    return " ".join(" ".join(page.text).split())


def test_every_link_and_fragment_leads_somewhere(site: Path, read: dict[str, Read]) -> None:
    seen = 0
    dead = []
    for place, page in read.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https") or link == "data:,", f"{place}: {link}"
                continue
            assert not link.startswith("/"), f"{place}: {link} is not relative"
            path = os.path.normpath(os.path.join(os.path.dirname(place), unquote(parts.path)))
            assert not path.startswith(".."), f"{place}: {link} climbs above the site"
            assert not parts.path.endswith("/"), f"{place}: {link} needs a list of files"
            target = place if not parts.path else Path(path).as_posix()
            seen += 1
            if not (site / target).is_file():
                dead.append(f"{place}: {link}")
            elif parts.fragment and parts.fragment not in read[target].ids:
                dead.append(f"{place}: {link}: no such fragment")
    assert not dead, dead[:20]
    assert seen > 20_000


def test_every_page_is_well_made(read: dict[str, Read]) -> None:
    for place, page in read.items():
        assert len(page.ids) == len(set(page.ids)), f"{place}: an id twice"
        assert page.headings.count(1) == 1, f"{place}: one h1"
        assert page.headings[0] == 1, place
        for before, after in zip(page.headings, page.headings[1:], strict=False):
            assert after <= before + 1, f"{place}: h{after} after h{before}"
        assert ("html", "lang", "en") in page.attributes, place
        assert ("a", "href", "#main") in page.attributes, f"{place}: no skip link"


def test_each_kind_of_page_is_html5(site: Path) -> None:
    html5 = pytest.importorskip("html5rdf")
    for place in (
        "index.html", "ontology/index.html", "ontology/GastrointestinalStromalTumor.html",
        "ontology/actsOnProductOf.html", "id/claim-S2-3.2-SS-01.html", "id/source-S2.html",
        "id/ref-S2-38.html", "id/ext-tazemetostat-synovial-cohort.html", "questions/CQ01.html",
        "id/prop-ss-tazemetostat-benefit.html", "id/cit-S2-3.2-SS-01-38.html", "claims.html",
        "propositions.html", "evidence.html", "questions/index.html",
    ):  # fmt: skip
        # strict: the first parse error of the HTML standard is raised
        html5.HTMLParser(strict=True).parse((site / place).read_text(encoding="utf-8"))


def test_everything_has_a_page(site: Path, triples: list[ox.Triple]) -> None:
    kinds: dict[str, set[str]] = {}
    for triple in triples:
        if triple.predicate.value == RDF_TYPE and isinstance(triple.subject, ox.NamedNode):
            kinds.setdefault(triple.subject.value, set()).add(str(triple.object))
    terms = [iri for iri in kinds if iri.startswith(SKG)]
    individuals = [
        iri for iri, types in kinds.items()
        if iri.startswith(KB) and "<https://w3id.org/sssom/Mapping>" not in types
    ]  # fmt: skip
    assert len(terms) > 1300
    assert len(individuals) > 900
    for iri in (*terms, *individuals):
        place = site / iri.removeprefix("https://w3id.org/sarcoma-kg/")
        for suffix in (".html", ".ttl", ".jsonld"):
            assert Path(f"{place}{suffix}").is_file(), f"{iri}: no {suffix}"
    for number in range(1, 58):
        assert (site / "questions" / f"CQ{number:02d}.html").is_file()


def test_a_disease_page_says_what_the_graph_knows(read: dict[str, Read]) -> None:
    page = words(read["ontology/GastrointestinalStromalTumor.html"])
    for expected in (
        "skg:GastrointestinalStromalTumor", "A mesenchymal tumour, usually of the gut wall",
        "NCIT:C3868", "GIST abbreviation", "Parents bone and soft tissue sarcoma",
        "grouped under soft tissue sarcoma",
        "PDGFRA-mutant gastrointestinal stromal tumour", "exact match MONDO:0011719",
        "gastrointestinal stromal tumor 0.9", "S2-3.2-GIST-03",
        "More than seven in ten GIST patients respond to imatinib.",
        "supports established S2 , section 3.2",
    ):  # fmt: skip
        assert expected in page, expected


def test_a_defined_class_shows_its_logic_and_what_was_inferred(read: dict[str, Read]) -> None:
    page = words(read["ontology/MDM2Inhibitor.html"])
    assert "MDM2 inhibitor is exactly therapy and ( inhibits some MDM2 protein )" in page
    assert "milademetan inferred" in page
    assert "inhibits MDM2 protein" in words(read["ontology/Milademetan.html"])
    chain = words(read["ontology/actsOnProductOf.html"])
    assert "follows from acts on then" in chain


def test_a_claim_page_tells_who_says_what_and_what_is_known_of_it(read: dict[str, Read]) -> None:
    page = words(read["id/claim-S2-3.2-SS-01.html"])
    for expected in (
        "Tazemetostat, an EZH2 blocker, is said to benefit patients with synovial sarcoma.",
        "Section 3.2 Characters 5973–6177", "Direction supports",
        "withdrawal by the holder 2026-03-09",
        "Strength of the wording effective",
        "Suvà ML, Riggi N, Bernstein BE. Epigenetics in cancer. Cancer Cell. 2013;24:9–23. "
        "cancer epigenetics review plausibly related",
        "MPNST epigenetics does not match",
        "disputes In the synovial sarcoma cohort of NCT02601950, 33 patients received tazemetostat",
        "externally disputed", "S2 reference 71", "No other claim says the same.",
    ):  # fmt: skip
        assert expected in page, expected


def test_a_question_page_has_query_answer_and_command(site: Path, read: dict[str, Read]) -> None:
    text = (site / "questions" / "CQ01.html").read_text(encoding="utf-8")
    query = next((resources.data_root() / "queries" / "competency").glob("CQ01-*.rq"))
    page = words(read["questions/CQ01.html"])
    assert " ".join(query.read_text(encoding="utf-8").split()) in page
    assert 'sarcoma-kg ask CQ01 --disease "gastrointestinal stromal tumour"' in page
    assert 'href="../id/claim-S2-3.2-GIST-03.html"' in text
    assert "S2-3.2-GIST-05 cited, unsupported sunitinib effective second-line" in page


def closure(graph: Any, subject: Any) -> Any:
    """The description of a subject, by rdflib and by another way than that of the site."""
    import rdflib

    owl = rdflib.OWL
    found = rdflib.Graph()
    roots = [subject]
    roots += [
        node for node in graph.subjects(owl.annotatedSource, subject)
        if isinstance(node, rdflib.BNode) and (node, rdflib.RDF.type, owl.Axiom) in graph
    ]  # fmt: skip

    def take(node: Any) -> None:
        for triple in graph.triples((node, None, None)):
            if triple not in found:
                found.add(triple)
                if isinstance(triple[2], rdflib.BNode):
                    take(triple[2])

    for root in roots:
        take(root)
    return found


def test_turtle_and_jsonld_hold_the_description_and_nothing_else(site: Path, build: Build) -> None:
    rdflib = pytest.importorskip("rdflib")
    from rdflib.compare import isomorphic

    graph = rdflib.Graph()
    for part in ("asserted.nt", "inferred.nt"):
        graph.parse(build.folder / part, format="nt")
    context = json.loads(
        (resources.data_root() / "ontology" / "context.jsonld").read_text(encoding="utf-8")
    )
    files = sorted([*(site / "ontology").glob("*.ttl"), *(site / "id").glob("*.ttl")])
    files.remove(site / "ontology" / "index.ttl")
    chosen = {site / f"{place}.ttl" for place in (
        "ontology/MDM2Inhibitor", "ontology/Milademetan", "id/claim-S2-3.2-SS-01")}  # fmt: skip
    chosen |= set(files[::40])
    for path in sorted(chosen):
        iri = f"https://w3id.org/sarcoma-kg/{path.relative_to(site).as_posix()[:-4]}"
        expected = closure(graph, rdflib.URIRef(iri))
        assert len(expected), iri
        turtle = rdflib.Graph().parse(path, format="turtle")
        assert isomorphic(turtle, expected), path
        data = json.loads(path.with_suffix(".jsonld").read_text(encoding="utf-8"))
        assert data["@context"] == "https://w3id.org/sarcoma-kg/context.jsonld"
        # The context is read from the repository, not from the network.
        data["@context"] = context["@context"]
        jsonld = rdflib.Graph().parse(data=json.dumps(data), format="json-ld")
        assert isomorphic(jsonld, expected), path.with_suffix(".jsonld")


def test_every_turtle_has_the_triples_of_its_subject(site: Path, triples: list[ox.Triple]) -> None:
    about: dict[str, set[str]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            words = f"{triple.predicate} " + (
                "_:" if isinstance(triple.object, ox.BlankNode) else str(triple.object)
            )
            about.setdefault(triple.subject.value, set()).add(words)
    seen = 0
    for path in (*(site / "ontology").glob("*.ttl"), *(site / "id").glob("*.ttl")):
        if path.name == "index.ttl":
            continue
        iri = f"https://w3id.org/sarcoma-kg/{path.relative_to(site).as_posix()[:-4]}"
        found = set()
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode):
                assert quad.subject.value == iri
                value = "_:" if isinstance(quad.object, ox.BlankNode) else str(quad.object)
                found.add(f"{quad.predicate} {value}")
        assert found == about[iri], iri
        seen += 1
    assert seen > 2000


def test_the_ontology_is_one_file_without_imports_in_three_forms(site: Path) -> None:
    forms = {".ttl": ox.RdfFormat.TURTLE, ".owl": ox.RdfFormat.RDF_XML}
    sets = []
    for suffix, form in forms.items():
        content = (site / "ontology" / f"index{suffix}").read_bytes()
        dataset = ox.Dataset(ox.parse(content, format=form))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        sets.append({str(quad) for quad in dataset})
    assert sets[0] == sets[1]
    assert len(sets[0]) > 15_000
    owl = namespaces.PREFIXES["owl"]
    assert not any(f"<{owl}imports>" in quad for quad in sets[0])
    heads = [quad for quad in sets[0] if f"<{owl}Ontology>" in quad]
    assert len(heads) == 1
    assert sum(f"<{owl}AllDisjointClasses>" in quad for quad in sets[0]) == 4
    assert not any(quad.startswith(f"<{KB}") for quad in sets[0])


def test_search_engines_read_what_the_page_is_about(read: dict[str, Read]) -> None:
    kinds: dict[str, int] = {}
    for place, page in read.items():
        assert len(page.scripts) == 2, place  # the description, and the search
        data = json.loads(page.scripts[0])
        assert data["@context"] == "https://schema.org", place
        assert data["name"], place
        kinds[data["@type"]] = kinds.get(data["@type"], 0) + 1
    assert kinds["Dataset"] == kinds["DefinedTermSet"] == 1
    assert kinds["Claim"] == 167
    assert kinds["DefinedTerm"] > 1300
    claim = json.loads(read["id/claim-S2-3.2-SS-01.html"].scripts[0])
    assert claim["@id"] == KB + "claim-S2-3.2-SS-01"
    assert claim["text"].startswith("Tazemetostat, an EZH2 blocker")
    assert claim["appearance"][0]["@id"] == KB + "source-S2"
    assert {"@id": SKG + "SynovialSarcoma", "name": "synovial sarcoma"} in claim["about"]
    term = json.loads(read["ontology/GastrointestinalStromalTumor.html"].scripts[0])
    assert "GIST" in term["alternateName"]
    assert namespaces.PREFIXES["obo"] + "MONDO_0011719" in term["sameAs"]


def test_the_files_of_the_release_are_listed_for_download(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "claims & more.csv").write_text("a\n", encoding="utf-8")
    site_writer.write(Release(small(tmp_path, ""), tmp_path, VERSION), quiet)
    text = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "<code>claims &amp; more.csv</code>" in text
    assert (
        "/tables/claims & more.csv"
        in json.loads(Read(text).scripts[0])["distribution"][0]["contentUrl"]
    )


def test_pages_of_others_are_linked_where_they_are_today(site: Path) -> None:
    pages = [p.read_text(encoding="utf-8") for p in sorted((site / "ontology").glob("A*.html"))]
    assert not [page for page in pages if "civic.genome.wustl.edu" in page]
    assert 'href="https://civicdb.org/links/variants/' in "".join(pages)


def test_the_sitemap_lists_every_page_once(site: Path, read: dict[str, Read], build: Build) -> None:
    from xml.etree import ElementTree

    # Written by the test's own fixture.
    root = ElementTree.parse(site / "sitemap.xml").getroot()
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    places = [e.text or "" for e in root.iter(f"{space}loc")]
    assert len(places) == len(set(places)) == len(read)
    assert SKG + "GastrointestinalStromalTumor" in places
    assert "https://w3id.org/sarcoma-kg/questions/CQ01" in places
    assert {e.text for e in root.iter(f"{space}lastmod")} == {publish.version(build)}


def test_a_long_sitemap_is_cut_into_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_writer, "_MOST_ADDRESSES", 2)
    site_writer.write(Release(small(tmp_path, ""), tmp_path, VERSION), quiet)
    index = (tmp_path / "site" / "sitemap.xml").read_text(encoding="utf-8")
    parts = re.findall(r"<loc>https://w3id.org/sarcoma-kg/(sitemap-\d\.xml)</loc>", index)
    assert len(parts) == 4
    listed = [(tmp_path / "site" / part).read_text(encoding="utf-8") for part in parts]
    assert sum(text.count("<url>") for text in listed) == 8


def digests(folder: Path) -> dict[str, str]:
    """What each file of a folder holds."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_graph_gives_the_same_bytes(release: Path, build: Build, tmp_path: Path) -> None:
    # The pages list the other files of the release.
    copy = tmp_path / "copy"
    shutil.copytree(release, copy, copy_function=os.link, ignore=lambda *_: {"site"})
    script = (
        "import sys; from pathlib import Path; from sarcoma_kg.building.builds import Build;"
        "from sarcoma_kg.publishing import release, site;"
        "given = release.Release(Build(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]);"
        "site.write(given, lambda _: None)"
    )
    subprocess.run(
        [sys.executable, "-c", script, build.location, str(copy), publish.version(build)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )
    assert digests(copy / "site") == digests(release / "site")


# A small graph of one's own.

_HEAD = """
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix kb: <https://w3id.org/sarcoma-kg/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
"""


def small(folder: Path, turtle: str, catalog: list[dict[str, Any]] | None = None) -> Build:
    """A build that holds what a Turtle text says."""
    place = folder / "build"
    place.mkdir()
    lines = sorted(
        f"{quad.triple} .\n" for quad in ox.parse(_HEAD + turtle, format=ox.RdfFormat.TURTLE)
    )
    (place / "asserted.nt").write_text("".join(lines), encoding="utf-8")
    (place / "inferred.nt").write_text("", encoding="utf-8")
    store = ox.Store(str(place / "store"))
    store.bulk_extend(ox.parse(_HEAD + turtle, format=ox.RdfFormat.TURTLE))
    store.flush()
    del store
    (place / "manifest.json").write_text('{"counts": {"claims": 1}}', encoding="utf-8")
    (place / "catalog.json").write_text(json.dumps(catalog or []), encoding="utf-8")
    return Build(str(place))


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>{{ 7*7 }}{% raw %}",
    "\u202egnitirw tfel ot thgir",
    "bell \u0007 and \ufffe",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    html5 = pytest.importorskip("html5rdf")
    word = str(ox.Literal(text))
    turtle = f"""
    <https://w3id.org/sarcoma-kg/ontology> a owl:Ontology ; dcterms:title {word} ;
        dcterms:description {word} ; rdfs:seeAlso <javascript:alert(1)> .
    skg:Disease a owl:Class ; rdfs:label {word} .
    skg:X a owl:Class ; rdfs:label {word} ; obo:IAO_0000115 {word} ; obo:IAO_0000116 {word} ;
        rdfs:subClassOf skg:Disease ; skos:exactMatch <javascript:alert(1)> ;
        obo:IAO_0000119 <data:text/html,alert(1)> , {word} ; oboInOwl:hasExactSynonym {word} ;
        rdfs:seeAlso <vbscript:x> , <JaVaScRiPt:x> , <http://example.org/a?b='c'&d=%22e> .
    skg:T a owl:Class ; rdfs:label {word} ; skg:rollsUpTo skg:Therapy .
    kb:claim-1 skg:hasProposition kb:prop-1 ; rdfs:label {word} ; skg:paraphrase {word} ;
        skg:aboutDisease skg:X ; skg:aboutTherapy skg:T ;
        prov:hadPrimarySource kb:source-1 ; skg:section {word} ;
        skg:curatorNote {word} ; dcterms:identifier {word} .
    kb:prop-1 a skg:Proposition ; rdfs:label {word} .
    kb:source-1 a skg:Source ; rdfs:label {word} ; dcterms:title {word} ; dcterms:creator {word} ;
        bibo:doi {word} ; bibo:pmid {word} .
    kb:ext-1 a skg:ExternalEvidence ; skg:statement {word} ; dcterms:source <javascript:alert(1)> .
    kb:other-1 a skg:QuantitativeValue ; rdfs:label {word} ; rdfs:comment {word}, "x"@ar .
    """
    row = {"id": "CQ99", "slug": "none", "summary": text, "tags": [text], "parameters": [
        ["disease", text, SKG + "X"]], "template": [
            f"# {text}\nSELECT ?_disease ?said WHERE {{ VALUES ?_disease {{ ", "disease",
            " } ?_disease ?property ?said . FILTER(isLiteral(?said)) }"]}  # fmt: skip
    site_writer.write(Release(small(tmp_path, turtle, [row]), tmp_path, VERSION), quiet)
    site = tmp_path / "site"
    shown = text.translate({7: "\ufffd", 0xFFFE: "\ufffd"})
    for path in sorted(site.rglob("*.html")):
        document = path.read_text(encoding="utf-8")
        tree = html5.HTMLParser(strict=True, namespaceHTMLElements=False).parse(document)
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag not in ("img", "iframe", "object", "form"), path
            if element.tag == "script" and element.get("src"):
                assert element.get("src").removeprefix("../") == "search.js"
                assert not element.text
            elif element.tag == "script":
                assert element.get("type") == "application/ld+json"
                json.loads(element.text)
            for name, value in element.attrib.items():
                assert not name.startswith("on"), path
                if name in ("href", "src"):
                    scheme = urlsplit(value).scheme
                    assert scheme in ("", "http", "https") or value == "data:,", (path, value)
        if path.name in ("X.html", "claim-1.html", "source-1.html", "prop-1.html", "ext-1.html",
                         "other-1.html", "CQ99.html", "index.html", "T.html"):  # fmt: skip
            assert shown in "".join(tree.itertext()), path
    index = (site / "search-index.js").read_text(encoding="utf-8")
    assert "<" not in index
    found = json.loads(index.removeprefix("var sarcomaKgIndex=").removesuffix(";\n"))
    assert text in {row[1] for row in found["rows"]}
    assert all(urlsplit(row[2]).scheme == "" for row in found["rows"])
    data = json.loads(Read((site / "ontology" / "X.html").read_text(encoding="utf-8")).scripts[0])
    assert data["name"].translate({7: "\ufffd"}) == shown  # JSON has an escape for it


def test_names_that_are_no_file_names_get_others(tmp_path: Path) -> None:
    names = [
        "..", "../../escape", "a/b", "index", "X.html", "X.ttl", "a%2Fb", "é", "x.", ".hidden",
        "CON", "nul", "Lpt1.x", "Gist", "GIST", "gist", "n" * 300, "e\u0301",
    ]  # fmt: skip
    turtle = "".join(f'<{SKG}{name}> a owl:Class ; rdfs:label "n" .\n' for name in names)
    turtle += "skg:Good a owl:Class ; " + ", ".join(f"<{SKG}{name}>" for name in names).join(
        ["rdfs:subClassOf ", " ."]
    )
    site_writer.write(Release(small(tmp_path, turtle), tmp_path, VERSION), quiet)
    assert {p.name for p in tmp_path.iterdir()} == {"build", "site"}
    folder = tmp_path / "site" / "ontology"
    written = [p.name for p in folder.iterdir()]
    assert len({name.casefold() for name in written}) == len(written) == 3 * (len(names) + 1) + 4
    assert all(map(file_names.fits, written))
    assert {"Good.html", "GIST.html", "GIST.ttl", "GIST.jsonld"} <= set(written)
    page = Read((folder / "Good.html").read_text(encoding="utf-8"))
    linked = {link for link in page.links if link.startswith("../ontology/")}
    assert {(folder / link).resolve() for link in linked} == {
        p for p in folder.glob("*.html") if p.name not in ("Good.html", "index.html")
    } | {folder / "index.html"}
    subjects = {
        next(iter(ox.parse(path=str(p), format=ox.RdfFormat.TURTLE))).subject.value
        for p in folder.glob("*.ttl")
        if p.name != "index.ttl"
    }
    assert subjects == {SKG + name for name in (*names, "Good")}


def test_names_of_ours_stay_whatever_a_user_brings(tmp_path: Path) -> None:
    build = small(tmp_path, "skg:SARCOMA a owl:Class . skg:Sarcoma a owl:Class .")
    (build.folder / "manifest.json").write_text('{"counts": {}, "with": ["own.ttl"]}')
    site_writer.write(Release(build, tmp_path, VERSION), quiet)
    folder = tmp_path / "site" / "ontology"
    assert "skg:Sarcoma a " in (folder / "Sarcoma.ttl").read_text()
    (other,) = folder.glob("SARCOMA-*.ttl")
    rule = f'"^ontology/SARCOMA$" %{{ENV:SITE}}ontology/{other.stem}.%{{ENV:FORM}} [R=303,L]'
    assert rule in (tmp_path / "site" / ".htaccess").read_text()


def test_what_is_called_by_a_name_of_ones_own_has_a_page_like_ours(tmp_path: Path) -> None:
    lab = "https://example.org/lab/"
    turtle = f"""
    skg:Disease a owl:Class ; rdfs:label "disease"@en .
    skg:Sarcoma a owl:Class ; rdfs:label "sarcoma"@en ; rdfs:subClassOf skg:Disease .
    <{lab}MySarcoma> a owl:Class ; rdfs:label "my sarcoma"@en ; rdfs:subClassOf skg:Sarcoma ;
        skg:rollsUpTo skg:Sarcoma , skg:Disease .
    <{lab}Narrower> a owl:Class ; rdfs:label "narrower"@en ; rdfs:subClassOf <{lab}MySarcoma> .
    <{lab}one/twice> a owl:Class . <{lab}two/twice> a owl:Class . <{lab}> a owl:Ontology .
    <{lab}claim-1> a owl:NamedIndividual ; skg:hasProposition <{lab}p> ; rdfs:label "S901-1" ;
        skg:paraphrase "It helps." ; dcterms:identifier "S901-1" ;
        skg:aboutDisease <{lab}MySarcoma> . <{lab}p> a skg:Proposition ; rdfs:label "p" .
    """
    build = small(tmp_path, turtle)
    (build.folder / "manifest.json").write_text('{"counts": {}, "with": ["own.ttl"]}')
    site_writer.write(Release(build, tmp_path, VERSION), quiet)
    site = tmp_path / "site"
    written = {path.name for path in (site / "own").glob("*.html")}
    assert {"MySarcoma.html", "Narrower.html", "claim-1.html", "p.html"} <= written
    assert len(written) == 6  # two end alike
    page = (site / "own" / "MySarcoma.html").read_text(encoding="utf-8")
    assert '<a href="../ontology/Sarcoma.html">' in page
    assert '<a href="../own/claim-1.html">' in page
    assert '<a href="../own/Narrower.html">' in page
    assert '<a href="../own/MySarcoma.html">' in (site / "ontology" / "Sarcoma.html").read_text()
    assert '<a href="own/claim-1.html">' in (site / "claims.html").read_text(encoding="utf-8")
    assert "w3id.org/sarcoma-kg/own/MySarcoma<" in (site / "sitemap.xml").read_text()
    assert "example.org" not in (site / "sitemap.xml").read_text()


def test_the_tree_shows_all_parents_and_how_many_claims_there_are(site: Path) -> None:
    page = (site / "ontology" / "index.html").read_text(encoding="utf-8")
    name = (
        r'Sunitinib.html"><bdi>sunitinib</bdi></a>(?: <span class="mark inferred">inferred</span>)?'
    )
    (row, *more) = re.findall(f"{name} (.*?)</li>", page, re.DOTALL)
    assert more
    assert "2 claims" in row
    assert "also under" in row


def test_a_deprecated_term_names_its_replacement(tmp_path: Path) -> None:
    turtle = """skg:Old a owl:Class ; rdfs:label "old"@en ; owl:deprecated true ;
        obo:IAO_0100001 skg:New . skg:New a owl:Class ; rdfs:label "new"@en ."""
    site_writer.write(Release(small(tmp_path, turtle), tmp_path, VERSION), quiet)
    text = (tmp_path / "site" / "ontology" / "Old.html").read_text(encoding="utf-8")
    assert '<strong>Deprecated.</strong> Use <a href="../ontology/New.html">' in text


def test_circles_and_broken_lists_end(tmp_path: Path) -> None:
    turtle = """skg:Disease a owl:Class ; rdfs:subClassOf skg:B . skg:B a owl:Class ;
        rdfs:subClassOf skg:Disease ; owl:equivalentClass [ owl:intersectionOf _:l ] .
        _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l ."""
    site_writer.write(Release(small(tmp_path, turtle), tmp_path, VERSION), quiet)
    assert (tmp_path / "site" / "ontology" / "B.html").is_file()


def test_individuals_can_be_left_out(build: Build, tmp_path: Path) -> None:
    site_writer.write(Release(build, tmp_path, VERSION), quiet, individuals=False)
    site = tmp_path / "site"
    assert not list((site / "id").iterdir())
    page = Read((site / "ontology" / "GastrointestinalStromalTumor.html").read_text("utf-8"))
    assert not [link for link in page.links if "/id/" in link]
    assert "soft tissue sarcoma" in words(page)


# The .htaccess, by the server that it is written for.

Ask = Callable[[str, str | None], tuple[int, str]]


@pytest.fixture(scope="module")
def apache(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A server with the site two folders below its root."""
    if missing := web_servers.MISSING["apache"]:
        pytest.skip(missing)
    home = tmp_path_factory.mktemp("served")
    for place in (
        ".htaccess", "index.html", "claims.html", "mappings.html", "mappings.ttl", "style.css",
        "search.js",
        "ontology/index.html", "ontology/index.ttl", "ontology/index.owl", "ontology/index.jsonld",
        "ontology/Sarcoma.html", "ontology/Sarcoma.ttl", "ontology/Sarcoma.jsonld",
        "id/claim-S2-3.2-SS-01.html", "id/claim-S2-3.2-SS-01.ttl",
        "id/claim-S2-3.2-SS-01.jsonld", "questions/index.html", "questions/CQ01.html",
    ):  # fmt: skip
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site / place, home / place)
    with web_servers.apache(home, "/some/where/") as ask:
        yield lambda path, accept: ask(path, accept)[:2]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
RDFLIB = "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json"
OWLAPI = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, */*; q=0.09"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,*/*;q=0.3"
CLAIM = "id/claim-S2-3.2-SS-01"


@pytest.mark.parametrize(
    ("path", "accept", "place"),
    [
        ("ontology/Sarcoma", None, "ontology/Sarcoma.html"),
        ("ontology/Sarcoma", "*/*", "ontology/Sarcoma.html"),
        ("ontology/Sarcoma", BROWSER, "ontology/Sarcoma.html"),
        ("ontology/Sarcoma", "text/turtle", "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", "TEXT/Turtle", "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", JENA, "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", RDFLIB, "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", OWLAPI, "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", "application/ld+json", "ontology/Sarcoma.jsonld"),
        (
            "ontology/Sarcoma",
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
            "ontology/Sarcoma.jsonld",
        ),
        ("ontology/Sarcoma", "application/ld+json, text/turtle;q=0.5", "ontology/Sarcoma.jsonld"),
        ("ontology/Sarcoma", "text/turtle, application/ld+json;q=0.5", "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", "text/html;q=0.4, text/turtle", "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", "text/html, text/turtle;q=0.9", "ontology/Sarcoma.html"),
        ("ontology/Sarcoma", "text/turtle;q=0, */*", "ontology/Sarcoma.html"),
        ("ontology/Sarcoma", "text/turtle;q=1.0", "ontology/Sarcoma.ttl"),
        ("ontology/Sarcoma", "image/png", "ontology/Sarcoma.html"),
        (CLAIM, None, f"{CLAIM}.html"),
        (CLAIM, "text/turtle", f"{CLAIM}.ttl"),
        (CLAIM, "application/json", f"{CLAIM}.jsonld"),
        ("ontology", BROWSER, "ontology/index.html"),
        ("ontology", None, "ontology/index.html"),
        ("ontology/", "text/turtle", "ontology/index.ttl"),
        ("ontology", "text/turtle", "ontology/index.ttl"),
        ("ontology", OWLAPI, "ontology/index.owl"),
        ("ontology", "application/ld+json", "ontology/index.jsonld"),
        (f"{VERSION}/ontology", OWLAPI, "ontology/index.owl"),
        ("module/core", "text/turtle", "ontology/index.ttl"),
        ("claims/S1", BROWSER, "ontology/index.html"),
        ("bridge/upper", "text/turtle", "ontology/index.ttl"),
        (f"{VERSION}/module/core", "text/turtle", "ontology/index.ttl"),
        ("2026-11-21/claims/S2", OWLAPI, "ontology/index.owl"),
        ("id/mapping-000ed8f02c3631bc", None, "mappings.html#mapping-000ed8f02c3631bc"),
        ("id/mapping-000ed8f02c3631bc", "text/turtle", "mappings.ttl"),
        ("claims", None, "claims.html"),
        ("questions/CQ01", None, "questions/CQ01.html"),
        ("questions", None, "questions/index.html"),
    ],
)
def test_identifiers_are_answered_by_what_is_accepted(
    apache: Ask, path: str, accept: str | None, place: str
) -> None:
    assert apache(path, accept) == (303, place)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("", 200, "text/html;charset=utf-8"),
        ("ontology/Sarcoma.html", 200, "text/html;charset=utf-8"),
        ("ontology/Sarcoma.ttl", 200, "text/turtle"),
        (f"{CLAIM}.jsonld", 200, "application/ld+json"),
        ("ontology/index.owl", 200, "application/rdf+xml"),
        ("style.css", 200, "text/css"),
        ("search.js", 200, "text/javascript"),
        ("ontology/Nothing.html", 404, None),
        ("1999-01-01/ontology", 404, None),
        ("id/a%0d%0aX-Header:1", 404, None),
        ("ontology/%2e%2e%2f%2e%2e%2fetc", 404, None),
    ],
)
def test_files_are_served_as_what_they_are(
    apache: Ask, path: str, status: int, kind: str | None
) -> None:
    answered, media = apache(path, "text/turtle")
    assert answered == status
    if kind:
        assert media.replace(" ", "").casefold().startswith(kind)
