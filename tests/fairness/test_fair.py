"""How FAIR the packaged ontology is: for every check, take away what it asks, and it says so."""

import csv
import datetime
import io
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from sarcoma_kg import cli
from sarcoma_kg.fairness import document, foops, obo, verdict
from sarcoma_kg.ground import namespaces
from sarcoma_kg.owl import onefile

P = {**namespaces.PREFIXES, "vann": "http://purl.org/vocab/vann/",
     "foaf": "http://xmlns.com/foaf/0.1/", "schema": "https://schema.org/"}  # fmt: skip
ONTOLOGY = ox.NamedNode(onefile.HEADER)
OBO_VERSION = "http://purl.obolibrary.org/obo/skg/2026-11-28/skg.owl"
DAY = datetime.date(2026, 12, 1)
Triples = list[ox.Triple]
Change = Callable[[Triples], Triples]


def node(curie: str) -> ox.NamedNode:
    prefix, name = curie.split(":", 1)
    return ox.NamedNode(P[prefix] + name)


def without(subject: str | ox.NamedNode, *predicates: str) -> Change:
    named = subject if isinstance(subject, ox.NamedNode) else node(subject)
    gone = {node(p) for p in predicates}
    return lambda ts: [t for t in ts if not (t.subject == named and t.predicate in gone)]


def header(*predicates: str) -> Change:
    return without(ONTOLOGY, *predicates)


def plus(turtle: str) -> Change:
    text = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in P.items()) + turtle
    return lambda ts: [*ts, *(q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE))]


def both(*changes: Change) -> Change:
    def change(triples: Triples) -> Triples:
        for one in changes:
            triples = one(triples)
        return triples

    return change


def renamed(old: str, new: str) -> Change:
    """Change a name wherever it stands."""
    text = f"<{old}> ", f"<{new}> "

    def change(triples: Triples) -> Triples:
        lines = "".join(f"{t} .\n" for t in triples if ox.NamedNode(old) in (t.subject, t.object))
        kept = [t for t in triples if ox.NamedNode(old) not in (t.subject, t.object)]
        read = ox.parse(lines.replace(*text), format=ox.RdfFormat.N_TRIPLES)
        return [*kept, *(quad.triple for quad in read)]

    return change


def said(curie: str, value: str) -> Change:
    """Say one thing in the header, in the place of what it says now."""
    return both(header(curie), plus(f"<{onefile.HEADER}> {curie} {value} ."))


def bare(triples: Triples) -> Triples:
    keep = {node("rdf:type"), node("owl:versionIRI")}
    return [t for t in triples if t.subject != ONTOLOGY or t.predicate in keep]


def own_alone(triples: Triples) -> Triples:
    """Leave out classes and properties of others; annotation properties count as metadata."""
    kinds = {node("owl:Class"), node("owl:ObjectProperty"), node("owl:DatatypeProperty")}
    outer = {
        t.subject for t in triples
        if t.object in kinds and isinstance(t.subject, ox.NamedNode)
        and not t.subject.value.startswith(P["skg"])
    } | {node("skos:Concept"), node("skos:ConceptScheme")}  # fmt: skip
    outer |= {
        t.object for t in triples
        if t.predicate == node("owl:someValuesFrom")
        and isinstance(t.object, ox.NamedNode) and not t.object.value.startswith(P["skg"])
    }  # fmt: skip
    typed = {node("oboInOwl:SubsetProperty")}
    return [t for t in triples if not {t.subject, t.predicate, t.object} & (outer | typed)]


VERSION = "https://w3id.org/sarcoma-kg/2026-11-28/ontology"
#: What is changed, and the checks whose result changes with it: all of them, and no other.
CHANGES: dict[str, tuple[Change, str]] = {
    "no title": (header("dcterms:title"), "OM1 missing_ontology_title"),
    "no description": (header("dcterms:description"), "missing_ontology_description"),
    "nothing that describes": (
        header("dcterms:description", "rdfs:comment"), "OM1 missing_ontology_description",
    ),
    "empty licence": (said("dcterms:license", "''"), "OM4.1 FP01"),
    "no licence": (header("dcterms:license"), "OM1 OM4.1 FP01 missing_ontology_license"),
    "rights alone": (
        both(header("dcterms:license"), said("dcterms:rights", '"all reserved"')),
        "OM1 FP01 missing_ontology_license",
    ),
    "closed licence": (
        said("dcterms:license", "<https://creativecommons.org/licenses/by-nc/4.0/>"), "FP01",
    ),
    "no version IRI": (header("owl:versionIRI"), "OM1 VER1 FP16"),
    "version IRI is the ontology's": (said("owl:versionIRI", f"<{onefile.HEADER}>"), "VER1 FP16"),
    "no author": (header("dcterms:creator"), "OM1 OM5.1"),
    "no namespace": (header("vann:preferredNamespaceUri"), "OM1"),
    "no prefix": (header("vann:preferredNamespacePrefix"), "FIND1 OM2"),
    "empty prefix": (said("vann:preferredNamespacePrefix", '""'), "FIND1"),
    "no version": (header("owl:versionInfo"), "OM2"),
    "no date of creation": (header("dcterms:created"), "OM2 OM5.1"),
    "date of creation is no literal": (said("dcterms:created", "skg:Today"), "OM2 OM5.1"),
    "no citation": (header("dcterms:bibliographicCitation"), "OM2"),
    "no publisher": (header("dcterms:publisher"), "OM5.2"),
    "no date of issue": (header("dcterms:issued"), "OM5.2"),
    "DOI and logo": (
        both(said("bibo:doi", '"10.5072/example"'),
             said("foaf:logo", "<https://example.org/logo.svg>")), "OM3",
    ),
    "an identifier that is a DOI, and a logo": (
        both(said("dcterms:identifier", '"https://doi.org/10.5072/example"'),
             said("schema:logo", "<https://example.org/logo.svg>")), "OM3",
    ),
    "an identifier that is none": (said("dcterms:identifier", '"SKG"'), ""),
    "not persistent": (renamed(onefile.HEADER, "https://example.org/ontology"), "PURL1"),
    "no web address": (renamed(onefile.HEADER, "urn:example:ontology"), "PURL1 HTTP1"),
    "no metadata": (
        bare, "OM1 OM2 OM4.1 OM5.1 OM5.2 FIND1 VOC1 FP01 missing_ontology_description "
        "missing_ontology_license missing_ontology_title",
    ),
    "in a catalogue": (
        said("schema:includedInDataCatalog", "<https://example.org/>"),
        "FIND3 FIND_3_BIS",
    ),
    # What says that a property of ours names a subset is a term of others too.
    "no term of others": (own_alone, "VOC2 missing_subset_declaration"),
    "import alone": (
        both(own_alone, said("owl:imports", "<https://example.org/>")),
        "missing_subset_declaration",
    ),
    "no label": (without("skg:MDM2", "rdfs:label"), "VOC3 missing_label"),
    "no definition in SKOS": (without("skg:MDM2", "skos:definition"), "VOC4"),
    "a comment for it": (
        both(without("skg:MDM2", "skos:definition"), plus('skg:MDM2 rdfs:comment "x" .')), "",
    ),
    "an IRI of the OBO Foundry": (
        renamed(onefile.HEADER, "http://purl.obolibrary.org/obo/skg.owl"), "FP03",
    ),
    "a version IRI of the OBO Foundry": (said("owl:versionIRI", f"<{OBO_VERSION}>"), "FP04"),
    "date and number": (
        said("owl:versionIRI", "<http://purl.obolibrary.org/obo/skg/2026-11-28/1.0/skg.owl>"), "",
    ),
    "an old version": (
        said("owl:versionIRI", "<https://w3id.org/sarcoma-kg/2023-11-21/ontology>"), "FP16",
    ),
    "space": (plus('skg:MDM2 obo:IAO_0000116 " note" .'), "annotation_whitespace"),
    "deprecated as text": (
        plus('skg:MDM2 owl:deprecated "yes" .'), "deprecated_boolean_datatype",
    ),
    "deprecated class in use": (
        plus('skg:Old a owl:Class ; owl:deprecated true ; rdfs:label "obsolete old" ; '
             'rdfs:subClassOf skg:Gene ; skos:definition "Old." .'), "deprecated_class_reference",
    ),
    "deprecated property in use": (
        plus('skg:old a owl:ObjectProperty ; owl:deprecated true ; rdfs:label "obsolete old" ; '
             'skos:definition "Old." . skg:newer rdfs:subPropertyOf skg:old ; rdfs:label "newer" ; '
             'obo:IAO_0000115 "Newer." .'), "deprecated_property_reference",
    ),
    "one definition twice": (
        plus('skg:X1 rdfs:label "x1" ; obo:IAO_0000115 "X." . '
             'skg:X2 rdfs:label "x2" ; obo:IAO_0000115 "X." .'), "FP06 duplicate_definition",
    ),
    "label as synonym": (
        plus('skg:X1 rdfs:label "x1" ; obo:IAO_0000115 "X." ; oboInOwl:hasExactSynonym "x1" .'),
        "duplicate_label_synonym",
    ),
    "two scopes": (
        plus('skg:MDM2 oboInOwl:hasBroadSynonym "xyz" ; oboInOwl:hasRelatedSynonym "xyz" .'),
        "duplicate_scoped_synonym",
    ),
    "no genus": (
        plus("skg:MDM2 owl:equivalentClass [ a owl:Restriction ; owl:onProperty skg:inhibits ; "
             "owl:someValuesFrom skg:KIT ] ."), "equivalent_class_axiom_no_genus",
    ),
    "equal classes": (plus("skg:MDM2 owl:equivalentClass skg:KIT ."), "equivalent_pair"),
    "cross-reference in words": (
        plus('skg:MDM2 oboInOwl:hasDbXref "see there" .'), "invalid_xref",
    ),
    "tab": (both(without("skg:MDM2", "rdfs:label"), plus('skg:MDM2 rdfs:label "MDM\\t2"@en .')),
            "label_formatting"),
    "space at a label": (
        both(without("skg:MDM2", "rdfs:label"), plus('skg:MDM2 rdfs:label "MDM2 "@en .')),
        "label_whitespace",
    ),
    "small letter": (
        both(without("skg:MDM2", "obo:IAO_0000115"), plus('skg:MDM2 obo:IAO_0000115 "a gene." .')),
        "",
    ),
    "no definition": (without("skg:MDM2", "obo:IAO_0000115"), "FP06 missing_definition"),
    "empty label": (
        both(without("skg:MDM2", "rdfs:label"), plus('skg:MDM2 rdfs:label "" .')), "missing_label",
    ),
    "deprecated without a word": (
        plus('skg:X owl:deprecated true ; rdfs:label "x" .'), "missing_obsolete_label",
    ),
    "undeclared subset": (
        plus("skg:MDM2 oboInOwl:inSubset skg:slim ."), "missing_subset_declaration",
    ),
    "undeclared synonym type": (
        without("skg:Abbreviation", "rdfs:subPropertyOf"), "missing_synonymtype_declaration",
    ),
    "obsolete, but alive": (
        both(without("skg:MDM2", "rdfs:label"), plus('skg:MDM2 rdfs:label "obsolete MDM2" .')),
        "misused_obsolete_label",
    ),
    "replaced, but alive": (plus("skg:MDM2 obo:IAO_0100001 skg:KIT ."), "misused_replaced_by"),
    "two definitions": (
        plus('skg:MDM2 obo:IAO_0000115 "Another one." .'), "FP06 multiple_definitions",
    ),
    "two labels": (plus('skg:MDM2 rdfs:label "another" .'), "multiple_labels"),
    "two equivalences": (
        plus("skg:MDM2 owl:equivalentClass [ owl:complementOf skg:KIT ] , "
             "[ owl:complementOf skg:TP53 ] ."), "multiple_equivalent_classes",
    ),
    "two logical definitions": (
        plus("skg:MDM2 owl:equivalentClass [ owl:intersectionOf ( skg:KIT skg:TP53 ) ] , "
             "[ owl:intersectionOf ( skg:KIT skg:ALK ) ] ."),
        "multiple_equivalent_classes multiple_equivalent_class_definitions",
    ),
}  # fmt: skip
#: Checks with no change of their own above, and the test that moves them.
ELSEWHERE = {"RDF1": "a broken file", "FP02": "a file in Turtle", "FP12": "names of their own",
             "duplicate_label": "names of their own", "duplicate_exact_synonym": "marked",
             "lowercase_definition": "a remark", "missing_superclass": "a remark",
             "illegal_use_of_built_in_vocabulary": "not own", "invalid_entity_uri": "not own",
             }  # fmt: skip


@pytest.fixture(scope="module")
def triples() -> Triples:
    return list(onefile.triples(base=True))


def judged(triples: Triples, syntax: str = "") -> list[verdict.Verdict]:
    made = document.from_triples(triples, "test", syntax)
    return [*foops.verdicts(made), *obo.verdicts(made, DAY)]


def results(verdicts: list[verdict.Verdict]) -> dict[str, str]:
    return {re.sub(r"^(FP\d\d).*", r"\1", v.check): v.result for v in verdicts}


@pytest.fixture(scope="module")
def before(triples: Triples) -> dict[str, str]:
    return results(judged(triples))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_moves_the_checks_that_ask_for_it_and_no_other(
    triples: Triples, before: dict[str, str], name: str
) -> None:
    change, moved = CHANGES[name]
    changed = change(triples)
    assert changed != triples
    after = results(judged(changed))
    assert after.keys() == before.keys()
    assert {check for check in after if after[check] != before[check]} == set(moved.split())


def test_every_check_that_can_be_asked_is_moved(before: dict[str, str]) -> None:
    moved = {check for _, words in CHANGES.values() for check in words.split()}
    asked = {check for check, result in before.items() if result != "not checkable offline"}
    assert asked - moved - set(ELSEWHERE) == set()
    assert moved.isdisjoint(ELSEWHERE)


def test_the_packaged_ontology_misses_what_is_known(triples: Triples) -> None:
    verdicts = judged(triples)
    # No DOI and no logo exist. The names are at w3id.org. Codes of two lists share a name.
    assert {v.check: v.missing for v in verdicts if v.suite == "FOOPS!" and v.result == "miss"} == {
        "OM3": "doi, logo"
    }
    assert {v.check for v in verdicts if v.suite == "OBO" and v.result == "miss"} == {
        "FP03 URIs", "FP04 Versioning", "FP12 Naming Conventions", "duplicate_label",
        "duplicate_exact_synonym",
    }  # fmt: skip
    for v in verdicts:
        assert v.asks
        assert v.defined.startswith("https://")
        if v.result == "miss":
            assert v.missing
            assert v.advice
        if v.result == "not checkable offline":
            assert v.missing


def test_the_header_agrees_with_itself_and_with_the_citation_file() -> None:
    made = document.packaged()
    version = made.version.split("/")[4]
    for name in ("owl:versionInfo", "dcterms:issued", "dcterms:modified"):
        assert [t.value for t in made.header[node(name).value]] == [version], name
    cited = made.header[node("dcterms:bibliographicCitation").value][0].value
    assert f"version {version}" in cited
    assert cited.endswith(made.version)
    who = {made.header[node(p).value][0].value for p in ("dcterms:creator", "dcterms:publisher")}
    citation = Path(__file__).parents[2] / "CITATION.cff"
    assert {f"  - name: {name}" for name in who} <= set(citation.read_text().splitlines())
    assert made.namespace == namespaces.SKG


def test_scores_count_as_foops_does() -> None:
    def v(passed: int, asked: int, suite: str = "FOOPS!") -> verdict.Verdict:
        return verdict.Verdict(suite, "x", "", "", passed, asked)

    found = verdict.scores([v(4, 6), v(1, 1), v(0, 0), v(1, 1, "OBO"), v(0, 1, "OBO")])
    assert [(s.name, round(s.share, 4)) for s in found] == [
        ("FOOPS! as it counts", 0.8333), ("FOOPS! plain", 0.5), ("OBO plain", 0.5),
    ]  # fmt: skip


def test_a_part_of_what_is_asked_is_a_part_of_the_point(triples: Triples) -> None:
    def om3(change: Change) -> tuple[int, int]:
        found = next(v for v in judged(change(triples)) if v.check == "OM3")
        return found.passed, found.asked

    assert om3(lambda ts: ts) == (4, 6)
    for gone in ("dcterms:source", "bibo:status", "dcterms:publisher", "dcterms:issued"):
        assert om3(header(gone)) == (3, 6), gone


def test_names_of_their_own_pass(triples: Triples) -> None:
    """What the packaged ontology misses, it passes when it is mended."""
    twice = [
        "Supports",
        "VerdictSupports",
        "NotApplicable",
        "StrengthNotApplicable",
        "agent",
        "Source",
    ]
    changes = [
        both(without(f"skg:{n}", "rdfs:label"), plus(f'skg:{n} rdfs:label "own {n}" .'))
        for n in twice
    ]
    shared = without("skg:FGFRFamilyGene", "oboInOwl:hasExactSynonym")
    after = results(judged(both(*changes, shared)(triples)))
    for check in ("duplicate_label", "FP12", "duplicate_exact_synonym"):
        assert after[check] == "pass", check


def test_an_acronym_may_be_shared(triples: Triples) -> None:
    marked = plus(
        "".join(
            f'[] a owl:Axiom ; owl:annotatedSource skg:{n} ; owl:annotatedTarget "FGFR"@en ; '
            "owl:annotatedProperty oboInOwl:hasExactSynonym ; "
            "oboInOwl:hasSynonymType obo:OMO_0003012 .\n"
            for n in ("FGFRFamilyGene", "FGFRFamilyProtein")
        )
    )
    assert results(judged(marked(triples)))["duplicate_exact_synonym"] == "pass"


@pytest.mark.parametrize(
    ("change", "check", "term"),
    [
        (CHANGES["small letter"][0], "lowercase_definition", "skg:MDM2"),
        (without("skg:MDM2", "rdfs:subClassOf"), "missing_superclass", "skg:MDM2"),
    ],
)
def test_information_is_a_remark_and_no_miss(
    triples: Triples, change: Change, check: str, term: str
) -> None:
    old = next(v for v in judged(triples) if v.check == check)
    new = next(v for v in judged(change(triples)) if v.check == check)
    assert old.missing != new.missing
    assert new.result == "pass"
    assert new.missing.startswith("INFO: ")
    if check == "lowercase_definition":
        assert (old.missing, new.missing) == ("", f"INFO: {term}")


@pytest.mark.parametrize(
    ("check", "turtle", "iri"),
    [
        ("illegal_use_of_built_in_vocabulary", 'rdf:type rdfs:comment "x" .',
         "http://www.w3.org/1999/02/22-rdf-syntax-ns"),
        ("invalid_entity_uri", "<https://purl.obolibrary.org/obo/SKG_1> a owl:Class .",
         "https://purl.obolibrary.org/obo/"),
    ],
)  # fmt: skip
def test_names_of_others_count_in_their_ontology_only(
    triples: Triples, check: str, turtle: str, iri: str
) -> None:
    changed = plus(turtle)(triples)
    assert results(judged(changed))[check] == "pass"
    there = both(header("vann:preferredNamespaceUri"), renamed(onefile.HEADER, iri))(changed)
    assert results(judged(there))[check] == "miss"


def test_the_base_is_one_document_with_the_definitions_in_skos(triples: Triples) -> None:
    heads = [t.subject for t in triples if t.object == node("owl:Ontology")]
    assert heads == [ONTOLOGY]
    assert not [t for t in triples if t.predicate == node("owl:imports")]
    obo_ = {(t.subject, t.object) for t in triples if t.predicate == node("obo:IAO_0000115")}
    assert {
        (t.subject, t.object) for t in triples if t.predicate == node("skos:definition")
    } == obo_
    whole = set(onefile.triples(base=False))
    assert set(triples) < whole
    assert len(triples) == len(set(triples))
    imported = {t.subject for t in whole - set(triples) if isinstance(t.subject, ox.NamedNode)}
    assert {iri.value.split("_")[0] for iri in imported} == {
        P["obo"] + n for n in ("NCIT", "CHEBI", "UBERON")
    }


def save(triples: Triples, path: Path) -> Path:
    kind = ox.RdfFormat.from_extension("rdf" if path.suffix == ".owl" else path.suffix[1:])
    assert kind
    path.parent.mkdir(parents=True, exist_ok=True)
    ox.serialize(triples, str(path), format=kind)
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, str]], str]:
    code = cli.main(["fair", "--format", "csv", *words])
    out, err = capsys.readouterr()
    return code, list(csv.DictReader(io.StringIO(out))), err


def test_a_release_folder_is_judged_by_its_base_in_rdf_xml(
    triples: Triples, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "ontology"
    save([*triples, *plus('skg:X rdfs:label "x" .')([])], place / "sarcoma.ttl")
    save(triples, place / "sarcoma-base.ttl")
    save(triples, place / "sarcoma-base.owl")
    code, rows, said_ = run(capsys, str(tmp_path))
    assert code == 0
    assert "sarcoma-base.owl" in said_
    assert {r["check"]: r["result"] for r in rows}["FP02 Common Format"] == "pass"
    # A file in Turtle is not in the format that the OBO Foundry asks.
    turtle = run(capsys, str(place / "sarcoma-base.ttl"))
    assert {r["check"]: r["result"] for r in turtle[1]}["FP02 Common Format"] == "miss"
    moved = {a["check"] for a, b in zip(rows, turtle[1], strict=True) if a["result"] != b["result"]}
    assert moved == {"FP02 Common Format"}


def test_without_a_base_the_largest_file_is_judged(
    triples: Triples, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(triples, tmp_path / "whole.ttl")
    save([t for t in triples if t.subject == ONTOLOGY], tmp_path / "header.ttl")
    assert "whole.ttl" in run(capsys, str(tmp_path))[2]


def test_exit_codes(triples: Triples, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows, said_ = run(capsys)
    assert code == 0
    assert len(rows) == len(foops.OFFLINE) + len(foops.ONLINE) + 13 + len(obo.query_files())
    assert all(row["defined"].startswith("https://") for row in rows)
    assert "FOOPS! as it counts: 97.8% (14.67 of 15 checkable offline)" in said_
    assert run(capsys, "--least", "93")[0] == 0
    assert run(capsys, "--least", "94")[0] == 1  # the plain share is 93.3 %
    broken = tmp_path / "broken.ttl"
    broken.write_text("<https://example.org/> a <x> ;;. oops")
    code, rows, said_ = run(capsys, str(broken))
    assert (code, rows) == (2, [])
    assert "line 1" in said_
    assert run(capsys, str(tmp_path / "none.ttl"))[0] == 2
    no_header = save([t for t in triples if t.subject == node("skg:MDM2")], tmp_path / "no.ttl")
    code, _, said_ = run(capsys, str(no_header))
    assert code == 2
    assert "no ontology header" in said_
    (tmp_path / "empty").mkdir()
    assert run(capsys, str(tmp_path / "empty"))[0] == 2
