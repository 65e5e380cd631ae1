"""The static site of a release: HTML pages with Turtle and JSON-LD beside them.

The room `pages` says what stands on a page and how it looks; this module writes the files.

What a server must know to answer the identifiers of the graph is in `servers`; `sitemap.xml`
follows https://www.sitemaps.org/protocol.html.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.owl import rdfxml, writing
from sarcoma_kg.pages import schema_org
from sarcoma_kg.pages.asked import Asked
from sarcoma_kg.pages.contents import Contents, Download
from sarcoma_kg.pages.facts import Facts
from sarcoma_kg.pages.links import OWN, Links
from sarcoma_kg.pages.renderer import TEMPLATES, Renderer, environment
from sarcoma_kg.publishing import description, graphs, inventory, jsonld, live, servers
from sarcoma_kg.publishing.hosts import FEED, RELEASES
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.questions import claims
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.reading import loading

__all__ = ["contents", "turtle_of", "write"]

#: Folders of a release, and what is in them.
_FOLDERS = {
    "ontology": "The ontology, asserted and with what follows from it",
    "graphs": "The graph: asserted, inferred, whole",
    "tables": "Claims as tables, for people without RDF",
    "nanopubs": "Each claim as a nanopublication",
    "mappings": "Mappings to other vocabularies (SSSOM)",
    "queries": "The questions as SPARQL, with the expected answers",
    "shapes": "SHACL shapes",
}
_MOST_FILES = 24
#: The table that lies beside the pages, too.
_TABLE = "claims.csv"
#: The most addresses that a sitemap may list.
_MOST_ADDRESSES = 50_000


def turtle_of(triples: Iterable[ox.Triple]) -> bytes:
    """Return triples as Turtle, in their order, with no prefix that is not used."""
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=namespaces.PREFIXES) or b""
    head: list[str] = []
    body: list[str] = []
    for line in text.decode().splitlines(keepends=True):
        (head if line.startswith("@prefix ") and not body else body).append(line)
    rest = "".join(body)
    used = [line for line in head if f"{line[8 : line.index(':')]}:" in rest]
    return f"{''.join(used)}\n{rest}".encode()


def _sitemap(site: Path, addresses: list[str], version: str, base: str) -> None:
    """Write sitemap.xml, in parts and with an index where one file may not hold them all."""
    parts = [
        addresses[start : start + _MOST_ADDRESSES]
        for start in range(0, len(addresses), _MOST_ADDRESSES)
    ]
    template = environment().get_template("sitemap.xml")
    if len(parts) == 1:
        text = template.render(addresses=parts[0], version=version, index=False)
        (site / "sitemap.xml").write_bytes(text.encode())
        return
    for number, part in enumerate(parts, 1):
        text = template.render(addresses=part, version=version, index=False)
        (site / f"sitemap-{number}.xml").write_bytes(text.encode())
    names = [f"{base}sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    text = template.render(addresses=names, version=version, index=True)
    (site / "sitemap.xml").write_bytes(text.encode())


def _address(release: Release, place: str) -> str:
    """Return the address of a page that is about no thing alone: at the host, or at w3id.org."""
    if release.hosting:
        return release.hosting.base + place
    return schema_org.DATASET + place.removesuffix(".html").removesuffix("index").rstrip("/")


def _packaged(release: Release) -> set[str]:
    """Return what is called by the packaged graph where files of a user might call alike."""
    if not release.build.manifest.get("with"):
        return set()
    return {
        quad.subject.value for quad in loading.packaged() if isinstance(quad.subject, ox.NamedNode)
    }


def _own(facts: Facts, packaged: set[str]) -> frozenset[str]:
    """Return what a user's files tell of under names of their own; heads of files are left out."""
    ours = (namespaces.SKG, namespaces.KB)
    head = namespaces.PREFIXES["owl"] + "Ontology"
    return frozenset(
        iri
        for iri in facts.subjects()
        if packaged and iri not in packaged and not iri.startswith(ours)
        and (types := facts.types(iri)) and head not in types
    )  # fmt: skip


def _moved(links: Links) -> list[tuple[str, str]]:
    """Return what a server sees of a name, as a pattern, and where the page lies instead."""
    return [
        (re.escape(name), place)
        for name, place in links.moved.items()
        # A server undoes escapes, and takes what has the suffix of a file for that file.
        if name.isprintable()
        and not re.search(r"[%?#]|\.(?:html|ttl|jsonld|owl|css|js|rq|csv|xml)$", name)
    ]


def _rules(pages: Contents) -> servers.Rules:
    """Return what the server of a site must know."""
    parts = _ontologies(pages.facts)
    dates = {name[:10] for name in parts if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}/", name)}
    return servers.Rules(sorted(dates | {pages.version}), _moved(pages.links))


def _ontologies(facts: Facts) -> list[str]:
    """Return the names of the ontology, its parts and their versions, below w3id.org."""
    head = namespaces.PREFIXES["owl"] + "Ontology"
    heads = [iri for iri in facts.subjects() if head in facts.types(iri)]
    named = {ref.iri for iri in heads for ref in facts.refs(iri, "owl:versionIRI")} | {*heads}
    home = schema_org.DATASET
    return sorted(iri.removeprefix(home) for iri in named if iri.startswith(home))


def _server(root: str, release: Release, pages: Contents, others: list[str]) -> None:
    """Write what the server needs: rules, or small pages where it knows none.

    Args:
        root: The folder of the site.
        release: The release.
        pages: All pages.
        others: Places of those that are about no thing alone.
    """
    rules, hosting = _rules(pages), release.hosting
    if hosting is None or hosting.host == "apache":
        _put(root, ".htaccess", servers.htaccess(rules, hosting).encode())
    elif hosting.host == "nginx":
        _put(root, "nginx.conf", servers.nginx(rules, hosting).encode())
    else:
        things = [*pages.terms, *pages.individuals, *pages.mappings]
        places = [place for iri in things if (place := pages.links.place(iri))]
        # A mapping is a row of one page.
        names = [f"id/{p.partition('#')[2]}" if "#" in p else p[:-5] for p in places]
        named = zip(names, places, strict=True)
        for place, text in servers.stubs(hosting, _ontologies(pages.facts), named, others):
            Path(root, place).parent.mkdir(parents=True, exist_ok=True)
            _put(root, place, text.encode())
        _put(root, ".nojekyll", b"")
    if hosting and hosting.host == "w3id":
        Path(root, "w3id").mkdir()
        _put(root, "w3id/.htaccess", servers.w3id(rules, hosting).encode())


def _downloads(release: Release) -> list[Download]:
    """Return what the folders of a release hold now."""
    hosting = release.hosting
    here = f"{RELEASES}/{release.version}/" if hosting else ""
    base = hosting.base + here if hosting else description.base(release)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _FOLDERS}
    for file in inventory.files(release.folder):
        folder, _, name = file.path.partition("/")
        if name and folder in rows:
            row = {
                "name": name,
                "url": base + (quote(file.path) if hosting else file.path),
                "href": here + quote(file.path) if hosting else "",
                "type": "application/gzip" if file.packed else file.media_type,
                "bytes": file.size,
                "sha256": file.sha256,
            }
            rows[folder].append(row)
    return [
        Download(name, about, rows[name] if len(rows[name]) <= _MOST_FILES else [], len(rows[name]))
        for name, about in _FOLDERS.items()
    ]


def contents(
    release: Release, *, individuals: bool = True, listed: bool = True, asking: bool = False
) -> Contents:
    """Return all pages of a release, as what they say.

    Args:
        release: The release.
        individuals: Whether claims and what belongs to them get pages, too.
        listed: Whether to list what the other folders hold by now.
        asking: Whether the pages of questions can ask for themselves.
    """
    store = release.build.open() if individuals else None
    catalog = [Question.from_dict(row) for row in release.build.catalog()]
    folder = resources.data_root() / "queries" / "competency"
    facts, packaged = Facts.read(release.build, individuals=individuals), _packaged(release)
    facts.own = _own(facts, packaged)
    return Contents(
        facts,
        Asked.read(catalog, folder),
        release.build.manifest["counts"],
        release.version,
        _downloads(release) if listed else [],
        first=packaged,
        told=claims.read(store, standing=False) if store else (),
        table=_TABLE if (release.folder / "tables" / _TABLE).is_file() else "",
        store=store,
        live=asking,
        releases=f"{RELEASES}/{release.version}/" if release.hosting else "",
    )


def write(
    release: Release,
    say: Say,
    *,
    individuals: bool = True,
    share: int = 0,
    of: int = 1,
    engine: Path | None = None,
) -> None:
    """Write the site into `site/` of a release, or a share of it.

    Args:
        release: The release; what its other folders hold by now is listed for download.
        say: Called with a line about what was written.
        individuals: Whether claims and what belongs to them get pages, too. Without them memory
            and time depend on the ontology alone.
        share: Which share to write, from 0. Terms and individuals are dealt out among the shares;
            all else is in the first.
        of: How many shares there are.
        engine: The file of the engine with which the pages of questions answer in the browser.

    Raises:
        UserError: the file of the engine is another.
        OSError: a file cannot be written.
    """
    pages = contents(
        release, individuals=individuals, listed=not share, asking=individuals and bool(engine)
    )
    site = release.folder / "site"
    for name in ("ontology", "id", "questions", *([OWN] if pages.facts.own else [])):
        (site / name).mkdir(parents=True, exist_ok=True)
    hosting = release.hosting
    renderer = Renderer(
        pages.links,
        pages.claims,
        release.version,
        issues=release.issues,
        base=hosting.base if hosting else "",
        feed=FEED if hosting else "",
    )
    root = str(site)
    things = [*pages.terms, *pages.individuals]
    for iri in things[share::of]:
        page = pages.thing(iri)
        _put(root, page.place, renderer.html(page).encode())
        _describe(root, page.place.removesuffix(".html"), pages.facts.description(iri))
    if share:
        return
    others = []
    for page in pages.others():
        _put(root, page.place, renderer.html(page).encode())
        for name, text in page.files.items():
            _put(root, f"{page.place.rpartition('/')[0]}/{name}", text.encode())
        others.append(page.place)
    if pages.table:
        _put(root, pages.table, (release.folder / "tables" / pages.table).read_bytes())
    for question, difference in pages.questions.differences.items():
        say(
            f"{question}: the answer is not what curators wrote down for the packaged graph: "
            f"{len(difference.missing)} missing, {len(difference.more)} more"
        )
    if engine and individuals:
        whole = release.folder / "graphs" / f"{graphs.WHOLE}.nt.gz"
        live.write(site, live.Engine.read(engine), pages, whole.read_bytes())
    if pages.mappings:
        rows = [t for iri in pages.mappings for t in pages.facts.description(iri)]
        _describe(root, "mappings", rows)
    ontology = pages.facts.ontology(schema_org.ONTOLOGY)
    _describe(root, "ontology/index", ontology)
    triples = writing.canonical(ontology)
    rdf_xml = rdfxml.pieces(lambda: triples, instead="\ufffd")
    _put(root, "ontology/index.owl", "".join(rdf_xml).encode())
    for name in ("style.css", "question.css", "search.js"):
        _put(root, name, (TEMPLATES / name).read_bytes())
    _put(root, "search-index.js", pages.index().encode())
    context = resources.data_root() / "ontology" / "context.jsonld"
    _put(root, "context.jsonld", context.read_bytes())
    _server(root, release, pages, others)
    if hosting:
        _put(root, "404.html", renderer.html(pages.missing(), root=hosting.path).encode())
    addresses = [_address(release, place) for place in others]
    addresses += [
        # A sitemap lists addresses of its own site alone.
        _address(release, pages.links.place(iri)) if hosting or iri in pages.facts.own else iri
        for iri in things
    ]
    base = hosting.base if hosting else schema_org.DATASET
    _sitemap(site, addresses, release.version, base)
    count = len(addresses)
    say(f"site: {count:,} pages, {len(things):,} of them with Turtle and JSON-LD beside them")


def _put(root: str, place: str, content: bytes) -> None:
    with open(os.path.join(root, place), "wb") as out:
        out.write(content)


def _describe(root: str, place: str, triples: list[ox.Triple]) -> None:
    _put(root, f"{place}.ttl", turtle_of(triples))
    _put(root, f"{place}.jsonld", jsonld.document(triples).encode())
