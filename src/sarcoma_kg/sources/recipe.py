"""A recipe: how the rows of somebody's table become records of the graph. YAML, knowledge, no code.

docs/ingest.md has the words. Every key is looked at: one that is unknown, misspelt or of the wrong
kind is told with its line.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sources import keys
from sarcoma_kg.sources.keys import Keys

__all__ = [
    "DATATYPES", "DRAFTED", "FORMATS", "Node", "Recipe", "Slot", "Template", "find", "packaged",
    "read",
]  # fmt: skip

FORMATS = ("csv", "tsv", "xlsx", "json", "jsonl", "parquet")
DATATYPES = ("string", "integer", "decimal", "date", "gYearMonth", "gYear", "boolean")
#: What a draft says of the source, where only a person knows.
DRAFTED = {
    "title": "a table", "licence": "https://example.org/licence",
    "address": "https://example.org/",
}  # fmt: skip
#: Classes that a recipe may name without a prefix.
_SHORT = ("Disease", "Therapy", "Target", "Gene", "Alteration")
_COLUMN = re.compile(r"\{([^{}]+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with {columns}; what stands in [brackets] is left out where its columns are empty."""

    text: str

    @property
    def columns(self) -> list[str]:
        """The columns named."""
        return _named(self.text)

    def fill(self, row: Mapping[str, str]) -> str:
        """Return the text for a row."""
        text = ""
        for optional, pieces in _parts(self.text):
            if optional and not all(row[name] for name in pieces[1::2]):
                continue
            for at, piece in enumerate(pieces):
                text += row[piece] if at % 2 else piece
        return text


@lru_cache(256)
def _named(text: str) -> list[str]:
    return [name for _, pieces in _parts(text) for name in pieces[1::2]]


@lru_cache(256)
def _parts(text: str) -> list[tuple[bool, list[str]]]:
    """Return the parts of a template: whether it may go, then text and columns in turn."""
    cut = enumerate(_OPTIONAL.split(text))
    return [(at % 2 == 1, _COLUMN.split(part)) for at, part in cut if part]


@dataclass(frozen=True, slots=True)
class Slot:
    """What one property of a record is made of.

    Attributes:
        iri: The property.
        line: Line of the recipe.
        column: The column; for a term the one whose value is told where none is found.
        term: The classes below which a term is looked for; empty for other values.
        identifiers: Column -> prefix of the identifiers in it, for a term.
        names: Columns with names, for a term.
        within: The class of which the term must be, else the row is outside.
        values: Cell -> IRI, or None to say nothing.
        scheme: The list of values in which the cell is a label.
        address: Template of an IRI with {} for the value.
        datatype: One of `DATATYPES`, for a literal.
        language: Language of a text.
        constant: The IRI that every record has.
        node: The IRI of another node of the row, as a template.
        split: What stands between several values of a cell.
        keep: Text holding the separator which is no separator, as ", " for ",".
        pattern: What the whole value must look like; a group of it is the value.
        mark: The decimal mark of numbers, where a number may be read in two ways without.
        required: An empty cell lists the row.
        leave: A value that is not found is left out, and the row is taken all the same.
        when: Column and value on which the slot depends.
    """

    iri: str
    line: int
    column: str = ""
    term: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    within: str = ""
    values: Mapping[str, str | None] | None = None
    scheme: str = ""
    address: str = ""
    datatype: str = ""
    language: str = ""
    constant: str = ""
    node: "Template | None" = None
    split: str = ""
    keep: str = ""
    pattern: re.Pattern[str] | None = None
    mark: str = ""
    required: bool = False
    leave: bool = False
    when: tuple[str, str] | None = None

    @property
    def columns(self) -> list[str]:
        """Every column that the slot reads."""
        read = [self.column, *(c for c, _ in self.identifiers), *self.names]
        read += [self.when[0]] if self.when else []
        read += self.node.columns if self.node else []
        return [name for name in dict.fromkeys(read) if name]


@dataclass(frozen=True, slots=True)
class Node:
    """Another node that a row makes beside its record, as the position of a claim in a text."""

    iri: Template
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, as it was read from `path`."""

    path: Path
    name: str
    title: str
    version: str
    licence: str
    address: str
    key: str
    classes: tuple[str, ...]
    iri: Template
    label: Template
    slots: tuple[Slot, ...]
    nodes: tuple[Node, ...] = ()
    dump: bool = True
    excuse: str = ""
    about: Template | None = None
    unused: tuple[str, ...] = ()
    decisions: Path | None = None
    file: Path | None = None
    format: str = ""
    encoding: str = "utf-8"
    quotes: bool = True
    sheet: str = ""
    rows: str = ""
    missing: tuple[str, ...] = ()
    ontology: str = ""
    description: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_slots(self) -> list[Slot]:
        """The slots of the record, and those of the nodes beside it."""
        return [*self.slots, *(slot for node in self.nodes for slot in node.slots)]

    @property
    def columns(self) -> dict[str, int]:
        """The columns that are read, with the line of the recipe that names them first."""
        named = {self.key: self.lines.get("key", 0)}
        for template in (self.iri, self.label):
            named = dict.fromkeys(template.columns, self.lines.get("record", 0)) | named
        if self.excuse:
            named[self.excuse] = self.lines.get("excuse", 0)
        if self.about:
            named = dict.fromkeys(self.about.columns, self.lines.get("about", 0)) | named
        for node in self.nodes:
            named = dict.fromkeys(node.iri.columns, self.lines.get("nodes", 0)) | named
        for slot in self.all_slots:
            named = dict.fromkeys(slot.columns, slot.line) | named
        return named


def packaged() -> dict[str, Path]:
    """Return the recipes that come with the graph, by name."""
    folder = resources.data_root() / "ontology" / "recipes"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find(named: str) -> Path:
    """Return the file of a recipe that a person names: a file, or one of the packaged.

    Raises:
        UserError: there is none.
    """
    path = Path(named)
    if path.exists() or path.suffix in (".yaml", ".yml"):
        return path
    known = packaged()
    if named in known:
        return known[named]
    near = difflib.get_close_matches(named, known, 1, 0.5)
    perhaps = f"perhaps {near[0]}; " if near else ""
    raise UserError(
        f"'{named}': no such file, and no recipe of that name",
        f"{perhaps}packaged: {', '.join(known) or 'none'}; --suggest FILE drafts one",
    )


def read(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        UserError: naming file, line and key of what is wrong.
    """
    return _recipe(path, keys.read(path, "the recipe"))


def _recipe(path: Path, top: Keys) -> Recipe:
    source, record = top.map("source"), top.map("record")
    table = top.map("table") if top.has("table") else None
    name = top.text("name", None)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", name):
        top.fail(top.lines["name"], f"'name: {name[:60]}' is small letters, digits and hyphens")
    classes = tuple(record.as_iri("class", text) for text in record.texts("class"))
    if not classes and record.one_of("dump", ("true", "false"), "true") == "true":
        record.fail(record.line, "'record' has no 'class'")
    made = Recipe(
        path=path,
        name=name,
        title=source.text("title", None),
        version=source.text("version", None),
        licence=source.iri("licence", None),
        address=source.iri("address", None),
        key=top.text("key", None),
        classes=classes,
        iri=_iri_template(record),
        label=Template(record.text("label", None)),
        slots=tuple(_slot(part) for part in top.maps("slots")),
        nodes=tuple(_node(part) for part in top.maps("nodes")) if top.has("nodes") else (),
        dump=record.one_of("dump", ("true", "false"), "true") == "true",
        excuse=top.text("excuse"),
        about=Template(top.text("about")) if top.has("about") else None,
        unused=top.texts("unused"),
        decisions=_beside(path, top.text("decisions")),
        file=_beside(path, source.text("file")),
        format=table.one_of("format", FORMATS) if table else "",
        encoding=_encoding(table) if table else "utf-8",
        quotes=not table or table.one_of("quotes", ("double", "none"), "double") == "double",
        sheet=table.text("sheet") if table else "",
        rows=table.text("rows") if table else "",
        missing=table.texts("missing") if table else (),
        ontology=top.iri("ontology"),
        description=source.text("description"),
        lines=top.lines,
    )
    for part in (top, source, record, *([table] if table else [])):
        part.done()
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", made.version):
        line = source.lines["version"]
        source.fail(
            line, f"'version: {made.version[:40]}' is no day", "YYYY, YYYY-MM or YYYY-MM-DD"
        )
    return made


def _beside(path: Path, name: str) -> Path | None:
    return path.parent / name if name else None


def _encoding(table: Keys) -> str:
    import codecs

    name = table.text("encoding", "utf-8")
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return str(
            table.fail(table.lines["encoding"], f"'{name[:40]}' is no encoding", "utf-8 ...")
        )


def _iri_template(record: Keys) -> Template:
    return _template(record, "iri")


def _template(record: Keys, key: str) -> Template:
    written = record.text(key, None)
    template = Template(_expanded(written))
    tried = _COLUMN.sub("x", template.text)
    if not template.columns or "[" in written or not namespaces.is_iri(tried):
        record.fail(
            record.lines[key], f"'{key}: {written[:80]}' is no IRI with a {{column}}",
            "such as kb:my-table-{id}",
        )  # fmt: skip
    return template


def _expanded(address: str) -> str:
    """Return a template with the IRI of its prefix, where it is one of ours."""
    prefix, colon, rest = address.partition(":")
    return namespaces.PREFIXES.get(prefix, f"{prefix}:") + rest if colon else address


def _node(part: Keys) -> Node:
    made = Node(_iri_template(part), tuple(_slot(inner) for inner in part.maps("slots")))
    part.done()
    return made


def _slot(part: Keys) -> Slot:
    term = tuple(
        namespaces.SKG + name if name in _SHORT else part.as_iri("term", name)
        for name in part.texts("term")
    )
    identifiers = part.pairs("identifiers") or {}
    for prefix in identifiers.values():
        if not namespaces.expand(f"{prefix}:x"):
            part.fail(part.lines["identifiers"], f"'{prefix[:40]}' is no known prefix")
    values = part.pairs("values")
    when = part.pairs("when")
    if when is not None and len(when) != 1:
        part.fail(part.lines["when"], "'when' is one column with its value")
    names = part.texts("names")
    first = next(iter([*names, *identifiers]), "")
    made = Slot(
        iri=part.iri("slot", None),
        line=part.line,
        column=part.text("column") or first,
        term=term,
        identifiers=tuple(identifiers.items()),
        names=names,
        within=part.iri("within"),
        values=None
        if values is None
        else {cell: part.as_iri("values", to) or None for cell, to in values.items()},
        scheme=part.iri("scheme"),
        address=_expanded(part.text("address")),
        datatype=part.one_of("datatype", DATATYPES),
        language=part.text("language"),
        constant=part.iri("constant"),
        node=_template(part, "node") if part.has("node") else None,
        split=part.text("split"),
        keep=part.text("keep"),
        pattern=_pattern(part),
        mark=part.one_of("decimal-mark", (".", ",")),
        required=part.flag("required"),
        leave=part.one_of("unknown", ("list", "leave"), "list") == "leave",
        when=next(iter(when.items())) if when else None,
    )
    part.done()
    kinds = {
        "term": bool(made.term), "values": made.values is not None, "scheme": bool(made.scheme),
        "address": bool(made.address),
        "datatype": bool(made.datatype), "constant": bool(made.constant),
        "node": made.node is not None,
    }  # fmt: skip
    if sum(kinds.values()) != 1:
        part.fail(part.line, f"a slot has one of {', '.join(kinds)}")
    if not made.column and not made.constant and not made.node:
        part.fail(part.line, "the slot names no column")
    if made.term and made.pattern and len(names) + len(identifiers) > 1:
        part.fail(
            part.lines["pattern"], "'pattern' is about one column, and the slot reads several"
        )
    if made.address and not ("{}" in made.address and namespaces.is_iri(_empty(made.address))):
        part.fail(part.lines["address"], "'address' is an IRI with {} where the value goes")
    return made


def _empty(address: str) -> str:
    return "https://x" if address == "{}" else address.replace("{}", "x")


def _pattern(part: Keys) -> re.Pattern[str] | None:
    written = part.text("pattern")
    try:
        return re.compile(written, re.ASCII) if written else None
    except re.error as error:
        part.fail(part.lines["pattern"], f"'pattern' is no regular expression: {error}")
