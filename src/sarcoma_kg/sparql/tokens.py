"""The tokens of SPARQL."""

import re
from typing import NamedTuple

__all__ = ["Token", "tokenize", "without_escapes"]

# The length of a prefix has a bound, or a long row of words and dots would be read for each word.
_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\r\n]*)"
    r'|(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)'
    r'|(?P<string>"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"|(?P<variable>[?$]\w+)"
    r"|(?P<name>(?:[^\W_](?:[\w.-]{0,200}[\w-])?)?:(?:(?:[\w:%-]|\\.|\.(?=[\w:%\\.-]))*))"
    r"|(?P<word>@?[^\W\d]\w*)"
    r"|(?P<other>.)",
    re.DOTALL,
)

_ESCAPE = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")


class Token(NamedTuple):
    """A piece of a query."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """The keyword in upper case; empty for what is no bare word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def variable(self) -> str:
        """The name of a variable; empty for what is none."""
        return self.text[1:] if self.kind == "variable" else ""


def tokenize(query: str) -> list[Token]:
    """Return the tokens of a query; put together they are its text.

    Codepoint escapes are undone first (SPARQL 1.1, section 19.2): some engines do so before they
    read, and must find nothing in the text that was not seen here.
    """
    return [Token(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(without_escapes(query))]


def without_escapes(query: str) -> str:
    """Return a query with its codepoint escapes undone (SPARQL 1.1, section 19.2)."""
    return _ESCAPE.sub(_character, query)


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    return chr(int(digits, 16)) if digits else escape[0]
