"""What a graph holds, counted in one pass over its N-Triples."""

import gzip
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sarcoma_kg.ground import namespaces

__all__ = ["Statistics", "count"]

_TYPE = f"<{namespaces.PREFIXES['rdf']}type>"


class Statistics(NamedTuple):
    """The numbers that VoID (https://www.w3.org/TR/void/) has names for.

    Attributes:
        triples: Triples.
        subjects: Distinct subjects.
        classes: IRI of a class -> its direct instances.
        properties: IRI of a property -> triples with it.
    """

    triples: int
    subjects: int
    classes: Counter[str]
    properties: Counter[str]


def count(path: Path) -> Statistics:
    """Count what a compressed file of sorted N-Triples holds.

    Args:
        path: The file; triples of one subject follow each other, and none comes twice.
    """
    classes: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    subjects, before = 0, ""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            properties[predicate] += 1
            if subject != before:
                subjects, before = subjects + 1, subject
            if predicate == _TYPE and rest.startswith("<"):
                classes[rest[1:-4]] += 1
    named = Counter({predicate[1:-1]: number for predicate, number in properties.items()})
    return Statistics(properties.total(), subjects, classes, named)
