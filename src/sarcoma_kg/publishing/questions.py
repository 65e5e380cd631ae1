"""The questions of a release: .rq files, expected answers, and all as linked data.

The Turtle has the form of the SIB SPARQL examples (https://github.com/sib-swiss/sparql-examples):
each question is a sh:SPARQLExecutable with its text in English and its query.
"""

import shutil
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg import turtle
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.questions import catalog

__all__ = ["BASE", "triples", "write"]

#: What the IRI of a question begins with.
BASE = "https://w3id.org/sarcoma-kg/query/"
_SCHEMA = "https://schema.org/"


def write(release: Release, say: Say) -> None:
    """Write queries/: the files as they are kept, and questions.ttl.

    Args:
        release: What to publish.
        say: Called with a few words at the beginning of each step.
    """
    say("writing the questions")
    source, target = resources.data_root() / "queries", release.folder / "queries"
    for path in sorted(source.rglob("*")):
        if path.suffix in (".rq", ".csv", ".md") and not path.name.startswith("."):
            _copy(path, target / path.relative_to(source))
    questions = [catalog.Question.from_dict(data) for data in release.build.catalog()]
    found = [triple for question in questions for triple in triples(question)]
    prefixes = {**namespaces.PREFIXES, "schema": _SCHEMA, "question": BASE}
    text = turtle.serialize(found, prefixes)
    (target / "questions.ttl").write_text(text, encoding="utf-8", newline="\n")


def _copy(path: Path, target: Path) -> None:
    """Copy the content of a file; its times and rights stay behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def triples(question: catalog.Question) -> list[ox.Triple]:
    """Return a question as a sh:SPARQLExecutable."""
    node, shacl = ox.NamedNode(BASE + question.id), namespaces.PREFIXES["sh"]
    rdf, rdfs = namespaces.PREFIXES["rdf"], namespaces.PREFIXES["rdfs"]

    def triple(predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(node, ox.NamedNode(predicate), value)

    return [
        triple(rdf + "type", ox.NamedNode(shacl + "SPARQLExecutable")),
        triple(rdf + "type", ox.NamedNode(shacl + "SPARQLSelectExecutable")),
        triple(rdfs + "comment", ox.Literal(question.summary, language="en")),
        triple(rdfs + "label", ox.Literal(question.slug.replace("-", " "), language="en")),
        # The line breaks of a file that was checked out on Windows are none of ours.
        triple(shacl + "select", ox.Literal(question.query().replace("\r\n", "\n"))),
        *(triple(_SCHEMA + "keywords", ox.Literal(tag)) for tag in question.tags),
    ]
