"""The server as its clients see it: identifiers, API, negotiation, validators, methods."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import asking, catalog, status_column
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.stores.remote import RemoteStore
from sarcoma_kg.stores.store import EmbeddedStore
from tests.passes import some_slow
from tests.serving.served import Server, serving

GIST = "ontology/GastrointestinalStromalTumor"
QUESTIONS = [question.id for question in catalog.load()]


@pytest.fixture(scope="module")
def server(build: builds.Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as made:
        yield made


@pytest.mark.parametrize(
    ("accept", "ending", "media"),
    [
        ("text/html,*/*;q=0.1", "html", "text/html"),
        ("text/turtle", "ttl", "text/turtle"),
        ("application/ld+json", "jsonld", "application/ld+json"),
        ("application/n-triples, text/turtle;q=0.5", "nt", "application/n-triples"),
    ],
)
@pytest.mark.parametrize("name", [GIST, "id/claim-S2-3.2-SS-01", "id/source-S1"])
def test_an_identifier_leads_to_its_description(
    client: httpx.Client, name: str, accept: str, ending: str, media: str
) -> None:
    first = client.get(f"/{name}", headers={"accept": accept})
    assert first.status_code == 303
    assert first.headers["location"].endswith(f"{name.rpartition('/')[2]}.{ending}")
    answer = client.get(f"/{name}", headers={"accept": accept}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    if ending == "jsonld":
        known = json.loads(answer.content)
        assert namespaces.contract(f"https://w3id.org/sarcoma-kg/{name}") in json.dumps(known)
    elif ending != "html":
        form = ox.RdfFormat.from_media_type(media)
        assert form is not None
        subjects = {q.subject for q in ox.parse(answer.content, format=form)}
        assert ox.NamedNode(f"https://w3id.org/sarcoma-kg/{name}") in subjects


def test_versioned_identifiers_and_unknown_ones(client: httpx.Client) -> None:
    version = client.get("/health").json()["version"]
    turtle = {"accept": "text/turtle"}
    for path in (f"/{version}/ontology", "/ontology", f"/{version}/{GIST}"):
        assert client.get(path, headers=turtle, follow_redirects=True).status_code == 200
    for path in ("/1999-01-01/ontology", "/ontology/NoSuch", "/nowhere", "/id/", "/x.html"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_question_as_json_csv_and_parquet(client: httpx.Client, store: EmbeddedStore) -> None:
    address = "/api/questions/CQ01?disease=synovial%20sarcoma"
    told = client.get(address)
    assert told.headers["link"].startswith("<https://creativecommons.org/licenses/by/4.0/>")
    document = told.json()
    assert document["complete"] is True
    assert document["claims"]
    answer = client.get(address, headers={"accept": "text/csv"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["x-complete"] == "true"
    assert len(rows) == document["count"] + 1
    assert rows[0][: len(document["columns"])] == document["columns"]
    import polars

    frame = polars.read_parquet(client.get(f"{address}&format=parquet").content)
    assert frame.columns == rows[0]
    assert [[c or "" for c in row] for row in frame.rows()] == rows[1:]
    page = client.get(f"{address}&limit=1&format=csv")
    assert (page.headers["x-complete"], page.headers["x-total-rows"]) == (
        str(len(rows) == 2).lower(), str(len(rows) - 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "question", some_slow(QUESTIONS, lambda _, name: name in {"CQ01", "CQ21", "CQ60"})
)
def test_every_question_is_answered_alike_over_http(
    client: httpx.Client, server: Server, build: builds.Build, store: EmbeddedStore, question: str
) -> None:
    """By `ask`, by `ask --endpoint`, and by the API: the same rows in the same order."""
    known = [Question.from_dict(row) for row in build.catalog()]
    found = catalog.find(known, question)
    here = asking.answer(store, found.query())
    there = asking.answer(RemoteStore(f"{server.address}/sparql"), found.query())
    assert there == here
    columns, told = status_column.with_status(store, here)
    rows = [[c if isinstance(c, str) else c.cell if c else "" for c in row] for row in told]
    answer = client.get(f"/api/questions/{question}?format=parquet")
    import polars

    frame = polars.read_parquet(answer.content)
    assert frame.columns == list(columns)
    assert [[c or "" for c in row] for row in frame.rows()] == rows
    document = client.get(f"/api/questions/{question}").json()
    assert document["count"] == len(rows)
    assert document["query"] == found.query()


def test_what_is_unknown_brings_the_nearest(client: httpx.Client) -> None:
    answer = client.get("/api/questions/CQ01?disease=liposarcma")
    assert answer.status_code == 422
    problem = answer.json()
    assert any("liposarcoma" in name for name in problem["near"])
    for path in ("/api/questions/CQ99", "/api/questions/CQ01?therapy=x", "/api/terms?limit=0",
                 "/api/search", "/api/claims?limit=-1", "/api/terms/NoSuchThing"):  # fmt: skip
        assert client.get(path).status_code == 422, path


def test_a_sentence_is_routed_or_not(client: httpx.Client) -> None:
    told = client.get("/api/route", params={"sentence": "which drugs help in GIST"}).json()
    assert (told["question"], told["parameters"], told["missing"]) == (
        "CQ01", {"disease": "gastrointestinal stromal tumour"}, []
    )  # fmt: skip
    assert "not understood" in told["note"]
    told = client.get("/api/route", params={"sentence": "how much does a taxi cost"}).json()
    assert "question" not in told
    assert told["why"]


def test_lists_and_openapi(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    parameter = described["paths"]["/api/questions/CQ01"]["get"]["parameters"][0]
    assert (parameter["name"], parameter["schema"]["default"]) == (
        "disease", "skg:GastrointestinalStromalTumor",
    )  # fmt: skip
    samples = {
        "q": "imatinib", "name": "GIST", "disease": "GIST", "limit": "3", "kind": "Disease",
        "sentence": "which drugs help in GIST",
    }  # fmt: skip
    for path, does in described["paths"].items():
        if path.startswith("/api/questions/"):
            continue
        given = {
            p["name"]: samples[p["name"]]
            for p in does["get"]["parameters"]
            if p["in"] == "query" and p["name"] in samples
        }
        name = "S2-3.2-SS-01" if "claims" in path else "abemaciclib-sarc041"
        name = "GIST" if "terms" in path else name
        answer = client.get(path.replace("{name}", name), params=given)
        assert answer.status_code == 200, (path, answer.text)
        assert "complete" in answer.json()
        assert answer.json()["license"]


def test_validators_packing_methods(client: httpx.Client) -> None:
    first = client.get(f"/{GIST}.html", headers={"accept-encoding": "identity"})
    known = {"if-none-match": first.headers["etag"], "accept-encoding": "identity"}
    again = client.get(f"/{GIST}.html", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    with client.stream("GET", f"/{GIST}.html", headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == first.content
    head = client.head(f"/{GIST}.html", headers={"accept-encoding": "identity"})
    assert head.content == b""
    assert head.headers["content-length"] == str(len(first.content))
    allowed = client.options("/sparql", headers={"origin": "https://example.org"})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    assert client.delete("/sparql").status_code == 405
    assert "GET" in client.put("/health").headers["allow"]
    refused = client.get("/sparql?query=ASK%7B%7D", headers={"accept": "image/png"})
    assert refused.status_code == 406


def _ask(client: httpx.Client, query: str, **headers: str) -> httpx.Response:
    return client.post("/sparql", data={"query": query}, headers=headers)


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_columns_keep_the_order_of_the_query(client: httpx.Client, form: str) -> None:
    query = "SELECT * { ?zeta a skg:Source ; rdfs:label ?alpha }"
    answer = client.get("/sparql", params={"query": query, "format": form}).text
    assert answer.index("zeta") < answer.index("alpha")


def test_refused_queries(client: httpx.Client) -> None:
    for query in (
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        "ASK FROM skg:x { }", "INSERT DATA { <a> <b> <c> }", "LOAD <file:///etc/passwd>",
        "SELECT * {", "", "(" * 10_000, "SELECT * { " + "{" * 10_000,
    ):  # fmt: skip
        answer = _ask(client, query)
        assert answer.status_code == 400, (query[:80], answer.text)
        assert answer.json()["detail"]
    answer = client.post("/sparql", data={"update": "CLEAR ALL"})
    assert answer.status_code == 403


def test_the_form_of_a_question_is_answered(client: httpx.Client) -> None:
    page = client.get("/questions/CQ01.html?disease=synovial+sarcoma").text
    assert 'value="synovial sarcoma"' in page
    assert "S2-3.2-SS-01" in page
    assert "externally disputed" in page
    assert "S2-3.2-GIST-07" not in page
    script = "<script>alert(1)</script>"
    hostile = client.get("/questions/CQ01.html", params={"disease": script})
    assert hostile.status_code == 422
    assert hostile.headers["content-type"] == "application/problem+json"


def test_descriptions_of_itself(client: httpx.Client, server: Server) -> None:
    turtle = client.get("/sparql", headers={"accept": "text/turtle"}).content
    graph = ox.Store()
    graph.load(turtle, format=ox.RdfFormat.TURTLE)
    prologue = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX void: <http://rdfs.org/ns/void#> "
    found = graph.query(f"{prologue}SELECT ?q {{ ?q a sh:SPARQLExecutable ; sh:select ?text }}")
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == len(QUESTIONS)
    graph.load(client.get("/.well-known/void").content, format=ox.RdfFormat.TURTLE)
    assert graph.query(f"{prologue}ASK {{ ?d void:sparqlEndpoint <{server.address}/sparql> }}")


def test_the_log_keeps_no_query_and_takes_no_lines(client: httpx.Client, server: Server) -> None:
    client.get("/no%0Awhere%1b%5B31m", params={"secret": "a-secret-of-mine"})
    _ask(client, "ASK { <http://example.org/a-secret-of-mine> ?p ?o }")
    text = server.log.read_text()
    assert "a-secret-of-mine" not in text
    assert "\x1b" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"time", "method", "path", "status", "bytes", "seconds"} <= set(lines[0])


@pytest.mark.slow
def test_pages_are_those_of_a_release(client: httpx.Client, release: Path) -> None:
    site = release / "site"
    differ = []
    for path in sorted(site.rglob("*")):
        place = path.relative_to(site).as_posix()
        # What tells of the files of a release, or has a form here, is another.
        own = place in {"index.html", "ontology/index.owl", "claims.csv"} or path.is_dir()
        if own or place.startswith(("questions/CQ", "sitemap", ".")):
            continue
        answer = client.get("/" + quote(place))
        expected = path.read_bytes()
        if place == "search-index.js":  # It says that there is a server to ask, too.
            expected += b"sarcomaKgIndex.live = true;\n"
        if answer.status_code != 200 or answer.content != expected:
            differ.append(place)
    assert not differ
