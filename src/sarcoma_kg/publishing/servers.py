"""What a web server must know to answer for the identifiers of the graph.

All of them get the same answers, by 303 redirects to a page or to data, as "Cool URIs for the
Semantic Web" (https://www.w3.org/TR/cooluris/, 4.2) describes: for Apache as `.htaccess`
(https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html), for nginx as a file to be included in a
`server` (https://nginx.org/en/docs/http/ngx_http_rewrite_module.html), for w3id.org as `.htaccess`
with addresses elsewhere (https://github.com/perma-id/w3id.org). Where files are found by their
names alone, a small page in a folder of that name leads on.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sarcoma_kg.pages.renderer import environment
from sarcoma_kg.publishing.hosts import RELEASES, Hosting

__all__ = ["Rules", "htaccess", "nginx", "stubs", "w3id"]

_UNLESS_ZERO = r"(?!\s*;[^,]*\bq=0(?:\.0*)?\s*(?:,|$))"
_GLADLY = r"\s*(?:,|$|;(?![^,]*\bq=0))"
#: What is accepted, and the form then; the last that fits counts.
_ACCEPTED = [
    (rf"(?:application/ld\+json|application/json){_UNLESS_ZERO}", "jsonld"),
    (rf"(?:text/turtle|text/n3|application/n-triples|application/x-turtle){_UNLESS_ZERO}", "ttl"),
    (rf"application/rdf\+xml{_UNLESS_ZERO}", "owl"),
    (rf"application/rdf\+xml{_GLADLY}", "owl"),
    (rf"application/ld\+json{_GLADLY}", "jsonld"),
    (rf"text/turtle{_GLADLY}", "ttl"),
    (rf"(?:text/html|application/xhtml\+xml){_GLADLY}", "html"),
]
#: Suffix -> media type of a file, where servers have none or differ.
_TYPES = {
    "atom": "application/atom+xml", "cff": "application/yaml", "csv": "text/csv",
    "gz": "application/gzip", "json": "application/json", "jsonld": "application/ld+json",
    "md": "text/markdown", "nq": "application/n-quads", "nt": "application/n-triples",
    "obo": "text/obo", "owl": "application/rdf+xml", "parquet": "application/vnd.apache.parquet",
    "rq": "application/sparql-query", "trig": "application/trig",
    "tsv": "text/tab-separated-values", "ttl": "text/turtle",
}  # fmt: skip
#: Suffixes that say what a file is, of which nobody asks for another form.
_SUFFIXES = ("html", "ttl", "jsonld", "owl", "css", "js", "rq", "csv", "xml")


class Rules(NamedTuple):
    """What the rules of every server are made from.

    Attributes:
        dates: Dates that stand in the version IRIs of the ontology and its parts.
        moved: What a server sees of a name, as a pattern -> the place of the page, without suffix.
    """

    dates: list[str]
    moved: list[tuple[str, str]]


def _render(template: str, rules: Rules, hosting: Hosting | None, site: str) -> str:
    return (
        environment()
        .get_template(template)
        .render(
            rules._asdict(),
            accepted=_ACCEPTED,
            hosting=hosting,
            path=re.escape(hosting.path) if hosting else "",
            releases=RELEASES,
            site=site,
            suffixes=_SUFFIXES,
            types=_TYPES,
        )
    )


def htaccess(rules: Rules, hosting: Hosting | None = None) -> str:
    """Return the rules for Apache, which hold below any path; with a host its releases too."""
    return _render("htaccess", rules, hosting, "%{ENV:SITE}")


def w3id(rules: Rules, hosting: Hosting) -> str:
    """Return the rules for https://w3id.org, which lead to the address of the host."""
    return _render("htaccess", rules, hosting, hosting.base)


def nginx(rules: Rules, hosting: Hosting) -> str:
    """Return the rules for nginx, for the path that the address of the host has."""
    return _render("nginx.conf", rules, hosting, hosting.path)


def stubs(
    hosting: Hosting,
    ontologies: Iterable[str],
    things: Iterable[tuple[str, str]],
    others: Iterable[str],
) -> Iterator[tuple[str, str]]:
    """Yield for a host without rules the place of each small page that leads on, and its text.

    Args:
        hosting: The host.
        ontologies: Names of the ontology, its parts and their versions, below the root.
        things: Name of a thing below the root, and the place of its page.
        others: Places of pages without data beside them.
    """
    template = environment().get_template("moved.html")
    targets = {place.removesuffix(".html"): (place, "") for place in others}
    for name, place in things:
        targets[name] = (place, place.partition("#")[0].removesuffix(".html"))
    targets |= dict.fromkeys(ontologies, ("ontology/index.html", "ontology/index"))
    for version in hosting.versions:
        here = f"{RELEASES}/{version}"
        targets[f"{version}/ontology"] = (f"{here}/index.html", f"{here}/ontology/sarcoma")
    for name, (place, data) in targets.items():
        # The folder of a page that is the first of its folder has that page already.
        if f"{name}/index.html" != place and not name.endswith("index"):
            up = "../" * (name.count("/") + 1)
            text = template.render(name=name, target=up + place, data=data and up + data)
            yield f"{name}/index.html", text
