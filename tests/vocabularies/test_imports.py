"""Refreshing the slim modules: formats, report, refusal of what is broken, memory."""

import contextlib
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import sssom
from sarcoma_kg.vocabularies import imports, readers
from sarcoma_kg.vocabularies.concepts import Vocabulary, code_of
from sarcoma_kg.vocabularies.imports import Change

DATA = Path(__file__).parents[1] / "data" / "imports"
EVS = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
RDFS, OWL = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2002/07/owl#"

_TABLE = "subject_id\tpredicate_id\tpredicate_modifier\tobject_id\tobject_label\t"
_TABLE += "mapping_justification\tconfidence\n"
_ROWS = {
    "diseases": """
        skg:Sarcoma | skos:exactMatch | | NCIT:C9118 | Sarcoma
        skg:Fibrosarcoma | skos:exactMatch | | NCIT:C3043 | Fibrosarcoma, NOS
        skg:Myxofibrosarcoma | skos:closeMatch | | NCIT:C6496 | Myxofibrosarcoma
        skg:Sarcoma | skos:exactMatch | | MONDO:0005089 | sarcoma""",
    "therapies": """
        skg:Azacitidine | skos:exactMatch | | NCIT:C288 | Azacitidine
        skg:Cisplatin | skos:exactMatch | | NCIT:C376 | Cisplatin
        skg:Cyclophosphamide | skos:exactMatch | | NCIT:C405 | Cyclophosphamide
        skg:Doxorubicin | skos:exactMatch | | NCIT:C456 | Doxorubicin
        skg:Azacitidine | skos:exactMatch | | CHEBI:2038 | 5-azacytidine
        skg:Cyclophosphamide | skos:exactMatch | | CHEBI:4027 | cyclophosphamide
        skg:Dacarbazine | skos:exactMatch | | CHEBI:4305 | dacarbazine
        skg:Sirolimus | skos:exactMatch | | CHEBI:9168 | sirolimus
        skg:Imatinib | skos:exactMatch | Not | CHEBI:31690 | imatinib methanesulfonate""",
}
_MODULE = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/sarcoma-kg/import/NAME> a owl:Ontology ;
    dcterms:title "Slim import"@en ; dcterms:description "As of long ago."@en ;
    owl:imports <https://w3id.org/sarcoma-kg/module/core> .
"""
_LABELS = {
    "ncit": {
        "C288": "Azacitidine", "C376": "Cis-Platinum", "C405": "Cyclophosphamide",
        "C456": "Doxorubicin", "C2991": "Disease or Disorder", "C3043": "Fibrosarcoma",
        "C3262": "Neoplasm", "C3810": "Connective and Soft Tissue Neoplasm",
        "C6496": "Myxofibrosarcoma", "C7057": "Disease, Disorder or Finding", "C9118": "Sarcoma",
    },
    "chebi": {
        "2038": "5-azacytidine", "4027": "cyclophosphamide", "4305": "dacarbazine",
        "9168": "sirolimus", "31690": "imatinib methanesulfonate",
    },
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small data folder: two mapping tables and both modules."""
    place = tmp_path / "data"
    for folder in ("ontology/mappings", "ontology/imports", "shapes", "queries"):
        (place / folder).mkdir(parents=True)
    for name, rows in _ROWS.items():
        text = "".join(
            re.sub(r" *\| *", "\t", row.strip()) + "\tsemapv:LexicalMatching\t0.9\n"
            for row in rows.strip().splitlines()
        )
        (place / "ontology" / "mappings" / f"{name}.sssom.tsv").write_text(_TABLE + text)
    for name, labels in _LABELS.items():
        text = _MODULE.replace("NAME", name)
        for code, label in labels.items():
            text += f'obo:{name.upper()}_{code} a owl:Class ; rdfs:label "{label}"@en .\n'
        (place / "ontology" / "imports" / f"{name}.ttl").write_text(text)
    yield from _use(place, monkeypatch)


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the packaged ontology."""
    place = tmp_path / "data"
    shutil.copytree(resources.data_root() / "ontology", place / "ontology")
    for folder in ("shapes", "queries"):
        (place / folder).mkdir()
    yield from _use(place, monkeypatch)


def _use(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SARCOMA_KG_DATA", str(place))
    resources.root.cache_clear()
    yield place
    resources.root.cache_clear()


def _refresh(
    name: str, path: Path | None = None, *, dry_run: bool = False, force: bool = False
) -> imports.Refresh:
    vocabulary: Vocabulary = "CHEBI" if name.startswith("chebi") else "NCIT"
    return imports.refresh(
        vocabulary, path or DATA / name, lambda _: None, dry_run=dry_run, force=force
    )


def _links(path: Path) -> set[tuple[str, str]]:
    return {
        (str(q.subject).rpartition("_")[2][:-1], str(q.object).rpartition("_")[2][:-1])
        for q in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if q.predicate.value == RDFS + "subClassOf"
    }


def _values(path: Path, predicate: str) -> dict[str, str]:
    return {
        q.subject.value.rpartition("/")[2]: q.object.value
        for q in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if q.predicate.value == predicate
        and isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.Literal)
    }


_LINKS = {
    ("C6496", "C3043"), ("C3043", "C7075"), ("C3043", "C9118"), ("C7075", "C3262"),
    ("C9118", "C3262"), ("C3262", "C2991"), ("C2991", "C7057"),
}  # fmt: skip
_MERGED = Change(
    "merged", "NCIT:C288", "Azacitidine", "NCIT:C376 Cisplatin",
    "point the mapping at the new code",
)  # fmt: skip
_RETIRED = Change("retired", "NCIT:C405", "Cyclophosphamide", "", "the source names no replacement")
_OTHERS = [
    Change("relabelled", "NCIT:C376", "Cis-Platinum", "Cisplatin", "in module"),
    Change("missing", "NCIT:C456", "Doxorubicin", "",
           "not in the source; class and label are kept"),
    Change("relabelled", "NCIT:C3043", "Fibrosarcoma, NOS", "Fibrosarcoma",
           "in diseases.sssom.tsv"),
    Change("new ancestor", "NCIT:C7075", "", "Fibroblastic Neoplasm", ""),
    Change("former ancestor", "NCIT:C3810", "Connective and Soft Tissue Neoplasm", "",
           "no mapped disease is below it any more, so it leaves the module"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "version", "knows_merge"),
    [
        ("ncit-evs.owl", "24.02d", False),
        ("ncit-obo.owl", "24.04e", True),
        ("Thesaurus_24.02d.txt", "24.02d", False),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_ncit(
    root: Path, tmp_path: Path, name: str, version: str, knows_merge: bool, zipped: bool
) -> None:
    source = DATA / name
    if zipped:
        source = tmp_path / f"{name}.gz"
        source.write_bytes(gzip.compress((DATA / name).read_bytes()))
    done = _refresh(name, source)
    assert (done.version, done.written) == (version, True)
    assert done.path == root / "ontology" / "imports" / "ncit.ttl"
    first = _MERGED if knows_merge else _RETIRED._replace(code="NCIT:C288", old="Azacitidine")
    assert sorted(done.changes) == sorted([first, _RETIRED, *_OTHERS])
    assert {k: done.counts[k] for k in ("terms", "found", "ancestors", "is-a links")} == {
        "terms": 7, "found": 6, "ancestors": 4, "is-a links": 7,
    }  # fmt: skip
    assert _links(done.path) == _LINKS
    labels = _values(done.path, RDFS + "label")
    assert labels["NCIT_C456"] == "Doxorubicin", "a missing term keeps its label"
    assert labels["NCIT_C376"] == "Cisplatin"
    assert labels["NCIT_C288"] == "Azacitidine", "not 'obsolete ...'"
    assert "NCIT_C3810" not in labels
    assert set(_values(done.path, OWL + "deprecated")) == {"NCIT_C288", "NCIT_C405"}
    text = done.path.read_text(encoding="utf-8")
    assert f"NCI Thesaurus {version}" in text
    assert "Slim import" in text
    assert "owl:imports <https://w3id.org/sarcoma-kg/module/core>" in text
    assert "As of long ago" not in text
    assert [p.name for p in sorted(done.path.parent.iterdir())] == ["chebi.ttl", "ncit.ttl"]

    again = _refresh(name, source)
    assert again.path.read_text(encoding="utf-8") == text, "the same input gives the same text"
    assert {c.kind for c in again.changes} <= {"retired", "merged", "missing", "relabelled"}


@pytest.mark.parametrize(
    "name", ["retired-by-parent.txt", "retired-by-parent-told-last.txt", "retired-by-parent.owl"]
)
def test_a_concept_is_retired_by_what_it_stands_under(root: Path, name: str) -> None:
    done = _refresh(name)
    retired = {change.code for change in done.changes if change.kind == "retired"}
    assert retired == {"NCIT:C376", "NCIT:C6496"}
    assert set(_values(done.path, OWL + "deprecated")) == {"NCIT_C376", "NCIT_C6496"}
    assert _links(done.path) == {("C3043", "C9118"), ("C9118", "C3262")}
    assert "Retired Concept" not in done.path.read_text(encoding="utf-8")


def test_the_history_file_says_what_a_concept_became(root: Path) -> None:
    done = imports.refresh(
        "NCIT", DATA / "ncit-evs.owl", lambda _: None, history=DATA / "history.txt", dry_run=True
    )
    assert not done.written
    assert _MERGED in done.changes
    assert _RETIRED in done.changes


@pytest.mark.parametrize("name", ["chebi.obo", "chebi.owl"])
def test_chebi(root: Path, name: str) -> None:
    done = _refresh(name)
    assert done.version == "237"
    assert done.changes == [
        Change("relabelled", "CHEBI:2038", "5-azacytidine", "azacitidine",
               "in module, therapies.sssom.tsv"),
        Change("retired", "CHEBI:4027", "cyclophosphamide", "", "the source names no replacement"),
        Change("merged", "CHEBI:9168", "sirolimus", "CHEBI:27666 dactinomycin {test}",
               "point the mapping at the new code"),
    ]  # fmt: skip
    assert _links(done.path) == set()
    assert set(_values(done.path, OWL + "deprecated")) == {"CHEBI_4027", "CHEBI_9168"}
    assert set(_values(done.path, RDFS + "label")) == {
        f"CHEBI_{code}" for code in _LABELS["chebi"]
    }, "an identifier that must not be used needs its label too"


def test_a_dry_run_writes_nothing(root: Path) -> None:
    module = root / "ontology" / "imports" / "ncit.ttl"
    before = module.read_bytes()
    done = _refresh("ncit-evs.owl", dry_run=True)
    assert not done.written
    assert done.changes
    assert module.read_bytes() == before


def test_a_file_with_few_of_the_terms_is_refused(root: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.txt"
    lines = (DATA / "Thesaurus_24.02d.txt").read_text().splitlines(keepends=True)
    part.write_text("".join(line for line in lines if line.startswith(("C9118", "C376", "C2"))))
    module = root / "ontology" / "imports" / "ncit.ttl"
    before = module.read_bytes()
    with pytest.raises(UserError, match=r"part\.txt: holds 3 of the 7 NCIT terms"):
        _refresh("ncit", part)
    assert module.read_bytes() == before
    assert _refresh("ncit", part, force=True).written


NAMES = ["ncit-evs.owl", "ncit-obo.owl", "Thesaurus_24.02d.txt", "chebi.obo", "chebi.owl"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_leaves_the_module(
    root: Path, tmp_path: Path, name: str, zipped: bool
) -> None:
    folder = root / "ontology" / "imports"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    raw = (DATA / name).read_bytes()
    raw = gzip.compress(raw) if zipped else raw
    cut = tmp_path / name
    for share in (0.001, 0.1, 0.33, 0.5, 0.77, 0.95, 1.0):
        end = min(int(len(raw) * share), len(raw) - 2)
        # A text that ends with a line looks whole; the number of terms found is the guard there.
        while not zipped and not name.endswith(".owl") and raw[end - 1 : end] == b"\n":
            end -= 1
        cut.write_bytes(raw[:end])
        with pytest.raises(UserError, match=rf"{name}: .*(line|byte|lines|format)"):
            _refresh(name, cut)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_write_that_fails_leaves_the_module(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "ontology" / "imports"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match=r"ncit\.ttl: cannot be written: No space"):
        _refresh("ncit-evs.owl")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


_BODY = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="{RDFS}" xmlns:owl="{OWL}">
  <owl:Class rdf:about="{EVS}#C9118"><rdfs:label>%s</rdfs:label></owl:Class></rdf:RDF>"""


@pytest.mark.parametrize(
    ("doctype", "label", "said"),
    [
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">', "&b;", "entity a, which is no short"),
        ('<!ENTITY a "http://a/"><!ENTITY b "&a;&a;">', "&b;", "entity b, which is no short"),
        ('<!ENTITY a "urn:&#38;b;"><!ENTITY b "urn:x">', "&a;", "entity a, which is no short"),
        (f'<!ENTITY a "urn:{"x" * 300}">', "&a;", "entity a, which is no short"),
        ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;", "external or parameter entity a"),
        ('<!ENTITY % a "urn:x">', "x", "external or parameter entity a"),
        ("%a;", "&b;", "uses the entity b"),
        ('<!ATTLIST owl:Class a CDATA "x">', "x", "declares attributes"),
        ("".join(f'<!ENTITY a{n} "urn:x">' for n in range(101)), "x", "entity a100"),
    ],
)
def test_a_document_type_that_could_expand_or_fetch_is_refused(
    root: Path, tmp_path: Path, doctype: str, label: str, said: str
) -> None:
    bad = tmp_path / "bad.owl"
    bad.write_text(f"<!DOCTYPE rdf:RDF [\n{doctype}]>\n" + _BODY % label)
    with pytest.raises(UserError, match=said) as raised:
        _refresh("ncit", bad)
    assert "bad.owl: line " in str(raised.value)


def test_a_document_type_in_another_file_is_refused(root: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.owl"
    bad.write_text('<!DOCTYPE rdf:RDF SYSTEM "http://localhost/evil.dtd">\n' + _BODY % "x")
    with pytest.raises(UserError, match=r"bad\.owl: line 1, byte \d+: .* names another file"):
        _refresh("ncit", bad)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no format that this command reads"),
        (b"PK\x03\x04rest", "no format that this command reads\n  unpack the .zip"),
        (b"<html><body/></html>", "line 1, byte 0: 'html' where rdf:RDF was expected"),
        (_BODY.encode() % (b"x" * 100_001), "a text of more than 100,000 characters"),
        (_BODY.encode() % (b"<a>" * 300), "more than 200 elements within each other"),
        (b"<!--" + b"x" * (1 << 25), "a tag or comment of more than 16 MiB"),
        (b"C1\tx\tC2\tA\t\t\t\tB\nC2\tx\n", "line 2: 2 fields, 'C2' first; expected 8"),
        (b"C1\tx\tC2\tA\t\t\t\tB\nC2\t\xff\n", "line 2: not UTF-8 text"),
        (b"C1\tx\tC2\tA\t\t\t\t" + b"B" * (1 << 21), "line 1: longer than 1 MiB"),
        (b"C1\tname\troot_node\tA\tdefinition\n", "no format .*\n  this may be the flat file of"),
        (b"ncit_code\tlabel\tparent_codes\nX\tY\tZ\n", "line 2: expected code, label and"),
        (b"format-version: 1.2\n[Term]\nname: x\n[Term]\n", "line 4: the term that ends here has"),
        (b"format-version: 1.2\n[Term]\nid: NCIT:C1\n", "line 3: the last term has no name"),
        (b"format-version: 1.2\nnonsense\n", "line 2: expected 'tag: value'"),
    ],
)
def test_what_is_no_vocabulary_is_explained(
    root: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    with pytest.raises(UserError, match=said):
        _refresh("ncit", bad)


def test_a_missing_file_is_explained(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        _refresh("ncit", tmp_path / "none.owl")
    with pytest.raises(UserError, match=r"expected code\|action\|date\|reference"):
        imports.refresh("NCIT", DATA / "ncit-evs.owl", lambda _: None, history=DATA / "chebi.obo")


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 9_000), junk=st.binary(min_size=1, max_size=8))
def test_damaged_bytes_give_an_answer_or_an_explanation(
    tmp_path_factory: pytest.TempPathFactory, position: int, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for name in NAMES:
        raw = bytearray((DATA / name).read_bytes())
        raw[position % len(raw) : position % len(raw) + len(junk)] = junk
        (folder / name).write_bytes(raw)
        vocabulary: Vocabulary = "CHEBI" if name.startswith("chebi") else "NCIT"
        with contextlib.suppress(UserError):
            readers.gather(folder / name, vocabulary, {"C9118"}, lambda _: None)


def test_today_s_links_come_out_of_the_tree_they_were_made_from(whole: Path, shared: Path) -> None:
    """The real tree of June 2018, which the packaged module was made from."""
    tree = shared / "reference/raw/monarch-initiative_mondo"
    tree = tree / "ncit-disease-2018-06-08.labels_parents.tsv"
    if not tree.exists():
        pytest.skip(f"needs {tree.name}, which is not here")
    module = whole / "ontology" / "imports" / "ncit.ttl"
    before, labels = _links(module), _values(module, RDFS + "label")
    done = _refresh("ncit", tree, force=True)
    assert done.version == "2018-06-08"
    assert _links(done.path) == before
    assert _values(done.path, RDFS + "label").keys() == labels.keys()
    assert {c.kind for c in done.changes} <= {"relabelled", "missing"}


def _write_large(path: Path, wanted: list[str], classes: int) -> int:
    """Write a file of NCIt's shape and return the number of its triples."""
    rng = random.Random(2018)
    codes = [*wanted, *(f"C{900_000 + n}" for n in range(classes - len(wanted)))]
    rng.shuffle(codes)
    triples = 1
    with open(path, "w", encoding="utf-8") as out:
        out.write((DATA / "ncit-evs.owl").read_text().partition("  <owl:AnnotationProperty")[0])
        for n, code in enumerate(codes):
            parents = rng.sample(codes[: n or 1], min(n or 1, 1 + rng.randrange(2)))
            lines = [f'<owl:Class rdf:about="{EVS}#{code}">']
            lines += [f'<rdfs:subClassOf rdf:resource="{EVS}#{p}"/>' for p in parents]
            if n % 10 == 0:
                lines.append(
                    "<owl:equivalentClass><owl:Class><owl:intersectionOf "
                    f'rdf:parseType="Collection"><rdf:Description rdf:about="{EVS}#{parents[0]}"/>'
                    f'<owl:Restriction><owl:onProperty rdf:resource="{EVS}#R101"/>'
                    f'<owl:someValuesFrom rdf:resource="{EVS}#{codes[0]}"/></owl:Restriction>'
                    "</owl:intersectionOf></owl:Class></owl:equivalentClass>"
                )
                triples += 10
            names = [f"{word} Neoplasm {code}" for word in ("Benign", "Malignant", "Rare", "New")]
            lines += [f"<NHC0>{code}</NHC0><P106>Neoplastic Process</P106><P108>{names[0]}</P108>"]
            lines += [f"<P207>CL{n:07}</P207><P322>GDC</P322><P97>{'A tumour. ' * 12}</P97>"]
            lines += [f"<P90>{name}</P90>" for name in names]
            lines += [f"<rdfs:label>{names[0]}</rdfs:label></owl:Class>"]
            for name in names:
                lines.append(
                    f'<owl:Axiom><owl:annotatedSource rdf:resource="{EVS}#{code}"/>'
                    f'<owl:annotatedProperty rdf:resource="{EVS}#P90"/><owl:annotatedTarget>{name}'
                    "</owl:annotatedTarget><P383>SY</P383><P384>NCI</P384></owl:Axiom>"
                )
            out.write("\n".join(lines) + "\n")
            triples += 12 + len(parents) + 6 * len(names)
        out.write("</rdf:RDF>\n")
    return triples


_MEASURE = """
import json, re, sys, time
from pathlib import Path
from sarcoma_kg.vocabularies import imports
said, began = [], time.perf_counter()
done = imports.refresh("NCIT", Path(sys.argv[1]), said.append)
# Not ru_maxrss, which begins with the memory of the process that started this one.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps({
    "mib": int(peak[1]) / 1024,
    "seconds": time.perf_counter() - began, "said": said, "counts": done.counts,
}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_million_triples_in_little_memory(whole: Path, tmp_path: Path) -> None:
    terms = sorted({
        code
        for table in sssom.mapping_files()
        for row in sssom.read(table)
        if (code := code_of("NCIT", row.object))
    })  # fmt: skip
    large = tmp_path / "Thesaurus.owl"
    assert _write_large(large, terms, 26_500) > 1_000_000
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(large)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    measured = json.loads(ran.stdout)
    assert measured["counts"]["found"] == len(terms)
    assert measured["counts"]["ancestors"] > 100
    assert measured["mib"] < 200
    assert len(measured["said"]) <= measured["seconds"] / 2 + 1
    assert all(" elements, " in words for words in measured["said"])
