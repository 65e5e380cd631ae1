"""The truth table of docs/agreement.md against graphs made for each of its rows.

Each case has classes of its own, so that all of them stand in one graph and meet nobody else.
"""

import csv
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from sarcoma_kg.building import rules
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.questions import catalog
from sarcoma_kg.stores.store import EmbeddedStore

SKG, KB = namespaces.SKG, namespaces.KB
RDF, RDFS, OWL = (namespaces.PREFIXES[p] for p in ("rdf", "rdfs", "owl"))
DOCUMENT = resources.data_root() / "docs" / "agreement.md"
PROLOGUE = "".join(
    f"PREFIX {p}: <{namespaces.PREFIXES[p]}>\n" for p in ("skg", "rdfs", "skos", "dcterms", "cito")
)
DIMENSIONS = {
    "Disease": "disease", "Therapy": "therapy", "Molecular context": "context",
    "Kind of outcome": "outcome",
}  # fmt: skip
OURS = [p for p in rules.rule_files() if p.name.startswith("7")]


def tables() -> dict[str, list[list[str]]]:
    """Return heading -> the rows of all tables below it, without their headers."""
    found: dict[str, list[list[str]]] = {}
    heading, fresh = "", True
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
        if not line.startswith("|"):
            fresh = True
        elif fresh:
            fresh = False
        elif not line.startswith("|---"):
            found.setdefault(heading, []).append([c.strip() for c in line.strip("|").split("|")])
    return found


TABLES = tables()


def relations(heading: str) -> list[tuple[str, str]]:
    """Return the relations of a dimension with their grades, in the order of the document."""
    grades = {"equal", "inside", "across"}
    return [(row[0], row[1]) for row in TABLES[heading] if row[1] in grades]


@pytest.mark.parametrize("heading", DIMENSIONS)
def test_the_graph_has_the_relations_of_the_document(heading: str, store: EmbeddedStore) -> None:
    scheme = f"skg:{DIMENSIONS[heading].capitalize()}RelationScheme"
    rows = store.select(
        f"""{PROLOGUE}SELECT ?label ?grade ?order WHERE {{ ?r skos:inScheme {scheme} ;
          rdfs:label ?label ; skg:grade/rdfs:label ?grade ; skg:relationOrder ?order }}"""
    )
    found = sorted((int(r["order"]), r["label"], r["grade"]) for r in rows.dicts())
    assert [row[1:] for row in found] == relations(heading)


#: The lines of the verdict as the document has them, and what each asks of grades and sides.
VERDICTS: list[tuple[str, str, str, Callable[[list[str], str], bool]]] = [
    ("one is apart", "any", "does not bear (no link)", lambda g, s: "apart" in g),
    ("one is across", "any", "differs in context", lambda g, s: "across" in g),
    ("all equal or inside", "the same side", "agrees", lambda g, s: s == "same"),
    ("all equal", "opposite sides", "disagrees", lambda g, s: set(g) == {"equal"} and s == "other"),
    ("at least one inside, none across", "opposite sides", "differs in context",
     lambda g, s: s == "other"),
    ("all equal or inside", "one of them takes no side", "differs in context",
     lambda g, s: s == "none"),
]  # fmt: skip


def test_the_lines_of_the_verdict_are_those_of_the_document() -> None:
    assert [list(line[:3]) for line in VERDICTS] == TABLES["Four relations, four grades"][4:]


class Case(NamedTuple):
    """A claim and a record, by the relation of each dimension ("" where there is none)."""

    disease: str
    therapy: str
    context: str
    outcome: str
    direction: str
    side: str

    @property
    def expected(self) -> str:
        """The verdict by the document; empty where nothing bears."""
        grade = {
            (d, r): g for heading, d in DIMENSIONS.items() for r, g in relations(heading)
        }  # fmt: skip
        fits = self.context in ("same alteration", "narrower alteration")
        if self.disease == "broader disease" and not (fits or self.therapy == "same therapy"):
            return ""
        if self.therapy == "possible member of an open class" and not fits:
            return ""
        kinds = ("disease", "therapy", "context", "outcome")
        grades = [grade.get((kind, getattr(self, kind)), "apart") for kind in kinds]
        claimed = {"Supports": "for", "DoesNotSupport": "against", "NotApplicable": "for"}.get(
            self.direction, "none"
        )
        sides = {claimed, self.side}
        stand = "none" if "none" in sides else "same" if len(sides) == 1 else "other"
        told = next(verdict for *_, verdict, fit in VERDICTS if fit(grades, stand))
        return "" if told.startswith("does not bear") else told


FINDINGS = {
    "for": ("EvidenceSupports", "SensitivityOrResponse"),
    "against": ("EvidenceSupports", "ResistanceSignificance"),
    "none": ("EvidenceSupports", "ReducedSensitivity"),
}
DIAGNOSES = {
    "for": ("EvidenceSupports", "SpeaksForDiagnosis"),
    "against": ("EvidenceSupports", "SpeaksAgainstDiagnosis"),
}


class Graph:
    """A graph in the making."""

    def __init__(self) -> None:
        self.quads: list[ox.Quad] = []

    def say(self, subject: str, *pairs: tuple[str, str]) -> str:
        """Say of a thing what is listed; all names are of the vocabulary but full IRIs."""
        for predicate, value in pairs:
            self.quads.append(ox.Quad(node(subject), node(predicate), node(value)))
        return subject

    def below(self, name: str, *above: str) -> str:
        """Make a class below others; it rolls up to itself."""
        return self.say(name, *(("rollsUpTo", up) for up in (name, *above)))

    def record(self, name: str, kind: str, found: tuple[str, str], *slots: tuple[str, str]) -> None:
        """Make a record."""
        self.say(
            KB + "r" + name, (RDF + "type", "EvidenceRecord"), ("evidenceType", kind),
            ("evidenceDirection", found[0]), ("significance", found[1]), *slots,
        )  # fmt: skip

    def store(self) -> EmbeddedStore:
        """Return a store with the vocabulary, in which the rules have run."""
        made = EmbeddedStore(ox.Store())
        made.inner.bulk_load(
            path=str(resources.data_root() / "ontology" / "core.ttl"), format=ox.RdfFormat.TURTLE
        )
        made.inner.bulk_extend(self.quads)
        rules.apply(made, OURS)
        return made


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(name if ":" in name else SKG + name)


def add(graph: Graph, n: str, case: Case) -> None:
    """Add a claim and a record that stand as the case says."""
    diagnostic = case.therapy == "not asked"
    claim: list[tuple[str, str]] = [("direction", case.direction), ("hasProposition", f"P{n}")]
    record: list[tuple[str, str]] = []
    change = graph.below(f"A{n}", f"Top{n}")
    feature = {
        "same alteration": change,
        "narrower alteration": f"Wide{n}",
        "broader alteration": f"Fine{n}",
        "other alteration of the gene": f"Other{n}",
        "": f"Else{n}",
    }.get(case.context)
    graph.say(change, ("rollsUpTo", f"Wide{n}"), ("alterationOf", f"G{n}"))
    graph.below(f"Fine{n}", change)
    graph.below(f"G{n}")
    graph.say(f"Other{n}", ("alterationOf", f"G{n}"))
    claim += [("molecularContext", feature)] if feature else []
    record += [("concernsAlteration", change)]
    graph.below(f"D{n}", "MesenchymalNeoplasm", f"DWide{n}")
    graph.below(f"DWide{n}", "MesenchymalNeoplasm")
    graph.say(
        f"Defined{n}", ("rollsUpTo", f"D{n}"), ("rollsUpTo", "MesenchymalNeoplasm"),
        (OWL + "equivalentClass", f"E{n}"),
    )  # fmt: skip
    graph.say(f"E{n}", (OWL + "intersectionOf", f"L{n}"))
    graph.say(f"L{n}", (RDF + "first", f"D{n}"), (RDF + "rest", f"M{n}"))
    graph.say(f"M{n}", (RDF + "first", f"R{n}"), (RDF + "rest", RDF + "nil"))
    graph.say(f"R{n}", (OWL + "onProperty", "hasAlteration"), (OWL + "someValuesFrom", f"Top{n}"))
    named, seen = {
        "same disease": ("D", "D"),
        "narrower disease": ("DWide", "D"),
        "within the disease by its alteration": ("Defined", "D"),
        "broader disease": ("D", "DWide"),
        "": ("D", "Sibling"),
    }[case.disease]
    claim += [("aboutDisease", named + n)]
    record += [("concernsDisease", seen + n)]
    graph.below(f"T{n}", f"TClass{n}")
    graph.below(f"TClass{n}")
    graph.say(f"Regimen{n}", ("hasComponent", f"TClass{n}"), ("rollsUpTo", f"Regimen{n}"))
    graph.say(f"Open{n}", (RDFS + "subClassOf", f"TClass{n}"))
    graph.quads.append(ox.Quad(node(f"Open{n}"), node("openMembership"), ox.Literal(True)))
    said, given = {
        "same therapy": ("T", ["T"]),
        "member of the class": ("TClass", ["T"]),
        "possible member of an open class": ("Open", ["T"]),
        "component of the regimen": ("Regimen", ["T"]),
        "combination with the therapy": ("T", ["T", "U"]),
        "wider therapy": ("T", ["TClass"]),
        "not asked": ("T", []),
        "": ("T", ["U"]),
    }[case.therapy]
    if not diagnostic or case.outcome == "related kind":
        claim += [("aboutTherapy", said + n)]
    record += [("concernsTherapy", one + n) for one in given]
    claim += {
        "other outcome": [("outcome", "ProgressionFreeSurvival")],
        "line or setting not in the record": [("line", "SecondLine")],
    }.get(case.outcome, [])
    kind = "DriverAlterationClaim" if diagnostic else "TherapeuticResponseClaim"
    graph.say(KB + "c" + n, (RDF + "type", kind), *claim)
    if diagnostic:
        graph.record(n, "DiagnosticEvidence", DIAGNOSES[case.side], *record)
    else:
        graph.record(n, "PredictiveEvidence", FINDINGS[case.side], *record)


def cases() -> Iterator[Case]:
    """Yield all relations with one another, with sides that are the same, opposed, or none."""
    names = {d: [r for r, _ in relations(h)] for h, d in DIMENSIONS.items()}
    sides = [("Supports", "for"), ("Supports", "against"), ("DoesNotSupport", "for"),
             ("DoesNotSupport", "against"), ("Mixed", "for"), ("Supports", "none")]  # fmt: skip
    for disease, context in itertools.product([*names["disease"], ""], [*names["context"], ""]):
        for therapy in [*names["therapy"], ""]:
            asked = therapy != "not asked"
            if not asked and context == "claim names none":
                continue  # such a driver claim is of another kind
            outcomes = [o for o in names["outcome"] if (o == "related kind") is not asked] or [""]
            outcomes += ["same kind of outcome"] if not asked else []
            for at, outcome in enumerate(outcomes):
                # All sides where the verdict can hang on them.
                few = sides if not at or outcome == "same kind of outcome" else sides[:2]
                for direction, side in few if asked else [("NotApplicable", "for"), *few[:4]]:
                    yield Case(disease, therapy, context, outcome, direction, side)


def linked(chosen: list[Case]) -> dict[str, list[dict[str, str]]]:
    """Return the links of the cases, by claim."""
    graph = Graph()
    graph.below("MesenchymalNeoplasm")
    for kind in ("TherapeuticResponseClaim", "DriverAlterationClaim"):
        graph.below(kind)
    for n, case in enumerate(chosen):
        add(graph, str(n), case)
    rows = graph.store().select(
        f"""{PROLOGUE}SELECT ?claim ?record ?disease ?therapy ?context ?outcome ?verdict WHERE {{
          ?l skg:claimCompared ?claim ; skg:questionCompared ?question ;
             skg:diseaseRelation/rdfs:label ?disease ; skg:therapyRelation/rdfs:label ?therapy ;
             skg:contextRelation/rdfs:label ?context ; skg:outcomeRelation/rdfs:label ?outcome ;
             skg:agreement/rdfs:label ?verdict . ?record skg:recordQuestion ?question }}"""
    )
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows.dicts():
        found.setdefault(row["claim"].removeprefix(KB + "c"), []).append(row)
    return found


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 11))]
)
def test_each_row_of_the_table_gives_its_verdict(first: int) -> None:
    """An eleventh of the cases at a time, and each time those that disagree, which are few."""
    chosen = [
        case for n, case in enumerate(cases()) if n % 11 == first or case.expected == "disagrees"
    ]
    assert {case.expected for case in chosen} == {"", "agrees", "disagrees", "differs in context"}
    for heading, dimension in DIMENSIONS.items():
        assert {getattr(c, dimension) for c in chosen if c.expected} == dict(
            relations(heading)
        ).keys()
    found, wrong = linked(chosen), []
    for n, case in enumerate(chosen):
        rows = found.get(str(n), [])
        assert all(row["record"] == f"{KB}r{n}" for row in rows)
        told = [
            (row["disease"], row["therapy"], row["context"], row["outcome"], row["verdict"])
            for row in rows
        ]
        if told != ([(*case[:4], case.expected)] if case.expected else []):
            wrong.append((case, case.expected, told))
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("kind", ["predictive", "diagnostic", "oncogenic", "prognostic"])
def test_the_sides_of_records_are_those_of_the_document(kind: str) -> None:
    words = {
        "sensitivity or response": "SensitivityOrResponse", "resistance": "ResistanceSignificance",
        "reduced sensitivity": "ReducedSensitivity", "adverse response": "AdverseResponse",
        '"speaks for the diagnosis"': "SpeaksForDiagnosis",
        '"speaks against the diagnosis"': "SpeaksAgainstDiagnosis",
        '"speaks for"': "SpeaksForDiagnosis", '"speaks against"': "SpeaksAgainstDiagnosis",
        "oncogenic": "PathogenicSignificance", "likely oncogenic": "LikelyPathogenicSignificance",
        "better outcome": "BetterOutcome", "poor outcome": "PoorOutcome",
    }  # fmt: skip
    graph = Graph()
    expected: dict[str, str] = {}
    for text, side in (row for row in TABLES["Sides"] if row[0].startswith(kind)):
        said = re.split(r"; |, ", re.sub(r" \(.*\)", "", text.partition(": ")[2]))
        said = [part for one in said for part in re.split(r" or (?=likely)", one)]
        for part in said:
            denied = part.startswith("does not support")
            found = words.get(re.sub(r"^(supports|does not support) ?", "", part), "")
            name = f"{len(expected)}{kind}"
            direction = "EvidenceDoesNotSupport" if denied else "EvidenceSupports"
            graph.say(
                KB + name, (RDF + "type", "EvidenceRecord"),
                ("evidenceType", kind.capitalize() + "Evidence"), ("evidenceDirection", direction),
                *([("significance", found)] if found else []),
            )  # fmt: skip
            expected[KB + name] = side
    rows = graph.store().select(
        f"{PROLOGUE}SELECT ?r ?side WHERE {{ ?r skg:recordSide/rdfs:label ?side }}"
    )
    assert {r["r"]: r["side"].replace("no side", "none") for r in rows.dicts()} == expected
    assert expected


def test_a_study_is_counted_once(store: EmbeddedStore) -> None:
    graph = Graph()
    papers = {"1": "a", "2": "ab", "3": "b", "4": "", "5": "c", "6": "c"}
    for paper, trials in papers.items():
        for copy in ("x", "y"):
            graph.record(
                paper + copy, "PredictiveEvidence", FINDINGS["for"],
                ("publication", f"urn:paper:{paper}"),
                *(("trialIdentifier", f"urn:trial:{trial}") for trial in trials),
            )  # fmt: skip
    graph.record("7", "PredictiveEvidence", FINDINGS["for"])
    graph.record("8", "PredictiveEvidence", FINDINGS["for"], ("publication", "urn:paper:8"))
    # What a curator states of a publication counts as if a record did.
    graph.say("urn:paper:8", ("reportsTrial", "urn:trial:c"))
    rows = graph.store().select(f"{PROLOGUE}SELECT ?r ?study WHERE {{ ?r skg:fromStudy ?study }}")
    found: dict[str, set[str]] = {}
    for row in rows.dicts():
        found.setdefault(row["study"], set()).add(row["r"].removeprefix(KB + "r"))
    assert found == {
        "urn:trial:a": {"1x", "1y", "2x", "2y", "3x", "3y"},
        "urn:paper:4": {"4x", "4y"},
        "urn:trial:c": {"5x", "5y", "6x", "6y", "8"},
        KB + "r7": {"7"},
    }


def test_the_counts_of_a_claim_are_those_of_its_links(store: EmbeddedStore) -> None:
    counted = store.select(
        f"""{PROLOGUE}SELECT ?claim ?verdict ?records ?studies WHERE {{ ?s a skg:AgreementSummary ;
          skg:claimCompared ?claim ; skg:agreement ?verdict ; skg:recordCount ?records ;
          skg:studyCount ?studies }}"""
    )
    found = store.select(
        f"""{PROLOGUE}SELECT DISTINCT ?claim ?verdict ?r ?study WHERE {{ ?l a skg:AgreementLink ;
          skg:claimCompared ?claim ; skg:agreement ?verdict ; skg:questionCompared ?q ;
          skg:recordSide ?side . ?r skg:recordQuestion ?q ; skg:recordSide ?side ;
          skg:fromStudy ?study }}"""
    )
    expected: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for row in found.dicts():
        of = expected.setdefault((row["claim"], row["verdict"]), (set(), set()))
        of[0].add(row["r"])
        of[1].add(row["study"])
    assert {
        (r["claim"], r["verdict"]): (int(r["records"]), int(r["studies"])) for r in counted.dicts()
    } == {key: (len(records), len(studies)) for key, (records, studies) in expected.items()}


def test_no_rule_about_records_disputes_or_changes_a_status(store: EmbeddedStore) -> None:
    for path in OURS:
        text = path.read_text(encoding="utf-8")
        assert "cito" not in text, path.name
        assert "evidenceStatus" not in text, path.name
    # The status of every claim, from a graph in which there is no record and no link.
    apart = EmbeddedStore(ox.Store())
    drop = store.select(
        f"""{PROLOGUE}SELECT ?x WHERE {{ ?x a ?kind . FILTER(?kind IN (skg:EvidenceRecord,
          skg:AgreementLink, skg:AgreementSummary, skg:EvidenceQuestion)) }}"""
    )
    names = {row["x"] for row in drop.dicts()}
    assert len(names) > 500
    status = SKG + "evidenceStatus"
    apart.inner.bulk_extend(
        quad
        for quad in store.inner
        if quad.predicate.value != status and getattr(quad.subject, "value", "") not in names
    )
    rules.apply(apart, [p for p in rules.rule_files() if p.name.startswith("6")])
    given = [
        {str(q) for q in one.inner.quads_for_pattern(None, node("evidenceStatus"), None, None)}
        for one in (store, apart)
    ]
    assert given[0] == given[1]


def test_all_that_is_said_of_links_is_inferred(
    triples: list[ox.Triple], store: EmbeddedStore
) -> None:
    """Asserted is nothing of it, but what a curator says of the trial of a publication."""
    made = {"AgreementLink", "AgreementSummary", "EvidenceQuestion"}
    asserted = [
        quad.triple
        for path in (*resources.claim_files(), *(resources.data_root() / "ontology").glob("*.ttl"))
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    ]
    assert not [t for t in asserted if str(t.object) in {f"<{SKG}{name}>" for name in made}
                and t.predicate == ox.NamedNode(RDF + "type")]  # fmt: skip


def test_conflicts_of_civic_are_those_that_a_reader_found(store: EmbeddedStore) -> None:
    (path,) = (resources.data_root() / "queries" / "competency").glob("CQ63-*.rq")
    sides: dict[tuple[str, str, str], dict[str, tuple[set[str], set[str]]]] = {}
    for row in store.select(catalog.read(path).query()).dicts():
        papers = {p.rstrip("/").rpartition("/")[2] for p in row["publications"].split(" | ")}
        key = (row["feature"].casefold(), row["therapy"], row["type"])
        sides.setdefault(key, {})[row["side"]] = ({*row["records"].split(" | ")}, papers)
    table = Path(__file__).parent.parent / "sources" / "civic_conflicts.tsv"
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    expected = {
        (row["feature"].casefold(), row["therapy"], row["type"].casefold()): {
            row[f"side_{s}"]: ({*row[f"records_{s}"].split()}, {*row[f"pmids_{s}"].split()})
            for s in "ab"
        }
        for row in rows
        if row["kind"] == "conflict"
    }
    assert sides == expected
    assert {row["kind"] for row in rows} == {"conflict", "none"}
    pairs = [({*row["records_a"].split()}, {*row["records_b"].split()}) for row in rows
             if row["kind"] == "none"]  # fmt: skip
    for found in sides.values():
        (a, _), (b, _) = found.values()
        assert (a, b) not in pairs
        assert (b, a) not in pairs
