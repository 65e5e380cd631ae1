"""The command line as its users meet it: answers, formats, and every kind of bad input."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import resources
from tests.questions import expected

RUN = [sys.executable, "-m", "sarcoma_kg.cli"]
CLAIM = """@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix ex: <https://example.org/> .
ex:claim a skg:TherapeuticResponseClaim ;
    skg:aboutDisease skg:{disease} .
"""


def run(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [*RUN, *words], capture_output=True, text=True, input=stdin, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _built(build: builds.Build) -> None:
    """Every command here finds the graph built."""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("number", range(1, 61))
def test_ask_as_csv_equals_the_expected_file(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command itself, for each question."""
    assert cli.main(["ask", f"CQ{number:02d}", "--format", "csv"]) == 0
    answer = rows(capsys.readouterr().out)
    folder = resources.data_root() / "queries" / "competency"
    columns, wanted = expected.read(next(folder.glob(f"CQ{number:02d}-*.csv")))
    assert {tuple(expected.cell(r[c]) for c in columns) for r in answer} == wanted


def test_three_names_of_gist_give_the_same_rows() -> None:
    answers = {
        run("ask", "CQ01", "--disease", name).stdout
        for name in ("GIST", "NCIT:C3868", "gastrointestinal stromal tumour", "gist")
    }
    assert len(answers) == 1
    assert len(rows(answers.pop())) == 7


def test_a_group_rolls_up_to_its_subclasses() -> None:
    def claims(name: str) -> set[str]:
        done = run("ask", "cq3", "--disease", name)
        assert done.returncode == 0, done.stderr
        return {r["claim"] for r in rows(done.stdout)}

    below = claims("dedifferentiated liposarcoma")
    assert below
    assert below <= claims("liposarcoma")


def test_every_format_holds_the_same_cells() -> None:
    by_csv = rows(run("ask", "CQ07", "--format", "csv").stdout)
    by_json = json.loads(run("ask", "--format", "json", "CQ07").stdout)
    assert by_csv == by_json
    lines = run("ask", "CQ07", "--format=tsv").stdout.splitlines()
    assert [line.split("\t") for line in lines[1:]] == [list(r.values()) for r in by_csv]
    table = run("ask", "CQ07", "--format", "md").stdout
    assert all(cell.replace("|", "\\|") in table for r in by_csv for cell in r.values())
    assert run("ask", "CQ07").stdout == run("ask", "CQ07", "--format", "csv").stdout


def test_the_list_of_questions() -> None:
    listed = rows(run("ask").stdout)
    assert len(listed) == 66
    assert next(r for r in listed if r["id"] == "CQ01")["parameters"] == "'--disease (Disease)"
    listed = json.loads(run("ask", "--format", "json").stdout)
    assert next(r for r in listed if r["id"] == "CQ01")["parameters"] == "--disease (Disease)"


def test_explain_prints_the_claims_behind_each_row() -> None:
    done = run("explain", "CQ40")
    assert done.returncode == 0
    for words in ("section 3.2, characters 5973-6177", "does not match", "disputed", "NCT02601950"):
        assert words in done.stdout
    data = json.loads(run("explain", "CQ01", "--format", "json").stdout)
    assert len(data) == 7
    assert all(row["claims"] for row in data)


def test_every_question_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row leads to claims or evidence, or says on what else it rests."""
    without = set()
    for number in range(1, 58):
        assert cli.main(["explain", f"CQ{number:02d}", "--format", "json"]) == 0
        for row in json.loads(capsys.readouterr().out):
            if not row["claims"] and not row["evidence"]:
                without.add(f"CQ{number:02d}")
    # Reference lists, per-section counts, drugs without a recorded approval: nothing stands behind
    # these rows alone.
    assert without <= {"CQ34", "CQ38", "CQ57"}


def test_term_shows_definition_parents_and_mappings() -> None:
    done = run("term", "dedifferentiated", "liposarcoma")
    for words in ("skg:DedifferentiatedLiposarcoma", "NCIT:C3704", "liposarcoma", "DDLPS"):
        assert words in done.stdout
    data = json.loads(run("term", "tazemetostat", "--format", "json").stdout)
    assert "inhibits EZH2 protein" in data[0]["relations"]


def test_query_reads_a_file_and_standard_input(tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    path = tmp_path / "count.rq"
    path.write_text(text)
    from_file = run("query", str(path))
    assert from_file.returncode == 0
    assert int(rows(from_file.stdout)[0]["n"]) > 10_000
    assert run("query", "-", stdin=text).stdout == from_file.stdout
    asked = run("query", "-", stdin="ASK { ?s ?p ?o }")
    assert asked.stdout == "result\ntrue\n"
    built = run("query", "-", stdin="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3")
    assert built.stdout.count(" .\n") >= 3


def test_query_in_the_formats_of_the_w3c() -> None:
    rows_of = "SELECT * { ?z skg:aboutDisease ?b } LIMIT 1"
    done = run("query", "-", "--prefixes", "--format", "srj", stdin=rows_of)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["head"] == {"vars": ["z", "b"]}
    graph = "CONSTRUCT WHERE { ?z skg:aboutDisease ?b } LIMIT 3"
    turtle = run("query", "-", "--prefixes", stdin=graph).stdout
    assert turtle.startswith("@prefix")
    triples = run("query", "-", "--prefixes", "--format", "nt", stdin=graph).stdout
    assert len(triples.splitlines()) == 3
    for name, text, holds in (("csv", graph, "is a graph"), ("nt", rows_of, "holds a graph")):
        refused = run("query", "-", "--prefixes", "--format", name, stdin=text)
        assert refused.returncode == 2
        assert holds in refused.stderr
    assert "perhaps turtle" in run("query", "-", "--format", "turtel", stdin=graph).stderr
    assert "perhaps `sarcoma-kg query -`" in run("qeury", "-").stderr


def test_a_name_that_the_graph_does_not_hold_is_told(tmp_path: Path) -> None:
    text = "SELECT ?c { ?c skg:aboutDisese ?d }"
    said = "skg:aboutDisese is not in the graph; perhaps skg:aboutDisease\n"
    done = run("query", "-", "--prefixes", stdin=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "c\n", said)
    bare = run("query", "-", stdin=text)
    assert bare.returncode == 2
    assert "add PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>" in bare.stderr
    path = tmp_path / "my.rq"
    path.write_text(f"PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>\n{text}")
    judged = run("portable", str(path))
    assert judged.returncode == 0
    assert f"{path}: {said}" in judged.stderr


def test_a_query_that_runs_away_is_stopped() -> None:
    wild = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    done = run("query", "-", "--timeout", "2", stdin=wild)
    assert done.returncode == 2
    assert "did not finish within 2 s" in done.stderr
    long = run("query", "-", "--max-rows", "5", stdin="SELECT ?s WHERE { ?s ?p ?o }")
    assert long.returncode == 2
    assert "more than 5 rows" in long.stderr


def test_a_second_build_does_no_work() -> None:
    done = run("build")
    assert done.returncode == 0
    assert done.stderr.startswith("up to date")


# Bad input: (words, standard input, parts of the message)
BAD: list[tuple[list[str], str | None, list[str]]] = [
    (["ask", "CQ99"], None, ["no question 'CQ99'", "lists all questions"]),
    (["ask", "nonsense"], None, ["no question or term is called 'nonsense'"]),
    (["ask", "CQ01", "--disease", "synovial sarkoma"], None, ["perhaps", "synovial sarcoma"]),
    (["ask", "CQ01", "--disease", "xyzzy"], None, ["no disease is called 'xyzzy'"]),
    (["ask", "CQ01", "--disease", "imatinib"], None, ["is a therapy", "not a disease"]),
    (["ask", "CQ01", "--disease", "CHEBI:45783"], None, ["is a therapy", "skg:Imatinib"]),
    (["ask", "CQ01", "--disease", ""], None, ["--disease needs a value"]),
    (["ask", "CQ01", "--disease"], None, ["--disease needs a value"]),
    (["ask", "CQ01", "--drug", "imatinib"], None, ["CQ01 takes no --drug", "--disease (Disease)"]),
    (["ask", "CQ01", "stray"], None, ["no disease is called 'stray'"]),
    (["ask", "CQ08", "stray"], None, ["unexpected 'stray'", "CQ08 has no parameter"]),
    (["ask", "CQ01", "--disease", "GIST", "--disease", "UPS"], None, ["given twice"]),
    (["ask", "CQ32", "--claim", "S9-none"], None, ["no claim is called 'S9-none'"]),
    (["term", "xyzzy"], None, ["no term is called 'xyzzy'"]),
    (["query", "-"], "INSERT DATA { <a:b> <a:b> <a:b> }", ["this is an update"]),
    (["query", "-"], "DELETE WHERE { ?s ?p ?o }", ["this is an update"]),
    (["query", "-"], "LOAD <file:///etc/passwd>", ["this is an update"]),
    (["query", "-"], "DROP ALL", ["this is an update"]),
    (["query", "-"], "SELECT nonsense", ["line 1", "not a SPARQL 1.1 query"]),
    (["query", "-"], "", ["the query is empty"]),
    (["query", "-"], "SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }", ["SERVICE"]),
    (["query", "-"], "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", ["FROM"]),
    (["query", "-"], "SELECT * { FILTER EXISTS { SERVICE <a:b> { ?s ?p ?o } } }", ["SERVICE"]),
    (["query", "/no/such/file.rq"], None, ["/no/such/file.rq: no such file"]),
    (["query", "/"], None, ["is a directory"]),
    (["ask", "CQ01", "--disease", "http://["], None, ["no disease is called"]),
    (["query", "-", "--timeout", "inf"], "ASK {}", ["a number of seconds"]),
    (["query", "-", "--max-rows", "-1"], "ASK {}", ["a whole number from 1"]),
    (["validate", "/no/such/file.ttl"], None, ["no such file"]),
    (["verify-source", "/no/such/file.txt"], None, ["no such file"]),
]


@pytest.mark.parametrize(("words", "stdin", "parts"), BAD, ids=lambda v: " ".join(v or [])[:40])
def test_bad_input_is_explained(words: list[str], stdin: str | None, parts: list[str]) -> None:
    done = run(*words, stdin=stdin)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


FILES: list[tuple[str, bytes, list[str]]] = [
    ("empty.ttl", b"", ["the file is empty"]),
    ("blank.ttl", b" \n\n", ["the file is empty"]),
    ("comment.ttl", b"# nothing\n", ["holds no triple"]),
    ("broken.ttl", b"@prefix a: <http://a/> .\na:b a:c\na:d a:e .\n", ["broken.ttl: line 3"]),
    ("binary.ttl", bytes(range(256)), ["line", "not UTF-8"]),
    ("nul.ttl", b"a\0b", ["NUL bytes"]),
    ("data.docx", b"PK...", ["unknown kind of RDF file '.docx'", ".ttl"]),
    ("remote.jsonld", b'{"@context": "http://localhost:1/"}', ["nothing is fetched"]),
    ("noname", b"x", ["unknown kind of RDF file"]),
    (
        "bomb.owl",
        b'<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<r>&a;</r>',
        ["line 2", "document type definitions"],
    ),
]


@pytest.mark.parametrize(("name", "content", "parts"), FILES, ids=lambda v: str(v)[:20])
def test_a_bad_file_is_explained(
    tmp_path: Path, name: str, content: bytes, parts: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = run("validate", str(path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for part in [str(path), *parts]:
        assert part in done.stderr


def test_a_drug_in_the_disease_slot_is_a_violation(tmp_path: Path, build: builds.Build) -> None:
    before = {p: p.stat().st_mtime_ns for p in build.folder.rglob("*") if p.is_file()}
    path, other = tmp_path / "claims.ttl", tmp_path / "other.ttl"
    path.write_text(CLAIM.format(disease="Imatinib"))
    other.write_text(misspelt_claim())
    done = run("validate", str(path), str(other))
    assert done.returncode == 1
    assert f"{path}:3: https://example.org/claim" in done.stdout
    assert "violation: disease (1)" in done.stdout
    assert "Imatinib" in done.stdout
    assert "disease" in done.stdout
    assert "[skg:Imatinib]" in done.stdout
    assert ": skg:Imatinib" not in done.stdout, "a nested result is no result of its own"
    assert f"{other}:" in done.stdout
    assert "not declared in the ontology" in done.stdout, "what escapes the shapes"
    after = {p: p.stat().st_mtime_ns for p in build.folder.rglob("*") if p.is_file()}
    assert before == after, "the store was touched"


def test_help_names_examples_and_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0
    for words in ("examples:", "exit codes", "medical advice"):
        assert words in done.stdout
    for command in ("build", "ask", "explain", "query", "validate", "term", "verify-source"):
        assert "example:" in run(command, "--help").stdout


def test_an_unwritable_cache_is_explained(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = subprocess.run(
        [*RUN, "build"], capture_output=True, text=True, check=False,
        env={**os.environ, "SARCOMA_KG_CACHE": str(blocked / "cache"),
             "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 2
    assert "SARCOMA_KG_CACHE" in done.stderr
    assert "Traceback" not in done.stderr


EXTENSION = """@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix kb: <https://w3id.org/sarcoma-kg/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix lab: <https://example.org/lab/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .

lab:OurLiposarcoma a owl:Class ;
    rdfs:label "our liposarcoma"@en ;
    obo:IAO_0000115 "A dedifferentiated liposarcoma as this laboratory delimits it."@en ;
    obo:IAO_0000119 skg:CuratorKnowledge ;
    rdfs:subClassOf skg:DedifferentiatedLiposarcoma .
"""


def lab_claim() -> str:
    """Return a claim of the packaged data under a new name, about a class of the lab's own."""
    text = (resources.data_root() / "ontology" / "claims" / "S2.ttl").read_text(encoding="utf-8")
    header = "".join(line + "\n" for line in text.splitlines() if line.startswith("@prefix"))
    block = next(b for b in text.split("\n\n") if b.startswith("kb:claim-S2-3.2-AS-01 "))
    block = block.replace("S2-3.2-AS-01", "S2-3.2-LAB-01")
    return header + block.replace("skg:Angiosarcoma", "<https://example.org/lab/OurLiposarcoma>")


def test_correct_files_of_a_user_conform(tmp_path: Path) -> None:
    """Her own subclass, and a claim about it in a second file."""
    own, claim = tmp_path / "own.ttl", tmp_path / "claim.ttl"
    own.write_text(EXTENSION)
    claim.write_text(lab_claim())
    done = run("validate", str(own), str(claim))
    assert (done.returncode, done.stdout) == (0, "")
    assert "conforms" in done.stderr


def misspelt_claim(wrong: str = "skg:molecularContxt", right: str = "skg:molecularContext") -> str:
    """Return a claim of the packaged data under a new name, with something written otherwise."""
    text = lab_claim().replace(
        "skg:direction", "skg:molecularContext skg:UVExposure ; skg:direction"
    )
    text = text.replace("<https://example.org/lab/OurLiposarcoma>", "skg:Angiosarcoma")
    return text.replace(right, wrong)


# A misspelt property goes through the command with the drug above.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("skg:molecularContext", "skg:molecularContxt"), "not declared in the ontology"),
        (("kb:claim-S2-3.2-LAB-01", "[]"), "never blank nodes"),
        (("https://w3id.org/sarcoma-kg/ontology/", "http://w3id.org/x/"), "Check the prefixes"),
    ],
)
def test_what_would_escape_the_shapes_is_found(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    path = tmp_path / "claim.ttl"
    path.write_text(misspelt_claim(*reversed(change)))
    done = run("validate", str(path))
    assert done.returncode == 1
    assert words in done.stdout


@pytest.mark.slow
def test_escape_sequences_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "claim.ttl"
    path.write_text(CLAIM.replace("skg:{disease}", '"\\u001b[31mred"'))
    done = run("validate", str(path))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr


def test_commands_work_from_any_folder() -> None:
    done = subprocess.run(
        [*RUN, "validate"], capture_output=True, text=True, check=False, cwd="/",
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> .
@prefix ex: <http://example.org/> .
ex:S a sh:NodeShape ; sh:targetClass skg:Source ; {} .
"""


def test_shapes_of_a_user_are_asked_in_place_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES.format("sh:property [ sh:path skg:wanted ; sh:minCount 1 ]"))
    done = run("validate", "--shapes", str(path), "--format", "csv")
    assert done.returncode == 1
    _, *rows = done.stdout.splitlines()
    assert {row.split(",")[2] for row in rows} == {"kb:source-S1", "kb:source-S2"}
    path.write_text(SHAPES.format("sh:property [ sh:path skg:sha256 ; sh:minCount 1 ]"))
    assert run("validate", "--shapes", str(path)).returncode == 0


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("sh:node ex:S", "recursive"),
        ("sh:property [ sh:path ( ) ; sh:minCount 1 ]", "path"),
        (
            'sh:sparql [ sh:select "SELECT $this { SERVICE <http://x/> { $this ?p ?o } }" ]',
            "SERVICE",
        ),
        pytest.param(
            'sh:sparql [ sh:select "SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i '
            'FILTER(STR(?c) = CONCAT(STR(?f), STR(?i))) $this ?x ?y }" ]',
            "not done within",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["recursive", "path", "service", "runaway"],
)
def test_shapes_that_cannot_be_used_are_explained(tmp_path: Path, shape: str, words: str) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES.format(shape))
    done = run("validate", "--shapes", str(path), "--timeout", "4")
    assert done.returncode == 2
    # A query that is left out alone is told in the report, the others instead of one.
    assert words.lower() in (done.stderr + done.stdout).lower()
    assert "Traceback" not in done.stderr
