"""What a query may do: read the graph, and nothing else.

Threats and defences are those of SECURITY.md: no reading of other files or addresses from within a
query, no updates.
"""

import logging
import re
from typing import Any

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql import tokens

__all__ = ["check_read_only"]

_REFUSED = {
    "ServiceGraphPattern": "SERVICE sends parts of the query to another server",
    "DatasetClause": "FROM makes the engine read other graphs or files",
}


#: The words that begin what is refused.
_WORDS = {"SERVICE": "ServiceGraphPattern", "FROM": "DatasetClause"}


def check_read_only(query: str, where: str) -> str:
    """Refuse a query that is not a plain read of the graph.

    It is judged on the form that our parser gives it. Our parser and the engine must read the same
    query, so line ends are made alike, and codepoint escapes, which the two undo at different
    moments, are undone. What our parser cannot read and the engine can passes when the words of
    what is refused stand nowhere in it, not even in a string or a comment.

    Args:
        query: SPARQL 1.1 text.
        where: Name for messages (a file name, '-').

    Returns:
        The text to run.

    Raises:
        UserError: an update, a syntax error (with line and column), a prefix that is not declared,
            SERVICE, or FROM.
    """
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

    # It logs a traceback for a literal that Python cannot convert, such as 5,000 digits.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    query = query.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    query = _unescaped(query, where)
    if not query.strip():
        raise UserError(f"{where}: the query is empty")
    try:
        _judge(parseQuery(query), where)
    except RecursionError as error:
        raise UserError(f"{where}: the query is nested too deeply") from error
    except UserError:
        raise
    except Exception as error:
        try:
            parseUpdate(query)
        except Exception:
            _judge_words(query, where)
            if _engine_reads(query):
                return query
            line = getattr(error, "lineno", None)
            column = getattr(error, "column", None)
            place = f": line {line}, column {column}" if line else ""
            message = str(error).splitlines()[0]
            raise UserError(
                f"{where}{place}: not a SPARQL 1.1 query: {message}",
                "`sarcoma-kg ask CQ01 --show-query` prints a working example",
            ) from error
        raise UserError(
            f"{where}: this is an update; only queries (SELECT, ASK, CONSTRUCT, DESCRIBE) are run",
            "edit the Turtle files and run `sarcoma-kg build` to change the graph",
        ) from error
    return query


def _unescaped(query: str, where: str) -> str:
    plain = tokens.without_escapes(query)
    # What is undone may be half of another escape; our parser and the engine would part there.
    left = re.search(r"(?<!\\)(?:\\\\)*\\[uU]|[\ud800-\udfff]", plain)
    if left:
        number = plain.count("\n", 0, left.start()) + 1
        raise UserError(
            f"{where}: line {number}: this codepoint escape (\\u, \\U) cannot be undone",
            "type the character itself",
        )
    return plain


def _judge(parsed: Any, where: str) -> None:
    """Refuse what a parsed query may not hold, and prefixes that it does not declare."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    prologue, body = parsed
    declared = {node.prefix or "" for node in prologue if node.name == "PrefixDecl"}
    todo: list[object] = [prologue, body]
    while todo:
        node = todo.pop()
        if isinstance(node, CompValue):
            if node.name in _REFUSED:
                raise UserError(f"{where}: refused: {_REFUSED[node.name]}")
            if node.name == "pname" and (prefix := node.prefix or "") not in declared:
                known = namespaces.PREFIXES.get(prefix)
                hint = f"add PREFIX {prefix}: <{known}>" if known else "declare it by PREFIX"
                raise UserError(f"{where}: the prefix {prefix}: is not declared", hint)
            todo.extend(node.values())
        elif isinstance(node, list | tuple | ParseResults):
            todo.extend(node)


def _judge_words(query: str, where: str) -> None:
    """Refuse a query that holds a word of what is refused, be it in a string or a comment.

    Where those end is not judged: `?x<'>'` is an IRI to one reader, and to another a comparison
    with a string, which may hide what follows.
    """
    for word, kind in _WORDS.items():
        if word in query.upper():
            raise UserError(f"{where}: refused: {_REFUSED[kind]}")


def _engine_reads(query: str) -> bool:
    """Tell whether the engine takes this for a query, over a store with nothing in it."""
    import pyoxigraph as ox

    try:
        ox.Store().query(query)
    except (SyntaxError, ValueError, RuntimeError, OSError):
        return False
    return True
