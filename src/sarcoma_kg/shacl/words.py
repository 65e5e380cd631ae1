"""The words of the sh: namespace: what the compiler reads, what it cannot, and what is none.

As in the vocabularies of the W3C for SHACL (https://www.w3.org/ns/shacl) and its Advanced Features
(https://www.w3.org/TR/shacl-af/).
"""

from collections.abc import Iterator

from sarcoma_kg.shacl import components
from sarcoma_kg.shacl.graph import SH, ShapesGraph

__all__ = ["REFUSED", "TARGETS", "WORDS", "unknown"]

TARGETS = {
    SH + "targetNode": "node",
    SH + "targetClass": "class",
    SH + "targetSubjectsOf": "subjectsOf",
    SH + "targetObjectsOf": "objectsOf",
}
#: Properties of shapes that do not constrain (sections 2.1 and 2.3.2), or make triples only when
#: rules are run.
_QUIET = frozenset(
    """
    path deactivated severity message name description order group defaultValue prefixes
    declare shapesGraph intent agentInstruction rule values
    """.split()  # noqa: SIM905
)
#: Properties of shapes that choose or constrain nodes in a way that the compiler does not know.
REFUSED = {
    "target": "targets of SHACL Advanced Features are not supported",
    "expression": "expression constraints of SHACL Advanced Features are not supported",
    "js": "SHACL-JS is not supported",
}
#: Everything else that the specifications define.
_OTHERS = frozenset(
    """
    AbstractResult BlankNode BlankNodeOrIRI BlankNodeOrLiteral ConstraintComponent
    ExpressionConstraintComponent Function IRI IRIOrLiteral Info JSConstraint
    JSConstraintComponent JSExecutable JSFunction JSLibrary JSRule JSTarget JSTargetType
    JSValidator Literal NodeKind NodeShape Parameter Parameterizable PrefixDeclaration
    PropertyGroup PropertyShape ResultAnnotation Rule SPARQLAskExecutable SPARQLAskValidator
    SPARQLConstraint SPARQLConstructExecutable SPARQLExecutable SPARQLFunction SPARQLRule
    SPARQLSelectExecutable SPARQLSelectValidator SPARQLTarget SPARQLTargetType
    SPARQLUpdateExecutable Severity Shape Target TargetType TripleRule ValidationReport
    ValidationResult Validator Violation Warning alternativePath annotationProperty
    annotationValue annotationVarName ask condition conforms construct detail entailment
    filterShape focusNode intersection inversePath jsFunctionName jsLibrary jsLibraryURL
    labelTemplate namespace nodeValidator nodes object oneOrMorePath optional parameter
    predicate prefix propertyValidator result resultAnnotation resultMessage resultPath
    resultSeverity returnType select shapesGraphWellFormed sourceConstraint
    sourceConstraintComponent sourceShape subject suggestedShapesGraph this union update
    validator value zeroOrMorePath zeroOrOnePath
    """.split()  # noqa: SIM905
)
#: All of them.
WORDS = (
    _QUIET
    | set(REFUSED)
    | _OTHERS
    | set(components.PARAMETERS)
    | {iri.removeprefix(SH) for iri in TARGETS}
    | {f"{key}ConstraintComponent" for key in components.REGISTRY}
)


def unknown(graph: ShapesGraph) -> Iterator[str]:
    """Yield each word of the sh: namespace in a shapes graph that is none, once."""
    for word in graph.words(SH):
        if word not in WORDS:
            yield word
