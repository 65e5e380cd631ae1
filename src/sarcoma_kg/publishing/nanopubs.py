"""Each claim as a nanopublication with a trusty URI, and the index over all of them.

Nanopublication Guidelines (https://nanopub.net/guidelines/working_draft/, ontology
http://www.nanopub.org/nschema#); indexes as in http://purl.org/nanopub/x/. What goes where:

assertion
    What the source says, and nothing that anybody thinks of it: the claim with its type,
    proposition, disease, therapy, direction, strength of the wording and so on, and the nodes that
    spell it out: proposition, values, approvals.
provenance
    Where it comes from, which the curators vouch for: source, section, span with its offsets,
    citations as printed with what they cite, curator and day. The curators' judgements are here
    too, since the source does not say them: verdicts on citations, better fitting references,
    notes, tensions between claims. What is new are links from the assertion to the source, the
    span and the source's authors (`sub:authors` where they are names and no IRIs).
pubinfo
    Creator and day of the nanopublication (those of the claim; midnight UTC, since the tools
    around nanopublications read nothing but xsd:dateTime), licence,
    label, the claim that it introduces, and what is known of the curator.

External evidence on a claim is no part of it: it is said by others, and at another time. Links to
other claims are links only.
"""

import functools
import gzip
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.namespaces import PREFIXES, SKG
from sarcoma_kg.publishing.nanopub_text import (
    NPX,
    THIS,
    Block,
    Nanopub,
    Row,
    Writer,
    block,
    own,
    part,
    row,
)
from sarcoma_kg.publishing.release import Release, Say
from sarcoma_kg.publishing.sorted_triples import SortedTriples

__all__ = ["ASSERTED", "JUDGED", "SOURCED", "write"]

_ONTOLOGY = "https://w3id.org/sarcoma-kg/ontology"
_DATE, _STAMP = PREFIXES["xsd"] + "date", PREFIXES["xsd"] + "dateTime"
_LookUp = Callable[[str, str], "_Description"]
#: An index holds no more, or the tools refuse it.
_MOST_IN_INDEX = 1000
# The tools read the titles of indexes from the older Dublin Core alone.
_TITLE = "http://purl.org/dc/elements/1.1/title"
_KEPT = 2048
# Half the time of the default, a fifth more bytes.
_LEVEL = 3


def _iris(prefix: str, names: str) -> frozenset[str]:
    return frozenset(PREFIXES[prefix] + name for name in names.split())


#: What a claim says. Any other predicate of a claim goes into the provenance.
ASSERTED = (
    _iris("rdf", "type")
    | _iris("rdfs", "label")
    | _iris("dcterms", "identifier")
    | _iris(
        "skg",
        "aboutDisease aboutTarget aboutTherapy agent barrier consideration deniedContext "
        "direction effect evidenceStage frequency gapTopic hasApproval hasContextProfile "
        "hasProposition hasValue leadsToClaim line methodStep molecularContext outcome paraphrase "
        "populationResistantTo process qualifiesClaim quantifier resultsIn setting "
        "statedTherapyClass statesMembershipIn subjectLabel therapyMode timeScope wordingStrength",
    )
)
#: Where a claim comes from.
SOURCED = (
    _iris("prov", "hadPrimarySource")
    | _iris("oa", "hasTarget")
    | _iris("dcterms", "created")
    | _iris("pav", "curatedBy")
    | _iris("skg", "hasCitation section")
)
#: What curators think of it; never in an assertion, whatever the node that carries it.
JUDGED = _iris(
    "skg",
    "betterFitNote betterFittingByLabelOnly betterFittingReference curatorNote hasException "
    "inTensionWith",
)

#: What is written out with the claim, by the predicate that leads to it, and where.
_FOLLOWED = (
    dict.fromkeys(
        _iris("skg", "hasApproval hasContextProfile hasProposition hasValue"), "assertion"
    )
    | dict.fromkeys(_iris("pav", "curatedBy") | _iris("skg", "assessedBy"), "pubinfo")
    | dict.fromkeys(
        _iris("prov", "hadPrimarySource")
        | _iris("oa", "hasTarget hasSelector hasSource")
        | _iris("cito", "hasCitedEntity")
        | _iris("skg", "hasCitation betterFittingReference betterFittingByLabelOnly"),
        "provenance",
    )
)


class _DataSet(NamedTuple):
    """What every nanopublication of a release says of the release."""

    version: ox.NamedNode
    day: ox.Literal
    licences: list[ox.NamedNode]


class _Description(NamedTuple):
    """A node that belongs to a claim: what is said of it, and what that leads to."""

    triples: list[ox.Triple]
    blocks: list[tuple[str, Block]]
    leads_to: list[tuple[str, str]]


def _midnight(day: str) -> ox.Literal:
    return ox.Literal(f"{day}T00:00:00Z", datatype=ox.NamedNode(_STAMP))


def _subject(triples: list[ox.Triple]) -> ox.NamedNode:
    subject = triples[0].subject
    assert isinstance(subject, ox.NamedNode)  # noqa: S101 (its rows are made)
    return subject


def _objects(triples: Iterable[ox.Triple], prefix: str, name: str) -> list[ox.NamedNode]:
    predicate = ox.NamedNode(PREFIXES[prefix] + name)
    return [
        t.object for t in triples if t.predicate == predicate and isinstance(t.object, ox.NamedNode)
    ]


def _literals(triples: Iterable[ox.Triple], prefix: str, name: str) -> list[ox.Literal]:
    predicate = ox.NamedNode(PREFIXES[prefix] + name)
    return [
        t.object for t in triples if t.predicate == predicate and isinstance(t.object, ox.Literal)
    ]


def _graph_of(predicate: str, graph: str) -> str:
    if predicate in JUDGED:
        return "provenance"
    if graph:
        return graph
    return "assertion" if predicate in ASSERTED else "provenance"


def _described(triples: list[ox.Triple], graph: str = "") -> _Description:
    """Return the description of a node; of a claim when no graph is named."""
    rows: dict[str, list[Row]] = {}
    leads_to: list[tuple[str, str]] = []
    for triple in triples:
        predicate, target = triple.predicate.value, triple.object
        try:
            rows.setdefault(_graph_of(predicate, graph), []).append(row(triple))
        except ValueError as error:
            raise UserError(
                f"{triples[0].subject}: cannot become part of a nanopublication: {error}",
                "claims and what they point at have no blank nodes",
            ) from error
        if (follow := _FOLLOWED.get(predicate)) and isinstance(target, ox.NamedNode):
            leads_to.append((follow, target.value))
    return _Description(
        triples, [(name, block(name, same)) for name, same in rows.items()], leads_to
    )


def _nodes(claim: _Description, look_up: _LookUp) -> Iterator[_Description]:
    """Yield the claim and each node that belongs to it, once."""
    seen = {_subject(claim.triples).value}
    waiting = deque([claim])
    while waiting:
        node = waiting.popleft()
        yield node
        for graph, target in node.leads_to:
            if target not in seen:
                seen.add(target)
                waiting.append(look_up(target, graph))


def _attributed(source: list[ox.Triple]) -> list[Row]:
    """Return who says it, as the source has it."""
    assertion, predicate = part("assertion"), PREFIXES["prov"] + "wasAttributedTo"
    if named := _objects(source, "dcterms", "creator"):
        return [own(assertion, predicate, agent) for agent in named]
    if not _literals(source, "dcterms", "creator"):
        return []
    authors, label = part("authors"), PREFIXES["rdfs"] + "label"
    names = _literals(source, "dcterms", "identifier")
    return [
        own(assertion, predicate, authors),
        own(authors, PREFIXES["rdf"] + "type", ox.NamedNode(PREFIXES["prov"] + "Agent")),
        *(own(authors, label, ox.Literal(f"authors of {name.value}")) for name in names),
    ]


def _published(data: _DataSet, creators: Iterable[ox.NamedNode], day: ox.Literal) -> list[Row]:
    dcterms = PREFIXES["dcterms"]
    return [
        own(THIS, dcterms + "created", day),
        *(own(THIS, dcterms + "creator", creator) for creator in creators),
        *(own(THIS, dcterms + "license", licence) for licence in data.licences),
    ]


def _of_claim(claim: list[ox.Triple], data: _DataSet, look_up: _LookUp) -> Nanopub:
    made = Nanopub()
    for node in _nodes(_described(claim), look_up):
        for graph, one in node.blocks:
            made.graphs[graph].append(one)
    sources = _objects(claim, "prov", "hadPrimarySource")
    if not sources:
        raise UserError(
            f"{claim[0].subject}: a claim without a source", "give it prov:hadPrimarySource"
        )
    assertion, prov = part("assertion"), PREFIXES["prov"]
    links = [own(assertion, prov + "hadPrimarySource", source) for source in sources]
    for source in sources:
        links += _attributed(look_up(source.value, "provenance").triples)
    for span in _objects(claim, "oa", "hasTarget"):
        links.append(own(assertion, prov + "wasDerivedFrom", span))
    made.add("provenance", links)
    days = [d for d in _literals(claim, "dcterms", "created") if d.datatype.value == _DATE]
    day = _midnight(days[0].value[:10]) if days else data.day
    names = _literals(claim, "dcterms", "identifier")
    made.add(
        "pubinfo",
        [
            *_published(data, _objects(claim, "pav", "curatedBy"), day),
            own(THIS, NPX + "introduces", _subject(claim)),
            *(own(THIS, PREFIXES["rdfs"] + "label", name) for name in names),
        ],
    )
    return made


class _Index:
    """An index over all nanopublications: a chain, each link of which names the one before."""

    def __init__(self, writer: Writer, data: _DataSet) -> None:
        self._writer, self._data = writer, data
        self._elements: list[str] = []
        self._before: str | None = None
        self._creators: set[str] = set()

    def add(self, iri: str, creators: Iterable[ox.NamedNode]) -> None:
        """Take in a nanopublication."""
        if len(self._elements) == _MOST_IN_INDEX:
            self._write("IncompleteIndex")
        self._elements.append(iri)
        self._creators.update(creator.value for creator in creators)

    def close(self) -> None:
        """Write the last link, which stands for the whole."""
        if self._elements:
            self._write()

    def _write(self, *kinds: str) -> None:
        kind = PREFIXES["rdf"] + "type"
        made = Nanopub()
        held = [own(THIS, NPX + "includesElement", ox.NamedNode(iri)) for iri in self._elements]
        if self._before:
            held.append(own(THIS, NPX + "appendsIndex", ox.NamedNode(self._before)))
        made.add("assertion", held)
        made.add("provenance", [own(part("assertion"), kind, ox.NamedNode(NPX + "IndexAssertion"))])
        creators = [ox.NamedNode(creator) for creator in sorted(self._creators)]
        title = ox.Literal(f"All claims of sarcoma-kg, {self._data.day.value[:10]}")
        made.add(
            "pubinfo",
            [
                *_published(self._data, creators, self._data.day),
                *(own(THIS, kind, ox.NamedNode(NPX + name)) for name in ("NanopubIndex", *kinds)),
                own(THIS, _TITLE, title),
                own(THIS, PREFIXES["dcterms"] + "isPartOf", self._data.version),
            ],
        )
        self._before = self._writer.write(made)
        self._elements.clear()


def _data_set(release: Release, triples: SortedTriples) -> _DataSet:
    ontology = triples.about(_ONTOLOGY)
    return _DataSet(
        ox.NamedNode(f"https://w3id.org/sarcoma-kg/{release.version}/ontology"),
        _midnight(release.version),
        _objects(ontology, "dcterms", "license"),
    )


def write(release: Release, say: Say) -> None:
    """Write nanopubs/claims.trig, the same as nanopubs/claims.nq.gz, and nanopubs/index.trig.

    Args:
        release: What is published, and where to.
        say: Told what was written.

    Raises:
        UserError: a claim has no source, or it or what it points at holds a blank node.
        OSError: the disk does not take it.
    """
    folder = release.folder / "nanopubs"
    folder.mkdir()
    count = 0
    with (
        SortedTriples(release.build.folder / "asserted.nt") as triples,
        (folder / "claims.trig").open("wb") as trig,
        (folder / "claims.nq.gz").open("wb") as packed,
        # Neither a file name nor a time goes into the header.
        gzip.GzipFile("", "wb", _LEVEL, packed, mtime=0) as quads,
        (folder / "index.trig").open("wb") as contents,
    ):

        @functools.lru_cache(maxsize=_KEPT)
        def look_up(iri: str, graph: str) -> _Description:
            return _described(triples.about(iri), graph)

        data = _data_set(release, triples)
        writer, index = Writer(trig, quads), _Index(Writer(contents), data)
        for claim in triples.having(SKG + "hasProposition"):
            iri = writer.write(_of_claim(claim, data, look_up))
            index.add(iri, _objects(claim, "pav", "curatedBy"))
            count += 1
        index.close()
    say(f"nanopubs: {count:,} claims and their index")
