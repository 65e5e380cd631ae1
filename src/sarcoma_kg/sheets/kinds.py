"""What the sheets of each kind carry: `ontology/sheets/*.yaml`, knowledge and not code.

A shape says what must hold of a term. It does not say in which order a curator fills it in, what to
call a column, or what to write there; so the columns stand in files of their own, and a test holds
them to the ontology: every property of the packaged content is a column, or is named as one that
stays.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sarcoma_kg.ground import namespaces, resources

__all__ = ["KINDS", "Column", "Kind", "kind"]

KINDS = ("disease", "therapy", "target", "alteration", "mapping", "claim", "evidence")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes:
        name: What stands in the header.
        about: What to write, for people.
        slot: The property of the statement, as an IRI; of `some` rdfs:subClassOf.
        some: The property of `slot some value`, as an IRI; empty for a plain statement.
        of: The column whose statements this one annotates, in the same order.
        labels: The column whose terms this one repeats by their labels.
        text: Language of a text ('' for none); None when the values are no texts.
        datatypes: Names of XML Schema, tried in this order, for numbers, days and the like.
        terms: Classes (IRIs) below which a term is looked for; `any` for every class.
        scheme: The list of values (IRI) in which the cell is a label.
        choice: The only values.
        iri: The values are identifiers or addresses.
        many: A cell holds several values, with | between.
    """

    name: str
    about: str
    slot: str = ""
    some: str = ""
    of: str = ""
    labels: str = ""
    text: str | None = None
    datatypes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    scheme: str = ""
    choice: tuple[str, ...] = ()
    iri: bool = False
    id: bool = False
    key: bool = False
    many: bool = False
    required: bool = False
    unique: bool = False
    retired: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet.

    Attributes:
        name: The kind.
        files: Packaged files that hold its content.
        root: The class of which terms are narrower classes; empty for records.
        type: The class of records; empty for terms.
        also: Types that every record has beside that of its column.
        columns: Its columns in order; the first tells the kind.
        stays: Properties that no column carries, as IRIs.
    """

    name: str
    files: tuple[Path, ...]
    root: str
    type: str
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    stays: tuple[str, ...] = field(default=())

    def column(self, name: str) -> Column:
        """Return a column by its name; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]


def _iri(curie: str) -> str:
    return namespaces.expand(curie) or curie


def _column(made: dict[str, Any]) -> Column:
    one = dict(made)
    datatypes = one.pop("datatype", ())
    datatypes = (datatypes,) if isinstance(datatypes, str) else tuple(datatypes)
    for key in ("slot", "some"):
        one[key] = _iri(one.get(key, ""))
    if one["some"]:
        one["slot"] = namespaces.PREFIXES["rdfs"] + "subClassOf"
    one["terms"] = tuple(map(_iri, one.pop("term", ())))
    one["scheme"] = _iri(one.pop("list", ""))
    one["choice"] = tuple(one.get("choice", ()))
    return Column(datatypes=datatypes, **one)


@lru_cache
def kind(name: str) -> Kind:
    """Return a kind, one of `KINDS`."""
    import yaml

    root = resources.data_root()
    text = (root / "ontology" / "sheets" / f"{name}.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    return Kind(
        name=read["kind"],
        files=tuple(path for glob in read["files"] for path in sorted(root.glob(glob))),
        root=_iri(read.get("class", "")),
        type=_iri(read.get("type", "")),
        columns=tuple(map(_column, read["columns"])),
        also=tuple(map(_iri, read.get("also", ()))),
        stays=tuple(map(_iri, read["stays"])),
    )
