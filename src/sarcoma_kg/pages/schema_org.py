"""What search engines read: one schema.org (https://schema.org) description a page.

Types and properties are those of schema.org as its TypeScript edition, schema-dts 2.1.0, lists
them. The text goes into a script element: `<`, `>` and `&` are written as escapes of JSON, so that
no label can end the element.
"""

import json
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.pages.facts import Facts, Ref, named

__all__ = ["DATASET", "dataset", "described", "script", "text"]

#: The data set that every page is part of.
DATASET = "https://w3id.org/sarcoma-kg/"
ONTOLOGY = DATASET + "ontology"
_Json = dict[str, Any]
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def text(data: _Json) -> str:
    """Return a description as JSON that can stand in a script element."""
    return script({"@context": "https://schema.org", **data})


def script(data: Any) -> str:
    """Return plain data as JSON that can stand in a script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _list(refs: list[Ref]) -> list[_Json]:
    return [{"@id": ref.iri, "name": ref.label} for ref in refs]


def dataset(title: str, description: str, version: str, downloads: list[_Json]) -> _Json:
    """Return the description of the whole release.

    Args:
        title: Its name.
        description: What it is.
        version: Date of the data.
        downloads: Rows with url, name, type, bytes and sha256.
    """
    return {
        "@type": "Dataset",
        "@id": DATASET,
        "name": title,
        "description": description,
        "url": DATASET,
        "identifier": DATASET,
        "version": version,
        "datePublished": version,
        "inLanguage": "en",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "isAccessibleForFree": True,
        "keywords": ["sarcoma", "ontology", "knowledge graph", "claims", "provenance"],
        "hasPart": {"@type": "DefinedTermSet", "@id": ONTOLOGY},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": row["name"],
                "contentUrl": row["url"],
                "encodingFormat": row["type"],
                "contentSize": f"{row['bytes']} B",
                "sha256": row["sha256"],
            }
            for row in downloads
        ],
    }


def _term(facts: Facts, iri: str, content: _Json) -> _Json:
    names = [name["text"] for scope in content["synonyms"] for name in scope["names"]]
    exact = named("skos:exactMatch")
    same = [
        row["target"].iri
        for row in content["mappings"]
        if row["predicate"].iri == exact and not row.get("negated")
    ]
    return {
        "@type": "DefinedTerm",
        "termCode": namespaces.contract(iri),
        "inDefinedTermSet": {"@type": "DefinedTermSet", "@id": ONTOLOGY},
        **({"description": content["definitions"][0]} if content["definitions"] else {}),
        **({"alternateName": names} if names else {}),
        **({"sameAs": same} if same else {}),
    }


def _claim(facts: Facts, iri: str, content: _Json) -> _Json:
    about = [cell["value"] for row in content["about"] for cell in row["values"]]
    cited = [ref for act in content["citations"] for ref in act["reference"]]
    return {
        "@type": "Claim",
        "text": content["paraphrase"],
        "creativeWorkStatus": "; ".join(ref.label for ref in content["status"]),
        "appearance": [{"@type": "ScholarlyArticle", **row} for row in _list(content["source"])],
        "about": _list([ref for ref in about if isinstance(ref, Ref)]),
        "citation": [
            {"@type": "CreativeWork", "@id": ref.iri, "name": entry or ref.label}
            for ref, entry in cited
        ],
        "dateCreated": facts.text(iri, "dcterms:created"),
    }


def _source(facts: Facts, iri: str, content: _Json) -> _Json:
    return {
        "@type": "ScholarlyArticle",
        "name": content["name"],
        "author": [{"@type": "Person", "name": name} for name in content["authors"]],
        "datePublished": content["issued"],
        **({"sameAs": f"https://doi.org/{content['doi']}"} if content["doi"] else {}),
    }


def _reference(facts: Facts, iri: str, content: _Json) -> _Json:
    return {"@type": "CreativeWork", "description": content["citation"]}


def _evidence(facts: Facts, iri: str, content: _Json) -> _Json:
    return {
        "@type": "CreativeWork",
        "text": content["statement"],
        "about": _list([row["claim"] for row in content["effects"]]),
    }


_KINDS = {
    "term": _term,
    "claim": _claim,
    "source": _source,
    "reference": _reference,
    "evidence": _evidence,
}


def described(facts: Facts, iri: str, template: str, content: _Json) -> _Json:
    """Return the description of the thing that a page is about.

    Args:
        facts: The graph.
        iri: The thing.
        template: Which page it has.
        content: What that page shows.
    """
    made = _KINDS[template](facts, iri, content) if template in _KINDS else {"@type": "Thing"}
    head = {"@id": iri, "url": iri, "identifier": namespaces.contract(iri)}
    part = (
        {}
        if made["@type"] in ("DefinedTerm", "Thing")
        else {"isPartOf": {"@type": "Dataset", "@id": DATASET}}
    )
    found = {**head, "name": facts.label(iri), **made, **part}
    return {key: value for key, value in found.items() if value not in ("", [])}
