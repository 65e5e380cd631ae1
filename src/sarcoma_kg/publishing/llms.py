"""What a release says to language models: llms.txt (https://llmstxt.org)."""

from sarcoma_kg.publishing import description
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["write"]

_TEXT = """# {title}

> {description}

Release of {version}. A claim is what a source says, in the words of a curator, with its place in
the text; it is not a fact. Cite a claim by its number, with its status: `externally disputed` means
that checked evidence contradicts it, `cited, unsupported` that no reference it cites could carry
it. Say that nothing is found where nothing is: no row is not a claim of no effect. Nothing here is
medical advice.

## Data

{data}

## Questions

Each file is one question as SPARQL 1.1; the answer that curators expect lies beside it.

{questions}

## Optional

- [README.md](README.md): what is where, for people
- [CITATION.cff](CITATION.cff): how to cite; cite the reviews whose claims are reused, too
"""
#: Files for machines, the simplest first; those that a release lacks are left out.
_DATA = (
    ("tables/claims.jsonl", "one claim a line, with status, place in the source and citations"),
    ("tables/claims.csv", "the same as a table; claims.csv-metadata.json describes the columns"),
    ("graphs/sarcoma-kg.ttl", "the whole graph: ontology, claims, citations, evidence"),
    ("ontology/sarcoma.ttl", "the ontology alone"),
    ("context.jsonld", "the JSON-LD context"),
)


def write(release: Release, say: Say) -> None:
    """Write llms.txt.

    Args:
        release: A release with its data and questions.
        say: Called with a few words at the beginning of each step.
    """
    folder = release.folder
    data = [f"- [{name}]({name}): {t}" for name, t in _DATA if (folder / name).is_file()]
    asked = [
        f"- [{path.stem}](queries/competency/{path.name}): {_summary(path.read_text('utf-8'))}"
        for path in sorted((folder / "queries" / "competency").glob("*.rq"))
    ]
    text = _TEXT.format(
        title=description.TITLE, description=description.DESCRIPTION, version=release.version,
        data="\n".join(data), questions="\n".join(asked),
    )  # fmt: skip
    (folder / "llms.txt").write_text(text, encoding="utf-8", newline="\n")


def _summary(text: str) -> str:
    begin = "#+ summary: "
    found = (line.removeprefix(begin) for line in text.splitlines() if line.startswith(begin))
    return next(found, "")
