"""The site of a release, live: the same pages from the same templates, made when asked for.

Beside each page of a thing stand its descriptions in RDF, as in a release; the page of a question
answers for what its address says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import rdfxml, writing
from sarcoma_kg.pages.asked import Asked
from sarcoma_kg.pages.contents import Contents
from sarcoma_kg.pages.facts import Facts
from sarcoma_kg.pages.page import Page
from sarcoma_kg.pages.renderer import TEMPLATES, Renderer, environment
from sarcoma_kg.publishing import jsonld, publish, site
from sarcoma_kg.publishing.release import Release
from sarcoma_kg.quality import canaries
from sarcoma_kg.questions import asking, claims
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.questions.expected import Expected
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = ["ENDINGS", "Site"]

#: Ending of an address -> media type.
ENDINGS = {
    "html": "text/html", "ttl": "text/turtle", "jsonld": "application/ld+json",
    "nt": "application/n-triples", "owl": "application/rdf+xml", "css": "text/css",
    "js": "text/javascript", "csv": "text/csv", "rq": "application/sparql-query",
}  # fmt: skip
#: The ontology, and the parts that it is written in.
_WHOLE = re.compile(r"ontology/?|(?:module|import|claims)/[A-Za-z0-9_-]+")
_LISTS = ("claims", "propositions", "evidence", "mappings")
#: Triples of a graph elsewhere that are copied for its pages.
_MOST_COPIED = 2_000_000
_STATIC = ("style.css", "question.css", "search.js")


class Site:
    """The pages of a graph.

    Args:
        contents: What they say.
        version: Date of the data.
    """

    def __init__(self, contents: Contents, version: str) -> None:
        self._pages = contents
        self._renderer = Renderer(self._pages.links, self._pages.claims, version)
        pages, place = self._pages, self._pages.links.place
        self._things = {
            place(iri).removesuffix(".html"): iri for iri in (*pages.terms, *pages.individuals)
        }
        self._others: dict[str, Callable[[], Page]] = {
            "index": pages.home, "ontology/index": pages.ontology,
            "questions/index": pages.questions.listing,
        }  # fmt: skip
        vocabulary = pages.vocabulary()
        self._others[vocabulary.place.removesuffix(".html")] = pages.vocabulary
        for name in _LISTS:
            made = pages.listing(name)
            self._others[made.place.removesuffix(".html")] = partial(pages.listing, name)
        self._asked = {f"questions/{a.question.id}": a for a in pages.questions.asked}
        self._files = {name: (TEMPLATES / name).read_bytes() for name in _STATIC}
        # There is somebody here who can route a sentence.
        self._files["search-index.js"] = f"{pages.index()}sarcomaKgIndex.live = true;\n".encode()
        context = resources.data_root() / "ontology" / "context.jsonld"
        self._files["context.jsonld"] = context.read_bytes()
        # What is read once is read now: later this process opens no file.
        jsonld.document([])
        for name in environment().list_templates():
            environment().get_template(name)

    @classmethod
    def of(cls, location: str) -> "Site":
        """Return the pages of the build in a folder."""
        build = Build(location)
        version = publish.version(build)
        release = Release(build, Path(location) / "no-release", version)
        return cls(site.contents(release, listed=False), version)

    @classmethod
    def copied(cls, store: Store, questions: Sequence[Question], version: str) -> "Site":
        """Return the pages of a graph that is elsewhere, from a copy as it is now.

        Raises:
            UserError: it is too large to be held, or cannot be read.
        """
        (row,) = store.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").dicts()
        if int(row["n"]) > _MOST_COPIED:
            raise UserError(
                f"the graph has more than {_MOST_COPIED:,} triples, too many for pages",
                "serve it with --without-pages",
            )
        triples = canaries.everything(store)
        inner = ox.Store()
        inner.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        copy = EmbeddedStore(inner)
        folder = resources.data_root() / "queries" / "competency"
        counts = {"triples": len(triples)}
        pages = Contents(
            Facts((triple, False) for triple in triples), Asked.read(questions, folder), counts,
            version, told=claims.read(copy, standing=False), store=copy,
        )  # fmt: skip
        return cls(pages, version)

    def place(self, name: str) -> str:
        """Return where the page of a thing lies, without ending; empty where there is none.

        Args:
            name: Path of an identifier below the site, such as `ontology/Sarcoma`.
        """
        name = self._pages.links.moved.get(name, name)
        if _WHOLE.fullmatch(name):
            return "ontology/index"
        known = (self._things, self._asked, self._others)
        if any(name in pages for pages in known):
            return name
        return f"{name}/index" if f"{name}/index" in self._others else ""

    def file(self, path: str, typed: Mapping[str, str]) -> tuple[str, bytes] | None:
        """Return media type and content of what lies at a path below the site; None for nothing.

        Args:
            path: Such as `ontology/Sarcoma.html`; the ending says the format.
            typed: For the page of a question: parameter -> what was typed.

        Raises:
            UserError: no such parameter or term.
        """
        if path in self._files:
            return ENDINGS[path.rpartition(".")[2]], self._files[path]
        stem, _, ending = (path or "index.html").rpartition(".")
        media = ENDINGS.get(ending, "")
        if ending == "html":
            page = self._page(stem, typed)
            return (media, self._renderer.html(page).encode()) if page else None
        if stem in self._asked and ending in ("rq", "csv"):
            asked = self._for(self._asked[stem], typed)
            files = self._pages.questions.page(asked).files
            name = f"{asked.question.id}.{ending}"
            return (media, files[name].encode()) if name in files else None
        if stem in self._things:
            return self._described(self._pages.facts.description(self._things[stem]), ending)
        if stem == "ontology/index":
            iri = "https://w3id.org/sarcoma-kg/ontology"
            triples = self._pages.facts.ontology(iri)
            if ending == "owl":
                written = list(writing.canonical(triples))
                text = "".join(rdfxml.pieces(lambda: written, instead="\ufffd"))
                return media, text.encode()
            return self._described(triples, ending)
        return None

    def _page(self, stem: str, typed: Mapping[str, str]) -> Page | None:
        if stem in self._things:
            return self._pages.thing(self._things[stem])
        if stem in self._asked:
            page = self._pages.questions.page(self._for(self._asked[stem], typed))
            parameters = self._asked[stem].question.parameters
            choices = {p.name: self._pages.questions.choices(p.kind) for p in parameters}
            return page._replace(content={**page.content, "served": True, "choices": choices})
        return self._others[stem]() if stem in self._others else None

    def _for(self, asked: Asked, typed: Mapping[str, str]) -> Asked:
        """Return a question with what was typed in place of its defaults."""
        store = self._pages.questions.store
        given = {name: words for name, words in typed.items() if words.strip()}
        if store is None or not given:
            return asked
        question = asked.question
        values_of = asking.values_for(store, question, given)
        parameters = tuple(
            p._replace(default=values_of.get(p.name, p.default)) for p in question.parameters
        )
        question = question._replace(parameters=parameters)
        if parameters == asked.question.parameters:
            return asked
        return Asked(question, question.query(), Expected([], []))

    def _described(self, triples: list[ox.Triple], ending: str) -> tuple[str, bytes] | None:
        if ending == "ttl":
            return ENDINGS[ending], site.turtle_of(triples)
        if ending == "jsonld":
            return ENDINGS[ending], jsonld.document(triples).encode()
        if ending == "nt":
            return ENDINGS[ending], ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        return None
