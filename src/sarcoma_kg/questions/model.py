"""The model as it is used: classes of records, their slots and the value lists, each with a count.

Read from the graph itself, so that what nobody uses is not told and what somebody adds is.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.stores.store import Store

__all__ = ["FORMATS", "Kind", "Model", "Slot", "Value", "read", "render"]

FORMATS = ("text", "md", "json")
_PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n"
    for p in ("skg", "rdfs", "owl", "rdf", "skos", "obo", "dcterms")
)
_OURS = f'STRSTARTS(STR(?class), "{namespaces.SKG}")'
#: Classes of things that claims and evidence are about; what stands below one is told as it.
_TERMS = ("Disease", "Therapy", "Target", "Alteration")
_LONGEST = 60


class Kind(NamedTuple):
    """A class with records, or a kind of term: how many there are, and one of them."""

    name: str
    number: int
    example: str
    tells: str


class Slot(NamedTuple):
    """A property: the classes whose records have it, how many records do, and one value."""

    name: str
    classes: tuple[str, ...]
    number: int
    example: str
    tells: str


class Value(NamedTuple):
    """A value of a list: how often it is used, and by which record for one."""

    scheme: str
    name: str
    label: str
    number: int
    example: str
    tells: str


class Model(NamedTuple):
    """The model; `links` are (class, slot, class) between records and to kinds of term."""

    kinds: list[Kind]
    slots: list[Slot]
    values: list[Value]
    links: list[tuple[str, str, str]]


def read(store: Store) -> Model:
    """Return the model as the graph uses it."""
    types: dict[str, set[str]] = defaultdict(set)
    for r in _rows(store, f"SELECT ?x ?class WHERE {{ ?x a ?class . FILTER({_OURS}) }}"):
        types[r["x"]].add(r["class"])
    claims = {
        r["c"]: namespaces.SKG + "Claim"
        for r in _rows(store, "SELECT ?c WHERE { ?c skg:rollsUpTo skg:Claim }")
    }
    kinds: dict[str, set[str]] = defaultdict(set)
    for r in _rows(
        store,
        f"""SELECT ?t ?kind WHERE {{ VALUES ?kind {{ {" ".join("skg:" + t for t in _TERMS)} }}
        ?t skg:rollsUpTo ?kind }}""",
    ):
        kinds[r["t"]].add(r["kind"])
    groups = {x: {claims.get(c, c) for c in classes} for x, classes in types.items()}
    uses: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    examples: dict[str, str] = {}
    links = set()
    for r in _rows(
        store,
        f"""SELECT DISTINCT ?x ?p ?v WHERE {{ ?x a ?class ; ?p ?v .
        FILTER({_OURS} && ?p != rdf:type) }}""",
    ):
        slot, value = r["p"], r["v"]
        examples[slot] = min(examples.get(slot, value), value)
        for group in groups[r["x"]]:
            uses[slot][group].add(r["x"])
            if slot.startswith(namespaces.SKG):
                targets = groups.get(value, set()) | kinds.get(value, set())
                links |= {(_name(group), _name(slot), _name(to)) for to in targets}
    told = [*types.items(), *kinds.items()]
    slots = [
        Slot(
            _name(slot),
            tuple(sorted(map(_name, classes))),
            len(set().union(*classes.values())),
            _name(examples[slot]),
            "",
        )
        for slot, classes in uses.items()
    ]
    words = _words(store)
    return Model(
        _kinds(told, words),
        sorted(s._replace(tells=words.get(s.name, "")) for s in slots),
        _values(store),
        sorted(links),
    )


def _rows(store: Store, query: str) -> list[dict[str, str]]:
    return list(store.select(_PROLOGUE + query).dicts())


def _words(store: Store) -> dict[str, str]:
    """Return the definitions of our classes and properties, by their short names."""
    rows = _rows(
        store,
        f"""SELECT ?class ?tells WHERE {{ ?class obo:IAO_0000115 ?tells .
        FILTER({_OURS} && NOT EXISTS {{ ?class skg:rollsUpTo skg:Neoplasm }}) }}""",
    )
    return {_name(r["class"]): r["tells"] for r in rows}


def _kinds(told: Iterable[tuple[str, set[str]]], words: Mapping[str, str]) -> list[Kind]:
    members: dict[str, list[str]] = defaultdict(list)
    for thing, classes in told:
        for kind in classes - {thing}:
            members[_name(kind)].append(thing)
    return sorted(
        Kind(kind, len(found), _name(min(found)), words.get(kind, ""))
        for kind, found in members.items()
    )


def _values(store: Store) -> list[Value]:
    rows = _rows(
        store,
        """SELECT ?scheme ?value ?label ?tells (COUNT(DISTINCT ?x) AS ?n) (MIN(STR(?x)) AS ?one)
        WHERE { ?value skos:inScheme ?list ; rdfs:label ?label . ?list rdfs:label ?scheme .
          OPTIONAL { ?value obo:IAO_0000115 ?tells }
          OPTIONAL { ?x ?p ?value . FILTER(isIRI(?x)) } }
        GROUP BY ?scheme ?value ?label ?tells""",
    )
    return sorted(
        Value(r["scheme"], _name(r["value"]), r["label"], int(r["n"]), _name(r["one"]), r["tells"])
        for r in rows
    )


def _name(value: str) -> str:
    """Return an IRI as people write it; other text as it is, cut."""
    name = namespaces.contract(value) if "://" in value else " ".join(value.split())
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def render(model: Model, form: str) -> str:
    """Return the model as text, Markdown with a diagram, or JSON."""
    if form == "json":
        data = {part: [row._asdict() for row in getattr(model, part)] for part in _PARTS}
        return json.dumps({**data, "links": model.links}, ensure_ascii=False, indent=1) + "\n"
    parts = []
    for part, (title, columns) in _PARTS.items():
        rows = [_cells(row, columns) for row in getattr(model, part)]
        if form == "md":
            lines = [columns, ["---"] * len(columns), *rows]
            table = "".join(f"| {' | '.join(map(_escaped, line))} |\n" for line in lines)
            parts.append(f"## {title}\n\n{table}")
        else:
            parts.append(f"{title}\n\n{formats.render(columns, rows, 'table')}")
    if form == "md":
        parts.insert(0, f"{_HEAD}\n```mermaid\n{_diagram(model.links)}```\n")
    return "\n".join(parts)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "&lt;")


_HEAD = """# The model as it is used

Written from the graph by `sarcoma-kg model --format md`: the classes of records and kinds of term,
the slots, and the lists of values, with how many there are of each and one example. An arrow is a
slot from the records of one class to those of another, or to terms of a kind.
"""
#: Part of the model -> its title and the columns that a table shows.
_PARTS = {
    "kinds": ("Classes", ["name", "number", "example", "tells"]),
    "slots": ("Slots", ["name", "classes", "number", "example", "tells"]),
    "values": ("Value lists", ["scheme", "name", "label", "number", "example"]),
}


def _cells(row: Kind | Slot | Value, columns: Sequence[str]) -> list[str]:
    cells: Iterable[object] = (getattr(row, column) for column in columns)
    return [", ".join(c) if isinstance(c, tuple) else str(c) for c in cells]


def _diagram(links: Sequence[tuple[str, str, str]]) -> str:
    """Return a class diagram; slots between the same two classes share an arrow."""
    between: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, slot, target in links:
        between[_local(source), _local(target)].append(_local(slot))
    arrows = (f"  {a} --> {b} : {', '.join(slots)}\n" for (a, b), slots in between.items())
    return "classDiagram\n" + "".join(arrows)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
