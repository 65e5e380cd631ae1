"""The canonical Turtle form: one text for one content, lossless, the same after an editor."""

import random
import re
import time
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg import cli
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import ontologies, owlapi
from sarcoma_kg.reading import loading
from sarcoma_kg.turtle import format_text, serialize

DATA = Path(__file__).parents[1] / "data" / "turtle"
ONTOLOGY = resources.data_root() / "ontology"
MODULES = sorted(path for path in resources.ontology_files() if path.suffix == ".ttl")
MODULES += [ONTOLOGY / "mappings" / "mappings.ttl"]
EXAMPLE = ONTOLOGY / "examples" / "lab-extension.ttl"  # points at classes as if individuals
EXACT = sorted([*resources.claim_files(), *(resources.data_root() / "shapes").glob("*.ttl")])

PREFIXES = """@prefix ex: <https://example.org/lab/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def isomorphic(one: Iterable[ox.Triple], other: Iterable[ox.Triple]) -> bool:
    sets = [ox.Dataset(ox.Quad(*triple) for triple in part) for part in (one, other)]
    for part in sets:
        part.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sets[0] == sets[1]


def body(text: str) -> str:
    """Return the canonical form of statements, without the lines of prefixes."""
    lines = format_text(PREFIXES + text, "t.ttl").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("@prefix")).strip()


# --- examples ---------------------------------------------------------------------------------


def test_golden() -> None:
    expected = read(DATA / "module.expected.ttl")
    assert format_text(read(DATA / "module.ttl"), "module.ttl") == expected
    assert format_text(expected, "module.expected.ttl") == expected


@pytest.mark.parametrize("path", [*MODULES, *EXACT], ids=lambda path: path.stem)
def test_packaged_files_are_stable(path: Path) -> None:
    once = format_text(read(path), str(path))
    assert format_text(once, str(path)) == once
    if path in EXACT:
        assert isomorphic(triples(once), triples(read(path)))


def test_serialize_takes_head_and_prefixes() -> None:
    pair = triples("<https://a.org/x#s> <https://a.org/x#p> 1 .")
    named = serialize(pair, {"a": "https://a.org/x#", "b": "https://b.org/"}, "One.\n# Two.")
    assert named == "# One.\n# Two.\n@prefix a: <https://a.org/x#> .\n\na:s a:p 1 .\n"
    assert serialize(pair) == "<https://a.org/x#s> <https://a.org/x#p> 1 .\n"
    assert serialize([]) == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("ex:b owl:disjointWith ex:a .", "ex:a owl:disjointWith ex:b ."),
        ("ex:b owl:inverseOf ex:a .", "ex:a owl:inverseOf ex:b ."),
        ("[ owl:inverseOf ex:a ] ex:p 1 .", "[] ex:p 1 ;\n    owl:inverseOf ex:a ."),
        ("[] a owl:AllDifferent ; owl:distinctMembers ( ex:b ex:a ) .",
         "ex:a owl:differentFrom ex:b ."),
        ("ex:a ex:p [ a rdf:List ; rdf:first ex:x ; rdf:rest () ] .", "ex:a ex:p ( ex:x ) ."),
        ("ex:a owl:unionOf ( ex:y ex:x ex:y ) .", "ex:a owl:unionOf ( ex:x ex:y ) ."),
        ("ex:a owl:propertyChainAxiom ( ex:y ex:x ex:y ) .",
         "ex:a owl:propertyChainAxiom ( ex:y ex:x ex:y ) ."),
        ("ex:a sh:in ( ex:y ex:x ) .", "ex:a sh:in ( ex:y ex:x ) ."),
        ("ex:a a owl:Class ; ex:p 0.90 .", "ex:a a owl:Class ;\n    ex:p 0.9 ."),
        ("ex:a ex:p 0.90 , 01 .", "ex:a ex:p 0.90 , 01 ."),
        ('ex:a ex:p "x"@EN-gb , "y"^^xsd:string .', 'ex:a ex:p "x"@en-gb , "y" .'),
        ("ex:a ex:p [ a owl:Restriction ; owl:onProperty ex:q ; owl:onClass owl:Thing ;"
         ' owl:minQualifiedCardinality "2"^^xsd:nonNegativeInteger ] .',
         "ex:a ex:p [ a owl:Restriction ; owl:onProperty ex:q ;"
         ' owl:minCardinality "2"^^xsd:nonNegativeInteger ] .'),
        ("ex:a ex:p [] , [] .", "ex:a ex:p [] , [] ."),
        ("ex:a ex:p _:x . ex:b ex:p _:x .", "ex:a ex:p _:b0 .\n\nex:b ex:p _:b0 ."),
        ("_:x ex:p _:y . _:y ex:p _:x .", "_:b0 ex:p [ ex:p _:b0 ] ."),
        ("ex:a ex:p ex:\\~b .", "ex:a ex:p <https://example.org/lab/~b> ."),
        ("# why\nex:b owl:disjointWith ex:a .", "# why\nex:a owl:disjointWith ex:b ."),
    ],
)  # fmt: skip
def test_forms(given: str, expected: str) -> None:
    assert body(given) == expected


def test_empty_prefix_gets_the_name_of_its_namespace() -> None:
    text = "@prefix : <https://a.org/zoo#> . :x a <http://www.w3.org/2002/07/owl#Class> ."
    assert "zoo:x a owl:Class ." in format_text(text, "t.ttl")


def test_unused_prefix_does_not_count() -> None:
    text = "@prefix lab: <https://b.org/> . @prefix : <https://a.org/lab/> . :x :y :z ."
    assert "lab:x lab:y lab:z ." in format_text(text, "t.ttl")


def test_shapes_keep_their_sections() -> None:
    text = "### Second\nex:b a sh:NodeShape .\n\n### First\nex:a a sh:NodeShape ."
    assert body(text) == text


# --- comments and refusals --------------------------------------------------------------------


def test_comments_stay() -> None:
    statements = "# one\nex:b ex:p 1 .\n# two\nex:a ex:p 2 .\n# three\nex:b ex:q 3 .\n# end"
    text = f"# head\n{PREFIXES}{statements}"
    expected = "# two\nex:a ex:p 2 .\n\n# one\n# three\nex:b ex:p 1 ;\n    ex:q 3 .\n\n# end\n"
    result = format_text(text, "t.ttl")
    assert result.startswith("# head\n@prefix ex:")
    assert result.endswith(expected)
    assert format_text("# head\n\n# a\n<x:s> <x:p> <x:o> .", "t.ttl") == (
        "# head\n\n# a\n<x:s> <x:p> <x:o> .\n"
    )


def test_banners_of_the_owl_api_go_and_other_comments_stay() -> None:
    saved = (
        "#################\n#    Classes\n#################\n\n"
        "###  https://example.org/lab/a\nex:a ex:p 1 .\n# mine\nex:b ex:p 1 .\n"
        "###  Generated by the OWL API (version 5.1.20) https://github.com/owlcs/owlapi/"
    )
    assert body(saved) == "ex:a ex:p 1 .\n\n# mine\nex:b ex:p 1 ."
    # Without that signature a person may have written them.
    assert body("###  https://example.org/lab/a\nex:a ex:p 1 .").startswith("###  https:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ex:a ex:p 1 ; # why\n    ex:q 2 .", "t.ttl:7: a comment stands inside"),
        ("ex:a ex:p 1 . # why", "t.ttl:7: a comment stands inside"),
        ("\n# why\n( 1 ) ex:p 1 .", "t.ttl:9: a comment stands above a list"),
        ("# why\n_:x ex:p 1 . ex:a ex:p _:x .", "t.ttl:8: a comment stands above a blank node"),
        ('ex:a ex:p "a\\rb" .', "t.ttl: a string of ex:a holds a carriage return"),
        ("ex:a ex:p 1 .\n\nex:a\rex:q 1 .", "t.ttl:9: a carriage return"),
        ("ex:a ex:p\n  no:x .", "t.ttl:8:3: not Turtle: The prefix no: has not been declared"),
        ("ex:a ex:p <<( ex:a ex:b ex:c )>> .", "t.ttl: a triple stands inside a triple"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        format_text(PREFIXES + text, "t.ttl")
    assert caught.value.hint


def test_hash_signs_that_are_no_comments() -> None:
    text = 'ex:a ex:p "# x" , <https://example.org/#x> , """#\n# y""" , ex:b\\#c .'
    assert isomorphic(triples(format_text(PREFIXES + text, "t.ttl")), triples(PREFIXES + text))


# --- properties -------------------------------------------------------------------------------

EX = "https://example.org/lab/"


def _iris(prefix: str, names: str) -> list[ox.NamedNode]:
    return [ox.NamedNode(namespaces.PREFIXES[prefix] + name) for name in names.split()]


_names = st.sampled_from([ox.NamedNode(EX + x) for x in ("a", "b", "c.d", "1e", "x,y", "-z")])
_blanks = st.sampled_from([ox.BlankNode(x) for x in "klmnop"])
_texts = st.text(
    st.one_of(
        st.sampled_from('"\\\n\t\'#.@<'), st.characters(exclude_categories=["Cs"]),
    ).filter(lambda c: c not in "\r\0"), max_size=12,
)  # fmt: skip
_literals = st.one_of(
    _texts.map(ox.Literal),
    _texts.map(lambda text: ox.Literal(text, language="en-gb")),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=kind),
        st.sampled_from(["1", "01", "+1", ".5", "0.90", "true", "1e3", "-0.0", "INF", "x", "2020"]),
        st.sampled_from(_iris("xsd", "integer decimal boolean double date")),
    ),
)
_plain = st.sampled_from([ox.NamedNode(EX + x) for x in ("p", "q")])


def _some(*predicates: st.SearchStrategy[ox.NamedNode]) -> st.SearchStrategy[list[ox.Triple]]:
    nodes = st.one_of(_names, _blanks)
    return st.lists(
        st.builds(ox.Triple, nodes, st.one_of(*predicates), st.one_of(nodes, _literals)),
        max_size=14, unique=True,
    )  # fmt: skip


_owl_terms = st.sampled_from(
    _iris("owl", "annotatedSource annotatedProperty annotatedTarget disjointWith equivalentClass")
    + _iris("owl", "inverseOf members distinctMembers intersectionOf onClass qualifiedCardinality")
    + _iris("rdf", "first rest")
)
_types = st.builds(
    ox.Triple,
    st.one_of(_names, _blanks),
    st.sampled_from(_iris("rdf", "type")),
    st.sampled_from(
        _iris("owl", "Class Restriction Axiom AllDisjointClasses AllDifferent Thing Ontology")
    ),
)


def _shuffled(statements: list[ox.Triple], seed: int) -> str:
    """Write statements in another order, with other labels."""
    chance = random.Random(seed)
    labels = {f"_:{old}": f"_:{chance.choice('xyz')}{n}" for n, old in enumerate("klmnop")}
    lines = [" ".join(labels.get(str(t), str(t)) for t in triple) + " ." for triple in statements]
    chance.shuffle(lines)
    return "\n".join(lines)


@settings(deadline=None, max_examples=150)
@given(_some(_plain), st.integers(0, 9))
def test_lossless_and_independent_of_order(statements: list[ox.Triple], seed: int) -> None:
    text = serialize(statements)
    assert isomorphic(triples(text), statements)
    assert format_text(text, "") == text
    assert format_text(_shuffled(statements, seed), "") == text


@settings(deadline=None, max_examples=300)
@given(_some(_plain, _owl_terms), st.lists(_types, max_size=6), st.integers(0, 9))
def test_one_text_whatever_the_axioms(
    statements: list[ox.Triple], types: list[ox.Triple], seed: int
) -> None:
    text = serialize([*statements, *types])
    assert format_text(text, "") == text
    assert format_text(_shuffled([*statements, *types], seed), "") == text


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([DATA / "module.ttl", ONTOLOGY / "alterations.ttl"]), st.integers(0, 99))
def test_modules_in_any_order(path: Path, seed: int) -> None:
    statements = triples(format_text(read(path), path.name))
    chance = random.Random(seed)
    chance.shuffle(statements)
    bare = re.sub(r"(?m)^#.*\n\n?", "", format_text(read(path), path.name))
    own = {"lab": EX}
    assert serialize(statements, own).strip() == bare.strip()


# --- the OWL API ------------------------------------------------------------------------------


def _resaved(texts: dict[str, str], engine: str, folder: Path) -> dict[str, str]:
    """Save documents through the OWL API and return their canonical form."""
    pairs = []
    for name, text in texts.items():
        pairs.append((folder / f"{name}.ttl", folder / f"{name}.saved.ttl"))
        pairs[-1][0].write_text(text, encoding="utf-8", newline="\n")
    owlapi.resave(pairs, ontologies.packaged_catalog(), engine)
    return {
        name: format_text(read(saved), str(saved))
        for name, (_, saved) in zip(texts, pairs, strict=True)
    }


@pytest.fixture(params=["5.1", "3.4"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param not in owlapi.engines():
        pytest.skip(f"OWL API {request.param} is not installed here")
    return str(request.param)


@pytest.mark.slow
def test_a_save_by_the_owl_api_changes_nothing(engine: str, tmp_path: Path) -> None:
    # The OWL API drops comments; nothing else may differ.
    texts = {
        path.stem: re.sub(r"(?m)\A(?:#.*\n)+\n?", "", format_text(read(path), path.name))
        for path in [*MODULES, EXAMPLE]
    }
    for name, text in _resaved(texts, engine, tmp_path).items():
        assert text == texts[name], name


STRUCTURES = """
<https://example.org/lab> a owl:Ontology ; owl:versionInfo "1" .
ex:note a owl:AnnotationProperty .
ex:p a owl:ObjectProperty ; owl:inverseOf ex:o ; owl:propertyChainAxiom ( ex:p ex:o ) .
ex:o a owl:ObjectProperty ; rdfs:subPropertyOf [ owl:inverseOf ex:q ] .
ex:q a owl:ObjectProperty , owl:FunctionalProperty ; owl:equivalentProperty ex:p ;
    rdfs:range [ a owl:Class ; owl:unionOf ( ex:C ex:B ) ] ; owl:propertyDisjointWith ex:o .
ex:d a owl:DatatypeProperty ; rdfs:range [ a rdfs:Datatype ; owl:oneOf ( "b" "a" ) ] .
ex:e a owl:DatatypeProperty ; rdfs:range [ a rdfs:Datatype ; owl:onDatatype xsd:integer ;
    owl:withRestrictions ( [ xsd:minInclusive 5 ] [ xsd:maxInclusive 9 ] ) ] .
ex:A a owl:Class ; owl:disjointWith ex:B ; owl:hasKey ( ex:p ex:d ) ;
    owl:disjointUnionOf ( ex:C ex:B ) ; owl:equivalentClass ex:Z , [ a owl:Class ;
    owl:intersectionOf ( ex:C [ a owl:Restriction ; owl:onProperty ex:p ;
    owl:someValuesFrom ex:B ] ex:B ) ] ; ex:note "a" .
ex:B a owl:Class ; owl:disjointWith ex:A ; rdfs:subClassOf
    [ a owl:Restriction ; owl:onProperty ex:p ; owl:hasValue ex:i ] ,
    [ a owl:Restriction ; owl:onProperty ex:p ; owl:onClass ex:C ;
      owl:minQualifiedCardinality "1"^^xsd:nonNegativeInteger ] ,
    [ a owl:Restriction ; owl:onProperty ex:p ; owl:onClass owl:Thing ;
      owl:maxQualifiedCardinality "3"^^xsd:nonNegativeInteger ] ,
    [ a owl:Restriction ; owl:onProperty ex:p ; owl:hasSelf true ] ,
    [ a owl:Class ; owl:complementOf ex:C ] , [ a owl:Class ; owl:oneOf ( ex:k ex:i ) ] .
ex:C a owl:Class ; owl:deprecated true . ex:Z a owl:Class ; owl:equivalentClass ex:C .
ex:D a owl:Class ; rdfs:subClassOf _:r .
_:r a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:C .
[] a owl:Axiom ; owl:annotatedSource ex:D ; owl:annotatedProperty rdfs:subClassOf ;
    owl:annotatedTarget _:r ; ex:note "one" .
[] a owl:Axiom ; owl:annotatedSource ex:D ; owl:annotatedProperty rdfs:subClassOf ;
    owl:annotatedTarget _:r ; ex:note "two" .
[] a owl:Axiom ; owl:annotatedSource ex:Z ; owl:annotatedProperty owl:equivalentClass ;
    owl:annotatedTarget ex:C ; ex:note "why" .
[] a owl:AllDisjointClasses ; owl:members ( ex:Z ex:B ) ; ex:note "two" .
[] a owl:AllDisjointClasses ; owl:members ( ex:Z ex:C ex:B ex:B ) ; ex:note "three" .
[] a owl:AllDisjointProperties ; owl:members ( ex:q ex:p ) .
[] a owl:AllDifferent ; owl:distinctMembers ( ex:k ex:i ex:j ) .
[] a owl:AllDifferent ; owl:members ( ex:k ex:j ) .
[ a owl:Class ; owl:intersectionOf ( ex:C ex:A ) ] rdfs:subClassOf ex:Z .
ex:i a ex:A , owl:NamedIndividual ; ex:p ex:j , [ a ex:B ] ; ex:d "v" ; owl:sameAs ex:k .
ex:j a owl:NamedIndividual , ex:B . ex:k a owl:NamedIndividual .
[] a owl:NegativePropertyAssertion ; owl:sourceIndividual ex:i ; owl:assertionProperty ex:p ;
    owl:targetIndividual ex:k .
"""

LITERALS = r"""
<https://example.org/lab> a owl:Ontology .
ex:v a owl:AnnotationProperty .
ex:S a owl:Class ; ex:v "" , " " , ""@en , "x"@EN-gb , "t"^^xsd:string , "q\"q" , "end\"" ,
    "\"start" , "a\\b" , "end\\" , "a\\nb" , "\\\"" , "\U0001F600 \u00FC\u200B\u00A0\u2028\u0085" ,
    "tri \"\"\" q" , "it's" , "^^x@en <b> &amp; $1" , "raw	tab" , "esc\ttab" , "\\u0041" ,
    "esc\nline" , "\n" , "\nstart" , "two\n\n  blank  \nlines" , "#no\n#comment ." ,
    "b\\\ns\\\\\n" , "say \"x\"\n" , "\"\"\"\n" , "\"\\\"\n\t" , "long\n"@en .
ex:N a owl:Class ; ex:v 1 , 01 , +1 , -1 , 007 , 0.90 , .5 , -0.0 , "1"^^xsd:boolean , false ,
    "70"^^xsd:decimal , "+2.0"^^xsd:decimal , 1.50e3 , "1"^^xsd:double , "0.90"^^xsd:float ,
    "INF"^^xsd:double , "2020"^^xsd:gYear , "2020-01-01"^^xsd:date , "x y"^^xsd:anyURI .
ex:I a owl:Class ; ex:v ex:1abc , ex:a.b , ex:a-b , ex:a.1 , ex:123 , ex:_x , ex: , ex:x\,y ,
    ex:p\(q\) , ex:x%41y , ex:ü , ex:a:b , ex:x\;y , <https://example.org/lab/-x> , ex:a- ,
    <https://example.org/lab/a?b=c#d&e> , <https://example.org/lab/\U0001F600> , <urn:x:y> ,
    <http://purl.obolibrary.org/obo/NCIT_C9118> , <https://bioregistry.io/hgnc:76> .
"""


@pytest.mark.parametrize("text", [STRUCTURES, LITERALS], ids=["structures", "literals"])
def test_owl_2_survives_the_owl_api(text: str, engine: str, tmp_path: Path) -> None:
    canonical = format_text(PREFIXES + text, "t.ttl")
    assert _resaved({"t": canonical}, engine, tmp_path)["t"] == canonical


def test_what_ships_is_in_canonical_form() -> None:
    root = resources.data_root()
    files = [*(root / "ontology").rglob("*.ttl"), *(root / "shapes").glob("*.ttl")]
    assert len(files) > 15
    assert [path.name for path in files if format_text(_read(path), path.name) != _read(path)] == []


def test_no_module_holds_an_escape_that_the_owl_api_loses() -> None:
    """The OWL API drops the backslash of a line break that is written as an escape."""
    for path in resources.ontology_files():
        assert not re.search(r"(?<!\\)(\\\\)*\\[ntr]", _read(path)), path


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# --- large, knotted and broken files ----------------------------------------------------------


LAB = "<https://example.org/lab> a owl:Ontology . "


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ex:a a owl:Class , owl:NamedIndividual .", False),
        ("ex:a a owl:ObjectProperty , owl:NamedIndividual .", False),
        ("ex:a a ex:B , owl:NamedIndividual .", True),
        ("ex:a a owl:NamedIndividual .", True),
        ("ex:b ex:p ex:a . ex:a a owl:NamedIndividual .", True),
        ("ex:b ex:p <urn:a> . <urn:a> a owl:NamedIndividual .", False),
        ("<urn:a> a owl:NamedIndividual .", True),
        ('ex:b ex:p <urn:a> . <urn:a> a owl:NamedIndividual ; rdfs:label "a" .', True),
        ("ex:b ex:p <urn:a> .\n# mine\n<urn:a> a owl:NamedIndividual .", True),
    ],
)
def test_declarations_of_individuals(given: str, kept: bool) -> None:
    assert ("NamedIndividual" in body(LAB + given)) is kept
    if kept:  # without an ontology IRI no term is known to be of others
        assert "NamedIndividual" in body(given)


def test_without_an_ontology_every_bare_individual_stays() -> None:
    assert "NamedIndividual" in body("ex:b ex:p <urn:a> . <urn:a> a owl:NamedIndividual .")


def _clique(size: int) -> str:
    pairs = [(a, b) for a in range(size) for b in range(size) if a != b]
    return " ".join(f"_:n{a} ex:p _:n{b} ." for a, b in pairs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ex:a ex:p " + "[ ex:p " * 2000 + "1" + " ]" * 2000 + " .",
         "t.ttl: more than 200 blank nodes stand in each other below ex:a"),
        ("ex:a ex:p " + "( " * 2000 + ")" * 2000 + " .", "t.ttl: more than 200 blank nodes"),
        (f'ex:a ex:p "{"x" * 17_000_000}" .', "t.ttl: a string or name is too long"),
        (_clique(9), "t.ttl: 9 blank nodes (_:n0, _:n1, _:n2, _:n3, ...) refer to one another"),
        ("ex:a ex:p " + "<<( ex:a ex:p " * 50_000 + "1" + " )>>" * 50_000 + " .",
         "t.ttl: holds 50000 triple terms"),
    ],
    ids=["nodes", "lists", "string", "clique", "triples"],
)  # fmt: skip
def test_what_is_too_much(text: str, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        format_text(PREFIXES + text, "t.ttl")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        _clique(4),
        " ".join(f"_:n{n} ex:p _:n{(n + 1) % 12} . _:m{n} ex:p _:n{n} ." for n in range(12)),
        " ".join(f"_:a{n} ex:p _:b{n} . _:b{n} ex:p _:a{n} ." for n in range(30)),
        "ex:a ex:p " + ",".join(f"_:n{n}" for n in range(40)) + " . _:o ex:p "
        + ",".join(f"_:n{n}" for n in range(40)) + " .",
        " ".join(f"ex:a ex:q [ ex:p _:x{n} ] . ex:b ex:q [ ex:r _:x{n} ] ." for n in range(12)),
    ],
    ids=["clique", "ring", "pairs", "star", "trees"],
)  # fmt: skip
def test_knots(text: str) -> None:
    canonical = format_text(PREFIXES + text, "t.ttl")
    assert isomorphic(triples(canonical), triples(PREFIXES + text))
    labels = sorted({*re.findall(r"_:\w+", text)})
    for seed in range(3):
        chance = random.Random(seed)
        fresh = dict(zip(labels, chance.sample(range(1000), len(labels)), strict=True))
        lines = re.sub(r"_:\w+", lambda m: f"_:z{fresh[m.group()]}", text).split(" . ")  # noqa: B023
        chance.shuffle(lines)
        shuffled = " . ".join(line.rstrip(" .") for line in lines) + " ."
        assert format_text(PREFIXES + shuffled, "t.ttl") == canonical


def test_comments_above_nodes_that_are_alike_stay_in_order() -> None:
    text = PREFIXES
    for n in range(12):
        text += f"\n# {n}\n_:n{n} a ex:C .\nex:a ex:p _:n{n} .\nex:b ex:p _:n{n} .\n"
    once = format_text(text, "t.ttl")
    assert re.findall(r"(?m)^# (\d+)", once) == [str(n) for n in range(12)]


def test_large_files_take_seconds() -> None:
    classes = "\n".join(f'ex:c{n} a owl:Class ; rdfs:label "{n}" .' for n in range(10_000))
    start = time.process_time()
    format_text(f"{PREFIXES}{classes} ex:a ex:p ( {'1 ' * 10_000}) .", "t.ttl")
    assert time.process_time() - start < 15  # two where this was written; once a minute


@pytest.mark.parametrize("suffix", ["ttl", "rdf"])
def test_reading_what_the_parser_does_not_take(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"big.{suffix}"
    path.write_text(f'<x:a> <x:b> "{"x" * 17_000_000}" .')
    with pytest.raises(UserError, match=re.escape(str(path))):
        loading.read(path)
    path.write_text("<x:a> <x:b> " + "<<( <x:a> <x:b> " * 50_000 + "1" + " )>>" * 50_000 + " .")
    with pytest.raises(UserError, match=r"triple terms|this is Turtle"):
        loading.read(path)


# --- the command ------------------------------------------------------------------------------


def test_a_bad_file_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        "a.ttl": "<x:a>  <x:b> 1 .", "bad.ttl": "<x:a>", "b.TTL": "<x:a> <x:b>  1 .",
        "c.txt": "", "d.ttl": "<x:a> <x:b> 1 .\n",
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    paths = {name: str(tmp_path / name) for name in texts}
    assert cli.main(["fmt", "--check", *paths.values()]) == 2
    assert "5 file(s), 2 to rewrite, 2 with an error" in capsys.readouterr().err
    assert {name: read(tmp_path / name) for name in texts} == texts
    assert cli.main(["fmt", "--check", paths["a.ttl"], paths["d.ttl"]]) == 1
    assert cli.main(["fmt", *paths.values(), str(tmp_path / "none.ttl")]) == 2
    said = capsys.readouterr().err
    for name in ("bad.ttl:1:6: not Turtle", "c.txt: not a Turtle file", "none.ttl: no such file"):
        assert said.count(name) == 1
    assert read(tmp_path / "a.ttl") == read(tmp_path / "b.TTL") == texts["d.ttl"]
    assert read(tmp_path / "bad.ttl") == "<x:a>"
    assert cli.main(["fmt", "--check", paths["a.ttl"], paths["b.TTL"], paths["d.ttl"]]) == 0
