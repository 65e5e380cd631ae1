"""Every page of the site as plain data: where it lies, which template shows it, what it says."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sarcoma_kg.ground import file_names, namespaces
from sarcoma_kg.pages import citation, dossiers, home, records, schema_org, search, terms
from sarcoma_kg.pages.asked import Asked, Questions
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.facts import Facts, Ref, named
from sarcoma_kg.pages.links import Links, local_name
from sarcoma_kg.pages.page import Page
from sarcoma_kg.questions.claims import Claim
from sarcoma_kg.stores.store import Store

__all__ = ["Contents", "Download", "Page"]

_ONTOLOGY = schema_org.ONTOLOGY
#: What a page is in a sentence, by its template.
_SUMMARIES = {"claim": "paraphrase", "reference": "citation", "evidence": "statement"}


class Download(NamedTuple):
    """A folder of the release with its files; `files` is empty when they are too many to list."""

    folder: str
    about: str
    files: list[dict[str, Any]]
    total: int


class Contents:
    """All pages of a graph.

    Args:
        facts: The graph.
        questions: The packaged questions.
        counts: What the graph holds, by name.
        version: Date of the data.
        downloads: What else is in the release.
        first: Things whose pages keep their names, whatever else the graph holds.
        told: The claims of the graph as people see them.
        table: Place of the claims as a table; empty without one.
        store: The same graph, to be asked; without one no question is answered.
        live: Whether the pages of questions can ask for themselves.
        releases: The folder of this release below the pages; empty where it is not there.
    """

    def __init__(
        self,
        facts: Facts,
        questions: Sequence[Asked],
        counts: dict[str, int],
        version: str,
        downloads: Sequence[Download] = (),
        first: Collection[str] = (),
        told: Iterable[Claim] = (),
        table: str = "",
        store: Store | None = None,
        live: bool = False,
        releases: str = "",
    ) -> None:
        self.facts = facts
        self.claims = Claims(facts, told)
        self.counts = counts
        self.version = version
        self.downloads = list(downloads)
        self.table = table
        self.releases = releases
        mapping = named("sssom:Mapping")
        self.mappings: list[str] = []
        self.terms: list[str] = []
        self.individuals: list[str] = []
        for iri in facts.subjects():
            folder, _ = local_name(iri)
            if iri.startswith(namespaces.KB) and mapping in facts.types(iri):
                self.mappings.append(iri)
            elif folder == "ontology" and terms.kind(facts, iri):
                self.terms.append(iri)
            elif folder == "id":
                self.individuals.append(iri)
            elif iri in facts.own:
                (self.terms if terms.is_term(facts, iri) else self.individuals).append(iri)
        self.links = Links([*self.terms, *self.individuals], first, facts.own)
        for iri in self.mappings:
            _, name = local_name(iri)
            if file_names.fits(name):
                self.links.put(iri, f"mappings.html#{name}")
        self.questions = Questions(questions, facts, self.claims, self.links, version, store, live)
        self.kinds = {iri: records.kind(facts, iri) for iri in self.individuals}

    def others(self) -> Iterator[Page]:
        """Yield every page that is about no term or individual alone."""
        yield self.home()
        yield self.ontology()
        yield self.vocabulary()
        for name in ("claims", "propositions", "evidence", "mappings"):
            yield self.listing(name)
        yield self.questions.listing()
        for asked in self.questions.asked:
            yield self.questions.page(asked)

    def thing(self, iri: str) -> Page:
        """Return the page of a term or an individual."""
        facts = self.facts
        template = self.kinds.get(iri, "term")
        make = terms.term if template == "term" else getattr(records, template)
        content = {"curie": namespaces.contract(iri), **make(facts, self.claims, iri)}
        if template == "term":
            content |= dossiers.dossier(facts, self.claims, self.links, iri)
            summary = next(iter(content["definitions"]), "")
        else:
            summary = content.get(_SUMMARIES.get(template, ""), "")
        if iri in self.claims:
            # What a search engine shows under a title is shown without the page.
            state = "; ".join(ref.label for ref in self.claims.state(iri)["status"])
            summary = f"[{state}] {summary or facts.label(iri)}"
        if template != "record":
            content["cite"] = self._cite(iri, template, content, summary)
        data = schema_org.described(facts, iri, template, content)
        place = self.links.place(iri)
        return Page(place, template, facts.label(iri), summary, content, data, iri)

    def _cite(
        self, iri: str, template: str, content: dict[str, Any], summary: str
    ) -> citation.Citation:
        """Return how to cite the page of a thing; what is claimed goes with its state."""
        said, name = self.facts.label(iri), namespaces.contract(iri)
        if template == "claim":
            said, name = f"Claim {said} {summary}", said
        elif template == "proposition":
            said = f"Proposition {summary or said}"
        elif content.get("of"):
            said = f"{said} ({content['verdict']})"
        return citation.cite(name, said, iri, self.version)

    def _title(self) -> str:
        return self.facts.text(_ONTOLOGY, "dcterms:title") or "sarcoma-kg"

    def _of_kind(self, kind: str) -> list[Ref]:
        return [self.facts.ref(iri) for iri, k in self.kinds.items() if k == kind]

    def index(self) -> str:
        """Return the script with the index that pages search."""
        return search.index(
            self.facts, self.claims, self.links, self.terms, self.kinds,
            [asked.question for asked in self.questions.asked],
        )  # fmt: skip

    def home(self) -> Page:
        """Return the first page."""
        description = self.facts.text(_ONTOLOGY, "dcterms:description")
        content = {
            "counts": self.counts,
            "description": description,
            "sources": self._of_kind("source"),
            "questions": [
                {"id": q.id, "summary": q.summary, "place": f"questions/{q.id}.html"}
                for q, _, _ in self.questions.asked
            ],
            "downloads": self.downloads,
            "table": self.table,
            "releases": self.releases,
            **home.home(self.claims, self.links, self.terms),
        }
        files = [row for download in self.downloads for row in download.files]
        data = schema_org.dataset("sarcoma-kg", description, self.version, files)
        return Page("index.html", "index", "sarcoma-kg", description, content, data)

    @staticmethod
    def missing() -> Page:
        """Return the page that a server shows where there is none."""
        title = "There is no such page"
        data = {"@type": "WebPage", "name": title}
        return Page("404.html", "missing", title, "", {}, data)

    def _below(self) -> dict[str, list[tuple[str, bool]]]:
        """Return class -> the classes right below it, without steps that a longer way takes."""
        from sarcoma_kg.owl import hierarchy

        up = named("rdfs:subClassOf")
        edges: dict[tuple[str, str], bool] = {}
        for iri in self.terms:
            for fact in self.facts.about(iri):
                if fact.predicate == up and self.facts.ours(fact.value.value):
                    edge = (iri, fact.value.value)
                    edges[edge] = edges.get(edge, True) and fact.inferred
        below = hierarchy.direct(set(edges))
        return {sup: [(sub, edges[sub, sup]) for sub in subs] for sup, subs in below.items()}

    def _vocabulary(self) -> list[dict[str, Any]]:
        """Return the terms that are no classes, by kind."""
        facts = self.facts
        kinds: dict[str, list[dict[str, Any]]] = {}
        for iri in self.terms:
            kind = terms.kind(facts, iri)
            if kind != "Class":
                kinds.setdefault(kind, []).append(
                    {"term": facts.ref(iri), "definition": facts.text(iri, "obo:IAO_0000115")}
                )
        for rows in kinds.values():
            rows.sort(key=lambda row: (row["term"].label.casefold(), row["term"].iri))
        return [{"kind": kind, "rows": kinds[kind]} for kind in sorted(kinds)]

    def vocabulary(self) -> Page:
        """Return the page of properties and other terms that are no classes."""
        data = {
            "@type": "CollectionPage",
            "name": "Properties and values",
            "isPartOf": {"@type": "Dataset", "@id": schema_org.DATASET},
        }
        content = {"kinds": self._vocabulary()}
        return Page("vocabulary.html", "vocabulary", "Properties and values", "", content, data)

    def ontology(self) -> Page:
        """Return the page of the ontology."""
        facts = self.facts
        below = self._below()
        under = {sub for subs in below.values() for sub, _ in subs}
        roots = home.roots(facts, self.terms)
        classes = [iri for iri in self.terms if named("owl:Class") in facts.types(iri)]
        above: dict[str, list[str]] = {}
        for sup, subs in below.items():
            for sub, _ in subs:
                above.setdefault(sub, []).append(sup)

        def tree(top: str) -> dict[str, Any]:
            return terms.tree(
                facts, self.claims, top, lambda i: below.get(i, []), lambda i: above.get(i, [])
            )

        others = [iri for iri in classes if iri not in under and iri not in roots]
        others.sort(key=lambda iri: (facts.label(iri).casefold(), iri))
        content = {
            "iri": _ONTOLOGY,
            "description": facts.text(_ONTOLOGY, "dcterms:description"),
            "versions": facts.refs(_ONTOLOGY, "owl:versionIRI"),
            "imports": facts.refs(_ONTOLOGY, "owl:imports"),
            "licences": facts.refs(_ONTOLOGY, "dcterms:license"),
            "comments": facts.texts(_ONTOLOGY, "rdfs:comment"),
            "classes": len(classes),
            "trees": [tree(iri) for iri in roots],
            "others": [tree(iri) for iri in others],
            "kinds": self._vocabulary(),
        }
        data = {
            "@type": "DefinedTermSet",
            "@id": _ONTOLOGY,
            "name": self._title(),
            "description": content["description"],
            "url": _ONTOLOGY,
            "version": self.version,
            "license": [ref.iri for ref in facts.refs(_ONTOLOGY, "dcterms:license")],
            "inLanguage": "en",
            "isPartOf": {"@type": "Dataset", "@id": schema_org.DATASET},
        }
        title = self._title()
        return Page("ontology/index.html", "ontology", title, "", content, data)

    def listing(self, name: str) -> Page:
        """Return the list of all claims, propositions, evidence or mappings."""
        facts, rows = self.facts, []
        if name == "claims":
            rows = [self.claims.row(iri) for iri in self.claims.ordered(self.claims.all)]
        elif name == "mappings":
            rows = [terms.mapping(facts, iri) for iri in self.mappings]
            rows.sort(key=lambda r: tuple(str(r[k]) for k in ("subject", "predicate", "target")))
        elif name == "evidence":
            rows = [
                {"thing": ref, "statement": facts.text(ref.iri, "skg:statement"),
                 "status": facts.refs(ref.iri, "skg:checkStatus")}
                for ref in self._of_kind("evidence")
            ]  # fmt: skip
        else:
            said = self.claims.propositions
            # The order of claims: a proposition stands where the gravest claim of it would.
            first = {
                p: at
                for at, claim in reversed([*enumerate(self.claims.ordered(self.claims.all))])
                for p in (ref.iri for ref in facts.refs(claim, "skg:hasProposition"))
            }
            rows = [
                {
                    "thing": ref,
                    "claims": [*map(facts.ref, self.claims.ordered(said.get(ref.iri, ())))],
                }
                for ref in self._of_kind("proposition")
            ]
            rows.sort(key=lambda row: first.get(row["thing"].iri, len(first)))
        title = {"evidence": "External evidence"}.get(name, name.capitalize())
        data = {
            "@type": "CollectionPage",
            "name": title,
            "isPartOf": {"@type": "Dataset", "@id": schema_org.DATASET},
        }
        return Page(f"{name}.html", f"list-{name}", title, "", {"rows": rows}, data)
