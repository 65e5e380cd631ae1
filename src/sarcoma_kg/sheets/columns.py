"""The second row of a ROBOT template: what each column means.

The words and their meaning are those of https://robot.obolibrary.org/template. What is not read is
refused by name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sarcoma_kg.ground import namespaces

__all__ = [
    "ALWAYS", "ANNOTATION", "CHARACTERISTICS", "CLASS", "CLASS_TYPES", "DATA", "DATATYPE",
    "INDIVIDUAL", "MEANT", "OBJECT", "OF_CLASS", "OF_PROPERTY", "PROPERTY_TYPES", "TYPES",
    "BadTemplate", "Template", "read", "type_of",
]  # fmt: skip

_OWL, _RDFS = namespaces.PREFIXES["owl"], namespaces.PREFIXES["rdfs"]
# What a thing is, as OWL calls it.
CLASS, OBJECT, DATA, ANNOTATION, DATATYPE, INDIVIDUAL = (
    "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Datatype",
    "NamedIndividual",
)  # fmt: skip
#: Cell of TYPE, in lower case -> kind of thing.
TYPES = {
    "class": CLASS, "owl:class": CLASS, "object property": OBJECT,
    "owl:objectproperty": OBJECT, "data property": DATA, "owl:dataproperty": DATA,
    "owl:datatypeproperty": DATA, "annotation property": ANNOTATION,
    "owl:annotationproperty": ANNOTATION, "datatype": DATATYPE, "owl:datatype": DATATYPE,
    "rdfs:datatype": DATATYPE, "individual": INDIVIDUAL, "named individual": INDIVIDUAL,
    "owl:individual": INDIVIDUAL, "owl:namedindividual": INDIVIDUAL,
}  # fmt: skip
CLASS_TYPES = {"subclass": "SC", "equivalent": "EC", "disjoint": "DC"}
PROPERTY_TYPES = {"subproperty": "SP", "equivalent": "EP", "disjoint": "DP", "inverse": "IP"}
OF_CLASS = {
    "SC": _RDFS + "subClassOf",
    "EC": _OWL + "equivalentClass",
    "DC": _OWL + "disjointWith",
}
OF_PROPERTY = {
    "SP": _RDFS + "subPropertyOf", "EP": _OWL + "equivalentProperty",
    "DP": _OWL + "propertyDisjointWith", "IP": _OWL + "inverseOf",
}  # fmt: skip
CHARACTERISTICS = {
    "functional": "FunctionalProperty", "inverse functional": "InverseFunctionalProperty",
    "inversefunctional": "InverseFunctionalProperty", "reflexive": "ReflexiveProperty",
    "irreflexive": "IrreflexiveProperty", "symmetric": "SymmetricProperty",
    "asymmetric": "AsymmetricProperty", "transitive": "TransitiveProperty",
}  # fmt: skip
#: Words of a template that mean something for a kind of thing; the annotations always do.
MEANT = {
    CLASS: {"SC", "EC", "DC", "C", "CLASS_TYPE"},
    OBJECT: {*OF_PROPERTY, "P", "PROPERTY_TYPE", "DOMAIN", "RANGE", "CHARACTERISTIC"},
    DATA: {"SP", "EP", "DP", "P", "PROPERTY_TYPE", "DOMAIN", "RANGE", "CHARACTERISTIC"},
    ANNOTATION: {"SP", "P", "PROPERTY_TYPE", "DOMAIN", "RANGE"},
    INDIVIDUAL: {"I", "TI", "SI", "DI"},
    DATATYPE: set(),
}
ALWAYS = {"ID", "LABEL", "TYPE", "A", "AT", "AL", "AI"}

#: Words that stand alone, or with SPLIT.
_ALONE = ("ID", "LABEL", "TYPE", "CLASS_TYPE", "PROPERTY_TYPE", "DOMAIN", "RANGE", "CHARACTERISTIC")
_SPLITTABLE = ("TYPE", "DOMAIN", "RANGE", "CHARACTERISTIC")
_WITH_TEXT = ("A", "AT", "AL", "AI", "C", "SC", "EC", "DC", "P", "SP", "EP", "DP", "IP", "I", "TI",
              "SI", "DI")  # fmt: skip
_REFUSED = {
    "AP": "write a column for each annotation property",
    "CI": "write SC %, EC % or DC %", "PI": "write SP %, EP %, DP % or IP %",
    "II": "write SI % or DI %", "INDIVIDUAL_TYPE": "write SI % or DI %",
}  # fmt: skip
_FORM = re.compile(r"(?P<marks>>*)(?P<word>[A-Z_]+)(?: +(?P<rest>.*))?", re.DOTALL)


class BadTemplate(Exception):  # noqa: N818
    """A template string that is not read."""


@dataclass(slots=True)
class Template:
    """One column.

    Attributes:
        at: Its number from 0.
        word: What it makes: ID, LABEL, TYPE, A, SC ...
        rest: What stands behind the word: a property, or an expression with %.
        split: What stands between several values of a cell; empty for one value.
        notes: The columns right of it that annotate its axioms.
    """

    at: int
    word: str
    rest: str = ""
    split: str = ""
    notes: list["Template"] = field(default_factory=list)


def read(row: Sequence[str]) -> tuple[list[Template], list[tuple[int, str]]]:
    """Return the columns that mean something, and number and reason of those that are refused."""
    found: list[Template] = []
    wrong: list[tuple[int, str]] = []
    for at, text in enumerate(row):
        text = text.strip()
        if not text:
            continue
        try:
            template, marks = _template(at, text)
        except BadTemplate as why:
            wrong.append((at, str(why)))
            continue
        if not marks:
            found.append(template)
        elif found and found[-1].word not in ("ID", "TYPE", "CLASS_TYPE", "PROPERTY_TYPE"):
            found[-1].notes.append(template)
        else:
            wrong.append((at, f"'{text}' has no column to its left whose axioms it could annotate"))
    words = [template.word for template in found]
    for word in ("ID", "LABEL", "TYPE", "CLASS_TYPE", "PROPERTY_TYPE"):
        if words.count(word) > 1:
            again = [t.at for t in found if t.word == word][1]
            wrong.append((again, f"{word} stands there twice"))
    return found, wrong


def type_of(text: str) -> str | None:
    """Return the kind of thing that a cell of TYPE names; None for a class of individuals."""
    short = text.strip().casefold()
    for prefix, base in (("owl", _OWL), ("rdfs", _RDFS)):
        short = short.replace(base.casefold(), f"{prefix}:")
    return TYPES.get(short)


def _template(at: int, text: str) -> tuple[Template, int]:
    plain, mark, split = text.partition("SPLIT=")
    split = split.strip()
    if mark and not split:
        raise BadTemplate("SPLIT= needs what stands between the values, such as SPLIT=|")
    form = _FORM.fullmatch(plain.strip())
    word = form["word"] if form else text.split()[0]
    rest = (form["rest"] or "").strip() if form else ""
    if not form or word not in (*_ALONE, *_WITH_TEXT, *_REFUSED):
        raise BadTemplate(f"'{text}' is no template string of ROBOT")
    if word in _REFUSED:
        raise BadTemplate(f"{word} is not read here; {_REFUSED[word]}")
    marks = len(form["marks"])
    if marks > 1:
        raise BadTemplate(f"'{text}': annotations of annotations (>>) are not read here")
    if marks and word not in ("A", "AT", "AL", "AI"):
        raise BadTemplate(f"'{text}': > stands before A, AT, AL or AI")
    if word in _ALONE and rest:
        raise BadTemplate(f"'{text}': {word} stands alone")
    if split and (word in _ALONE and word not in _SPLITTABLE):
        raise BadTemplate(f"{word} takes one value, not several with SPLIT=")
    if word in _WITH_TEXT and not rest:
        raise BadTemplate(f"'{text}' needs a property or % behind {word}")
    if word == "AT" and "^^" not in rest:
        raise BadTemplate(f"'{text}' needs ^^ and a datatype, such as AT rdfs:label^^xsd:string")
    if word == "AL" and not re.search(r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*$", rest):
        raise BadTemplate(f"'{text}' needs @ and a language, such as AL rdfs:label@en")
    return Template(at, word, rest, split.replace("\\n", "\n") if split == "\\n" else split), marks
