"""What a release says to people: README.md, LICENSE and CITATION.cff; and to Zenodo.

CITATION.cff follows its schema 1.2.0
(https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md),
`.zenodo.json` the metadata of a deposit (https://developers.zenodo.org/#representation).
"""

import json
import re

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing import description, inventory
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["ZENODO", "doi", "write"]

#: The name under which Zenodo looks for it.
ZENODO = ".zenodo.json"
#: A DOI as the schema of CITATION.cff has it, and the line that waits for one.
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)?/[A-Za-z0-9:/_;.()\[\]-]+")
_SLOT = "# doi: the DOI of this release, once it has one (`sarcoma-kg publish --doi`)"

_README = """# {title}

Release of {version}. {description}

## What is where

| | |
|---|---|
{rows}

Every graph comes as Turtle (`.ttl`), RDF/XML (`.owl`), sorted N-Triples and N-Quads (`.nt.gz`,
`.nq.gz`) and JSON-LD (`.jsonld`); all forms of a graph are the same graph. `ontology/sarcoma.obo`
and `ontology/sarcoma.json` (OBO Graphs) hold what these carry of the ontology: no individuals, no
languages, no annotations of axioms. `ontology/sarcoma-simple.owl` (and `.obo`) is what OBO calls
`-simple`: our terms with the parents that the reasoner found and their relations, and no other
axiom; `ontology/subsets/` holds the same of each subset. `ontology/ols.json` is the entry with
which an Ontology Lookup Service loads it.

## Where to begin

- **Without RDF**: `tables/claims.csv` in a spreadsheet, or `tables/claims.parquet`. Every row is
  what a source says; `tables/claims.jsonl` has one claim a line. Columns are described in
  `tables/claims.csv-metadata.json`. In the CSV
  a cell that a spreadsheet would run (`=...`) has an apostrophe before it; Parquet has it as it is.
- **In a browser**: `site/index.html`. The folder `site/` stands alone: it may be copied to a server
  or opened from a disk without the rest.
- **In Protégé**: `ontology/sarcoma.ttl`; it holds all parts and imports nothing. There is no
  catalog here and none is needed: `graphs/` names the imports as the parts have them, and holds
  those parts.
- **In a triplestore**: load `graphs/sarcoma-kg.nt.gz` into the default graph; the files in
  `queries/competency/` then run as they stand, and the answer that curators expect lies beside
  each. `graphs/sarcoma-kg.nq.gz` keeps what is asserted and what is inferred in two named graphs;
  ask their union.
- **In Python**:

      import pandas
      claims = pandas.read_parquet("tables/claims.parquet")

## What to know

- A claim is what a source says, in the words of a curator, with the place in the text. It is not
  a fact, and nothing here is medical advice. `status` marks claims whose citations do not match
  and those that checked evidence disputes.
- `sha256sum --check SHA256SUMS` tells whether all files arrived whole.
- `prov.ttl` names every input by its hash. The same inputs give the same release, byte by byte
  (compressed files: with the same zlib).

## Licence

All files: Creative Commons Attribution 4.0 (`LICENSE`). NCIt and ChEBI (both CC BY 4.0) appear by
identifier and label. `CITATION.cff` says how to cite; cite the reviews whose claims you reuse
too."""
_LICENCE = """Creative Commons Attribution 4.0 International (CC BY 4.0)
{licence}

You may share and adapt every file of this release, for any purpose, when you name sarcoma-kg,
link to the licence and say what you changed.
"""
_CITATION = """cff-version: 1.2.0
title: "{title}"
message: If you use this graph, please cite it, and cite the reviews whose claims you reuse.
type: dataset
version: "{version}"
date-released: "{version}"
license: CC-BY-4.0
{doi}
authors:
  - name: {publisher}
abstract: >-
  {description}
"""


def doi(typed: str) -> str:
    """Return a DOI without the address of a resolver.

    Raises:
        UserError: it is none.
    """
    found = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", typed.strip(), flags=re.IGNORECASE)
    if not _DOI.fullmatch(found):
        raise UserError(f"{typed[:200]}: not a DOI", "such as 10.5281/zenodo.1234567")
    return found


def _zenodo(release: Release) -> str:
    """Return what Zenodo is told of a release."""
    data = {
        "title": description.TITLE,
        "description": description.DESCRIPTION,
        "upload_type": "dataset",
        "access_right": "open",
        "license": "CC-BY-4.0",
        "creators": [{"name": description.PUBLISHER}],
        "keywords": ["sarcoma", "oncology", "ontology", "knowledge graph"],
        "language": "eng",
        "version": release.version,
        "publication_date": release.version,
        "related_identifiers": [
            {
                "identifier": description.base(release),
                "relation": "isAlternateIdentifier",
                "scheme": "url",
            }
        ],
        **({"doi": release.doi} if release.doi else {}),
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write(release: Release, say: Say) -> None:
    """Write README.md, LICENSE and CITATION.cff; .zenodo.json for a release that is hosted.

    Args:
        release: A release with all its data.
        say: Called with a few words at the beginning of each step.
    """
    folders = sorted(path.name for path in release.folder.iterdir() if path.is_dir())
    inside = {
        "ontology": "ontology/sarcoma",
        "graphs": "graphs/sarcoma-kg",
    }
    rows = [f"| `{name}/` | {inventory.title(inside.get(name, name + '/'))} |" for name in folders]
    rows += [f"| `{name}` | {inventory.title(name)} |" for name in _BESIDE]
    words = {
        "title": description.TITLE,
        "description": description.DESCRIPTION,
        "licence": description.LICENCE,
        "publisher": description.PUBLISHER,
        "version": release.version,
        "doi": f"doi: {release.doi}" if release.doi else _SLOT,
    }
    for name, text in (("README.md", _README), ("LICENSE", _LICENCE), ("CITATION.cff", _CITATION)):
        content = text.format(rows="\n".join(rows), **words)
        (release.folder / name).write_text(content, encoding="utf-8", newline="\n")
    if release.hosting:
        place = release.folder / ZENODO
        place.write_text(_zenodo(release), encoding="utf-8", newline="\n")


_BESIDE = (
    "context.jsonld", "void.ttl", "dcat.ttl", "prov.ttl", "service-description.ttl",
    "ro-crate-metadata.json",
)  # fmt: skip
