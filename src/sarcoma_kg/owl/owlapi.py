"""The OWL API, the Java library under Protégé: profiles, explanations, loading and saving.

It is handed what our own parser has read, as N-Triples: which Turtle it reads differs by version.
Two versions can speak: 5.1.20 where Debian's libowlapi-java is installed, and 3.4, which is part of
HermiT inside owlready2, everywhere else. They disagree in places (3.4 calls booleans in annotations
a breach of OWL 2 EL), so every result names the version. Each call is a process of its own.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from sarcoma_kg.ground import processes, work
from sarcoma_kg.ground.cache import cache_root
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.owl import java
from sarcoma_kg.reading import loading

__all__ = [
    "OwlApiError", "ProfileReport", "Violation", "class_path", "engines", "explain", "profile",
    "resave",
]  # fmt: skip


#: Changes when `owlapi_worker` answers otherwise.
_SAME = 1
_KEPT = 50
#: Stands for the folder of what is handed over, which is another each time.
_FOLDER = "[folder]"


class OwlApiError(UserError):
    """The library gave up; `told` is what it said, of which module `obstacles` makes words."""

    def __init__(self, engine: str, told: str) -> None:
        super().__init__(f"OWL API {engine} failed: {told}")
        self.told = told


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


def class_path(engine: str | None = None) -> list[Path]:
    """Return the jars of a version; of the first at hand when None."""
    return java.hermit() if (engine or engines()[0]) == "3.4" else java.debian_owlapi()


def _ask(task: str, request: Mapping[str, Any], engine: str, timeout: float) -> dict[str, Any]:
    jars = class_path(engine)
    if not jars:
        raise UserError(
            f"OWL API {engine} is not installed", "apt install libowlapi-java, or use 3.4"
        )
    try:
        done = java.ask(task, request, jars, timeout)
    except subprocess.TimeoutExpired as error:
        raise UserError(f"the OWL API did not finish within {timeout:.0f} s") from error
    if done.returncode == 0 and done.stdout:
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
    if done.returncode < 0 or "OutOfMemoryError" in done.stderr:
        raise processes.death(f"OWL API {engine}", done.returncode, done.stderr)
    if "StackOverflowError" in done.stderr:
        raise UserError(
            f"OWL API {engine} cannot read this: an expression or an import is nested too deeply",
            "give the inner expressions names of their own",
        )
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    told = [line.removeprefix("reason: ") for line in lines if line.startswith("reason: ")]
    raise OwlApiError(engine, (told or lines or ["no message"])[-1])


class _Handed:
    """Files as N-Triples in a folder of their own, and whose they are.

    Args:
        folder: Where to write.
        contents: What to hand over for a file, in place of what stands in it.
    """

    def __init__(self, folder: Path, contents: Mapping[Path, Iterable[ox.Triple]]) -> None:
        self.folder, self.contents = folder, {p.resolve(): c for p, c in contents.items()}
        self.places: dict[Path, Path] = {}

    def place(self, path: Path) -> str:
        """Return where a file is to be read from."""
        source = path.resolve()
        if source not in self.places:
            triples = self.contents.get(source)
            if triples is None:
                triples = (quad.triple for quad in loading.read(path))
            place = self.folder / f"{len(self.places)}.nt"
            place.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")
            self.places[source] = place
        return str(self.places[source])

    def key(self, request: Mapping[str, Any], engine: str) -> Path:
        """Return where the answer to a request is kept: by what was handed over, and to whom."""
        sizes = [jar.stat().st_size for jar in class_path(engine) if jar.is_file()]
        asked = self._anywhere(json.dumps([request, engine, sizes, _SAME], sort_keys=True))
        digest = hashlib.sha256(asked.encode())
        for place in self.places.values():
            digest.update(place.read_bytes())
        return Path(cache_root()) / "profiles" / f"{digest.hexdigest()}.json"

    def _anywhere(self, text: str) -> str:
        return text.replace(str(self.folder), _FOLDER)

    def known(self, place: Path) -> dict[str, Any] | None:
        """Return a kept answer; None without one that is whole."""
        try:
            told, digest = json.loads(place.read_text(encoding="utf-8"))
            if hashlib.sha256(told.encode()).hexdigest() != digest:
                return None
            answer: dict[str, Any] = json.loads(told.replace(_FOLDER, str(self.folder)))
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return answer

    def keep(self, place: Path, answer: Mapping[str, Any]) -> None:
        """Keep an answer; a cache that cannot be written costs time only."""
        told = self._anywhere(json.dumps(answer))
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            with work.folder(place.parent, ".new.") as beside:
                whole = beside / place.name
                digest = hashlib.sha256(told.encode()).hexdigest()
                whole.write_text(json.dumps([told, digest]), encoding="utf-8")
                whole.replace(place)
            for old in sorted(place.parent.glob("*.json"), key=os.path.getmtime)[:-_KEPT]:
                old.unlink(missing_ok=True)

    def named(self, text: str) -> str:
        """Return a text with the user's files in place of ours."""
        # Of the names 1.nt and 11.nt the longer one comes first.
        for source, place in sorted(self.places.items(), key=lambda pair: -len(str(pair[1]))):
            for form in (place.as_uri(), place.as_uri().replace("///", "/"), str(place)):
                text = text.replace(form, str(source))
        return text


@contextmanager
def _handing(contents: Mapping[Path, Iterable[ox.Triple]]) -> Iterator[_Handed]:
    with work.passing() as folder:
        handed = _Handed(folder, contents)
        try:
            yield handed
        except OwlApiError as error:
            error.message, error.told = handed.named(error.message), handed.named(error.told)
            raise
        except UserError as error:
            raise UserError(handed.named(error.message), error.hint) from error


def profile(
    documents: Sequence[Path],
    catalog: Mapping[str, Path],
    engine: str | None = None,
    timeout: float = 300,
    *,
    contents: Mapping[Path, Iterable[ox.Triple]] | None = None,
) -> ProfileReport:
    """Check documents and all they import: OWL 2 DL, and OWL 2 EL for classes and properties.

    For EL, annotations and assertions are left out: the profile restricts axioms, and a TBox has
    no individuals (https://www.w3.org/TR/owl2-profiles/#OWL_2_EL).

    Args:
        documents: RDF files.
        catalog: Ontology IRI -> file, for imports.
        engine: '5.1' or '3.4'; the first at hand when None.
        timeout: Seconds.
        contents: Triples to judge for a file, in place of what stands in it.

    Raises:
        UserError: a file or an import cannot be loaded.
    """
    engine = engine or engines()[0]
    with _handing(contents or {}) as handed:
        request = {
            "documents": [handed.place(path) for path in documents],
            "catalog": {iri: handed.place(path) for iri, path in catalog.items()},
        }
        kept = handed.key(request, engine)
        answer = handed.known(kept)
        if answer is None:
            answer = _ask("profile", request, engine, timeout)
            handed.keep(kept, answer)
        return ProfileReport(
            engine,
            tuple(handed.named(document) for document in answer["documents"]),
            tuple(
                Violation(v["profile"], handed.named(v["text"]), handed.named(v["document"]))
                for v in answer["violations"]
            ),
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
        "resave",
        {
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
        "explain",
        {"documents": [str(document)], "pairs": pairs, "labels": dict(labels)},
        "3.4",
        timeout,
    )
    found: list[list[str] | None] = answer["answers"]
    return found
