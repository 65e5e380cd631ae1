"""Quality checks: the queries of queries/checks/, each of which must return nothing.

They hold what SHACL would have to ask node by node and SPARQL asks of the whole set at once: the
quality of the terms, uniqueness, and agreement between nodes. A row names the node at fault
(?focus) and what is wrong with it (?value); message and severity stand in the header. A check
whose header says `graph: asserted` is about what somebody wrote, not about what follows from it;
one that says `unless: RULE ...` is silent on a node of which one of these rules speaks, so that
one mistake makes one finding.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sarcoma_kg.ground import namespaces, resources
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import EmbeddedStore, Store

__all__ = ["ask", "check_files", "each", "of_written", "run", "settled"]

#: At most so many checks at once.
_THREADS = 4


def check_files() -> list[Path]:
    """Return the packaged checks."""
    return sorted((resources.data_root() / "queries" / "checks").glob("*.rq"))


def _header(path: Path) -> dict[str, str]:
    lines = (line[3:] for line in path.read_text(encoding="utf-8").splitlines() if line[:2] == "#+")
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    missing = {"summary", "message", "severity"} - set(fields)
    if missing:
        raise UserError(f"{path}: the header lacks {', '.join(sorted(missing))}")
    return fields


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    if term.kind == "bnode":
        return "(blank node)"
    return namespaces.contract(term.value) if term.kind == "iri" else term.value


def of_written() -> list[Path]:
    """Return the packaged checks that are about what somebody wrote."""
    return [path for path in check_files() if _header(path).get("graph") == "asserted"]


def run(
    store: Store, files: list[Path] | None = None, asserted: EmbeddedStore | None = None
) -> list[Finding]:
    """Run checks over a store that holds asserted and inferred triples.

    Args:
        store: Where to look.
        files: The checks; the packaged ones when None.
        asserted: The asserted triples alone, for the checks about these; `store` when None.
    """
    files = check_files() if files is None else files
    written = of_written() if asserted is not None else []
    own = [path for path in files if path in written]
    found = ask(asserted, own, 1) if asserted is not None else []
    return settled([*found, *ask(store, [path for path in files if path not in own], 1)])


def ask(store: Store, files: Sequence[Path], threads: int | None = None) -> list[Finding]:
    """Return what checks find, each for itself.

    Args:
        store: Where to look.
        files: The checks.
        threads: How many are asked at once, where the store answers several threads; as many as
            do any good when None.
    """
    found = each(store, files, threads)
    return [finding for path in files for finding in found[path]]


def each(
    store: Store, files: Sequence[Path], threads: int | None = None
) -> dict[Path, list[Finding]]:
    """Return the same by check; with as many threads as do any good when None."""
    threads = threads or min(os.cpu_count() or 1, _THREADS)

    def one(path: Path) -> list[Finding]:
        fields = _header(path)
        try:
            answer = store.select(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            raise UserError(f"{path}: {error}") from error
        focus, value = answer.column("focus"), answer.column("value")
        return [
            Finding(
                fields["severity"],
                path.stem,
                _text(row[focus]),
                "",
                _text(row[value]),
                fields["message"],
            )
            for row in answer.rows
        ]

    if threads < 2:
        return {path: one(path) for path in files}
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(files, pool.map(one, files), strict=True))


def settled(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings without those that others speak for, as the headers of checks say."""
    unless = {path.stem: _header(path).get("unless", "").split() for path in check_files()}
    said = {(finding.shape, finding.focus) for finding in findings}
    return [
        finding
        for finding in findings
        if not any((rule, finding.focus) in said for rule in unless.get(finding.shape, ()))
    ]
