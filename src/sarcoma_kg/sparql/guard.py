"""What a query may do: read the graph, and nothing else.

Threats and defences are those of SECURITY.md: no reading of other files or addresses from within a
query, no updates.
"""

import logging
import re

from sarcoma_kg.ground.errors import UserError

__all__ = ["check_read_only"]

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

    # It logs a traceback for a literal that Python cannot convert, such as 5,000 digits.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
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
