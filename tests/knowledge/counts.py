"""Count what the ontology holds, in this working tree (".") or as of commits.

python -m tests.knowledge.counts 345776d .   # a Markdown table, one column for each

Classes are those of our namespace that are subclasses, at any depth and by assertion, of the top of
a branch, the top left out and deprecated ones too. Definitions are those of these classes.
"""

import csv
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pyoxigraph

from sarcoma_kg.ground import namespaces, resources

__all__ = ["counted", "main"]

_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "owl", "obo", "rdfs")
)
_OURS = (
    f'FILTER(STRSTARTS(STR(?x), "{namespaces.SKG}")) FILTER NOT EXISTS {{ ?x owl:deprecated true }}'
)
_ANY = "VALUES ?top { skg:Disease skg:Alteration skg:Target skg:Therapy }"
_PATTERNS = {
    "diseases": f"?x rdfs:subClassOf+ skg:Disease . {_OURS}",
    "alterations": f"?x rdfs:subClassOf+ skg:Alteration . {_OURS}",
    "of these fusions": f"?x rdfs:subClassOf+ skg:Fusion . {_OURS}",
    "targets": f"?x rdfs:subClassOf+ skg:Target . {_OURS}",
    "therapies": f"?x rdfs:subClassOf+ skg:Therapy . {_OURS}",
    "diseases with a characteristic alteration": "?x skg:characteristicAlteration ?a",
    "relations that await a source": "?x skg:awaitingSource true",
    "definitions that await a source": (
        f"{_ANY} ?x rdfs:subClassOf* ?top ; obo:IAO_0000119 skg:CuratorKnowledge . {_OURS}"
    ),
}


def counted(root: Path) -> dict[str, int]:
    """Return the counts of the `ontology/` folder of a checkout, by what they count."""
    folder = root / "ontology"
    store = pyoxigraph.Store()
    modules = [*folder.glob("*.ttl"), *(folder / "claims").glob("*.ttl")]
    for path in sorted(modules):
        store.bulk_load(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
    found = {}
    for what, pattern in _PATTERNS.items():
        query = f"{_PROLOGUE} SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"
        answer = store.query(query)
        assert isinstance(answer, pyoxigraph.QuerySolutions)
        found[what] = int(next(answer)["n"].value)
    labels = [
        row["object_label"]
        for path in sorted((folder / "mappings").glob("*.sssom.tsv"))
        for row in _rows(path)
    ]
    found["mappings"] = len(labels)
    found["of these without the label of their object"] = labels.count("")
    ledger = folder / "mappings" / "completeness.tsv"
    states = [row["state"] for row in _rows(ledger)] if ledger.exists() else []
    found["things known to be missing, brought in"] = states.count("in")
    found["things known to be missing, still out"] = states.count("out")
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [ln for ln in path.read_text("utf-8").splitlines() if not ln.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _checkout(commit: str, folder: Path) -> Path:
    packed = subprocess.run(
        ["git", "archive", commit, "ontology"],
        cwd=resources.data_root(),
        check=True,
        capture_output=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def main(commits: list[str]) -> None:
    """Print a table with one column for each commit; `.` is the working tree."""
    columns = []
    for commit in commits:
        with tempfile.TemporaryDirectory() as folder:
            here = commit == "."
            columns.append(
                counted(resources.data_root() if here else _checkout(commit, Path(folder)))
            )
    heads = ["now" if commit == "." else f"`{commit}`" for commit in commits]
    lines = [["", *heads], ["---", *["---:"] * len(commits)]]
    lines += [[what, *(str(column[what]) for column in columns)] for what in columns[0]]
    sys.stdout.writelines(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:] or ["."])
