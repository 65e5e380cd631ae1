"""Inference rules: the CONSTRUCT queries of queries/rules/, run to a fixpoint over a store.

They run in the order of their file names, and again, where they can see what was added, until no
rule adds a triple. A rule that counts or rules out what others find says so in its header
(`runs: once`): it runs when these have come to rest. What rules add is never in the asserted graph,
so it can be shipped beside it.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from sarcoma_kg.ground import resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.reads import reads
from sarcoma_kg.stores.store import EmbeddedStore

__all__ = ["Closure", "apply", "rule_files"]

_MAX_ROUNDS = 20
_ONCE = re.compile(r"^#\+ runs: once\b", re.MULTILINE)


def rule_files() -> list[Path]:
    """Return the packaged rules in the order in which they run."""
    return sorted((resources.data_root() / "queries" / "rules").glob("*.rq"))


class Closure:
    """What rules that run once had found, and over what: most of a graph stays as it was."""

    def __init__(self) -> None:
        self._around: set[ox.Triple] = set()
        self._found: dict[Path, set[ox.Triple]] = {}

    def complete(
        self, store: EmbeddedStore, texts: Mapping[Path, str], around: set[ox.Triple]
    ) -> set[ox.Triple]:
        """Run each rule that can see a change; return what all of them add.

        Args:
            store: The graph, to which they add.
            texts: The rules.
            around: The triples that may be others than the last time.
        """
        changed, before = self._around ^ around, self._found
        # What fails half way is not to be trusted.
        self._around, self._found = set(), {}
        added: set[ox.Triple] = set()
        found: dict[Path, set[ox.Triple]] = {}
        for path, text in texts.items():
            if path in before and not reads(text).touches(changed):
                found[path] = before[path]
            else:
                found[path] = _found(store, path, text)
                changed |= before.get(path, set()) ^ found[path]
            added |= _add(store, found[path])
        self._around, self._found = around, found
        return added


def apply(
    store: EmbeddedStore,
    files: list[Path] | None = None,
    *,
    closure: Closure | None = None,
    around: Iterable[ox.Triple] = (),
) -> set[ox.Triple]:
    """Add to the store whatever the rules infer.

    Args:
        store: The graph.
        files: The rules; the packaged ones when None.
        closure: Of the last time that rules were applied to a graph which differs in `around`.
        around: The triples of the store that may have been others then.

    Returns:
        The triples added.

    Raises:
        UserError: a rule does not parse, or the rules never come to rest.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in files or rule_files()}
    once = {path: text for path, text in texts.items() if _ONCE.search(text)}
    added: set[ox.Triple] = set()
    # Rule -> what came into the store since it ran; None before that.
    since: dict[Path, set[ox.Triple] | None] = {p: None for p in texts if p not in once}
    for _ in range(_MAX_ROUNDS):
        resting = True
        for path, seen in since.items():
            if seen is not None and not reads(texts[path]).touches(seen):
                continue
            since[path] = set()
            new = _add(store, _found(store, path, texts[path]))
            added |= new
            resting &= not new
            for known in since.values():
                if known is not None:
                    known |= new
        if resting:
            return added | (closure or Closure()).complete(store, once, {*around, *added})
    raise UserError(f"the rules still add triples after {_MAX_ROUNDS} rounds")


def _found(store: EmbeddedStore, path: Path, text: str) -> set[ox.Triple]:
    try:
        return set(store.construct(text))
    except (SyntaxError, ValueError, TypeError) as error:
        raise UserError(f"{path}: {error}") from error


def _add(store: EmbeddedStore, triples: set[ox.Triple]) -> set[ox.Triple]:
    """Add triples to a store; return those that were not there."""
    new = {t for t in triples if ox.Quad(t.subject, t.predicate, t.object) not in store.inner}
    store.inner.extend(ox.Quad(t.subject, t.predicate, t.object) for t in new)
    return new
