"""The checks of the OBO Dashboard that a file answers: principles, and the queries of ROBOT report.

The dashboard (https://github.com/OBOFoundry/OBO-Dashboard, commit c3601a0, April 2026) asks each
principle in `util/dashboard/fp_*.py`; ROBOT (https://github.com/ontodev/robot, commit a67eed4,
April 2026) lists its queries and their levels in `report_profile.txt`. The queries of
`queries/fair/` ask the same in own words. As on the dashboard only the ontology's own names count.
ERROR and WARN are a miss; INFO is passed with a remark.
"""

import datetime
import re
from pathlib import Path

from sarcoma_kg.fairness.document import Document
from sarcoma_kg.fairness.verdict import OBO, Verdict
from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError

__all__ = ["REGISTRY", "query_files", "verdicts"]

_PRINCIPLE = "https://obofoundry.org/principles/checks/fp_{:03}"
_QUERY = "https://robot.obolibrary.org/report_queries/{}"
_LICENCE = namespaces.PREFIXES["dcterms"] + "license"
#: The licences of the registry's schema, with http or https.
_OPEN = re.compile(r"https?://creativecommons\.org/(licenses/by/[34]\.0|publicdomain/zero/1\.0)/")
_OBO = re.compile(r"http://purl\.obolibrary\.org/obo/([a-z0-9_]+)(\.owl|/\1-base\.owl)")
_OBO_VERSION = re.compile(r"http://purl\.obolibrary\.org/obo/.*/.*/.*")
_DATE = re.compile(r"\d{4}-(?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12]\d)")
_NUMBER = re.compile(r"(?:0|[1-9]\d*)\.?(?:0|[1-9]\d*)?(?:\.?(?:0|[1-9]\d*))?")
#: Principles on which the registry of the OBO Foundry is asked, not the ontology.
REGISTRY = {
    "FP05 Scope": (5, "The registry names the domain of the ontology.", "registry"),
    "FP07 Relations": (7, "No property has the label of another one of the Relation Ontology.",
                       "the current table of the Relation Ontology is fetched"),
    "FP08 Documented": (8, "The registry names a home page, which resolves, and a description.",
                        "registry"),
    "FP09 Plurality of Users": (9, "The registry names a tracker and who uses the ontology.",
                                "registry"),
    "FP11 Locus of Authority": (11, "The registry names a person to contact.", "registry"),
    "FP20 Responsiveness": (20, "The registry names a tracker.", "registry"),
}  # fmt: skip
#: Principles that count what ROBOT report finds.
_SUMS = {
    "FP06 Textual Definitions": (
        6, "Every own term has one definition, which no other has.",
        ("duplicate_definition", "multiple_definitions", "missing_definition"),
    ),
    "FP12 Naming Conventions": (
        12, "Every own term has one label, which no other has.",
        ("duplicate_label", "multiple_labels", "missing_label"),
    ),
}  # fmt: skip


def query_files() -> list[Path]:
    """Return the queries of ROBOT report in our words."""
    return sorted((resources.data_root() / "queries" / "fair").glob("*.rq"))


def verdicts(document: Document, today: datetime.date | None = None) -> list[Verdict]:
    """Return what the OBO Dashboard says of a document.

    Args:
        document: What is judged.
        today: The day on which the age of the version counts; that of the clock when None.
    """
    reports = [_report(path, document) for path in query_files()]
    found = {v.check: v for v in reports}
    principles = [
        _open(document),
        _format(document),
        _identifiers(document),
        _versioning(document),
        *(
            _principle(name, number, asks, 0, 0, _REASON if why == "registry" else why)
            for name, (number, asks, why) in REGISTRY.items()
        ),
        *(
            _sum(name, number, asks, [found[part] for part in parts])
            for name, (number, asks, parts) in _SUMS.items()
        ),
        _maintained(document, today or datetime.datetime.now(tz=datetime.UTC).date()),
    ]
    return [*sorted(principles, key=lambda v: v.check), *reports]


_REASON = "the registry of the OBO Foundry is asked"


def _principle(
    name: str, number: int, asks: str, passed: int, asked: int, missing: str = "", advice: str = ""
) -> Verdict:
    good = asked and passed == asked
    return Verdict(
        OBO, name, asks, _PRINCIPLE.format(number), passed, asked, "" if good else missing,
        "" if good else advice,
    )  # fmt: skip


def _open(document: Document) -> Verdict:
    values = [value.value for value in document.header.get(_LICENCE, [])]
    good = any(_OPEN.fullmatch(value.strip()) for value in values)
    return _principle(
        "FP01 Open", 1, "dcterms:license names CC BY 3.0 or 4.0, or CC0.", int(good), 1,
        f"licence: {', '.join(values) or 'none'}",
        "add dcterms:license with the address of an open licence",
    )  # fmt: skip


def _format(document: Document) -> Verdict:
    asks = "The released file is in RDF/XML."
    if not document.syntax:
        return _principle("FP02 Common Format", 2, asks, 0, 0, "asked of a file: name one")
    return _principle(
        "FP02 Common Format", 2, asks, int(document.syntax == "application/rdf+xml"), 1,
        f"the file is {document.syntax}", "judge the .owl file of a release",
    )  # fmt: skip


def _identifiers(document: Document) -> Verdict:
    return _principle(
        "FP03 URIs", 3, "The ontology IRI is http://purl.obolibrary.org/obo/NAME.owl.",
        int(bool(_OBO.fullmatch(document.iri))), 1, document.iri,
        "register a name with the OBO Foundry; w3id.org is as persistent, but not theirs",
    )  # fmt: skip


def _versioning(document: Document) -> Verdict:
    steps = document.version.split("/")
    dated = any(_DATE.fullmatch(step) for step in steps)
    numbered = any(_NUMBER.fullmatch(step) for step in steps)
    asks = "The version IRI has a date or a number, and is one of the OBO Foundry."
    if dated == numbered:
        missing = "a version IRI with a date" if not dated else "a date or a number, not both"
        advice = "put the date of the data as YYYY-MM-DD into owl:versionIRI"
    else:
        missing = document.version
        advice = "register a name with the OBO Foundry; the date in it is as they ask"
    good = dated != numbered and bool(_OBO_VERSION.match(document.version))
    return _principle("FP04 Versioning", 4, asks, int(good), 1, missing, advice)


def _sum(name: str, number: int, asks: str, parts: list[Verdict]) -> Verdict:
    missed = [part.check for part in parts if part.result == "miss"]
    return _principle(
        name, number, asks, int(not missed), 1, ", ".join(missed), "see these checks below"
    )


def _maintained(document: Document, today: datetime.date) -> Verdict:
    asks = "The version IRI has a date of the last two years."
    dates = [step for step in document.version.split("/") if _DATE.fullmatch(step)]
    try:
        age = (today - datetime.date.fromisoformat(dates[0])).days if dates else None
    except ValueError:  # the 31st of a short month
        age = None
    good = age is not None and age <= 2 * 365
    missing = "no date in a version IRI" if age is None else f"{dates[0]} is {age} days ago"
    return _principle(
        "FP16 Maintenance", 16, asks, int(good), 1, missing, "release the present state",
    )  # fmt: skip


def _report(path: Path, document: Document) -> Verdict:
    text = path.read_text(encoding="utf-8")
    fields = dict(
        line[3:].split(": ", 1) for line in text.splitlines() if line.startswith("#+ ")
    )  # fmt: skip
    if lacking := {"summary", "message", "level"} - set(fields):
        raise UserError(f"{path}: the header lacks {', '.join(sorted(lacking))}")
    rows = [row[0].value for row in document.store.select(text).rows if row[0]]
    own = [iri for iri in dict.fromkeys(rows) if document.owns(iri)]
    names = ", ".join(namespaces.contract(iri) for iri in own[:3])
    more = f" and {len(own) - 3} more" if len(own) > 3 else ""
    good = not own or fields["level"] == "INFO"
    return Verdict(
        OBO, path.stem, fields["summary"], _QUERY.format(path.stem), int(good), 1,
        f"{fields['level']}: {names}{more}" if own else "", fields["message"] if own else "",
    )  # fmt: skip
