"""The static site of a release: HTML pages with Turtle and JSON-LD beside them.

`site` says what stands on a page, `templates` how it looks; this module brings them together and
writes the files. All text of the graph is escaped by the template engine.

`.htaccess` answers the identifiers of the graph by 303 redirects to a page or to data, as "Cool
URIs for the Semantic Web" (https://www.w3.org/TR/cooluris/, 4.2) describes; `sitemap.xml` follows
https://www.sitemaps.org/protocol.html.
"""

import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import jinja2
import pyoxigraph as ox
from markupsafe import Markup, escape

from sarcoma_kg import namespaces, resources
from sarcoma_kg.catalog import Question
from sarcoma_kg.publishing import jsonld
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.publishing.site import schema_org
from sarcoma_kg.publishing.site.contents import Contents, Download, Page, read_questions
from sarcoma_kg.publishing.site.facts import Facts, Ref
from sarcoma_kg.publishing.site.links import Links
from sarcoma_kg.store import Term

__all__ = ["Renderer", "turtle_of", "write"]

_TEMPLATES = Path(__file__).with_name("templates")
#: What no HTML document may hold: control characters and noncharacters.
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
#: The most addresses that a sitemap may list.
_MOST_ADDRESSES = 50_000


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Renderer:
    """Makes HTML of pages.

    Args:
        links: Which things have a page.
        version: Date of the data.
    """

    def __init__(self, links: Links, version: str) -> None:
        self.links = links
        self.version = version
        # A label stands on many pages: how it looks depends on the depth of the page alone.
        self._made: dict[tuple[Ref, int], Markup] = {}

    def html(self, page: Page) -> str:
        """Return a page as an HTML document."""
        found = _environment().get_template(f"{page.template}.html")
        text = found.render(
            page=page,
            show=lambda value: self._show(value, page.place),
            href=lambda target: self.links.href(target, page.place),
            version=self.version,
            # Escaped by schema_org.text; JSON in a script element has no character references.
            data=Markup(schema_org.text(page.data)),  # noqa: S704
            stem=page.place.rpartition("/")[2].removesuffix(".html"),
            **page.content,
        )
        return _NOT_HTML.sub("\ufffd", text)

    def _show(self, value: object, here: str) -> Markup:
        """Return a value of a page as HTML: a link where there is one."""
        if isinstance(value, Ref):
            key = (value, here.count("/"))
            if key not in self._made:
                self._made[key] = self._linked(value, here)
            return self._made[key]
        if isinstance(value, Term):
            language = value.language if value.language != "en" else ""
            attribute = f' lang="{escape(language)}"' if language else ""
            return Markup(f"<bdi{attribute}>{escape(value.value)}</bdi>")  # noqa: S704
        if isinstance(value, list | tuple):
            return Markup("").join(self._show(part, here) for part in value)
        return escape(value)

    def _linked(self, ref: Ref, here: str) -> Markup:
        # Labels may run from right to left; bdi keeps them from turning what stands around them.
        name = f"<bdi>{escape(ref.label)}</bdi>"
        href = self.links.href(ref.iri, here)
        return Markup(f'<a href="{escape(href)}">{name}</a>' if href else name)  # noqa: S704


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


def _sitemap(site: Path, addresses: list[str], version: str) -> None:
    """Write sitemap.xml, in parts and with an index where one file may not hold them all."""
    parts = [
        addresses[start : start + _MOST_ADDRESSES]
        for start in range(0, len(addresses), _MOST_ADDRESSES)
    ]
    template = _environment().get_template("sitemap.xml")
    if len(parts) == 1:
        text = template.render(addresses=parts[0], version=version, index=False)
        (site / "sitemap.xml").write_bytes(text.encode())
        return
    for number, part in enumerate(parts, 1):
        text = template.render(addresses=part, version=version, index=False)
        (site / f"sitemap-{number}.xml").write_bytes(text.encode())
    names = [f"{schema_org.DATASET}sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    text = template.render(addresses=names, version=version, index=True)
    (site / "sitemap.xml").write_bytes(text.encode())


def _address(page: Page) -> str:
    """Return the address at w3id.org of a page that is about no thing alone."""
    return schema_org.DATASET + page.place.removesuffix(".html").removesuffix("index").rstrip("/")


def write(
    release: Release, say: Say, *, individuals: bool = True, share: int = 0, of: int = 1
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

    Raises:
        OSError: a file cannot be written.
    """
    facts = Facts.read(release.build, individuals=individuals)
    catalog = [Question.from_dict(row) for row in release.build.catalog()]
    folder = resources.data_root() / "queries" / "competency"
    contents = Contents(
        facts,
        read_questions(catalog, folder),
        release.build.manifest["counts"],
        release.version,
        [] if share else Download.find(release.folder),
    )
    site = release.folder / "site"
    for name in ("ontology", "id", "questions"):
        (site / name).mkdir(parents=True, exist_ok=True)
    renderer = Renderer(contents.links, release.version)
    root = str(site)
    things = [*contents.terms, *contents.individuals]
    for iri in things[share::of]:
        page = contents.thing(iri)
        _put(root, page.place, renderer.html(page).encode())
        _describe(root, page.place.removesuffix(".html"), facts.description(iri))
    if share:
        return
    addresses = []
    for page in contents.others():
        _put(root, page.place, renderer.html(page).encode())
        addresses.append(_address(page))
    if contents.mappings:
        rows = [t for iri in contents.mappings for t in facts.description(iri)]
        _describe(root, "mappings", rows)
    ontology = facts.ontology(schema_org.ONTOLOGY)
    _describe(root, "ontology/index", ontology)
    owl = ox.serialize(ontology, format=ox.RdfFormat.RDF_XML, prefixes=namespaces.PREFIXES)
    _put(root, "ontology/index.owl", owl or b"")
    _put(root, "style.css", (_TEMPLATES / "style.css").read_bytes())
    text = _environment().get_template("htaccess").render(version=release.version)
    _put(root, ".htaccess", text.encode())
    _sitemap(site, [*addresses, *things], release.version)
    count = len(addresses) + len(things)
    say(f"site: {count:,} pages, {len(things):,} of them with Turtle and JSON-LD beside them")


def _put(root: str, place: str, content: bytes) -> None:
    with open(os.path.join(root, place), "wb") as out:
        out.write(content)


def _describe(root: str, place: str, triples: list[ox.Triple]) -> None:
    _put(root, f"{place}.ttl", turtle_of(triples))
    _put(root, f"{place}.jsonld", jsonld.document(triples).encode())
