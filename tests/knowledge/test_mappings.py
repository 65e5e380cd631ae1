"""The mapping tables: attested, well-formed, and in step with the Turtle that Protégé shows."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import sssom
from sarcoma_kg.stores.store import EmbeddedStore
from sarcoma_kg.terms import lookup

ALL = [m for path in sssom.mapping_files() for m in sssom.read(path)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _attested(shared: Path) -> dict[str, set[str]]:
    """Return for each name of an entity (folded) the identifiers printed in its row."""
    found: dict[str, set[str]] = {}
    for table in ("subtypes.tsv", "targets.tsv", "therapies.tsv"):
        for row in _rows(shared / "reference" / table):
            ids = set()
            for column, value in row.items():
                if not value or column in {"sources", "confidence"}:
                    continue
                ids.add(value)
                ids.update(re.findall(r"\b(?:NCIT|CHEBI|MONDO|DOID|HGNC):\w+", value))
            name = row.get("preferred_label") or row.get("symbol") or ""
            # "PEComa" and "(historical)" in brackets are other names of the row or remarks.
            inner = re.findall(r"\((.*?)\)", name)
            for form in {name, re.sub(r" ?\(.*?\)", "", name), *inner}:
                found.setdefault(_key(form), set()).update(ids)
    return found


def _beside(name: str) -> list[dict[str, str]]:
    return _rows(resources.data_root() / "ontology" / "mappings" / name)


def _key(name: str) -> str:
    return re.sub(r"\W", "", lookup.fold(name))


def test_every_identifier_is_attested_for_its_entity(shared: Path, store: EmbeddedStore) -> None:
    """Each object identifier stands in the reference row of the very entity; no exceptions."""
    exceptions: set[str] = set()
    attested = _attested(shared)
    salts = {
        line.split("\t")[0]: line.split("\t")[1].strip()
        for line in (
            shared / "reference/raw/clinical-biomarkers_biomarker-partnership"
            / "chebi_id_label_ids_starting_3_to_9.tsv"
        ).read_text(encoding="utf-8").splitlines()
        if "\t" in line
    }  # fmt: skip
    names: dict[str, set[str]] = {}
    rows = store.select(
        """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX oboInOwl: <http://www.geneontology.org/formats/oboInOwl#>
        PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
        SELECT ?t ?n WHERE { { ?t rdfs:label ?n } UNION { ?t oboInOwl:hasExactSynonym ?n }
          UNION { ?t oboInOwl:hasNarrowSynonym|oboInOwl:hasRelatedSynonym ?n }
          UNION { ?t skg:encodedBy/rdfs:label ?n } }"""
    )
    narrower = store.select(
        """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
        SELECT ?t ?n WHERE { ?c skg:rollsUpTo ?t ; rdfs:label ?n }"""
    )
    for row in rows.dicts():
        names.setdefault(row["t"], set()).add(_key(row["n"]))
    below: dict[str, set[str]] = {}
    for row in narrower.dicts():
        below.setdefault(row["t"], set()).add(_key(row["n"]))
    missing = []
    read_since = {(row["entity"], row["identifier"]) for row in _beside("attested.tsv")}
    for mapping in ALL:
        curie = namespaces.contract(mapping.object)
        forms = {curie, curie.split(":", 1)[1]}
        known: set[str] = set()
        narrow = mapping.predicate.endswith("narrowMatch")
        for name in names[mapping.subject] | (below[mapping.subject] if narrow else set()):
            known |= attested.get(name, set())
        if mapping.negated and salts.get(curie) == mapping.object_label:
            continue
        if (namespaces.contract(mapping.subject), curie) in read_since:
            continue
        if not forms & known and curie not in exceptions:
            missing.append((namespaces.contract(mapping.subject), curie))
    assert missing == []


def test_what_was_read_since_is_recorded_whole() -> None:
    rows = _beside("attested.tsv")
    assert all(row["label"] and row["where"] for row in rows)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", row["day"]) for row in rows)
    assert all(re.fullmatch(r"[0-9a-f]{40}|", row["commit"]) for row in rows)
    assert len({(row["entity"], row["identifier"]) for row in rows}) == len(rows)


def test_corrections_are_carried_out() -> None:
    """What a correction says instead is what the tables say."""
    said = {
        (namespaces.contract(m.subject), namespaces.contract(m.object)): namespaces.contract(
            m.predicate
        )
        for m in ALL
    }
    rows = _beside("corrections.tsv")
    assert len(rows) > 10
    for row in rows:
        *entity, predicate = row["instead"].split(" ")
        assert said[(entity or [row["entity"]])[0], row["identifier"]] == predicate
        assert row["reason"].endswith(".")
        assert not entity or (row["entity"], row["identifier"]) not in said


def test_the_predicate_says_what_is_meant_and_the_confidence_how_sure() -> None:
    """A close match says why it is no exact one, but for codes that hold several entities."""
    close = [
        m for m in ALL if m.predicate.endswith(("closeMatch", "relatedMatch")) and not m.comment
    ]
    assert {namespaces.contract(m.object) for m in close} <= {"MONDO:0003681", "NCIT:C60774"}
    assert {m.confidence for m in ALL if m.predicate.endswith("exactMatch")} >= {
        "0.7",
        "0.8",
        "0.9",
        "0.95",
    }


def test_labels_of_objects_are_filled_where_a_source_prints_them() -> None:
    """No stored source prints labels beside the identifiers of these."""
    bare = {namespaces.contract(m.object).split(":")[0] for m in ALL if not m.object_label}
    assert bare <= {"UMLS", "ENSEMBL", "UNIPROT", "CHEMBL", "RXNORM"}


@pytest.mark.parametrize("path", sssom.mapping_files(), ids=lambda p: p.name)
def test_the_head_of_a_table_is_yaml(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    head = yaml.safe_load("\n".join(line[1:] for line in lines if line.startswith("#")))
    assert head["comment"].startswith("An identifier stands here only when")


def test_the_turtle_for_protege_is_in_step() -> None:
    path = resources.data_root() / "ontology" / "mappings" / "mappings.ttl"
    assert path.read_text(encoding="utf-8") == sssom.module(), "run `make mappings`"


def test_every_mapped_ncit_and_chebi_concept_has_a_label(store: EmbeddedStore) -> None:
    bare = store.select(
        """PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX sssom: <https://w3id.org/sssom/>
        SELECT ?o WHERE { ?m a sssom:Mapping ; owl:annotatedTarget ?o .
          FILTER(CONTAINS(STR(?o), "/NCIT_") || CONTAINS(STR(?o), "/CHEBI_"))
          FILTER NOT EXISTS { ?o rdfs:label ?l . ?o a owl:Class } }"""
    )
    assert bare.rows == []


def test_no_forbidden_database() -> None:
    """DrugBank and ATC identifiers come under non-commercial terms."""
    prefixes = {namespaces.contract(m.object).split(":")[0] for m in ALL}
    assert prefixes <= set(namespaces.EXTERNAL)


def test_small_molecules_only_in_chebi(store: EmbeddedStore) -> None:
    small = {
        r["t"]
        for r in store.select(
            """PREFIX skg: <https://w3id.org/sarcoma-kg/ontology/>
            SELECT ?t WHERE { ?t skg:rollsUpTo skg:SmallMoleculeDrug }"""
        ).dicts()
    }
    assert small
    chebi = {m.subject for m in ALL if "CHEBI_" in m.object and not m.negated}
    assert chebi <= small


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("subject_id\tpredicate_id\n", "line 1: missing column object_id"),
        (
            "#x: y\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
            "skg:Sarcoma\tskos:exactMatch\tnonsense:1\tsemapv:LexicalMatching\t0.9\n",
            "line 3: column object_id: 'nonsense:1'",
        ),
    ],
)
def test_a_malformed_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(words)):
        sssom.read(path)


def test_reference_codes_named_in_notes_are_attested(shared: Path) -> None:
    """A code in an editor note is an identifier too."""
    raw = "".join(
        p.read_text(encoding="utf-8", errors="ignore")
        for p in (shared / "reference").rglob("*")
        if p.suffix in {".tsv", ".md", ".txt", ".json"}
    )
    known = set(re.findall(r"\bC\d{3,6}\b", raw))
    notes = "".join(p.read_text(encoding="utf-8") for p in resources.ontology_files())
    named = set(re.findall(r"(?<![\w.])C\d{3,6}(?![\w.])", notes))
    assert named - known == set()
