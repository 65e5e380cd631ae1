"""Class expressions in words: the Manchester syntax of OWL 2, with labels in place of names.

https://www.w3.org/TR/owl2-manchester-syntax/; what the ontology does not use is named and not
spelled out.
"""

from sarcoma_kg.pages.facts import Facts, Ref
from sarcoma_kg.sparql.term import Term

__all__ = ["Words", "filler", "words"]

#: Text and things in turn.
Words = list[str | Ref]
_DEEPEST = 20


def filler(facts: Facts, node: Term) -> tuple[str, Term] | None:
    """Return property and filler of an existential restriction; None of anything else."""
    if node.kind != "bnode":
        return None
    here = f"_:{node.value}"
    properties = facts.values(here, "owl:onProperty")
    fillers = facts.values(here, "owl:someValuesFrom")
    if properties and fillers and properties[0].kind == "iri":
        return properties[0].value, fillers[0]
    return None


def words(facts: Facts, node: Term, depth: int = 0) -> Words:
    """Return a class expression as text and things in turn.

    Args:
        facts: The graph.
        node: The class or the blank node of the expression.
        depth: How many expressions it stands in.
    """
    if node.kind == "iri":
        return [facts.ref(node.value)]
    if node.kind == "literal":
        return [f'"{node.value}"']
    if depth > _DEEPEST:
        return ["…"]
    here = f"_:{node.value}"
    for curie, joint in (("owl:intersectionOf", " and "), ("owl:unionOf", " or ")):
        for start in facts.values(here, curie):
            members = [words(facts, m, depth + 1) for m in facts.items(f"_:{start.value}")]
            found = [part for member in members for part in (joint, *member)][1:]
            return ["(", *found, ")"] if depth else found
    for of in facts.values(here, "owl:complementOf"):
        return ["not ", *words(facts, of, depth + 1)]
    for curie, word in (
        ("owl:someValuesFrom", " some "),
        ("owl:allValuesFrom", " only "),
        ("owl:hasValue", " value "),
    ):
        for value in facts.values(here, curie):
            properties = facts.values(here, "owl:onProperty")[:1]
            found = [part for p in properties for part in words(facts, p, depth + 1)]
            found += [word, *words(facts, value, depth + 1)]
            return ["(", *found, ")"] if depth else found
    kinds = [facts.label(kind) for kind in facts.types(here)]
    return [f"({', '.join(kinds) or 'an expression'})"]
