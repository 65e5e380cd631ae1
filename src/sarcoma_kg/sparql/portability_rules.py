"""What a query may not use if it is to mean the same on every SPARQL 1.1 engine, and why."""

from typing import NamedTuple

__all__ = ["RULES", "STRINGS", "VENDORS", "Rule"]


class Rule(NamedTuple):
    """A rule: what it asks for, and why engines differ otherwise."""

    name: str
    reason: str


RULES = {
    "syntax": Rule(
        "SPARQL 1.1 syntax",
        "An engine refuses what SPARQL 1.1 does not have, such as LATERAL, ADJUST or 'define'.",
    ),
    "functions": Rule(
        "no functions or magic names of one vendor",
        "Other engines refuse such a function, and take such a property for one without triples.",
    ),
    "service": Rule("no SERVICE", "The answer then rests on a server that others cannot reach."),
    "graph": Rule(
        "no GRAPH, FROM or FROM NAMED",
        "Each engine has its own default graph and its own names for graphs.",
    ),
    "prefixes": Rule(
        "all prefixes declared", "Which prefixes are known without declaration differs by engine."
    ),
    "sample": Rule("no SAMPLE", "An engine may take any value of the group."),
    "order-total": Rule(
        "ORDER BY with a unique tie-break",
        "Rows that agree on all keys come in any order, another one on each engine.",
    ),
    "limit-order": Rule(
        "no LIMIT or OFFSET without ORDER BY", "Without an order the engine picks which rows stay."
    ),
    "path-input": Rule(
        "no path with *, + or ? that begins or ends at a variable of BIND or VALUES alone",
        "Some engines run the path before they bind the variable, or refuse the path.",
    ),
    "path-zero": Rule(
        "a path of length zero at a node that another triple pattern binds",
        "A path of length zero also matches terms that are not in the graph; engines differ there.",
    ),
    "path-open": Rule(
        "no path with *, + or ? that is unbound at both ends",
        "Some engines refuse to start a path anywhere, others walk all pairs of nodes.",
    ),
    "path-denied": Rule(
        "no path with * or + that ends at a constant within NOT EXISTS or MINUS",
        "Virtuoso 7 loses the rows; write the last step out: ?x p*/p <end> and ?x != <end>.",
    ),
    "minus": Rule(
        "MINUS with a variable in common",
        "Without one it removes nothing by the standard, but not on every engine.",
    ),
    "division": Rule(
        "no division", "Of two integers some engines give a decimal, others cut to an integer."
    ),
    "exists": Rule(
        "EXISTS within BIND and SELECT only as the condition of IF",
        "Some engines take EXISTS as a value only where IF or FILTER asks for it.",
    ),
    "sum": Rule(
        "SUM within COALESCE",
        "Over no rows some engines give 0, others leave the variable unbound.",
    ),
    "group-concat": Rule(
        "GROUP_CONCAT of strings",
        "IRIs and tagged texts are joined, dropped or an error, depending on the engine.",
    ),
    "select": Rule(
        "a question is a SELECT",
        "Only its answer is a table; the formats of other answers differ by engine.",
    ),
    "xsd-string": Rule(
        "no ^^xsd:string",
        'By RDF 1.0, "x" and "x"^^xsd:string are two terms; some stores keep both.',
    ),
    "by-value": Rule(
        "literals compared by value",
        "Engines store true, 1, 1.0 and 01 in their own form, so that the same value may be "
        "another term.",
    ),
}
#: How IRIs of functions and magic names of one engine begin.
VENDORS = (
    "bif:", "sql:", "java:", "http://www.openlinksw.com/schemas/", "http://jena.apache.org/",
    "http://jena.hpl.hp.com/", "http://www.bigdata.com/", "http://www.ontotext.com/",
    "tag:stardog:api:",
)  # fmt: skip
#: Functions of SPARQL 1.1 that return a string, by the name of their node in the parse tree.
STRINGS = {
    f"Builtin_{name}"
    for name in (
        "STR", "CONCAT", "LCASE", "UCASE", "SUBSTR", "STRBEFORE", "STRAFTER", "REPLACE", "LANG",
        "ENCODE_FOR_URI",
    )
}  # fmt: skip
