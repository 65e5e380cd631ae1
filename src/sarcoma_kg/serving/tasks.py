"""What a worker does for the server: a query, a document, a description, a page."""

import io
import json
import os
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from sarcoma_kg.ground import formats, namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking, catalog, status_column
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.questions.wordings import prepare as read_wordings
from sarcoma_kg.serving import media, queries, relayed, tools
from sarcoma_kg.serving.documents import Document, Documents
from sarcoma_kg.serving.relayed import RelayedStore, Unreachable
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.outline import outline
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Reply
from sarcoma_kg.stores.worker import answer_here
from sarcoma_kg.terms.lookup import NotFound

__all__ = ["Worker", "prepare"]

_JSON = "application/json"


def prepare() -> None:
    """Import what a worker will need: when it works, it can open no file."""
    import difflib  # noqa: F401
    import encodings.idna  # noqa: F401

    import rdflib.plugins.sparql.parser  # noqa: F401

    import sarcoma_kg.questions.shown
    import sarcoma_kg.stores.w3c  # noqa: F401

    with_polars()
    read_wordings()


def with_polars() -> Any:
    """Return polars, which writes Parquet; None where it is not installed."""
    try:
        import polars
    except ImportError:
        return None
    return polars


class Worker:
    """Answers tasks over one graph.

    Args:
        settings: location (the folder of a build), or endpoint, graph and seconds; build (its
            digest), rows, size; pages: whether it makes pages alone.
        store: The graph of the build, where it is held in memory.
    """

    def __init__(self, settings: Mapping[str, Any], store: ox.Store | None = None) -> None:
        self._limits = queries.Limits(settings["rows"], settings["size"])
        self._site: Any = None
        location = settings["location"]
        if settings["pages"] and location:
            from sarcoma_kg.serving.site import Site

            self._site = Site.of(location)
            return
        if location:
            place = os.path.join(location, "store")
            self._store: EmbeddedStore | RelayedStore = (
                EmbeddedStore.open(place) if store is None else EmbeddedStore(store)
            )
            rows = json.loads(Path(location, "catalog.json").read_bytes())
            questions = [Question.from_dict(row) for row in rows]
        else:
            self._store = RelayedStore(
                settings["endpoint"], graph=settings["graph"], timeout=settings["seconds"]
            )
            questions = catalog.load()
        if with_polars() is not None:
            _parquet(["x"], [])  # Its threads want files, once.
        self._documents = Documents(self._store, questions, settings["build"])
        self._tools = tools.Tools(self._documents, self._reply)
        if settings["pages"]:
            from sarcoma_kg.serving.site import Site

            self._site = Site.copied(self._store, questions, self._documents.version)

    def do(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Do a task; never raises for what the task says.

        Returns:
            What tells about the answer (`status`, and `media` or the problem), and its content.
        """
        try:
            found = getattr(self, f"_{task['do']}")(task)
        except NotFound as error:
            return _problem(422, "unknown-name", error, near=error.near), b""
        except media.NotAcceptable as error:
            return _problem(406, "not-acceptable", error), b""
        except Unreachable as error:
            return _problem(503, "endpoint", error), b""
        except queries.TooLarge as error:
            return _problem(422, "answer-too-large", error), b""
        except UserError as error:
            status = 400 if task["do"] == "query" else 422
            return _problem(status, "refused", error), b""
        except MemoryError:
            told = UserError("the answer needed more memory than allowed", "ask for less")
            return _problem(503, "memory", told), b""
        except Exception:
            # A fault of ours: told whole where the log of the server goes, to nobody else.
            traceback.print_exc()
            told = UserError("a fault of this server, which is noted", "")
            return _problem(500, "fault", told), b""
        told, content = found
        return {"status": 200, **told}, content

    def _query(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        if isinstance(self._store, RelayedStore):
            written = relayed.answer(
                self._store, task["query"], task["accept"], self._limits,
                elsewhere=bool(task["default"] or task["named"]),
            )  # fmt: skip
            return {"media": written.media}, written.content
        written = queries.answer(
            self._store.inner, task["query"], task["accept"], self._limits,
            task["default"], task["named"],
        )  # fmt: skip
        return {"media": written.media}, written.content

    def _answer(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Answer a packaged question, as a document or a table."""
        wanted = media.chosen(task["accept"], media.DATA)
        typed, offset, limit = task["typed"], task["offset"], task["limit"]
        if wanted == _JSON:
            told = self._documents.answer(task["question"], typed, offset=offset, limit=limit)
            return _json(told)
        _, query = self._documents.ask(task["question"], typed)
        answer = asking.answer(self._store, query)
        columns, rows = status_column.with_status(self._store, answer)
        end = None if limit is None else offset + limit
        cells = [[_text(cell) for cell in row] for row in rows[offset:end]]
        complete = "true" if len(cells) == len(rows) else "false"
        told = {
            "media": wanted,
            "headers": {"x-total-rows": str(len(rows)), "x-complete": complete},
        }
        if wanted == "text/csv":
            return told, formats.render(columns, cells, "csv").encode()
        return told, _parquet(columns, cells)

    def _version(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Tell the date of the data, and how many triples there are."""
        (row,) = self._store.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").dicts()
        return {"version": self._documents.version, "triples": int(row["n"])}, b""

    def _document(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Make one of the documents that `Documents` makes."""
        return _json(getattr(self._documents, task["name"])(*task["args"], **task["named"]))

    def _tool(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Call a tool of an agent."""
        return _json(self._tools.call(task["name"], task["arguments"]))

    def _reply(self, query: str, most: int) -> Reply:
        """Answer a query of an agent; the server ends this worker when it takes too long."""
        if not isinstance(self._store, RelayedStore):
            return answer_here(self._store, query, most)
        judged = guard.check_read_only(query, "the query", namespaces.PREFIXES)
        reply = self._store.reply(judged, most)
        return reply._replace(solutions=reply.solutions.ordered(outline(judged).variables))

    def _page(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Make what lies at a path of the site."""
        found = self._site.file(task["path"], task["typed"])
        if found is None:
            return {"status": 404}, b""
        return {"media": found[0]}, found[1]

    def _place(self, task: Mapping[str, Any]) -> tuple[Document, bytes]:
        """Say where the page of an identifier lies."""
        place = self._site.place(task["path"])
        return {"status": 200 if place else 404, "place": place}, b""


def _json(document: Document) -> tuple[Document, bytes]:
    return {"media": _JSON}, json.dumps(document, ensure_ascii=False).encode()


def _text(cell: Term | str | None) -> str:
    return cell if isinstance(cell, str) else cell.cell if cell else ""


def _parquet(columns: list[str], rows: list[list[str]]) -> bytes:
    polars = with_polars()
    if polars is None:
        raise media.NotAcceptable("Parquet needs polars on the server", "accept text/csv")
    frame = polars.DataFrame(
        {name: [row[at] or None for row in rows] for at, name in enumerate(columns)},
        schema=dict.fromkeys(columns, polars.String),
    )
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd")
    return out.getvalue()


def _problem(status: int, name: str, error: UserError, **more: Any) -> Document:
    return {
        "status": status, "problem": name, "detail": error.message, "hint": error.hint, **more
    }  # fmt: skip
