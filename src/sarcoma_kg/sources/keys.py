"""The keys of a YAML file, each asked for by what reads it; errors name file, line and key."""

import difflib
from pathlib import Path
from typing import NoReturn

import yaml

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files

__all__ = ["HOW", "Keys", "read"]

HOW = "docs/ingest.md tells the words of a recipe"
_LARGEST = 1_000_000


class Keys:
    """A mapping of the file, of which each key must be asked for."""

    def __init__(self, path: Path, node: yaml.Node, what: str) -> None:
        self.path, self.line, self.what = path, node.start_mark.line + 1, what
        if not isinstance(node, yaml.MappingNode):
            self.fail(self.line, f"{what} is keys with values", "such as `name: my-table`")
        self._nodes: dict[str, yaml.Node] = {}
        self.lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.fail(line, f"a key of {what} is no word")
            if key.value in self._nodes:
                self.fail(line, f"'{key.value}' stands twice in {what}")
            self._nodes[key.value], self.lines[key.value] = value, line
        self._asked: set[str] = set()

    def fail(self, line: int, message: str, hint: str = HOW) -> NoReturn:
        """Raise the error for a line."""
        raise UserError(f"{self.path}: line {line}: {message}", hint)

    def _take(self, key: str) -> yaml.Node | None:
        self._asked.add(key)
        return self._nodes.get(key)

    def text(self, key: str, default: str | None = "") -> str:
        """Return a text; without a default the key must be there."""
        node = self._take(key)
        if node is None:
            if default is None:
                self.fail(self.line, f"{self.what} has no '{key}'")
            return default or ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fail(self.lines[key], f"'{key}' is one text")
        return str(node.value)

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.text(key, "false")
        if value not in ("true", "false"):
            self.fail(self.lines[key], f"'{key}' is true or false, not '{value}'")
        return value == "true"

    def one_of(self, key: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return one of the choices, or the default."""
        value = self.text(key, default)
        if value and value not in choices:
            self.fail(self.lines[key], f"'{key}: {value}' is none of {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text or a list of texts."""
        node = self._take(key)
        if node is None:
            return ()
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(part, yaml.ScalarNode) and part.value for part in parts):
            self.fail(self.lines[key], f"'{key}' is a text, or a list of texts")
        return tuple(part.value for part in parts)

    def maps(self, key: str) -> list["Keys"]:
        """Return a list of mappings."""
        node = self._take(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.fail(self.lines.get(key, self.line), f"'{key}' is a list, each with '- slot: ...'")
        return [Keys(self.path, part, f"an entry of '{key}'") for part in node.value]

    def map(self, key: str) -> "Keys":
        """Return the mapping of a key."""
        node = self._take(key)
        if node is None:
            self.fail(self.line, f"{self.what} has no '{key}'")
        return Keys(self.path, node, f"'{key}'")

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self._nodes

    def pairs(self, key: str) -> dict[str, str] | None:
        """Return a mapping of texts; an empty value is ''."""
        node = self._take(key)
        if node is None:
            return None
        inner = Keys(self.path, node, f"'{key}'")
        return {name: inner.text(name) if _filled(part) else "" for name, part in inner.items()}

    def items(self) -> list[tuple[str, yaml.Node]]:
        """Return keys and values as they were read."""
        return list(self._nodes.items())

    def iri(self, key: str, default: str | None = "") -> str:
        """Return an IRI, which may be written as a CURIE."""
        return self.as_iri(key, self.text(key, default))

    def as_iri(self, key: str, written: str) -> str:
        """Return the IRI that is written as the value of a key."""
        if not written:
            return ""
        iri = namespaces.expand(written) or written
        if not namespaces.is_iri(iri):
            self.fail(
                self.lines[key],
                f"'{key}': '{written[:80]}' is no IRI and no name with a known prefix",
                f"known prefixes: {', '.join(namespaces.PREFIXES)}",
            )
        return iri

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key, line in self.lines.items():
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, 1, 0.6)
                hint = (
                    f"perhaps '{near[0]}'" if near else f"known: {', '.join(sorted(self._asked))}"
                )
                self.fail(line, f"{self.what} has an unknown key '{key[:60]}'", hint)


def _filled(node: yaml.Node) -> bool:
    return not (isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~"))


def read(path: Path, what: str) -> Keys:
    """Read a YAML file; nothing in it is code, and anchors are refused.

    Raises:
        UserError: naming file, line and key of what is wrong.
    """
    text = files.read_text(path)
    if len(text) > _LARGEST:
        raise UserError(f"{path}: more than {_LARGEST:,} characters, too long for a recipe", HOW)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        anchors = [t for t in yaml.scan(text) if isinstance(t, yaml.AliasToken | yaml.AnchorToken)]
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "is nested too deep"
        raise UserError(f"{path}{where}: no YAML: {what}", HOW) from error
    if anchors:
        raise UserError(
            f"{path}: line {anchors[0].start_mark.line + 1}: anchors and aliases are refused",
            "write the value again where it is needed",
        )
    if root is None:
        raise UserError(f"{path}: holds nothing", HOW)
    return Keys(path, root, what)
