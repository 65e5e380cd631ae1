"""Inference rules: the CONSTRUCT queries of queries/rules/, run to a fixpoint over a store.

They run in the order of their file names, and again until no rule adds a triple. A rule that counts
or rules out what others find says so in its header (`runs: once`): it runs when these have come to
rest. What rules add is never in the asserted graph, so it can be shipped beside it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["apply", "rule_files"]

_MAX_ROUNDS = 20
_ONCE = re.compile(r"^#\+ runs: once\b", re.MULTILINE)


def rule_files() -> list[Path]:
    """Return the packaged rules in the order in which they run."""
    return sorted((resources.data_root() / "queries" / "rules").glob("*.rq"))


def apply(store: EmbeddedStore, files: list[Path] | None = None) -> set[ox.Triple]:
    """Add to the store whatever the rules infer.

    Returns:
        The triples added.

    Raises:
        UserError: a rule does not parse, or the rules never come to rest.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in files or rule_files()}
    once = [path for path in texts if _ONCE.search(texts[path])]
    again = [path for path in texts if path not in once]
    added: set[ox.Triple] = set()
    for _ in range(_MAX_ROUNDS):
        if not (new := _round(store, again, texts)):
            return added | _round(store, once, texts)
        added |= new
    raise UserError(f"the rules still add triples after {_MAX_ROUNDS} rounds")


def _round(store: EmbeddedStore, files: Iterable[Path], texts: dict[Path, str]) -> set[ox.Triple]:
    """Run each rule once, and return what they added."""
    added: set[ox.Triple] = set()
    for path in files:
        try:
            found = set(store.construct(texts[path]))
        except (SyntaxError, ValueError, TypeError) as error:
            raise UserError(f"{path}: {error}") from error
        new = {t for t in found if ox.Quad(t.subject, t.predicate, t.object) not in store.inner}
        store.inner.extend(ox.Quad(t.subject, t.predicate, t.object) for t in new)
        added |= new
    return added
