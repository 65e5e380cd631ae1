"""Time and memory of `ingest`: against the bulk load of its own triples, and against two mappers.

    python -m tests.benchmarks.ingest --rows 1000000 --of-peers 50000 --peers .venv/peers/bin/python

The table is that of tests/benchmarks/records.py. `ingest` runs as a user runs it: rows of the dump
in, terms looked up, records held against the shapes, sorted, written, with a ledger. The yardstick
is Oxigraph, which loads the very same triples into a store on disk. The peers, morph-kgc (RML) and
maplib (stOTTR), map a table whose terms are looked up already, with one value in each cell, and
write N-Triples; `ingest` maps the same table beside, by a recipe without look-ups. How the triples
differ is printed: labels from maplib have no language, and its ratings are xsd:long. Neither peer
looks up terms, lists rows that it leaves out, holds anything against shapes here, or sorts. Each
runs in a process of its own, whose environment tests/benchmarks/requirements.txt pins. Exits with 1
when a goal is missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

GROWTH, MEMORY, FASTER = 1.3, 500, 5.0
ROOT = Path(__file__).parents[2]
SKG, KB = "https://w3id.org/sarcoma-kg/ontology/", "https://w3id.org/sarcoma-kg/id/"
DCTERMS, RDFS = "http://purl.org/dc/terms/", "http://www.w3.org/2000/01/rdf-schema#"
#: Column of the peers' table -> predicate, and what its values are: iri, string, label or integer.
CORE = {
    "rowKey": (SKG + "rowKey", "string"),
    "label": (RDFS + "label", "label"),
    "identifier": (DCTERMS + "identifier", "string"),
    "source": (DCTERMS + "source", "iri"),
    "featureText": (SKG + "featureText", "string"),
    "rating": (SKG + "rating", "integer"),
    **{
        name: (SKG + name, "iri")
        for name in (
            "concernsDisease", "concernsGene", "concernsAlteration", "featureIdentifier",
            "featureOrigin", "evidenceType", "evidenceDirection", "evidenceLevel", "significance",
            "publication", "therapyInteraction",
        )
    },
}  # fmt: skip
YARDSTICK = """
import sys, pyoxigraph
store = pyoxigraph.Store(sys.argv[2])
store.bulk_load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_TRIPLES)
store.flush()
"""
#: From the records of a run to the table of the peers.
TABLE = """
import csv, itertools, json, sys, pyoxigraph as ox
core = json.load(open(sys.argv[3]))
columns = {predicate: name for name, (predicate, _) in core.items()}
with open(sys.argv[2], "w", newline="") as out:
    writer = csv.DictWriter(out, list(core), lineterminator="\\n")
    writer.writeheader()
    quads = ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES)
    for subject, group in itertools.groupby(quads, lambda quad: quad.subject.value):
        row = {columns[q.predicate.value]: q.object.value for q in group
               if q.predicate.value in columns}
        if "/civic-eid-" in subject and "rowKey" in row:
            writer.writerow(row)
"""
MORPH = """
import sys, morph_kgc
triples = morph_kgc.materialize_set(sys.argv[1])
with open(sys.argv[2], "w") as out:
    out.writelines(f"{triple} .\\n" for triple in triples)
"""
MAPLIB = """
import json, sys, polars
from maplib import Model
document, table, out = open(sys.argv[1]).read(), sys.argv[2], sys.argv[3]
frame = polars.read_csv(table, infer_schema=False).with_columns(
    polars.concat_str(polars.lit(sys.argv[4]), "rowKey").alias("record"),
    polars.col("rating").cast(polars.Int64),
)
model = Model()
model.add_template(document)
model.map(sys.argv[5], frame)
model.write(out, format="ntriples")
"""
SAME = """
import sys, pyoxigraph as ox
def read(path):
    return {
        (q.subject.value, q.predicate.value, str(q.object))
        for q in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES)
        if "/civic-eid-" in q.subject.value
    }
ours = read(sys.argv[1])
for path in sys.argv[2:]:
    theirs = read(path)
    extra = sorted(theirs - ours)
    print(f"  {path.rpartition('/')[2]}: {len(theirs):,} triples, {len(extra):,} of them other "
          "than those of ingest", *(triple[1:] for triple in extra[:2]))
"""


class Spent(NamedTuple):
    """What a process took with its children: seconds, those of processors, MB of the largest."""

    seconds: float
    busy: float
    peak: int

    def __str__(self) -> str:
        return f"{self.seconds:8.1f} s  {self.busy:8.1f} s of processors  {self.peak:6,} MB"


def timed(command: list[str]) -> Spent:
    """Run a process and return what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stderr
    said = process.stderr.read()
    process.stderr.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:4]}: {process.returncode}\n{said[-2000:]}")
    busy = used.ru_utime + used.ru_stime
    return Spent(time.perf_counter() - began, busy, used.ru_maxrss // 1024)


def run(*words: object) -> str:
    """Run Python with these words and return what it prints."""
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout


def ours(recipe: object, table: Path, target: Path) -> list[str]:
    """Return the command that makes records of a table anew."""
    for path in target.parent.glob(f"{target.stem}.*"):
        path.unlink()
    program = str(Path(sys.executable).with_name("sarcoma-kg"))
    return [program, "ingest", str(recipe), str(table), "--to", str(target), "--format", "tsv"]


def against_loading(folder: Path, number: int) -> bool:
    """Compare with the bulk load of the same triples; return whether both goals are met."""
    table, target = folder / "rows.tsv", folder / "records.nt"
    run("-m", "tests.benchmarks.records", "--rows", number, table)
    taking = timed(ours("civic", table, target))
    loading = timed([sys.executable, "-c", YARDSTICK, str(target), str(folder / "store")])
    sums = json.loads((folder / "records.run.json").read_text())["sums"]
    with target.open("rb") as lines:
        triples = sum(1 for _ in lines)
    ratio = taking.seconds / loading.seconds
    good = ratio <= GROWTH and taking.peak < MEMORY
    print(  # noqa: T201
        f"{number:,} rows ({table.stat().st_size / 1e6:,.0f} MB): {sums['taken']:,} taken, "
        f"{sums['listed']:,} listed, {triples:,} triples\n"
        f"  ingest    {taking}\n  bulk load {loading}\n"
        f"  {ratio:.2f} times; goals at most {GROWTH:g}, and {MEMORY} MB: "
        f"{'met' if good else 'MISSED'}"
    )
    return good


def against_peers(folder: Path, number: int, peers: str, turns: int) -> bool:
    """Compare with the mappers on one table; return whether both goals are met."""
    rows, whole = folder / "rows.tsv", folder / "whole.nt"
    run("-m", "tests.benchmarks.records", "--rows", number, rows)
    looked_up = timed(ours("civic", rows, whole))
    core, table = folder / "core.json", folder / "core.csv"
    core.write_text(json.dumps(CORE))
    run("-c", TABLE, whole, table, core)
    recipe, target = folder / "core.yaml", folder / "core-ours.nt"
    recipe.write_text(_recipe())
    dump = _dump(table)
    mapping, settings = folder / "core.rml.ttl", folder / "core.ini"
    mapping.write_text(_rml(table, dump))
    by_morph, by_maplib = folder / "core-morph.nt", folder / "core-maplib.nt"
    settings.write_text(
        f"[CONFIGURATION]\nlogging_level=ERROR\n[DataSource1]\nmappings={mapping}\n"
    )
    template = folder / "core.stottr"
    template.write_text(_stottr(dump))
    commands = {
        "morph-kgc": [peers, "-c", MORPH, str(settings), str(by_morph)],
        "maplib": [
            peers, "-c", MAPLIB, str(template), str(table), str(by_maplib), KB + "civic-eid-",
            SKG + "Record",
        ],
    }  # fmt: skip
    times: dict[str, list[Spent]] = {"ingest": [], **{name: [] for name in commands}}
    for _ in range(turns):
        for name, command in {"ingest": ours(recipe, table, target), **commands}.items():
            times[name].append(timed(command))
    print(  # noqa: T201
        f"{number:,} rows: ingest from the rows of the dump, with look-ups:\n  {looked_up}\n"
        f"  one table for all, terms looked up before ({table.stat().st_size / 1e6:,.0f} MB):"
    )
    good = True
    for name, taken in times.items():
        print(f"  {name:<10}{statistics.median_low(taken)}", end="")  # noqa: T201
        if name == "ingest":
            print()  # noqa: T201
            continue
        pairs = zip(taken, times["ingest"], strict=True)
        ratio = statistics.median(their.seconds / our.seconds for their, our in pairs)
        good &= ratio >= FASTER
        verdict = "met" if ratio >= FASTER else "MISSED"
        print(f"  {ratio:.1f} times as long; goal {FASTER:g}: {verdict}")  # noqa: T201
    print(run("-c", SAME, target, by_morph, by_maplib), end="")  # noqa: T201
    return good


def _dump(table: Path) -> str:
    import hashlib

    return f"{KB}dump-core-{hashlib.sha256(table.read_bytes()).hexdigest()[:12]}"


def _recipe() -> str:
    slots = ""
    for name, (predicate, kind) in CORE.items():
        value = {"iri": 'address: "{}"', "integer": "datatype: integer"}.get(
            kind, "datatype: string"
        )
        if name not in ("rowKey", "label"):
            slots += f"  - {{slot: {predicate}, column: {name}, {value}}}\n"
    return (
        "name: core\nsource:\n  title: Core slots\n  version: '2021-02'\n"
        "  licence: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "  address: https://civicdb.org/\nkey: rowKey\nrecord:\n  class: skg:EvidenceRecord\n"
        f"  iri: kb:civic-eid-{{rowKey}}\n  label: '{{label}}'\nslots:\n{slots}"
    )


def _rml(table: Path, dump: str) -> str:
    maps = ""
    for name, (predicate, kind) in CORE.items():
        more = {
            "iri": "; rr:termType rr:IRI", "label": '; rr:language "en"',
            "integer": "; rr:datatype xsd:integer",
        }.get(kind, "")  # fmt: skip
        maps += (
            f"  rr:predicateObjectMap [ rr:predicate <{predicate}> ;\n"
            f'    rr:objectMap [ rml:reference "{name}" {more} ] ] ;\n'
        )
    return f"""@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#records> a rr:TriplesMap ;
  rml:logicalSource [ rml:source "{table}" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "{KB}civic-eid-{{rowKey}}" ; rr:class <{SKG}EvidenceRecord> ] ;
{maps}  rr:predicateObjectMap [ rr:predicate <{SKG}recordedIn> ; rr:object <{dump}> ] ;
  rr:predicateObjectMap [ rr:predicate <{SKG}dumpDate> ;
    rr:objectMap [ rr:constant "2021-02" ; rr:datatype xsd:gYearMonth ] ] .
"""


def _stottr(dump: str) -> str:
    kinds = {"iri": "ottr:IRI", "integer": "xsd:long", "label": "xsd:string"}
    parameters = ["ottr:IRI ?record"]
    triples = [
        f"ottr:Triple(?record, rdf:type, <{SKG}EvidenceRecord>)",
        f"ottr:Triple(?record, <{SKG}recordedIn>, <{dump}>)",
        f'ottr:Triple(?record, <{SKG}dumpDate>, "2021-02"^^xsd:gYearMonth)',
    ]
    for name, (predicate, kind) in CORE.items():
        parameters.append(f"? {kinds.get(kind, 'xsd:string')} ?{name}")
        triples.append(f"ottr:Triple(?record, <{predicate}>, ?{name})")
    inner = ",\n  ".join(triples)
    return f"""@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ottr: <http://ns.ottr.xyz/0.4/> .
<{SKG}Record> [ {", ".join(parameters)} ] :: {{
  {inner}
}} .
"""


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="0: not against loading")
    parser.add_argument("--of-peers", type=int, default=50_000, help="rows; 0: not against peers")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--peers", default=str(ROOT / ".venv" / "peers" / "bin" / "python"))
    parser.add_argument("--work", help="an existing folder with room (a million rows: 12 GB)")
    args = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="sarcoma-kg-bench-", dir=args.work) as name:
        folder = Path(name)
        os.environ["TMPDIR"] = name
        if args.of_peers:
            good &= against_peers(folder, args.of_peers, args.peers, args.turns)
        if args.rows:
            good &= against_loading(folder, args.rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
