"""What can be seen in a query without a parser: its form, its names, its variables.

Good for words to people and for order, never for a verdict: where `<` may begin an IRI or be a
comparison, what follows may be taken for something else than the engine takes it for.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sarcoma_kg.sparql.tokens import Token, tokenize

__all__ = ["Outline", "datasets", "outline"]

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


class Outline(NamedTuple):
    """The outline of a query.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE; where the text begins otherwise, its first word
            in upper case, such as INSERT; empty when there is none.
        variables: All variables, without `?`, in the order of the text, for SELECT *; else empty.
        names: IRI -> how the query writes it, of all that it looks for in the graph: neither
            datatypes, nor functions, nor what a CONSTRUCT makes.
        undeclared: The prefixes that are used and not declared, in the order of the text.
        depth: How deep its brackets are nested.
    """

    form: str
    variables: tuple[str, ...]
    names: dict[str, str]
    undeclared: tuple[str, ...]
    depth: int


def outline(query: str) -> Outline:
    """Return the outline of a query, or of what is none."""
    tokens = [token for token in tokenize(query) if token.kind != "space"]
    start, prefixes, base = _prologue(tokens)
    body = tokens[start:]
    words = [token.word for token in body[:3]]
    everything = words[:1] == ["SELECT"] and any(token.text == "*" for token in body[1:3])
    everything = everything and (body[1].text == "*" or words[1] in ("DISTINCT", "REDUCED"))
    found = dict.fromkeys(token.variable for token in body if token.variable)
    used = (t.text.partition(":")[0] for t in body if t.kind == "name" and t.text[0] != "_")
    return Outline(
        next((word for word in words if word), ""),
        tuple(found) if everything else (),
        dict(_names(body, prefixes, base)),
        tuple(dict.fromkeys(prefix for prefix in used if prefix not in prefixes)),
        _depth(body),
    )


def datasets(query: str) -> list[str]:
    """Return the IRIs of the graphs that FROM and FROM NAMED name; of one unknown what is written.

    Args:
        query: A query that an engine has read.
    """
    tokens = [token for token in tokenize(query) if token.kind != "space"]
    _, prefixes, base = _prologue(tokens)
    found = []
    for at, token in enumerate(tokens):
        if token.word == "FROM":
            rest = tokens[at + 1 :]
            name = next((t for t in rest[:2] if t.word != "NAMED"), token)
            if name.kind == "iri":
                found.append(_iri(name.text, base) or name.text)
            else:
                prefix, _, local = name.text.partition(":")
                found.append(prefixes.get(prefix, f"{prefix}:") + local)
    return found


def _prologue(tokens: list[Token]) -> tuple[int, dict[str, str], str]:
    """Return where the prologue ends, prefix -> namespace, and the base."""
    prefixes: dict[str, str] = {}
    at, base = 0, ""
    while at < len(tokens):
        following = [token.kind for token in tokens[at + 1 : at + 3]]
        if tokens[at].word == "PREFIX" and following == ["name", "iri"]:
            iri = tokens[at + 2].text
            prefixes[tokens[at + 1].text[:-1]] = _iri(iri, base) or iri[1:-1]
            at += 3
        elif tokens[at].word == "BASE" and following[:1] == ["iri"]:
            base = _iri(tokens[at + 1].text, base) or base
            at += 2
        else:
            break
    return at, prefixes, base


def _iri(written: str, base: str) -> str:
    """Return the absolute IRI between `<` and `>`; empty when there is none."""
    if _ABSOLUTE.match(written):
        return written[1:-1]
    if not base:
        return ""
    from urllib.parse import urljoin

    try:
        return urljoin(base, written[1:-1])
    except ValueError:
        return ""


def _names(body: list[Token], prefixes: dict[str, str], base: str) -> Iterator[tuple[str, str]]:
    """Yield the IRIs that are looked for, each with how it is written."""
    depth, template = 0, 0
    for at, token in enumerate(body):
        before = body[at - 1] if at else None
        if token.text == "{":
            depth += 1
            template = template or (depth if before and before.word == "CONSTRUCT" else 0)
        elif token.text == "}":
            template = template if depth > template else 0
            depth -= 1
        if template or token.kind not in ("iri", "name"):
            continue
        called = at + 1 < len(body) and body[at + 1].text == "("
        if called or (before and before.text == "^" and at > 1 and body[at - 2].text == "^"):
            continue
        prefix, _, local = token.text.partition(":")
        if token.kind == "iri":
            iri = _iri(token.text, base)
        else:
            iri = prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else ""
        if iri:
            yield iri, token.text


def _depth(body: list[Token]) -> int:
    depth, deepest = 0, 0
    for token in body:
        if token.text in ("(", "[", "{"):
            depth += 1
            deepest = max(depth, deepest)
        elif token.text in (")", "]", "}"):
            depth -= 1
    return deepest
