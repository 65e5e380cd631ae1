"""Where a name stands in a text whose parser tells no places: where it is declared, else first."""

import re
from collections.abc import Iterator

__all__ = ["Mentions"]

_WORD = re.compile(r"[^\s()<>\"{}\[\],=|]+")
#: Media type -> what declares a prefix in it: prefix and namespace.
_PREFIXES = {
    "text/owl-functional": r"Prefix\s*\(\s*([\w.-]*):\s*=\s*<([^>]*)>",
    "text/owl-manchester": r"Prefix:\s*([\w.-]*):\s*<([^>]*)>",
    "application/owl+xml": r"Prefix\s+name\s*=\s*[\"']([^\"']*)[\"']\s+IRI\s*=\s*[\"']([^\"']*)",
    "application/ld+json": r"\"([\w.-]+)\"\s*:\s*\"(\w+:[^\"\s]*)\"",
}
#: Media type -> where a name is described in it.
_DESCRIBED = {
    "text/owl-functional": r"Declaration\s*\(\s*\w+\s*\(\s*<?([^\s<>()]+)",
    "text/owl-manchester": r"^\s*[A-Z]\w+:\s+<?([^\s<>,]+)",
    "application/owl+xml": r"<(?:\w+:)?Declaration>\s*<[\w:]+\s+\w+\s*=\s*[\"']([^\"']*)",
    "application/ld+json": r"\"@id\"\s*:\s*\"([^\"]*)\"",
    "text/obo": r"^id:\s*(\S+)",
}
_BASE = re.compile(r"(?:xml:base|ontologyIRI|\"@base\")\s*[=:]\s*[\"']([^\"']*)")
_OBO = "http://purl.obolibrary.org/obo/"


class Mentions:
    """The words of a text.

    Args:
        text: The text.
        media_type: Its syntax.
        base: What names in it are relative to.
        declared: Where its prefixes are declared; the text itself when None.
    """

    def __init__(
        self, text: str, media_type: str, base: str | None = None, declared: str | None = None
    ) -> None:
        self.first: dict[str, int] = {}
        if media_type in _DESCRIBED:
            for found in re.finditer(_DESCRIBED[media_type], text, re.MULTILINE):
                self.first.setdefault(found[1], found.start(1))
        for found in _WORD.finditer(text):
            self.first.setdefault(found[0], found.start())
        pattern = _PREFIXES.get(media_type)
        self.prefixes = (
            re.findall(pattern, text if declared is None else declared) if pattern else []
        )
        self.bases = [*_BASE.findall(text), *([base] if base else [])]

    def find(self, iri: str) -> int:
        """Return where an IRI is described, or mentioned first; -1 where that cannot be told."""
        return next((self.first[w] for w in self._words(iri) if w in self.first), -1)

    def _words(self, iri: str) -> Iterator[str]:
        yield iri
        for prefix, namespace in self.prefixes:
            if namespace and iri.startswith(namespace):
                yield f"{prefix}:{iri[len(namespace) :]}"
                if not prefix:
                    yield iri[len(namespace) :]
        for base in self.bases:
            if iri.startswith(base):
                yield iri[len(base) :]
        if iri.startswith(_OBO):
            name = iri.removeprefix(_OBO)
            yield name.replace("_", ":", 1)
            yield name.rpartition("#")[2]
