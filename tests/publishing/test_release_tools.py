"""The release in the hands of tools that no one here wrote."""

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from sarcoma_kg import shacl
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.owl import owlapi
from sarcoma_kg.publishing import description, graphs, jsonld
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores.credentials import Credentials
from sarcoma_kg.stores.remote import RemoteStore
from sarcoma_kg.stores.store import EmbeddedStore
from tests import machine
from tests.publishing.test_publish import QUESTIONS, canonical, content
from tests.questions import expected
from tests.stores import comunica, virtuoso
from tests.stores.sparql_server import serving
from tests.tools import other_tools

pytestmark = pytest.mark.others

ISQL = machine.program("isql-vt", "isql")
CLAIM = "https://w3id.org/sarcoma-kg/ontology/hasProposition"
SHAPES = Path(__file__).parents[1] / "data" / "dcat-ap-mandatory.ttl"
#: Some of each kind: by class, with a closure, with a count, with a negation.
SOME = [path for path in QUESTIONS if path.name[:4] in ("CQ01", "CQ17", "CQ33", "CQ40")]


# Triplestores


@pytest.mark.skipif(bool(virtuoso.missing()), reason=virtuoso.missing())
@pytest.mark.skipif(not ISQL, reason="needs isql of Virtuoso")
def test_virtuoso_bulk_loader(release: Path, tmp_path: Path) -> None:
    """ld_dir reads the compressed files as they are; each question is answered as expected."""
    shutil.copy(release / "graphs" / "sarcoma-kg.nt.gz", tmp_path)
    shutil.copytree(release / "graphs", tmp_path / "quads", ignore=lambda _, n: {*n} - {QUADS})
    with virtuoso.running(tmp_path) as server:
        assert ISQL
        commands = (
            f"ld_dir('{tmp_path}', 'sarcoma-kg.nt.gz', 'urn:whole'); "
            f"ld_dir('{tmp_path}/quads', '{QUADS}', 'urn:unused'); rdf_loader_run(); checkpoint;"
            "select ll_file, ll_error from DB.DBA.load_list where ll_error is not null;"
        )
        account = virtuoso.ADMINISTRATOR
        done = subprocess.run(
            [ISQL, f"127.0.0.1:{server.sql}", account.user, account.password, f"exec={commands}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "0 Rows." in done.stdout, done.stdout + done.stderr
        whole = RemoteStore(server.endpoint, graph="urn:whole", credentials=Credentials())
        for path in QUESTIONS:
            columns, rows = expected.read(path.with_suffix(".csv"))
            found = expected.project(whole.select(catalog.read(path).query()), columns)
            assert found == rows, path.name
        number = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
        for name in ("asserted", "inferred"):
            part = RemoteStore(server.endpoint, graph=graphs.GRAPH + name)
            wanted = content(release / "graphs" / f"{name}.nt.gz").count(b"\n")
            assert list(part.select(number).dicts()) == [{"n": str(wanted)}]


QUADS = "sarcoma-kg.nq.gz"


def test_rdflib_answers(release: Path) -> None:
    graph = rdflib.Graph().parse(release / "graphs" / "sarcoma-kg.ttl")
    for path in SOME:
        columns, rows = expected.read(path.with_suffix(".csv"))
        answer = graph.query(catalog.read(path).query())
        names = [str(variable) for variable in answer.vars or ()]
        found = {
            tuple(expected.cell(str(row[name] or "")) for name in columns if name in names)  # type: ignore[index,call-overload]
            for row in answer
        }
        assert found == rows, path.name


@pytest.mark.skipif(bool(comunica.available()), reason=comunica.available())
def test_comunica_answers_from_the_file(release: Path) -> None:
    """It loads the Turtle as published, from a server that knows nothing but files."""
    store = ox.Store()
    store.bulk_load(path=str(release / "graphs" / "sarcoma-kg.ttl"), format=ox.RdfFormat.TURTLE)
    with serving(store) as served, comunica.running(comunica.documents([served])) as engine:
        for path in SOME:
            columns, rows = expected.read(path.with_suffix(".csv"))
            assert expected.project(engine.select(catalog.read(path).query()), columns) == rows


# Ontology tools


@pytest.mark.parametrize("version", owlapi.engines())
@pytest.mark.parametrize("ending", ["ttl", "owl"])
def test_the_owl_api(release: Path, version: str, ending: str) -> None:
    """The one file loads without any import, and is in OWL 2 DL."""
    path = release / "ontology" / f"sarcoma.{ending}"
    report = owlapi.profile([path], {}, version)
    assert len(report.documents) == 1
    assert report.violations == ()


def test_owlready2(release: Path) -> None:
    import owlready2

    path = release / "ontology" / "sarcoma.owl"
    ontology = owlready2.World().get_ontology(path.as_uri()).load()
    raw = content(release / "ontology" / "sarcoma.nt.gz")
    classes = {
        quad.subject.value
        for quad in ox.parse(raw, format=ox.RdfFormat.N_TRIPLES)
        if isinstance(quad.subject, ox.NamedNode)
        and quad.predicate.value == namespaces.PREFIXES["rdf"] + "type"
        and str(quad.object) == f"<{namespaces.PREFIXES['owl']}Class>"
    }
    assert len(classes) > 500
    assert {c.iri for c in ontology.classes()} == classes
    assert ontology.base_iri.rstrip("#/") == "https://w3id.org/sarcoma-kg/ontology"


# JSON-LD


@pytest.mark.skipif(bool(comunica.available()), reason=comunica.available())
@pytest.mark.skipif(
    not (comunica.FOLDER / "node_modules" / "jsonld").is_dir(),
    reason="needs the npm package jsonld: `make engines`",
)
@pytest.mark.parametrize("name", ["ontology/sarcoma", "graphs/inferred", "graphs/asserted"])
def test_jsonld_js_reads_the_same(release: Path, name: str) -> None:
    script = Path(comunica.__file__).with_name("expand.mjs")
    words = [comunica.FOLDER.absolute(), release / f"{name}.jsonld", jsonld.CONTEXT]
    done = subprocess.run(
        ["node", str(script), *map(str, words), str(release / "context.jsonld")],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    wanted = canonical(content(release / f"{name}.nt.gz"), ox.RdfFormat.N_TRIPLES)
    assert canonical(done.stdout, ox.RdfFormat.N_QUADS) == wanted


# Tables


def test_pandas_and_polars_read_the_claims(release: Path, store: EmbeddedStore) -> None:
    import pandas
    import polars

    folder = release / "tables"
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    (counted,) = store.select(f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ ?c <{CLAIM}> ?p }}").dicts()
    assert str(len(rows)) == counted["n"]
    one = pandas.read_csv(folder / "claims.csv", keep_default_na=False, dtype=str)
    assert one.to_dict("records") == rows
    packed = polars.read_parquet(folder / "claims.parquet")
    assert packed.columns == list(rows[0])
    for ours, theirs in zip(rows, packed.iter_rows(named=True), strict=True):
        for name, cell in theirs.items():
            text = " | ".join(cell) if isinstance(cell, list) else str("" if cell is None else cell)
            assert text == ours[name], name


def test_each_line_of_json_is_a_claim_with_its_status(release: Path) -> None:
    folder = release / "tables"
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    told = [json.loads(x) for x in (folder / "claims.jsonl").read_text("utf-8").splitlines()]
    assert [claim["claim"] for claim in told] == [row["claim"] for row in rows]
    assert all(claim["status"] and claim["end"] > claim["start"] for claim in told)
    for claim, row in zip(told, rows, strict=True):
        assert claim["diseases"] == (row["diseases"].split(" | ") if row["diseases"] else [])


def test_llms_txt_leads_to_files_of_the_release(release: Path) -> None:
    text = (release / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert {"tables/claims.jsonl", "graphs/sarcoma-kg.ttl", "README.md"} <= set(links)
    assert all((release / link).is_file() for link in links)
    questions = {path.name for path in (release / "queries" / "competency").glob("*.rq")}
    assert {Path(link).name for link in links if link.endswith(".rq")} == questions
    assert "not medical advice" in text or "is\nmedical advice" in text


def test_the_table_says_what_the_graph_says(release: Path, store: EmbeddedStore) -> None:
    """By SPARQL, which the table is not made with."""
    with (release / "tables" / "claims.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["claim"]: row for row in csv.DictReader(lines)}
    answer = store.select("""
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX oa: <http://www.w3.org/ns/oa#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
        SELECT ?claim ?strength ?start
               (GROUP_CONCAT(DISTINCT STR(?label); SEPARATOR=" | ") AS ?diseases)
        WHERE {
          ?c skg:hasProposition ?p ; dcterms:identifier ?claim ;
             skg:wordingStrength/rdfs:label ?strength ;
             oa:hasTarget/oa:hasSelector/oa:start ?start .
          OPTIONAL { ?c skg:aboutDisease/rdfs:label ?label }
        } GROUP BY ?claim ?strength ?start""").dicts()
    assert {row["claim"] for row in answer} == set(rows)
    for row in answer:
        ours = rows[row["claim"]]
        assert (ours["strength"], ours["start"]) == (row["strength"], row["start"])
        assert {*ours["diseases"].split(" | ")} == {*row["diseases"].split(" | ")}


def test_the_metadata_describes_every_column(release: Path) -> None:
    """As CSV on the Web asks: names in the order of the table, cells of their datatypes."""
    folder = release / "tables"
    about = json.loads((folder / "claims.csv-metadata.json").read_bytes())
    columns = about["tableSchema"]["columns"]
    with (folder / about["url"]).open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert [column["name"] for column in columns] == header
    forms = {
        "integer": r"\d+",
        "date": r"\d{4}-\d\d-\d\d",
        "anyURI": r"https?://\S+",
        "string": r"[^\x00]+",
    }
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            parts = cell.split(column["separator"]) if "separator" in column else [cell]
            assert cell or not column.get("required")
            assert all(re.fullmatch(forms[column["datatype"]], part) for part in parts if part)


# Self-description


@pytest.fixture(scope="module")
def void(release: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(release / "void.ttl")


def test_void_counts_what_is_there(
    void: rdflib.Graph, triples: list[ox.Triple], store: EmbeddedStore
) -> None:
    """By SPARQL over VoID on one side, over the graph on the other."""
    names = rdflib.Namespace("http://rdfs.org/ns/void#")
    (whole,) = set(void.subjects(names.subset))
    assert str(void.value(whole, names.triples)) == str(len(set(triples)))
    for partition, key, number, query in (
        ("propertyPartition", "property", "triples", "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o }"),
        ("classPartition", "class", "entities", "SELECT ?x (COUNT(*) AS ?n) { ?s a ?x }"),
    ):
        parts = void.objects(whole, names[partition])
        found = {str(void.value(p, names[key])): str(void.value(p, names[number])) for p in parts}
        rows = store.select(f"{query} GROUP BY ?x").dicts()
        assert found == {row["x"]: row["n"] for row in rows if row["x"].startswith("http")}


def test_dcat_ap_mandatory_properties(release: Path) -> None:
    """Shapes of our own for what DCAT-AP 3.0.1 makes mandatory; and they notice what is missing."""
    raw = [q.triple for q in ox.parse(path=str(SHAPES), format=ox.RdfFormat.TURTLE)]
    plan = shacl.compile_shapes(raw)
    data = [q.triple for q in ox.parse(path=str(release / "dcat.ttl"), format=ox.RdfFormat.TURTLE)]

    def wrong(triples: list[ox.Triple]) -> list[shacl.Result]:
        store = ox.Store()
        store.bulk_extend(ox.Quad(*triple) for triple in triples)
        return list(shacl.validate(plan, EmbeddedStore(store)))

    assert wrong(data) == []
    paths = {
        r.path.iri
        for t in data
        for r in wrong([x for x in data if x.predicate != t.predicate])
        if r.path
    }
    dcat, dct = description.PREFIXES["dcat"], description.PREFIXES["dcterms"]
    spdx, foaf = description.PREFIXES["spdx"], description.PREFIXES["foaf"]
    assert paths >= {
        dct + "title", dct + "description", dct + "publisher", dcat + "accessURL", foaf + "name",
        spdx + "algorithm", spdx + "checksumValue",
    }  # fmt: skip


def test_the_words_of_the_descriptions_exist(release: Path) -> None:
    """Every term of DCAT, VoID, FOAF, PROV, DCMI and OWL is one that rdflib knows to exist."""
    known = (rdflib.FOAF, rdflib.PROV, rdflib.DCTERMS, rdflib.OWL, rdflib.RDF, rdflib.RDFS)
    spaces: dict[str, object] = {str(space): space for space in (*known, rdflib.DCAT, rdflib.VOID)}
    # rdflib knows DCAT 2; these two came with DCAT 3.
    newer = {rdflib.URIRef(f"{rdflib.DCAT}{name}") for name in ("version", "previousVersion")}
    seen: Counter[str] = Counter()
    for name in ("void", "dcat", "prov", "service-description"):
        for _, predicate, value in rdflib.Graph().parse(release / f"{name}.ttl"):
            # The values of void:class and void:property are those of the data.
            for term in (predicate, value if predicate == rdflib.RDF.type else predicate):
                for base, space in spaces.items():
                    if str(term).startswith(base):
                        seen[base] += 1
                        assert term in newer or term in space, f"{name}.ttl: {term}"  # type: ignore[operator]
    assert set(seen) == {*spaces} - {str(rdflib.OWL)}


def test_provenance_names_every_input_by_its_hash(release: Path) -> None:
    import hashlib

    graph = rdflib.Graph().parse(release / "prov.ttl")
    spdx = rdflib.Namespace("http://spdx.org/rdf/terms#")
    found = {
        str(graph.value(entity, rdflib.RDFS.label)): str(graph.value(value, spdx.checksumValue))
        for entity, value in graph.subject_objects(spdx.checksum)
    }
    root = resources.data_root()
    for folder in ("ontology", "shapes", "queries"):
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.suffix in (".ttl", ".tsv", ".rq") and "/examples/" not in name:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                assert found[name].lower() == digest, name


def test_every_question_as_linked_data(release: Path) -> None:
    graph = rdflib.Graph().parse(release / "queries" / "questions.ttl")
    shacl_ = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    texts = {str(s): str(o) for s, o in graph.subject_objects(shacl_.select)}
    assert len(texts) == len(QUESTIONS)
    for path in QUESTIONS:
        question = catalog.read(path)
        iri = f"https://w3id.org/sarcoma-kg/query/{question.id}"
        assert texts[iri] == question.query()
        assert str(graph.value(rdflib.URIRef(iri), rdflib.RDFS.comment)) == question.summary


def test_the_crate_names_every_file(release: Path) -> None:
    crate = json.loads((release / "ro-crate-metadata.json").read_bytes())
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    there = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    there = {name for name in there if not name.startswith("site/")}
    assert there - parts == {"ro-crate-metadata.json", "SHA256SUMS"}
    assert {part for part in parts if not part.startswith("site/")} <= there
    for part in parts - {"site/"}:
        assert int(entities[part]["contentSize"]) == (release / part).stat().st_size


def test_rocrate_reads_the_crate(release: Path) -> None:
    script = (
        "import json, sys\n"
        "from rocrate.rocrate import ROCrate\n"
        "crate = ROCrate(sys.argv[1])\n"
        "json.dump([crate.name, [e.id for e in crate.data_entities]], sys.stdout)"
    )
    done = subprocess.run(
        [other_tools(), "-W", "ignore", "-c", script, str(release)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    name, entities = json.loads(done.stdout)
    assert name == description.TITLE
    assert {"graphs/sarcoma-kg.ttl", "tables/claims.csv", "site/"} <= {*entities}


# SSSOM


def test_sssom_py_accepts_the_tables(release: Path, tmp_path: Path) -> None:
    """Its own validation passes, notices a false word, and it reads each row."""
    tables = sorted((release / "mappings").glob("*.sssom.tsv"))
    assert len(tables) == 3
    broken = tmp_path / "broken.sssom.tsv"
    text = tables[0].read_text(encoding="utf-8")
    broken.write_text(text.replace("semapv:LexicalMatching", "semapv:Luck", 1), encoding="utf-8")
    script = Path(__file__).parents[1] / "tools" / "check_sssom.py"
    done = subprocess.run(
        [other_tools(), "-W", "ignore", str(script), *map(str, tables), str(broken)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    for path in tables:
        assert said[str(path)]["faults"] == []
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = csv.DictReader(
            (line for line in lines if not line.startswith("#")),
            delimiter="\t",
            quoting=csv.QUOTE_NONE,
        )
        wanted = {(row["subject_id"], row["predicate_id"], row["object_id"]) for row in rows}
        assert {tuple(row) for row in said[str(path)]["rows"]} == wanted
    assert said[str(broken)]["faults"]
