"""Nanopublications: well-formed, verifiable, complete, and nothing in them that is not known."""

import gzip
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarcoma_kg.building import builds
from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.namespaces import KB, PREFIXES, SKG
from sarcoma_kg.publishing import nanopubs, trusty
from sarcoma_kg.publishing.nanopub_text import BASE, NP, NPX
from sarcoma_kg.publishing.release import Release
from sarcoma_kg.publishing.sorted_triples import SortedTriples
from sarcoma_kg.reading import loading
from tests.tools import other_tools

DATA = Path(__file__).parents[1] / "data" / "nanopubs"
SCRIPT = Path(__file__).parents[1] / "tools" / "check_nanopubs.py"
TYPE = PREFIXES["rdf"] + "type"
VERSION = "2026-11-28"
LAYERS = {"citation-audit.ttl", "external-evidence.ttl", "curation-notes.ttl", "civic.ttl"}
Quads = list[ox.Quad]


def published(build: builds.Build, folder: Path) -> Path:
    folder.mkdir()
    nanopubs.write(Release(build, folder, VERSION), lambda _: None)
    return folder / "nanopubs"


@pytest.fixture(scope="module")
def folder(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(build, tmp_path_factory.mktemp("release") / "out")


def split(path: Path) -> dict[str, Quads]:
    """The quads of each nanopublication, by what its graphs' names have in common."""
    found: dict[str, Quads] = defaultdict(list)
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TRIG):
        found[iri(quad.graph_name).partition("#")[0]].append(quad)
    return dict(found)


def iri(node: object) -> str:
    assert isinstance(node, ox.NamedNode), node
    return node.value


@pytest.fixture(scope="module")
def claims(folder: Path) -> dict[str, Quads]:
    return split(folder / "claims.trig")


@pytest.fixture(scope="module")
def asserted(build: builds.Build) -> set[ox.Triple]:
    path = str(build.folder / "asserted.nt")
    return {quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)}


@pytest.fixture(scope="session")
def tools() -> Callable[..., dict[str, dict[str, str]]]:
    """Run the script in the environment of the tools."""
    python = other_tools()

    def run(*arguments: object) -> dict[str, dict[str, str]]:
        command = [python, "-W", "ignore", str(SCRIPT), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        answer: dict[str, dict[str, str]] = json.loads(done.stdout)
        return answer

    return run


# What the guidelines ask of a nanopublication, https://nanopub.net/guidelines/working_draft/.


def faults(quads: Quads) -> set[str]:
    """The criteria of well-formedness that are not met."""
    if any(not isinstance(q.graph_name, ox.NamedNode) for q in quads):
        return {"graph name"}
    found: set[str] = set()
    heads = [q for q in quads if iri(q.predicate) == TYPE and q.object == _np("Nanopublication")]
    if len(heads) != 1:
        return found | {"one nanopublication"}
    name, head = heads[0].subject, heads[0].graph_name
    parts = []
    for link in ("hasAssertion", "hasProvenance", "hasPublicationInfo"):
        linked = [
            q.object
            for q in quads
            if (q.subject, q.predicate, q.graph_name) == (name, _np(link), head)
        ]
        if len(linked) != 1:
            return found | {link}
        parts += linked
    if len({name, head, *parts}) != 5:
        found.add("all different")
    if {q.graph_name for q in quads} - {head, *parts}:
        found.add("four graphs")
    assertion, provenance, pubinfo = parts
    if not any(q.graph_name == assertion for q in quads):
        found.add("assertion is empty")
    for graph, target in ((provenance, assertion), (pubinfo, name)):
        if not any(q.graph_name == graph and target in (q.subject, q.object) for q in quads):
            found.add(f"{iri(graph).partition('#')[2]} refers")
    if any(isinstance(node, ox.BlankNode) for q in quads for node in (q.subject, q.object)):
        found.add("no blank nodes")
    if any(not iri(graph).startswith(iri(name)) for graph in (head, *parts)):
        found.add("names start alike")
    return found


def _np(name: str) -> ox.NamedNode:
    return ox.NamedNode(NP + name)


def graph_of(quad: ox.Quad) -> str:
    return iri(quad.graph_name).partition("#")[2]


def renamed(quads: Quads, change: Callable[[ox.Quad], ox.Quad | None]) -> Quads:
    return [new for quad in quads if (new := change(quad)) is not None]


def test_each_is_well_formed(claims: dict[str, Quads], folder: Path) -> None:
    assert len(claims) == 167
    for name, quads in (claims | split(folder / "index.trig")).items():
        assert faults(quads) == set(), name


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("one nanopublication", lambda q: None if iri(q.predicate) == TYPE else q),
        ("hasAssertion", lambda q: None if q.predicate == _np("hasAssertion") else q),
        ("hasProvenance", lambda q: None if q.predicate == _np("hasProvenance") else q),
        ("hasPublicationInfo", lambda q: None if q.predicate == _np("hasPublicationInfo") else q),
        ("assertion is empty", lambda q: None if graph_of(q) == "assertion" else q),
        (
            "provenance refers",
            lambda q: None if iri(q.subject).endswith("#assertion") else q,
        ),
        (
            "pubinfo refers",
            lambda q: None if graph_of(q) == "pubinfo" and iri(q.subject).startswith(BASE) else q,
        ),
        (
            "four graphs",
            lambda q: (
                ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(BASE + "x#graph"))
                if graph_of(q) == "assertion" and iri(q.predicate) == TYPE
                else q
            ),
        ),
        ("graph name", lambda q: ox.Quad(q.subject, q.predicate, q.object)),
        (
            "no blank nodes",
            lambda q: (
                ox.Quad(q.subject, q.predicate, ox.BlankNode("b"), q.graph_name)
                if iri(q.predicate).endswith("#hasTarget")
                else q
            ),
        ),
    ],
)
def test_the_check_of_form_sees_faults(
    claims: dict[str, Quads], fault: str, change: Callable[[ox.Quad], ox.Quad | None]
) -> None:
    assert fault in faults(renamed(next(iter(claims.values())), change))


def test_each_verifies(claims: dict[str, Quads], folder: Path) -> None:
    for name, quads in (claims | split(folder / "index.trig")).items():
        code = trusty.code_in(name)
        assert code
        assert name == BASE + code
        assert trusty.code_of(quads, code) == code


@pytest.mark.others
def test_the_library_agrees(
    folder: Path, claims: dict[str, Quads], tools: Callable[..., dict[str, dict[str, str]]]
) -> None:
    said = tools(folder / "claims.trig", folder / "index.trig")
    assert len(said) == 168
    for name, words in said.items():
        assert words["is_valid"] == "", name
        assert words["has_valid_trusty"] == "", name
        assert words["source_uri"] == name
        if name in claims:
            assert words["introduces"].startswith(KB + "claim-")


@pytest.mark.others
def test_the_library_sees_a_changed_letter(
    folder: Path, tmp_path: Path, tools: Callable[..., dict[str, dict[str, str]]]
) -> None:
    start, *each = (folder / "claims.trig").read_text().split("\n@prefix this:")
    old, new = "an EZH2 blocker, is said", "an EZH2 blocker, is sard"
    (one,) = [text for text in each if old in text]
    other = each[0]
    assert other != one
    changed = tmp_path / "changed.trig"
    changed.write_text("\n@prefix this:".join([start, other, one.replace(old, new)]))
    said = {name: words["has_valid_trusty"] for name, words in tools(changed).items()}
    assert {name in one: bool(words) for name, words in said.items()} == {True: True, False: False}


def test_a_changed_letter_no_longer_verifies(claims: dict[str, Quads]) -> None:
    for name, quads in claims.items():
        code = trusty.code_in(name) or ""
        chance = random.Random(name)
        place = chance.choice(
            [
                n
                for n, q in enumerate(quads)
                if graph_of(q) == "assertion" and isinstance(q.object, ox.Literal)
            ]
        )
        quad = quads[place]
        assert isinstance(quad.object, ox.Literal)
        text = quad.object.value
        at = chance.randrange(len(text))
        other = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
        changed = ox.Literal(other, language=quad.object.language)
        new = list(quads)
        new[place] = ox.Quad(quad.subject, quad.predicate, changed, quad.graph_name)
        assert trusty.code_of(new, code) != code
        assert trusty.code_of(quads[:place] + quads[place + 1 :], code) != code


# The code itself.

#: The example of the guidelines after a trusty URI was attached to it.
GUIDELINES = "RA-0Yc_l8rK3_Ts8y7kPuZvg6FqzaOSSq0yMSS9Sg4R9I"


def test_code_of_the_example_in_the_guidelines() -> None:
    this = f"http://example.org/pub1/{GUIDELINES}"
    ex, orcid, dct = "http://example.org/", "https://orcid.org/", PREFIXES["dcterms"]
    prov, moment = PREFIXES["prov"], ox.NamedNode(PREFIXES["xsd"] + "dateTime")
    created = ox.Literal("2020-07-10T10:20:22.382+02:00", datatype=moment)
    rows: list[tuple[str, str, str, str | ox.Literal]] = [
        ("Head", this, TYPE, NP + "Nanopublication"),
        ("Head", this, NP + "hasAssertion", f"{this}#assertion"),
        ("Head", this, NP + "hasProvenance", f"{this}#provenance"),
        ("Head", this, NP + "hasPublicationInfo", f"{this}#pubinfo"),
        ("assertion", ex + "trastuzumab", ex + "is-indicated-for", ex + "breast-cancer"),
        (
            "provenance", f"{this}#assertion", prov + "wasAttributedTo",
            orcid + "0000-0003-3934-0072",
        ),
        ("provenance", f"{this}#assertion", prov + "wasDerivedFrom", f"{this}#experiment"),
        ("pubinfo", this, dct + "created", created),
        ("pubinfo", this, dct + "creator", orcid + "0000-0003-0183-6910"),
    ]  # fmt: skip
    quads = [
        ox.Quad(
            ox.NamedNode(s),
            ox.NamedNode(p),
            ox.NamedNode(o) if isinstance(o, str) else o,
            ox.NamedNode(f"{this}#{g}"),
        )
        for g, s, p, o in rows
    ]
    assert trusty.code_of(quads, GUIDELINES) == GUIDELINES
    random.Random(1).shuffle(quads)
    assert trusty.code_of(quads + quads[:3], GUIDELINES) == GUIDELINES
    assert trusty.code_of(quads[1:], GUIDELINES) != GUIDELINES


def test_published_nanopublications() -> None:
    """Those of https://github.com/Nanopublication/nanopub-testsuite, where it has been put."""
    suite = os.environ.get("SARCOMA_KG_NANOPUB_SUITE")
    if not suite:
        pytest.skip("needs the public nanopub-testsuite; name its folder in "
                    "SARCOMA_KG_NANOPUB_SUITE")  # fmt: skip
    files = [*Path(suite).glob("valid/trusty/*.trig"), *Path(suite).glob("valid/signed/*.trig")]
    assert len(files) > 50
    for path in files:
        quads = list(ox.parse(path=str(path), format=ox.RdfFormat.TRIG))
        names = [iri(q.subject) for q in quads if q.object == _np("Nanopublication")]
        code = trusty.code_in(names[0]) or ""
        assert trusty.code_of(quads, code) == code, path.name
    wrong = list(ox.parse(path=f"{suite}/invalid/trusty/trusty1.trig", format=ox.RdfFormat.TRIG))
    names = [iri(q.subject) for q in wrong if q.object == _np("Nanopublication")]
    code = trusty.code_in(names[0]) or ""
    assert trusty.code_of(wrong, code) != code


def _any_quads(chance: random.Random) -> Quads:
    def node() -> ox.NamedNode:
        name = chance.choice(["a", "b", "ab", "a#x", "é", "Z", "~", "𝔸", "ﬁ"])
        base = chance.choice(["http://example.org/", BASE + GUIDELINES + "/", "urn:x:"])
        return ox.NamedNode(chance.choice([base + name, BASE + GUIDELINES]))

    def literal() -> ox.Literal:
        letters = ["a", "B", "\\", "\n", "\t", '"', "\r", " ", "é", "𝔸", "ﬁ", "\\n", "0"]
        text = "".join(chance.choices(letters, k=chance.randrange(4)))
        kind = chance.randrange(4)
        if kind == 0:
            return ox.Literal(text, language=chance.choice(["en", "de", "en-gb"]))
        if kind == 1:
            return ox.Literal("01.50", datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal"))
        if kind == 2:
            return ox.Literal(text, datatype=ox.NamedNode("http://example.org/type"))
        return ox.Literal(text)

    return [
        ox.Quad(node(), node(), node() if chance.random() < 0.5 else literal(), node())
        for _ in range(chance.randrange(1, 40))
    ]


@pytest.mark.others
def test_codes_of_generated_quads(
    tmp_path: Path, tools: Callable[..., dict[str, dict[str, str]]]
) -> None:
    ours = {}
    for seed in range(300):
        quads = _any_quads(random.Random(seed))
        name = f"{seed:03}.nq"
        (tmp_path / name).write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
        ours[name] = trusty.code_of(quads, GUIDELINES)
    theirs: object = tools("--codes", tmp_path, GUIDELINES)
    assert theirs == ours


def test_blank_nodes_have_no_code() -> None:
    quad = ox.Quad(ox.BlankNode("b"), ox.NamedNode(TYPE), ox.Literal("x"))
    with pytest.raises(ValueError, match="give it an IRI"):
        trusty.code_of([quad], "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BASE + GUIDELINES, GUIDELINES),
        (f"http://example.org/x.{GUIDELINES}", GUIDELINES),
        (GUIDELINES, GUIDELINES),
        (BASE + GUIDELINES[:-1], None),
        (f"{BASE}x{GUIDELINES}", None),
        (BASE + GUIDELINES + "#assertion", None),
        (BASE + "FA" + GUIDELINES[2:], None),
    ],
)
def test_code_in(text: str, code: str | None) -> None:
    assert trusty.code_in(text) == code


# What is in them.

PROV, DCT = PREFIXES["prov"], PREFIXES["dcterms"]
#: What a nanopublication says beyond the data: graph, subject, predicate.
OWN = {
    ("Head", "this", TYPE),
    ("Head", "this", NP + "hasAssertion"),
    ("Head", "this", NP + "hasProvenance"),
    ("Head", "this", NP + "hasPublicationInfo"),
    ("provenance", "#assertion", PROV + "hadPrimarySource"),
    ("provenance", "#assertion", PROV + "wasDerivedFrom"),
    ("provenance", "#assertion", PROV + "wasAttributedTo"),
    ("provenance", "#authors", TYPE),
    ("provenance", "#authors", PREFIXES["rdfs"] + "label"),
    ("pubinfo", "this", DCT + "created"),
    ("pubinfo", "this", DCT + "creator"),
    ("pubinfo", "this", DCT + "license"),
    ("pubinfo", "this", NPX + "introduces"),
    ("pubinfo", "this", PREFIXES["rdfs"] + "label"),
}


def introduced(quads: Quads) -> ox.NamedNode:
    (found,) = [q.object for q in quads if iri(q.predicate) == NPX + "introduces"]
    assert isinstance(found, ox.NamedNode)
    return found


def test_each_triple_about_a_claim_is_in_one_graph_of_one(
    claims: dict[str, Quads], asserted: set[ox.Triple]
) -> None:
    subjects = {t.subject for t in asserted if iri(t.predicate) == SKG + "hasProposition"}
    assert {introduced(quads) for quads in claims.values()} == subjects
    about = Counter(q.triple for quads in claims.values() for q in quads if q.subject in subjects)
    assert about == Counter(t for t in asserted if t.subject in subjects)
    for quads in claims.values():
        assert {q.subject for q in quads} & subjects == {introduced(quads)}


def test_nothing_is_in_them_that_is_not_in_the_build(
    claims: dict[str, Quads], asserted: set[ox.Triple]
) -> None:
    own = set()
    for name, quads in claims.items():
        for quad in quads:
            subject = iri(quad.subject)
            if subject.startswith(BASE):
                short = subject.removeprefix(name) or "this"
                own.add((graph_of(quad), short, iri(quad.predicate)))
            else:
                assert quad.triple in asserted, quad
    assert own == OWN


def test_each_stands_alone(claims: dict[str, Quads], asserted: set[ox.Triple]) -> None:
    """What is pointed at is written out, but for other claims and like works."""
    described: dict[object, set[ox.Triple]] = defaultdict(set)
    for triple in asserted:
        described[triple.subject].add(triple)
    like = {SKG + p for p in ("sameWorkAs", "possiblySameWorkAs", "sharesCoordinatesWith")}
    others = {introduced(quads) for quads in claims.values()}
    for quads in claims.values():
        here = {q.triple for q in quads}
        for quad in quads:
            node = quad.object
            if isinstance(node, ox.NamedNode) and node.value.startswith(KB):
                if node in others or iri(quad.predicate) in like:
                    continue
                assert described[node], node
                assert described[node] <= here, (quad, introduced(quads))


def test_assertions_hold_what_the_sources_say_alone(claims: dict[str, Quads]) -> None:
    """No judgement of curators, no external evidence: the neutral copy has all of it."""
    said = [path for path in resources.claim_files() if path.name not in LAYERS]
    neutral = {quad.triple for quad in loading.packaged(said)}
    assertions = {q.triple for c in claims.values() for q in c if graph_of(q) == "assertion"}
    assert len(assertions) > 167 * 10
    assert assertions <= neutral


def test_each_predicate_of_a_claim_is_decided(
    claims: dict[str, Quads], asserted: set[ox.Triple]
) -> None:
    subjects = {introduced(quads) for quads in claims.values()}
    used = {iri(t.predicate) for t in asserted if t.subject in subjects}
    decided = nanopubs.ASSERTED | nanopubs.SOURCED | nanopubs.JUDGED
    assert used <= decided
    assert decided - used == set()
    assert not nanopubs.ASSERTED & (nanopubs.SOURCED | nanopubs.JUDGED)


def test_one_read_by_a_person(tmp_path: Path) -> None:
    """An invented claim: numbers and escapes stay as they are written."""
    (tmp_path / "asserted.nt").write_bytes((DATA / "one.nt").read_bytes())
    found = published(builds.Build(str(tmp_path)), tmp_path / "out")
    assert (found / "claims.trig").read_text() == (DATA / "one.trig").read_text()
    (quads,) = split(found / "claims.trig").values()
    assert faults(quads) == set()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("/ns/prov#hadPrimarySource> <https", "/ns/prov#other> <https", "a claim without a source"),
        ("<https://w3id.org/sarcoma-kg/id/value-1>", "_:value", "blank node"),
    ],
)
def test_what_cannot_be_published(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (DATA / "one.nt").read_text()
    assert old in text
    lines = sorted(text.replace(old, new).splitlines(keepends=True))
    (tmp_path / "asserted.nt").write_text("".join(lines))
    with pytest.raises(UserError, match=words):
        published(builds.Build(str(tmp_path)), tmp_path / "out")


# The files.


def test_quads_are_the_same(folder: Path, claims: dict[str, Quads]) -> None:
    plain = gzip.decompress((folder / "claims.nq.gz").read_bytes())
    quads = list(ox.parse(plain, format=ox.RdfFormat.N_QUADS))
    assert len(quads) == len(set(quads))
    assert set(quads) == {quad for quads in claims.values() for quad in quads}


def test_the_same_bytes_elsewhere(build: builds.Build, folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sarcoma_kg.building.builds import Build\n"
        "from sarcoma_kg.publishing import nanopubs; from sarcoma_kg.publishing.release import *\n"
        "nanopubs.write(Release(Build(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]), print)"
    )
    subprocess.run(
        [sys.executable, "-c", program, build.location, str(tmp_path), VERSION],
        check=True,
        capture_output=True,
        env=os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
    )
    for name in ("claims.trig", "claims.nq.gz", "index.trig"):
        assert (tmp_path / "nanopubs" / name).read_bytes() == (folder / name).read_bytes(), name
    header = (folder / "claims.nq.gz").read_bytes()[:8]
    assert header[3:8] == b"\0\0\0\0\0", "no name, no time"


# The index.


def index_of(quads: Quads) -> tuple[set[str], set[str], set[str]]:
    """What it includes, what it appends, and its types."""

    def objects(predicate: str) -> set[str]:
        return {iri(q.object) for q in quads if iri(q.predicate) == predicate}

    return objects(NPX + "includesElement"), objects(NPX + "appendsIndex"), objects(TYPE)


def test_index_has_all(folder: Path, claims: dict[str, Quads]) -> None:
    (quads,) = split(folder / "index.trig").values()
    included, before, types = index_of(quads)
    assert included == set(claims)
    assert before == set()
    assert types == {NP + "Nanopublication", NPX + "NanopubIndex", NPX + "IndexAssertion"}


@pytest.mark.others
def test_a_long_index_is_a_chain(
    build: builds.Build,
    claims: dict[str, Quads],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tools: Callable[..., dict[str, dict[str, str]]],
) -> None:
    monkeypatch.setattr(nanopubs, "_MOST_IN_INDEX", 50)
    path = published(build, tmp_path / "out") / "index.trig"
    links = split(path)
    before: set[str] = set()
    seen: list[str] = []
    for name, quads in links.items():
        included, appended, types = index_of(quads)
        assert appended == before
        assert len(included) <= 50
        assert (NPX + "IncompleteIndex" in types) == (len(seen) + len(included) < 167)
        before = {name}
        seen += included
        assert faults(quads) == set()
    assert len(links) == 4
    assert sorted(seen) == sorted(claims)
    assert not any(w["is_valid"] or w["has_valid_trusty"] for w in tools(path).values())


# Looking things up.


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "aa", "b", "é", "z#1"]), st.sampled_from("pq"), st.text()),
        max_size=30,
    ),
    st.integers(1, 200),
)
def test_sorted_triples(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str]], block: int
) -> None:
    triples = {_triple(*one) for one in said}
    lines = sorted(f"{t.subject} {t.predicate} {t.object} .\n" for t in triples)
    path = tmp_path_factory.mktemp("nt") / "sorted.nt"
    path.write_text("".join(lines), newline="")
    with SortedTriples(path, block) as found:
        for name in ("a", "aa", "b", "é", "z#1", "0", "zz"):
            about = found.about(f"http://example.org/{name}")
            assert _same(about, (t for t in triples if iri(t.subject).endswith(f"/{name}")))
        having = list(found.having("http://example.org/p"))
    subjects = {t.subject for t in triples if iri(t.predicate).endswith("/p")}
    assert _same((t for ts in having for t in ts), (t for t in triples if t.subject in subjects))
    assert len(having) == len(subjects)


def _triple(subject: str, predicate: str, text: str) -> ox.Triple:
    subject, predicate = f"http://example.org/{subject}", f"http://example.org/{predicate}"
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.Literal(text))


def _same(one: Iterable[ox.Triple], other: Iterable[ox.Triple]) -> bool:
    return Counter(one) == Counter(other)
