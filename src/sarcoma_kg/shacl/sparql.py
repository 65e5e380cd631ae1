"""sh:sparql constraints (SHACL, section 5): a query for one focus node, asked for all at once.

The specification pre-binds $this, once for each focus node. Here the focus nodes are joined into
the query instead: at the head of its WHERE clause, and of each inner group that filters or binds,
because groups are evaluated on their own. What cannot be asked that way is refused.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl import sets
from sarcoma_kg.shacl.graph import NOT_IN_IRI, SH, ShapesGraph, Unsupported, name
from sarcoma_kg.shacl.guards import Guard
from sarcoma_kg.shacl.logic import joined
from sarcoma_kg.sparql import guard
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.sparql.tokens import Token, tokenize

if TYPE_CHECKING:
    from sarcoma_kg.shacl.shapes import Shape

__all__ = ["PLACEHOLDER", "Select", "read"]

_SPACE = Token("space", "\n")
#: A prefix as SPARQL has it (PN_PREFIX, empty among them).
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.-]*[\w-])?)?")
_HIDDEN = re.compile("SERVICE|FROM", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_IMPORTS = "http://www.w3.org/2002/07/owl#imports"
#: Far more than people write, and far less than the stack of the engine holds.
_DEEPEST, _LONGEST = 200, 10_000
_RESERVED = ("this", "PATH", "shapesGraph", "currentShape")


class Select(NamedTuple):
    """A query ready for focus nodes.

    Attributes:
        prologue: Its prefixes.
        pieces: Its text, cut where the focus nodes have to stand.
        columns: Its result variables.
        messages: The values of sh:message of the constraint.
        steps: Its triple patterns, each for itself, where it has nothing else but filters.
        tests: The filters, and for FILTER NOT EXISTS what MINUS says.
    """

    prologue: str
    pieces: tuple[str, ...]
    columns: tuple[str, ...]
    messages: tuple[Term, ...]
    steps: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    def text(self, focus: str) -> str:
        """Return the query over the focus nodes that a graph pattern binds to ?this."""
        nodes = f" {{ SELECT DISTINCT ?this WHERE {{ {focus} }} }} "
        chosen = " ".join(f"?{column}" for column in self.columns)
        return f"{self.prologue}SELECT {chosen} WHERE {{ {{ {nodes.join(self.pieces)} }} }}"

    def guard(self, focus: str) -> Guard:
        """Return the same question about sets, for the focus nodes that a graph pattern binds."""
        if not self.steps:
            return Guard()
        steps = f"{joined(self.steps)} {{ SELECT ?this WHERE {{ {focus} }} }}"
        # The subquery keeps the tests until everything is joined.
        where = f"{{ SELECT * WHERE {{ {steps} }} }} {' '.join(self.tests)}"
        text = f"{self.prologue}SELECT DISTINCT ?this WHERE {{ {where} }}"
        return Guard((text,), self.steps)


def read(graph: ShapesGraph, shape: "Shape", constraint: Term) -> Select:
    """Read a SPARQL-based constraint.

    Raises:
        UserError: The query is malformed, or breaks the rules of sections 5.2.1 and 5.3.
        Unsupported: The query uses what cannot be asked of a whole set.
    """
    where = f"{name(shape.node)}, sh:sparql"
    if constraint.kind == "iri":
        where += f" {name(constraint)}"
    query = graph.one(constraint, SH + "select")
    if query is None or query.kind != "literal":
        known = (
            " (sh:ask is for custom components)" if graph.objects(constraint, SH + "ask") else ""
        )
        raise UserError(f"{where}: needs exactly one sh:select{known}")
    # A comment at the end would swallow what is put behind it.
    tokens = [t if not t.text.startswith("#") else _SPACE for t in tokenize(query.value)]
    _check_size(tokens, where)
    used = {token.text.partition(":")[0] for token in tokens if token.kind == "name"}
    prefixes = _prefixes(graph, constraint, where, used)
    declared = "".join(
        f"PREFIX {prefix}: {Term('iri', iri).sparql()}\n"
        for prefix, iri in sorted(prefixes.items())
    )
    own, tokens = _prologue(tokens)
    tokens = [_substituted(token, shape, where) for token in tokens]
    _refuse(tokens, where)
    body = "".join(token.text for token in tokens)
    # Whatever the prologue was made of: the engine gets nothing that could reach elsewhere.
    _refuse(tokenize(declared + own + body), where)
    if _HIDDEN.search(declared + own + body):
        # Our tokens and the engine may part where a string begins; a parser decides.
        guard.check_read_only(declared + own + body, where)
    try:
        parsed = ox.Store().query(declared + own + body)
    except (SyntaxError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise UserError(f"{where}: the query cannot be parsed: {first}") from error
    if not isinstance(parsed, ox.QuerySolutions):
        raise UserError(f"{where}: sh:select is no SELECT query")
    projected = [variable.value for variable in parsed.variables]
    if "this" not in projected:
        raise UserError(f"{where}: the query must select $this (section 5.3)")
    messages = tuple(graph.objects(constraint, SH + "message")) or shape.messages
    wanted = {"value", "path", "message", "failure"}
    wanted |= {found for message in messages for found in PLACEHOLDER.findall(message.value)}
    columns = ("this", *(v for v in projected if v in wanted and v != "this"))
    pieces = tuple(_pieces(tokens, where))
    found = None if own.strip() else sets.read(tokens, prefixes)
    return Select(declared + own, pieces, columns, messages, *(found or ()))


def _check_size(tokens: list[Token], where: str) -> None:
    """Refuse what would overflow the stack of the engine, which then ends without a word."""
    depth = deepest = 0
    for token in tokens:
        if token.kind == "other":
            depth += (token.text in "([{") - (token.text in ")]}")
            deepest = max(deepest, depth)
    if deepest > _DEEPEST or len(tokens) > _LONGEST:
        raise UserError(
            f"{where}: the query is too long or too deep: {deepest} brackets in each other, "
            f"{len(tokens):,} words, signs and spaces",
            f"at most {_DEEPEST} and {_LONGEST:,} are read",
        )


def _prefixes(graph: ShapesGraph, constraint: Term, where: str, used: set[str]) -> dict[str, str]:
    """Return prefixes and namespaces: sh:prefixes/owl:imports*/sh:declare (section 5.2.1).

    What is wrong with a prefix that the query does not use does not matter to it.
    """
    todo = list(graph.objects(constraint, SH + "prefixes"))
    done: set[Term] = set()
    found: dict[str, str] = {}
    while todo:
        owner = todo.pop()
        if owner in done:
            continue
        done.add(owner)
        todo += graph.objects(owner, _IMPORTS)
        for declaration in graph.objects(owner, SH + "declare"):
            prefix = graph.one(declaration, SH + "prefix")
            namespace = graph.one(declaration, SH + "namespace")
            if prefix is None or namespace is None:
                raise UserError(f"{where}: {name(declaration)} needs sh:prefix and sh:namespace")
            if prefix.value not in used and _PREFIX.fullmatch(prefix.value):
                continue
            if prefix.kind != "literal" or not _PREFIX.fullmatch(prefix.value):
                raise UserError(f"{where}: sh:prefix {name(prefix)} is no prefix of SPARQL")
            if namespace.kind != "literal" or not _is_namespace(namespace.value):
                raise UserError(f"{where}: sh:namespace {name(namespace)} is no IRI")
            if found.setdefault(prefix.value, namespace.value) != namespace.value:
                raise UserError(f"{where}: the prefix {prefix.value}: is declared twice")
    return found


def _is_namespace(text: str) -> bool:
    try:
        return str(ox.NamedNode(text)) == f"<{text}>" and not NOT_IN_IRI.search(text)
    except ValueError:
        return False


def _prologue(tokens: list[Token]) -> tuple[str, list[Token]]:
    """Split off PREFIX and BASE, which cannot stand in a subquery."""
    for at, token in enumerate(tokens):
        if token.kind not in ("space", "iri", "name") and token.word not in ("PREFIX", "BASE"):
            return "".join(t.text for t in tokens[:at]), tokens[at:]
    return "", tokens


def _substituted(token: Token, shape: "Shape", where: str) -> Token:
    """Replace $PATH by the path of the shape, and $this by ?this."""
    if token.variable == "PATH":
        if shape.path is None:
            raise UserError(f"{where}: $PATH needs a property shape")
        return Token("other", shape.path.sparql())
    if token.variable in ("shapesGraph", "currentShape"):
        raise Unsupported(f"{where}: {token.text} is not supported")
    return Token("variable", f"?{token.variable}") if token.variable else token


def _refuse(tokens: list[Token], where: str) -> None:
    """Refuse what section 5.2.1 forbids, and what has no meaning for a whole set."""
    solid = [token for token in tokens if token.kind != "space"]
    for at, token in enumerate(solid):
        if token.kind == "iri" and "'" in token.text:
            raise UserError(
                f"{where}: {token.text[:80]} may be an IRI, or a comparison with a string",
                "put a space behind <, or write %27 in the IRI",
            )
        if token.word in ("MINUS", "SERVICE", "VALUES"):
            raise UserError(f"{where}: {token.word} is not allowed in a constraint (section 5.2.1)")
        if token.word in ("FROM", "GRAPH", "LIMIT", "OFFSET"):
            raise Unsupported(f"{where}: {token.word} is not supported")
        if token.word == "AS" and solid[at + 1].variable in _RESERVED:
            raise UserError(f"{where}: AS {solid[at + 1].text} is not allowed (section 5.2.1)")


class _Group:
    """A group graph pattern while its tokens go by."""

    def __init__(self, start: int, silent: bool) -> None:
        self.start = start
        self.silent = silent  # In EXISTS, whose variables come from outside.
        self.this = False
        self.asks = False


def _pieces(tokens: list[Token], where: str) -> Iterator[str]:
    """Yield the text of the query, cut where the focus nodes have to stand."""
    cuts = []
    stack: list[_Group] = []
    before = ""
    for at, token in enumerate(tokens):
        if token.kind == "space":
            continue
        if token.text == "{":
            silent = before == "EXISTS" or bool(stack and stack[-1].silent)
            stack.append(_Group(at + 1, silent))
        elif token.text == "}":
            group = stack.pop()
            if not group.silent and (not stack or (group.this and group.asks)):
                cuts.append(group.start)
            if group.this and group.silent and stack:
                stack[-1].this = True
        elif stack:
            stack[-1].this |= token.variable == "this"
            stack[-1].asks |= token.word in ("FILTER", "BIND")
            if token.word == "SELECT":
                _check_subquery(tokens[at + 1 :], where)
        before = token.word
    start = 0
    for cut in sorted(cuts):
        yield "".join(token.text for token in tokens[start:cut])
        start = cut
    yield "".join(token.text for token in tokens[start:])


def _check_subquery(tokens: list[Token], where: str) -> None:
    """Refuse a subquery that does not project $this.

    COUNT(*) does not; `*` does where a pattern binds $this, not where a filter alone names it.
    """
    depth = 0
    for at, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.variable == "this":
            return
        if depth == 0 and token.text == "*" and _binds_this(tokens[at:]):
            return
        if token.text in "{*" or token.word == "WHERE":
            break
    raise UserError(f"{where}: a subquery must select $this (section 5.2.1)")


def _binds_this(tokens: list[Token]) -> bool:
    """Tell whether the first group binds $this: outside of expressions and of EXISTS."""
    groups: list[bool] = []  # whether a group is within EXISTS
    parentheses = 0
    before = ""
    for token in tokens:
        if token.kind == "space":
            continue
        parentheses += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "{":
            groups.append(before == "EXISTS" or bool(groups and groups[-1]))
        elif token.text == "}":
            groups.pop()
            if not groups:
                return False
        elif token.variable == "this" and groups and not groups[-1] and not parentheses:
            return True
        before = token.word
    return False
