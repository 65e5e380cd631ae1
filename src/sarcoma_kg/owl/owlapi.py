"""The OWL API, the Java library under Protégé: profiles, explanations, loading and saving.

Two versions can speak: 5.1.20 where Debian's libowlapi-java is installed, and 3.4, which is part of
HermiT inside owlready2, everywhere else. They disagree in places (3.4 calls booleans in annotations
a breach of OWL 2 EL), so every result names the version. Each call is a process of its own.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java

__all__ = ["ProfileReport", "Violation", "engines", "explain", "profile", "resave"]


class Violation(NamedTuple):
    """A breach of an OWL 2 profile: which one, what, and the document's address."""

    profile: str
    text: str
    document: str

    @property
    def iris(self) -> list[str]:
        """The IRIs that the text names."""
        return re.findall(r"<([^<>\s]+)>", self.text)


class ProfileReport(NamedTuple):
    """What the OWL API says of a set of documents.

    `documents` are the addresses of all that was loaded, imports included; `punned` the IRIs that
    are both class and individual, which OWL 2 DL allows.
    """

    engine: str
    documents: tuple[str, ...]
    violations: tuple[Violation, ...]
    punned: tuple[str, ...]


def engines() -> list[str]:
    """Return the versions of the OWL API at hand, the preferred one first."""
    return ["5.1", "3.4"] if java.debian_owlapi() else ["3.4"]


def _ask(request: Mapping[str, Any], engine: str, timeout: float) -> dict[str, Any]:
    jars = java.hermit() if engine == "3.4" else java.debian_owlapi()
    if not jars:
        raise UserError(
            f"OWL API {engine} is not installed", "apt install libowlapi-java, or use 3.4"
        )
    whole = {
        "catalog": {},
        "jvm": str(java.virtual_machine()),
        "classpath": [str(jar) for jar in jars],
        **request,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "sarcoma_kg.owl.owlapi_worker"],
            input=json.dumps(whole), capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UserError(f"the OWL API did not finish within {timeout:.0f} s") from error
    if done.returncode == 0 and done.stdout:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    told = [line.removeprefix("reason: ") for line in lines if line.startswith("reason: ")]
    raise UserError(f"OWL API {engine} failed: {(told or lines or ['no message'])[-1]}")


def profile(
    documents: Sequence[Path],
    catalog: Mapping[str, Path],
    engine: str | None = None,
    timeout: float = 300,
) -> ProfileReport:
    """Check documents and all they import: OWL 2 DL, and OWL 2 EL for classes and properties.

    For EL, annotations and assertions are left out: the profile restricts axioms, and a TBox has
    no individuals (https://www.w3.org/TR/owl2-profiles/#OWL_2_EL).

    Args:
        documents: Files that the OWL API can read: Turtle, RDF/XML, N-Triples.
        catalog: Ontology IRI -> file, for imports.
        engine: '5.1' or '3.4'; the first at hand when None.
        timeout: Seconds.

    Raises:
        UserError: a file or an import cannot be loaded.
    """
    engine = engine or engines()[0]
    answer = _ask(
        {
            "task": "profile",
            "documents": [str(path.resolve()) for path in documents],
            "catalog": {iri: str(path.resolve()) for iri, path in catalog.items()},
        },
        engine,
        timeout,
    )
    return ProfileReport(
        engine,
        tuple(answer["documents"]),
        tuple(Violation(**v) for v in answer["violations"]),
        tuple(answer["punned"]),
    )


def resave(
    pairs: Sequence[tuple[Path, Path]],
    catalog: Mapping[str, Path],
    engine: str,
    timeout: float = 300,
) -> None:
    """Load each document and save it as Turtle, as Protégé does.

    Args:
        pairs: Document and file to write.
        catalog: Ontology IRI -> file, for imports.
        engine: '5.1' or '3.4'.
        timeout: Seconds.
    """
    _ask(
        {
            "task": "resave",
            "pairs": [(str(a.resolve()), str(b.resolve())) for a, b in pairs],
            "catalog": {iri: str(path.resolve()) for iri, path in catalog.items()},
        },
        engine,
        timeout,
    )


def explain(
    document: Path,
    pairs: Sequence[tuple[str, str]],
    labels: Mapping[str, str],
    timeout: float = 120,
) -> list[list[str] | None]:
    """Return for each pair a minimal set of axioms from which it follows, in Manchester syntax.

    HermiT tests, the OWL API's black-box search picks: first the module of the ontology that
    decides the pair (syntactic locality), then a set from which no axiom can be taken.

    Args:
        document: The ontology merged with its imports.
        pairs: IRIs of sub and super class; an empty super asks why sub can have no member.
        labels: IRI -> name to print.
        timeout: Seconds.

    Returns:
        The axioms; None where the pair does not follow.
    """
    answer = _ask(
        {"task": "explain", "documents": [str(document)], "pairs": pairs, "labels": dict(labels)},
        "3.4",
        timeout,
    )
    found: list[list[str] | None] = answer["answers"]
    return found
