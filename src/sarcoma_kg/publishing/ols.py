"""What loads the ontology into an Ontology Lookup Service: an entry of its loader's list.

OLS 4 reasons over nothing that it loads (https://github.com/EBISPOT/ols4/issues/347), so the entry
names the simple form, in which the inferred parents stand. The fields are those of OLS 4's own
lists (https://github.com/EBISPOT/ols4/tree/dev/dataload/configs).
"""

import json

from sarcoma_kg.ground import namespaces
from sarcoma_kg.publishing import description, graphs
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["write"]

_SYNONYMS = [
    f"{namespaces.PREFIXES['oboInOwl']}has{scope}Synonym"
    for scope in ("Exact", "Narrow", "Broad", "Related")
]


def write(release: Release, say: Say) -> None:
    """Write ontology/ols.json.

    Args:
        release: Where to write.
        say: Called with a few words at the beginning of each step.
    """
    folder = release.folder / "ontology"
    folder.mkdir(exist_ok=True)
    entry = {
        "id": "sarcoma_kg",
        "preferredPrefix": "SKG",
        "title": "sarcoma-kg ontology",
        "uri": graphs.SIMPLE,
        "description": description.DESCRIPTION,
        "homepage": "https://w3id.org/sarcoma-kg/",
        "definition_property": [f"{namespaces.PREFIXES['obo']}IAO_0000115"],
        "synonym_property": _SYNONYMS,
        "hierarchical_property": [],
        "hidden_property": [],
        "base_uri": [namespaces.SKG],
        "oboSlims": True,
        "ontology_purl": f"{description.base(release)}ontology/sarcoma-simple.owl",
    }
    text = json.dumps({"ontologies": [entry]}, ensure_ascii=False, indent=2) + "\n"
    (folder / "ols.json").write_text(text, encoding="utf-8", newline="\n")
