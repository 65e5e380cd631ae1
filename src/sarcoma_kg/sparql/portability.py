"""Whether a SPARQL query means the same on every SPARQL 1.1 engine, judged on its parse tree.

The rules are in `RULES`, each with its reason. Some things cannot be seen in the text of a query:

- whether the keys of ORDER BY are of one type, so that engines sort them alike;
- whether a key is unique in the data. ORDER BY has to name enough columns to tell any two rows
  apart; `STR(?x)` counts as `?x` there, since the graph has its texts in one language.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyoxigraph as ox
from pyparsing import ParseResults
from rdflib import XSD, BNode, Literal, URIRef, Variable
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.portability_rules import RULES, STRINGS, VENDORS, Rule

__all__ = ["RULES", "Breach", "Rule", "check"]


class Breach(NamedTuple):
    """A rule that a query breaks: where (line 0 when unknown) and by what."""

    rule: str
    line: int
    words: str


class _Text(NamedTuple):
    """A literal in quotes; one of rdflib would try, and complain, to read its value."""

    value: str
    language: str | None
    datatype: URIRef | None


_Node = Variable | BNode | URIRef | Literal | _Text
_Found = Iterator[tuple[str, str, str]]  # rule, a word to find the line by, what is wrong
_REFUSED = {
    "ServiceGraphPattern": ("service", "SERVICE"),
    "GraphGraphPattern": ("graph", "GRAPH"),
    "DatasetClause": ("graph", "FROM"),
    "Aggregate_Sample": ("sample", "SAMPLE"),
}
_CASTS = {XSD.boolean, XSD.double, XSD.float, XSD.decimal, XSD.integer, XSD.dateTime, XSD.string}
_BY_VALUE = {XSD.boolean, XSD.decimal, XSD.double, XSD.float}
_VOLATILE = {"Builtin_RAND", "Builtin_UUID", "Builtin_STRUUID", "Builtin_BNODE"}
_WORD = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|"
    r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|"
    r'<[^<>"{}|^`\\\s]*>|#[^\n]*|([?$]?\w+(?:[:.-]+\w+)*)',
    re.DOTALL,
)


def check(text: str, where: str, form: str = "SELECT") -> list[Breach]:
    """Return the rules that a query breaks, each breach once.

    An engine runs the query over no triples, so that only its VALUES can cost time.

    Args:
        text: The query.
        where: Name for messages (a file name, '-').
        form: What a query of this kind has to be: SELECT, or CONSTRUCT for an inference rule.

    Raises:
        UserError: there is no query, or one that is nested too deeply to be judged.
    """
    if not text.strip():
        raise UserError(f"{where}: the query is empty")
    try:
        return _check(text, form)
    except RecursionError as error:
        raise UserError(f"{where}: the query is nested too deeply") from error


def _check(text: str, form: str) -> list[Breach]:
    try:
        prologue, body = parseQuery(text)
    except RecursionError:
        raise
    except Exception as error:  # the parser's actions raise whatever they like
        return [_syntax(error)]
    prefixes = {x.prefix or "": x.iri for x in prologue if x.name == "PrefixDecl"}
    unknown = {x.prefix or "" for x in _walk(body) if _name(x) == "pname"} - set(prefixes)
    found = [Breach("prefixes", 0, f"prefix {p}: is not declared") for p in sorted(unknown)]
    query = traverse(body, visitPost=lambda node: _plain(node, prefixes))
    if (given := query.name.removesuffix("Query").upper()) != form:
        found.append(Breach("select", _line(text, given), f"this is {given}, not {form}"))
    for rule in (_words, _expressions, _scopes, _paths, _denied):
        found += [Breach(name, _line(text, word), words) for name, word, words in rule(query)]
    # The engine does not know foreign functions, and might go and ask a server.
    if not {"prefixes", "functions", "service"} & {breach.rule for breach in found}:
        try:
            ox.Store().query(text)
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            found.append(_syntax(error))
    return list(dict.fromkeys(found))


def _syntax(error: Exception) -> Breach:
    words = " ".join(str(error).split()) or type(error).__name__
    place = re.search(r"(?:line:|error at )(\d+)", words)
    return Breach("syntax", int(place[1]) if place else 0, words[:200])


def _line(text: str, word: str) -> int:
    """Return the line of a word that stands once outside strings, IRIs and comments, else 0."""
    places = [m.start() for m in _WORD.finditer(text) if (m[1] or "").upper() == word.upper() != ""]
    return text.count("\n", 0, places[0]) + 1 if len(places) == 1 else 0


def _name(node: object) -> str:
    return node.name if isinstance(node, CompValue) else ""


def _walk(node: object, skip: tuple[str, str] = ("", "")) -> Iterator[Any]:
    """Yield all nodes of a parse tree, but for what stands under one key of one kind of node."""
    yield node
    if isinstance(node, CompValue):
        for key, value in node.items():
            if (node.name, key) != skip:
                yield from _walk(value, skip)
    elif isinstance(node, list | tuple | ParseResults):
        for value in node:
            yield from _walk(value, skip)


def _plain(node: object, prefixes: dict[str, str]) -> object:
    """Return what a node of the parse tree stands for; None keeps it."""
    if not isinstance(node, CompValue):
        return None
    if node.name == "pname":
        base = prefixes.get(node.prefix or "", f"{node.prefix or ''}:")
        return URIRef(base + (node.localname or ""))
    if node.name == "literal":
        return _Text(node.string, node.lang, node.datatype)
    if node.name == "PathElt":
        return None if "mod" in node else node.part
    if node.name in {"PathAlternative", "PathSequence"}:
        return node.part[0] if len(node.part) == 1 else None
    wraps = node.name.endswith("Expression") and "op" not in node and "other" not in node
    return node.expr if wraps else None


def _words(query: CompValue) -> _Found:
    """Find what is refused wherever it stands."""
    for node in _walk(query):
        if _name(node) in _REFUSED:
            rule, word = _REFUSED[node.name]
            yield rule, word, f"{word} is used"
        elif _name(node) == "Function" and node.iri not in _CASTS:
            yield "functions", "", f"<{node.iri}> is no function of SPARQL 1.1"
        elif isinstance(node, URIRef) and str(node).startswith(VENDORS):
            yield "functions", "", f"<{node}> belongs to one engine"
        elif isinstance(node, _Text) and node.datatype == XSD.string:
            yield "xsd-string", "", f'write "{node.value}" without a datatype'


def _expressions(query: CompValue) -> _Found:
    for node in _walk(query):
        name = _name(node)
        if name == "MultiplicativeExpression" and "/" in node.op:
            yield "division", "", "/ is used in an expression"
        elif name == "Aggregate_GroupConcat" and not _is_string(node.vars):
            yield "group-concat", "GROUP_CONCAT", "put STR() around what GROUP_CONCAT joins"
        elif name == "Builtin_sameTerm":
            if any(isinstance(x, _Text | Literal) for x in (node.arg1, node.arg2)):
                yield "by-value", "sameTerm", "compare with a literal by =, not by sameTerm"
        elif name == "RelationalExpression" and node.op.endswith("IN"):
            if any(
                isinstance(x, _Text | Literal) and x.datatype in _BY_VALUE
                for x in _walk(node.other)
            ):
                yield "by-value", "IN", "compare with booleans and decimals by =, not by IN"
        elif name in {"Bind", "vars", "GroupAs"} and any(
            _name(x) in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}
            for x in _walk(node.expr, ("Builtin_IF", "arg1"))
        ):
            column = node.evar or node.var
            yield "exists", "EXISTS", f"write IF(EXISTS {{ ... }}, true, false) AS ?{column}"
    if any(_name(x) == "Aggregate_Sum" for x in _walk(query, ("Builtin_COALESCE", "arg"))):
        yield "sum", "SUM", "write COALESCE(SUM(...), 0)"


def _is_string(expression: object) -> bool:
    name = _name(expression)
    if not isinstance(expression, CompValue):
        return isinstance(expression, _Text) and not (expression.datatype or expression.language)
    if name == "Function":
        return bool(expression.iri == XSD.string)
    if name == "Builtin_IF":
        return _is_string(expression.arg2) and _is_string(expression.arg3)
    if name == "Builtin_COALESCE":
        return all(_is_string(x) for x in expression.arg)
    return name in STRINGS


def _scopes(query: CompValue) -> _Found:
    for node in _walk(query):
        if _name(node) == "SubSelect" or _name(node).endswith("Query"):
            yield from _order(node)
        parts = node.part or [] if _name(node) == "GroupGraphPatternSub" else []
        for number, part in enumerate(parts):
            if part.name == "MinusGraphPattern" and _visible(parts[:number]).isdisjoint(
                _visible(part.graph)
            ):
                yield "minus", "MINUS", "the two sides of MINUS have no variable in common"


def _visible(node: object) -> set[Variable]:
    """Return the variables that a pattern, or several, may bind for what stands around it."""
    if isinstance(node, list):
        return set().union(*map(_visible, node))
    name = _name(node)
    if not isinstance(node, CompValue) or name in {"Filter", "MinusGraphPattern"}:
        return set()
    if name == "TriplesBlock":
        return {x for x in _walk(node) if isinstance(x, Variable)}
    if name == "Bind":
        return {node.var}
    if name in {"InlineData", "ValuesClause"}:
        return set(node.var)
    if node.projection:
        return {column.var or column.evar for column in node.projection}
    return _visible(
        [node[k] for k in ("term", "graph", "part", "where", "valuesClause") if k in node]
    )


def _order(select: CompValue) -> _Found:
    if not select.orderby:
        if select.limitoffset:
            word = "OFFSET" if "offset" in select.limitoffset else "LIMIT"
            yield "limit-order", word, f"{word} needs ORDER BY"
        return
    columns = select.projection or []
    row = [c.var or c.evar for c in columns] or sorted(_visible(select))
    group = [c.var or c.expr if _name(c) == "GroupAs" else c for c in _conditions(select.groupby)]
    if not group and any(_name(x).startswith("Aggregate_") for c in columns for x in _walk(c.expr)):
        return  # one row
    named = [(c.evar, c.expr) for c in columns if c.expr is not None]
    parts = select.where.part if select.where else None
    named += [(p.var, p.expr) for p in parts or [] if p.name == "Bind"]
    fixed = {x for c in _conditions(select.orderby) if isinstance(x := _bare(c.expr), Variable)}
    while True:
        more = {var for var, expression in named if _follows(expression, fixed)}
        more |= {x for var, e in named if var in fixed and isinstance(x := _bare(e), Variable)}
        if more <= fixed:
            break
        fixed |= more
    keys = [key for key in group if not _follows(key, fixed)]
    loose = [column for column in row if column not in fixed]
    if loose and (keys or not group):
        missing = [_column(key, named) for key in keys if isinstance(key, Variable)] or loose
        yield "order-total", "ORDER", f"add {' '.join(f'?{x}' for x in missing)} to ORDER BY"


def _conditions(clause: CompValue | None) -> list[Any]:
    return list(clause.condition) if clause else []


def _bare(expression: Any) -> object:
    """Return the variable within STR(), or the expression itself."""
    return expression.arg if _name(expression) == "Builtin_STR" else expression


def _follows(expression: object, fixed: set[Variable]) -> bool:
    """Tell whether an expression has one value wherever the variables `fixed` have one."""
    nodes = list(_walk(expression))
    names = {_name(x) for x in nodes}
    return not names & _VOLATILE and all(
        x in fixed if isinstance(x, Variable) else not _name(x).startswith("Aggregate_")
        for x in nodes
    )


def _column(key: Variable, named: list[tuple[Variable, object]]) -> Variable:
    return next((var for var, expression in named if _bare(expression) == key), key)


class _Step(NamedTuple):
    """A triple pattern, or the part of one whose path is no sequence."""

    start: _Node
    path: object
    end: _Node

    def open(self) -> set[Variable | BNode]:
        """Return its variables and blank nodes."""
        return {x for x in self if isinstance(x, Variable | BNode)}


def _split(start: _Node, path: object, end: _Node) -> Iterator[_Step]:
    """Take a path apart into steps, with the nodes between them; the same nodes at each call."""
    if isinstance(path, CompValue) and path.name == "PathSequence":
        between = [BNode(f"{id(path)}-{number}") for number in range(1, len(path.part))]
        for one, part, two in zip([start, *between], path.part, [*between, end], strict=True):
            yield from _split(one, part, two)
    elif isinstance(path, CompValue) and path.name == "PathEltOrInverse":
        yield from _split(end, path.part, start)
    else:
        yield _Step(start, path, end)


def _steps(block: CompValue) -> list[_Step]:
    flat = itertools.chain.from_iterable(block.triples)
    return [s for triple in zip(*[flat] * 3, strict=True) for s in _split(*triple)]


def _repeats(path: object) -> bool:
    return any(_name(x) == "PathElt" for x in _walk(path))


def _may_be_empty(path: Any) -> bool:
    name = _name(path)
    if name == "PathElt":
        return path.mod in "*?" or _may_be_empty(path.part)
    if name == "PathEltOrInverse":
        return _may_be_empty(path.part)
    if name == "PathSequence":
        return all(map(_may_be_empty, path.part))
    return name == "PathAlternative" and any(map(_may_be_empty, path.part))


def _bound(node: object) -> set[_Node]:
    """Return the nodes that plain triple patterns of a group find in the graph in each solution."""
    name = _name(node)
    if not isinstance(node, CompValue):
        return set()
    if name == "TriplesBlock":
        return {x for s in _steps(node) if not _repeats(s.path) for x in (s.start, s.end)}
    if name == "GroupOrUnionGraphPattern":
        return set.intersection(*map(_bound, node.graph))
    if name == "SubSelect":
        return _bound(node.where) & _visible(node)
    return set().union(*map(_bound, node.part or [])) if name == "GroupGraphPatternSub" else set()


def _repeated(node: object, known: set[_Node]) -> Iterator[tuple[_Step, set[_Node]]]:
    """Yield the steps with *, + or ?, and the nodes bound by their group and the groups around."""
    if isinstance(node, CompValue):
        if node.name == "TriplesBlock":
            yield from ((step, known) for step in _steps(node) if _repeats(step.path))
            return
        if node.name == "SubSelect":
            known = known & _visible(node)
        known = known | _bound(node) | _bound(node.where)
    below: Iterable[object] = node.values() if isinstance(node, CompValue) else ()
    for child in node if isinstance(node, list) else below:
        yield from _repeated(child, known)


def _paths(query: CompValue) -> _Found:
    nodes = list(_walk(query))
    blocks = [x for x in nodes if _name(x) == "TriplesBlock"]
    uses = Counter(x for block in blocks for step in _steps(block) for x in step.open())
    given = {x for n in nodes if _name(n) in {"InlineData", "ValuesClause"} for x in n.var}
    given |= {
        n.var or n.evar for n in nodes if _name(n) in {"Bind", "vars", "GroupAs"} and "expr" in n
    }
    for step, known in _repeated(query, set()):
        ends = (step.start, step.end)
        shown = " and ".join(_shown(x) for x in ends)
        for end in ends:
            if end in given and end not in known:
                yield "path-input", "", f"a path meets ?{end}, which no triple pattern binds"
        if _may_be_empty(step.path) and known.isdisjoint(ends):
            yield "path-zero", "", f"no other triple pattern binds {shown}"
        if all(isinstance(x, Variable | BNode) and uses[x] == 1 and x not in given for x in ends):
            yield "path-open", "", f"nothing else binds {shown}"


def _denied(query: CompValue) -> _Found:
    groups = [n for n in _walk(query) if _name(n) in {"Builtin_NOTEXISTS", "MinusGraphPattern"}]
    blocks = {id(n): n for g in groups for n in _walk(g) if _name(n) == "TriplesBlock"}
    for step in itertools.chain.from_iterable(map(_steps, blocks.values())):
        if any(_name(x) == "PathElt" and x.mod in "*+" for x in _walk(step.path)):
            for end in (step.start, step.end):
                if isinstance(end, URIRef):
                    yield "path-denied", "", f"a path that is denied ends at <{end}>"


def _shown(node: _Node) -> str:
    return (
        f"?{node}" if isinstance(node, Variable) else "[]" if isinstance(node, BNode) else str(node)
    )
