"""Every check with data that passes and data that it finds, on two engines; and the project."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg.building import builds
from sarcoma_kg.ground import errors, namespaces
from sarcoma_kg.quality import checks
from sarcoma_kg.stores.store import EmbeddedStore

DATA = Path(__file__).parents[1] / "data" / "checks"
CHECKS = checks.check_files()
each_check = pytest.mark.parametrize("path", CHECKS, ids=lambda p: p.stem)
each_kind = pytest.mark.parametrize("kind", ["good", "bad"])


def fixture(path: Path, kind: str) -> Path:
    return DATA / kind / f"{path.stem}.ttl"


def load(path: Path) -> EmbeddedStore:
    store = EmbeddedStore(ox.Store())
    store.inner.load(path.read_bytes(), format=ox.RdfFormat.from_extension(path.suffix[1:]))
    return store


def found(path: Path, kind: str) -> set[str]:
    return {f.focus for f in checks.run(load(fixture(path, kind)), [path])}


@pytest.fixture(scope="module")
def asserted(build: builds.Build) -> EmbeddedStore:
    """What people wrote, without what follows from it."""
    return load(build.folder / "asserted.nt")


def test_the_checks_are_those_of_the_list_and_each_has_its_fixtures() -> None:
    names = (DATA / "rules.txt").read_text(encoding="utf-8").split()
    assert [path.stem for path in CHECKS] == names
    for kind in ("good", "bad"):
        assert sorted(p.stem for p in (DATA / kind).glob("*.ttl")) == names


@each_check
def test_every_check_finds_its_bad_data_and_passes_its_good(path: Path) -> None:
    first = fixture(path, "bad").read_text(encoding="utf-8").splitlines()[0]
    wanted = re.fullmatch(r"# expect: (\S+)((?: \S+)+)", first)
    assert wanted, "the first line names check and focus nodes"
    assert wanted.group(1) == path.stem
    assert found(path, "bad") == set(wanted.group(2).split())
    assert found(path, "good") == set()


@each_check
def test_no_blank_node_is_shown(path: Path) -> None:
    """The label of a blank node is the parser's own and helps nobody to find the place."""
    for row in load(fixture(path, "bad")).select(path.read_text(encoding="utf-8")).rows:
        assert [term.kind for term in row if term is not None and term.kind == "bnode"] == []


def test_every_check_has_the_same_notion_of_an_own_term() -> None:
    """Rule files run as they stand, so the pattern is repeated in each: it must not drift."""
    texts = [path.read_text(encoding="utf-8") for path in CHECKS]
    patterns = [p for t in texts for p in re.findall(r'!REGEX\(STR\(\?\w+\), "(\^https[^"]+)"', t)]
    assert len(patterns) > 30
    assert len(set(patterns)) == 1
    foreign = re.compile(patterns[0].replace("\\\\", "\\"))
    used = {p: i for p, i in namespaces.PREFIXES.items() if p not in {"skg", "kb", "skgsh", "obo"}}
    known = [f"{iri}C1" for iri in used.values()]
    known += ["http://purl.obolibrary.org/obo/IAO_0000115", "http://purl.org/dc/elements/1.1/title"]
    known += ["https://schema.org/name", "http://xmlns.com/foaf/0.1/name"]
    assert [iri for iri in known if not foreign.match(iri)] == []
    own = ["https://example.org/lab#X", "http://purl.org/mylab/X", "https://w3id.org/mylab/X"]
    own += [f"http://purl.obolibrary.org/obo/{x}" for x in ("MYLAB_0000001", "NCITX_1")]
    assert [iri for iri in [*own, namespaces.SKG + "X"] if foreign.match(iri)] == []


@each_check
@each_kind
def test_rdflib_finds_the_same(path: Path, kind: str) -> None:
    """A check that two engines read alike will run on the triplestore that a user has."""
    graph = rdflib.Graph().parse(fixture(path, kind))
    answer = graph.query(path.read_text(encoding="utf-8"))
    rows = {namespaces.contract(str(row[rdflib.Variable("focus")])) for row in answer.bindings}
    assert rows == found(path, kind)


@each_check
def test_every_check_speaks_to_the_curator(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = dict(re.findall(r"^#\+ (\w+): (.+)$", text, re.MULTILINE))
    assert set(header) - {"graph", "unless"} == {"summary", "message", "severity"}
    assert header.get("graph", "asserted") == "asserted"
    assert set(header.get("unless", "").split()) <= {p.stem for p in CHECKS} - {path.stem}
    assert header["severity"] in {"violation", "warning", "info"}
    assert 15 < len(header["summary"]) < 100
    assert 40 < len(header["message"]) < 260
    for sentence in (header["summary"], header["message"]):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    assert re.search(r"^SELECT DISTINCT \?focus \?value$", text, re.MULTILINE)
    assert re.search(r"^ORDER BY \?focus \?value$", text, re.MULTILINE)


@each_check
def test_the_project_passes(path: Path, store: EmbeddedStore, asserted: EmbeddedStore) -> None:
    findings = checks.run(store, [path], asserted)
    assert [(f.focus, f.value) for f in findings if f.severity != "info"] == []


def test_a_check_about_what_is_written_does_not_see_what_follows() -> None:
    path = next(p for p in CHECKS if p.stem == "parent-redundant")
    written, whole = load(fixture(path, "good")), load(fixture(path, "good"))
    grandparent = ox.Quad(
        ox.NamedNode(namespaces.SKG + "SynovialSarcoma"),
        ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf"),
        ox.NamedNode(namespaces.SKG + "Disease"),
    )
    whole.inner.add(grandparent)
    assert checks.run(whole, [path], written) == []
    assert len(checks.run(whole, [path])) == 1


def test_one_mistake_makes_one_finding() -> None:
    """A misspelt parent, and a circle of parents, which makes classes the same."""
    store = EmbeddedStore(ox.Store())
    cases = """
        @prefix : <https://example.org/lab/> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
        skg:Disease a owl:Class .
        :Typo a owl:Class ; rdfs:subClassOf skg:SynovialSarkoma .
        :Round a owl:Class ; rdfs:subClassOf :About .
        :About a owl:Class ; rdfs:subClassOf :Round , skg:Disease ."""
    store.inner.load(cases.encode(), format=ox.RdfFormat.TURTLE)
    logical = ("undeclared", "tree", "cycle", "equivalent", "own-", "parents")
    found = [f for f in checks.run(store) if any(word in f.shape for word in logical)]
    assert sorted((f.shape, namespaces.expand(f.focus) or f.focus) for f in found) == [
        ("class-undeclared", "https://example.org/lab/Typo"),
        ("parent-cycle", "https://example.org/lab/About"),
        ("parent-cycle", "https://example.org/lab/Round"),
    ]


def test_a_check_without_message_or_with_wrong_syntax_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.rq"
    store = EmbeddedStore(ox.Store())
    path.write_text("#+ summary: S.\n#+ severity: warning\nSELECT ?focus ?value {}")
    with pytest.raises(errors.UserError, match=r"mine.rq: the header lacks message"):
        checks.run(store, [path])
    path.write_text("#+ summary: S.\n#+ message: M.\n#+ severity: warning\nSELECT")
    with pytest.raises(errors.UserError, match=r"mine.rq: "):
        checks.run(store, [path])
