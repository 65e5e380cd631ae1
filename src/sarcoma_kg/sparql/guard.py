"""What a query may do: read the graph, and nothing else.

Threats and defences are those of SECURITY.md: no reading of other files or addresses from within a
query, no updates.

A query can reach elsewhere by two words only, SERVICE and FROM; as a query, the engine takes no
update. Whether such a word is a keyword, or stands in a string, a name or a comment, is asked of
the engine itself, so that nobody else's reading of strings and comments counts: the query that it
reads first has another word of as many letters in its place, one that is no keyword. If the engine
still reads it, then it took the letters for a part of something longer, as it will take the word.
Where it does not, the query is refused.

For that, letters have to be alike wherever they are no keyword. They are in strings, comments,
IRIs, names, variables and language tags; the words of SPARQL do not overlap with these two; and
the grammar gives one reading to a text: `<` begins an IRI where a term may stand, and a comparison
where an operator may. `tests/sparql/test_fast_guard.py` holds this against another parser, and
against a listener.
"""

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.outline import Outline, outline
from sarcoma_kg.sparql.tokens import tokenize, without_escapes

__all__ = ["MOST_NESTED", "check_read_only"]

#: Word -> why it is refused.
_REFUSED = {
    "SERVICE": "SERVICE sends parts of the query to another server",
    "FROM": "FROM makes the engine read other graphs or files",
}
_REFUSED_WORD = re.compile("|".join(_REFUSED), re.IGNORECASE)
_REFUSED_UNLESS_DATASETS = re.compile("SERVICE", re.IGNORECASE)
_UPDATES = {
    "INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH",
}  # fmt: skip
#: Brackets within brackets; some thousand end the engine, and the process with it.
MOST_NESTED = 500


def check_read_only(
    query: str, where: str, known: Mapping[str, str] | None = None, *, datasets: bool = False
) -> str:
    """Refuse a query that is not a plain read of the graph.

    The engine reads the query, over a store with nothing in it. That takes time and memory; the
    query of a stranger belongs into a process with limits (`stores.isolated`).

    Args:
        query: SPARQL 1.1 text.
        where: Name for messages (a file name, '-').
        known: Prefixes that need not be declared.
        datasets: Let FROM pass, for an engine that looks for its graphs in the store alone.

    Returns:
        The text to run: with line ends alike, codepoint escapes undone, and those of the known
        prefixes declared that it uses.

    Raises:
        UserError: an update, a syntax error (with line and column), a prefix that is not declared,
            SERVICE, or FROM; nested too deeply.
    """
    query = query.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    query = _unescaped(query, where)
    if not query.strip():
        raise UserError(f"{where}: the query is empty")
    seen = outline(query)
    if seen.depth > MOST_NESTED:
        raise UserError(
            f"{where}: the query is nested too deeply: {seen.depth:,} brackets within each other",
            f"at most {MOST_NESTED}",
        )
    text = query
    if known:
        declared = (f"PREFIX {p}: <{known[p]}> " for p in seen.undeclared if p in known)
        text = "".join(declared) + query
    refused = _REFUSED_UNLESS_DATASETS if datasets else _REFUSED_WORD
    said = _engine_refuses(refused.sub(lambda found: "Q" * len(found[0]), text))
    if said is not None:
        raise _explained(query, seen, said, where, known or {})
    return text


def _unescaped(query: str, where: str) -> str:
    plain = without_escapes(query)
    # What is undone may be half of another escape; our reading and the engine's would part there.
    left = re.search(r"(?<!\\)(?:\\\\)*\\[uU]|[\ud800-\udfff]", plain)
    if left:
        number = plain.count("\n", 0, left.start()) + 1
        raise UserError(
            f"{where}: line {number}: this codepoint escape (\\u, \\U) cannot be undone",
            "type the character itself",
        )
    return plain


def _engine_refuses(query: str) -> str | None:
    """Return what the engine has against the syntax of a query; None when it takes it."""
    import pyoxigraph as ox

    try:
        # With a base, since a relative IRI is no fault of syntax.
        ox.Store().query(query, base_iri="http://example.org/")
    except SyntaxError as error:
        return str(error)
    except (ValueError, RuntimeError, OSError):
        pass  # It was read; a function that the engine does not know is told when it runs.
    return None


def _explained(
    query: str, seen: Outline, said: str, where: str, known: Mapping[str, str]
) -> UserError:
    """Return why a query was refused, in words for people."""
    tokens = tokenize(query)
    for word, why in _REFUSED.items():
        if any(token.word.startswith(word) for token in tokens):
            return UserError(f"{where}: refused: {why}")
    if seen.form in _UPDATES:
        return UserError(
            f"{where}: this is an update; only queries (SELECT, ASK, CONSTRUCT, DESCRIBE) are run",
            "edit the Turtle files and run `sarcoma-kg build` to change the graph",
        )
    if missing := [prefix for prefix in seen.undeclared if prefix not in known]:
        namespace = namespaces.PREFIXES.get(missing[0])
        hint = (
            f"add PREFIX {missing[0]}: <{namespace}>, or let --prefixes declare what is known"
            if namespace
            else "declare it by PREFIX"
        )
        return UserError(f"{where}: the prefix {missing[0]}: is not declared", hint)
    fault = _fault(query, said)
    hidden = _REFUSED_WORD.search(query)
    if hidden and (not fault.column or any(t.kind == "iri" and "'" in t.text for t in tokens)):
        return UserError(
            f"{where}: refused: {_REFUSED[hidden[0].upper()]}",
            "where it is no keyword: put a space behind each < that compares",
        )
    place = f": line {fault.line}" if fault.line else ""
    place += f", column {fault.column}" if fault.column else ""
    return UserError(
        f"{where}{place}: not a SPARQL 1.1 query: {fault.words}",
        "`sarcoma-kg ask CQ01 --show-query` prints a working example",
    )


class _Fault(NamedTuple):
    """A fault of syntax: line and column, 0 when unknown, and what was expected."""

    line: int
    column: int
    words: str


def _fault(query: str, said: str) -> _Fault:
    """Return where a query breaks the syntax, by another parser, whose messages people can read."""
    from rdflib.plugins.sparql.parser import parseQuery

    # It logs a traceback for a literal that Python cannot convert, such as 5,000 digits.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        parseQuery(query)
    except RecursionError:
        pass
    except Exception as error:  # its actions raise whatever they like, also for valid queries
        if line := getattr(error, "lineno", 0):
            return _Fault(line, getattr(error, "column", 0), str(error).splitlines()[0])
    at = re.match(r"error at (\d+):\d+: ", said)
    words = " ".join(said[at.end() if at else 0 :].split())
    return _Fault(int(at[1]) if at else 0, 0, words[:200])
