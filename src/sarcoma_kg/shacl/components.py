"""The constraint components of SHACL Core (section 4) and sh:sparql (5): what each takes."""

from collections.abc import Iterator
from typing import NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.shacl.graph import SH, ShapesGraph, name
from sarcoma_kg.sparql.term import Term

__all__ = ["PARAMETERS", "REGISTRY", "Component", "Constraint", "iri", "read"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
NODE_KINDS = ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")


class Constraint(NamedTuple):
    """One constraint of a shape: a component with its parameters.

    Attributes:
        component: Local name of the component, 'MinCount' for sh:MinCountConstraintComponent.
        parameters: Values by local name of the parameter.
    """

    component: str
    parameters: dict[str, Term]


class Component(NamedTuple):
    """What is known of a constraint component.

    Attributes:
        section: The section of the specification.
        parameters: Local names; the first one declares the constraint.
        takes: What the first parameter's value is: 'iri', 'count', 'flag', 'literal', 'text',
            'term', 'terms' (a list), 'tags' (a list), 'shape', 'shapes' (a list), 'kind', 'query'.
        says: A short message for shapes without sh:message; {} stands for the parameter's value.
        many: Whether a shape may give the parameter more than once.
        needs_path: Whether only property shapes may have it.
        needs: Further parameters that must be there.
    """

    section: str
    parameters: tuple[str, ...]
    takes: str
    says: str
    many: bool = False
    needs_path: bool = False
    needs: tuple[str, ...] = ()


#: Every supported component by its local name without 'ConstraintComponent'.
REGISTRY = {
    "Class": Component("4.1.1", ("class",), "iri", "is no instance of {}", many=True),
    "Datatype": Component("4.1.2", ("datatype",), "iri", "is no valid literal of datatype {}"),
    "NodeKind": Component("4.1.3", ("nodeKind",), "kind", "is not of node kind {}"),
    "MinCount": Component(
        "4.2.1", ("minCount",), "count", "has fewer than {} values", needs_path=True
    ),
    "MaxCount": Component(
        "4.2.2", ("maxCount",), "count", "has more than {} values", needs_path=True
    ),
    "MinExclusive": Component("4.3.1", ("minExclusive",), "literal", "is not greater than {}"),
    "MinInclusive": Component("4.3.2", ("minInclusive",), "literal", "is less than {}"),
    "MaxExclusive": Component("4.3.3", ("maxExclusive",), "literal", "is not less than {}"),
    "MaxInclusive": Component("4.3.4", ("maxInclusive",), "literal", "is greater than {}"),
    "MinLength": Component("4.4.1", ("minLength",), "count", "is shorter than {} characters"),
    "MaxLength": Component("4.4.2", ("maxLength",), "count", "is longer than {} characters"),
    "Pattern": Component("4.4.3", ("pattern", "flags"), "text", "does not match {}"),
    "LanguageIn": Component("4.4.4", ("languageIn",), "tags", "is in none of the languages {}"),
    "UniqueLang": Component(
        "4.4.5", ("uniqueLang",), "flag", "has two values in one language", needs_path=True
    ),
    "Equals": Component("4.5.1", ("equals",), "iri", "is not shared with {}", many=True),
    "Disjoint": Component("4.5.2", ("disjoint",), "iri", "is shared with {}", many=True),
    "LessThan": Component(
        "4.5.3", ("lessThan",), "iri", "is not less than {}", many=True, needs_path=True
    ),
    "LessThanOrEquals": Component(
        "4.5.4", ("lessThanOrEquals",), "iri", "is greater than {}", many=True, needs_path=True
    ),
    "Not": Component("4.6.1", ("not",), "shape", "conforms to {}", many=True),
    "And": Component("4.6.2", ("and",), "shapes", "does not conform to all of {}", many=True),
    "Or": Component("4.6.3", ("or",), "shapes", "conforms to none of {}", many=True),
    "Xone": Component(
        "4.6.4", ("xone",), "shapes", "does not conform to just one of {}", many=True
    ),
    "Node": Component("4.7.1", ("node",), "shape", "does not conform to {}", many=True),
    "Property": Component("4.7.2", ("property",), "shape", "does not conform to {}", many=True),
    "QualifiedMinCount": Component(
        "4.7.3",
        ("qualifiedMinCount", "qualifiedValueShape", "qualifiedValueShapesDisjoint"),
        "count",
        "has fewer than {} values of the qualified shape",
        needs_path=True,
        needs=("qualifiedValueShape",),
    ),
    "QualifiedMaxCount": Component(
        "4.7.3",
        ("qualifiedMaxCount", "qualifiedValueShape", "qualifiedValueShapesDisjoint"),
        "count",
        "has more than {} values of the qualified shape",
        needs_path=True,
        needs=("qualifiedValueShape",),
    ),
    "Closed": Component("4.8.1", ("closed", "ignoredProperties"), "flag", "is not allowed here"),
    "HasValue": Component("4.8.2", ("hasValue",), "term", "has not the value {}", many=True),
    "In": Component("4.8.3", ("in",), "terms", "is none of {}"),
    "SPARQL": Component("5", ("sparql",), "query", "is found by the query {}", many=True),
}

#: The components that a parameter belongs to, by the parameter's local name.
PARAMETERS: dict[str, tuple[str, ...]] = {}
for _key, _component in REGISTRY.items():
    for _parameter in _component.parameters:
        PARAMETERS[_parameter] = (*PARAMETERS.get(_parameter, ()), _key)


def iri(key: str) -> str:
    """Return the IRI of a component."""
    return f"{SH}{key}ConstraintComponent"


def read(graph: ShapesGraph, owner: Term, constraint: Constraint) -> Iterator[Constraint]:
    """Check the values of a constraint's parameters; yields it unless it is switched off."""
    known = REGISTRY[constraint.component]
    values = constraint.parameters
    value = values[known.parameters[0]]

    def need(right: bool, wanted: str, found: Term = value, of: str = known.parameters[0]) -> None:
        if not right:
            raise UserError(f"{name(owner)}: sh:{of} is {name(found)}, expected {wanted}")

    if known.takes == "iri":
        need(value.kind == "iri", "an IRI")
    elif known.takes == "kind":
        need(value in [Term("iri", SH + kind) for kind in NODE_KINDS], "one of the six node kinds")
    elif known.takes == "count":
        need(value.datatype == _XSD + "integer" and value.value.lstrip("+").isdigit(), "an integer")
    elif known.takes == "literal":
        need(value.kind == "literal", "a literal")
    elif known.takes == "text":
        need(value.kind == "literal" and not value.datatype, "a string")
    elif known.takes == "term":
        need(value.kind != "bnode", "an IRI or a literal")
    elif known.takes == "terms":
        for term in graph.items(value, owner):
            need(term.kind != "bnode", "a list of IRIs and literals", term)
    elif known.takes == "tags":
        for term in graph.items(value, owner):
            need(term.kind == "literal" and not term.datatype, "a list of language tags", term)
    elif known.takes == "flag":
        need(value.datatype == _XSD + "boolean", "a boolean")
        # Only the literal true switches on, not "1"^^xsd:boolean (test uniqueLang-002).
        if value.value != "true":
            return
    elif known.takes == "query":
        need(value.kind != "literal", "a sh:SPARQLConstraint")
        if any(found.value == "true" for found in graph.objects(value, SH + "deactivated")):
            return
    if "flags" in values:
        flags = values["flags"]
        need(flags.kind == "literal" and set(flags.value) <= set("smixq"), "flags", flags, "flags")
    ignored = values.get("ignoredProperties")
    for term in graph.items(ignored, owner) if ignored else ():
        need(term.kind == "iri", "a list of IRIs", term, "ignoredProperties")
    yield constraint


def message(graph: ShapesGraph, owner: Term, constraint: Constraint) -> Term:
    """Return a short message for a constraint of a shape that has none."""
    known = REGISTRY[constraint.component]
    value = constraint.parameters[known.parameters[0]]
    shown = [value]
    if known.takes in ("terms", "tags", "shapes"):
        shown = graph.items(value, owner)
    words = ", ".join(name(term) for term in shown[:5]) + (", ..." if len(shown) > 5 else "")
    return Term("literal", known.says.replace("{}", words), "", "en")
