"""Agents: every tool over stdio and HTTP, equal to the API's documents, and hostile calls."""

import asyncio
import json
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.serving import tools
from sarcoma_kg.serving.documents import DISCLAIMER, Document, Documents
from sarcoma_kg.serving.tools import REFUSAL, Tools
from sarcoma_kg.stores.store import EmbeddedStore, Reply
from sarcoma_kg.stores.worker import answer_here
from tests.serving import served

mcp = pytest.importorskip("mcp", reason="agents need the extra 'serve'")
from mcp.client.client import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters  # noqa: E402

#: Questions whose rows, some or all, name something else: counts by section and references (CQ34,
#: CQ38), what is not recorded (CQ57), sources of the ontology (CQ58, CQ59).
WITHOUT_CLAIMS = {"CQ34", "CQ38", "CQ57", "CQ58", "CQ59"}
QUERY = "SELECT ?c WHERE { ?c skg:hasProposition ?p } ORDER BY ?c LIMIT 3"
#: Tool, its arguments, and the document of the API that it must give: method and arguments.
CALLS: list[tuple[str, dict[str, Any], tuple[str, list[Any]]]] = [
    ("search", {"words": "EZH2"}, ("search", ["EZH2"])),
    ("show", {"name": "GIST"}, ("thing", ["GIST"])),
    ("show", {"name": "S2-3.2-SS-01"}, ("thing", ["S2-3.2-SS-01"])),
    ("ask", {"question": "CQ01", "parameters": {"disease": "GIST"}},
     ("answer", ["CQ01", {"disease": "GIST"}])),
    ("ask", {"question": "CQ40"}, ("answer", ["CQ40", {}])),
    ("matrix", {"disease": "liposarcoma"}, ("matrix", ["liposarcoma"])),
]  # fmt: skip


@pytest.fixture(scope="module")
def documents(build: builds.Build, store: EmbeddedStore) -> Documents:
    questions = [Question.from_dict(row) for row in build.catalog()]
    return Documents(store, questions, build.manifest["digest"])


@pytest.fixture(scope="module")
def here(documents: Documents, store: EmbeddedStore) -> Tools:
    def run(query: str, most: int) -> Reply:
        return answer_here(store, query, most)

    return Tools(documents, run)


async def called(server: Any, calls: list[tuple[str, dict[str, Any]]]) -> list[Document]:
    async with Client(server, read_timeout_seconds=120) as client:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} >= {name for name, _ in calls} - {"nope"}
        assert client.instructions == tools.INSTRUCTIONS
        found = []
        for name, arguments in calls:
            result = await client.call_tool(name, arguments)
            made = result.structured_content
            (content,) = result.content
            assert json.loads(content.text) == made  # type: ignore[union-attr]
            assert result.is_error is (made["kind"] == REFUSAL)
            found.append(made)
        return found


def _whole(made: Document) -> Document:
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def _check_session(server: Any, documents: Documents) -> None:
    more: list[tuple[str, dict[str, Any]]] = [
        ("query", {"query": QUERY}),
        ("explain", {"name": "S2-3.2-SS-01"}),
        ("explain", {"question": "CQ01", "parameters": {"disease": "GIST"}}),
        ("ask", {"question": "what drugs for GIST?"}),
        ("ask", {"question": "Which drugs for GIST are cheapest?"}),
        ("query", {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}),
        ("nope", {}),
    ]
    made = asyncio.run(called(server, [*((n, a) for n, a, _ in CALLS), *more]))
    for document, (_, _, (name, arguments)) in zip(made, CALLS, strict=False):
        assert document == _whole(getattr(documents, name)(*arguments))
    query, claim, explained, routed, refused, service, unknown = made[len(CALLS) :]
    assert [row["cells"]["c"]["curie"][:9] for row in query["rows"]] == ["kb:claim-"] * 3
    assert query["build"] == documents.build
    assert claim["rows"][0]["citations"]
    assert {c["start"] for c in explained["claims"].values()} != {None}
    asked = _whole(documents.answer("CQ01", {"disease": "GIST"}))
    assert [row["cells"] for row in routed["rows"]] == [row["cells"] for row in asked["rows"]]
    assert routed["queryHash"] == asked["queryHash"]
    assert "was not understood" in routed["routed"]["note"]
    assert refused["kind"] == service["kind"] == unknown["kind"] == REFUSAL
    assert {"question", "summary", "parameters", "missing"} == set(refused["nearest"][0])
    assert "SERVICE" in service["problem"]
    assert all(d["disclaimer"] == DISCLAIMER for d in made)


def test_every_tool_over_stdio(documents: Documents) -> None:
    _check_session(
        StdioServerParameters(command=sys.executable, args=["-m", "sarcoma_kg.cli", "mcp"],
                              env=_environment()),
        documents,
    )  # fmt: skip


def _environment() -> dict[str, str]:
    import os

    return {n: v for n, v in os.environ.items() if n.startswith("SARCOMA_KG_")}


@pytest.fixture(scope="module")
def address(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served.serving(tmp_path_factory.mktemp("mcp")) as server:
        yield server.address


def test_every_tool_over_http(address: str, documents: Documents) -> None:
    _check_session(f"{address}/mcp", documents)


def test_a_list_of_tools_is_short(documents: Documents) -> None:
    """One tool for all questions takes a fraction of what one for each would."""
    listed = tools.described(documents.questions)
    one = sum(_tokens(tool.name, tool.text, tool.schema) for tool in listed)
    each = sum(
        _tokens(
            f"ask_{q.slug.replace('-', '_')}",
            q.summary,
            {
                "type": "object",
                "properties": {
                    **{p.name: {"type": "string", "description": p.kind} for p in q.parameters},
                    "offset": {"type": "integer"}, "limit": {"type": "integer"},
                },
                "additionalProperties": False,
            },
        )
        for q in documents.questions
    )  # fmt: skip
    others = sum(_tokens(t.name, t.text, t.schema) for t in listed if t.name != "ask")
    assert one < 2500
    assert 2 * one < each + others


def _tokens(name: str, text: str, schema: Mapping[str, Any]) -> int:
    return len(json.dumps({"name": name, "description": text, "inputSchema": schema})) // 4


def _bare_rows(here: Tools, questions: list[Question]) -> set[str]:
    """Return the questions with rows that name neither claim nor evidence; such rows say so."""
    bare = set()
    for question in questions:
        for row in here.call("ask", {"question": question.id})["rows"]:
            if not (row["claims"] or row["evidence"]):
                assert "no single claim" in row["note"]
                bare.add(question.id)
    return bare


def test_a_row_names_a_claim_or_evidence(here: Tools, documents: Documents) -> None:
    assert not _bare_rows(here, documents.questions[:60:12])


@pytest.mark.slow
def test_every_row_names_a_claim_or_evidence_or_says_that_it_rests_on_none(
    here: Tools, documents: Documents
) -> None:
    assert _bare_rows(here, documents.questions) <= WITHOUT_CLAIMS


_PIECES = (
    "GIST", "CQ01", "'; DROP", '"}] } #', "\0", "\ud800", "\u202e", "<script>", "../../etc/passwd",
    "file:///etc/passwd", "{}", "?" * 500, "SELECT * {?s ?p ?o}", "DROP ALL", "-1", "9" * 400,
    "http://127.0.0.1:9/", "\r\nSet-Cookie: a=b", "%00", "a" * 30_000, "(" * 5_000, "CQ99", "",
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "LOAD <file:///etc/passwd>",
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "drugs for " + "GIST " * 70,
)  # fmt: skip
_NAMES = ("name", "words", "question", "parameters", "query", "disease", "limit", "offset", "most",
          "__class__", "self", "\0")  # fmt: skip


def _value(chance: random.Random) -> Any:
    kind = chance.randrange(8)
    if kind < 4:
        return chance.choice(_PIECES)
    if kind == 4:
        return chance.choice([-1, 0, 1, 10**12, 2.5, True, None])
    if kind == 5:
        return [chance.choice(_PIECES)]
    return {chance.choice(_NAMES): chance.choice(_PIECES) for _ in range(chance.randrange(4))}


def _hostile(here: Tools, number: int) -> None:
    """Call tools with anything: each call gives a document, and refuses what it does not take."""
    chance = random.Random(20)
    known = [*(t.name for t in tools.described([])), "nope", "", "_refusal", "__init__"]
    refused = 0
    for _ in range(number):
        name = chance.choice(known)
        arguments = {chance.choice(_NAMES): _value(chance) for _ in range(chance.randrange(4))}
        made = here.call(name, arguments)
        assert {"kind", "build"} <= set(made)
        refused += made["kind"] == REFUSAL
        if made["kind"] == REFUSAL:
            assert made["problem"]
            assert "Traceback" not in made["problem"]
    assert refused > number // 2


def test_hostile_calls(here: Tools) -> None:
    _hostile(here, 30)


@pytest.mark.slow
def test_a_thousand_hostile_calls(here: Tools) -> None:
    _hostile(here, 1000)


def test_hostile_calls_over_stdio(documents: Documents) -> None:
    """What the protocol carries of them leaves the server able to answer."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("show", {"name": "\0"}), ("show", {"name": "../../etc/passwd"}), ("ask", {}),
        ("ask", {"question": 7}), ("ask", {"question": "CQ01", "parameters": {"x": "y"}}),
        ("query", {"query": "(" * 5000}), ("query", {"query": "LOAD <file:///etc/passwd>"}),
        ("search", {"words": "a" * 30_000}), ("search", {"words": "GIST", "most": 10**9}),
        ("nope", {"a": [1, {"b": None}]}), ("show", {"name": "GIST"}),
    ]  # fmt: skip
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "sarcoma_kg.cli", "mcp"], env=_environment()
    )
    *made, last = anyio.run(called, parameters, calls)
    assert {d["kind"] for d in made} == {REFUSAL}
    assert last == _whole(documents.thing("GIST"))


def test_what_a_client_says_amiss_does_not_end_the_server(build: builds.Build) -> None:
    import subprocess

    lines = [
        "{",
        "[]",
        "null",
        '{"jsonrpc":"2.0","id":1,"method":"tools/call"}',
        "\x00",
        "x" * 9999,
    ]
    done = subprocess.run(
        [sys.executable, "-m", "sarcoma_kg.cli", "mcp"], input="\n".join([*lines, ""]), text=True,
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in done.stdout.splitlines())


def test_without_the_library_the_way_out_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], build: builds.Build
) -> None:
    import importlib.util

    from sarcoma_kg import cli

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "mcp" else found(name, *more),
    )
    assert cli.main(["mcp"]) == 2
    assert "pip install 'sarcoma-kg[serve]'" in capfd.readouterr().err


def test_nothing_of_it_is_on_the_path_of_ask() -> None:
    import subprocess

    code = (
        "import sys; from sarcoma_kg import cli; cli.main(['ask', 'CQ01', 'GIST']); "
        "print([m for m in sys.modules if m.split('.')[0] in ('mcp', 'anyio', 'starlette') or "
        "m in ('sarcoma_kg.questions.routing', 'sarcoma_kg.questions.wordings')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_folder_of_tables_is_told_in_no_answer(here: Tools) -> None:
    for name, arguments, _ in CALLS:
        assert str(Path(__file__).parents[2]) not in json.dumps(here.call(name, arguments))
