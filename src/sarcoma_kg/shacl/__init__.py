"""SHACL (https://www.w3.org/TR/shacl/) compiled to SPARQL 1.1.

Comes in: quality; the room can stand alone.
Never: looks at a node by itself where one query can look at all.

A constraint is a question about a set: which value nodes of which focus nodes break it? So it
becomes one query over all focus nodes of a shape, asked of any store that answers SPARQL 1.1; the
data is the default graph, the shapes graph stays in memory.

    plan = compile_shapes(triples)
    for result in validate(plan, store): ...
    graph = report(results)

In the table, `focus` is the pattern of the targets (section 2.1.3), `path` a property path
(section 2.3.1), `bad(S, v)` the condition that v does not conform to the shape S. Each condition
uses variables of its own inside EXISTS, so it nests as shapes do. A path that may be empty is a
UNION of the node itself and the path with at least one step. Node shapes have v for ?this.

Over many focus nodes a guard is asked first, which turns conditions into sets (modules `logic` and
`sets`): NOT EXISTS { v path ?x } over all v is MINUS { v path ?x }. It names the nodes at fault,
mostly none, and the queries of the table are asked of these alone.

=================  ========================================================================  =====
component          rows of: SELECT ?this ?value WHERE { focus . ?this path ?value ... }      spec
=================  ========================================================================  =====
Class              FILTER NOT EXISTS { v a ?t FILTER EXISTS { ?t rdfs:subClassOf* C } }      4.1.1
Datatype           FILTER (!(isLiteral(v) && DATATYPE(v) = D && REGEX(STR(v), form of D)))   4.1.2
NodeKind           FILTER (!isIRI(v) && ...)                                                 4.1.3
MinCount           focus FILTER (!EXISTS { n distinct values, one in the other })            4.2.1
MaxCount           focus ?this path v GROUP BY ?this HAVING (COUNT(DISTINCT v) > n)          4.2.2
MinExclusive       FILTER (!COALESCE(same kind && v > bound, false))                         4.3.1
MinInclusive       FILTER (!COALESCE(same kind && v >= bound, false))                        4.3.2
MaxExclusive       FILTER (!COALESCE(same kind && v < bound, false))                         4.3.3
MaxInclusive       FILTER (!COALESCE(same kind && v <= bound, false))                        4.3.4
MinLength          FILTER (isBlank(v) || STRLEN(STR(v)) < n)                                 4.4.1
MaxLength          FILTER (isBlank(v) || STRLEN(STR(v)) > n)                                 4.4.2
Pattern            FILTER (isBlank(v) || !REGEX(STR(v), pattern, flags))                     4.4.3
LanguageIn         FILTER (!(isLiteral(v) && (LANGMATCHES(LANG(v), tag) || ...)))            4.4.4
UniqueLang         FILTER EXISTS { ?this path w FILTER (same language, another term) }       4.4.5
Equals             FILTER NOT EXISTS { ?this p v } UNION ?this p v FILTER (v not in path)    4.5.1
Disjoint           FILTER EXISTS { ?this p v }                                               4.5.2
LessThan           ?this p w FILTER (!COALESCE(same kind && v < w, false))                   4.5.3
LessThanOrEquals   ?this p w FILTER (!COALESCE(same kind && v <= w, false))                  4.5.4
Not                FILTER (!bad(S, v))                                                       4.6.1
And                FILTER (bad(S1, v) || bad(S2, v) ...)                                     4.6.2
Or                 FILTER (bad(S1, v) && bad(S2, v) ...)                                     4.6.3
Xone               FILTER (IF(bad(S1, v), 0, 1) + IF(bad(S2, v), 0, 1) ... != 1)             4.6.4
Node               FILTER (bad(S, v))                                                        4.7.1
Property           queries of the property shape, with v as focus nodes                      4.7.2
QualifiedMinCount  focus FILTER (!EXISTS { n distinct values FILTER (!bad(S, v)) })          4.7.3
QualifiedMaxCount  focus FILTER (EXISTS { n + 1 distinct values FILTER (!bad(S, v)) })       4.7.3
Closed             v ?path ?value FILTER (?path NOT IN (...))                                4.8.1
HasValue           focus FILTER NOT EXISTS { ?this path value }                              4.8.2
In                 FILTER (!(sameTerm(v, t1) || ...)); NOT IN for a list of IRIs             4.8.3
SPARQL             the query, with { SELECT DISTINCT ?this { focus } } joined into it        5
=================  ========================================================================  =====

What is not supported is refused with `Unsupported`, by name: custom constraint components
(section 6), sh:entailment, SHACL Advanced Features, SHACL-JS, and in sh:sparql GRAPH, FROM, LIMIT,
OFFSET, $shapesGraph, $currentShape, and any sh:sparql in a shape that another one only refers to
by sh:node, sh:not, sh:and, sh:or, sh:xone or sh:qualifiedValueShape.
"""

from sarcoma_kg.shacl.graph import Unsupported
from sarcoma_kg.shacl.paths import Path
from sarcoma_kg.shacl.plan import Plan, compile_shapes
from sarcoma_kg.shacl.queries import Query
from sarcoma_kg.shacl.report import report
from sarcoma_kg.shacl.run import MANY, Result, focused, grown, idle, readable, validate
from sarcoma_kg.shacl.shapes import Notice
from sarcoma_kg.shacl.words import WORDS

__all__ = [
    "MANY",
    "WORDS",
    "Notice",
    "Path",
    "Plan",
    "Query",
    "Result",
    "Unsupported",
    "compile_shapes",
    "focused",
    "grown",
    "idle",
    "readable",
    "report",
    "validate",
]
