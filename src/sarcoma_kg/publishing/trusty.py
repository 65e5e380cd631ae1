"""Trusty URIs: names that hold a hash of what they name, so that a change is noticed.

Module RA (RDF graphs) of the Trusty URI Specification, version 1, https://trustyuri.net/. An
artifact code is the module's two letters and the SHA-256 of all statements in a fixed order. The
statements may name the trusty URI itself: the code counts as a blank there.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

import pyoxigraph as ox

__all__ = ["UNKNOWN", "Statement", "artifact_code", "code_in", "code_of", "hashed", "statement"]

#: Stands for the artifact code in statements for which it is still to be computed.
UNKNOWN = "RA" + "A" * 43

_CODE = re.compile(r"(?:^|[^A-Za-z0-9_-])(RA[A-Za-z0-9_-]{43})$")
_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Statement(NamedTuple):
    """A triple as it goes into the hash.

    Attributes:
        order: What it is sorted by within its graph.
        text: Its three lines.
    """

    order: tuple[str, str, int, str, int, str]
    text: str


def _blanked(node: object, code: str) -> str:
    if not isinstance(node, ox.NamedNode):
        raise ValueError(f"module RA has no way to name {node}: give it an IRI")
    return node.value.replace(code, " ") if code else node.value


def statement(about: object, link: object, node: object, code: str) -> Statement:
    """Return a triple as it goes into the hash.

    Args:
        about: The subject, an IRI.
        link: The predicate.
        node: The object, an IRI or a literal.
        code: The artifact code, which counts as a blank within IRIs; empty when it is known not
            to occur.

    Raises:
        ValueError: there is a blank node, which module RA does not know.
    """
    subject, predicate = _blanked(about, code), _blanked(link, code)
    if not isinstance(node, ox.Literal):
        value = _blanked(node, code)
        order = (subject, predicate, 0, value, 0, "")
        return Statement(order, f"{subject}\n{predicate}\n{value}\n")
    label = node.value
    # The order looks at the label as it is, the hash at the escaped one.
    escaped = label.replace("\\", "\\\\").replace("\n", "\\n")
    if node.language:
        language = node.language.lower()
        order, tag = (subject, predicate, 1, label, 0, language), f"@{language}"
    else:
        datatype = node.datatype.value or _STRING
        order, tag = (subject, predicate, 1, label, 1, datatype), f"^{datatype}"
    return Statement(order, f"{subject}\n{predicate}\n{tag} {escaped}\n")


def hashed(graph: str, statements: Iterable[Statement]) -> bytes:
    """Return what statements of one graph add to what is hashed.

    The order is by graph, then subject: what is known of one subject in one graph can be put
    between others as it is.

    Args:
        graph: The name of the graph with a blank for the artifact code.
        statements: In any order.
    """
    return "".join(f"{graph}\n{one.text}" for one in sorted(set(statements))).encode()


def artifact_code(parts: Iterable[bytes]) -> str:
    """Return the artifact code of what is hashed.

    Args:
        parts: From `hashed`, ordered by graph and subject.

    Returns:
        45 characters, the first two `RA`.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return "RA" + base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def code_of(quads: Iterable[ox.Quad], code: str) -> str:
    """Return the artifact code that quads ought to have.

    Args:
        quads: Named graphs without blank nodes.
        code: The code that they hold now, or `UNKNOWN`. The quads are what they were when the
            code was made, if and only if the answer is the same.

    Raises:
        ValueError: there is a blank node.
    """
    graphs: dict[str, list[Statement]] = {}
    for quad in quads:
        default = isinstance(quad.graph_name, ox.DefaultGraph)
        name = "" if default else _blanked(quad.graph_name, code)
        graphs.setdefault(name, []).append(
            statement(quad.subject, quad.predicate, quad.object, code)
        )
    return artifact_code(hashed(name, graphs[name]) for name in sorted(graphs))


def code_in(iri: str) -> str | None:
    """Return the artifact code at the end of an IRI; None when it can be no trusty URI."""
    found = _CODE.search(iri)
    return found[1] if found else None
