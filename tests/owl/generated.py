"""Ontologies in functional-style syntax, made by hypothesis."""

from hypothesis import strategies as st

__all__ = ["HEAD", "ontologies"]

_E = "https://e.org/"
_CLASSES, _PROPERTIES, _DATA, _MEMBERS = (
    ("A", "B", "C", "D"),
    ("p", "q", "r"),
    ("d", "e"),
    ("i", "j"),
)
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ANNOTATION = ("z", "y")
HEAD = f"Prefix(:=<{_E}>)\nPrefix(xsd:=<{_XSD}>)\nOntology(<{_E}o> <{_E}o/1>\n" + "".join(
    f"Declaration({kind}(:{name}))\n"
    for kind, names in (
        ("Class", _CLASSES), ("ObjectProperty", _PROPERTIES), ("DataProperty", _DATA),
        ("NamedIndividual", _MEMBERS), ("AnnotationProperty", _ANNOTATION),
    )
    for name in names
)  # fmt: skip


def _name(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([f":{name}" for name in names])


_letters = st.text(
    st.characters(
        codec="utf-8", exclude_characters="\r\x85\u2028", exclude_categories=("Cc", "Cs")
    ),
    max_size=12,
)
_quoted = _letters.map(lambda t: '"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"')
_literal = st.one_of(
    st.tuples(_quoted, st.sampled_from(["", "@en", "@de-at"])).map("".join),
    st.integers(-9, 99).map(lambda n: f'"{n}"^^xsd:integer'),
    st.sampled_from(['"true"^^xsd:boolean', '"2026-11-28"^^xsd:date']),
)
_property = st.one_of(_name(_PROPERTIES), _name(_PROPERTIES).map(lambda p: f"ObjectInverseOf({p})"))


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=3, unique=True).map(" ".join)
    number = st.integers(0, 3).map(str)
    return st.one_of(
        several.map(lambda s: f"ObjectIntersectionOf({s})"),
        several.map(lambda s: f"ObjectUnionOf({s})"),
        inner.map(lambda c: f"ObjectComplementOf({c})"),
        st.tuples(_property, inner).map(lambda t: f"ObjectSomeValuesFrom({t[0]} {t[1]})"),
        st.tuples(_property, inner).map(lambda t: f"ObjectAllValuesFrom({t[0]} {t[1]})"),
        st.tuples(number, _name(_PROPERTIES), inner).map(
            lambda t: f"ObjectMinCardinality({' '.join(t)})"
        ),
        st.tuples(number, _name(_DATA)).map(lambda t: f"DataMaxCardinality({' '.join(t)})"),
        st.tuples(_name(_DATA), _literal).map(lambda t: f"DataHasValue({' '.join(t)})"),
        st.tuples(_property, _name(_MEMBERS)).map(lambda t: f"ObjectHasValue({' '.join(t)})"),
        _name(_PROPERTIES).map(lambda p: f"ObjectHasSelf({p})"),
    )


_class = st.recursive(_name(_CLASSES), _larger, max_leaves=5)
_notes = st.lists(
    st.tuples(_name(_ANNOTATION), st.one_of(_literal, _name(_CLASSES)))
    .map(lambda t: f"Annotation({t[0]} {t[1]})"),
    max_size=2, unique=True,
).map(" ".join)  # fmt: skip
_individual = st.one_of(_name(_MEMBERS), st.sampled_from(["_:x", "_:y"]))
_axiom = st.one_of(
    st.tuples(_notes, _name(_CLASSES), _class).map(lambda t: f"SubClassOf({' '.join(t)})"),
    st.tuples(_class, _class).map(lambda t: f"SubClassOf({' '.join(t)})"),
    st.tuples(_name(_CLASSES), _class).map(lambda t: f"EquivalentClasses({' '.join(t)})"),
    st.tuples(_notes, st.lists(_class, min_size=2, max_size=4, unique=True).map(" ".join))
    .map(lambda t: f"DisjointClasses({' '.join(t)})"),
    st.lists(_name(_PROPERTIES), min_size=3, max_size=3)
    .map(lambda p: f"SubObjectPropertyOf(ObjectPropertyChain({p[0]} {p[1]}) {p[2]})"),
    st.tuples(_name(_PROPERTIES), _class).map(lambda t: f"ObjectPropertyDomain({' '.join(t)})"),
    _name(_PROPERTIES).map(lambda p: f"TransitiveObjectProperty({p})"),
    st.tuples(_class, _individual).map(lambda t: f"ClassAssertion({' '.join(t)})"),
    st.tuples(_name(_PROPERTIES), _individual, _individual)
    .map(lambda t: f"ObjectPropertyAssertion({' '.join(t)})"),
    st.tuples(_name(_DATA), _name(_MEMBERS), _literal)
    .map(lambda t: f"DataPropertyAssertion({' '.join(t)})"),
    st.tuples(_notes, _name(_ANNOTATION), _name(_CLASSES), _literal)
    .map(lambda t: f"AnnotationAssertion({' '.join(t)})"),
    st.just("DifferentIndividuals(:i :j)"),
    st.just("DisjointUnion(:A :B :C)"),
    st.just("HasKey(:A (:p) (:d))"),
)  # fmt: skip
ontologies = st.lists(_axiom, max_size=6, unique=True).map(lambda a: HEAD + "\n".join(a) + "\n)\n")
