"""Class expressions in Manchester syntax, with labels in place of names.

py-horned-owl parses them; before that each label is replaced by the identifier that it is of.
"""

import re
from collections.abc import Callable

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import owlsyntaxes
from sarcoma_kg.sheets.names import Names
from sarcoma_kg.sheets.values import BadCell

__all__ = ["Expression", "expression", "wrapped"]

Node = ox.NamedNode | ox.BlankNode
#: The node of an expression, and the triples that describe it.
Expression = tuple[Node, list[ox.Triple]]

_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"(?:\^\^\S+|@[\w-]+)?|<[^<>\s=]*>|[<>]=?|[()\[\]{},]"""
    r"""|[^\s()\[\]{},<>"']+|\S"""
)
_RESTRICTS = {"some", "only", "value", "min", "max", "exactly", "self"}
_WORDS = _RESTRICTS | {
    "and",
    "or",
    "not",
    "that",
    "inverse",
    "integer",
    "decimal",
    "float",
    "string",
}
_FACETS = {"length", "minlength", "maxlength", "pattern", "langrange"}
_OWL, _XSD = namespaces.PREFIXES["owl"], namespaces.PREFIXES["xsd"]
_SUB = ox.NamedNode(namespaces.PREFIXES["rdfs"] + "subClassOf")
_ME = "urn:sarcoma-kg:cell"
_LONGEST = 20_000


def wrapped(value: str) -> str:
    """Return a cell as it goes in place of %: with quotes around a label of several words.

    What begins with a quote or a parenthesis is an expression.
    """
    value = value.strip()
    if value[:1] in ("'", '"', "(") or not re.search(r"\s", value):
        return value
    return "'" + value.replace("'", "\\'") + "'"


def expression(
    text: str, names: Names, find: Callable[[str], str | None], label: str
) -> Expression:
    """Return a class expression as triples.

    Args:
        text: The expression.
        names: Which names are properties, and of what kind.
        find: From a label, CURIE or IRI to an IRI; None where it is none.
        label: What labels of blank nodes begin with.

    Raises:
        BadCell: It does not parse, or a name in it is not known.
    """
    if len(text) > _LONGEST:
        raise BadCell("class expression", f"has more than {_LONGEST:,} characters.", text)
    tokens = _TOKEN.findall(text)
    made, used = [], set()
    for at, token in enumerate(tokens):
        after = tokens[at + 1].casefold() if at + 1 < len(tokens) else ""
        if _literally(token):
            made.append(token.casefold() if token.casefold() in _WORDS - {"self"} else token)
            continue
        iri = _found(token, find)
        if after in _RESTRICTS and iri not in names.properties:
            said = f"{token} is no property that is known."
            raise BadCell("unknown property", said, text)
        used |= {iri} & names.properties.keys()
        made.append(f"<{iri}>")
    kinds = {_OWL + "ObjectProperty": "ObjectProperty", _OWL + "DatatypeProperty": "DataProperty"}
    declared = "".join(
        f"{kinds[names.properties[p]]}: <{p}>\n"
        for p in sorted(used)
        if names.properties[p] in kinds
    )
    document = (
        f"Prefix: xsd: <{_XSD}>\nOntology: <urn:x>\n{declared}Class: <{_ME}>\n"
        f"    SubClassOf: {' '.join(made)}\n"
    )
    try:
        raw = owlsyntaxes.n_triples("cell", document, "text/owl-manchester", None)
    except (UserError, SyntaxError) as error:
        said = re.sub(r"^.*?column \d+: |^cell: ", "", getattr(error, "message", str(error)))
        raise BadCell("class expression", f"is no class expression: {said}.", text) from error
    return _part([q.triple for q in ox.parse(raw, format=ox.RdfFormat.N_TRIPLES)], label, text)


def _literally(token: str) -> bool:
    """Tell whether a token is no name: a word of the syntax, a number, a literal, a mark."""
    folded = token.casefold()
    return (
        folded in _WORDS | _FACETS
        or (token[0] in '"()[]{},<>=' and not token.startswith("<http"))
        or token.startswith("xsd:")
        or bool(re.fullmatch(r"[+-]?[0-9.]+f?", token))
    )


def _found(token: str, find: Callable[[str], str | None]) -> str:
    name = re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "'<" else token
    iri = find(name) if name else None
    if iri is None:
        raise BadCell(
            "unknown term",
            f"{token} is no label, and no identifier whose prefix is known. Put an expression into "
            "parentheses, and a label of several words into single quotes.", token,
        )  # fmt: skip
    return iri


def _part(triples: list[ox.Triple], label: str, text: str) -> Expression:
    """Return the node that the expression is, with what describes it, under labels of ours."""
    about: dict[object, list[ox.Triple]] = {}
    for triple in triples:
        about.setdefault(triple.subject, []).append(triple)
    root = next((t.object for t in about.get(ox.NamedNode(_ME), ()) if t.predicate == _SUB), None)
    if root is None:
        raise BadCell("class expression", "is no class expression.", text)
    named: dict[object, ox.BlankNode] = {}

    def ours(node: object) -> object:
        if isinstance(node, ox.BlankNode):
            return named.setdefault(node, ox.BlankNode(f"{label}x{len(named)}"))
        return node

    found, todo = [], [root]
    while todo:
        node = todo.pop()
        for triple in (
            sorted(about.get(node, ()), key=str) if isinstance(node, ox.BlankNode) else ()
        ):
            found.append(ox.Triple(ours(triple.subject), triple.predicate, ours(triple.object)))  # type: ignore[arg-type]
            todo.append(triple.object)
    return ours(root), found  # type: ignore[return-value]
