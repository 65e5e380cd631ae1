"""Where a state of the graph lies: a folder, a file, or a git revision; and reading it.

A folder is a checkout (ontology/ with modules, imports, mapping tables and claims) or a release
(graphs/ with the asserted graph). A revision is unpacked beside, so the work tree is not touched.
What the reasoner and the rules add is no part of a state.
"""

import gzip
import io
import os
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.differences.snapshot import Snapshot
from sarcoma_kg.ground import resources, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files, loading, sssom

__all__ = ["packaged", "read"]

_FORMS = (".ttl", ".nt", ".nq", ".owl", ".rdf")
_PACKED = (".nt.gz", ".nq.gz", ".ttl.gz")
_MOST = 512 * 1024 * 1024
_FOLDERS = ("ontology", "shapes", "queries")
_CONTRACTS = ("shapes/*.ttl", "queries/*/*.rq", "queries/*/*.csv")
_MODULES = ("*.ttl", "imports/*.ttl", "mappings/*.ttl", "claims/*.ttl")
_TABLES = "mappings/*.sssom.tsv"


def read(where: str) -> Snapshot:
    """Read the state that a word names.

    Args:
        where: A folder, a file, or, where no such path exists, a git revision of the repository
            that holds the packaged ontology.

    Raises:
        UserError: nothing is called so, or what is there cannot be read.
    """
    path = Path(where)
    try:
        there = bool(where) and path.exists()
    except (OSError, ValueError):  # too long a name, or a NUL byte
        there = False
    if there:
        return _folder(path, where) if path.is_dir() else _file(path, where)
    if where.endswith((*_FORMS, *_PACKED)) or path.is_absolute():
        raise UserError(f"{where}: no such file or folder", "check the path")
    return _revision(where)


def packaged() -> Snapshot:
    """Read the packaged ontology."""
    return _folder(resources.data_root(), "the packaged ontology")


def _folder(folder: Path, name: str) -> Snapshot:
    graphs = folder / "graphs"
    for suffix in (".nt.gz", ".nt", ".nq.gz", ".nq", ".ttl.gz", ".ttl", ".owl"):
        if (asserted := graphs / f"asserted{suffix}").is_file():
            return _file(asserted, name, _contracts(folder))
    ontology = folder / "ontology"
    files = sorted({path for part in _MODULES for path in ontology.glob(part)})
    tables = sorted(ontology.glob(_TABLES))
    if not files:
        raise UserError(
            f"{name}: no graphs/asserted.nt.gz, .nt, .nq.gz, .nq, .ttl and no ontology/*.ttl in it",
            "name a release folder, a checkout, a file, or a git revision",
        )
    triples = [
        quad.triple
        for number, path in enumerate(files)
        for quad in loading.read(path, f"f{number}x", base=path.resolve().as_uri())
    ]
    triples += [quad.triple for path in tables for quad in sssom.quads(sssom.read(path))]
    home = folder.resolve().as_uri() + "/"
    return Snapshot(triples, name, home=home, files=_contracts(folder))


def _contracts(folder: Path) -> dict[str, str] | None:
    """Return path -> text of questions, rules, checks and shapes; None where there is no folder."""
    if not any((folder / part).is_dir() for part in _FOLDERS[1:]):
        return None
    return {
        path.relative_to(folder).as_posix(): files.read_text(path)
        for pattern in _CONTRACTS
        for path in sorted(folder.glob(pattern))
        if path.stat().st_size
    }


def _file(path: Path, name: str, files: dict[str, str] | None = None) -> Snapshot:
    home = path.resolve().as_uri()
    if path.name.lower().endswith((".gz", ".nq")):
        with work.passing() as place:
            plain = place / path.name.removesuffix(".gz")
            try:
                plain.write_bytes(_asserted(_bytes(path), plain.suffix.lower()))
                base = plain.resolve().as_uri()
                triples = [quad.triple for quad in loading.read(plain, base=base)]
            except UserError as error:
                message = error.message.replace(str(plain), str(path))
                raise UserError(message, error.hint) from error
            home = plain.resolve().as_uri()
    else:
        triples = [quad.triple for quad in loading.read(path, base=home)]
    return Snapshot(triples, name, home=home, files=files)


def _bytes(path: Path) -> bytes:
    try:
        if not path.name.lower().endswith(".gz"):
            return path.read_bytes()
        with gzip.open(path) as packed:
            raw = packed.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be unpacked: {error}", "fetch the file anew") from error
    if len(raw) > _MOST:
        raise UserError(f"{path}: unpacks to more than the {_MOST} bytes this command reads")
    return raw


def _asserted(raw: bytes, suffix: str) -> bytes:
    """Leave out the quads of a graph called inferred; other forms have one graph."""
    if suffix != ".nq" or b"inferred>" not in raw:
        return raw
    kept: list[bytes] = []
    for line in raw.splitlines(keepends=True):
        if line.rstrip(b" \t\r\n.").endswith(b"inferred>"):
            try:
                quads = list(ox.parse(line, format=ox.RdfFormat.N_QUADS))
            except SyntaxError:
                quads = []  # the parser of the whole says where
            if quads and isinstance(quads[0].graph_name, ox.NamedNode):
                kept.append(b"\n")  # so that line numbers of messages stay true
                continue
        kept.append(line)
    return b"".join(kept)


def _revision(revision: str) -> Snapshot:
    root = resources.data_root()
    unknown = f"{revision[:200]!r}: no such file or folder, "
    if revision.startswith("-") or not revision.isprintable() or not revision:
        raise UserError(f"{unknown}and no name of a git revision", "check the spelling")
    inside = _git(root, "rev-parse", "--is-inside-work-tree", missing=unknown)
    tracked = inside and _git(root, "ls-files", "--", "ontology", missing=unknown)
    if not tracked:
        raise UserError(
            f"{unknown}and the packaged ontology lies in no git repository to have revisions",
            "name a file or a folder, or run from a checkout of sarcoma-kg",
        )
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        missing=unknown,
    ).decode().strip()  # fmt: skip
    if not commit:
        raise UserError(
            f"{unknown}and no revision of the repository at {root}",
            "`git log --oneline -- ontology` lists them; a shallow clone has only the newest",
        )
    there = _git(root, "ls-tree", "--name-only", commit, missing=unknown).decode().split("\n")
    parts = [part for part in _FOLDERS if part in there]
    if "ontology" not in parts:
        raise UserError(f"{revision}: this revision has no ontology/ yet", "name a later one")
    archive = _git(root, "archive", "--format=tar", commit, "--", *parts, missing=unknown)
    with work.passing() as place:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(place, members=_plain(packed), filter="data")
        try:
            return _folder(place, revision)
        except UserError as error:
            message = error.message.replace(f"{place}{os.sep}", f"{revision}:")
            raise UserError(message, error.hint) from error


def _plain(packed: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield files and folders: links of a revision may point anywhere."""
    return (member for member in packed if member.isfile() or member.isdir())


def _git(root: Path, *words: str, missing: str) -> bytes:
    """Return what git prints; nothing where it refuses.

    Variables such as GIT_DIR, which git sets for its hooks, would name another repository.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - words of ours, and a revision that is no option
            ["git", "-C", str(root), *words],  # noqa: S607 - git is where the user has it
            capture_output=True,
            env=environment,
            check=False,
        )
    except OSError as error:
        raise UserError(
            f"{missing}and git, which could know a revision of that name, cannot be run: "
            f"{error.strerror}",
            "name a file or a folder, or install git",
        ) from error
    return done.stdout if done.returncode == 0 else b""
