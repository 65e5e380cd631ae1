"""What untrusted input may do: RDF files that users bring and queries that they type.

Threats and defences are those of SECURITY.md: no document type definitions (entity bombs), no
remote contexts, no reading of other files or addresses from within a query, no updates.
"""

import contextlib
import re
import shutil
import uuid
from pathlib import Path

from sarcoma_kg.errors import UserError

__all__ = [
    "RDF_SUFFIXES",
    "check_read_only",
    "read_rdf_bytes",
    "read_text",
    "replace_text",
]

#: File name suffix -> media type that the parser is told.
RDF_SUFFIXES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".rdf": "application/rdf+xml",
    ".owl": "application/rdf+xml",
    ".xml": "application/rdf+xml",
}
_MAX_BYTES = 512 * 1024 * 1024
_DTD = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def _existing(path: Path) -> None:
    if not path.exists():
        raise UserError(f"{path}: no such file", "check the path")
    if path.is_dir():
        raise UserError(f"{path}: is a directory", "name one or more files in it")
    if not path.is_file():
        raise UserError(f"{path}: is no ordinary file", "save it as a file first")


def _read_bytes(path: Path) -> bytes:
    _existing(path)
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise UserError(f"{path}: {size} bytes, more than the {_MAX_BYTES} this command reads")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        UserError: missing, a directory, unreadable, empty, or not UTF-8 text.
    """
    raw = _read_bytes(path)
    if not raw.strip():
        raise UserError(f"{path}: the file is empty")
    try:
        # Some editors put a byte order mark first.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}: line {line}: not UTF-8 text", "is this a binary file? save it as UTF-8"
        ) from error
    if "\0" in text:
        raise UserError(f"{path}: holds NUL bytes, so it is not a text file")
    return text


def replace_text(path: Path, text: str) -> None:
    """Write a file beside and rename it, so that nobody ever sees half of it.

    A symbolic link stays one: the file that it points at is replaced.

    Raises:
        UserError: the folder or the disk does not take it; the old file is untouched.
    """
    beside: Path | None = None
    try:
        target = path.resolve()
        beside = target.with_name(f".{uuid.uuid4().hex}.part")
        beside.write_text(text, encoding="utf-8")
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, up to Python 3.12
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be written: {reason}") from error
    finally:
        if beside:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def read_rdf_bytes(path: Path) -> tuple[bytes, str]:
    """Return the bytes of an RDF file and its media type.

    Raises:
        UserError: as `read_text`; an unknown suffix; an XML document type definition.
    """
    text = read_text(path)
    media_type = RDF_SUFFIXES.get(path.suffix.lower())
    if media_type is None:
        raise UserError(
            f"{path}: unknown kind of RDF file '{path.suffix or path.name}'",
            f"known: {', '.join(RDF_SUFFIXES)}",
        )
    if media_type == "application/rdf+xml" and (found := _DTD.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        raise UserError(
            f"{path}: line {line}: document type definitions and entities are refused",
            "save the file as Turtle, or expand the entities and remove the DOCTYPE",
        )
    return text.encode(), media_type


_REFUSED = {
    "ServiceGraphPattern": "SERVICE sends parts of the query to another server",
    "DatasetClause": "FROM makes the engine read other graphs or files",
}


def check_read_only(query: str, where: str) -> str:
    """Refuse a query that is not a plain read of the graph, judged on its parsed form.

    Our parser and the engine must read the same query: line ends are made alike, and codepoint
    escapes, which the two expand at different moments, are refused.

    Args:
        query: SPARQL 1.1 text.
        where: Name for messages (a file name, '-').

    Returns:
        The text to run.

    Raises:
        UserError: an update, a syntax error (with line and column), an escape, SERVICE, or FROM.
    """
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
    from rdflib.plugins.sparql.parserutils import CompValue

    query = query.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not query.strip():
        raise UserError(f"{where}: the query is empty")
    if escape := re.search(r"\\[uU]", query):
        number = query.count("\n", 0, escape.start()) + 1
        raise UserError(
            f"{where}: line {number}: codepoint escapes (\\u, \\U) are refused",
            "type the character itself",
        )
    try:
        parsed = parseQuery(query)
    except RecursionError as error:
        raise UserError(f"{where}: the query is nested too deeply") from error
    except Exception as error:
        try:
            parseUpdate(query)
        except Exception:
            line = getattr(error, "lineno", None)
            column = getattr(error, "column", None)
            place = f": line {line}, column {column}" if line else ""
            message = str(error).splitlines()[0]
            raise UserError(
                f"{where}{place}: not a SPARQL 1.1 query: {message}",
                "declare every PREFIX; `sarcoma-kg ask CQ01 --show-query` prints a working example",
            ) from error
        raise UserError(
            f"{where}: this is an update; only queries (SELECT, ASK, CONSTRUCT, DESCRIBE) are run",
            "edit the Turtle files and run `sarcoma-kg build` to change the graph",
        ) from error

    def walk(node: object) -> None:
        if isinstance(node, CompValue):
            if node.name in _REFUSED:
                raise UserError(f"{where}: refused: {_REFUSED[node.name]}")
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple | ParseResults):
            for value in node:
                walk(value)

    try:
        walk(list(parsed))
    except RecursionError as error:
        raise UserError(f"{where}: the query is nested too deeply") from error
    return query
