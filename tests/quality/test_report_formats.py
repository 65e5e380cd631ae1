"""The report of a validation in every format: against files by hand, and with hostile content."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import SH

from sarcoma_kg.ground import formats
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.ground.version import __version__
from sarcoma_kg.quality import reports

GOLDEN = Path(__file__).parents[1] / "data" / "reports"
A, B = "kb:claim-S2-1-A-01", "kb:claim-S2-1-A-02"
ONCE = "A claim has exactly one identifier. Add it."
FOUND = [
    Finding("violation", "claim identifier", A, "dcterms:identifier", "S2", ONCE,
            "my claims.ttl", 12),
    Finding("violation", "claim identifier", B, "dcterms:identifier", "", ONCE,
            "my claims.ttl", 20, 5),
    Finding("violation", "at least two components", A, "(skg:aboutTherapy skg:hasComponent)",
            "1 < 2", "The regimen is short.\nAdd a component."),
    Finding("warning", '"no" advice', "kb:claim-S2-1-A-03", "", "<b>should</b> & must",
            'Reword <it> & "report".', "more.ttl"),
    Finding("warning", '"no" advice', "kb:claim-S2-1-A-04", "", "", "Reword it \x1b at once."),
]  # fmt: skip
LABELS = {A: "S2-1-A-01"}
BY_FINDINGS = [form for form in reports.FORMATS if form != "turtle"]

HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["]]>", "<!ENTITY a>", '"><x/>', "&amp;", "\x00\x0b￾", "a\r\nb", "\u2028", "=1+1", "../ %2F#?"]
)
SEVERITIES = st.sampled_from(["violation", "warning", "info"])
#: A name of a shape is never empty.
ANY = st.builds(
    Finding, SEVERITIES, HOSTILE.map("s{}".format), HOSTILE, HOSTILE, HOSTILE, HOSTILE,
    HOSTILE.map(lambda name: name.replace("\x00", "")), st.integers(0, 9),
    st.integers(0, 9),
)  # fmt: skip


def golden(form: str) -> str:
    # A CSV file keeps the line breaks within its cells as they are.
    return (GOLDEN / f"report.{form}").read_bytes().decode("utf-8")


def results(sarif: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return run and results, when all that the standard requires is there."""
    log = json.loads(sarif)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    for result in run["results"]:
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        for location in result["locations"]:
            if physical := location.get("physicalLocation"):
                uri = physical["artifactLocation"]["uri"]
                assert uri
                assert not set(uri) & set(' <>"{}|\\^`\n')
                assert physical.get("region", {"startLine": 1})["startLine"] >= 1
    return run, run["results"]


@pytest.mark.parametrize("form", sorted(set(BY_FINDINGS) - {"sarif", "html"}))
def test_a_report_is_as_written_by_hand(form: str) -> None:
    assert reports.render(FOUND, form, labels=LABELS) == golden(form)


def test_sarif_is_as_written_by_hand_but_for_the_fingerprints() -> None:
    log = json.loads(reports.render(FOUND, "sarif", labels=LABELS))
    prints = [result.pop("partialFingerprints") for result in log["runs"][0]["results"]]
    assert len({p["finding/v1"] for p in prints}) == len(FOUND)
    assert log == json.loads(golden("sarif").replace("VERSION", __version__))


def test_a_fingerprint_survives_an_edit_above_the_finding() -> None:
    moved = Finding(**{**FOUND[0].as_dict(), "line": 99})  # type: ignore[arg-type]
    texts = [reports.render([f], "sarif") for f in (FOUND[0], moved)]
    first, second = (results(text)[1][0]["partialFingerprints"] for text in texts)
    assert first == second


def test_turtle_is_the_report_itself() -> None:
    triples = list(ox.parse(golden("turtle").encode(), format=ox.RdfFormat.TURTLE))
    text = reports.turtle(quad.triple for quad in triples)
    assert isomorphic(Graph().parse(data=text), Graph().parse(data=golden("turtle")))


def test_a_short_turtle_report_keeps_whole_results() -> None:
    triples = [q.triple for q in ox.parse(golden("turtle"), format=ox.RdfFormat.TURTLE)]
    text = reports.turtle(triples, limit=1)
    assert text.endswith("# 1 more finding not shown (--max 1)\n")
    graph = Graph().parse(data=text)
    (result,) = graph.objects(None, SH.result)
    assert graph.value(result, SH.focusNode)
    assert graph.value(result, SH.sourceShape)
    # Nothing is left of the other result: every node but the report hangs from another one.
    assert set(graph.subjects()) - set(graph.objects()) == set(graph.subjects(SH.result))


@pytest.mark.parametrize("form", BY_FINDINGS)
def test_a_limit_says_how_much_it_hides(form: str) -> None:
    text = reports.render(FOUND, form, limit=2)
    assert "kb:claim-S2-1-A-03" not in text
    words = reports.left_out(len(FOUND), 2)
    assert words == "3 more findings not shown (--max 2)"
    if form == "json":
        assert json.loads(text)["leftOut"] == 3
        assert json.loads(text)["counts"] == {"violation": 3, "warning": 2, "info": 0}
    elif form != "csv":  # a CSV has no place for it
        assert words in text
    assert reports.render(FOUND, form, limit=5) == reports.render(FOUND, form)


def test_what_is_hidden_still_fails_the_build() -> None:
    def failures(limit: int) -> str | None:
        return ET.fromstring(reports.render(FOUND, "junit", limit=limit)).get("failures")

    assert failures(0) == "1"
    assert failures(2) == "3"
    assert failures(3) == "3"


@pytest.mark.parametrize("form", BY_FINDINGS)
def test_nothing_found(form: str) -> None:
    text = reports.render([], form)
    if form == "text":
        assert text == ""
    elif form == "junit":
        root = ET.fromstring(text)
        assert (root.get("tests"), root.get("failures")) == ("1", "0")
    elif form == "json":
        assert json.loads(text)["conforms"] is True
    elif form == "sarif":
        assert results(text)[1] == []
    elif form == "html":
        assert "<h1>Conforms</h1>" in text
    else:
        assert text.count("\n") == 1


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="yaml"):
        reports.render([], "yaml")


@given(st.lists(ANY, max_size=4))
def test_hostile_content_stays_content(found: list[Finding]) -> None:
    labels = {f.focus: f.value for f in found}
    rows = list(csv.reader(io.StringIO(reports.render(found, "csv"), newline="")))
    assert [tuple(row) for row in rows[1:]] == [
        tuple(formats.inert(str(cell)) for cell in f.as_dict().values()) for f in found
    ]
    assert json.loads(reports.render(found, "json"))["findings"] == [f.as_dict() for f in found]
    assert len(results(reports.render(found, "sarif", labels=labels))[1]) == len(found)
    root = ET.fromstring(reports.render(found, "junit", labels=labels))
    assert len(root.findall("./testsuite/testcase")) == max(len(found), 1)
    assert {e.tag for e in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip
    text = reports.render(found, "text", labels=labels)
    assert all(c == "\n" or c.isprintable() for c in text)
    # A line of a message cannot pass for the head of a group.
    heads = {(f.severity, f.shape) for f in found}
    assert sum(line[:1].isalpha() for line in text.split("\n")) == len(heads)
