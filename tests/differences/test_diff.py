"""`diff`: what changed between two states, by meaning.

The states are two written by hand, the packaged graph with one thing changed, small generated
graphs, and two commits of this repository.
"""

import gzip
import json
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph
from rdflib.compare import isomorphic

from sarcoma_kg import cli
from sarcoma_kg.differences import kgcl, markdown, model, states
from sarcoma_kg.differences.expressions import Expression, Iri, Text
from sarcoma_kg.differences.kinds import Kinds
from sarcoma_kg.differences.snapshot import Snapshot
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import loading
from tests.tools import other_tools

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parents[1] / "data" / "diff"
SKG, KB = namespaces.SKG, namespaces.KB
TERM_GROUPS = {
    "diseases",
    "therapies",
    "targets",
    "alterations",
    "vocabulary",
    "own terms",
    "imported terms",
}


def iri(curie: str) -> ox.NamedNode:
    expanded = namespaces.expand(curie)
    assert expanded
    return ox.NamedNode(expanded)


def triple(subject: str, predicate: str, value: str | ox.Literal | ox.BlankNode) -> ox.Triple:
    end = iri(value) if isinstance(value, str) else value
    return ox.Triple(iri(subject), iri(predicate), end)


def english(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")


@pytest.fixture(scope="module")
def graph() -> list[ox.Triple]:
    """The packaged graph as written."""
    return list(dict.fromkeys(quad.triple for quad in loading.packaged()))


@pytest.fixture(scope="module")
def now(graph: list[ox.Triple]) -> Snapshot:
    return Snapshot(graph, "now")


def told(difference: model.Difference) -> set[tuple[str, str]]:
    """Return kind and action of what the notes list."""
    return {(c.kind, c.action) for c in difference.changes if not c.within}


def mirrored(changes: Iterable[model.Change]) -> list[str]:
    return sorted(repr(c._replace(old=c.new, new=c.old)) for c in changes)


def plain(changes: Iterable[model.Change]) -> list[str]:
    return sorted(map(repr, changes))


# Two states written by hand, and what a person expects to read.


@pytest.fixture(scope="module")
def written() -> model.Difference:
    old, new = (states.read(str(DATA / f"{name}.ttl")) for name in ("old", "new"))
    old.name, new.name = "old.ttl", "new.ttl"
    return model.compare(old, new)


def test_notes_are_as_written_by_hand(written: model.Difference) -> None:
    assert markdown.render(written) == (DATA / "notes.expected.md").read_text(encoding="utf-8")


def test_commands_are_as_written_by_hand(written: model.Difference) -> None:
    commands, left_out = kgcl.render(written)
    expected = (DATA / "commands.expected.kgcl").read_text(encoding="utf-8")
    assert commands == expected.splitlines()
    # A logical definition, an axiom's source, a disjointness; two claims, an evidence item, what
    # it disputes, a verdict, a value.
    assert left_out == 9


def test_written_states_reversed_are_the_mirror_image(written: model.Difference) -> None:
    back = model.compare(written.new, written.old)
    assert mirrored(back.changes) == plain(written.changes)


# Nothing changed.


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_order_and_labels_of_blank_nodes_mean_nothing(
    graph: list[ox.Triple], now: Snapshot, seed: int
) -> None:
    triples = graph
    names = {
        node.value
        for t in triples
        for node in (t.subject, t.object)
        if isinstance(node, ox.BlankNode)
    }
    chance = random.Random(seed)
    fresh = [f"n{number}" for number in range(len(names))]
    chance.shuffle(fresh)
    renamed = dict(zip(sorted(names), fresh, strict=True))

    def other(node: Any) -> Any:
        return ox.BlankNode(renamed[node.value]) if isinstance(node, ox.BlankNode) else node

    shuffled = [ox.Triple(other(t.subject), t.predicate, other(t.object)) for t in triples]
    chance.shuffle(shuffled)
    assert model.compare(now, Snapshot(shuffled)).changes == []
    # The mark that the test can fail: one restriction fewer is seen.
    restriction = next(t for t in shuffled if t.predicate == iri("owl:someValuesFrom"))
    shuffled.remove(restriction)
    assert model.compare(now, Snapshot(shuffled)).changes


# One thing changed in the packaged graph: exactly that kind of line appears.

DDLPS, SARCOMA = "skg:DedifferentiatedLiposarcoma", "skg:SoftTissueSarcoma"
CLAIM = "kb:claim-S2-3.2-SS-01"
CITATION = "kb:cit-S2-3.2-SS-01-38"


def removing(*gone: tuple[str, str]) -> Callable[[list[ox.Triple]], list[ox.Triple]]:
    """Return what removes the statements of subjects and properties."""
    pairs = {(iri(s), iri(p)) for s, p in gone}

    def change(graph: list[ox.Triple]) -> list[ox.Triple]:
        left = [t for t in graph if (t.subject, t.predicate) not in pairs]
        assert len(left) < len(graph)
        return left

    return change


def adding(*triples: ox.Triple) -> Callable[[list[ox.Triple]], list[ox.Triple]]:
    return lambda graph: [*graph, *triples]


def replacing(
    subject: str, predicate: str, value: str | ox.Literal
) -> Callable[..., list[ox.Triple]]:
    return lambda graph: [
        *removing((subject, predicate))(graph),
        triple(subject, predicate, value),
    ]


def without_subject(curie: str) -> Callable[[list[ox.Triple]], list[ox.Triple]]:
    gone = iri(curie)

    def change(graph: list[ox.Triple]) -> list[ox.Triple]:
        axioms = {
            t.subject
            for t in graph
            if t.predicate == iri("owl:annotatedSource") and t.object == gone
        }
        return [t for t in graph if t.subject != gone and t.subject not in axioms]

    return change


def restricted(graph: list[ox.Triple]) -> list[ox.Triple]:
    node = ox.BlankNode("fresh")
    return [
        *graph,
        triple(DDLPS, "rdfs:subClassOf", node),
        ox.Triple(node, iri("rdf:type"), iri("owl:Restriction")),
        ox.Triple(node, iri("owl:onProperty"), iri("skg:hasAlteration")),
        ox.Triple(node, iri("owl:someValuesFrom"), iri("skg:MDM2Amplification")),
    ]


def redefined(graph: list[ox.Triple]) -> list[ox.Triple]:
    """Let the definition of MDM2-amplified liposarcoma rest on another alteration."""
    subject = iri("skg:MDM2AmplifiedLiposarcoma")
    links = {t.subject: t.object for t in graph if t.predicate == iri("owl:equivalentClass")}
    inside: set[object] = {links[subject]}
    while True:
        more = {t.object for t in graph if t.subject in inside} | inside
        if more == inside:
            break
        inside = more
    return [
        ox.Triple(t.subject, t.predicate, iri("skg:CDK4Amplification"))
        if t.subject in inside and t.predicate == iri("owl:someValuesFrom")
        else t
        for t in graph
    ]


def split_disjointness(graph: list[ox.Triple]) -> list[ox.Triple]:
    """Take the first member out of an owl:AllDisjointClasses."""
    node = next(t.subject for t in graph if t.object == iri("owl:AllDisjointClasses"))
    head = next(t for t in graph if t.subject == node and t.predicate == iri("owl:members"))
    tail = next(
        t.object for t in graph if t.subject == head.object and t.predicate == iri("rdf:rest")
    )
    gone = {t for t in graph if t.subject == head.object}
    return [
        *(t for t in graph if t not in gone and t != head),
        ox.Triple(node, head.predicate, tail),
    ]


def less_confident(graph: list[ox.Triple]) -> list[ox.Triple]:
    record = next(t for t in graph if t.predicate == iri("sssom:confidence"))
    low = ox.Literal("0.1", datatype=iri("xsd:decimal"))
    return [ox.Triple(t.subject, t.predicate, low) if t == record else t for t in graph]


def other_source(graph: list[ox.Triple]) -> list[ox.Triple]:
    axioms = {t.subject for t in graph if t.object == iri("owl:Axiom")}
    noted = next(t for t in graph if t.subject in axioms and t.predicate == iri("dcterms:source"))
    return [
        ox.Triple(t.subject, t.predicate, ox.Literal("a letter")) if t == noted else t
        for t in graph
    ]


def remapped(graph: list[ox.Triple]) -> list[ox.Triple]:
    """Turn an exact match into a close one, in its annotation and in its record."""
    plain = next(
        t
        for t in graph
        if t.predicate == iri("skos:exactMatch") and str(t.subject).startswith(f"<{SKG}")
    )
    close = iri("skos:closeMatch")
    by_end = {
        p: {t.subject for t in graph if t.predicate == iri(p) and t.object == end}
        for p, end in (
            ("owl:annotatedSource", plain.subject),
            ("owl:annotatedTarget", plain.object),
            ("owl:annotatedProperty", plain.predicate),
        )
    }
    (record,) = set.intersection(*by_end.values())
    return [
        ox.Triple(plain.subject, close, plain.object)
        if t == plain
        else ox.Triple(record, t.predicate, close)
        if t.subject == record and t.predicate == iri("owl:annotatedProperty")
        else t
        for t in graph
    ]


NEW_TERM = adding(
    triple("skg:NovelSarcoma", "rdf:type", "owl:Class"),
    triple("skg:NovelSarcoma", "rdfs:subClassOf", SARCOMA),
    triple("skg:NovelSarcoma", "rdfs:label", english("novel sarcoma")),
)
EVIDENCE = adding(
    triple("kb:ext-novel", "rdf:type", "skg:ExternalEvidence"),
    triple("kb:ext-novel", "rdfs:label", english("a novel trial")),
    triple("kb:ext-novel", "cito:disputes", CLAIM),
)
DEPRECATED = adding(
    triple("skg:Liposarcoma", "owl:deprecated", ox.Literal(True)),
    triple("skg:Liposarcoma", "obo:IAO_0100001", DDLPS),
)
MUTATIONS: list[tuple[str, Callable[[list[ox.Triple]], list[ox.Triple]], set[tuple[str, str]], str]]
MUTATIONS = [
    (
        "term added",
        NEW_TERM,
        {("term", "added")},
        "- novel sarcoma (`skg:NovelSarcoma`), under soft tissue sarcoma",
    ),
    (
        "term removed",
        without_subject("skg:AdultFibrosarcoma"),
        {("term", "removed")},
        "- adult fibrosarcoma (`skg:AdultFibrosarcoma`), under fibrosarcoma: A fibrosarcoma of",
    ),
    (
        "deprecated",
        DEPRECATED,
        {("deprecation", "added"), ("replacement", "added")},
        "- liposarcoma (`skg:Liposarcoma`); use dedifferentiated liposarcoma (`skg:Dediff",
    ),
    (
        "renamed",
        replacing(DDLPS, "rdfs:label", english("DD liposarcoma")),
        {("label", "changed")},
        '(`skg:DedifferentiatedLiposarcoma`): "dedifferentiated liposarcoma" → "DD liposarcoma"',
    ),
    (
        "redefined",
        replacing(DDLPS, "obo:IAO_0000115", english("Another thing.")),
        {("definition", "changed")},
        '→ "Another thing."',
    ),
    ("undefined", removing((DDLPS, "obo:IAO_0000115")), {("definition", "removed")}, "no longer"),
    (
        "synonym",
        adding(triple(DDLPS, "oboInOwl:hasNarrowSynonym", english("odd"))),
        {("synonym", "added")},
        '+ "odd" (narrow)',
    ),
    (
        "parent added",
        adding(triple(DDLPS, "rdfs:subClassOf", "skg:BoneSarcoma")),
        {("parents", "added")},
        "now also under bone sarcoma (`skg:BoneSarcoma`)",
    ),
    (
        "relation",
        restricted,
        {("relation", "added")},
        "now 'has alteration' some 'MDM2 amplification'",
    ),
    (
        "logical definition",
        redefined,
        {("logical definition", "changed")},
        "some 'CDK4 amplification')",
    ),
    (
        "disjoint pair",
        adding(triple(DDLPS, "owl:disjointWith", "skg:BoneSarcoma")),
        {("axiom", "added")},
        "disjoint with",
    ),
    ("disjoint classes", split_disjointness, {("axiom", "changed")}, ": no longer "),
    (
        "domain",
        adding(triple("skg:inhibits", "rdfs:domain", "skg:Therapy")),
        {("axiom", "added")},
        "- inhibits (`skg:inhibits`): now domain therapy (`skg:Therapy`)",
    ),
    (
        "annotation",
        adding(triple(DDLPS, "rdfs:comment", english("odd"))),
        {("annotation", "added")},
        'now comment "odd"',
    ),
    ("source of an axiom", other_source, {("axiom annotation", "changed")}, '→ "a letter"'),
    ("re-mapped", remapped, {("mapping", "changed")}, "close match"),
    ("confidence", less_confident, {("mapping detail", "changed")}, "→ 0.1"),
    (
        "claim slot",
        replacing(CLAIM, "skg:aboutTherapy", "skg:Imatinib"),
        {("claim slot", "changed")},
        "about therapy tazemetostat (`skg:Tazemetostat`) → imatinib (`skg:Imatinib`)",
    ),
    (
        "claim removed",
        without_subject(CLAIM),
        {("claim", "removed")},
        "Tazemetostat, an EZH2 blocker",
    ),
    (
        "disputed",
        EVIDENCE,
        {("evidence", "added"), ("external evidence", "added")},
        "- S2-3.2-SS-01 (`kb:claim-S2-3.2-SS-01`): now disputed by a novel trial (`kb:ext-novel`)",
    ),
    (
        "verdict",
        replacing(CITATION, "skg:citationVerdict", "skg:DoesNotMatch"),
        {("verdict", "changed")},
        "S2-3.2-SS-01 citing S2 reference 38 (`kb:cit-S2-3.2-SS-01-38`): ",
    ),
    (
        "reference",
        replacing("kb:ref-S2-1", "skg:printedYear", ox.Literal("1999", datatype=iri("xsd:gYear"))),
        {("reference slot", "changed")},
        "printed year 2012 → 1999",
    ),
    (
        "source",
        adding(triple("kb:source-S2", "skg:sourceDefect", english("odd"))),
        {("source slot", "added")},
        'now source defect "odd"',
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "kinds", "line"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS]
)
def test_one_change_gives_exactly_its_kind_of_line(
    graph: list[ox.Triple],
    now: Snapshot,
    change: Callable[[list[ox.Triple]], list[ox.Triple]],
    kinds: set[tuple[str, str]],
    line: str,
) -> None:
    then = Snapshot(change(graph), "then")
    difference = model.compare(now, then)
    assert told(difference) == kinds
    assert line in markdown.render(difference, everything=True)
    assert mirrored(model.compare(then, now).changes) == plain(difference.changes)


def test_no_triple_of_the_hand_written_states_goes_unnoticed() -> None:
    """Leave out one triple after the other: each is seen."""
    triples = [quad.triple for quad in loading.read(DATA / "new.ttl")]
    whole = Snapshot(triples)
    for gone in triples:
        left = Snapshot([t for t in triples if t != gone])
        notes = markdown.render(model.compare(whole, left))
        assert "Nothing changed." not in notes, gone


# Small generated graphs; rdflib's isomorphism is the second opinion.

_NODES = [f"<{SKG}C{n}>" for n in range(3)] + [f"_:b{n}" for n in range(3)]
_LINES = st.builds(
    lambda s, p, o: f"{s} {p} {o} .",
    st.sampled_from(_NODES),
    st.sampled_from(
        [
            f"<{namespaces.PREFIXES['rdfs']}subClassOf>",
            f"<{namespaces.PREFIXES['owl']}onProperty>",
            f"<{namespaces.PREFIXES['owl']}someValuesFrom>",
            f"<{SKG}p>",
        ]
    ),
    st.sampled_from([*_NODES, '"x"', '"x"@en']),
)
_GRAPHS = st.lists(_LINES, min_size=1, max_size=6).map("\n".join)


def _snapshot(text: str) -> Snapshot:
    return Snapshot(q.triple for q in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES))


@settings(max_examples=150, deadline=None)
@given(old=_GRAPHS, new=_GRAPHS)
def test_generated_graphs_reversed_are_the_mirror_image(old: str, new: str) -> None:
    a, b = _snapshot(old), _snapshot(new)
    assert model.compare(a, a).changes == []
    assert mirrored(model.compare(b, a).changes) == plain(model.compare(a, b).changes)


def _tree(text: str) -> bool:
    """Tell whether each blank node is the object of one triple at most, and in no circle."""
    above: dict[str, list[str]] = {}
    for line in set(text.splitlines()):
        subject, _, value = line.split(" ")[:3]
        if value.startswith("_:"):
            above.setdefault(value, []).append(subject)
    for node in above:
        seen = [node]
        while above.get(seen[-1]):
            if len(above[seen[-1]]) > 1 or above[seen[-1]][0] in seen:
                return False
            seen.append(above[seen[-1]][0])
    return True


def _said(graph: Graph) -> set[object]:
    """Return what a graph of trees says, however often: blank nodes as what hangs from them."""

    def shape(node: object) -> object:
        if not isinstance(node, BNode):
            return node
        return frozenset((p, shape(o)) for p, o in graph.predicate_objects(node))

    said: set[object] = {(s, p, shape(o)) for s, p, o in graph if not isinstance(s, BNode)}
    tops = set(graph.subjects()) - set(graph.objects())
    return said | {shape(node) for node in tops if isinstance(node, BNode)}


@settings(max_examples=300, deadline=None)
@given(old=_GRAPHS.filter(_tree), new=st.data())
def test_trees_without_a_difference_are_isomorphic(old: str, new: st.DataObject) -> None:
    """Hold the comparison against rdflib's, where a blank node says no more than its structure."""
    lines = old.splitlines()
    other = new.draw(
        st.one_of(
            st.permutations(lines).map(
                lambda ls: (
                    "\n".join(ls).translate(str.maketrans("012", "120"))
                    if all("C" not in line for line in ls)
                    else "\n".join(
                        re.sub(r"_:b(\d)", lambda m: f"_:z{9 - int(m[1])}", x) for x in ls
                    )
                )
            ),
            _GRAPHS.filter(_tree),
        )
    )
    same = not model.compare(_snapshot(old), _snapshot(other)).changes
    graphs = [Graph().parse(data=text, format="nt") for text in (old, other)]
    if isomorphic(*graphs):
        assert same
    elif same:
        # Two blank nodes of the same structure on one subject say the same: lean graphs.
        assert _said(graphs[0]) == _said(graphs[1])


def test_a_state_without_tables_is_not_held_against_them(
    graph: list[ox.Triple], now: Snapshot
) -> None:
    records = {t.subject for t in graph if t.object == iri("sssom:Mapping")}
    left = Snapshot([t for t in graph if t.subject not in records], "then")
    difference = model.compare(left, now)
    assert difference.changes == []
    assert "Confidence of mappings: not compared, since then holds none." in markdown.render(
        difference
    )


# Text of the data is text.

_HOSTILE = st.text(min_size=1, max_size=30).filter(lambda t: t.strip() and "\0" not in t)


@settings(max_examples=200, deadline=None)
@given(
    label=st.one_of(
        _HOSTILE,
        st.sampled_from(
            [
                "</li><script>",
                "`x`",
                "[a](javascript:b)",
                "a\n# b",
                "| x |",
                "\\",
                "**b**",
                "&lt;",
                "$x$",
                "![i](u)",
            ]
        ),
    )
)
def test_hostile_labels_are_escaped(label: str) -> None:
    try:
        triples = [
            triple("skg:X", "rdf:type", "owl:Class"),
            triple("skg:X", "rdfs:label", english(label)),
        ]
    except ValueError:  # a lone surrogate is no text
        return
    notes = markdown.render(model.compare(Snapshot([triples[0]], "a"), Snapshot(triples, "b")))
    benign = [triples[0], triple("skg:X", "rdfs:label", english("benign"))]
    usual = markdown.render(model.compare(Snapshot([triples[0]], "a"), Snapshot(benign, "b")))
    assert notes.count("\n") == usual.count("\n")
    line = next(x for x in notes.splitlines() if "`skg:X`" in x)
    said = line.removeprefix("- ").split(" (`skg:X`)")[0]
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_<>|\[\]~$#]", said)
    assert not re.search(r"&(?!amp;)", said)


# Where states lie.


def test_a_place_on_this_machine_is_no_difference(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "ontology").mkdir(parents=True)
        (tmp_path / name / "ontology" / "x.ttl").write_text("<#a> <#b> <c> .")
    a, b = (states.read(str(tmp_path / name)) for name in ("here", "there"))
    assert a.about
    assert model.compare(a, b).changes == []


def test_packed_files_and_graphs_of_a_release(tmp_path: Path) -> None:
    told_by = "<http://a.example/s> <http://a.example/p> <http://a.example/o> .\n"
    inferred = (
        "<http://a.example/s> <http://a.example/p> <http://a.example/i> "
        "<http://a.example/graph/inferred> .\n"
    )
    # The object of a triple may be called so too.
    named = "<http://a.example/s> <http://a.example/p> <http://a.example/inferred> .\n"
    (tmp_path / "a.nt").write_text(told_by + named)
    (tmp_path / "b.nq.gz").write_bytes(gzip.compress((told_by + inferred + named).encode()))
    release = tmp_path / "release"
    (release / "graphs").mkdir(parents=True)
    (release / "ontology").mkdir()
    (release / "ontology" / "ontology.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    (release / "graphs" / "asserted.nt.gz").write_bytes(gzip.compress((named + told_by).encode()))
    found = [states.read(str(tmp_path / name)) for name in ("a.nt", "b.nq.gz", "release")]
    assert model.compare(found[0], found[1]).changes == []
    assert model.compare(found[0], found[2]).changes == []
    assert len(found[0].about["http://a.example/s"]["http://a.example/p"]) == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.nt.gz", b"not packed", "cannot be unpacked"),
        ("x.nt.gz", gzip.compress(b"<a> b", mtime=0), "x.nt.gz: line 1"),
        ("x.ttl", b"<a> <b> ", "x.ttl: line 1"),
        ("x.csv", b"a,b", "unknown kind of RDF file"),
        ("x.owl", b"<!DOCTYPE x SYSTEM 'a'><x/>", "document type definitions"),
        ("x.nq", b"<< broken inferred> .\n", "x.nq: line 1"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        states.read(str(tmp_path / name))
    assert says in str(error.value)
    assert str(tmp_path / name) in str(error.value)


def test_blank_nodes_that_unfold_without_bound_are_refused() -> None:
    lines = ["<urn:s> <urn:p> _:n0 ."]
    for n in range(60):
        lines += [f"_:n{n} <urn:p> _:n{n + 1} .", f"_:n{n} <urn:q> _:n{n + 1} ."]
    with pytest.raises(UserError, match="unfold"):
        _snapshot("\n".join(lines))


@pytest.mark.parametrize("word", ["-x", "--upload-pack=x", "", "no such", "\x1b[31m", "x" * 5000])
def test_what_is_neither_path_nor_revision_is_refused(word: str) -> None:
    with pytest.raises(UserError) as error:
        states.read(word)
    assert "no such file or folder" in str(error.value)
    assert len(str(error.value)) < 1000
    assert "\x1b" not in str(error.value)


def test_a_missing_file_is_not_taken_for_a_revision() -> None:
    with pytest.raises(UserError, match="check the path"):
        states.read("gone/asserted.nt.gz")


def test_without_git_a_revision_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="install git"):
        states.read("HEAD")


def test_without_a_repository_a_revision_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sarcoma_kg.ground import resources

    monkeypatch.setattr(resources, "data_root", lambda: tmp_path)
    with pytest.raises(UserError, match="in no git repository"):
        states.read("HEAD")


# The history of this repository.


def _has(commit: str) -> bool:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return False
    words = ["git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _history(*commits: str) -> None:
    for commit in commits:
        if not _has(commit):
            pytest.skip(f"needs the history of the repository back to {commit}")


def test_the_history_reads_as_release_notes(capsys: pytest.CaptureFixture[str]) -> None:
    _history("0222ccc", "f3418d6")
    status = ["git", "-C", str(ROOT), "status", "--porcelain"]
    before = subprocess.run(status, capture_output=True, check=True).stdout
    start = time.process_time()
    assert cli.main(["diff", "0222ccc", "f3418d6"]) == 0
    assert time.process_time() - start < 10
    notes = capsys.readouterr().out
    # Read off the commits by a person.
    for line in (DATA / "history.expected.txt").read_text(encoding="utf-8").splitlines():
        assert line in notes
    assert subprocess.run(status, capture_output=True, check=True).stdout == before


def test_a_new_layout_of_the_files_is_no_change() -> None:
    """The commit that wrote every file in canonical Turtle changed no meaning."""
    _history("4a71472")
    old, new = states.read("4a71472~1"), states.read("4a71472")
    found = [c for c in model.compare(old, new).changes if c.group != "contracts"]
    # Beside, it gave one document a comment.
    assert [(c.kind, c.subject.rpartition("/")[2], c.slot) for c in found] == [
        ("document slot", "mappings", namespaces.PREFIXES["rdfs"] + "comment")
    ]


def test_a_folder_and_the_packaged_ontology_are_the_same() -> None:
    assert model.compare(states.read(str(ROOT)), states.packaged()).changes == []


# The command.


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = str(DATA / "old.ttl"), str(DATA / "new.ttl")
    assert cli.main(["diff", old, new]) == 0
    assert cli.main(["diff", old, new, "--exit-code"]) == 1
    assert cli.main(["diff", old, old, "--exit-code"]) == 0
    assert "Nothing changed." in capsys.readouterr().out
    assert cli.main(["diff", old, str(DATA / "gone.ttl")]) == 2


def test_json_has_every_change(
    written: model.Difference, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", str(DATA / "old.ttl"), str(DATA / "new.ttl"), "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["changes"]) == len(written.changes)
    (slot,) = [c for c in data["changes"] if c["kind"] == "claim slot" and not c["within"]]
    assert slot["subject"]["label"] == "S9-1"
    assert [v["label"] for side in ("old", "new") for v in slot[side]] == ["suggested", "effective"]


def test_long_lists_are_shortened_with_a_count() -> None:
    old = [triple(f"skg:C{n}", "rdf:type", "owl:Class") for n in range(50)]
    new = [*old, *(triple(f"skg:C{n}", "rdfs:label", english(f"c {n}")) for n in range(50))]
    difference = model.compare(Snapshot(old, "a"), Snapshot(new, "b"))
    short = markdown.render(difference)
    assert "### Labels added (50)" in short
    assert "- ... and 30 more (`--all` lists them)" in short
    assert short.count("`skg:C") == 20
    assert markdown.render(difference, everything=True).count("`skg:C") == 50


# KGCL, by its own parser.

_READ = """
import json, sys
from kgcl_schema.grammar.parser import parse_statement
rows = []
for line in json.load(sys.stdin):
    change = parse_statement(line)
    row = {k: str(v) for k, v in vars(change).items() if v is not None and k != "about_edge"}
    edge = getattr(change, "about_edge", None)
    if edge is not None:
        row |= {k: str(v) for k, v in vars(edge).items() if v is not None}
    rows.append({"class": type(change).__name__, **row})
json.dump(rows, sys.stdout)
"""


def _parsed(commands: list[str]) -> list[SimpleNamespace]:
    python = other_tools()
    done = subprocess.run(
        [python, "-c", _READ],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [SimpleNamespace(**row) for row in json.loads(done.stdout)]


@pytest.mark.others
def test_every_command_means_the_same_to_the_parser_of_kgcl(written: model.Difference) -> None:
    """Apply the parsed commands to the older state: what KGCL can say is then as in the newer."""
    commands, _ = kgcl.render(written)
    if _has("0222ccc"):
        long = kgcl.render(model.compare(states.read("0222ccc"), states.packaged()))[0]
        assert len(_parsed(long)) == len(long)
    state, wanted = _sayable(written.old), _sayable(written.new)
    assert state != wanted
    for change in _parsed(commands):
        _apply(state, change)
    assert state == wanted


def _sayable(snapshot: Snapshot) -> set[tuple[str, ...]]:
    """Return labels, definitions, synonyms, edges, mappings and deprecations of terms."""
    found: set[tuple[str, ...]] = set()
    kinds = Kinds(snapshot, snapshot)
    synonyms = {
        f"{namespaces.PREFIXES['oboInOwl']}has{s}Synonym": s.lower()
        for s in ("Exact", "Broad", "Narrow", "Related")
    }
    for subject, own in snapshot.about.items():
        if kinds.kind(subject) != "term":
            continue
        me = namespaces.contract(subject)
        found.add(("term", me))
        for predicate, values in own.items():
            slot = namespaces.contract(predicate)
            for value in values:
                if isinstance(value, Text) and slot in {"rdfs:label", "obo:IAO_0000115"}:
                    found.add((slot, me, value.text))
                elif isinstance(value, Text) and predicate in synonyms:
                    found.add(("synonym", me, value.text, synonyms[predicate]))
                elif isinstance(value, Iri) and (
                    slot == "rdfs:subClassOf" or slot.startswith("skos:")
                ):
                    found.add(("edge", me, slot, namespaces.contract(value.iri)))
                elif (
                    isinstance(value, Expression)
                    and value.operator == "some"
                    and slot == "rdfs:subClassOf"
                ):
                    on, end = value.parts
                    assert isinstance(on, Iri)
                    assert isinstance(end, Iri)
                    found.add(
                        ("edge", me, namespaces.contract(on.iri), namespaces.contract(end.iri))
                    )
                elif slot == "owl:deprecated":
                    found.add(("deprecated", me))
                elif slot == "obo:IAO_0100001" and isinstance(value, Iri):
                    found.add(("replaced", me, namespaces.contract(value.iri)))
    return found


def _apply(state: set[tuple[str, ...]], c: SimpleNamespace) -> None:
    kind = vars(c)["class"]
    if kind == "NodeCreation":
        state |= {("term", c.about_node), ("rdfs:label", c.about_node, c.name)}
    elif kind == "NodeDeletion":
        state -= {row for row in state if row[1] == c.about_node}
    elif kind == "NodeRename":
        state.remove(("rdfs:label", c.about_node, c.old_value))
        state.add(("rdfs:label", c.about_node, c.new_value))
    elif kind in {"NewTextDefinition", "NodeTextDefinitionChange"}:
        if kind == "NodeTextDefinitionChange":
            state.remove(("obo:IAO_0000115", c.about_node, c.old_value))
        state.add(("obo:IAO_0000115", c.about_node, c.new_value))
    elif kind == "NewSynonym":
        state.add(("synonym", c.about_node, c.new_value, c.qualifier))
    elif kind == "RemoveSynonym":
        gone = {row for row in state if row[:3] == ("synonym", c.about_node, c.old_value)}
        assert gone
        state -= gone
    elif kind in {"PlaceUnder", "EdgeCreation"}:
        state.add(("edge", c.subject, c.predicate, c.object))
    elif kind in {"RemoveUnder", "EdgeDeletion"}:
        state.remove(("edge", c.subject, c.predicate, c.object))
    elif kind == "PredicateChange":
        state.remove(("edge", c.subject, c.old_value, c.object))
        state.add(("edge", c.subject, c.new_value, c.object))
    elif kind == "NodeObsoletionWithDirectReplacement":
        state |= {
            ("deprecated", c.about_node),
            ("replaced", c.about_node, c.has_direct_replacement),
        }
    else:
        raise AssertionError(f"a command that the test does not know: {kind}")


@settings(max_examples=60, deadline=None)
@given(label=_HOSTILE)
def test_what_kgcl_cannot_quote_is_left_out(label: str) -> None:
    try:
        new = [
            triple("skg:X", "rdf:type", "owl:Class"),
            triple("skg:X", "rdfs:label", english(label)),
        ]
        old = [new[0], triple("skg:X", "rdfs:label", english("old"))]
    except ValueError:
        return
    commands, left_out = kgcl.render(model.compare(Snapshot(old), Snapshot(new)))
    if label == "old":
        assert not commands
    elif "'" in label or len(label.splitlines()) != 1:
        assert (commands, left_out) == ([], 1)
    else:
        assert commands == [f"rename skg:X from 'old'@en to '{label}'@en"]
        assert left_out == 0


OWN = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <https://example.org/x/> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix s: <http://www.geneontology.org/formats/oboInOwl#> .
x:C a owl:Class ; rdfs:subClassOf skg:Liposarcoma ; s:hasExactSynonym {} , "Fall"@de .
obo:NCIT_C1 a owl:Class ; rdfs:label "{}" .
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"CS"@en', '"CS"@en-GB', ['+ "CS" (exact), en-gb', '− "CS" (exact), en\n']),
        ('"CS"@en', '"CS"', ['+ "CS" (exact), no language', '− "CS" (exact), en\n']),
        ('"CS"', '"CS"@fr', ['+ "CS" (exact), fr', '− "CS" (exact), no language']),
        ('"CS"@en', '"DS"@en', ['+ "DS" (exact)', '− "CS" (exact)\n']),
    ],
)
def test_language_tags_and_own_terms(
    tmp_path: Path, before: str, after: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, synonym in (("a", before), ("b", after)):
        (tmp_path / f"{name}.ttl").write_text(OWN.format(synonym, name))
    assert cli.main(["diff", str(tmp_path / "a.ttl"), str(tmp_path / "b.ttl")]) == 0
    out = capsys.readouterr().out.replace("; ", "\n").replace(", −", "\n−")
    own, imported = out.split("## Imported terms")
    assert "## Own terms" in own
    assert "NCIT" in imported
    assert "example.org" not in imported
    for words in said:
        assert words in own + "\n"
