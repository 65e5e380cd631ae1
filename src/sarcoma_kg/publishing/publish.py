"""Publishing: all parts of a release, in one folder that is there whole or not at all."""

import os
import re
import shutil
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground import resources, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.pages.issues import Issues
from sarcoma_kg.publishing import (
    crate,
    description,
    graphs,
    inventory,
    live,
    llms,
    mappings,
    nanopubs,
    ols,
    questions,
    site,
    tables,
    words,
    workers,
)
from sarcoma_kg.publishing.hosts import Hosting
from sarcoma_kg.publishing.release import Release, Say, Writer
from sarcoma_kg.reading import relative

__all__ = ["publish", "version"]

_VERSION = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT ?version WHERE { <https://w3id.org/sarcoma-kg/ontology> owl:versionIRI ?version }
"""


#: An IRI that means nothing elsewhere, or a text that looks like one.
_PLACE = re.compile(r"<(?:file|relative-iri):", re.IGNORECASE)


def _check_names(build: Build) -> None:
    """Refuse to publish the path of a file as a name.

    Raises:
        UserError: There is one.
    """
    for part in ("asserted.nt", "inferred.nt"):
        with (build.folder / part).open(encoding="utf-8") as lines:
            for line in filter(_PLACE.search, lines):
                for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES):
                    for name in relative.places(quad):
                        raise UserError(
                            f"the graph says {str(quad)[:200]}: <{name}> is a place on a disk",
                            "write an address of your own in your file, and build again",
                        )


def _shapes(release: Release, say: Say) -> None:
    folder = release.folder / "shapes"
    folder.mkdir()
    for path in sorted((resources.data_root() / "shapes").glob("*.ttl")):
        shutil.copyfile(path, folder / path.name)


def _context(release: Release, say: Say) -> None:
    source = resources.data_root() / "ontology" / "context.jsonld"
    shutil.copyfile(source, release.folder / "context.jsonld")


# With more claims than this the site has pages of the ontology and the questions only.
_MOST_CLAIMS = 20_000


def _site(share: int, of: int, engine: Path | None, release: Release, say: Say) -> None:
    if not share:
        say("writing the pages")
    claims = release.build.manifest["counts"].get("claims", 0)
    if claims > _MOST_CLAIMS and not share:
        say(f"{claims:,} claims are too many for a page each: leaving these pages out")
        if engine:
            say("... and too many to answer in a browser: leaving --live out")
    site.write(release, say, individuals=claims <= _MOST_CLAIMS, share=share, of=of, engine=engine)


def _stages(without: Collection[str], jobs: int, engine: Path | None) -> Iterator[list[Writer]]:
    """Yield what is written at the same time.

    The parts of a stage look at those of the stages before only. What takes longest comes first,
    so that no process waits long for the last one.
    """
    yield [graphs.prepare]
    large: dict[str, Writer] = {"nanopubs": nanopubs.write, "tables": tables.write}
    yield [
        *(write for name, write in large.items() if name not in without),
        *(partial(graphs.write, name) for name in graphs.NAMES),
        mappings.write,
        questions.write,
        ols.write,
        _shapes,
        _context,
    ]
    yield [graphs.forget]
    site = (
        [] if "site" in without else [partial(_site, share, jobs, engine) for share in range(jobs)]
    )
    yield [*site, description.write_graphs, llms.write]
    yield [description.write_catalog, words.write]
    yield [crate.write]


def version(build: Build) -> str:
    """Return the date of the data, as owl:versionIRI has it.

    Raises:
        UserError: The ontology has no version, or one of another form.
    """
    found = [row[0].value for row in build.open().select(_VERSION).rows if row[0]]
    dates = [match.group(1) for iri in found if (match := re.search(r"/(\d{4}-\d\d-\d\d)/", iri))]
    if len(dates) != 1:
        raise UserError(
            "ontology/sarcoma.ttl: there is no owl:versionIRI with a date in it",
            "write it as <https://w3id.org/sarcoma-kg/YYYY-MM-DD/ontology>",
        )
    return dates[0]


def publish(
    build: Build,
    target: Path,
    say: Say = lambda _: None,
    *,
    without: Collection[str] = (),
    jobs: int = 1,
    engine: Path | None = None,
    hosting: Hosting | None = None,
    issues: Issues | None = None,
    doi: str = "",
) -> Release:
    """Write a release.

    Args:
        build: What to publish.
        target: The folder; it is empty or not there yet.
        say: Called with a few words at the beginning of each step.
        without: Names of parts to leave out.
        jobs: So many processes. They are started anew, so that with more than one the main module
            of a program has to be importable (https://docs.python.org/3/library/multiprocessing.html).
        engine: The file of the engine (`live.PACKAGE`) with which the pages of questions answer in
            the browser; without one they show the packaged answers.
        hosting: Where it is to be hosted: the folder becomes the root of a web site.
        issues: Where a problem with a page is reported.
        doi: The DOI of the release.

    Raises:
        UserError: The folder holds something, or cannot be written, or a name in the graph is the
            path of a file. Nothing is left behind.
    """
    target = Path(os.path.abspath(target))
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise UserError(
            f"{target}: is {'a file' if target.is_file() else 'not empty'}",
            "name a new folder, or empty this one",
        )
    if engine:
        if "site" in without:
            raise UserError(
                "pages that are left out cannot answer", "give --live or --without site"
            )
        live.Engine.read(engine)
    _check_names(build)
    beside = target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with work.folder(target.parent, f".{target.name}.") as beside:
            release = Release(build, beside, version(build), hosting, issues, doi)
            with workers.started(jobs, say) as run:
                for stage in _stages(without, jobs, engine):
                    run(release, stage)
            if hosting:
                # Comparing releases brings much that others do not need.
                from sarcoma_kg.publishing import web_root

                web_root.arrange(release, hosting, say)
            inventory.write_sums(beside)
            if target.is_dir():
                target.rmdir()
            beside.rename(target)
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(target)
        raise UserError(
            f"{place.replace(str(beside), str(target))}: cannot be written: "
            f"{error.strerror or error}; no release was made",
            "free some space, or name a folder that you may write",
        ) from error
    return release._replace(folder=target)
