"""The release as a research object: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)."""

import json
from typing import Any

from sarcoma_kg.publishing import description, inventory
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["METADATA", "write"]

#: The name that the specification gives the file.
METADATA = "ro-crate-metadata.json"


def write(release: Release, say: Say) -> None:
    """Write ro-crate-metadata.json over the files that are there.

    Args:
        release: A release with all its files but this one and the checksums.
        say: Called with a few words at the beginning of each step.
    """
    licence, author = {"@id": description.LICENCE}, {"@id": "#developers"}
    listed = inventory.files(release.folder)
    files: list[dict[str, Any]] = [
        {
            "@id": file.path,
            "@type": "File",
            "name": file.title,
            "encodingFormat": "application/gzip" if file.packed else file.media_type,
            "contentSize": str(file.size),
            "license": licence,
        }
        for file in listed
    ]
    parts = [{"@id": file.path} for file in listed]
    if (release.folder / "site").is_dir():
        parts.append({"@id": "site/"})
        files.append({"@id": "site/", "@type": "Dataset", "name": inventory.title("site/")})
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "identifier": description.base(release),
            "name": description.TITLE,
            "description": description.DESCRIPTION,
            "datePublished": release.version,
            "version": release.version,
            "license": licence,
            "author": author,
            "publisher": author,
            "hasPart": parts,
        },
        {"@id": "#developers", "@type": "Organization", "name": description.PUBLISHER},
        {
            "@id": description.LICENCE,
            "@type": "CreativeWork",
            "name": "Creative Commons Attribution 4.0 International",
            "description": "You may share and adapt the data when you name where it is from.",
            "identifier": description.LICENCE,
        },
        *files,
    ]
    content = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (release.folder / METADATA).write_text(text, encoding="utf-8", newline="\n")
