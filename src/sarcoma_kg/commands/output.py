"""Where an answer goes: the file that the user named, or a terminal with the status in colour."""

import itertools
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sarcoma_kg.commands import arguments
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

__all__ = [
    "BINARY",
    "begin",
    "finish",
    "leave",
    "named",
    "painted",
    "put",
    "put_rows",
    "refuse_to_replace",
]

#: Formats that no terminal shows.
BINARY = ("xlsx", "parquet")
_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "md", ".markdown": "md", ".xlsx": "xlsx",
    ".parquet": "parquet", ".txt": "table", ".html": "html", ".svg": "svg", ".ttl": "turtle",
    ".sarif": "sarif", ".xml": "junit", ".srj": "srj", ".srx": "srx", ".nt": "nt",
    ".jsonld": "jsonld",
}  # fmt: skip
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".pdf")
_path = ""
_parts: list[bytes] = []

_RED, _YELLOW, _GREEN, _FAINT = "1;31", "33", "32", "2"
_COLOURS = (
    (r"externally disputed|disputed|does not match", _RED),
    (r"externally qualified|qualified|concerned|cited, unsupported|unconfirmed", _YELLOW),
    (r"externally corroborated|corroborated|cited, supported", _GREEN),
    (r"uncited|not assessed", _FAINT),
)
_PAINT = re.compile("|".join(rf"\b({words})\b" for words, _ in _COLOURS))


def begin(
    path: str | None, form: str | None, known: Sequence[str], typed: Sequence[str] = ()
) -> str | None:
    """Take the file that the answer goes to, and return the format that its suffix names.

    Args:
        path: The file; None or - for standard output.
        form: The format that the user named; it goes before the suffix.
        known: The formats of the command.
        typed: The words of the command, for a hint.

    Raises:
        UserError: the suffix names no format of the command, or the folder is missing.
    """
    global _path
    _path = ""
    _parts.clear()
    if not path or path == "-":
        if form in BINARY:
            again = arguments.corrected(*typed, "-o", f"answer.{form}")
            raise UserError(f"{form} goes to a file", f"perhaps {again}")
        return form
    if _read_too(path, typed):
        raise UserError(
            f"{path}: is read by this command, which would replace it", "name another file after -o"
        )
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder):
        what = "is a folder" if os.path.isdir(path) else f"there is no folder {folder}"
        raise UserError(f"{path}: {what}", "name a file in a folder that exists")
    suffix = os.path.splitext(path)[1].lower()
    named = _SUFFIXES.get(suffix, "")
    if named == "table" and "text" in known:
        named = "text"
    if not form and named not in known:
        suffixes = [
            s for s, f in _SUFFIXES.items() if f in known or (s == ".txt" and "text" in known)
        ]
        best = ".svg" if ".svg" in suffixes and suffix in _PICTURES else suffixes[0]
        better = os.path.splitext(path)[0] + best
        forms = {path: better, f"-o{path}": f"-o{better}", f"--output={path}": f"--output={better}"}
        fitting = [forms.get(word, word) for word in typed]
        raise UserError(
            f"{path}: the suffix '{suffix}' names no format of this command",
            f"perhaps {arguments.corrected(*fitting)}; suffixes: {' '.join(suffixes)}",
        )
    if form and named in known and named != form:
        raise UserError(
            f"{path}: its suffix says {named}, and --format says {form}", "leave one of them out"
        )
    _path = path
    return form or named


def _read_too(path: str, typed: Sequence[str]) -> bool:
    """Tell whether the file to write is among the words of the command in another place, too."""
    if not os.path.isfile(path):
        return False
    words = [word for word in typed if os.path.isfile(word) and os.path.samefile(word, path)]
    apart = any(a.startswith(("-o", "--o")) and b == path for a, b in itertools.pairwise(typed))
    return len(words) > apart


def named() -> bool:
    """Tell whether the answer goes to a file."""
    return bool(_path)


def refuse_to_replace(why: str) -> None:
    """Refuse a file that is there and holds something.

    Args:
        why: What would be wrong with replacing it.

    Raises:
        UserError: it is there.
    """
    if os.path.isfile(_path) and os.path.getsize(_path):
        raise UserError(f"{_path}: is there already, and {why}", "name another file")


def leave() -> None:
    """Leave the file to another process of ours, which runs the same command."""
    global _path
    _path = ""


def put(text: str) -> None:
    """Add text to the file."""
    _parts.append(text.encode("utf-8", "replace"))


def put_bytes(content: bytes) -> None:
    """Add what is no text to the file."""
    _parts.append(content)


def put_rows(
    header: Sequence[str], rows: Sequence[Sequence[Any]], form: str, about: Mapping[str, str]
) -> None:
    """Add rows to the file in a format that is no text; terms of the graph keep their type."""
    from sarcoma_kg.ground import tables
    from sarcoma_kg.questions.answer import python_value

    values = [[c if isinstance(c, str) else python_value(c) for c in row] for row in rows]
    _parts.append(
        tables.xlsx(header, values, about) if form == "xlsx" else tables.parquet(header, values)
    )


def finish() -> str:
    """Write the file, whole or not at all; return its name, empty where there is none."""
    if not _path:
        return ""
    content = b"".join(_parts)
    _parts.clear()
    if os.path.exists(_path) and not os.path.isfile(_path):
        with open(_path, "wb") as out:  # such as /dev/stdout
            if out.isatty():
                content = formats.on_terminal(content.decode("utf-8", "replace")).encode()
            out.write(content)
        return _path
    beside = os.path.join(os.path.dirname(_path), f".{os.path.basename(_path)}.{os.getpid()}")
    try:
        with open(beside, "wb") as out:
            out.write(content)
        os.replace(beside, _path)
    except OSError as error:
        if os.path.exists(beside):
            os.remove(beside)
        raise UserError(f"{_path}: cannot be written: {error.strerror}") from error
    return _path


def painted(text: str) -> str:
    """Return a text for a terminal with the words of a status in colour, where it has colours.

    NO_COLOR (https://no-color.org) turns colours off.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.name == "nt":
        return text
    return _PAINT.sub(lambda m: f"\x1b[{_COLOURS[(m.lastindex or 1) - 1][1]}m{m[0]}\x1b[0m", text)
