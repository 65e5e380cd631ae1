"""Loading a graph into a remote store, so that it can be interrupted, resumed and verified.

The graph travels in parts that hold all triples of their subjects. Whether a part has arrived is
seen by asking for the triples of its subjects; so a load that broke off goes on where it stopped,
and one that is complete sends nothing. Blank nodes would be new ones with each attempt, so they
become IRIs first (RDF 1.1 Concepts, section 3.5: Skolemization).

Stores keep numbers, booleans and language tags in forms of their own ("1.50" becomes 1.5), so
triples are compared, counted and digested by value.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term, as_term
from sarcoma_kg.stores.connection import Refused
from sarcoma_kg.stores.writable import WritableStore

__all__ = ["Loaded", "load", "parts", "skolemized", "value_digest"]

#: Triples in a part: few enough for servers that give, or take, ten thousand at a time.
SIZE = 1000
_GENID = "https://w3id.org/sarcoma-kg/.well-known/genid/"
_XSD = namespaces.PREFIXES["xsd"]
_DECIMALS = {_XSD + name for name in ("decimal", "integer")}
_TOO_LONG = {413, 414}
#: Seconds for one more question when the user wants to stop.
_PATIENCE = 5
_GOES_ON = "run the same command again: it goes on from there"
Progress = Callable[[int, int], None]


class Loaded(NamedTuple):
    """What a load came to.

    Attributes:
        triples: The number of triples that the graph now holds.
        sent: How many of them were sent; the others were there.
        digest: Of what the store holds, by `value_digest`.
    """

    triples: int
    sent: int
    digest: str


def skolemized(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return the triples with IRIs for blank nodes, sorted by subject; equal graphs give the same.

    The labels come from RDF Dataset Canonicalization (https://www.w3.org/TR/rdf-canon/), and a
    digest of the graph stands before them, since labels of different graphs say nothing of
    each other.
    """
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad.triple} .\n" for quad in dataset)
    prefix = _GENID + hashlib.sha256("".join(lines).encode()).hexdigest()[:12] + "-"

    def named(node: ox.NamedNode | ox.BlankNode) -> ox.NamedNode:
        return ox.NamedNode(prefix + node.value) if isinstance(node, ox.BlankNode) else node

    found = []
    for quad in dataset:
        subject, predicate, value = quad.subject, quad.predicate, quad.object
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)  # noqa: S101
        if isinstance(value, ox.BlankNode):
            value = named(value)
        found.append(ox.Triple(named(subject), predicate, value))
    return sorted(found, key=str)


def parts(triples: Sequence[ox.Triple], size: int = SIZE) -> Iterator[list[ox.Triple]]:
    """Yield sorted triples in parts of about `size`, all triples of a subject in one part."""
    part: list[ox.Triple] = []
    for _, group in groupby(triples, key=lambda triple: triple.subject):
        about = list(group)
        if part and len(part) + len(about) > size:
            yield part
            part = []
        part += about
    if part:
        yield part


def _line(subject: Term, predicate: Term, value: Term) -> str:
    """Return a triple by value, as a line."""
    text, datatype = value.value, value.datatype
    if datatype in _DECIMALS:
        try:
            number = Decimal(text)
            text = str(number.to_integral_value() if number == int(number) else number.normalize())
        except (InvalidOperation, ValueError):
            pass  # an ill-formed literal is compared as text
    elif datatype == _XSD + "boolean":
        text = {"1": "true", "0": "false"}.get(text, text)
    kind = f"{value.kind} {datatype} {value.language.lower()}"
    return f"{subject.value} {predicate.value} {kind} {text!r}"


def _lines(triples: Iterable[ox.Triple]) -> set[str]:
    found = set()
    for triple in triples:
        terms = [as_term(node) for node in triple]
        found.add(_line(*(term for term in terms if term)))
    return found


def value_digest(lines: Iterable[str]) -> int:
    """Return the sum of the SHA-256 of all lines modulo 2**256: the same in any order and parts."""
    hashes = (hashlib.sha256(line.encode()).digest() for line in lines)
    return sum(int.from_bytes(digest, "big") for digest in hashes) % 2**256


def _held(store: WritableStore, part: Sequence[ox.Triple]) -> set[str]:
    """Return what the store holds about the subjects of a part."""
    subjects = " ".join(dict.fromkeys(str(triple.subject) for triple in part))
    rows = store.iterate(f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {subjects} }} ?s ?p ?o }}")
    return {_line(s, p, o) for s, p, o in rows if s and p and o}


def _count(store: WritableStore) -> int:
    rows = store.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows
    cells = [cell.value for row in rows for cell in row if cell]
    if len(cells) != 1 or not re.fullmatch("[0-9]{1,18}", cells[0]):
        raise UserError(
            f"{store.place}: asked for a number of triples, the server does not answer with one",
            "check that this is the address of queries",
        )
    return int(cells[0])


def _send(store: WritableStore, part: Sequence[ox.Triple]) -> None:
    """Send a part, in halves when the server finds it too long."""
    text = "".join(f"{triple} .\n" for triple in part)
    try:
        if store.graph_store:
            store.post(text.encode())
        elif store.graph:
            store.update(f"INSERT DATA {{ GRAPH <{store.graph}> {{\n{text}}} }}")
        else:
            store.update(f"INSERT DATA {{\n{text}}}")
    except Refused as error:
        if error.status not in _TOO_LONG or len(part) < 2:
            raise
        middle = len(part) // 2
        _send(store, part[:middle])
        _send(store, part[middle:])


def load(
    store: WritableStore,
    triples: Iterable[ox.Triple],
    *,
    replace: bool = False,
    progress: Progress = lambda done, of: None,
) -> Loaded:
    """Load triples into the graph of a remote store, and verify by count and digest.

    Args:
        store: Where to; its `graph_store` is used when it has one, else SPARQL Update.
        triples: What to load; blank nodes become IRIs.
        replace: Whether to empty the graph first.
        progress: Called with the number of triples that are there and of all.

    Raises:
        UserError: a fault on the way, with what is there by then; or the graph holds other
            triples than these afterwards.
        KeyboardInterrupt: with what is there by then.
    """
    wanted = skolemized(triples)
    done = sent = digest = 0
    try:
        if replace:
            store.clear()
        resumed = _count(store) > 0
        waiting = []
        for part in parts(wanted):
            held = _held(store, part) if resumed else set()
            if _lines(part) <= held:
                digest += value_digest(held)
            else:
                _send(store, part)
                waiting.append(part)
                sent += len(part)
            done += len(part)
            progress(done, len(wanted))
        for part in waiting:
            digest += value_digest(_verify(store, part))
    except UserError as error:
        there = _what_is_there(store, done, len(wanted))
        raise UserError(f"{error}\n  {there}", _GOES_ON) from error
    except KeyboardInterrupt as stop:
        store.timeout = min(store.timeout, _PATIENCE)
        there = _what_is_there(store, done, len(wanted))
        raise KeyboardInterrupt(f"interrupted; {there}\n  {_GOES_ON}") from stop
    lines = _lines(wanted)
    if (count := _count(store)) != len(lines):
        raise UserError(
            f"{_place(store)} holds {count:,} triples, {count - len(lines):+,} against the "
            f"{len(lines):,} of this load",
            "--replace empties the graph first"
            if count > len(lines)
            else "the store drops triples: look into the server's log",
        )
    if digest % 2**256 != value_digest(lines):
        raise UserError(
            f"{_place(store)} holds as many triples, but others",
            "--replace empties the graph first",
        )
    return Loaded(count, sent, f"{digest % 2**256:064x}")


def _place(store: WritableStore) -> str:
    return f"<{store.graph}>" if store.graph else "the default graph"


def _what_is_there(store: WritableStore, done: int, of: int) -> str:
    try:
        there = f"{_place(store)} holds {_count(store):,} triples now"
    except UserError:
        there = "the store cannot be asked what it holds"
    return f"{done:,} of {of:,} triples were dealt with; {there}"


def _verify(store: WritableStore, part: Sequence[ox.Triple]) -> set[str]:
    """Compare what was sent with what has arrived, and return that.

    Raises:
        UserError: they differ, with the first difference.
    """
    wanted, held = _lines(part), _held(store, part)
    if missing := sorted(wanted - held):
        raise UserError(
            f"{_place(store)}: {len(missing):,} triples have not arrived as sent, such as "
            f"{missing[0][:300]}; there is {min(held - wanted, default='nothing else')[:300]}"
        )
    return held
