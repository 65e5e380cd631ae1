"""A term of NCIt or ChEBI, its code, and the state of reading a file of them."""

import re
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = [
    "CODES", "RETIRED_PARENTS", "RETIRED_STATES", "Concept", "Reading", "Vocabulary", "code_of",
]  # fmt: skip

Vocabulary = Literal["NCIT", "CHEBI"]

_PREFIXES = {
    "NCIT": (
        "http://purl.obolibrary.org/obo/NCIT_",
        "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#",
        "NCIT:",
    ),
    "CHEBI": ("http://purl.obolibrary.org/obo/CHEBI_", "CHEBI:"),
}
CODES = {"NCIT": re.compile(r"C[1-9][0-9]{0,8}"), "CHEBI": re.compile(r"[1-9][0-9]{0,8}")}
RETIRED_STATES = {"Retired_Concept", "Obsolete_Concept"}
#: Concepts under which NCIt keeps what it has withdrawn, such as "Retired Concept 2012".
RETIRED_PARENTS = {"C28428", "C61063", "C85834"}


class Concept(NamedTuple):
    """A term as its vocabulary has it; the parents of a retired one are left out."""

    code: str
    label: str = ""
    parents: tuple[str, ...] = ()
    retired: bool = False
    replaced_by: str = ""
    alternatives: tuple[str, ...] = ()


def code_of(vocabulary: Vocabulary, identifier: str) -> str:
    """Return the code in an IRI or CURIE of the vocabulary, or the empty string."""
    for prefix in _PREFIXES[vocabulary]:
        if identifier.startswith(prefix):
            code = identifier[len(prefix) :]
            return code if CODES[vocabulary].fullmatch(code) else ""
    return ""


class Reading:
    """A file of a vocabulary that is being read.

    Args:
        path: The file.
        vocabulary: Which terms to yield; all others are passed over.

    Attributes:
        version: What the file says of itself, known when its head has been read.
        elements: Elements or lines read so far.
    """

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self.path = path
        self.vocabulary = vocabulary
        self.version = ""
        self.elements = 0
