"""A file that a user brings: its bytes and text, and writing one so that nobody sees half of it.

Threats and defences are those of SECURITY.md.
"""

import contextlib
import os
import shutil
import uuid
from pathlib import Path
from xml.parsers import expat

from sarcoma_kg.ground import syntaxes
from sarcoma_kg.ground.errors import UserError

__all__ = [
    "RDF_SUFFIXES",
    "read_rdf_text",
    "read_text",
    "replace_text",
]

#: File name suffix -> the media type that it promises.
RDF_SUFFIXES = {ending: syntaxes.MEDIA_TYPES[name] for ending, name in syntaxes.ENDINGS.items()}
_MAX_BYTES = 512 * 1024 * 1024
#: Of RDF/XML; of OWL/XML less, since its parser calls itself for each.
_DEEPEST = {"application/rdf+xml": 5000, "application/owl+xml": 1000}


def _existing(path: Path) -> None:
    if path.is_symlink():
        try:
            os.stat(path)
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"{path}: the link leads nowhere: {reason}", "mend the link") from error
    if not path.exists():
        raise UserError(f"{path}: no such file", "check the path")
    if path.is_dir():
        raise UserError(f"{path}: is a directory", "name one or more files in it")
    if not path.is_file():
        raise UserError(f"{path}: is no ordinary file", "save it as a file first")


def _read_bytes(path: Path) -> bytes:
    _existing(path)
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise UserError(f"{path}: {size} bytes, more than the {_MAX_BYTES} this command reads")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        UserError: missing, a directory, unreadable, empty, or not UTF-8 text.
    """
    raw = _read_bytes(path)
    if not raw.strip():
        raise UserError(f"{path}: the file is empty")
    try:
        # Some editors put a byte order mark first.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}: line {line}: not UTF-8 text", "is this a binary file? save it as UTF-8"
        ) from error
    if "\0" in text:
        raise UserError(f"{path}: holds NUL bytes, so it is not a text file")
    return text


def _target(path: Path) -> Path:
    """Return where a link leads in the end; OSError when links lead in a circle."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        return Path(os.path.realpath(path))


def replace_text(path: Path, text: str) -> None:
    """Write a file beside and rename it, so that nobody ever sees half of it.

    A symbolic link stays one: the file that it points at is replaced.

    Raises:
        UserError: the folder or the disk does not take it; the old file is untouched.
    """
    beside: Path | None = None
    try:
        target = _target(path)
        beside = target.with_name(f".{uuid.uuid4().hex}.part")
        beside.write_text(text, encoding="utf-8")
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be written: {reason}") from error
    finally:
        if beside:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _check_depth(path: Path, text: str, deepest: int) -> None:
    """Refuse XML whose elements are nested so deep that the parser takes hours, or dies."""
    depth = 0
    parser = expat.ParserCreate()

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            raise UserError(
                f"{path}: line {parser.CurrentLineNumber}: elements are nested more than "
                f"{deepest:,} deep",
                "save it as Turtle, or write long lists with rdf:parseType='Collection'",
            )

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    # What is not well-formed is told by who reads the RDF.
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(text, True)


def read_rdf_text(path: Path) -> tuple[str, str]:
    """Return the text of a file in a syntax of RDF or OWL, as it stands there, and its media type.

    Raises:
        UserError: as `read_text`; no syntax that is read; XML that is nested too deeply.
    """
    text = read_text(path)
    media_type = syntaxes.media_type(str(path), text)
    if media_type is None:
        raise syntaxes.unread(str(path), text)
    if media_type in _DEEPEST:
        _check_depth(path, text, _DEEPEST[media_type])
    return text, media_type
