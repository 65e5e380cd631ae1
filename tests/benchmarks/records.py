"""Benchmark tables: the packaged records of CIViC as rows of its dump, multiplied to any number.

    python -m tests.benchmarks.records --rows 1000000 out.tsv

The rows are made from the records by the recipe, read backwards, so that nothing but this
repository and a build is needed. Each copy has identifiers of its own (evidence item, publication);
genes, variants, diseases and drugs stay those of the records. Four rows of each copy are none that
the recipe takes. Columns that it does not read hold as many characters as in the dump, invented.
"""

import argparse
import csv
import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.building import pipeline
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.sources import recipe
from sarcoma_kg.sources.index import Index

__all__ = ["COLUMNS", "rows", "write"]

_RECIPE = recipe.read(recipe.find("civic"))
COLUMNS = [*_RECIPE.columns, *_RECIPE.unused]
_RECORD = namespaces.KB + "civic-eid-"
_WORDS = {"evidence_statement": 450, "variant_summary": 350}
_TEXT = "An invented sentence, as long as those that stand here. " * 9
_FIRST = 1_000_000


def _records() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    path = resources.data_root() / "ontology" / "claims" / "civic.ttl"
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        subject = str(quad.subject)[1:-1]
        if subject.startswith(_RECORD):
            value = quad.object
            text = value.value if isinstance(value, ox.Literal) else str(value)[1:-1]
            found[subject.removeprefix(_RECORD)][quad.predicate.value].append(text)
    return found


def _row(slots: dict[str, list[str]], index: Index) -> dict[str, str]:
    """Return the cells from which the recipe makes a record."""
    row = dict.fromkeys(COLUMNS, "")
    for slot in _RECIPE.slots:
        values = sorted(slots.get(slot.iri, []))
        if not values:
            continue
        if slot.values:
            cells = [cell for cell, iri in slot.values.items() if iri in values]
        elif slot.address:
            before, _, after = slot.address.partition("{}")
            cells = [value.removeprefix(before).removesuffix(after) for value in values]
        elif slot.term:
            cells = [index.label(value) for value in values]
            for column, prefix in slot.identifiers:
                space = namespaces.expand(prefix + ":") or ""
                codes = sorted(index.codes(values[0], space))
                row[column] = codes[0].removeprefix(space) if codes else ""
        else:
            cells = values
        row[slot.column] = (slot.split or "|").join(cells)
        if slot.when:
            row[slot.when[0]] = slot.when[1]
    variant = row["variant_civic_url"].rpartition("/")[2]
    return row | {"variant_id": variant} | {c: _TEXT[:n] for c, n in _WORDS.items()}


def rows() -> Iterator[list[str]]:
    """Yield rows without end; 4 of each 194 are to be listed."""
    index = Index(pipeline.build()[0].open())
    taken = [_row(slots, index) for _, slots in sorted(_records().items())]
    listed = [
        taken[0] | {"disease": "melanoma", "doid": "1909"},
        taken[1] | {"drugs": "no such drug"},
        taken[2] | {"evidence_level": "Z"},
        taken[3] | {"citation_id": "by letter"},
    ]
    at = {name: COLUMNS.index(name) for name in ("evidence_id", "citation_id")}
    url = COLUMNS.index("evidence_civic_url")
    base = _RECIPE.slots[-1].pattern
    assert base
    address = base.pattern.replace("\\.", ".").removesuffix(r"\d+")
    block = [list(row.values()) for row in taken + listed]
    number = _FIRST
    for copy in itertools.count():
        for cells in block:
            made = cells.copy()
            made[at["evidence_id"]] = str(number)
            made[url] = f"{address}{number}"
            if made[at["citation_id"]].isdigit():
                publication = (int(made[at["citation_id"]]) + copy * 7919) % 99_999_989 + 1
                made[at["citation_id"]] = str(publication)
            yield made
            number += 1


def write(path: Path, number: int) -> None:
    """Write a table of so many rows, as tab-separated values."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(itertools.islice(rows(), number))


def main() -> int:
    """Write a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    write(args.out, args.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
