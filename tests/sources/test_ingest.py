"""Rows to records: each is taken or listed, the same input gives the same bytes."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe, suggest
from sarcoma_kg.sources.decisions import Decisions
from sarcoma_kg.sources.index import Index
from sarcoma_kg.sources.taking import Taker
from sarcoma_kg.stores.store import EmbeddedStore
from tests.passes import some_slow
from tests.sources.conftest import DATA, Ingest

SKG, KB = namespaces.SKG, namespaces.KB
HEAD = "id,disease,doid,drug,how,alteration,level,stars,remarks\n"


def slots_of(path: Path, prefix: str) -> dict[str, set[tuple[str, str]]]:
    """Return slots and values of each record, without what it has of its dump."""
    found: dict[str, set[tuple[str, str]]] = {}
    form = ox.RdfFormat.TURTLE if path.suffix == ".ttl" else ox.RdfFormat.N_TRIPLES
    for quad in ox.parse(path=str(path), format=form):
        name = str(quad.subject).removeprefix(f"<{KB}").removesuffix(">")
        slot = namespaces.contract(quad.predicate.value)
        if name.startswith(prefix) and slot not in ("skg:recordedIn", "skg:dumpDate"):
            value = quad.object
            text = value.value if isinstance(value, ox.Literal) else str(value)[1:-1]
            found.setdefault(name, set()).add((slot, namespaces.contract(text)))
    return found


def records(path: Path) -> dict[str, set[tuple[str, str]]]:
    return slots_of(path, "trials-")


def reasons(taken: ingest.Taken) -> dict[str, tuple[str, str]]:
    return {entry.key: (entry.column, entry.reason) for entry in taken.ledger.entries}


@pytest.fixture(scope="module")
def index(store: EmbeddedStore) -> Index:
    """The names of the graph, which no row changes."""
    return Index(store)


def test_rows_are_taken_or_listed(run: Ingest, folder: Path) -> None:
    taken = run()
    assert (taken.ledger.taken, taken.ledger.listed) == (4, 9)
    made = records(folder / "out.ttl")
    assert set(made) == {"trials-t1", "trials-t2", "trials-t3", "trials-t4"}
    assert ("skg:concernsDisease", "skg:GastrointestinalStromalTumor") in made["trials-t1"]
    assert ("skg:concernsAlteration", "skg:KITExon11Mutation") in made["trials-t1"]
    assert ("rdfs:label", "trial t1: gastrointestinal stromal tumour, imatinib") in made[
        "trials-t1"
    ]
    assert {v for s, v in made["trials-t2"] if s == "skg:concernsTherapy"} == {
        "skg:Imatinib", "skg:Sunitinib"
    }  # fmt: skip
    assert ("skg:concernsDisease", "skg:EwingSarcoma") in made["trials-t3"], "by DOID alone"
    assert ("skg:concernsTherapy", "skg:Imatinib") in made["trials-t3"], "by decision"
    assert not [s for s, _ in made["trials-t3"] if s == "skg:inexactTerm"]
    assert ("skg:inexactTerm", "skg:TyrosineKinaseInhibitor") in made["trials-t4"]
    assert taken.ledger.left == {"skg:concernsAlteration": 1}


def test_the_ledger_says_why(run: Ingest, folder: Path) -> None:
    why = reasons(run())
    assert why["t5"] == ("disease", "outside sarcoma")
    assert why["t6"] == ("disease", "melanoma is no mesenchymal neoplasm: outside")
    assert why["t7"] == ("disease", "no disease of the graph is called so")
    assert "the identifier means gastrointestinal" in why["t8"][1]
    assert why["t9"][0] == "doid"
    assert "several therapies" in why["t10"][1]
    assert why["t11"][0] == "skg:rating"
    assert "several rows" in why["t12"][1]
    with (folder / "out.ledger.tsv").open(encoding="utf-8", newline="") as table:
        lines = list(csv.DictReader(table, delimiter="\t"))
    assert [line["row"] for line in lines] == ["6", "7", "8", "9", "10", "11", "12", "13", "14"]
    assert lines[2]["nearest"].startswith("synovial sarcoma")


def test_the_same_input_gives_the_same_bytes_and_no_work(run: Ingest, folder: Path) -> None:
    run()
    first = {p.name: p.read_bytes() for p in folder.glob("out.*")}
    assert set(first) == {"out.ttl", "out.ledger.tsv", "out.run.json"}
    times = {p.name: p.stat().st_mtime_ns for p in folder.glob("out.*")}
    again = run()
    assert not again.worked
    assert (again.ledger.taken, again.ledger.listed, len(again.ledger.entries)) == (4, 9, 9)
    assert times == {p.name: p.stat().st_mtime_ns for p in folder.glob("out.*")}
    for path in folder.glob("out.*"):
        path.unlink()
    run()
    assert first == {p.name: p.read_bytes() for p in folder.glob("out.*")}


@pytest.mark.parametrize(
    "spoil",
    some_slow(["recipe", "decisions", "ledger", "file"], lambda place, _: not place % 2),
)
def test_what_changed_is_made_anew(run: Ingest, folder: Path, spoil: str) -> None:
    run()
    name = {
        "recipe": "trials.yaml", "decisions": "trials.decisions.tsv",
        "ledger": "out.ledger.tsv", "file": "trials.csv",
    }[spoil]  # fmt: skip
    path = folder / name
    path.write_text(path.read_text() + ("\n" if spoil != "decisions" else ""))
    if spoil == "decisions":
        path.write_text(path.read_text().replace("invented name", "another comment"))
    assert run().worked


@pytest.mark.parametrize(
    ("old", "new", "record", "gone", "come"),
    [
        ("9253,imatinib,", "9253,sunitinib,", "trials-t1", ("skg:concernsTherapy", "skg:Imatinib"),
         ("skg:concernsTherapy", "skg:Sunitinib")),
        (",either,", ",together,", "trials-t2",
         ("skg:therapyInteraction", "skg:SubstitutesInteraction"),
         ("skg:therapyInteraction", "skg:CombinationInteraction")),
        ("change,B,2", "change,A,2", "trials-t4", ("skg:evidenceLevel", "skg:LevelB"),
         ("skg:evidenceLevel", "skg:LevelA")),
        ("none,1,", "none,5,", "trials-t3", ("skg:rating", "1"), ("skg:rating", "5")),
    ],
)  # fmt: skip
def test_a_changed_row_changes_its_record_alone(
    run: Ingest, folder: Path, old: str, new: str, record: str, gone: tuple[str, str],
    come: tuple[str, str],
) -> None:  # fmt: skip
    run()
    before = records(folder / "out.ttl")
    table = folder / "trials.csv"
    text = table.read_text()
    assert text.count(old) == 1
    table.write_text(text.replace(old, new))
    taken = run()
    after = records(folder / "out.ttl")
    assert {name for name in before if before[name] != after[name]} == {record}
    label = {pair for pair in before[record] ^ after[record] if pair[0] == "rdfs:label"}
    assert before[record] - after[record] - label == {gone}
    assert after[record] - before[record] - label == {come}
    assert taken.changes
    assert (taken.changes.changed, taken.changes.same) == ([KB + record], 3)


def test_a_newer_table_tells_what_came_and_went(run: Ingest, folder: Path) -> None:
    run(to="out.nt")
    lines = (folder / "trials.csv").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("t1,")]
    (folder / "trials.csv").write_text("".join(kept) + "t20,GIST,,imatinib,,,A,1,\n")
    changes = run(to="out.nt").changes
    assert changes
    assert (changes.added, changes.gone) == ([KB + "trials-t20"], [KB + "trials-t1"])
    assert changes.same == 3


def test_turtle_and_n_triples_say_the_same(run: Ingest, folder: Path) -> None:
    run()
    run(to="out.nt")
    assert records(folder / "out.ttl") == records(folder / "out.nt")
    lines = (folder / "out.nt").read_text().splitlines()
    assert lines == sorted(set(lines))


def test_each_record_leads_to_its_file(run: Ingest, folder: Path) -> None:
    import hashlib

    run()
    digest = hashlib.sha256((folder / "trials.csv").read_bytes()).hexdigest()
    store = EmbeddedStore(ox.Store())
    store.inner.load(path=str(folder / "out.ttl"), format=ox.RdfFormat.TURTLE)
    found = store.select(
        f"PREFIX skg: <{SKG}> SELECT ?r ?hash ?day ?key WHERE {{ ?r a skg:EvidenceRecord ; "
        "skg:recordedIn/skg:sha256 ?hash ; skg:dumpDate ?day ; skg:rowKey ?key }"
    )
    told = list(found.dicts())
    assert len(told) == 4
    assert {(r["hash"], r["day"]) for r in told} == {(digest, "2026-11-01")}


def test_nothing_is_half_written(
    run: Ingest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    before = {p.name: p.read_bytes() for p in folder.glob("out.*")}
    (folder / "trials.csv").write_bytes((folder / "trials.csv").read_bytes() + b"\xff\xfe,x\n")
    with pytest.raises(UserError, match="not utf-8 text"):
        run()
    assert before == {p.name: p.read_bytes() for p in folder.glob("out.*")}
    assert not list(folder.glob(".*"))


def test_rows_that_do_not_add_up_fail(run: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "_count", lambda _: (14, set()))
    with pytest.raises(UserError, match="14 rows"):
        run()


@pytest.mark.parametrize("to", ["out.ttl", pytest.param("out.nt", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "whose", ["edited since", pytest.param("of somebody", marks=pytest.mark.slow)]
)
def test_the_work_of_somebody_is_not_replaced(
    run: Ingest, folder: Path, to: str, whose: str
) -> None:
    path = folder / to
    if whose == "edited since":
        run(to=to)
        path.write_text(path.read_text() + "# what a curator added\n")
    else:
        path.write_text("# what a curator wrote\n")
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"is not as `ingest` wrote it") as refused:
        run(to=to)
    assert "--to" in refused.value.hint
    assert path.read_bytes() == before
    assert run(to=to, dry=True).worked
    path.unlink()
    assert run(to=to).worked


@pytest.mark.slow
@pytest.mark.parametrize("to", ["out.ttl", "out.nt"])
def test_a_run_that_was_killed_is_done_again(
    run: Ingest, folder: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """Before and after the records were put in place; they are known as ours."""
    run(to=to)
    whole = (folder / to).read_bytes()
    table = folder / "trials.csv"
    table.write_text(table.read_text().replace("9253,imatinib,", "9253,sunitinib,"))
    for after in ("_announce", "_move"):
        done = getattr(ingest, after)

        def killed(*given: object, done: Callable[..., None] = done) -> None:
            done(*given)
            raise KeyboardInterrupt

        monkeypatch.setattr(ingest, after, killed)
        with pytest.raises(KeyboardInterrupt):
            run(to=to)
        monkeypatch.setattr(ingest, after, done)
        assert not (folder / "out.run.json").read_text().startswith('{"basis"')
    assert run(to=to).worked
    assert (folder / to).read_bytes() != whole


def test_a_dry_run_writes_nothing(run: Ingest, folder: Path) -> None:
    taken = run(dry=True)
    assert taken.ledger.taken == 6, "the shapes are not asked"
    assert len(taken.records) == 6
    assert not list(folder.glob("out.*"))


def test_a_decision_that_no_longer_applies_is_told(run: Ingest, folder: Path) -> None:
    text = (folder / "trials.csv").read_text().replace("STI-571x", "imatinib")
    (folder / "trials.csv").write_text(text)
    assert [one.value for one in run().idle] == ["STI-571x"]


def test_many_idle_decisions_are_whole_in_json_and_counted_for_people(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    path = folder / "trials.decisions.tsv"
    lines = path.read_text().splitlines()
    known = next(line for line in lines if line.startswith("drug\tSTI-571x") or "STI-571x" in line)
    more = [known.replace("STI-571x", f"old name {n}") for n in range(30)]
    path.write_text("\n".join([*lines, *more]) + "\n")
    assert cli.main(["ingest", "trials.yaml", "trials.csv", "--format", "json"]) == 0
    said = capsys.readouterr()
    idle = json.loads(said.out)["idle decisions"]
    assert {f"old name {n}" for n in range(30)} <= {one["value"] for one in idle}
    assert said.err.count("the decision no longer applies") == 20
    assert f"and {len(idle) - 20} more that no longer apply" in said.err


@pytest.mark.parametrize("cell", ["%zz", "a#b#c", "[x", "\ue000", "100%"])
def test_a_cell_that_makes_no_address_lists_its_row(run: Ingest, folder: Path, cell: str) -> None:
    """Else the address would go into a file that no parser takes."""
    path = folder / "trials.yaml"
    text = path.read_text().replace("unused: [remarks]\n", "")
    source = 'column: remarks\n    address: "https://x.org/#{}"'
    path.write_text(text.replace("column: id\n    address: https://example.org/trials/{}", source))
    (folder / "one.csv").write_text(f"{HEAD}t1,GIST,,,,,,,{cell}\nt2,GIST,,,,,,,good\n")
    taken = run("one.csv")
    assert reasons(taken) == {"t1": ("remarks", "does not go into an address")}
    assert taken.ledger.taken == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("skos:broadMatch", "skos:narrowMatch", "line 4: column predicate_id"),
        ("skg:Imatinib\t", "skg:Imatinibb\t", "line 3: the graph has no class skg:Imatinibb"),
        ("skg:Imatinib\t", "skg:KIT\t", "KIT is no therapy"),
        ("outside sarcoma", "", "line 5: column comment is empty"),
        ("XY-1", "STI-571x", "line 4: 'STI-571x' of column drug was decided in line 3"),
        ("predicate_id", "predicate", "line 2: missing column predicate_id"),
        ("\tinvented name", "", "line 3: 6 cells, but the table has 7 columns"),
    ],
)
def test_a_wrong_decision_is_told(run: Ingest, folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "trials.decisions.tsv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=re.escape(says)):
        run()
    assert not list(folder.glob("out.*"))


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1,234", "", None), ("1.234", "", None), ("1,5", "", None), ("1.5", "", "1.5"),
        ("1,234", ".", "1234"), ("1.234", ",", "1234"), ("1,5", ",", "1.5"),
        ("1.234", ".", "1.234"), ("about 3", ".", None), ("1e5", "", None), ("٣", "", None),
    ],
)  # fmt: skip
def test_a_number_with_two_readings_is_not_chosen(
    folder: Path, index: Index, cell: str, mark: str, value: str | None
) -> None:
    text = (folder / "trials.yaml").read_text()
    more = f'\n    decimal-mark: "{mark}"' if mark else ""
    (folder / "trials.yaml").write_text(
        text.replace("datatype: integer", f"datatype: decimal{more}")
    )
    read = recipe.read(folder / "trials.yaml")
    taker = Taker(read, index, Decisions(None), "https://x/", frozenset({""}))
    cells = dict.fromkeys(read.columns, "") | {"id": "1", "disease": "GIST", "stars": cell}
    _, lines, entries = taker.take(rows.Row(2, cells))
    if value is None:
        assert [entry.column for entry in entries] == ["stars"]
    else:
        assert f'"{value}"^^' in lines


@pytest.mark.parametrize("how", ["address: https://x.org/{}", "datatype: string"])
def test_a_group_that_takes_no_part_says_nothing(folder: Path, index: Index, how: str) -> None:
    text = (folder / "trials.yaml").read_text()
    more = f'{how}\n    pattern: "[^+]*(\\\\+)?.*"'
    (folder / "trials.yaml").write_text(text.replace("datatype: integer", more))
    read = recipe.read(folder / "trials.yaml")
    taker = Taker(read, index, Decisions(None), "https://x/", frozenset({""}))
    for cell, said in (("one", False), ("one + two", True)):
        cells = dict.fromkeys(read.columns, "") | {"id": "1", "disease": "GIST", "stars": cell}
        _, lines, entries = taker.take(rows.Row(2, cells))
        assert not entries
        assert ("/rating>" in lines) == said


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text(max_size=6),
                "disease": st.sampled_from(["GIST", "gist", "melanoma", "", "x", "\x00", "a\nb"]),
                "doid": st.sampled_from(["9253", "", "3369", "0"]) | st.text(max_size=4),
                "drug": st.lists(
                    st.sampled_from(["imatinib", "sunitinib", "?", ""]) | st.text(max_size=4)
                ).map(";".join),
                "how": st.sampled_from(["either", "", "other"]),
                "alteration": st.text(max_size=5),
                "level": st.sampled_from(["A", "", "none", "Z"]),
                "stars": st.sampled_from(["1", "5", "9", "1,0"]) | st.text(max_size=3),
            }
        ),
        max_size=5,
    )
)
def test_any_row_is_a_record_or_a_reason(index: Index, cells: list[dict[str, str]]) -> None:
    """Whatever stands in the cells: well-formed lines about one record, or an entry."""
    read = recipe.read(DATA / "trials.yaml")
    taker = Taker(read, index, Decisions(read.decisions), "https://x/", frozenset({""}))
    for number, row in enumerate(cells, 2):
        _, lines, entries = taker.take(rows.Row(number, row))
        assert bool(lines) != bool(entries)
        assert all(entry.row == number and entry.reason for entry in entries)
        subjects = {q.subject for q in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)}
        assert len(subjects) == (1 if lines else 0)


def test_the_command(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert cli.main(["ingest", "trials.yaml", "trials.csv", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["taken"], told["listed"]) == (13, 4, 9)
    assert sum(told["reasons"].values()) == 9
    assert len(told["ledger"]) == 9
    assert cli.main(["ingest", "trials.yaml", "trials.csv", "--strict"]) == 1
    assert "up to date" in capsys.readouterr().err
    assert cli.main(["ingest", "trials.yaml", "nothing.csv"]) == 2
    assert cli.main(["ingest", "nothing", "trials.csv"]) == 2
    assert "packaged: " in capsys.readouterr().err
    assert cli.main(["ingest", "trials.yaml", "trials.csv", "--to", "x.json"]) == 2
    assert cli.main(["ingest", "trials.yaml", "trials.csv", "--dry-run"]) == 0
    assert "trial t1" in capsys.readouterr().err


REGISTRY = """\
NCT Number,Study URL,Conditions,Interventions,Enrollment
NCT00000001,https://example.org/1,GIST,DRUG: Imatinib,120
NCT00000002,https://example.org/2,Synovial Sarcoma|GIST,DRUG: Pazopanib|OTHER: Form,"1,042"
NCT00000003,https://example.org/3,Ewing Sarcoma,DRUG: Doxorubicin|DRUG: Ifosfamide,3
NCT00000004,https://example.org/4,GIST,see the protocol,3
"""


def test_a_draft_for_the_layout_of_a_registry(
    folder: Path, build: builds.Build, run: Ingest
) -> None:
    """Invented rows in the columns that ClinicalTrials.gov exports: drafted, mended, taken."""
    lines = REGISTRY.splitlines(keepends=True)
    (folder / "t.csv").write_text("".join(lines[:-1]))
    text = suggest.draft(rows.table(folder / "t.csv"), build.open())
    (folder / "draft.yaml").write_text(text)
    slots = {slot.iri.rpartition("/")[2]: slot for slot in recipe.read(folder / "draft.yaml").slots}
    assert slots["concernsTherapy"].pattern
    assert slots["concernsTherapy"].split == "|"
    assert slots["source"].address == "{}"
    assert slots["trialIdentifier"].column == "NCT Number"
    drafted = "    pattern: " + json.dumps("[A-Z][A-Z_ ]*: (.+)")
    assert drafted in text
    text = text.replace(drafted, "    pattern: '(?:DRUG: (.+)|OTHER: .*)'")
    (folder / "draft.yaml").write_text(text)
    (folder / "t.csv").write_text(REGISTRY)
    taken = run("t.csv", named="draft.yaml")
    made = slots_of(folder / "out.ttl", "t-")
    assert set(made) == {"t-NCT00000001", "t-NCT00000002"}
    assert {v for s, v in made["t-NCT00000002"] if s == "skg:concernsTherapy"} == {"skg:Pazopanib"}
    why = reasons(taken)
    assert "several therapies" in why["NCT00000003"][1]
    assert "is not of the form" in why["NCT00000004"][1]


@pytest.mark.parametrize("suffix", [".csv"])
def test_a_draft_is_a_recipe(folder: Path, build: builds.Build, suffix: str, run: Ingest) -> None:
    text = suggest.draft(rows.table(folder / f"trials{suffix}"), build.open())
    (folder / "draft.yaml").write_text(text)
    read = recipe.read(folder / "draft.yaml")
    slots = {slot.iri.rpartition("/")[2]: slot for slot in read.slots}
    assert slots["concernsDisease"].identifiers == (("doid", "DOID"),)
    assert slots["concernsTherapy"].split == ";"
    assert set(read.unused) == {"how", "alteration", "level", "stars", "remarks"} - set(
        read.columns
    )
    assert run(named="draft.yaml").ledger.taken > 0
