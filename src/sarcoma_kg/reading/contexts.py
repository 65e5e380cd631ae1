"""Contexts of JSON-LD that are named: a file beside the document is put in its place.

Nothing is fetched. Of the web only the address of our own context is known, which ships.
"""

import json
import re
from pathlib import Path
from typing import Any

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import files

__all__ = ["OURS", "embedded", "remote"]

#: The address of the context of a release.
OURS = "https://w3id.org/sarcoma-kg/context.jsonld"
_NAMED = re.compile(r'"@(?:context|import)"\s*:\s*(?:\[[^\]{]*)?"')
_MOST = 20


def embedded(path: Path, text: str) -> str:
    """Return a document with the contexts that it names; as it stands where it names none.

    Args:
        path: The file, beside which contexts lie.
        text: What stands in it.

    Raises:
        UserError: There is no such file in this folder or below, or it holds no context.
    """
    if not _NAMED.search(text):
        return text
    try:
        document = json.loads(text)
    except ValueError:
        return text  # the parser tells the fault with its place
    except RecursionError as error:
        raise UserError(f"{path}: nested too deeply", "save it as Turtle") from error
    return json.dumps(_Embedding(path).within(document), ensure_ascii=False)


def remote(path: Path, text: str) -> UserError:
    """Return what to say of a document with a context that lies elsewhere."""
    found = re.search(r'"@(?:context|import)"\s*:\s*(?:\[[^\]{]*?)?"(\w+:[^"]*)"', text)
    line = text.count("\n", 0, found.start(1)) + 1 if found else 0
    what = f"line {line}: the context <{found[1]}>" if found else "a context"
    return UserError(
        f"{path}: {what} lies elsewhere, and nothing is fetched",
        "save it beside the file and name that file, or write it into the document",
    )


class _Embedding:
    def __init__(self, path: Path) -> None:
        self.path, self.folder, self.count = path, path.resolve().parent, 0

    def within(self, node: Any) -> Any:
        """Return a document with the contexts in it."""
        if isinstance(node, list):
            return [self.within(part) for part in node]
        if not isinstance(node, dict):
            return node
        return {
            key: self.context(value) if key == "@context" else self.within(value)
            for key, value in node.items()
        }

    def context(self, value: Any) -> Any:
        """Return a context with those that it names."""
        if isinstance(value, list):
            return [self.context(part) for part in value]
        if isinstance(value, str):
            return self._named(value)
        return value

    def _named(self, name: str) -> Any:
        place = (self.folder / name).resolve()
        if name == OURS:
            place = resources.data_root() / "ontology" / "context.jsonld"
        elif re.match(r"\w[\w+.-]*:", name):
            return name  # which the parser refuses
        elif not place.is_relative_to(self.folder):
            raise UserError(
                f"{self.path}: the context '{name}' lies outside of the folder of the file",
                "save it beside the file",
            )
        self.count += 1
        if self.count > _MOST:
            raise UserError(f"{self.path}: more than {_MOST} contexts", "write one")
        try:
            found = json.loads(files.read_text(place))["@context"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(f"{place}: holds no context of JSON-LD", "mend it") from error
        return self.context(found)
