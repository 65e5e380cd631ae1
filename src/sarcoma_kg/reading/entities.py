"""Entities of XML, as an OWL editor writes them: internal, short, an address each.

Every other declaration is refused: there is nothing that could expand into something large, or
fetch something.
"""

import re
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from sarcoma_kg.ground.errors import UserError

__all__ = ["ADDRESS", "MOST", "Expanded"]

#: What an entity may stand for, and how many there may be.
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>&%\"']{0,200}")
MOST = 100
_LARGEST = 512 * 1024 * 1024
_DECLARES = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_USE = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|&([A-Za-z_][\w.-]*);", re.DOTALL)


class Expanded:
    """An XML document without document type: each entity replaced by what it stands for.

    Args:
        path: The file.
        text: What stands in it.

    Attributes:
        text: The document; as many lines as before.

    Raises:
        UserError: The document type declares or names anything else, or the text grows beyond
            512 MiB.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.text = text
        self._grown: list[tuple[int, int]] = []
        if not (found := _DECLARES.search(text)):
            return
        self._path, self._start = path, found.start()
        values = self._declared(text)
        end = self._end
        kind = text[self._start : end]
        head = text[: self._start] + re.sub(r"[^\n]", " ", kind)
        if sum(len(values[m[1]]) for m in _USE.finditer(text, end) if m[1] in values) > _LARGEST:
            self._refuse("has entities that fill the memory")
        parts, done = [head], end
        length = len(head.encode())
        for use in _USE.finditer(text, end):
            if use[1] not in values:
                continue
            before, value = text[done : use.start()], values[use[1]]
            parts += [before, value]
            length += len(before.encode()) + len(value.encode())
            shift = (
                self._grown[-1][1] if self._grown else len(head.encode()) - len(text[:end].encode())
            )
            self._grown.append((length, shift + len(value.encode()) - len(use[0].encode())))
            done = use.end()
        self.text = "".join([*parts, text[done:]])

    def written(self, offset: int) -> int:
        """Return where a byte of the text, by its number, stands in the file."""
        from bisect import bisect_right

        at = bisect_right(self._grown, (offset, _LARGEST * 2)) - 1
        return offset - (self._grown[at][1] if at >= 0 else 0)

    def _declared(self, text: str) -> dict[str, str]:
        values: dict[str, str] = {}
        parser = expat.ParserCreate()

        def doctype(_name: str, system: str | None, public: str | None, _inner: bool) -> None:
            if system or public:
                self._refuse("names another file")

        def entity(
            name: str, parameter: bool, value: str | None, _base: str | None, system: str | None,
            public: str | None, notation: str | None,
        ) -> None:  # fmt: skip
            if parameter or value is None or system or public or notation:
                self._refuse(f"declares the external or parameter entity {name[:40]}")
            if not ADDRESS.fullmatch(value) or len(values) >= MOST:
                self._refuse(f"declares the entity {name[:40]}, which is no short address")
            values.setdefault(name, value)

        class _Done(Exception):  # noqa: N818
            pass

        def end() -> None:
            self._end = len(text.encode()[: parser.CurrentByteIndex].decode())
            raise _Done

        parser.StartDoctypeDeclHandler, parser.EntityDeclHandler = doctype, entity
        parser.AttlistDeclHandler = lambda *_: self._refuse("declares attributes")
        parser.SkippedEntityHandler = lambda name, _: self._refuse(f"uses the entity {name}")
        parser.EndDoctypeDeclHandler = end
        try:
            parser.Parse(text.encode(), True)
        except _Done:
            self._end = text.index(">", max(self._start, self._end - 1)) + 1
            return values
        except expat.ExpatError:
            self._refuse("cannot be read")
        return values

    def _refuse(self, what: str) -> NoReturn:
        text = self.text
        line = text.count("\n", 0, self._start) + 1
        column = self._start - text.rfind("\n", 0, self._start)
        raise UserError(
            f"{self._path}: line {line}, column {column}: the document type {what}; document type "
            "definitions are refused, since a few lines of them can fill the memory or fetch a "
            "file: only short entities that stand for an address are read",
            "save it as Turtle in your OWL editor, or without entities, and name that",
        )
